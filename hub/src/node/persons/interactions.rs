//! Reading call logs, messages and mail, watching folders of them, and counting. Nothing but time, direction and address
//! is ever looked at.

use super::audience;
use crate::{
    api::{
        Answer, Code, Done, Error, Event, InteractionCount, InteractionCounts, InteractionsAdd, InteractionsImport,
        InteractionsImported, InteractionsTop, InteractionsWatch, InteractionsWatched,
    },
    clock::{modified_ms, now_ms, parse_rfc3339},
    node::{
        committer::{Committer, Proposal, storage_error},
        contacts::name_of,
        settings,
        work::{self, Outcome, Planned},
    },
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    audience::{WINDOW_DAYS, WINDOW_DAYS_MAX},
    card,
    contact::fold,
    id::EntityId,
    interaction::{self, CallLog, Direction, HEADERS_BYTES_MAX, Interaction, Kind, Mailbox},
    limits::CHANGE_WRITES_MAX,
    replica::{Draft, Rows},
};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};
use tokio::sync::broadcast;

/// What is needed to tell whose side of a mail is mine.
#[derive(Clone, Debug)]
struct Reading {
    region: Option<String>,
    /// My mail addresses, folded.
    mine: BTreeSet<String>,
}

/// What a reading found.
#[derive(Debug, Default)]
struct Found {
    interactions: BTreeSet<Interaction>,
    unreadable: u64,
}

/// `interactions.import`.
pub(crate) async fn import(
    request: InteractionsImport,
    me: EntityId,
    committer: Committer,
) -> Result<InteractionsImported, Error> {
    let paths = request.paths.into_iter().map(PathBuf::from).collect();
    take_in(paths, me, &committer).await
}

async fn take_in(paths: Vec<PathBuf>, me: EntityId, committer: &Committer) -> Result<InteractionsImported, Error> {
    let reading = committer.store.read(move |rows| {
        let settings = settings::read(rows)?;
        let mine = store::entity(rows, me)?.unwrap_or_default();
        let said = card::statements(&mine).into_iter().map(|said| said.property);
        let mails = said.filter(|property| property.name() == "EMAIL");
        let mine = mails.map(|mail| fold(mail.text().trim_start_matches("mailto:")).into_owned()).collect();
        Ok(Reading { region: settings.region().map(str::to_owned), mine })
    });
    let reading = reading.await.map_err(|error| storage_error(&error))?;
    let found = tokio::task::spawn_blocking(move || read_all(&paths, &reading))
        .await
        .map_err(|_| Error::new(Code::Internal, "reading was cut off"))??;
    let now = now_ms();
    let mut imported = InteractionsImported { unreadable: to_u32(found.unreadable), ..InteractionsImported::default() };
    let (old, fresh): (Vec<_>, Vec<_>) = found.interactions.into_iter().partition(|one| one.is_over(now));
    imported.too_old = old.len() as u32;
    for some in fresh.chunks(CHANGE_WRITES_MAX) {
        let some = some.to_vec();
        let total = some.len() as u32;
        let added = committer.commit(move |rows| keep(rows, &some)).await?;
        imported.added += added;
        imported.known += total - added;
    }
    let fresh = committer.store.read(|rows| audience::freshness(rows)).await;
    imported.freshness = fresh.map_err(|error| storage_error(&error))?;
    Ok(imported)
}

/// Keeps those that are not known; hands back how many.
fn keep(rows: &mut Writing<'_>, some: &[Interaction]) -> Outcome<Proposal<u32>> {
    let mut edits = Vec::new();
    for one in some {
        if Interaction::of(rows.entity(one.id())?).is_none() {
            edits.push(one.keep());
        }
    }
    let added = edits.len() as u32;
    let drafts = if edits.is_empty() { Vec::new() } else { vec![Draft { edits, import: None }] };
    Ok(Ok(Proposal { drafts, answer: added, what: String::new(), import: None, groups: false }))
}

/// Reads files, Maildirs, and folders of these.
fn read_all(paths: &[PathBuf], reading: &Reading) -> Result<Found, Error> {
    let mut found = Found::default();
    for path in paths {
        read_path(path, reading, &mut found, 0)?;
    }
    Ok(found)
}

