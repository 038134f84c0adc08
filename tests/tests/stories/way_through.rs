//! The whole way: an address book comes in on one device, reaches the other, and stays one book whatever happens.

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, pair_by, section, wait_until};
use serde_json::Value;

#[test]
fn a_thousand_contacts_reach_the_other_device_and_stay_one_book_through_kills_and_edits_apart() {
    let mut laptop = Device::first("Mara's laptop", "Mara");
    let mut desk = Device::new("Mara's desk");

    section("Mara imports her old address book on the laptop");
    let file = laptop.write("old.vcf", cards::many(0, 1000));
    let imported = laptop.call(&["import", &file]);
    assert_eq!((&imported["added"], &imported["failed"]), (&Value::from(1000), &Value::from(Vec::<Value>::new())));

    section("She brings the desk in with the code, and says yes by its name");
    laptop.start();
    let code = text(&laptop.call(&["pair", "show"])["code"]).to_owned();
    let desk_id = pair_by(&laptop, &desk, &code, Some(&laptop.address().to_string()));
    desk.start();
    let book = in_step(&[&laptop, &desk]);
    assert_eq!(book["contacts"], 1000);
    assert_eq!(each(&laptop.call(&["status"])["peers"], "device_id"), [desk_id]);
    wait_until("nobody is behind", || {
        let peer = laptop.call(&["status"])["peers"][0].clone();
        (peer["behind"] == 0 && peer["path"] == "lan").then_some(())
    });

    section("The desk is killed while Mara edits on the laptop, and comes back");
    let anna = laptop.find("n00010@example.org");
    for number in 0..20 {
        laptop.call(&["contacts", "set", &anna, &format!("NOTE=call number {number}")]);
        if number == 7 {
            desk.kill();
        }
    }
    desk.start();
    in_step(&[&laptop, &desk]);
    assert_eq!(desk.property(&anna, "NOTE")["value"], "call number 19");

    section("The laptop is killed in the middle of an import, and comes back");
    let more = laptop.write("more.vcf", cards::many(1000, 1000));
    let import = laptop.begin(&["--json", "import", &more]);
    wait_until("the import has begun", || {
        (laptop.call(&["status"])["book"]["contacts"].as_u64()? > 1000).then_some(())
    });
    laptop.kill();
    let (status, out, _) = import.end();
    println!("the import that was cut off: {status}, {out:?}");
    laptop.start();
    let again = laptop.call(&["import", &more]);
    let total = ["added", "updated", "unchanged"].iter().map(|key| again[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((total, &again["updated"]), (1000, &Value::from(0)), "{again}");
    assert!(again["added"].as_u64().unwrap() < 1000, "what was acknowledged before the kill is there: {again}");
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 2000);

    apart(&mut laptop, &mut desk);
}

/// Both devices are off and edited; then they meet again.
fn apart(laptop: &mut Device, desk: &mut Device) {
    section("Both are off; Mara edits on both, and one property on both");
    laptop.stop();
    desk.stop();
    let [bea, cem, dora] = ["n00011", "n00012", "n00013"].map(|mail| laptop.find(&format!("{mail}@example.org")));
    laptop.call(&["contacts", "set", &bea, "TITLE=Captain"]);
    desk.call(&["contacts", "set", &cem, "TITLE=Cook"]);
    let fresh = text(&desk.call_with(&["contacts", "add"], &cards::one(5000))["id"]).to_owned();
    laptop.call(&["contacts", "set", &dora, "TEL;TYPE=CELL=+49 170 1"]);
    desk.call(&["contacts", "set", &dora, "TEL;TYPE=CELL=+49 170 2"]);
    desk.call(&["contacts", "set", &dora, "NICKNAME=Dodo"]);

    section("They meet: both edits are on both, and the two numbers stand side by side");
    laptop.start();
    desk.start_near(&[laptop]);
    let book = in_step(&[laptop, desk]);
    assert_eq!((&book["contacts"], &book["undecided"]), (&Value::from(2001), &Value::from(1)));
    for device in [&*laptop, &*desk] {
        assert_eq!(device.property(&bea, "TITLE")["value"], "Captain");
        assert_eq!(device.property(&cem, "TITLE")["value"], "Cook");
        assert_eq!(device.property(&fresh, "EMAIL")["value"], "n05000@example.org");
        assert_eq!(device.property(&dora, "NICKNAME")["value"], "Dodo");
        let number = device.property(&dora, "TEL");
        let others = each(&number["others"], "value");
        assert_eq!(others.len(), 1, "{number:#}");
        let mut both = [text(&number["value"]), others[0]];
        both.sort_unstable();
        assert_eq!(both, ["+49 170 1", "+49 170 2"]);
        let mut writers = [text(&number["device"]), text(&number["others"][0]["device"])];
        writers.sort_unstable();
        assert_eq!(writers, ["Mara's desk", "Mara's laptop"]);
    }

    section("She settles it on the desk, and it is settled everywhere");
    let number = desk.property(&dora, "TEL");
    desk.call(&["contacts", "choose", &dora, text(&number["id"]), "+49 170 1"]);
    assert_eq!(in_step(&[laptop, desk])["undecided"], 0);
    for device in [&*laptop, &*desk] {
        let number = device.property(&dora, "TEL");
        assert_eq!(
            (&number["value"], &number["others"]),
            (&Value::from("+49 170 1"), &Value::from(Vec::<Value>::new()))
        );
    }
    laptop.stop();
    desk.stop();
}
