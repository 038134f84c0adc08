//! Layers: what an account says of a contact, and what I say of it, stand beside each other.

use super::{each, text};
use kith_tests::people::Device;
use serde_json::Value;

/// Writes the file that another program keeps Anna's card in.
fn phone_says(device: &Device, lines: &str) -> String {
    let card =
        format!("BEGIN:VCARD\nVERSION:3.0\nUID:anna\nFN:Anna Müller\n{}\nEND:VCARD\n", lines.replace(" | ", "\n"));
    device.write("phone.vcf", card)
}

/// The only property of a name that is on the card.
fn shown<'a>(card: &'a Value, name: &str) -> Vec<&'a Value> {
    let properties = card["properties"].as_array().unwrap().iter();
    properties.filter(|property| property["name"] == name && property["hidden"] == false).collect()
}

#[test]
fn what_i_say_wins_and_what_the_phone_says_is_there_to_look_at() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["settings", "region=DE"]);
    let file =
        phone_says(&device, "TEL:0171 1234567 | BDAY:1981-02-03 | item1.URL:https://a.example | item1.X-ABLabel:Shop");
    let account = device.call(&["accounts", "add", "file", &file, "--name", "Phone"]);
    assert_eq!(account["added"], 1, "{account}");
    let id = device.contact_ids().remove(0);
    let number = device.property(&id, "TEL");
    assert_eq!(
        (&number["layer"], &number["source"], &number["e164"]),
        (&"account".into(), &"Phone".into(), &"+491711234567".into())
    );

    device.call(&["contacts", "set", &id, "BDAY=1982-03-04", "TITLE=Captain"]);
    let card = device.call(&["contacts", "show", &id]);
    let birthdays = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "BDAY");
    let told: Vec<_> = birthdays.map(|day| (text(&day["value"]), text(&day["layer"]), day["hidden"] == true)).collect();
    assert_eq!(told, [("1982-03-04", "mine", false), ("1981-02-03", "account", true)]);
    phone_says(&device, "TEL:0171 1234567 | BDAY:1981-02-03 | NOTE:New");
    device.call(&["accounts", "sync", text(&account["id"])]);
    let card = device.call(&["contacts", "show", &id]);
    assert_eq!(shown(&card, "BDAY")[0]["value"], "1982-03-04", "the phone does not overwrite me");
    assert_eq!((shown(&card, "TITLE").len(), shown(&card, "NOTE").len(), shown(&card, "URL").len()), (1, 1, 0));

    device.call(&["contacts", "set", &id, "TEL=+49 171 1234567"]);
    let card = device.call(&["contacts", "show", &id]);
    let numbers = shown(&card, "TEL");
    assert_eq!((numbers.len(), &numbers[0]["layer"]), (1, &"mine".into()), "said twice, shown once: {card:#}");
    assert_eq!(each(&numbers[0]["layers"], "name"), ["mine", "Phone"]);
    let exported = device.ask(&["export", "-"], "").out;
    assert_eq!((exported.matches("TEL").count(), exported.matches("BDAY").count()), (1, 1), "{exported}");
}

#[test]
fn a_value_that_i_changed_or_removed_does_not_come_back_by_itself() {
    let device = Device::first("Laptop", "Mara");
    let file = phone_says(&device, "item1.TEL:+49 30 1 | item1.X-ABLabel:Boat | EMAIL:old@example.org");
    let account = text(&device.call(&["accounts", "add", "file", &file, "--name", "Phone"])["id"]).to_owned();
    let id = device.contact_ids().remove(0);
    let (number, mail) = (device.property(&id, "TEL"), device.property(&id, "EMAIL"));
    device.call(&["contacts", "set", &id, &format!("{}=+49 30 2", text(&number["id"]))]);
    device.call(&["contacts", "unset", &id, text(&mail["id"])]);
    device.call(&["accounts", "sync", &account]);
    let card = device.call(&["contacts", "show", &id]);
    let numbers = shown(&card, "TEL");
    let told: Vec<_> =
        numbers.iter().map(|tel| (text(&tel["value"]), text(&tel["label"]), text(&tel["layer"]))).collect();
    assert_eq!((told, shown(&card, "EMAIL").len()), (vec![("+49 30 2", "Boat", "mine")], 0), "{card:#}");

    phone_says(&device, "item1.TEL:+49 30 1 | item1.X-ABLabel:Boat | EMAIL:new@example.org");
    device.call(&["accounts", "sync", &account]);
    let mail = device.property(&id, "EMAIL");
    assert_eq!((&mail["value"], &mail["hidden"]), (&"new@example.org".into(), &false.into()), "that is news");
    assert_eq!(mail["changed_since_hidden"], true);

    device.call(&["contacts", "hide", &id, text(&mail["id"])]);
    assert_eq!(device.property(&id, "EMAIL")["hidden"], true);
    device.call(&["contacts", "unhide", &id, text(&mail["id"])]);
    assert_eq!(
        (
            device.property(&id, "EMAIL")["hidden"] == true,
            device.property(&id, "EMAIL")["changed_since_hidden"] == true
        ),
        (false, false)
    );
    device.call(&["contacts", "undo"]);
    assert_eq!(device.property(&id, "EMAIL")["hidden"], true, "undo takes back a step as any other");
    let own = device.call(&["contacts", "show", &id]);
    device.refused("bad_request", &["contacts", "hide", &id, text(&shown(&own, "TEL")[0]["id"])]);
}

#[test]
fn a_new_name_is_put_together_as_the_old_one_was() {
    let device = Device::first("Laptop", "Mara");
    let add = |lines: &str| {
        let card = format!("BEGIN:VCARD\nVERSION:3.0\n{lines}\nEND:VCARD\n");
        text(&device.call_with(&["contacts", "add"], &card)["id"]).to_owned()
    };
    for (before, set, after) in [
        ("N:Müller;Anna;;;\nFN:Anna Müller", "N=Meier;Anna;;;", "Anna Meier"),
        ("N:Müller;Anna;;;\nFN:Müller Anna", "N=Meier;Anna;;;", "Meier Anna"),
        ("N:王;小明;;;\nFN:王小明", "N=李;小明;;;", "李小明"),
        ("N:Miller;Robert;;;\nFN:Dad", "N=Miller;Bob;;;", "Dad"),
    ] {
        let id = add(before);
        device.call(&["contacts", "set", &id, set]);
        assert_eq!(device.call(&["contacts", "show", &id])["name"], after);
        device.call(&["contacts", "undo"]);
        assert_eq!(
            device.property(&id, "FN")["value"],
            text(&device.call(&["contacts", "show", &id])["name"]),
            "one step"
        );
    }
    let id = add("N:Müller;Anna;;;\nFN:Anna Müller");
    device.call(&["contacts", "set", &id, "N=Meier;Anna;;;", "FN=Anna M."]);
    assert_eq!(device.call(&["contacts", "show", &id])["name"], "Anna M.", "a name that was given is taken");
}
