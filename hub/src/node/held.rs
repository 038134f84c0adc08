//! Deletions that wait for a person: the brake on mass deletions (rules section 5).

use super::work::{Outcome, Planned, Scene};
use crate::{
    api::{Answer, Error},
    store::{Connection, Writing},
};

/// `held.list`.
pub(super) fn list(_rows: &Connection) -> Outcome<Answer> {
    Ok(Err(Error::unbuilt()))
}

/// `held.apply`.
pub(super) fn apply(_id: &str, _scene: &Scene, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}

/// `held.discard`.
pub(super) fn discard(_id: &str, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}
