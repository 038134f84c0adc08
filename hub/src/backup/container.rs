//! The archive inside the seal: written in one go, read back with every byte checked.
//!
//! Reading trusts nothing: members must come in the manifest's order with its names, lengths and hashes, everything is
//! bounded, and the seal is read to its very end, since only its last piece says that nothing was cut off.

use super::{
    BackupError, BackupKey, FORMAT,
    sealing::{seal, stream_error},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};
use tar::{Archive, Builder, EntryType, Header};

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The format; see [`super`].
    pub(crate) format: u32,
    /// The version of Kith that made it.
    pub(crate) app: String,
    /// When, in RFC 3339.
    pub(crate) time: String,
    /// The id of the device that made and signed it.
    pub(crate) device: String,
    /// What that device was called.
    pub(crate) device_name: String,
    /// Whose book it is.
    pub(crate) person: String,
    /// The signed entries of that person's roster, in hex: who may sign a backup follows from them and the code.
    pub(crate) roster: Vec<String>,
    pub(crate) book: Book,
    /// Every member after the manifest and its signature, in order.
    pub(crate) members: Vec<Member>,
}

/// The book as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Book {
    /// The hash of its living state.
    pub(crate) hash: String,
    pub(crate) version: String,
    /// Contacts that were not in the trash.
    pub(crate) contacts: u32,
    /// Length of its file, not compressed, in bytes.
    pub(crate) bytes: u64,
}

/// One file in the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// Of its bytes, in hex.
    pub(crate) blake3: String,
}

/// The files that a backup is made of.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    members: Vec<(Member, PathBuf)>,
}

/// A backup, opened into a folder, every byte of it checked but not yet its signature.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) manifest: Manifest,
    /// What was signed.
    pub(crate) manifest_bytes: Vec<u8>,
    pub(crate) signature: [u8; 64],
    /// The book's file.
    pub(crate) book: PathBuf,
    /// The book as vCards.
    pub(crate) contacts: PathBuf,
    /// What went along: the name within the archive, and where it lies now.
    pub(crate) included: Vec<(String, PathBuf)>,
}

impl Parts {
    /// Takes the vCards and the book's file, which is compressed into `scratch`.
    pub(crate) fn new(contacts: PathBuf, book: &Path, scratch: &Path) -> Result<Self, BackupError> {
        let packed = scratch.join("book.db.zst");
        let mut encoder = zstd::Encoder::new(File::create(&packed)?, COMPRESSION)?;
        io::copy(&mut File::open(book)?, &mut encoder)?;
        encoder.finish()?;
        let mut parts = Self::default();
        parts.add(CONTACTS, contacts)?;
        parts.add(BOOK, packed)?;
        Ok(parts)
    }

    /// Adds a file that must not change any more.
    pub(crate) fn add(&mut self, name: &str, file: PathBuf) -> Result<(), BackupError> {
        let (bytes, blake3) = digest(&file)?;
        self.members.push((Member { name: name.to_owned(), bytes, blake3 }, file));
        Ok(())
    }

    /// What the manifest says of them.
    pub(crate) fn members(&self) -> Vec<Member> {
        self.members.iter().map(|(member, _)| member.clone()).collect()
    }
}

/// Length and BLAKE3 of a file.
pub(crate) fn digest(file: &Path) -> io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(file)?, &mut hasher)?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// Writes a backup; returns the BLAKE3 of the sealed file, in hex. `signature` is the device's, over `manifest`.
pub(crate) fn write(
    out: impl Write,
    recipient: &str,
    manifest: &[u8],
    signature: &[u8; 64],
    parts: &Parts,
) -> Result<String, BackupError> {
    let mut sealed = seal(recipient, Hashing::new(out))?;
    archive(&mut sealed, manifest, signature, parts)?;
    let mut out = sealed.finish()?;
    out.flush()?;
    Ok(out.hash())
}

/// Writes what goes into the seal.
fn archive(out: impl Write, manifest: &[u8], signature: &[u8; 64], parts: &Parts) -> Result<(), BackupError> {
    let mut archive = Builder::new(out);
    append(&mut archive, MANIFEST, manifest.len() as u64, manifest)?;
    let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    append(&mut archive, SIGNATURE, signature.len() as u64, signature.as_bytes())?;
    for (member, file) in &parts.members {
        append(&mut archive, &member.name, member.bytes, File::open(file)?.take(member.bytes))?;
    }
    Ok(archive.finish()?)
}

