//! Contacts that may be the same, and making one of two.

use super::work::{Outcome, Planned, Scene};
use crate::{
    api::{Answer, ContactsApart, ContactsMerge, Error},
    store::{Connection, Writing},
};

/// `contacts.duplicates`.
pub(super) fn find(_scene: &Scene, _rows: &Connection) -> Outcome<Answer> {
    Ok(Err(Error::unbuilt()))
}

/// `contacts.apart`.
pub(super) fn apart(_request: &ContactsApart, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}

/// `contacts.merge`.
pub(super) fn merge(_request: &ContactsMerge, _scene: &Scene, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}
