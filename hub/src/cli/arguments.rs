//! The words of the command line and the requests they stand for.

use clap::{Parser, Subcommand, ValueEnum};
use kith_hub::api::{self, Command, Error, GroupKind, ImportFile, Params, PropertyEdit};
use std::{net::SocketAddr, path::PathBuf};

/// The headless hub of Kith, an address book that keeps itself up to date.
#[derive(Debug, Parser)]
#[command(name = "kith-hub", version, about)]
pub(crate) struct Arguments {
    /// The data folder; one folder is one person's device.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Where the device's keys are kept.
    #[arg(long, global = true, value_enum)]
    pub(crate) keys: Option<KeyChoice>,
    /// A file with the passphrase that seals the keys.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyChoice {
    Os,
    File,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a new person with this device as the first; prints the recovery code once.
    Init {
        /// What this device is called.
        #[arg(long)]
        name: String,
        /// What the person is called.
        #[arg(long)]
        person: Option<String>,
    },
    /// Run the hub in the foreground until SIGINT or SIGTERM.
    Run {
        /// Where to listen for other devices.
        #[arg(long, value_name = "ADDR:PORT")]
        listen: Option<SocketAddr>,
        /// Neither announce nor look for devices by mDNS.
        #[arg(long)]
        no_mdns: bool,
        /// Where another device is.
        #[arg(long, value_name = "ADDR:PORT")]
        peer: Vec<SocketAddr>,
    },
    /// Ask a running hub to end.
    Stop,
    /// Show the whole state.
    Status,
    /// Read vCards into the book.
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Say what would happen and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write vCards to a file, or to standard output with `-`.
    Export {
        file: String,
        /// 3.0 or 4.0.
        #[arg(long, default_value = "3.0")]
        vcard: String,
        /// Only this contact.
        #[arg(long = "contact", value_name = "ID")]
        contacts: Vec<String>,
        /// My card as well.
        #[arg(long)]
        me: bool,
    },
    /// List, show and edit contacts.
    #[command(subcommand)]
    Contacts(Contacts),
    /// List and edit groups.
    #[command(subcommand)]
    Groups(Groups),
    /// List and edit tags.
    #[command(subcommand)]
    Tags(Groups),
    /// Bring another device of yours in.
    #[command(subcommand)]
    Pair(Pair),
    /// See this person's devices.
    #[command(subcommand)]
    Devices(Devices),
}

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
}

