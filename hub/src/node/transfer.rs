//! Export: the cards of all layers, written to a file as they are read, or into the answer.

use super::{
    committer::storage_error,
    work::{Outcome, Scene, contacts, counted},
};
use crate::{
    api::{Answer, Code, Error, Export, Exported},
    folder::write_atomically_with,
    store::{self, Connection, StoreError},
};
use kith_core::{
    book, card,
    csv::{Layout, Writer},
    entity::Entity,
    id::EntityId,
    jscontact,
    path::Path,
    vcard::{self, Property, Version, parts_to_value},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

/// Carries out `export`.
pub(super) fn export(request: &Export, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let format = match Format::of(request) {
        Ok(format) => format,
        Err(error) => return Ok(Err(error)),
    };
    let mut ids = if request.ids.is_empty() {
        store::all_contacts(rows)?
    } else {
        match contacts(&request.ids, rows)? {
            Ok(ids) => ids,
            Err(error) => return Ok(Err(error)),
        }
    };
    if request.me && !ids.contains(&scene.me()) {
        ids.insert(0, scene.me());
    }
    let mut book = Book::open(rows, ids, request.ids.is_empty())?;
    let contacts = book.ids.len() as u32;
    let exported = |text, left_out| Ok(Ok(Answer::Export(Exported { contacts, text, left_out })));
    let Some(path) = &request.path else {
        let mut text = Vec::new();
        let left_out = match book.write(format, &mut text) {
            Ok(left_out) => left_out,
            Err(Failure::Store(error)) => return Err(error),
            Err(Failure::File(error)) => return Ok(Err(Error::new(Code::Internal, error.to_string()))),
        };
        return exported(Some(String::from_utf8_lossy(&text).into_owned()), left_out);
    };
    let mut left_out = Vec::new();
    let written = write_atomically_with(std::path::Path::new(path), |file| {
        let mut out = io::BufWriter::with_capacity(BUFFER_BYTES, file);
        left_out = book.write(format, &mut out)?;
        Ok(out.flush()?)
    });
    match written {
        Ok(()) => exported(None, left_out),
        Err(Failure::Store(error)) => Err(error),
        Err(Failure::File(error)) => Ok(Err(Error::new(Code::FileUnavailable, format!("{path}: {error}")))),
    }
}

/// Writes the whole book as vCard 4.0, my card first if there is one: what goes into backups.
pub(super) fn write_all(rows: &Connection, me: EntityId, out: &mut impl Write) -> Result<(), Error> {
    let written = store::all_contacts(rows).map_err(Failure::Store).and_then(|mut ids| {
        ids.insert(0, me);
        Book::open(rows, ids, true)?.write(Format::VCard(Version::V40), out)
    });
    match written {
        Ok(_) => Ok(()),
        Err(Failure::Store(error)) => Err(storage_error(&error)),
        Err(Failure::File(error)) => Err(Error::new(Code::FileUnavailable, format!("the vCards: {error}"))),
    }
}

/// What is written.
#[derive(Clone, Copy, Debug)]
enum Format {
    VCard(Version),
    Table(Layout),
    JsContact,
}

impl Format {
    fn of(request: &Export) -> Result<Self, Error> {
        let refuse = |message| Err(Error::new(Code::BadRequest, message));
        match (&request.csv, request.jscontact) {
            (Some(_), true) => refuse("Choose one of CSV and JSContact."),
            (None, true) => Ok(Self::JsContact),
            (Some(word), false) => match Layout::from_word(word) {
                Some(layout) => Ok(Self::Table(layout)),
                None => refuse("Kith writes CSV as google, outlook or spreadsheet."),
            },
            (None, false) => match Version::from_text(request.vcard.as_deref().unwrap_or("3.0")) {
                Some(version) if version != Version::V21 => Ok(Self::VCard(version)),
                _ => refuse("Kith writes vCard 3.0 and 4.0."),
            },
        }
    }
}

/// Why nothing was written.
enum Failure {
    Store(StoreError),
    File(io::Error),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// The contacts to be written, and what their groups are called.
struct Book<'a> {
    rows: &'a Connection,
    ids: Vec<EntityId>,
    /// All contacts, so groups without any are written too.
    whole: bool,
    region: Option<String>,
    groups: BTreeMap<EntityId, String>,
    /// The names of all groups that there are or were.
    names: BTreeSet<String>,
    /// Groups that somebody written is in.
    met: BTreeSet<EntityId>,
    tagged: usize,
    favourites: usize,
}

impl<'a> Book<'a> {
    fn open(rows: &'a Connection, ids: Vec<EntityId>, whole: bool) -> Result<Self, StoreError> {
        let all = store::group_names(rows)?;
        let settings = store::entity(rows, book::SETTINGS)?.unwrap_or_default();
        let region = settings.register(&Path::setting("region")).and_then(|region| book::read_text(region.value()?));
        Ok(Self {
            rows,
            ids,
            whole,
            region: region.filter(|region| !region.is_empty()),
            names: all.iter().map(|(_, name, _)| name.clone()).collect(),
            groups: all.into_iter().filter(|(_, _, gone)| !gone).map(|(id, name, _)| (id, name)).collect(),
            met: BTreeSet::new(),
            tagged: 0,
            favourites: 0,
        })
    }

    /// Writes all; returns what the format has no place for.
    fn write(&mut self, format: Format, out: &mut impl Write) -> Result<Vec<String>, Failure> {
        let mut left_out = match format {
            Format::VCard(version) => {
                self.each(|properties| Ok(out.write_all(vcard_text(properties, version).as_bytes())?))?;
                for name in self.empty_groups() {
                    out.write_all(group_text(name, version).as_bytes())?;
                }
                Vec::new()
            }
            Format::JsContact => {
                let mut separator = "[\n";
                self.each(|properties| {
                    let card = jscontact::write_card(&properties.iter().collect::<Vec<_>>());
                    write!(out, "{separator}{card}")?;
                    separator = ",\n";
                    Ok(())
                })?;
                out.write_all(if separator == "[\n" { b"[\n]\n" } else { b"\n]\n" })?;
                Vec::new()
            }
            Format::Table(layout) => {
                let mut writer = Writer::new(layout);
                if layout != Layout::Outlook {
                    self.each(|properties| {
                        writer.measure(properties);
                        Ok(())
                    })?;
                }
                let mut text = String::new();
                writer.header(&mut text);
                self.each(|properties| {
                    writer.row(properties, &mut text);
                    out.write_all(text.as_bytes())?;
                    text.clear();
                    Ok(())
                })?;
                out.write_all(text.as_bytes())?;
                writer.left_out()
            }
        };
        if self.favourites > 0 && matches!(format, Format::Table(_)) {
            left_out.push(format!("the favourite's star of {}", counted(self.favourites, "contact")));
        }
        let empty = self.empty_groups().count();
        if empty > 0 && !matches!(format, Format::VCard(_)) {
            left_out.push(format!("{} without contacts", counted(empty, "group")));
        }
        if self.tagged > 0 {
            left_out.push(format!("the tags of {}", counted(self.tagged, "contact")));
        }
        Ok(left_out)
    }

    /// Hands out each card.
    fn each(&mut self, mut take: impl FnMut(&[Property]) -> Result<(), Failure>) -> Result<(), Failure> {
        self.tagged = 0;
        self.favourites = 0;
        for id in std::mem::take(&mut self.ids) {
            if let Some(entity) = store::entity(self.rows, id)? {
                let properties = self.properties(&entity);
                take(&properties)?;
            }
            self.ids.push(id);
        }
        Ok(())
    }

    /// The card as it leaves: with its groups, and with the favourite's star.
    fn properties(&mut self, entity: &Entity) -> Vec<Property> {
        let mut properties = self.with_groups(entity);
        if book::is_favourite(entity) {
            self.favourites += 1;
            let order = properties.iter().map(|property| property.order.saturating_add(1)).max().unwrap_or(0);
            properties.extend(Property::new(order, book::FAVOURITE, &BTreeMap::new(), None, "TRUE"));
        }
        properties
    }

    /// The card, with its groups as `CATEGORIES`: a group is in it though no property says so, and one that the contact
    /// was taken out of is not, though a property came with it. Names that never were a group's stay.
    fn with_groups(&mut self, entity: &Entity) -> Vec<Property> {
        let properties = card::properties(entity, self.region.as_deref()).into_iter().map(|(_, property)| property);
        let mut properties: Vec<Property> = properties.collect();
        let mut wanted: Vec<String> = Vec::new();
        let mut tagged = false;
        for (path, _) in entity.registers().filter(|(_, register)| register.value().is_some()) {
            tagged |= path.as_tagged().is_some();
            let group = path.as_in_group().and_then(|id| self.groups.get_key_value(&id));
            if let Some((id, name)) = group {
                self.met.insert(*id);
                wanted.push(name.clone());
            }
        }
        self.tagged += usize::from(tagged);
        let is_said = |property: &&Property| property.name() == "CATEGORIES";
        let said = properties.iter().filter(is_said).flat_map(|property| property.parts().into_iter().flatten());
        let said: Vec<String> = said.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        let stale = said.iter().any(|name| self.names.contains(name) && !wanted.contains(name));
        let missing = wanted.iter().any(|name| !said.contains(name));
        if !stale && !missing {
            return properties;
        }
        let last = properties.iter().map(|property| property.order.saturating_add(1)).max().unwrap_or(0);
        let order = properties.iter().find(is_said).map_or(last, |property| property.order);
        let kept = said.into_iter().filter(|name| wanted.contains(name) || !self.names.contains(name));
        let mut names: Vec<String> = kept.collect();
        wanted.sort_unstable();
        for name in wanted {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        properties.retain(|property| property.name() != "CATEGORIES");
        if !names.is_empty() {
            let value = parts_to_value("CATEGORIES", &[names]);
            // A name has at most 200 characters, so this is a property unless there are thousands of groups.
            properties.extend(Property::new(order, "CATEGORIES", &BTreeMap::new(), None, &value));
            properties.sort_by_key(|property| property.order);
        }
        properties
    }

    fn empty_groups(&self) -> impl Iterator<Item = &str> {
        let empty = self.groups.iter().filter(|(id, _)| self.whole && !self.met.contains(id));
        empty.map(|(_, name)| name.as_str())
    }
}

fn vcard_text(properties: &[Property], version: Version) -> String {
    let mut text = String::new();
    vcard::print_into(&properties.iter().collect::<Vec<_>>(), version, &mut text);
    text
}

/// A group that nobody is in, as a card: nothing else could say that it is there.
fn group_text(name: &str, version: Version) -> String {
    let kind = if version == Version::V40 { "KIND" } else { "X-ADDRESSBOOKSERVER-KIND" };
    let name = parts_to_value("FN", &[vec![name.to_owned()]]);
    let none = BTreeMap::new();
    let properties = [(0, "FN", name.as_str()), (1, kind, "group")];
    let properties =
        properties.into_iter().filter_map(|(order, key, value)| Property::new(order, key, &none, None, value).ok());
    vcard_text(&properties.collect::<Vec<_>>(), version)
}

/// Most bytes of one contact's properties, so that its change stays within the limit of a change.
pub(super) const DRAFT_BYTES_MAX: usize = 700 << 10;
/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 256 << 10;
