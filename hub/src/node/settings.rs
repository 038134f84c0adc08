//! Settings that all own devices share.

use super::work::{Outcome, Planned};
use crate::{
    api::{Answer, Error, SettingsSet},
    store::{Connection, Writing},
};

/// `settings.show`.
pub(super) fn show(_rows: &Connection) -> Outcome<Answer> {
    Ok(Err(Error::unbuilt()))
}

/// `settings.set`.
pub(super) fn set(_request: &SettingsSet, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}
