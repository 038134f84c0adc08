//! Writing a contact by hand: adding, changing, taking back, throwing away.

use crate::scene::{laptop, open_card};
use kith_tests::{
    people::{Device, wait_until},
    window::{Window, story},
};

#[test]
fn a_contact_is_added_by_hand_and_edited_and_an_edit_is_taken_back() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let window = Window::on(&device);
        window.click("nav [aria-label='New contact']");
        window.write("@edit-given", "Jürgen");
        window.write("@edit-family", "Groß");
        window.see_text("@editor", "Jürgen Groß");
        window.write("@edit-line[data-name='TEL'] input", "+49 40 555 0123");
        window.write("@edit-line[data-name='EMAIL'] input", "j.gross@example.org");
        window.write("@edit-note", "Met at the harbour.");
        window.click("@edit-done");
        window.see_text("@card-name", "Jürgen Groß");
        window.see_text("@contact-row", "Jürgen Groß");
        window.see_text("@property[data-name='TEL']", "+49 40 555 0123");
        window.see_text("@property[data-name='NOTE']", "Met at the harbour.");

        window.click("@edit");
        window.write("@edit-line[data-name='TEL'] input", "+49 40 555 0999");
        window.click("@edit-add-EMAIL");
        window.select("@edit-line[data-name='EMAIL']:nth-last-child(1 of [data-name='EMAIL']) @edit-type", "+own");
        window.write("[aria-label='Own label']", "boat club");
        window.press("Enter");
        window.write("@edit-line[data-name='EMAIL']:nth-last-child(1 of [data-name='EMAIL']) input", "j@boats.example");
        window.write("@edit-note", "");
        window.click("@edit-done");
        window.see_text("@property[data-name='TEL']", "+49 40 555 0999");
        window.see_text("@property[data-name='EMAIL']", "boat club");
        window.see_text("@property[data-name='EMAIL']", "j@boats.example");
        window.gone("@property[data-name='NOTE']");
        let id = window.attribute("@card", "data-id");
        let card = device.call(&["contacts", "show", &id]);
        let own = card["properties"].as_array().unwrap().iter().find(|property| property["value"] == "j@boats.example");
        assert_eq!(own.unwrap()["label"], "boat club", "{card:#}");

        window.see_text("@toast", "Saved");
        window.click("@toast-action");
        window.see_text("@property[data-name='TEL']", "+49 40 555 0123");
        window.see_text("@property[data-name='NOTE']", "Met at the harbour.");
        assert_eq!(window.count("@property[data-name='EMAIL'].field"), 1);
        window.close();
    });
}

#[test]
fn one_field_is_removed_and_a_discarded_edit_changes_nothing() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        open_card(&window, "byron", "Ada Byron");
        window.click("@edit");
        window.click("@edit-line[data-name='EMAIL'] [aria-label='Remove this mail']");
        window.click("@edit-done");
        window.see_text("@toast", "Saved");
        window.gone("@property[data-name='EMAIL']");
        window.see("@property[data-name='TEL']");

        window.click("@edit");
        window.write("@edit-given", "Augusta");
        window.see_text("@edit-cancel", "Discard");
        window.click("@edit-cancel");
        window.see_text("@card-name", "Ada Byron");
        let id = device.find("byron");
        assert_eq!(device.property(&id, "FN")["value"], "Ada Byron");
        window.close();
    });
}

#[test]
fn a_contact_goes_to_the_trash_and_comes_back() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        open_card(&window, "dora", "Dora Kovács");
        window.click("@card-more");
        window.click("@trash");
        window.see_text("@toast", "to the trash");
        window.click("@no-match button:last-child");
        window.see_text("@list-count", "5");
        window.see_text("@nav-trash", "1");

        window.click("@nav-trash");
        window.click("@contact-row");
        window.see_text("@card", "In the trash");
        window.click("@restore");
        window.see_text("@toast", "It is back in your book");
        window.see_text("@empty", "The trash is empty");
        window.click("@nav-everyone");
        window.see_text("@list-count", "6");
        wait_until("the hub has six", || (device.call(&["status"])["book"]["contacts"] == 6).then_some(()));
        window.close();
    });
}

