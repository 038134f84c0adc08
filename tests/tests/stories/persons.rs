//! Ann and her friends: who gets her card when it changes, and who does not.

use super::{each, text};
use kith_core::{
    exchange::message::{Ack, Message, Roster},
    id::PersonId,
    share::{Publication, card_item},
};
use kith_hub::transport::{CloseCode, Closed};
use kith_tests::people::{
    Device, in_step, pair, section,
    stranger::{Said, Stranger, contact_of},
    wait_until,
};
use serde_bytes::ByteBuf;
use serde_json::Value;

/// Links two persons by an invitation that travels as a link; returns what the accepter and the inviter call each other's
/// contact.
pub(super) fn link(inviter: &Device, accepter: &Device, contact: Option<&str>) -> (String, String) {
    let invitation = text(&inviter.call(&["link", "invite"])["link"]).to_owned();
    let mut words = vec!["link", "accept", &invitation];
    words.extend(contact.iter().flat_map(|contact| ["--contact", contact]));
    let accepted = accepter.call(&words);
    assert_eq!(accepted["state"], "linked", "{accepted}");
    let theirs = text(&accepted["contact_id"]).to_owned();
    let person = text(&accepter.call(&["status"])["person"]["id"]).to_owned();
    let mine = wait_until("the inviter has the link", || {
        let links = inviter.call(&["link", "list"]);
        let found = links["links"].as_array()?.iter().find(|link| link["person_id"] == person.as_str()).cloned()?;
        found["contact_id"].as_str().map(str::to_owned)
    });
    (theirs, mine)
}

/// A value of a contact's card, if it has one of that name.
pub(super) fn value(device: &Device, contact: &str, name: &str) -> Option<String> {
    let card = device.call(&["contacts", "show", contact]);
    let found = card["properties"].as_array()?.iter().find(|property| property["name"] == name)?.clone();
    Some(text(&found["value"]).to_owned())
}

pub(super) fn has(device: &Device, contact: &str, name: &str, wanted: &str) {
    wait_until(format!("{} has {wanted}", device.name), || {
        (value(device, contact, name).as_deref() == Some(wanted)).then_some(())
    });
}

/// Says yes to the first card of somebody who accepted an invitation of this device: who that is nobody has made sure of.
pub(super) fn welcome(device: &Device) {
    let first = wait_until("a first card waits", || device.call(&["inbox", "list"])["updates"].get(0).cloned());
    assert_eq!(first["first"], true, "{first:#}");
    let decided = device.call(&["inbox", "accept", text(&first["id"])]);
    assert_eq!(decided["state"], "accepted", "{decided}");
}

/// What the ledger says of a contact's newest version.
pub(super) fn state(device: &Device, update: &str, contact: &str) -> Option<String> {
    let ledger = device.call(&["ledger", "--update", update]);
    let entry = ledger["deliveries"].as_array()?.iter().find(|entry| entry["contact_id"] == contact)?.clone();
    Some(text(&entry["state"]).to_owned())
}

/// A call log as Android's "SMS Backup & Restore" writes it: `count` calls with a number, the last one just now.
fn call_log(number: &str, count: usize) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let calls: String = (0..count as i64)
        .map(|n| {
            let date = now - n * 24 * 3600 * 1000;
            format!(r#"<call number="{number}" duration="60" date="{date}" type="2" presentation="1" />"#)
        })
        .collect();
    format!("<?xml version='1.0' encoding='UTF-8'?><calls count=\"{count}\">{calls}</calls>")
}

