//! The words of the command line and the requests they stand for.

use super::{
    contacts::Contacts,
    devices::{Devices, Recovery},
    persons::{AudienceOf, Household, Inbox, Interactions, Items, Link, Me, Notify, Policy, Update},
    secret::read_recovery_code,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{Parser, Subcommand, ValueEnum};
use kith_hub::{
    KeyOptions, KeyPlace,
    api::{self, Command, Error, GroupKind, ImportFile},
};
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
    /// Where the device's keys are kept; keys that are elsewhere move there. Without it: in the key store if one answers.
    #[arg(long, global = true, value_enum)]
    pub(crate) keys: Option<KeyChoice>,
    /// A file with the passphrase that seals the keys [without it: the systemd credential kith-passphrase].
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

impl Arguments {
    /// What the person said about the device's keys.
    pub(crate) fn key_options(&self) -> KeyOptions {
        let place = match self.keys {
            Some(KeyChoice::Os) => KeyPlace::Os,
            Some(KeyChoice::File) => KeyPlace::File,
            None => KeyPlace::Any,
        };
        KeyOptions { place, passphrase_file: self.passphrase_file.clone() }
    }
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
    /// Say why a device is not found, and what to do.
    Doctor,
    /// Read vCard, CSV, JSContact or a picture of a QR code into the book; `import undo` takes the last import back,
    /// `import stop` stops one that is under way.
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Say what would happen and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// What a CSV column means: `COLUMN=FIELD`, the column by number or name, e.g. `3=tel;cell`.
        #[arg(long = "column", value_name = "COLUMN=FIELD")]
        columns: Vec<String>,
        /// The character set, e.g. windows-1252, if it is not found out.
        #[arg(long)]
        charset: Option<String>,
    },
    /// Write vCards, or another format, to a file, or to standard output with `-`.
    Export {
        file: String,
        /// 3.0 or 4.0.
        #[arg(long, default_value = "3.0")]
        vcard: String,
        /// CSV instead: google, outlook, or spreadsheet.
        #[arg(long, value_name = "FLAVOUR")]
        csv: Option<String>,
        /// JSContact instead.
        #[arg(long)]
        jscontact: bool,
        /// Only this contact.
        #[arg(long = "contact", value_name = "ID")]
        contacts: Vec<String>,
        /// My card as well.
        #[arg(long)]
        me: bool,
    },
    /// Erase everything on this device; other devices keep what they have.
    Erase {
        /// What this device is called, to say that you mean it.
        #[arg(long, value_name = "NAME")]
        device: String,
        /// Make a last backup in this folder first.
        #[arg(long, value_name = "FOLDER")]
        backup_to: Option<PathBuf>,
        /// Make none: what only this device holds is gone for good.
        #[arg(long, conflicts_with = "backup_to")]
        without_backup: bool,
    },
    /// See and answer deletions that wait for a person.
    #[command(subcommand)]
    Held(Held),
    /// Connect files or folders of cards that other programs write.
    #[command(subcommand)]
    Accounts(Accounts),
    /// Make and try backups.
    #[command(subcommand)]
    Backup(Backup),
    /// Bring back from a backup; an empty folder becomes a new device of the restored person.
    Restore {
        /// The id of a backup, a file, or a folder, of which the newest is taken.
        #[arg(long, value_name = "GEN|FILE.age")]
        from: Option<PathBuf>,
        /// Read the recovery code from standard input.
        #[arg(long)]
        recovery_code: bool,
        /// Say what would happen and change nothing.
        #[arg(long)]
        preview: bool,
        /// Only this contact.
        #[arg(long, value_name = "ID")]
        contact: Option<String>,
        /// Only this property of it.
        #[arg(long, value_name = "NAME", requires = "contact")]
        property: Option<String>,
        /// Exactly as it was: what came since goes too, contacts into the trash.
        #[arg(long)]
        exact: bool,
        /// What the new device is called, on an empty folder.
        #[arg(long, value_name = "DEVICE")]
        name: Option<String>,
    },
    /// See or change settings: `region=DE`, `sort-locale=sv`, `sort-by=family`.
    Settings {
        /// `NAME=VALUE`; without any, shows them all.
        changes: Vec<String>,
    },
    /// Read QR codes from a picture, or from a part of the screen that you pick.
    Scan {
        /// The picture; without it the screen.
        picture: Option<PathBuf>,
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
    /// See this person's devices, and remove one.
    #[command(subcommand)]
    Devices(Devices),
    /// Use the recovery code, which is read from standard input.
    #[command(subcommand)]
    Recovery(Recovery),
    /// Show and edit my card.
    #[command(subcommand)]
    Me(Me),
    /// Share other things than my card.
    #[command(subcommand)]
    Items(Items),
    /// Link to persons who have Kith.
    #[command(subcommand)]
    Link(Link),
    /// Show whom an audience means, why, and what they would get.
    Audience(AudienceOf),
    /// Send my card.
    #[command(subcommand)]
    Update(Update),
    /// Show who has which version.
    Ledger {
        /// Only what this update sent.
        #[arg(long, value_name = "ID")]
        update: Option<String>,
    },
    /// Ask persons for news now.
    Ask {
        /// Only this one.
        #[arg(long, value_name = "ID")]
        person: Option<String>,
    },
    /// Say what becomes of updates that arrive.
    #[command(subcommand)]
    Policy(Policy),
    /// See and answer updates that arrived.
    #[command(subcommand)]
    Inbox(Inbox),
    /// Say when notifications are quiet, and whether the network is metered.
    #[command(subcommand)]
    Notify(Notify),
    /// Send one contact of mine to a linked person.
    Give {
        contact: String,
        #[arg(long, value_name = "PERSON")]
        to: String,
    },
    /// Count calls, messages and mails.
    #[command(subcommand)]
    Interactions(Interactions),
    /// Let a household's cards follow a change.
    #[command(subcommand)]
    Household(Household),
    /// Show what changed, the newest first.
    Activity {
        #[arg(long, value_name = "ID")]
        contact: Option<String>,
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Show who and what can see or change my things.
    Safety,
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
pub(crate) enum Held {
    /// List them.
    List,
    /// Carry one out.
    Apply { id: String },
    /// Forget one: nothing is deleted.
    Discard { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    /// Make one as often as this: `12h`, `1d`, `2w`, or `off`.
    Every {
        every: String,
        /// Into this folder.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Make one now.
    Now {
        /// Into another folder than the one that is set.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
        /// Read the recovery code from standard input; only books that are older than backups need it, once.
        #[arg(long)]
        recovery_code: bool,
    },
    /// List those in the folder.
    List,
    /// Say whether the book changed since the last one.
    Check,
    /// Prove that one can be restored; without the recovery code less is proven.
    Drill {
        /// The id of a backup, a file, or a folder, of which the newest is taken.
        #[arg(long, value_name = "GEN|FILE.age")]
        from: Option<PathBuf>,
        /// Read the recovery code from standard input.
        #[arg(long)]
        recovery_code: bool,
    },
    /// Have a file or folder of yours go along.
    Include {
        path: PathBuf,
        /// No longer.
        #[arg(long)]
        remove: bool,
    },
    /// Print the identity with which the program `age` opens backups; reads the recovery code from standard input.
    Identity,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Accounts {
    /// Connect an account, e.g. `accounts add file ~/phone.vcf`.
    Add {
        kind: String,
        path: PathBuf,
        /// What to call it.
        #[arg(long)]
        name: Option<String>,
    },
    /// List them.
    List,
    /// Read one again.
    Sync { id: String },
    /// Disconnect one.
    Remove { id: String },
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

/// A command of the list, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) command: Command,
    /// Groups and tags share commands; their answers bear their own names.
    pub(crate) tags: bool,
    /// The exported text goes to standard output.
    pub(crate) to_stdout: bool,
    /// The invitation goes to this file.
    pub(crate) to_file: Option<PathBuf>,
}

impl Verb {
    /// The command that the words stand for. `run` has none.
    pub(crate) fn request(self) -> Result<Request, Error> {
        let mut request =
            Request { command: api::StatusRequest::default().into(), tags: false, to_stdout: false, to_file: None };
        request.command = match self {
            Self::Init { name, person } => api::Init { name, person }.into(),
            Self::Run { .. } | Self::Status => api::StatusRequest {}.into(),
            Self::Stop => api::Stop {}.into(),
            Self::Doctor => api::Doctor {}.into(),
            Self::Import { files, .. } if files == [PathBuf::from("undo")] => api::ImportUndo {}.into(),
            Self::Import { files, .. } if files == [PathBuf::from("stop")] => api::ImportStop {}.into(),
            Self::Import { files, dry_run, columns, charset } => import(&files, dry_run, &columns, charset)?,
            Self::Export { file, vcard, csv, jscontact, contacts, me } => {
                request.to_stdout = file == "-";
                let path = if request.to_stdout { None } else { Some(absolute(file.as_ref())?) };
                api::Export { path, vcard: Some(vcard), csv, jscontact, ids: contacts, me }.into()
            }
            Self::Erase { device, backup_to, without_backup } => {
                let backup_to = backup_to.map(|to| absolute(&to)).transpose()?;
                api::Erase { device, backup_to, without_backup }.into()
            }
            Self::Held(held) => held.command(),
            Self::Accounts(accounts) => accounts.command()?,
            Self::Backup(backup) => backup.command()?,
            Self::Restore { from, recovery_code, preview, contact, property, exact, name } => {
                let (from, recovery_code) = (from.map(|from| source(&from)).transpose()?, typed(recovery_code)?);
                api::Restore { from, recovery_code, preview, contact, property, exact, name }.into()
            }
            Self::Settings { changes } => settings(&changes)?,
            Self::Scan { picture } => scan(picture)?,
            Self::Contacts(contacts) => contacts.command()?,
            Self::Groups(groups) => groups.command(GroupKind::Group),
            Self::Tags(tags) => {
                request.tags = true;
                tags.command(GroupKind::Tag)
            }
            Self::Pair(pair) => pair.command(),
            Self::Devices(devices) => devices.command()?,
            Self::Recovery(recovery) => recovery.command()?,
            Self::Me(me) => me.command()?,
            Self::Items(items) => items.command()?,
            Self::Link(link) => {
                request.to_file = link.file();
                link.command()?
            }
            Self::Audience(of) => of.preview(),
            Self::Update(update) => update.command()?,
            Self::Ledger { update } => api::LedgerShow { update }.into(),
            Self::Ask { person } => api::Ask { person }.into(),
            Self::Policy(policy) => policy.command(),
            Self::Inbox(inbox) => inbox.command(),
            Self::Notify(notify) => notify.command()?,
            Self::Give { contact, to } => api::Give { contact, to }.into(),
            Self::Interactions(interactions) => interactions.command()?,
            Self::Household(household) => household.command(),
            Self::Activity { contact, limit } => api::ActivityShow { contact, limit }.into(),
            Self::Safety => api::SafetyShow {}.into(),
        };
        Ok(request)
    }
}

impl Held {
    fn command(self) -> Command {
        match self {
            Self::List => api::HeldList {}.into(),
            Self::Apply { id } => api::HeldApply { id }.into(),
            Self::Discard { id } => api::HeldDiscard { id }.into(),
        }
    }
}

impl Backup {
    fn command(self) -> Result<Command, Error> {
        let folder = |to: Option<PathBuf>| to.map(|to| absolute(&to)).transpose();
        Ok(match self {
            Self::Every { every, to } => api::BackupEvery { every, to: folder(to)? }.into(),
            Self::Now { to, recovery_code } => {
                api::BackupNow { to: folder(to)?, recovery_code: typed(recovery_code)? }.into()
            }
            Self::List => api::BackupList {}.into(),
            // `identity` is answered without any hub.
            Self::Check | Self::Identity => api::BackupCheck {}.into(),
            Self::Drill { from, recovery_code } => {
                let from = from.map(|from| source(&from)).transpose()?;
                api::BackupDrill { from, recovery_code: typed(recovery_code)? }.into()
            }
            Self::Include { path, remove } => api::BackupInclude { path: absolute(&path)?, remove }.into(),
        })
    }
}

impl Accounts {
    fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::Add { kind, path, name } => api::AccountsAdd { kind, path: absolute(&path)?, name }.into(),
            Self::List => api::AccountsList {}.into(),
            Self::Sync { id } => api::AccountsSync { id }.into(),
            Self::Remove { id } => api::AccountsRemove { id }.into(),
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

/// A backup by its file or folder if there is one, else by its id.
fn source(from: &std::path::Path) -> Result<String, Error> {
    let names_file = from.components().count() > 1 || from.exists() || from.extension().is_some();
    if names_file { absolute(from) } else { Ok(from.to_string_lossy().into_owned()) }
}

/// The recovery code, read from standard input if it is to be.
fn typed(wanted: bool) -> Result<Option<api::Secret>, Error> {
    if wanted { read_recovery_code().map(Some) } else { Ok(None) }
}

fn import(files: &[PathBuf], dry_run: bool, columns: &[String], charset: Option<String>) -> Result<Command, Error> {
    let columns = columns.iter().map(|text| {
        let (column, field) = text.split_once('=').ok_or_else(|| wrong(text, "COLUMN=FIELD"))?;
        // A header that is a number would have to be named by its place.
        let (column, name) = match column.parse() {
            Ok(number) => (number, None),
            Err(_) => (0, Some(column.to_owned())),
        };
        Ok(api::ColumnMeaning { column, name, field: field.to_owned() })
    });
    let columns: Vec<_> = columns.collect::<Result<_, Error>>()?;
    let files = files.iter().map(|file| {
        Ok(ImportFile {
            name: absolute(file)?,
            columns: (!columns.is_empty()).then(|| columns.clone()),
            charset: charset.clone(),
            ..ImportFile::default()
        })
    });
    Ok(api::Import { files: files.collect::<Result<_, Error>>()?, dry_run }.into())
}

fn settings(changes: &[String]) -> Result<Command, Error> {
    if changes.is_empty() {
        return Ok(api::SettingsShow {}.into());
    }
    let mut set = api::SettingsSet::default();
    for text in changes {
        let (name, value) = text.split_once('=').ok_or_else(|| wrong(text, "NAME=VALUE"))?;
        let place = match name {
            "region" => &mut set.region,
            "sort-locale" => &mut set.sort_locale,
            "sort-by" => &mut set.sort_by,
            _ => return Err(wrong(text, "region=, sort-locale= or sort-by=")),
        };
        *place = Some(value.to_owned());
    }
    Ok(set.into())
}

fn scan(picture: Option<PathBuf>) -> Result<Command, Error> {
    let Some(file) = picture else { return Ok(api::QrScan::default().into()) };
    let bytes = std::fs::read(&file).map_err(|error| unreadable(&file.to_string_lossy(), &error))?;
    Ok(api::QrScan { picture: Some(BASE64_STANDARD.encode(bytes)) }.into())
}

pub(super) fn wrong(text: &str, wanted: &str) -> Error {
    Error::new(api::Code::BadRequest, format!("{text}: this is given as {wanted}."))
}

/// The running hub has another working directory.
pub(super) fn absolute(file: &std::path::Path) -> Result<String, Error> {
    let path = std::path::absolute(file).map_err(|error| unreadable(&file.to_string_lossy(), &error))?;
    path.into_os_string()
        .into_string()
        .map_err(|_| Error::new(api::Code::BadRequest, "The file's path is not text that can be passed on."))
}

pub(super) fn unreadable(file: &str, error: &std::io::Error) -> Error {
    Error::new(api::Code::FileUnavailable, format!("{file}: {error}"))
}
