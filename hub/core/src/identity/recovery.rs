//! The recovery code: the only root secret (rule 4.1/1). The person keeps it on paper; no device ever stores it.
//!
//! 28 characters of Crockford's base 32: the 128 bits of the code and 12 bits of checksum.

use super::{SigningKey, person_id, public_key};
use crate::id::PersonId;
use rand_core::{CryptoRng, RngCore};
use std::fmt;
use zeroize::Zeroizing;

/// Length of the secret, in bytes.
pub const RECOVERY_BYTES: usize = 16;
/// Characters of the written code without the dashes.
pub const RECOVERY_CHARS: usize = 28;
/// Characters between two dashes.
pub const RECOVERY_GROUP_CHARS: usize = 4;
/// Longest text that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 200;
const CHECKSUM_BITS: u32 = 12;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The recovery code. Forgotten, byte for byte, when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; RECOVERY_BYTES]>);

/// The text is not a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryCodeError {
    /// Too few or too many characters.
    #[error("a recovery code has {RECOVERY_CHARS} characters, this one has {0}")]
    Length(usize),
    /// A character that no recovery code has.
    #[error("a recovery code holds only digits and letters other than U, but this one has {0:?}")]
    Character(char),
    /// The checksum does not fit: a character was mistyped.
    #[error("the recovery code has a typing mistake: compare it with the paper, group by group")]
    Checksum,
}

impl RecoveryCode {
    /// Makes a new code.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut code = Self(Zeroizing::new([0; RECOVERY_BYTES]));
        rng.fill_bytes(&mut code.0[..]);
        code
    }

    /// Reads a code as people type it: any case, spaces and dashes anywhere, O for 0, I and L for 1.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(RecoveryCodeError::Length(text.len()));
        }
        let (mut code, mut checksum, mut count) = (Zeroizing::new(0_u128), 0_u128, 0);
        for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
            let value = value_of(c).ok_or(RecoveryCodeError::Character(c))?;
            // 25 characters are wholly secret; of the 26th the first 3 bits are; the rest is checksum.
            match count {
                0..25 => *code = *code << 5 | value,
                25 => {
                    *code = *code << 3 | value >> 2;
                    checksum = value & 3;
                }
                _ => checksum = checksum << 5 | value,
            }
            count += 1;
            if count > RECOVERY_CHARS {
                break;
            }
        }
        if count != RECOVERY_CHARS {
            return Err(RecoveryCodeError::Length(text.chars().filter(char::is_ascii_alphanumeric).count()));
        }
        let code = Self(Zeroizing::new(code.to_be_bytes()));
        (checksum == code.checksum()).then_some(code).ok_or(RecoveryCodeError::Checksum)
    }

    /// The root key R that signs the epochs of the roster. Made anew each time it is needed, never stored.
    pub fn root_key(&self) -> SigningKey {
        let seed = Zeroizing::new(blake3::derive_key("kith v1 root signing key from recovery code", &self.0[..]));
        SigningKey::from_bytes(&seed)
    }

    /// The person whose code this is.
    pub fn person_id(&self) -> PersonId {
        person_id(&public_key(&self.root_key()))
    }

    /// The secret to which backups are sealed: X25519, as age takes it. Its public half is kept beside the book, so that
    /// backups are made without anybody typing the code.
    pub fn backup_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key("kith v1 backup secret from recovery code", &self.0[..]))
    }

    fn checksum(&self) -> u128 {
        let hash = blake3::derive_key("kith v1 recovery code checksum", &self.0[..]);
        u128::from(u16::from_be_bytes([hash[0], hash[1]]) >> (16 - CHECKSUM_BITS))
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = Zeroizing::new(u128::from_be_bytes(*self.0));
        // The code and its checksum make 140 bits; the last three characters lie in the lowest 15.
        let tail = (*code & 7) << CHECKSUM_BITS | self.checksum();
        for index in 0..RECOVERY_CHARS {
            if index > 0 && index % RECOVERY_GROUP_CHARS == 0 {
                f.write_str("-")?;
            }
            let value =
                if index < 25 { *code >> (123 - 5 * index) } else { tail >> (5 * (RECOVERY_CHARS - 1 - index)) };
            write!(f, "{}", char::from(ALPHABET[(value & 31) as usize]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

fn value_of(c: char) -> Option<u128> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|&letter| char::from(letter) == c).map(|at| at as u128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(bytes: [u8; RECOVERY_BYTES]) -> RecoveryCode {
        RecoveryCode(Zeroizing::new(bytes))
    }

    proptest! {
        #[test]
        fn a_written_code_reads_back(bytes: [u8; RECOVERY_BYTES]) {
            let code = code(bytes);
            prop_assert_eq!(&RecoveryCode::parse(&code.to_string()).unwrap(), &code);
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = RecoveryCode::parse(&text);
        }
    }

    #[test]
    fn a_code_has_seven_groups_of_four() {
        let text = code([0xff; 16]).to_string();
        assert!(text.starts_with("ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-Z"), "{text}");
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4; 7]);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let zero = code([0; 16]);
        let text = zero.to_string();
        for typed in [text.to_lowercase(), text.replace('-', " "), text.replace('0', "o"), format!("  {text}\n")] {
            assert_eq!(RecoveryCode::parse(&typed), Ok(zero.clone()), "{typed}");
        }
        let ones =
            code([0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0x08]);
        assert_eq!(RecoveryCode::parse(&ones.to_string().replace('1', "l")), Ok(ones.clone()));
        assert_eq!(RecoveryCode::parse(&ones.to_string().replace('1', "I")), Ok(ones));
    }

    #[test]
    fn a_mistyped_code_is_refused_with_a_sentence() {
        let text = code([9; 16]).to_string();
        assert_eq!(RecoveryCode::parse(&text[1..]), Err(RecoveryCodeError::Length(27)));
        assert_eq!(RecoveryCode::parse(&format!("{text}0")), Err(RecoveryCodeError::Length(29)));
        assert_eq!(RecoveryCode::parse(&format!("U{}", &text[1..])), Err(RecoveryCodeError::Character('U')));
        let mut slipped = 0;
        for (at, old) in text.char_indices().filter(|&(_, c)| c != '-') {
            for &new in ALPHABET.iter().filter(|&&new| char::from(new) != old) {
                let mut typed = text.clone();
                typed.replace_range(at..=at, &char::from(new).to_string());
                slipped += usize::from(RecoveryCode::parse(&typed).is_ok());
            }
        }
        assert!(slipped <= 3, "{slipped} of 868 single mistakes went unnoticed");
        assert!(RecoveryCodeError::Checksum.to_string().contains("typing mistake"));
    }

    #[test]
    fn the_person_follows_from_the_code_and_the_code_is_not_shown_by_accident() {
        assert_eq!(code([3; 16]).person_id(), code([3; 16]).person_id());
        assert_ne!(code([3; 16]).person_id(), code([4; 16]).person_id());
        assert_eq!(format!("{:?}", code([3; 16])), "RecoveryCode(…)");
    }

    #[test]
    fn what_backups_are_sealed_to_follows_from_the_code_and_is_not_the_root_key() {
        assert_eq!(code([3; 16]).backup_secret(), code([3; 16]).backup_secret());
        assert_ne!(code([3; 16]).backup_secret(), code([4; 16]).backup_secret());
        assert_ne!(*code([3; 16]).backup_secret(), code([3; 16]).root_key().to_bytes());
    }
}
