//! Edits of a contact of whom a phone's account speaks as well.

use super::*;
use kith_core::{
    id::DeviceId,
    register::Sibling,
    vcard::{Version, parse},
};

const ANNA: EntityId = EntityId([9; 16]);
const PHONE: Layer = Layer::Account(EntityId([3; 16]));

fn write(entity: &mut Entity, path: &Path, value: Option<Vec<u8>>) {
    let seen = entity.register(path).map(|register| register.seen().clone()).unwrap_or_default();
    let seq = seen.at(DeviceId([1; 16])) + 1;
    entity.register_mut(path).merge(Sibling { device: DeviceId([1; 16]), seq, clock: 0, value }, &seen);
}

/// A contact of whom layers say lines; the nth property has the id of n twice in hex, sixteen times.
fn contact(said: &[(Layer, &[&str])]) -> Entity {
    let mut entity = Entity::default();
    write(&mut entity, &Path::state(), Some(book::ALIVE.to_vec()));
    let mut nth = 0xa0;
    for (layer, lines) in said {
        for (order, line) in lines.iter().enumerate() {
            let property = Property::from_text(Version::V30, order as u32, *line).unwrap();
            write(&mut entity, &Path::property(*layer, PropertyId([nth; 16])), Some(property.encode()));
            nth += 1;
        }
    }
    entity
}

fn change(entity: &mut Entity, plan: impl FnOnce(&mut Plan) -> Result<(), Error>) -> Result<usize, Error> {
    let mut planned = Plan::new(ANNA, Some(entity)).with_layers(entity, Some("DE"));
    let before = planned.name();
    plan(&mut planned)?;
    planned.follow_name(&before)?;
    let edits = planned.finish();
    assert!(edits.iter().all(|edit| edit.path.as_property().is_none_or(|(layer, _)| layer == Layer::Mine)));
    let count = edits.len();
    edits.into_iter().for_each(|edit| write(entity, &edit.path, edit.value));
    Ok(count)
}

/// Names what to set as the command line does: a name, or a property's id.
fn set(name: &str, value: &str) -> PropertyEdit {
    let id = name.chars().all(|char| char.is_ascii_hexdigit() && !char.is_ascii_uppercase());
    PropertyEdit {
        property_id: id.then(|| name.to_owned()),
        name: if id { String::new() } else { name.to_owned() },
        value: Some(value.to_owned()),
        ..PropertyEdit::default()
    }
}

fn lines(entity: &Entity) -> Vec<String> {
    card::properties(entity, Some("DE")).into_iter().map(|(_, property)| property.as_str().to_owned()).collect()
}

#[test]
fn a_single_value_of_another_layer_is_edited_by_saying_it_myself() {
    let mut anna = contact(&[(PHONE, &["FN:Anna", "BDAY:1981-02-03"])]);
    change(&mut anna, |plan| plan.set(&set("BDAY", "1982-03-04"))).unwrap();
    assert_eq!(lines(&anna), ["BDAY:1982-03-04", "FN:Anna"]);
    change(&mut anna, |plan| plan.set(&set("a1a1", "1983-04-05"))).unwrap();
    assert_eq!(lines(&anna), ["BDAY:1983-04-05", "FN:Anna"], "my own is the one to change");
    let mine = card::statements(&anna)[0].id.to_string();
    change(&mut anna, |plan| plan.unset(&mine)).unwrap();
    assert_eq!(lines(&anna), ["FN:Anna", "BDAY:1981-02-03"], "without mine, the phone's shows");
}

#[test]
fn one_of_several_values_of_another_layer_is_replaced_by_mine_with_its_label() {
    let mut anna = contact(&[(PHONE, &["item1.TEL;TYPE=CELL:+49301", "item1.X-ABLabel:Boat", "TEL:+49302"])]);
    change(&mut anna, |plan| plan.set(&set("a0a0", "+49309"))).unwrap();
    assert_eq!(lines(&anna), ["item1.TEL;TYPE=CELL:+49309", "item1.X-ABLabel:Boat", "TEL:+49302"]);
    let labelled = PropertyEdit { label: Some("Desk".into()), ..set("a2a2", "+49302") };
    change(&mut anna, |plan| plan.set(&labelled)).unwrap();
    let card = lines(&anna);
    assert!(card.contains(&"item2.TEL:+49302".into()) && card.contains(&"item2.X-ABLabel:Desk".into()), "{card:?}");
    let hidden = card::fields(&anna, None).into_iter().filter(|field| field.hidden && field.property.name() == "TEL");
    assert_eq!(hidden.count(), 1, "only what says something else is hidden");
}

