//! What each reader promises about any bytes.

mod hub;
mod people;
mod text;

pub(crate) use hub::{announcement, command, frame, held, packet, settings};
pub(crate) use people::{change, entity, message, pairing, roster};
pub(crate) use text::{csv, jscontact, phone, picture, property, vcard};
