//! A card laid out flat: what a table has columns for.

use super::{CUSTOM, row::scheme};
use crate::{
    contact::labels,
    vcard::{PartialDate, Property, full_name},
};

/// A value with its label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Labelled {
    /// As the card shows it: `home`, `work fax`, or the person's own.
    pub(crate) label: String,
    pub(crate) preferred: bool,
    pub(crate) value: String,
}

/// A card without its structure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flat {
    pub(crate) uid: String,
    pub(crate) full: String,
    /// Family, given, additional, prefix, suffix.
    pub(crate) name: [String; 5],
    /// Given, additional, family.
    pub(crate) phonetic: [String; 3],
    pub(crate) nickname: String,
    pub(crate) organisation: String,
    pub(crate) unit: String,
    pub(crate) title: String,
    pub(crate) birthday: String,
    pub(crate) note: String,
    pub(crate) photo: String,
    pub(crate) categories: Vec<String>,
    pub(crate) emails: Vec<Labelled>,
    pub(crate) phones: Vec<Labelled>,
    /// Each with the seven components of its `ADR`.
    pub(crate) addresses: Vec<(Labelled, [String; 7])>,
    pub(crate) relations: Vec<Labelled>,
    pub(crate) websites: Vec<Labelled>,
    pub(crate) events: Vec<Labelled>,
    /// Each with its service.
    pub(crate) messengers: Vec<(Labelled, String)>,
    pub(crate) customs: Vec<Labelled>,
    /// What no table has a place for, by name.
    pub(crate) left_out: Vec<&'static str>,
}

impl Flat {
    pub(crate) fn of(properties: &[Property]) -> Self {
        let mut flat = Self::default();
        for (property, label) in properties.iter().zip(labels(properties)) {
            flat.take(property, label);
        }
        flat
    }

    fn take(&mut self, property: &Property, label: String) {
        let name = property.name().into_owned();
        let line = property.parsed();
        let preferred = line.param("PREF").is_some_and(|pref| pref == "1")
            || line.types().any(|kind| kind.eq_ignore_ascii_case("PREF"));
        let labelled = |value: String| Labelled { label, preferred, value };
        let text = || joined(&property.parts());
        match name.as_str() {
            "VERSION" | "REV" | "PRODID" | "CREATED" | "CLIENTPIDMAP" | "X-ABLABEL" | "KIND" | "X-ABSHOWAS" => {}
            "UID" => self.uid = text(),
            "FN" if self.full.is_empty() => self.full = text(),
            "N" if self.name.iter().all(String::is_empty) => self.name = components(property),
            "X-PHONETIC-FIRST-NAME" if self.phonetic[0].is_empty() => self.phonetic[0] = text(),
            "X-PHONETIC-MIDDLE-NAME" if self.phonetic[1].is_empty() => self.phonetic[1] = text(),
            "X-PHONETIC-LAST-NAME" if self.phonetic[2].is_empty() => self.phonetic[2] = text(),
            "NICKNAME" if self.nickname.is_empty() => self.nickname = text(),
            "ORG" if self.organisation.is_empty() && self.unit.is_empty() => {
                let [organisation, first, second, third] = components(property);
                self.organisation = organisation;
                let units = [first, second, third];
                self.unit = units.into_iter().filter(|unit| !unit.is_empty()).collect::<Vec<_>>().join(", ");
            }
            "TITLE" if self.title.is_empty() => self.title = text(),
            "BDAY" if self.birthday.is_empty() => self.birthday = date(property),
            "NOTE" if self.note.is_empty() => self.note = text(),
            "CATEGORIES" => self.categories.extend(property.parts().into_iter().flatten()),
            "EMAIL" => self.emails.push(labelled(text())),
            "TEL" => self.phones.push(labelled(text())),
            "ADR" => self.addresses.push((labelled(String::new()), components(property))),
            "RELATED" | "X-ABRELATEDNAMES" => self.relations.push(labelled(text())),
            "X-SPOUSE" | "X-MANAGER" | "X-ASSISTANT" => {
                let label = name["X-".len()..].to_lowercase();
                self.relations.push(Labelled { label, preferred, value: text() });
            }
            "URL" => self.websites.push(labelled(text())),
            "ANNIVERSARY" | "X-ANNIVERSARY" => {
                let label = "anniversary".to_owned();
                self.events.push(Labelled { label, preferred, value: date(property) });
            }
            "X-ABDATE" => self.events.push(labelled(date(property))),
            "IMPP" => {
                let service = line.param("X-SERVICE-TYPE").or_else(|| line.param("SERVICE-TYPE"));
                let service = service.map(|service| service.into_owned()).unwrap_or_default();
                let value = text();
                let handle = match (scheme(&service), value.split_once(':')) {
                    (Some(known), Some((scheme, handle))) if known == scheme => handle.to_owned(),
                    _ => value,
                };
                // The service is told by a column of its own.
                let label = if labelled(String::new()).label == service { String::new() } else { labels_own(property) };
                self.messengers.push((Labelled { label, preferred, value: handle }, service));
            }
            "PHOTO" => match text() {
                uri if uri.contains("://") && self.photo.is_empty() => self.photo = uri,
                _ => self.left_out.push("photos"),
            },
            "LOGO" => self.left_out.push("logos"),
            "SOUND" => self.left_out.push("sounds"),
            "KEY" => self.left_out.push("keys"),
            CUSTOM => self.customs.push(labelled(text())),
            other => {
                let label = NAMES.iter().find(|(known, _)| *known == other).map_or(other, |(_, label)| label);
                let value = if label == "Gender" { gender(property) } else { text() };
                self.customs.push(Labelled { label: label.to_owned(), preferred: false, value });
            }
        }
    }

    /// Whether the name shown is another than the parts of the name say.
    pub(crate) fn is_shown_otherwise(&self) -> bool {
        let parts = self.name.clone().map(|part| vec![part]);
        !self.full.is_empty() && self.name.iter().any(|part| !part.is_empty()) && full_name(&parts) != self.full
    }
}

fn labels_own(property: &Property) -> String {
    labels(std::slice::from_ref(property)).swap_remove(0)
}

fn joined(parts: &[Vec<String>]) -> String {
    let parts = parts.iter().map(|texts| texts.join(", ")).filter(|text| !text.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

fn components<const N: usize>(property: &Property) -> [String; N] {
    let mut parts = property.parts().into_iter();
    std::array::from_fn(|_| parts.next().map(|texts| texts.join(" ")).unwrap_or_default())
}

fn date(property: &Property) -> String {
    let text = joined(&property.parts());
    PartialDate::from_text(&text).map_or(text, |date| date.to_string())
}

fn gender(property: &Property) -> String {
    let [code, text]: [String; 2] = components(property);
    match (code.as_str(), text.is_empty()) {
        (_, false) => text,
        ("M", _) => "Male".to_owned(),
        ("F", _) => "Female".to_owned(),
        ("O", _) => "Other".to_owned(),
        (code, _) => code.to_owned(),
    }
}

/// Properties without a column, by what their custom field is called.
const NAMES: [(&str, &str); 5] = [
    ("X-MAIDENNAME", "Maiden name"),
    ("ROLE", "Role"),
    ("GENDER", "Gender"),
    ("LANG", "Language"),
    ("X-PHONETIC-ORG", "Company Yomi"),
];
