//! What waits for an answer, told outside of the window: one notification however much it is, its buttons, and the tray.

use kith_tests::{
    people::{Device, wait_until},
    window::{Bus, Opening, Screen, Window, story},
};

/// Bob, who is linked with whoever has the running app of `ann`, and what she calls his contact. She asks before she takes
/// anything, and has what he sent first.
fn bob_of(ann: &Device) -> (Device, String) {
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    bob.start();
    let invitation = ann.call(&["link", "invite"])["link"].as_str().unwrap().to_owned();
    assert_eq!(bob.call(&["link", "accept", &invitation])["state"], "linked");
    let contact = wait_until("Ann has the link", || {
        ann.call(&["link", "list"])["links"][0]["contact_id"].as_str().map(str::to_owned)
    });
    ann.call(&["link", "verify", &contact]);
    send(&bob, "+49 171 1000001");
    wait_until("Ann has Bob's first card", || (number(ann, &contact)? == "+49 171 1000001").then_some(()));
    ann.call(&["policy", "set", "ask"]);
    (bob, contact)
}

fn send(bob: &Device, number: &str) {
    bob.call(&["me", "set", &format!("TEL;TYPE=cell={number}")]);
    bob.call(&["update", "send", "--everyone"]);
}

fn number(device: &Device, contact: &str) -> Option<String> {
    let card = device.call(&["contacts", "show", contact]);
    let phone = card["properties"].as_array()?.iter().find(|property| property["name"] == "TEL")?.clone();
    phone["value"].as_str().map(str::to_owned)
}

fn has(device: &Device, contact: &str, wanted: &str) {
    wait_until(format!("{} has {wanted}", device.name), || (number(device, contact)? == wanted).then_some(()));
}

/// The one notification that is shown, once it tells of this number.
fn notice_of(bus: &Bus, number: &str) -> kith_tests::window::Notice {
    let found = wait_until(format!("a notification of {number}"), || {
        bus.notices().into_iter().find(|notice| notice.body.contains(number))
    });
    assert!(found.title.contains("Bob Berg"), "{found:?}");
    found
}

#[test]
fn an_update_is_answered_from_its_notification_and_from_the_tray_with_the_window_closed() {
    story(|| {
        let (bus, screen) = (Bus::start().with_tray().with_notices(), Screen::new());
        let ann = Device::first("Ann's laptop", "Ann Aalto");
        let app = Opening::on(&ann).word("--hidden").bus(&bus).start();
        bus.menu_says("Only on this device");
        let (bob, anns_bob) = bob_of(&ann);
        assert_eq!(bus.announced(), 0, "what is taken by itself is not announced");

        // Started hidden, and accepted from the notification.
        send(&bob, "+49 171 2000002");
        let notice = notice_of(&bus, "+49 171 2000002");
        assert_eq!(notice.buttons(), ["Accept", "Later", "Refuse"]);
        bus.menu_says("1 thing waits for you");
        assert_eq!(number(&ann, &anns_bob).as_deref(), Some("+49 171 1000001"), "nothing before her yes");
        bus.answer(&notice, "Accept");
        has(&ann, &anns_bob, "+49 171 2000002");
        bus.notices_gone();
        bus.menu_says("Nothing waits for you");

        // Opened, closed to the tray, and refused.
        bus.choose("Open Kith");
        screen.shows(app.id(), "Kith");
        screen.close(app.id(), "Kith");
        screen.hides(app.id(), "Kith");
        let told = bus.notice("Kith goes on in the tray");
        send(&bob, "+49 171 3000003");
        let notice = notice_of(&bus, "+49 171 3000003");
        assert_ne!(notice.id, told.id);
        bus.answer(&notice, "Refuse");
        bus.menu_says("Nothing waits for you");
        assert_eq!(number(&ann, &anns_bob).as_deref(), Some("+49 171 2000002"));

        // The tray answers the newest one, too; the notification goes with it. One that is pressed leads to the inbox.
        send(&bob, "+49 171 4000004");
        let notice = notice_of(&bus, "+49 171 4000004");
        bus.menu_says("Bob Berg: 1 change");
        bus.answer(&notice, "default");
        screen.shows(app.id(), "Kith");
        bus.choose("Later");
        bus.menu_says("Nothing waits for you");
        assert_eq!(ann.call(&["inbox", "list"])["updates"][0]["state"], "later");
        send(&bob, "+49 171 5000005");
        bus.menu_says("Bob Berg: 1 change");
        bus.choose("Accept");
        has(&ann, &anns_bob, "+49 171 5000005");
        bus.choose("Quit");
        assert_eq!(app.end().0.code(), Some(0));
    });
}

