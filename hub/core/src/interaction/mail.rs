//! Mail: the headers of messages in mbox files (RFC 4155) and Maildirs, read by mail-parser. Bodies are passed over.
//!
//! A mail is one that I wrote if its `From` is an address of mine; then it counts for everybody it went to. Otherwise it
//! counts for its author, if it went to me and not to a list: lists, automatic mail and newsletters are no one's.

use super::{Direction, Interaction, Kind, address_key};
use mail_parser::MessageParser;
use std::{collections::BTreeSet, mem};

/// Most bytes of headers of one mail; what is beyond is passed over.
pub const HEADERS_BYTES_MAX: usize = 64 << 10;

/// A reader of one mbox file.
#[derive(Debug)]
pub struct Mailbox {
    mine: BTreeSet<String>,
    line: Vec<u8>,
    /// Headers as far as they came; `None` within a body.
    headers: Option<Vec<u8>>,
    /// The line before was empty, or there was none: a separator may follow.
    may_begin: bool,
}

impl Mailbox {
    /// A reader; `mine` are my own mail addresses, folded.
    pub fn new(mine: BTreeSet<String>) -> Self {
        Self { mine, line: Vec::new(), headers: None, may_begin: true }
    }

    /// Reads on, and returns what was found.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Interaction> {
        let mut found = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                let line = mem::take(&mut self.line);
                self.take_line(&line, &mut found);
                self.line = line;
                self.line.clear();
            } else if self.line.len() < LINE_BYTES_MAX {
                self.line.push(byte);
            }
        }
        found
    }

    /// The file is at its end: what stands there without a line break counts.
    pub fn finish(mut self) -> Vec<Interaction> {
        let mut found = Vec::new();
        let line = mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, &mut found);
        }
        self.end_headers(&mut found);
        found
    }

    fn take_line(&mut self, line: &[u8], found: &mut Vec<Interaction>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.may_begin && line.starts_with(b"From ") {
            self.end_headers(found);
            self.headers = Some(Vec::new());
            self.may_begin = false;
            return;
        }
        if line.is_empty() {
            self.end_headers(found);
            self.may_begin = true;
            return;
        }
        self.may_begin = false;
        if let Some(headers) = &mut self.headers
            && headers.len() + line.len() < HEADERS_BYTES_MAX
        {
            headers.extend_from_slice(line);
            headers.push(b'\n');
        }
    }

    fn end_headers(&mut self, found: &mut Vec<Interaction>) {
        if let Some(bytes) = self.headers.take() {
            found.extend(headers(&bytes, &self.mine));
        }
    }
}

/// Reads the beginning of one mail, as a Maildir has it in a file of its own: at most [`HEADERS_BYTES_MAX`] bytes are
/// looked at, and nothing behind the first empty line. `mine` are my own mail addresses, folded.
pub fn headers(bytes: &[u8], mine: &BTreeSet<String>) -> Vec<Interaction> {
    let bytes = &bytes[..bytes.len().min(HEADERS_BYTES_MAX)];
    let mut end = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            break;
        }
        end += line.len();
    }
    read(&bytes[..end], mine).unwrap_or_default()
}

fn read(bytes: &[u8], mine: &BTreeSet<String>) -> Option<Vec<Interaction>> {
    let text = [bytes, b"\n".as_slice()].concat();
    let mail = MessageParser::default().parse_headers(&text)?;
    let at_ms = mail.date().filter(|date| date.is_valid())?.to_timestamp().checked_mul(1000)?;
    let author = mail.from()?.first()?.address().and_then(|address| address_key(address, None))?;
    let addressed = [mail.to(), mail.cc(), mail.bcc()].into_iter().flatten().flat_map(|field| field.iter());
    let addressed = addressed.take(RECIPIENTS_MAX).filter_map(|one| address_key(one.address()?, None));
    let recipients: BTreeSet<String> = addressed.filter(|address| address.contains('@')).collect();
    let one = |direction, address| Interaction { at_ms, kind: Kind::Mail, direction, address };
    if mine.contains(&author) {
        let others = recipients.into_iter().filter(|address| !mine.contains(address));
        return Some(others.map(|address| one(Direction::Out, address)).collect());
    }
    let names: BTreeSet<String> = mail.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect();
    let is_mass =
        ["list-id", "list-unsubscribe", "precedence", "auto-submitted"].iter().any(|name| names.contains(*name));
    let to_me = recipients.iter().any(|address| mine.contains(address));
    (author.contains('@') && to_me && !is_mass).then(|| vec![one(Direction::In, author)])
}

/// Most recipients of one mail that are looked at.
const RECIPIENTS_MAX: usize = 100;
/// Longest line that is kept, in bytes.
const LINE_BYTES_MAX: usize = 16 << 10;
