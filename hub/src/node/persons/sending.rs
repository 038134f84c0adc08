//! Sending: a cut of an item for each recipient, made into their next publication. Nothing leaves but by [`send`] and by
//! a standing audience ([`send_kept`]).

use super::{PeopleHappening, audience, audience::Scenery, finding, items, me};
use crate::{
    api::{Answer, Code, Error, ReadyLetter, Standing, UpdateKeep, UpdateLetter, UpdateSend, UpdateSent, UpdateWhen},
    clock::now_ms,
    node::{
        committer::Proposal,
        contacts::name_of,
        event_loop::Node,
        work::{self, Outcome, Planned, Scene},
    },
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    audience::Audience,
    book,
    entity::Entity,
    id::{DeviceId, EntityId, Hash, PersonId},
    person,
    replica::{Draft, Edit, Rows},
    share::{self, Due, Order, Publication, Sent, When},
    vcard::{Property, Version, print},
};
use std::collections::BTreeSet;

/// Under whose name publications are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub(crate) person: PersonId,
    pub(crate) device: DeviceId,
    /// Epoch and hash of the roster.
    pub(crate) roster: (u64, Hash),
}

impl Sender {
    fn draft(&self, to: PersonId, item: EntityId, content: Option<share::Content>, now: i64) -> Publication {
        Publication::draft((self.person, self.device), to, item, self.roster, content, now)
    }
}

/// Names what was sent at once: all own devices know it by the same name.
pub(super) fn update_id(publication: &Publication) -> String {
    let Order { device, .. } = publication.order;
    let device = device.to_string();
    format!("{:016x}{}", publication.made_ms, &device[..16])
}

/// `update.send`.
pub(crate) fn send(request: &UpdateSend, scene: &Scene, sender: Sender, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let rule = match audience::read(&request.audience, rows.connection())? {
        Ok(rule) => rule,
        Err(error) => return Ok(Err(error)),
    };
    let item = match items::find(request.item.as_deref(), scene, rows.connection())? {
        Ok(item) => item,
        Err(error) => return Ok(Err(error)),
    };
    let scenery = Scenery::gather(std::slice::from_ref(&rule), rows.connection())?;
    let found = scenery.recipients(std::slice::from_ref(&rule));
    let now = next_moment(rows, item)?;
    let edits = publish(rows, &scenery, found.recipients.iter().map(|(id, _)| *id), item, sender, now)?;
    let name = update_id(&Publication { made_ms: now, ..sender.draft(sender.person, item, None, now) });
    let sent = UpdateSent {
        update_id: name,
        recipients: found.recipients.len() as u32,
        sent: edits.len() as u32,
        unreachable: audience::unreachable(&found, rows.connection())?,
    };
    // What has left cannot be taken back: it is withdrawn by another update.
    Ok(Ok(Planned::new(one_each(edits), Answer::UpdateSend(sent), "")))
}

/// The time of a send: later than that of any before it, so that each has a name of its own.
fn next_moment(rows: &mut Writing<'_>, item: EntityId) -> Result<i64, StoreError> {
    let mut last = None;
    for (_, link) in store::links(rows.connection())? {
        last = last.max(Sent::of_item(&link, item).map(|sent| sent.newest.made_ms));
    }
    let now = now_ms();
    Ok(last.map_or(now, |last| now.max(last.saturating_add(1)).min(now.saturating_add(AHEAD_MS_MAX))))
}

/// The next publication for each of these, as far as it says anything new to them.
fn publish(
    rows: &mut Writing<'_>,
    scenery: &Scenery,
    contacts: impl Iterator<Item = EntityId>,
    item: EntityId,
    sender: Sender,
    now: i64,
) -> Result<Vec<Edit>, StoreError> {
    let shared = rows.entity(item)?.clone();
    let mut edits = Vec::new();
    for contact in contacts {
        let Some((link, _)) = scenery.links.get(&contact).filter(|(link, _)| link.is_open()) else { continue };
        let viewer = audience::viewer_of(rows, Some(contact))?;
        let content = share::cut(&shared, &viewer.viewer());
        let entity = rows.entity(person::id(link.person))?;
        let draft = sender.draft(link.person, item, Some(content), now);
        edits.extend(share::publish(entity, draft).map(|(edit, _)| edit));
    }
    Ok(edits)
}

/// One publication is as large as a change may be.
pub(super) fn one_each(edits: Vec<Edit>) -> Vec<Draft> {
    edits.into_iter().map(|edit| Draft { edits: vec![edit], import: None }).collect()
}

