//! What of Ada's card Bo gets to see, and what he makes of it.

use super::*;
use crate::{
    entity::Entity,
    id::PropertyId,
    layer::Layer,
    person::{
        self, Manner,
        tests::{NOW, Someone, linked},
    },
    register::Sibling,
    replica::Edit,
    vcard::{Property, Version},
    vector::Vector,
};
use std::collections::BTreeSet;

fn property(text: &str) -> Property {
    Property::from_text(Version::V40, 0, text).unwrap()
}

fn id(n: u8) -> PropertyId {
    PropertyId([n; 16])
}

fn set(ada: &mut Someone, n: u8, text: &str) {
    let me = card_item(ada.person);
    ada.write([crate::book::set_mine(me, id(n), Some(property(text).encode()))]);
}

fn viewed(entity: &Entity, contact: u8, groups: &[u8]) -> Content {
    let groups: BTreeSet<EntityId> = groups.iter().map(|n| EntityId([*n; 16])).collect();
    cut(entity, &Viewer { contact: Some(EntityId([contact; 16])), groups: &groups, tags: &BTreeSet::new() })
}

fn texts(content: &Content) -> Vec<&str> {
    content.properties.iter().filter_map(|shared| Some(shared.property.as_ref()?.as_str())).collect()
}

/// Publishes Ada's card to Bo as it is now, from one of her devices.
fn send(ada: &mut Someone, bo: &Someone) -> Option<Publication> {
    let me = card_item(ada.person);
    let content = viewed(&ada.entity(me), 7, &[]);
    let draft = draft(ada, bo, 1, Some(content));
    let (edit, publication) = publish(&ada.link_entity(bo), draft)?;
    ada.write([edit]);
    Some(publication)
}

fn draft(ada: &Someone, bo: &Someone, device: u8, content: Option<Content>) -> Publication {
    let roster = (ada.roster.epoch(), ada.roster.hash());
    Publication::draft((ada.person, ada.device(device)), bo.person, card_item(ada.person), roster, content, NOW)
}

fn take(bo: &mut Someone, ada: &Someone, publication: &Publication) -> bool {
    let received = receive(&bo.link_entity(ada), person::id(ada.person), publication);
    let is_news = received.is_some();
    bo.write(received);
    is_news
}

fn received(bo: &Someone, ada: &Someone) -> Received {
    Received::of_item(&bo.link_entity(ada), card_item(ada.person)).unwrap()
}

fn answer(bo: &mut Someone, ada: &Someone, ids: &[u8], accept: bool) {
    let ids = ids.iter().map(|n| id(*n)).collect();
    let edits = decide(&bo.link_entity(ada), person::id(ada.person), card_item(ada.person), &ids, accept);
    bo.write(edits);
}

fn shown(bo: &Someone, ada: &Someone) -> Vec<String> {
    let theirs = received(bo, ada).theirs();
    theirs.iter().filter_map(|shared| Some(shared.property.as_ref()?.as_str().to_owned())).collect()
}

fn two() -> (Someone, Someone) {
    let (mut ada, mut bo) = (Someone::new("Ada"), Someone::new("Bo"));
    linked(&mut ada, &mut bo, Manner::Sent);
    (ada, bo)
}

/// A value that device 2 wrote without knowing what stands there.
fn beside(someone: &mut Someone, edit: Edit, seq: u64) {
    let device = someone.device(2);
    let register = someone.book.entry(edit.entity).or_default().register_mut(&edit.path);
    register.merge(Sibling { device, seq, clock: 0, value: edit.value }, &Vector::default());
}

