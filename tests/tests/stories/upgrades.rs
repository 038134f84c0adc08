//! Books of every release open with today's program, whatever happens meanwhile; what is newer is refused politely.
//!
//! `tests/fixtures/release-*` holds a small folder of each release, and what its own program said of it. It is made once,
//! with `KITH_WRITE_FIXTURE=release-X` and that release's program as `KITH_HUB_BIN`, and never again.

use super::{each, integrity, text};
use kith_tests::people::{Device, cards, in_step, is_long, pair, section, wait_until};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

#[test]
fn a_book_of_every_release_says_today_what_it_said_then() {
    write_fixture_if_asked();
    for release in releases() {
        section(&release.display().to_string());
        let mut device = unpacked(&release);
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(release.join("expected.json")).unwrap()).unwrap();
        let before = version(&device);
        holds(&expected, &everything(&device), "");
        assert!(version(&device) > before, "the story says something only if there was something to migrate");
        assert_eq!(integrity(&device.folder(), &device.file("copy")), "ok");
        let kept = device.folder().join(format!("book.before-{:04}.db", before + 1));
        assert_eq!(user_version(&kept), before, "the file as it was is kept");

        section("and it goes on: it is edited, and another device joins");
        let id = device.call(&["contacts", "list", "--limit", "1"])["contacts"][0]["id"].clone();
        device.call(&["contacts", "set", text(&id), "TITLE=Captain"]);
        device.start();
        let mut desk = Device::new("Newcomer");
        pair(&device, &mut desk);
        in_step(&[&device, &desk]);
        assert_eq!(desk.property(text(&id), "TITLE")["value"], "Captain");
        device.stop();
        desk.stop();
    }
}

#[test]
fn a_book_of_a_newer_release_is_refused_politely_and_left_as_it_is() {
    let mut device = Device::first("Laptop", "Mara");
    let file = device.folder().join("book.db");
    let ours = user_version(&file);
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch("PRAGMA user_version = 4711").unwrap();
    drop(db);
    let before = fs::read(&file).unwrap();
    let message = device.refused("storage_unreadable", &["contacts", "list"]);
    assert!(message.contains("newer version") && message.contains("Update"), "{message}");
    let outcome = device.begin(&["--json", "run", "--no-mdns"]).end();
    assert_eq!(outcome.0.code(), Some(1), "{outcome:?}");
    assert!(fs::read(&file).unwrap() == before, "nothing was written");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch(&format!("PRAGMA user_version = {ours}")).unwrap();
    drop(db);
    device.start();
    device.stop();
}

#[test]
fn a_kill_at_any_point_of_a_migration_leaves_a_book_that_opens() {
    let kills = if is_long() { 200 } else { 20 };
    let release = &releases()[0];
    let mut device = unpacked(release);
    section("how long a migration takes when nobody interferes");
    let start = Instant::now();
    device.call(&["status"]);
    let whole = start.elapsed();
    println!("{whole:?}");
    let expected: Value = serde_json::from_str(&fs::read_to_string(release.join("expected.json")).unwrap()).unwrap();
    let (mut cut, mut done) = (0, 0);
    for kill in 0..kills {
        unpack(release, &device.folder());
        let before = version(&device);
        let mut command = device.begin(&["--json", "status"]);
        thread::sleep(whole * kill / kills);
        command.kill();
        let found = version(&device);
        if found == before {
            cut += 1
        } else {
            done += 1
        }
        assert_eq!(integrity(&device.folder(), &device.file("copy")), "ok", "after kill {kill}");
        let status = device.call(&["status"]);
        assert_eq!(status["book"]["hash"], expected["status"]["book"]["hash"], "after kill {kill}");
        assert!(version(&device) > before);
    }
    println!("{cut} migrations were cut off, {done} were through");
    assert!(cut > 0, "the story says something only if migrations were cut off");
    device.start();
    device.stop();
}

// ---- Fixtures ------------------------------------------------------------------------------------------------------

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn releases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|folder| folder.join("book.db.zst").is_file()).collect();
    found.sort();
    assert!(!found.is_empty(), "no release was kept");
    found
}

fn unpacked(release: &Path) -> Device {
    let device = Device::new("Laptop");
    unpack(release, &device.folder());
    device
}

/// Puts a release's folder in the place of what is there.
fn unpack(release: &Path, folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    fs::create_dir(folder).unwrap();
    let book = zstd::decode_all(fs::File::open(release.join("book.db.zst")).unwrap()).unwrap();
    fs::write(folder.join("book.db"), book).unwrap();
    fs::copy(release.join("keys"), folder.join("keys")).unwrap();
}

fn version(device: &Device) -> i64 {
    user_version(&device.folder().join("book.db"))
}

/// Asked of a copy, so that nothing is done to the file.
fn user_version(file: &Path) -> i64 {
    let copy = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let name = format!("{}{suffix}", file.display());
        if Path::new(&name).exists() {
            fs::copy(&name, copy.path().join(format!("book.db{suffix}"))).unwrap();
        }
    }
    let db = rusqlite::Connection::open(copy.path().join("book.db")).unwrap();
    db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

