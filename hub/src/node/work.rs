//! What a command may do: look at committed rows, or plan changes inside the writer's transaction.

use crate::{
    api::{Answer, Code, Command, Error},
    node::{
        accounts,
        card::Names,
        contacts, duplicates, groups, held, people,
        persons::{answering, audience, household, inbox, interactions, items, ledger, links, me, policies, sending},
        qr, settings, taking_back, transfer,
    },
    store::{Connection, Reader, StoreError, Writing, contacts_by_prefix},
};
use kith_core::{
    id::{DeviceId, EntityId, PersonId},
    replica::Draft,
};
/// What commands need to know beside the rows.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) person: PersonId,
    pub(crate) names: Names,
}

impl Scene {
    /// The contact that is me.
    pub(crate) fn me(&self) -> EntityId {
        kith_core::book::me(self.person)
    }

    /// This device.
    pub(crate) fn device(&self) -> DeviceId {
        self.names.me.unwrap_or(DeviceId([0; 16]))
    }
}

/// The changes that a command wants, and what it answers once they are durable.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) answer: Answer,
    /// In words, for undo; empty if it is not to be taken back.
    pub(crate) what: String,
    /// Groups or tags are concerned, not only contacts.
    pub(crate) groups: bool,
    /// What it shares with other edits that are taken back together.
    pub(crate) sitting: Option<EntityId>,
}

impl Planned {
    /// Changes to contacts that can be taken back.
    pub(crate) fn new(drafts: Vec<Draft>, answer: Answer, what: impl Into<String>) -> Self {
        Self { drafts, answer, what: what.into(), groups: false, sitting: None }
    }
}

/// The outcome of planning: a refusal changes nothing.
pub(crate) type Outcome<T> = Result<Result<T, Error>, StoreError>;

/// Answers a command that only looks; `None` if it is not one of those.
pub(crate) fn look(command: &Command, scene: &Scene, rows: &Reader) -> Option<Outcome<Answer>> {
    Some(match command {
        Command::ContactsList(request) => contacts::list(request, scene, rows),
        Command::ContactsShow(request) => contacts::show(request, scene, rows),
        Command::GroupsList(request) => groups::list(request, rows),
        Command::Export(request) => transfer::export(request, scene, rows),
        Command::ContactsDuplicates(_) => duplicates::find(scene, rows),
        Command::ContactsAround(request) => people::around(request, scene, rows),
        Command::ContactsMatches(request) => people::matches(request, rows),
        Command::ContactsBirthdays(request) => people::birthdays(request, rows),
        Command::ContactsMails(request) => people::mails(request, rows),
        Command::ContactsQr(request) => qr::show(&request.id, scene, rows),
        Command::HeldList(_) => held::list(rows),
        Command::AccountsList(_) => accounts::list(rows),
        Command::SettingsShow(_) => settings::show(rows),
        Command::MeShow(request) => me::show(request, scene, rows),
        Command::ItemsList(_) => items::list(rows),
        Command::LinkWords(request) => links::compare(request, scene, rows),
        Command::HouseholdList(_) => household::list(scene, rows),
        Command::AudienceShow(request) => audience::show(request, scene, rows),
        Command::LedgerShow(request) => ledger::show(request, scene, rows),
        Command::ActivityShow(request) => ledger::activity(request, rows),
        Command::PolicyShow(_) => policies::show(rows),
        Command::InboxList(_) => inbox::list(rows),
        Command::InteractionsTop(request) => interactions::top(request, rows),
        _ => return None,
    })
}

