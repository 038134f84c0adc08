//! The content line: `group.NAME;PARAM=value:value` (RFC 6350, 3.3), read without copying where nothing is folded.

use super::{
    NESTED_MAX, Version,
    encoding::{self, Charset},
    value::{self, Kind},
};
use std::borrow::Cow;

/// A property's text cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// There is no colon after the name.
    #[error("the line has no colon, so it is not a property")]
    NoColon,
    /// What stands before the first parameter or the colon is not a name.
    #[error("the line does not begin with the name of a property")]
    Name,
    /// `BEGIN`, `END` and `VERSION` make the card and are not properties of it.
    #[error("BEGIN, END and VERSION are not properties of a card")]
    Reserved,
    /// A line break that neither folds the line nor belongs to its encoding.
    #[error("the property contains a line break that is not a fold")]
    Break,
    /// The property is longer than a card may be.
    #[error("the property is larger than Kith keeps")]
    TooLong,
    /// An `AGENT` whose card does not end, or that nests too deep.
    #[error("the card inside AGENT does not end, or nests deeper than 4")]
    Nested,
    /// A NUL character, which no text contains.
    #[error("the property contains a NUL character")]
    Nul,
}

/// A content line taken apart, for whoever shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentLine {
    /// The group, e.g. `item1`, as it was written.
    pub group: Option<String>,
    /// The name in upper case.
    pub name: String,
    /// The parameters in the order they came: upper-case name and decoded values. Equal names are joined; bare
    /// parameters of 2.1 are values of `TYPE`, `ENCODING` or `VALUE`.
    pub params: Vec<(String, Vec<String>)>,
    /// The value without folds, otherwise raw: escapes and encodings as they came.
    pub value: String,
}

/// A content line that borrows from the text it was read from.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// Everything before the colon, without folds.
    head: Cow<'a, str>,
    /// Where the name ends in `head`.
    name_end: usize,
    /// Where the name starts in `head`: after the group and its dot.
    name_start: usize,
    /// The name in upper case.
    pub(crate) name: Cow<'a, str>,
    /// The value with its folds.
    pub(crate) raw: &'a str,
    /// The version the line was written under.
    pub(crate) version: Version,
}

/// How a value is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    QuotedPrintable(Charset),
    /// A picture, a sound or a key, or who knows what.
    Base64,
    /// Base64 of a property that is known to be text.
    Base64Text(Charset),
}

impl<'a> Line<'a> {
    /// Takes a line apart as far as its name; the rest waits until it is asked for.
    pub(crate) fn of(text: &'a str, version: Version) -> Result<Self, LineError> {
        let colon = head_end(text).ok_or(LineError::NoColon)?;
        let head = match &text[..colon] {
            head if head.contains('\n') => Cow::Owned(unfold(head).into_owned()),
            head => Cow::Borrowed(head),
        };
        if head.contains('\n') {
            return Err(LineError::Break);
        }
        let (name_start, name_end, lower) = find_name(&head).ok_or(LineError::Name)?;
        let name = match &head {
            Cow::Borrowed(head) if !lower => Cow::Borrowed(&head[name_start..name_end]),
            head => Cow::Owned(head[name_start..name_end].to_ascii_uppercase()),
        };
        Ok(Self { head, name_end, name_start, name, raw: &text[colon + 1..], version })
    }

    /// Returns the group; empty if there is none.
    pub(crate) fn group(&self) -> &str {
        &self.head[..self.name_start.saturating_sub(1)]
    }

    /// Returns everything before the colon, without folds.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// Returns the name as it was written.
    pub(crate) fn written_name(&self) -> &str {
        &self.head[self.name_start..self.name_end]
    }

