//! MessagePack from outside, read within bounds: what is nested too deeply is refused before the stack is used up.

use rmp_serde::{Deserializer, decode::Error};
use serde::{Deserialize, Serialize};

/// Reads one value. Keys that its type does not know are skipped, whatever is in them.
///
/// # Errors
///
/// The bytes are no such value, or something in them is nested more than [`DEPTH_MAX`] deep.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    let mut deserializer = Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(DEPTH_MAX);
    T::deserialize(&mut deserializer)
}

/// Writes one value as a map with the keys that its type names.
pub(crate) fn write(value: &impl Serialize) -> Vec<u8> {
    // Encoding plain data into memory cannot fail.
    rmp_serde::to_vec_named(value).unwrap_or_default()
}

/// Deeper than anything this or a newer version says, and shallow enough for the stack of any thread.
const DEPTH_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Known {
        k: u8,
    }

    /// The map `{k: 7, new: [[[...]]]}`.
    fn nested(depth: usize, open: &[u8]) -> Vec<u8> {
        [b"\x82\xa1k\x07\xa3new".as_slice(), &open.repeat(depth), b"\xc0"].concat()
    }

    #[test]
    fn what_a_newer_version_nests_is_skipped_and_what_nobody_nests_is_refused() {
        for open in [b"\x91".as_slice(), b"\x81\xa1a", b"\xdc\x00\x01", b"\xdd\x00\x00\x00\x01"] {
            assert_eq!(read::<Known>(&nested(40, open)).unwrap(), Known { k: 7 });
            for depth in [100, 1000, 100_000] {
                read::<Known>(&nested(depth, open)).unwrap_err();
            }
        }
    }
}