/// Plans a command that changes the book in one transaction; `None` if it is not one of those.
pub(crate) fn plan(command: &Command, scene: &Scene, rows: &mut Writing<'_>) -> Option<Outcome<Planned>> {
    Some(match command {
        Command::ContactsAdd(request) => contacts::add(request),
        Command::ContactsEdit(request) => contacts::edit(request, scene, rows),
        Command::ContactsEditMany(request) => contacts::edit_many(request, rows),
        Command::ContactsFavourite(request) => people::favourite(request, rows),
        Command::ContactsChoose(request) => contacts::choose(request, scene, rows),
        Command::ContactsTrash(request) => contacts::trash(&request.ids, scene, rows),
        Command::ContactsRestore(request) => contacts::restore(&request.ids, rows),
        Command::ContactsRevert(request) => taking_back::revert(request, scene, rows),
        Command::ContactsHide(request) => contacts::hide(request, scene, rows),
        Command::ContactsApart(request) => duplicates::apart(request, rows),
        Command::ContactsMerge(request) => duplicates::merge(request, scene, rows),
        Command::HeldDiscard(request) => held::discard(&request.id, rows),
        Command::SettingsSet(request) => settings::set(request, rows),
        Command::GroupsAdd(request) => groups::add(request, rows),
        Command::GroupsRename(request) => groups::rename(request, rows),
        Command::GroupsRemove(request) => groups::remove(request, rows),
        Command::GroupsPut(request) => groups::set_members(request.kind, &request.group, &request.ids, true, rows),
        Command::GroupsTake(request) => groups::set_members(request.kind, &request.group, &request.ids, false, rows),
        Command::MeEdit(request) => me::edit(request, scene, rows),
        Command::MeFrom(request) => me::from(request, scene, rows),
        Command::MeWithdraw(request) => me::withdraw(request, scene, rows),
        Command::MeVisible(request) => me::visible(request, scene, rows),
        Command::LinkVerify(request) => links::verify(request, rows),
        Command::LinkRemove(request) => links::remove(request, rows),
        Command::LinkHousehold(request) => links::household(request, rows),
        Command::LinkBlock(request) => links::block(request, rows),
        Command::LinkMute(request) => links::mute(request, rows),
        Command::LinkAttach(request) => links::attach(request, rows),
        Command::HouseholdAnswer(request) => household::answer(request, scene, rows),
        Command::UpdateKeep(request) => sending::keep(request, scene, rows),
        Command::UpdateWhen(request) => sending::when(request, scene, rows),
        Command::PolicySet(request) => policies::set(request, scene.device(), rows),
        Command::PolicyTell(request) => policies::tell(request, scene.device(), rows),
        Command::InboxAccept(request) => answering::accept(request, scene.device(), rows),
        Command::InboxLater(request) => answering::later(request, scene.device(), rows),
        Command::InboxRefuse(request) => answering::refuse(request, scene.device(), rows),
        Command::InboxUndo(request) => answering::undo(request, scene.device(), rows),
        Command::InteractionsAdd(request) => interactions::add(request, rows),
        _ => return None,
    })
}

/// Whether a command changes the book in one transaction.
pub(crate) fn is_change(command: &Command) -> bool {
    use Command::{
        ContactsAdd, ContactsApart, ContactsChoose, ContactsEdit, ContactsEditMany, ContactsFavourite, ContactsHide,
        ContactsMerge, ContactsRestore, ContactsRevert, ContactsTrash, GroupsAdd, GroupsPut, GroupsRemove,
        GroupsRename, GroupsTake, HeldDiscard, HouseholdAnswer, InboxAccept, InboxLater, InboxRefuse, InboxUndo,
        InteractionsAdd, LinkAttach, LinkBlock, LinkHousehold, LinkMute, LinkRemove, LinkVerify, MeEdit, MeFrom,
        MeVisible, MeWithdraw, PolicySet, PolicyTell, SettingsSet, UpdateKeep, UpdateWhen,
    };
    matches!(
        command,
        ContactsAdd(_)
            | ContactsEdit(_)
            | ContactsEditMany(_)
            | ContactsFavourite(_)
            | ContactsChoose(_)
            | ContactsTrash(_)
            | ContactsRestore(_)
            | ContactsRevert(_)
            | ContactsHide(_)
            | ContactsApart(_)
            | ContactsMerge(_)
            | HeldDiscard(_)
            | SettingsSet(_)
            | GroupsAdd(_)
            | GroupsRename(_)
            | GroupsRemove(_)
            | GroupsPut(_)
            | GroupsTake(_)
            | HouseholdAnswer(_)
            | InboxAccept(_)
            | InboxLater(_)
            | InboxRefuse(_)
            | InboxUndo(_)
            | InteractionsAdd(_)
            | LinkAttach(_)
            | LinkBlock(_)
            | LinkHousehold(_)
            | LinkMute(_)
            | LinkRemove(_)
            | LinkVerify(_)
            | MeEdit(_)
            | MeFrom(_)
            | MeVisible(_)
            | MeWithdraw(_)
            | PolicySet(_)
            | PolicyTell(_)
            | UpdateKeep(_)
            | UpdateWhen(_)
    )
}

/// Finds the one contact whose id begins like this.
pub(crate) fn contact(prefix: &str, rows: &Connection) -> Outcome<EntityId> {
    let prefix = prefix.trim().to_ascii_lowercase();
    if prefix.is_empty() || prefix.len() > 2 * EntityId::LEN {
        return Ok(Err(Error::new(Code::NotFound, "That is not the id of a contact.")));
    }
    Ok(match contacts_by_prefix(rows, &prefix)?[..] {
        [id] => Ok(id),
        [] => Err(Error::new(Code::NotFound, format!("There is no contact {prefix}."))),
        _ => Err(Error::new(Code::Ambiguous, format!("Several contacts begin with {prefix}. Give more of the id."))),
    })
}

/// Finds contacts by the beginnings of their ids; each once.
pub(crate) fn contacts(prefixes: &[String], rows: &Connection) -> Outcome<Vec<EntityId>> {
    let mut ids = Vec::with_capacity(prefixes.len());
    for prefix in prefixes {
        match contact(prefix, rows)? {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(error) => return Ok(Err(error)),
        }
    }
    if ids.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "Name at least one contact.")));
    }
    Ok(Ok(ids))
}

/// "1 contact", "12 contacts".
pub(crate) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
