//! Dora decides what becomes of what others send: by policy, by an answer on any of her devices, later, or never.

use super::{
    each,
    persons::{has, link, state, value, welcome},
    text,
};
use kith_core::share::{Content, ItemKind, Publication};
use kith_hub::{Hub, HubOptions, KeyOptions, KeyPlace, api};
use kith_tests::people::{
    Device, in_step, pair, section,
    stranger::{Said, Stranger, contact_of},
    wait_until,
};
use serde_json::{Value, json};
use std::time::Duration;

/// The updates that `inbox list` shows.
fn inbox(device: &Device) -> Vec<Value> {
    device.call(&["inbox", "list"])["updates"].as_array().unwrap().clone()
}

/// Waits until one update of this state is all that there is.
fn waits(device: &Device, state: &str) -> Value {
    wait_until(format!("{} has an update that is {state}", device.name), || {
        let updates = inbox(device);
        (updates.len() == 1 && updates[0]["state"] == state).then(|| updates[0].clone())
    })
}

/// What is asked about a property: what stands, and what would.
fn asked<'a>(update: &'a Value, name: &str) -> (&'a Value, &'a Value) {
    let changes = update["changes"].as_array().unwrap();
    let change = changes.iter().find(|change| change["name"] == name).unwrap_or_else(|| panic!("{name} in {update:#}"));
    (&change["old"], &change["new"])
}

/// What a notification would say.
fn notice(device: &Device) -> Value {
    device.call(&["notify", "due"])["notice"].clone()
}

fn send(device: &Device, tel: &str) -> String {
    device.call(&["me", "set", &format!("TEL;TYPE=cell={tel}")]);
    text(&device.call(&["update", "send", "--everyone"])["update_id"]).to_owned()
}