#[test]
fn everybody_sees_what_they_may_and_labels_without_what_they_speak_of_stay() {
    let mut ada = Someone::new("Ada");
    let me = card_item(ada.person);
    for (n, text) in ["FN:Ada", "a.TEL:1", "a.X-ABLabel:Boat", "EMAIL:a@b", "NOTE:mine", "UID:7"].iter().enumerate() {
        set(&mut ada, n as u8, text);
    }
    let family = Visibility::Only([Who::Group(EntityId([100; 16])), Who::Contact(EntityId([3; 16]))].into());
    ada.write([set_visibility(me, id(1), Some(&family)), set_visibility(me, id(3), Some(&Visibility::Nobody))]);
    let entity = ada.entity(me);
    assert_eq!(texts(&viewed(&entity, 1, &[])), ["FN:Ada"]);
    for (contact, groups) in [(3, &[][..]), (1, &[100])] {
        assert_eq!(texts(&viewed(&entity, contact, groups)), ["FN:Ada", "a.TEL:1", "a.X-ABLabel:Boat"]);
    }
    ada.write([set_visibility(me, id(1), None), set_visibility(me, id(4), Some(&Visibility::Everyone))]);
    assert_eq!(texts(&viewed(&ada.entity(me), 1, &[])).len(), 4);
    // A device that knew nothing of it hid the number: both must agree.
    beside(&mut ada, set_visibility(me, id(1), Some(&Visibility::Nobody)), 1);
    assert_eq!(texts(&viewed(&ada.entity(me), 3, &[100])), ["FN:Ada", "NOTE:mine"]);
    assert_eq!(visibility_of(&ada.entity(me), id(1)).len(), 2);
    assert_eq!(Visibility::decode(b"from the future"), Visibility::Nobody);
}

