//! Looks for what is broad before anybody asks for it.
//!
//! It follows the letters as somebody types them: where very many contacts have words with a beginning, it tries every
//! longer one. At 100,000 contacts that is a second of one core, once after the book was opened or much has changed and
//! somebody looks at the list; a book below [`BROAD_MIN`] contacts is left alone.

use super::{
    Reader, StoreError,
    list::{hits, members},
    overview::BROAD_MIN,
    reader::Looking,
    rows::fixed,
};
use kith_core::{
    contact::{fold, query_tokens},
    id::EntityId,
};
use std::collections::VecDeque;

/// Remembers everything broad.
pub(super) fn warm(looking: &Looking) -> Result<(), StoreError> {
    let Some((alphabet, groups)) = looking.look(|reader| Ok((alphabet(reader)?, groups(reader)?)))? else {
        return Ok(());
    };
    for group in groups {
        looking.look(|reader| members(reader, group))?;
    }
    // What is typed most is looked for first.
    let mut beginnings = VecDeque::from([String::new()]);
    while let Some(beginning) = beginnings.pop_front() {
        for letter in &alphabet {
            let longer = format!("{beginning}{letter}");
            let Some(broad) = looking.look(|reader| look(reader, &longer))? else { return Ok(()) };
            if broad && longer.chars().count() < LENGTH_MAX {
                beginnings.push_back(longer);
            }
        }
    }
    Ok(())
}

/// Whether what is typed is broad; if so it is remembered now.
fn look(reader: &Reader, typed: &str) -> Result<bool, StoreError> {
    let mut broad = false;
    for token in query_tokens(typed) {
        broad = hits(reader, std::slice::from_ref(&token))?.len() >= BROAD_MIN;
        if broad {
            hits(reader, &[token.in_name()])?;
        }
    }
    Ok(broad)
}

/// The letters and digits that words may be typed with.
fn alphabet(reader: &Reader) -> Result<Vec<char>, StoreError> {
    let mut alphabet: Vec<char> = ('a'..='z').chain('0'..='9').collect();
    let listed = reader.listed()?;
    for (letter, _) in listed.letters(listed.rows()) {
        let folded = fold(&letter);
        alphabet.extend(
            folded.chars().filter(|char| char.is_alphanumeric() && !alphabet.contains(char)).collect::<Vec<_>>(),
        );
    }
    alphabet.truncate(ALPHABET_MAX);
    Ok(alphabet)
}

/// Groups and tags that are broad.
fn groups(reader: &Reader) -> Result<Vec<EntityId>, StoreError> {
    let mut statement = reader.prepare("SELECT group_id FROM memberships GROUP BY group_id HAVING count(*) >= ?1")?;
    let mut rows = statement.query([BROAD_MIN])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        groups.push(EntityId(fixed(row, 0)?));
    }
    Ok(groups)
}

/// Longest beginning that is tried.
const LENGTH_MAX: usize = 12;
/// Most letters that are tried.
const ALPHABET_MAX: usize = 128;
