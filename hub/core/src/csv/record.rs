//! Text to rows of cells (RFC 4180), forgiving: any delimiter, any line break, quotes that never close.

use super::ROW_BYTES_MAX;
use std::borrow::Cow;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The line it starts on, counted from 1.
    pub(crate) line: u32,
    pub(crate) cells: Vec<Cow<'a, str>>,
    /// A quote in it never closed, or closed in the middle of a cell: it was read as a plain character.
    pub(crate) broken: bool,
}

impl Record<'_> {
    /// Whether nothing stands in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Reads rows in time linear in the text's length.
#[derive(Clone, Debug)]
pub(crate) struct Records<'a> {
    text: &'a str,
    delimiter: u8,
    at: usize,
    line: u32,
}

impl<'a> Records<'a> {
    pub(crate) fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, delimiter, at: 0, line: 1 }
    }

    /// Reads a row that starts at `at`, with quotes; `None` if its quotes make no sense.
    fn quoted(&self) -> Option<(Vec<Cow<'a, str>>, usize)> {
        let bytes = self.text.as_bytes();
        let limit = bytes.len().min(self.at + ROW_BYTES_MAX);
        let (mut cells, mut at) = (Vec::new(), self.at);
        loop {
            let end = if bytes.get(at) == Some(&b'"') {
                let (cell, end) = self.quoted_cell(at + 1, limit)?;
                cells.push(cell);
                end
            } else {
                let end = self.plain_end(at);
                cells.push(Cow::Borrowed(&self.text[at..end]));
                end
            };
            match bytes.get(end) {
                Some(byte) if *byte == self.delimiter => at = end + 1,
                Some(b'\r' | b'\n') | None => return Some((cells, end)),
                // Something stands between the closing quote and the next delimiter.
                Some(_) => return None,
            }
        }
    }

    /// Reads a quoted cell from behind its opening quote; returns it and where its closing quote ends.
    fn quoted_cell(&self, start: usize, limit: usize) -> Option<(Cow<'a, str>, usize)> {
        let bytes = self.text.as_bytes();
        let mut cell: Cow<'a, str> = Cow::Borrowed("");
        let mut from = start;
        loop {
            let close = from + bytes[from..limit].iter().position(|byte| *byte == b'"')?;
            let doubled = bytes.get(close + 1) == Some(&b'"');
            let piece = &self.text[from..close + usize::from(doubled)];
            match cell.is_empty() {
                true => cell = Cow::Borrowed(piece),
                false => cell.to_mut().push_str(piece),
            }
            if !doubled {
                // Spaces after the closing quote are common and mean nothing.
                let spaces = bytes[close + 1..].iter().take_while(|byte| **byte == b' ').count();
                let end = close + 1 + spaces;
                let ends = bytes.get(end).is_none_or(|byte| *byte == self.delimiter || matches!(byte, b'\r' | b'\n'));
                return Some((cell, if ends { end } else { close + 1 }));
            }
            from = close + 2;
        }
    }

    fn plain_end(&self, at: usize) -> usize {
        let rest = &self.text.as_bytes()[at..];
        let end = rest.iter().position(|byte| *byte == self.delimiter || matches!(byte, b'\r' | b'\n'));
        at + end.unwrap_or(rest.len())
    }

    /// The row on this physical line, quotes taken for plain characters.
    fn plain(&self) -> (Vec<Cow<'a, str>>, usize) {
        let rest = &self.text[self.at..];
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let cells = rest[..end].split(char::from(self.delimiter)).map(|cell| {
            let bare = cell.strip_prefix('"').unwrap_or(cell);
            Cow::Borrowed(bare.strip_suffix('"').unwrap_or(bare))
        });
        (cells.collect(), self.at + end)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let (broken, (cells, end)) = match self.quoted() {
            Some(row) => (false, row),
            None => (true, self.plain()),
        };
        let line = self.line;
        let bytes = self.text.as_bytes();
        self.line = self.line.saturating_add(line_breaks(&bytes[self.at..end]) + 1);
        self.at = match &bytes[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [] => end,
            _ => end + 1,
        };
        Some(Record { line, cells, broken })
    }
}

fn line_breaks(bytes: &[u8]) -> u32 {
    let mut count = 0;
    let mut after_cr = false;
    for byte in bytes {
        match byte {
            b'\r' => count += 1,
            b'\n' if !after_cr => count += 1,
            _ => {}
        }
        after_cr = *byte == b'\r';
    }
    count
}

/// Writes a row with CRLF (RFC 4180): a cell is quoted where it must be.
pub(crate) fn write_row<'a>(cells: impl Iterator<Item = &'a str>, text: &mut String) {
    let mut lone_empty = true;
    let start = text.len();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
            lone_empty = false;
        }
        if cell.contains([',', '"', '\r', '\n']) || cell.starts_with([' ', '\t']) || cell.ends_with([' ', '\t']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    // A row of one empty cell would be an empty line, which is no row.
    if lone_empty && text.len() == start {
        text.push_str("\"\"");
    }
    text.push_str("\r\n");
}
