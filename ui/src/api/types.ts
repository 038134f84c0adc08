// Generated from the hub's command list by `cargo xtask types`. Do not edit.

export type Code = "not_set_up" | "already_set_up" | "in_use" | "not_running" | "not_found" | "ambiguous" | "bad_request" | "too_large" | "malformed_file" | "file_unavailable" | "nothing_to_undo" | "undecided" | "wrong_code" | "code_expired" | "refused" | "unreachable" | "foreign_device" | "removed" | "hostile_peer" | "version_unknown" | "too_many_devices" | "copied" | "storage_failed" | "storage_unreadable" | "keys_unavailable" | "internal";

export type Error = { 
/**
 * For programs.
 */
code: Code, 
/**
 * For people: what happened, then what to do.
 */
message: string, };

export type Event = { "kind": "contacts_changed", 
/**
 * At most [`EVENT_IDS_MAX`] ids.
 */
ids: Array<string>, 
/**
 * The name of the device whose change arrived, if it was not this one; empty if it is not known any more.
 */
device: string | null, } | { "kind": "groups_changed" } | { "kind": "held_changed" } | { "kind": "accounts_changed" } | { "kind": "backup_changed" } | { "kind": "people_changed" } | { "kind": "inbox_changed" } | { "kind": "notice_changed" } | { "kind": "settings_changed" } | { "kind": "devices_changed" } | { "kind": "set_up" } | { "kind": "erased" } | { "kind": "pair_asked", 
/**
 * Who asks.
 */
device: PendingDevice, } | { "kind": "pair_changed" } | { "kind": "pair_words", 
/**
 * Three short words.
 */
words: string, } | { "kind": "progress", 
/**
 * What is being done, e.g. `import`.
 */
work: string, 
/**
 * Items done.
 */
done: number, 
/**
 * Items in all; 0 while unknown.
 */
total: number, } | { "kind": "trouble", 
/**
 * For programs.
 */
code: Code, 
/**
 * For people.
 */
message: string, };

export type GroupKind = "group" | "tag";

export type Done = Record<symbol, never>;

export type Init = { 
/**
 * What the device is called, e.g. "Mara's laptop".
 */
name: string, 
/**
 * What the person is called; empty if they would rather not say yet.
 */
person?: string, };

export type Initialised = { device_id: string, person_id: string, 
/**
 * 26 Crockford characters and a checksum, in groups.
 */
recovery_code: string, 
/**
 * `os` or `file`: where the device's keys are kept.
 */
keys: string, 
/**
 * Whether that file is sealed under a passphrase.
 */
keys_sealed: boolean, };

export type StatusRequest = Record<symbol, never>;

export type Status = { device: Named, person: Named, 
/**
 * `os` or `file`: where the device's keys are kept.
 */
keys: string, 
/**
 * Whether that file is sealed under a passphrase.
 */
keys_sealed: boolean, 
/**
 * Set if this device is none of its person's any more.
 */
removed?: RemovedDevice, 
/**
 * A device was removed, and the recovery code is still to be entered.
 */
recovery_due: boolean, book: BookState, peers: Array<Peer>, 
/**
 * Envelopes and batches not yet handed over.
 */
outbox: number, 
/**
 * Updates that wait for an answer; not those that were put off.
 */
inbox: number, 
/**
 * What the system says of this device's network: `metered`, `unmetered` or `unknown`.
 */
network: string, 
/**
 * Deletions that wait for a person.
 */
held: number, backup: BackupState, 
/**
 * What keeps this device from exchanging anything, in a sentence.
 */
trouble?: string, 
/**
 * Where this hub listens, if it is running.
 */
listen?: string, };

export type Named = { id: string, name: string, };

export type BookState = { 
/**
 * Contacts that are not in the trash.
 */
contacts: number, version: string, hash: string, 
/**
 * Contacts in the trash.
 */
trash: number, 
/**
 * Properties that two devices changed at the same time and nobody has settled.
 */
undecided: number, 
/**
 * Favourites that are not in the trash.
 */
favourites: number, };

export type Peer = { device_id: string, name: string, 
/**
 * `lan`, `hub` or `none`.
 */
path: string, 
/**
 * How many changes it is known to lack.
 */
behind: number, };

export type BackupState = { 
/**
 * When the last one was made.
 */
last: string | null, 
/**
 * Whether the book changed since.
 */
changed: boolean, 
/**
 * Why the last attempt came to nothing.
 */
trouble?: string, };

export type Secret = string;

export type BackupEvery = { 
/**
 * `30m`, `12h`, `1d`, `2w`, or `off`.
 */
every: string, 
/**
 * Into which folder of this computer; stays as it is if left out.
 */
to?: string, };

export type BackupPlan = { 
/**
 * `1d` or the like; `off` if none is made without being asked for.
 */
every: string, 
/**
 * Into which folder; empty if there is none.
 */
folder: string, 
/**
 * Files and folders that go along.
 */
include: Array<string>, 
/**
 * When the last one was made.
 */
last: string | null, 
/**
 * Whether the book changed since.
 */
changed: boolean, 
/**
 * Why the last attempt came to nothing.
 */
trouble?: string, 
/**
 * Whether the book knows what its backups are sealed to; else the recovery code is needed once.
 */
ready: boolean, };

export type BackupNow = { 
/**
 * Into another folder than the one that is set.
 */
to?: string, 
/**
 * Only needed once by books that are older than backups.
 */
recovery_code?: Secret, };

export type Generation = { id: string, time: string, bytes: number, 
/**
 * Contacts in it; nothing is known of what another device made.
 */
contacts?: number, 
/**
 * Where it lies.
 */
path: string, 
/**
 * Whether this device made it.
 */
own: boolean, };

export type BackupList = Record<symbol, never>;

export type Generations = { generations: Array<Generation>, };

export type BackupCheck = Record<symbol, never>;

export type BackupDrill = { 
/**
 * The id of a backup, a file, or a folder; the newest if left out.
 */
from?: string, 
/**
 * Without it the backup cannot be opened, and less is proven.
 */
recovery_code?: Secret, };

export type BackupDrilled = { path: string, 
/**
 * When the backup was made; empty if it was not opened and is not of this device.
 */
time: string, bytes: number, 
/**
 * Whether it was opened, restored aside, and everything in it read.
 */
opened: boolean, 
/**
 * Whether the file is, byte for byte, what this device wrote; known of its own backups only.
 */
as_written?: boolean, 
/**
 * Contacts in it, if it was opened.
 */
contacts: number, 
/**
 * Hash of the restored book, if it was opened.
 */
hash: string, 
/**
 * Whether that is the book as it is now.
 */
same_as_book: boolean, 
/**
 * How long it took, in milliseconds.
 */
ms: number, };

export type BackupInclude = { path: string, 
/**
 * No longer.
 */
remove: boolean, };

