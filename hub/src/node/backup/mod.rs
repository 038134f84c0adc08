//! Backups: when they are made, where, and how they stand. What a backup is says `crate::backup`.
//!
//! No secret is needed to make one: the public half of the key that follows from the recovery code is a setting of the
//! book, so every own device knows it. Where and how often is this device's own affair and kept in its store.

mod making;
mod opening;
mod plan;
mod scratch;

pub(super) use making::folder_error;
pub(super) use opening::{Source, open_checked};
pub(super) use plan::{META_BACKUP, Made, Plan};
pub(super) use scratch::Scratch;

use super::{
    committer::{Committer, Proposal, storage_error},
    event_loop::{Node, Reply, answer},
    member::Member,
    work::Scene,
};
use crate::{
    api::{
        Answer, BackupDrill, BackupEvery, BackupInclude, BackupNow, Code, Command, Error, Event, Generation, Secret,
    },
    backup::{self, BackupKey, Every},
    clock::{now_ms, rfc3339},
    store::{self, Connection, StoreError},
};
use kith_core::{
    book,
    id::PersonId,
    identity::{SigningKey, recovery::RecoveryCode},
    path::Path as Register,
    replica::{Draft, Edit, Rows},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    sync::{Mutex, broadcast},
    time::Instant,
};

/// Whoever holds it is the only one who makes, opens or restores a backup. Holds when the last attempt of the hub's own
/// accord failed.
pub(super) type Busy = Arc<Mutex<Option<Instant>>>;

/// Makes and opens backups of one device.
#[derive(Clone)]
pub(super) struct Backups {
    pub(super) committer: Committer,
    pub(super) scene: Arc<Scene>,
    pub(super) person: PersonId,
    pub(super) events: broadcast::Sender<Event>,
    pub(super) busy: Busy,
    /// The data folder.
    pub(super) data: PathBuf,
    device_name: String,
    key: SigningKey,
    roster: Vec<Vec<u8>>,
}

impl Node {
    /// What makes and opens this device's backups.
    pub(super) fn backups(&self, member: &Member) -> Backups {
        Backups {
            committer: self.committer(member),
            scene: member.scene.clone(),
            person: member.keys.person,
            events: self.events.clone(),
            busy: self.backups_busy.clone(),
            data: self.folder.path().to_owned(),
            device_name: member.scene.names.device(member.me()),
            key: member.signing_key(),
            roster: member.roster.entries().map(<[u8]>::to_vec).collect(),
        }
    }

    /// Makes the backup that is due, beside the loop.
    pub(super) fn back_up_if_due(&self) {
        if let Some(member) = &self.member {
            tokio::spawn(self.backups(member).make_if_due());
        }
    }

    /// Carries out a command about backups beside the loop.
    pub(super) fn asked_about_backups(&self, command: Command, backups: Backups, reply: Reply) {
        let running = !self.options.offline;
        tokio::spawn(async move {
            let outcome = match command {
                Command::BackupEvery(request) => backups.every(request, running).await,
                Command::BackupNow(request) => backups.now(request).await.map(Answer::BackupNow),
                Command::BackupList(_) => backups.list().await,
                Command::BackupCheck(_) => backups.check().await.map(Answer::BackupCheck),
                Command::BackupDrill(request) => backups.drill(request).await,
                Command::BackupInclude(request) => backups.include(request).await,
                Command::Restore(request) => backups.restore(request).await.map(Answer::Restore),
                _ => Err(Error::new(Code::Internal, "a command that is not about backups")),
            };
            answer(reply, outcome);
        });
    }
}

impl Backups {
    /// `backup.every`.
    async fn every(self, request: BackupEvery, running: bool) -> Result<Answer, Error> {
        let every = match request.every.trim() {
            "off" => None,
            text => Some(Every::parse(text).ok_or_else(|| {
                let message = format!("{text}: say how often as 12h, 1d or 2w (15m at least), or off.");
                Error::new(Code::BadRequest, message)
            })?),
        };
        let folder = request.to.map(|to| making::make_folder(Path::new(&to)).map(|()| to)).transpose()?;
        let plan = self.plan().await?;
        if folder.as_ref().is_some_and(|folder| plan.include.iter().any(|path| is_within(folder, path))) {
            let message = "That folder goes along with the backups, so each would hold all before it. Choose another.";
            return Err(Error::new(Code::BadRequest, message));
        }
        if every.is_some() && folder.is_none() && plan.folder.is_none() {
            return Err(nowhere());
        }
        self.change(move |plan| {
            plan.folder = folder.or_else(|| plan.folder.take());
            plan.every_ms = every.map(|every| every.ms);
            plan.trouble.clear();
        })
        .await?;
        if running {
            tokio::spawn(self.clone().make_if_due());
        }
        self.check().await.map(Answer::BackupEvery)
    }

