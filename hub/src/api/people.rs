//! What is asked of contacts as people: who are my favourites, who lives together, whose birthday comes, how many are
//! reached at once.

use super::{PropertyEdit, types::wire};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Makes contacts favourites, or no longer.
    struct ContactsFavourite {
        pub ids: Vec<String>,
        pub on: bool,
    }
    /// One edit of many contacts: one undo takes it back from all of them.
    struct ContactsEditMany {
        pub ids: Vec<String>,
        /// What to set. As in `contacts.edit`: it replaces the only one of its name and type, or is added.
        pub set: Vec<PropertyEdit>,
        /// The names of properties to remove, upper case, e.g. `ORG`.
        pub unset: Vec<String>,
    }
    /// What became of an edit of many.
    struct EditedMany {
        /// Contacts that were changed.
        pub count: u32,
        /// Contacts that were left alone, for they have several of what was to be set.
        pub left: u32,
        /// The first few of those.
        pub names: Vec<String>,
    }
    /// Asks who belongs to a contact.
    struct ContactsAround {
        pub id: String,
    }
    /// Who belongs to a contact.
    struct Around {
        /// Who shares a home address or the telephone at home.
        pub household: Vec<Housemate>,
        /// Relations of the card that are contacts of the book.
        pub related: Vec<Relation>,
        /// Contacts whose cards name this one.
        pub named_by: Vec<Relation>,
    }
    /// Somebody who shares a home.
    struct Housemate {
        pub id: String,
        pub name: String,
        /// In words, e.g. "same address".
        pub why: String,
    }
    /// A relation of one contact to another.
    struct Relation {
        /// The other contact.
        pub id: String,
        pub name: String,
        /// The property that says so.
        pub property_id: String,
        /// What the relation is called, e.g. `spouse`.
        pub label: String,
    }
    /// Asks where contacts of a list say what was looked for.
    struct ContactsMatches {
        pub find: String,
        /// At most 200.
        pub ids: Vec<String>,
    }
    /// Where contacts say what was looked for; those that are gone are left out.
    struct Matches {
        pub matches: Vec<Match>,
    }
    /// Where one contact says what was looked for.
    struct Match {
        pub id: String,
        /// The name, if it has a part of it; else empty.
        pub name: Vec<Piece>,
        /// What the field is called in which the rest stands: its property's name, upper case; empty if there is none.
        pub field: String,
        /// The field's label, as in a card.
        pub label: String,
        /// The field's text, or the part of it around what was found.
        pub text: Vec<Piece>,
    }
    /// A part of a text.
    struct Piece {
        pub text: String,
        /// It is what was looked for.
        pub hit: bool,
    }
    /// Asks for the birthdays to come.
    struct ContactsBirthdays {
        /// The day it is, `2026-11-21`; without it, today in UTC.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub from: Option<String>,
        /// For how many days ahead; 366 at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub days: Option<u32>,
    }
    /// The birthdays to come, the next one first; 500 at most.
    struct Birthdays {
        pub birthdays: Vec<Birthday>,
    }
    /// A birthday to come.
    struct Birthday {
        pub id: String,
        pub name: String,
        /// An organisation's founding rather than a person's birth.
        pub organisation: bool,
        /// When it is, `2026-12-14`.
        pub date: String,
        /// In how many days.
        pub days: u32,
        /// How old they become, if the year is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub turns: Option<u32>,
    }
    /// Asks for the mail address of each contact.
    struct ContactsMails {
        pub ids: Vec<String>,
    }
    /// One mail address for each contact that has one: the preferred, else the first.
    struct Mails {
        pub mails: Vec<Mail>,
        /// How many have none.
        pub without: u32,
    }
    /// A contact's mail address.
    struct Mail {
        pub id: String,
        pub name: String,
        pub mail: String,
    }
}
