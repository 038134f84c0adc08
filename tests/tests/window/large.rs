//! A book of ten thousand: the list draws what is in view, and nothing waits. With `KITH_LONG=1` a hundred thousand.

use kith_tests::{
    people::{Device, cards, is_long},
    window::{Window, story},
};
use serde_json::json;
use std::time::{Duration, Instant};

/// More rows than this are never in the page: what is in view, and some above and below.
const ROWS_MAX: usize = 60;

#[test]
fn ten_thousand_contacts_are_scrolled_and_searched_through_a_window_of_rows() {
    story(|| {
        let (contacts, shown) = if is_long() { (100_000, "100,000") } else { (10_000, "10,000") };
        let small = Device::first("Mara's laptop", "Mara Lindqvist");
        small.call(&["import", &small.write("few.vcf", cards::many(0, 20))]);
        let opened_small = opened(&small, "20");
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let start = Instant::now();
        device.call(&["import", &device.write("many.vcf", cards::many(0, contacts))]);
        println!("{shown} imported in {:.1} s", start.elapsed().as_secs_f64());
        // The second start is the one that happens every day.
        opened(&device, shown);
        let opened_large = opened(&device, shown);
        println!(
            "P11: start until the list can be used: {} ms with 20 contacts, {} ms with {shown}",
            opened_small.as_millis(),
            opened_large.as_millis()
        );

        let window = Window::on(&device);
        window.see_text("@list-count", shown);
        window.see("@contact-row[data-index='0']");
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
        window.see(&format!("@contact-row[data-index='{}'][aria-selected='true']", contacts - 1));
        assert_window_of_rows(&window);
        let name = window.text(&format!("@contact-row[data-index='{}'] .person-name > span:first-child", contacts - 1));
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
        print_keys(&window);
        window.close();
    });
}

/// How long the app takes from its start until the first rows of the list are there.
fn opened(device: &Device, count: &str) -> Duration {
    let start = Instant::now();
    let window = Window::on(device);
    window.see_text("@list-count", count);
    window.see("@contact-row[data-index='0']");
    let elapsed = start.elapsed();
    window.close();
    elapsed
}

/// P10: how long each letter takes from the press of its key until what it found is painted, by the page's own clock.
fn print_keys(window: &Window) {
    window.js(PROBE, vec![]);
    window.write("[aria-label='Search']", "");
    window.see("@book[data-find='']");
    for find in ["garcia", "n04711", "anna no", "1004711", "0471", "王", "wang", "maria g"] {
        window.click("[aria-label='Search']");
        for letter in find.chars() {
            let before = window.js("return window.keyed.length;", vec![]);
            window.type_text(&letter.to_string());
            // A space alone asks for nothing new.
            if letter == ' ' {
                continue;
            }
            window.until("a painted answer", "return window.keyed.length > arguments[0] ? true : null;", vec![before]);
        }
        window.write("[aria-label='Search']", "");
        window.see("@book[data-find='']");
    }
    let keyed = window.js("return window.keyed;", vec![]);
    let mut times: Vec<f64> = keyed.as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!(
        "P10: key press until painted, {} letters: p50 {:.0} ms, p95 {:.0} ms, worst {:.0} ms",
        times.len(),
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

/// Notes for each input in the search how long it takes until the list that it asked for is painted: two frames after it
/// is in the page, the first of them has been shown.
const PROBE: &str = "
    window.keyed = [];
    let since = null;
    const book = document.querySelector('[data-testid=book]');
    const search = document.querySelector(\"[aria-label='Search']\");
    addEventListener('keydown', (event) => { since = event.timeStamp; }, true);
    new MutationObserver(() => {
      if (since === null || book.dataset.find !== search.value.trim() || search.value === '') return;
      const begun = since;
      since = null;
      requestAnimationFrame(() => requestAnimationFrame((now) => window.keyed.push(now - begun)));
    }).observe(book, { attributes: true, attributeFilter: ['data-find'] });
";

fn assert_window_of_rows(window: &Window) {
    let rows = window.count("[role='option']");
    assert!((1..=ROWS_MAX).contains(&rows), "{rows} rows are in the page");
}