export type Restore = { 
/**
 * The id of a backup, a file, or a folder, of which the newest is taken; the newest of this device's folder if
 * left out.
 */
from?: string, recovery_code?: Secret, 
/**
 * Says what would happen and changes nothing.
 */
preview: boolean, 
/**
 * Only this contact.
 */
contact?: string, 
/**
 * Only this property of it, by name or id.
 */
property?: string, 
/**
 * Exactly as it was: what came since goes too, contacts into the trash.
 */
exact: boolean, 
/**
 * What the new device is called, on an empty folder.
 */
name?: string, };

export type Restored = { added: number, changed: number, 
/**
 * Contacts that went into the trash.
 */
removed: number, 
/**
 * Contacts that came since the backup, and stay.
 */
newer: number, 
/**
 * When the backup was made.
 */
time: string, 
/**
 * What each contact comes to, the first of them only.
 */
contacts: Array<RestoredContact>, 
/**
 * Contacts younger than the backup wait under this id for a second yes before they go into the trash.
 */
held?: string, 
/**
 * The new device, if the folder was empty.
 */
device_id?: string, 
/**
 * The restored person, if the folder was empty.
 */
person_id?: string, 
/**
 * The other devices that the restored person has: lost, or still theirs?
 */
devices: Array<Named>, 
/**
 * Where the files lie that went along.
 */
files?: string, };

export type RestoredContact = { id: string, name: string, 
/**
 * `added`, `changed`, `removed` or `newer`.
 */
what: string, 
/**
 * What differs.
 */
fields: Array<RestoredField>, };

export type RestoredField = { name: string, old: string, new: string, };

export type Erase = { 
/**
 * What this device is called, typed by the person: nobody does this by a slip.
 */
device: string, 
/**
 * A folder, outside of the data folder, into which a last backup goes first.
 */
backup_to?: string, 
/**
 * The person wants no last backup: what only this device holds cannot be brought back.
 */
without_backup: boolean, };

export type Erased = { 
/**
 * The last backup.
 */
backup?: Generation, 
/**
 * Files and folders that were not Kith's to delete, e.g. those that came back with a restored backup.
 */
left: Array<string>, };

export type Stop = Record<symbol, never>;

export type Import = { files: Array<ImportFile>, 
/**
 * Says what would happen and changes nothing.
 */
dry_run: boolean, };

export type ImportFile = { 
/**
 * The path; or what the file is called, if `content` is given.
 */
name: string, 
/**
 * The file's bytes in base64, where the path cannot be known (a window).
 */
content?: string, 
/**
 * For CSV: what each column means. Without it the header says so, where it is a known one.
 */
columns?: Array<ColumnMeaning>, 
/**
 * The character set, e.g. `windows-1252`. Without it, it is found out.
 */
charset?: string, };

export type ColumnMeaning = { 
/**
 * The column, counted from 1; 0 if `name` says which.
 */
column: number, 
/**
 * The column's header, in any case.
 */
name?: string, 
/**
 * What it holds: a field of `import.look`'s list, e.g. `tel;cell`; empty leaves the column out.
 */
field: string, };

export type Imported = { added: number, updated: number, unchanged: number, failed: Array<ImportFailure>, 
/**
 * What came in otherwise than it stood there, e.g. a photo made smaller; at most 1,000.
 */
notes: Array<ImportFailure>, 
/**
 * What each file was taken for.
 */
files: Array<ImportedFile>, 
/**
 * What happens to each card, in a dry run only; at most 1,000.
 */
rows: Array<ImportRow>, 
/**
 * Somebody stopped it: these are the cards until then.
 */
stopped: boolean, };

export type ImportedFile = { file: string, 
/**
 * `vcard`, `csv`, `jscontact` or `picture`.
 */
format: string, 
/**
 * The dialect, e.g. `Google`, `Outlook`; empty if there is nothing to say.
 */
dialect: string, 
/**
 * The character set it was read in.
 */
charset: string, cards: number, };

export type ImportRow = { file: string, line: number, name: string, 
/**
 * `added`, `updated` or `unchanged`.
 */
action: string, 
/**
 * The contact it would change; empty for a new one.
 */
id: string, };

export type ImportFailure = { file: string, 
/**
 * Counted from 1.
 */
line: number, reason: string, };

export type ImportLook = { file: ImportFile, };

export type ImportLooked = { file: ImportedFile, 
/**
 * The columns of a CSV file; empty for other formats.
 */
columns: Array<ImportColumn>, 
/**
 * Every field that a column can mean.
 */
fields: Array<ImportField>, };

export type ImportColumn = { 
/**
 * Counted from 1.
 */
column: number, name: string, 
/**
 * What it would be taken for; empty if it would be left out.
 */
field: string, 
/**
 * The first few values that are not empty.
 */
samples: Array<string>, };

export type ImportField = { 
/**
 * What `columns` takes, e.g. `tel;cell`.
 */
field: string, 
/**
 * In words, e.g. "Phone (mobile)".
 */
label: string, };

export type ImportUndo = Record<symbol, never>;

export type ImportStop = Record<symbol, never>;

export type Export = { 
/**
 * Where to; without it the answer carries the text.
 */
path?: string, 
/**
 * vCard `3.0` (unless said otherwise) or `4.0`.
 */
vcard?: string, 
/**
 * CSV instead: `google`, `outlook`, or `spreadsheet`, which no spreadsheet program takes for formulas.
 */
csv?: string, 
/**
 * JSContact (RFC 9553) instead: an array of cards.
 */
jscontact: boolean, 
/**
 * Only these contacts; empty means all.
 */
ids: Array<string>, 
/**
 * My card as well.
 */
me: boolean, };

export type Exported = { contacts: number, text?: string, 
/**
 * What the format has no place for, e.g. "12 photos"; empty if everything is in the file.
 */
left_out: Array<string>, };

export type ContactsQr = { id: string, };

export type ContactQr = { 
/**
 * The code as an SVG picture.
 */
svg: string, 
/**
 * The vCard in it.
 */
text: string, 
/**
 * Properties that did not fit, by name.
 */
left_out: Array<string>, };

export type QrScan = { 
/**
 * The picture (PNG, JPEG or WebP) in base64; without it the screen.
 */
picture?: string, };

export type QrFound = { codes: Array<QrText>, };

export type QrText = { 
/**
 * `card`, `pair` or `other`.
 */
kind: string, text: string, };

export type ContactsList = { 
/**
 * Words to find, in any field: the start of a word, digits of a number, one CJK character.
 */
find?: string, group?: string, tag?: string, 
/**
 * At most this many; 1,000 at once at most.
 */
limit?: number, offset: number, 
/**
 * The trash instead.
 */
trash: boolean, 
/**
 * Only contacts with a property that waits for a choice.
 */
undecided: boolean, 
/**
 * Newest change first instead of by name.
 */
recent: boolean, 
/**
 * Only favourites.
 */
favourites: boolean, 
/**
 * Only who shares a home with this contact.
 */
household?: string, };

export type ContactsPage = { 
/**
 * How many there are in all.
 */
total: number, contacts: Array<ContactRow>, 
/**
 * Where each index letter starts: only with the first page (offset 0) of a list by name.
 */
letters: Array<Letter>, };

