//! Names, as far as two spellings may be of one person.

use crate::{
    contact::{self, fold},
    vcard::{self, Line, Property, is_cjk, one_line},
};
use strsim::jaro_winkler;
use unicode_normalization::UnicodeNormalization;

/// A name, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    /// Every word of it but titles and generation, sorted, each once.
    words: Vec<String>,
    family: String,
    given: String,
    middle: Vec<String>,
    /// `jr`, `sr`, `ii`, ...; empty if there is none.
    generation: String,
    /// A Chinese, Japanese or Korean name without the space that some write in it; else empty.
    solid: String,
    /// The words that such a name is read as, sorted.
    read: Vec<String>,
    /// Other names that the card gives: nicknames, and what I call them.
    others: Vec<String>,
}

/// What two names come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// The same words, in whatever order.
    Same,
    /// Different words for one name; says how.
    Similar(&'static str),
    /// A letter or two apart.
    Misspelt,
    /// At least one has no name.
    Unnamed,
    /// Two names.
    Different,
}

impl Name {
    /// Takes the name of a card apart.
    pub(super) fn of(properties: &[Property]) -> Self {
        let lines = contact::read(properties);
        let shown = text_of(&lines, "FN");
        let parts = lines.iter().find(|line| line.name == "N").map(vcard::parts).unwrap_or_default();
        let part = |index: usize| words(&parts.get(index).map(|texts| texts.join(" ")).unwrap_or_default());
        let [family, given, middle] = [0, 1, 2].map(part);
        let mut name = Self::default();
        let mut all = [family.clone(), given.clone(), middle.clone()].concat();
        let mut suffix = part(4);
        if all.is_empty() {
            let organisation = text_of(&lines, "ORG");
            // Some programs show a number or an address for want of a name.
            let made_up = shown.contains('@') || !shown.chars().any(char::is_alphabetic);
            all = words(if made_up { &organisation } else { &shown });
            suffix.extend(all.iter().filter(|word| GENERATIONS.contains(&word.as_str())).cloned());
            all.retain(|word| !TITLES.contains(&word.as_str()) && !GENERATIONS.contains(&word.as_str()));
            let family_first = shown.contains(',');
            let (first, last) = (all.first().cloned(), all.last().cloned().filter(|_| all.len() > 1));
            let (given, family) = if family_first { (last, first) } else { (first, last) };
            (name.given, name.family) = (given.unwrap_or_default(), family.unwrap_or_default());
        } else {
            (name.family, name.given, name.middle) = (family.join(" "), given.join(" "), middle);
            let shown = words(&shown);
            if !shown.is_empty() && !shown.iter().all(|word| all.contains(word)) {
                name.others.push(shown.join(" "));
            }
        }
        name.generation = suffix.into_iter().find(|word| GENERATIONS.contains(&word.as_str())).unwrap_or_default();
        let whole = all.concat();
        if !whole.is_empty() && whole.chars().all(is_cjk) {
            name.solid = if name.family.is_empty() { whole } else { format!("{}{}", name.family, name.given) };
            name.read = sorted(words(&contact::reading(properties)));
        }
        for nickname in lines.iter().filter(|line| line.name == "NICKNAME").flat_map(vcard::parts).flatten() {
            name.others.extend(Some(words(&nickname).join(" ")).filter(|name| !name.is_empty()));
        }
        name.words = sorted(all);
        name
    }

    /// What names that may be the same have in common.
    pub(super) fn keys(&self) -> Vec<String> {
        if self.words.is_empty() {
            return Vec::new();
        }
        let own = if self.solid.is_empty() { self.words.join(" ") } else { self.solid.clone() };
        let read = Some(self.read.join(" ")).filter(|read| !read.is_empty());
        std::iter::once(own).chain(read).collect()
    }

    /// Whether it is more than a given name.
    pub(super) fn is_full(&self) -> bool {
        self.words.len() > 1 || self.solid.chars().count() > 1
    }

    /// Compares names of organisations.
    pub(super) fn compare_whole(&self, other: &Self) -> Names {
        match (self.words.is_empty() || other.words.is_empty(), self.words == other.words) {
            (true, _) => Names::Unnamed,
            (_, true) => Names::Same,
            _ => Names::Different,
        }
    }

