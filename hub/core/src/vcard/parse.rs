//! Text to cards: many in one text, with whatever else stands between them, each mistake by its line.

use super::{
    Property, Version,
    draft::Draft,
    encoding::is_base64,
    line::{Encoding, Line, is_agent, is_begin, is_end, is_inline_agent},
};

/// What a text contained.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The cards that could be read, in the order of the text.
    pub cards: Vec<ParsedCard>,
    /// Cards that could not be read, and lines outside of any card.
    pub problems: Vec<Problem>,
}

/// One card of a text.
#[derive(Clone, Debug)]
pub struct ParsedCard {
    /// The version it names. One without a version is taken for 3.0, or for 2.1 if it is written like one.
    pub version: Version,
    /// The line with its `BEGIN`, counted from 1.
    pub line: u32,
    /// Everything but `BEGIN`, `END` and `VERSION`, numbered in the order of the card.
    pub properties: Vec<Property>,
    /// Lines of it that could not be read. They are kept as properties `X-KITH-UNREADABLE`, as far as they are not too
    /// large; the rest is in `properties` as it came.
    pub problems: Vec<Problem>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: u32,
    /// A sentence without its full stop.
    pub reason: String,
}

/// What a [`Reader`] comes upon.
#[derive(Clone, Debug)]
pub enum Item {
    /// A card.
    Card(ParsedCard),
    /// A card that could not be read, or lines outside of any card.
    Problem(Problem),
}

/// Reads all cards of a text at once. See [`Reader`], which holds only one at a time.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for item in Reader::new(text) {
        match item {
            Item::Card(card) => parsed.cards.push(card),
            Item::Problem(problem) => parsed.problems.push(problem),
        }
    }
    parsed
}

/// Reads a text card by card, in time linear in its length.
///
/// Lines may end with CRLF, LF or CR and be folded with a space or a tab. Quoted-printable goes on after a line that
/// ends with `=`; base64 goes on over lines that contain nothing else; the card of an `AGENT` is kept as part of that
/// property. A card without `END` ends where the next begins; one without `BEGIN` begins with its `VERSION`, `N` or `FN`.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    lines: Lines<'a>,
    /// The first of the lines outside of any card that have not been told of yet.
    outside: Option<u32>,
    found_card: bool,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of the text, which [`super::decode_file`] has made of a file.
    pub fn new(text: &'a str) -> Self {
        Self { lines: Lines::new(text), outside: None, found_card: false }
    }

    fn problem_outside(&mut self) -> Option<Item> {
        let reason = match self.found_card {
            true => "this stands outside of any card",
            false => "there is no vCard here: nothing says BEGIN:VCARD",
        };
        let line = self.outside.take()?;
        Some(Item::Problem(Problem { line, reason: reason.to_owned() }))
    }

    /// Reads a card to its end. `begin` is the line with its `BEGIN`, or the first line of a card that has none.
    fn card(&mut self, begin: Physical<'a>) -> Item {
        let mut draft = Draft::new(begin.number);
        let mut ended = false;
        match is_begin(begin.text) {
            true => self.lines.advance(),
            false => draft.problem(begin.number, "the card has no BEGIN:VCARD"),
        }
        while let Some(first) = self.lines.peek() {
            if is_begin(first.text) {
                break;
            }
            self.lines.advance();
            if is_end(first.text) {
                ended = true;
                break;
            }
            if !first.text.trim_ascii().is_empty() {
                draft.push(self.logical(first), first.number);
            }
        }
        if !ended {
            draft.problem(begin.number, "the card has no END:VCARD");
        }
        draft.finish()
    }

    /// Takes the physical lines that go on where `first` ends; returns all of them as one text, breaks included.
    fn logical(&mut self, first: Physical<'a>) -> &'a str {
        let mut end = self.take_folds(first.end());
        let text = |end: usize| &self.lines.text[first.start..end];
        let encoding = |end: usize| Line::of(text(end), Version::V21).map(|line| line.encoding());
        let Some(next) = self.lines.peek() else { return text(end) };
        if is_inline_agent(first.text) {
            end = self.take_nested(end, 1);
        } else if is_begin(next.text) && is_agent(first.text) {
            end = self.take_nested(end, 0);
        } else if text(end).ends_with('=') && matches!(encoding(end), Ok(Encoding::QuotedPrintable(_))) {
            end = self.take_soft_breaks(first.start, end);
        } else if is_base64(next.text) && matches!(encoding(end), Ok(Encoding::Base64 | Encoding::Base64Text(_))) {
            while let Some((after, piece_end)) = self.base64_piece() {
                (self.lines, end) = (after, piece_end);
            }
        }
        &self.lines.text[first.start..end]
    }

    /// Returns the lines after the next one and its folds, and where these end, if it can be a piece of base64. With a
    /// colon in its folds it is a property whose long name was folded.
    fn base64_piece(&self) -> Option<(Lines<'a>, usize)> {
        let first = self.lines.peek().filter(|next| is_base64(next.text))?;
        let mut after = Self { lines: self.lines.clone(), ..*self };
        after.lines.advance();
        let end = after.take_folds(first.end());
        let text = &self.lines.text[first.start..end];
        (!text.contains(':')).then_some((after.lines, end))
    }

    fn take_folds(&mut self, mut end: usize) -> usize {
        while let Some(next) = self.lines.peek().filter(|next| next.text.starts_with([' ', '\t'])) {
            end = next.end();
            self.lines.advance();
        }
        end
    }

    fn take_soft_breaks(&mut self, start: usize, mut end: usize) -> usize {
        while self.lines.text[start..end].ends_with('=')
            && let Some(next) = self.lines.peek().filter(|next| !is_begin(next.text) && !is_end(next.text))
        {
            self.lines.advance();
            end = self.take_folds(next.end());
        }
        end
    }

    /// Takes the card of an `AGENT` to its end. A `BEGIN` that no `AGENT` announces starts the next card.
    fn take_nested(&mut self, mut end: usize, mut depth: u32) -> usize {
        let mut after_agent = depth == 0;
        while let Some(next) = self.lines.peek() {
            if is_inline_agent(next.text) {
                depth += 1;
            } else if is_begin(next.text) {
                if !after_agent {
                    break;
                }
                depth += 1;
            }
            self.lines.advance();
            end = next.end();
            if is_end(next.text) {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            after_agent = is_agent(next.text);
        }
        end
    }
}

impl Iterator for Reader<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while let Some(line) = self.lines.peek() {
            if is_begin(line.text) || is_first(line.text, self.found_card) {
                self.found_card = true;
                if self.outside.is_some() {
                    return self.problem_outside();
                }
                return Some(self.card(line));
            }
            self.lines.advance();
            if self.outside.is_none() && !line.text.trim().is_empty() {
                self.outside = Some(line.number);
            }
        }
        if !self.found_card && self.outside.is_none() {
            self.outside = Some(1);
        }
        let problem = self.problem_outside();
        self.found_card = true;
        problem
    }
}

