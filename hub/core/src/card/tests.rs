//! Cards of several layers.

use super::*;
use crate::{
    id::{BookId, DeviceId},
    register::Sibling,
    vcard::{Version, print},
};

const THEIRS: Layer = Layer::Theirs(EntityId([1; 16]));
const BOOK: Layer = Layer::Book(BookId([2; 16]));
const PHONE: Layer = Layer::Account(EntityId([3; 16]));
const OFFICE: Layer = Layer::Account(EntityId([4; 16]));

/// A contact on whom layers state lines of vCard; ids count from 0.
#[derive(Default)]
struct Anna {
    entity: Entity,
    seq: u64,
    ids: u8,
}

impl Anna {
    fn says(mut self, layer: Layer, lines: &[&str]) -> Self {
        for (order, line) in lines.iter().enumerate() {
            let property = Property::from_text(Version::V30, order as u32, *line).expect("a line");
            let id = PropertyId([self.ids; 16]);
            self.ids += 1;
            self.write(Path::property(layer, id), Some(property.encode()));
        }
        self
    }

    fn now_says(&mut self, layer: Layer, id: u8, line: &str) {
        let property = Property::from_text(Version::V30, 0, line).expect("a line");
        self.write(Path::property(layer, PropertyId([id; 16])), Some(property.encode()));
    }

    fn hide(&mut self, layer: Layer, id: u8) {
        let wanted = PropertyId([id; 16]);
        let statement = statements(&self.entity).into_iter().find(|said| (said.layer, said.id) == (layer, wanted));
        let edit = hide(EntityId([9; 16]), &statement.expect("it is said"));
        self.write(edit.path, edit.value);
    }

    fn write(&mut self, path: Path, value: Option<Vec<u8>>) {
        self.seq += 1;
        let seen = self.entity.register(&path).map(|register| register.seen().clone()).unwrap_or_default();
        let sibling = Sibling { device: DeviceId([1; 16]), seq: self.seq, clock: 0, value };
        self.entity.register_mut(&path).merge(sibling, &seen);
    }

    /// The lines of the card, with the first letters of the layers that say them.
    fn card(&self) -> Vec<String> {
        let shown = fields(&self.entity, Some("DE")).into_iter().filter(|field| !field.hidden);
        shown.map(|field| format!("{} {}", words(&field.layers), field.property.as_str())).collect()
    }

    /// The lines that are there to look at.
    fn beside(&self) -> Vec<String> {
        let hidden = fields(&self.entity, Some("DE")).into_iter().filter(|field| field.hidden);
        hidden.map(|field| format!("{} {}", words(&field.layers), field.property.as_str())).collect()
    }
}

fn words(layers: &[Layer]) -> String {
    layers.iter().map(|layer| &layer.word()[..1]).collect()
}

#[test]
fn a_single_value_is_mine_else_theirs_else_the_books_else_an_accounts() {
    let anna = |layers: &[Layer]| {
        let lines = [(PHONE, "BDAY:1984-01-01"), (BOOK, "BDAY:1983-01-01"), (THEIRS, "BDAY:1982-01-01")];
        let lines = lines.into_iter().chain([(Layer::Mine, "BDAY:1981-01-01"), (OFFICE, "BDAY:1985-01-01")]);
        let said = lines.filter(|(layer, _)| layers.contains(layer));
        said.fold(Anna::default(), |anna, (layer, line)| anna.says(layer, &[line]))
    };
    let all = anna(&[Layer::Mine, THEIRS, BOOK, PHONE, OFFICE]);
    assert_eq!(all.card(), ["m BDAY:1981-01-01"]);
    let beside = ["t BDAY:1982-01-01", "b BDAY:1983-01-01", "a BDAY:1984-01-01", "a BDAY:1985-01-01"];
    assert_eq!(all.beside(), beside, "the overridden ones are there to look at");
    assert_eq!(anna(&[THEIRS, BOOK, PHONE]).card(), ["t BDAY:1982-01-01"]);
    assert_eq!(anna(&[OFFICE, BOOK, PHONE]).card(), ["b BDAY:1983-01-01"]);
    assert_eq!(anna(&[OFFICE, PHONE]).card(), ["a BDAY:1984-01-01"], "of two accounts that with the least id");
}

#[test]
fn several_values_are_united_and_what_is_said_twice_is_shown_once() {
    let anna = Anna::default()
        .says(
            Layer::Mine,
            &["FN:Anna", "TEL;TYPE=CELL:0171 1234567", "EMAIL:Anna@Example.org", "URL:https://a.example"],
        )
        .says(THEIRS, &["TEL:+49 (0)171 1234567", "TEL:+49 30 901820", "EMAIL:anna@example.org "])
        .says(PHONE, &["FN:Anna", "TEL:004930901820", "URL: https://a.example ", "URL:https://b.example"]);
    let card = [
        "ma FN:Anna",
        "mt TEL;TYPE=CELL:0171 1234567",
        "mt EMAIL:Anna@Example.org",
        "ma URL:https://a.example",
        "ta TEL:+49 30 901820",
        "a URL:https://b.example",
    ];
    assert_eq!(anna.card(), card);
    assert_eq!(anna.beside(), [""; 0]);
}

#[test]
fn what_i_wrote_twice_stays_twice_and_my_layer_alone_is_the_card() {
    let mine =
        ["FN:Anna", "FN:Anna B", "TEL;TYPE=HOME:030 901820", "TEL;TYPE=WORK:030 901820", "item1.X-ABLabel:Nobody"];
    let alone = Anna::default().says(Layer::Mine, &mine);
    let expected: Vec<String> = mine.iter().map(|line| format!("m {line}")).collect();
    assert_eq!(alone.card(), expected);
    let with = alone.says(PHONE, &["TEL:+4930901820"]);
    let lines: Vec<String> =
        with.card().iter().map(|line| line[line.find(' ').unwrap_or(0) + 1..].to_owned()).collect();
    assert_eq!(lines, mine);
}

