//! What a column can mean.

use std::fmt;

/// What a column means: a part of a contact, with a label where there may be several, and a number where columns that
/// belong together bear one (`Phone 1 - Label`, `Phone 1 - Value`).
///
/// As text: `tel;cell`, `adr;street;home`, `email;label;#1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub(crate) what: What,
    /// Words such as `home`, `work fax`; empty if there are none.
    pub(crate) label: String,
    /// 0 if the column stands alone.
    pub(crate) number: u16,
}

/// A part of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    FullName,
    Given,
    Additional,
    Family,
    Prefix,
    Suffix,
    PhoneticGiven,
    PhoneticAdditional,
    PhoneticFamily,
    Nickname,
    Maiden,
    Organisation,
    Unit,
    PhoneticOrganisation,
    Title,
    Role,
    Tel,
    TelLabel,
    Email,
    EmailLabel,
    EmailName,
    Street,
    Extended,
    PoBox,
    City,
    Region,
    PostalCode,
    Country,
    Formatted,
    AddressLabel,
    Url,
    UrlLabel,
    Im,
    ImLabel,
    ImService,
    Birthday,
    BirthYear,
    BirthMonth,
    BirthDay,
    Anniversary,
    Event,
    EventLabel,
    Relation,
    RelationLabel,
    Gender,
    Note,
    Categories,
    Photo,
    Language,
    Uid,
    Custom,
    CustomLabel,
}

impl Field {
    pub(crate) fn of(what: What) -> Self {
        Self { what, label: String::new(), number: 0 }
    }

    pub(crate) fn labelled(what: What, label: &str) -> Self {
        Self { what, label: label.to_owned(), number: 0 }
    }

    pub(crate) fn numbered(what: What, number: u16) -> Self {
        Self { what, label: String::new(), number }
    }

    /// Reads a field's text, e.g. `tel;cell`; `None` if it means nothing.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (text, number) = match text.rsplit_once(";#") {
            Some((rest, number)) => (rest.to_owned(), number.parse().ok()?),
            None => (text, 0),
        };
        let fits = |word: &str| text == word || text.strip_prefix(word).is_some_and(|rest| rest.starts_with(';'));
        // `tel;label` is one of its own, so the longest word wins.
        let (what, word, _) = WORDS.iter().filter(|(_, word, _)| fits(word)).max_by_key(|(_, word, _)| word.len())?;
        let label = text[word.len()..].trim_start_matches(';').trim().to_owned();
        if label.contains(';') || label.len() > LABEL_BYTES_MAX || (!label.is_empty() && !what.has_label()) {
            return None;
        }
        Some(Self { what: *what, label, number })
    }

    /// Returns every field that a person may choose, with its name in English.
    pub fn all() -> Vec<(Self, String)> {
        let mut all = Vec::new();
        for &(what, _, name) in WORDS {
            let labels: &[&str] = match what {
                What::Tel => &["", "cell", "home", "work", "main", "fax", "home fax", "work fax", "pager", "other"],
                what if what.has_label() => &["", "home", "work", "other"],
                _ => &[""],
            };
            for label in labels {
                let name = match *label {
                    "" => name.to_owned(),
                    "cell" => format!("{name} (mobile)"),
                    label => format!("{name} ({label})"),
                };
                all.push((Self::labelled(what, label), name));
            }
        }
        all
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(what, _, _)| *what == self.what).map_or("", |(_, word, _)| word);
        f.write_str(word)?;
        if !self.label.is_empty() {
            write!(f, ";{}", self.label)?;
        }
        if self.number > 0 {
            write!(f, ";#{}", self.number)?;
        }
        Ok(())
    }
}

impl What {
    /// Whether there may be several with labels of their own.
    pub(crate) fn has_label(self) -> bool {
        use What::{
            City, Country, Custom, Email, Event, Extended, Formatted, Im, PoBox, PostalCode, Region, Relation, Street,
            Tel, Url,
        };
        matches!(
            self,
            Tel | Email
                | Street
                | Extended
                | PoBox
                | City
                | Region
                | PostalCode
                | Country
                | Formatted
                | Url
                | Im
                | Event
                | Relation
                | Custom
        )
    }

    /// Which component of an `ADR` it is (RFC 6350, 6.3.1).
    pub(crate) fn address_part(self) -> Option<usize> {
        Some(match self {
            Self::PoBox => 0,
            Self::Extended => 1,
            Self::Street => 2,
            Self::City => 3,
            Self::Region => 4,
            Self::PostalCode => 5,
            Self::Country => 6,
            _ => return None,
        })
    }
}

/// Each with its word in a mapping and its name in English.
const WORDS: &[(What, &str, &str)] = &[
    (What::FullName, "fn", "Full name"),
    (What::Prefix, "n;prefix", "Name prefix"),
    (What::Given, "n;given", "First name"),
    (What::Additional, "n;additional", "Middle name"),
    (What::Family, "n;family", "Last name"),
    (What::Suffix, "n;suffix", "Name suffix"),
    (What::PhoneticGiven, "phonetic;given", "Phonetic first name"),
    (What::PhoneticAdditional, "phonetic;additional", "Phonetic middle name"),
    (What::PhoneticFamily, "phonetic;family", "Phonetic last name"),
    (What::Nickname, "nickname", "Nickname"),
    (What::Maiden, "maiden", "Maiden name"),
    (What::Organisation, "org", "Company"),
    (What::Unit, "org;unit", "Department"),
    (What::PhoneticOrganisation, "org;phonetic", "Phonetic company"),
    (What::Title, "title", "Job title"),
    (What::Role, "role", "Profession"),
    (What::Tel, "tel", "Phone"),
    (What::TelLabel, "tel;label", "Phone: its label"),
    (What::Email, "email", "Email"),
    (What::EmailLabel, "email;label", "Email: its label"),
    (What::EmailName, "email;name", "Email: name shown with it"),
    (What::Street, "adr;street", "Street"),
    (What::Extended, "adr;extended", "Apartment"),
    (What::PoBox, "adr;pobox", "Post office box"),
    (What::City, "adr;city", "City"),
    (What::Region, "adr;region", "State or region"),
    (What::PostalCode, "adr;code", "Postal code"),
    (What::Country, "adr;country", "Country"),
    (What::Formatted, "adr;formatted", "Whole address"),
    (What::AddressLabel, "adr;label", "Address: its label"),
    (What::Url, "url", "Website"),
    (What::UrlLabel, "url;label", "Website: its label"),
    (What::Im, "im", "Instant messenger"),
    (What::ImLabel, "im;label", "Instant messenger: its label"),
    (What::ImService, "im;service", "Instant messenger: its service"),
    (What::Birthday, "bday", "Birthday"),
    (What::BirthYear, "bday;year", "Year of birth"),
    (What::BirthMonth, "bday;month", "Month of birth"),
    (What::BirthDay, "bday;day", "Day of birth"),
    (What::Anniversary, "anniversary", "Anniversary"),
    (What::Event, "event", "Other date"),
    (What::EventLabel, "event;label", "Other date: its label"),
    (What::Relation, "related", "Related person"),
    (What::RelationLabel, "related;label", "Related person: how"),
    (What::Gender, "gender", "Gender"),
    (What::Note, "note", "Note"),
    (What::Categories, "categories", "Groups"),
    (What::Photo, "photo", "Photo (address)"),
    (What::Language, "lang", "Language"),
    (What::Uid, "uid", "Identifier"),
    (What::Custom, "custom", "Custom field"),
    (What::CustomLabel, "custom;label", "Custom field: its label"),
];
/// Longest label of a field.
const LABEL_BYTES_MAX: usize = 100;
