//! Sealing with age, to a key that follows from the recovery code.

use super::BackupError;
use age::{DecryptError, Decryptor, Encryptor, secrecy::ExposeSecret, stream, x25519};
use bech32::{Bech32, Hrp};
use kith_core::identity::recovery::{RecoveryCode, RecoveryCodeError};
use std::{
    io::{self, BufRead, Read, Write},
    iter,
};
use zeroize::Zeroizing;

/// What opens backups. It exists only while a recovery code is at hand.
pub(crate) struct BackupKey(x25519::Identity);

impl std::fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupKey(…)")
    }
}

impl BackupKey {
    /// The key of a recovery code.
    pub(crate) fn of(code: &RecoveryCode) -> Result<Self, BackupError> {
        let hrp = Hrp::parse(IDENTITY_PREFIX).map_err(|_| BackupError::Recipient)?;
        let text = bech32::encode_upper::<Bech32>(hrp, &code.backup_secret()[..]);
        let text = Zeroizing::new(text.map_err(|_| BackupError::Recipient)?);
        text.parse().map(Self).map_err(|_| BackupError::Recipient)
    }

    /// The public half, to which backups are sealed: `age1...`.
    pub(crate) fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }

    /// Opens what was sealed. Reading fails where a byte was changed, and at the end of what was cut off.
    pub(super) fn open<R: BufRead>(&self, sealed: R) -> Result<stream::StreamReader<R>, BackupError> {
        let decryptor = Decryptor::new_buffered(sealed).map_err(decrypt_error)?;
        decryptor.decrypt(iter::once(&self.0 as &dyn age::Identity)).map_err(decrypt_error)
    }
}

/// The identity that the stock `age` program opens backups with (`age -d -i FILE`), for a typed recovery code.
pub fn age_identity(code: &str) -> Result<Zeroizing<String>, RecoveryCodeError> {
    let key = BackupKey::of(&RecoveryCode::parse(code)?).map_err(|_| RecoveryCodeError::Checksum)?;
    Ok(Zeroizing::new(key.0.to_string().expose_secret().to_owned()))
}

/// Seals what is written into it. Without [`stream::StreamWriter::finish`] the file cannot be opened.
pub(super) fn seal<W: Write>(recipient: &str, out: W) -> Result<stream::StreamWriter<W>, BackupError> {
    let recipient: x25519::Recipient = recipient.parse().map_err(|_| BackupError::Recipient)?;
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient));
    Ok(encryptor.map_err(|_| BackupError::Recipient)?.wrap_output(out)?)
}

/// Whether a file begins as age files begin. All that can be said of it without the code.
pub(crate) fn looks_sealed(mut file: impl Read) -> io::Result<bool> {
    let mut first = [0; FIRST_LINE.len()];
    match file.read_exact(&mut first) {
        Ok(()) => Ok(first == FIRST_LINE),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a failed reading of an opened seal means: the disk's own trouble has a number, everything else is damage.
pub(super) fn stream_error(error: io::Error) -> BackupError {
    match error.raw_os_error() {
        Some(_) => BackupError::Io(error),
        None => BackupError::Damaged("it was changed or cut off after it was written"),
    }
}

fn decrypt_error(error: DecryptError) -> BackupError {
    match error {
        DecryptError::NoMatchingKeys => BackupError::WrongCode,
        DecryptError::UnknownFormat => BackupError::Newer,
        DecryptError::Io(error) if error.raw_os_error().is_some() => BackupError::Io(error),
        DecryptError::InvalidHeader | DecryptError::Io(_) => BackupError::Foreign,
        _ => BackupError::Damaged("its seal does not hold"),
    }
}

/// How age writes a secret key.
const IDENTITY_PREFIX: &str = "age-secret-key-";
/// The first line of every age file.
const FIRST_LINE: [u8; 22] = *b"age-encryption.org/v1\n";

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn only_the_code_opens_what_is_sealed_to_it() {
        let code = RecoveryCode::generate(&mut OsRng);
        let key = BackupKey::of(&code).unwrap();
        assert!(key.recipient().starts_with("age1"));
        assert_eq!(key.recipient(), BackupKey::of(&code).unwrap().recipient());
        assert!(age_identity(&code.to_string()).unwrap().starts_with("AGE-SECRET-KEY-1"));
        let mut sealed = Vec::new();
        let mut out = seal(&key.recipient(), &mut sealed).unwrap();
        out.write_all(b"everyone I know").unwrap();
        out.finish().unwrap();
        let mut text = String::new();
        key.open(&sealed[..]).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "everyone I know");
        assert!(looks_sealed(&sealed[..]).unwrap() && !looks_sealed(&b"age"[..]).unwrap());
        let other = BackupKey::of(&RecoveryCode::generate(&mut OsRng)).unwrap();
        assert!(matches!(other.open(&sealed[..]), Err(BackupError::WrongCode)));
        assert!(matches!(key.open(&b"BEGIN:VCARD"[..]), Err(BackupError::Foreign)));
    }
}
