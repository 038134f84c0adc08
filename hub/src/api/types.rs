//! The requests and answers of the command list. Their keys are the `--json` keys of the command line.
//!
//! Ids are hex text; where a request takes an id, a unique prefix will do. Times are RFC 3339 in UTC.

use super::RemovedDevice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

macro_rules! wire {
    ($($(#[$attribute:meta])* struct $name:ident { $($body:tt)* })*) => {
        $(
            $(#[$attribute])*
            #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
            #[serde(default)]
            pub struct $name { $($body)* }
        )*
    };
}

pub(in crate::api) use wire;

/// The parameters of a property: upper-case name to values, e.g. `TYPE` to `["work"]`.
pub type Params = BTreeMap<String, Vec<String>>;

wire! {
    /// Nothing to say but that it was done.
    struct Done {}

    /// A new person with this device as the first.
    struct Init {
        /// What the device is called, e.g. "Mara's laptop".
        pub name: String,
        /// What the person is called; empty if they would rather not say yet.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub person: Option<String>,
    }
    /// A person was made. The recovery code is shown this once and kept nowhere.
    struct Initialised {
        pub device_id: String,
        pub person_id: String,
        /// 26 Crockford characters and a checksum, in groups.
        pub recovery_code: String,
        /// `os` or `file`: where the device's keys are kept.
        pub keys: String,
        /// Whether that file is sealed under a passphrase.
        pub keys_sealed: bool,
    }

    /// Asks for the whole state.
    struct StatusRequest {}
    /// The whole state of this hub.
    struct Status {
        pub device: Named,
        pub person: Named,
        /// `os` or `file`: where the device's keys are kept.
        pub keys: String,
        /// Whether that file is sealed under a passphrase.
        pub keys_sealed: bool,
        /// Set if this device is none of its person's any more.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub removed: Option<RemovedDevice>,
        /// A device was removed, and the recovery code is still to be entered.
        pub recovery_due: bool,
        pub book: BookState,
        pub peers: Vec<Peer>,
        /// Envelopes and batches not yet handed over.
        pub outbox: u32,
        /// Updates that wait for an answer.
        pub inbox: u32,
        /// Deletions that wait for a person.
        pub held: u32,
        pub backup: BackupState,
        /// Where this hub listens, if it is running.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub listen: Option<String>,
    }
    /// An id with its name.
    struct Named {
        pub id: String,
        pub name: String,
    }
    /// The state of a book: equal versions show equal hashes.
    struct BookState {
        /// Contacts that are not in the trash.
        pub contacts: u32,
        pub version: String,
        pub hash: String,
        /// Contacts in the trash.
        pub trash: u32,
        /// Properties that two devices changed at the same time and nobody has settled.
        pub undecided: u32,
        /// Favourites that are not in the trash.
        pub favourites: u32,
    }
    /// Another own device as this hub sees it.
    struct Peer {
        pub device_id: String,
        pub name: String,
        /// `lan`, `hub` or `none`.
        pub path: String,
        /// How many changes it is known to lack.
        pub behind: u32,
    }
    /// The backups of this device.
    struct BackupState {
        /// When the last one was made.
        pub last: Option<String>,
        /// Whether the book changed since.
        pub changed: bool,
        /// Why the last attempt came to nothing.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub trouble: Option<String>,
    }

    /// Asks the hub to end.
    struct Stop {}

    /// Reads cards into the book: vCard, CSV, JSContact, or a picture with a QR code; what it is shows in the content.
    struct Import {
        pub files: Vec<ImportFile>,
        /// Says what would happen and changes nothing.
        pub dry_run: bool,
    }
    /// A file, by its path on this computer or by its content.
    struct ImportFile {
        /// The path; or what the file is called, if `content` is given.
        pub name: String,
        /// The file's bytes in base64, where the path cannot be known (a window).
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub content: Option<String>,
        /// For CSV: what each column means. Without it the header says so, where it is a known one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub columns: Option<Vec<ColumnMeaning>>,
        /// The character set, e.g. `windows-1252`. Without it, it is found out.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub charset: Option<String>,
    }
    /// What a column of a CSV file means.
    struct ColumnMeaning {
        /// The column, counted from 1; 0 if `name` says which.
        pub column: u32,
        /// The column's header, in any case.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub name: Option<String>,
        /// What it holds: a field of `import.look`'s list, e.g. `tel;cell`; empty leaves the column out.
        pub field: String,
    }
    /// What an import did, or would do.
    struct Imported {
        pub added: u32,
        pub updated: u32,
        pub unchanged: u32,
        pub failed: Vec<ImportFailure>,
        /// What came in otherwise than it stood there, e.g. a photo made smaller; at most 1,000.
        pub notes: Vec<ImportFailure>,
        /// What each file was taken for.
        pub files: Vec<ImportedFile>,
        /// What happens to each card, in a dry run only; at most 1,000.
        pub rows: Vec<ImportRow>,
        /// Somebody stopped it: these are the cards until then.
        pub stopped: bool,
    }
    /// What a file was taken for.
    struct ImportedFile {
        pub file: String,
        /// `vcard`, `csv`, `jscontact` or `picture`.
        pub format: String,
        /// The dialect, e.g. `Google`, `Outlook`; empty if there is nothing to say.
        pub dialect: String,
        /// The character set it was read in.
        pub charset: String,
        pub cards: u32,
    }
    /// What would happen to one card.
    struct ImportRow {
        pub file: String,
        pub line: u32,
        pub name: String,
        /// `added`, `updated` or `unchanged`.
        pub action: String,
        /// The contact it would change; empty for a new one.
        pub id: String,
    }
    /// A card, or a line of one, that could not be read. The rest came in.
    struct ImportFailure {
        pub file: String,
        /// Counted from 1.
        pub line: u32,
        pub reason: String,
    }
    /// Looks at a file before it is imported.
    struct ImportLook {
        pub file: ImportFile,
    }
    /// What a file looks like.
    struct ImportLooked {
        pub file: ImportedFile,
        /// The columns of a CSV file; empty for other formats.
        pub columns: Vec<ImportColumn>,
        /// Every field that a column can mean.
        pub fields: Vec<ImportField>,
    }
    /// A column of a CSV file.
    struct ImportColumn {
        /// Counted from 1.
        pub column: u32,
        pub name: String,
        /// What it would be taken for; empty if it would be left out.
        pub field: String,
        /// The first few values that are not empty.
        pub samples: Vec<String>,
    }
    /// A field that a column can mean.
    struct ImportField {
        /// What `columns` takes, e.g. `tel;cell`.
        pub field: String,
        /// In words, e.g. "Phone (mobile)".
        pub label: String,
    }
    /// Takes back the last import made on this device.
    struct ImportUndo {}
    /// Stops imports that are under way.
    struct ImportStop {}

    /// Writes contacts to a file.
    struct Export {
        /// Where to; without it the answer carries the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub path: Option<String>,
        /// vCard `3.0` (unless said otherwise) or `4.0`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub vcard: Option<String>,
        /// CSV instead: `google`, `outlook`, or `spreadsheet`, which no spreadsheet program takes for formulas.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub csv: Option<String>,
        /// JSContact (RFC 9553) instead: an array of cards.
        pub jscontact: bool,
        /// Only these contacts; empty means all.
        pub ids: Vec<String>,
        /// My card as well.
        pub me: bool,
    }
    /// What was written.
    struct Exported {
        pub contacts: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub text: Option<String>,
        /// What the format has no place for, e.g. "12 photos"; empty if everything is in the file.
        pub left_out: Vec<String>,
    }
    /// Asks for a contact as a QR code.
    struct ContactsQr {
        pub id: String,
    }
    /// A contact as a QR code: without the photo, and without what does not fit.
    struct ContactQr {
        /// The code as an SVG picture.
        pub svg: String,
        /// The vCard in it.
        pub text: String,
        /// Properties that did not fit, by name.
        pub left_out: Vec<String>,
    }
    /// Reads QR codes from a picture, or from a part of the screen that the person picks.
    struct QrScan {
        /// The picture (PNG, JPEG or WebP) in base64; without it the screen.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub picture: Option<String>,
    }
    /// What the codes say.
    struct QrFound {
        pub codes: Vec<QrText>,
    }
    /// One code.
    struct QrText {
        /// `card`, `pair` or `other`.
        pub kind: String,
        pub text: String,
    }

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

    /// Asks for the deletions that wait for a person.
    struct HeldList {}
    /// Deletions that wait for a person.
    struct HeldAll {
        pub held: Vec<Held>,
    }
    /// A deletion that waits for a person.
    struct Held {
        pub id: String,
        /// In words, e.g. "Phone export no longer has 120 of 150 contacts".
        pub what: String,
        /// Contacts concerned.
        pub count: u32,
        /// Since when it waits.
        pub time: String,
        /// The first few of them.
        pub names: Vec<String>,
    }
    /// Carries a deletion out.
    struct HeldApply {
        pub id: String,
    }
    /// What became of a deletion.
    struct HeldApplied {
        /// Contacts that were deleted.
        pub count: u32,
        /// Contacts that somebody changed since and that were left alone.
        pub left: u32,
        /// The first few of those.
        pub names: Vec<String>,
    }
    /// Forgets a deletion: nothing is deleted.
    struct HeldDiscard {
        pub id: String,
    }

    /// Asks for the connected accounts.
    struct AccountsList {}
    /// The connected accounts.
    struct Accounts {
        pub accounts: Vec<Account>,
    }
    /// A connected account: a source that states a layer of its own.
    struct Account {
        pub id: String,
        /// `file`: a file or folder of cards that another program writes.
        pub kind: String,
        pub name: String,
        /// Where it is; empty if it is connected on another device.
        pub path: String,
        /// `ready`, `failed`, `held` or `elsewhere`.
        pub state: String,
        /// Why it failed, in words.
        pub message: String,
        pub last_sync: Option<String>,
        /// Contacts that it states something about.
        pub contacts: u32,
    }
    /// Connects a file or folder of cards, read only, and reads it.
    struct AccountsAdd {
        /// `file`.
        pub kind: String,
        pub path: String,
        /// What to call it; without it the file's name.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub name: Option<String>,
    }
    /// Reads an account again.
    struct AccountsSync {
        pub id: String,
    }
    /// What reading an account did.
    struct AccountSynced {
        pub id: String,
        pub added: u32,
        pub updated: u32,
        pub unchanged: u32,
        /// Contacts that the account states nothing about any more.
        pub removed: u32,
        pub failed: Vec<ImportFailure>,
        /// The removals wait for a person under this id.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub held: Option<String>,
    }
    /// Disconnects an account. What it said goes with it, but never a contact that something else speaks of.
    struct AccountsRemove {
        pub id: String,
    }

    /// Asks for the settings.
    struct SettingsShow {}
    /// Changes settings; what is absent stays.
    struct SettingsSet {
        /// The region whose telephone numbers are written without a country code, e.g. `DE`; empty: not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub region: Option<String>,
        /// The language whose order names are sorted in, e.g. `sv`; empty: the order that suits all.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sort_locale: Option<String>,
        /// `given` or `family`: which name comes first in the order of the list.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sort_by: Option<String>,
    }
    /// The settings, which all own devices share.
    struct Settings {
        /// The confirmed region; empty if nobody has said.
        pub region: String,
        /// The region that the book or the system's language suggests; empty if nothing does.
        pub region_suggested: String,
        pub sort_locale: String,
        pub sort_by: String,
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

    /// Asks for groups, or tags.
    struct GroupsList {
        pub kind: GroupKind,
    }
    /// All groups, or all tags.
    struct Groups {
        pub groups: Vec<Group>,
    }
    /// A group or a tag.
    struct Group {
        pub id: String,
        pub name: String,
        /// Contacts in it that are not in the trash.
        pub count: u32,
    }
    /// Makes a group or a tag.
    struct GroupsAdd {
        pub kind: GroupKind,
        pub name: String,
    }
    /// The group or tag that was made or changed.
    struct GroupId {
        pub id: String,
    }
    /// Renames a group or a tag.
    struct GroupsRename {
        pub kind: GroupKind,
        /// Name or id.
        pub group: String,
        pub name: String,
    }
    /// Removes a group or a tag.
    struct GroupsRemove {
        pub kind: GroupKind,
        pub group: String,
    }
    /// Puts contacts into a group.
    struct GroupsPut {
        pub kind: GroupKind,
        pub group: String,
        pub ids: Vec<String>,
    }
    /// Takes contacts out of a group.
    struct GroupsTake {
        pub kind: GroupKind,
        pub group: String,
        pub ids: Vec<String>,
    }

    /// Opens pairing.
    struct PairShow {}
    /// What the new device needs.
    struct PairCode {
        /// Eight digits.
        pub code: String,
        /// Carries the address and a longer secret.
        pub link: String,
        /// The link as an SVG picture.
        pub qr: String,
        /// How long the code lives.
        pub seconds_left: u32,
        /// Wrong guesses that are left.
        pub tries_left: u32,
    }
    /// Closes pairing.
    struct PairClose {}
    /// Joins another device's person.
    struct PairEnter {
        /// The eight digits, or the link.
        pub code: String,
        /// What this device is called.
        pub name: String,
        /// Where the other device is, `ADDR:PORT`, if it is not found by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub at: Option<String>,
    }
    /// This device is in.
    struct DeviceJoined {
        pub device_id: String,
        pub person_id: String,
        /// `os` or `file`: where the device's keys are kept.
        pub keys: String,
        /// Whether that file is sealed under a passphrase.
        pub keys_sealed: bool,
    }
    /// Asks for the devices that wait for a yes.
    struct PairPending {}
    /// The devices that wait for a yes.
    struct PendingDevices {
        pub pending: Vec<PendingDevice>,
        /// The open code, if pairing is open.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub open: Option<PairCode>,
    }
    /// A device that waits for a yes.
    struct PendingDevice {
        pub id: String,
        pub name: String,
        pub platform: String,
        /// Three words that both devices show.
        pub words: String,
    }
    /// Lets a device in.
    struct PairApprove {
        pub id: String,
    }
    /// Turns a device away.
    struct PairRefuse {
        pub id: String,
    }

    /// Asks for the devices.
    struct DevicesList {}
    /// This person's devices, this one first.
    struct Devices {
        pub devices: Vec<Device>,
        /// A device was removed, and the recovery code is still to be entered.
        pub recovery_due: bool,
    }
    /// One device.
    struct Device {
        pub id: String,
        pub name: String,
        /// When it was last connected; absent if never, or if it is this one.
        pub last_seen: Option<String>,
        /// The version of the book it is known to hold.
        pub version: String,
        pub platform: String,
        /// This one.
        pub this: bool,
        /// `here`, `lan`, `hub` or `none`.
        pub path: String,
        /// Changes it is known to lack.
        pub behind: u32,
    }
}

/// Groups and tags are alike; they differ in what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A circle of people.
    #[default]
    Group,
    /// A word about a contact.
    Tag,
}
