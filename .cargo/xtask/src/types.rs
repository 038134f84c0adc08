//! `types`: the TypeScript of the command list, written by the same test that finds it stale.

use crate::{Result, command};

/// Writes ui/src/api/types.ts.
pub(crate) fn run() -> Result {
    let mut write = command::cargo(["test", "--package", "kith-hub", "--lib", "typescript"]);
    command::run(write.env("KITH_WRITE_TYPES", "1"))
}
