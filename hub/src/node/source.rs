//! What an account reads: a file of vCards, or a folder of such files, that another program writes. Never written here.

use super::transfer::DRAFT_BYTES_MAX;
use crate::{api::ImportFailure, clock::modified_ms, store};
use kith_core::vcard::{FILE_BYTES_MAX, Item, Property, Reader, decode_file};
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// What one reading of a source found.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Each under a UID of its own.
    pub(super) cards: Vec<SourceCard>,
    /// What could not be read; the rest came in.
    pub(super) failed: Vec<ImportFailure>,
    /// Every card was read: one that is not here is gone.
    pub(super) complete: bool,
}

/// A card of a source.
#[derive(Debug)]
pub(super) struct SourceCard {
    /// By what the source knows it: its UID, or a digest of what it says.
    pub(super) uid: String,
    pub(super) properties: Vec<Property>,
    /// It is too long for a contact; what is known of it stays.
    pub(super) too_long: bool,
}

/// What tells that a source changed, without reading it: length and time of each file. `None` if there is nothing.
pub(super) type Stamp = Option<BTreeMap<PathBuf, (u64, Option<i64>)>>;

/// Reads a source. Blocks.
///
/// # Errors
///
/// In words, if it is not there, cannot be read, or holds something other than cards. An empty one is no error.
pub(super) fn read(path: &Path) -> Result<Reading, String> {
    let files = files(path)?;
    let single = files.len() == 1 && files.first().is_some_and(|file| file == path);
    let mut reading = Reading { complete: true, ..Reading::default() };
    let mut known: BTreeMap<String, Vec<Property>> = BTreeMap::new();
    let mut room = FILE_BYTES_MAX;
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match text_of(&file, &mut room) {
            // Emptied, which is for a person to judge; no text at all would be a mistake to the reader of cards.
            Ok(text) if text.is_empty() => {}
            Ok(text) => take_in(&name, &text, &mut known, &mut reading),
            Err(reason) if single => return Err(format!("{}: {reason}", file.display())),
            Err(reason) => {
                reading.complete = false;
                reading.failed.push(ImportFailure { file: name, line: 0, reason });
            }
        }
    }
    if reading.cards.is_empty() && !reading.complete {
        let reason = reading.failed.first().map_or("", |failure| &failure.reason);
        return Err(format!("{}: no card in it could be read ({reason})", path.display()));
    }
    Ok(reading)
}

fn take_in(file: &str, text: &str, known: &mut BTreeMap<String, Vec<Property>>, reading: &mut Reading) {
    // A file that ends within a card is most likely still being written: what is not in it yet is not gone.
    let end = text.trim_end().len().saturating_sub(END.len());
    reading.complete &= text.get(end..end + END.len()).is_some_and(|end| end.eq_ignore_ascii_case(END));
    for item in Reader::new(text) {
        let mut card = match item {
            Item::Problem(problem) => {
                // It may have been a card: nothing counts as gone.
                reading.complete = false;
                let (line, reason) = (problem.line, problem.reason);
                reading.failed.push(ImportFailure { file: file.to_owned(), line, reason });
                continue;
            }
            Item::Card(card) => card,
        };
        for problem in std::mem::take(&mut card.problems) {
            let (line, reason) = (problem.line, problem.reason);
            reading.failed.push(ImportFailure { file: file.to_owned(), line, reason });
        }
        if card.properties.is_empty() {
            continue;
        }
        let mut fail = |reason: &str| {
            let reason = reason.to_owned();
            reading.failed.push(ImportFailure { file: file.to_owned(), line: card.line, reason });
        };
        let uid = store::identity(&card.properties);
        match known.get(&uid) {
            Some(same) if *same == card.properties => continue,
            Some(_) => {
                fail("an earlier card has the same UID");
                continue;
            }
            None => drop(known.insert(uid.clone(), card.properties.clone())),
        }
        let too_long = card.properties.iter().map(|said| said.as_str().len() + 64).sum::<usize>() > DRAFT_BYTES_MAX;
        if too_long {
            fail("the card is larger than 700 KiB, most likely by its photo");
        }
        reading.cards.push(SourceCard { uid, properties: card.properties, too_long });
    }
}

