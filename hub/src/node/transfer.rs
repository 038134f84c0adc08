//! Import and export of vCards.

use super::{
    edits::Plan,
    work::{Outcome, Scene, contacts},
};
use crate::{
    api::{Answer, Code, Error, Export, Exported, Import, ImportFailure, ImportFile},
    folder::write_atomically,
    store::{self, Connection, StoreError, Writing},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use kith_core::{
    id::EntityId,
    replica::{Draft, Rows},
    vcard::{self, Item, ParsedCard, Property, Reader, Version, decode_file},
};
use rand_core::OsRng;
use std::{collections::BTreeSet, fs, io::Read, path::Path};

/// What the files of an import held.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Cards, each with its file's name.
    pub(crate) cards: Vec<(String, ParsedCard)>,
    pub(crate) failed: Vec<ImportFailure>,
}

/// Reads and takes apart the files of an import. Blocks.
pub(crate) fn read_files(request: &Import) -> Result<Parsed, Error> {
    let mut parsed = Parsed::default();
    if request.files.is_empty() {
        return Err(Error::new(Code::BadRequest, "Name at least one file to import."));
    }
    for file in &request.files {
        let bytes = file_bytes(file)?;
        let name = Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text =
            decode_file(&bytes).map_err(|error| Error::new(Code::MalformedFile, format!("{}: {error}.", file.name)))?;
        for item in Reader::new(&text) {
            let problems = match item {
                Item::Problem(problem) => vec![problem],
                Item::Card(mut card) => {
                    let problems = std::mem::take(&mut card.problems);
                    if !card.properties.is_empty() {
                        parsed.cards.push((name.clone(), card));
                    }
                    problems
                }
            };
            let failures = problems.into_iter().map(|problem| ImportFailure {
                file: name.clone(),
                line: problem.line,
                reason: problem.reason,
            });
            parsed.failed.extend(failures);
        }
    }
    Ok(parsed)
}

fn file_bytes(file: &ImportFile) -> Result<Vec<u8>, Error> {
    if let Some(content) = &file.content {
        let decoded = BASE64_STANDARD.decode(content);
        return decoded.map_err(|_| Error::new(Code::BadRequest, format!("{}: not base64.", file.name)));
    }
    let unavailable = |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{}: {error}", file.name));
    let mut bytes = Vec::new();
    let opened = fs::File::open(&file.name).map_err(unavailable)?;
    opened.take(vcard::FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unavailable)?;
    Ok(bytes)
}

/// What became of a number of cards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// How many cards this is about.
    pub(crate) taken: usize,
    pub(crate) added: u32,
    pub(crate) updated: u32,
    pub(crate) unchanged: u32,
    pub(crate) failed: Vec<ImportFailure>,
}

/// Plans the changes for a run of cards: one change per contact. A card with a known UID updates that contact, and so
/// does one without a UID that is just like a contact. Stops before a card that stands for the same contact as an
/// earlier one of this run: that one must be written first.
pub(crate) fn plan_cards(
    cards: &[(String, ParsedCard)],
    import: EntityId,
    rows: &mut Writing<'_>,
) -> Result<(Vec<Draft>, Tally), StoreError> {
    let mut tally = Tally::default();
    let mut drafts = Vec::with_capacity(cards.len());
    let mut known = BTreeSet::new();
    for (file, card) in cards {
        let identity = store::identity(&card.properties);
        if !known.insert(identity.clone()) {
            break;
        }
        tally.taken += 1;
        let existing = store::contact_by_identity(rows.connection(), &identity)?;
        let mut plan = match existing {
            Some(id) => Plan::new(id, Some(rows.entity(id)?)),
            None => Plan::new(EntityId::random(&mut OsRng), None),
        };
        plan.take_in(card);
        let count = match (existing, plan.is_empty()) {
            (Some(_), true) => &mut tally.unchanged,
            (Some(_), false) => &mut tally.updated,
            (None, _) => &mut tally.added,
        };
        let edits = plan.finish();
        if edits.iter().map(|edit| edit.value.as_ref().map_or(0, Vec::len) + 64).sum::<usize>() > DRAFT_BYTES_MAX {
            let reason = "the card is larger than 700 KiB, most likely by its photo";
            tally.failed.push(ImportFailure { file: file.clone(), line: card.line, reason: reason.to_owned() });
            continue;
        }
        *count += 1;
        drafts.push(Draft { edits, import: Some(import) });
    }
    Ok((drafts, tally))
}

/// `export`.
pub(super) fn export(request: &Export, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let version = request.vcard.as_deref().unwrap_or("3.0");
    let Some(version) = Version::from_text(version).filter(|version| *version != Version::V21) else {
        return Ok(Err(Error::new(Code::BadRequest, "Kith writes vCard 3.0 and 4.0.")));
    };
    let mut ids = if request.ids.is_empty() {
        store::all_contacts(rows)?
    } else {
        match contacts(&request.ids, rows)? {
            Ok(ids) => ids,
            Err(error) => return Ok(Err(error)),
        }
    };
    if request.me && !ids.contains(&scene.me()) {
        ids.insert(0, scene.me());
    }
    let mut text = String::new();
    for &id in &ids {
        let Some(entity) = store::entity(rows, id)? else { continue };
        let properties: Vec<Property> = store::ordered_properties(&entity).into_iter().map(|(_, p)| p).collect();
        vcard::print_into(&properties.iter().collect::<Vec<_>>(), version, &mut text);
    }
    let contacts = ids.len() as u32;
    let Some(path) = &request.path else {
        return Ok(Ok(Answer::Export(Exported { contacts, text: Some(text), left_out: Vec::new() })));
    };
    if let Err(error) = write_atomically(Path::new(path), text.as_bytes()) {
        return Ok(Err(Error::new(Code::FileUnavailable, format!("{path}: {error}"))));
    }
    Ok(Ok(Answer::Export(Exported { contacts, text: None, left_out: Vec::new() })))
}

/// Most bytes of one contact's properties, so that its change stays within the limit of a change.
const DRAFT_BYTES_MAX: usize = 700 << 10;