#[test]
fn a_publication_comes_back_from_its_bytes_and_nothing_beyond_the_limits_does() {
    let (mut ada, bo) = two();
    set(&mut ada, 1, "TEL:2");
    let me = card_item(ada.person);
    ada.write([
        keep_former(me, id(1), &Former { property: property("TEL:1"), until_ms: NOW }),
        set_from(me, id(1), Some(NOW)),
    ]);
    let publication = send(&mut ada, &bo).unwrap();
    assert_eq!(Publication::decode(&publication.encode()), Ok(publication.clone()));
    assert_eq!(publication.content.as_ref().unwrap().properties[0].former.len(), 1);
    let bytes = publication.encode();
    for cut in 0..bytes.len() {
        assert!(Publication::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    assert_eq!(Publication::decode(&vec![0; CONTENT_BYTES_MAX + 1]), Err(InvalidPublication::Limit));
    let mut many = publication.clone();
    let content = many.content.as_mut().unwrap();
    content.properties = vec![content.properties[0].clone(); 2];
    assert_eq!(Publication::decode(&many.encode()), Err(InvalidPublication::Encoding), "one id twice");
}

#[test]
fn a_new_number_holds_from_its_day_and_the_old_one_is_kept_as_former() {
    let old = Former { property: property("TEL:1"), until_ms: NOW + 10 };
    let shared =
        Shared { id: id(1), property: Some(property("TEL:2")), from_ms: Some(NOW + 10), former: vec![old.clone()] };
    let before = effective(&shared, NOW);
    assert_eq!((before.current, before.coming), (Some(&old.property), Some((&property("TEL:2"), NOW + 10))));
    assert!(before.former.is_empty());
    let after = effective(&shared, NOW + 10);
    assert_eq!((after.current, after.coming, after.former), (shared.property.as_ref(), None, vec![&old]));
    let gone = Shared { property: None, from_ms: None, former: vec![old.clone()], ..shared };
    assert_eq!(effective(&gone, NOW).current, Some(&old.property), "until its day it holds");
    assert_eq!(effective(&gone, NOW + 10).current, None);
}

#[test]
fn a_withdrawn_number_leaves_with_what_it_was_before() {
    let (mut ada, mut bo) = two();
    let me = card_item(ada.person);
    set(&mut ada, 1, "TEL:2");
    ada.write([keep_former(me, id(1), &Former { property: property("TEL:1"), until_ms: NOW })]);
    let first = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &first);
    answer(&mut bo, &ada, &[1], true);
    assert_eq!(received(&bo, &ada).ever(), [property("TEL:2"), property("TEL:1")], "old call logs still match");
    let edits = withdraw(me, &ada.entity(me), id(1));
    ada.write(edits);
    let second = send(&mut ada, &bo).unwrap();
    assert_eq!(second.content.as_ref().unwrap().properties, []);
    take(&mut bo, &ada, &second);
    let questions = received(&bo, &ada).questions();
    assert!(questions.len() == 1 && questions[0].new.is_none());
    assert_eq!(shown(&bo, &ada), ["TEL:2"], "a removal is decided like a value");
    answer(&mut bo, &ada, &[1], true);
    assert_eq!((shown(&bo, &ada), received(&bo, &ada).ever()), (vec![], vec![]));
}

#[test]
fn what_was_kept_back_from_one_person_is_new_to_them_later_and_what_they_have_is_not_sent_again() {
    let (mut ada, bo) = two();
    set(&mut ada, 1, "FN:Ada");
    assert_eq!(send(&mut ada, &bo).unwrap().order.number, 1);
    assert_eq!(send(&mut ada, &bo), None);
    set(&mut ada, 2, "TEL:1");
    set(&mut ada, 3, "EMAIL:a@b");
    let sent = Sent::of_item(&ada.link_entity(&bo), card_item(ada.person)).unwrap();
    let now = viewed(&ada.entity(card_item(ada.person)), 7, &[]);
    let fresh = news(sent.newest.content.as_ref(), Some(&now));
    assert_eq!(fresh.iter().map(|news| news.name.as_str()).collect::<Vec<_>>(), ["TEL", "EMAIL"]);
    assert!(fresh.iter().all(|news| news.old.is_none()));
    assert_eq!(send(&mut ada, &bo).unwrap().order.number, 2);
    let draft = draft(&ada, &bo, 1, None);
    let (edit, withdrawn) = withdraw_publication(&ada.link_entity(&bo), draft.clone()).unwrap();
    assert_eq!((withdrawn.content, withdrawn.order.number), (None, 3));
    ada.write([edit]);
    assert_eq!(withdraw_publication(&ada.link_entity(&bo), draft), None);
}

#[test]
fn of_two_publications_at_once_the_merged_one_is_above_both_and_no_newer_than_either() {
    let (mut ada, bo) = two();
    let me = card_item(ada.person);
    set(&mut ada, 1, "FN:Ada");
    send(&mut ada, &bo).unwrap();
    let before = ada.clone();
    set(&mut ada, 1, "FN:Ada B");
    set(&mut ada, 2, "TEL:1");
    send(&mut ada, &bo).unwrap();
    // The second device, which knows nothing of it, sends a card without the name's change but with a mail address.
    let mut other = viewed(&before.entity(me), 7, &[]);
    other.properties.push(Shared { id: id(3), property: Some(property("EMAIL:a@b")), from_ms: None, former: vec![] });
    let (edit, _) = publish(&before.link_entity(&bo), draft(&ada, &bo, 2, Some(other))).unwrap();
    beside(&mut ada, edit, 1);
    set(&mut ada, 3, "EMAIL:a@b");
    set(&mut ada, 2, "TEL:2 not sent yet");
    let now = viewed(&ada.entity(me), 7, &[]);
    let (edit, merged) = settle(&ada.link_entity(&bo), me, &now, ada.device(1), NOW).unwrap();
    assert_eq!(merged.order.number, 3);
    assert_eq!(texts(merged.content.as_ref().unwrap()), ["FN:Ada B", "EMAIL:a@b"]);
    ada.write([edit]);
    assert_eq!(settle(&ada.link_entity(&bo), me, &now, ada.device(1), NOW), None);
}

#[test]
fn a_book_that_was_restored_from_before_numbers_above_what_others_hold() {
    let (mut ada, mut bo) = two();
    set(&mut ada, 1, "FN:Ada");
    let backup = ada.clone();
    for name in ["FN:B", "FN:C"] {
        set(&mut ada, 1, name);
        let publication = send(&mut ada, &bo).unwrap();
        assert!(take(&mut bo, &ada, &publication));
    }
    let mut restored = backup;
    let held = received(&bo, &restored).newest.order;
    let entity = person::id(bo.person);
    let raised = raise_floor(&restored.link_entity(&bo), entity, card_item(restored.person), held).unwrap();
    restored.write([raised]);
    assert_eq!(raise_floor(&restored.link_entity(&bo), entity, card_item(restored.person), held), None);
    let publication = send(&mut restored, &bo).unwrap();
    assert!(publication.order > held && take(&mut bo, &restored, &publication));
    assert_eq!(send(&mut restored, &bo), None);
}

#[test]
fn an_older_publication_changes_nothing_and_own_devices_agree_on_the_newest() {
    let (mut ada, mut bo) = two();
    let mut sent = Vec::new();
    for name in ["FN:A", "FN:B", "FN:C"] {
        set(&mut ada, 1, name);
        sent.push(send(&mut ada, &bo).unwrap());
    }
    assert!(take(&mut bo, &ada, &sent[1]));
    assert!(!take(&mut bo, &ada, &sent[0]) && !take(&mut bo, &ada, &sent[1]));
    // The other device got the third one at the same time: the writers' clocks decide nothing.
    let edit = receive(&Entity::default(), person::id(ada.person), &sent[2]).unwrap();
    beside(&mut bo, edit, 1);
    assert_eq!(received(&bo, &ada).newest, sent[2]);
}

#[test]
fn what_waits_is_shown_when_it_is_accepted_and_refusing_lasts_until_the_value_changes() {
    let (mut ada, mut bo) = two();
    set(&mut ada, 1, "FN:Ada");
    set(&mut ada, 2, "TEL:1");
    let publication = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &publication);
    assert_eq!(received(&bo, &ada).questions().len(), 2);
    assert_eq!(shown(&bo, &ada), [] as [&str; 0]);
    answer(&mut bo, &ada, &[1, 2], true);
    assert_eq!((shown(&bo, &ada).len(), received(&bo, &ada).questions().len()), (2, 0));
    set(&mut ada, 2, "TEL:2");
    let publication = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &publication);
    assert_eq!(shown(&bo, &ada), ["FN:Ada", "TEL:1"], "the last accepted one is kept beside");
    answer(&mut bo, &ada, &[2], false);
    assert_eq!((shown(&bo, &ada)[1].as_str(), received(&bo, &ada).questions().len()), ("TEL:1", 0));
    set(&mut ada, 2, "TEL:3");
    let publication = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &publication);
    assert_eq!(received(&bo, &ada).questions().len(), 1, "it holds until the value changes");
    answer(&mut bo, &ada, &[2], true);
    assert_eq!(shown(&bo, &ada)[1], "TEL:3");
    let ids = [id(2)].into();
    let settings = Entity::default();
    let edits = undo(&bo.link_entity(&ada), &settings, person::id(ada.person), card_item(ada.person), &ids);
    bo.write(edits);
    assert_eq!((shown(&bo, &ada)[1].as_str(), received(&bo, &ada).questions().len()), ("TEL:1", 0));
}

