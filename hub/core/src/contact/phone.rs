//! Telephone numbers, as far as two spellings of one can be told to be the same (ITU-T E.164, RFC 3966).
//!
//! What a person typed is never changed: a number is read only to compare it. Nothing is guessed: without a region only
//! numbers that carry their country code, after `+` or `00`, have an international form; with one, a national number has
//! it if that region really has such a number.

use super::fold;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region as Country, ValidationError};
use std::collections::BTreeMap;

/// A number in its international form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// `+` and digits (ITU-T E.164).
    pub e164: String,
    /// The extension behind it; empty if there is none.
    pub extension: String,
}

/// Returns the numbers that a field holds, in order; those without an international form are left out.
///
/// `region` is where the number is written without a country code (ISO 3166-1 alpha-2). A field with several numbers
/// is taken apart where each piece is a number of its own: `030 1234567 / 0171 1234567`.
pub fn numbers(text: &str, region: Option<&str>) -> Vec<Number> {
    let text = bounded(text);
    let country = region.and_then(country);
    let pieces: Vec<&str> = text.split(SEPARATORS).filter(|piece| digits(piece) >= PIECE_DIGITS_MIN).collect();
    if pieces.len() > 1 {
        let numbers: Vec<Number> = pieces.iter().filter_map(|piece| number(piece, country, true)).collect();
        if numbers.len() == pieces.len() {
            return numbers;
        }
    }
    number(text, country, false).into_iter().collect()
}

/// Returns the international form of a field that holds one number, without its extension.
pub fn e164(text: &str, region: Option<&str>) -> Option<String> {
    match <[Number; 1]>::try_from(numbers(text, region)) {
        Ok([number]) => Some(number.e164),
        Err(_) => None,
    }
}

/// Tells whether two fields hold the same numbers: the same in their international form, with the same extension, or
/// dialled with the same keys.
pub fn same_number(a: &str, b: &str, region: Option<&str>) -> bool {
    let key = key(a, region);
    !key.is_empty() && key == self::key(b, region)
}

/// Returns what two spellings of one field have in common: its numbers in their international form, else the keys one
/// dials; empty if there are none.
pub fn key(text: &str, region: Option<&str>) -> String {
    let numbers = numbers(text, region);
    if numbers.is_empty() {
        return dialled(bounded(text));
    }
    let mut key = String::new();
    for Number { e164, extension } in numbers {
        key.push_str(&e164);
        if !extension.is_empty() {
            key.push('x');
            key.push_str(&extension);
        }
    }
    key
}

/// Returns a region as ISO 3166-1 writes it, if telephone numbers of it are known.
pub fn known_region(text: &str) -> Option<String> {
    country(text.trim()).map(|country| country.as_region_str().to_string())
}

/// Returns the region to which most of these numbers belong, as their country codes say; among equals the first by
/// its letters. `None` if no number carries a country code.
pub fn suggest_region<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut regions: BTreeMap<String, usize> = BTreeMap::new();
    for text in numbers {
        let found = number(bounded(text), None, false).and_then(|number| region_of(&number.e164));
        if let Some(region) = found {
            *regions.entry(region).or_default() += 1;
        }
    }
    let most = regions.values().max().copied()?;
    regions.into_iter().find(|(_, count)| *count == most).map(|(region, _)| region)
}

/// Returns the region that a locale names, as POSIX or BCP 47 writes it: `AT` for `de_AT.UTF-8` and for `de-Latn-AT`.
pub fn region_of_locale(locale: &str) -> Option<String> {
    let name = locale.split(['.', '@']).next()?;
    let mut subtags = name.split(['_', '-']).skip(1);
    subtags.find(|subtag| subtag.len() == 2).and_then(known_region)
}

