//! Stories about people who are one, and people who are two.

use super::*;
use crate::{id::DeviceId, layer::Layer, path::Path, register::Sibling, vcard::parse, vector::Vector};

fn write(entity: &mut Entity, path: &Path, value: Vec<u8>) {
    let seq = entity.registers().count() as u64 + 1;
    let sibling = Sibling { device: DeviceId([1; 16]), seq, clock: 0, value: Some(value) };
    entity.register_mut(path).merge(sibling, &Vector::default());
}

fn entity(lines: &str) -> Entity {
    let text = format!("BEGIN:VCARD\nVERSION:3.0\n{}\nEND:VCARD\n", lines.replace(" | ", "\n"));
    let mut entity = Entity::default();
    for (nth, property) in parse(&text).cards[0].properties.iter().enumerate() {
        let id = crate::id::PropertyId([nth as u8; 16]);
        write(&mut entity, &Path::property(Layer::Mine, id), property.encode());
    }
    entity
}

fn id(nth: usize) -> EntityId {
    EntityId([nth as u8; 16])
}

fn search(entities: &[Entity]) -> Found {
    let candidates = entities.iter().enumerate().map(|(nth, entity)| Candidate::of(id(nth), entity, Some("DE")));
    find(&candidates.collect::<Vec<_>>())
}

/// Why these cards, given by their lines, may be one; empty if they are not offered.
fn why(a: &str, b: &str) -> String {
    let found = search(&[entity(a), entity(b)]);
    let back = search(&[entity(b), entity(a)]);
    assert_eq!(found.pairs.len(), back.pairs.len(), "the order does not matter: {a} / {b}");
    assert!(found.pairs.len() <= 1 && (found.pairs.is_empty() || found.households == 0));
    found.pairs.into_iter().next().map(|pair| pair.why).unwrap_or_default()
}

fn households(a: &str, b: &str) -> u32 {
    search(&[entity(a), entity(b)]).households
}

#[test]
fn one_person_is_found_by_what_two_cards_share() {
    let anna = "N:Müller;Anna | FN:Anna Müller";
    for (a, b, expected) in [
        ("EMAIL:anna@example.org", "EMAIL:Anna@Example.org", "same name and mail address"),
        ("TEL:0171 1234567", "TEL:+49 171 1234567", "same name and telephone number"),
        ("BDAY:1981-02-03", "BDAY:19810203", "same name and birthday"),
        ("ADR:;;Am Ring 1;Köln;;50667;", "ADR:;;am ring 1;Cologne;;50667;Germany", "same name and address"),
        ("ORG:Kahn & Co;Sales", "ORG:Kahn & Co", "same name and organisation"),
        ("EMAIL:info@example.org", "EMAIL:info@example.org", "same name and shared mailbox"),
        ("NOTE:a", "NOTE:b", "same name"),
        (
            "TEL:0171 1234567 | EMAIL:a@b.c | BDAY:1981-02-03",
            "TEL:0171/1234567 | EMAIL:a@b.c | BDAY:1981-02-03",
            "same name, mail address, telephone number and birthday",
        ),
    ] {
        assert_eq!(why(&format!("{anna} | {a}"), &format!("{anna} | {b}")), expected, "{a} / {b}");
    }
}

#[test]
fn a_similar_name_needs_something_that_is_theirs_alone() {
    let mail = |name: &str| format!("{name} | EMAIL:a@example.org");
    for (a, b, expected) in [
        ("FN:Katharina Vogel", "FN:Katarina Vogel", "same mail address, and a similar name"),
        ("FN:J. Miller", "FN:John Miller", "same mail address, and an initial that fits"),
        ("FN:Chris Okafor", "FN:Christopher Okafor", "same mail address, and a short form of the name"),
        ("FN:Anna Müller", "N:Müller;Anna;Maria", "same mail address, and a name that says more"),
        ("FN:Anna", "FN:Anna Müller", "same mail address, and a name that says more"),
        ("FN:Bob Miller", "N:Miller;Robert | NICKNAME:Bob", "same mail address, and a nickname that fits"),
        ("FN:Dad", "N:Miller;Robert | FN:Dad", "same mail address, and a nickname that fits"),
        ("FN:Muller\\, Zoe", "FN:Zoë Müller", "same name and mail address"),
        ("FN:a@example.org", "FN:Zoë Müller", "same mail address, and one has no name"),
    ] {
        assert_eq!(why(&mail(a), &mail(b)), expected, "{a} / {b}");
        assert_eq!(why(a, b), if expected.starts_with("same name") { "same name" } else { "" }, "{a} / {b} alone");
    }
}

#[test]
fn names_in_chinese_characters_are_compared_with_and_without_a_space_and_by_their_reading() {
    assert_eq!(why("FN:王小明", "N:王;小明 | FN:王 小明"), "same name");
    let tel = |name: &str| format!("{name} | TEL:+86 138 0013 8000");
    assert_eq!(
        why(&tel("N:王;小明 | FN:王小明"), &tel("FN:Xiaoming Wang")),
        "same telephone number, and a name that is read alike"
    );
    assert_eq!(why(&tel("FN:王小明"), &tel("FN:王晓明")), "", "read alike, written otherwise: two people");
    let kana = "N:田中;太郎 | X-PHONETIC-LAST-NAME:Tanaka | X-PHONETIC-FIRST-NAME:Taro | EMAIL:t@example.org";
    assert_eq!(why(kana, "FN:Taro Tanaka | EMAIL:t@example.org"), "same mail address, and a name that is read alike");
}