export type ContactRow = { id: string, name: string, 
/**
 * The index letter it stands under.
 */
letter: string, 
/**
 * The one thing worth knowing: employer, or a number, or a mail address.
 */
detail: string, 
/**
 * How the name is read, if that is not how it is written.
 */
reading: string, 
/**
 * An organisation rather than a person.
 */
organisation: boolean, 
/**
 * Properties that wait for a choice.
 */
undecided: number, 
/**
 * When it last changed.
 */
changed: string, 
/**
 * One of my favourites.
 */
favourite: boolean, };

export type Letter = { letter: string, offset: number, };

export type ContactsShow = { id: string, 
/**
 * What was replaced, newest first.
 */
history: boolean, };

export type Card = { id: string, name: string, 
/**
 * How the name is read, if that is not how it is written.
 */
reading: string, organisation: boolean, 
/**
 * This card is me.
 */
me: boolean, 
/**
 * One of my favourites.
 */
favourite: boolean, trashed: boolean, 
/**
 * Trashed on one device and edited on another at the same time: somebody has to say.
 */
trash_undecided: boolean, properties: Array<CardProperty>, groups: Array<Named>, tags: Array<Named>, history?: Array<HistoryEntry>, };

export type CardProperty = { id: string, 
/**
 * Upper case, e.g. `TEL`.
 */
name: string, 
/**
 * The vCard group, e.g. `item1`; empty if there is none.
 */
group: string, 
/**
 * What to call it: the person's own label, or the type; empty if neither is given.
 */
label: string, params: { [key in string]: Array<string> }, 
/**
 * The value as vCard text: what `contacts set` takes.
 */
value: string, 
/**
 * The value, decoded: components, each a list of values. A plain text is one component of one value.
 */
parts: Array<Array<string>>, 
/**
 * The value on one line, to read.
 */
text: string, 
/**
 * `mine`, `theirs`, `book` or `account`.
 */
layer: string, 
/**
 * What the layer's source is called; empty for `mine`.
 */
source: string, 
/**
 * Layers that say the same, this one first: it is shown once.
 */
layers: Array<Named>, 
/**
 * A single value that another layer's overrides, or one that I hid: there to look at, not part of the card.
 */
hidden: boolean, 
/**
 * I hid another value of it before this one came.
 */
changed_since_hidden: boolean, 
/**
 * A telephone number in E.164, if the region is known; else empty.
 */
e164: string, 
/**
 * When it was written.
 */
time: string, 
/**
 * The name of the device that wrote it.
 */
device: string, 
/**
 * How it came: `here`, `lan`, `hub`.
 */
path: string, 
/**
 * Values that another device wrote at the same time.
 */
others: Array<OtherValue>, };

export type OtherValue = { value: string, 
/**
 * On one line, to read; empty if the other device removed the property.
 */
text: string, 
/**
 * The other device removed the property.
 */
removed: boolean, device: string, time: string, };

export type HistoryEntry = { 
/**
 * When it was written: what `contacts.revert` takes.
 */
time: string, 
/**
 * Who wrote it.
 */
device: string, property_id: string, name: string, 
/**
 * The value as vCard text; empty if there was none.
 */
value: string, 
/**
 * On one line, to read.
 */
text: string, 
/**
 * When it was replaced.
 */
until: string, 
/**
 * Who replaced it.
 */
by: string, };

export type ContactsRevert = { id: string, property_id: string, 
/**
 * RFC 3339: the property becomes what it was at that time.
 */
to: string, };

export type ContactsHide = { id: string, property_id: string, hide: boolean, };

export type ContactsDuplicates = Record<symbol, never>;

export type Duplicates = { pairs: Array<DuplicatePair>, 
/**
 * Pairs that share a number but nothing else, and so are taken for a household.
 */
households: number, };

export type DuplicatePair = { a: string, b: string, a_name: string, b_name: string, 
/**
 * In words, e.g. "same name and mail address".
 */
why: string, 
/**
 * How sure, from 0 to 100.
 */
score: number, };

export type ContactsApart = { a: string, b: string, };

export type ContactsMerge = { a: string, b: string, 
/**
 * Where both say something: whose value stays. What is not named here stays as `dry_run` shows it.
 */
choices: Array<MergeChoice>, 
/**
 * Shows what would happen and changes nothing.
 */
dry_run: boolean, };

export type MergeChoice = { 
/**
 * A field of the comparison.
 */
field: string, 
/**
 * `a`, `b` or `both`; `both` only where a card may have several.
 */
keep: string, };

export type Merged = { 
/**
 * The contact that stays.
 */
id: string, 
/**
 * Field by field.
 */
fields: Array<MergeField>, };

export type MergeField = { 
/**
 * What `choices` takes.
 */
field: string, 
/**
 * The property's name, upper case.
 */
name: string, label: string, 
/**
 * What each says, on one line; empty if nothing.
 */
a: string, b: string, 
/**
 * `a`, `b` or `both`.
 */
keep: string, 
/**
 * A card has only one of it, so `both` is no choice.
 */
single: boolean, 
/**
 * They say different things: worth a look.
 */
differs: boolean, };

export type HeldList = Record<symbol, never>;

export type HeldAll = { held: Array<Held>, };

export type Held = { id: string, 
/**
 * In words, e.g. "Phone export no longer has 120 of 150 contacts".
 */
what: string, 
/**
 * Contacts concerned.
 */
count: number, 
/**
 * Since when it waits.
 */
time: string, 
/**
 * The first few of them.
 */
names: Array<string>, };

export type HeldApply = { id: string, };

export type HeldApplied = { 
/**
 * Contacts that were deleted.
 */
count: number, 
/**
 * Contacts that somebody changed since and that were left alone.
 */
left: number, 
/**
 * The first few of those.
 */
names: Array<string>, };

export type HeldDiscard = { id: string, };

export type AccountsList = Record<symbol, never>;

export type Accounts = { accounts: Array<Account>, };

export type Account = { id: string, 
/**
 * `file`: a file or folder of cards that another program writes.
 */
kind: string, name: string, 
/**
 * Where it is; empty if it is connected on another device.
 */
path: string, 
/**
 * `ready`, `failed`, `held` or `elsewhere`.
 */
state: string, 
/**
 * Why it failed, in words.
 */
message: string, last_sync: string | null, 
/**
 * Contacts that it states something about.
 */
contacts: number, };

export type AccountsAdd = { 
/**
 * `file`.
 */
kind: string, path: string, 
/**
 * What to call it; without it the file's name.
 */
name?: string, };

export type AccountsSync = { id: string, };

export type AccountSynced = { id: string, added: number, updated: number, unchanged: number, 
/**
 * Contacts that the account states nothing about any more.
 */
removed: number, failed: Array<ImportFailure>, 
/**
 * The removals wait for a person under this id.
 */
held?: string, };

export type AccountsRemove = { id: string, };

export type SettingsShow = Record<symbol, never>;

export type SettingsSet = { 
/**
 * The region whose telephone numbers are written without a country code, e.g. `DE`; empty: not known.
 */
region?: string, 
/**
 * The language whose order names are sorted in, e.g. `sv`; empty: the order that suits all.
 */
sort_locale?: string, 
/**
 * `given` or `family`: which name comes first in the order of the list.
 */
sort_by?: string, };

