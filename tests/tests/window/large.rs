//! A book of ten thousand: the list draws what is in view, and nothing waits.

use kith_tests::{
    people::{Device, cards},
    window::{Window, story},
};
use serde_json::json;
use std::time::Instant;

const CONTACTS: usize = 10_000;
/// More rows than this are never in the page: what is in view, and some above and below.
const ROWS_MAX: usize = 60;

#[test]
fn ten_thousand_contacts_are_scrolled_and_searched_through_a_window_of_rows() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let start = Instant::now();
        device.call(&["import", &device.write("many.vcf", cards::many(0, CONTACTS))]);
        println!("imported in {:.1} s", start.elapsed().as_secs_f64());

        let start = Instant::now();
        let window = Window::on(&device);
        window.see_text("@list-count", "10,000");
        window.see("@contact-row[data-index='0']");
        println!("open after {:.1} s", start.elapsed().as_secs_f64());
        assert_window_of_rows(&window);

        // A letter of the thumb index.
        let start = Instant::now();
        window.click("@letter[data-letter='N']");
        let letter = window.until(
            "names under N",
            "const list = document.querySelector('[role=listbox]').getBoundingClientRect();
             const rows = [...document.querySelectorAll('[data-testid=contact-row]')];
             const first = rows.find((row) => row.getBoundingClientRect().top >= list.top);
             return first?.querySelector('.person-name').innerText.startsWith('No') ? first.dataset.index : null;",
            vec![],
        );
        println!("row {letter} under N after {} ms", start.elapsed().as_millis());
        assert_window_of_rows(&window);

        // To the very end, by key.
        window.click("@contact-row");
        window.press("ArrowLeft");
        window.press("End");
        window.see(&format!("@contact-row[data-index='{}'][aria-selected='true']", CONTACTS - 1));
        assert_window_of_rows(&window);
        let name = window.text(&format!("@contact-row[data-index='{}'] .person-name > span:first-child", CONTACTS - 1));
        window.see_text("@card-name", &name);

        // By wheel, as fast as it goes: every place in between is only passed.
        let height =
            window.js("return document.querySelector('[role=listbox]').scrollHeight;", vec![]).as_f64().unwrap();
        for step in 0..20 {
            let to = height * f64::from(step) / 20.0;
            window.js("document.querySelector('[role=listbox]').scrollTop = arguments[0];", vec![json!(to)]);
        }
        window.until(
            "no ghost is left in view",
            "const list = document.querySelector('[role=listbox]').getBoundingClientRect();
             const rows = [...document.querySelectorAll('[role=option]')].filter((row) => {
               const { top, bottom } = row.getBoundingClientRect();
               return bottom > list.top && top < list.bottom;
             });
             return rows.length > 8 && rows.every((row) => row.dataset.testid === 'contact-row') || null;",
            vec![],
        );
        assert_window_of_rows(&window);

        for (find, found) in [("n04711", "N04711"), ("1004711", "N04711"), ("garcia", "García"), ("王", "王")] {
            let start = Instant::now();
            window.write("[aria-label='Search']", find);
            window.see(&format!("@book[data-find='{find}']"));
            window.see_text("@contact-row", found);
            println!("{find} found after {} ms, typing included", start.elapsed().as_millis());
        }
        assert_window_of_rows(&window);
        window.close();
    });
}

fn assert_window_of_rows(window: &Window) {
    let rows = window.count("[role='option']");
    assert!((1..=ROWS_MAX).contains(&rows), "{rows} rows are in the page");
}