fn read_path(path: &Path, reading: &Reading, found: &mut Found, depth: usize) -> Result<(), Error> {
    let wrong = |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{}: {error}", path.display()));
    if found.interactions.len() > INTERACTIONS_MAX {
        return Err(Error::new(Code::TooLarge, "That is more than a million interactions. Read less at once."));
    }
    if !path.is_dir() {
        return read_file(path, reading, found).map_err(wrong);
    }
    let in_maildir = path.file_name().is_some_and(|name| name == "cur" || name == "new")
        && path.parent().is_some_and(|parent| parent.join("cur").is_dir() && parent.join("new").is_dir());
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).map_err(wrong)?.map_while(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        if in_maildir {
            read_mail(&entry, reading, found).map_err(wrong)?;
        } else if entry.is_dir() {
            // What is being delivered is not a mail yet.
            let delivering = entry.file_name().is_some_and(|name| name == "tmp");
            if depth < DEPTH_MAX && !delivering {
                read_path(&entry, reading, found, depth + 1)?;
            }
        } else {
            read_file(&entry, reading, found).map_err(wrong)?;
        }
    }
    Ok(())
}

/// One mail of a Maildir.
fn read_mail(path: &Path, reading: &Reading, found: &mut Found) -> std::io::Result<()> {
    let mut head = Vec::new();
    File::open(path)?.take(HEADERS_BYTES_MAX as u64).read_to_end(&mut head)?;
    found.interactions.extend(interaction::headers(&head, &reading.mine));
    Ok(())
}

/// A file: by its first bytes a log of calls and messages, or an mbox; anything else is passed over.
fn read_file(path: &Path, reading: &Reading, found: &mut Found) -> std::io::Result<()> {
    let mut file = BufReader::with_capacity(PIECE_BYTES, File::open(path)?);
    let mut piece = vec![0; PIECE_BYTES];
    let first = read_piece(&mut file, &mut piece)?;
    let begin = String::from_utf8_lossy(&piece[..first.min(BEGIN_BYTES)]).into_owned();
    let begin = begin.trim_start_matches('\u{feff}').trim_start();
    if begin.starts_with("From ") {
        let mut mailbox = Mailbox::new(reading.mine.clone());
        found.interactions.extend(mailbox.push(&piece[..first]));
        loop {
            let count = read_piece(&mut file, &mut piece)?;
            if count == 0 {
                found.interactions.extend(mailbox.finish());
                return Ok(());
            }
            found.interactions.extend(mailbox.push(&piece[..count]));
        }
    }
    if begin.starts_with('<') {
        let mut log = CallLog::new(reading.region.as_deref());
        let mut count = first;
        while count > 0 {
            found.interactions.extend(log.push(&piece[..count]));
            count = read_piece(&mut file, &mut piece)?;
        }
        found.unreadable += log.unreadable();
    }
    Ok(())
}