/// Tells whether a line outside of any card can only be the first of one that lost its `BEGIN`; `after_card`: or what
/// a card still had to say after the `END` of one that stands in it.
fn is_first(line: &str, after_card: bool) -> bool {
    Line::of(line, Version::V30).is_ok_and(|line| match &*line.name {
        "VERSION" => Version::from_text(line.raw).is_some(),
        "N" => line.raw.contains(';'),
        "FN" => true,
        "TEL" | "EMAIL" | "ADR" | "ORG" | "NOTE" | "BDAY" | "URL" | "PHOTO" => after_card,
        _ => false,
    })
}

/// A line of the text, without its line break.
#[derive(Clone, Copy, Debug)]
struct Physical<'a> {
    text: &'a str,
    start: usize,
    number: u32,
}

impl Physical<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Walks the physical lines of a text, one ahead.
#[derive(Clone, Debug)]
struct Lines<'a> {
    text: &'a str,
    current: Option<Physical<'a>>,
    /// Where the line after `current` starts.
    next: usize,
    /// The first LF and the first CR at or after `next`; the length of the text if there is none. Remembered, so that
    /// a text which has only one of them is not searched to its end for the other at each line.
    lf: usize,
    cr: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let find = |char| text.find(char).unwrap_or(text.len());
        let mut lines = Self { text, current: None, next: 0, lf: find('\n'), cr: find('\r'), number: 0 };
        lines.advance();
        lines
    }

    fn peek(&self) -> Option<Physical<'a>> {
        self.current
    }

    fn advance(&mut self) {
        let start = self.next;
        if start >= self.text.len() {
            self.current = None;
            return;
        }
        let find = |char| self.text[start..].find(char).map_or(self.text.len(), |at| start + at);
        if self.lf < start {
            self.lf = find('\n');
        }
        if self.cr < start {
            self.cr = find('\r');
        }
        let end = self.lf.min(self.cr);
        let broken = if self.cr == end && self.lf == end + 1 { end + 2 } else { end + 1 };
        let mark = if self.text[start..end].starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        self.next = broken.min(self.text.len());
        self.number = self.number.saturating_add(1);
        self.current = Some(Physical { text: &self.text[start + mark..end], start: start + mark, number: self.number });
    }
}