#[derive(Debug, Subcommand)]
pub(crate) enum Groups {
    /// List them.
    List,
    /// Make one.
    Add { name: String },
    /// Rename one.
    Rename { group: String, name: String },
    /// Remove one; its contacts stay.
    Remove { group: String },
    /// Put contacts into one.
    Put {
        group: String,
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Take contacts out of one.
    Take {
        group: String,
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Pair {
    /// Show code, link and QR on a device that is in.
    Show,
    /// Enter the code on the new device; ends when approved or refused.
    Enter {
        code: String,
        /// What this device is called.
        #[arg(long)]
        name: Option<String>,
        /// Where the other device is.
        #[arg(long, value_name = "ADDR:PORT")]
        at: Option<String>,
    },
    /// List the devices that wait for a yes.
    Pending,
    /// Let a device in.
    Approve { id: String },
    /// Turn a device away.
    Refuse { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Devices {
    /// List them.
    List,
}

/// A command of the list, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) command: Command,
    /// Groups and tags share commands; their answers bear their own names.
    pub(crate) tags: bool,
    /// The exported text goes to standard output.
    pub(crate) to_stdout: bool,
}

impl Verb {
    /// The command that the words stand for. `run` has none.
    pub(crate) fn request(self) -> Result<Request, Error> {
        let mut request = Request { command: api::StatusRequest::default().into(), tags: false, to_stdout: false };
        request.command = match self {
            Self::Init { name, person } => api::Init { name, person }.into(),
            Self::Run { .. } | Self::Status => api::StatusRequest {}.into(),
            Self::Stop => api::Stop {}.into(),
            Self::Import { files, dry_run } => import(&files, dry_run)?,
            Self::Export { file, vcard, contacts, me } => {
                request.to_stdout = file == "-";
                let path = if request.to_stdout { None } else { Some(absolute(file.as_ref())?) };
                api::Export { path, vcard: Some(vcard), ids: contacts, me }.into()
            }
            Self::Contacts(contacts) => contacts.command()?,
            Self::Groups(groups) => groups.command(GroupKind::Group),
            Self::Tags(tags) => {
                request.tags = true;
                tags.command(GroupKind::Tag)
            }
            Self::Pair(pair) => pair.command(),
            Self::Devices(Devices::List) => api::DevicesList {}.into(),
        };
        Ok(request)
    }
}

impl Contacts {
    fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::List { find, group, tag, limit, offset, trash } => {
                api::ContactsList { find, group, tag, limit, offset, trash, ..api::ContactsList::default() }.into()
            }
            Self::Show { id, history } => api::ContactsShow { id, history }.into(),
            Self::Add { file } => {
                let vcard = if file == "-" {
                    std::io::read_to_string(std::io::stdin())
                } else {
                    std::fs::read_to_string(&file)
                };
                let vcard = vcard.map_err(|error| unreadable(&file, &error))?;
                api::ContactsAdd { vcard: Some(vcard), properties: Vec::new() }.into()
            }
            Self::Set { id, properties } => {
                let set = properties.iter().map(|text| property(text)).collect::<Result<_, _>>()?;
                api::ContactsEdit { id, set, unset: Vec::new() }.into()
            }
            Self::Unset { id, property_ids } => api::ContactsEdit { id, set: Vec::new(), unset: property_ids }.into(),
            Self::Choose { id, property_id, value } => api::ContactsChoose { id, property_id, value }.into(),
            Self::Trash { ids } => api::ContactsTrash { ids }.into(),
            Self::Restore { ids } => api::ContactsRestore { ids }.into(),
            Self::Undo => api::ContactsUndo {}.into(),
        })
    }
}

impl Groups {
    fn command(self, kind: GroupKind) -> Command {
        match self {
            Self::List => api::GroupsList { kind }.into(),
            Self::Add { name } => api::GroupsAdd { kind, name }.into(),
            Self::Rename { group, name } => api::GroupsRename { kind, group, name }.into(),
            Self::Remove { group } => api::GroupsRemove { kind, group }.into(),
            Self::Put { group, ids } => api::GroupsPut { kind, group, ids }.into(),
            Self::Take { group, ids } => api::GroupsTake { kind, group, ids }.into(),
        }
    }
}

impl Pair {
    fn command(self) -> Command {
        match self {
            Self::Show => api::PairShow {}.into(),
            Self::Enter { code, name, at } => api::PairEnter { code, name: name.unwrap_or_default(), at }.into(),
            Self::Pending => api::PairPending {}.into(),
            Self::Approve { id } => api::PairApprove { id }.into(),
            Self::Refuse { id } => api::PairRefuse { id }.into(),
        }
    }
}

fn import(files: &[PathBuf], dry_run: bool) -> Result<Command, Error> {
    let files = files.iter().map(|file| Ok(ImportFile { name: absolute(file)?, content: None }));
    Ok(api::Import { files: files.collect::<Result<_, Error>>()?, dry_run }.into())
}

/// The running hub has another working directory.
fn absolute(file: &std::path::Path) -> Result<String, Error> {
    let path = std::path::absolute(file).map_err(|error| unreadable(&file.to_string_lossy(), &error))?;
    path.into_os_string()
        .into_string()
        .map_err(|_| Error::new(api::Code::BadRequest, "The file's path is not text that can be passed on."))
}

fn unreadable(file: &str, error: &std::io::Error) -> Error {
    Error::new(api::Code::FileUnavailable, format!("{file}: {error}"))
}

/// Reads `NAME[;PARAM=V]=VALUE` or `PROPERTY_ID=VALUE`. A parameter's value may stand in double quotes.
fn property(text: &str) -> Result<PropertyEdit, Error> {
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
