//! Telephone numbers as the search sees them: digits, and where one may begin to type them.

/// Returns the text of a number without the scheme of a URI.
pub(super) fn without_scheme(text: &str) -> &str {
    match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &text[4..],
        _ => text,
    }
}

/// Returns the digits without the zeros that stand for an international or national prefix.
pub(super) fn without_zeros(digits: &str) -> &str {
    digits.strip_prefix("00").or_else(|| digits.strip_prefix('0')).unwrap_or(digits)
}

/// Returns the number as its own country writes it, without a leading zero: `None` if it is not international.
pub(super) fn national<'a>(written: &str, digits: &'a str) -> Option<&'a str> {
    let international = written.trim_start().starts_with('+') || digits.starts_with("00");
    let bare = digits.strip_prefix("00").unwrap_or(digits);
    international.then(|| bare.get(country_code_len(bare)..)).flatten().filter(|digits| !digits.is_empty())
}

/// How many digits of an international number are the code of its country (ITU-T E.164): no code begins another.
fn country_code_len(digits: &str) -> usize {
    let two = digits.get(..2).unwrap_or(digits);
    match two.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if COUNTRY_CODES_OF_TWO.contains(&two) => 2,
        _ => 3,
    }
}

/// The digits from the last to the first, after the letter that tells such words from numbers.
pub(super) fn backwards(digits: &str) -> String {
    std::iter::once('r').chain(digits.chars().rev()).collect()
}

/// Country codes of two digits; those that begin with 1 or 7 have one, all others three.
const COUNTRY_CODES_OF_TWO: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];
