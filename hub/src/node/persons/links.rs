//! The commands about links: list, compare words, verify, attach, household, block, mute, remove.

use super::{
    accepting::acceptance_id,
    answering,
    finding::{self, name_of_person, named},
    placing,
};
use crate::{
    api::{
        self, Answer, Code, Error, LinkAttach, LinkBlock, LinkHousehold, LinkId, LinkMute, LinkRemove, LinkVerify,
        LinkWords, LinkWordsShown, Links, OpenInvitation, WaitingAcceptance,
    },
    clock::{now_ms, rfc3339},
    node::work::{self, Outcome, Planned, Scene},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    card,
    id::PersonId,
    layer::Layer,
    person::{self, Ended, Link, Manner, Verified, words},
    replica::{Draft, Edit, Rows},
    vcard::Property,
};
use std::collections::BTreeSet;

/// `link.list`. `open` are the persons of whom a device is connected.
pub(crate) fn list(open: &BTreeSet<PersonId>, rows: &Connection) -> Outcome<Answer> {
    let mut links = Vec::new();
    let mut names = None;
    for link in finding::links(rows)? {
        links.push(one(&link, open, &mut names, rows)?);
    }
    links.sort_by(|a, b| (&a.name, &a.person_id).cmp(&(&b.name, &b.person_id)));
    let now = now_ms();
    let invitations = store::invitations(rows)?.into_iter();
    let invitations =
        invitations.filter(|issued| issued.used.is_none() && now <= issued.expires_ms).map(|issued| OpenInvitation {
            id: issued.hash().to_string(),
            expires: rfc3339(issued.expires_ms),
            shown: issued.manner == Manner::Shown,
        });
    let waiting = store::acceptances(rows)?.into_iter().filter(|acceptance| !acceptance.withdrawn);
    let waiting = waiting.map(|acceptance| WaitingAcceptance {
        id: acceptance_id(&acceptance),
        person_id: acceptance.person.to_string(),
        name: acceptance.name,
        since: rfc3339(acceptance.since),
    });
    Ok(Ok(Answer::LinkList(Links { links, invitations: invitations.collect(), waiting: waiting.collect() })))
}

/// One link. The names of all contacts are read once, for the first that wants to know what looks like its own.
fn one(
    link: &Link,
    open: &BTreeSet<PersonId>,
    names: &mut Option<person::Looks>,
    rows: &Connection,
) -> Result<api::Link, StoreError> {
    let contact = link.contact.map(|id| store::entity(rows, id)).transpose()?.flatten();
    let theirs: Vec<Property> = contact
        .iter()
        .flat_map(card::statements)
        .filter(|said| said.layer == Layer::Theirs(person::id(link.person)))
        .map(|said| said.property)
        .collect();
    // Who is verified need not be told apart any more.
    let unsure = link.is_live() && link.verified == Verified::No;
    let lookalikes = if unsure {
        if names.is_none() {
            *names = Some(person::Looks::of(store::names(rows)?));
        }
        names.as_ref().map(|names| names.like(&link.name)).unwrap_or_default()
    } else {
        Vec::new()
    };
    let lookalikes = lookalikes.into_iter().filter(|id| Some(*id) != link.contact).take(LOOKALIKES_MAX);
    let ended = link.ended.values().max_by_key(|ended| ended.at_ms).filter(|_| !link.is_live());
    Ok(api::Link {
        person_id: link.person.to_string(),
        name: name_of_person(link, rows)?,
        own_name: link.name.clone(),
        contact_id: link.contact.map(|id| id.to_string()),
        verified: link.verified != Verified::No,
        verified_by: link.verified.word().to_owned(),
        household: link.household,
        blocked: link.blocked,
        muted: link.muted,
        state: match ended {
            None => "linked",
            Some(Ended { by_me: true, .. }) => "ended-here",
            Some(_) => "ended-there",
        }
        .to_owned(),
        ended: ended.map(|ended| rfc3339(ended.at_ms)),
        path: if open.contains(&link.person) { "lan" } else { "none" }.to_owned(),
        devices: link.roster().devices().len() as u32,
        candidates: placing::offered(rows, link, &theirs)?,
        lookalikes: lookalikes.map(|id| named(id, rows)).collect::<Result<_, _>>()?,
    })
}

