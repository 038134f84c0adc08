//! Reading the recovery code. It is never an argument: those stand in the shell's history and in the list of processes.

use kith_hub::api::{Code, Error, Secret};
use std::io::{self, BufRead, IsTerminal};
use zeroize::Zeroizing;

/// Reads a recovery code from standard input. A person who types is asked for it, and it is not shown, so that it does
/// not stay on the screen and in what the terminal remembers.
pub(super) fn read_recovery_code() -> Result<Secret, Error> {
    let line = if io::stdin().is_terminal() { ask() } else { read_line(io::stdin().lock()) };
    let line = line.map_err(|error| Error::new(Code::FileUnavailable, format!("standard input: {error}")))?;
    Ok(Secret::new(line.trim()))
}

fn ask() -> io::Result<Zeroizing<String>> {
    rpassword::prompt_password("Recovery code (it is not shown as you type): ").map(Zeroizing::new)
}

fn read_line(input: impl BufRead) -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(CODE_BYTES_MAX as usize));
    input.take(CODE_BYTES_MAX).read_line(&mut line)?;
    Ok(line)
}

/// Longest line that may be a recovery code, in bytes.
const CODE_BYTES_MAX: u64 = 400;
