//! In and out: where contacts come from, an import that is stopped, a card saved as a file, and what is printed.

use crate::scene::{laptop, open_card};
use kith_tests::{
    people::{Device, cards, wait_until},
    window::{Opening, Window, story},
};
use serde_json::json;
use std::fs;

#[test]
fn the_import_says_what_to_press_where_the_contacts_are_now() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.press("Control+i");
        window.see("@import");
        assert_eq!(
            window.texts("@import-source"),
            ["iPhone", "Android", "Google", "Outlook", "Thunderbird", "macOS Contacts"]
        );
        window.click("@import-source[data-source='google']");
        window.see_text("@import-steps", "contacts.google.com");
        window.press("Enter");
        window.see("@import-source[data-source='google']:focus");
        window.close();
    });
}

#[test]
fn an_import_is_stopped_and_what_came_in_until_then_is_taken_back() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let file = device.write("many.vcf", cards::many(0, MANY));
        let window = Window::on(&device);
        window.click("nav [aria-label='Import']");
        window.choose_file("@import-files", &file);
        window.click("@import-run");
        let begun = "const bar = document.querySelector('[data-testid=\"import-progress\"]');
            if (bar?.value > 0) document.querySelector('[data-testid=\"import-stop\"]').click();
            return bar?.value > 0 || null;";
        window.until("some came in", begun, vec![]);
        window.see_text("@import-said", "You stopped it.");
        let added: u64 = window.attribute("@import-report", "data-added").parse().unwrap();
        assert!(added > 0 && added < MANY as u64, "{added} of {MANY}");
        assert_eq!(device.call(&["status"])["book"]["contacts"], added, "what is told is what is there");
        window.click("@import-undo");
        window.see_text("@toast", "Taken back");
        wait_until("nobody is left", || (device.call(&["status"])["book"]["contacts"] == 0).then_some(()));
        window.close();
    });
}

#[test]
fn a_card_is_saved_as_a_file_that_is_called_after_its_person() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        open_card(&window, "0177", "Aoife O’Neill");
        window.press("Control+e");
        window.see_text("@export-sheet", "Save Aoife O’Neill as a file");
        let offered = window.value("@export-path");
        assert!(offered.ends_with("/Aoife O’Neill.vcf"), "{offered}");
        let file = laptop.file("out.vcf");
        window.write("@export-path", file.to_str().unwrap());
        window.click("@export-run");
        window.gone("@export-sheet");
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches("BEGIN:VCARD").count(), 1);
        assert!(text.contains("aoife@example.org"), "{text}");
        window.close();
    });
}

#[test]
fn a_card_is_carried_out_of_the_window_by_its_face_as_a_file_and_copied_from_its_menu() {
    story(|| {
        let laptop = laptop();
        let session = laptop.file("session");
        fs::create_dir(&session).unwrap();
        let window = Opening::on(&laptop).env("XDG_RUNTIME_DIR", session.to_str().unwrap()).open();
        open_card(&window, "0177", "Aoife O’Neill");
        window.js(&format!("{FACE} face.dispatchEvent(new PointerEvent('pointerdown', {{ bubbles: true }}));"), vec![]);
        let file = session.join("Aoife O’Neill.vcf");
        let text = wait_until("the card is written", || fs::read_to_string(&file).ok());
        assert!(text.starts_with("BEGIN:VCARD") && text.contains("+353 1 555 0177"), "{text}");
        let carries = format!(
            "{FACE} const dataTransfer = new DataTransfer();
             face.dispatchEvent(new DragEvent('dragstart', {{ bubbles: true, dataTransfer }}));
             face.dispatchEvent(new DragEvent('dragend', {{ bubbles: true }}));
             return dataTransfer.getData('text/uri-list') || null;"
        );
        let address = window.until("the drag bears the file", &carries, vec![]);
        let path = address.as_str().unwrap().strip_prefix("file://").unwrap();
        assert!(path.ends_with("/Aoife%20O%E2%80%99Neill.vcf"), "{path}");

        window.click("@card-more");
        window.click("@copy-vcard");
        let said = "return document.querySelector('[data-testid=\"toast\"]')?.innerText ?? null;";
        let said = window.until("a word about the copy", said, vec![]);
        assert!(said.as_str().unwrap().contains("Copied as a vCard"), "{said}");
        window.close();
    });
}

#[test]
fn the_list_and_a_card_are_printed_without_anything_else_on_the_paper() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.see("@contact-row");
        // The printer's own dialog is no page: what would be printed is looked at, and that it is asked for.
        window.js("window.print = () => (window.kithPrinted = (window.kithPrinted ?? 0) + 1);", vec![]);
        window.press("Control+p");
        window.see("@print-pages section:nth-of-type(6)");
        window.see_text("@print-pages", "+49 30 5550199");
        window.click("@print-run");
        assert_eq!(window.js("return window.kithPrinted;", vec![]), 1);
        assert_eq!(
            on_paper(&window),
            json!(["Ada Byron", "Aoife O’Neill", "白晓雯", "Dora Kovács", "Jonas Weber", "Žofie Müller"])
        );
        window.press("Escape");
        window.gone("@print-sheet");
        assert_eq!(window.count(".printed"), 0, "nothing is left for the next time");

        open_card(&window, "0177", "Aoife O’Neill");
        window.press("Control+p");
        window.see_text("@print-run", "Print 1 contact");
        window.see_text("@print-pages", "aoife@example.org");
        window.press("Escape");
        window.close();
    });
}

/// The names that are in view on paper: what a printer's style sheet leaves of the page.
fn on_paper(window: &Window) -> serde_json::Value {
    let script = "for (const { cssRules } of document.styleSheets) turn(cssRules);
        function turn(rules) {
          for (const rule of rules) {
            if (rule instanceof CSSMediaRule && rule.media.mediaText === 'print') rule.media.mediaText = 'screen';
            else if (rule.cssRules) turn(rule.cssRules);
          }
        }
        const seen = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility());
        const astray = seen.filter((one) => !one.closest('.printed'));
        return astray.length ? astray.map((one) => one.outerHTML.slice(0, 80))
          : seen.filter((one) => one.localName === 'h4').map((one) => one.firstChild.textContent);";
    let found = window.js(script, vec![]);
    window.js(
        "for (const { cssRules } of document.styleSheets) turn(cssRules);
        function turn(rules) {
          for (const rule of rules) {
            if (rule instanceof CSSMediaRule && rule.media.mediaText === 'screen') rule.media.mediaText = 'print';
            else if (rule.cssRules) turn(rule.cssRules);
          }
        }",
        vec![],
    );
    found
}

/// What a card is dragged by.
const FACE: &str = "const face = document.querySelector('[data-testid=\"carry\"]');";
/// So many that somebody has the time to press a button.
const MANY: usize = 3_000;
