//! Stories about two cards that become one.

use super::*;
use crate::{id::DeviceId, register::Sibling, vcard::parse, vector::Vector};

const A: EntityId = EntityId([1; 16]);
const B: EntityId = EntityId([2; 16]);
const PHONE: EntityId = EntityId([7; 16]);

fn write(entity: &mut Entity, path: &Path, value: Option<Vec<u8>>) {
    let seen = entity.register(path).map(|register| register.seen().clone()).unwrap_or_default();
    let seq = seen.at(DeviceId([1; 16])) + 1;
    entity.register_mut(path).merge(Sibling { device: DeviceId([1; 16]), seq, clock: 0, value }, &seen);
}

/// A contact of whom layers say lines of vCard.
fn contact(id: EntityId, said: &[(Layer, &str)]) -> Entity {
    let mut entity = Entity::default();
    write(&mut entity, &Path::state(), Some(book::ALIVE.to_vec()));
    let mut nth = 0;
    for (layer, lines) in said {
        let text = format!("BEGIN:VCARD\nVERSION:3.0\n{}\nEND:VCARD\n", lines.replace(" | ", "\n"));
        for property in &parse(&text).cards[0].properties {
            nth += 1;
            let mut property_id = [id.0[0]; 16];
            property_id[15] = nth;
            write(&mut entity, &Path::property(*layer, PropertyId(property_id)), Some(property.encode()));
        }
    }
    entity
}

fn mine(id: EntityId, lines: &str) -> Entity {
    contact(id, &[(Layer::Mine, lines)])
}

/// Both contacts after a merge that `choices` (`FIELD=a`) decide, and the fields.
fn merged(a: &Entity, b: &Entity, choices: &[&str]) -> Result<(Entity, Entity, Vec<Field>), MergeError> {
    let choices = choices.iter().map(|choice| {
        let (field, keep) = choice.rsplit_once('=').expect("FIELD=KEEP");
        let keep = match keep {
            "a" => Keep::A,
            "b" => Keep::B,
            _ => Keep::Both,
        };
        (field.to_owned(), keep)
    });
    let plan = plan((A, a), (B, b), "uid-of-b", Some("DE"), &choices.collect())?;
    let (mut a, mut b) = (a.clone(), b.clone());
    for Edit { entity, path, value } in plan.edits {
        write(if entity == A { &mut a } else { &mut b }, &path, value);
    }
    Ok((a, b, plan.fields))
}

fn lines(entity: &Entity) -> Vec<String> {
    card::properties(entity, Some("DE")).into_iter().map(|(_, property)| property.as_str().to_owned()).collect()
}

fn card_of(a: &str, b: &str, choices: &[&str]) -> Vec<String> {
    lines(&merged(&mine(A, a), &mine(B, b), choices).expect("they become one").0)
}

#[test]
fn what_both_say_stays_once_and_what_one_says_is_added() {
    let a = "FN:Anna | TEL;TYPE=CELL:0171 1234567 | EMAIL:anna@example.org";
    let b = "FN:Anna | TEL:+49 171 1234567 | EMAIL:Anna@Example.org | EMAIL:am@example.org | URL:https://a.example";
    let expected = [
        "FN:Anna",
        "TEL;TYPE=CELL:0171 1234567",
        "EMAIL:anna@example.org",
        "EMAIL:am@example.org",
        "URL:https://a.example",
    ];
    assert_eq!(card_of(a, b, &[]), expected);
    assert_eq!(card_of(a, b, &["EMAIL:am@example.org=a", "URL:https://a.example=both"]).len(), 4, "b's is left out");
    assert_eq!(card_of(a, b, &["TEL:+491711234567=b"])[1], "TEL:+49 171 1234567", "as b spells it");
    let doubled = card_of("TEL:030 901820", "TEL;TYPE=HOME:030 901820 | TEL;TYPE=WORK:030 901820", &[]);
    assert_eq!(doubled.len(), 1, "no doubles");
}

