//! The window without a mouse, and the names that a screen reader hears.

use crate::scene::laptop;
use kith_tests::window::{Window, story};
use serde_json::json;

#[test]
fn everything_on_the_way_from_search_to_a_saved_edit_is_done_by_keys() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.see("@contact-row");
        window.press("Control+f");
        assert_focus(&window, "[aria-label='Search']");
        window.type_text("o");
        window.see("@book[data-find='o']");
        window.press("ArrowDown");
        assert_focus(&window, "[data-testid='contact-row'][data-index='0']");
        window.press("ArrowDown");
        assert_focus(&window, "[data-testid='contact-row'][data-index='1']");
        window.see("@contact-row[data-index='1'][aria-selected='true']");
        let name = window.text("@contact-row[data-index='1'] .person-name");
        window.see_text("@card-name", &name);
        window.press("Enter");
        assert_focus(&window, "[data-testid='card']");

        window.press("e");
        window.see("@editor");
        assert_focus(&window, "[data-testid='editor'] input");
        window.type_text("Dr ");
        window.press("Escape");
        window.see_text("@toast", "Saved");
        window.see("@card");
        assert!(window.text("@card-name").contains("Dr "), "Escape is done, not lost");

        window.press("Control+z");
        window.see_text("@card-name", &name);
        window.press("Control+n");
        window.see_text("@editor", "New contact");
        window.press("Escape");
        window.gone("@editor");
        window.close();
    });
}

#[test]
fn letters_jump_in_the_list_and_keys_turn_the_pages() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.click("@contact-row[data-index='0']");
        window.press("ArrowLeft");
        window.press("j");
        window.see_text("@card-name", "Jonas Weber");
        window.press("Home");
        window.see_text("@card-name", "Ada Byron");
        window.press("End");
        window.see_text("@card-name", "Žofie Müller");
        window.press("Control+4");
        window.see("@devices-page");
        window.press("Control+1");
        window.see("@inbox-page");
        window.press("Control+,");
        window.see("@settings-page");
        window.press("Escape");
        window.see("@book");
        window.press("Control+Delete");
        window.see_text("@toast", "to the trash");
        window.see_text("@list-count", "5");
        window.close();
    });
}

#[test]
fn the_main_controls_have_their_exact_names() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.see("@contact-row");
        for name in ["Search", "New contact", "Import", "Pair a device", "My card", "Inbox", "Devices", "Settings"] {
            assert_eq!(window.accessible_name(&format!("[aria-label='{name}']:not(.only-folded)")), name);
        }
        // Nothing that can be pressed or filled in is without a name.
        for page in ["Devices", "Settings", "Inbox", "My card"] {
            window.click(&format!("nav [aria-label='{page}']"));
            let nameless = window.js(NAMELESS, vec![]);
            assert_eq!(nameless, json!([]), "on {page}");
        }
        window.close();
    });
}

fn assert_focus(window: &Window, css: &str) {
    let there = "return document.activeElement?.matches(arguments[0]) || null;";
    window.until(&format!("the focus is on {css}"), there, vec![json!(css)]);
}

const NAMELESS: &str = "return [...document.querySelectorAll('button, a, input, select, textarea')]
    .filter((one) => one.checkVisibility())
    .filter((one) => !(one.getAttribute('aria-label') ?? one.innerText).trim() && !one.closest('label') && !one.labels?.length && !one.title)
    .map((one) => one.outerHTML);";