#[test]
fn anns_new_number_reaches_her_friends_and_those_she_calls_and_nobody_else() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    let mut cem = Device::first("Cem's laptop", "Cem Demir");
    let mut dora = Device::first("Dora's laptop", "Dora Dahl");
    for device in [&mut ann, &mut bob, &mut cem, &mut dora] {
        device.start();
    }

    section("Ann links Bob, who has her in his book under a nickname, Cem, and Dora");
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 1000001"]);
    let annie = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Annie\r\nNICKNAME:Annikins\r\nEND:VCARD\r\n";
    let annie = text(&bob.call_with(&["contacts", "add"], annie)["id"]).to_owned();
    let (bobs_ann, anns_bob) = link(&ann, &bob, Some(&annie));
    assert_eq!(bobs_ann, annie, "the contact that Bob named");
    let (cems_ann, anns_cem) = link(&ann, &cem, None);
    let (doras_ann, anns_dora) = link(&ann, &dora, None);
    assert_eq!(each(&ann.call(&["link", "list"])["links"], "name"), ["Bob Berg", "Cem Demir", "Dora Dahl"]);
    let words = ann.call(&["link", "words", &anns_bob]);
    let compared = bob.call(&["link", "words", &bobs_ann]);
    assert_eq!((&words["mine"], &words["theirs"]), (&compared["theirs"], &compared["mine"]));
    ann.call(&["link", "verify", &anns_bob]);
    let verified = ann.call(&["link", "list"])["links"][0].clone();
    assert_eq!((&verified["verified"], &verified["verified_by"]), (&Value::from(true), &Value::from("words")));

    section("Nothing leaves without a send: nobody has her number yet");
    for (device, contact) in [(&bob, &bobs_ann), (&cem, &cems_ann), (&dora, &doras_ann)] {
        device.call(&["ask"]);
        assert_eq!(value(device, contact, "TEL"), None, "on {}", device.name);
    }
    let first = ann.call(&["update", "send", "--everyone"]);
    assert_eq!((&first["recipients"], &first["sent"]), (&Value::from(3), &Value::from(3)));
    for (device, contact) in [(&bob, &bobs_ann), (&cem, &cems_ann), (&dora, &doras_ann)] {
        has(device, contact, "TEL", "+49 170 1000001");
    }
    assert_eq!(value(&bob, &bobs_ann, "NICKNAME").as_deref(), Some("Annikins"));
    assert_eq!(value(&bob, &bobs_ann, "FN").as_deref(), Some("Annie"), "what Bob wrote stays before what Ann says");

    section("Bob is in a group, Dora is close by an imported call log");
    ann.call(&["groups", "add", "Friends"]);
    ann.call(&["groups", "put", "Friends", &anns_bob]);
    dora.call(&["me", "set", "TEL;TYPE=cell=+49 171 5550004"]);
    dora.call(&["update", "send", "--everyone"]);
    welcome(&ann);
    has(&ann, &anns_dora, "TEL", "+49 171 5550004");
    ann.call(&["settings", "region=DE"]);
    let log = ann.write("calls.xml", call_log("0171 5550004", 12));
    assert_eq!(ann.call(&["interactions", "import", &log])["added"], 12);
    assert_eq!(ann.call(&["interactions", "import", &log])["known"], 12, "imported twice, counted once");
    let top = ann.call(&["interactions", "top"]);
    assert_eq!(
        (&top["contacts"][0]["id"], &top["contacts"][0]["calls"]),
        (&Value::from(anns_dora.as_str()), &Value::from(12))
    );

    section("Ann, Bob and Cem have a telephone as well: seven devices");
    let mut telephones = [Device::new("Ann's phone"), Device::new("Bob's phone"), Device::new("Cem's phone")];
    for (laptop, phone) in [&ann, &bob, &cem].into_iter().zip(&mut telephones) {
        pair(laptop, phone);
        in_step(&[laptop, phone]);
    }
    let [anns_phone, bobs_phone, cems_phone] = &telephones;

    section("Dora's laptop is off when Ann changes her number and sends");
    dora.stop();
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 2000002"]);
    let audience = ["--group", "Friends", "--min-interactions", "10"];
    let preview = ann.call(&[&["audience"], &audience[..]].concat());
    let meant = &preview["recipients"];
    assert_eq!(each(meant, "contact_id").len(), 2, "{preview:#}");
    for recipient in meant.as_array().unwrap() {
        let news = &recipient["news"][0];
        assert_eq!((&news["old"], &news["new"]), (&Value::from("+49 170 1000001"), &Value::from("+49 170 2000002")));
        let why = if recipient["contact_id"] == anns_bob.as_str() { "in the group Friends" } else { "12 calls since" };
        assert!(text(&recipient["why"]).contains(why), "{recipient}");
    }
    let sent = ann.call(&[&["update", "send"], &audience[..]].concat());
    assert_eq!(sent["recipients"], 2);
    let update = text(&sent["update_id"]).to_owned();

    section("Bob has it, Cem does not and cannot get it by asking");
    has(&bob, &bobs_ann, "TEL", "+49 170 2000002");
    assert_eq!(value(&bob, &bobs_ann, "NICKNAME").as_deref(), Some("Annikins"));
    let asked = cem.call(&["ask"]);
    assert_eq!(each(&asked["answered"], "name"), ["Ann Aalto"], "{asked}");
    has(bobs_phone, &bobs_ann, "TEL", "+49 170 2000002");
    cems_phone.call(&["ask"]);
    for device in [&cem, cems_phone] {
        assert_eq!(value(device, &cems_ann, "TEL").as_deref(), Some("+49 170 1000001"), "on {}", device.name);
    }

    section("The ledger says so, and Dora has it when her laptop returns");
    wait_until("Bob's is delivered", || (state(&ann, &update, &anns_bob)? == "delivered").then_some(()));
    assert_eq!(state(&ann, &update, &anns_dora).as_deref(), Some("waiting"));
    assert_eq!(state(&ann, &update, &anns_cem), None);
    assert_eq!(ann.call(&["status"])["outbox"], 1);
    dora.start();
    has(&dora, &doras_ann, "TEL", "+49 170 2000002");
    wait_until("Dora's is delivered", || (state(&ann, &update, &anns_dora)? == "delivered").then_some(()));
    assert_eq!(ann.call(&["status"])["outbox"], 0);
    wait_until("Ann's phone says so, too", || {
        (state(anns_phone, &update, &anns_dora)? == "delivered" && state(anns_phone, &update, &anns_cem).is_none())
            .then_some(())
    });
    let told = bob.call(&["activity", "--contact", &bobs_ann]);
    assert!(text(&told["entries"][0]["text"]).contains("+49 170 2000002"), "{told:#}");
    assert_eq!(value(&cem, &cems_ann, "TEL").as_deref(), Some("+49 170 1000001"));
}