    /// `backup.now`.
    pub(super) async fn now(self, request: BackupNow) -> Result<Generation, Error> {
        let mut busy = self.busy.lock().await;
        if let Some(code) = &request.recovery_code {
            self.know(&self.code(code)?).await?;
        }
        let plan = self.plan().await?;
        let folder = match &request.to {
            Some(to) => {
                making::make_folder(Path::new(to))?;
                PathBuf::from(to)
            }
            None => plan.folder.as_ref().map(PathBuf::from).ok_or_else(nowhere)?,
        };
        let made = self.make(folder).await?;
        *busy = None;
        Ok(made)
    }

    /// Makes the backup that is due. What goes wrong is told once, and tried again after a while.
    async fn make_if_due(self) {
        let Ok(mut busy) = self.busy.try_lock() else { return };
        if busy.is_some_and(|failed| failed.elapsed() < making::RETRY) {
            return;
        }
        let Ok(plan) = self.plan().await else { return };
        let (Some(every), Some(folder)) = (plan.every(), plan.folder.clone()) else { return };
        if !backup::is_due(every, plan.last().map(|made| made.time), now_ms()) {
            return;
        }
        match self.standing().await {
            Ok(standing) if !plan.is_behind(&standing) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "whether a backup is due cannot be told"),
        }
        match self.make(PathBuf::from(folder)).await {
            Ok(_) => *busy = None,
            Err(error) => {
                *busy = Some(Instant::now());
                let trouble = error.message.clone();
                if plan.trouble == trouble || self.change(move |plan| plan.trouble = trouble).await.is_err() {
                    return;
                }
                let message = format!("No backup was made. {}", error.message);
                self.tell(Event::Trouble { code: error.code, message });
            }
        }
    }

    /// `backup.list`.
    async fn list(self) -> Result<Answer, Error> {
        let plan = self.plan().await?;
        let folder = PathBuf::from(plan.folder.clone().ok_or_else(nowhere)?);
        let found = tokio::task::spawn_blocking(move || {
            let found = backup::list(&folder).map_err(|error| folder_error(&folder, &error))?;
            Ok(found.into_iter().map(|generation| plan.describe(&folder, generation)).collect())
        });
        let generations = found.await.unwrap_or_else(|_| Err(cut_off()))?;
        Ok(Answer::BackupList(crate::api::Generations { generations }))
    }

    /// `backup.check`.
    pub(super) async fn check(&self) -> Result<crate::api::BackupPlan, Error> {
        let (plan, standing) = (self.plan().await?, self.standing().await?);
        Ok(crate::api::BackupPlan {
            every: plan.every().map_or_else(|| "off".to_owned(), |every| every.to_string()),
            folder: plan.folder.clone().unwrap_or_default(),
            include: plan.include.clone(),
            last: plan.last().map(|made| rfc3339(made.time)),
            changed: plan.is_behind(&standing),
            trouble: Some(plan.trouble).filter(|trouble| !trouble.is_empty()),
            ready: standing.recipient.is_some(),
        })
    }

    /// `backup.include`.
    async fn include(self, request: BackupInclude) -> Result<Answer, Error> {
        let plan = self.plan().await?;
        if request.remove && !plan.include.contains(&request.path) {
            return Err(Error::new(Code::NotFound, format!("{} does not go along.", request.path)));
        }
        if !request.remove {
            let looked = fs::symlink_metadata(&request.path);
            let about =
                looked.map_err(|error| Error::new(Code::FileUnavailable, format!("{}: {error}", request.path)))?;
            let own = [self.data.to_str(), plan.folder.as_deref()];
            let holds_own = own.into_iter().flatten().any(|own| is_within(own, &request.path));
            if holds_own || !(about.is_file() || about.is_dir()) {
                let message = format!(
                    "{} cannot go along: name a file or folder of yours that holds neither Kith's data nor its backups.",
                    request.path
                );
                return Err(Error::new(Code::BadRequest, message));
            }
            if plan.include.len() >= plan::INCLUDE_MAX {
                return Err(Error::new(Code::TooLarge, "Many paths go along already. Put the files into one folder."));
            }
        }
        self.change(move |plan| {
            plan.include.retain(|path| *path != request.path);
            if !request.remove {
                plan.include.push(request.path);
            }
        })
        .await?;
        self.check().await.map(Answer::BackupInclude)
    }

    /// `backup.drill`.
    async fn drill(self, request: BackupDrill) -> Result<Answer, Error> {
        let _alone = self.busy.lock().await;
        let code = request.recovery_code.as_ref().map(|code| self.code(code)).transpose()?;
        if let Some(code) = &code {
            self.know(code).await?;
        }
        let (plan, standing) = (self.plan().await?, self.standing().await?);
        let data = self.data.clone();
        let drilled = tokio::task::spawn_blocking(move || {
            opening::drill(request.from.as_deref(), code.as_ref(), &plan, &standing, &data)
        });
        drilled.await.unwrap_or_else(|_| Err(cut_off())).map(Answer::BackupDrill)
    }

    /// Reads a typed code, which must be this person's.
    pub(super) fn code(&self, typed: &Secret) -> Result<RecoveryCode, Error> {
        let code = read_code(typed)?;
        if code.person_id() != self.person {
            let message = "This is the recovery code of another person, or an old one. Look for the one of this book.";
            return Err(Error::new(Code::WrongCode, message));
        }
        Ok(code)
    }

    /// Writes the key that backups are sealed to into the settings, if another one or none is there.
    pub(super) async fn know(&self, code: &RecoveryCode) -> Result<(), Error> {
        let key = BackupKey::of(code).map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        let edit = recipient_edit(&key);
        let known = self.committer.commit(move |rows| {
            let register = rows.entity(edit.entity)?.register(&edit.path);
            let same = register.is_some_and(|register| register.value() == edit.value.as_deref());
            let edits = if same { Vec::new() } else { vec![edit] };
            let drafts = vec![Draft { edits, import: None }];
            Ok(Ok(Proposal { drafts, answer: (), what: String::new(), import: None, groups: false }))
        });
        known.await
    }

    /// What is set, and what was made.
    pub(super) async fn plan(&self) -> Result<Plan, Error> {
        let read = self.committer.store.read(|rows| Plan::read(rows)).await;
        read.map_err(|error| storage_error(&error))
    }

    /// Changes what is kept, whoever else does so at the same time.
    async fn change(&self, change: impl FnOnce(&mut Plan) + Send + 'static) -> Result<(), Error> {
        let kept = self.committer.store.write_and_wait(move |rows| {
            let mut plan = Plan::read(rows.connection())?;
            change(&mut plan);
            rows.keep_meta(META_BACKUP, &plan.encode())?;
            Ok(Ok::<_, StoreError>(()))
        });
        kept.await.and_then(|kept| kept).map_err(|error| storage_error(&error))?;
        self.tell(Event::BackupChanged);
        Ok(())
    }

    /// How the book stands now.
    pub(super) async fn standing(&self) -> Result<Standing, Error> {
        let read = self.committer.store.read(|rows| {
            let (version, hash) = store::standing(rows)?;
            Ok(Standing { version, hash, recipient: recipient(rows)? })
        });
        read.await.map_err(|error| storage_error(&error))
    }

    pub(super) fn tell(&self, event: Event) {
        if let Event::Trouble { code, message } = &event {
            tracing::warn!(?code, "{message}");
        }
        // Nobody may be listening.
        let _unheard = self.events.send(event);
    }

    pub(super) fn progress(&self, work: &str, done: usize, total: usize) {
        self.tell(Event::Progress { work: work.to_owned(), done: done as u32, total: total as u32 });
    }
}