#[test]
fn a_hidden_value_is_left_out_until_its_layer_says_something_else() {
    let mut anna = Anna::default().says(Layer::Mine, &["FN:Anna"]).says(PHONE, &["TEL:+49301", "NOTE:Old\\, grey"]);
    anna.hide(PHONE, 2);
    assert_eq!(
        (anna.card(), anna.beside()),
        (vec!["m FN:Anna".into(), "a TEL:+49301".into()], vec!["a NOTE:Old\\, grey".into()])
    );
    anna.now_says(PHONE, 2, "NOTE;LANGUAGE=en:Old\\, gr\n ey");
    assert_eq!(anna.card().len(), 2, "the same value in other words for it stays hidden");
    anna.now_says(PHONE, 2, "NOTE:Young");
    let note = fields(&anna.entity, None).pop().expect("there is a note");
    assert!(!note.hidden && note.changed_since_hidden, "{note:?}");
    anna.write(Path::hidden(PHONE, PropertyId([2; 16])), None);
    assert!(!fields(&anna.entity, None).pop().expect("there is a note").changed_since_hidden);
}

#[test]
fn a_hidden_single_value_gives_way_to_the_next_layer() {
    let mut anna = Anna::default().says(THEIRS, &["BDAY:1982-01-01"]).says(PHONE, &["BDAY:1984-01-01"]);
    anna.hide(THEIRS, 0);
    assert_eq!((anna.card(), anna.beside()), (vec!["a BDAY:1984-01-01".into()], vec!["t BDAY:1982-01-01".into()]));
}

#[test]
fn a_value_hidden_in_one_layer_shows_if_another_says_it() {
    let mut anna = Anna::default().says(THEIRS, &["TEL:+49301"]).says(PHONE, &["TEL:+49 30 1"]);
    anna.hide(THEIRS, 0);
    assert_eq!((anna.card(), anna.beside()), (vec!["a TEL:+49 30 1".into()], vec!["t TEL:+49301".into()]));
}

#[test]
fn labels_of_different_layers_do_not_mix() {
    let anna = Anna::default()
        .says(Layer::Mine, &["item1.TEL:+49301", "item1.X-ABLabel:Boat", "item2.URL:https://a.example"])
        .says(PHONE, &["item1.TEL:+49302", "item1.X-ABLabel:Car", "item9.TEL:+49303", "item9.X-ABLabel:Train"])
        .says(OFFICE, &["ITEM1.TEL:+49304", "item1.X-ABLabel:Desk"]);
    let card = [
        "m item1.TEL:+49301",
        "m item1.X-ABLabel:Boat",
        "m item2.URL:https://a.example",
        "a item3.TEL:+49302",
        "a item3.X-ABLabel:Car",
        "a item9.TEL:+49303",
        "a item9.X-ABLabel:Train",
        "a item4.TEL:+49304",
        "a item4.X-ABLabel:Desk",
    ];
    assert_eq!(anna.card(), card, "only what clashes gets another name");
    let properties: Vec<Property> = properties(&anna.entity, None).into_iter().map(|(_, property)| property).collect();
    let labels = crate::contact::labels(&properties);
    let told: Vec<&str> = labels.iter().map(String::as_str).filter(|label| !label.is_empty()).collect();
    assert_eq!(told, ["Boat", "Car", "Train", "Desk"]);
    assert!(print(&properties.iter().collect::<Vec<_>>(), Version::V30).contains("item3.X-ABLabel:Car\r\n"));
}

#[test]
fn a_label_goes_with_what_it_speaks_of() {
    let mut anna = Anna::default()
        .says(Layer::Mine, &["TEL:+49301"])
        .says(PHONE, &["item1.TEL:+49 30 1", "item1.X-ABLabel:Boat", "item2.TEL:+49302", "item2.X-ABLabel:Car"]);
    assert_eq!(anna.card(), ["ma TEL:+49301", "a item2.TEL:+49302", "a item2.X-ABLabel:Car"]);
    anna.hide(PHONE, 3);
    assert_eq!(anna.card(), ["ma TEL:+49301"]);
    assert!(
        anna.beside().contains(&"a item2.X-ABLabel:Car".to_owned()),
        "beside what is hidden it still tells what it is"
    );
}

#[test]
fn devices_that_only_put_a_value_elsewhere_at_the_same_time_leave_nothing_to_choose() {
    let path = Path::mine(PropertyId([1; 16]));
    let mut anna = Anna::default();
    let mut said_by = |device: u8, order: u32, line: &str| {
        let property = Property::from_text(Version::V30, order, line).expect("a line");
        let value = Some(property.encode());
        let sibling = Sibling { device: DeviceId([device; 16]), seq: 1, clock: i64::from(device), value };
        anna.entity.register_mut(&path).merge(sibling, &Default::default());
        let register = anna.entity.register(&path).expect("it is said");
        (register.siblings().len(), others(register).len())
    };
    assert_eq!(said_by(1, 0, "TEL:1"), (1, 0));
    assert_eq!(said_by(2, 4, "TEL:1"), (2, 0), "the same, at another place");
    assert_eq!(said_by(3, 7, "TEL:2"), (3, 1), "one question, not two");
    assert_eq!(said_by(4, 7, "TEL:3"), (4, 2));
}
