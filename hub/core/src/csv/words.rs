//! The words by which programs and people head columns, in many languages, and what they mean.
//!
//! A header is taken apart: a word for a place (home, work, ...), a number, and the rest, which is looked up. Compared
//! are letters and digits alone, in lower case and without accents, so that `E-mail`, `email` and `E-Mail` are one.

use super::field::{Field, What};
use std::{collections::BTreeMap, sync::LazyLock};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Everything that headers are looked up in.
#[derive(Debug)]
pub(crate) struct Words {
    parts: BTreeMap<String, (What, &'static str)>,
    places: BTreeMap<String, &'static str>,
    joined_places: Vec<(&'static str, String)>,
    joined_address: Vec<String>,
}

impl Words {
    /// All of them, made at the first use: hundreds of words are compacted for it.
    pub(crate) fn get() -> &'static Self {
        static WORDS: LazyLock<Words> = LazyLock::new(Words::new);
        &WORDS
    }

    fn new() -> Self {
        let parts = super::parts::PARTS
            .iter()
            .flat_map(|(what, label, words)| words.split('|').map(|word| (compact(word), (*what, *label))));
        let places = PLACES.iter().flat_map(|(place, words)| words.split('|').map(|word| (compact(word), *place)));
        Self {
            parts: parts.collect(),
            places: places.collect(),
            joined_places: JOINED_PLACES.iter().map(|(place, word)| (*place, compact(word))).collect(),
            joined_address: JOINED_ADDRESS.iter().map(|word| compact(word)).collect(),
        }
    }

    /// Guesses what a column with this header means.
    pub(crate) fn guess(&self, header: &str) -> Option<Field> {
        // Without its accent the Portuguese word for a birthday is the Spanish one for an anniversary.
        if header.trim().to_lowercase() == "aniversário" {
            return Some(Field::of(What::Birthday));
        }
        if let Some((what, label)) = self.parts.get(&compact(header)) {
            return Some(Field::labelled(*what, label));
        }
        self.in_tokens(header).or_else(|| self.without_spaces(header))
    }

    fn in_tokens(&self, header: &str) -> Option<Field> {
        let (mut rest, mut place, mut number) = (Vec::new(), "", 0);
        for token in tokens(header) {
            let (word, digits) = split_number(&token);
            if number == 0 && !digits.is_empty() {
                number = digits.parse().unwrap_or(0);
            }
            match self.places.get(word) {
                _ if word.is_empty() || STOP_WORDS.contains(&word) => {}
                Some(found) if place.is_empty() => place = found,
                _ => rest.push(word.to_owned()),
            }
        }
        let without_address = || {
            let kept: Vec<&str> =
                rest.iter().map(String::as_str).filter(|word| !ADDRESS_WORDS.contains(word)).collect();
            self.parts.get(&kept.concat())
        };
        let (what, label) = self.parts.get(&rest.concat()).or_else(without_address)?;
        self.placed(*what, label, place, number)
    }

    /// Chinese, Japanese and Korean headers have no spaces between the place and the rest.
    fn without_spaces(&self, header: &str) -> Option<Field> {
        let header = compact(header);
        let (key, digits) = match header.find(|char: char| char.is_ascii_digit()) {
            Some(at) => {
                let digits: String = header[at..].chars().take_while(char::is_ascii_digit).collect();
                (header.replacen(&digits, "", 1), digits)
            }
            None => (header, String::new()),
        };
        let number = digits.parse().unwrap_or(0);
        let (place, rest) = match self.joined_places.iter().find(|(_, word)| key.contains(word.as_str())) {
            Some((place, word)) => (*place, key.replacen(word, "", 1)),
            None => ("", key),
        };
        let bare = self.joined_address.iter().fold(rest.clone(), |rest, word| rest.replacen(word, "", 1));
        let (what, label) = self.parts.get(&rest).or_else(|| self.parts.get(&bare))?;
        self.placed(*what, label, place, number)
    }

    fn placed(&self, what: What, label: &str, place: &str, number: u16) -> Option<Field> {
        if !place.is_empty() && !what.has_label() {
            // "Company name" and the like: the place was part of the word. Nothing else bears a place.
            return None;
        }
        let label = match (place, label) {
            ("", label) => label.to_owned(),
            (place, "") => place.to_owned(),
            (place, label) => format!("{place} {label}"),
        };
        Some(Field { what, label, number })
    }

    /// Returns the types that a label's words stand for; `None` if one of them is not known.
    pub(crate) fn types(&self, label: &str) -> Option<Vec<&'static str>> {
        let mut types = Vec::new();
        for token in tokens(label).filter(|token| !STOP_WORDS.contains(&token.as_str())) {
            let found = match self.places.get(&token) {
                Some(place) => place,
                None => match self.parts.get(&token) {
                    Some((What::Tel, label)) if !label.is_empty() => label,
                    Some((What::Tel, _)) => continue,
                    _ => TYPES.iter().find(|(word, _)| *word == token).map(|(word, _)| word)?,
                },
            };
            let (_, kind) = TYPES.iter().find(|(word, _)| word == found)?;
            if !types.contains(kind) {
                types.push(kind);
            }
        }
        Some(types)
    }
}

