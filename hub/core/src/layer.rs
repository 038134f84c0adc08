//! Layers: what one source states about a contact.
//!
//! A contact is the sum of its layers; each property register says by its path to which layer it belongs. Layers never
//! overwrite each other.

use crate::id::{BookId, EntityId};

/// One source of statements about a contact, in the order in which they win where only one value can be shown (rules
/// section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// What I wrote.
    Mine,
    /// What the linked person published over this link.
    Theirs(EntityId),
    /// What a family or directory book says that I also keep.
    Book(BookId),
    /// What a connected account brought.
    Account(EntityId),
}

impl Layer {
    /// Returns the word by which people and scripts know the layer.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Theirs(_) => "theirs",
            Self::Book(_) => "book",
            Self::Account(_) => "account",
        }
    }

    /// Returns the id of the source; `None` for my own layer.
    pub fn source(self) -> Option<[u8; 16]> {
        match self {
            Self::Mine => None,
            Self::Theirs(id) | Self::Account(id) => Some(id.0),
            Self::Book(id) => Some(id.0),
        }
    }

    /// Returns the layer that bears this word and source.
    pub fn of(word: &str, source: Option<[u8; 16]>) -> Option<Self> {
        Some(match (word, source) {
            ("mine", None) => Self::Mine,
            ("theirs", Some(id)) => Self::Theirs(EntityId(id)),
            ("book", Some(id)) => Self::Book(BookId(id)),
            ("account", Some(id)) => Self::Account(EntityId(id)),
            _ => return None,
        })
    }
}
