//! What can be taken back: a field's earlier value, an import, the last change, a deletion of many.

use crate::scene::{laptop, open_card, people};
use kith_tests::{
    people::{Device, cards, wait_until},
    window::{Window, story},
};

#[test]
fn earlier_values_are_brought_back_from_the_history_also_of_a_removed_field() {
    story(|| {
        let (device, dora) = with_a_new_number();
        let window = Window::on(&device);
        open_card(&window, "dora", "Dora Kovács");
        window.click("@edit");
        window.click("@edit-line[data-name='EMAIL'] [aria-label='Remove this mail']");
        window.click("@edit-done");
        window.gone("@property[data-name='EMAIL']");

        window.click("@all-changes");
        window.see_text("@history-field[data-name='TEL'] @history-entry", "+351 912 555 014");
        window.see_text("@history-field[data-name='TEL']", "+351 912 555 999");
        window.click("@history-field[data-name='TEL'] @bring-back");
        window.see_text("@history-field[data-name='TEL'] .now", "+351 912 555 014");
        window.see_text("@history-field[data-removed][data-name='EMAIL']", "removed");
        window.click("@history-field[data-removed][data-name='EMAIL'] @bring-back");
        window.gone("@history-field[data-removed]");
        window.press("Escape");
        window.gone("@history");
        window.see_text("@property[data-name='TEL'] @property-value", "+351 912 555 014");
        window.see_text("@property[data-name='EMAIL'] @property-value", "dora@example.org");
        assert_eq!(device.property(&dora, "TEL")["value"], "+351 912 555 014");

        // That, too, is a change like any other.
        window.see_text("@toast", "Brought back");
        window.click("@toast-action");
        window.gone("@property[data-name='EMAIL']");
        window.close();
    });
}

#[test]
fn the_history_of_one_field_opens_from_its_margin() {
    story(|| {
        let (device, dora) = with_a_new_number();
        device.call(&["contacts", "set", &dora, "TITLE=Vet"]);
        let window = Window::on(&device);
        open_card(&window, "dora", "Dora Kovács");
        window.click("@property[data-name='TEL'] @provenance-open");
        window.see_text("@provenance", "You wrote it");
        window.see_text("@provenance", "Mara's laptop");
        window.click("@provenance @field-history");
        window.see_text("@history @history-entry", "+351 912 555 014");
        assert_eq!(window.count("@history-field"), 1);
        window.close();
    });
}

#[test]
fn control_z_takes_back_the_last_change_says_which_and_with_shift_does_it_again() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        open_card(&window, "dora", "Dora Kovács");
        window.press("Control+Delete");
        window.see_text("@toast", "to the trash");
        window.click("@nav-trash");
        window.see_text("@days-left", "days left");
        window.press("Control+z");
        window.see_text("@toast", "Taken back: ");
        window.see("@empty");
        window.click("@nav-everyone");
        window.see_text("@list-count", "6");

        window.press("Control+Shift+z");
        window.see_text("@toast", "Done again: ");
        window.see_text("@list-count", "5");
        window.click("@toast-action");
        window.see_text("@toast", "Taken back: ");
        window.see_text("@list-count", "6");
        window.click("@list-more");
        window.click("@menu-redo");
        window.see_text("@list-count", "5");
        window.press("Control+Shift+z");
        window.see_text(".toast-stop", "nothing to do again");
        assert_eq!(device.call(&["status"])["book"]["contacts"], 5);
        window.close();
    });
}

#[test]
fn an_import_is_taken_back_where_it_was_made_and_the_one_before_it_after_that() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let window = Window::on(&device);
        for (name, text, count) in [("first.vcf", people(), "6"), ("second.vcf", cards::many(1, 3), "9")] {
            window.click("nav [aria-label='Import']");
            window.choose_file("@import-files", &device.write(name, text));
            window.click("@import-run");
            window.click("@import-close");
            window.see_text("@list-count", count);
        }
        // What was changed by hand since is not taken along.
        let ada = device.find("byron");
        device.call(&["contacts", "set", &ada, "TITLE=Countess"]);
        undo_import(&window);
        window.see_text("@toast", "Taken back: ");
        window.see_text("@list-count", "6");
        undo_import(&window);
        window.see_text("@list-count", "1");
        window.see_text("@contact-row", "Ada Byron");
        undo_import(&window);
        window.see("@import-error");
        window.close();
    });
}

#[test]
fn so_many_contacts_at_once_go_to_the_trash_only_after_a_second_yes() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        device.call(&["import", &device.write("many.vcf", cards::many(1, 60))]);
        let window = Window::on(&device);
        window.see_text("@list-count", "60");
        throw_all_away(&window);
        window.see_text("@held-sheet", "Move 60 contacts to the trash?");
        window.press("Escape");
        window.gone("@held-sheet");
        assert_eq!(device.call(&["status"])["book"]["contacts"], 60, "nothing is gone yet");

        // It waits above the list and in the inbox; keeping them ends it.
        window.see_text("@inbox-badge", "1");
        window.click("@held-strip");
        window.see("@held[data-count='60']");
        window.see_text("@held-names", "and");
        window.click("@held-discard");
        window.see("@inbox-empty");
        window.gone("@inbox-badge");
        window.click("@nav-everyone");
        window.see_text("@list-count", "60");

        throw_all_away(&window);
        window.click("@held-sheet @held-apply");
        window.see("@empty");
        window.see_text("@nav-trash", "60");
        window.click("@toast-action");
        window.see_text("@list-count", "60");
        window.close();
    });
}

#[test]
fn a_file_that_lost_most_of_its_contacts_waits_in_the_inbox() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let path = device.write("phone.vcf", cards::many(1, 40));
        let window = Window::on(&device);
        window.click("nav [aria-label='Accounts']");
        window.write("@account-path", &path);
        window.write("@account-name", "Phone");
        window.click("@account-add");
        window.see("@account[data-name='Phone'][data-state='ready']");
        window.see_text("@account", "40 contacts");

        device.write("phone.vcf", cards::many(1, 2));
        window.click("@account-sync");
        window.see("@account[data-state='held']");
        window.see_text("@toast", "waits in your inbox");
        assert_eq!(device.call(&["status"])["book"]["contacts"], 40);
        window.click("nav [aria-label='Inbox']");
        window.see_text("@held", "Phone");
        window.see("@held[data-count='38']");
        window.click("@held-apply");
        window.see("@inbox-empty");
        wait_until("two are left", || (device.call(&["status"])["book"]["contacts"] == 2).then_some(()));
        window.close();
    });
}

/// Mara's laptop, and Dora, who has another number since.
fn with_a_new_number() -> (Device, String) {
    let device = laptop();
    let dora = device.find("dora");
    device.call(&["contacts", "set", &dora, "TEL;TYPE=CELL=+351 912 555 999"]);
    (device, dora)
}

/// Opens the import and takes the last one back.
fn undo_import(window: &Window) {
    window.click("nav [aria-label='Import']");
    window.click("@import-undo");
}

/// Selects the whole list and presses the button for the trash.
fn throw_all_away(window: &Window) {
    window.click("@contact-row[data-index='0']");
    window.press("Control+a");
    window.see_text("@several", "60 contacts selected");
    window.click("@trash-several");
}