#[test]
fn what_is_removed_is_hidden_wherever_it_is_said() {
    let mut anna = contact(&[(Layer::Mine, &["TEL:0171 1234567"]), (PHONE, &["TEL:+49 171 1234567", "TEL:+49302"])]);
    assert_eq!(lines(&anna), ["TEL:0171 1234567", "TEL:+49302"]);
    assert_eq!(change(&mut anna, |plan| plan.unset("a0a0")).unwrap(), 3, "my own, the phone's, and the state");
    assert_eq!(lines(&anna), ["TEL:+49302"]);
    change(&mut anna, |plan| plan.unset("a2a2")).unwrap();
    assert_eq!(lines(&anna), [""; 0]);
}

#[test]
fn the_only_one_of_its_kind_is_looked_for_on_the_whole_card() {
    let mut anna = contact(&[(Layer::Mine, &["TEL:+49301"]), (PHONE, &["TEL:+49302", "EMAIL:a@b.c"])]);
    let refused = change(&mut anna, |plan| plan.set(&set("TEL", "+49309"))).unwrap_err();
    assert_eq!(refused.code, Code::Ambiguous, "{refused}");
    change(&mut anna, |plan| plan.set(&set("EMAIL", "d@e.f"))).unwrap();
    assert_eq!(lines(&anna), ["TEL:+49301", "EMAIL:d@e.f", "TEL:+49302"]);
    assert_eq!(change(&mut anna, |plan| plan.set(&set("ffff", "x"))).unwrap_err().code, Code::NotFound);
}

#[test]
fn a_name_that_the_phone_gave_is_changed_in_its_order() {
    let mut anna = contact(&[(PHONE, &["N:Müller;Anna;;;", "FN:Müller Anna"])]);
    change(&mut anna, |plan| plan.set(&set("N", "Meier;Anna;;;"))).unwrap();
    let card = lines(&anna);
    assert!(card.contains(&"FN:Meier Anna".to_owned()), "{card:?}");
    let mut dad = contact(&[(Layer::Mine, &["FN:Dad"]), (PHONE, &["N:Miller;Robert;;;", "FN:Robert Miller"])]);
    change(&mut dad, |plan| plan.set(&set("N", "Miller;Bob;;;"))).unwrap();
    assert!(lines(&dad).contains(&"FN:Dad".to_owned()), "what I call him stays");
}

#[test]
fn an_import_looks_at_my_layer_only() {
    let anna = contact(&[(Layer::Mine, &["FN:Anna"]), (PHONE, &["TEL:+49301"])]);
    let mut plan = Plan::new(ANNA, Some(&anna));
    plan.take_in(&parse("BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nTEL:+49301\nEND:VCARD\n").cards[0]);
    assert_eq!(plan.finish().len(), 2, "the number is mine now too");
}

#[test]
fn properties_of_each_name_take_the_places_that_they_have_together() {
    let mut anna = contact(&[(Layer::Mine, &["FN:Anna", "TEL:1", "EMAIL:a@x", "TEL:2", "TEL:3"]), (PHONE, &["TEL:9"])]);
    let said = lines(&anna);
    assert_eq!(said, ["FN:Anna", "TEL:1", "EMAIL:a@x", "TEL:2", "TEL:3", "TEL:9"]);
    let order = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let written = change(&mut anna, |plan| plan.arrange(&order(&["a4a4", "a1a1"]))).unwrap();
    assert_eq!(written, 3, "two properties and the state");
    assert_eq!(lines(&anna), ["FN:Anna", "TEL:3", "EMAIL:a@x", "TEL:2", "TEL:1", "TEL:9"]);
    let same = change(&mut anna, |plan| plan.arrange(&order(&["a4a4", "a5a5", "a2a2", "a3a3", "a1a1"])));
    assert_eq!(same.unwrap(), 0, "what another layer says is not moved, and nothing is written for nothing");
    assert!(change(&mut anna, |plan| plan.arrange(&order(&["77"]))).is_err());
}

#[test]
fn properties_that_share_a_place_get_places_of_their_own() {
    let mut anna = contact(&[(Layer::Mine, &["TEL:1"])]);
    for (nth, number) in [(0xb1, "2"), (0xb2, "3")] {
        let property = Property::from_text(Version::V30, 0, format!("TEL:{number}")).unwrap();
        write(&mut anna, &Path::mine(PropertyId([nth; 16])), Some(property.encode()));
    }
    change(&mut anna, |plan| plan.arrange(&["b2b2".to_owned(), "a0a0".to_owned(), "b1b1".to_owned()])).unwrap();
    assert_eq!(lines(&anna), ["TEL:3", "TEL:1", "TEL:2"]);
}