#[test]
fn spouses_with_one_landline_are_two() {
    let (anna, otto) = ("FN:Anna Müller | TEL:030 901820", "FN:Otto Müller | TEL:+4930901820");
    assert_eq!((why(anna, otto), households(anna, otto)), (String::new(), 1));
    let home = "ADR:;;Am Ring 1;Köln;;50667;";
    let (anna, otto) = (format!("FN:Anna Müller | {home}"), format!("FN:Otto Müller | {home}"));
    assert_eq!((why(&anna, &otto), households(&anna, &otto)), (String::new(), 1));
    for (a, b) in [("Maria", "Mario"), ("Johann", "Johanna"), ("Marina", "Martina"), ("Andrea", "Andreas")] {
        let of = |given: &str| format!("FN:{given} Rossi | TEL:+39 06 6982 | EMAIL:rossi@example.org");
        let phone = |given: &str| format!("FN:{given} Rossi | TEL:+39 06 6982");
        assert_eq!(why(&phone(a), &phone(b)), "", "{a} and {b}");
        assert!(a == "Marina" || why(&of(a), &of(b)).is_empty(), "{a} and {b} with one mail address");
    }
}

#[test]
fn father_and_son_with_one_name_are_two() {
    let shared = "TEL:030 901820 | EMAIL:miller@example.org";
    for (a, b) in [
        ("FN:John Miller | BDAY:1950-01-02", "FN:John Miller | BDAY:1980-03-04"),
        ("FN:John Miller | BDAY:--01-02", "FN:John Miller | BDAY:1980-03-04"),
        ("FN:John Miller", "FN:John Miller Jr."),
        ("N:Miller;John;;;Sr.", "N:Miller;John;;;Jr."),
        ("N:Miller;John;Adam", "N:Miller;John;Bertram"),
    ] {
        let of = |lines: &str| format!("{lines} | {shared}");
        assert_eq!((why(a, b), why(&of(a), &of(b))), (String::new(), String::new()), "{a} / {b}");
        assert_eq!(households(&of(a), &of(b)), 1, "{a} / {b}");
    }
    assert_eq!(why("FN:John Miller | BDAY:1950-01-02", "FN:John Miller | BDAY:--01-02"), "same name");
    assert_eq!(why("N:Miller;John;A.", "N:Miller;John;Adam"), "", "an initial that fits is still no evidence");
}

#[test]
fn an_organisation_is_not_its_people() {
    let firm = "KIND:org | FN:Kahn | ORG:Kahn | TEL:030 901820";
    assert_eq!(why(firm, "FN:Kahn | TEL:030 901820"), "");
    assert_eq!(why(firm, firm), "same name, telephone number and organisation");
    assert_eq!(why(firm, "KIND:org | FN:Kohn | TEL:030 901820"), "");
}

#[test]
fn who_has_only_a_number_may_be_anybody_with_that_number() {
    assert_eq!(
        why("TEL:0171 1234567", "FN:Anna Müller | TEL:+491711234567"),
        "same telephone number, and one has no name"
    );
    assert_eq!(
        why("TEL:+1 650 253 0000 ext. 1", "FN:Anna Müller | TEL:+1 650 253 0000"),
        "",
        "an extension is another desk"
    );
    assert_eq!(why("NOTE:a", "NOTE:a"), "");
}

#[test]
fn what_a_person_said_is_not_asked_again() {
    let mut cards = [entity("FN:Anna Müller | EMAIL:a@b.c"), entity("FN:Anna Müller | EMAIL:a@b.c")];
    assert_eq!(search(&cards).pairs.len(), 1);
    write(&mut cards[1], &Path::apart(id(0)), book::PRESENT.to_vec());
    assert_eq!(search(&cards), Found::default());
}

#[test]
fn a_uid_that_another_source_knows_is_the_strongest_sign() {
    let mut account = entity("FN:Dad");
    write(&mut account, &Path::remote(EntityId([9; 16])), book::text_value("uid-1"));
    let found = search(&[entity("UID:uid-1 | FN:Robert Miller"), account]);
    assert_eq!(found.pairs[0].why, "same UID under different names");
}

#[test]
fn a_name_that_many_bear_is_no_sign_alone() {
    let village: Vec<Entity> =
        (0..7).map(|nth| entity(&format!("FN:Ivan Petrov | EMAIL:i{nth}@example.org"))).collect();
    assert_eq!(search(&village[..6]).pairs.len(), 15);
    assert_eq!(search(&village).pairs.len(), 0);
    let with_birthday = [&village[..], &[entity("FN:Ivan Petrov | EMAIL:i0@example.org")]].concat();
    assert_eq!(search(&with_birthday).pairs.len(), 1, "with something else it is");
}

#[test]
fn the_surest_come_first_and_a_switchboard_makes_no_households() {
    let cards = [
        entity("FN:Anna Müller | EMAIL:a@b.c"),
        entity("FN:Anna Müller | TEL:030 901820"),
        entity("FN:Anna Müller | EMAIL:a@b.c"),
    ];
    let found = search(&cards);
    assert_eq!((found.pairs[0].a, found.pairs[0].b), (id(0), id(2)));
    assert!(found.pairs.windows(2).all(|pair| pair[0].score >= pair[1].score) && found.pairs.len() == 3);
    let desks: Vec<Entity> = (0..60).map(|nth| entity(&format!("FN:Desk{nth} Person{nth} | TEL:030 901820"))).collect();
    assert_eq!(search(&desks), Found::default());
    assert_eq!(search(&desks[..10]).households, 45);
}
