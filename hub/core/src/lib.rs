//! Kith's core: values and state machines.
//!
//! There is no IO here, no async, no clock and no randomness: `now` and random numbers are arguments. That is what makes
//! the simulator possible. In reading order: what is stored, how replicas merge, how they talk.

#[macro_use]
pub mod mutant;

pub mod id;
pub mod limits;
mod msgpack;

pub mod book;
pub mod book_hash;
pub mod change;
pub mod engine;
pub mod entity;
pub mod path;
pub mod register;
pub mod replica;
pub mod vector;
pub mod wire;

pub mod identity;
pub mod lan;
pub mod layer;
pub mod pairing;

pub mod account;
pub mod card;
pub mod contact;
pub mod csv;
pub mod jscontact;
pub mod quiet;
pub mod settings;
pub mod vcard;

pub mod audience;
pub mod envelope;
pub mod exchange;
pub mod interaction;
pub mod ledger;
pub mod person;
pub mod share;
