//! Updates of my card: whom they mean, what left, what arrived: `audience`, `update.*`, `ledger`, `inbox.*`, `policy.*`,
//! `ask`, `give`, `activity`. What the shell shows of them: `notify.rs`.

use super::{Named, types::wire};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// A rule that says whom an update means: the union of all that is said, minus exceptions, minus who is blocked.
    struct Audience {
        /// Everyone linked.
        pub everyone: bool,
        /// Groups by name or id.
        pub groups: Vec<String>,
        /// Tags by name or id.
        pub tags: Vec<String>,
        /// Contacts by id.
        pub contacts: Vec<String>,
        /// Those with whom there were at least so many interactions.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub min_interactions: Option<u32>,
        /// Within so many days; 180 unless said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub window_days: Option<u32>,
        /// Which count: `call`, `message`, `mail`; all unless said.
        pub kinds: Vec<String>,
        /// Never these contacts.
        pub except: Vec<String>,
    }
    /// Asks whom an audience means right now.
    struct AudienceShow {
        pub audience: Audience,
        /// Of this item instead of my card.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub item: Option<String>,
    }
    /// Whom it means, why, and what they would get.
    struct AudiencePreview {
        pub recipients: Vec<Recipient>,
        pub unreachable: Vec<Unreachable>,
        pub freshness: Freshness,
    }
    /// Somebody who would get it.
    struct Recipient {
        pub contact_id: String,
        pub person_id: String,
        pub name: String,
        /// All the reasons, in words.
        pub why: String,
        /// The properties that they would have, by name.
        pub fields: Vec<String>,
        /// What is new since the last version that was sent to them.
        pub news: Vec<FieldChange>,
        /// The version that was sent to them last; 0: none.
        #[ts(type = "number")]
        pub version: u64,
    }
    /// Somebody who is meant and has no Kith, or is not linked.
    struct Unreachable {
        pub contact_id: String,
        pub name: String,
        /// A mail address of theirs, if one is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub mail: Option<String>,
    }
    /// One property, before and after.
    struct FieldChange {
        pub property_id: String,
        pub name: String,
        /// Absent: it was not there.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub old: Option<String>,
        /// Absent: it is gone.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub new: Option<String>,
        /// From when the new one holds, if that is later.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub from: Option<String>,
        /// It says who they are: a name, or how they look. Whoever shows it calls it out.
        pub identity: bool,
        /// In the inbox: one own device accepted it and another one refused.
        pub torn: bool,
    }
    /// Until when interactions are known, of each kind; absent: none.
    struct Freshness {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub calls: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub messages: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub mails: Option<String>,
    }
    /// A message for somebody without Kith, to be copied or opened in the mail program. Nothing is sent.
    struct UpdateLetter {
        pub contact: String,
    }
    /// The message.
    struct ReadyLetter {
        pub subject: String,
        pub message: String,
        /// My card as they may see it.
        pub vcard: String,
        /// An invitation for them, if a hub runs here.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub link: Option<String>,
        /// `mailto:` with all of it, if they have a mail address.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub mailto: Option<String>,
    }
    /// Sends the newest version.
    struct UpdateSend {
        pub audience: Audience,
        /// Of this item instead of my card.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub item: Option<String>,
    }
    /// It was sent: it leaves for each recipient as soon as one of their devices is seen.
    struct UpdateSent {
        pub update_id: String,
        /// How many persons are meant.
        pub recipients: u32,
        /// How many of them got something that they had not been sent before.
        pub sent: u32,
        pub unreachable: Vec<Unreachable>,
    }
    /// Keeps an audience, to which later changes go by themselves.
    struct UpdateKeep {
        /// Absent: off.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub audience: Option<Audience>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub item: Option<String>,
    }
    /// Says when updates leave for the standing audience.
    struct UpdateWhen {
        /// `now`, `changes:N` or `minutes:M`.
        pub when: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub item: Option<String>,
    }
    /// The standing audience as it is now.
    struct Standing {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub audience: Option<Audience>,
        pub when: String,
    }

    /// Asks who has which version.
    struct LedgerShow {
        /// Only what this update sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub update: Option<String>,
    }
    /// Who has which version, the newest first.
    struct Ledger {
        pub deliveries: Vec<LedgerEntry>,
    }
    /// One version for one person.
    struct LedgerEntry {
        pub update_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        pub person_id: String,
        pub name: String,
        /// My card, or the id of another item.
        pub item_id: String,
        pub item: String,
        #[ts(type = "number")]
        pub version: u64,
        /// `waiting` or `delivered`; `accepted` or `refused` if the receiver lets me know.
        pub state: String,
        /// By which path it went: `lan`; empty while it waits.
        pub path: String,
        /// When it was made.
        pub made: String,
        /// When it arrived.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub delivered: Option<String>,
    }

    /// Asks persons for news now.
    struct Ask {
        /// Only this one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub person: Option<String>,
    }
    /// Who was asked, and who answered in time.
    struct Asked {
        pub asked: Vec<Named>,
        pub answered: Vec<Named>,
    }

    /// Says what becomes of updates.
    struct PolicySet {
        /// `automatic`, `ask`, `unmetered` or `refuse`; empty: as if nothing had been said.
        pub policy: String,
        /// Of this person only.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub person: Option<String>,
        /// Of properties of this name only.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub field: Option<String>,
    }
    /// Says whether those who send hear what became of it. A block is never told.
    struct PolicyTell {
        pub on: bool,
    }
    /// Asks for the policies.
    struct PolicyShow {}
    /// What becomes of updates: the narrowest that fits counts. The first card of somebody unknown always asks.
    struct Policies {
        pub policies: Vec<PolicyRow>,
        /// Whether those who send hear what became of it.
        pub tell: bool,
    }
    /// One policy.
    struct PolicyRow {
        pub policy: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub person_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub field: Option<String>,
    }
    /// Asks for the updates that wait for an answer.
    struct InboxList {}
    /// They, the newest first.
    struct Inbox {
        pub updates: Vec<InboxUpdate>,
        /// The newest of each that were settled and can be taken back.
        pub settled: Vec<SettledUpdate>,
    }
    /// An update that waits.
    struct InboxUpdate {
        pub id: String,
        pub person_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        /// Who sent it.
        pub name: String,
        /// `card`, `note`, `picture`, `contact` or `other`.
        pub kind: String,
        /// What the item is called; empty for a card.
        pub item: String,
        pub time: String,
        pub changes: Vec<FieldChange>,
        /// `waiting` for an answer; `later`: put off until then; `unmetered`: until an own device is on an unmetered
        /// network.
        pub state: String,
        /// Until when it was put off.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub until: Option<String>,
        /// The first card of somebody of whom I am not sure: compare before accepting.
        pub first: bool,
        /// Contacts that the person may be, as their card has a number or mail address of theirs: `link attach`.
        pub candidates: Vec<super::LinkCandidate>,
        /// Other contacts with a name that looks like this one.
        pub lookalikes: Vec<Named>,
    }
    /// An update that was settled.
    struct SettledUpdate {
        pub id: String,
        pub person_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        pub name: String,
        pub kind: String,
        pub item: String,
        pub time: String,
        /// `accepted`; `automatic`: taken by itself.
        pub state: String,
        /// What was accepted, as it was before and is now.
        pub changes: Vec<FieldChange>,
    }
    /// Accepts an update.
    struct InboxAccept {
        pub id: String,
        /// Only these properties, by name or id.
        pub fields: Vec<String>,
    }
    /// Puts an update off: it comes back by itself.
    struct InboxLater {
        pub id: String,
        /// For how long: a number and `s`, `m`, `h`, `d` or `w`; a day unless said.
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub wait: Option<String>,
    }
    /// Refuses an update: what stands stays.
    struct InboxRefuse {
        pub id: String,
    }
    /// Takes an accepted update back. From then on the person is asked about before these properties change again.
    struct InboxUndo {
        pub id: String,
    }
    /// What was decided. Deciding again, or late, changes nothing and says what stands.
    struct Decided {
        pub id: String,
        /// How many properties this answer concerned; 0: all of it was settled before.
        pub count: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        /// What stands now: `accepted`, `refused`, `mixed`, `waiting`, `later`; `replaced`: they said something newer.
        pub state: String,
        /// Until when it was put off.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub until: Option<String>,
        /// The update that took its place and waits.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub newer: Option<String>,
    }
    /// Sends one contact of mine to a linked person.
    struct Give {
        pub contact: String,
        pub to: String,
    }

    /// Asks what changed.
    struct ActivityShow {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact: Option<String>,
        /// At most so many; 100 unless said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub limit: Option<u32>,
    }
    /// What changed, the newest first.
    struct Activity {
        pub entries: Vec<ActivityEntry>,
    }
    /// One thing that changed.
    struct ActivityEntry {
        pub time: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        /// Whom it is about.
        pub name: String,
        pub text: String,
    }
}
