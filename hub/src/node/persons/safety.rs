//! Who and what can see or change my things, in one list, each with the command that ends it.

use super::finding::{links, name_of_person};
use crate::{
    api::{Answer, Safety, SafetyEntry},
    node::{
        backup::Plan,
        work::{Outcome, Scene},
    },
    store::{self, Connection},
};
use kith_core::{
    identity::roster::DeviceCard,
    person,
    share::{self, Sent},
};
use std::collections::BTreeSet;

/// `safety`. `devices` are those of the roster.
pub(crate) fn show(devices: &[DeviceCard], scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let mut entries: Vec<SafetyEntry> = Vec::new();
    for card in devices {
        let this = scene.names.me == Some(card.id);
        entries.push(SafetyEntry {
            kind: "device".to_owned(),
            id: card.id.to_string(),
            name: card.name.clone(),
            sees: "Sees the whole address book, and every setting.".to_owned(),
            changes: "Everything, and which devices there are.".to_owned(),
            fields: Vec::new(),
            remedy: if this { String::new() } else { format!("devices revoke {}", card.id) },
        });
    }
    for link in links(rows)? {
        let entity = store::entity(rows, person::id(link.person))?.unwrap_or_default();
        let sent = Sent::of_item(&entity, share::card_item(scene.person));
        let content = sent.and_then(|sent| sent.newest.content);
        let said = content.iter().flat_map(|content| &content.properties);
        let fields: BTreeSet<String> =
            said.filter_map(|shared| shared.property.as_ref().map(|p| p.name().into_owned())).collect();
        let sees = match (link.is_open(), fields.is_empty()) {
            (true, true) => "Was sent nothing of my card so far.".to_owned(),
            (true, false) => "Has my card as it was sent last, and gets what is sent from now on.".to_owned(),
            (false, true) => continue,
            (false, false) => "Keeps what was sent before the link ended, and gets nothing more.".to_owned(),
        };
        entries.push(SafetyEntry {
            kind: "person".to_owned(),
            id: link.person.to_string(),
            name: name_of_person(&link, rows)?,
            sees,
            changes: if link.is_open() {
                "What they say of themselves on their own card.".to_owned()
            } else {
                String::new()
            },
            fields: fields.into_iter().collect(),
            remedy: if link.is_live() { format!("link remove {}", link.person) } else { String::new() },
        });
    }
    for account in store::accounts(rows)? {
        entries.push(SafetyEntry {
            kind: "account".to_owned(),
            id: account.id.to_string(),
            name: account.name,
            sees: "Nothing: it is only read.".to_owned(),
            changes: "What it says itself about contacts.".to_owned(),
            fields: Vec::new(),
            remedy: format!("accounts remove {}", account.id),
        });
    }
    if let Some(folder) = Plan::read(rows)?.folder {
        entries.push(SafetyEntry {
            kind: "backup".to_owned(),
            id: folder.clone(),
            name: folder,
            sees: "Holds sealed copies of everything: whoever has the recovery code can read them.".to_owned(),
            changes: String::new(),
            fields: Vec::new(),
            remedy: "backup every off".to_owned(),
        });
    }
    Ok(Ok(Answer::SafetyShow(Safety { entries })))
}
