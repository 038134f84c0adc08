//! A text to the JSON of its cards, each with its line; a mistake costs only what stands behind it.

use crate::vcard::Problem;
use serde::{
    Deserializer as _,
    de::{SeqAccess, Visitor},
};
use serde_json::{Deserializer, value::RawValue};
use std::fmt;

/// What may be a card.
pub(super) struct Piece<'a> {
    pub(super) json: &'a str,
    /// The line on which it begins, counted from 1.
    pub(super) line: u32,
}

/// Takes a text apart: an array into its elements, other values as they follow each other. Also tells where the text
/// stops being JSON, if it does.
pub(super) fn split(text: &str) -> (Vec<Piece<'_>>, Option<Problem>) {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut values = Vec::new();
    let outcome = if text.trim_start().starts_with('[') {
        let mut deserializer = Deserializer::from_str(text);
        deserializer.deserialize_seq(Elements(&mut values)).and_then(|()| deserializer.end())
    } else {
        let mut stream = Deserializer::from_str(text).into_iter::<&RawValue>();
        stream.try_for_each(|value| value.map(|value| values.push(value)))
    };
    let broken = outcome.err().map(|error| Problem {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX),
        reason: "from here on this is not JSON, so nothing after it was read".to_owned(),
    });
    (with_lines(text, &values), broken)
}

fn with_lines<'a>(text: &'a str, values: &[&'a RawValue]) -> Vec<Piece<'a>> {
    let (mut line, mut counted) = (1, 0);
    let mut pieces = Vec::with_capacity(values.len());
    for json in values.iter().map(|value| value.get()) {
        // Every value borrows from the text, in its order.
        let start = (json.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).clamp(counted, text.len());
        line += text.as_bytes()[counted..start].iter().filter(|byte| **byte == b'\n').count() as u32;
        counted = start;
        pieces.push(Piece { json, line });
    }
    pieces
}

/// Collects the elements of an array, and keeps what it has when one is broken.
struct Elements<'v, 'a>(&'v mut Vec<&'a RawValue>);

impl<'a> Visitor<'a> for Elements<'_, 'a> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of cards")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            self.0.push(element);
        }
        Ok(())
    }
}