#[test]
fn dora_is_asked_on_two_devices_answers_once_and_takes_it_back() {
    let (mut ann, mut dora) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Dora's desk", "Dora Dahl"));
    ann.start();
    dora.start();
    let (doras_ann, anns_dora) = link(&ann, &dora, None);
    let person = text(&ann.call(&["status"])["person"]["id"]).to_owned();
    send(&ann, "+49 170 1");
    has(&dora, &doras_ann, "TEL", "+49 170 1");
    let mut phone = Device::new("Dora's phone");
    pair(&dora, &mut phone);
    in_step(&[&dora, &phone]);

    section("Dora wants to be asked, and Ann to hear: both her devices know, and both ask");
    dora.call(&["policy", "set", "ask", "--person", &person]);
    dora.call(&["policy", "tell", "on"]);
    in_step(&[&dora, &phone]);
    let policies = phone.call(&["policy", "show"]);
    assert_eq!((&policies["tell"], &policies["policies"][1]["policy"]), (&json!(true), &json!("ask")), "{policies}");
    let second = send(&ann, "+49 170 2");
    for device in [&dora, &phone] {
        let update = waits(device, "waiting");
        assert_eq!(asked(&update, "TEL"), (&json!("+49 170 1"), &json!("+49 170 2")));
        assert_eq!(value(device, &doras_ann, "TEL").as_deref(), Some("+49 170 1"), "nothing changes before her yes");
        assert_eq!(device.call(&["status"])["inbox"], 1);
        let notice = notice(device);
        assert_eq!((&notice["fresh"], &notice["answerable"]), (&json!(true), &json!(true)));
        assert_eq!(
            (text(&notice["title"]), text(&notice["body"])),
            ("Ann Aalto changed their card", "Phone: +49 170 2")
        );
    }
    let id = text(&inbox(&dora)[0]["id"]).to_owned();
    assert_eq!(text(&inbox(&phone)[0]["id"]), id, "one question");

    section("Her phone says yes: both show it, nothing asks any more, and Ann hears of it");
    assert_eq!(phone.call(&["inbox", "accept", &id])["count"], 1);
    has(&dora, &doras_ann, "TEL", "+49 170 2");
    for device in [&dora, &phone] {
        assert!(inbox(device).is_empty() && notice(device).is_null(), "on {}", device.name);
    }
    wait_until("Ann hears of it", || (state(&ann, &second, &anns_dora)? == "accepted").then_some(()));

    section("An answer that comes twice or late, also another one, says what stands and loses nothing");
    for words in [["inbox", "accept", &id], ["inbox", "refuse", &id], ["inbox", "later", &id]] {
        let late = dora.call(&words);
        assert_eq!((&late["count"], &late["state"]), (&json!(0), &json!("accepted")), "{words:?}");
    }
    assert_eq!(value(&dora, &doras_ann, "TEL").as_deref(), Some("+49 170 2"));

    section("Her desk takes it back: the old number is there again, and Ann's numbers ask from then on");
    let undone = dora.call(&["inbox", "undo", &id]);
    assert_eq!((&undone["count"], &undone["state"]), (&json!(1), &json!("refused")));
    assert_eq!(dora.call(&["inbox", "undo", &id])["count"], 0);
    has(&phone, &doras_ann, "TEL", "+49 170 1");
    wait_until("Ann hears of it", || (state(&ann, &second, &anns_dora)? == "refused").then_some(()));
    in_step(&[&dora, &phone]);
    phone.call(&["policy", "set", "automatic", "--person", &person]);
    dora.call(&["policy", "tell", "off"]);
    in_step(&[&dora, &phone]);
    ann.call(&["me", "set", "EMAIL=ann@example.org"]);
    let third = send(&ann, "+49 170 3");
    has(&dora, &doras_ann, "EMAIL", "ann@example.org");
    let update = waits(&dora, "waiting");
    assert_eq!(asked(&update, "TEL"), (&json!("+49 170 1"), &json!("+49 170 3")));
    assert_eq!(update["changes"].as_array().unwrap().len(), 1, "only the number asks");
    dora.call(&["inbox", "accept", text(&update["id"])]);
    has(&phone, &doras_ann, "TEL", "+49 170 3");
    assert_eq!(state(&ann, &third, &anns_dora).as_deref(), Some("delivered"), "whoever does not tell looks like this");

    section("A yes to an older update counts for what the newer one says as well, and for nothing else");
    phone.call(&["policy", "set", "ask", "--person", &person]);
    in_step(&[&dora, &phone]);
    send(&ann, "+49 170 4");
    let older = text(&waits(&dora, "waiting")["id"]).to_owned();
    ann.call(&["me", "set", "EMAIL=ann@new.example.org"]);
    ann.call(&["update", "send", "--everyone"]);
    wait_until("the newer one took its place", || (text(&inbox(&dora).first()?["id"]) != older).then_some(()));
    let late = dora.call(&["inbox", "accept", &older]);
    assert_eq!((&late["count"], &late["state"]), (&json!(1), &json!("waiting")), "{late}");
    assert_eq!(value(&dora, &doras_ann, "TEL").as_deref(), Some("+49 170 4"));
    assert_eq!(value(&dora, &doras_ann, "EMAIL").as_deref(), Some("ann@example.org"));
    let newer = text(&late["newer"]).to_owned();
    assert_eq!(dora.call(&["inbox", "refuse", &newer])["count"], 1);
    dora.refused("not_found", &["inbox", "accept", "ffff"]);

    section("Blocks and mutes hold on all her devices");
    dora.call(&["link", "mute", &person]);
    dora.call(&["link", "block", &person]);
    in_step(&[&dora, &phone]);
    let row = phone.call(&["link", "list"])["links"][0].clone();
    assert_eq!((&row["blocked"], &row["muted"]), (&json!(true), &json!(true)));
}