#[test]
fn a_standing_audience_gets_later_changes_by_itself_and_a_new_device_gets_what_was_sent() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    ann.start();
    bob.start();
    let (bobs_ann, anns_bob) = link(&ann, &bob, None);

    section("Ann keeps everyone informed: later changes go by themselves, hidden fields do not");
    ann.call(&["update", "keep", "--everyone"]);
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 1000001"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 1000001");
    ann.call(&["me", "set", "NOTE=what only Ann reads", "EMAIL=ann@example.org"]);
    has(&bob, &bobs_ann, "EMAIL", "ann@example.org");
    assert_eq!(value(&bob, &bobs_ann, "NOTE"), None, "notes are nobody's unless said");
    let mail = text(&ann.call(&["me", "show"])["shared"].as_array().unwrap().iter().find(|f| f["name"] == "EMAIL").unwrap()
        ["property_id"])
    .to_owned();
    ann.call(&["me", "visible", &mail, "nobody"]);
    wait_until("the mail address is taken back", || value(&bob, &bobs_ann, "EMAIL").is_none().then_some(()));

    section("Bob's second device has what the first was told, and what is told later");
    let mut phone = Device::new("Bob's phone");
    pair(&bob, &mut phone);
    in_step(&[&bob, &phone]);
    assert_eq!(value(&phone, &bobs_ann, "TEL").as_deref(), Some("+49 170 1000001"));
    bob.stop();
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 2000002"]);
    has(&phone, &bobs_ann, "TEL", "+49 170 2000002");

    section("Switched off, nothing goes by itself any more");
    ann.call(&["update", "keep", "off"]);
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 3000003"]);
    phone.call(&["ask"]);
    assert_eq!(value(&phone, &bobs_ann, "TEL").as_deref(), Some("+49 170 2000002"));

    section("Bob asks from now on: nothing changes before his yes, and undo brings the old number back");
    phone.call(&["policy", "set", "ask"]);
    ann.call(&["update", "send", "--contact", &anns_bob]);
    let update = wait_until("the update waits", || {
        let inbox = phone.call(&["inbox", "list"]);
        inbox["updates"].as_array()?.first().cloned()
    });
    let change = update["changes"].as_array().unwrap().iter().find(|change| change["name"] == "TEL").unwrap().clone();
    assert_eq!((&change["old"], &change["new"]), (&Value::from("+49 170 2000002"), &Value::from("+49 170 3000003")));
    assert_eq!(value(&phone, &bobs_ann, "TEL").as_deref(), Some("+49 170 2000002"));
    let id = text(&update["id"]).to_owned();
    phone.call(&["inbox", "accept", &id]);
    assert_eq!(value(&phone, &bobs_ann, "TEL").as_deref(), Some("+49 170 3000003"));
    phone.call(&["inbox", "undo", &id]);
    assert_eq!(value(&phone, &bobs_ann, "TEL").as_deref(), Some("+49 170 2000002"));
    assert_eq!(phone.call(&["status"])["inbox"], 0, "a no that holds until she says something else");
}