/// Reads one number. `whole`: only if it is certain that it is one, however it is written.
fn number(text: &str, country: Option<Country>, whole: bool) -> Option<Number> {
    let text = without_code(text.trim())?;
    let international = country.is_none() && text.trim_start().starts_with("00");
    let text = if international { format!("+{}", &text.trim_start()[2..]) } else { text.to_owned() };
    let read = |text: &str| {
        let number = PHONE_NUMBER_UTIL.parse(text, country).ok()?;
        // A country code that was typed is believed; a national number has to be one that the region has.
        let believed = !whole && text.trim_start_matches("tel:").trim_start().starts_with(PLUS);
        let fits = if believed { is_possible(&number) } else { is_valid(&number) };
        fits.then_some(number)
    };
    let found = read(&text).or_else(|| {
        // "0171 1234567 (private)": words behind a number are not letters on its keys.
        let end = text.rfind(|char: char| char.is_ascii_digit())? + 1;
        if end == text.len() { None } else { read(&text[..end]) }
    })?;
    let e164 = PHONE_NUMBER_UTIL.format(&found, PhoneNumberFormat::E164).into_owned();
    Some(Number { e164, extension: found.extension.unwrap_or_default() })
}

fn is_possible(number: &PhoneNumber) -> bool {
    use rlibphonenumber::NumberLengthType::IsPossible;
    let length: Result<_, ValidationError> = PHONE_NUMBER_UTIL.is_possible_number_with_reason(number);
    matches!(length, Ok(IsPossible))
}

fn is_valid(number: &PhoneNumber) -> bool {
    PHONE_NUMBER_UTIL.is_valid_number(number)
}

/// Passes over the code before a number that shows or hides the caller's own, `*31#` or `#31#`; `None` for any other
/// code of the network, which calls nobody.
fn without_code(text: &str) -> Option<&str> {
    if !text.starts_with(['*', '#']) {
        return Some(text);
    }
    CALLER_CODES.iter().find_map(|code| text.strip_prefix(code)).map(str::trim_start)
}

fn country(text: &str) -> Option<Country> {
    let country = Country::from_code(text).ok().filter(|country| *country != Country::World)?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(country).map(|_| country)
}

fn region_of(e164: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(e164, None).ok()?;
    let country = PHONE_NUMBER_UTIL.get_region_for_number(&number)?;
    (country != Country::World).then(|| country.as_region_str().to_string())
}