/// Letters and digits, in lower case and without accents.
pub(crate) fn compact(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(char::is_alphanumeric);
    folded
}

/// The words of a text, each as [`compact`] makes it.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text).replace("e-mail", "email");
    let words: Vec<String> =
        folded.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

/// A text in lower case and without accents.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let plain = text.nfkd().filter(|char| !is_combining_mark(*char)).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    for char in plain {
        match char {
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ß' => folded.push_str("ss"),
            char => folded.push(char),
        }
    }
    folded
}

fn split_number(token: &str) -> (&str, &str) {
    token.split_at(token.trim_end_matches(|char: char| char.is_ascii_digit()).len())
}

/// Words for places in headers and labels.
const PLACES: &[(&str, &str)] = &[
    (
        "home",
        "home|private|personal|privat|privater|privates|domicile|prive|personnel|personnelle|dom|casa|\
         particular|personale|abitazione|residencial|residencia|thuis|huisadres|prywatny|prywatna|domowy|domowa|домашний|\
         домашняя|дом|личный|личная|自宅|家庭|住宅|私人|hem|privat|hjemme|koti|domu|domov",
    ),
    (
        "work",
        "work|business|office|geschaftlich|geschaftliche|geschaftlicher|dienstlich|buro|arbeit|bureau|professionnel|\
         professionnelle|travail|trabajo|trabalho|laboral|oficina|negocio|ufficio|lavoro|comercial|werk|werkadres|zakelijk|\
         sluzbowy|sluzbowa|praca|рабочий|рабочая|раб|会社|勤務先|商务|单位|工作|公司|arbete|arbeid|tyo",
    ),
    (
        "other",
        "other|weitere|weiterer|weiteres|weiteresr|weiterese|weitereslr|andere|anderer|anderes|sonstige|autre|otro|otra|otros|altro|altra|outro|\
         outra|overig|overige|anders|inny|inna|inne|другой|другая|другое|др|ander|その他|其他",
    ),
];
/// The same in scripts that leave no spaces.
const JOINED_PLACES: &[(&str, &str)] = &[
    ("work", "会社"),
    ("work", "勤務先"),
    ("work", "商务"),
    ("work", "单位"),
    ("work", "工作"),
    ("work", "公司"),
    ("home", "自宅"),
    ("home", "住宅"),
    ("home", "家庭"),
    ("home", "私人"),
    ("other", "その他"),
    ("other", "其他"),
];
const JOINED_ADDRESS: &[&str] = &["地址", "住所"];
/// Words of a label and the `TYPE` that each is.
const TYPES: &[(&str, &str)] = &[
    ("home", "HOME"),
    ("work", "WORK"),
    ("other", "OTHER"),
    ("cell", "CELL"),
    ("fax", "FAX"),
    ("pager", "PAGER"),
    ("main", "MAIN"),
    ("car", "CAR"),
    ("isdn", "ISDN"),
    ("video", "VIDEO"),
    ("textphone", "TEXTPHONE"),
];
/// Words that say nothing, compacted.
const STOP_WORDS: &[&str] = &[
    "de", "del", "della", "dello", "di", "do", "da", "du", "la", "le", "el", "for", "the", "of", "van", "het", "des",
    "der", "die", "und", "and", "adr", "nr", "no", "en", "e", "y", "dell", "d", "l", "na", "op",
];
/// Words for an address that may stand beside its part, compacted.
const ADDRESS_WORDS: &[&str] =
    &["address", "adresse", "indirizzo", "direccion", "endereco", "adres", "адрес", "adress", "postal"];
