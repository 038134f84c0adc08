//! Linked persons: `link.*`, `household.*`, `safety`.

use super::types::wire;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Makes an invitation, good for one person once.
    struct LinkInvite {
        /// It is shown on the screen, face to face: it lives ten minutes, and whoever reads it off is verified by it.
        /// Without this it is sent, and lives seven days.
        pub shown: bool,
        /// The contact that it is for: whoever accepts it is that one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact: Option<String>,
    }
    /// An invitation.
    struct LinkInvited {
        /// Names it for `link.cancel`.
        pub id: String,
        pub link: String,
        /// The link as an SVG picture.
        pub qr: String,
        pub expires: String,
    }
    /// Withdraws an invitation that nobody has used, or an acceptance that waits for the inviter's device: if that may
    /// have read it, whatever comes of it is ended.
    struct LinkCancel {
        pub id: String,
    }
    /// Accepts somebody's invitation. That is the yes to their first card.
    struct LinkAccept {
        pub link: String,
        /// The contact that the person is; without it a new one. One that has a number or mail address of theirs is
        /// offered ([`Link::candidates`]), and taken by itself only for somebody who was verified.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact: Option<String>,
        /// Where their device is, `ADDR:PORT`, if not where the invitation says.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub at: Option<String>,
    }
    /// What became of it.
    struct LinkAccepted {
        /// `linked`, or `waiting`: their device was not reached; it is tried again whenever this hub runs.
        pub state: String,
        pub person_id: String,
        /// What the person calls themselves.
        pub name: String,
        /// The contact that is the person now; absent while it waits.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        /// The words that the person reads out, to be compared.
        pub words: String,
        /// Other contacts with a name that looks like this one: make sure who it is.
        pub lookalikes: Vec<super::Named>,
    }
    /// Asks for the persons that I am or was linked to.
    struct LinkList {}
    /// The links, by name.
    struct Links {
        pub links: Vec<Link>,
        /// Invitations of this device that nobody has used yet.
        pub invitations: Vec<OpenInvitation>,
        /// Acceptances of this device that wait for an answer.
        pub waiting: Vec<WaitingAcceptance>,
    }
    /// A link to a person.
    struct Link {
        pub person_id: String,
        /// What the contact is called, else what the person calls themselves.
        pub name: String,
        /// What the person calls themselves.
        pub own_name: String,
        /// The contact that is the person.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
        /// Whether I made sure who it is.
        pub verified: bool,
        /// How: `no`, `words` or `in-person`.
        pub verified_by: String,
        pub household: bool,
        pub blocked: bool,
        pub muted: bool,
        /// `linked`; `ended-here` or `ended-there`, if the link was removed.
        pub state: String,
        /// When it was removed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub ended: Option<String>,
        /// `lan` or `none`: whether one of the person's devices is connected to this one.
        pub path: String,
        /// How many devices the person has.
        pub devices: u32,
        /// Contacts that the person may be, as they have a number or mail address in common.
        pub candidates: Vec<LinkCandidate>,
        /// Other contacts with a name that looks like this one.
        pub lookalikes: Vec<super::Named>,
    }
    /// A contact that a person may be.
    struct LinkCandidate {
        pub contact_id: String,
        pub name: String,
        /// What the two have in common.
        pub why: String,
    }
    /// An invitation that nobody has used.
    struct OpenInvitation {
        pub id: String,
        pub expires: String,
        /// It is shown face to face.
        pub shown: bool,
    }
    /// An acceptance that waits for the other's answer.
    struct WaitingAcceptance {
        /// Names it for `link.cancel`.
        pub id: String,
        pub person_id: String,
        pub name: String,
        pub since: String,
    }
    /// Asks for the words of a person, and mine.
    struct LinkWords {
        /// The person's id, their contact's, or the beginning of either.
        pub id: String,
    }
    /// Six words each. Each side reads its own; the other compares.
    struct LinkWordsShown {
        /// What I read out.
        pub mine: String,
        /// What the other person must read out.
        pub theirs: String,
    }
    /// Says that the words were compared.
    struct LinkVerify {
        pub id: String,
    }
    /// Ends a link. What they told stays as it is, until it is deleted.
    struct LinkRemove {
        pub id: String,
    }
    /// Says whether we share a home.
    struct LinkHousehold {
        pub id: String,
        pub on: bool,
    }
    /// Stops everything between us, or lets it go on. They are not told.
    struct LinkBlock {
        pub id: String,
        pub on: bool,
    }
    /// Hides what they do, or shows it. They are not told.
    struct LinkMute {
        pub id: String,
        pub on: bool,
    }
    /// Says which contact the person is.
    struct LinkAttach {
        pub id: String,
        pub contact: String,
    }
    /// The link that was changed.
    struct LinkId {
        pub person_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub contact_id: Option<String>,
    }

    /// Asks what of a household's cards could follow a change.
    struct HouseholdList {}
    /// The proposals.
    struct HouseholdProposals {
        pub proposals: Vec<HouseholdProposal>,
    }
    /// One member's address or landline changed, and another member's card still says what it was.
    struct HouseholdProposal {
        pub id: String,
        /// Whose card would follow.
        pub contact_id: String,
        pub name: String,
        /// Who changed it.
        pub changed_by: String,
        pub property_id: String,
        pub property: String,
        pub old: String,
        /// Absent: it would be removed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub new: Option<String>,
    }
    /// Lets a card follow, or says that it stays.
    struct HouseholdAnswer {
        pub id: String,
        pub accept: bool,
    }

    /// Asks who and what can see or change my things.
    struct SafetyShow {}
    /// All of them.
    struct Safety {
        pub entries: Vec<SafetyEntry>,
    }
    /// Somebody or something that can see or change something of mine.
    struct SafetyEntry {
        /// `device`, `person`, `account` or `backup`.
        pub kind: String,
        pub id: String,
        pub name: String,
        /// What it can see, in words.
        pub sees: String,
        /// What it can change, in words; empty: nothing.
        pub changes: String,
        /// Properties of my card that it was sent.
        pub fields: Vec<String>,
        /// The command that ends it; empty where there is none.
        pub remedy: String,
    }
}
