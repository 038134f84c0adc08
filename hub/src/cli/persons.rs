//! The words about my card, linked persons, and what they send each other.

use super::{arguments::absolute, contacts::property};
use clap::{Args, Subcommand};
use kith_hub::api::{self, Code, Command, Error};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Me {
    /// Show my card and who may see what of it.
    Show {
        /// What was replaced, too.
        #[arg(long)]
        history: bool,
    },
    /// Set properties: `NAME[;PARAM=V]=VALUE`, or `PROPERTY_ID=VALUE`. Old values are kept as former ones.
    Set {
        #[arg(required = true)]
        properties: Vec<String>,
    },
    /// Remove properties; what they said is kept as former.
    Unset {
        #[arg(required = true)]
        property_ids: Vec<String>,
    },
    /// Say from when a property holds, e.g. `2026-12-01`; `now` takes that back.
    From { date: String, property_id: String },
    /// Take a property back with its former values: the next update tells whoever has it that it is gone.
    Withdraw { property_id: String },
    /// Say who may see a property: `everyone`, `nobody`, or any of `group:G`, `tag:T`, `contact:ID`.
    Visible {
        property_id: String,
        #[arg(required = true)]
        who: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Items {
    /// List them, and those that others share with me.
    List,
    /// Share a second card, a note or a picture.
    Add { name: String, file: PathBuf },
    /// Rename one, or give it another content.
    Set {
        id: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Remove one, and withdraw it from everybody who has it.
    Remove { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Link {
    /// Make an invitation: a link, good for one person once.
    Invite {
        /// To be read off this screen, face to face: it lives ten minutes and verifies who reads it.
        #[arg(long)]
        qr: bool,
        /// Write it to a file.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// The contact that it is for: whoever accepts it is that one, and is not asked about.
        #[arg(long, value_name = "ID")]
        contact: Option<String>,
    },
    /// Withdraw an invitation that nobody has used.
    Cancel { id: String },
    /// Accept an invitation: the link, or the file that holds it. That is the yes to the first card.
    Accept {
        link: String,
        /// The contact that the person is.
        #[arg(long, value_name = "ID")]
        contact: Option<String>,
        /// Where their device is.
        #[arg(long, value_name = "ADDR:PORT")]
        at: Option<String>,
    },
    /// List linked persons, and invitations that are open.
    List,
    /// Show the words to compare with a person.
    Words { id: String },
    /// Say that the words were compared.
    Verify { id: String },
    /// End a link.
    Remove { id: String },
    /// Say whether somebody shares my home.
    Household { id: String, state: OnOff },
    /// Say which contact a person is.
    Attach { id: String, contact: String },
    /// Stop everything with somebody, who is not told.
    Block { id: String },
    /// Let it go on.
    Unblock { id: String },
    /// Hide what somebody does, who is not told.
    Mute { id: String },
    /// Show it again.
    Unmute { id: String },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

/// Whom an update means: the union of what is said, minus exceptions.
#[derive(Debug, Default, Args)]
pub(crate) struct AudienceWords {
    /// Everyone linked.
    #[arg(long)]
    everyone: bool,
    /// Those in a group.
    #[arg(long = "group", value_name = "G")]
    groups: Vec<String>,
    /// Those who bear a tag.
    #[arg(long = "tag", value_name = "T")]
    tags: Vec<String>,
    /// A contact, or a person.
    #[arg(long = "contact", visible_alias = "to", value_name = "ID")]
    contacts: Vec<String>,
    /// Those with whom there were at least so many interactions.
    #[arg(long, value_name = "N")]
    min_interactions: Option<u32>,
    /// Within so many days.
    #[arg(long = "window", value_name = "DAYS", requires = "min_interactions")]
    window_days: Option<u32>,
    /// Which count.
    #[arg(long, value_name = "call,message,mail", value_delimiter = ',', requires = "min_interactions")]
    kinds: Vec<String>,
    /// Never this contact.
    #[arg(long, value_name = "ID")]
    except: Vec<String>,
}

impl AudienceWords {
    fn audience(self) -> api::Audience {
        let Self { everyone, groups, tags, contacts, min_interactions, window_days, kinds, except } = self;
        api::Audience { everyone, groups, tags, contacts, min_interactions, window_days, kinds, except }
    }
}

#[derive(Debug, Args)]
pub(crate) struct AudienceOf {
    #[command(flatten)]
    audience: AudienceWords,
    /// Another item than my card.
    #[arg(long, value_name = "ID")]
    item: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Update {
    /// Show whom an audience means and what they would get; the same as `audience`.
    Preview(AudienceOf),
    /// Send the newest version.
    Send(AudienceOf),
    /// Keep a standing audience: later changes go to it by themselves; `off` ends it.
    Keep {
        #[arg(value_parser = ["off"])]
        off: Option<String>,
        #[command(flatten)]
        audience: AudienceOf,
    },
    /// Say when updates leave for the standing audience: `now`, `changes:N` or `minutes:M`.
    When {
        when: String,
        /// Another item than my card.
        #[arg(long, value_name = "ID")]
        item: Option<String>,
    },
    /// Write a message for somebody without Kith: text, vCard and invitation, to copy.
    Letter { contact: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Say what becomes of updates: `automatic`, `ask`, `unmetered` or `refuse`; `unset` takes that back.
    Set {
        policy: String,
        /// Of this person only.
        #[arg(long, value_name = "ID")]
        person: Option<String>,
        /// Of properties of this name only.
        #[arg(long, value_name = "NAME")]
        field: Option<String>,
    },
    /// Show them.
    Show,
    /// Say whether those who send hear what became of it. A block is never told.
    Tell { state: OnOff },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Inbox {
    /// List the updates that wait for an answer.
    List,
    /// Accept one, or some properties of it.
    Accept {
        id: String,
        #[arg(long = "field", value_name = "NAME")]
        fields: Vec<String>,
    },
    /// Put one off: it comes back by itself.
    Later {
        id: String,
        /// For how long: a number and `s`, `m`, `h`, `d` or `w`.
        #[arg(long = "for", value_name = "1d")]
        wait: Option<String>,
    },
    /// Refuse one.
    Refuse { id: String },
    /// Block whoever sent one.
    Block { id: String },
    /// Take an accepted one back, and be asked about these properties of theirs from then on.
    Undo { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Notify {
    /// Show quiet hours, and whether the network is metered.
    Show,
    /// Set them: `quiet=22:00-07:00` or `quiet=off`, `metered=auto`, `yes` or `no`.
    Set {
        #[arg(required = true)]
        changes: Vec<String>,
    },
    /// Show what a notification would say now.
    Due,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Interactions {
    /// Read files of SMS Backup & Restore, mbox files, Maildirs, or folders of these.
    Import {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Read a folder again whenever it changes; without one, list those that are read.
    Watch {
        dir: Option<PathBuf>,
        /// No longer.
        #[arg(long, requires = "dir")]
        off: bool,
    },
    /// Note one by hand.
    Add {
        contact: String,
        #[arg(long, value_parser = ["call", "mail", "message"])]
        kind: String,
        /// RFC 3339; now unless said.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// They began.
        #[arg(long)]
        incoming: bool,
    },
    /// List contacts by how much there was to do with them.
    Top {
        #[arg(long = "window", value_name = "DAYS")]
        window_days: Option<u32>,
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Household {
    /// List what of a household's cards could follow a change.
    List,
    /// Let a card follow.
    Accept { id: String },
    /// Say that it stays.
    Refuse { id: String },
}

impl Me {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::Show { history } => api::MeShow { history }.into(),
            Self::Set { properties } => {
                let set = properties.iter().map(|text| property(text)).collect::<Result<_, _>>()?;
                api::MeEdit { set, unset: Vec::new() }.into()
            }
            Self::Unset { property_ids } => api::MeEdit { set: Vec::new(), unset: property_ids }.into(),
            Self::From { date, property_id } => {
                let date = if date == "now" { String::new() } else { date };
                api::MeFrom { property_id, date }.into()
            }
            Self::Withdraw { property_id } => api::MeWithdraw { property_id }.into(),
            Self::Visible { property_id, who } => api::MeVisible { property_id, who }.into(),
        })
    }
}

impl Items {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::List => api::ItemsList {}.into(),
            Self::Add { name, file } => api::ItemsAdd { name, path: absolute(&file)?, content: None }.into(),
            Self::Set { id, name, file } => {
                api::ItemsSet { id, name, path: file.map(|file| absolute(&file)).transpose()? }.into()
            }
            Self::Remove { id } => api::ItemsRemove { id }.into(),
        })
    }
}

impl Link {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::Invite { qr, contact, .. } => api::LinkInvite { shown: qr, contact }.into(),
            Self::Cancel { id } => api::LinkCancel { id }.into(),
            Self::Accept { link, contact, at } => api::LinkAccept { link: invitation(&link)?, contact, at }.into(),
            Self::List => api::LinkList {}.into(),
            Self::Words { id } => api::LinkWords { id }.into(),
            Self::Verify { id } => api::LinkVerify { id }.into(),
            Self::Remove { id } => api::LinkRemove { id }.into(),
            Self::Household { id, state } => api::LinkHousehold { id, on: matches!(state, OnOff::On) }.into(),
            Self::Attach { id, contact } => api::LinkAttach { id, contact }.into(),
            Self::Block { id } => api::LinkBlock { id, on: true }.into(),
            Self::Unblock { id } => api::LinkBlock { id, on: false }.into(),
            Self::Mute { id } => api::LinkMute { id, on: true }.into(),
            Self::Unmute { id } => api::LinkMute { id, on: false }.into(),
        })
    }

    /// Where the invitation is to be written.
    pub(super) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Invite { file, .. } => file.clone(),
            _ => None,
        }
    }
}

impl AudienceOf {
    pub(super) fn preview(self) -> Command {
        api::AudienceShow { audience: self.audience.audience(), item: self.item }.into()
    }
}

impl Update {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::Preview(of) => of.preview(),
            Self::Send(of) => api::UpdateSend { audience: of.audience.audience(), item: of.item }.into(),
            Self::Keep { off, audience: AudienceOf { audience, item } } => {
                let audience = audience.audience();
                let nobody = audience == api::Audience::default();
                if nobody == off.is_none() {
                    let message = "Say who is kept, e.g. --everyone or --group G; or `off`.";
                    return Err(Error::new(Code::BadRequest, message));
                }
                api::UpdateKeep { audience: off.is_none().then_some(audience), item }.into()
            }
            Self::When { when, item } => api::UpdateWhen { when, item }.into(),
            Self::Letter { contact } => api::UpdateLetter { contact }.into(),
        })
    }
}

impl Policy {
    pub(super) fn command(self) -> Command {
        match self {
            Self::Set { policy, person, field } => {
                let policy = if policy == "unset" { String::new() } else { policy };
                api::PolicySet { policy, person, field }.into()
            }
            Self::Show => api::PolicyShow {}.into(),
            Self::Tell { state } => api::PolicyTell { on: matches!(state, OnOff::On) }.into(),
        }
    }
}

impl Inbox {
    pub(super) fn command(self) -> Command {
        match self {
            Self::List => api::InboxList {}.into(),
            Self::Accept { id, fields } => api::InboxAccept { id, fields }.into(),
            Self::Later { id, wait } => api::InboxLater { id, wait }.into(),
            Self::Refuse { id } => api::InboxRefuse { id }.into(),
            Self::Block { id } => api::LinkBlock { id, on: true }.into(),
            Self::Undo { id } => api::InboxUndo { id }.into(),
        }
    }
}

impl Notify {
    pub(super) fn command(self) -> Result<Command, Error> {
        let changes = match self {
            Self::Show => return Ok(api::NotifyShow {}.into()),
            Self::Due => return Ok(api::NotifyDue { in_use: true }.into()),
            Self::Set { changes } => changes,
        };
        let mut set = api::NotifySet::default();
        for change in &changes {
            match change.split_once('=') {
                Some(("quiet", value)) => set.quiet = Some(value.to_owned()),
                Some(("metered", value)) => set.metered = Some(value.to_owned()),
                _ => {
                    let message = format!("{change}: write quiet=22:00-07:00, quiet=off or metered=auto, yes or no.");
                    return Err(Error::new(Code::BadRequest, message));
                }
            }
        }
        Ok(set.into())
    }
}

impl Interactions {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::Import { paths } => {
                let paths = paths.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
                api::InteractionsImport { paths }.into()
            }
            Self::Watch { dir, off } => {
                let path = dir.map(|dir| absolute(&dir)).transpose()?;
                api::InteractionsWatch { path, off }.into()
            }
            Self::Add { contact, kind, at, incoming } => api::InteractionsAdd { contact, kind, at, incoming }.into(),
            Self::Top { window_days, limit } => api::InteractionsTop { window_days, limit }.into(),
        })
    }
}

impl Household {
    pub(super) fn command(self) -> Command {
        match self {
            Self::List => api::HouseholdList {}.into(),
            Self::Accept { id } => api::HouseholdAnswer { id, accept: true }.into(),
            Self::Refuse { id } => api::HouseholdAnswer { id, accept: false }.into(),
        }
    }
}

/// The link itself, or what the file says that is named.
fn invitation(text: &str) -> Result<String, Error> {
    if text.starts_with("kith:") {
        return Ok(text.to_owned());
    }
    let unreadable = |error| {
        let message = format!("{text} is neither an invitation nor a file that holds one: {error}.");
        Error::new(Code::FileUnavailable, message)
    };
    let file = std::fs::File::open(text).map_err(unreadable)?;
    let mut link = String::new();
    std::io::Read::read_to_string(&mut std::io::Read::take(file, LINK_BYTES_MAX), &mut link).map_err(unreadable)?;
    Ok(link.trim().to_owned())
}

/// Longest invitation that is read from a file, in bytes.
const LINK_BYTES_MAX: u64 = 16 << 10;