#[test]
fn accepted_here_and_refused_there_is_asked_again() {
    let (mut ada, mut bo) = two();
    set(&mut ada, 1, "FN:Ada");
    let publication = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &publication);
    let unknowing = bo.clone();
    answer(&mut bo, &ada, &[1], true);
    let item = card_item(ada.person);
    let refusal = decide(&unknowing.link_entity(&ada), person::id(ada.person), item, &[id(1)].into(), false);
    beside(&mut bo, refusal[0].clone(), 1);
    let questions = received(&bo, &ada).questions();
    assert!(questions.len() == 1 && questions[0].is_torn);
    assert_eq!((questions[0].old.clone(), shown(&bo, &ada)), (None, vec![]), "what two disagree about is not shown");
    answer(&mut bo, &ada, &[1], false);
    assert_eq!((received(&bo, &ada).questions(), shown(&bo, &ada)), (vec![], vec![]), "the no that was last holds");
    set(&mut ada, 1, "FN:Lady Ada");
    let publication = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &publication);
    answer(&mut bo, &ada, &[1], false);
    assert_eq!(shown(&bo, &ada), [] as [&str; 0], "a later no brings nothing up that was refused before");
}

/// Bo's device takes in what Ada sends, by the policies that stand.
fn take_by_policy(bo: &mut Someone, ada: &Someone, publication: &Publication, metered: bool) {
    let settings = bo.entity(crate::book::SETTINGS);
    let edits = take_in(&bo.link_entity(ada), &settings, publication, metered);
    bo.write(edits);
}

/// Ada's next card, with this number, taken in.
fn next(ada: &mut Someone, bo: &mut Someone, tel: &str, metered: bool) {
    set(ada, 2, tel);
    let publication = send(ada, bo).unwrap();
    take_by_policy(bo, ada, &publication, metered);
}

