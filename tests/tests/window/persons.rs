//! Linked people in the window: one is invited, told apart by words, told what is new, and answered.

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
        window.click("@who-send");
        window.see_text("@toast", "On its way to 1 person");
        has(&bob, &bobs_ann, "TEL", "+49 170 2000002");

        // What Bob sends waits for her: the old value and the new one, her yes, and the way back.
        bob.call(&["me", "set", "TEL;TYPE=cell=+49 171 3000003"]);
        bob.call(&["update", "send", "--everyone"]);
        has(&ann, &anns_bob, "TEL", "+49 171 3000003");
        ann.call(&["policy", "set", "ask"]);
        bob.call(&["me", "set", "TEL;TYPE=cell=+49 171 4000004"]);
        bob.call(&["update", "send", "--everyone"]);
        window.see_text("@inbox-badge", "1");
        window.press("Control+1");
        window.see_text("@update", "Bob Berg");
        window.see_text("@update del", "+49 171 3000003");
        window.see_text("@update .after", "+49 171 4000004");
        assert_eq!(value(&ann, &anns_bob, "TEL").as_deref(), Some("+49 171 3000003"), "nothing before her yes");
        window.click("@update-accept");
        window.see("@inbox-empty");
        assert_eq!(value(&ann, &anns_bob, "TEL").as_deref(), Some("+49 171 4000004"));
        window.click("@toast-action");
        has(&ann, &anns_bob, "TEL", "+49 171 3000003");
        window.close();
    });
}
