//! When updates to a standing audience leave: at once, after some changes, or every so many minutes.

use crate::msgpack;
use serde::{Deserialize, Serialize};

/// When updates leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// At once.
    #[default]
    #[serde(rename = "n")]
    Now,
    /// As soon as this many changes have gathered.
    #[serde(rename = "c")]
    Changes(u32),
    /// This many minutes after the first change that has not left.
    #[serde(rename = "m")]
    Minutes(u32),
}

impl When {
    /// As it is kept.
    pub fn encode(self) -> Vec<u8> {
        msgpack::write(&self)
    }

    /// Reads a kept one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        msgpack::read(bytes).ok()
    }
}

/// Whether updates leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// There is nothing to send.
    Nothing,
    /// Now.
    Now,
    /// At this time, in milliseconds since 1970, if nothing happens before.
    At(i64),
    /// Once more changes have gathered.
    Later,
}

/// Says when `changes` saves of the item leave, of which the first was made at `first_ms`.
pub fn due(when: When, changes: u32, first_ms: i64, now_ms: i64) -> Due {
    match when {
        _ if changes == 0 => Due::Nothing,
        When::Now => Due::Now,
        When::Changes(wanted) if changes >= wanted => Due::Now,
        When::Changes(_) => Due::Later,
        When::Minutes(minutes) => {
            let at = first_ms.saturating_add(i64::from(minutes) * MINUTE_MS);
            // A clock that was set back must not hold updates for ever.
            if at <= now_ms || first_ms > now_ms { Due::Now } else { Due::At(at) }
        }
    }
}

const MINUTE_MS: i64 = 60_000;
