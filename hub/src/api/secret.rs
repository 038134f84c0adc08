//! A recovery code on its way to be used.

use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A recovery code as typed. It is never shown by accident, and forgotten byte for byte when dropped.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes what was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What was typed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
