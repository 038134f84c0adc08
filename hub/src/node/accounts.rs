//! Accounts: sources that state a layer of their own. Here the one kind that needs no network: a file or folder of cards
//! that another program writes.

use super::{
    committer::Committer,
    work::{Outcome, Planned, Scene},
};
use crate::{
    api::{AccountsAdd, AccountsSync, Answer, Error, Event},
    store::{Connection, Writing},
};
use tokio::sync::broadcast;

/// `accounts.list`.
pub(super) fn list(_rows: &Connection) -> Outcome<Answer> {
    Ok(Err(Error::unbuilt()))
}

/// `accounts.add`.
pub(super) async fn add(
    _request: AccountsAdd,
    _committer: Committer,
    _events: broadcast::Sender<Event>,
) -> Result<Answer, Error> {
    Err(Error::unbuilt())
}

/// `accounts.sync`.
pub(super) async fn sync(
    _request: AccountsSync,
    _committer: Committer,
    _events: broadcast::Sender<Event>,
) -> Result<Answer, Error> {
    Err(Error::unbuilt())
}

/// `accounts.remove`.
pub(super) fn remove(_id: &str, _scene: &Scene, _rows: &mut Writing<'_>) -> Outcome<Planned> {
    Ok(Err(Error::unbuilt()))
}
