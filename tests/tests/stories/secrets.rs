//! What a hub logs at its most talkative: nothing that anybody could use.

use super::text;
use kith_tests::people::{Device, in_step, pair_by};

#[test]
fn neither_codes_nor_keys_nor_contacts_are_ever_logged() {
    let talkative = |name| Device::new(name).with_env("KITH_LOG", "trace");
    let (mut laptop, mut desk, mut tablet) = (talkative("Laptop"), talkative("Desk"), talkative("Tablet"));
    let made = laptop.call(&["init", "--name", "Laptop", "--person", "Mara Canary-Person"]);
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

    let secret = link.rsplit_once('#').expect("the secret stands after the #").1.to_owned();
    let recovery = text(&made["recovery_code"]).to_owned();
    let canaries = [code.replace(' ', ""), code, secret, recovery, "Canary".to_owned(), "31415926".to_owned()];
    for device in [&mut laptop, &mut desk, &mut tablet] {
        device.stop();
        let log = device.log();
        assert!(log.contains("TRACE"), "{} is not talkative", device.name);
        for canary in &canaries {
            let line = log.lines().find(|line| line.contains(canary.as_str()));
            assert!(line.is_none(), "{} logged {canary:?}: {line:?}", device.name);
        }
    }
}