#[test]
fn forty_updates_while_away_are_one_entry_one_notice_and_a_reminder_later() {
    let (mut ann, mut dora) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Dora's desk", "Dora Dahl"));
    ann.start();
    dora.start();
    let (doras_ann, _) = link(&ann, &dora, None);
    send(&ann, "+49 170 0");
    has(&dora, &doras_ann, "TEL", "+49 170 0");
    dora.call(&["policy", "set", "ask"]);

    section("Dora is away while Ann changes her number forty times");
    dora.stop();
    for n in 1..=40 {
        send(&ann, &format!("+49 170 {n}"));
    }
    dora.start();
    let update = waits(&dora, "waiting");
    assert_eq!(asked(&update, "TEL"), (&json!("+49 170 0"), &json!("+49 170 40")));
    let shown = notice(&dora);
    assert_eq!((&shown["fresh"], shown["updates"].as_array().unwrap().len()), (&json!(true), 1));

    section("A name is called out, and a second person's update joins the one notice");
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    bob.start();
    let (_, _) = link(&bob, &dora, None);
    bob.call(&["me", "set", "TEL=+49 30 1"]);
    bob.call(&["update", "send", "--everyone"]);
    wait_until("Bob's first card is there", || (dora.contact_ids().len() == 2).then_some(()));
    bob.call(&["me", "set", "FN=Robert Berg"]);
    bob.call(&["update", "send", "--everyone"]);
    let both = wait_until("both wait", || Some(inbox(&dora)).filter(|all| all.len() == 2));
    let bobs = both.iter().find(|update| update["name"] == "Bob Berg").unwrap();
    assert_eq!((&bobs["changes"][0]["name"], &bobs["changes"][0]["identity"]), (&json!("FN"), &json!(true)));
    let shown = notice(&dora);
    assert_eq!((text(&shown["title"]), &shown["answerable"]), ("2 people sent updates", &json!(false)));
    dora.call(&["inbox", "refuse", text(&bobs["id"])]);

    section("Later: it is out of the way, and comes back by itself as something new");
    let id = text(&update["id"]).to_owned();
    dora.refused("bad_request", &["inbox", "later", &id, "--for", "soon"]);
    let later = dora.call(&["inbox", "later", &id, "--for", "2s"]);
    assert_eq!((&later["state"], later["until"].is_string()), (&json!("later"), true));
    assert_eq!((&inbox(&dora)[0]["state"], &dora.call(&["status"])["inbox"]), (&json!("later"), &json!(0)));
    assert!(notice(&dora).is_null());
    waits(&dora, "waiting");
    assert_eq!(notice(&dora)["fresh"], true);
    dora.call(&["inbox", "accept", &id]);
    assert_eq!(value(&dora, &doras_ann, "TEL").as_deref(), Some("+49 170 40"));
    let settled = dora.call(&["inbox", "list"])["settled"].clone();
    assert_eq!(settled[0]["state"], "accepted", "{settled:#}");

    section("Quiet hours are kept, and wrong ones refused");
    assert_eq!(dora.call(&["notify", "set", "quiet=22:00-7:00"])["quiet"], "22:00-07:00");
    assert_eq!(dora.call(&["notify", "show"])["quiet"], "22:00-07:00");
    for words in ["quiet=late", "metered=perhaps", "loud=yes"] {
        dora.refused("bad_request", &["notify", "set", words]);
    }
    assert_eq!(dora.call(&["notify", "set", "quiet=off"])["quiet"], "");
}

#[test]
fn a_stranger_is_asked_about_offered_and_held_to_limits_and_hears_nothing_of_a_block() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let known = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Eve Ek\r\nTEL;TYPE=cell:+49 170 5\r\nEND:VCARD\r\n";
    let known = text(&ann.call_with(&["contacts", "add"], known)["id"]).to_owned();
    ann.start();
    let mut eve = Stranger::linked("Eve Ek", &ann);
    let contact = contact_of(&ann, eve.person());
    let listens = ann.address();

    section("A first card that claims a number of somebody whom Ann knows: it asks, names her, and changes nothing");
    assert!(eve.greet(listens));
    for number in 1..=40 {
        let card = eve.card(number, if number == 40 { "+49 170 5" } else { "+49 170 0" });
        eve.publish(&card);
        assert!(matches!(eve.hear(), Said::Message(_)), "each is taken");
    }
    let updates = inbox(&ann);
    assert_eq!((updates.len(), &updates[0]["first"]), (1, &json!(true)), "forty are one entry");
    assert_eq!(each(&updates[0]["candidates"], "contact_id"), [known.as_str()]);
    assert_eq!(each(&updates[0]["lookalikes"], "id"), [known.as_str()]);
    let shown = notice(&ann);
    assert_eq!((&shown["answerable"], text(&shown["title"])), (&json!(false), "Eve Ek sends you a first card"));
    assert_eq!(value(&ann, &contact, "TEL"), None);
    welcome(&ann);
    assert_eq!(value(&ann, &contact, "TEL").as_deref(), Some("+49 170 5"));
    assert_eq!(ann.contact_ids().len(), 2, "and she is nobody else for it");

    section(
        "Of many items at once sixty-four wait for an answer; what comes then is not acknowledged before one is given",
    );
    assert!(eve.greet(listens));
    let gift = |eve: &Stranger, n: u8| {
        let content = eve.card(1, "+49 30 1").content.map(|card| Content { kind: ItemKind::Contact, ..card });
        Publication { item: kith_core::id::EntityId([n; 16]), content, ..eve.card(1, "") }
    };
    for n in 1..=65 {
        let gift = gift(&eve, n);
        eve.publish(&gift);
        if n < 65 {
            assert!(matches!(eve.hear(), Said::Message(_)), "the {n}th is taken");
        }
    }
    let waiting = inbox(&ann);
    assert_eq!(waiting.len(), 64);
    ann.call(&["inbox", "refuse", text(&waiting[0]["id"])]);
    assert!(matches!(eve.hear(), Said::Message(_)), "the last one is taken now");
    assert_eq!(inbox(&ann).len(), 64);

    section("Blocked, she hears the same as ever, and nothing of hers is shown");
    ann.call(&["link", "block", &eve.person().to_string()]);
    let card = eve.card(41, "+49 170 6");
    eve.publish(&card);
    let Said::Message(ack) = eve.hear() else { panic!("it is acknowledged") };
    assert!(eve.greet(listens));
    eve.publish(&card);
    let Said::Message(again) = eve.hear() else { panic!("and again") };
    assert_eq!(ack, again);
    assert!(inbox(&ann).is_empty() && notice(&ann).is_null());
    assert_eq!(value(&ann, &contact, "TEL").as_deref(), Some("+49 170 5"));
    ann.stop();
}