/// Withdraws an item from everybody who was sent it.
pub(super) fn withdraw_everywhere(
    rows: &mut Writing<'_>,
    item: EntityId,
    sender: Sender,
) -> Result<Vec<Edit>, StoreError> {
    let now = next_moment(rows, item)?;
    let mut edits = Vec::new();
    for link in finding::links(rows.connection())? {
        let entity = rows.entity(person::id(link.person))?;
        let draft = sender.draft(link.person, item, None, now);
        edits.extend(share::withdraw_publication(entity, draft).map(|(edit, _)| edit));
    }
    Ok(edits)
}

/// Sends something to one person, e.g. a contact that is given away.
pub(super) fn send_to(
    rows: &mut Writing<'_>,
    to: PersonId,
    item: EntityId,
    content: share::Content,
    sender: Sender,
) -> Result<(String, Option<Edit>), StoreError> {
    let now = next_moment(rows, item)?;
    let draft = sender.draft(to, item, Some(content), now);
    let name = update_id(&draft);
    Ok((name, share::publish(rows.entity(person::id(to))?, draft).map(|(edit, _)| edit)))
}

/// `update.keep`.
pub(crate) fn keep(request: &UpdateKeep, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let item = match items::find(request.item.as_deref(), scene, rows.connection())? {
        Ok(item) => item,
        Err(error) => return Ok(Err(error)),
    };
    let rule = match &request.audience {
        Some(words) => match audience::read(words, rows.connection())? {
            Ok(rule) => Some(rule),
            Err(error) => return Ok(Err(error)),
        },
        None => None,
    };
    let edits = vec![share::set_standing(item, rule.as_ref()), touched(rows.entity(item)?, item)];
    let when = me::when_word(share::when(rows.entity(item)?));
    let answer = Answer::UpdateKeep(Standing { audience: rule.as_ref().map(audience::words), when });
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], answer, "")))
}

/// `update.when`.
pub(crate) fn when(request: &UpdateWhen, scene: &Scene, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let item = match items::find(request.item.as_deref(), scene, rows.connection())? {
        Ok(item) => item,
        Err(error) => return Ok(Err(error)),
    };
    let Some(when) = read_when(&request.when) else {
        let message = format!("{}: updates leave now, changes:N or minutes:M.", request.when);
        return Ok(Err(Error::new(Code::BadRequest, message)));
    };
    let edits = vec![share::set_when(item, when), touched(rows.entity(item)?, item)];
    let kept = share::standing(rows.entity(item)?);
    let answer =
        Answer::UpdateWhen(Standing { audience: kept.first().map(audience::words), when: me::when_word(when) });
    Ok(Ok(Planned::new(vec![Draft { edits, import: None }], answer, "")))
}

fn read_when(text: &str) -> Option<When> {
    let count = |text: &str| text.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count));
    match text.split_once(':') {
        None if text == "now" => Some(When::Now),
        Some(("changes", number)) => count(number).map(When::Changes),
        Some(("minutes", number)) => count(number).map(When::Minutes),
        _ => None,
    }
}

/// The `state` that goes with every change of a contact, which my card is; other items have none.
fn touched(entity: &Entity, item: EntityId) -> Edit {
    let state = if book::is_trashed(entity) { book::TRASHED } else { book::ALIVE };
    book::set_state(item, state)
}

impl Node {
    /// Sends what has changed to standing audiences, if it is time.
    pub(super) fn send_standing(&self) {
        let Some(member) = &self.member else { return };
        let (committer, later) = (self.committer(member), self.people_later());
        let sender = sender(member);
        let own = member.scene.me();
        tokio::spawn(async move {
            let sent = committer.commit(move |rows| send_kept(rows, own, sender)).await;
            match sent {
                Ok(next_ms) => later(PeopleHappening::StandingDue(next_ms)),
                Err(error) => tracing::warn!(%error, "a standing audience was not served"),
            }
        });
    }
}

/// Under whose name this device sends.
pub(crate) fn sender(member: &crate::node::member::Member) -> Sender {
    Sender { person: member.keys.person, device: member.me(), roster: (member.roster.epoch(), member.roster.hash()) }
}

