//! The character set of a table: told by a mark, by the person, or found out from the bytes.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The bytes are not text in the character set that was asked for, or in any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharsetError {
    /// Nobody knows a character set of this name.
    #[error("there is no character set called {0}")]
    Unknown(String),
    /// The bytes contain NULs, as pictures and programs do.
    #[error("this is not a text file")]
    Binary,
}

/// Decodes bytes; returns the text and the name of the character set (WHATWG Encoding Standard).
///
/// A byte order mark decides. Else `wanted` does, if given; else UTF-8 if the bytes are that; else what the bytes look
/// like: Windows code pages of many languages, Shift_JIS, GBK, Big5, EUC-KR and others.
///
/// # Errors
///
/// The wanted character set does not exist, or the bytes are not text.
pub fn decode(bytes: &[u8], wanted: Option<&str>) -> Result<(String, &'static str), CharsetError> {
    let wanted = wanted.map(str::trim).filter(|name| !name.is_empty());
    let named = match wanted {
        Some(name) => Some(Encoding::for_label(name.as_bytes()).ok_or_else(|| CharsetError::Unknown(name.to_owned()))?),
        None => None,
    };
    let marked = Encoding::for_bom(bytes);
    let encoding = marked.map(|(encoding, _)| encoding).or(named).unwrap_or_else(|| guess(bytes));
    let skip = marked.map_or(0, |(_, length)| length);
    let (text, _) = encoding.decode_without_bom_handling(&bytes[skip..]);
    if text.contains('\0') {
        return Err(CharsetError::Binary);
    }
    Ok((text.into_owned(), encoding.name()))
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        return UTF_8;
    }
    // UTF-16 without a mark: in most scripts the delimiters alone make every other byte of many a NUL.
    let head = &bytes[..bytes.len().min(SAMPLE_BYTES) & !1];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd > head.len() / 20 && even == 0 {
        return UTF_16LE;
    }
    if even > head.len() / 20 && odd == 0 {
        return UTF_16BE;
    }
    let mut detector = chardetng::EncodingDetector::new();
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, true)
}

/// Most bytes that are looked at to find out the character set.
const SAMPLE_BYTES: usize = 1 << 20;
