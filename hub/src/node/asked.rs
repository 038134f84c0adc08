//! What becomes of a command: answered at once, looked up beside the loop, or planned in the writer's transaction.

use super::{
    committer::{Proposal, storage_error},
    contacts, copies,
    event_loop::{Happening, Node, Reply, answer},
    held, importing, introduction, join,
    member::Founding,
    qr, status, taking_back, work,
};
use crate::{
    api::{self, Answer, Code, Command, Counted, Done, Error, Event},
    keys::{Kept, Keys},
    store::{self, ActionKind, Which},
};
use tokio::sync::oneshot;

impl Node {
    /// Carries out one command, or has it carried out beside the loop.
    pub(super) async fn asked(&mut self, command: Command, reply: Reply) {
        let Some(member) = &self.member else {
            return self.asked_while_empty(command, reply).await;
        };
        let (store, scene) = (member.store.clone(), member.scene.clone());
        match command {
            // A restored device, too, may be unknown to those that live: they may have begun another list since the backup.
            Command::PairEnter(mut request) if member.waits() || introduction::is_unknown(member) => {
                if request.name.trim().is_empty() {
                    request.name = scene.names.device(member.me());
                }
                let keys = member.keys.clone();
                self.enter(request, Some(keys), reply);
            }
            Command::PairClose(_) if self.joining.is_some() => self.stop_joining(reply),
            Command::PairShow(_) if member.waits() => answer(reply, Err(Error::new(Code::Copied, copies::waiting()))),
            Command::DevicesCopies(_) => {
                tokio::spawn(async move {
                    let looked = store.read(move |rows| copies::list(&scene, rows)).await;
                    answer(reply, looked.map_err(|error| storage_error(&error)));
                });
            }
            Command::Init(_) | Command::PairEnter(_) => {
                let message = "This folder holds a person already. Use another folder for another device.";
                answer(reply, Err(Error::new(Code::AlreadySetUp, message)));
            }
            Command::Status(_) => {
                let report = status::status(member, self.folder.kept(), self.network.as_ref(), self.metered);
                tokio::spawn(async move { answer(reply, report.finish(&store).await) });
            }
            Command::Doctor(_) => self.doctor(reply),
            Command::DevicesList(_) => answer(reply, Ok(Answer::DevicesList(status::devices(member)))),
            Command::DevicesRevoke(request) => self.devices_revoke(&request, reply),
            Command::DevicesLost(request) => self.devices_lost(&request, reply),
            Command::RecoveryCheck(request) => answer(reply, self.recovery_check(&request.code)),
            Command::RecoverySheet(request) => answer(reply, self.recovery_sheet(&request.code)),
            Command::RecoveryOpen(request) => self.recovery_open(&request, reply),
            Command::PairShow(_) => answer(reply, self.pair_show()),
            Command::PairClose(_) => answer(reply, self.pair_close()),
            Command::PairPending(_) => answer(reply, self.pair_pending()),
            Command::PairApprove(request) => self.pair_approve(&request.id, reply),
            Command::PairRefuse(request) => answer(reply, self.pair_refuse(&request.id)),
            Command::Import(request) => {
                let (committer, events) = (self.committer(member), self.events.clone());
                let stop = self.importing.subscribe();
                tokio::spawn(async move { answer(reply, importing::import(request, committer, events, stop).await) });
            }
            Command::ImportStop(_) => {
                self.importing.send_replace(());
                answer(reply, Ok(Answer::ImportStop(Done {})));
            }
            Command::Erase(request) => self.erase_asked(request, reply),
            Command::ImportLook(request) => {
                tokio::spawn(async move { answer(reply, importing::look(request).await) });
            }
            Command::AccountsAdd(request) => {
                let sources = self.sources(member);
                tokio::spawn(async move { answer(reply, sources.add(request).await) });
            }
            Command::AccountsSync(request) => {
                let sources = self.sources(member);
                tokio::spawn(async move { answer(reply, sources.sync(request.id).await) });
            }
            Command::AccountsRemove(request) => {
                let sources = self.sources(member);
                tokio::spawn(async move { answer(reply, sources.remove(request.id).await) });
            }
            Command::HeldApply(request) => {
                let (committer, events) = (self.committer(member), self.events.clone());
                tokio::spawn(async move { answer(reply, held::apply(request.id, committer, events).await) });
            }
            Command::ContactsUndo(request) => {
                let which = match contacts::sitting(request.sitting.as_deref()) {
                    Ok(sitting) => sitting.map_or(Which::All, Which::OfGroup),
                    Err(error) => return answer(reply, Err(error)),
                };
                let undoing = taking_back::undo(which, self.committer(member), self.events.clone());
                tokio::spawn(async move { answer(reply, undoing.await.map(Answer::ContactsUndo)) });
            }
            Command::ContactsRedo(_) => {
                let redoing = taking_back::undo(Which::Undone, self.committer(member), self.events.clone());
                tokio::spawn(async move { answer(reply, redoing.await.map(Answer::ContactsRedo)) });
            }
            Command::ImportUndo(_) => {
                let undoing = taking_back::undo(Which::Imports, self.committer(member), self.events.clone());
                tokio::spawn(async move { answer(reply, undoing.await.map(Answer::ImportUndo)) });
            }
            command @ (Command::BackupEvery(_)
            | Command::BackupNow(_)
            | Command::BackupList(_)
            | Command::BackupCheck(_)
            | Command::BackupDrill(_)
            | Command::BackupInclude(_)
            | Command::Restore(_)) => self.asked_about_backups(command, self.backups(member), reply),
            Command::QrScan(request) => {
                tokio::task::spawn_blocking(move || answer(reply, qr::scan(&request)));
            }
            command @ (Command::LinkInvite(_)
            | Command::LinkCancel(_)
            | Command::LinkAccept(_)
            | Command::LinkList(_)
            | Command::ItemsAdd(_)
            | Command::ItemsSet(_)
            | Command::ItemsRemove(_)
            | Command::UpdateSend(_)
            | Command::UpdateLetter(_)
            | Command::Give(_)
            | Command::Ask(_)
            | Command::NotifyShow(_)
            | Command::NotifySet(_)
            | Command::NotifyDue(_)
            | Command::NotifyShown(_)
            | Command::InteractionsImport(_)
            | Command::InteractionsWatch(_)
            | Command::SafetyShow(_)) => self.asked_about_people(command, reply),
            command if work::is_change(&command) => {
                let (committer, events) = (self.committer(member), self.events.clone());
                tokio::spawn(async move {
                    let plan = move |rows: &mut store::Writing<'_>| {
                        let Some(planned) = work::plan(&command, &scene, rows) else {
                            return Ok(Err(Error::new(Code::Internal, "a change without a plan")));
                        };
                        Ok(planned?.map(|planned| Proposal {
                            drafts: planned.drafts,
                            answer: planned.answer,
                            what: planned.what,
                            import: planned.sitting,
                            groups: planned.groups,
                        }))
                    };
                    let outcome = committer.commit_as(ActionKind::Plain, plan).await;
                    if let Ok(Answer::ContactsTrash(Counted { held: Some(_), .. }) | Answer::HeldDiscard(_)) = &outcome
                    {
                        // Nobody may be listening.
                        let _unheard = events.send(Event::HeldChanged);
                    }
                    answer(reply, outcome);
                });
            }
            command => {
                tokio::spawn(async move {
                    let looked = store.read(move |rows| match work::look(&command, &scene, rows) {
                        Some(outcome) => outcome,
                        None => Ok(Err(Error::new(Code::Internal, "a command that nobody carries out"))),
                    });
                    answer(reply, looked.await.unwrap_or_else(|error| Err(storage_error(&error))));
                });
            }
        }
    }

    async fn asked_while_empty(&mut self, command: Command, reply: Reply) {
        match command {
            Command::Init(request) => answer(reply, self.init(&request).await),
            Command::Restore(_) if self.joining.is_some() => {
                let message = "This device is joining another one. Stop that first, or restart it.";
                answer(reply, Err(Error::new(Code::BadRequest, message)));
            }
            Command::Restore(request) => answer(reply, self.restore_here(request).await),
            Command::PairEnter(request) => self.enter(request, None, reply),
            Command::PairClose(_) => self.stop_joining(reply),
            Command::Doctor(_) => self.doctor(reply),
            _ => {
                let message = "There is no address book here yet. Begin with `init`, join another device of yours \
                               with `pair enter`, or bring a backup back with `restore`.";
                answer(reply, Err(Error::new(Code::NotSetUp, message)));
            }
        }
    }

    /// Enters a code, beside the loop.
    fn enter(&mut self, request: api::PairEnter, keys: Option<Keys>, reply: Reply) {
        if self.joining.is_some() {
            let message = "This device is joining already. Wait, or restart it.";
            return answer(reply, Err(Error::new(Code::BadRequest, message)));
        }
        let (stop, stopped) = oneshot::channel();
        self.joining = Some(stop);
        let (happenings, events) = (self.happenings.clone(), self.events.clone());
        let no_mdns = self.options.no_mdns;
        tokio::spawn(async move {
            let outcome = tokio::select! {
                outcome = join::join(request, keys, no_mdns, events) => outcome.map(Box::new),
                _ = stopped => Err(Error::new(Code::Refused, "Joining was stopped on this device.")),
            };
            // If the loop has ended, so has the need.
            let _ended = happenings.send(Happening::Joined { outcome, reply });
        });
    }

    fn stop_joining(&mut self, reply: Reply) {
        self.joining = None;
        answer(reply, Ok(Answer::PairClose(Done {})));
    }

    async fn init(&mut self, request: &api::Init) -> Result<Answer, Error> {
        let (founding, recovery) = Founding::new_person(&request.name, request.person.as_deref())?;
        let keys = founding.keys.clone();
        founding.found(&self.folder).await?;
        let kept = self.folder.kept();
        let made = api::Initialised {
            device_id: keys.device.to_string(),
            person_id: keys.person.to_string(),
            recovery_code: recovery.to_string(),
            keys: kept.word().to_owned(),
            keys_sealed: kept == Kept::Sealed,
        };
        self.set_up(keys).await?;
        Ok(Answer::Init(made))
    }

    /// Another device let this one in, or did not.
    pub(super) async fn joined(&mut self, outcome: Result<Box<join::Joined>, Error>, reply: Reply) {
        self.joining = None;
        let outcome = match outcome {
            Ok(joined) if self.member.is_some() => return self.let_in_again(*joined, reply),
            Ok(joined) => self.settle(*joined).await,
            Err(error) => Err(error),
        };
        answer(reply, outcome);
    }

    async fn settle(&mut self, joined: join::Joined) -> Result<Answer, Error> {
        let keys = joined.founding.keys.clone();
        joined.founding.found(&self.folder).await?;
        self.set_up(keys.clone()).await?;
        let kept = self.folder.kept();
        Ok(Answer::PairEnter(api::DeviceJoined {
            device_id: keys.device.to_string(),
            person_id: keys.person.to_string(),
            keys: kept.word().to_owned(),
            keys_sealed: kept == Kept::Sealed,
        }))
    }

    pub(super) async fn set_up(&mut self, keys: Keys) -> Result<(), Error> {
        self.move_in(keys).await?;
        self.tell(Event::SetUp);
        Ok(())
    }

    /// Opens what the folder holds and goes online.
    pub(super) async fn move_in(&mut self, keys: Keys) -> Result<(), Error> {
        let member = self.open_member(keys).await?;
        let events = self.events.clone();
        member.store.on_rederived(move || {
            // Nobody may be listening.
            let _unheard = events.send(Event::ContactsChanged { ids: Vec::new(), device: None });
        });
        self.member = Some(member);
        self.take_care();
        self.go_online()
    }
}