#[test]
fn the_narrowest_policy_counts_and_an_undo_asks_from_then_on_for_that_person_and_field() {
    let (mut ada, mut bo) = two();
    let (link, item) = (person::id(ada.person), card_item(ada.person));
    set(&mut ada, 1, "FN:Ada");
    bo.write([set_policy(crate::book::SETTINGS, "", Some(Policy::Ask))]);
    next(&mut ada, &mut bo, "TEL:1", false);
    assert_eq!(shown(&bo, &ada), ["FN:Ada", "TEL:1"], "accepting the invitation was the yes to the first card");
    next(&mut ada, &mut bo, "TEL:2", false);
    assert_eq!(shown(&bo, &ada)[1], "TEL:1");
    let refusal = set_policy(crate::book::SETTINGS, "TEL", Some(Policy::Refuse));
    assert_eq!(Path::from_bytes(refusal.path.as_bytes()), Some(refusal.path.clone()), "others can read it");
    bo.write([refusal]);
    next(&mut ada, &mut bo, "TEL:3", false);
    assert_eq!((shown(&bo, &ada)[1].as_str(), received(&bo, &ada).questions().len()), ("TEL:1", 0));
    bo.write([set_policy(link, "", Some(Policy::Automatic))]);
    next(&mut ada, &mut bo, "TEL:4", false);
    assert_eq!(shown(&bo, &ada)[1], "TEL:4", "what is said of a person comes before what is said of a field");
    assert!(received(&bo, &ada).settled()[0].by_itself);
    let edits = undo(&bo.link_entity(&ada), &bo.entity(crate::book::SETTINGS), link, item, &[id(2)].into());
    bo.write(edits);
    assert_eq!((shown(&bo, &ada)[1].as_str(), received(&bo, &ada).questions().len()), ("TEL:1", 0));
    next(&mut ada, &mut bo, "TEL:5", false);
    assert_eq!((shown(&bo, &ada)[1].as_str(), received(&bo, &ada).questions().len()), ("TEL:1", 1));
    set(&mut ada, 1, "FN:Lady Ada");
    next(&mut ada, &mut bo, "TEL:6", false);
    assert_eq!(shown(&bo, &ada), ["FN:Lady Ada", "TEL:1"], "only of that field");
}

#[test]
fn what_wants_an_unmetered_network_waits_for_one() {
    let (mut ada, mut bo) = two();
    let link = person::id(ada.person);
    next(&mut ada, &mut bo, "TEL:1", true);
    bo.write([set_policy(link, "", Some(Policy::Unmetered))]);
    next(&mut ada, &mut bo, "TEL:2", true);
    let settings = Entity::default();
    let entity = bo.link_entity(&ada);
    assert!(waits_for_network(&entity, &settings, card_item(ada.person)));
    assert_eq!(shown(&bo, &ada), ["TEL:1"]);
    bo.write(take_deferred(&entity, &settings));
    assert_eq!(shown(&bo, &ada), ["TEL:2"]);
    next(&mut ada, &mut bo, "TEL:3", false);
    assert_eq!(shown(&bo, &ada), ["TEL:3"]);
}

#[test]
fn the_first_card_of_somebody_unknown_always_asks_and_nobody_can_be_somebody_by_saying_so() {
    // Bo accepted Ada's invitation: she does not know who he is.
    let (mut ada, mut bo) = two();
    let (link, item, settings) = (person::id(bo.person), card_item(bo.person), Entity::default());
    let mut card = |tel: &str| {
        bo.write([crate::book::set_mine(item, id(2), Some(property(tel).encode()))]);
        send(&mut bo, &ada.clone()).unwrap()
    };
    let (first, second) = (card("TEL:1"), card("TEL:2"));
    let sure: [Vec<Edit>; 3] = [
        vec![person::verify(bo.person, person::Verified::Words)],
        person::place(bo.person, EntityId([7; 16])),
        vec![set_policy(link, "", Some(Policy::Automatic))],
    ];
    for edits in sure {
        let mut ada = ada.clone();
        ada.write(edits);
        take_by_policy(&mut ada, &bo, &first, false);
        assert_eq!(shown(&ada, &bo), ["TEL:1"]);
    }
    ada.write([set_policy(crate::book::SETTINGS, "", Some(Policy::Automatic))]);
    for publication in [&first, &second] {
        take_by_policy(&mut ada, &bo, publication, false);
        assert_eq!(shown(&ada, &bo), [] as [&str; 0]);
        assert!(is_first_contact(&ada.link_entity(&bo), &settings, item));
    }
    answer(&mut ada, &bo, &[2], true);
    assert!(!is_first_contact(&ada.link_entity(&bo), &settings, item));
    next(&mut bo, &mut ada, "TEL:3", false);
    assert_eq!(shown(&ada, &bo), ["TEL:3"], "from then on it goes by policy");
}

