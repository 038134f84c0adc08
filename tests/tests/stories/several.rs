//! Several folders, and several users, side by side on one computer.

use super::text;
use kith_tests::people::{Device, cards, hub_program, in_step, pair_by, skip, wait_until};
use std::{
    net::UdpSocket,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

#[test]
fn two_people_on_one_computer_do_not_meddle_with_each_other() {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let mut mara = Device::first("X-Laptop", "Mara").with_env("KITH_MDNS_PORT", &port);
    let mut jun = Device::first("X-Laptop", "Jun").with_env("KITH_MDNS_PORT", &port);
    mara.call(&["import", &mara.write("old.vcf", cards::many(0, 5))]);
    mara.start_with(&[]);
    jun.start_with(&[]);
    assert_ne!(mara.address().port(), jun.address().port());
    jun.call(&["import", &jun.write("old.vcf", cards::many(100, 3))]);
    let told = [&mara, &jun].map(|device| device.call(&["status"]));
    for (status, contacts) in told.iter().zip([5, 3]) {
        assert_eq!(
            (&status["book"]["contacts"], status["peers"].as_array().map(Vec::len)),
            (&contacts.into(), Some(0))
        );
    }
    assert_ne!(told[0]["person"]["id"], told[1]["person"]["id"]);

    // A second device of hers finds the right one of the two.
    let mut desk = Device::new("X-Desk").with_env("KITH_MDNS_PORT", &port);
    let code = mara.call(&["pair", "show"])["code"].clone();
    pair_by(&mara, &desk, text(&code), None);
    desk.start_with(&[]);
    assert_eq!(in_step(&[&mara, &desk])["contacts"], 5);
    assert_eq!(jun.call(&["devices", "list"])["devices"].as_array().map(Vec::len), Some(1));
    for device in [&mut mara, &mut jun, &mut desk] {
        device.stop();
    }
}

#[test]
fn a_folder_is_one_programs_at_a_time_and_the_second_is_told_so() {
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    let message = device.refused_once("in_use", &["run", "--no-mdns"], "");
    assert!(message.contains(device.folder().to_str().unwrap()), "{message}");
    device.call(&["status"]);
    device.kill();
    // What a dead program leaves behind keeps nobody out.
    device.start();
    device.stop();
}

#[test]
fn a_hub_waits_for_a_command_that_is_at_work_and_a_command_for_a_hub_that_starts() {
    let mut device = Device::first("Laptop", "Mara");
    // What a process has while it carries out a single command, or starts.
    let lock = std::fs::File::options().write(true).open(device.folder().join("lock")).unwrap();
    lock.lock().unwrap();
    let (began, command) = (Instant::now(), device.begin(&["contacts", "list"]));
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        drop(lock);
    });
    device.start();
    assert!(began.elapsed() >= Duration::from_millis(500), "nobody opens what somebody has");
    assert_eq!(command.end().0.code(), Some(0), "by itself, or by the hub that was faster");
    device.stop();
}

#[test]
fn what_a_folder_holds_is_its_users_alone() {
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    device.call(&["import", &device.write("old.vcf", cards::many(0, 5))]);
    let snapshot = device.folder().join("book.snapshot.db");
    wait_until("a snapshot is kept", || snapshot.exists().then_some(()));
    assert_eq!(mode(&device.folder()), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(device.folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // An empty lock says nothing to anybody, and nobody else can reach it.
        if name != "lock" {
            assert_eq!(mode(&path), 0o600, "{name}");
        }
        names.push(name);
    }
    for name in ["book.db", "book.db-wal", "book.snapshot.db", "control", "keys"] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    device.stop();
}

#[test]
fn two_users_of_one_computer_cannot_reach_each_others_hub() {
    let Some(other) = other_user("two users of one computer") else { return };
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    let program = reachable_program();
    // Even if the way to the folder is open to everybody.
    open_the_way(&device.folder());
    let outcome = as_user(other, &program, &device.folder(), &["--json", "contacts", "list"]);
    assert_ne!(outcome.0, Some(0), "{outcome:?}");
    assert!(outcome.1.contains("file_unavailable"), "{outcome:?}");
    for name in ["control", "book.db", "keys", "lock"] {
        let read = Command::new("setpriv").args(user_words(other)).arg("cat").arg(device.folder().join(name)).output();
        let read = read.unwrap();
        assert!(!read.status.success() && read.stdout.is_empty(), "{name} was read");
    }
    device.call(&["status"]);

    // The other user has a folder of their own beside it, with a hub of its own.
    let home = tempfile::Builder::new().prefix("kith-other-").tempdir().unwrap();
    std::os::unix::fs::chown(home.path(), Some(other), Some(other)).unwrap();
    let folder = home.path().join("data");
    let made = as_user(other, &program, &folder, &["--json", "init", "--name", "Theirs"]);
    assert_eq!(made.0, Some(0), "{made:?}");
    assert_eq!((std::fs::metadata(&folder).unwrap().uid(), mode(&folder)), (other, 0o700));
    let theirs = as_user(other, &program, &folder, &["--json", "status"]);
    assert!(theirs.0 == Some(0) && theirs.1.contains("Theirs"), "{theirs:?}");
    device.stop();
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// A user number that no process here bears; `None`, after the skip is announced, where nobody may become another user.
fn other_user(story: &str) -> Option<u32> {
    const OTHER: u32 = 61_184;
    let can = Command::new("setpriv").args(user_words(OTHER)).arg("true").output();
    if can.is_ok_and(|output| output.status.success()) {
        return Some(OTHER);
    }
    skip(&format!("{story}: it needs root and setpriv of util-linux"));
    None
}

fn user_words(user: u32) -> Vec<String> {
    vec![format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".to_owned()]
}

/// Exit status and output of a command that another user gives.
fn as_user(user: u32, program: &TempDir, folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new("setpriv")
        .args(user_words(user))
        .arg(program.path().join("kith-hub"))
        .arg("--data")
        .arg(folder)
        .args(words)
        .current_dir("/")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), text.concat())
}

/// The program where everybody may run it: the place where it was built may be its builder's alone.
fn reachable_program() -> TempDir {
    let folder = tempfile::Builder::new().prefix("kith-program-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::copy(hub_program(), folder.path().join("kith-hub")).unwrap();
    folder
}

/// Lets everybody go as far as the data folder.
fn open_the_way(folder: &Path) {
    let home = folder.parent().unwrap();
    std::fs::set_permissions(home, std::fs::Permissions::from_mode(0o755)).unwrap();
}
