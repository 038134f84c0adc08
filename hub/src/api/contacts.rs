//! What is asked of contacts: the list, a card, edits, duplicates, and the way back.

use super::{Named, types::wire};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// The parameters of a property: upper-case name to values, e.g. `TYPE` to `["work"]`.
pub type Params = BTreeMap<String, Vec<String>>;

wire! {
    /// One page of the list.
    struct ContactsList {
        /// Words to find, in any field: the start of a word, digits of a number, one CJK character.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub find: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub group: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub tag: Option<String>,
        /// At most this many; 1,000 at once at most.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub limit: Option<u32>,
        pub offset: u32,
        /// The trash instead.
        pub trash: bool,
        /// Only contacts with a property that waits for a choice.
        pub undecided: bool,
        /// Newest change first instead of by name.
        pub recent: bool,
        /// Only favourites.
        pub favourites: bool,
        /// Only who shares a home with this contact.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub household: Option<String>,
    }
    /// One page of the list.
    struct ContactsPage {
        /// How many there are in all.
        pub total: u32,
        pub contacts: Vec<ContactRow>,
        /// Where each index letter starts: only with the first page (offset 0) of a list by name.
        pub letters: Vec<Letter>,
    }
    /// One row of the list.
    struct ContactRow {
        pub id: String,
        pub name: String,
        /// The index letter it stands under.
        pub letter: String,
        /// The one thing worth knowing: employer, or a number, or a mail address.
        pub detail: String,
        /// How the name is read, if that is not how it is written.
        pub reading: String,
        /// An organisation rather than a person.
        pub organisation: bool,
        /// Properties that wait for a choice.
        pub undecided: u32,
        /// When it last changed.
        pub changed: String,
        /// One of my favourites.
        pub favourite: bool,
    }
    /// An index letter and the offset of its first contact.
    struct Letter {
        pub letter: String,
        pub offset: u32,
    }

    /// Asks for a card.
    struct ContactsShow {
        pub id: String,
        /// What was replaced, newest first.
        pub history: bool,
    }
    /// A contact, as the sum of its layers.
    struct Card {
        pub id: String,
        pub name: String,
        /// How the name is read, if that is not how it is written.
        pub reading: String,
        pub organisation: bool,
        /// This card is me.
        pub me: bool,
        /// One of my favourites.
        pub favourite: bool,
        pub trashed: bool,
        /// Trashed on one device and edited on another at the same time: somebody has to say.
        pub trash_undecided: bool,
        pub properties: Vec<CardProperty>,
        pub groups: Vec<Named>,
        pub tags: Vec<Named>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub history: Option<Vec<HistoryEntry>>,
    }
    /// One property of a card.
    struct CardProperty {
        pub id: String,
        /// Upper case, e.g. `TEL`.
        pub name: String,
        /// The vCard group, e.g. `item1`; empty if there is none.
        pub group: String,
        /// What to call it: the person's own label, or the type; empty if neither is given.
        pub label: String,
        pub params: Params,
        /// The value as vCard text: what `contacts set` takes.
        pub value: String,
        /// The value, decoded: components, each a list of values. A plain text is one component of one value.
        pub parts: Vec<Vec<String>>,
        /// The value on one line, to read.
        pub text: String,
        /// `mine`, `theirs`, `book` or `account`.
        pub layer: String,
        /// What the layer's source is called; empty for `mine`.
        pub source: String,
        /// Layers that say the same, this one first: it is shown once.
        pub layers: Vec<Named>,
        /// A single value that another layer's overrides, or one that I hid: there to look at, not part of the card.
        pub hidden: bool,
        /// I hid another value of it before this one came.
        pub changed_since_hidden: bool,
        /// A telephone number in E.164, if the region is known; else empty.
        pub e164: String,
        /// When it was written.
        pub time: String,
        /// The name of the device that wrote it.
        pub device: String,
        /// How it came: `here`, `lan`, `hub`.
        pub path: String,
        /// Values that another device wrote at the same time.
        pub others: Vec<OtherValue>,
    }
    /// A value that stands beside the one shown.
    struct OtherValue {
        pub value: String,
        /// On one line, to read; empty if the other device removed the property.
        pub text: String,
        /// The other device removed the property.
        pub removed: bool,
        pub device: String,
        pub time: String,
    }
    /// A value that stood in the card before.
    struct HistoryEntry {
        /// When it was written: what `contacts.revert` takes.
        pub time: String,
        /// Who wrote it.
        pub device: String,
        pub property_id: String,
        pub name: String,
        /// The value as vCard text; empty if there was none.
        pub value: String,
        /// On one line, to read.
        pub text: String,
        /// When it was replaced.
        pub until: String,
        /// Who replaced it.
        pub by: String,
    }
    /// One field back from history.
    struct ContactsRevert {
        pub id: String,
        pub property_id: String,
        /// RFC 3339: the property becomes what it was at that time.
        pub to: String,
    }
    /// Hides a value of another layer from the card, or shows it again.
    struct ContactsHide {
        pub id: String,
        pub property_id: String,
        pub hide: bool,
    }
    /// Asks for contacts that may be the same.
    struct ContactsDuplicates {}
    /// Contacts that may be the same, surest first.
    struct Duplicates {
        pub pairs: Vec<DuplicatePair>,
        /// Pairs that share a number but nothing else, and so are taken for a household.
        pub households: u32,
    }
    /// Two contacts that may be one.
    struct DuplicatePair {
        pub a: String,
        pub b: String,
        pub a_name: String,
        pub b_name: String,
        /// In words, e.g. "same name and mail address".
        pub why: String,
        /// How sure, from 0 to 100.
        pub score: u32,
    }
    /// Says that two contacts are two, so that nobody asks again.
    struct ContactsApart {
        pub a: String,
        pub b: String,
    }
    /// Makes one contact of two: `a` stays, `b` goes into the trash.
    struct ContactsMerge {
        pub a: String,
        pub b: String,
        /// Where both say something: whose value stays. What is not named here stays as `dry_run` shows it.
        pub choices: Vec<MergeChoice>,
        /// Shows what would happen and changes nothing.
        pub dry_run: bool,
    }
    /// Whose value stays.
    struct MergeChoice {
        /// A field of the comparison.
        pub field: String,
        /// `a`, `b` or `both`; `both` only where a card may have several.
        pub keep: String,
    }
    /// What became of two contacts.
    struct Merged {
        /// The contact that stays.
        pub id: String,
        /// Field by field.
        pub fields: Vec<MergeField>,
    }
    /// One field of two contacts side by side.
    struct MergeField {
        /// What `choices` takes.
        pub field: String,
        /// The property's name, upper case.
        pub name: String,
        pub label: String,
        /// What each says, on one line; empty if nothing.
        pub a: String,
        pub b: String,
        /// `a`, `b` or `both`.
        pub keep: String,
        /// A card has only one of it, so `both` is no choice.
        pub single: bool,
        /// They say different things: worth a look.
        pub differs: bool,
    }

    /// Makes a contact from a vCard, or from properties.
    struct ContactsAdd {
        /// One vCard.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub vcard: Option<String>,
        pub properties: Vec<PropertyEdit>,
        /// As in `contacts.edit`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sitting: Option<String>,
    }
    /// The contact that was made or changed.
    struct ContactId {
        pub id: String,
    }
    /// One change to a contact: properties set, properties removed.
    struct ContactsEdit {
        pub id: String,
        pub set: Vec<PropertyEdit>,
        /// Ids of properties to remove.
        pub unset: Vec<String>,
        /// Ids of properties in the order in which those of each name are to stand, in the places that they have together.
        /// What another source says stands after what the person says, and is not moved.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<String>>")]
        pub order: Vec<String>,
        /// 32 random hex digits: edits that share them are one sitting, which one undo takes back.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sitting: Option<String>,
    }
    /// One property as it should be.
    struct PropertyEdit {
        /// The property to replace. Without it: the only one of that name and type, or a new one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub property_id: Option<String>,
        /// Adds one more, even if there is one of that name and type.
        pub add: bool,
        /// Upper case; not needed with `property_id`.
        pub name: String,
        /// Replaces the parameters; absent means as they are.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub params: Option<Params>,
        /// The person's own label for it; empty removes the label; absent means as it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub label: Option<String>,
        /// The value as vCard text.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub value: Option<String>,
        /// The value in components, instead of `value`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub parts: Option<Vec<Vec<String>>>,
    }
    /// Settles a property that two devices changed at the same time.
    struct ContactsChoose {
        pub id: String,
        pub property_id: String,
        /// The value to keep, as vCard text; empty if it is to stay removed.
        pub value: String,
    }
    /// Puts contacts into the trash.
    struct ContactsTrash {
        pub ids: Vec<String>,
    }
    /// Takes contacts out of the trash.
    struct ContactsRestore {
        pub ids: Vec<String>,
    }
    /// How many it concerned.
    struct Counted {
        pub count: u32,
        /// Too many for one go: the deletion waits for a person under this id.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub held: Option<String>,
    }
    /// Takes back the last change made on this device.
    struct ContactsUndo {
        /// Only what was done in this sitting, see `contacts.edit`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sitting: Option<String>,
    }
    /// Does again what was taken back last on this device, as long as nothing else was done since.
    struct ContactsRedo {}
    /// What was taken back, or done again.
    struct Undone {
        /// In words.
        pub what: String,
        /// The contacts concerned, at most 100.
        pub ids: Vec<String>,
    }
}