fn text_of(file: &Path, room: &mut usize) -> Result<String, String> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(|error| error.to_string())?;
    opened.take(*room as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    *room = room.checked_sub(bytes.len()).ok_or("there is more than 1 GiB of cards")?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(String::new());
    }
    decode_file(&bytes).map(|text| text.into_owned()).map_err(|error| error.to_string())
}

/// What tells that a source changed. Blocks.
pub(super) fn stamp(path: &Path) -> Stamp {
    let described = |file: PathBuf| {
        let about = fs::metadata(&file).ok()?;
        Some((file, (about.len(), modified_ms(&about))))
    };
    Some(files(path).ok()?.into_iter().filter_map(described).collect())
}

/// The file itself, or the files of a folder that are called `.vcf` or `.vcard`, in order.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let unavailable = |error: std::io::Error| format!("{}: {error}", path.display());
    if !fs::metadata(path).map_err(unavailable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unavailable)? {
        let file = entry.map_err(unavailable)?.path();
        let named = |ending: &str| file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
        if (named("vcf") || named("vcard")) && file.is_file() {
            files.push(file);
        }
        if files.len() > FOLDER_FILES_MAX {
            return Err(format!("{}: there are more than {FOLDER_FILES_MAX} files in it", path.display()));
        }
    }
    files.sort();
    Ok(files)
}

/// The last line of a card (RFC 6350 section 6.1.2).
const END: &str = "END:VCARD";
/// Most files of one folder.
const FOLDER_FILES_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn card(uid: &str, tel: &str) -> String {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Anna\r\nTEL:{tel}\r\nEND:VCARD\r\n")
    }

    #[test]
    fn cards_that_share_a_uid_come_once_and_the_other_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("phone.vcf");
        fs::write(&file, card("a", "1") + &card("a", "1") + &card("a", "2") + &card("b", "3")).unwrap();
        let reading = read(&file).unwrap();
        let uids: Vec<&str> = reading.cards.iter().map(|card| card.uid.as_str()).collect();
        assert_eq!((uids, reading.failed.len(), reading.complete), (vec!["a", "b"], 1, true));
        assert_eq!((reading.failed[0].file.as_str(), reading.failed[0].line), ("phone.vcf", 13));
    }

    #[test]
    fn an_emptied_source_is_read_and_one_without_cards_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("phone.vcf");
        for empty in ["", " \r\n"] {
            fs::write(&file, empty).unwrap();
            let reading = read(&file).unwrap();
            assert!(reading.cards.is_empty() && reading.complete && reading.failed.is_empty());
        }
        assert!(read(&folder.path().join("none.vcf")).is_err());
        fs::write(&file, "no cards").unwrap();
        assert!(read(&file).is_err());
    }

    #[test]
    fn a_file_that_ends_within_a_card_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("phone.vcf");
        let text = card("a", "1") + &card("b", "2");
        for (length, complete) in [(text.len(), true), (text.len() - 2, true), (text.len() - 5, false)] {
            fs::write(&file, &text[..length]).unwrap();
            let reading = read(&file).unwrap();
            assert_eq!((reading.complete, reading.cards.len()), (complete, 2), "{length}");
        }
    }

    #[test]
    fn a_source_looks_other_after_it_was_written_and_the_same_after_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(stamp(folder.path()).is_some_and(|files| files.is_empty()));
        let file = folder.path().join("1.VCF");
        fs::write(&file, card("a", "1")).unwrap();
        let (alone, within) = (stamp(&file), stamp(folder.path()));
        assert_eq!(read(folder.path()).unwrap().cards.len(), 1);
        assert_eq!((stamp(&file), stamp(folder.path())), (alone.clone(), within.clone()));
        fs::write(&file, card("a", "12")).unwrap();
        assert!(stamp(&file) != alone && stamp(folder.path()) != within);
        fs::remove_file(&file).unwrap();
        assert!(stamp(&file).is_none() && stamp(folder.path()).is_some_and(|files| files.is_empty()));
    }
}