export type Settings = { 
/**
 * The confirmed region; empty if nobody has said.
 */
region: string, 
/**
 * The region that the book or the system's language suggests; empty if nothing does.
 */
region_suggested: string, sort_locale: string, sort_by: string, };

export type ContactsAdd = { 
/**
 * One vCard.
 */
vcard?: string, properties: Array<PropertyEdit>, 
/**
 * As in `contacts.edit`.
 */
sitting?: string, };

export type ContactId = { id: string, };

export type ContactsFavourite = { ids: Array<string>, on: boolean, };

export type ContactsEditMany = { ids: Array<string>, 
/**
 * What to set. As in `contacts.edit`: it replaces the only one of its name and type, or is added.
 */
set: Array<PropertyEdit>, 
/**
 * The names of properties to remove, upper case, e.g. `ORG`.
 */
unset: Array<string>, };

export type EditedMany = { 
/**
 * Contacts that were changed.
 */
count: number, 
/**
 * Contacts that were left alone, for they have several of what was to be set.
 */
left: number, 
/**
 * The first few of those.
 */
names: Array<string>, };

export type ContactsAround = { id: string, };

export type Around = { 
/**
 * Who shares a home address or the telephone at home.
 */
household: Array<Housemate>, 
/**
 * Relations of the card that are contacts of the book.
 */
related: Array<Relation>, 
/**
 * Contacts whose cards name this one.
 */
named_by: Array<Relation>, };

export type Housemate = { id: string, name: string, 
/**
 * In words, e.g. "same address".
 */
why: string, };

export type Relation = { 
/**
 * The other contact.
 */
id: string, name: string, 
/**
 * The property that says so.
 */
property_id: string, 
/**
 * What the relation is called, e.g. `spouse`.
 */
label: string, };

export type ContactsMatches = { find: string, 
/**
 * At most 200.
 */
ids: Array<string>, };

export type Matches = { matches: Array<Match>, };

export type Match = { id: string, 
/**
 * The name, if it has a part of it; else empty.
 */
name: Array<Piece>, 
/**
 * What the field is called in which the rest stands: its property's name, upper case; empty if there is none.
 */
field: string, 
/**
 * The field's label, as in a card.
 */
label: string, 
/**
 * The field's text, or the part of it around what was found.
 */
text: Array<Piece>, };

export type Piece = { text: string, 
/**
 * It is what was looked for.
 */
hit: boolean, };

export type ContactsBirthdays = { 
/**
 * The day it is, `2026-11-21`; without it, today in UTC.
 */
from?: string, 
/**
 * For how many days ahead; 366 at most.
 */
days?: number, };

export type Birthdays = { birthdays: Array<Birthday>, };

export type Birthday = { id: string, name: string, 
/**
 * An organisation's founding rather than a person's birth.
 */
organisation: boolean, 
/**
 * When it is, `2026-12-14`.
 */
date: string, 
/**
 * In how many days.
 */
days: number, 
/**
 * How old they become, if the year is known.
 */
turns?: number, };

export type ContactsMails = { ids: Array<string>, };

export type Mails = { mails: Array<Mail>, 
/**
 * How many have none.
 */
without: number, };

export type Mail = { id: string, name: string, mail: string, };

export type ContactsEdit = { id: string, set: Array<PropertyEdit>, 
/**
 * Ids of properties to remove.
 */
unset: Array<string>, 
/**
 * Ids of properties in the order in which those of each name are to stand, in the places that they have together.
 * What another source says stands after what the person says, and is not moved.
 */
order?: Array<string>, 
/**
 * 32 random hex digits: edits that share them are one sitting, which one undo takes back.
 */
sitting?: string, };

export type PropertyEdit = { 
/**
 * The property to replace. Without it: the only one of that name and type, or a new one.
 */
property_id?: string, 
/**
 * Adds one more, even if there is one of that name and type.
 */
add: boolean, 
/**
 * Upper case; not needed with `property_id`.
 */
name: string, 
/**
 * Replaces the parameters; absent means as they are.
 */
params?: { [key in string]: Array<string> }, 
/**
 * The person's own label for it; empty removes the label; absent means as it is.
 */
label?: string, 
/**
 * The value as vCard text.
 */
value?: string, 
/**
 * The value in components, instead of `value`.
 */
parts?: Array<Array<string>>, };

export type ContactsChoose = { id: string, property_id: string, 
/**
 * The value to keep, as vCard text; empty if it is to stay removed.
 */
value: string, };

export type ContactsTrash = { ids: Array<string>, };

export type ContactsRestore = { ids: Array<string>, };

export type Counted = { count: number, 
/**
 * Too many for one go: the deletion waits for a person under this id.
 */
held?: string, };

export type ContactsUndo = { 
/**
 * Only what was done in this sitting, see `contacts.edit`.
 */
sitting?: string, };

export type ContactsRedo = Record<symbol, never>;

export type Undone = { 
/**
 * In words.
 */
what: string, 
/**
 * The contacts concerned, at most 100.
 */
ids: Array<string>, };

export type GroupsList = { kind: GroupKind, };

export type Groups = { groups: Array<Group>, };

export type Group = { id: string, name: string, 
/**
 * Contacts in it that are not in the trash.
 */
count: number, };

export type GroupsAdd = { kind: GroupKind, name: string, };

export type GroupId = { id: string, };

export type GroupsRename = { kind: GroupKind, 
/**
 * Name or id.
 */
group: string, name: string, };

export type GroupsRemove = { kind: GroupKind, group: string, };

export type GroupsPut = { kind: GroupKind, group: string, ids: Array<string>, };

export type GroupsTake = { kind: GroupKind, group: string, ids: Array<string>, };

export type PairShow = Record<symbol, never>;

export type PairCode = { 
/**
 * Eight digits.
 */
code: string, 
/**
 * Carries the address and a longer secret.
 */
link: string, 
/**
 * The link as an SVG picture.
 */
qr: string, 
/**
 * How long the code lives.
 */
seconds_left: number, 
/**
 * Wrong guesses that are left.
 */
tries_left: number, };

export type PairClose = Record<symbol, never>;

export type PairEnter = { 
/**
 * The eight digits, or the link.
 */
code: string, 
/**
 * What this device is called.
 */
name: string, 
/**
 * Where the other device is, `ADDR:PORT`, if it is not found by itself.
 */
at?: string, };

export type DeviceJoined = { device_id: string, person_id: string, 
/**
 * `os` or `file`: where the device's keys are kept.
 */
keys: string, 
/**
 * Whether that file is sealed under a passphrase.
 */
keys_sealed: boolean, };

export type PairPending = Record<symbol, never>;

export type PendingDevices = { pending: Array<PendingDevice>, 
/**
 * The open code, if pairing is open.
 */
open?: PairCode, };

export type PendingDevice = { id: string, name: string, platform: string, 
/**
 * Three words that both devices show.
 */
words: string, };

export type PairApprove = { id: string, };

export type PairRefuse = { id: string, };

