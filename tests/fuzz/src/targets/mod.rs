//! What each reader promises about any bytes.

mod hub;
mod linked;
mod people;
mod text;

pub(crate) use hub::{announcement, backup, command, frame, held, packet, settings};
pub(crate) use linked::{acceptance, calls, envelope, exchange, invitation, mailbox, publication};
pub(crate) use people::{change, entity, message, pairing, roster};
pub(crate) use text::{csv, jscontact, phone, picture, property, vcard};
