//! Making a backup: a copy of the book aside, everything into one sealed file, the file into its place whole; then the
//! ones that have outlived their time go.

use super::{Backups, Scratch, cut_off, plan::Made};
use crate::{
    api::{Code, Error, Generation},
    backup::{self, BackupError, Book, Manifest, Parts},
    clock::{now_ms, rfc3339},
    folder::write_atomically_with,
    node::{committer::storage_error, transfer},
    store::{self, Copy},
};
use kith_core::{
    id::{DeviceId, EntityId, PersonId},
    identity::{Domain, SigningKey, sign},
    replica::BookState,
};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

impl Backups {
    /// Makes a backup in a folder that is there, remembers it, and lets those go that have outlived their time.
    pub(super) async fn make(&self, folder: PathBuf) -> Result<Generation, Error> {
        let standing = self.standing().await?;
        let recipient = standing.recipient.ok_or_else(|| {
            let message = "This book does not know yet what its backups are sealed to. Type the recovery code once: \
                           `backup now --recovery-code`.";
            Error::new(Code::BadRequest, message)
        })?;
        if !folder.is_dir() {
            return Err(gone(&folder));
        }
        self.progress(WORK, 0, STEPS);
        let scratch = Scratch::new(&self.data)?;
        let copy = scratch.path().join("book.db");
        self.committer.store.snapshot(copy.clone()).await.map_err(|error| storage_error(&error))?;
        self.progress(WORK, 1, STEPS);
        let include = self.plan().await?.include;
        let making = Making {
            recipient,
            device: self.committer.me,
            device_name: self.device_name.clone(),
            person: self.person,
            me: self.scene.me(),
            key: self.key.clone(),
            roster: self.roster.clone(),
            include: include.into_iter().map(PathBuf::from).collect(),
            time: now_ms(),
        };
        let to = folder.clone();
        let made = tokio::task::spawn_blocking(move || making.write(&scratch, &copy, &to));
        let made = made.await.unwrap_or_else(|_| Err(cut_off()))?;
        self.progress(WORK, STEPS - 1, STEPS);
        let (newest, mut all) = (made.clone(), self.plan().await?.made);
        all.push(made.clone());
        let gone = tokio::task::spawn_blocking(move || prune(&all, &newest));
        let gone = gone.await.map_err(|_| cut_off())?.unwrap_or_else(|error| {
            tracing::warn!(%error, "backups that have outlived their time cannot be looked for");
            Vec::new()
        });
        let found = backup::Generation { time: made.time, id: made.id.clone(), bytes: made.bytes };
        self.change(move |plan| {
            plan.trouble.clear();
            plan.made.retain(|other| other.folder != made.folder || !gone.contains(&other.id));
            plan.made.push(made);
        })
        .await?;
        self.progress(WORK, STEPS, STEPS);
        Ok(self.plan().await?.describe(&folder, found))
    }
}

/// All that a backup needs besides the copy of the book.
struct Making {
    recipient: String,
    device: DeviceId,
    device_name: String,
    person: PersonId,
    me: EntityId,
    key: SigningKey,
    roster: Vec<Vec<u8>>,
    include: Vec<PathBuf>,
    time: i64,
}

impl Making {
    fn write(mut self, scratch: &Scratch, copy: &Path, folder: &Path) -> Result<Made, Error> {
        let aside = |error: io::Error| folder_error(scratch.path(), &error);
        let cards = scratch.path().join("contacts.vcf");
        let (state, contacts) = read_book(copy, &cards, self.me)?;
        let bytes = fs::metadata(copy).map_err(aside)?.len();
        let mut parts = Parts::new(cards, copy, scratch.path()).map_err(local)?;
        let along = scratch.path().join("included");
        fs::create_dir(&along).map_err(aside)?;
        for included in backup::gather(&self.include, &along).map_err(local)? {
            parts.add(&included.name, included.file).map_err(local)?;
        }
        let (mut id, mut name) = backup::file_name(self.time, self.device);
        while folder.join(&name).exists() {
            self.time += 1000;
            (id, name) = backup::file_name(self.time, self.device);
        }
        let (version, hash) = (state.version(), state.hash.to_hash().to_string());
        let manifest = Manifest {
            format: backup::FORMAT,
            app: env!("CARGO_PKG_VERSION").to_owned(),
            time: rfc3339(self.time),
            device: self.device.to_string(),
            device_name: self.device_name.clone(),
            person: self.person.to_string(),
            roster: self.roster.iter().map(|entry| entry.iter().map(|byte| format!("{byte:02x}")).collect()).collect(),
            book: Book { hash: hash.clone(), version: version.clone(), contacts, bytes },
            members: parts.members(),
        };
        let manifest = serde_json::to_vec(&manifest).map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        let signature = sign(&self.key, Domain::Backup, &[&manifest]);
        let file = folder.join(name);
        for left in backup::leftovers(folder, self.device).map_err(|error| folder_error(folder, &error))? {
            // It is in nobody's way if it stays.
            let _litter = fs::remove_file(left);
        }
        let mut written = String::new();
        write_atomically_with(&file, |out| {
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
            written = backup::write(&mut out, &self.recipient, &manifest, &signature, &parts)?;
            Ok(out.flush()?)
        })
        .map_err(|error| made_error(folder, &error))?;
        // Older ones may only go once this one can be read.
        let (bytes, blake3) = backup::digest(&file).map_err(|error| folder_error(folder, &error))?;
        if blake3 != written {
            let message = format!("{} came back otherwise than it was written: the disk is failing.", file.display());
            return Err(Error::new(Code::StorageFailed, message));
        }
        let folder = folder.to_string_lossy().into_owned();
        Ok(Made { id, folder, time: self.time, bytes, contacts, blake3, version, hash })
    }
}

