//! Whom an audience means right now, why, and what each of them would get.

use super::finding;
use crate::{
    api::{
        self, Answer, AudiencePreview, AudienceShow, Code, Error, FieldChange, Freshness, GroupKind, Named, Recipient,
        Unreachable,
    },
    clock::{now_ms, rfc3339},
    node::{
        contacts::name_of,
        groups, settings,
        work::{Outcome, Scene},
    },
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    audience::{self, Audience, Closeness, Facts, Reason, Recipients, WINDOW_DAYS, WINDOW_DAYS_MAX},
    book, card,
    entity::Entity,
    id::EntityId,
    interaction::{self, Counts, Kind},
    person::Link,
    replica::Rows,
    share::{self, FieldNews, Received, Sent, Shared, Viewer},
    vcard::Property,
};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the words of a rule.
pub(super) fn read(words: &api::Audience, rows: &Connection) -> Outcome<Audience> {
    let mut rule = Audience { everyone: words.everyone, ..Audience::default() };
    for (kind, names, found) in
        [(GroupKind::Group, &words.groups, &mut rule.groups), (GroupKind::Tag, &words.tags, &mut rule.tags)]
    {
        for name in names {
            match groups::find(kind, name, rows)? {
                Ok(row) => drop(found.insert(row.id)),
                Err(error) => return Ok(Err(error)),
            }
        }
    }
    for (ids, found) in [(&words.contacts, &mut rule.contacts), (&words.except, &mut rule.except)] {
        match finding::contacts(ids, rows)? {
            Ok(ids) => found.extend(ids),
            Err(error) => return Ok(Err(error)),
        }
    }
    if let Some(min) = words.min_interactions {
        match closeness(min, words) {
            Ok(closeness) => rule.closeness = Some(closeness),
            Err(error) => return Ok(Err(error)),
        }
    }
    let nobody = !rule.everyone
        && rule.groups.is_empty()
        && rule.tags.is_empty()
        && rule.contacts.is_empty()
        && rule.closeness.is_none();
    if nobody {
        let message = "Say whom you mean: everyone, a group, a tag, contacts, or those with whom there was much to do.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    Ok(Ok(rule))
}

fn closeness(min: u32, words: &api::Audience) -> Result<Closeness, Error> {
    let window_days = words.window_days.unwrap_or(WINDOW_DAYS);
    if window_days == 0 || window_days > WINDOW_DAYS_MAX {
        let message = format!("The window is 1 to {WINDOW_DAYS_MAX} days: older interactions are not kept.");
        return Err(Error::new(Code::BadRequest, message));
    }
    let kinds = words.kinds.iter().map(|word| {
        let wrong = || Error::new(Code::BadRequest, format!("{word}: the kinds are call, message and mail."));
        Kind::of(word.trim()).ok_or_else(wrong)
    });
    let kinds: BTreeSet<Kind> = kinds.collect::<Result<_, _>>()?;
    let kinds = if kinds.is_empty() { Kind::ALL.into() } else { kinds };
    Ok(Closeness { min, window_days, kinds })
}

/// A rule in the words of the command list.
pub(super) fn words(rule: &Audience) -> api::Audience {
    let ids = |ids: &BTreeSet<EntityId>| ids.iter().map(EntityId::to_string).collect();
    api::Audience {
        everyone: rule.everyone,
        groups: ids(&rule.groups),
        tags: ids(&rule.tags),
        contacts: ids(&rule.contacts),
        min_interactions: rule.closeness.as_ref().map(|closeness| closeness.min),
        window_days: rule.closeness.as_ref().map(|closeness| closeness.window_days),
        kinds: rule.closeness.iter().flat_map(|c| c.kinds.iter().map(|kind| kind.word().to_owned())).collect(),
        except: ids(&rule.except),
    }
}

/// Somebody for whom an item is cut, as the book knows them.
pub(super) struct Seen {
    contact: Option<EntityId>,
    groups: BTreeSet<EntityId>,
    tags: BTreeSet<EntityId>,
}

impl Seen {
    pub(super) fn viewer(&self) -> Viewer<'_> {
        Viewer { contact: self.contact, groups: &self.groups, tags: &self.tags }
    }

    pub(super) fn of(contact: Option<EntityId>, entity: Option<&Entity>) -> Self {
        let living =
            || entity.into_iter().flat_map(|e| e.registers()).filter(|(_, register)| register.value().is_some());
        Self {
            contact,
            groups: living().filter_map(|(path, _)| path.as_in_group()).collect(),
            tags: living().filter_map(|(path, _)| path.as_tagged()).collect(),
        }
    }
}