/// The keys that one presses: digits, `*`, `#`, `+`, and letters as letters.
fn dialled(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let is_key = |char: &char| char.is_alphanumeric() || matches!(char, '*' | '#' | '+');
    let keys: String = fold(text).chars().filter(is_key).collect();
    if keys.chars().any(|char| char.is_ascii_digit()) { keys } else { String::new() }
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn bounded(text: &str) -> &str {
    let end = text.char_indices().nth(NUMBER_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Characters of a field that are looked at.
const NUMBER_CHARS_MAX: usize = 200;
/// Fewest digits of each of several numbers in one field.
const PIECE_DIGITS_MIN: usize = 6;
/// What stands between several numbers in one field.
const SEPARATORS: [char; 6] = ['/', ';', ',', '|', '&', '\n'];
/// How a country code begins, in narrow and wide characters.
const PLUS: [char; 2] = ['+', '\u{FF0B}'];
/// Codes that hide or show the caller's number for the number behind them.
const CALLER_CODES: [&str; 2] = ["*31#", "#31#"];

#[cfg(test)]
mod tests {
    use super::*;

    fn de(text: &str) -> Option<String> {
        e164(text, Some("DE"))
    }

    #[test]
    fn spellings_of_one_number_come_to_the_same() {
        let spellings = [
            "0171 1234567",
            "(0171) 123-4567",
            "0171/1234567",
            "+49 171 1234567",
            "+49 (0) 171 1234567",
            "+49(0)171/1234567",
            "0049 171 1234567",
            "tel:+49-171-1234567",
            "tel:0171-1234567;phone-context=+49",
            "*31#0171 1234567",
            "#31# +49 171 1234567",
            "\u{FF0B}４９ １７１ １２３４５６７",
            "0171 1234567 (private)",
        ];
        for text in spellings {
            assert_eq!(de(text).as_deref(), Some("+491711234567"), "{text}");
            assert!(same_number(text, spellings[0], Some("DE")), "{text}");
        }
        assert_eq!(
            e164("+39 (0)6 6982", None).as_deref(),
            Some("+39066982"),
            "in Italy the zero belongs to the number"
        );
        assert_eq!(e164("1-800-FLOWERS", Some("US")).as_deref(), Some("+18003569377"));
    }

    #[test]
    fn nothing_is_guessed_without_a_region() {
        assert_eq!(e164("0171 1234567", None), None);
        assert_eq!(e164("+49 171 1234567", None), de("0171 1234567"));
        assert_eq!(e164("0049 171 1234567", None), de("0171 1234567"));
        assert!(!same_number("0171 1234567", "+49 171 1234567", None));
        assert!(same_number("0171 1234567", "0171-1234567", None), "dialled with the same keys");
        assert_eq!(e164("555-0123", Some("US")), None, "a number without its area is in no country's plan");
    }

    #[test]
    fn an_extension_tells_a_desk_from_the_switchboard() {
        assert_eq!(numbers("+1 650 253 0000 ext. 12", None)[0].extension, "12");
        assert_eq!(e164("+1 650 253 0000 ext. 12", None), e164("+1 650 253 0000", None));
        assert!(!same_number("+1 650 253 0000 ext. 12", "+1 650 253 0000", None));
        assert!(same_number("+1 650 253 0000 x12", "tel:+1-650-253-0000;ext=12", None));
    }

    #[test]
    fn short_numbers_and_codes_of_the_network_are_no_numbers_of_a_country() {
        for text in ["110", "112", "*31#", "*100#", "*21*01711234567#", "", "call me", "+", "0"] {
            assert_eq!(de(text), None, "{text:?}");
        }
        assert!(same_number("110", " 1 1 0 ", Some("DE")));
        assert!(same_number("*100#", "*100#", None) && !same_number("*100#", "100", None));
        assert!(!same_number("", "", None) && !same_number("unknown", "unknown", None));
    }

    #[test]
    fn two_numbers_in_one_field_are_two() {
        let both = numbers("030 901820 / 0171 1234567", Some("DE"));
        let both: Vec<&str> = both.iter().map(|number| &*number.e164).collect();
        assert_eq!(both, ["+4930901820", "+491711234567"]);
        assert_eq!(numbers("+49 30 901820; +43 1 58858", None).len(), 2);
        assert_eq!(e164("030 901820 / 0171 1234567", Some("DE")), None, "which of the two?");
        assert_eq!(numbers("030/901820", Some("DE")).len(), 1);
        assert!(!same_number("030 901820 / 0171 1234567", "030 901820", Some("DE")));
    }

    #[test]
    fn a_region_is_suggested_by_the_numbers_of_a_book_or_by_a_locale() {
        assert_eq!(suggest_region(["+43 1 58858", "+49 171 1234567", "+43 660 1234567"]).as_deref(), Some("AT"));
        assert_eq!(suggest_region(["+1 416 555 0123", "+1 416 736 2100"]).as_deref(), Some("CA"), "+1 is not only US");
        assert_eq!(suggest_region(["0171 1234567", "110"]), None);
        for (locale, region) in [
            ("de_AT.UTF-8", Some("AT")),
            ("en-GB", Some("GB")),
            ("zh_Hant_TW", Some("TW")),
            ("sr_RS@latin", Some("RS")),
        ] {
            assert_eq!(region_of_locale(locale).as_deref(), region, "{locale}");
        }
        for locale in ["", "C", "POSIX", "C.UTF-8", "en", "xx_ZZ", "de_"] {
            assert_eq!(region_of_locale(locale), None, "{locale}");
        }
        assert_eq!(known_region("de").as_deref(), Some("DE"));
        assert!(known_region("ZZ").is_none() && known_region("001").is_none() && known_region("D\u{c9}").is_none());
    }

    #[test]
    fn no_text_is_too_strange_to_be_read() {
        let long = "+49".repeat(10_000);
        for text in [long.as_str(), "+++++", "tel:", "tel:;ext=", "é1é", "\u{0}", ";;;;", "(((", "+49 ä 171 ß 1234567"]
        {
            assert!(numbers(text, Some("DE")).len() <= 1 && key(text, None).len() <= 4 * NUMBER_CHARS_MAX, "{text}");
        }
    }
}
