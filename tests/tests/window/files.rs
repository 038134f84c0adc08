//! Bringing a file in: what would happen, what happened, and finding people afterwards.

use crate::scene::{PEOPLE, card, laptop, open_card, people};
use kith_tests::{
    people::Device,
    window::{Window, story},
};

#[test]
fn a_file_is_tried_and_then_imported_and_its_broken_card_is_named_by_line() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let broken = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Half a card\r\nTEL without a colon\r\nEND:VCARD\r\n";
        let text = format!("{}{broken}{}", people(), card("Zoë", "Zander", "+31 20 555 0100", "zoe@example.org"));
        let line = text.lines().position(|line| line == "TEL without a colon").unwrap() + 1;
        let path = device.write("people.vcf", text);

        let window = Window::on(&device);
        window.click("nav [aria-label='Import']");
        window.choose_file("@import-files", &path);
        window.see_text("@import", "This is what would happen. Nothing has changed yet.");
        window.see(&format!("@import-report[data-added='{}'][data-updated='0'][data-failed='1']", PEOPLE.len() + 2));
        let failure = window.text("@import-failure");
        assert!(failure.contains("people.vcf") && failure.contains(&line.to_string()), "{failure}");
        assert!(failure.contains("no colon"), "{failure}");
        assert_eq!(device.call(&["status"])["book"]["contacts"], 0, "trying changes nothing");

        window.click("@import-run");
        window.see_text("@import", "This is what was done.");
        window.click("@import-close");
        window.gone("@import");
        window.see_text("@list-count", "8");
        let names = window.texts("@contact-row .person-name > span:first-child");
        let sorted = [
            "Ada Byron",
            "Aoife O’Neill",
            "白晓雯",
            "Dora Kovács",
            "Half a card",
            "Jonas Weber",
            "Zoë Zander",
            "Žofie Müller",
        ];
        assert_eq!(names, sorted, "by name, and a Chinese name by its reading");
        let letters = window.texts(".letter:not(.probe *)");
        assert_eq!(
            letters.into_iter().filter(|letter| !letter.is_empty()).collect::<Vec<_>>(),
            ["A", "B", "D", "H", "J", "Z"]
        );

        // The same file once more has nothing to add.
        window.click("nav [aria-label='Import']");
        window.choose_file("@import-files", &path);
        window.see("@import-report[data-added='0']");
        window.press("Escape");
        window.gone("@import");
        window.close();
    });
}

#[test]
fn a_file_dropped_on_the_window_is_tried_at_once() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let window = Window::on(&device);
        window.see("@empty");
        window.drop_file("@empty", &device.write("dropped.vcf", people()));
        window.see("@import-report[data-added='6'][data-failed='0']");
        window.click("@import-run");
        window.click("@import-close");
        window.see_text("@list-count", "6");
        window.see_text("@toast", "Imported 6 contacts");
        // One import is one thing to take back.
        window.click("@toast-action");
        window.see("@empty");
        window.close();
    });
}

#[test]
fn people_are_found_by_name_without_accents_by_last_digits_and_by_one_han_character() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        for (find, name) in [
            ("zofie", "Žofie Müller"),
            ("kovacs", "Dora Kovács"),
            ("0199", "Jonas Weber"),
            ("雯", "白晓雯"),
            ("bai", "白晓雯"),
        ] {
            window.write("[aria-label='Search']", find);
            window.see(&format!("@book[data-find='{find}']"));
            window.see_text("@list-count", "1 match");
            assert_eq!(window.texts("@contact-row .person-name > span:first-child"), [name], "found by {find}");
        }
        window.write("[aria-label='Search']", "nobody at all");
        window.see_text("@no-match", "New contact named “nobody at all”");

        open_card(&window, "0177", "Aoife O’Neill");
        window.see_text("@property[data-name='TEL'] @property-value", "+353 1 555 0177");
        window.see_text("@property[data-name='EMAIL'] @property-value", "aoife@example.org");
        window.close();
    });
}
