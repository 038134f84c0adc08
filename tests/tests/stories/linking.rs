//! How two people are linked, and what an invitation comes to that is used twice, cut off, or taken back.

use super::{
    each,
    persons::{has, link, value},
    text,
};
use kith_tests::people::{Device, in_step, pair, section, wait_at_most, wait_until};
use serde_json::Value;
use std::time::Duration;

/// How the one link of a device stands.
fn state(device: &Device) -> Option<String> {
    Some(text(&device.call(&["link", "list"])["links"].get(0)?["state"]).to_owned())
}

fn waiting(device: &Device) -> Vec<Value> {
    device.call(&["link", "list"])["waiting"].as_array().unwrap().clone()
}

/// Has a device accept an invitation whose maker does not run; returns what names the acceptance.
fn accept_without(inviter: &mut Device, accepter: &mut Device, invitation: &str) -> String {
    inviter.stop();
    let accepting = accepter.begin(&["--json", "link", "accept", invitation]);
    let id = wait_until("the acceptance is on disk", || Some(text(&waiting(accepter).first()?["id"]).to_owned()));
    drop(accepting);
    id
}

fn starts_again(device: &mut Device, listen: &str) {
    device.start_with(&["--listen", listen, "--no-mdns"]);
}

#[test]
fn an_invitation_is_used_once_and_a_block_or_an_end_stops_the_flow() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    let mut eve = Device::first("Eve's laptop", "Bob  Berg");
    for device in [&mut ann, &mut bob, &mut eve] {
        device.start();
    }
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 1000001", "EMAIL=ann@example.org"]);

    section("The second who comes with an invitation is turned away; so is one's own, and one that was withdrawn");
    let known = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann\r\nEMAIL:ANN@example.org\r\nNOTE:from school\r\nEND:VCARD\r\n";
    let known = text(&bob.call_with(&["contacts", "add"], known)["id"]).to_owned();
    let invited = ann.call(&["link", "invite"]);
    let invitation = text(&invited["link"]).to_owned();
    ann.refused("bad_request", &["link", "accept", &invitation]);
    bob.call(&["link", "accept", &invitation]);
    eve.refused_once("code_expired", &["link", "accept", &invitation], "");
    let withdrawn = ann.call(&["link", "invite"]);
    ann.call(&["link", "cancel", text(&withdrawn["id"])]);
    let late = eve.call(&["link", "accept", text(&withdrawn["link"])]);
    assert_eq!(late["state"], "waiting", "a device that does not answer to it cannot be told from one that is off");

    section(
        "Her card fits a contact that Bob has: it is offered, for anybody could say so, and then there are not two",
    );
    ann.call(&["update", "send", "--everyone"]);
    let offered = wait_until("it is offered", || {
        let offered = bob.call(&["link", "list"])["links"][0]["candidates"].get(0).cloned()?;
        (offered["contact_id"] == known.as_str()).then_some(offered)
    });
    assert!(text(&offered["why"]).contains("ANN@example.org"), "{offered}");
    assert_eq!(value(&bob, &known, "TEL"), None, "not by itself");
    let person = text(&bob.call(&["link", "list"])["links"][0]["person_id"]).to_owned();
    bob.call(&["link", "attach", &person, &known]);
    has(&bob, &known, "TEL", "+49 170 1000001");
    assert_eq!(bob.contact_ids(), std::slice::from_ref(&known), "never doubled");
    assert_eq!(value(&bob, &known, "NOTE").as_deref(), Some("from school"));

    section("A name like another's is pointed out");
    let (_, anns_eve) = link(&ann, &eve, None);
    let links = ann.call(&["link", "list"]);
    let row =
        links["links"].as_array().unwrap().iter().find(|link| link["contact_id"] == anns_eve.as_str()).unwrap().clone();
    assert_eq!(row["lookalikes"].as_array().unwrap().len(), 1, "{row:#}");

    section("Bob blocks Ann, who is not told: what she sends arrives nowhere, and looks delivered");
    bob.call(&["link", "block", &known]);
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 2000002"]);
    let sent = ann.call(&["update", "send", "--everyone"]);
    let update = text(&sent["update_id"]).to_owned();
    wait_until("it looks delivered", || {
        let ledger = ann.call(&["ledger", "--update", &update]);
        let all = ledger["deliveries"].as_array()?.clone();
        (all.len() == 2 && all.iter().all(|entry| entry["state"] == "delivered")).then_some(())
    });
    assert_eq!(value(&bob, &known, "TEL").as_deref(), Some("+49 170 1000001"));
    bob.call(&["link", "unblock", &known]);

    section("Ann ends the link with Eve: both know it, and what Eve was told stays");
    ann.call(&["link", "remove", &anns_eve]);
    let eves = wait_until("Eve hears of it", || {
        let links = eve.call(&["link", "list"]);
        (links["links"][0]["state"] == "ended-there").then(|| links["links"][0].clone())
    });
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 3000003"]);
    let preview = ann.call(&["audience", "--everyone"]);
    assert_eq!(each(&preview["recipients"], "name").len(), 1);
    assert_eq!(value(&eve, text(&eves["contact_id"]), "TEL").as_deref(), Some("+49 170 2000002"));
    let quiet = wait_at_most(Duration::from_millis(300), || {
        (value(&eve, text(&eves["contact_id"]), "TEL").as_deref() != Some("+49 170 2000002")).then_some(())
    });
    assert_eq!(quiet, None);
}

