//! Call logs and messages as "SMS Backup & Restore" for Android writes them: `call`, `sms` and `mms` elements of XML.
//!
//! Fed in pieces of any size: such files are gigabytes where pictures were sent, all in attributes. Tags are cut out as
//! they come and those of interest are read by quick-xml; a tag longer than [`TAG_BYTES_MAX`] is passed over. Of a message
//! nothing but address, time and direction is looked at.

use super::{Direction, Interaction, Kind, address_key};
use quick_xml::events::BytesStart;
use std::mem;

/// Longest tag that is read, in bytes.
pub const TAG_BYTES_MAX: usize = 256 << 10;

/// A reader of one file.
#[derive(Debug)]
pub struct CallLog {
    region: Option<String>,
    /// The tag that has begun, without its `<`.
    tag: Vec<u8>,
    place: Place,
    /// The multimedia message that is open: whose addresses follow.
    open: Option<(i64, Direction)>,
    /// Entries of interest that could not be read.
    unreadable: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Between,
    InTag,
    Quoted(u8),
    /// In a tag that is too long, quoted or not.
    Passing(Option<u8>),
}

impl CallLog {
    /// A reader; `region` is where numbers are written without a country code.
    pub fn new(region: Option<&str>) -> Self {
        let region = region.map(str::to_owned);
        Self { region, tag: Vec::new(), place: Place::Between, open: None, unreadable: 0 }
    }

    /// Reads on, and returns what was found.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Interaction> {
        let mut found = Vec::new();
        for &byte in bytes {
            self.step(byte, &mut found);
        }
        found
    }

    /// How many entries could not be read: without a number, a time, or a known direction.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn step(&mut self, byte: u8, found: &mut Vec<Interaction>) {
        self.place = match (self.place, byte) {
            (Place::Between, b'<') => {
                self.tag.clear();
                Place::InTag
            }
            (Place::Between, _) => Place::Between,
            (Place::InTag, b'>') => {
                let tag = mem::take(&mut self.tag);
                self.read(&tag, found);
                self.tag = tag;
                Place::Between
            }
            (Place::Passing(None), b'>') => Place::Between,
            (Place::InTag, quote @ (b'"' | b'\'')) => self.keep(byte, Place::Quoted(quote)),
            (Place::Quoted(quote), byte) if byte == quote => self.keep(byte, Place::InTag),
            (Place::Passing(None), quote @ (b'"' | b'\'')) => Place::Passing(Some(quote)),
            (Place::Passing(Some(quote)), byte) if byte == quote => Place::Passing(None),
            (place @ (Place::InTag | Place::Quoted(_)), byte) => self.keep(byte, place),
            (place @ Place::Passing(_), _) => place,
        };
    }

    fn keep(&mut self, byte: u8, place: Place) -> Place {
        if self.tag.len() < TAG_BYTES_MAX {
            self.tag.push(byte);
            return place;
        }
        // The head of a message that was too long may still be one of interest.
        let counts = ["call ", "sms ", "mms "].iter().any(|name| self.tag.starts_with(name.as_bytes()));
        self.unreadable += u64::from(counts);
        Place::Passing(if let Place::Quoted(quote) = place { Some(quote) } else { None })
    }

    fn read(&mut self, tag: &[u8], found: &mut Vec<Interaction>) {
        let Ok(tag) = std::str::from_utf8(tag) else { return };
        let name_len = tag.find(|char: char| char.is_whitespace() || char == '/').unwrap_or(tag.len());
        let name = &tag[..name_len];
        if !matches!(name, "call" | "sms" | "mms" | "addr") {
            if tag == "/mms" {
                self.open = None;
            }
            return;
        }
        let element = BytesStart::from_content(tag.trim_end_matches('/'), name_len);
        let text = |wanted: &str| {
            let attribute = element.try_get_attribute(wanted).ok().flatten()?;
            // A number, an address, a time: none of them needs escaping, and what does is none.
            (!attribute.value.contains('&')).then(|| attribute.value.into_owned())
        };
        let number = |wanted: &str| text(wanted)?.trim().parse::<i64>().ok();
        let unreadable = match name {
            "call" => self.one(Kind::Call, text("number"), number("date"), call_direction(number("type")), found),
            "sms" => self.one(Kind::Message, text("address"), number("date"), message_direction(number("type")), found),
            "mms" => {
                self.open = number("date").zip(message_direction(number("msg_box")).flatten());
                number("date").is_none()
            }
            _ => {
                // Type 137 is the sender, 151, 130 and 129 are recipients (OMA MMS encapsulation, X-Mms-From and To).
                let wanted = match self.open {
                    Some((_, Direction::In)) => number("type") == Some(137),
                    Some((_, Direction::Out)) => matches!(number("type"), Some(151 | 130 | 129)),
                    None => false,
                };
                if let Some((at_ms, direction)) = self.open.filter(|_| wanted) {
                    self.one(Kind::Message, text("address"), Some(at_ms), Some(Some(direction)), found);
                }
                false
            }
        };
        self.unreadable += u64::from(unreadable);
    }

    /// Notes one interaction; says whether it should have been readable and was not.
    fn one(
        &self,
        kind: Kind,
        address: Option<String>,
        at_ms: Option<i64>,
        direction: Option<Option<Direction>>,
        found: &mut Vec<Interaction>,
    ) -> bool {
        let (Some(address), Some(at_ms), Some(direction)) = (address, at_ms, direction) else { return true };
        let (Some(direction), Some(address)) = (direction, address_key(&address, self.region.as_deref())) else {
            return false;
        };
        found.push(Interaction { at_ms, kind, direction, address });
        false
    }
}

/// Android's `CallLog.Calls.TYPE`; the inner `None`: it counts for nothing. The outer: nobody knows.
fn call_direction(kind: Option<i64>) -> Option<Option<Direction>> {
    Some(match kind? {
        // Taken, missed, answered on another device.
        1 | 3 | 7 => Some(Direction::In),
        2 => Some(Direction::Out),
        // Voicemail, rejected, blocked.
        4..=6 => None,
        _ => return None,
    })
}

/// Android's `Telephony.TextBasedSmsColumns.TYPE` and `MESSAGE_BOX`; drafts and what waits or failed count for nothing.
fn message_direction(kind: Option<i64>) -> Option<Option<Direction>> {
    Some(match kind? {
        1 => Some(Direction::In),
        2 => Some(Direction::Out),
        3..=6 => None,
        _ => return None,
    })
}
