//! Everything by keys: the palette, the sheet of shortcuts, sizes and themes.

use crate::scene::laptop;
use kith_tests::window::{Window, story};
use serde_json::json;

#[test]
fn the_palette_does_what_is_typed_and_finds_people_and_groups() {
    story(|| {
        let laptop = laptop();
        laptop.call(&["groups", "add", "Choir"]);
        laptop.call(&["groups", "put", "Choir", &laptop.find("dora")]);
        let window = Window::on(&laptop);
        window.see("@contact-row");
        window.press("Control+k");
        window.see("@palette-input:focus");
        // What needs a card is not offered without one.
        assert_eq!(window.count("@palette-choice[data-key='edit']"), 0);
        window.type_text("dup");
        window.see("@palette-choice[data-key='duplicates'][aria-selected='true']");
        window.press("Enter");
        window.see("@duplicates-page");

        window.press("Control+k");
        window.type_text("zofie");
        window.see("@palette-choice[data-kind='person']");
        window.see_text("@palette-choice[data-kind='person']", "Žofie Müller");
        window.press("Enter");
        window.see_text("@card-name", "Žofie Müller");

        window.press("Control+k");
        window.see("@palette-choice[data-key='edit']");
        window.type_text("choir");
        window.see("@palette-choice[data-kind='group'][aria-selected='true']");
        window.press("Enter");
        window.see_text("@list-count", "1");

        window.press("Control+k");
        window.type_text("qqq");
        window.see_text("@palette", "Nothing fits.");
        window.press("Escape");
        window.gone("@palette");
        window.close();
    });
}

#[test]
fn the_sheet_of_shortcuts_sizes_and_themes_answer_to_keys() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.see("@contact-row");
        window.press("?");
        window.see_text("@shortcuts", "Do anything");
        window.see_text("@shortcuts", "Ctrl K");
        window.press("Escape");
        window.gone("@shortcuts");

        let width = || window.js("return innerWidth;", vec![]).as_f64().unwrap();
        let usual = width();
        window.press("Control++");
        window.until("it is larger", "return innerWidth < arguments[0] || null;", vec![json!(usual)]);
        window.press("Control+,");
        window.see_text("@zoom", "110 %");
        // It stays so for the next time.
        window.reload();
        window.until("it is still larger", "return innerWidth < arguments[0] || null;", vec![json!(usual)]);
        window.press("Control+0");
        window.until("it is as usual", "return innerWidth === arguments[0] || null;", vec![json!(usual)]);

        for theme in ["dark", "light"] {
            window.press("Control+k");
            window.type_text("light and dark");
            window.press("Enter");
            window.until(
                theme,
                "return document.documentElement.dataset.theme === arguments[0] || null;",
                vec![json!(theme)],
            );
        }
        window.close();
    });
}
