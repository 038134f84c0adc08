//! An empty folder becomes a new device of the person whose backup it is (rules 3.1/9 and 4.1/1).
//!
//! The device is new in every respect: id, keys, store id. So it can never write a change under a number that the lost
//! device used. The recovery code opens the next epoch of the roster, with the devices of the backup and this one. It is
//! all put together aside; the keys are written last, so that whatever is cut off leaves an empty folder.

use crate::{
    api::{Answer, Code, Error, Named, Restore, Restored},
    backup,
    folder::Folder,
    keys::Keys,
    node::{
        backup::{META_BACKUP, Scratch, Source, cut_off, folder_error, open_checked, read_code},
        committer::storage_error,
        event_loop::Node,
        join::default_name,
        member::{META_RESTORED, device_card, new_keys, roster_error},
    },
    store,
};
use kith_core::{
    id::StoreId,
    identity::{
        recovery::RecoveryCode,
        roster::{DeviceCard, Roster},
    },
};
use rand_core::OsRng;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

impl Node {
    /// `restore` on an empty folder.
    pub(in crate::node) async fn restore_here(&mut self, request: Restore) -> Result<Answer, Error> {
        if request.contact.is_some() || request.property.is_some() {
            let message = "There is no address book here to bring one contact back into. Restore the whole backup.";
            return Err(Error::new(Code::BadRequest, message));
        }
        let Some(typed) = &request.recovery_code else {
            let message = "A backup opens only with the recovery code: say `--recovery-code` and type it.";
            return Err(Error::new(Code::BadRequest, message));
        };
        let code = read_code(typed)?;
        let file = Source::find(request.from.as_deref(), None)?.file;
        let (data, preview) = (self.folder.path().to_owned(), request.preview);
        let name = request.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(default_name);
        let prepared = {
            let code = code.clone();
            tokio::task::spawn_blocking(move || prepare(&code, &file, &data, &name, preview))
        };
        let (prepared, mut restored) = prepared.await.unwrap_or_else(|_| Err(cut_off()))?;
        let Some(prepared) = prepared else { return Ok(Answer::Restore(restored)) };
        restored.files = prepared.settle(&self.folder)?;
        self.set_up(prepared.keys.clone()).await?;
        if let Some(member) = &self.member {
            self.backups(member).know(&code).await?;
        }
        Ok(Answer::Restore(restored))
    }
}

/// A device that lacks nothing but its place.
struct Prepared {
    keys: Keys,
    /// The book's file.
    book: PathBuf,
    /// The files that went along, in a folder of their own.
    files: Option<PathBuf>,
    /// Holds both.
    _scratch: Scratch,
}

/// Opens the backup aside and makes a new device's store of it; with `preview` only says what is in it.
fn prepare(
    code: &RecoveryCode,
    file: &Path,
    data: &Path,
    name: &str,
    preview: bool,
) -> Result<(Option<Prepared>, Restored), Error> {
    let scratch = Scratch::new(data)?;
    let (opened, copy, roster) = open_checked(code, file, scratch.path())?;
    let (contacts, ..) = store::counts(&copy).map_err(|error| storage_error(&error))?;
    let others = roster.devices().into_iter();
    let mut restored = Restored {
        added: contacts,
        time: opened.manifest.time.clone(),
        devices: others.map(|card| Named { id: card.id.to_string(), name: card.name.clone() }).collect(),
        person_id: Some(code.person_id().to_string()),
        ..Restored::default()
    };
    if preview {
        return Ok((None, restored));
    }
    let (keys, epoch) = next_epoch(code, &roster, name)?;
    let store = StoreId::random(&mut OsRng);
    copy.adopt(store, &epoch, META_BACKUP, META_RESTORED).map_err(|error| storage_error(&error))?;
    let files = lay_out(&opened.included, scratch.path()).map_err(|error| folder_error(data, &error))?;
    restored.device_id = Some(keys.device.to_string());
    Ok((Some(Prepared { keys, book: opened.book, files, _scratch: scratch }), restored))
}