export type DevicesList = Record<symbol, never>;

export type DevicesCopies = Record<symbol, never>;

export type Copies = { 
/**
 * Once for each device and time.
 */
copies: Array<CopiedDevice>, };

export type CopiedDevice = { 
/**
 * When it was settled here.
 */
time: string, 
/**
 * Whose folder.
 */
device: Named, 
/**
 * It was this device, which goes on under a new id.
 */
this: boolean, 
/**
 * What was written again here: where both folders had changed something, both values stand.
 */
contacts: Array<Named>, };

export type Devices = { devices: Array<Device>, 
/**
 * A device was removed, and the recovery code is still to be entered.
 */
recovery_due: boolean, };

export type Device = { id: string, name: string, 
/**
 * When it was last connected; absent if never, or if it is this one.
 */
last_seen: string | null, 
/**
 * The version of the book it is known to hold.
 */
version: string, platform: string, 
/**
 * This one.
 */
this: boolean, 
/**
 * `here`, `lan`, `hub` or `none`.
 */
path: string, 
/**
 * Changes it is known to lack.
 */
behind: number, };

export type Doctor = Record<symbol, never>;

export type Findings = { findings: Array<Finding>, };

export type Finding = { code: FindingCode, 
/**
 * What was found.
 */
message: string, 
/**
 * What to do.
 */
remedy: string, 
/**
 * The device that is not reached, if it is this one's own trouble or that of one device.
 */
device_id?: string, };

export type FindingCode = "not_running" | "no_network" | "removed_here" | "local_network_denied" | "public_profile" | "mdns_port_taken" | "multicast_blocked" | "mdns_off" | "multicast_filtered" | "version_unlike" | "clock_off" | "not_known_there" | "vpn" | "isolated" | "firewall" | "not_answering" | "other_network" | "away";

export type DevicesRevoke = { id: string, 
/**
 * Removes the devices that it let in as well. Without this they stay.
 */
with_added: boolean, 
/**
 * Opens the next epoch at once, so that the removed device can change nothing any more.
 */
recovery_code?: Secret, };

export type DeviceRevoked = { device_id: string, name: string, 
/**
 * The devices that went with it.
 */
removed: Array<Named>, 
/**
 * The devices that it had let in and that stay: look whether you know them all.
 */
kept: Array<Named>, 
/**
 * The recovery code is still to be entered: until then the removed device could add or remove devices in the eyes of
 * those that have not heard of its removal.
 */
recovery_due: boolean, };

export type DevicesLost = { id: string, 
/**
 * Removes the devices that it let in as well. Without this they stay.
 */
with_added: boolean, 
/**
 * Opens the next epoch at once.
 */
recovery_code?: Secret, };

export type DeviceLost = { renewed: Array<Renewed>, finder: FinderReads, device_id: string, name: string, 
/**
 * The devices that went with it.
 */
removed: Array<Named>, 
/**
 * The devices that it had let in and that stay: look whether you know them all.
 */
kept: Array<Named>, 
/**
 * The recovery code is still to be entered: until then the removed device could add or remove devices in the eyes of
 * those that have not heard of its removal.
 */
recovery_due: boolean, };

export type Renewed = { 
/**
 * A word for programs: `lan` or `epoch`.
 */
what: string, 
/**
 * Whether it is new now.
 */
done: boolean, 
/**
 * What it is, or what is still to be done.
 */
message: string, };

export type FinderReads = { 
/**
 * Contacts in the book, the trash among them.
 */
contacts: number, 
/**
 * As of when the device is known to have them; absent if it was never seen.
 */
as_of: string | null, 
/**
 * Changes made since, which it does not have.
 */
behind: number, 
/**
 * `os` or `file`: where the device's keys are; empty if that is not known here.
 */
keys: string, 
/**
 * All of it in sentences.
 */
message: string, };

export type RecoveryCheck = { code: Secret, };

export type RecoveryChecked = { person: Named, };

export type RecoverySheet = { code: Secret, };

export type RecoveryPrint = { 
/**
 * Whose code it is; the name may be empty.
 */
person: Named, 
/**
 * The code in groups.
 */
groups: Array<string>, 
/**
 * The code as an SVG picture of a QR code.
 */
qr: string, 
/**
 * Today, RFC 3339.
 */
date: string, };

export type RecoveryOpen = { code: Secret, 
/**
 * Removed devices that are to be in again.
 */
with: Array<string>, };

export type RecoveryOpened = { 
/**
 * Its number.
 */
epoch: number, 
/**
 * The devices in it.
 */
devices: Array<Named>, };

export type RemovedDevice = { 
/**
 * The device that removed it; empty if the recovery code opened a list without it.
 */
by: string, 
/**
 * When, by that device's clock.
 */
time: string | null, 
/**
 * In a sentence.
 */
message: string, };

export type MeShow = { 
/**
 * What was replaced, too.
 */
history: boolean, };

export type MyCard = { 
/**
 * What is said about each of its properties.
 */
shared: Array<SharedField>, 
/**
 * To whom later changes go by themselves; absent: to nobody.
 */
standing?: Audience, 
/**
 * When they leave: `now`, `changes:N` or `minutes:M`.
 */
when: string, id: string, name: string, 
/**
 * How the name is read, if that is not how it is written.
 */
reading: string, organisation: boolean, 
/**
 * This card is me.
 */
me: boolean, 
/**
 * One of my favourites.
 */
favourite: boolean, trashed: boolean, 
/**
 * Trashed on one device and edited on another at the same time: somebody has to say.
 */
trash_undecided: boolean, properties: Array<CardProperty>, groups: Array<Named>, tags: Array<Named>, history?: Array<HistoryEntry>, };

export type SharedField = { property_id: string, 
/**
 * In upper case.
 */
name: string, 
/**
 * `everyone`, `nobody`, or `group:ID`, `tag:ID`, `contact:ID`, any of which will do. Where own devices said
 * different things at once, all of it must hold: then there are several lists.
 */
visible: Array<Array<string>>, 
/**
 * From when it holds, if that is said.
 */
from?: string, 
/**
 * What it was before, the newest first.
 */
former: Array<FormerValue>, };

export type FormerValue = { text: string, value: string, 
/**
 * Until when it held.
 */
until: string, };

export type MeEdit = { set: Array<PropertyEdit>, 
/**
 * Ids of properties to remove.
 */
unset: Array<string>, };

export type MeFrom = { property_id: string, 
/**
 * A date (`2026-12-01`, at midnight here) or RFC 3339; empty: as long as it is there.
 */
date: string, };

export type MeWithdraw = { property_id: string, };

export type MeVisible = { property_id: string, 
/**
 * `everyone`, `nobody`, or any of `group:G`, `tag:T`, `contact:ID`.
 */
who: Array<string>, };

export type ItemsList = Record<symbol, never>;

export type Items = { items: Array<Item>, received: Array<ReceivedItem>, };

export type Item = { id: string, name: string, 
/**
 * `card`, `note` or `picture`.
 */
kind: string, 
/**
 * The greatest number under which it was sent to anybody; 0: it was not sent yet.
 */
version: number, 
/**
 * What it says, in a line.
 */
text: string, };

