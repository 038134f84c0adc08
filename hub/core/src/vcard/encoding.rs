//! Wrappings of old cards: quoted-printable, base64, and the character sets they were written in.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// What the bytes of a value are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8 if the bytes are valid UTF-8, else Windows-1252: phones write UTF-8 and leave out the `CHARSET`.
    Guess,
    /// What the card says; read as [`Charset::Guess`] does where the bytes are not that.
    Named(&'static Encoding),
}

impl Charset {
    /// Reads the value of a `CHARSET` parameter: any label of the WHATWG encoding standard, and code page numbers.
    /// What is unknown is guessed, and so is UTF-16, which cannot be the set of one line.
    pub(crate) fn named(name: Option<&str>) -> Self {
        let known = name.and_then(|name| charset_of_label(name.as_bytes()));
        known.filter(|set| ![UTF_8, UTF_16LE, UTF_16BE].contains(set)).map_or(Self::Guess, Self::Named)
    }

    /// Decodes bytes; also tells whether they were what the card says, or UTF-8 or plausible Windows-1252.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> (String, bool) {
        if let Self::Named(set) = self
            && let Some(text) = set.decode_without_bom_handling_and_without_replacement(&bytes)
        {
            let plausible = is_plausible(&text);
            return (text.into_owned(), plausible);
        }
        let declared = matches!(self, Self::Named(_));
        match String::from_utf8(bytes) {
            Ok(text) => (text, !declared),
            Err(error) => {
                let text = decode_windows_1252(error.as_bytes());
                let plausible = !declared && is_plausible(&text);
                (text, plausible)
            }
        }
    }

    fn encode(self, text: &str, bytes: &mut Vec<u8>) {
        match self {
            Self::Named(set) if !text.is_ascii() => bytes.extend_from_slice(&set.encode(text).0),
            _ => bytes.extend_from_slice(text.as_bytes()),
        }
    }
}

/// Returns the character set of a label as cards write it; `None` if nobody knows it.
pub(crate) fn charset_of_label(label: &[u8]) -> Option<&'static Encoding> {
    let label = label.trim_ascii();
    let label = label.strip_prefix(b"\"").and_then(|label| label.strip_suffix(b"\"")).unwrap_or(label);
    let page = CODE_PAGES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(label));
    page.map(|(_, set)| *set).or_else(|| Encoding::for_label_no_replacement(label))
}

/// Decodes Windows-1252; its five unassigned bytes become the control characters of the same number.
pub(crate) fn decode_windows_1252(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// Tells whether a decoded text has none of the control characters that bytes without a meaning become.
pub(crate) fn is_plausible(text: &str) -> bool {
    !text.chars().any(|char| matches!(char, '\u{80}'..='\u{9F}' | char::REPLACEMENT_CHARACTER))
}

/// Decodes quoted-printable text (RFC 2045, 6.7); an equals sign that starts no hex pair stays as it is.
pub(crate) fn decode_quoted_printable(text: &str, charset: Charset) -> Cow<'_, str> {
    if !text.contains('=') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(charset.decode(quoted_bytes(text, charset)).0)
}

/// Returns the bytes that a quoted-printable text stands for.
///
/// An eight-bit character that is not encoded was made Unicode when the file was read: it is encoded back.
pub(crate) fn quoted_bytes(text: &str, charset: Charset) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        charset.encode(&rest[..at], &mut bytes);
        rest = &rest[at + 1..];
        match hex_pair(rest.as_bytes()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[2..];
            }
            None if rest.is_empty() => {}
            None => bytes.push(b'='),
        }
    }
    charset.encode(rest, &mut bytes);
    bytes
}

/// Writes `=5C` for a backslash that is the second half of a Japanese or Chinese character, so that it escapes nothing.
///
/// The second bytes of Shift_JIS, GBK and Big5 reach into ASCII, and quoted-printable leaves those as they are.
pub(crate) fn protect_halves(text: &str, charset: Charset) -> Cow<'_, str> {
    let Charset::Named(set) = charset else { return Cow::Borrowed(text) };
    if ![SHIFT_JIS, GBK, GB18030, BIG5, EUC_KR].contains(&set) || !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let is_lead = |byte: u8| byte >= 0x81 && byte != 0xFF && (set != SHIFT_JIS || !(0xA0..=0xDF).contains(&byte));
    let mut safe = String::with_capacity(text.len() + 8);
    let mut lead = false;
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let pair = if char == '=' { hex_pair(&rest.as_bytes()[1..]) } else { None };
        let taken = if pair.is_some() { 3 } else { char.len_utf8() };
        safe.push_str(if lead && char == '\\' { "=5C" } else { &rest[..taken] });
        lead = !lead && pair.is_some_and(is_lead);
        rest = &rest[taken..];
    }
    Cow::Owned(safe)
}

/// Reads the two hexadecimal digits at the beginning of a text.
pub(crate) fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// Tells whether a physical line can be a piece of base64: not empty, and nothing but its alphabet.
pub(crate) fn is_base64(line: &str) -> bool {
    let line = line.trim_ascii_end();
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// Decodes base64 (RFC 4648, 4), white space and missing padding allowed; `None` if it is anything else.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    let mut digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    for byte in digits.by_ref() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => return digits.all(|byte| byte == b'=').then_some(bytes),
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(digit), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    (count < 6).then_some(bytes)
}

/// Names of character sets that the encoding standard does not list, but that cards use.
const CODE_PAGES: [(&str, &Encoding); 7] = [
    ("CP932", SHIFT_JIS),
    ("MS_KANJI", SHIFT_JIS),
    ("CP936", GBK),
    ("MS936", GBK),
    ("CP949", EUC_KR),
    ("CP950", BIG5),
    ("GB_18030", GB18030),
];