#[test]
fn what_is_typed_saves_itself_and_one_press_takes_the_sitting_back() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        open_card(&window, "byron", "Ada Byron");
        let id = window.attribute("@card", "data-id");
        let says = |name: &str, value: &str| {
            wait_until("it is saved", || (device.property(&id, name)["text"] == value).then_some(()));
        };
        window.click("@edit");
        window.write("@edit-given", "Augusta");
        window.see("@edit-state[data-state='saved']");
        says("FN", "Augusta Byron");
        window.write("@edit-title", "Countess");
        let found = |find: &str| device.call(&["contacts", "list", "--find", find])["total"] == 1;
        wait_until("the title is saved", || found("countess").then_some(()));
        window.click("@edit-add-EMAIL");
        window.type_text("countess@lovelace.example");
        wait_until("the mail is saved", || found("lovelace").then_some(()));
        let card = device.call(&["contacts", "show", &id]);
        let mails = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "EMAIL");
        assert_eq!(mails.count(), 2, "it is written once: {card:#}");

        // Somebody else takes part: what they write comes in, what is typed here stays.
        device.call(&["contacts", "set", &id, "ROLE=Reader"]);
        window.see("@edit-line[data-name='ROLE']");
        window.click("@edit-undo");
        window.see_text("@toast", "Taken back");
        says("FN", "Ada Byron");
        window.see("@editor");
        assert_eq!(window.value("@edit-given"), "Ada");
        window.click("@edit-done");
        window.see_text("@card-name", "Ada Byron");
        window.see_text("@property[data-name='ROLE']", "Reader");
        window.gone("@property[data-name='TITLE']");

        // A new contact is there as soon as it is written; discarding it takes it away.
        window.press("Control+n");
        window.write("@edit-given", "Nobody");
        window.see("@edit-state[data-state='saved']");
        window.click("@edit-cancel");
        window.gone("@editor");
        assert_eq!(device.call(&["contacts", "list", "--find", "nobody"])["total"], 0);
        window.close();
    });
}

#[test]
fn fields_of_every_kind_are_written_with_advice_and_a_photo() {
    story(|| {
        let device = laptop();
        let picture = device.file("face.png");
        image::RgbImage::from_fn(300, 200, |x, _| image::Rgb([(x % 256) as u8, 90, 60])).save(&picture).unwrap();
        let window = Window::on(&device);
        open_card(&window, "byron", "Ada Byron");
        let id = window.attribute("@card", "data-id");
        window.click("@edit");
        window.write("@edit-line[data-name='EMAIL'] input", "ada@gmial.com");
        window.see_text("@advice", "Did you mean gmail.com?");
        window.click("@edit-add-X-KITH-CUSTOM");
        window.type_text("tea");
        window.press("Enter");
        window.write("@edit-line[data-name='X-KITH-CUSTOM'] input[aria-label='own field']", "Longjing");
        window.click("@edit-add-RELATED");
        window.write("@edit-line[data-name='RELATED'] input", "Dora Kovács");
        window.click("@edit-add-more");
        window.click("@edit-add-X-ABDATE");
        window.select("@edit-line[data-name='X-ABDATE'] @edit-month", "5");
        window.write("@edit-line[data-name='X-ABDATE'] @edit-day", "9");
        window.press("Tab");
        window.click("@edit-add-ADR");
        window.write("@edit-line[data-name='ADR'] [aria-label='Country']", "日本");
        window.see("@edit-line[data-name='ADR'] [aria-label='Prefecture']");
        window.drop_file("@edit-photo", picture.to_str().unwrap());
        window.see("@crop");
        window.click("@crop-done");
        window.gone("@crop");
        window.see("@edit-state[data-state='saved']");
        window.click("@edit-done");
        window.see(".card-head img.portrait");
        window.see_text("@property[data-name='X-KITH-CUSTOM']", "tea");
        window.see_text("@relation", "Dora Kovács");
        window.see_text("@property[data-name='X-ABDATE']", "9 May");
        assert!(device.property(&id, "PHOTO")["value"].as_str().unwrap().starts_with("data:image/jpeg;base64,"));
        assert_eq!(device.property(&id, "RELATED")["label"], "spouse");

        window.click("@edit");
        window.click("@photo-menu");
        window.click("@photo-remove");
        window.click("@edit-done");
        window.gone(".card-head img.portrait");
        window.close();
    });
}