export type ReceivedItem = { id: string, person_id: string, 
/**
 * What the person is called.
 */
person_name: string, name: string, 
/**
 * `card`, `note`, `picture`, `contact` or `other`.
 */
kind: string, version: number, text: string, 
/**
 * The picture as a data URL.
 */
picture?: string, };

export type ItemsAdd = { name: string, 
/**
 * Where the file is; or what it is called, if `content` is given.
 */
path: string, 
/**
 * The file's bytes in base64, where the path cannot be known (a window).
 */
content?: string, };

export type ItemsSet = { id: string, name?: string, path?: string, };

export type ItemsRemove = { id: string, };

export type ItemId = { id: string, };

export type LinkInvite = { 
/**
 * It is shown on the screen, face to face: it lives ten minutes, and whoever reads it off is verified by it.
 * Without this it is sent, and lives seven days.
 */
shown: boolean, 
/**
 * The contact that it is for: whoever accepts it is that one.
 */
contact?: string, };

export type LinkInvited = { 
/**
 * Names it for `link.cancel`.
 */
id: string, link: string, 
/**
 * The link as an SVG picture.
 */
qr: string, expires: string, };

export type LinkCancel = { id: string, };

export type LinkAccept = { link: string, 
/**
 * The contact that the person is; without it a new one. One that has a number or mail address of theirs is
 * offered ([`Link::candidates`]), and taken by itself only for somebody who was verified.
 */
contact?: string, 
/**
 * Where their device is, `ADDR:PORT`, if not where the invitation says.
 */
at?: string, };

export type LinkAccepted = { 
/**
 * `linked`, or `waiting`: their device was not reached; it is tried again whenever this hub runs.
 */
state: string, person_id: string, 
/**
 * What the person calls themselves.
 */
name: string, 
/**
 * The contact that is the person now; absent while it waits.
 */
contact_id?: string, 
/**
 * The words that the person reads out, to be compared.
 */
words: string, 
/**
 * Other contacts with a name that looks like this one: make sure who it is.
 */
lookalikes: Array<Named>, };

export type LinkList = Record<symbol, never>;

export type Links = { links: Array<Link>, 
/**
 * Invitations of this device that nobody has used yet.
 */
invitations: Array<OpenInvitation>, 
/**
 * Acceptances of this device that wait for an answer.
 */
waiting: Array<WaitingAcceptance>, };

export type Link = { person_id: string, 
/**
 * What the contact is called, else what the person calls themselves.
 */
name: string, 
/**
 * What the person calls themselves.
 */
own_name: string, 
/**
 * The contact that is the person.
 */
contact_id?: string, 
/**
 * Whether I made sure who it is.
 */
verified: boolean, 
/**
 * How: `no`, `words` or `in-person`.
 */
verified_by: string, household: boolean, blocked: boolean, muted: boolean, 
/**
 * `linked`; `ended-here` or `ended-there`, if the link was removed.
 */
state: string, 
/**
 * When it was removed.
 */
ended?: string, 
/**
 * `lan` or `none`: whether one of the person's devices is connected to this one.
 */
path: string, 
/**
 * How many devices the person has.
 */
devices: number, 
/**
 * Contacts that the person may be, as they have a number or mail address in common.
 */
candidates: Array<LinkCandidate>, 
/**
 * Other contacts with a name that looks like this one.
 */
lookalikes: Array<Named>, };

export type LinkCandidate = { contact_id: string, name: string, 
/**
 * What the two have in common.
 */
why: string, };

export type OpenInvitation = { id: string, expires: string, 
/**
 * It is shown face to face.
 */
shown: boolean, };

export type WaitingAcceptance = { 
/**
 * Names it for `link.cancel`.
 */
id: string, person_id: string, name: string, since: string, };

export type LinkWords = { 
/**
 * The person's id, their contact's, or the beginning of either.
 */
id: string, };

export type LinkWordsShown = { 
/**
 * What I read out.
 */
mine: string, 
/**
 * What the other person must read out.
 */
theirs: string, };

export type LinkVerify = { id: string, };

export type LinkRemove = { id: string, };

export type LinkHousehold = { id: string, on: boolean, };

export type LinkBlock = { id: string, on: boolean, };

export type LinkMute = { id: string, on: boolean, };

export type LinkAttach = { id: string, contact: string, };

export type LinkId = { person_id: string, contact_id?: string, };

export type HouseholdList = Record<symbol, never>;

export type HouseholdProposals = { proposals: Array<HouseholdProposal>, };

export type HouseholdProposal = { id: string, 
/**
 * Whose card would follow.
 */
contact_id: string, name: string, 
/**
 * Who changed it.
 */
changed_by: string, property_id: string, property: string, old: string, 
/**
 * Absent: it would be removed.
 */
new?: string, };

export type HouseholdAnswer = { id: string, accept: boolean, };

export type SafetyShow = Record<symbol, never>;

export type Safety = { entries: Array<SafetyEntry>, };

export type SafetyEntry = { 
/**
 * `device`, `person`, `account` or `backup`.
 */
kind: string, id: string, name: string, 
/**
 * What it can see, in words.
 */
sees: string, 
/**
 * What it can change, in words; empty: nothing.
 */
changes: string, 
/**
 * Properties of my card that it was sent.
 */
fields: Array<string>, 
/**
 * The command that ends it; empty where there is none.
 */
remedy: string, };

export type Audience = { 
/**
 * Everyone linked.
 */
everyone: boolean, 
/**
 * Groups by name or id.
 */
groups: Array<string>, 
/**
 * Tags by name or id.
 */
tags: Array<string>, 
/**
 * Contacts by id.
 */
contacts: Array<string>, 
/**
 * Those with whom there were at least so many interactions.
 */
min_interactions?: number, 
/**
 * Within so many days; 180 unless said.
 */
window_days?: number, 
/**
 * Which count: `call`, `message`, `mail`; all unless said.
 */
kinds: Array<string>, 
/**
 * Never these contacts.
 */
except: Array<string>, };

export type AudienceShow = { audience: Audience, 
/**
 * Of this item instead of my card.
 */
item?: string, };

export type AudiencePreview = { recipients: Array<Recipient>, unreachable: Array<Unreachable>, freshness: Freshness, };

export type Recipient = { contact_id: string, person_id: string, name: string, 
/**
 * All the reasons, in words.
 */
why: string, 
/**
 * The properties that they would have, by name.
 */
fields: Array<string>, 
/**
 * What is new since the last version that was sent to them.
 */
news: Array<FieldChange>, 
/**
 * The version that was sent to them last; 0: none.
 */
version: number, };

export type Unreachable = { contact_id: string, name: string, 
/**
 * A mail address of theirs, if one is known.
 */
mail?: string, };

export type FieldChange = { property_id: string, name: string, 
/**
 * Absent: it was not there.
 */
old?: string, 
/**
 * Absent: it is gone.
 */
new?: string, 
/**
 * From when the new one holds, if that is later.
 */
from?: string, 
/**
 * It says who they are: a name, or how they look. Whoever shows it calls it out.
 */
identity: boolean, 
/**
 * In the inbox: one own device accepted it and another one refused.
 */
torn: boolean, };