    /// Walks the parameters as they were written.
    pub(crate) fn params(&self) -> Params<'_> {
        Params { rest: &self.head[self.name_end..] }
    }

    /// Tells whether white space stands between the name and what follows it, which other readers stumble over.
    pub(crate) fn is_spaced(&self) -> bool {
        self.head.as_bytes().get(self.name_end).is_some_and(u8::is_ascii_whitespace)
    }

    /// Tells whether there is any parameter.
    pub(crate) fn has_params(&self) -> bool {
        self.name_end < self.head.len()
    }

    /// Returns the first value of a parameter, by its upper-case name.
    pub(crate) fn param(&self, name: &str) -> Option<Cow<'_, str>> {
        self.params().filter(|param| param.is(name)).find_map(|param| param.values().next())
    }

    /// Returns the values of `TYPE`, as they were written.
    pub(crate) fn types(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.params().filter(|param| param.is("TYPE")).flat_map(Param::values)
    }

    /// Tells whether the line is marked as the preferred one of its kind: `TYPE=PREF` or `PREF=1`.
    pub(crate) fn is_preferred(&self) -> bool {
        self.has_params()
            && (self.types().any(|value| value.eq_ignore_ascii_case("PREF"))
                || self.param("PREF").is_some_and(|value| value == "1"))
    }

    /// Returns how the value is wrapped.
    pub(crate) fn encoding(&self) -> Encoding {
        if !self.has_params() {
            return Encoding::Plain;
        }
        match self.param("ENCODING") {
            Some(value) if value.eq_ignore_ascii_case("QUOTED-PRINTABLE") || value.eq_ignore_ascii_case("Q") => {
                Encoding::QuotedPrintable(Charset::named(self.param("CHARSET").as_deref()))
            }
            Some(value) if value.eq_ignore_ascii_case("BASE64") || value.eq_ignore_ascii_case("B") => {
                match Kind::of(&self.name) {
                    Kind::Uri | Kind::Unknown => Encoding::Base64,
                    _ => Encoding::Base64Text(Charset::named(self.param("CHARSET").as_deref())),
                }
            }
            _ => Encoding::Plain,
        }
    }

    /// Returns how the value is built.
    pub(crate) fn kind(&self) -> Kind {
        match &*self.name {
            // Japanese phones keep the reading of the name where others keep a sound.
            "SOUND" if self.types().any(|value| value.eq_ignore_ascii_case("X-IRMC-N")) => Kind::Components,
            "RELATED" if self.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("TEXT")) => Kind::Text,
            name => Kind::of(name).under(self.version),
        }
    }

    /// Returns the value without folds and soft line breaks, otherwise raw.
    pub(crate) fn value(&self) -> Cow<'a, str> {
        if !self.raw.contains('\n') {
            return Cow::Borrowed(self.raw);
        }
        match self.encoding() {
            Encoding::Plain => unfold(self.raw),
            Encoding::QuotedPrintable(_) => Cow::Owned(unfold(&self.raw.replace("=\n", "")).into_owned()),
            Encoding::Base64 | Encoding::Base64Text(_) => Cow::Owned(self.raw.split_ascii_whitespace().collect()),
        }
    }

    /// Returns the whole value as one text, decoded: what it says where its structure does not matter.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        let encoding = self.encoding();
        match self.value() {
            Cow::Borrowed(value) => value::decode(value, encoding, self.version),
            Cow::Owned(value) => Cow::Owned(value::decode(&value, encoding, self.version).into_owned()),
        }
    }

    /// Takes the line apart for good.
    pub(crate) fn to_content_line(&self) -> ContentLine {
        ContentLine {
            group: Some(self.group()).filter(|group| !group.is_empty()).map(str::to_owned),
            name: self.name.clone().into_owned(),
            params: self.joined_params(),
            value: self.value().into_owned(),
        }
    }

    /// Returns the parameters with decoded values, equal names joined, in the order of their first appearance.
    pub(crate) fn joined_params(&self) -> Vec<(String, Vec<String>)> {
        let mut params: Vec<(String, Vec<String>)> = Vec::new();
        for param in self.params() {
            let name = param.upper_name();
            let values = param.values().map(Cow::into_owned);
            match params.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.extend(values),
                None => params.push((name, values.collect())),
            }
        }
        params
    }

    /// Checks that every line break in the text is a fold, or belongs to the encoding of the value, so that the text
    /// stays one property wherever it is written.
    pub(crate) fn check_breaks(&self) -> Result<(), LineError> {
        if !self.raw.contains('\n') {
            return Ok(());
        }
        let is_bare = |text: &str, at: usize| !matches!(text.as_bytes().get(at + 1), Some(b' ' | b'\t'));
        let bare = |at: usize| is_bare(self.raw, at);
        let Some(first) = self.raw.match_indices('\n').map(|(at, _)| at).find(|at| bare(*at)) else { return Ok(()) };
        if self.name == "AGENT" {
            let inline = is_begin(self.raw.lines().next().unwrap_or_default());
            let block = if inline { self.raw } else { &self.raw[first + 1..] };
            if is_begin(block.lines().next().unwrap_or_default()) {
                return nested_end(block);
            }
        }
        let encoding = self.encoding();
        let belongs = |at: usize| {
            let rest = &self.raw[at + 1..];
            let next = rest.split('\n').next().unwrap_or_default();
            match encoding {
                Encoding::Plain => false,
                Encoding::QuotedPrintable(_) => self.raw[..at].ends_with('=') && !is_begin(next) && !is_end(next),
                Encoding::Base64 | Encoding::Base64Text(_) => {
                    let end = rest.match_indices('\n').map(|(at, _)| at).find(|at| is_bare(rest, *at));
                    encoding::is_base64(next) && !rest[..end.unwrap_or(rest.len())].contains(':')
                }
            }
        };
        let all = self.raw.match_indices('\n').all(|(at, _)| !bare(at) || belongs(at));
        all.then_some(()).ok_or(LineError::Break)
    }
}

