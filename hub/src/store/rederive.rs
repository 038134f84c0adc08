//! Making everything anew that is derived from registers, when the program derives otherwise than the one that wrote
//! the tables, or names are to be sorted otherwise.
//!
//! The writer does it in small transactions between other work. What is read meanwhile is partly old.

use super::{
    StoreError,
    derived::Derived,
    sums,
    writing::{Tools, Writing, fixed},
};
use kith_core::{
    book,
    contact::{SortBy, Sorter},
    entity::Entity,
    id::EntityId,
    path::Path,
};
use rusqlite::{Connection, OptionalExtension, params};

/// How names are sorted, as the settings say that own devices share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sorting {
    locale: String,
    by: SortBy,
}

impl Sorting {
    /// Reads the settings.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let settings = super::entity(connection, book::SETTINGS)?;
        Ok(settings.as_ref().map(Self::of).unwrap_or_default())
    }

    /// Takes it from the settings' entity.
    pub(super) fn of(settings: &Entity) -> Self {
        let text = |name| settings.register(&Path::setting(name))?.value().and_then(book::read_text);
        let by = text("sort-by").and_then(|word| SortBy::of(&word)).unwrap_or_default();
        Self { locale: text("sort-locale").unwrap_or_default(), by }
    }

    pub(super) fn sorter(&self) -> Sorter {
        Sorter::new(&self.locale, self.by)
    }

    /// What the tables bear when they are derived like this.
    fn mark(&self) -> String {
        format!("{VERSION} {} {}", self.by.word(), self.locale)
    }
}

/// Where deriving anew has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rederiving {
    /// The last row that is done.
    after: i64,
}

impl Rederiving {
    /// Says whether there is anything to do.
    pub(super) fn needed(connection: &Connection, sorting: &Sorting) -> Result<Option<Self>, StoreError> {
        let mark: Option<String> = connection
            .query_row("SELECT CAST(value AS TEXT) FROM meta WHERE key = 'derived'", [], |row| row.get(0))
            .optional()?;
        Ok((mark.as_deref() != Some(&sorting.mark())).then_some(Self { after: 0 }))
    }

    /// Makes some rows anew; returns where to go on, or nothing when all is done.
    pub(super) fn step(self, writing: &mut Writing<'_>) -> Result<Option<Self>, StoreError> {
        let mut derived = Vec::with_capacity(STEP);
        let mut after = self.after;
        {
            let mut statement = writing.connection().prepare_cached(
                "SELECT entity, id, registers, sum FROM entities WHERE entity > ?1 ORDER BY entity LIMIT ?2",
            )?;
            let mut rows = statement.query(params![self.after, STEP])?;
            while let Some(row) = rows.next()? {
                after = row.get(0)?;
                let id = EntityId(fixed(row, 1)?);
                let entity = sums::entity(row, id, 2)?;
                derived.push((after, Derived::of(id, Some(after), &entity, &writing.tools().sorter)));
            }
        }
        // A contact that nothing showed before begins its time in the trash now, not in 1970.
        let now = writing.connection().query_row("SELECT unixepoch() * 1000", [], |row| row.get(0))?;
        writing.set_now(now);
        writing.save_again(&derived)?;
        if derived.len() == STEP {
            return Ok(Some(Self { after }));
        }
        let mark = writing.tools().sorting.mark();
        writing.keep_meta("derived", mark.as_bytes())?;
        Ok(None)
    }
}

impl Writing<'_> {
    /// Has everything derived anew, from the next transaction on; the index of words begins empty.
    pub(super) fn derive_anew(&mut self) -> Result<(), StoreError> {
        self.connection().execute_batch("INSERT INTO contact_words (contact_words) VALUES ('delete-all')")?;
        self.keep_meta("derived", b"")?;
        self.tools_mut().rederiving = Some(Rederiving { after: 0 });
        Ok(())
    }
}

impl Tools {
    /// Takes up new settings, if they change how names are sorted.
    pub(super) fn sort_by(&mut self, sorting: Sorting) {
        if self.sorting != sorting {
            self.sorter = sorting.sorter();
            self.sorting = sorting;
            self.rederiving = Some(Rederiving { after: 0 });
        }
    }
}

/// To be raised whenever something else is derived from the same registers: words, keys, Unicode's data.
const VERSION: u32 = 2;
/// Entities of one step: some hundredths of a second.
const STEP: usize = 256;