export type Freshness = { calls?: string, messages?: string, mails?: string, };

export type UpdateLetter = { contact: string, };

export type ReadyLetter = { subject: string, message: string, 
/**
 * My card as they may see it.
 */
vcard: string, 
/**
 * An invitation for them, if a hub runs here.
 */
link?: string, 
/**
 * `mailto:` with all of it, if they have a mail address.
 */
mailto?: string, };

export type UpdateSend = { audience: Audience, 
/**
 * Of this item instead of my card.
 */
item?: string, };

export type UpdateSent = { update_id: string, 
/**
 * How many persons are meant.
 */
recipients: number, 
/**
 * How many of them got something that they had not been sent before.
 */
sent: number, unreachable: Array<Unreachable>, };

export type UpdateKeep = { 
/**
 * Absent: off.
 */
audience?: Audience, item?: string, };

export type UpdateWhen = { 
/**
 * `now`, `changes:N` or `minutes:M`.
 */
when: string, item?: string, };

export type Standing = { audience?: Audience, when: string, };

export type LedgerShow = { 
/**
 * Only what this update sent.
 */
update?: string, };

export type Ledger = { deliveries: Array<LedgerEntry>, };

export type LedgerEntry = { update_id: string, contact_id?: string, person_id: string, name: string, 
/**
 * My card, or the id of another item.
 */
item_id: string, item: string, version: number, 
/**
 * `waiting` or `delivered`; `accepted` or `refused` if the receiver lets me know.
 */
state: string, 
/**
 * By which path it went: `lan`; empty while it waits.
 */
path: string, 
/**
 * When it was made.
 */
made: string, 
/**
 * When it arrived.
 */
delivered?: string, };

export type Ask = { 
/**
 * Only this one.
 */
person?: string, };

export type Asked = { asked: Array<Named>, answered: Array<Named>, };

export type PolicySet = { 
/**
 * `automatic`, `ask`, `unmetered` or `refuse`; empty: as if nothing had been said.
 */
policy: string, 
/**
 * Of this person only.
 */
person?: string, 
/**
 * Of properties of this name only.
 */
field?: string, };

export type PolicyTell = { on: boolean, };

export type PolicyShow = Record<symbol, never>;

export type Policies = { policies: Array<PolicyRow>, 
/**
 * Whether those who send hear what became of it.
 */
tell: boolean, };

export type PolicyRow = { policy: string, person_id?: string, field?: string, };

export type InboxList = Record<symbol, never>;

export type Inbox = { updates: Array<InboxUpdate>, 
/**
 * The newest of each that were settled and can be taken back.
 */
settled: Array<SettledUpdate>, };

export type InboxUpdate = { id: string, person_id: string, contact_id?: string, 
/**
 * Who sent it.
 */
name: string, 
/**
 * `card`, `note`, `picture`, `contact` or `other`.
 */
kind: string, 
/**
 * What the item is called; empty for a card.
 */
item: string, time: string, changes: Array<FieldChange>, 
/**
 * `waiting` for an answer; `later`: put off until then; `unmetered`: until an own device is on an unmetered
 * network.
 */
state: string, 
/**
 * Until when it was put off.
 */
until?: string, 
/**
 * The first card of somebody of whom I am not sure: compare before accepting.
 */
first: boolean, 
/**
 * Contacts that the person may be, as their card has a number or mail address of theirs: `link attach`.
 */
candidates: Array<LinkCandidate>, 
/**
 * Other contacts with a name that looks like this one.
 */
lookalikes: Array<Named>, };

export type SettledUpdate = { id: string, person_id: string, contact_id?: string, name: string, kind: string, item: string, time: string, 
/**
 * `accepted`; `automatic`: taken by itself.
 */
state: string, 
/**
 * What was accepted, as it was before and is now.
 */
changes: Array<FieldChange>, };

export type InboxAccept = { id: string, 
/**
 * Only these properties, by name or id.
 */
fields: Array<string>, };

export type InboxLater = { id: string, 
/**
 * For how long: a number and `s`, `m`, `h`, `d` or `w`; a day unless said.
 */
for?: string, };

export type InboxRefuse = { id: string, };

export type InboxUndo = { id: string, };

export type Decided = { id: string, 
/**
 * How many properties this answer concerned; 0: all of it was settled before.
 */
count: number, contact_id?: string, 
/**
 * What stands now: `accepted`, `refused`, `mixed`, `waiting`, `later`; `replaced`: they said something newer.
 */
state: string, 
/**
 * Until when it was put off.
 */
until?: string, 
/**
 * The update that took its place and waits.
 */
newer?: string, };

export type NotifyShow = Record<symbol, never>;

export type NotifySet = { 
/**
 * Quiet hours in local time, e.g. `22:00-07:00`, on all own devices; `off`: none.
 */
quiet?: string, 
/**
 * On this device: `yes` and `no` say whether its network is metered, `auto` lets the system say.
 */
metered?: string, };

export type Notify = { 
/**
 * `22:00-07:00`; empty: none.
 */
quiet: string, 
/**
 * Whether it is quiet now.
 */
quiet_now: boolean, 
/**
 * `auto`, `yes` or `no`.
 */
metered: string, 
/**
 * What the system says of the network: `metered`, `unmetered` or `unknown`.
 */
network: string, 
/**
 * What counts: whether updates that want an unmetered network wait on this device. Unknown counts as unmetered.
 */
waits: boolean, };

export type NotifyDue = { 
/**
 * Somebody uses this device right now: it is the first to tell; others wait half a minute.
 */
in_use: boolean, };

export type NoticeDue = { 
/**
 * Absent: nothing, and what is shown is withdrawn.
 */
notice?: Notice, };

export type Notice = { 
/**
 * Something in it was never shown on this device.
 */
fresh: boolean, 
/**
 * One line.
 */
title: string, 
/**
 * What changes, in short lines; empty where the inbox says it better.
 */
body: string, 
/**
 * The updates by id, the newest first.
 */
updates: Array<string>, 
/**
 * It may be answered right there: it is one update, of somebody known. Otherwise only the inbox answers it.
 */
answerable: boolean, 
/**
 * What to hand to `notify.shown`.
 */
keys: Array<string>, };

export type NotifyShown = { keys: Array<string>, };

export type Give = { contact: string, to: string, };

export type ActivityShow = { contact?: string, 
/**
 * At most so many; 100 unless said.
 */
limit?: number, };

export type Activity = { entries: Array<ActivityEntry>, };

export type ActivityEntry = { time: string, contact_id?: string, 
/**
 * Whom it is about.
 */
name: string, text: string, };

export type InteractionsImport = { paths: Array<string>, };

export type InteractionsImported = { added: number, 
/**
 * Known already.
 */
known: number, 
/**
 * Older than two years, and not kept.
 */
too_old: number, 
/**
 * Entries that could not be read.
 */
unreadable: number, freshness: Freshness, };

