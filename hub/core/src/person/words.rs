//! Words by which two persons make sure of each other (quality B.3).
//!
//! Each person has six words of their own, and reads them out; the other's device shows the same six. They stand for the
//! person id alone, so that whoever sits in the middle would have to find a root key with just these words. 48 bits are
//! few for that: each try costs 4,096 hashes in a row.

use crate::{id::PersonId, pairing::words::WORDS};
use std::fmt;

/// The words of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonWords(pub [&'static str; 6]);

impl fmt::Display for PersonWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Returns the words that a person reads out.
pub fn words(person: PersonId) -> PersonWords {
    let mut hash = blake3::derive_key("kith v1 person words", &person.0);
    for _ in 1..ROUNDS {
        hash = *blake3::keyed_hash(&hash, &person.0).as_bytes();
    }
    PersonWords([0, 1, 2, 3, 4, 5].map(|at: usize| WORDS[usize::from(hash[at])]))
}

const ROUNDS: usize = 4096;
