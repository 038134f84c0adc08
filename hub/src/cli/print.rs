//! Answers as a person reads them, or as one JSON object.

use super::{arguments::Request, backup, print_persons};
use fast_qr::QRBuilder;
use kith_hub::api::{
    Account, AccountSynced, Accounts, Answer, Around, Birthday, Card, Code, ContactQr, Copies, DeviceLost,
    DeviceRevoked, Devices, Duplicates, Erased, Error, Findings, HeldAll, ImportLooked, Imported, ImportedFile, Merged,
    PairCode, Relation, Settings, Status,
};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// Prints one JSON object on one line.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => line(&text),
        Err(error) => eprintln!("the answer cannot be written as JSON: {error}"),
    }
}

impl Request {
    /// Prints the answer. With `--json` as it is, else in words.
    pub(crate) fn finish(&self, answer: Answer, as_json: bool) -> Result<(), Error> {
        if let (true, Answer::Export(exported)) = (self.to_stdout, &answer) {
            print(exported.text.as_deref().unwrap_or_default());
            return Ok(());
        }
        if let (Some(file), Answer::LinkInvite(invited)) = (&self.to_file, &answer) {
            let wrong = |error| Error::new(Code::FileUnavailable, format!("{}: {error}", file.display()));
            std::fs::write(file, format!("{}\n", invited.link)).map_err(wrong)?;
        }
        match (as_json, self.tags, answer) {
            (true, true, Answer::GroupsList(groups)) => json(&serde_json::json!({ "tags": groups.groups })),
            (true, _, answer) => json(&answer),
            (false, _, answer) => words(&answer),
        }
        Ok(())
    }
}