#[test]
fn of_what_a_card_has_once_as_value_stays_unless_somebody_chooses() {
    let (a, b) =
        ("FN:Anna | BDAY:1981-02-03", "FN:Anna Müller | N:Müller;Anna | BDAY:1982-03-04 | PHOTO;ENCODING=b:AAAA");
    assert_eq!(
        card_of(a, b, &[]),
        ["FN:Anna", "BDAY:1981-02-03", "N:Müller;Anna;;;", "PHOTO;ENCODING=b:AAAA"].map(|line| {
            // The name stands as it came.
            line.replace("Anna;;;", "Anna")
        })
    );
    let chosen = card_of(a, b, &["FN=b", "BDAY=b"]);
    assert_eq!(chosen[..2], ["FN:Anna Müller", "BDAY:1982-03-04"], "in its place");
    assert!(!card_of(a, b, &["BDAY=b", "N=a", "PHOTO=a"]).iter().any(|line| line.starts_with("N:")), "a has no N");
    let fields = merged(&mine(A, a), &mine(B, b), &[]).expect("they become one").2;
    let told: Vec<_> = fields.iter().map(|f| (&*f.key, &*f.a, &*f.b, f.keep, f.single, f.differs)).collect();
    let expected = [
        ("FN", "Anna", "Anna Müller", Keep::A, true, true),
        ("BDAY", "1981-02-03", "1982-03-04", Keep::A, true, true),
        ("N", "", "Anna Müller", Keep::B, true, false),
        ("PHOTO", "", "1 KiB", Keep::B, true, false),
    ];
    assert_eq!(told, expected);
}

#[test]
fn two_notes_stay_as_chosen() {
    let (a, b) = ("FN:Anna | NOTE:Likes tea\\, black", "FN:Anna | NOTE:Met in Rome");
    assert_eq!(card_of(a, b, &[])[1], "NOTE:Likes tea\\, black");
    assert_eq!(card_of(a, b, &["NOTE=b"])[1], "NOTE:Met in Rome");
    assert_eq!(card_of(a, b, &["NOTE=both"])[1], "NOTE:Likes tea\\, black\\n\\nMet in Rome");
    assert_eq!(card_of("FN:Anna", b, &[])[1], "NOTE:Met in Rome");
}

#[test]
fn labels_come_along_and_do_not_mix() {
    let a = "FN:Anna | item1.TEL:+49301 | item1.X-ABLabel:Boat | TEL:+49 171 1234567";
    let b = "item1.TEL:+49302 | item1.X-ABLabel:Car | item2.TEL:0171 1234567 | item2.X-ABLabel:Pocket";
    let expected = [
        "FN:Anna",
        "item1.TEL:+49301",
        "item1.X-ABLabel:Boat",
        "item2.TEL:0171 1234567",
        "item2.X-ABLabel:Pocket",
        "item3.TEL:+49302",
        "item3.X-ABLabel:Car",
    ];
    let mut card = card_of(a, b, &[]);
    card.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(card, expected, "a label where there was none is worth having");
    let without = card_of(a, b, &["TEL:+49301=b", "TEL:+49302=a"]);
    assert!(!without.iter().any(|line| line.contains("Boat") || line.contains("Car")), "{without:?}");
}

#[test]
fn groups_tags_and_what_was_said_before_move_to_the_one_that_stays() {
    let (group, tag, old, other) = (EntityId([3; 16]), EntityId([4; 16]), EntityId([5; 16]), EntityId([6; 16]));
    let mut b = mine(B, "FN:Anna");
    for path in [Path::in_group(group), Path::tagged(tag), Path::apart(other), Path::apart(A)] {
        write(&mut b, &path, Some(book::PRESENT.to_vec()));
    }
    write(&mut b, &Path::alias(old), Some(book::text_value("uid-of-old")));
    let (a, trashed, _) = merged(&mine(A, "FN:Anna"), &b, &[]).expect("they become one");
    let has = |path: &Path| a.register(path).and_then(|register| register.value()).is_some();
    assert!([Path::in_group(group), Path::tagged(tag), Path::apart(other), Path::alias(old)].iter().all(has));
    assert!(!has(&Path::apart(A)));
    let alias = a.register(&Path::alias(B)).and_then(|register| register.value()).and_then(book::read_text);
    assert_eq!(alias.as_deref(), Some("uid-of-b"), "importing b's card again finds a");
    assert!(!book::is_trashed(&a) && book::is_trashed(&trashed));
    assert_eq!(lines(&trashed), ["FN:Anna"], "b keeps its values in the trash");
}

#[test]
fn other_layers_move_with_what_is_hidden_of_them() {
    let account = Layer::Account(PHONE);
    let mut b = contact(B, &[(Layer::Mine, "FN:Anna"), (account, "TEL:+49302 | TEL:+49303")]);
    write(&mut b, &Path::remote(PHONE), Some(book::text_value("r-2")));
    let hidden =
        card::statements(&b).into_iter().find(|said| said.property.as_str() == "TEL:+49303").expect("it is said");
    let edit = card::hide(B, &hidden);
    write(&mut b, &edit.path, edit.value);
    let (a, trashed, _) = merged(&mine(A, "FN:Anna | TEL:+49301"), &b, &[]).expect("they become one");
    assert_eq!(lines(&a), ["FN:Anna", "TEL:+49301", "TEL:+49302"]);
    let remote =
        |entity: &Entity| entity.register(&Path::remote(PHONE)).and_then(|r| r.value()).and_then(book::read_text);
    assert_eq!((remote(&a).as_deref(), remote(&trashed)), (Some("r-2"), None), "the account knows a as that one now");
}

