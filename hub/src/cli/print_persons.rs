//! Answers about persons and updates as a person reads them.

use super::print::{card, line, or_dash};
use fast_qr::QRBuilder;
use kith_hub::api::{
    Activity, Answer, AudiencePreview, Decided, FieldChange, Freshness, HouseholdProposals, Inbox, InteractionCounts,
    InteractionsImported, Items, Ledger, LinkAccepted, LinkInvited, Links, MyCard, Notify, Policies, Safety, Standing,
    Unreachable, UpdateSent,
};
use std::io::IsTerminal;

pub(super) fn words(answer: &Answer) {
    match answer {
        Answer::MeShow(card)
        | Answer::MeEdit(card)
        | Answer::MeFrom(card)
        | Answer::MeWithdraw(card)
        | Answer::MeVisible(card) => my_card(card),
        Answer::ItemsList(all) => items(all),
        Answer::ItemsAdd(item) | Answer::ItemsSet(item) | Answer::ItemsRemove(item) => line(&item.id),
        Answer::LinkInvite(invitation) => invited(invitation),
        Answer::LinkAccept(done) => accepted(done),
        Answer::LinkList(list) => links(list),
        Answer::LinkWords(words) => {
            line(&format!("You read out:        {}", words.mine));
            line(&format!("The other must say:  {}", words.theirs));
        }
        Answer::LinkVerify(link)
        | Answer::LinkRemove(link)
        | Answer::LinkHousehold(link)
        | Answer::LinkBlock(link)
        | Answer::LinkMute(link)
        | Answer::LinkAttach(link) => line(&link.person_id),
        Answer::HouseholdList(list) => proposals(list),
        Answer::AudienceShow(preview) => audience(preview),
        Answer::UpdateSend(update) | Answer::Give(update) => sent(update),
        Answer::UpdateKeep(kept) | Answer::UpdateWhen(kept) => standing(kept),
        Answer::UpdateLetter(letter) => {
            line(&format!("{}\n\n{}\n\n{}", letter.subject, letter.message, letter.vcard));
        }
        Answer::LedgerShow(entries) => ledger(entries),
        Answer::Ask(asked) => {
            line(&format!("{} asked, {} answered.", asked.asked.len(), asked.answered.len()));
        }
        Answer::PolicySet(list) | Answer::PolicyShow(list) | Answer::PolicyTell(list) => policies(list),
        Answer::InboxList(list) => inbox(list),
        Answer::InboxAccept(decided)
        | Answer::InboxLater(decided)
        | Answer::InboxRefuse(decided)
        | Answer::InboxUndo(decided) => self::decided(decided),
        Answer::NotifyShow(set) | Answer::NotifySet(set) => notify(set),
        Answer::NotifyDue(due) => match &due.notice {
            Some(notice) => line(&format!("{}\n{}", notice.title, notice.body)),
            None => line("Nothing waits."),
        },
        Answer::InteractionsImport(found) => imported(found),
        Answer::InteractionsWatch(watched) => {
            watched.imported.iter().for_each(imported);
            watched.paths.iter().for_each(|path| line(path));
        }
        Answer::InteractionsTop(counts) => top(counts),
        Answer::ActivityShow(list) => activity(list),
        Answer::SafetyShow(list) => safety(list),
        _ => {}
    }
}

fn my_card(mine: &MyCard) {
    card(&mine.card);
    for shared in &mine.shared {
        let who: Vec<String> = shared.visible.iter().map(|who| who.join(" or ")).collect();
        let from = shared.from.as_ref().map(|from| format!(", from {from}")).unwrap_or_default();
        let id = &shared.property_id[..8.min(shared.property_id.len())];
        line(&format!("  {id}  {}  for {}{from}", shared.name, who.join(", and only ")));
        shared.former.iter().for_each(|former| line(&format!("            until {}  {}", former.until, former.text)));
    }
}

fn items(items: &Items) {
    for item in &items.items {
        line(&format!("{}  {}  {}  {}", item.id, item.kind, item.name, item.text));
    }
    for item in &items.received {
        line(&format!("{}  {}  {}  {}  from {}", item.id, item.kind, item.name, item.text, or_dash(&item.person_name)));
    }
}

fn invited(invitation: &LinkInvited) {
    line(&format!("Good for one person, once, until {}:\n\n{}\n", invitation.expires, invitation.link));
    if let (true, Ok(qr)) = (std::io::stdout().is_terminal(), QRBuilder::new(invitation.link.as_str()).build()) {
        line(&qr.to_str());
    }
}

fn accepted(accepted: &LinkAccepted) {
    if accepted.state == "waiting" {
        line("Their device was not reached. It is tried again whenever this hub runs.");
    } else {
        line(&format!("Linked to {}.", or_dash(&accepted.name)));
    }
    line(&format!("To make sure, let them read out their words: {}", accepted.words));
    for alike in &accepted.lookalikes {
        line(&format!("Another contact has a name like this: {} ({})", alike.name, alike.id));
    }
}