fn words(answer: &Answer) {
    match answer {
        Answer::Init(made) => {
            line(&format!("This device is {}.", made.device_id));
            line("Write this recovery code down and keep it safe; it is shown only now:");
            line(&format!("\n    {}\n", made.recovery_code));
            line(&format!("Its keys are {}.", keys(&made.keys, made.keys_sealed)));
        }
        Answer::Status(status) => self::status(status),
        Answer::Doctor(found) => findings(found),
        Answer::Import(imported) => self::imported(imported),
        Answer::Erase(erased) => self::erased(erased),
        Answer::ImportLook(looked) => self::looked(looked),
        Answer::Export(exported) => {
            line(&format!("{} contacts written.", exported.contacts));
            exported
                .left_out
                .iter()
                .for_each(|what| line(&format!("Left out, for the format has no place for it: {what}")));
        }
        Answer::ContactsDuplicates(found) => duplicates(found),
        Answer::ContactsMerge(merged) => self::merged(merged),
        Answer::ContactsQr(code) => qr(code),
        Answer::QrScan(found) => found.codes.iter().for_each(|code| line(&format!("{}: {}", code.kind, code.text))),
        Answer::HeldList(held) => self::held(held),
        Answer::AccountsList(accounts) => self::accounts(accounts),
        Answer::AccountsAdd(synced) | Answer::AccountsSync(synced) => self::synced(synced),
        Answer::SettingsShow(settings) | Answer::SettingsSet(settings) => self::settings(settings),
        Answer::ContactsList(page) => {
            page.contacts.iter().for_each(|row| line(&format!("{}  {}  {}", row.id, or_dash(&row.name), row.detail)));
            line(&format!("{} of {}", page.contacts.len(), page.total));
        }
        Answer::ContactsShow(card) => self::card(card),
        Answer::ContactsAdd(contact)
        | Answer::ContactsEdit(contact)
        | Answer::ContactsChoose(contact)
        | Answer::ContactsRevert(contact)
        | Answer::ContactsHide(contact) => line(&contact.id),
        Answer::ContactsTrash(counted) if counted.held.is_some() => {
            let held = counted.held.as_deref().unwrap_or_default();
            line(&format!("That is many at once, so it waits for a yes: held apply {held}"));
        }
        Answer::HeldApply(applied) => {
            line(&format!("{} done.", applied.count));
            if applied.left > 0 {
                let names = applied.names.join(", ");
                line(&format!("{} left alone, for they changed since: {names}", applied.left));
            }
        }
        Answer::ContactsEditMany(edited) => {
            line(&format!("{} done.", edited.count));
            if edited.left > 0 {
                let names = edited.names.join(", ");
                line(&format!("{} left alone, for they have several of it: {names}", edited.left));
            }
        }
        Answer::ContactsAround(around) => self::around(around),
        Answer::ContactsBirthdays(found) => {
            for Birthday { id, name, date, days, turns, .. } in &found.birthdays {
                let turns = turns.map(|turns| format!(", turns {turns}")).unwrap_or_default();
                line(&format!("{id}  {date}  {}  in {days} days{turns}", or_dash(name)));
            }
        }
        Answer::ContactsMails(found) => {
            found.mails.iter().for_each(|mail| line(&format!("{} <{}>", mail.name, mail.mail)));
            if found.without > 0 {
                line(&format!("{} have none.", found.without));
            }
        }
        Answer::ContactsMatches(found) => found.matches.iter().for_each(|found| {
            let text: String = found.text.iter().map(|piece| piece.text.as_str()).collect();
            line(&format!("{}  {}  {text}", found.id, found.field));
        }),
        Answer::ContactsTrash(counted)
        | Answer::ContactsFavourite(counted)
        | Answer::HeldDiscard(counted)
        | Answer::AccountsRemove(counted)
        | Answer::ContactsRestore(counted)
        | Answer::GroupsPut(counted)
        | Answer::GroupsTake(counted) => line(&format!("{} done.", counted.count)),
        Answer::ContactsRedo(undone) => line(&format!("Done again: {}.", undone.what)),
        Answer::ContactsUndo(undone) | Answer::ImportUndo(undone) => line(&format!("Taken back: {}.", undone.what)),
        Answer::GroupsList(groups) => {
            groups.groups.iter().for_each(|group| line(&format!("{}  {}  {}", group.id, group.name, group.count)));
        }
        Answer::GroupsAdd(group) | Answer::GroupsRename(group) | Answer::GroupsRemove(group) => line(&group.id),
        Answer::PairShow(code) => pair_code(code),
        Answer::PairEnter(joined) => {
            line(&format!("This device is in: {}", joined.device_id));
            line(&format!("Its keys are {}.", keys(&joined.keys, joined.keys_sealed)));
        }
        Answer::DevicesRevoke(revoked) => self::revoked(revoked),
        Answer::DevicesLost(lost) => self::lost(lost),
        Answer::RecoveryCheck(checked) => {
            line(&format!("This is the recovery code of {}.", or_dash(&checked.person.name)));
        }
        Answer::RecoverySheet(sheet) => line(&sheet.groups.join("-")),
        Answer::RecoveryOpen(opened) => line(&format!("The devices are now: {}.", names(&opened.devices))),
        Answer::PairPending(pending) => {
            for device in &pending.pending {
                line(&format!("{}  {}  {}  {}", device.id, device.name, device.platform, device.words));
            }
        }
        Answer::DevicesList(devices) => self::devices(devices),
        Answer::DevicesCopies(copies) => self::copies(copies),
        Answer::BackupEvery(plan) | Answer::BackupCheck(plan) | Answer::BackupInclude(plan) => backup::plan(plan),
        Answer::BackupNow(made) => backup::generation(made),
        Answer::BackupList(list) => list.generations.iter().for_each(backup::generation),
        Answer::BackupDrill(drilled) => backup::drilled(drilled),
        Answer::Restore(restored) => backup::restored(restored),
        Answer::ContactsApart(_)
        | Answer::Stop(_)
        | Answer::ImportStop(_)
        | Answer::PairClose(_)
        | Answer::PairApprove(_)
        | Answer::PairRefuse(_) => {}
        answer => print_persons::words(answer),
    }
}

fn copies(copies: &Copies) {
    for copy in &copies.copies {
        let whose = if copy.this { "this device" } else { or_dash(&copy.device.name) };
        line(&format!("{}  {whose} was copied or rolled back; {} written again", copy.time, copy.contacts.len()));
        copy.contacts.iter().for_each(|contact| line(&format!("    {}  {}", contact.id, or_dash(&contact.name))));
    }
}