#[test]
fn whoever_floods_waits_and_keeps_nobody_else_waiting() {
    let (mut ann, mut bob) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Bob's laptop", "Bob Berg"));
    ann.start();
    bob.start();
    let (bobs, _) = link(&bob, &ann, None);
    let mut eve = Stranger::linked("Eve Ek", &ann);
    let listens = ann.address();
    let says = |number: &str| inbox(&ann).iter().any(|update| asked(update, "TEL").1 == number);

    section("Sixty are taken in at once; for each more she waits a second, and coming again is no way around it");
    assert!(eve.greet(listens));
    for number in 1..=60 {
        eve.publish(&eve.card(number, "+49 170 0"));
        assert!(matches!(eve.hear(), Said::Message(_)), "each is taken");
    }
    wait_until("the last of them waits for an answer", || says("+49 170 0").then_some(()));
    for number in 61..=80 {
        eve.publish(&eve.card(number, "+49 170 1"));
        assert!(eve.greet(listens), "she may come again");
    }
    eve.publish(&eve.card(81, "+49 170 2"));

    section("Bob's comes meanwhile, hers when it is her turn");
    bob.call(&["me", "set", "TEL=+49 30 1"]);
    bob.call(&["update", "send", "--everyone"]);
    has(&ann, &bobs, "TEL", "+49 30 1");
    assert!(!says("+49 170 2"), "{:#}", json!(inbox(&ann)));
    assert!(matches!(eve.hear(), Said::Message(_)), "her turn comes");
    wait_until("what she said last waits for an answer", || says("+49 170 2").then_some(()));
    ann.stop();
    bob.stop();
}

