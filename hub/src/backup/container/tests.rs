//! What comes back out of a backup, and what is noticed.

use super::*;
use kith_core::identity::recovery::RecoveryCode;
use rand_core::{OsRng, RngCore};
use std::{fs, sync::OnceLock};

struct Sample {
    key: BackupKey,
    manifest: Vec<u8>,
    sealed: Vec<u8>,
}

/// A small backup, sealed once for all tests.
fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| seal_with(b"for my children"))
}

/// Seals a backup with a file that goes along.
fn seal_with(note: &[u8]) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("book"), b"not really a book").unwrap();
    fs::write(at("contacts"), b"BEGIN:VCARD\r\nEND:VCARD\r\n").unwrap();
    fs::write(at("note"), note).unwrap();
    let mut parts = Parts::new(at("contacts"), &at("book"), folder.path()).unwrap();
    parts.add("included/note.txt", at("note")).unwrap();
    let text = |text: &str| text.to_owned();
    let manifest = Manifest {
        format: FORMAT,
        app: text("0.1.0"),
        time: text("2026-11-21T15:04:05Z"),
        device: text("00"),
        device_name: text("Laptop"),
        person: text("00"),
        roster: Vec::new(),
        book: Book { hash: text("00"), version: text("1-0"), contacts: 1, bytes: 17 },
        members: parts.members(),
    };
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let key = BackupKey::of(&RecoveryCode::generate(&mut OsRng)).unwrap();
    let mut sealed = Vec::new();
    write(&mut sealed, &key.recipient(), &manifest, &[7; 64], &parts).unwrap();
    Sample { key, manifest, sealed }
}

fn open_with(key: &BackupKey, sealed: &[u8]) -> Result<Opened, BackupError> {
    let into = tempfile::tempdir().unwrap();
    let opened = unarchive(key.open(sealed)?, into.path())?;
    assert_eq!(fs::read(&opened.book).unwrap(), b"not really a book");
    assert_eq!(fs::read(&opened.contacts).unwrap(), b"BEGIN:VCARD\r\nEND:VCARD\r\n");
    Ok(opened)
}

fn opened(sealed: &[u8]) -> Result<Opened, BackupError> {
    open_with(&sample().key, sealed)
}

#[test]
fn a_backup_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (file, into) = (folder.path().join("backup.age"), folder.path().join("into"));
    fs::write(&file, &sample().sealed).unwrap();
    fs::create_dir(&into).unwrap();
    let opened = open(&sample().key, &file, &into).unwrap();
    assert_eq!(fs::read(&opened.book).unwrap(), b"not really a book");
    assert_eq!(fs::read(&opened.included[0].1).unwrap(), b"for my children");
    assert_eq!((opened.manifest_bytes, opened.signature), (sample().manifest.clone(), [7; 64]));
    assert_eq!((opened.manifest.book.contacts, opened.included[0].0.as_str()), (1, "included/note.txt"));
}

/// Whatever somebody puts under a seal: nothing panics, and what opens is what was written, or what its signature will
/// give away.
#[test]
fn a_mangled_archive_never_opens_as_something_else() {
    let (mut plain, mut opened) = (Vec::new(), 0);
    sample().key.open(&sample().sealed[..]).unwrap().read_to_end(&mut plain).unwrap();
    for round in 0..1_000 {
        let mut bytes = plain.clone();
        let at = OsRng.next_u32() as usize % bytes.len();
        match round % 4 {
            0 => bytes[at] ^= 1 << (round / 4 % 8),
            1 => bytes.truncate(at),
            2 => bytes[at..].rotate_left(1),
            _ => bytes.extend_from_within(at..),
        }
        let into = tempfile::tempdir().unwrap();
        let Ok(found) = unarchive(&bytes[..], into.path()) else { continue };
        opened += 1;
        if (&found.manifest_bytes, found.signature) == (&sample().manifest, [7; 64]) {
            // Times, owners and padding mean nothing.
            assert_eq!(fs::read(&found.book).unwrap(), b"not really a book");
            assert_eq!(fs::read(&found.included[0].1).unwrap(), b"for my children");
        }
    }
    assert!(opened < 900, "{opened} of 1000 opened");
}

