//! Call logs and mailboxes, and what is counted of them.

use super::*;
use crate::vcard::Version;

const NOW: i64 = 1_795_219_200_000;

fn log(xml: &str, piece: usize) -> (Vec<Interaction>, u64) {
    let mut reader = CallLog::new(Some("DE"));
    let found = xml.as_bytes().chunks(piece).flat_map(|bytes| reader.push(bytes)).collect();
    (found, reader.unreadable())
}

fn one(kind: Kind, direction: Direction, address: &str, at_ms: i64) -> Interaction {
    Interaction { at_ms, kind, direction, address: address.to_owned() }
}

const LOG: &str = r#"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!--File Created By SMS Backup & Restore v10.20 on 01/06/2026-->
<smses count="4" backup_set="x">
  <sms protocol="0" address="030 1234567" date="1000" type="1" subject="null" body="a > b &#10; &#55357; <b" read="1" />
  <sms address="+49 171 7654321" date="2000" type="2" body='it"s' />
  <sms address="+49 171 7654321" date="2500" type="3" body="a draft" />
  <sms address="Paket" date="2600" type="1" body="your parcel" />
  <sms address="+49 171 7654321" date="soon" type="2" body="" />
  <mms date="3000" msg_box="2" address="x~y"><parts><part ct="image/jpeg" data="AAAA"/></parts>
    <addrs><addr address="insert-address-token" type="137"/><addr address="+4930765432" type="151"/></addrs></mms>
  <mms date="4000" msg_box="1"><addrs><addr address="+4930765432" type="137"/><addr address="+49 1" type="151"/></addrs></mms>
</smses>
<calls count="5">
  <call number="0301234567" duration="5" date="5000" type="1" presentation="1" contact_name="Bo"/>
  <call number="0301234567" duration="0" date="6000" type="3"/><call number="0301234567" date="7000" type="5"/>
  <call number="" date="8000" type="2"/><call number="112" date="8500" type="2"/><call number="030 1" date="9000" type="99"/>
</calls>"#;

#[test]
fn a_log_of_calls_and_messages_says_who_and_when_however_it_is_cut() {
    let expected = [
        one(Kind::Message, Direction::In, "+49301234567", 1000),
        one(Kind::Message, Direction::Out, "+491717654321", 2000),
        one(Kind::Message, Direction::Out, "+4930765432", 3000),
        one(Kind::Message, Direction::In, "+4930765432", 4000),
        one(Kind::Call, Direction::In, "+49301234567", 5000),
        one(Kind::Call, Direction::In, "+49301234567", 6000),
    ];
    for piece in [1, 7, 100, LOG.len()] {
        let (found, unreadable) = log(LOG, piece);
        assert_eq!(found, expected, "in pieces of {piece}");
        assert_eq!(unreadable, 2, "a time that is none, and a type that nobody knows");
    }
}