#[test]
fn an_update_that_was_put_off_comes_back_and_a_newer_one_asks_at_once() {
    let (mut ada, mut bo) = two();
    let (link, item) = (person::id(ada.person), card_item(ada.person));
    bo.write([set_policy(link, "", Some(Policy::Ask))]);
    next(&mut ada, &mut bo, "TEL:1", false);
    assert_eq!(received(&bo, &ada).later_ms, None);
    let edit = put_off(&bo.link_entity(&ada), link, item, NOW + 5);
    bo.write(edit);
    assert_eq!(received(&bo, &ada).later_ms, Some(NOW + 5));
    next(&mut ada, &mut bo, "TEL:2", false);
    assert_eq!(received(&bo, &ada).later_ms, None);
}

#[test]
fn the_contacts_layer_says_what_was_accepted_and_my_own_words_stay() {
    let (mut ada, mut bo) = two();
    let contact = EntityId([77; 16]);
    bo.write([crate::book::set_mine(contact, id(9), Some(property("NOTE:met in Rome").encode()))]);
    set(&mut ada, 1, "FN:Ada");
    let publication = send(&mut ada, &bo).unwrap();
    take(&mut bo, &ada, &publication);
    answer(&mut bo, &ada, &[1], true);
    let (entity, item) = (person::id(ada.person), card_item(ada.person));
    let edits = |bo: &Someone| layer_edits(&bo.link_entity(&ada), entity, (contact, &bo.entity(contact)), item, NOW);
    let written = edits(&bo);
    bo.write(written);
    assert_eq!(edits(&bo), []);
    let says = crate::card::statements(&bo.entity(contact));
    let layers: Vec<Layer> = says.iter().map(|statement| statement.layer).collect();
    assert_eq!(layers, [Layer::Mine, Layer::Theirs(entity)]);
    // Another device wrote an older value at the same time: both come to the same.
    let older = crate::book::set_property(contact, Layer::Theirs(entity), id(1), Some(property("FN:Old").encode()));
    beside(&mut bo, older, 1);
    let written = edits(&bo);
    assert_eq!(written.len(), 2);
    bo.write(written);
    assert_eq!(edits(&bo), []);
}

#[test]
fn a_contact_is_given_away_without_what_its_own_person_said_of_it() {
    let mut bo = Someone::new("Bo");
    let contact = EntityId([77; 16]);
    let theirs = Layer::Theirs(EntityId([5; 16]));
    bo.write([
        crate::book::set_mine(contact, id(1), Some(property("FN:Cy").encode())),
        crate::book::set_mine(contact, id(2), Some(property("NOTE:owes me").encode())),
        crate::book::set_mine(contact, id(5), Some(property("TEL:+49301234567").encode())),
        crate::book::set_property(contact, theirs, id(3), Some(property("TEL:+49 171 7654321").encode())),
        crate::book::set_property(contact, theirs, id(4), Some(property("TEL:+49 30 1234567").encode())),
    ]);
    let content = given(&bo.entity(contact), Some("DE"), false);
    assert_eq!(content.kind, ItemKind::Contact);
    assert_eq!(texts(&content), ["FN:Cy", "TEL:+49301234567"], "what I know myself I may tell");
    assert_eq!(texts(&given(&bo.entity(contact), Some("DE"), true)).len(), 3);
}

#[test]
fn a_card_may_be_given_on_only_if_its_person_says_so_on_every_device() {
    let (mut ada, bo) = two();
    let item = card_item(ada.person);
    set(&mut ada, 1, "FN:Ada");
    assert!(!send(&mut ada, &bo).unwrap().content.unwrap().may_pass_on);
    ada.write([set_may_pass_on(item, true)]);
    assert!(send(&mut ada, &bo).unwrap().content.unwrap().may_pass_on);
    beside(&mut ada, set_may_pass_on(item, false), 1);
    assert!(!viewed(&ada.entity(item), 1, &[]).may_pass_on);
}

#[test]
fn a_note_of_its_own_is_an_item_with_a_name_and_goes_when_it_is_removed() {
    let mut ada = Someone::new("Ada");
    let item = EntityId([50; 16]);
    ada.write(set_item(item, ItemKind::Note, "Keys"));
    ada.write([Edit { entity: item, path: Path::mine(id(1)), value: Some(property("NOTE:under the mat").encode()) }]);
    let content = viewed(&ada.entity(item), 1, &[]);
    assert_eq!((content.kind, content.name.as_str()), (ItemKind::Note, "Keys"));
    assert_eq!(texts(&content), ["NOTE:under the mat"], "a note that is an item is there to be shared");
    assert_eq!(crate::book::kind(&ada.entity(item)), crate::book::Kind::Item);
    let edits = remove_item(item, &ada.entity(item));
    ada.write(edits);
    assert_eq!(viewed(&ada.entity(item), 1, &[]).properties, []);
}