#[test]
fn two_contacts_of_one_account_become_one_and_nothing_is_lost() {
    let account = Layer::Account(PHONE);
    let with = |id, lines, remote| {
        let mut entity = contact(id, &[(account, lines)]);
        write(&mut entity, &Path::remote(PHONE), Some(book::text_value(remote)));
        entity
    };
    let (a, b) = (with(A, "FN:Anna | TEL:+49301", "r-1"), with(B, "FN:Anna | TEL:+49302", "r-2"));
    let (a, b, _) = merged(&a, &b, &[]).expect("they become one");
    let mut card = lines(&a);
    card.sort();
    assert_eq!(card, ["FN:Anna", "TEL:+49301", "TEL:+49302"]);
    let remote =
        |entity: &Entity| entity.register(&Path::remote(PHONE)).and_then(|r| r.value()).and_then(book::read_text);
    assert_eq!(
        (remote(&a).as_deref(), remote(&b).as_deref()),
        (Some("r-1"), Some("r-2")),
        "the account still knows two"
    );
}

#[test]
fn what_cannot_become_one_is_refused() {
    let (a, b) = (mine(A, "FN:Anna | BDAY:1981-02-03"), mine(B, "FN:Anna | BDAY:1982-03-04"));
    let none = BTreeMap::new();
    assert_eq!(plan((A, &a), (A, &a), "", None, &none), Err(MergeError::Same));
    assert_eq!(merged(&a, &b, &["TEL:110=a"]).err(), Some(MergeError::UnknownField("TEL:110".into())));
    assert_eq!(merged(&a, &b, &["BDAY=both"]).err(), Some(MergeError::OnlyOne("BDAY".into())));
    let mut trashed = b.clone();
    write(&mut trashed, &Path::state(), Some(book::TRASHED.to_vec()));
    assert_eq!(merged(&a, &trashed, &[]).err(), Some(MergeError::Trashed));
    let mut torn = b.clone();
    let path = Path::mine(card::statements(&torn)[1].id);
    let other = Property::from_text(crate::vcard::Version::V30, 1, "BDAY:1983-03-04").expect("a line").encode();
    let sibling = Sibling { device: DeviceId([2; 16]), seq: 1, clock: 1, value: Some(other) };
    torn.register_mut(&path).merge(sibling, &Vector::default());
    assert_eq!(merged(&a, &torn, &[]).err(), Some(MergeError::Undecided("BDAY".into())));
    assert_eq!(merged(&torn, &a, &[]).err(), Some(MergeError::Undecided("BDAY".into())));
}

#[test]
fn a_card_that_would_be_too_large_is_refused() {
    let many = |from: usize| (0..1_500).map(|nth| format!("URL:https://{}.example", from + nth)).collect::<Vec<_>>();
    let (a, b) = (mine(A, "FN:Anna"), mine(B, "FN:Anna"));
    let add = |entity: &mut Entity, lines: Vec<String>, mark: u8| {
        for (nth, line) in lines.iter().enumerate() {
            let mut id = [mark; 16];
            id[..8].copy_from_slice(&(nth as u64).to_be_bytes());
            let property = Property::from_text(crate::vcard::Version::V30, 9, line.as_str()).expect("a line");
            write(entity, &Path::mine(PropertyId(id)), Some(property.encode()));
        }
    };
    let (mut full, mut more) = (a, b);
    add(&mut full, many(0), 3);
    add(&mut more, many(1_000), 4);
    assert_eq!(merged(&full, &more, &[]).err(), Some(MergeError::TooLarge));
    let (mut full, mut same) = (mine(A, "FN:Anna"), mine(B, "FN:Anna"));
    add(&mut full, many(0), 3);
    add(&mut same, many(100), 4);
    assert!(merged(&full, &same, &[]).is_ok());
    let photo = |size: usize| format!("PHOTO;ENCODING=b:{}", "A".repeat(size));
    assert_eq!(merged(&mine(A, "FN:Anna"), &mine(B, &photo(800 << 10)), &[]).err(), Some(MergeError::TooLarge));
}
