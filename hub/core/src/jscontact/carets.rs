//! Line breaks, quotes and carets in parameters (RFC 6868), past a mapping that does not know them.
//!
//! On their way through calcard they are written as noncharacters, which no text contains and nobody escapes.

use serde_json::Value;
use std::borrow::Cow;

/// What stands for a line break, a quote and a caret.
const STANDINS: [(char, char); 3] = [('\n', '\u{FDD0}'), ('"', '\u{FDD1}'), ('^', '\u{FDD2}')];

/// Replaces what cannot stand in a parameter.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    replace(text, |char| STANDINS.iter().find(|(plain, _)| *plain == char).map(|(_, hidden)| *hidden))
}

/// Takes a replacement back.
pub(super) fn show(text: &str) -> Cow<'_, str> {
    replace(text, |char| STANDINS.iter().find(|(_, hidden)| *hidden == char).map(|(plain, _)| *plain))
}

/// Replaces in every text of a JSON value, keys included.
pub(super) fn in_json(value: &mut Value, change: fn(&str) -> Cow<'_, str>) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(changed) = change(text) {
                *text = changed;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| in_json(value, change)),
        Value::Object(object) => {
            let changed: Vec<String> =
                object.keys().filter(|key| matches!(change(key), Cow::Owned(_))).cloned().collect();
            for key in changed {
                if let Some(value) = object.remove(&key) {
                    object.insert(change(&key).into_owned(), value);
                }
            }
            object.values_mut().for_each(|value| in_json(value, change));
        }
        _ => {}
    }
}

fn replace(text: &str, other: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if text.chars().all(|char| other(char).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|char| other(char).unwrap_or(char)).collect())
}