/// Everything that a program says of a book.
fn everything(device: &Device) -> Value {
    let mut cards = serde_json::Map::new();
    let mut ids = device.contact_ids();
    let trash = device.call(&["contacts", "list", "--trash", "--limit", "1000"]);
    ids.extend(each(&trash["contacts"], "id").into_iter().map(str::to_owned));
    for id in ids {
        cards.insert(id.clone(), device.call(&["contacts", "show", &id, "--history"]));
    }
    let said = |words: &[&str]| device.call(words);
    json!({
        "status": said(&["status"]),
        "cards": cards,
        "list": said(&["contacts", "list", "--limit", "1000"]),
        "trash": trash,
        "found": said(&["contacts", "list", "--find", "zofie"]),
        "groups": said(&["groups", "list"]),
        "tags": said(&["tags", "list"]),
        "held": said(&["held", "list"]),
        "accounts": said(&["accounts", "list"]),
        "settings": said(&["settings"]),
        "duplicates": said(&["contacts", "duplicates"]),
        "devices": said(&["devices", "list"]),
    })
}

/// Every key of `then` is in `now` with the same value; a newer program may say more.
fn holds(then: &Value, now: &Value, at: &str) {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            for (key, value) in then {
                let found = now.get(key).unwrap_or_else(|| panic!("{at}/{key} is gone"));
                // Where it lay is not where it lies.
                if key != "path" || at.contains("peers") {
                    holds(value, found, &format!("{at}/{key}"));
                }
            }
        }
        (Value::Array(then), Value::Array(now)) => {
            assert_eq!(then.len(), now.len(), "{at}");
            then.iter().zip(now).enumerate().for_each(|(nth, (then, now))| holds(then, now, &format!("{at}/{nth}")));
        }
        _ => assert_eq!(then, now, "{at}"),
    }
}

/// Makes the fixture of a release: two devices, and every kind of register that its commands write.
fn write_fixture_if_asked() {
    let Some(release) = std::env::var_os("KITH_WRITE_FIXTURE") else { return };
    let to = fixtures().join(release);
    assert!(!to.join("book.db.zst").exists(), "{} is there and is never made again", to.display());
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 24))]);
    let group = laptop.call(&["groups", "add", "Choir"])["id"].clone();
    let tag = laptop.call(&["tags", "add", "Christmas"])["id"].clone();
    laptop.call(&["groups", "put", text(&group), &number(&laptop, 1), &number(&laptop, 2)]);
    laptop.call(&["groups", "take", text(&group), &number(&laptop, 2)]);
    laptop.call(&["tags", "put", text(&tag), &number(&laptop, 3)]);
    laptop.call(&["contacts", "set", &number(&laptop, 4), "TITLE=Captain"]);
    laptop.call(&["contacts", "set", &number(&laptop, 4), "TITLE=Admiral"]);
    let note = laptop.property(&number(&laptop, 8), "NOTE");
    laptop.call(&["contacts", "unset", &number(&laptop, 8), text(&note["id"])]);
    laptop.call(&["contacts", "trash", &number(&laptop, 5)]);
    laptop.call(&["contacts", "apart", &number(&laptop, 6), &number(&laptop, 7)]);
    laptop.call(&["contacts", "merge", &number(&laptop, 9), &number(&laptop, 10)]);
    laptop.call(&["settings", "sort-by=family", "region=CH"]);
    let phone = laptop.write("phone.vcf", cards::many(20, 8).replace("n00021@example.org", "other@example.org"));
    let account = laptop.call(&["accounts", "add", "file", &phone, "--name", "Phone"])["id"].clone();
    let card = laptop.call(&["contacts", "show", &laptop.find("other@example.org")]);
    let theirs = card["properties"].as_array().unwrap().iter().find(|p| p["layer"] != "mine").unwrap().clone();
    laptop.call(&["contacts", "hide", text(&card["id"]), text(&theirs["id"])]);
    laptop.write("phone.vcf", cards::one(20));
    laptop.call(&["accounts", "sync", text(&account)]);

    section("A second device, and what the two did while apart");
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();
    laptop.call(&["contacts", "set", &number(&laptop, 11), "TITLE=here"]);
    desk.call(&["contacts", "set", &number(&desk, 11), "TITLE=there"]);
    laptop.call(&["contacts", "trash", &number(&laptop, 12)]);
    desk.call(&["contacts", "set", &number(&desk, 12), "TITLE=still wanted"]);
    laptop.start();
    desk.start_near(&[&laptop]);
    in_step(&[&laptop, &desk]);
    wait_until("the desk has been heard", || (laptop.call(&["status"])["peers"][0]["behind"] == 0).then_some(()));
    laptop.stop();
    desk.stop();

    fs::create_dir_all(&to).unwrap();
    fs::write(to.join("expected.json"), serde_json::to_string_pretty(&everything(&laptop)).unwrap()).unwrap();
    let whole = laptop.file("whole.db");
    let db = rusqlite::Connection::open(laptop.folder().join("book.db")).unwrap();
    db.execute("VACUUM INTO ?1", [whole.to_str().unwrap()]).unwrap();
    let packed = zstd::encode_all(fs::File::open(&whole).unwrap(), 19).unwrap();
    fs::write(to.join("book.db.zst"), packed).unwrap();
    fs::copy(laptop.folder().join("keys"), to.join("keys")).unwrap();
}

/// The id of a card by its number.
fn number(device: &Device, n: usize) -> String {
    device.find(&format!("n{n:05}@example.org"))
}