/// The same as the writer sees them.
pub(super) fn viewer_of(rows: &mut Writing<'_>, contact: Option<EntityId>) -> Result<Seen, StoreError> {
    Ok(match contact {
        Some(id) => Seen::of(contact, Some(rows.entity(id)?)),
        None => Seen::of(None, None),
    })
}

/// What an audience is computed from, in one reading.
pub(super) struct Scenery {
    facts: BTreeMap<EntityId, Facts>,
    /// The link of each linked contact.
    pub(super) links: BTreeMap<EntityId, (Link, Entity)>,
}

impl Scenery {
    /// Gathers what these rules ask for.
    pub(super) fn gather(rules: &[Audience], rows: &Connection) -> Result<Self, StoreError> {
        let mut links = BTreeMap::new();
        for (_, entity) in store::links(rows)? {
            let Some(link) = Link::of(&entity) else { continue };
            if let Some(contact) = link.contact {
                links.insert(contact, (link, entity));
            }
        }
        let mut wanted: BTreeSet<EntityId> = links.keys().copied().collect();
        for rule in rules {
            wanted.extend(&rule.contacts);
            for group in rule.groups.iter().chain(&rule.tags) {
                wanted.extend(store::contacts_in(rows, *group)?);
            }
        }
        let mut counts: BTreeMap<EntityId, Counts> = BTreeMap::new();
        let since = rules.iter().filter_map(|rule| rule.closeness.as_ref()).map(|c| c.since_ms(now_ms())).min();
        if let Some(since) = since {
            counts = self::counts(rows, since)?;
            wanted.extend(counts.keys());
        }
        let mut facts = BTreeMap::new();
        for contact in wanted {
            let Some(entity) = store::entity(rows, contact)? else { continue };
            if book::kind(&entity) != book::Kind::Contact || book::is_trashed(&entity) {
                continue;
            }
            let seen = Seen::of(Some(contact), Some(&entity));
            let link = links.get(&contact).map(|(link, _)| link);
            facts.insert(
                contact,
                Facts {
                    contact,
                    reachable: link.is_some_and(Link::is_open),
                    blocked: link.is_some_and(|link| link.blocked),
                    groups: seen.groups,
                    tags: seen.tags,
                    counts: counts.get(&contact).copied().unwrap_or_default(),
                },
            );
        }
        Ok(Self { facts, links })
    }

    /// Whom all of these rules mean.
    pub(super) fn recipients(&self, rules: &[Audience]) -> Recipients {
        let facts: Vec<Facts> = self.facts.values().cloned().collect();
        audience::recipients_of_all(rules, &facts, now_ms())
    }
}

/// Interactions since a time, by contact: over all numbers and addresses that a contact has or had.
pub(super) fn counts(rows: &Connection, since_ms: i64) -> Result<BTreeMap<EntityId, Counts>, StoreError> {
    let mut found: BTreeMap<EntityId, Counts> = BTreeMap::new();
    let mut by_address: BTreeMap<String, Vec<(Kind, u32)>> = BTreeMap::new();
    for (address, kind, count) in store::interactions_since(rows, since_ms, now_ms())? {
        by_address.entry(address).or_default().push((kind, count));
    }
    if by_address.is_empty() {
        return Ok(found);
    }
    for (address, contacts) in owners(rows, &by_address.keys().cloned().collect())? {
        for contact in contacts {
            let counts = found.entry(contact).or_default();
            for (kind, count) in by_address.get(&address).into_iter().flatten() {
                counts.add_many(*kind, *count);
            }
        }
    }
    Ok(found)
}

/// The contacts that have or had each of these addresses.
fn owners(rows: &Connection, addresses: &BTreeSet<String>) -> Result<BTreeMap<String, BTreeSet<EntityId>>, StoreError> {
    let settings = settings::read(rows)?;
    let mut former: BTreeMap<EntityId, Vec<Property>> = BTreeMap::new();
    for (_, entity) in store::links(rows)? {
        let Some(Link { contact: Some(contact), person, .. }) = Link::of(&entity) else { continue };
        let theirs = Received::of_item(&entity, share::card_item(person)).map(|received| received.ever());
        former.entry(contact).or_default().extend(theirs.unwrap_or_default());
    }
    let mut owners: BTreeMap<String, BTreeSet<EntityId>> = BTreeMap::new();
    for contact in store::all_contacts(rows)? {
        let Some(entity) = store::entity(rows, contact)? else { continue };
        let mut said: Vec<Property> = card::statements(&entity).into_iter().map(|said| said.property).collect();
        said.extend(former.remove(&contact).unwrap_or_default());
        for address in interaction::addresses_of(&said, settings.region()) {
            if addresses.contains(&address) {
                owners.entry(address).or_default().insert(contact);
            }
        }
    }
    Ok(owners)
}

