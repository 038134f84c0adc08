//! Linked people in the window: one is invited, told apart by words, told what is new, and answered.

use crate::scene::show;
use kith_tests::{
    people::{Device, wait_until},
    window::{Window, story},
};
use serde_json::Value;

/// What stands on a contact's card under a name, if anything does.
fn value(device: &Device, contact: &str, name: &str) -> Option<String> {
    let card = device.call(&["contacts", "show", contact]);
    let found = card["properties"].as_array()?.iter().find(|property| property["name"] == name)?.clone();
    found["value"].as_str().map(str::to_owned)
}

fn has(device: &Device, contact: &str, name: &str, wanted: &str) {
    wait_until(format!("{} has {wanted}", device.name), || {
        (value(device, contact, name).as_deref() == Some(wanted)).then_some(())
    });
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Ann's window, and Bob, who took her invitation; with it what they call each other's contact.
struct Linked {
    ann: Device,
    bob: Device,
    window: Window,
    anns_bob: String,
    bobs_ann: String,
}

impl Linked {
    fn new() -> Self {
        let (ann, mut bob) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Bob's laptop", "Bob Berg"));
        ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 1000001"]);
        bob.start();
        let window = Window::on(&ann);
        window.click("@nav-people");
        window.see("@people-empty");
        window.click("@invite-sent");
        let accepted = bob.call(&["link", "accept", &window.attribute("@invite-link", "data-link")]);
        assert_eq!(accepted["state"], "linked", "{accepted}");
        window.see_text("@link[data-state='linked']", "Bob Berg");
        window.gone("@invite-link");
        let anns_bob = text(&ann.call(&["link", "list"])["links"][0]["contact_id"]);
        Self { ann, bob, window, anns_bob, bobs_ann: text(&accepted["contact_id"]) }
    }
}

#[test]
fn ann_invites_bob_tells_him_her_new_number_and_answers_what_he_tells_her() {
    story(|| {
        let Linked { ann, bob, window, anns_bob, bobs_ann } = Linked::new();

        // They compare words.
        let words = bob.call(&["link", "words", &bobs_ann]);
        window.click("@link-more");
        window.click("@link-words");
        window.see_text("@link-compare", &format!("You read out {}", text(&words["theirs"])));
        window.see_text("@link-compare", &format!("must read out {}", text(&words["mine"])));
        window.click("@link-verify");
        window.see_text("@link", "verified by words");

        // Nothing leaves until she sends it; then it is known who gets what, and why.
        window.click("nav [aria-label='My card']");
        window.click("@edit");
        window.write("@edit-line[data-name='TEL'] input", "+49 170 2000002");
        window.click("@edit-done");
        window.see_text("@property[data-name='TEL']", "+49 170 2000002");
        assert_eq!(value(&bob, &bobs_ann, "TEL"), None);
        window.click("@who");
        window.see_text(&format!("@recipient[data-id='{anns_bob}']"), "everyone linked");
        window.see_text("@recipient", "+49 170 2000002");
        show(&window, "who-should-know");
        window.click("@who-send");
        window.see_text("@toast", "On its way to 1 person");
        has(&bob, &bobs_ann, "TEL", "+49 170 2000002");

        // Who has what of her, and who can see what.
        window.click("@nav-people");
        window.click("@tab-ledger");
        window.see_text("@holder", "Bob Berg");
        window.see("@delivery[data-state='delivered']");
        window.see_text("@holder", "phone");
        show(&window, "ledger");
        window.click("@nav-safety");
        window.see_text("@safety-entry[data-kind='person']", "Bob Berg");
        window.see_text("@safety-entry[data-kind='person']", "phone");
        window.see_text("@safety-entry[data-kind='device']", "Ann's laptop");
        show(&window, "safety");

        // What Bob sends is taken by itself, until she says on his card that he asks: then she sees the old value and the
        // new one, says yes, and takes it back.
        bob.call(&["me", "set", "TEL;TYPE=cell=+49 171 3000003"]);
        bob.call(&["update", "send", "--everyone"]);
        has(&ann, &anns_bob, "TEL", "+49 171 3000003");
        window.click("@nav-people");
        window.click("@tab-activity");
        window.see_text("@activity", "+49 171 3000003");
        window.click("@activity button");
        window.see_text("@card-name", "Bob Berg");
        window.click("@link-open");
        window.select("@policy", "ask");
        wait_until("it is said", || {
            let said = ann.call(&["policy", "show"]);
            said["policies"].as_array()?.iter().any(|row| row["policy"] == "ask").then_some(())
        });
        bob.call(&["me", "set", "TEL;TYPE=cell=+49 171 4000004"]);
        bob.call(&["update", "send", "--everyone"]);
        window.see_text("@inbox-badge", "1");
        window.press("Control+1");
        window.see_text("@update", "Bob Berg");
        window.see_text("@update del", "+49 171 3000003");
        window.see_text("@update .after", "+49 171 4000004");
        assert_eq!(value(&ann, &anns_bob, "TEL").as_deref(), Some("+49 171 3000003"), "nothing before her yes");
        show(&window, "inbox-update");
        window.press("a");
        window.see("@inbox-empty");
        has(&ann, &anns_bob, "TEL", "+49 171 4000004");
        window.see_text("@settled-update", "you accepted");
        window.click("@settled-undo");
        has(&ann, &anns_bob, "TEL", "+49 171 3000003");

        // He is asked about from then on; put off, it comes back later; refused, it changes nothing.
        bob.call(&["me", "set", "TEL;TYPE=cell=+49 171 5000005"]);
        bob.call(&["update", "send", "--everyone"]);
        window.see_text("@update .after", "+49 171 5000005");
        window.click("@update-later");
        window.click("@later-1w");
        window.see_text("@later-update", "Bob Berg");
        window.see("@inbox-empty");
        bob.call(&["me", "set", "TEL;TYPE=cell=+49 171 6000006"]);
        bob.call(&["update", "send", "--everyone"]);
        window.see_text("@update .after", "+49 171 6000006");
        window.press("r");
        window.see("@inbox-empty");
        assert_eq!(value(&ann, &anns_bob, "TEL").as_deref(), Some("+49 171 3000003"));

        // She takes the invitation of somebody who is away, and thinks better of it.
        let mut cem = Device::first("Cem's laptop", "Cem Demir");
        cem.start();
        let invitation = text(&cem.call(&["link", "invite"])["link"]);
        cem.stop();
        window.click("@nav-people");
        window.write("@link-field", &invitation);
        window.click("@link-accept");
        window.see_text("@taken", "Cem Demir");
        window.click("@taken button");
        window.gone("@taken");
        window.see_text("@link-error", "The acceptance was withdrawn.");
        window.close();
    });
}

#[test]
fn ann_keeps_whom_she_is_close_to_informed_and_hides_withdraws_and_dates_what_she_says() {
    story(|| {
        let Linked { ann, bob, window, anns_bob, bobs_ann } = Linked::new();
        ann.call(&["contacts", "set", &anns_bob, "TEL=+49 171 9000009"]);
        for hours in 1..=6 {
            let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
            ann.call(&["interactions", "add", &anns_bob, "--kind", "call", "--at", &at.to_string()]);
        }
        ann.call(&["me", "set", "EMAIL=ann@example.org", "URL=https://ann.example"]);
        let cem = ann.call_with(
            &["contacts", "add"],
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Cem Demir\r\nEMAIL:cem@demir.example\r\nEND:VCARD\r\n",
        );
        let cem = text(&cem["id"]);

        // She hides her web page, and says from when her mail address holds.
        window.click("nav [aria-label='My card']");
        window.click("@visible[data-name='URL'] @visible-who");
        window.click("@visible-nobody");
        window.see_text("@visible[data-name='URL'] @visible-who", "only you");

        // Close is whoever she called five times; Cem, who has no Kith, is named by hand and gets a ready message.
        window.click("@who");
        window.click("@who-some");
        window.click("@close");
        window.see_text("@close-count", "1 person");
        window.see_text(&format!("@recipient[data-id='{anns_bob}']"), "6 calls since");
        window.see_text("@close-fresh", "calls until");
        window.click("@close-kind[data-kind='call']");
        window.see_text("@who-count", "0 people");
        window.click("@close-kind[data-kind='call']");
        window.see_text("@who-count", "1 person");
        window.write("@who-find", "cem");
        window.click("@who-found");
        window.see("@who-sheet @chosen");
        window.click(&format!("@unreachable[data-id='{cem}'] @letter-open"));
        let mail = window.attribute("@letter-mail", "href");
        assert!(mail.starts_with("mailto:cem@demir.example?"), "{mail}");
        window.click("@who-keep");
        window.click("@who-send");
        window.see_text("@toast", "On its way to 1 person");
        has(&bob, &bobs_ann, "EMAIL", "ann@example.org");
        assert_eq!(value(&bob, &bobs_ann, "URL"), None, "what is for nobody leaves for nobody");

        // From then on changes go by themselves; a number is taken back, and is gone at Bob's.
        window.see_text("@standing", "in touch with 5 times or more");
        window.click("@edit");
        window.write("@edit-line[data-name='TEL'] input", "+49 170 2000002");
        window.see_text("@edit-state", "Saved when you are done");
        window.click("@edit-done");
        has(&bob, &bobs_ann, "TEL", "+49 170 2000002");
        window.see_text("@visible[data-name='TEL'] @former", "+49 170 1000001");
        window.click("@visible[data-name='TEL'] @visible-more");
        window.click("@withdraw");
        window.click("@withdraw-yes");
        wait_until("Bob has no number of hers", || value(&bob, &bobs_ann, "TEL").is_none().then_some(()));
        window.click("@standing-stop");
        window.see_text("@standing", "Nothing leaves by itself");

        // A note of hers is a file that she chooses, and is called as it is.
        window.click("@items summary");
        window.choose_file("@item-file", &ann.write("Door code.txt", "4711"));
        window.click("@item-add");
        window.see_text("@item", "Door code");
        window.click("@item-know");
        window.click("@who-everyone");
        window.click("@who-send");
        wait_until("Bob has the note", || {
            let items = bob.call(&["items", "list"])["received"].as_array()?.clone();
            (items.first()?["text"] == "4711").then_some(())
        });
        window.close();
    });
}
