//! How the app behaves on a desktop: at login, when it is closed, where it was left, and when its person leaves for good.

use crate::scene::laptop;
use kith_tests::{
    people::Device,
    window::{Bus, Opening, Screen, story},
};
use std::fs;

#[test]
fn it_starts_at_login_only_if_chosen_and_hidden_then() {
    story(|| {
        let laptop = laptop();
        let config = laptop.file("config");
        let entry = config.join("autostart/org.kith.desktop.desktop");
        let window = Opening::on(&laptop).env("XDG_CONFIG_HOME", config.to_str().unwrap()).open();
        window.click("nav [aria-label='Settings']");
        window.see("@at-login:not(:checked)");
        assert!(!entry.exists(), "nothing is done before it is chosen");
        window.click("@at-login");
        window.see("@at-login:checked");
        kith_tests::people::wait_until("the entry is written", || entry.exists().then_some(()));
        let text = fs::read_to_string(&entry).unwrap();
        let exec = text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
        let folder = laptop.folder();
        assert!(exec.ends_with(&format!("\"--hidden\" \"--data\" \"{}\"", folder.display())), "{exec}");
        window.click("@at-login");
        kith_tests::people::wait_until("the entry is gone", || (!entry.exists()).then_some(()));
        window.close();
    });
}

#[test]
fn closing_ends_the_app_if_that_is_chosen_and_the_window_comes_back_as_large_as_it_was() {
    story(|| {
        let (bus, screen, laptop) = (Bus::start().with_tray(), Screen::new(), laptop());
        let window = Opening::on(&laptop).open();
        window.click("nav [aria-label='Settings']");
        window.click("@stay");
        window.see("@stay:not(:checked)");
        window.close();

        let app = Opening::on(&laptop).bus(&bus).start();
        bus.menu_says("Only on this device");
        screen.shows(app.id(), "Kith");
        screen.resize(app.id(), "Kith", 900, 640);
        screen.close(app.id(), "Kith");
        assert_eq!(app.end().0.code(), Some(0), "it does not stay in the tray");

        let again = Opening::on(&laptop).bus(&bus).start();
        screen.shows(again.id(), "Kith");
        kith_tests::people::wait_until("it is as large as it was", || {
            (screen.size(again.id(), "Kith") == (900, 640)).then_some(())
        });
        screen.close(again.id(), "Kith");
        assert_eq!(again.end().0.code(), Some(0));
    });
}

#[test]
fn without_a_place_for_notifications_nothing_is_missed_in_the_window() {
    story(|| {
        // A tray, but nobody who shows notifications: a device that asks is asked about in the window all the same.
        let (bus, laptop, desktop) = (Bus::start().with_tray(), laptop(), Device::new("Mara's desktop"));
        let window = Opening::on(&laptop).bus(&bus).open();
        window.see("@contact-row");
        let code = crate::scene::code_of(&laptop);
        let mut guest = desktop.enter(&code, Some(&kith_tests::window::address(&laptop).to_string()));
        guest.words();
        window.see("@pair-ask");
        window.click("@pair-refuse");
        guest.turned_away("refused");
        window.close();
    });
}

#[test]
fn a_device_is_erased_with_its_name_typed_and_its_last_backup_brings_the_book_back() {
    story(|| {
        let laptop = Device::new("Mara's laptop");
        let made = laptop.call(&["init", "--name", "Mara's laptop", "--person", "Mara Lindqvist"]);
        laptop.call(&["import", &laptop.write("people.vcf", crate::scene::people())]);
        let stick = laptop.file("stick");
        let window = Opening::on(&laptop).open();
        window.click("nav [aria-label='Settings']");
        window.click("@erase");
        window.see("@erase-only-here");
        window.see("@erase-run:disabled");
        window.write("@erase-folder", stick.to_str().unwrap());
        window.write("@erase-name", "Mara's lap");
        window.see("@erase-run:disabled");
        window.write("@erase-name", "Mara's laptop");
        window.click("@erase-run");
        window.reloaded();
        window.see("@welcome[data-step='pick']");
        laptop.refused("not_set_up", &["status"]);

        // Nothing of it is left in the window, and the backup on the stick brings it back.
        window.click("@restore");
        window.write("@restore-from", stick.to_str().unwrap());
        window.write("@restore-code", made["recovery_code"].as_str().unwrap());
        window.write("@device-name", "Mara's laptop");
        window.click("@restore-run");
        window.see_text("@restored", "6 contacts");
        window.click("@restored-open");
        window.see_text("@list-count", "6");
        window.close();
    });
}

#[test]
fn a_backup_is_looked_at_and_one_contact_of_it_comes_back() {
    story(|| {
        let laptop = Device::new("Mara's laptop");
        let made = laptop.call(&["init", "--name", "Mara's laptop", "--person", "Mara Lindqvist"]);
        laptop.call(&["import", &laptop.write("people.vcf", crate::scene::people())]);
        let stick = laptop.file("stick");
        laptop.call(&["backup", "every", "1d", "--to", stick.to_str().unwrap()]);
        laptop.call(&["backup", "now"]);
        let (dora, jonas) = (laptop.find("dora"), laptop.find("jonas"));
        laptop.call(&["contacts", "set", &dora, "TEL;TYPE=CELL=+351 912 000 000"]);
        laptop.call(&["contacts", "set", &jonas, "TEL;TYPE=CELL=+49 30 000"]);

        let window = Opening::on(&laptop).open();
        window.click("nav [aria-label='Settings']");
        window.click("@backups summary");
        window.click("@backup-list li:last-child @backup-restore");
        window.write("@recovery-field", made["recovery_code"].as_str().unwrap());
        window.click("@restore-look");
        window.see("@restore-preview[data-changed='2'][data-added='0']");
        window.see_text(&format!("@restore-contact[data-id='{dora}']"), "+351 912 555 014");
        assert!(laptop.property(&dora, "TEL")["value"].as_str().unwrap().contains("000"), "looking changes nothing");
        window.click(&format!("@restore-contact[data-id='{dora}'] @restore-one"));
        window.see_text("@toast", "1 as they were");
        assert_eq!(laptop.property(&dora, "TEL")["value"], "+351 912 555 014");
        assert_eq!(laptop.property(&jonas, "TEL")["value"], "+49 30 000", "only the one that was asked for");
        // One thing that can be taken back.
        window.click("@toast-action");
        kith_tests::people::wait_until("it is taken back", || {
            (laptop.property(&dora, "TEL")["value"] == "+351 912 000 000").then_some(())
        });
        window.close();
    });
}