/// The book as it is.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) version: String,
    pub(super) hash: String,
    /// What its backups are sealed to.
    pub(super) recipient: Option<String>,
}

/// Reads a typed recovery code.
pub(super) fn read_code(typed: &Secret) -> Result<RecoveryCode, Error> {
    RecoveryCode::parse(typed.expose()).map_err(|error| Error::new(Code::WrongCode, format!("{error}.")))
}

/// What writes into the settings to which key backups are sealed. Its public half is no secret among own devices.
pub(super) fn recipient_edit(key: &BackupKey) -> Edit {
    let value = Some(book::text_value(&key.recipient()));
    Edit { entity: book::SETTINGS, path: Register::setting(SETTING_RECIPIENT), value }
}

fn recipient(rows: &Connection) -> Result<Option<String>, StoreError> {
    let settings = store::entity(rows, book::SETTINGS)?.unwrap_or_default();
    let register = settings.register(&Register::setting(SETTING_RECIPIENT));
    Ok(register.and_then(|register| book::read_text(register.value()?)))
}

/// Whether a path lies in another one, or is it, wherever links lead.
fn is_within(path: &str, folder: &str) -> bool {
    fs::canonicalize(path)
        .ok()
        .zip(fs::canonicalize(folder).ok())
        .is_some_and(|(path, folder)| path.starts_with(folder))
}

pub(super) fn cut_off() -> Error {
    Error::new(Code::Internal, "the work on the backup was cut off")
}

fn nowhere() -> Error {
    Error::new(Code::BadRequest, "No folder for backups is set. Name one: `backup every 1d --to FOLDER`.")
}

/// A setting that own devices share.
const SETTING_RECIPIENT: &str = "backup-recipient";