/// What a linked person's device may say that no healthy one says.
type Word = (&'static str, fn(&mut Stranger));

#[test]
fn a_linked_person_who_forges_replays_or_misdirects_changes_nothing_and_is_hung_up_on() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    ann.start();
    let mut eve = Stranger::linked("Eve", &ann);
    let contact = contact_of(&ann, eve.person());
    let listens = ann.address();

    section("What is right is taken: Eve's card, by a link that is good and by Ann's word on her");
    ann.call(&["policy", "set", "automatic", "--person", &eve.person().to_string()]);
    assert!(eve.greet(listens));
    let good = eve.card(5, "+49 170 5");
    eve.publish(&good);
    let Said::Message(Message::Ack(ack)) = eve.hear() else { panic!("it is acknowledged") };
    assert_eq!(ack, Ack { item: good.item, order: good.order });
    assert_eq!(value(&ann, &contact, "TEL").as_deref(), Some("+49 170 5"));

    section("A replay is acknowledged, for it is known, and changes nothing");
    for old in [eve.card(4, "+49 170 4"), eve.card(5, "+49 170 55")] {
        eve.publish(&old);
        assert!(matches!(eve.hear(), Said::Message(Message::Ack(_))), "it has that, or newer");
    }
    assert_eq!(value(&ann, &contact, "TEL").as_deref(), Some("+49 170 5"));

    section("Everything else ends the connection");
    let words: [Word; 7] = [
        ("in somebody else's name", |eve| {
            let forged = Publication { from: PersonId([9; 32]), ..eve.card(6, "+49 170 6") };
            eve.publish(&forged);
        }),
        ("for somebody else", |eve| {
            let misdirected = Publication { to: PersonId([9; 32]), ..eve.card(6, "+49 170 6") };
            eve.publish(&misdirected);
        }),
        ("with a number that leaves none above it", |eve| {
            let last = eve.card(u64::MAX, "+49 170 6");
            eve.publish(&last);
        }),
        ("bytes that are no publication", |eve| eve.say(&Message::Publication(ByteBuf::from(vec![0xc1; 100])))),
        ("an acknowledgement of what was never sent", |eve| {
            let order = eve.card(1, "").order;
            eve.say(&Message::Ack(Ack { item: card_item(eve.friend()), order }));
        }),
        ("the roster of a third person", |eve| {
            eve.say(&Message::Roster(Roster { person: PersonId([9; 32]), entries: Vec::new() }));
        }),
        ("no message at all", |eve| eve.say_bytes(vec![2, 0xc1])),
    ];
    for (what, say) in words {
        assert!(eve.greet(listens), "before saying {what}");
        say(&mut eve);
        assert_eq!(eve.hung_up(), Closed::There(CloseCode::Hostile), "{what}");
        assert_eq!(value(&ann, &contact, "TEL").as_deref(), Some("+49 170 5"), "{what}");
    }
    assert_eq!(ann.contact_ids(), std::slice::from_ref(&contact));
    assert_eq!(ann.call(&["status"])["outbox"], 0);

    section("A device that its person removed is heard no more, from the moment its removal is known");
    assert!(eve.greet(listens));
    let removal = eve.removal();
    eve.say(&Message::Roster(Roster { person: eve.person(), entries: vec![ByteBuf::from(removal)] }));
    assert_eq!(eve.hung_up(), Closed::There(CloseCode::Foreign));
    assert!(!eve.greet(listens), "its key is not let in any more");
    assert_eq!(value(&ann, &contact, "TEL").as_deref(), Some("+49 170 5"));
    ann.stop();
}

