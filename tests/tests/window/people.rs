//! The book as people: favourites, households, birthdays, where a search found somebody, and many edited at once.

use crate::scene::open_card;
use kith_tests::{
    people::Device,
    window::{Window, story},
};
use serde_json::json;

const BOOK: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:dora\r\nFN:Dora Kovács\r\nN:Kovács;Dora;;;\r\n\
TEL;TYPE=home:+351 22 555 0190\r\nTEL;TYPE=cell:+351 912 555 014\r\nEMAIL;TYPE=home:dora@kovacs.example\r\n\
ADR;TYPE=home:;;Rua das Oliveiras 12;Porto;;4000-001;Portugal\r\nRELATED;TYPE=child;VALUE=text:Lili Kovács\r\n\
NOTE:Met on the night ferry.\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:4.0\r\nUID:lili\r\nFN:Lili Kovács\r\nN:Kovács;Lili;;;\r\n\
TEL;TYPE=home:+351225550190\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:4.0\r\nUID:bruno\r\nFN:Bruno Tavares\r\nN:Tavares;Bruno;;;\r\nORG:Old Firm\r\n\
EMAIL:bruno@tavares.example\r\nEND:VCARD\r\n";

fn with_book() -> (Device, Window) {
    let device = Device::first("Mara's laptop", "Mara Lindqvist");
    device.call(&["import", &device.write("book.vcf", BOOK)]);
    let window = Window::on(&device);
    window.see_text("@list-count", "3");
    (device, window)
}

/// Drags what is selected by its first row, as a hand does.
fn drag(window: &Window, from: &str, to: &str) {
    window.js(
        "const [from, to] = [...arguments].map((selector) => document.querySelector(selector));
         const dataTransfer = new DataTransfer();
         const tell = (on, kind) => on.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
         tell(from, 'dragstart'); tell(to, 'dragover'); tell(to, 'drop'); tell(from, 'dragend');",
        vec![json!(from), json!(to)],
    );
}

#[test]
fn a_star_is_given_by_press_key_and_drag_and_taken_back() {
    story(|| {
        let (device, window) = with_book();
        open_card(&window, "dora", "Dora Kovács");
        window.click("@favourite");
        window.see("@favourite[aria-pressed='true']");
        window.write("[aria-label='Search']", "");
        window.see_text("@list-count", "3");
        drag(&window, "[data-testid=contact-row][data-index='0']", "[data-testid=nav-favourites]");
        window.see_text("@toast", "favourite");
        window.click("@nav-favourites");
        window.see_text("@list-count", "2");
        window.click("@contact-row[data-index='1']");
        window.see_text("@card-name", "Dora Kovács");
        window.press("Control+d");
        window.see_text("@list-count", "1");
        window.click("@toast-action");
        window.see_text("@list-count", "2");
        assert_eq!(device.call(&["contacts", "list", "--favourites"])["total"], 2);
        window.close();
    });
}

#[test]
fn a_card_tells_who_lives_there_too_and_leads_to_them() {
    story(|| {
        let (_device, window) = with_book();
        open_card(&window, "dora", "Dora Kovács");
        window.see_text("@household", "Lili Kovács");
        window.see_text("@property[data-name='RELATED']", "child");
        window.click("@relation");
        window.see_text("@card-name", "Lili Kovács");
        window.see_text("@named-by", "Dora Kovács, as child");
        window.click("@household button");
        window.see_text("@card-name", "Dora Kovács");

        window.click("nav [aria-label='My card']");
        window.click("@edit");
        window.click("@edit-add-ADR");
        for (part, text) in [("Street and number", "Rua das Oliveiras 12"), ("Postal code", "4000-001")] {
            window.write(&format!("@edit-line[data-name='ADR'] [aria-label='{part}']"), text);
        }
        window.click("@edit-done");
        window.click("@nav-household");
        window.see_text("@list-count", "1");
        window.see_text("@contact-row", "Dora Kovács");
        window.close();
    });
}

#[test]
fn birthdays_to_come_stand_in_their_order() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        device.call(&["import", &device.write("book.vcf", BOOK)]);
        let soon = jiff::Zoned::now().checked_add(jiff::Span::new().days(9)).unwrap().strftime("--%m%d").to_string();
        let lili =
            device.call(&["contacts", "list", "--find", "lili"])["contacts"][0]["id"].as_str().unwrap().to_owned();
        device.call(&["contacts", "set", &lili, &format!("BDAY={soon}")]);
        let window = Window::on(&device);
        window.click("@nav-birthdays");
        window.see_text("@birthday[data-days='9']", "Lili Kovács");
        window.see_text("@birthday", "in 9 days");
        window.click("@birthday");
        window.see_text("@card-name", "Lili Kovács");
        window.see_text("@property[data-name='BDAY']", "in 9 days");
        window.close();
    });
}

