//! Wrappings of old cards: quoted-printable, base64, and the character sets they were written in.

use std::borrow::Cow;

/// What the bytes of a quoted-printable value are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8 if the bytes are valid UTF-8, else Windows-1252: phones write UTF-8 and leave out the `CHARSET`.
    Guess,
    /// ISO-8859-1, read as Windows-1252, which contains it.
    Latin,
}

impl Charset {
    /// Reads the value of a `CHARSET` parameter. What is neither UTF-8 nor Latin is guessed.
    pub(crate) fn named(name: Option<&str>) -> Self {
        const LATIN: [&str; 5] = ["ISO-8859-1", "ISO8859-1", "LATIN1", "WINDOWS-1252", "CP1252"];
        match name {
            Some(name) if LATIN.iter().any(|latin| latin.eq_ignore_ascii_case(name.trim())) => Self::Latin,
            _ => Self::Guess,
        }
    }

    fn decode(self, bytes: Vec<u8>) -> String {
        match self {
            Self::Latin => decode_windows_1252(&bytes),
            Self::Guess => String::from_utf8(bytes).unwrap_or_else(|error| decode_windows_1252(error.as_bytes())),
        }
    }
}

/// Decodes quoted-printable text (RFC 2045, 6.7); an equals sign that starts no hex pair stays as it is.
pub(crate) fn decode_quoted_printable(text: &str, charset: Charset) -> Cow<'_, str> {
    if !text.contains('=') {
        return Cow::Borrowed(text);
    }
    // An eight-bit character that is not encoded was made UTF-8 when the file was read: encode it back if need be.
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        push_plain(&rest[..at], charset, &mut bytes);
        rest = &rest[at + 1..];
        let pair = rest.as_bytes().get(..2).and_then(|pair| Some(hex(pair[0])? << 4 | hex(pair[1])?));
        match pair {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[2..];
            }
            None if rest.is_empty() => {}
            None => bytes.push(b'='),
        }
    }
    push_plain(rest, charset, &mut bytes);
    Cow::Owned(charset.decode(bytes))
}

fn push_plain(text: &str, charset: Charset, bytes: &mut Vec<u8>) {
    match charset {
        Charset::Latin if !text.is_ascii() => {
            bytes.extend(text.chars().map(|char| encode_windows_1252(char).unwrap_or(b'?')));
        }
        _ => bytes.extend_from_slice(text.as_bytes()),
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Tells whether a physical line can be a piece of base64: not empty, and nothing but its alphabet.
pub(crate) fn is_base64(line: &str) -> bool {
    let line = line.trim_ascii_end();
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// Decodes Windows-1252; its five unassigned bytes become the control characters of the same number.
pub(crate) fn decode_windows_1252(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            0x80..=0x9F => WINDOWS_1252_HIGH[usize::from(byte - 0x80)],
            byte => char::from(*byte),
        })
        .collect()
}

fn encode_windows_1252(char: char) -> Option<u8> {
    match WINDOWS_1252_HIGH.iter().position(|high| *high == char) {
        Some(index) => u8::try_from(index + 0x80).ok(),
        None => u8::try_from(u32::from(char)).ok(),
    }
}

/// The characters of the bytes 0x80 to 0x9F.
const WINDOWS_1252_HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];
