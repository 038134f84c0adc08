//! The files of an import: what they are, told by their content.

use crate::api::{Code, Error, ImportFile};
use base64::{Engine, prelude::BASE64_STANDARD};
use kith_core::vcard::FILE_BYTES_MAX;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    VCard,
    Csv,
    JsContact,
    Picture,
}

impl Format {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::VCard => "vcard",
            Self::Csv => "csv",
            Self::JsContact => "jscontact",
            Self::Picture => "picture",
        }
    }
}

/// A file to be read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// What to call it: its name without the folders.
    pub(super) name: String,
    pub(super) format: Format,
    /// About how many cards it holds.
    pub(super) cards: u32,
    pub(super) request: ImportFile,
}

impl Source {
    /// Reads the file whole.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Error> {
        content(&self.request)
    }
}

/// Finds out what each file is, before anything is written. A folder stands for the vCard files in it.
pub(super) fn open(files: &[ImportFile]) -> Result<Vec<Source>, Error> {
    if files.is_empty() {
        return Err(Error::new(Code::BadRequest, "Name at least one file to import."));
    }
    let mut sources = Vec::new();
    for file in files {
        if file.content.is_none() && Path::new(&file.name).is_dir() {
            for path in cards_in(&file.name)? {
                let name = path.to_string_lossy().into_owned();
                sources.push(source(&ImportFile { name, ..file.clone() })?);
            }
        } else {
            sources.push(source(file)?);
        }
    }
    Ok(sources)
}

fn cards_in(folder: &str) -> Result<Vec<PathBuf>, Error> {
    let unavailable = |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{folder}: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unavailable)? {
        let path = entry.map_err(unavailable)?.path();
        let is_card = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("vcf"));
        if is_card && path.is_file() {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            let message = format!("{folder} holds more than {FILES_MAX} vCard files. Import it in parts.");
            return Err(Error::new(Code::TooLarge, message));
        }
    }
    if files.is_empty() {
        let message = format!("{folder} is a folder without any .vcf file. Name the file to import.");
        return Err(Error::new(Code::FileUnavailable, message));
    }
    files.sort();
    Ok(files)
}

/// Looks at one file.
pub(super) fn source(file: &ImportFile) -> Result<Source, Error> {
    let refuse = |reason: &str| Error::new(Code::MalformedFile, format!("{}: {reason}", file.name));
    let (head, cards) = match &file.content {
        Some(_) => {
            let bytes = content(file)?;
            let cards = count_cards(&bytes[..]);
            (bytes[..bytes.len().min(HEAD_BYTES)].to_vec(), cards)
        }
        None => {
            let unavailable =
                |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{}: {error}", file.name));
            let mut opened = fs::File::open(&file.name).map_err(unavailable)?;
            let length = opened.metadata().map_err(unavailable)?.len();
            if length > FILE_BYTES_MAX as u64 {
                return Err(too_large(file));
            }
            let mut head = Vec::new();
            opened.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(unavailable)?;
            let rest = BufReader::with_capacity(HEAD_BYTES, opened.take(FILE_BYTES_MAX as u64));
            let cards = count_cards(head.chain(rest));
            (peek(&file.name).map_err(unavailable)?, cards)
        }
    };
    let format = recognise(&head).map_err(refuse)?;
    let name = Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (begins, lines) = cards;
    let cards = match format {
        Format::VCard => begins,
        Format::Csv => lines,
        Format::JsContact | Format::Picture => 1,
    };
    Ok(Source { name, format, cards, request: file.clone() })
}

fn peek(name: &str) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    fs::File::open(name)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn too_large(file: &ImportFile) -> Error {
    Error::new(Code::TooLarge, format!("{}: the file is larger than 1 GiB. Please split it.", file.name))
}

/// Counts the lines that begin a card, and all lines.
fn count_cards(mut text: impl BufRead) -> (u32, u32) {
    let (mut begins, mut lines) = (0_u32, 0_u32);
    let mut line = Vec::new();
    loop {
        line.clear();
        // What cannot be read now is told when the file is read.
        match text.by_ref().take(LINE_BYTES_COUNTED).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return (begins, lines),
            Ok(_) => {}
        }
        lines = lines.saturating_add(1);
        if line.get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN)) {
            begins = begins.saturating_add(1);
        }
    }
}