/// Writes the book as vCards, my own card first; returns how it stands and how many contacts it has.
fn read_book(copy: &Path, cards: &Path, me: EntityId) -> Result<(BookState, u32), Error> {
    let copy = Copy::open(copy).map_err(|error| storage_error(&error))?;
    let failed = |error: io::Error| folder_error(cards, &error);
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create_new(cards).map_err(failed)?);
    transfer::write_all(&copy, me, &mut out)?;
    out.flush().map_err(failed)?;
    let (contacts, ..) = store::counts(&copy).map_err(|error| storage_error(&error))?;
    Ok((copy.state().clone(), contacts))
}

/// Deletes this device's own backups in the newest one's folder that have outlived their time, never the newest. Returns
/// which are not there any more, whoever took them away.
fn prune(made: &[Made], newest: &Made) -> io::Result<Vec<String>> {
    let folder = Path::new(&newest.folder);
    let names: Vec<String> = backup::list(folder)?.into_iter().map(|found| found.id).collect();
    let here = made.iter().filter(|made| made.folder == newest.folder);
    let (here, mut gone): (Vec<&Made>, Vec<&Made>) = here.partition(|made| names.contains(&made.id));
    let times: Vec<i64> = here.iter().map(|made| made.time).collect();
    for made in backup::outlived(&times).into_iter().map(|nth| here[nth]).filter(|made| made.id != newest.id) {
        match fs::remove_file(folder.join(backup::file_of(&made.id))) {
            Ok(()) => gone.push(made),
            Err(error) => tracing::warn!(%error, id = made.id, "a backup that has outlived its time cannot be deleted"),
        }
    }
    Ok(gone.into_iter().map(|made| made.id.clone()).collect())
}

/// Makes a folder for backups if it is not there, but never the one that it is to lie in: a stick that was pulled out is
/// not made anew on the disk behind it.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    if folder.as_os_str().is_empty() || !folder.is_absolute() {
        return Err(Error::new(Code::BadRequest, "Name the folder for backups by its whole path."));
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(folder_error(folder, &error)),
        Ok(()) => Ok(()),
    }
}

fn gone(folder: &Path) -> Error {
    let message = format!("{} is not there. If it is on a stick or another disk, plug that in.", folder.display());
    Error::new(Code::FileUnavailable, message)
}

/// What a person is told when a folder cannot be used.
pub(in crate::node) fn folder_error(folder: &Path, error: &io::Error) -> Error {
    use io::ErrorKind::{NotFound, QuotaExceeded, StorageFull};
    match error.kind() {
        NotFound => gone(folder),
        StorageFull | QuotaExceeded => {
            let message =
                format!("There is no room left at {}. Make room, or choose another folder.", folder.display());
            Error::new(Code::StorageFailed, message)
        }
        _ => Error::new(Code::FileUnavailable, format!("{} cannot be used: {error}.", folder.display())),
    }
}

fn made_error(folder: &Path, error: &BackupError) -> Error {
    match error {
        BackupError::Io(error) => folder_error(folder, error),
        other => local_message(other),
    }
}

/// The same for what went wrong beside the book.
fn local(error: BackupError) -> Error {
    match error {
        BackupError::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
            Error::new(Code::StorageFailed, "The disk of this device has no room for making a backup. Make room.")
        }
        other => local_message(&other),
    }
}

fn local_message(error: &BackupError) -> Error {
    let code = match error {
        BackupError::Included(_) | BackupError::Io(_) => Code::FileUnavailable,
        _ => Code::Internal,
    };
    Error::new(code, format!("{error}."))
}

/// How long a backup that failed is not tried again.
pub(super) const RETRY: Duration = Duration::from_secs(300);
const WORK: &str = "backup";
const STEPS: usize = 4;
const BUFFER_BYTES: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn made(folder: &Path, day: i64) -> Made {
        let time = 1_795_161_600_000 + day * 24 * 3600 * 1000;
        let (id, name) = backup::file_name(time, DeviceId([7; 16]));
        fs::write(folder.join(name), b"sealed").unwrap();
        Made { id, folder: folder.to_str().unwrap().to_owned(), time, ..Made::default() }
    }

    #[test]
    fn only_own_backups_that_have_outlived_their_time_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (_, other) = backup::file_name(0, DeviceId([8; 16]));
        let (_, unknown) = backup::file_name(0, DeviceId([7; 16]));
        let strange = [other.as_str(), unknown.as_str(), "letter.age"];
        for name in strange {
            fs::write(folder.path().join(name), b"mine").unwrap();
        }
        let all: Vec<Made> = (0..60).map(|day| made(folder.path(), day)).collect();
        fs::remove_file(folder.path().join(backup::file_of(&all[50].id))).unwrap();
        let gone = prune(&all, &all[59]).unwrap();
        let left = backup::list(folder.path()).unwrap();
        assert!(gone.contains(&all[50].id), "somebody took it away");
        assert!(!gone.contains(&all[59].id) && left[0].id == all[59].id);
        assert_eq!(left.len(), 60 - gone.len() + 2);
        assert!((11..=16).contains(&(60 - gone.len())), "{} are left", 60 - gone.len());
        for name in strange {
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"mine", "{name}");
        }
        // Whatever the clocks said, the newest stays.
        let old = made(folder.path(), -4_000);
        assert!(!prune(&[&all[..], std::slice::from_ref(&old)].concat(), &old).unwrap().contains(&old.id));
    }
}