export type InteractionsWatch = { 
/**
 * The folder; without it nothing changes.
 */
path?: string, 
/**
 * No longer.
 */
off: boolean, };

export type InteractionsWatched = { paths: Array<string>, 
/**
 * What the first reading found.
 */
imported?: InteractionsImported, };

export type InteractionsAdd = { contact: string, 
/**
 * `call`, `message` or `mail`.
 */
kind: string, 
/**
 * RFC 3339; now unless said.
 */
at?: string, 
/**
 * They began, not I.
 */
incoming: boolean, };

export type InteractionsTop = { 
/**
 * Within so many days; 180 unless said.
 */
window_days?: number, 
/**
 * At most so many contacts; all unless said.
 */
limit?: number, };

export type InteractionCounts = { contacts: Array<InteractionCount>, freshness: Freshness, };

export type InteractionCount = { id: string, name: string, count: number, calls: number, mails: number, messages: number, };

/** Every command: its request and its answer. */
export interface Commands {
  "init": [Init, Initialised];
  "status": [StatusRequest, Status];
  "stop": [Stop, Done];
  "import": [Import, Imported];
  "import.look": [ImportLook, ImportLooked];
  "import.undo": [ImportUndo, Undone];
  "import.stop": [ImportStop, Done];
  "export": [Export, Exported];
  "contacts.list": [ContactsList, ContactsPage];
  "contacts.show": [ContactsShow, Card];
  "contacts.add": [ContactsAdd, ContactId];
  "contacts.edit": [ContactsEdit, ContactId];
  "contacts.choose": [ContactsChoose, ContactId];
  "contacts.trash": [ContactsTrash, Counted];
  "contacts.restore": [ContactsRestore, Counted];
  "contacts.undo": [ContactsUndo, Undone];
  "contacts.redo": [ContactsRedo, Undone];
  "contacts.revert": [ContactsRevert, ContactId];
  "contacts.hide": [ContactsHide, ContactId];
  "contacts.duplicates": [ContactsDuplicates, Duplicates];
  "contacts.apart": [ContactsApart, Done];
  "contacts.merge": [ContactsMerge, Merged];
  "contacts.favourite": [ContactsFavourite, Counted];
  "contacts.edit_many": [ContactsEditMany, EditedMany];
  "contacts.around": [ContactsAround, Around];
  "contacts.matches": [ContactsMatches, Matches];
  "contacts.birthdays": [ContactsBirthdays, Birthdays];
  "contacts.mails": [ContactsMails, Mails];
  "contacts.qr": [ContactsQr, ContactQr];
  "qr.scan": [QrScan, QrFound];
  "held.list": [HeldList, HeldAll];
  "held.apply": [HeldApply, HeldApplied];
  "held.discard": [HeldDiscard, Counted];
  "accounts.list": [AccountsList, Accounts];
  "accounts.add": [AccountsAdd, AccountSynced];
  "accounts.sync": [AccountsSync, AccountSynced];
  "accounts.remove": [AccountsRemove, Counted];
  "backup.every": [BackupEvery, BackupPlan];
  "backup.now": [BackupNow, Generation];
  "backup.list": [BackupList, Generations];
  "backup.check": [BackupCheck, BackupPlan];
  "backup.drill": [BackupDrill, BackupDrilled];
  "backup.include": [BackupInclude, BackupPlan];
  "restore": [Restore, Restored];
  "erase": [Erase, Erased];
  "settings.show": [SettingsShow, Settings];
  "settings.set": [SettingsSet, Settings];
  "groups.list": [GroupsList, Groups];
  "groups.add": [GroupsAdd, GroupId];
  "groups.rename": [GroupsRename, GroupId];
  "groups.remove": [GroupsRemove, GroupId];
  "groups.put": [GroupsPut, Counted];
  "groups.take": [GroupsTake, Counted];
  "pair.show": [PairShow, PairCode];
  "pair.close": [PairClose, Done];
  "pair.enter": [PairEnter, DeviceJoined];
  "pair.pending": [PairPending, PendingDevices];
  "pair.approve": [PairApprove, Done];
  "pair.refuse": [PairRefuse, Done];
  "devices.list": [DevicesList, Devices];
  "devices.copies": [DevicesCopies, Copies];
  "doctor": [Doctor, Findings];
  "devices.revoke": [DevicesRevoke, DeviceRevoked];
  "devices.lost": [DevicesLost, DeviceLost];
  "recovery.check": [RecoveryCheck, RecoveryChecked];
  "recovery.sheet": [RecoverySheet, RecoveryPrint];
  "recovery.open": [RecoveryOpen, RecoveryOpened];
  "me.show": [MeShow, MyCard];
  "me.edit": [MeEdit, MyCard];
  "me.from": [MeFrom, MyCard];
  "me.withdraw": [MeWithdraw, MyCard];
  "me.visible": [MeVisible, MyCard];
  "items.list": [ItemsList, Items];
  "items.add": [ItemsAdd, ItemId];
  "items.set": [ItemsSet, ItemId];
  "items.remove": [ItemsRemove, ItemId];
  "link.invite": [LinkInvite, LinkInvited];
  "link.cancel": [LinkCancel, Done];
  "link.accept": [LinkAccept, LinkAccepted];
  "link.list": [LinkList, Links];
  "link.words": [LinkWords, LinkWordsShown];
  "link.verify": [LinkVerify, LinkId];
  "link.remove": [LinkRemove, LinkId];
  "link.household": [LinkHousehold, LinkId];
  "link.block": [LinkBlock, LinkId];
  "link.mute": [LinkMute, LinkId];
  "link.attach": [LinkAttach, LinkId];
  "household.list": [HouseholdList, HouseholdProposals];
  "household.answer": [HouseholdAnswer, Done];
  "audience": [AudienceShow, AudiencePreview];
  "update.send": [UpdateSend, UpdateSent];
  "update.keep": [UpdateKeep, Standing];
  "update.when": [UpdateWhen, Standing];
  "update.letter": [UpdateLetter, ReadyLetter];
  "ledger": [LedgerShow, Ledger];
  "ask": [Ask, Asked];
  "policy.set": [PolicySet, Policies];
  "policy.tell": [PolicyTell, Policies];
  "policy.show": [PolicyShow, Policies];
  "inbox.list": [InboxList, Inbox];
  "inbox.accept": [InboxAccept, Decided];
  "inbox.later": [InboxLater, Decided];
  "inbox.refuse": [InboxRefuse, Decided];
  "inbox.undo": [InboxUndo, Decided];
  "notify.show": [NotifyShow, Notify];
  "notify.set": [NotifySet, Notify];
  "notify.due": [NotifyDue, NoticeDue];
  "notify.shown": [NotifyShown, Done];
  "give": [Give, UpdateSent];
  "interactions.import": [InteractionsImport, InteractionsImported];
  "interactions.watch": [InteractionsWatch, InteractionsWatched];
  "interactions.add": [InteractionsAdd, Done];
  "interactions.top": [InteractionsTop, InteractionCounts];
  "activity": [ActivityShow, Activity];
  "safety": [SafetyShow, Safety];
}
