//! Opening a backup: into a folder aside, with everything checked before anybody looks at it.

use super::{Scratch, Standing, plan::Plan};
use crate::{
    api::{BackupDrilled, Code, Error},
    backup::{self, BackupError, BackupKey, Opened},
    clock::rfc3339,
    node::committer::storage_error,
    store::{self, Copy},
};
use kith_core::{
    id::{DeviceId, decode_hex},
    identity::{Domain, recovery::RecoveryCode, roster::Roster, verify},
};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    time::Instant,
};

/// Which backup is meant.
#[derive(Clone, Debug)]
pub(in crate::node) struct Source {
    pub(in crate::node) file: PathBuf,
}

impl Source {
    /// Finds a backup by the path of a file or folder, or by the beginning of its id in the folder for backups; the
    /// newest one there if nothing is given.
    pub(in crate::node) fn find(from: Option<&str>, folder: Option<&Path>) -> Result<Self, Error> {
        let path = from.map(Path::new).filter(|path| path.is_absolute());
        if let Some(file) = path.filter(|path| path.is_file()) {
            return Ok(Self { file: file.to_owned() });
        }
        let (folder, id) = match (path, folder) {
            (Some(path), _) if path.is_dir() => (path, None),
            (Some(path), _) => {
                let message = format!("There is no file and no folder {}.", path.display());
                return Err(Error::new(Code::FileUnavailable, message));
            }
            (None, Some(folder)) => (folder, from),
            (None, None) => {
                let message = "Say which backup: `--from FILE`, or the folder that they lie in.";
                return Err(Error::new(Code::BadRequest, message));
            }
        };
        let found = backup::list(folder).map_err(|error| super::making::folder_error(folder, &error))?;
        let mut found = found.into_iter().filter(|found| id.is_none_or(|id| found.id.starts_with(id.trim())));
        match (found.next(), found.next()) {
            (Some(_), Some(_)) if id.is_some() => {
                Err(Error::new(Code::Ambiguous, "Several backups begin like this. Give more of the id."))
            }
            (Some(found), _) => Ok(Self { file: folder.join(found.file_name()) }),
            (None, _) => Err(Error::new(Code::NotFound, format!("There is no such backup in {}.", folder.display()))),
        }
    }
}

/// Opens a backup into an empty folder: the right person's, signed by one of that person's devices, every byte as it was,
/// the book whole.
pub(in crate::node) fn open_checked(
    code: &RecoveryCode,
    file: &Path,
    into: &Path,
) -> Result<(Opened, Copy, Roster), Error> {
    let damaged = |what: &'static str| opened_error(file, &BackupError::Damaged(what));
    let key = BackupKey::of(code).map_err(|error| opened_error(file, &error))?;
    let opened = backup::open(&key, file, into).map_err(|error| opened_error(file, &error))?;
    let person = code.person_id();
    if opened.manifest.person != person.to_string() {
        return Err(damaged("it speaks of another person"));
    }
    let mut roster = Roster::new(person);
    for entry in &opened.manifest.roster {
        let taken = decode_hex(entry).is_some_and(|bytes| roster.insert(&bytes).is_ok());
        if !taken {
            return Err(damaged("its list of devices"));
        }
    }
    let device: Option<DeviceId> = opened.manifest.device.parse().ok();
    let card = device.and_then(|device| roster.known(device));
    let signed =
        card.is_some_and(|card| verify(&card.sign, Domain::Backup, &[&opened.manifest_bytes], &opened.signature));
    if !signed {
        return Err(damaged("none of the person's devices signed it"));
    }
    let copy = Copy::open(&opened.book).and_then(|copy| copy.check().map(|()| copy)).map_err(|error| match error {
        store::StoreError::Newer => opened_error(file, &BackupError::Newer),
        error if error.is_disk_trouble() => storage_error(&error),
        _ => damaged("the book in it"),
    })?;
    if copy.state().hash.to_hash().to_string() != opened.manifest.book.hash {
        return Err(damaged("the book in it is another one than it says"));
    }
    Ok((opened, copy, roster))
}

/// What a person is told of a backup that does not open.
fn opened_error(file: &Path, error: &BackupError) -> Error {
    let code = match error {
        BackupError::WrongCode => Code::WrongCode,
        BackupError::Newer => Code::VersionUnknown,
        BackupError::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            return Error::new(Code::StorageFailed, "The disk has no room for opening the backup. Make room.");
        }
        BackupError::Io(_) => Code::FileUnavailable,
        _ => Code::MalformedFile,
    };
    let advice = match error {
        BackupError::Damaged(_) => " Nothing was taken from it; try an older one.",
        BackupError::Newer => " Update Kith on this device.",
        _ => "",
    };
    Error::new(code, format!("{}: {error}.{advice}", file.display()))
}

/// Carries out `backup.drill`: restores aside, reads everything, compares. Without the code it says what can be said.
pub(super) fn drill(
    from: Option<&str>,
    code: Option<&RecoveryCode>,
    plan: &Plan,
    standing: &Standing,
    data: &Path,
) -> Result<BackupDrilled, Error> {
    let begun = Instant::now();
    let Source { file } = Source::find(from, plan.folder.as_deref().map(Path::new))?;
    let unreadable = |error: std::io::Error| opened_error(&file, &BackupError::Io(error));
    let (bytes, blake3) = backup::digest(&file).map_err(unreadable)?;
    let own = plan.made.iter().find(|made| Path::new(&made.folder).join(backup::file_of(&made.id)) == file);
    let as_written = own.map(|made| made.blake3 == blake3);
    if as_written == Some(false) {
        return Err(opened_error(&file, &BackupError::Damaged("it is not what was written")));
    }
    if !backup::looks_sealed(File::open(&file).map_err(unreadable)?).map_err(unreadable)? {
        return Err(opened_error(&file, &BackupError::Foreign));
    }
    let mut drilled = BackupDrilled {
        path: file.to_string_lossy().into_owned(),
        time: own.map(|made| rfc3339(made.time)).unwrap_or_default(),
        bytes,
        as_written,
        ..BackupDrilled::default()
    };
    if let Some(code) = code {
        let scratch = Scratch::new(data)?;
        let (opened, copy, _) = open_checked(code, &file, scratch.path())?;
        let (contacts, ..) = store::counts(&copy).map_err(|error| storage_error(&error))?;
        if contacts != opened.manifest.book.contacts || cards(&opened.contacts).map_err(unreadable)? < contacts {
            return Err(opened_error(&file, &BackupError::Damaged("contacts are missing in it")));
        }
        let hash = opened.manifest.book.hash;
        if opened.manifest.book.version == standing.version && hash != standing.hash {
            let message = "The backup holds all changes that this book has, and yet another state. Make a new one.";
            return Err(Error::new(Code::MalformedFile, message));
        }
        drilled.same_as_book = hash == standing.hash;
        (drilled.opened, drilled.contacts, drilled.hash, drilled.time) = (true, contacts, hash, opened.manifest.time);
    }
    drilled.ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    Ok(drilled)
}

/// How many cards a file of vCards has.
fn cards(file: &Path) -> std::io::Result<u32> {
    let mut lines = BufReader::new(File::open(file)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while lines.read_until(b'\n', &mut line)? > 0 {
        count += u32::from(line.trim_ascii_end() == b"BEGIN:VCARD");
        line.clear();
    }
    Ok(count)
}
