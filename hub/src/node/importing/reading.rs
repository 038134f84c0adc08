//! The thread that reads files ahead of the writer: bytes to cards, in chunks.

use super::{
    files::{Format, Source},
    groups::GroupCard,
};
use crate::{
    api::{Code, Error, ImportFailure, ImportedFile},
    node::{qr::card_in, transfer::DRAFT_BYTES_MAX},
    picture, store,
};
use kith_core::{
    csv::{Field, Sheet, decode},
    jscontact,
    vcard::{Item, ParsedCard, Problem, Reader, decode_file},
};
use std::{borrow::Cow, collections::BTreeSet, sync::Arc};
use tokio::sync::mpsc;

/// A card on its way into the book.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) file: Arc<str>,
    /// By what the book would know it.
    pub(super) identity: String,
    pub(super) card: ParsedCard,
}

/// What goes to the writer at once. No two cards in it stand for the same contact.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) cards: Vec<Incoming>,
    pub(super) failed: Vec<ImportFailure>,
    pub(super) notes: Vec<ImportFailure>,
    /// About how many cards there are in all files.
    pub(super) total: u32,
}

/// What is known when all files are read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) files: Vec<ImportedFile>,
    pub(super) groups: Vec<GroupCard>,
}

/// Reads all files. A file that cannot be read is refused if it is the only one, else it is told and the rest comes
/// in. Ends early if nobody takes the chunks any more.
pub(super) fn read(sources: &[Source], chunks: &mpsc::Sender<Chunk>) -> Result<Read, Error> {
    let total = sources.iter().map(|source| source.cards).fold(0, u32::saturating_add);
    let mut sender = Sender { chunks, chunk: Chunk::default(), known: BTreeSet::new(), bytes: 0, total, gone: false };
    let mut read = Read::default();
    for source in sources {
        match read_source(source, &mut sender, &mut read.groups) {
            Ok(file) => read.files.push(file),
            Err(error) if sources.len() == 1 => return Err(error),
            Err(error) => {
                let reason = error.message.trim_end_matches('.').to_owned();
                sender.chunk.failed.push(ImportFailure { file: source.name.clone(), line: 1, reason });
            }
        }
        if sender.gone {
            break;
        }
    }
    sender.flush();
    Ok(read)
}

fn read_source(source: &Source, sender: &mut Sender<'_>, groups: &mut Vec<GroupCard>) -> Result<ImportedFile, Error> {
    let bytes = source.bytes()?;
    let mut taking = Taking { name: source.name.as_str().into(), cards: 0, sender, groups };
    let refuse =
        |reason: &dyn std::fmt::Display| Error::new(Code::MalformedFile, format!("{}: {reason}.", source.name));
    let (mut dialect, charset) = (String::new(), source.request.charset.as_deref());
    let charset = match source.format {
        Format::VCard => {
            let (text, charset) = card_text(&bytes, charset).map_err(|reason| refuse(&reason))?;
            taking.all(Reader::new(&text), false);
            charset
        }
        Format::JsContact => {
            let (text, charset) = decode(&bytes, charset).map_err(|error| refuse(&error))?;
            drop(bytes);
            let parsed = jscontact::read(&text).map_err(|error| refuse(&error))?;
            let problems = parsed.problems.into_iter().map(Item::Problem);
            taking.all(parsed.cards.into_iter().map(Item::Card).chain(problems), false);
            charset.to_owned()
        }
        Format::Csv => {
            let (text, charset) = decode(&bytes, charset).map_err(|error| refuse(&error))?;
            drop(bytes);
            let sheet = sheet(source, &text)?;
            dialect = sheet.dialect().name();
            taking.all(sheet.cards(), true);
            charset.to_owned()
        }
        Format::Picture => {
            let codes = picture::codes(&bytes).map_err(|error| refuse(&error))?;
            let before = taking.cards;
            codes.iter().filter_map(|code| card_in(code)).for_each(|card| taking.all(Reader::new(&card), false));
            if taking.cards == before {
                return Err(refuse(&"there is no QR code of a contact in this picture"));
            }
            String::new()
        }
    };
    let (file, format) = (source.name.clone(), source.format.word().to_owned());
    Ok(ImportedFile { file, format, dialect, charset, cards: taking.cards })
}

/// The text of a vCard file, and what it was read in.
pub(super) fn card_text<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<(Cow<'a, str>, String), String> {
    if charset.is_some_and(|name| !name.trim().is_empty()) {
        let (text, name) = decode(bytes, charset).map_err(|error| error.to_string())?;
        return Ok((Cow::Owned(text), name.to_owned()));
    }
    let text = decode_file(bytes).map_err(|error| error.to_string())?;
    let charset = match bytes {
        [0xFF, 0xFE, ..] => "UTF-16LE",
        [0xFE, 0xFF, ..] => "UTF-16BE",
        _ if std::str::from_utf8(bytes).is_ok() => "UTF-8",
        _ => "",
    };
    Ok((text, charset.to_owned()))
}