#[test]
fn a_picture_of_any_size_is_passed_over_and_what_follows_is_read() {
    let picture = "A".repeat(TAG_BYTES_MAX * 2);
    let call = r#"<call number="0301234567" date="5000" type="1"/>"#;
    let long = format!(r#"<part data="{picture}>'"/>{call}<sms address="1" body="{picture}"/>{call}"#);
    let (found, unreadable) = log(&long, 4096);
    assert_eq!((found.len(), unreadable), (2, 1));
    for text in
        ["<", "<call", "<call number='", "<>", "</>", "<call />", "<\u{0}\u{ff}>", "<call =\"\"/>", "<mms/></mms>"]
    {
        assert_eq!(log(text, 1).0, []);
    }
}

const MBOX: &str = "From - Mon Jun  1 10:00:00 2026\r\nFrom: Bo <Bo@Example.org>\r\nTo: =?utf-8?q?Ad=C3=A1?= <me@a.example>\r\n\
Date: Mon, 1 Jun 2026 10:00:00 +0200\r\nSubject: hello\r\n\r\nbody\r\n>From here\r\nFrom the middle of a text\r\n\r\n\
From me\nFrom: me@a.example\nTo: bo@example.org, cy@c.example\nCc: ME2@a.example\nDate: Tue, 2 Jun 2026 10:00:00 +0000\n\nhi\n\n\
From list\nFrom: d@list.example\nTo: me@a.example\nList-Id: <x>\nDate: Tue, 2 Jun 2026 10:00:00 +0000\n\n\n\
From other\nFrom: e@e.example\nTo: somebody@else.example\nDate: Tue, 2 Jun 2026 10:00:00 +0000\n\n\
From last\nFrom: f@f.example\nTo: me@a.example\nDate: Wed, 3 Jun 2026 10:00:00 +0000";

fn mine() -> BTreeSet<String> {
    ["me@a.example", "me2@a.example"].map(str::to_owned).into()
}

#[test]
fn a_mailbox_says_who_wrote_to_whom_and_lists_are_no_ones() {
    let expected = [
        one(Kind::Mail, Direction::In, "bo@example.org", 1_780_300_800_000),
        one(Kind::Mail, Direction::Out, "bo@example.org", 1_780_394_400_000),
        one(Kind::Mail, Direction::Out, "cy@c.example", 1_780_394_400_000),
        one(Kind::Mail, Direction::In, "f@f.example", 1_780_480_800_000),
    ];
    for piece in [1, 13, MBOX.len()] {
        let mut reader = Mailbox::new(mine());
        let mut found: Vec<Interaction> = MBOX.as_bytes().chunks(piece).flat_map(|bytes| reader.push(bytes)).collect();
        found.extend(reader.finish());
        assert_eq!(found, expected, "in pieces of {piece}");
    }
}

#[test]
fn a_maildirs_mail_is_read_up_to_its_body_and_no_further() {
    let mail = "From: bo@example.org\nTo: me@a.example\nDate: Mon, 1 Jun 2026 10:00:00 +0200\n\nFrom: x@y\nTo: z@z\n";
    assert_eq!(
        headers(mail.as_bytes(), &mine()),
        [one(Kind::Mail, Direction::In, "bo@example.org", 1_780_300_800_000)]
    );
    let endless = format!("X: {}\n{mail}", "a".repeat(HEADERS_BYTES_MAX));
    for text in ["", "\n", "From: \nTo: \nDate: \n", "garbage", endless.as_str()] {
        assert_eq!(headers(text.as_bytes(), &mine()), [], "{:?}", text.get(..20));
    }
}

#[test]
fn two_imports_of_one_log_count_once_and_all_numbers_and_addresses_of_a_person_count_together() {
    let (first, _) = log(LOG, 100);
    let (second, _) = log(LOG, 7);
    let all: BTreeMap<EntityId, Interaction> = first.into_iter().chain(second).map(|one| (one.id(), one)).collect();
    assert_eq!(all.len(), 6);
    let card = |lines: &[&str]| -> Vec<Property> {
        lines.iter().map(|line| Property::from_text(Version::V40, 0, *line).unwrap()).collect()
    };
    let bo = card(&["TEL:030 1234567", "TEL;VALUE=uri:tel:+49-171-7654321", "EMAIL:Bo@example.org", "FN:Bo"]);
    let home = card(&["TEL:+49 30 1234567"]);
    let mut owners: BTreeMap<String, BTreeSet<EntityId>> = BTreeMap::new();
    for (n, card) in [(1, &bo), (2, &home)] {
        for address in addresses_of(card, Some("DE")) {
            owners.entry(address).or_default().insert(EntityId([n; 16]));
        }
    }
    let counts = count(all.values(), &owners, 1000, 10_000);
    assert_eq!(counts[&EntityId([1; 16])].to_string(), "2 calls, 2 messages");
    assert_eq!(counts[&EntityId([2; 16])].to_string(), "2 calls, 1 message", "a shared number counts for each");
    assert_eq!(count(all.values(), &owners, 2001, 10_000)[&EntityId([1; 16])].total(), 2, "only the window counts");
    assert_eq!(count(all.values(), &owners, 0, KEPT_MS + 10_000), BTreeMap::new(), "what is older is dropped");
    assert_eq!(count(all.values(), &owners, 0, -FUTURE_MS), BTreeMap::new(), "and so is the future");
}

#[test]
fn an_interaction_comes_back_from_its_register_and_says_nothing_of_its_content() {
    let interaction = one(Kind::Call, Direction::Out, "+49301234567", NOW);
    let edit = interaction.keep();
    let mut entity = Entity::default();
    let sibling =
        crate::register::Sibling { device: crate::id::DeviceId([1; 16]), seq: 1, clock: 0, value: edit.value };
    entity.register_mut(&edit.path).merge(sibling, &crate::vector::Vector::default());
    assert_eq!(Interaction::of(&entity), Some(interaction.clone()));
    assert_eq!(crate::book::kind(&entity), crate::book::Kind::Interaction);
    assert_eq!(Interaction::of(&Entity::default()), None);
    for other in [
        Interaction { at_ms: NOW + 1, ..interaction.clone() },
        Interaction { kind: Kind::Message, ..interaction.clone() },
        Interaction { direction: Direction::In, ..interaction.clone() },
        Interaction { address: "+4930123456".to_owned(), ..interaction.clone() },
    ] {
        assert_ne!(other.id(), interaction.id());
    }
}

#[test]
fn addresses_that_are_nobodys_are_left_out() {
    for text in ["", "unknown", "-1", "112", "Paket", "@", "a@", &"1".repeat(ADDRESS_BYTES_MAX + 1)] {
        assert_eq!(address_key(text, Some("DE")), None, "{text}");
    }
    assert_eq!(address_key(" A@B.example ", None).as_deref(), Some("a@b.example"));
}