/// This device's keys, and the entry that opens the next epoch with the devices of the backup and this one.
///
/// The person may have opened an epoch of that number after the backup, to be rid of a device that is still on the
/// backup's list. Of two with one number the greater hash counts, so keys are drawn until this one's is small: then the
/// other counts, and a thief does not come back with the backup.
fn next_epoch(code: &RecoveryCode, roster: &Roster, name: &str) -> Result<(Keys, Vec<u8>), Error> {
    let (root, person) = (code.root_key(), code.person_id());
    let others: Vec<DeviceCard> = roster.devices().into_iter().cloned().collect();
    let mut best: Option<([u8; 32], Keys, Vec<u8>)> = None;
    for _ in 0..KEYS_DRAWN {
        let keys = new_keys(person);
        let devices = [others.clone(), vec![device_card(&keys, name)?]].concat();
        let entry = Roster::sign_epoch(&root, roster.epoch() + 1, &devices).map_err(|error| roster_error(&error))?;
        let hash = *blake3::hash(&entry).as_bytes();
        if best.as_ref().is_none_or(|(least, ..)| hash < *least) {
            best = Some((hash, keys, entry));
        }
    }
    best.map(|(_, keys, entry)| (keys, entry)).ok_or_else(cut_off)
}

/// Gives the files that went along their names back, in a folder of their own. Names that meet are told apart.
fn lay_out(included: &[(String, PathBuf)], scratch: &Path) -> io::Result<Option<PathBuf>> {
    if included.is_empty() {
        return Ok(None);
    }
    let folder = scratch.join("files");
    for (nth, (name, from)) in included.iter().enumerate() {
        let mut to = folder.join(backup::safe_path(name));
        let made = to.parent().map_or(Ok(()), fs::create_dir_all);
        if made.is_err() || to.exists() {
            to = folder.join(format!("{nth}-again"));
        }
        fs::rename(from, to)?;
    }
    Ok(Some(folder))
}

impl Prepared {
    /// Moves everything into place; returns where the files lie that went along.
    fn settle(&self, folder: &Folder) -> Result<Option<String>, Error> {
        let data = folder.path();
        folder.clear_unfinished()?;
        let failed = |error: io::Error| folder_error(data, &error);
        let mut files = None;
        if let Some(from) = &self.files {
            let to = (1..).map(|nth| data.join(format!("restored-files-{nth}"))).find(|to| !to.exists());
            let to = to.ok_or_else(cut_off)?;
            fs::rename(from, &to).map_err(failed)?;
            files = Some(to.to_string_lossy().into_owned());
        }
        fs::rename(&self.book, data.join(store::FILE)).map_err(failed)?;
        #[cfg(unix)]
        fs::File::open(data).and_then(|data| data.sync_all()).map_err(failed)?;
        folder.keep_keys(&self.keys)?;
        Ok(files)
    }
}

/// From how many keys the one is taken: an epoch that was opened since counts but once in so many times.
const KEYS_DRAWN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_opened_since_the_backup_counts_before_the_restored_one() {
        let code = RecoveryCode::generate(&mut OsRng);
        let laptop = device_card(&new_keys(code.person_id()), "Laptop").unwrap();
        let mut roster = Roster::new(code.person_id());
        roster.insert(&Roster::sign_epoch(&code.root_key(), 1, std::slice::from_ref(&laptop)).unwrap()).unwrap();
        let (keys, entry) = next_epoch(&code, &roster, "Desk").unwrap();
        assert!(blake3::hash(&entry).as_bytes()[0] < 32, "small among the hashes that there are");
        roster.insert(&entry).unwrap();
        let names: Vec<&str> = roster.devices().into_iter().map(|card| card.name.as_str()).collect();
        assert!(names.contains(&"Desk") && names.contains(&"Laptop"));
        assert_eq!((roster.epoch(), roster.device(keys.device).map(|card| card.name.as_str())), (2, Some("Desk")));
    }

    #[test]
    fn files_that_went_along_get_their_names_back_and_none_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut included = Vec::new();
        for (nth, name) in
            ["included/a/x.txt", "included/a\\x.txt", "included/a", "included/../../out"].iter().enumerate()
        {
            let file = folder.path().join(format!("member-{nth}"));
            fs::write(&file, [nth as u8]).unwrap();
            included.push(((*name).to_owned(), file));
        }
        let out = lay_out(&included, folder.path()).unwrap().unwrap();
        assert_eq!(fs::read(out.join("a/x.txt")).unwrap(), [0]);
        assert_eq!(fs::read(out.join("1-again")).unwrap(), [1]);
        assert_eq!(fs::read(out.join("2-again")).unwrap(), [2]);
        assert_eq!(fs::read(out.join("_/_/out")).unwrap(), [3]);
        assert!(lay_out(&[], folder.path()).unwrap().is_none());
    }
}
