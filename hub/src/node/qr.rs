//! QR codes: a contact as one, and reading them from a picture or the screen.

use super::work::{Outcome, Scene};
use crate::{
    api::{Answer, Error, QrScan},
    store::Connection,
};

/// `contacts.qr`.
pub(super) fn show(_id: &str, _scene: &Scene, _rows: &Connection) -> Outcome<Answer> {
    Ok(Err(Error::unbuilt()))
}

/// `qr.scan`. Blocks; with the screen, until the person has picked a part of it.
pub(super) fn scan(_request: &QrScan) -> Result<Answer, Error> {
    Err(Error::unbuilt())
}