#[test]
fn an_invitation_is_taken_back_by_either_side_at_any_step() {
    let (mut ann, mut bob) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Bob's laptop", "Bob Berg"));
    let listen = ann.start().to_string();
    let bobs = bob.start().to_string();
    let invite = |ann: &Device| text(&ann.call(&["link", "invite"])["link"]).to_owned();

    section("Bob takes back what nobody has read: the invitation is as good as before");
    let invitation = invite(&ann);
    let waits = accept_without(&mut ann, &mut bob, &invitation);
    bob.call(&["link", "cancel", &waits[..8]]);
    assert_eq!(waiting(&bob), Vec::<Value>::new());
    bob.refused("not_found", &["link", "cancel", &waits]);
    starts_again(&mut ann, &listen);
    assert_eq!((state(&ann), state(&bob)), (None, None));
    let mut cem = Device::first("Cem's laptop", "Cem Can");
    cem.start();
    assert_eq!(cem.call(&["link", "accept", &invitation])["state"], "linked");
    let cems = wait_until("Ann is linked", || ann.call(&["link", "list"])["links"].get(0).cloned());
    ann.call(&["link", "remove", text(&cems["person_id"])]);
    wait_until("Cem hears of it", || (state(&cem)? == "ended-there").then_some(()));

    section("Bob takes back what Ann may have read: if she says yes, both hear that it is over");
    let invitation = invite(&ann);
    let waits = accept_without(&mut ann, &mut bob, &invitation);
    bob.kill();
    starts_again(&mut bob, &bobs);
    bob.call(&["link", "cancel", &waits]);
    assert_eq!(waiting(&bob), Vec::<Value>::new());
    bob.kill();
    starts_again(&mut bob, &bobs);
    starts_again(&mut ann, &listen);
    wait_until("Bob has ended it", || (state(&bob)? == "ended-here").then_some(()));
    let with_bob = |ann: &Device| {
        let links = ann.call(&["link", "list"])["links"].as_array()?.clone();
        links.into_iter().find(|link| link["own_name"] == "Bob Berg")
    };
    wait_until("Ann hears of it", || (with_bob(&ann)?["state"] == "ended-there").then_some(()));
    assert_eq!(bob.contact_ids(), Vec::<String>::new(), "nobody was added");

    section("Ann withdraws an invitation that Bob has accepted already: he waits in vain, until he takes that back");
    let invited = ann.call(&["link", "invite"]);
    accept_without(&mut ann, &mut bob, text(&invited["link"]));
    ann.call(&["link", "cancel", text(&invited["id"])]);
    starts_again(&mut ann, &listen);
    bob.call(&["link", "cancel", text(&waiting(&bob)[0]["id"])]);
    assert_eq!(waiting(&bob), Vec::<Value>::new());

    section("Each ends it while the other is away, as soon as they are linked");
    for inviter_ends in [true, false] {
        assert_eq!(bob.call(&["link", "accept", &invite(&ann)])["state"], "linked");
        wait_until("Ann is linked", || (with_bob(&ann)?["state"] == "linked").then_some(()));
        let (ends, ends_at, hears, hears_at) =
            if inviter_ends { (&mut ann, &listen, &mut bob, &bobs) } else { (&mut bob, &bobs, &mut ann, &listen) };
        hears.kill();
        let links = ends.call(&["link", "list"])["links"].as_array().unwrap().clone();
        let live = links.iter().find(|link| link["state"] == "linked").unwrap();
        ends.call(&["link", "remove", text(&live["person_id"])]);
        ends.kill();
        starts_again(ends, ends_at);
        starts_again(hears, hears_at);
        let of_ends = text(&ends.call(&["status"])["person"]["id"]).to_owned();
        wait_until("it is over on both sides", || {
            let links = hears.call(&["link", "list"])["links"].as_array()?.clone();
            let link = links.into_iter().find(|link| link["person_id"] == of_ends.as_str())?;
            (link["state"] == "ended-there").then_some(())
        });
    }
}

