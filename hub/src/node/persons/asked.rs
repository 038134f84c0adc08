//! The commands about persons that need more than one transaction, or the network.

use super::{interactions, items, links, safety, sending};
use crate::{
    api::{Answer, Command, Error, LinkInvite},
    node::{
        committer::{Proposal, storage_error},
        event_loop::{Node, Reply, answer},
        work::{Outcome, Planned},
    },
    store::{Reader, Writing},
};
use kith_core::{id::PersonId, identity::roster::DeviceCard};
use std::collections::BTreeSet;
use tokio::sync::oneshot;

impl Node {
    pub(in crate::node) fn asked_about_people(&mut self, command: Command, reply: Reply) {
        let Some(member) = &self.member else { return };
        let (scene, committer) = (member.scene.clone(), self.committer(member));
        let (me, sender) = (member.scene.me(), sending::sender(member));
        match command {
            Command::LinkInvite(request) => self.link_invite(&request, reply),
            Command::LinkCancel(request) => self.link_cancel(&request, reply),
            Command::LinkAccept(request) => self.link_accept(request, reply),
            Command::NotifyShow(_) => self.notify_show(reply),
            Command::NotifySet(request) => self.notify_set(&request, reply),
            Command::NotifyDue(request) => self.notify_due(&request, reply),
            Command::NotifyShown(request) => self.notify_shown(request, reply),
            Command::Ask(request) => self.ask_persons(request.person, reply),
            Command::LinkList(_) => {
                let people = &member.people;
                let open: BTreeSet<PersonId> =
                    people.known.keys().filter(|person| people.is_open(**person)).copied().collect();
                self.look(reply, move |rows| links::list(&open, rows));
            }
            Command::SafetyShow(_) => {
                let devices: Vec<DeviceCard> = member.roster.devices().into_iter().cloned().collect();
                self.look(reply, move |rows| safety::show(&devices, &scene, rows));
            }
            Command::UpdateSend(request) => {
                self.change(reply, move |rows| sending::send(&request, &scene, sender, rows));
            }
            Command::Give(request) => self.change(reply, move |rows| super::giving::give(&request, sender, rows)),
            Command::ItemsRemove(request) => {
                self.change(reply, move |rows| items::remove(&request, &scene, sender, rows));
            }
            Command::ItemsAdd(mut request) => {
                let file = (request.path.clone(), request.content.take());
                self.change_with_file(reply, Some(file), move |file, rows| match file {
                    Some(file) => items::add(&request, file, rows),
                    None => Ok(Err(Error::new(crate::api::Code::Internal, "an item without a file"))),
                });
            }
            Command::ItemsSet(request) => {
                let file = request.path.clone().map(|path| (path, None));
                self.change_with_file(reply, file, move |file, rows| items::set(&request, file, &scene, rows));
            }
            Command::UpdateLetter(request) => self.letter(request, reply),
            Command::InteractionsImport(request) => {
                tokio::spawn(async move {
                    let imported = interactions::import(request, me, committer).await;
                    answer(reply, imported.map(Answer::InteractionsImport));
                });
            }
            Command::InteractionsWatch(request) => {
                tokio::spawn(async move {
                    let watched = interactions::watch(request, me, committer).await;
                    answer(reply, watched.map(Answer::InteractionsWatch));
                });
            }
            _ => {}
        }
    }

    fn look(&self, reply: Reply, look: impl FnOnce(&Reader) -> Outcome<Answer> + Send + 'static) {
        let Some(member) = &self.member else { return };
        let store = member.store.clone();
        tokio::spawn(async move {
            let looked = store.read(look).await;
            answer(reply, looked.unwrap_or_else(|error| Err(storage_error(&error))));
        });
    }

    fn change(&self, reply: Reply, plan: impl FnOnce(&mut Writing<'_>) -> Outcome<Planned> + Send + 'static) {
        let Some(member) = &self.member else { return };
        let committer = self.committer(member);
        tokio::spawn(async move { answer(reply, committer.commit(|rows| proposed(plan(rows))).await) });
    }

    /// The same with a file that is read before: its path, and what it holds if only the window knows.
    fn change_with_file(
        &self,
        reply: Reply,
        file: Option<(String, Option<String>)>,
        plan: impl FnOnce(Option<items::ReadFile>, &mut Writing<'_>) -> Outcome<Planned> + Send + 'static,
    ) {
        let Some(member) = &self.member else { return };
        let committer = self.committer(member);
        tokio::spawn(async move {
            let read = tokio::task::spawn_blocking(move || {
                file.map(|(path, content)| items::read_file(&path, content.as_deref())).transpose()
            });
            let file = match read.await {
                Ok(Ok(file)) => file,
                Ok(Err(error)) => return answer(reply, Err(error)),
                Err(_) => return answer(reply, Err(Error::new(crate::api::Code::Internal, "reading was cut off"))),
            };
            answer(reply, committer.commit(|rows| proposed(plan(file, rows))).await);
        });
    }

    /// `update.letter`: with an invitation, if somebody could come with it.
    fn letter(&mut self, request: crate::api::UpdateLetter, reply: Reply) {
        let invited = self.network.is_some().then(|| {
            let (sender, invited) = oneshot::channel();
            self.link_invite(&LinkInvite { shown: false, contact: Some(request.contact.clone()) }, sender);
            invited
        });
        let Some(member) = &self.member else { return };
        let (store, scene) = (member.store.clone(), member.scene.clone());
        tokio::spawn(async move {
            let written = store.read(move |rows| sending::letter(&request, &scene, rows)).await;
            let mut letter = match written.unwrap_or_else(|error| Err(storage_error(&error))) {
                Ok(letter) => letter,
                Err(error) => return answer(reply, Err(error)),
            };
            if let Some(Ok(Ok(Answer::LinkInvite(invited)))) = match invited {
                Some(invited) => Some(invited.await),
                None => None,
            } {
                letter.link = Some(invited.link);
            }
            answer(reply, Ok(Answer::UpdateLetter(letter)));
        });
    }
}

fn proposed(planned: Outcome<Planned>) -> Outcome<Proposal<Answer>> {
    Ok(planned?.map(|planned| Proposal {
        drafts: planned.drafts,
        answer: planned.answer,
        what: planned.what,
        import: None,
        groups: planned.groups,
    }))
}
