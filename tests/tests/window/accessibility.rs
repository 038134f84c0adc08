//! For people who do not see the window, or do not use a mouse: every page as axe judges it by all its rules in both
//! themes, and the tree that screen readers walk.

use crate::scene::{laptop, people};
use kith_tests::{
    people::{Device, skip},
    window::{Accessible, Bus, Opening, Window, story},
};

#[test]
fn axe_finds_nothing_wrong_with_any_page_in_light_or_in_dark() {
    story(|| {
        let device = Device::first("This laptop", "Mara Lindqvist");
        device.call(&["import", &device.write("people.vcf", people())]);
        device.call(&["groups", "add", "Choir"]);
        let dora = device.find("dora");
        device.call(&["contacts", "set", &dora, "NOTE=Sings alto.", "BDAY=1984-12-14", "TITLE=Vet"]);
        let window = Window::on(&device);
        window.resize(1280, 800);
        window.see("@contact-row");
        let mut wrong = Vec::new();
        let mut look = |page: &str| {
            for theme in ["light", "dark"] {
                window.js(&format!("document.documentElement.dataset.theme = '{theme}';"), vec![]);
                window.until("nothing moves", STILL, vec![]);
                let found = window.axe().unwrap_or_default();
                wrong.extend(found.into_iter().map(|what| format!("{page}, {theme}: {what}")));
            }
        };
        look("book");
        window.click(&format!("@contact-row[data-id='{dora}']"));
        window.see("@card");
        look("card");
        window.click("@edit");
        window.see("@editor");
        look("edit");
        window.press("Escape");
        window.see("@card");
        for (key, page) in [("1", "inbox"), ("4", "devices"), ("6", "accounts"), ("7", "duplicates"), (",", "settings")]
        {
            window.press(&format!("Control+{key}"));
            window.see(&format!("@{page}-page"));
            look(page);
        }
        for (tab, page) in
            [("nav-people", "people"), ("tab-ledger", "ledger"), ("tab-activity", "activity"), ("nav-safety", "safety")]
        {
            window.click(&format!("@{tab}"));
            window.see(&format!("@{page}-page"));
            look(page);
        }
        window.click("nav [aria-label='My card']");
        window.see("@visible-panel");
        window.click("@visible-more");
        look("my card");
        window.click("@who");
        window.click("@who-some");
        window.click("@close");
        window.see("@close-least");
        look("who should know");
        window.press("Escape");
        window.gone("dialog");
        window.press("Control+,");
        window.click("@erase");
        window.see("@erase-sheet");
        look("erase");
        window.press("Escape");
        for (key, sheet) in
            [("Control+i", "import"), ("Control+k", "palette"), ("?", "shortcuts"), ("Control+p", "print-sheet")]
        {
            window.gone("dialog");
            window.press(key);
            window.see(&format!("@{sheet}"));
            if sheet == "print-sheet" {
                window.see("@print-pages");
            }
            look(sheet);
            window.press("Escape");
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // What is wrong is found, so that the silence above means something.
        window.js("document.querySelector('nav').append(document.createElement('button'));", vec![]);
        if let Some(found) = window.axe() {
            assert!(found.iter().any(|what| what.starts_with("button-name")), "{found:?}");
        }
        window.close();
    });
}

#[test]
fn a_screen_reader_is_told_a_name_and_a_role_for_everything_that_can_be_used() {
    story(|| {
        if !Bus::has_accessibility() {
            return skip("the tree of screen readers: at-spi2-core is not installed");
        }
        let (bus, laptop) = (Bus::start(), laptop());
        let dora = laptop.find("dora");
        laptop.call(&[
            "contacts",
            "set",
            &dora,
            "NOTE=Sings alto.",
            "BDAY=1984-12-14",
            "TEL;TYPE=work=+351 22 555 0148",
        ]);
        let window = Opening::on(&laptop).bus(&bus).env("AT_SPI_BUS_ADDRESS", &bus.accessibility_address()).open();
        window.resize(1280, 800);
        let all = look(&bus, "book", "Dora Kovács", 20);
        for name in ["New contact", "Import", "Pair a device", "My card", "Inbox", "Devices", "Settings"] {
            let one = all.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no {name} in {all:#?}"));
            assert_eq!(one.role, Some("button"), "{name}");
        }
        assert!(all.iter().any(|one| one.name == "Search" && matches!(one.role, Some("entry" | "text"))), "{all:#?}");

        window.click(&format!("@contact-row[data-id='{dora}']"));
        look(&bus, "card", "Copy work", 40);
        window.click("@edit");
        look(&bus, "editor", "Remove this phone", 40);
        window.press("Escape");
        window.see("@card");
        for (key, page, says) in [
            ("1", "inbox", "Nothing waits for you"),
            ("4", "devices", "Check"),
            ("6", "accounts", "File or folder"),
            ("7", "duplicates", "Look again"),
            (",", "settings", "Single letters as shortcuts"),
        ] {
            window.press(&format!("Control+{key}"));
            window.see(&format!("@{page}-page"));
            look(&bus, page, says, 15);
        }
        for (tab, page, says) in [
            ("nav-people", "people", "Make a link"),
            ("tab-ledger", "ledger", "Who should know?"),
            ("tab-activity", "activity", "Nothing happened yet"),
            ("nav-safety", "safety", "Mara's laptop"),
        ] {
            window.click(&format!("@{tab}"));
            window.see(&format!("@{page}-page"));
            look(&bus, page, says, 15);
        }
        window.click("nav [aria-label='Pair a device']");
        window.see("@pair-code");
        look(&bus, "pairing", "Copy", 20);
        for (key, sheet, says) in [("Control+i", "import", "iPhone"), ("Control+k", "palette", "Do anything")] {
            window.press(key);
            window.see(&format!("@{sheet}"));
            look(&bus, sheet, says, 2);
            window.press("Escape");
            window.gone("dialog");
        }
        window.close();
    });
}

/// What a screen reader finds on a page that has something of this name: at least so many things to use, none nameless.
fn look(bus: &Bus, page: &str, says: &str, least: usize) -> Vec<Accessible> {
    let all = bus.accessibles(|all| all.iter().any(|one| one.showing && one.name.contains(says)));
    let used: Vec<_> = all.iter().filter(|one| one.showing && one.role.is_some()).collect();
    assert!(used.len() >= least, "{page}: only {} things can be used: {all:#?}", used.len());
    let silent = |one: &&Accessible| one.showing && (one.role.is_some() || one.focusable) && one.name.trim().is_empty();
    let nameless: Vec<_> = all.iter().filter(silent).collect();
    assert!(nameless.is_empty(), "{page}: {nameless:#?}");
    all
}

/// No transition runs any more where it could be seen: one in a part that is closed stands still until it is opened.
const STILL: &str =
    "return document.getAnimations().every(({ effect }) => !effect?.target?.checkVisibility()) || null;";
