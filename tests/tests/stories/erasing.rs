//! A device forgets everything, if its person means it; nothing else goes.

use super::text;
use kith_tests::people::{Device, cards, in_step, is_untouched, pair};
use std::fs;

#[test]
fn a_device_is_erased_only_if_its_name_is_typed_and_a_last_backup_is_made_or_declined() {
    let laptop = Device::new("Laptop");
    let made = laptop.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 20))]);
    let to = laptop.file("stick");
    let to = to.to_str().unwrap();
    let within = laptop.folder().join("backups");
    let within = within.to_str().unwrap();
    for words in [
        &["--device", "laptop", "--without-backup"][..],
        &["--device", "", "--backup-to", to],
        &["--device", "Laptop"],
        &["--device", "Laptop", "--backup-to", within],
    ] {
        let said = laptop.refused("bad_request", &[&["erase"], words].concat());
        assert!(said.contains("Nothing was erased"), "{said}");
    }
    assert_eq!(laptop.call(&["status"])["book"]["contacts"], 20);

    let mine = laptop.folder().join("my letter.txt");
    fs::write(&mine, "to my children").unwrap();
    let erased = laptop.call(&["erase", "--device", "Laptop", "--backup-to", to]);
    assert_eq!(text(&erased["left"][0]), mine.to_str().unwrap(), "what is not Kith's stays: {erased}");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "to my children");
    fs::remove_file(&mine).unwrap();
    assert!(is_untouched(&laptop.folder()), "{:?}", fs::read_dir(laptop.folder()).unwrap().collect::<Vec<_>>());
    laptop.refused("not_set_up", &["status"]);

    // The last backup makes a new device of it.
    let words = ["restore", "--from", text(&erased["backup"]["path"]), "--recovery-code", "--name", "Laptop again"];
    let restored = laptop.call_with(&words, text(&made["recovery_code"]));
    assert_eq!(restored["added"], 20);
    assert_eq!(laptop.call(&["status"])["book"]["contacts"], 20);
}

#[test]
fn an_erased_device_takes_nothing_from_the_others_and_can_join_them_again() {
    let (mut laptop, mut phone) = (Device::first("Laptop", "Mara"), Device::new("Phone"));
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 20))]);
    laptop.start();
    pair(&laptop, &mut phone);
    in_step(&[&laptop, &phone]);
    phone.call(&["erase", "--device", "Phone", "--without-backup"]);
    phone.refused("not_set_up", &["status"]);
    assert_eq!(laptop.call(&["status"])["book"]["contacts"], 20);
    // Its hub goes on, on an empty folder, until it is stopped.
    phone.stop();
    assert!(is_untouched(&phone.folder()));
    pair(&laptop, &mut phone);
    in_step(&[&laptop, &phone]);
}

#[test]
fn erasing_that_was_cut_off_is_finished_at_the_next_start() {
    let laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 20))]);
    fs::write(laptop.folder().join("erasing"), "").unwrap();
    laptop.refused("not_set_up", &["status"]);
    assert!(is_untouched(&laptop.folder()));
}