#[test]
fn a_household_follows_a_move_and_items_mails_dates_and_given_contacts_find_their_way() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    ann.start();
    bob.start();

    section("Read off the screen, an invitation verifies");
    let invitation = text(&ann.call(&["link", "invite", "--qr"])["link"]).to_owned();
    let bobs_ann = text(&bob.call(&["link", "accept", &invitation])["contact_id"]).to_owned();
    let row = wait_until("they are linked", || ann.call(&["link", "list"])["links"].get(0).cloned());
    assert_eq!(row["verified_by"], "in-person");
    let anns_bob = text(&row["contact_id"]).to_owned();

    section("A new number holds from its date on; until then the old one does");
    ann.call(&[
        "me",
        "set",
        "TEL;TYPE=cell=+49 170 1",
        "EMAIL=ann@example.org",
        "ADR;TYPE=home=;;Old Street 1;Town;;1;",
    ]);
    ann.call(&["update", "keep", "--everyone"]);
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 2"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 2");
    let mine = ann.call(&["me", "show"]);
    let tel = mine["shared"].as_array().unwrap().iter().find(|field| field["name"] == "TEL").unwrap().clone();
    assert_eq!(tel["former"][0]["value"], "+49 170 1");
    ann.call(&["me", "from", "2999-01-01", text(&tel["property_id"])]);
    has(&bob, &bobs_ann, "TEL", "+49 170 1");
    ann.call(&["me", "withdraw", text(&tel["property_id"])]);
    wait_until("it is withdrawn", || value(&bob, &bobs_ann, "TEL").is_none().then_some(()));

    section("Bob lives with Ann: his card may follow when she moves");
    bob.call(&["me", "set", "EMAIL=bob@example.org", "ADR;TYPE=home=;;Old Street 1;Town;;1;"]);
    bob.call(&["update", "send", "--everyone"]);
    has(&ann, &anns_bob, "ADR", ";;Old Street 1;Town;;1;");
    ann.call(&["link", "household", &anns_bob, "on"]);
    ann.call(&["me", "set", "ADR;TYPE=home=;;New Street 2;Town;;1;"]);
    let proposals = ann.call(&["household", "list"]);
    assert_eq!(each(&proposals["proposals"], "contact_id"), [anns_bob.as_str()], "{proposals:#}");
    ann.call(&["household", "accept", text(&proposals["proposals"][0]["id"])]);
    assert_eq!(value(&ann, &anns_bob, "ADR").as_deref(), Some(";;New Street 2;Town;;1;"));
    assert_eq!(ann.call(&["household", "list"])["proposals"].as_array().unwrap().len(), 0);

    section("A note of its own reaches Bob, and goes when it is removed");
    let note = ann.write("door.txt", "the code is 4711");
    let item = text(&ann.call(&["items", "add", "Door", &note])["id"]).to_owned();
    ann.call(&["update", "send", "--contact", &anns_bob, "--item", "Door"]);
    let received = |device: &Device| device.call(&["items", "list"])["received"].as_array().unwrap().clone();
    wait_until("Bob has the note", || (received(&bob).first()?["text"] == "the code is 4711").then_some(()));
    ann.call(&["items", "remove", &item]);
    wait_until("it is gone", || received(&bob).is_empty().then_some(()));

    section("A contact that is given waits for a yes, and can be taken back");
    let paul = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Paul\r\nTEL:+49 30 5\r\nNOTE:owes me\r\nEND:VCARD\r\n";
    let paul = text(&ann.call_with(&["contacts", "add"], paul)["id"]).to_owned();
    ann.call(&["give", &paul, "--to", &anns_bob]);
    let given = wait_until("it waits", || bob.call(&["inbox", "list"])["updates"].get(0).cloned());
    assert_eq!(
        (&given["kind"], given["changes"].as_array().unwrap().len()),
        (&Value::from("contact"), 2),
        "without notes"
    );
    let taken = text(&bob.call(&["inbox", "accept", text(&given["id"])])["contact_id"]).to_owned();
    assert_eq!(value(&bob, &taken, "TEL").as_deref(), Some("+49 30 5"));
    bob.call(&["inbox", "undo", text(&given["id"])]);
    assert_eq!(bob.contact_ids(), std::slice::from_ref(&bobs_ann));

    section("Mail is counted by its heads: an mbox, a Maildir, a watched folder, and one by hand");
    let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
    let mail = |from: &str, to: &str, n: usize| format!("From: {from}\nTo: {to}\nX-N: {n}\nDate: {date}\n\nsecret\n");
    let mbox = ann.write("sent.mbox", format!("From x\n{}", mail("ann@example.org", "Bob <BOB@example.org>", 1)));
    let maildir = ann.file("mail");
    for folder in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    std::fs::write(maildir.join("cur/1"), mail("bob@example.org", "ann@example.org", 2)).unwrap();
    assert_eq!(ann.call(&["interactions", "import", &mbox])["added"], 1);
    let watched = ann.call(&["interactions", "watch", maildir.to_str().unwrap()]);
    assert_eq!(watched["imported"]["added"], 1, "{watched}");
    assert_eq!(ann.call(&["interactions", "watch"])["paths"], serde_json::json!([maildir.to_str().unwrap()]));
    ann.call(&["interactions", "add", &anns_bob, "--kind", "mail", "--at", "2026-11-01T10:00:00Z"]);
    let top = ann.call(&["interactions", "top", "--window", "700"]);
    assert_eq!(
        (&top["contacts"][0]["id"], &top["contacts"][0]["mails"]),
        (&Value::from(anns_bob.as_str()), &Value::from(3))
    );

    section("The safety list names Bob and what he was sent; who has no Kith gets a letter");
    let safety = ann.call(&["safety"]);
    let person = safety["entries"].as_array().unwrap().iter().find(|entry| entry["kind"] == "person").unwrap().clone();
    assert_eq!(person["fields"], serde_json::json!(["ADR", "EMAIL", "FN"]), "{person}");
    let letter = ann.call(&["update", "letter", &paul]);
    assert!(text(&letter["vcard"]).contains("New Street 2") && text(&letter["link"]).starts_with("kith://link?"));
}