fn links(links: &Links) {
    for link in &links.links {
        let mut said = vec![link.state.clone(), link.path.clone()];
        said.push(if link.verified { format!("verified {}", link.verified_by) } else { "not verified".to_owned() });
        let flags = [(link.household, "household"), (link.blocked, "blocked"), (link.muted, "muted")];
        said.extend(flags.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
        line(&format!("{}  {}  {}", link.person_id, or_dash(&link.name), said.join(", ")));
        for candidate in &link.candidates {
            line(&format!("    perhaps {} ({}): {}", candidate.name, candidate.contact_id, candidate.why));
        }
        for alike in &link.lookalikes {
            line(&format!("    not to be mistaken for {} ({})", alike.name, alike.id));
        }
    }
    for open in &links.invitations {
        line(&format!("{}  an invitation, until {}", open.id, open.expires));
    }
    for waiting in &links.waiting {
        line(&format!("{}  {} has not answered yet", waiting.id, or_dash(&waiting.name)));
    }
}

fn proposals(list: &HouseholdProposals) {
    for one in &list.proposals {
        let new = one.new.as_deref().unwrap_or("removed");
        line(&format!("{}  {}: {} {} -> {new} (as {})", one.id, one.name, one.property, one.old, one.changed_by));
    }
}

fn audience(preview: &AudiencePreview) {
    for recipient in &preview.recipients {
        line(&format!("{}  {}  {}", recipient.contact_id, or_dash(&recipient.name), recipient.why));
        recipient.news.iter().for_each(change);
    }
    line(&format!("{} get it.", preview.recipients.len()));
    unreachable(&preview.unreachable);
    freshness(&preview.freshness);
}

fn change(change: &FieldChange) {
    let (old, new) = (change.old.as_deref().unwrap_or("-"), change.new.as_deref().unwrap_or("removed"));
    let from = change.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
    let torn = if change.torn { "  (accepted on one device, refused on another)" } else { "" };
    let who = if change.identity { "  (who they are)" } else { "" };
    line(&format!("    {}  {old} -> {new}{from}{who}{torn}", change.name));
}

fn unreachable(all: &[Unreachable]) {
    for one in all {
        line(&format!("{}  {}  cannot be reached: `update letter` writes a message", one.contact_id, one.name));
    }
}

fn sent(update: &UpdateSent) {
    line(&format!("{}  {} meant, {} get something new", update.update_id, update.recipients, update.sent));
    unreachable(&update.unreachable);
}

fn standing(kept: &Standing) {
    let whom = if kept.audience.is_some() { "Later changes go out by themselves" } else { "Nothing goes by itself" };
    line(&format!("{whom} ({}).", kept.when));
}

fn ledger(ledger: &Ledger) {
    for entry in &ledger.deliveries {
        let when = entry.delivered.as_deref().unwrap_or_default();
        let what = if entry.item.is_empty() { "my card" } else { &entry.item };
        let (version, state, path) = (entry.version, &entry.state, &entry.path);
        line(&format!("{}  {what} {version}  {state} {path} {when}", or_dash(&entry.name)));
    }
}

fn policies(policies: &Policies) {
    for row in &policies.policies {
        let person = row.person_id.as_deref().unwrap_or("everybody");
        line(&format!("{}  {person}  {}", row.policy, row.field.as_deref().unwrap_or("everything")));
    }
    let told = if policies.tell { "hear" } else { "do not hear" };
    line(&format!("Those who send {told} what became of it."));
}

fn inbox(inbox: &Inbox) {
    for update in &inbox.updates {
        let until = update.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        let first = if update.first { ", a first card: make sure who it is" } else { "" };
        let (id, name, state) = (&update.id, or_dash(&update.name), &update.state);
        line(&format!("{id}  {name}  {} {}  {}  {state}{until}{first}", update.kind, update.item, update.time));
        update.changes.iter().for_each(change);
        for candidate in &update.candidates {
            line(&format!("    perhaps {} ({}): {}", candidate.name, candidate.contact_id, candidate.why));
        }
        for alike in &update.lookalikes {
            line(&format!("    not to be mistaken for {} ({})", alike.name, alike.id));
        }
    }
}

fn decided(decided: &Decided) {
    let until = decided.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
    match decided.count {
        0 => line(&format!("Settled before: {}{until}.", decided.state)),
        count => line(&format!("{count} done: {}{until}.", decided.state)),
    }
    if let Some(newer) = &decided.newer {
        line(&format!("They said something newer since, which waits: {newer}"));
    }
}

fn notify(set: &Notify) {
    let now = if set.quiet_now { ", now" } else { "" };
    line(&format!("quiet    {}{now}", or_dash(&set.quiet)));
    let waits = if set.waits { "updates for unmetered networks wait" } else { "nothing waits for it" };
    line(&format!("metered  {} (the system says {}: {waits})", set.metered, set.network));
}

fn imported(found: &InteractionsImported) {
    let InteractionsImported { added, known, too_old, unreadable, freshness: fresh } = found;
    line(&format!("{added} added, {known} known, {too_old} too old, {unreadable} not readable"));
    freshness(fresh);
}

fn freshness(fresh: &Freshness) {
    let all = [("calls", &fresh.calls), ("messages", &fresh.messages), ("mails", &fresh.mails)];
    for (kind, until) in all {
        line(&format!("{kind} are known until {}", until.as_deref().unwrap_or("never")));
    }
}

fn top(counts: &InteractionCounts) {
    for one in &counts.contacts {
        let (calls, messages, mails) = (one.calls, one.messages, one.mails);
        line(&format!("{}  {}  {calls} calls, {messages} messages, {mails} mails", one.id, or_dash(&one.name)));
    }
    freshness(&counts.freshness);
}

fn activity(activity: &Activity) {
    activity.entries.iter().for_each(|entry| line(&format!("{}  {}  {}", entry.time, entry.name, entry.text)));
}

fn safety(safety: &Safety) {
    for entry in &safety.entries {
        line(&format!("{}  {}: {}", entry.kind, or_dash(&entry.name), entry.sees));
        if !entry.changes.is_empty() {
            line(&format!("    can change {}", entry.changes));
        }
        if !entry.remedy.is_empty() {
            line(&format!("    {}", entry.remedy));
        }
    }
}