#[test]
fn a_home_changed_once_is_proposed_to_everybody_who_has_it_and_a_mobile_number_to_nobody() {
    let members = [
        (
            EntityId([1; 16]),
            vec![(id(1), property("ADR;TYPE=work:;;1 Street;Town;;1;X")), (id(2), property("TEL:030 1"))],
        ),
        (EntityId([2; 16]), vec![(id(3), property("ADR:;;1 Street;Town;;1;X "))]),
        (EntityId([3; 16]), vec![(id(4), property("ADR:;;2 Street;Town;;1;X"))]),
    ];
    let (old, new) = (property("ADR;TYPE=home:;;1 Street;Town;;1;X"), property("ADR;TYPE=home:;;9 Lane;Town;;1;X"));
    let found = proposals((&old, Some(&new)), &members, None);
    let to: Vec<u8> = found.iter().map(|proposal| proposal.contact.0[0]).collect();
    assert_eq!(to, [1, 2]);
    assert_eq!(found[0].new.as_ref().unwrap().as_str(), "ADR;TYPE=work:;;9 Lane;Town;;1;X");
    let landline = property("TEL;TYPE=home:030 1");
    assert_eq!(proposals((&landline, None), &members, None)[0].new, None);
    assert_eq!(proposals((&property("TEL;TYPE=cell:030 1"), None), &members, None), []);
    assert_eq!(proposals((&old, Some(&old)), &members, None), []);
}

#[test]
fn updates_leave_at_once_after_some_changes_or_after_some_minutes() {
    let minute = 60_000;
    for (when, changes, now, expected) in [
        (When::Now, 0, NOW, Due::Nothing),
        (When::Now, 1, NOW, Due::Now),
        (When::Changes(3), 2, NOW, Due::Later),
        (When::Changes(3), 3, NOW, Due::Now),
        (When::Minutes(5), 1, NOW + minute, Due::At(NOW + 5 * minute)),
        (When::Minutes(5), 1, NOW + 5 * minute, Due::Now),
        (When::Minutes(5), 1, NOW - 1, Due::Now),
    ] {
        assert_eq!(due(when, changes, NOW, now), expected, "{when:?} after {changes}");
        assert_eq!(When::decode(&when.encode()), Some(when));
    }
}

#[test]
fn a_standing_audience_that_one_device_ended_means_nobody() {
    let mut ada = Someone::new("Ada");
    let item = card_item(ada.person);
    let everyone = crate::audience::Audience { everyone: true, ..Default::default() };
    assert_eq!(standing(&ada.entity(item)), []);
    ada.write([set_standing(item, Some(&everyone)), set_when(item, When::Changes(3))]);
    assert_eq!((standing(&ada.entity(item)), when(&ada.entity(item))), (vec![everyone], When::Changes(3)));
    beside(&mut ada, set_standing(item, None), 1);
    assert_eq!(standing(&ada.entity(item)), []);
    assert_eq!(when(&Entity::default()), When::Now);
}

#[test]
fn the_ledger_says_what_waits_and_what_arrived_by_which_path() {
    let (mut ada, bo) = two();
    set(&mut ada, 1, "FN:Ada");
    let publication = send(&mut ada, &bo).unwrap();
    assert_eq!(crate::ledger::outbox(&ada.link_entity(&bo)), 1);
    let entity = person::id(bo.person);
    let arrived = Delivery { order: publication.order, at_ms: NOW, path: "lan".to_owned() };
    let edit = acknowledge(&ada.link_entity(&bo), entity, publication.item, arrived.clone()).unwrap();
    ada.write([edit]);
    assert_eq!(acknowledge(&ada.link_entity(&bo), entity, publication.item, arrived), None);
    let entries = crate::ledger::entries(&ada.link_entity(&bo));
    assert_eq!((entries[0].version, entries[0].state.word()), (1, "delivered"));
    assert_eq!(entries[0].delivered, Some(("lan".to_owned(), NOW)));
    set(&mut ada, 1, "FN:B");
    send(&mut ada, &bo).unwrap();
    assert_eq!(crate::ledger::entries(&ada.link_entity(&bo))[0].state, crate::ledger::State::Waiting);
    ada.write([person::set_blocked(bo.person, true)]);
    assert_eq!(crate::ledger::outbox(&ada.link_entity(&bo)), 0);
}
