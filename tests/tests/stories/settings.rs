//! Settings that all devices of a person share.

use super::text;
use kith_tests::people::{Device, in_step, pair};

/// A device on which no language of the system suggests anything.
fn device() -> Device {
    let device = Device::new("Laptop").with_env("LC_ALL", "C").with_env("LANG", "C");
    device.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    device
}

#[test]
fn a_region_is_suggested_and_never_taken_without_a_word() {
    let device = device();
    assert_eq!(device.call(&["settings"])["region_suggested"], "");
    device.call_with(&["contacts", "add"], "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nTEL:+43 1 58858\nEND:VCARD\n");
    let id = text(
        &device.call_with(
            &["contacts", "add"],
            "BEGIN:VCARD\nVERSION:3.0\nFN:Otto\nTEL:01 58858\nTEL:+43 660 1234567\nEND:VCARD\n",
        )["id"],
    )
    .to_owned();
    let settings = device.call(&["settings"]);
    assert_eq!((&settings["region"], &settings["region_suggested"]), (&"".into(), &"AT".into()));
    assert_eq!(device.property(&id, "TEL")["e164"], "", "nothing is guessed");
    let settings = device.call(&["settings", "region=at"]);
    assert_eq!((&settings["region"], &settings["region_suggested"]), (&"AT".into(), &"".into()));
    let number = device.property(&id, "TEL");
    assert_eq!((&number["e164"], &number["value"]), (&"+43158858".into(), &"01 58858".into()), "the text stays");
    assert_eq!(device.call(&["settings", "region="])["region"], "");

    let vienna = Device::new("Desk").with_env("LC_ALL", "").with_env("LC_TELEPHONE", "de_AT.UTF-8");
    vienna.call(&["init", "--name", "Desk"]);
    assert_eq!(vienna.call(&["settings"])["region_suggested"], "AT");
}

#[test]
fn settings_are_checked_and_shared_by_all_devices() {
    let mut laptop = device();
    laptop.refused("bad_request", &["settings", "region=Germany"]);
    laptop.refused("bad_request", &["settings", "sort-locale=the usual order"]);
    laptop.refused("bad_request", &["settings", "region=DE", "sort-by=age"]);
    let settings = laptop.call(&["settings"]);
    assert_eq!((&settings["region"], &settings["sort_by"]), (&"".into(), &"given".into()), "all of it or nothing");
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    laptop.call(&["settings", "region=DE", "sort-locale=sv", "sort-by=family"]);
    in_step(&[&laptop, &desk]);
    let settings = desk.call(&["settings"]);
    let expected = [("region", "DE"), ("sort_locale", "sv"), ("sort_by", "family"), ("region_suggested", "")];
    for (key, value) in expected {
        assert_eq!(settings[key], value, "{settings}");
    }
    desk.refused("nothing_to_undo", &["contacts", "undo"]);
}
