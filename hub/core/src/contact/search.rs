//! Search: what is asked of the index for the words that somebody types. What the index holds: see [`super::index`].
//!
//! A query is a list of [`QueryToken`]s, all of which must be met, each by any of its [`Phrase`]s, which are words that
//! the contact must have. Words consist of alphanumeric and private characters only, so they can stand between double
//! quotes in an FTS5 expression without escapes.

use super::{
    fold::{fold, spelled_out},
    index::{MONTH_MARK, NAME_MARK, pieces},
    number::{backwards, national, without_zeros},
};
use crate::vcard::is_cjk;

/// One thing that a contact must have: any of the phrases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryToken {
    /// The ways to have it; never empty.
    pub alternatives: Vec<Phrase>,
}

/// Words that a contact must all have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// The words; never empty.
    pub words: Vec<String>,
    /// The last word may be the beginning of a longer one.
    pub prefix: bool,
}

/// One word to look for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The word.
    pub text: String,
    /// It may be the beginning of a longer one.
    pub prefix: bool,
}

/// Returns what must be found for the words that somebody typed; empty if there is nothing to look for.
///
/// Words are beginnings of words. A run of digits, with spaces and signs between them, is also a number: its first or
/// its last digits. Only the first [`QUERY_CHARS_MAX`] characters and [`QUERY_TOKENS_MAX`] words count.
pub fn query_tokens(find: &str) -> Vec<QueryToken> {
    let end = find.char_indices().nth(QUERY_CHARS_MAX).map_or(find.len(), |(at, _)| at);
    let mut tokens = Vec::new();
    let mut number = String::new();
    for chunk in find[..end].split_whitespace() {
        let folded = fold(chunk);
        let numeric = |char: char| char.is_ascii_digit() || NUMBER_SIGNS.contains(char);
        if folded.chars().all(numeric) {
            number.push_str(&folded);
            number.push(' ');
            continue;
        }
        push_number(&mut number, &mut tokens);
        push_words(chunk, &folded, &mut tokens);
    }
    push_number(&mut number, &mut tokens);
    tokens.truncate(QUERY_TOKENS_MAX);
    tokens
}

impl QueryToken {
    /// Writes the token as an FTS5 expression, e.g. `("912"* OR "r219"*)`.
    pub fn expression(&self) -> String {
        let any: Vec<_> = self.alternatives.iter().map(Phrase::expression).collect();
        format!("({})", any.join(" OR "))
    }

    /// Returns the same token, to be had by the name and not by another field.
    pub fn in_name(&self) -> Self {
        let marked = |phrase: &Phrase| Phrase {
            words: phrase.words.iter().map(|word| format!("{NAME_MARK}{word}")).collect(),
            prefix: phrase.prefix,
        };
        Self { alternatives: self.alternatives.iter().map(marked).collect() }
    }
}

impl Phrase {
    /// The words, each as it is asked for.
    pub fn wanted(&self) -> impl Iterator<Item = Wanted> {
        let last = self.words.len().saturating_sub(1);
        let wanted =
            move |(at, text): (usize, &String)| Wanted { text: text.clone(), prefix: self.prefix && at == last };
        self.words.iter().enumerate().map(wanted)
    }

    fn expression(&self) -> String {
        let words: Vec<_> = self.wanted().map(|wanted| wanted.expression()).collect();
        match &words[..] {
            [word] => word.clone(),
            words => format!("({})", words.join(" AND ")),
        }
    }
}

impl Wanted {
    /// Writes the word as an FTS5 expression, e.g. `"912"*`.
    pub fn expression(&self) -> String {
        format!("\"{}\"{}", self.text, if self.prefix { "*" } else { "" })
    }

    /// Tells whether a contact has it, by its words in order, as [`super::Summary::tokens`] holds them.
    pub fn is_among(&self, words: &[&str]) -> bool {
        let at = words.partition_point(|word| *word < self.text.as_str());
        let fits = |word: &&str| if self.prefix { word.starts_with(&self.text) } else { **word == self.text };
        words.get(at).is_some_and(fits)
    }
}

/// The word that a contact has who has a date in a month, from 1 to 12.
pub fn month_word(month: u8) -> Wanted {
    Wanted { text: format!("{MONTH_MARK}{month:02}"), prefix: false }
}

/// Writes query tokens as an FTS5 expression, e.g. `("anna"*) AND ("912"* OR "r219"*)`; `None` if there are none.
pub fn match_expression(tokens: &[QueryToken]) -> Option<String> {
    let all: Vec<_> = tokens.iter().map(QueryToken::expression).collect();
    (!all.is_empty()).then(|| all.join(" AND "))
}

/// What a name or a query begins with: the first eight bytes of its folded letters and digits, the first byte most
/// significant, and zeros behind. Names that begin alike are numbers that lie together.
pub fn start_key(text: &str) -> u64 {
    let mut key = [0; 8];
    let folded = fold(text);
    let bytes = folded.chars().filter(|char| char.is_alphanumeric()).flat_map(utf8_bytes);
    key.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    u64::from_be_bytes(key)
}

/// Returns the second [`start_key`] by which a name is found first: that of its reading, or of its letters spelled out;
/// zero if there is none.
pub(super) fn other_start_key(name: &str, reading: &str) -> u64 {
    match spelled_out(name) {
        _ if !reading.is_empty() => start_key(reading),
        Some(spelled) => start_key(&spelled),
        None => 0,
    }
}