fn append(archive: &mut Builder<impl Write>, name: &str, bytes: u64, from: impl Read) -> Result<(), BackupError> {
    let mut header = header(name).ok_or(BackupError::Damaged("a name is too long for the archive"))?;
    header.set_size(bytes);
    header.set_cksum();
    Ok(archive.append(&header, from)?)
}

/// The archive's header for a file of this name; `None` if the name does not fit. Only plain headers are written and
/// read: an extended one may be as long as it likes.
pub(super) fn header(name: &str) -> Option<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name).ok()?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    Some(header)
}

/// Opens a backup into a folder that is empty and private. What was written there before an error means nothing.
pub(crate) fn open(key: &BackupKey, file: &Path, into: &Path) -> Result<Opened, BackupError> {
    let sealed = BufReader::with_capacity(BUFFER_BYTES, File::open(file)?);
    unarchive(key.open(sealed)?, into)
}

/// Reads the archive out of the seal.
fn unarchive(plain: impl Read, into: &Path) -> Result<Opened, BackupError> {
    let mut archive = Archive::new(plain);
    let mut entries = archive.entries().map_err(stream_error)?.raw(true);
    let mut next = |name: &str| {
        let entry = entries.next().ok_or(BackupError::Damaged("it ends too early"))?.map_err(stream_error)?;
        let regular = entry.header().entry_type() == EntryType::Regular;
        if !regular || *entry.path_bytes() != *name.as_bytes() {
            return Err(BackupError::Damaged("something else is in it than it says"));
        }
        Ok(entry)
    };
    let manifest_bytes = small(next(MANIFEST)?, MANIFEST_BYTES_MAX)?;
    let manifest = read_manifest(&manifest_bytes)?;
    let signature = small(next(SIGNATURE)?, 128)?;
    let signature = String::from_utf8(signature).ok().and_then(|text| kith_core::id::decode_hex(&text));
    let signature = signature.and_then(|bytes| bytes.try_into().ok()).ok_or(BackupError::Damaged("its signature"))?;
    let mut files = Vec::with_capacity(manifest.members.len());
    for (nth, member) in manifest.members.iter().enumerate() {
        let entry = next(&member.name)?;
        let place = into.join(format!("member-{nth}"));
        let mut out = Hashing::new(create_private(&place)?);
        let bytes = copy(entry.take(member.bytes), &mut out)?;
        if bytes != member.bytes || out.hash() != member.blake3 {
            return Err(BackupError::Damaged("a part of it is not what it was"));
        }
        files.push((member.name.clone(), place));
    }
    if entries.next().is_some() {
        return Err(BackupError::Damaged("more is in it than it says"));
    }
    let rest = copy(archive.into_inner().take(PADDING_BYTES_MAX + 1), &mut io::sink())?;
    if rest > PADDING_BYTES_MAX {
        return Err(BackupError::Damaged("more is in it than it says"));
    }
    let mut files = files.into_iter();
    let (Some((_, contacts)), Some((_, packed))) = (files.next(), files.next()) else {
        return Err(BackupError::Damaged("the book is not in it"));
    };
    let book = into.join("book.db");
    unpack(&packed, &book, manifest.book.bytes)?;
    Ok(Opened { manifest, manifest_bytes, signature, book, contacts, included: files.collect() })
}

/// Reads an archive as it comes out of the seal, into a folder of its own: whatever it says, nothing is written beside it,
/// and no more than it may be.
#[cfg(feature = "fuzz")]
pub fn fuzz_archive(bytes: &[u8], into: &Path) {
    let Ok(opened) = unarchive(bytes, into) else { return };
    let mut files = opened.included.iter().map(|(_, file)| file).chain([&opened.book, &opened.contacts]);
    assert!(files.all(|file| file.parent() == Some(into) && file.is_file()));
    assert_eq!(opened.book.metadata().expect("it was written").len(), opened.manifest.book.bytes);
}