#[test]
fn every_byte_that_is_flipped_is_noticed() {
    let sealed = &sample().sealed;
    let mut bytes = sealed.clone();
    for at in 0..bytes.len() {
        let flip = 1 << (at % 8);
        bytes[at] ^= flip;
        assert!(opened(&bytes).is_err(), "byte {at} of {} with {flip:#x} flipped", sealed.len());
        bytes[at] ^= flip;
    }
}

#[test]
fn every_backup_that_is_cut_off_is_noticed() {
    let sealed = &sample().sealed;
    for length in 0..sealed.len() {
        assert!(opened(&sealed[..length]).is_err(), "cut off at {length} of {}", sealed.len());
    }
    assert!(opened(&[sealed.as_slice(), b"\0"].concat()).is_err(), "something was added");
}

/// age seals pieces of 64 KiB, each with a tag of 16 bytes; only the last one says that it is the last.
#[test]
fn a_long_backup_that_ends_between_two_pieces_or_has_a_bit_flipped_is_noticed() {
    let mut note = vec![0; 300 << 10];
    OsRng.fill_bytes(&mut note);
    let Sample { key, sealed, .. } = seal_with(&note);
    let fails = |bytes: &[u8]| open_with(&key, bytes).is_err();
    assert!(!fails(&sealed));
    let mut plain = Vec::new();
    key.open(&sealed[..]).unwrap().read_to_end(&mut plain).unwrap();
    let head = sealed.len() - plain.len() - plain.len().div_ceil(PIECE) * TAG;
    let ends: Vec<usize> =
        (0..).map(|piece| head + piece * (PIECE + TAG)).take_while(|end| *end < sealed.len()).collect();
    assert_eq!(ends.len(), plain.len().div_ceil(PIECE));
    for end in ends.into_iter().flat_map(|end| [end - 1, end, end + 1]) {
        assert!(fails(&sealed[..end]), "cut off at {end}");
    }
    let flips = if std::env::var_os("KITH_LONG").is_some() { 2_000 } else { 60 };
    for _ in 0..flips {
        let mut bytes = sealed.clone();
        let at = OsRng.next_u32() as usize % bytes.len();
        bytes[at] ^= 1 << (at % 8);
        assert!(fails(&bytes), "byte {at}");
    }
}

const PIECE: usize = 64 << 10;
const TAG: usize = 16;

/// Seals an archive that nobody but a person who knows the recipient could make.
fn forged(build: impl FnOnce(&mut Builder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut plain = Vec::new();
    build(&mut Builder::new(&mut plain));
    let mut sealed = Vec::new();
    let mut out = seal(&sample().key.recipient(), &mut sealed).unwrap();
    out.write_all(&plain).unwrap();
    out.finish().unwrap();
    sealed
}

#[test]
fn an_archive_that_says_one_thing_and_holds_another_is_refused() {
    let manifest = &sample().manifest;
    let lone = forged(|archive| append(archive, MANIFEST, manifest.len() as u64, &manifest[..]).unwrap());
    assert!(opened(&lone).is_err());
    let link = forged(|archive| {
        let mut header = header(MANIFEST).unwrap();
        header.set_entry_type(EntryType::Symlink);
        header.set_link_name("/etc/passwd").unwrap();
        header.set_size(0);
        header.set_cksum();
        archive.append(&header, io::empty()).unwrap();
    });
    assert!(opened(&link).is_err());
    let newer = br#"{"format":2,"everything":"else"}"#;
    let newer = forged(|archive| append(archive, MANIFEST, newer.len() as u64, &newer[..]).unwrap());
    assert!(matches!(opened(&newer), Err(BackupError::Newer)));
    let mut noise = vec![0; 4096];
    OsRng.fill_bytes(&mut noise);
    assert!(opened(&forged(|archive| archive.get_mut().extend_from_slice(&noise))).is_err());
    assert!(matches!(opened(b"BEGIN:VCARD\r\n"), Err(BackupError::Foreign)));
}