    /// Compares names of people.
    pub(super) fn compare(&self, other: &Self) -> Names {
        if self.words.is_empty() || other.words.is_empty() {
            return Names::Unnamed;
        }
        if self.generation != other.generation || !fits_middle(&self.middle, &other.middle) {
            return Names::Different;
        }
        match (self.solid.is_empty(), other.solid.is_empty()) {
            // Names that are read alike are many in Chinese; only the characters tell them apart.
            (false, false) if self.solid == other.solid => return Names::Same,
            (false, false) => return self.known_as(other),
            (false, true) if self.read == other.words => return Names::Similar(READ_ALIKE),
            (true, false) if other.read == self.words => return Names::Similar(READ_ALIKE),
            _ => {}
        }
        if self.words == other.words {
            return Names::Same;
        }
        let family = self.family == other.family || near(&self.family, &other.family);
        if family && !self.family.is_empty() {
            if self.given == other.given && self.family == other.family {
                return Names::Similar("a name that says more");
            }
            if self.given == other.given || near(&self.given, &other.given) {
                return Names::Misspelt;
            }
            if is_initial(&self.given, &other.given) || is_initial(&other.given, &self.given) {
                return Names::Similar("an initial that fits");
            }
            if is_short(&self.given, &other.given) || is_short(&other.given, &self.given) {
                return Names::Similar("a short form of the name");
            }
            if self.others.contains(&other.given) || other.others.contains(&self.given) {
                return Names::Similar(NICKNAME);
            }
        }
        self.known_as(other)
    }

    /// Whether one goes by a name that the other's card gives too.
    fn known_as(&self, other: &Self) -> Names {
        let goes_by = |name: &Self, others: &[String]| {
            others.iter().any(|nickname| sorted(words(nickname)) == name.words || *nickname == name.solid)
        };
        if goes_by(self, &other.others) || goes_by(other, &self.others) {
            return Names::Similar(NICKNAME);
        }
        let lone = |name: &Self| name.words.len() == 1 && name.solid.is_empty();
        let part = (lone(self) && other.words.contains(&self.words[0]))
            || (lone(other) && self.words.contains(&other.words[0]));
        if part { Names::Similar("a name that says more") } else { Names::Different }
    }
}

/// Returns the words of a name: folded, without accents and signs.
pub(super) fn words(text: &str) -> Vec<String> {
    let text = one_line(text);
    let folded = fold(&text);
    let bare: String = if folded.is_ascii() {
        folded.into_owned()
    } else {
        // Marks of kana are not accents.
        folded.nfd().filter(|char| !matches!(char, '\u{0300}'..='\u{036F}')).nfc().collect()
    };
    let bare = bare.replace(['\'', '\u{2019}', '.'], "");
    bare.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words.dedup();
    words
}

fn text_of(lines: &[Line<'_>], name: &str) -> String {
    let parts = lines.iter().find(|line| line.name == name).map(vcard::parts).unwrap_or_default();
    parts.into_iter().flatten().next().unwrap_or_default()
}

/// Whether middle names can be of one person: one is missing, the same, or an initial.
fn fits_middle(a: &[String], b: &[String]) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b || is_initial(a, b) || is_initial(b, a) || near(a, b))
}

/// A slip of the pen. Names that differ in their ends are others': Johann and Johanna, Mario and Maria.
fn near(a: &str, b: &str) -> bool {
    let long = a.chars().count().min(b.chars().count()) >= NEAR_CHARS_MIN;
    long && a.chars().next_back() == b.chars().next_back() && jaro_winkler(a, b) >= NEAR_MIN
}

fn is_initial(short: &str, long: &str) -> bool {
    short.chars().count() == 1 && long.starts_with(short)
}

/// Chris for Christopher, but not Johann for Johanna.
fn is_short(short: &str, long: &str) -> bool {
    let (letters, more) = (short.chars().count(), long.chars().count());
    letters >= SHORT_CHARS_MIN && more >= letters + SHORT_CHARS_MIN && long.starts_with(short)
}

const READ_ALIKE: &str = "a name that is read alike";
const NICKNAME: &str = "a nickname that fits";
/// How alike two spellings are at least, by Jaro and Winkler.
const NEAR_MIN: f64 = 0.92;
/// Fewest letters of a name that can be misspelt and still be known.
const NEAR_CHARS_MIN: usize = 3;
/// Fewest letters of a short form, and fewest that it leaves out.
const SHORT_CHARS_MIN: usize = 3;
/// What tells a son from a father of the same name.
const GENERATIONS: [&str; 8] = ["jr", "junior", "sr", "senior", "ii", "iii", "iv", "v"];
/// Words before a name that are not part of it.
const TITLES: [&str; 14] =
    ["dr", "prof", "professor", "mr", "mrs", "ms", "miss", "herr", "frau", "mag", "ing", "dipl", "sir", "dame"];