/// The table of a file, with the meanings that the person gave.
pub(super) fn sheet<'a>(source: &Source, text: &'a str) -> Result<Sheet<'a>, Error> {
    let refuse = |code, reason: String| Error::new(code, format!("{}: {reason}.", source.name));
    let mut sheet = Sheet::read(text).map_err(|error| refuse(Code::MalformedFile, error.to_string()))?;
    for meaning in source.request.columns.iter().flatten() {
        let wanted = meaning.name.clone().unwrap_or_else(|| meaning.column.to_string());
        let column = match &meaning.name {
            Some(name) => sheet.column(name),
            None => usize::try_from(meaning.column).ok().and_then(|column| column.checked_sub(1)),
        };
        let field = match meaning.field.trim() {
            "" => None,
            text => Some(Field::from_text(text).ok_or_else(|| {
                refuse(Code::BadRequest, format!("{text} is no field; the fields are listed by looking at the file"))
            })?),
        };
        if !column.is_some_and(|column| sheet.set_field(column, field)) {
            return Err(refuse(Code::BadRequest, format!("there is no column {wanted}")));
        }
    }
    if !sheet.is_known() {
        let reason = "this is neither a vCard nor a table of contacts; if it is a table, say what its columns mean";
        return Err(refuse(Code::MalformedFile, reason.to_owned()));
    }
    Ok(sheet)
}

/// Takes the cards of one file.
struct Taking<'t, 's> {
    name: Arc<str>,
    cards: u32,
    sender: &'t mut Sender<'s>,
    groups: &'t mut Vec<GroupCard>,
}

impl Taking<'_, '_> {
    /// Takes all; what is wrong with a part of a row (`rows`) is only noted, as the rest of it says what the row says.
    fn all(&mut self, items: impl Iterator<Item = Item>, rows: bool) {
        for item in items {
            match item {
                Item::Problem(problem) => {
                    let failure = self.failure(problem);
                    self.sender.chunk.failed.push(failure);
                }
                Item::Card(card) => self.card(card, rows),
            }
            if self.sender.gone {
                break;
            }
        }
    }

    fn card(&mut self, mut card: ParsedCard, row: bool) {
        for problem in std::mem::take(&mut card.problems) {
            let failure = self.failure(problem);
            let chunk = &mut self.sender.chunk;
            if row { &mut chunk.notes } else { &mut chunk.failed }.push(failure);
        }
        if card.properties.is_empty() {
            return;
        }
        self.cards += 1;
        if let Some(group) = GroupCard::of(&card, &self.name) {
            return self.groups.push(group);
        }
        self.make_room(&mut card);
        let identity = store::identity(&card.properties);
        self.sender.push(Incoming { file: Arc::clone(&self.name), identity, card });
    }

    /// Makes the pictures of a card smaller if they would make it too large to keep.
    fn make_room(&mut self, card: &mut ParsedCard) {
        let size =
            |card: &ParsedCard| card.properties.iter().map(|property| property.as_str().len() + 64).sum::<usize>();
        if size(card) <= DRAFT_BYTES_MAX {
            return;
        }
        for at in 0..card.properties.len() {
            let property = &card.properties[at];
            if !matches!(&*property.name(), "PHOTO" | "LOGO") || property.as_str().len() < PICTURE_BYTES_MIN {
                continue;
            }
            if let Ok(smaller) = picture::reduce(property) {
                let what = if property.name() == "LOGO" { "logo" } else { "photo" };
                let reason = format!("the {what} was too large and was made smaller, to {}", smaller.text());
                self.sender.chunk.notes.push(ImportFailure { file: self.name.to_string(), line: card.line, reason });
                card.properties[at] = smaller;
            }
        }
    }

    fn failure(&self, problem: Problem) -> ImportFailure {
        ImportFailure { file: self.name.to_string(), line: problem.line, reason: problem.reason }
    }
}

/// Gathers cards into chunks.
struct Sender<'s> {
    chunks: &'s mpsc::Sender<Chunk>,
    chunk: Chunk,
    /// Who is in the chunk.
    known: BTreeSet<String>,
    bytes: usize,
    total: u32,
    /// Nobody takes chunks any more.
    gone: bool,
}

impl Sender<'_> {
    fn push(&mut self, incoming: Incoming) {
        let size: usize = incoming.card.properties.iter().map(|property| property.as_str().len()).sum();
        let full = self.chunk.cards.len() >= CHUNK_CARDS || self.bytes + size > CHUNK_BYTES;
        // The first of two cards for one contact must be written before the second is looked at.
        if full || self.known.contains(&incoming.identity) {
            self.flush();
        }
        self.bytes += size;
        self.known.insert(incoming.identity.clone());
        self.chunk.cards.push(incoming);
    }

    fn flush(&mut self) {
        self.known.clear();
        self.bytes = 0;
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.total = self.total;
        let told = !chunk.cards.is_empty() || !chunk.failed.is_empty() || !chunk.notes.is_empty();
        if told && self.chunks.blocking_send(chunk).is_err() {
            self.gone = true;
        }
    }
}

/// Cards committed in one transaction.
const CHUNK_CARDS: usize = 1_000;
/// Bytes of cards committed in one transaction, about.
const CHUNK_BYTES: usize = 4 << 20;
/// Pictures below this are not what makes a card too large.
const PICTURE_BYTES_MIN: usize = 100 << 10;
