//! The alarm: raised by whoever meets damage in the file, writer or reader. From then on nothing more is written.

use super::StoreError;
use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// Shared by the writer and the readers.
#[derive(Default)]
pub(super) struct Alarm {
    raised: AtomicBool,
    told: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raised.fmt(f)
    }
}

impl Alarm {
    /// Has `then` called when damage is met; only the first caller has.
    pub(super) fn on_raised(&self, then: Box<dyn Fn() + Send + Sync>) {
        // One who is told already stays the one.
        let _first = self.told.set(then);
        if self.is_raised() {
            self.tell();
        }
    }

    /// Looks at an outcome: damage raises the alarm, once.
    pub(super) fn heed<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome
            && error.is_damage()
            && !self.raised.swap(true, Ordering::SeqCst)
        {
            tracing::error!(%error, "the address book's file is damaged; nothing more is written to it");
            self.tell();
        }
        outcome
    }

    pub(super) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    fn tell(&self) {
        if let Some(then) = self.told.get() {
            then();
        }
    }
}