/// Reads the file, or takes what the window sent.
pub(super) fn content(file: &ImportFile) -> Result<Vec<u8>, Error> {
    if let Some(content) = &file.content {
        let decoded = BASE64_STANDARD.decode(content);
        return decoded.map_err(|_| Error::new(Code::BadRequest, format!("{}: not base64.", file.name)));
    }
    let unavailable = |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{}: {error}", file.name));
    let opened = fs::File::open(&file.name).map_err(unavailable)?;
    let length = opened.metadata().map_err(unavailable)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0).min(FILE_BYTES_MAX));
    opened.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unavailable)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(too_large(file));
    }
    Ok(bytes)
}

/// Tells a format by how the file begins; the reason if it is none.
fn recognise(head: &[u8]) -> Result<Format, &'static str> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if head.iter().all(u8::is_ascii_whitespace) || matches!(head, [0xEF, 0xBB, 0xBF] | [0xFF, 0xFE] | [0xFE, 0xFF]) {
        return Err("the file is empty.");
    }
    if starts(b"\x89PNG\r\n\x1a\n") || starts(b"\xFF\xD8\xFF") || (starts(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
    {
        return Ok(Format::Picture);
    }
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Err(
            "this is a zip archive, or a spreadsheet program's own file. Unpack it and import what is in it, or \
                    save the table as CSV.",
        );
    }
    if starts(b"\x1F\x8B") || starts(b"7z\xBC\xAF") || starts(b"Rar!") {
        return Err("this is an archive. Unpack it first, and import what is in it.");
    }
    if starts(b"\xD0\xCF\x11\xE0") {
        return Err("this is an old spreadsheet or Outlook file. Save the contacts as CSV there, and import that.");
    }
    if starts(b"%PDF") {
        return Err("this is a PDF, which holds no contacts that could be read.");
    }
    // UTF-16 is every other byte of ASCII here.
    let ascii: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).collect();
    let lines = ascii.split(|byte| matches!(byte, b'\n' | b'\r'));
    let begins = |line: &[u8]| {
        let line =
            line.strip_prefix(b"\xEF\xBB\xBF").or(line.strip_prefix(b"\xFF\xFE")).or(line.strip_prefix(b"\xFE\xFF"));
        line.is_some_and(|line| line.get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN)))
    };
    let begins_bare = |line: &[u8]| line.get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN));
    if lines.clone().any(|line| begins_bare(line) || begins(line)) {
        return Ok(Format::VCard);
    }
    let wide = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || is_wide(head);
    let control = head.iter().filter(|byte| **byte < 9).count();
    if !wide && control > 0 {
        return Err("this is not a text file, so it holds no contacts that could be read.");
    }
    match ascii.trim_ascii_start().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(ascii.trim_ascii_start()).first() {
        Some(b'{' | b'[') => Ok(Format::JsContact),
        _ => Ok(Format::Csv),
    }
}

/// Whether every other byte is mostly a NUL: UTF-16 without its mark.
fn is_wide(head: &[u8]) -> bool {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    (even == 0 && odd > head.len() / 20) || (odd == 0 && even > head.len() / 20)
}

const BEGIN: &[u8] = b"BEGIN:VCARD";
/// Bytes by which a file is recognised.
const HEAD_BYTES: usize = 64 << 10;
/// Most bytes of a line that are taken at once when lines are counted.
const LINE_BYTES_COUNTED: u64 = 1 << 20;
/// Most files of a folder.
const FILES_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_the_content_not_by_the_name() {
        let wide: Vec<u8> = "\u{FEFF}begin:vcard\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (head, format) in [
            (&b"BEGIN:VCARD\nVERSION:3.0\n"[..], Format::VCard),
            (b"\xEF\xBB\xBFbegin:vcard\r\n", Format::VCard),
            (b"\n\nDear Mara\nBEGIN:VCARD\n", Format::VCard),
            (&wide, Format::VCard),
            (b"Name,Email\nAnna,a@example.org\n", Format::Csv),
            (b"N\0a\0m\0e\0,\0E\0m\0a\0i\0l\0\n\0", Format::Csv),
            (b" {\"@type\": \"Card\"}", Format::JsContact),
            (b"\xEF\xBB\xBF[]", Format::JsContact),
            (b"\x89PNG\r\n\x1a\n....", Format::Picture),
            (b"RIFF\0\0\0\0WEBPVP8 ", Format::Picture),
        ] {
            assert_eq!(recognise(head), Ok(format), "{:?}", String::from_utf8_lossy(head));
        }
        for head in [&b""[..], b" \r\n", b"PK\x03\x04abc", b"%PDF-1.7", b"\x7FELF\x02\x01\x01\0\0", b"\x1F\x8B\x08"] {
            assert!(recognise(head).is_err_and(|reason| reason.ends_with('.')), "{head:?}");
        }
    }
}
