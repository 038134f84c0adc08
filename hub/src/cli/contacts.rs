//! The words about contacts.

use super::arguments::{unreadable, wrong};
use clap::Subcommand;
use kith_hub::api::{self, Command, Error, Params, PropertyEdit};

#[derive(Debug, Subcommand)]
pub(crate) enum Contacts {
    /// List contacts, by name or best match first.
    List {
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
        #[arg(long, value_name = "G")]
        group: Option<String>,
        #[arg(long, value_name = "T")]
        tag: Option<String>,
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
        #[arg(long, value_name = "N", default_value_t = 0)]
        offset: u32,
        /// The trash instead.
        #[arg(long)]
        trash: bool,
        /// Only favourites.
        #[arg(long)]
        favourites: bool,
        /// Only who shares a home with this contact.
        #[arg(long, value_name = "ID")]
        household: Option<String>,
    },
    /// Show one contact.
    Show {
        id: String,
        /// What was replaced, too.
        #[arg(long)]
        history: bool,
    },
    /// Add the vCard in a file, or on standard input.
    Add {
        #[arg(default_value = "-")]
        file: String,
    },
    /// Set properties: `NAME[;PARAM=V]=VALUE`, or `PROPERTY_ID=VALUE`.
    Set {
        id: String,
        #[arg(required = true)]
        properties: Vec<String>,
    },
    /// Remove properties.
    Unset {
        id: String,
        #[arg(required = true)]
        property_ids: Vec<String>,
    },
    /// Put properties into an order, in the places that they have together; the first of its kind is shown in lists.
    Order {
        id: String,
        #[arg(required = true, num_args = 2..)]
        property_ids: Vec<String>,
    },
    /// Take one property back to what it was at a time.
    Revert {
        id: String,
        property_id: String,
        /// RFC 3339, as `show --history` prints it.
        #[arg(long, value_name = "TIME")]
        to: String,
    },
    /// Hide a value of another layer from the card.
    Hide { id: String, property_id: String },
    /// Show a hidden value again.
    Unhide { id: String, property_id: String },
    /// List contacts that may be the same.
    Duplicates,
    /// Say that two contacts are two.
    Apart { a: String, b: String },
    /// Make one contact of two: the first stays, the second goes into the trash.
    Merge {
        a: String,
        b: String,
        /// Whose value stays: `FIELD=a`, `FIELD=b` or `FIELD=both`.
        #[arg(long, value_name = "FIELD=WHOSE")]
        keep: Vec<String>,
        /// Show what would happen and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Edit many contacts: `--set` replaces the only property of its name and type, or adds it.
    EditMany {
        #[arg(required = true)]
        ids: Vec<String>,
        /// `NAME[;PARAM=V]=VALUE`.
        #[arg(long, value_name = "PROPERTY")]
        set: Vec<String>,
        /// A property's name, e.g. `ORG`.
        #[arg(long, value_name = "NAME")]
        unset: Vec<String>,
    },
    /// Make contacts favourites.
    Favourite {
        #[arg(required = true)]
        ids: Vec<String>,
        /// No longer.
        #[arg(long)]
        off: bool,
    },
    /// Show who shares a home with a contact, and whom it names or who names it.
    Around { id: String },
    /// List the birthdays to come.
    Birthdays {
        /// For this many days ahead.
        #[arg(long, value_name = "N")]
        days: Option<u32>,
        /// From this day on instead of today, e.g. 2026-11-21.
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
    },
    /// List one mail address of each contact.
    Mails {
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Show a contact as a QR code.
    Qr { id: String },
    /// Settle a property that two devices changed at the same time.
    Choose { id: String, property_id: String, value: String },
    /// Put contacts into the trash.
    Trash {
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Take contacts out of the trash.
    Restore {
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Take back the last change made on this device.
    Undo,
    /// Do again what was taken back last on this device.
    Redo,
}

impl Contacts {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::List { find, group, tag, limit, offset, trash, favourites, household } => {
                let more = api::ContactsList { favourites, household, ..api::ContactsList::default() };
                api::ContactsList { find, group, tag, limit, offset, trash, ..more }.into()
            }
            Self::Show { id, history } => api::ContactsShow { id, history }.into(),
            Self::Add { file } => {
                let vcard = if file == "-" {
                    std::io::read_to_string(std::io::stdin())
                } else {
                    std::fs::read_to_string(&file)
                };
                let vcard = vcard.map_err(|error| unreadable(&file, &error))?;
                api::ContactsAdd { vcard: Some(vcard), ..api::ContactsAdd::default() }.into()
            }
            Self::Set { id, properties } => {
                let set = properties.iter().map(|text| property(text)).collect::<Result<_, _>>()?;
                api::ContactsEdit { id, set, ..api::ContactsEdit::default() }.into()
            }
            Self::Unset { id, property_ids } => {
                api::ContactsEdit { id, unset: property_ids, ..api::ContactsEdit::default() }.into()
            }
            Self::Order { id, property_ids } => {
                api::ContactsEdit { id, order: property_ids, ..api::ContactsEdit::default() }.into()
            }
            Self::Revert { id, property_id, to } => api::ContactsRevert { id, property_id, to }.into(),
            Self::Hide { id, property_id } => api::ContactsHide { id, property_id, hide: true }.into(),
            Self::Unhide { id, property_id } => api::ContactsHide { id, property_id, hide: false }.into(),
            Self::Duplicates => api::ContactsDuplicates {}.into(),
            Self::Apart { a, b } => api::ContactsApart { a, b }.into(),
            Self::Merge { a, b, keep, dry_run } => {
                let choices = keep.iter().map(|text| {
                    let (field, keep) =
                        text.rsplit_once('=').ok_or_else(|| wrong(text, "FIELD=a, FIELD=b or FIELD=both"))?;
                    Ok(api::MergeChoice { field: field.to_owned(), keep: keep.to_owned() })
                });
                api::ContactsMerge { a, b, choices: choices.collect::<Result<_, Error>>()?, dry_run }.into()
            }
            Self::EditMany { ids, set, unset } => {
                let set = set.iter().map(|text| property(text)).collect::<Result<_, _>>()?;
                api::ContactsEditMany { ids, set, unset }.into()
            }
            Self::Favourite { ids, off } => api::ContactsFavourite { ids, on: !off }.into(),
            Self::Around { id } => api::ContactsAround { id }.into(),
            Self::Birthdays { days, from } => api::ContactsBirthdays { from, days }.into(),
            Self::Mails { ids } => api::ContactsMails { ids }.into(),
            Self::Qr { id } => api::ContactsQr { id }.into(),
            Self::Choose { id, property_id, value } => api::ContactsChoose { id, property_id, value }.into(),
            Self::Trash { ids } => api::ContactsTrash { ids }.into(),
            Self::Restore { ids } => api::ContactsRestore { ids }.into(),
            Self::Undo => api::ContactsUndo { sitting: None }.into(),
            Self::Redo => api::ContactsRedo {}.into(),
        })
    }
}

/// Reads `NAME[;PARAM=V]=VALUE` or `PROPERTY_ID=VALUE`. A parameter's value may stand in double quotes.
pub(super) fn property(text: &str) -> Result<PropertyEdit, Error> {
    let wrong = || {
        let message = format!("{text}: a property is set by NAME[;PARAM=V]=VALUE or PROPERTY_ID=VALUE.");
        Error::new(api::Code::BadRequest, message)
    };
    let end = text.find(['=', ';']).ok_or_else(wrong)?;
    let (name, mut rest) = text.split_at(end);
    let mut params = Params::new();
    while let Some(param) = rest.strip_prefix(';') {
        let (key, value) = param.split_once('=').ok_or_else(wrong)?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(wrong)?,
            None => value.split_at(value.find([';', '=']).ok_or_else(wrong)?),
        };
        params.entry(key.to_ascii_uppercase()).or_default().extend(value.split(',').map(str::to_owned));
        rest = after;
    }
    let value = rest.strip_prefix('=').ok_or_else(wrong)?;
    let is_id = name.len() >= PROPERTY_PREFIX_MIN && name.chars().all(|c| c.is_ascii_hexdigit());
    Ok(PropertyEdit {
        property_id: is_id.then(|| name.to_ascii_lowercase()),
        name: if is_id { String::new() } else { name.to_owned() },
        params: (!params.is_empty()).then_some(params),
        value: Some(value.to_owned()),
        ..PropertyEdit::default()
    })
}

/// No vCard property is named by this many hexadecimal digits alone.
const PROPERTY_PREFIX_MIN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_named_as_vcard_names_it() {
        let edit = property("TEL;TYPE=CELL,VOICE;X-A=\"b;c\"=+49 170=5").unwrap();
        assert_eq!((edit.name.as_str(), edit.value.as_deref()), ("TEL", Some("+49 170=5")));
        let params = edit.params.unwrap();
        assert_eq!(params["TYPE"], ["CELL", "VOICE"]);
        assert_eq!(params["X-A"], ["b;c"]);
        assert_eq!(property("0123abcd=x").unwrap().property_id.as_deref(), Some("0123abcd"));
        assert_eq!(property("NOTE=").unwrap().value.as_deref(), Some(""));
        assert!(property("NOTE").is_err() && property("TEL;CELL").is_err());
    }
}
