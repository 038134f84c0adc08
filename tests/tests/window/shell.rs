//! What is outside of the page: the tray, notifications, closing and coming back.

use crate::scene::{ask_to_join, code_of, laptop, show_code};
use kith_tests::{
    people::{Device, cards},
    window::{Bus, Opening, Screen, address, story},
};

#[test]
fn the_tray_tells_the_state_and_opens_and_quits_the_app() {
    story(|| {
        let (bus, screen, laptop) = (Bus::start().with_tray(), Screen::new(), laptop());
        let app = Opening::on(&laptop).word("--hidden").bus(&bus).start();
        bus.menu_says("Only on this device");
        let rows = ["Open Kith", "Nothing waits for you", "Only on this device", "Check now", "Add a device…", "Quit"];
        assert_eq!(bus.menu(), rows);
        screen.hides(app.id(), "Kith");
        bus.choose("Open Kith");
        screen.shows(app.id(), "Kith");
        bus.choose("Quit");
        let (status, _, said) = app.end();
        assert_eq!(status.code(), Some(0), "{said:?}");
        // It ended as it should: the folder is free again.
        laptop.call(&["status"]);
    });
}

#[test]
fn closing_the_window_leaves_the_app_in_the_tray() {
    story(|| {
        let (bus, screen, laptop) = (Bus::start().with_tray().with_notices(), Screen::new(), laptop());
        let mut app = Opening::on(&laptop).bus(&bus).start();
        bus.menu_says("Only on this device");
        screen.shows(app.id(), "Kith");
        screen.close(app.id(), "Kith");
        screen.hides(app.id(), "Kith");
        let notice = bus.notice("Kith goes on in the tray");
        assert!(notice.body.contains("Quit it from its icon"), "{notice:?}");
        assert_eq!(laptop.call(&["status"])["book"]["contacts"], 6);
        assert!(address(&laptop).port() != 0, "its hub goes on");
        assert!(!app.has_ended());

        // Starting it once more brings the same window back.
        let second = Opening::on(&laptop).bus(&bus).start();
        assert_eq!(second.end().0.code(), Some(0));
        screen.shows(app.id(), "Kith");
        app.signal("TERM");
        assert_eq!(app.end().0.code(), Some(0));
    });
}

#[test]
fn closing_the_window_ends_the_app_where_there_is_no_tray() {
    story(|| {
        let (bus, screen, laptop) = (Bus::start(), Screen::new(), laptop());
        let app = Opening::on(&laptop).bus(&bus).start();
        screen.shows(app.id(), "Kith");
        screen.close(app.id(), "Kith");
        let (status, _, said) = app.end();
        assert_eq!(status.code(), Some(0), "{said:?}");
        laptop.call(&["status"]);
    });
}

#[test]
fn a_device_that_asks_is_told_by_a_notification_that_leads_to_the_window() {
    story(|| {
        let (bus, screen, laptop, desktop) =
            (Bus::start().with_tray().with_notices(), Screen::new(), laptop(), Device::new("Mara's <b>desktop</b>"));
        let app = Opening::on(&laptop).word("--hidden").bus(&bus).start();
        bus.menu_says("Only on this device");
        let code = code_of(&laptop);
        let mut guest = desktop.enter(&code, Some(&address(&laptop).to_string()));
        let words = guest.words();
        let notice = bus.notice("Mara's <b>desktop</b> wants to join");
        assert_eq!(notice.body, format!("Same words on both: {words}"));
        assert!(notice.actions.contains(&"default".to_owned()), "{notice:?}");
        screen.hides(app.id(), "Kith");
        bus.answer(&notice, "default");
        screen.shows(app.id(), "Kith");
        bus.choose("Quit");
        assert_eq!(app.end().0.code(), Some(0));
    });
}

#[test]
fn add_a_device_in_the_tray_turns_the_window_to_its_devices() {
    story(|| {
        let (bus, laptop, desktop) = (Bus::start().with_tray().with_notices(), laptop(), Device::new("Mara's desktop"));
        let window = Opening::on(&laptop).bus(&bus).open();
        window.see("@contact-row");
        bus.choose("Add a device…");
        window.see("@devices-page");
        window.see("nav [aria-label='Devices'][aria-current='page']");
        let code = show_code(&window);
        let guest = ask_to_join(&window, &laptop, &desktop, &code);
        window.click("@pair-approve");
        guest.let_in();
        bus.menu_says("1 device away");
        window.close();
    });
}

#[test]
fn the_tray_tells_how_much_waits_and_leads_to_it() {
    story(|| {
        let (bus, laptop) = (Bus::start().with_tray(), Device::first("Mara's laptop", "Mara Lindqvist"));
        laptop.call(&["import", &laptop.write("people.vcf", cards::many(0, 30))]);
        let window = Opening::on(&laptop).bus(&bus).open();
        window.see("@contact-row");
        let ids = laptop.contact_ids();
        let words: Vec<&str> = ["contacts", "trash"].into_iter().chain(ids[..12].iter().map(String::as_str)).collect();
        assert!(laptop.call(&words)["held"].is_string(), "that many wait for a yes");
        bus.menu_says("1 thing waits for you");
        bus.choose("1 thing waits for you");
        window.see("@held");
        window.click("@held-discard");
        bus.menu_says("Nothing waits for you");
        window.close();
    });
}

#[test]
fn a_folder_in_use_is_said_in_a_window() {
    story(|| {
        let (bus, screen, mut laptop) = (Bus::start().with_tray(), Screen::new(), laptop());
        laptop.start();
        // Even a hidden start says it: nobody would learn it otherwise.
        let mut app = Opening::on(&laptop).word("--hidden").bus(&bus).start();
        screen.shows(app.id(), "Kith");
        let said = app.err_line(|line| line.contains("the hub did not start")).unwrap();
        assert!(said.contains("open already. Close it there first."), "{said}");
        screen.close(app.id(), "Kith");
        assert_eq!(app.end().0.code(), Some(0));
        laptop.stop();
    });
}