fn status(status: &Status) {
    line(&format!("{} ({})", status.device.name, status.device.id));
    if let Some(trouble) = &status.trouble {
        line(trouble);
    }
    line(&format!("person    {} ({})", or_dash(&status.person.name), status.person.id));
    line(&format!(
        "contacts  {}, {} in the trash, {} to decide",
        status.book.contacts, status.book.trash, status.book.undecided
    ));
    line(&format!("version   {}", status.book.version));
    line(&format!("hash      {}", status.book.hash));
    line(&format!("keys      {}", keys(&status.keys, status.keys_sealed)));
    if let Some(removed) = &status.removed {
        line(&removed.message);
    }
    if status.recovery_due {
        line(RECOVERY_DUE);
    }
    let changed = if status.backup.changed { ", and the book changed since" } else { "" };
    line(&format!("backup    {}{changed}", status.backup.last.as_deref().unwrap_or("none")));
    if let Some(listen) = &status.listen {
        line(&format!("listening {listen}"));
    }
    for peer in &status.peers {
        let path = if peer.path == "none" { "away" } else { "over LAN" };
        let behind = if peer.behind == 0 { "in step".to_owned() } else { format!("{} changes behind", peer.behind) };
        line(&format!("device    {}, {path}, {behind}", peer.name));
    }
}

fn around(around: &Around) {
    around.household.iter().for_each(|mate| line(&format!("{}  {}  {}", mate.id, or_dash(&mate.name), mate.why)));
    let relation = |relation: &Relation, says: &str| {
        line(&format!("{}  {}  {says} {}", relation.id, or_dash(&relation.name), or_dash(&relation.label)));
    };
    around.related.iter().for_each(|related| relation(related, "is the"));
    around.named_by.iter().for_each(|other| relation(other, "names this one as"));
}

fn findings(found: &Findings) {
    if found.findings.is_empty() {
        line("All devices are reached. Nothing is in the way.");
    }
    for finding in &found.findings {
        line(&finding.message);
        line(&format!("    {}", finding.remedy));
    }
}

fn imported(imported: &Imported) {
    for failure in &imported.failed {
        eprintln!("{}:{}: {}", failure.file, failure.line, failure.reason);
    }
    let Imported { added, updated, unchanged, failed, notes, rows, .. } = imported;
    for note in notes {
        eprintln!("{}:{}: {} (came in)", note.file, note.line, note.reason);
    }
    for row in rows {
        line(&format!("{}:{}  {}  {}", row.file, row.line, row.action, or_dash(&row.name)));
    }
    if imported.stopped {
        line("It was stopped. `import undo` takes back what came in until then.");
    }
    line(&format!("{added} added, {updated} updated, {unchanged} unchanged, {} not read", failed.len()));
}

fn erased(erased: &Erased) {
    if let Some(backup) = &erased.backup {
        line(&format!("The last backup is {}.", backup.path));
    }
    line("Everything on this device is erased. Remove it from the list on your other devices: `devices revoke`.");
    for left in &erased.left {
        line(&format!("Left where it is: {left}"));
    }
}

fn looked(looked: &ImportLooked) {
    let ImportedFile { format, dialect, charset, cards, .. } = &looked.file;
    line(&format!("{format} {dialect} ({charset}), {cards} cards"));
    for column in &looked.columns {
        let (name, field) = (&column.name, or_dash(&column.field));
        line(&format!("  {}  {name}  {field}  {}", column.column, column.samples.join(" | ")));
    }
}

fn duplicates(found: &Duplicates) {
    for pair in &found.pairs {
        line(&format!("{}  {}  {}, {}: {}", pair.a, pair.b, pair.a_name, pair.b_name, pair.why));
    }
    line(&format!("{} pairs, {} households left alone", found.pairs.len(), found.households));
}

fn merged(merged: &Merged) {
    line(&merged.id);
    for field in &merged.fields {
        let mark = if field.differs { "*" } else { " " };
        line(&format!("{mark} {}  {}  |  {}  ({})", field.field, or_dash(&field.a), or_dash(&field.b), field.keep));
    }
}

fn qr(code: &ContactQr) {
    match QRBuilder::new(code.text.as_str()).build() {
        Ok(qr) => line(&qr.to_str()),
        Err(_) => line(&code.text),
    }
    if !code.left_out.is_empty() {
        line(&format!("Left out, for want of room: {}", code.left_out.join(", ")));
    }
}

fn held(held: &HeldAll) {
    for held in &held.held {
        line(&format!("{}  {}: {}", held.id, held.what, held.names.join(", ")));
    }
    line(&format!("{} waiting", held.held.len()));
}

fn accounts(accounts: &Accounts) {
    for account in &accounts.accounts {
        let Account { id, kind, name, path, state, message, contacts, .. } = account;
        line(&format!("{id}  {kind}  {name}  {state} {message} {contacts} contacts  {path}"));
    }
}