fn utf8_bytes(char: char) -> impl Iterator<Item = u8> {
    let mut bytes = [0; 4];
    let length = char.encode_utf8(&mut bytes).len();
    bytes.into_iter().take(length)
}

/// The words of one chunk without spaces: what stands between signs, and of Chinese, Japanese or Korean the pairs of
/// neighbours. The name of a month also means the month.
fn push_words(chunk: &str, folded: &str, tokens: &mut Vec<QueryToken>) {
    let mut alternatives: Vec<Phrase> = phrase(folded).into_iter().collect();
    alternatives.extend(spelled_out(chunk).and_then(|spelled| phrase(&spelled)));
    let word = folded.trim_matches(|char: char| !char.is_alphanumeric());
    alternatives
        .extend(months(word).map(|month| Phrase { words: vec![format!("{MONTH_MARK}{month:02}")], prefix: false }));
    if !alternatives.is_empty() {
        tokens.push(QueryToken { alternatives });
    }
}

fn phrase(chunk: &str) -> Option<Phrase> {
    let mut words: Vec<String> = Vec::new();
    let mut run: Vec<char> = Vec::new();
    let mut prefix = true;
    for word in chunk.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut plain = String::new();
        for char in word.chars() {
            if is_cjk(char) {
                push_plain(&mut plain, &mut words);
                run.push(char);
            } else {
                push_run(&mut run, &mut words);
                plain.push(char);
            }
        }
        prefix = run.is_empty();
        push_plain(&mut plain, &mut words);
        push_run(&mut run, &mut words);
    }
    (!words.is_empty()).then_some(Phrase { words, prefix })
}

fn push_plain(word: &mut String, words: &mut Vec<String>) {
    words.extend(pieces(word).map(str::to_owned));
    word.clear();
}

/// Adds a run of characters: one as it is, more as the pairs of neighbours.
fn push_run(run: &mut Vec<char>, words: &mut Vec<String>) {
    match &run[..] {
        [] => return,
        [one] => words.push(one.to_string()),
        run => words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>())),
    }
    run.clear();
}

/// The digits of one number: as they stand, without the leading zeros or the country code that others write, and
/// backwards; or its groups, each for itself.
fn push_number(written: &mut String, tokens: &mut Vec<QueryToken>) {
    let groups: Vec<String> = written
        .split(|char: char| !char.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .map(str::to_owned)
        .collect();
    let digits = groups.concat();
    if digits.is_empty() {
        written.clear();
        return;
    }
    let one = |word: String| Phrase { words: vec![word], prefix: true };
    let mut alternatives = vec![one(digits.clone())];
    if groups.len() > 1 {
        alternatives.push(Phrase { words: groups, prefix: true });
    }
    if digits.len() > 1 {
        alternatives.push(one(backwards(&digits)));
        let shorter = [Some(without_zeros(&digits)), national(written, &digits)];
        for shorter in shorter.into_iter().flatten().filter(|shorter| shorter.len() >= BARE_DIGITS_MIN) {
            let phrase = one(shorter.to_owned());
            if !alternatives.contains(&phrase) {
                alternatives.push(phrase);
            }
        }
    }
    written.clear();
    tokens.push(QueryToken { alternatives });
}

/// The months, from 1 to 12, whose names begin with the word in any of the languages below.
fn months(word: &str) -> impl Iterator<Item = usize> {
    let long_enough = word.chars().count() >= MONTH_CHARS_MIN;
    let begun = move |names: &&str| long_enough && names.split(' ').any(|name| name.starts_with(word));
    MONTHS.iter().enumerate().filter(move |(_, names)| begun(names)).map(|(at, _)| at + 1)
}

/// Signs that people write between the digits of a number.
const NUMBER_SIGNS: &str = "+-.()/\u{2010}\u{2011}\u{2013}";
/// Most characters of a query that are looked at.
pub const QUERY_CHARS_MAX: usize = 256;
/// Most tokens of a query.
pub const QUERY_TOKENS_MAX: usize = 16;
/// Fewest digits that are looked for without the zeros or the code before them; fewer are the last digits of a number.
const BARE_DIGITS_MIN: usize = 3;
/// Fewest letters that may mean a month.
const MONTH_CHARS_MIN: usize = 3;
/// The months, folded: English and German, then French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish, where
/// they are called otherwise.
const MONTHS: [&str; 12] = [
    "january januar janvier enero gennaio janeiro januari stycznia styczen",
    "february februar fevrier febrero febbraio fevereiro februari lutego luty",
    "march marz maerz mars marzo marco maart marca marzec",
    "april avril abril aprile kwietnia kwiecien",
    "may mai mayo maggio maio mei maj maja",
    "june juni juin junio giugno junho czerwca czerwiec",
    "july juli juillet julio luglio julho lipca lipiec",
    "august aout agosto augustus augusti sierpnia sierpien",
    "september septembre septiembre settembre setembro wrzesnia wrzesien",
    "october oktober octobre octubre ottobre outubro pazdziernika pazdziernik",
    "november novembre noviembre novembro listopada listopad",
    "december dezember decembre diciembre dicembre dezembro grudnia grudzien",
];
