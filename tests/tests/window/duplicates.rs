//! Two cards of one person: they are found, compared field by field, made one, and that is taken back; or they stay two.

use crate::scene::{laptop, open_card};
use kith_tests::{
    people::Device,
    window::{Window, story},
};

#[test]
fn two_cards_of_one_person_are_compared_and_made_one_and_undo_makes_them_two_again() {
    story(|| {
        let device = laptop_with_dora_twice();
        let window = Window::on(&device);
        window.see_text("@list-count", "7");
        window.click("@nav-duplicates");
        window.see_text("@duplicates-count", "1 pair");
        window.see_text("@duplicate-pair", "Dora Kovács");
        window.see_text("@duplicate-pair", "Dora Kovacs");

        // They differ in the name: the first card's is kept unless I say otherwise. Each has a number of its own.
        window.see("@comparison @merge-field[data-name='FN'][data-differs='true']");
        window.see_text("@merge-field[data-name='BDAY']", "14 December 1984");
        assert_eq!(window.count("@merge-field[data-name='FN'] @merge-both"), 0, "a card has only one name");
        let accented = choice_that_says(&window, "FN", "Dora Kovács");
        window.click(&accented);
        window.click("@merge");
        window.see_text("@toast", "Made one of");
        window.see_text("@duplicates-empty", "Nobody is here twice");
        window.click("@nav-everyone");
        window.see_text("@list-count", "6");

        open_card(&window, "kov", "Dora Kovács");
        window.see_text("@card", "+351 912 555 014");
        window.see_text("@card", "+351 22 555 0190");
        window.see_text("@property[data-name='BDAY']", "14 December 1984");
        assert_eq!(window.count("@property[data-name='EMAIL'].field"), 1, "what both say is there once");

        window.press("Escape");
        window.press("Control+z");
        window.see_text("@toast", "Taken back");
        window.write("[aria-label='Search']", "");
        window.see_text("@list-count", "7");
        window.close();
    });
}

#[test]
fn two_people_stay_two_with_one_key_and_are_not_asked_about_again() {
    story(|| {
        let device = laptop_with_dora_twice();
        let window = Window::on(&device);
        window.press("Control+7");
        window.see("@duplicates-page");
        window.see("@comparison @merge-field");
        window.js("document.querySelector('[data-testid=duplicate-pair]').focus();", vec![]);
        window.press("Enter");
        assert_focus(&window, "merge");
        window.press("Escape");
        assert_focus(&window, "duplicate-pair");
        window.press("Delete");
        window.see_text("@toast", "they are two people");
        window.see("@duplicates-empty");
        assert_eq!(device.call(&["contacts", "duplicates"])["pairs"].as_array().map(Vec::len), Some(0));

        window.reload();
        window.click("@nav-duplicates");
        window.see("@duplicates-empty");
        window.close();
    });
}

#[test]
fn a_household_that_shares_a_number_is_counted_and_not_listed() {
    story(|| {
        let device = laptop();
        let shared = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Weber;Klara;;;\r\nFN:Klara Weber\r\nTEL;TYPE=HOME:+49 30 5550199\r\nEND:VCARD\r\n";
        device.call(&["import", &device.write("klara.vcf", shared)]);
        let window = Window::on(&device);
        window.click("@nav-duplicates");
        window.see_text("@duplicates-empty", "One pair shares a number and nothing else");
        window.close();
    });
}

#[test]
fn two_contacts_chosen_in_the_list_are_made_one() {
    story(|| {
        let device = laptop_with_dora_twice();
        let window = Window::on(&device);
        window.write("[aria-label='Search']", "kov");
        window.see_text("@list-count", "2 matches");
        window.click("@contact-row[data-index='0']");
        window.press("Control+ArrowDown");
        window.press("Space");
        window.see_text("@several", "2 contacts selected");
        window.click("@merge-two");
        window.see("@merge-sheet @merge-field");
        window.press("Escape");
        window.gone("@merge-sheet");
        window.click("@merge-two");
        window.click("@merge-sheet @merge");
        window.gone("@merge-sheet");
        window.see_text("@toast", "Made one of");
        window.see("@card-name");
        window.see_text("@list-count", "1 match");
        window.close();
    });
}

/// The people of the other stories, and Dora once more, as another program wrote her down.
fn laptop_with_dora_twice() -> Device {
    let device = laptop();
    let other = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Kovacs;Dora;;;\r\nFN:Dora Kovacs\r\nTEL;TYPE=HOME:+351 22 555 0190\r\n\
        EMAIL;TYPE=HOME:dora@example.org\r\nBDAY:1984-12-14\r\nEND:VCARD\r\n";
    device.call(&["import", &device.write("other.vcf", other)]);
    device
}

/// The side of a comparison that says this; which of two contacts comes first is the hub's to say.
fn choice_that_says(window: &Window, name: &str, text: &str) -> String {
    let sides = ["a", "b"].map(|side| format!("@merge-field[data-name='{name}'] @merge-choice[data-keep='{side}']"));
    let found = sides.into_iter().find(|side| window.text(side).trim() == text);
    format!("{} input", found.unwrap_or_else(|| panic!("neither says {text}")))
}

fn assert_focus(window: &Window, testid: &str) {
    let there = "return document.activeElement?.dataset.testid === arguments[0] || null;";
    window.until(&format!("the focus is on {testid}"), there, vec![testid.into()]);
}