fn synced(synced: &AccountSynced) {
    for failure in &synced.failed {
        eprintln!("{}:{}: {}", failure.file, failure.line, failure.reason);
    }
    let AccountSynced { id, added, updated, unchanged, removed, held, .. } = synced;
    line(&format!("{id}: {added} added, {updated} updated, {unchanged} unchanged, {removed} removed"));
    if let Some(held) = held {
        line(&format!("Much has gone from this source, so that waits for a yes: held apply {held}"));
    }
}

fn settings(settings: &Settings) {
    let hint = if settings.region.is_empty() && !settings.region_suggested.is_empty() {
        format!("  (perhaps {}?)", settings.region_suggested)
    } else {
        String::new()
    };
    line(&format!("region       {}{hint}", or_dash(&settings.region)));
    line(&format!("sort-locale  {}", or_dash(&settings.sort_locale)));
    line(&format!("sort-by      {}", or_dash(&settings.sort_by)));
}

pub(super) fn card(card: &Card) {
    line(&format!("{}{}", or_dash(&card.name), if card.trashed { " (in the trash)" } else { "" }));
    for property in &card.properties {
        let label = if property.label.is_empty() { String::new() } else { format!(" ({})", property.label) };
        line(&format!("  {}  {}{label}  {}", &property.id[..8.min(property.id.len())], property.name, property.text));
        for other in &property.others {
            let text = if other.removed { "removed" } else { &other.text };
            line(&format!("            or  {text}  ({}, {})", other.device, other.time));
        }
    }
    if !card.groups.is_empty() {
        line(&format!("  groups  {}", names(&card.groups)));
    }
    if !card.tags.is_empty() {
        line(&format!("  tags  {}", names(&card.tags)));
    }
    for entry in card.history.iter().flatten() {
        line(&format!("  before {}  {}  {}  {}", entry.time, entry.device, entry.name, entry.value));
    }
}

fn pair_code(code: &PairCode) {
    line(&format!("Enter this on the new device within {} minutes:", code.seconds_left.div_ceil(60)));
    line(&format!("\n    {}\n", code.code));
    line(&format!("or this link:\n{}", code.link));
    if let (true, Ok(qr)) = (std::io::stdout().is_terminal(), QRBuilder::new(code.link.as_str()).build()) {
        line(&format!("or scan it:\n{}", qr.to_str()));
    }
}

fn devices(devices: &Devices) {
    for device in &devices.devices {
        let state = match (device.this, device.path.as_str()) {
            (true, _) => "this one".to_owned(),
            (false, "none") => format!("away, last seen {}", device.last_seen.as_deref().unwrap_or("never")),
            (false, _) => "over LAN".to_owned(),
        };
        line(&format!("{}  {}  {state}", device.id, device.name));
    }
}

fn revoked(revoked: &DeviceRevoked) {
    line(&format!("{} is removed. Your other devices hear of it as soon as they are reached.", revoked.name));
    if !revoked.removed.is_empty() {
        line(&format!("With it went what it had let in: {}.", names(&revoked.removed)));
    }
    if !revoked.kept.is_empty() {
        line(&format!("It had let these in, and they stay: {}. Remove those you do not know.", names(&revoked.kept)));
    }
    if revoked.recovery_due {
        line(RECOVERY_DUE);
    }
}

fn lost(lost: &DeviceLost) {
    revoked(&lost.revoked);
    line(&lost.finder.message);
    for renewed in &lost.renewed {
        line(&format!("{}  {}", if renewed.done { "done" } else { "open" }, renewed.message));
    }
}

fn keys(place: &str, sealed: bool) -> &'static str {
    match (place, sealed) {
        ("os", _) => "in this computer's key store",
        (_, true) => "in a file in the data folder, sealed under your passphrase",
        (_, false) => "in a file in the data folder that only you can read: turn on disk encryption",
    }
}

fn names(all: &[kith_hub::api::Named]) -> String {
    all.iter().map(|named| or_dash(&named.name)).collect::<Vec<_>>().join(", ")
}

pub(super) fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// Whoever reads may stop reading; then nobody is left to be told.
pub(super) fn line(text: &str) {
    print(&format!("{text}\n"));
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _reader_gone = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

const RECOVERY_DUE: &str = "One thing is open: enter the recovery code by `recovery open`, so that a removed device cannot \
                            change the list of devices.";
