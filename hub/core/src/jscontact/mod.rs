//! JSContact (RFC 9553), to and from vCard as RFC 9555 maps them.
//!
//! calcard does the mapping; this module sees to it that nothing is lost on the way. What the mapping has no place for
//! travels in `vCardProps` and `vCardParams` (RFC 9555, 2.15 and 2.16), what vCard has no place for in `JSPROP`. A
//! card that was written is read back, and whatever did not survive goes into `vCardProps` as well.
//!
//! - [`read`]: a text of one card, of several one after the other, or of an array, to vCards.
//! - [`write`], [`write_card`]: vCards to JSContact.

mod carets;
mod carried;
mod pieces;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

use crate::vcard::{Parsed, Problem, Property};
use serde_json::Value;
use std::{borrow::Borrow, collections::BTreeMap};

/// A text is not JSContact as a whole. What is wrong with one card of several is among its problems.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The text is larger than [`TEXT_BYTES_MAX`].
    #[error("the file is larger than 64 MiB; please split it")]
    TooLarge,
    /// The text is not JSON, or not one of cards.
    #[error("there is no JSContact card in this file")]
    NotCards,
}

/// Reads cards: one, several one after the other, or an array of them. What cannot be read is told by the line where
/// its card begins; the other cards come in. They are vCards of 4.0.
///
/// # Errors
///
/// The text holds no card at all, or is larger than [`TEXT_BYTES_MAX`].
pub fn read(text: &str) -> Result<Parsed, ReadError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ReadError::TooLarge);
    }
    let (pieces, broken) = pieces::split(text);
    let mut parsed = Parsed::default();
    for piece in pieces {
        match reading::card(piece.json, piece.line) {
            Ok(card) => parsed.cards.push(card),
            Err(reason) => parsed.problems.push(Problem { line: piece.line, reason }),
        }
    }
    if parsed.cards.is_empty() && !parsed.problems.iter().any(|problem| problem.reason == TOO_LARGE) {
        return Err(ReadError::NotCards);
    }
    parsed.problems.extend(broken);
    Ok(parsed)
}

/// Writes cards as a JSON array, one card per line.
pub fn write<P: Borrow<Property>>(cards: &[Vec<P>]) -> String {
    let mut text = "[".to_owned();
    for (index, card) in cards.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        let properties: Vec<&Property> = card.iter().map(Borrow::borrow).collect();
        text.push_str(&write_card(&properties));
    }
    text.push_str("\n]\n");
    text
}

/// Writes one card as a JSON object on one line.
pub fn write_card(properties: &[&Property]) -> String {
    in_order(writing::card(properties)).to_string()
}

/// Puts the members of objects into the order of their names, so that one card is always one text: the mapping hands
/// them out in any order.
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let members: BTreeMap<String, Value> = object.into_iter().collect();
            Value::Object(members.into_iter().map(|(name, value)| (name, in_order(value))).collect())
        }
        Value::Array(values) => values.into_iter().map(in_order).collect(),
        other => other,
    }
}

/// Most bytes of a file.
pub const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What is said of a card beyond the limits of a card.
const TOO_LARGE: &str = "the card is larger than Kith keeps";
