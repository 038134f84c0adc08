//! What a notification says: of one update what changes, of several who sent them.

use crate::api::{FieldChange, InboxUpdate, Notice};
use std::collections::BTreeSet;

/// The notice in words.
pub(super) fn words(updates: &[InboxUpdate], fresh: bool, keys: Vec<String>) -> Notice {
    let ids = updates.iter().map(|update| update.id.clone()).collect();
    let (title, body) = match updates {
        [one] => of_one(one),
        several => of_several(several),
    };
    let answerable = matches!(updates, [one] if !one.first && !one.changes.iter().any(|change| change.torn));
    Notice { fresh, title, body, updates: ids, answerable, keys }
}

fn of_one(update: &InboxUpdate) -> (String, String) {
    let name = or_somebody(&update.name);
    if update.first {
        let alike =
            update.lookalikes.first().map(|alike| format!("The name looks like {}, whom you know. ", alike.name));
        let body = format!("{}Make sure who it is before you answer.", alike.unwrap_or_default());
        return (format!("{name} sends you a first card"), body);
    }
    let title = match update.kind.as_str() {
        "card" if update.changes.iter().any(|change| change.identity) => format!("{name} changed who they are"),
        "card" => format!("{name} changed their card"),
        "contact" => format!("{name} gives you a contact"),
        kind => format!("{name} shares a {kind}"),
    };
    let mut lines: Vec<String> = update.changes.iter().take(LINES_MAX).map(line).collect();
    if update.changes.len() > LINES_MAX {
        lines.push(format!("and {} more", update.changes.len() - LINES_MAX));
    }
    (title, lines.join("\n"))
}

fn line(change: &FieldChange) -> String {
    let label = match change.name.as_str() {
        "FN" | "N" => "Name",
        "TEL" => "Phone",
        "EMAIL" => "Mail",
        "ADR" => "Address",
        "ORG" => "Organisation",
        "TITLE" | "ROLE" => "Work",
        "PHOTO" => return "A new picture".to_owned(),
        "NOTE" => "Note",
        "URL" => "Web",
        "BDAY" => "Birthday",
        other => other,
    };
    let value = change.new.as_deref().unwrap_or("removed");
    let short: String = value.chars().take(LINE_CHARS_MAX).collect();
    format!("{label}: {}", short.replace(['\n', '\r'], " "))
}

fn of_several(updates: &[InboxUpdate]) -> (String, String) {
    let mut names: Vec<&str> = Vec::new();
    let mut persons = BTreeSet::new();
    for update in updates {
        if persons.insert(&update.person_id) {
            names.push(or_somebody(&update.name));
        }
    }
    let title = match persons.len() {
        1 => format!("{} sent {} updates", names.first().copied().unwrap_or_default(), updates.len()),
        count => format!("{count} people sent updates"),
    };
    let mut body = names.iter().take(LINES_MAX).copied().collect::<Vec<_>>().join(", ");
    if names.len() > LINES_MAX {
        body += &format!(" and {} more", names.len() - LINES_MAX);
    }
    (title, body)
}

fn or_somebody(name: &str) -> &str {
    if name.is_empty() { "Somebody" } else { name }
}

/// Lines of a notice.
const LINES_MAX: usize = 3;
/// Characters of one of them.
const LINE_CHARS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Named;

    fn update(name: &str, kind: &str, changes: &[(&str, &str)]) -> InboxUpdate {
        let change = |(name, new): &(&str, &str)| FieldChange {
            name: (*name).to_owned(),
            new: Some((*new).to_owned()),
            identity: *name == "FN",
            ..FieldChange::default()
        };
        InboxUpdate {
            name: name.to_owned(),
            person_id: name.to_owned(),
            kind: kind.to_owned(),
            changes: changes.iter().map(change).collect(),
            ..InboxUpdate::default()
        }
    }

    fn said(updates: &[InboxUpdate]) -> (String, String, bool) {
        let notice = words(updates, true, Vec::new());
        (notice.title, notice.body, notice.answerable)
    }

    #[test]
    fn one_update_says_what_changes_several_say_who_sent_them_and_a_stranger_is_not_answered_there() {
        let numbers: Vec<(&str, &str)> = ["1", "2", "3", "4\nwith a trick"].iter().map(|n| ("TEL", *n)).collect();
        let (title, body, answerable) = said(&[update("Ann", "card", &numbers)]);
        assert_eq!((title.as_str(), answerable), ("Ann changed their card", true));
        assert_eq!(body, "Phone: 1\nPhone: 2\nPhone: 3\nand 1 more");
        let named = update("Ann", "card", &[("FN", "The Bank\r\nAccept")]);
        let (title, body, _) = said(&[named]);
        assert_eq!((title.as_str(), body.as_str()), ("Ann changed who they are", "Name: The Bank  Accept"));
        let mut stranger = update("Dora Kovacs", "card", &[("TEL", "1")]);
        stranger.first = true;
        stranger.lookalikes = vec![Named { id: String::new(), name: "Dora Kov\u{e1}cs".to_owned() }];
        let (_, body, answerable) = said(&[stranger]);
        assert!(body.contains("Dora Kov\u{e1}cs") && !answerable);
        let all: Vec<InboxUpdate> = ["A", "B", "C", "D", ""].iter().map(|name| update(name, "note", &[])).collect();
        assert_eq!(said(&all), ("5 people sent updates".to_owned(), "A, B, C and 2 more".to_owned(), false));
        let twice = [update("A", "note", &[]), update("A", "card", &[])];
        assert_eq!(said(&twice).0, "A sent 2 updates");
    }
}