#[test]
fn what_bob_sends_in_his_window_is_accepted_in_anns_notification_and_his_window_says_so() {
    story(|| {
        let bus = Bus::start().with_tray().with_notices();
        let ann = Device::first("Ann's laptop", "Ann Aalto");
        let app = Opening::on(&ann).word("--hidden").bus(&bus).start();
        bus.menu_says("Only on this device");
        let (mut bob, anns_bob) = bob_of(&ann);
        ann.call(&["policy", "tell", "on"]);
        bob.stop();

        let window = Window::on(&bob);
        window.click("nav [aria-label='My card']");
        window.click("@edit");
        window.write("@edit-line[data-name='TEL'] input", "+49 171 2000002");
        window.click("@edit-done");
        window.see_text("@property[data-name='TEL']", "+49 171 2000002");
        window.click("@who");
        window.click("@who-send");
        let notice = notice_of(&bus, "+49 171 2000002");
        assert_eq!(number(&ann, &anns_bob).as_deref(), Some("+49 171 1000001"), "nothing before her yes");
        bus.answer(&notice, "Accept");
        has(&ann, &anns_bob, "+49 171 2000002");
        window.click("@nav-people");
        window.click("@tab-ledger");
        window.see_text("@holder", "accepted");
        window.close();
        bus.choose("Quit");
        assert_eq!(app.end().0.code(), Some(0));
    });
}

#[test]
fn an_answer_counts_that_comes_before_the_notifications_number() {
    story(|| {
        let bus = Bus::start().with_tray().with_hasty_notices("Accept");
        let ann = Device::first("Ann's laptop", "Ann Aalto");
        let app = Opening::on(&ann).word("--hidden").bus(&bus).start();
        bus.menu_says("Only on this device");
        let (bob, anns_bob) = bob_of(&ann);
        for number in ["+49 171 2000002", "+49 171 3000003", "+49 171 4000004"] {
            send(&bob, number);
            has(&ann, &anns_bob, number);
        }
        bus.notices_gone();
        bus.choose("Quit");
        assert_eq!(app.end().0.code(), Some(0));
    });
}

#[test]
fn forty_updates_are_one_notification_that_keeps_quiet_hours_and_outlives_who_shows_it() {
    story(|| {
        let mut bus = Bus::start().with_tray().with_plain_notices();
        let ann = Device::first("Ann's laptop", "Ann Aalto");
        let app = Opening::on(&ann).word("--hidden").bus(&bus).start();
        bus.menu_says("Only on this device");
        let (bob, anns_bob) = bob_of(&ann);
        bus.choose("Quit");
        assert_eq!(app.end().0.code(), Some(0));

        // Forty while she was away, and none at night.
        let quiet = if jiff::Zoned::now().hour() < 12 { "quiet=18:00-17:00" } else { "quiet=06:00-05:00" };
        ann.call(&["notify", "set", quiet]);
        for last in 0..40 {
            send(&bob, &format!("+49 171 20000{last:02}"));
        }
        let app = Opening::on(&ann).word("--hidden").near(bob.address()).bus(&bus).start();
        wait_until("the newest waits", || {
            let inbox = ann.call(&["inbox", "list"]);
            (inbox["updates"].as_array()?.len() == 1 && inbox.to_string().contains("+49 171 2000039")).then_some(())
        });
        bus.menu_says("1 thing waits for you");
        assert_eq!(bus.announced(), 0, "it is quiet");
        ann.call(&["notify", "set", "quiet=off"]);
        let notice = notice_of(&bus, "+49 171 2000039");
        assert_eq!((notice.buttons(), bus.announced()), (vec![], 1), "one, and without buttons where there are none");

        // Who shows it begins anew: it is shown again, and answered there.
        bus = bus.restart_notices();
        let notice = notice_of(&bus, "+49 171 2000039");
        bus.answer(&notice, "Accept");
        has(&ann, &anns_bob, "+49 171 2000039");
        bus.notices_gone();
        bus.choose("Quit");
        assert_eq!(app.end().0.code(), Some(0));
    });
}