/// `link.words`.
pub(crate) fn compare(request: &LinkWords, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    Ok(finding::link(&request.id, rows)?.map(|link| {
        Answer::LinkWords(LinkWordsShown {
            mine: words(scene.person).to_string(),
            theirs: words(link.person).to_string(),
        })
    }))
}

/// `link.verify`.
pub(crate) fn verify(request: &LinkVerify, rows: &mut Writing<'_>) -> Outcome<Planned> {
    change(&request.id, rows, Answer::LinkVerify, |link| {
        // Who was met face to face is not less sure by comparing words.
        let verified = link.verified.max(Verified::Words);
        vec![person::verify(link.person, verified)]
    })
}

/// `link.household`.
pub(crate) fn household(request: &LinkHousehold, rows: &mut Writing<'_>) -> Outcome<Planned> {
    change(&request.id, rows, Answer::LinkHousehold, |link| vec![person::set_household(link.person, request.on)])
}

/// `link.block`: by person, by contact, or by an update of theirs that waits.
pub(crate) fn block(request: &LinkBlock, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = finding::link(&request.id, rows.connection())?;
    let sender = match found {
        Err(Error { code: Code::NotFound, .. }) => answering::sender_of(&request.id, rows.connection())?,
        _ => None,
    };
    let sender = sender.map(|person| person.to_string());
    let id = sender.as_ref().unwrap_or(&request.id);
    change(id, rows, Answer::LinkBlock, |link| vec![person::set_blocked(link.person, request.on)])
}

/// `link.mute`.
pub(crate) fn mute(request: &LinkMute, rows: &mut Writing<'_>) -> Outcome<Planned> {
    change(&request.id, rows, Answer::LinkMute, |link| vec![person::set_muted(link.person, request.on)])
}

/// `link.remove`: what they told stays as it was.
pub(crate) fn remove(request: &LinkRemove, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let ended = Ended { by_me: true, at_ms: now_ms() };
    let found = finding::link(&request.id, rows.connection())?;
    if found.as_ref().is_ok_and(|link| !link.is_live()) {
        return Ok(Err(Error::new(Code::BadRequest, "This link is over already.")));
    }
    change(&request.id, rows, Answer::LinkRemove, |link| person::end(link, link.live.keys().copied(), ended))
}

/// `link.attach`.
pub(crate) fn attach(request: &LinkAttach, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let link = match finding::link(&request.id, rows.connection())? {
        Ok(link) => link,
        Err(error) => return Ok(Err(error)),
    };
    let contact = match work::contact(&request.contact, rows.connection())? {
        Ok(contact) => contact,
        Err(error) => return Ok(Err(error)),
    };
    let id = person::id(link.person);
    if store::links_of_contact(rows.connection(), contact)?.iter().any(|other| *other != id) {
        let message = "That contact is linked to another person already.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let entity = rows.entity(id)?.clone();
    let mut edits = placing::move_to(rows, &entity, contact, now_ms())?;
    // Said by hand, which is as sure as anything.
    edits.retain(|edit| *edit != person::attach(link.person, contact));
    edits.extend(person::place(link.person, contact));
    let answer = LinkId { person_id: link.person.to_string(), contact_id: Some(contact.to_string()) };
    Ok(Ok(Planned::new(placing::drafts(edits), Answer::LinkAttach(answer), "")))
}

fn change(
    id: &str,
    rows: &mut Writing<'_>,
    answer: impl FnOnce(LinkId) -> Answer,
    edits: impl FnOnce(&Link) -> Vec<Edit>,
) -> Outcome<Planned> {
    let link = match finding::link(id, rows.connection())? {
        Ok(link) => link,
        Err(error) => return Ok(Err(error)),
    };
    let answer = answer(LinkId {
        person_id: link.person.to_string(),
        contact_id: link.contact.map(|contact| contact.to_string()),
    });
    // Not for undo: each of these has a word that takes it back, or cannot be taken back.
    Ok(Ok(Planned::new(vec![Draft { edits: edits(&link), import: None }], answer, "")))
}

const LOOKALIKES_MAX: usize = 5;
