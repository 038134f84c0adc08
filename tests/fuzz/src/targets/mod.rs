//! What each reader promises about any bytes.

mod people;
mod text;

pub(crate) use people::{change, entity, message, pairing, roster};
pub(crate) use text::{csv, jscontact, phone, picture, property, vcard};