#[test]
fn a_search_shows_where_it_found_somebody() {
    story(|| {
        let (_device, window) = with_book();
        for (find, field, hit) in [("ferry", "NOTE", "ferry"), ("0190", "TEL", "0190"), ("oliv", "ADR", "Oliv")] {
            window.write("[aria-label='Search']", find);
            window.see(&format!("@book[data-find='{find}']"));
            window.see_text(&format!("@found-in[data-name='{field}'] mark"), hit);
        }
        window.write("[aria-label='Search']", "kova");
        window.see("@book[data-find='kova']");
        window.see_text("@contact-row .person-name mark", "Ková");
        window.close();
    });
}

#[test]
fn many_are_edited_grouped_and_tagged_at_once_each_with_one_way_back() {
    story(|| {
        let (device, window) = with_book();
        device.call(&["tags", "add", "choir"]);
        window.see_text("@tags", "choir");
        window.click("@contact-row[data-index='0']");
        window.press("Control+a");
        window.see_text("@several", "3 contacts selected");
        drag(&window, "[data-testid=contact-row][data-index='1']", "[data-testid=tag]");
        window.see_text("@toast", "Put 3 contacts into choir");

        window.press("Control+g");
        window.write("@several [aria-label='New group']", "Harbour");
        window.press("Enter");
        window.see_text("@toast", "Put 3 contacts into Harbour");
        window.see_text("@group", "3");

        window.click("@edit-several");
        window.write("@many-value", "Harbour Labs");
        window.click("@many-run");
        window.see_text("@toast", "Changed 3 contacts");
        let works_at = |place: &str| device.call(&["contacts", "list", "--find", place])["total"].as_u64();
        assert_eq!((works_at("harbour labs"), works_at("old firm")), (Some(3), Some(0)));
        window.click("@toast-action");
        window.see_text("@toast", "Taken back");
        assert_eq!((works_at("harbour labs"), works_at("old firm")), (Some(0), Some(1)));

        window.click("@copy-several");
        window.see("@toast");
        window.click("@group");
        window.click("@group-more");
        window.click("@order-family");
        window.see_text("@contact-row[data-index='0']", "Dora Kovács");
        window.see_text("@contact-row[data-index='2']", "Bruno Tavares");
        window.close();
    });
}

#[test]
fn numbers_are_put_into_an_order_by_keys_on_the_card_and_by_keys_and_hand_in_the_editor() {
    story(|| {
        let (device, window) = with_book();
        open_card(&window, "dora", "Dora Kovács");
        let (home, cell) = ("+351 22 555 0190", "+351 912 555 014");
        let shown =
            |first: &str| window.see_text("@property[data-name='TEL']:nth-child(1 of [data-name='TEL'])", first);
        shown(home);
        window.js("document.querySelector('.field[data-name=TEL] ~ .field[data-name=TEL] a').focus();", vec![]);
        window.press("Alt+ArrowUp");
        window.see_text("@toast", "Moved to place 1 of 2");
        shown(cell);
        let focused = window.js("return document.activeElement.closest('[data-name=TEL]')?.innerText ?? '';", vec![]);
        assert!(focused.as_str().unwrap().contains(cell), "the focus moves along: {focused}");
        window.click("@toast-action");
        shown(home);

        window.click("@edit");
        let line = |nth: usize| format!("@edit-line[data-name='TEL']:nth-child({nth} of [data-name='TEL'])");
        window.click(&format!("{} input", line(2)));
        window.press("Alt+ArrowUp");
        window.see_text("@edit-place", "phone 1 of 2");
        assert_eq!(window.value(&format!("{} input", line(1))), cell);
        window.drag(&format!("{} @edit-move", line(1)), &line(2));
        window.see_text("@edit-place", "phone 2 of 2");
        assert_eq!(window.value(&format!("{} input", line(1))), home);
        window.press("ArrowUp");
        window.see_text("@edit-place", "phone 1 of 2");
        window.click("@edit-done");
        window.see_text("@toast", "Saved");
        shown(cell);
        let card = device.call(&["contacts", "show", &device.find("oliveiras")]);
        let numbers = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "TEL");
        assert_eq!(numbers.map(|property| property["value"].clone()).collect::<Vec<_>>(), [cell, home]);
        window.close();
    });
}
