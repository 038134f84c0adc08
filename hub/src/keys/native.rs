//! The key stores of macOS (the login keychain) and Windows (the credential manager); elsewhere there is none.

use super::{APPLICATION, StoreFault};
use keyring_core::{Entry, Error, api::CredentialStoreApi};
use zeroize::Zeroizing;

/// Keeps an entry, and reads it back: a store that only says that it keeps things is none.
pub(super) fn keep(name: &str, secret: &[u8]) -> Result<(), StoreFault> {
    let entry = entry(name)?;
    entry.set_secret(secret).map_err(|error| fault(&error))?;
    let kept = Zeroizing::new(entry.get_secret().map_err(|error| fault(&error))?);
    if *kept == secret { Ok(()) } else { Err(StoreFault::Absent) }
}

/// Hands out an entry.
pub(super) fn fetch(name: &str) -> Result<Zeroizing<Vec<u8>>, StoreFault> {
    entry(name)?.get_secret().map(Zeroizing::new).map_err(|error| fault(&error))
}

/// Removes an entry.
pub(super) fn forget(name: &str) -> Result<(), StoreFault> {
    entry(name)?.delete_credential().map_err(|error| fault(&error))
}

#[cfg(target_os = "macos")]
fn entry(name: &str) -> Result<Entry, StoreFault> {
    let store = apple_native_keyring_store::keychain::Store::new().map_err(|error| fault(&error))?;
    store.build(APPLICATION, name, None).map_err(|error| fault(&error))
}

#[cfg(windows)]
fn entry(name: &str) -> Result<Entry, StoreFault> {
    let store = windows_native_keyring_store::Store::new().map_err(|error| fault(&error))?;
    // It belongs to this computer: with the default it would follow the user to others.
    let here = std::collections::HashMap::from([("persistence", "Local")]);
    store.build(APPLICATION, name, Some(&here)).map_err(|error| fault(&error))
}

fn fault(error: &Error) -> StoreFault {
    match error {
        Error::NoEntry => StoreFault::Missing,
        Error::NoStorageAccess(_) => StoreFault::Locked,
        _ => StoreFault::Absent,
    }
}