/// Walks the parameters of a head: what follows the name.
#[derive(Clone, Debug)]
pub(crate) struct Params<'h> {
    rest: &'h str,
}

/// One parameter as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param<'h> {
    /// The name; empty if the parameter is bare, as in 2.1.
    name: &'h str,
    value: &'h str,
}

impl<'h> Iterator for Params<'h> {
    type Item = Param<'h>;

    fn next(&mut self) -> Option<Param<'h>> {
        loop {
            self.rest = self.rest.trim_ascii_start().strip_prefix(';')?;
            let end = unquoted(self.rest, b';').unwrap_or(self.rest.len());
            let (piece, rest) = self.rest.split_at(end);
            self.rest = rest;
            let piece = piece.trim();
            match piece.split_once('=') {
                Some((name, value)) if is_param_name(name.trim()) => {
                    return Some(Param { name: name.trim(), value: value.trim() });
                }
                // What stands before the sign is no name, so all of it is a value, as in 2.1.
                Some(_) => return Some(Param { name: "", value: piece }),
                None if !piece.is_empty() => return Some(Param { name: "", value: piece }),
                None => {}
            }
        }
    }
}

impl<'h> Param<'h> {
    fn name(&self) -> &'h str {
        match self.name {
            "" => bare_name(self.value),
            name => name,
        }
    }

    /// Tells whether this is the parameter of that upper-case name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Returns the name in upper case.
    pub(crate) fn upper_name(&self) -> String {
        self.name().to_ascii_uppercase()
    }

    /// Tells whether the parameter has a value but no name, as in 2.1.
    pub(crate) fn is_bare(&self) -> bool {
        self.name.is_empty()
    }

    /// Walks the values: split at commas, without quotes, RFC 6868 decoded.
    pub(crate) fn values(self) -> impl Iterator<Item = Cow<'h, str>> {
        let quoted_list = self.is("TYPE") && self.value.starts_with('"') && self.value.ends_with('"');
        let mut rest = Some(if quoted_list { self.value.trim_matches('"') } else { self.value });
        // RFC 6350 itself (6.3.1) breaks the lines of a LABEL as values do.
        let label = self.is("LABEL");
        std::iter::from_fn(move || {
            let text = rest?;
            let (piece, more) = match unquoted(text, b',') {
                Some(comma) => (&text[..comma], Some(&text[comma + 1..])),
                None => (text, None),
            };
            rest = more;
            let piece = piece.trim();
            let bare = piece.strip_prefix('"').and_then(|piece| piece.strip_suffix('"')).unwrap_or(piece);
            let value = decode_carets(bare);
            Some(if label && value.contains("\\n") { Cow::Owned(value.replace("\\n", "\n")) } else { value })
        })
    }
}

/// Writes the head of a line. Parameter values are quoted and RFC 6868 encoded where they need it.
pub(crate) fn print_head(group: Option<&str>, name: &str, params: &[(String, Vec<String>)]) -> String {
    let mut head = String::new();
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        head.push_str(group);
        head.push('.');
    }
    head.push_str(name);
    for (name, values) in params {
        head.push(';');
        head.push_str(name);
        for (index, value) in values.iter().enumerate() {
            head.push(if index == 0 { '=' } else { ',' });
            let quoted = value.contains([',', ';', ':']) || value.trim() != value;
            head.push_str(if quoted { "\"" } else { "" });
            encode_carets(value, &mut head);
            head.push_str(if quoted { "\"" } else { "" });
        }
    }
    head
}

/// Removes folds: a line break and the one white space after it (RFC 6350, 3.2).
pub(crate) fn unfold(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let mut unfolded = String::with_capacity(text.len());
    for (index, piece) in text.split('\n').enumerate() {
        match piece.as_bytes().first() {
            Some(b' ' | b'\t') if index > 0 => unfolded.push_str(&piece[1..]),
            _ if index > 0 => {
                unfolded.push('\n');
                unfolded.push_str(piece);
            }
            _ => unfolded.push_str(piece),
        }
    }
    Cow::Owned(unfolded)
}

/// Tells whether a physical line begins a card.
pub(crate) fn is_begin(line: &str) -> bool {
    is_marker(line, "BEGIN")
}