#[test]
fn kills_in_the_middle_of_linking_heal_and_a_removed_device_reaches_nobody_any_more() {
    let mut ann = Device::first("Ann's laptop", "Ann Aalto");
    let mut bob = Device::first("Bob's laptop", "Bob Berg");
    let listen = ann.start().to_string();
    bob.start();

    section("Ann's hub is killed before Bob accepts, and Bob's while he waits: once both run they are linked");
    let invitation = text(&ann.call(&["link", "invite"])["link"]).to_owned();
    ann.kill();
    let accepting = bob.begin(&["--json", "link", "accept", &invitation]);
    wait_until("the acceptance is on disk", || bob.call(&["link", "list"])["waiting"].get(0).cloned());
    bob.kill();
    drop(accepting);
    bob.start();
    ann.start_with(&["--listen", &listen, "--no-mdns"]);
    let linked = |device: &Device| {
        let links = device.call(&["link", "list"]);
        let one = links["links"].get(0)?.clone();
        (one["state"] == "linked" && links["waiting"].as_array()?.is_empty())
            .then(|| text(&one["contact_id"]).to_owned())
    };
    let bobs_ann = wait_until("Bob is linked", || linked(&bob));
    wait_until("Ann is linked", || linked(&ann));
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 1"]);
    ann.call(&["update", "send", "--everyone"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 1");

    section("Ann's phone is in, and sends for her");
    let mut phone = Device::new("Ann's phone");
    pair(&ann, &mut phone);
    in_step(&[&ann, &phone]);
    phone.call(&["me", "set", "TEL;TYPE=cell=+49 170 2"]);
    phone.call(&["update", "send", "--everyone"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 2");

    section("It is lost: what it sends from now on reaches nobody, what Ann's laptop sends does, also after a restart");
    in_step(&[&ann, &phone]);
    let lost = text(&phone.call(&["status"])["device"]["id"]).to_owned();
    ann.call(&["devices", "revoke", &lost]);
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 3"]);
    ann.call(&["update", "send", "--everyone"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 3");
    phone.call(&["me", "set", "TEL;TYPE=cell=+49 170 666"]);
    phone.call(&["update", "send", "--everyone"]);
    for device in [&mut ann, &mut bob] {
        device.stop();
    }
    bob.start();
    ann.start_with(&["--listen", &listen, "--no-mdns"]);
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 4"]);
    ann.call(&["update", "send", "--everyone"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 4");
    let heard = wait_at_most(Duration::from_millis(500), || {
        (value(&bob, &bobs_ann, "TEL").as_deref() != Some("+49 170 4")).then_some(())
    });
    assert_eq!(heard, None, "the lost phone is not heard");
}
