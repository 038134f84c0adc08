//! What a hub logs at its most talkative: nothing that anybody could use.

use super::text;
use kith_tests::people::{Device, in_step, pair_by, wait_until};
use serde::Deserialize;
use serde_bytes::ByteBuf;
use std::fs;

#[test]
fn neither_codes_nor_keys_nor_contacts_are_ever_logged() {
    let talkative = |name| Device::new(name).with_env("KITH_LOG", "trace");
    let (mut laptop, mut desk, mut tablet) = (talkative("Laptop"), talkative("Desk"), talkative("Tablet"));
    let made = laptop.call(&["init", "--name", "Laptop", "--person", "Mara Canary-Person"]);
    let recovery = text(&made["recovery_code"]).to_owned();
    laptop.start();
    let at = laptop.address().to_string();
    let code = text(&laptop.call(&["pair", "show"])["code"]).to_owned();
    pair_by(&laptop, &desk, &code, Some(&at));
    desk.start();
    let link = text(&laptop.call(&["pair", "show"])["link"]).to_owned();
    pair_by(&laptop, &tablet, &link, None);
    tablet.start();
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Canary-Name\nTEL:+49 555 31415926\nNOTE:Canary-Note\nEND:VCARD\n";
    let id = text(&laptop.call_with(&["contacts", "add"], card)["id"]).to_owned();
    in_step(&[&laptop, &desk, &tablet]);
    desk.call(&["contacts", "set", &id, "NOTE=Canary-Edit"]);
    desk.call(&["groups", "add", "Canary-Group"]);
    desk.call(&["contacts", "list", "--find", "Canary-Search"]);
    in_step(&[&laptop, &desk, &tablet]);

    // A device goes, after a code that was mistyped, and hears of it.
    let mistyped = format!("{recovery}7");
    laptop.refused_with("wrong_code", &["recovery", "check"], &mistyped);
    laptop.call_with(&["recovery", "check"], &recovery);
    let tablet_id = text(&tablet.call(&["status"])["device"]["id"]).to_owned();
    laptop.call_with(&["devices", "lost", &tablet_id, "--recovery-code"], &recovery);
    wait_until("the tablet is told", || (!tablet.call(&["status"])["removed"].is_null()).then_some(()));
    in_step(&[&laptop, &desk]);

    // Keys are sealed, and opened by a passphrase that is wrong first.
    let mut canaries = [seeds(&laptop), seeds(&desk), seeds(&tablet)].concat();
    desk.stop();
    let (right, wrong) = (desk.write("right", "Canary-Passphrase"), desk.write("wrong", "Canary-Mistake"));
    desk.call(&["--passphrase-file", &right, "status"]);
    let mut refused = desk.begin(&["--passphrase-file", &wrong, "run", "--listen", "127.0.0.1:0", "--no-mdns"]);
    assert!(refused.err_line(|line| line.contains("does not open")).is_some());
    desk.start_with(&["--passphrase-file", &right, "--listen", "127.0.0.1:0", "--no-mdns", "--peer", &at]);
    in_step(&[&laptop, &desk]);

    let secret = link.rsplit_once('#').expect("the secret stands after the #").1.to_owned();
    canaries.extend([code.replace(' ', ""), code, secret, recovery.replace('-', ""), recovery]);
    canaries.extend(["Canary", "31415926"].map(str::to_owned));
    for device in [&mut laptop, &mut desk, &mut tablet] {
        device.stop();
        let log = device.log();
        assert!(log.contains("TRACE"), "{} is not talkative", device.name);
        find_none(&device.name, &log, &canaries);
    }
    find_none("The refused hub", &refused.err().join("\n"), &canaries);
}

fn find_none(who: &str, log: &str, canaries: &[String]) {
    for canary in canaries {
        let line = log.lines().find(|line| line.to_lowercase().contains(&canary.to_lowercase()));
        assert!(line.is_none(), "{who} logged {canary:?}: {line:?}");
    }
}

/// The secret keys in a device's folder, in the ways in which a log would show them.
fn seeds(device: &Device) -> Vec<String> {
    #[derive(Deserialize)]
    struct Keys {
        sign: ByteBuf,
        tls: ByteBuf,
    }
    let file = fs::read(device.folder().join("keys")).unwrap();
    let keys: Keys = rmp_serde::from_slice(&file).expect("the keys of this story are in a plain file");
    let shown = |seed: &[u8]| {
        assert_eq!(seed.len(), 32);
        let hex: String = seed[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<String> = seed[..8].iter().map(u8::to_string).collect();
        [hex, list.join(", "), list.join(",")]
    };
    [shown(&keys.sign), shown(&keys.tls)].concat()
}