/// Tells whether a physical line ends a card.
pub(crate) fn is_end(line: &str) -> bool {
    is_marker(line, "END")
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.split_once(':').is_some_and(|(name, card)| {
        name.len() < MARKER_BYTES_MAX
            && name.trim_end().eq_ignore_ascii_case(marker)
            && card.trim().eq_ignore_ascii_case("VCARD")
    })
}

/// Tells whether a physical line is an `AGENT` whose card follows on the next lines (vCard 2.1).
pub(crate) fn is_agent(line: &str) -> bool {
    Line::of(line, Version::V21).is_ok_and(|line| line.name == "AGENT" && line.raw.trim().is_empty())
}

/// Tells whether a physical line is an `AGENT` whose card begins on it.
pub(crate) fn is_inline_agent(line: &str) -> bool {
    Line::of(line, Version::V21).is_ok_and(|line| line.name == "AGENT" && is_begin(line.raw))
}

/// Checks that the text is one card, with cards only inside `AGENT`, at most [`NESTED_MAX`] deep, and nothing after.
fn nested_end(block: &str) -> Result<(), LineError> {
    let mut depth = 0;
    let mut after_agent = true;
    for (index, line) in block.split('\n').enumerate() {
        if index > 0 && depth == 0 {
            return Err(LineError::Nested);
        }
        let inline = is_inline_agent(line);
        if inline || is_begin(line) {
            depth += 1;
            if !(after_agent || inline) || depth > NESTED_MAX {
                return Err(LineError::Nested);
            }
        } else if is_end(line) {
            depth -= 1;
        }
        after_agent = is_agent(line);
    }
    if depth == 0 { Ok(()) } else { Err(LineError::Nested) }
}

/// What a bare parameter of 2.1 is a value of.
fn bare_name(value: &str) -> &'static str {
    let any = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(value));
    if any(&["QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"]) {
        "ENCODING"
    } else if any(&["INLINE", "URL", "URI", "CID", "CONTENT-ID"]) {
        "VALUE"
    } else {
        "TYPE"
    }
}

/// Tells whether this group and name, written as a head, are read as just these.
pub(crate) fn is_readable(group: Option<&str>, name: &str) -> bool {
    let (head, start) = match group {
        Some(group) => (format!("{group}.{name}"), group.len() + 1),
        None => (name.to_owned(), 0),
    };
    find_name(&head).is_some_and(|(at, end, _)| (at, end) == (start, head.len()))
}

/// Tells whether a text can name a parameter.
pub(crate) fn is_param_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Finds the name in a head: where it starts and ends, and whether it has lower-case letters. `None` if what stands
/// there is no name, or the group before it is empty.
fn find_name(head: &str) -> Option<(usize, usize, bool)> {
    let (mut start, mut end, mut lower) = (0, head.len(), false);
    for (at, byte) in head.bytes().enumerate() {
        match byte {
            b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {}
            b'a'..=b'z' => lower = true,
            // KAddressBook: `X-messaging/xmpp-All`.
            b'/' if head[start..].get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case("X-")) => {}
            b'.' if at > 0 => (start, lower) = (at + 1, false),
            b';' => {
                end = at;
                break;
            }
            b' ' | b'\t'
                if at > start && head.as_bytes()[at..].trim_ascii_start().first().is_none_or(|b| *b == b';') =>
            {
                end = at;
                break;
            }
            _ => return None,
        }
    }
    (start < end).then_some((start, end, lower))
}

fn head_end(text: &str) -> Option<usize> {
    unquoted(text, b':').or_else(|| text.find(':'))
}

/// Finds a byte outside of double quotes.
fn unquoted(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == wanted && !quoted
    })
}

fn decode_carets(value: &str) -> Cow<'_, str> {
    if !value.contains('^') {
        return Cow::Borrowed(value);
    }
    let mut decoded = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(char) = chars.next() {
        let meant = match (char, chars.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('\'')) => '"',
            ('^', Some('^')) => '^',
            _ => {
                decoded.push(char);
                continue;
            }
        };
        chars.next();
        decoded.push(meant);
    }
    Cow::Owned(decoded)
}

fn encode_carets(value: &str, head: &mut String) {
    for char in value.chars() {
        match char {
            '\n' => head.push_str("^n"),
            '"' => head.push_str("^'"),
            '^' => head.push_str("^^"),
            char if char.is_control() && char != '\t' => {}
            char => head.push(char),
        }
    }
}

/// Most bytes of the word in a line that begins or ends a card, with the white space after it.
const MARKER_BYTES_MAX: usize = 16;