/// A small archive, and the same cut off after its manifest.
#[cfg(feature = "fuzz")]
pub fn fuzz_archives(scratch: &Path) -> Vec<Vec<u8>> {
    let sample = || -> Result<Vec<u8>, BackupError> {
        let at = |name: &str| scratch.join(name);
        std::fs::write(at("book"), b"not really a book")?;
        std::fs::write(at("contacts"), b"BEGIN:VCARD\r\nEND:VCARD\r\n")?;
        let parts = Parts::new(at("contacts"), &at("book"), scratch)?;
        let members = serde_json::to_string(&parts.members()).map_err(|_| BackupError::Damaged("its manifest"))?;
        let manifest = format!(
            r#"{{"format":{FORMAT},"app":"","time":"","device":"","device_name":"","person":"","roster":[],
            "book":{{"hash":"","version":"","contacts":1,"bytes":17}},"members":{members}}}"#
        );
        let mut bytes = Vec::new();
        archive(&mut bytes, manifest.as_bytes(), &[7; 64], &parts)?;
        Ok(bytes)
    };
    sample().into_iter().flat_map(|whole| [whole[..1024].to_vec(), whole]).collect()
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, BackupError> {
    /// What every format has.
    #[derive(Deserialize)]
    struct Any {
        format: u32,
    }
    let any: Any = serde_json::from_slice(bytes).map_err(|_| BackupError::Damaged("its manifest"))?;
    if any.format > FORMAT {
        return Err(BackupError::Newer);
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|_| BackupError::Damaged("its manifest"))?;
    let names: Vec<&str> = manifest.members.iter().take(2).map(|member| member.name.as_str()).collect();
    let sizes = manifest.members.iter().all(|member| member.bytes <= MEMBER_BYTES_MAX);
    if names != [CONTACTS, BOOK] || !sizes || manifest.members.len() > MEMBERS_MAX {
        return Err(BackupError::Damaged("its manifest"));
    }
    Ok(manifest)
}

fn small(entry: impl Read, bytes_max: u64) -> Result<Vec<u8>, BackupError> {
    let mut bytes = Vec::new();
    copy(entry.take(bytes_max + 1), &mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(BackupError::Damaged("its manifest is too long"));
    }
    Ok(bytes)
}

/// Copies; tells what is wrong with the backup from what is wrong with the disk.
fn copy(mut from: impl Read, to: &mut impl Write) -> Result<u64, BackupError> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut copied = 0;
    loop {
        let read = from.read(&mut buffer).map_err(stream_error)?;
        if read == 0 {
            return Ok(copied);
        }
        to.write_all(&buffer[..read])?;
        copied += read as u64;
    }
}

/// Unpacks the book's file, which must come out as long as the manifest says.
fn unpack(packed: &Path, to: &Path, bytes: u64) -> Result<(), BackupError> {
    if bytes > MEMBER_BYTES_MAX {
        return Err(BackupError::Damaged("its manifest"));
    }
    let decoder = zstd::Decoder::new(File::open(packed)?)?;
    let mut out = create_private(to)?;
    let copied = copy(decoder.take(bytes.saturating_add(1)), &mut out)?;
    out.sync_all()?;
    if copied == bytes { Ok(()) } else { Err(BackupError::Damaged("the book in it is not as long as it says")) }
}

/// Makes a file that only this user can read.
fn create_private(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// Hashes what passes through.
struct Hashing<W> {
    out: W,
    hasher: blake3::Hasher,
}

impl<W> Hashing<W> {
    fn new(out: W) -> Self {
        Self { out, hasher: blake3::Hasher::new() }
    }

    fn hash(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
const CONTACTS: &str = "contacts.vcf";
const BOOK: &str = "book.db.zst";
/// zstd's own default: fast, and within a tenth of what more work would give.
const COMPRESSION: i32 = 3;
/// Longest manifest, in bytes: [`MEMBERS_MAX`] members with the longest names fit, and the largest roster.
const MANIFEST_BYTES_MAX: u64 = 24 << 20;
/// Most members.
const MEMBERS_MAX: usize = 8_192;
/// Longest member, and longest book, in bytes.
const MEMBER_BYTES_MAX: u64 = 16 << 30;
/// Most bytes after the last member: tar fills its last record with zeros.
const PADDING_BYTES_MAX: u64 = 64 << 10;
/// Bytes copied at once.
const BUFFER_BYTES: usize = 128 << 10;

#[cfg(test)]
mod tests;
