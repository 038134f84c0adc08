//! Looking for what is broad before anybody asks for it, in a thread of its own.
//!
//! The index's vocabulary tells which beginnings of words very many contacts may have; these are then asked for as a
//! question would. At 100,000 contacts that is some seconds of one core, once after the book was opened or much has
//! changed and somebody looks at the list; a book below [`BROAD_MIN`] contacts is left alone.

use super::{
    Reader, StoreError,
    list::{having, members},
    overview::BROAD_MIN,
    reader::Looking,
    writing::fixed,
};
use kith_core::{contact::Wanted, id::EntityId};

/// Remembers everything broad.
pub(super) fn warm(looking: &Looking) -> Result<(), StoreError> {
    let Some((groups, words)) = looking.look(|reader| Ok((groups(reader)?, words(reader)?)))? else {
        return Ok(());
    };
    for group in groups {
        looking.look(|reader| members(reader, group))?;
    }
    for wanted in words {
        if looking.look(|reader| having(reader, wanted))?.is_none() {
            break;
        }
    }
    Ok(())
}

/// Words and beginnings of words that many contacts may have; those of few letters, which are typed first, come first.
fn words(reader: &Reader) -> Result<Vec<Wanted>, StoreError> {
    reader.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, contact_words, row)",
    )?;
    let mut statement = reader.prepare("SELECT term, doc FROM temp.vocabulary ORDER BY term")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    let mut last = Beginnings::default();
    while let Some(row) = rows.next()? {
        let word = row.get_ref(0)?.as_str().map_err(|_| StoreError::Damaged("a word"))?;
        let contacts = row.get(1)?;
        if contacts >= BROAD_MIN {
            found.push(Wanted { text: word.to_owned(), prefix: false });
        }
        last.go_on(word, contacts, &mut found);
    }
    last.go_on("", 0, &mut found);
    found.sort_by_key(|wanted| wanted.text.chars().count());
    Ok(found)
}

/// The beginnings of the word that came last, in an alphabetical list of words.
#[derive(Debug, Default)]
struct Beginnings {
    word: String,
    /// Where each ends, in bytes, and how many contacts at most have a word that begins so, as far as the list was read.
    ends: Vec<(usize, usize)>,
}

impl Beginnings {
    /// Takes the next word; those beginnings that it does not share are through, and found if they are broad.
    fn go_on(&mut self, word: &str, contacts: usize, found: &mut Vec<Wanted>) {
        let shared = self.ends.iter().take_while(|(end, _)| word.get(..*end) == self.word.get(..*end)).count();
        for (end, contacts) in self.ends.drain(shared..) {
            if contacts >= BROAD_MIN {
                found.push(Wanted { text: self.word[..end].to_owned(), prefix: true });
            }
        }
        let letters = word.char_indices().map(|(at, letter)| (at + letter.len_utf8(), 0));
        self.ends.extend(letters.take(LENGTH_MAX).skip(shared));
        self.ends.iter_mut().for_each(|(_, sum)| *sum += contacts);
        word.clone_into(&mut self.word);
    }
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

/// Letters of the longest beginning that is looked for, with the mark that some words begin with.
const LENGTH_MAX: usize = 13;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_broad_when_the_words_that_begin_so_are_many_together() {
        let (mut last, mut found) = (Beginnings::default(), Vec::new());
        let many = BROAD_MIN / 2;
        for (word, contacts) in [("ann", many), ("anna", many), ("berg", many), ("b\u{fc}ro", many), ("c", many)] {
            last.go_on(word, contacts, &mut found);
        }
        last.go_on("", 0, &mut found);
        let mut texts: Vec<_> = found.iter().map(|wanted| (wanted.text.as_str(), wanted.prefix)).collect();
        texts.sort_unstable();
        assert_eq!(texts, [("a", true), ("an", true), ("ann", true), ("b", true)]);
    }
}