fn read_piece(file: &mut impl Read, piece: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match file.read(&mut piece[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// `interactions.watch`: reads it now, and again whenever it changes.
pub(crate) async fn watch(
    request: InteractionsWatch,
    me: EntityId,
    committer: Committer,
) -> Result<InteractionsWatched, Error> {
    let mut imported = None;
    let Some(path) = request.path else {
        let watched = committer.store.read(|rows| store::watched(rows)).await.map_err(|error| storage_error(&error))?;
        return Ok(InteractionsWatched { paths: watched.into_iter().map(|(path, _)| path).collect(), imported });
    };
    if !request.off {
        if !Path::new(&path).is_dir() {
            let message = format!("{path} is no folder that can be watched. Import a single file instead.");
            return Err(Error::new(Code::FileUnavailable, message));
        }
        imported = Some(take_in(vec![PathBuf::from(&path)], me, &committer).await?);
    }
    let seen = look(path.clone()).await;
    let kept = committer.store.write_and_wait(move |rows| {
        if request.off {
            rows.forget_watched(&path)?;
        } else if store::watched(rows.connection())?.len() >= WATCHED_MAX {
            return Ok(Err(Error::new(Code::TooLarge, "So many folders are watched already. End one first.")));
        } else {
            rows.keep_watched(&path, &seen)?;
        }
        Ok(Ok(store::watched(rows.connection())?))
    });
    let watched = kept.await.map_err(|error| storage_error(&error))??;
    Ok(InteractionsWatched { paths: watched.into_iter().map(|(path, _)| path).collect(), imported })
}

/// Reads the watched folders that look otherwise than when they were read.
pub(crate) async fn check(me: EntityId, committer: Committer, events: broadcast::Sender<Event>) {
    let Ok(watched) = committer.store.read(|rows| store::watched(rows)).await else { return };
    for (path, before) in watched {
        let seen = look(path.clone()).await;
        if seen == before {
            continue;
        }
        match take_in(vec![PathBuf::from(&path)], me, &committer).await {
            Ok(_) => {
                let keep = move |rows: &mut Writing<'_>| Ok(Ok::<_, StoreError>(rows.keep_watched(&path, &seen)?));
                if let Err(error) = committer.store.write_and_wait(keep).await {
                    tracing::warn!(%error, "a watched folder will be read again");
                }
            }
            Err(error) => {
                // Nobody may be listening.
                let _unheard = events.send(Event::Trouble { code: error.code, message: error.message });
            }
        }
    }
}

/// What a folder looks like: names, lengths and times of its files, in one hash.
async fn look(path: String) -> Vec<u8> {
    let looked = tokio::task::spawn_blocking(move || {
        let mut hasher = blake3::Hasher::new();
        look_into(Path::new(&path), &mut hasher, 0);
        hasher.finalize().as_bytes().to_vec()
    });
    looked.await.unwrap_or_default()
}

fn look_into(path: &Path, hasher: &mut blake3::Hasher, depth: usize) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    let mut entries: Vec<PathBuf> = entries.map_while(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let Ok(about) = entry.metadata() else { continue };
        hasher.update(entry.as_os_str().as_encoded_bytes());
        hasher.update(&about.len().to_le_bytes());
        hasher.update(&modified_ms(&about).unwrap_or_default().to_le_bytes());
        if about.is_dir() && depth < DEPTH_MAX {
            look_into(&entry, hasher, depth + 1);
        }
    }
}

/// `interactions.add`.
pub(crate) fn add(request: &InteractionsAdd, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let contact = match work::contact(&request.contact, rows.connection())? {
        Ok(contact) => contact,
        Err(error) => return Ok(Err(error)),
    };
    let Some(kind) = Kind::of(&request.kind) else {
        return Ok(Err(Error::new(Code::BadRequest, "The kinds are call, message and mail.")));
    };
    let at_ms = match &request.at {
        Some(text) => match parse_rfc3339(text) {
            Some(at) => at,
            None => return Ok(Err(Error::new(Code::BadRequest, format!("{text}: a time is given as RFC 3339.")))),
        },
        None => now_ms(),
    };
    let region = settings::of(rows)?;
    let said: Vec<_> = card::statements(rows.entity(contact)?).into_iter().map(|said| said.property).collect();
    let addresses = interaction::addresses_of(&said, region.region());
    let wanted = |address: &&String| address.contains('@') == (kind == Kind::Mail);
    let Some(address) = addresses.iter().find(wanted).or(addresses.first()).cloned() else {
        let message = "This contact has neither a number nor a mail address, so there is nothing to count by.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    };
    let direction = if request.incoming { Direction::In } else { Direction::Out };
    let one = Interaction { at_ms, kind, direction, address };
    if one.is_over(now_ms()) {
        let message = "Interactions are kept for two years, and none from the future.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let drafts = vec![Draft { edits: vec![one.keep()], import: None }];
    Ok(Ok(Planned::new(drafts, Answer::InteractionsAdd(Done {}), "")))
}

/// `interactions.top`.
pub(crate) fn top(request: &InteractionsTop, rows: &Connection) -> Outcome<Answer> {
    let days = request.window_days.unwrap_or(WINDOW_DAYS).min(WINDOW_DAYS_MAX);
    let since = now_ms().saturating_sub(i64::from(days) * DAY_MS);
    let mut contacts = Vec::new();
    for (id, counts) in audience::counts(rows, since)? {
        let name = name_of(&store::entity(rows, id)?.unwrap_or_default());
        contacts.push(InteractionCount {
            id: id.to_string(),
            name,
            count: counts.total(),
            calls: counts.calls,
            mails: counts.mails,
            messages: counts.messages,
        });
    }
    contacts.sort_by(|a, b| (b.count, &a.name, &a.id).cmp(&(a.count, &b.name, &b.id)));
    contacts.truncate(request.limit.map_or(usize::MAX, |limit| limit as usize));
    Ok(Ok(Answer::InteractionsTop(InteractionCounts { contacts, freshness: audience::freshness(rows)? })))
}

fn to_u32(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

const DAY_MS: i64 = 24 * 3600 * 1000;
/// How much of a file is read at once, in bytes.
const PIECE_BYTES: usize = 256 << 10;
/// How much of a file's beginning tells what it is, in bytes.
const BEGIN_BYTES: usize = 64;
/// How deep folders are looked into.
const DEPTH_MAX: usize = 8;
/// Most interactions of one reading.
const INTERACTIONS_MAX: usize = 1_000_000;
/// Most folders that are watched.
const WATCHED_MAX: usize = 16;
