//! Limits that more than one module needs, units last (design section 8).

/// Longest frame on the wire, in bytes, before and after decompression.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// Longest encoded change, in bytes.
pub const CHANGE_BYTES_MAX: usize = 768 << 10;
/// Most writes in one change.
pub const CHANGE_WRITES_MAX: usize = 4096;
/// Most changes in one batch.
pub const BATCH_CHANGES_MAX: usize = 500;
/// Most hashes of superseded changes in one batch: as many as fit.
pub const BATCH_STUBS_MAX: usize = BATCH_BYTES_MAX / STUB_BYTES;
/// What such a hash takes with the number it belongs to, in bytes.
pub const STUB_BYTES: usize = 64;
/// Most bytes of changes in one batch; one change always fits.
pub const BATCH_BYTES_MAX: usize = 768 << 10;
/// Most devices that may ever have written to one book.
pub const AUTHORS_MAX: usize = 1024;
/// Longest name of a group, tag, device or person, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// How long a contact stays in the trash before it is purged, in milliseconds (rules section 5).
pub const TRASH_MS: i64 = 30 * 24 * 3600 * 1000;
