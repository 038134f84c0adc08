//! Two contacts side by side, field by field.

use super::{Field, Keep};
use crate::{
    card::{Region, Statement, is_companion, likeness},
    contact::labels,
    vcard::{is_photo, is_single},
};
use std::collections::BTreeMap;

/// What one of the two says, with what each property is called.
pub(super) struct Side {
    pub(super) said: Vec<Statement>,
    labels: Vec<String>,
}

/// A field of the comparison: which statements of each side it is about.
pub(super) struct Row {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) a: Vec<usize>,
    pub(super) b: Vec<usize>,
    pub(super) keep: Keep,
    pub(super) single: bool,
    alike: bool,
}

impl Side {
    pub(super) fn of(said: Vec<Statement>) -> Self {
        let properties: Vec<_> = said.iter().map(|said| &said.property).cloned().collect();
        Self { labels: labels(&properties), said }
    }

    /// The properties that are fields, with what makes two of them alike.
    fn fields(&self, region: Region<'_>) -> Vec<(usize, String, String)> {
        let fields = self.said.iter().enumerate().filter_map(|(at, said)| {
            let name = said.property.name();
            if is_companion(&name) || BOOKKEEPING.contains(&&*name) {
                return None;
            }
            let (name, value) = likeness(&said.property, region);
            Some((at, name, value))
        });
        fields.collect()
    }

    fn text(&self, at: Option<&usize>) -> String {
        at.map(|&at| self.said[at].property.text()).unwrap_or_default()
    }

    fn label(&self, at: Option<&usize>) -> &str {
        at.map_or("", |&at| &self.labels[at])
    }
}

impl Row {
    pub(super) fn field(&self, a: &Side, b: &Side) -> Field {
        let (first_a, first_b) = (self.a.first(), self.b.first());
        let labels = [a.label(first_a), b.label(first_b)];
        let label = if self.keep == Keep::B { labels[1] } else { labels[0] };
        let label = if label.is_empty() { labels.concat() } else { label.to_owned() };
        Field {
            key: self.key.clone(),
            name: self.name.clone(),
            label,
            a: a.text(first_a),
            b: b.text(first_b),
            keep: self.keep,
            single: self.single,
            differs: first_a.is_some() && first_b.is_some() && !self.alike,
        }
    }
}

/// Puts the fields of two sides beside each other, in `a`'s order, then in `b`'s.
pub(super) fn rows(a: &Side, b: &Side, region: Region<'_>) -> Vec<Row> {
    let (of_a, of_b) = (a.fields(region), b.fields(region));
    let notes = |fields: &[(usize, String, String)]| fields.iter().filter(|field| field.1 == "NOTE").count();
    // A note is one text as long as nobody has several.
    let one_note = notes(&of_a) <= 1 && notes(&of_b) <= 1;
    let once = |name: &str| is_single(name) || is_photo(name) || (name == "NOTE" && one_note);
    let mut rows: Vec<Row> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut values: Vec<String> = Vec::new();
    for (at, name, value) in of_a {
        let mut key = key(&name, &value, once(&name));
        if once(&name)
            && let Some(&row) = known.get(&key)
        {
            rows[row].a.push(at);
            continue;
        }
        // What one wrote twice are two fields.
        let twins = (2..).map(|number| format!("{key}#{number}"));
        if known.contains_key(&key) {
            key = twins.into_iter().find(|twin| !known.contains_key(twin)).unwrap_or_default();
        }
        known.insert(key.clone(), rows.len());
        values.push(value);
        let single = once(&name) && name != "NOTE";
        rows.push(Row { key, name, a: vec![at], b: Vec::new(), keep: Keep::A, single, alike: true });
    }
    for (at, name, value) in of_b {
        let key = key(&name, &value, once(&name));
        match known.get(&key) {
            Some(&row) => {
                let (row, of_a) = (&mut rows[row], &values[row]);
                if row.b.is_empty() {
                    row.alike = *of_a == value;
                    let unlabelled = row.alike && !row.a.is_empty() && a.label(row.a.first()).is_empty();
                    if unlabelled && !b.labels[at].is_empty() {
                        row.keep = Keep::B;
                    }
                }
                row.b.push(at);
            }
            None => {
                known.insert(key.clone(), rows.len());
                values.push(value);
                let single = once(&name) && name != "NOTE";
                rows.push(Row { key, name, a: Vec::new(), b: vec![at], keep: Keep::B, single, alike: true });
            }
        }
    }
    rows
}

/// What choices name a field by.
fn key(name: &str, value: &str, once: bool) -> String {
    if once {
        return name.to_owned();
    }
    if value.len() <= KEY_BYTES_MAX && !value.contains(['\n', '\r']) {
        return format!("{name}:{value}");
    }
    let hash = blake3::hash(value.as_bytes()).to_hex();
    format!("{name}:{}", &hash[..HASH_DIGITS])
}

/// What programs keep for themselves: `a`'s stays.
const BOOKKEEPING: [&str; 6] = ["UID", "REV", "PRODID", "CREATED", "X-ABUID", "MAILER"];
/// Longest value that names its field itself, in bytes; longer ones are named by a hash.
const KEY_BYTES_MAX: usize = 200;
/// Hexadecimal digits of the hash of a long value.
const HASH_DIGITS: usize = 16;