/// Until when interactions are known.
pub(super) fn freshness(rows: &Connection) -> Result<Freshness, StoreError> {
    let newest = |kind| Ok::<_, StoreError>(store::newest_interaction(rows, kind)?.map(rfc3339));
    Ok(Freshness { calls: newest(Kind::Call)?, messages: newest(Kind::Message)?, mails: newest(Kind::Mail)? })
}

/// `audience`.
pub(crate) fn show(request: &AudienceShow, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let rule = match read(&request.audience, rows)? {
        Ok(rule) => rule,
        Err(error) => return Ok(Err(error)),
    };
    let item = match super::items::find(request.item.as_deref(), scene, rows)? {
        Ok(item) => item,
        Err(error) => return Ok(Err(error)),
    };
    let scenery = Scenery::gather(std::slice::from_ref(&rule), rows)?;
    let found = scenery.recipients(std::slice::from_ref(&rule));
    let shared = store::entity(rows, item)?.unwrap_or_default();
    let names: BTreeMap<EntityId, String> = names(rows)?;
    let mut recipients = Vec::new();
    for (contact, reasons) in &found.recipients {
        let Some((link, entity)) = scenery.links.get(contact) else { continue };
        let viewer = Seen::of(Some(*contact), store::entity(rows, *contact)?.as_ref());
        let content = share::cut(&shared, &viewer.viewer());
        let sent = Sent::of_item(entity, item);
        let last = sent.as_ref().and_then(|sent| sent.newest.content.as_ref());
        let fields: BTreeSet<String> = content.properties.iter().filter_map(name).collect();
        recipients.push(Recipient {
            contact_id: contact.to_string(),
            person_id: link.person.to_string(),
            name: finding::name_of_person(link, rows)?,
            why: why(reasons, &names),
            fields: fields.into_iter().collect(),
            news: share::news(last, Some(&content)).iter().map(change).collect(),
            version: sent.map_or(0, |sent| sent.newest.order.number),
        });
    }
    let unreachable = unreachable(&found, rows)?;
    Ok(Ok(Answer::AudienceShow(AudiencePreview { recipients, unreachable, freshness: freshness(rows)? })))
}

/// Those who are meant and cannot be reached.
pub(super) fn unreachable(found: &Recipients, rows: &Connection) -> Result<Vec<Unreachable>, StoreError> {
    let one = |contact: &EntityId| {
        let entity = store::entity(rows, *contact)?.unwrap_or_default();
        Ok(Unreachable { contact_id: contact.to_string(), name: name_of(&entity), mail: mail_of(&entity) })
    };
    found.unreachable.iter().map(one).collect()
}

/// A mail address of a contact.
pub(super) fn mail_of(entity: &Entity) -> Option<String> {
    let mut said = card::properties(entity, None).into_iter().map(|(_, property)| property);
    said.find(|property| property.name() == "EMAIL").map(|property| property.text())
}

fn names(rows: &Connection) -> Result<BTreeMap<EntityId, String>, StoreError> {
    let mut names = BTreeMap::new();
    for kind in [GroupKind::Group, GroupKind::Tag] {
        for Named { id, name } in groups::all(kind, rows)? {
            names.extend(id.parse().ok().map(|id: EntityId| (id, name)));
        }
    }
    Ok(names)
}

fn why(reasons: &[Reason], names: &BTreeMap<EntityId, String>) -> String {
    let name = |id: EntityId| names.get(&id).cloned().unwrap_or_default();
    reasons.iter().map(|reason| reason.words(name)).collect::<Vec<_>>().join(", ")
}

fn name(shared: &Shared) -> Option<String> {
    shared.property.as_ref().map(|property| property.name().into_owned())
}

/// One property, before and after, in words.
pub(super) fn change(news: &FieldNews) -> FieldChange {
    let text = |shared: &Option<Shared>| shared.as_ref().and_then(|s| s.property.as_ref()).map(Property::text);
    let from = news.new.as_ref().and_then(|shared| shared.from_ms).filter(|from| *from > now_ms());
    FieldChange {
        property_id: news.id.to_string(),
        name: news.name.clone(),
        old: text(&news.old),
        new: text(&news.new),
        from: from.map(rfc3339),
        identity: share::is_identity(&news.name),
        torn: false,
    }
}