/// Publishes what changed of items with a standing audience, as far as it is due; hands back when the next is.
fn send_kept(rows: &mut Writing<'_>, own: EntityId, sender: Sender) -> Outcome<Proposal<Option<i64>>> {
    let mut shared = vec![own];
    shared.extend(store::items(rows.connection())?.into_iter().map(|(id, _)| id));
    let (mut edits, mut next) = (Vec::new(), None);
    for item in shared {
        let entity = rows.entity(item)?.clone();
        let rules: Vec<Audience> = share::standing(&entity);
        if rules.is_empty() {
            continue;
        }
        let (changes, first_ms) = unsent(rows, item, &entity)?;
        match share::due(share::when(&entity), changes, first_ms, now_ms()) {
            Due::Nothing | Due::Later => {}
            Due::At(at) => next = Some(next.map_or(at, |known: i64| known.min(at))),
            Due::Now => {
                let scenery = Scenery::gather(&rules, rows.connection())?;
                let found = scenery.recipients(&rules);
                let now = next_moment(rows, item)?;
                edits.extend(publish(rows, &scenery, found.recipients.iter().map(|(id, _)| *id), item, sender, now)?);
            }
        }
    }
    Ok(Ok(Proposal { drafts: one_each(edits), answer: next, what: String::new(), import: None, groups: false }))
}

/// How many saves of an item were made since it was last sent, or since somebody is kept informed; and when the first
/// was, in milliseconds since 1970.
fn unsent(rows: &mut Writing<'_>, item: EntityId, entity: &Entity) -> Result<(u32, i64), StoreError> {
    let mut since = share::standing_since(entity);
    for (_, link) in store::links(rows.connection())? {
        since = since.max(Sent::of_item(&link, item).map(|sent| sent.newest.made_ms));
    }
    let since = since.unwrap_or(i64::MIN);
    let mut saves: BTreeSet<(i64, DeviceId)> = BTreeSet::new();
    for (_, register) in entity.registers().filter(|(path, _)| share::is_content(path)) {
        saves.extend(register.siblings().iter().map(|sibling| (sibling.clock, sibling.device)));
    }
    for past in store::past(rows.connection(), item)?.iter().filter(|past| share::is_content(&past.path)) {
        saves.insert((past.clock, past.device));
    }
    saves.retain(|(clock, _)| *clock > since);
    let first = saves.first().map_or(0, |(clock, _)| *clock);
    Ok((u32::try_from(saves.len()).unwrap_or(u32::MAX), first))
}

/// `update.letter`, but for the invitation, which needs a running hub.
pub(crate) fn letter(request: &UpdateLetter, scene: &Scene, rows: &Connection) -> Outcome<ReadyLetter> {
    let contact = match work::contact(&request.contact, rows)? {
        Ok(contact) => contact,
        Err(error) => return Ok(Err(error)),
    };
    let entity = store::entity(rows, contact)?.unwrap_or_default();
    let mine = store::entity(rows, scene.me())?.unwrap_or_default();
    let seen = audience::Seen::of(Some(contact), Some(&entity));
    let content = share::cut(&mine, &seen.viewer());
    let properties: Vec<Property> =
        content.properties.iter().filter_map(|s| share::effective(s, now_ms()).current.cloned()).collect();
    let own = name_of(&mine);
    let reachable = properties.iter().filter(|property| matches!(&*property.name(), "TEL" | "EMAIL" | "ADR"));
    let lines: Vec<String> = reachable.map(Property::text).collect();
    let message = format!(
        "Hello {},\n\nmy contact details have changed:\n\n{}\n\nA card that every address book reads goes with this \
         message.\n\n{own}",
        name_of(&entity),
        lines.join("\n")
    );
    let vcard = print(&properties.iter().collect::<Vec<_>>(), Version::V30);
    let (subject, mail) = (format!("New contact details of {own}"), audience::mail_of(&entity));
    let mailto = mail.map(|mail| mailto(&mail, &subject, &message));
    Ok(Ok(ReadyLetter { subject, message, vcard, link: None, mailto }))
}

/// A `mailto:` address (RFC 6068).
fn mailto(mail: &str, subject: &str, body: &str) -> String {
    let encode = |text: &str| -> String {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(byte);
        text.replace('\n', "\r\n")
            .bytes()
            .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    format!("mailto:{}?subject={}&body={}", encode(mail), encode(subject), encode(body))
}

/// Most changes, or minutes, that updates may be held back for: a week in minutes.
const COUNT_MAX: u32 = 10_080;
/// How far a send may be dated ahead of the clock so that it comes after the one before, in milliseconds.
const AHEAD_MS_MAX: i64 = 24 * 3600 * 1000;