#[test]
fn whom_ann_made_sure_of_is_not_asked_about() {
    let (mut ann, mut bob) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Bob's laptop", "Bob Berg"));
    let mut cem = Device::first("Cem's laptop", "Cem Demir");
    let contact = |name: &str, mail: &str| {
        let card = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\nEMAIL:{mail}\r\nEND:VCARD\r\n");
        text(&ann.call_with(&["contacts", "add"], &card)["id"]).to_owned()
    };
    let (bobby, cems) = (contact("Bobby", "bob@example.org"), contact("Cem from work", "cem@example.org"));
    for device in [&mut ann, &mut bob, &mut cem] {
        device.start();
    }
    section("An invitation for a contact: whoever accepts it is that contact, and their card comes by itself");
    let invited = ann.call(&["link", "invite", "--contact", &bobby]);
    bob.call(&["link", "accept", text(&invited["link"])]);
    bob.call(&["me", "set", "TEL=+49 30 1"]);
    wait_until("Ann has the link", || ann.call(&["link", "list"])["links"].get(0).cloned());
    bob.call(&["update", "send", "--everyone"]);
    has(&ann, &bobby, "TEL", "+49 30 1");
    ann.refused("not_found", &["link", "invite", "--contact", "ffff"]);

    section("Verified face to face, Cem becomes the one contact that has his mail address");
    let invited = ann.call(&["link", "invite", "--qr"]);
    cem.call(&["link", "accept", text(&invited["link"])]);
    cem.call(&["me", "set", "EMAIL=cem@example.org", "TEL=+49 30 2"]);
    wait_until("Ann has the link", || ann.call(&["link", "list"])["links"].get(1).cloned());
    cem.call(&["update", "send", "--everyone"]);
    has(&ann, &cems, "TEL", "+49 30 2");
    assert_eq!(ann.contact_ids().len(), 2, "never doubled");
    assert!(inbox(&ann).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_metered_network_an_update_waits_and_goes_when_the_verdict_flips() {
    use kith_tests::people::network_manager::NetworkManager;
    // The values of `NMMetered`.
    const YES: u32 = 1;
    const NO: u32 = 2;
    const GUESS_YES: u32 = 3;
    let mut manager = NetworkManager::absent();
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let mut dora = manager.of(Device::first("Dora's laptop", "Dora Dahl"));
    ann.start();
    dora.start();
    let network = |device: &Device, word: &str| {
        wait_until(format!("the network is {word}"), || {
            (device.call(&["notify", "show"])["network"] == word).then_some(())
        });
    };
    let (doras_ann, _) = link(&ann, &dora, None);
    send(&ann, "+49 170 1");
    has(&dora, &doras_ann, "TEL", "+49 170 1");
    assert_eq!(dora.call(&["notify", "show"])["network"], "unknown");
    dora.call(&["policy", "set", "unmetered"]);

    section("NetworkManager comes up and says that traffic costs: the update is there, and waits");
    manager.says(YES);
    network(&dora, "metered");
    send(&ann, "+49 170 2");
    let update = waits(&dora, "unmetered");
    assert_eq!(asked(&update, "TEL"), (&json!("+49 170 1"), &json!("+49 170 2")));
    assert_eq!(value(&dora, &doras_ann, "TEL").as_deref(), Some("+49 170 1"));
    let status = dora.call(&["status"]);
    assert_eq!((&status["inbox"], &status["network"]), (&json!(0), &json!("metered")));
    assert!(notice(&dora).is_null(), "nobody is asked");

    section("It does not cost any more: the update goes by itself");
    manager.says(NO);
    has(&dora, &doras_ann, "TEL", "+49 170 2");
    assert!(inbox(&dora).is_empty());

    section("Dora knows better than the system, either way; a restart does not forget it");
    let set = dora.call(&["notify", "set", "metered=yes"]);
    assert_eq!((&set["network"], &set["waits"]), (&json!("unmetered"), &json!(true)));
    dora.stop();
    dora.start();
    send(&ann, "+49 170 3");
    waits(&dora, "unmetered");
    dora.call(&["notify", "set", "metered=no"]);
    has(&dora, &doras_ann, "TEL", "+49 170 3");

    section("Another of her devices at home takes it for all of them");
    dora.call(&["notify", "set", "metered=auto"]);
    manager.says(GUESS_YES);
    network(&dora, "metered");
    let mut desk = Device::new("Dora's desk");
    pair(&dora, &mut desk);
    in_step(&[&dora, &desk]);
    send(&ann, "+49 170 4");
    has(&dora, &doras_ann, "TEL", "+49 170 4");
    manager.goes();
    network(&dora, "unknown");
}

#[test]
fn a_reminder_and_an_answer_elsewhere_are_told_as_they_happen() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    ann.start();
    let home = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let keys = KeyOptions { place: KeyPlace::File, ..KeyOptions::default() };
    let options = HubOptions {
        folder: home.path().to_owned(),
        keys,
        listen: Some(([127, 0, 0, 1], 0).into()),
        no_mdns: true,
        ..HubOptions::default()
    };
    let invitation = text(&ann.call(&["link", "invite"])["link"]).to_owned();
    runtime.block_on(async {
        let hub = Hub::start(options).await.unwrap();
        let ask = |policy: &str| api::PolicySet { policy: policy.to_owned(), ..api::PolicySet::default() };
        hub.ask(api::Init { name: "desk".to_owned(), person: Some("Dora".to_owned()) }).await.unwrap();
        hub.ask(api::LinkAccept { link: invitation, ..api::LinkAccept::default() }).await.unwrap();
        send(&ann, "+49 170 1");
        let mut events = hub.events();
        let mut told = async || {
            let told = async {
                loop {
                    if events.recv().await.unwrap() == api::Event::NoticeChanged {
                        return;
                    }
                }
            };
            tokio::time::timeout(Duration::from_secs(60), told).await.expect("it is told");
        };
        // The first card goes by itself; what comes next is what is told.
        while hub.ask(api::InboxList {}).await.unwrap().settled.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        hub.ask(ask("ask")).await.unwrap();
        told().await;
        send(&ann, "+49 170 2");
        told().await;
        let due = || async { hub.ask(api::NotifyDue { in_use: true }).await.unwrap().notice };
        let shown = due().await.expect("something waits");
        assert!(shown.fresh && shown.answerable);
        assert_eq!(
            hub.ask(api::NotifyDue { in_use: false }).await.unwrap().notice,
            None,
            "others leave it to this one"
        );
        hub.ask(api::NotifyShown { keys: shown.keys.clone() }).await.unwrap();
        assert!(!due().await.expect("it still waits").fresh, "nothing is shown twice");
        let id = shown.updates[0].clone();
        hub.ask(api::InboxLater { id: id.clone(), wait: Some("2s".to_owned()) }).await.unwrap();
        told().await;
        assert_eq!(due().await, None);
        told().await;
        assert!(due().await.expect("it is back").fresh, "a reminder is something new");
        hub.ask(api::InboxAccept { id, fields: Vec::new() }).await.unwrap();
        told().await;
        assert_eq!(due().await, None);
        hub.stop().await;
    });
}
