//! Backups and restoring on the command line: what is printed, and the one command that needs no folder.

use super::{
    print::{json, line},
    secret::read_recovery_code,
};
use kith_hub::api::{BackupDrilled, BackupPlan, Code, Error, Generation, Restored};

/// `backup identity`: what the program `age` opens backups with. It goes to standard output and nowhere else.
pub(super) fn identity(as_json: bool) -> Result<(), Error> {
    let code = read_recovery_code()?;
    let identity =
        kith_hub::age_identity(code.expose()).map_err(|error| Error::new(Code::WrongCode, format!("{error}.")))?;
    if as_json {
        json(&serde_json::json!({ "identity": *identity }));
    } else {
        line(&identity);
    }
    Ok(())
}

pub(super) fn plan(plan: &BackupPlan) {
    let folder = if plan.folder.is_empty() { "no folder" } else { &plan.folder };
    line(&format!("every    {}, to {folder}", plan.every));
    line(&format!("last     {}", plan.last.as_deref().unwrap_or("none")));
    line(&format!("changed  {}", if plan.changed { "yes, the book is newer than the last backup" } else { "no" }));
    plan.include.iter().for_each(|path| line(&format!("goes along  {path}")));
    if !plan.ready {
        line("The recovery code is needed once: backup now --recovery-code");
    }
    if let Some(trouble) = &plan.trouble {
        line(&format!("The last attempt came to nothing. {trouble}"));
    }
}

pub(super) fn generation(generation: &Generation) {
    let Generation { id, time, bytes, contacts, path, .. } = generation;
    let contacts = contacts.map_or_else(|| "another device's".to_owned(), |count| format!("{count} contacts"));
    line(&format!("{id}  {time}  {bytes} bytes  {contacts}  {path}"));
}

pub(super) fn drilled(drilled: &BackupDrilled) {
    let BackupDrilled { path, bytes, contacts, ms, .. } = drilled;
    if drilled.opened {
        let now = if drilled.same_as_book { "It is the book as it is now." } else { "The book has changed since." };
        line(&format!("{path} was restored aside in {ms} ms: {contacts} contacts, everything was read. {now}"));
        return;
    }
    let written = match drilled.as_written {
        Some(true) => "it is, byte for byte, what was written",
        Some(false) | None => "this device did not write it, so nothing is known of its bytes",
    };
    line(&format!("{path} ({bytes} bytes) was not opened: {written}."));
    line("Only the recovery code proves that it can be restored: backup drill --recovery-code");
}

pub(super) fn restored(restored: &Restored) {
    let Restored { added, changed, removed, newer, time, contacts, .. } = restored;
    for contact in contacts {
        line(&format!("{}  {}  {}", contact.id, contact.what, contact.name));
        contact.fields.iter().for_each(|field| line(&format!("    {}  {} -> {}", field.name, field.old, field.new)));
    }
    line(&format!("{added} added, {changed} changed, {removed} removed, {newer} came since {time} and stay"));
    if let Some(held) = &restored.held {
        line(&format!("Much came since, so putting it into the trash waits for a yes: held apply {held}"));
    }
    if let Some(device) = &restored.device_id {
        line(&format!("This is a new device: {device}"));
        for other in &restored.devices {
            line(&format!("Lost, or still yours? {}  {}", other.id, other.name));
        }
    }
    if let Some(files) = &restored.files {
        line(&format!("The files that went along lie in {files}"));
    }
}
