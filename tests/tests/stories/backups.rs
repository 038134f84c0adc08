//! Backups without any server: made, opened by other programs, tried, and brought back in every way; and all that can
//! happen to a file meanwhile.

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, is_untouched, pair, section, skip, wait_until};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// A first device whose recovery code is at hand.
struct Laptop {
    device: Device,
    code: String,
}

impl Laptop {
    fn with_contacts(count: usize) -> Self {
        let device = Device::new("Laptop");
        let made = device.call(&["init", "--name", "Laptop", "--person", "Mara"]);
        if count > 0 {
            device.call(&["import", &device.write("old.vcf", cards::many(0, count))]);
        }
        Self { code: text(&made["recovery_code"]).to_owned(), device }
    }

    /// Makes a backup into a folder beside its data folder and returns the file.
    fn back_up(&self) -> PathBuf {
        let to = self.device.file("backups");
        PathBuf::from(text(&self.device.call(&["backup", "now", "--to", path(&to)])["path"]))
    }

    fn book(&self) -> Value {
        self.device.call(&["status"])["book"].clone()
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Restores a file on a device on which nothing was done yet.
fn restore_on(device: &Device, file: &Path, code: &str) -> Value {
    device.call_with(&["restore", "--from", path(file), "--recovery-code", "--name", &device.name], code)
}

fn counts(restored: &Value) -> [u64; 4] {
    ["added", "changed", "removed", "newer"].map(|key| restored[key].as_u64().unwrap())
}

/// The stock program `age`; CI must have it.
fn age(words: &[&str], file: &Path) -> Option<Vec<u8>> {
    match Command::new("age").args(words).arg(file).output() {
        Ok(output) if output.status.success() => Some(output.stdout),
        Ok(output) => panic!("age: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            skip(&format!("the program `age` is not there: {error}"));
            None
        }
    }
}

#[test]
fn a_backup_opens_with_age_and_tar_and_holds_the_book_as_vcards() {
    let laptop = Laptop::with_contacts(30);
    let file = laptop.back_up();
    let identity = laptop.device.ask(&["backup", "identity"], &laptop.code).out;
    assert!(identity.starts_with("AGE-SECRET-KEY-1"), "{identity}");
    let key = laptop.device.write("key.txt", &identity);
    let Some(plain) = age(&["--decrypt", "--identity", &key], &file) else { return };
    let archive = laptop.device.write("plain.tar", plain);
    let out = laptop.device.file("plain");
    fs::create_dir(&out).unwrap();
    let unpacked = Command::new("tar").args(["-xf", &archive, "-C", path(&out)]).status().unwrap();
    assert!(unpacked.success());
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["book"]["hash"], laptop.book()["hash"]);
    let reader = Device::first("Reader", "Somebody");
    let read = reader.call(&["import", path(&out.join("contacts.vcf"))]);
    assert_eq!(
        (&read["added"], &read["failed"]),
        (&31.into(), &Value::from(Vec::<Value>::new())),
        "30 and my own card"
    );
    let book = zstd::decode_all(fs::File::open(out.join("book.db.zst")).unwrap()).unwrap();
    assert!(book.starts_with(b"SQLite format 3\0"));
    assert!(laptop.device.refused_with("wrong_code", &["backup", "identity"], "nonsense").contains("recovery code"));
}

#[test]
fn a_lost_device_comes_back_on_an_empty_folder_as_a_new_one() {
    let laptop = Laptop::with_contacts(200);
    let anna = laptop.device.find("n00010@example.org");
    laptop.device.call(&["contacts", "set", &anna, "NOTE=first"]);
    laptop.device.call(&["contacts", "set", &anna, "NOTE=second"]);
    laptop.device.call(&["groups", "add", "Choir"]);
    laptop.device.call(&["groups", "put", "Choir", &anna]);
    let letter = laptop.device.write("letter.txt", "to my children");
    laptop.device.call(&["backup", "include", &letter]);
    let home = laptop.device.folder().parent().unwrap().to_owned();
    laptop.device.refused("bad_request", &["backup", "include", path(&home)]);
    let (file, book) = (laptop.back_up(), laptop.book());

    section("Nothing but the right code opens it, and nothing is left of a wrong one");
    let desk = Device::new("Desk");
    let (other, from) = (Laptop::with_contacts(0).code, path(&file));
    let wrong = desk.refused_with("wrong_code", &["restore", "--from", from, "--recovery-code"], &other);
    assert!(wrong.contains("does not open"), "{wrong}");
    let mistyped = desk.refused_with("wrong_code", &["restore", "--from", from, "--recovery-code"], &laptop.code[1..]);
    assert!(mistyped.contains("28 characters"), "{mistyped}");
    desk.refused("bad_request", &["restore", "--from", from]);
    assert!(is_untouched(&desk.folder()));
    let looked = desk.call_with(&["restore", "--from", from, "--recovery-code", "--preview"], &laptop.code);
    assert_eq!(counts(&looked), [200, 0, 0, 0]);
    assert!(is_untouched(&desk.folder()), "a preview changes nothing");

    section("The right one does");
    let restored = restore_on(&desk, &file, &laptop.code);
    assert_eq!(counts(&restored), [200, 0, 0, 0]);
    assert_eq!(each(&restored["devices"], "name"), ["Laptop"], "lost, or still mine?");
    let status = desk.call(&["status"]);
    assert_eq!((&status["book"]["hash"], &status["book"]["contacts"]), (&book["hash"], &200.into()));
    #[cfg(unix)]
    for name in ["book.db", "keys"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(desk.folder().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_ne!(status["device"]["id"], laptop.device.call(&["status"])["device"]["id"], "a new device");
    assert_eq!(status["person"], laptop.device.call(&["status"])["person"]);
    assert_eq!(fs::read_to_string(Path::new(text(&restored["files"])).join("letter.txt")).unwrap(), "to my children");
    let card = desk.call(&["contacts", "show", &anna, "--history"]);
    assert_eq!(each(&card["groups"], "name"), ["Choir"]);
    assert!(each(&card["history"], "value").contains(&"first"), "the history comes along: {card}");
    assert_eq!(each(&desk.call(&["devices", "list"])["devices"], "name"), ["Desk", "Laptop"]);
    desk.refused("nothing_to_undo", &["contacts", "undo"]);
    desk.call(&["contacts", "set", &anna, "NOTE=third"]);
    assert_eq!(desk.property(&anna, "NOTE")["value"], "third");
    desk.call(&["backup", "now", "--to", path(&desk.file("backups"))]);
    desk.refused("wrong_code", &["restore", "--recovery-code", "--from", from]);
}

#[test]
fn a_restored_device_gets_to_know_the_ones_that_live_and_overwrites_nothing() {
    let mut laptop = Laptop::with_contacts(20);
    let mut desk = Device::new("Desk");
    laptop.device.start();
    pair(&laptop.device, &mut desk);
    in_step(&[&laptop.device, &desk]);
    let anna = laptop.device.find("n00010@example.org");
    let file = laptop.back_up();

    section("Both write on, then the laptop falls into the sea");
    laptop.device.call(&["contacts", "set", &anna, "ROLE=by the laptop, after the backup"]);
    in_step(&[&laptop.device, &desk]);
    laptop.device.stop();
    desk.call(&["contacts", "set", &anna, "FN=by the desk"]);
    desk.call_with(&["contacts", "add"], &cards::one(500));

    section("The backup makes a new device, which writes before it meets anybody");
    let mut fresh = Device::new("Fresh");
    let restored = restore_on(&fresh, &file, &laptop.code);
    assert_eq!(each(&restored["devices"], "name").len(), 2);
    fresh.call(&["contacts", "set", &anna, "FN=by the fresh one"]);
    fresh.start();
    assert!(tells_a_stranger_nothing(&fresh));

    section("They meet");
    desk.stop();
    desk.start_near(&[&fresh]);
    wait_until("the desk takes the new list", || {
        each(&desk.call(&["devices", "list"])["devices"], "name").contains(&"Fresh").then_some(())
    });
    assert_eq!(in_step(&[&desk, &fresh])["contacts"], 21);
    let name = fresh.property(&anna, "FN");
    let mut names = each(&name["others"], "value");
    names.push(text(&name["value"]));
    names.sort_unstable();
    assert_eq!(names, ["by the desk", "by the fresh one"], "both stand side by side");
    assert_eq!(fresh.property(&anna, "ROLE")["value"], "by the laptop, after the backup");
    desk.stop();
    fresh.stop();
}

#[test]
fn a_restored_device_is_let_in_by_a_code_where_a_new_list_was_begun_since_the_backup() {
    let mut laptop = Laptop::with_contacts(20);
    let (mut desk, mut tablet) = (Device::new("Desk"), Device::new("Tablet"));
    laptop.device.start();
    pair(&laptop.device, &mut desk);
    pair(&laptop.device, &mut tablet);
    in_step(&[&laptop.device, &desk, &tablet]);
    let file = laptop.back_up();

    section("The tablet is stolen: the code begins a new list, and the secret of the network is another one");
    tablet.stop();
    let devices = laptop.device.call(&["devices", "list"])["devices"].clone();
    let stolen = devices.as_array().unwrap().iter().find(|device| device["name"] == "Tablet").unwrap().clone();
    laptop.device.call_with(&["devices", "lost", text(&stolen["id"]), "--recovery-code"], &laptop.code);
    in_step(&[&laptop.device, &desk]);
    let names = |device: &Device| {
        let list = device.call(&["devices", "list"]);
        each(&list["devices"], "name").into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    wait_until("the desk takes the new list", || (!names(&desk).contains("Tablet")).then_some(()));
    laptop.device.stop();
    desk.call_with(&["contacts", "add"], &cards::one(500));

    section("A backup of before makes a new device, which the desk does not know");
    let mut fresh = Device::new("Fresh");
    restore_on(&fresh, &file, &laptop.code);
    fresh.call_with(&["contacts", "add"], &cards::one(600));
    fresh.start_near(&[&desk]);

    section("A code that the desk shows lets it in, with its book");
    let code = text(&desk.call(&["pair", "show"])["code"]).to_owned();
    let guest = fresh.enter(&code, Some(&desk.address().to_string()));
    let asks = desk.asked_by("Fresh");
    desk.call(&["pair", "approve", text(&asks["id"])]);
    assert_eq!(guest.let_in()["device_id"], fresh.call(&["status"])["device"]["id"]);
    assert_eq!(in_step(&[&desk, &fresh])["contacts"], 22);
    assert_eq!(names(&fresh), names(&desk));
    assert!(!names(&fresh).contains("Tablet"), "the thief does not come back with the backup");
    desk.stop();
    fresh.stop();
}

/// Whether a device that waits to be known says nothing to somebody without its secret.
fn tells_a_stranger_nothing(device: &Device) -> bool {
    use kith_hub::transport::{DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (sender, mut heard) = tokio::sync::mpsc::channel(8);
        let options = TransportOptions::new("127.0.0.1:0".parse().unwrap(), TlsKey::from_seed(&[5; 32]).unwrap());
        let transport = Transport::start(options, sender).unwrap();
        let server_name = kith_core::lan::PAIRING_NAME.to_owned();
        transport.dial(DialRequest { address: device.address(), server_name, expect: Expect::Any });
        loop {
            match heard.recv().await.unwrap() {
                TransportEvent::Connected { conn, .. } => transport.send(conn, vec![0; 32]).unwrap(),
                TransportEvent::Frame { .. } => return false,
                TransportEvent::Closed { .. } => return true,
                TransportEvent::DialFailed { why, .. } => panic!("{why}"),
            }
        }
    })
}

#[test]
fn a_restore_that_is_cut_off_leaves_an_empty_folder() {
    let laptop = Laptop::with_contacts(2_000);
    let file = laptop.back_up();
    let desk = Device::new("Desk");
    let code = desk.write("code", &laptop.code);
    let whole = {
        let start = Instant::now();
        restore_on(&Device::new("Probe"), &file, &laptop.code);
        start.elapsed()
    };
    let (mut cut, cuts) = (0, if std::env::var_os("KITH_LONG").is_some() { 200 } else { 10 });
    for nth in 0..cuts {
        let words = format!(
            "exec '{}' --data '{}' restore --from '{}' --recovery-code < '{code}'",
            kith_tests::people::hub_program().display(),
            path(&desk.folder()),
            path(&file),
        );
        let mut shell = Command::new("sh").args(["-c", &words]).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * nth / cuts);
        if shell.try_wait().unwrap().is_some() {
            break;
        }
        shell.kill().unwrap();
        shell.wait().unwrap();
        let asked = desk.ask(&["--json", "status"], "");
        if asked.code == Some(0) {
            assert_eq!(asked.json()["book"]["contacts"], 2_000, "whole or not at all");
            break;
        }
        assert_eq!(asked.json()["error"]["code"], "not_set_up", "after {nth}/{cuts} of {whole:?}");
        cut += 1;
    }
    assert!(cut > 2, "the story says something only if restores were cut off");
    if desk.ask(&["--json", "status"], "").code != Some(0) {
        restore_on(&desk, &file, &laptop.code);
    }
    assert_eq!(desk.call(&["status"])["book"]["contacts"], 2_000);
    let left: Vec<String> = fs::read_dir(desk.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["lock", "book.db", "keys", "book.db-wal", "book.db-shm"].contains(&name.as_str()))
        .collect();
    assert!(left.is_empty(), "litter: {left:?}");
}

#[test]
fn damaged_backups_are_noticed_and_bring_nothing_back() {
    let laptop = Laptop::with_contacts(5);
    let file = laptop.back_up();
    let whole = fs::read(&file).unwrap();
    let desk = Device::new("Desk");
    let broken = desk.file("broken.age");
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let damages = [
        (flipped, "malformed_file"),
        (whole[..whole.len() - 1].to_vec(), "malformed_file"),
        (whole[..whole.len() / 3].to_vec(), "malformed_file"),
        (Vec::new(), "malformed_file"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n".to_vec(), "malformed_file"),
    ];
    for (bytes, code) in damages {
        fs::write(&broken, bytes).unwrap();
        desk.refused_with(code, &["restore", "--from", path(&broken), "--recovery-code"], &laptop.code);
        assert!(is_untouched(&desk.folder()));
        laptop.device.refused_with(code, &["restore", "--from", path(&broken), "--recovery-code"], &laptop.code);
    }
    desk.refused_with(
        "file_unavailable",
        &["restore", "--from", "/nowhere/at-all.age", "--recovery-code"],
        &laptop.code,
    );
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let told = laptop.device.refused("malformed_file", &["backup", "drill", "--from", path(&file)]);
    assert!(told.contains("not what was written"), "even without the code: {told}");
}

#[test]
fn what_was_lost_comes_back_on_top_of_what_came_since_and_one_undo_takes_it_back() {
    let laptop = Laptop::with_contacts(100);
    let device = &laptop.device;
    let file = laptop.back_up();
    let from = ["--from", path(&file), "--recovery-code"];
    let restore = |words: &[&str]| device.call_with(&[&["restore"], &from[..], words].concat(), &laptop.code);
    let ids = device.contact_ids();
    let nobody = restore(&["--preview"]);
    assert_eq!(counts(&nobody), [0; 4]);

    section("Mara loses two contacts, changes one, and makes a new one");
    let anna = device.find("n00010@example.org");
    let gone: Vec<&String> = ids.iter().filter(|id| **id != anna).take(2).collect();
    device.call(&["contacts", "trash", gone[0], gone[1]]);
    device.call(&["contacts", "set", &anna, "FN=Somebody else"]);
    device.call(&["contacts", "set", &anna, "ROLE=since"]);
    let young = text(&device.call_with(&["contacts", "add"], &cards::one(5000))["id"]).to_owned();
    let before = laptop.book();

    section("The preview says so and changes nothing");
    let preview = restore(&["--preview"]);
    assert_eq!(counts(&preview), [2, 1, 0, 1], "{preview}");
    let changed = preview["contacts"].as_array().unwrap().iter().find(|row| row["what"] == "changed").unwrap();
    assert_eq!(changed["id"], anna.as_str());
    let fields = changed["fields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "FN" && field["old"] == "Somebody else"), "{changed}");
    assert!(fields.iter().all(|field| field["name"] != "ROLE"), "what stays is not told: {changed}");
    assert_eq!(laptop.book(), before);

    section("Restoring brings back what is missing and changed, and leaves what is newer");
    assert_eq!(counts(&restore(&[])), [2, 1, 0, 1]);
    assert_ne!(device.property(&anna, "FN")["value"], "Somebody else");
    assert_eq!(device.property(&anna, "ROLE")["value"], "since");
    assert_eq!(laptop.book()["contacts"], 101);
    let version = |book: &Value| text(&book["version"]).split('-').next().unwrap().parse::<u64>().unwrap();
    assert!(version(&laptop.book()) > version(&before), "new changes on top, no roll-back");
    device.call(&["contacts", "undo"]);
    assert_eq!(laptop.book()["contacts"], 99, "one undo");
    assert_eq!(device.property(&anna, "FN")["value"], "Somebody else");

    section("One contact, one field");
    let one = restore(&["--contact", gone[0]]);
    assert_eq!(counts(&one), [1, 0, 0, 0]);
    device.call(&["contacts", "set", &anna, "NOTE=mine now"]);
    let field = restore(&["--contact", &anna[..12], "--property", "fn"]);
    assert_eq!(counts(&field), [0, 1, 0, 0]);
    assert_ne!(device.property(&anna, "FN")["value"], "Somebody else");
    assert_eq!(device.property(&anna, "NOTE")["value"], "mine now");

    section("Exactly as it was: what came since goes into the trash");
    assert_eq!(counts(&restore(&["--exact"])), [1, 1, 1, 0]);
    assert_eq!(laptop.book()["contacts"], 100);
    assert!(!device.contact_ids().contains(&young));
    let card = device.call(&["contacts", "show", &anna]);
    assert!(!each(&card["properties"], "name").contains(&"ROLE"), "{card}");
    let words = [&["restore"], &from[..], &["--contact", &young]].concat();
    device.refused_with("not_found", &words, &laptop.code);
}

#[test]
fn a_mass_deletion_by_an_exact_restore_waits_for_a_second_yes() {
    let laptop = Laptop::with_contacts(5);
    let file = laptop.back_up();
    laptop.device.call(&["import", &laptop.device.write("more.vcf", cards::many(100, 60))]);
    let words = ["restore", "--from", path(&file), "--recovery-code", "--exact"];
    let restored = laptop.device.call_with(&words, &laptop.code);
    let held = text(&restored["held"]);
    assert_eq!((counts(&restored), &laptop.book()["contacts"]), ([0; 4], &65.into()));
    assert_eq!(laptop.device.call(&["held", "apply", held])["count"], 60);
    assert_eq!(laptop.book()["contacts"], 5);
}

#[test]
fn a_drill_proves_that_ten_thousand_contacts_come_back() {
    let laptop = Laptop::with_contacts(10_000);
    let to = laptop.device.file("backups");
    let start = Instant::now();
    laptop.device.call(&["backup", "every", "1d", "--to", path(&to)]);
    laptop.device.call(&["backup", "now"]);
    println!("a backup of 10,000 contacts took {:?}", start.elapsed());
    let sealed = laptop.device.call(&["backup", "drill"]);
    assert_eq!((&sealed["opened"], &sealed["as_written"]), (&false.into(), &true.into()), "honest: {sealed}");
    let start = Instant::now();
    let drilled = laptop.device.call_with(&["backup", "drill", "--recovery-code"], &laptop.code);
    let took = start.elapsed();
    println!("the drill took {took:?}: {drilled}");
    assert_eq!((&drilled["opened"], &drilled["contacts"]), (&true.into(), &10_000.into()));
    assert_eq!((&drilled["hash"], &drilled["same_as_book"]), (&laptop.book()["hash"], &true.into()));
    assert!(took < Duration::from_secs(60));
    laptop.device.call_with(&["contacts", "add"], &cards::one(20_000));
    let drilled = laptop.device.call_with(&["backup", "drill", "--recovery-code"], &laptop.code);
    assert_eq!(drilled["same_as_book"], false);
    laptop.device.refused_with("wrong_code", &["backup", "drill", "--recovery-code"], &Laptop::with_contacts(0).code);
}

#[test]
fn a_running_hub_makes_what_is_due_and_a_missing_folder_is_told_and_made_up_for() {
    let mut laptop = Laptop::with_contacts(10);
    let to = laptop.device.file("stick");
    laptop.device.refused("bad_request", &["backup", "every", "1d"]);
    laptop.device.refused("bad_request", &["backup", "every", "sometimes", "--to", path(&to)]);
    let inside = to.join("deep/er");
    laptop.device.refused("file_unavailable", &["backup", "every", "1d", "--to", path(&inside)]);
    laptop.device.start();
    let plan = laptop.device.call(&["backup", "every", "1d", "--to", path(&to)]);
    assert_eq!((&plan["every"], &plan["ready"]), (&"1d".into(), &true.into()));
    let made = |device: &Device| {
        let list = device.call(&["backup", "list"]);
        list["generations"].as_array().unwrap().len()
    };
    wait_until("the first backup is made at once", || (made(&laptop.device) == 1).then_some(()));
    let last = |device: &Device| device.call(&["status"])["backup"].clone();
    wait_until("it is told", || (last(&laptop.device)["changed"] == false).then_some(()));
    laptop.device.call_with(&["contacts", "add"], &cards::one(77));
    assert_eq!(last(&laptop.device)["changed"], true);
    assert_eq!(laptop.device.call(&["backup", "check"])["changed"], true);
    laptop.device.stop();

    section("The stick is pulled out, and two days pass");
    let pulled = laptop.device.file("pulled");
    fs::rename(&to, &pulled).unwrap();
    laptop.device = laptop.device.with_env("KITH_CLOCK_OFFSET", "2d");
    laptop.device.start();
    let trouble = wait_until("it is told", || last(&laptop.device)["trouble"].as_str().map(str::to_owned));
    assert!(trouble.contains("is not there"), "{trouble}");
    assert!(!to.exists(), "nothing is written to where the stick was");
    laptop.device.stop();

    section("It is back");
    fs::rename(&pulled, &to).unwrap();
    laptop.device.start();
    wait_until("the missed one is made up for", || (made(&laptop.device) == 2).then_some(()));
    wait_until("it is told", || (last(&laptop.device)["changed"] == false).then_some(()));
    assert_eq!(last(&laptop.device)["trouble"], Value::Null);
    laptop.device.stop();

    section("The clock jumps back ten days: what the book has since is saved all the same");
    laptop.device.call_with(&["contacts", "add"], &cards::one(78));
    laptop.device = laptop.device.with_env("KITH_CLOCK_OFFSET", "-10d");
    laptop.device.start();
    wait_until("another is made", || (made(&laptop.device) == 3).then_some(()));
    laptop.device.stop();

    section("Another ten years on nothing changed, so nothing is made and nothing deleted");
    laptop.device = laptop.device.with_env("KITH_CLOCK_OFFSET", "3650d");
    laptop.device.call(&["backup", "every", "off"]);
    laptop.device.start();
    assert_eq!((made(&laptop.device), &last(&laptop.device)["changed"]), (3, &false.into()));
    laptop.device.stop();
}

#[test]
fn a_folder_without_room_is_a_sentence_and_leaves_nothing_half_written() {
    let laptop = Laptop::with_contacts(300);
    let small = laptop.device.file("small");
    fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=32k", "tmpfs", path(&small)]).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        return skip("a full disk: only root may mount a small one");
    }
    let told = laptop.device.refused("storage_failed", &["backup", "now", "--to", path(&small)]);
    let left = fs::read_dir(&small).unwrap().count();
    let unmounted = Command::new("umount").arg(&small).status().unwrap();
    assert!(unmounted.success() && left == 0 && told.contains("no room"), "{told}, {left} files left");
    assert_eq!(laptop.device.call(&["status"])["backup"]["last"], Value::Null);
    laptop.back_up();
}

#[test]
fn two_devices_and_other_peoples_files_share_a_folder() {
    let mut laptop = Laptop::with_contacts(10);
    let mut desk = Device::new("Desk");
    laptop.device.start();
    pair(&laptop.device, &mut desk);
    in_step(&[&laptop.device, &desk]);
    let to = laptop.device.file("shared");
    fs::create_dir(&to).unwrap();
    let strange = ["letter.age", "kith-notes.txt", "kith-20010101T000000Z-00000000.age"];
    for name in strange {
        fs::write(to.join(name), b"mine").unwrap();
    }
    for device in [&laptop.device, &desk] {
        device.call(&["backup", "every", "1d", "--to", path(&to)]);
    }
    let both = |device: &Device| device.call(&["backup", "list"])["generations"].as_array().unwrap().clone();
    wait_until("both have made one", || (both(&desk).len() == 3).then_some(()));
    wait_until("both remember", || {
        [&laptop.device, &desk]
            .iter()
            .all(|device| both(device).iter().filter(|generation| generation["own"] == true).count() == 1)
            .then_some(())
    });
    let of_desk = both(&desk).into_iter().find(|generation| generation["own"] == true).unwrap();
    let drilled =
        laptop.device.call_with(&["backup", "drill", "--recovery-code", "--from", text(&of_desk["id"])], &laptop.code);
    assert_eq!((&drilled["opened"], &drilled["contacts"]), (&true.into(), &10.into()), "one code opens both");
    for name in strange {
        assert_eq!(fs::read(to.join(name)).unwrap(), b"mine", "{name}");
    }
    laptop.device.stop();
    desk.stop();
}

#[test]
fn a_book_that_is_empty_or_another_one_never_makes_deletions() {
    let mut laptop = Laptop::with_contacts(50);
    let mut desk = Device::new("Desk");
    laptop.device.start();
    pair(&laptop.device, &mut desk);
    in_step(&[&laptop.device, &desk]);
    let (file, at) = (laptop.back_up(), desk.address().to_string());
    laptop.device.stop();
    let (book, aside) = (laptop.device.folder().join("book.db"), laptop.device.file("aside.db"));
    fs::rename(&book, &aside).unwrap();

    section("The file is gone, or empty, or not a book");
    for content in [None, Some(&b""[..]), Some(b"not a database at all, but long enough to look like one")] {
        if let Some(content) = content {
            fs::write(&book, content).unwrap();
        }
        let asked = laptop.device.ask(&["--json", "status"], "");
        match asked.code {
            Some(0) => assert_eq!(asked.json()["book"]["contacts"], 50, "mended, or refused: {asked:?}"),
            _ => assert!(text(&asked.json()["error"]["message"]).len() > 20, "{asked:?}"),
        }
        for name in ["book.db", "book.db-wal", "book.db-shm"] {
            let _absent = fs::remove_file(laptop.device.folder().join(name));
        }
    }

    section("It is another person's empty book");
    let stranger = Device::first("Stranger", "Somebody");
    fs::copy(stranger.folder().join("book.db"), &book).unwrap();
    let mut running = laptop.device.begin(&["--json", "run", "--listen", "127.0.0.1:0", "--no-mdns", "--peer", &at]);
    // Whether it runs at all, or meets the desk, is not what this is about.
    let _ready = running.line(|_| true);
    desk.call(&["contacts", "set", &desk.find("n00010@example.org"), "ROLE=still here"]);
    running.kill();
    let of_desk = desk.call(&["status"])["book"].clone();
    assert_eq!((&of_desk["contacts"], &of_desk["trash"]), (&50.into(), &0.into()));

    section("The backup brings the book back on a new device");
    let fresh = Device::new("Fresh");
    restore_on(&fresh, &file, &laptop.code);
    assert_eq!(fresh.call(&["status"])["book"]["contacts"], 50);
    desk.stop();
}
