//! An answer to an update, as a button of a notification or a row of the tray's menu gives it. Its key names the update
//! itself, so that an answer needs nothing else to be understood: it counts after the window was closed, after the
//! notification's server was started anew, and after the app was.

use kith_hub::{
    Hub,
    api::{Error, InboxAccept, InboxLater, InboxRefuse},
};

/// What becomes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Accept,
    Later,
    Refuse,
}

/// A decision on one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) decision: Decision,
    /// The update's id.
    pub(crate) update: String,
}

impl Decision {
    /// In the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Accept, Self::Later, Self::Refuse];

    /// What stands on its button.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Accept => "Accept",
            Self::Later => "Later",
            Self::Refuse => "Refuse",
        }
    }

    /// The key of this decision on an update.
    pub(crate) fn key(self, update: &str) -> String {
        let word = match self {
            Self::Accept => "accept",
            Self::Later => "later",
            Self::Refuse => "refuse",
        };
        format!("{word}:{update}")
    }
}

impl Answer {
    /// Reads a key; `None` if it is another one. What comes from outside is bounded here.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let (_, update) = key.split_once(':')?;
        let is_id = update.len() == ID_HEX && update.bytes().all(|digit| digit.is_ascii_hexdigit());
        let decision = Decision::ALL.into_iter().find(|decision| is_id && decision.key(update) == key)?;
        Some(Self { decision, update: update.to_owned() })
    }

    /// Gives it to the hub, which takes it as often as it comes.
    pub(crate) async fn give(self, hub: &Hub) -> Result<(), Error> {
        let id = self.update;
        match self.decision {
            Decision::Accept => hub.ask(InboxAccept { id, fields: Vec::new() }).await.map(drop),
            Decision::Later => hub.ask(InboxLater { id, wait: None }).await.map(drop),
            Decision::Refuse => hub.ask(InboxRefuse { id }).await.map(drop),
        }
    }
}

/// An update's id has so many digits.
const ID_HEX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_which_update_is_answered_and_how() {
        let id = "0123456789abcdef0123456789abcdef";
        for decision in Decision::ALL {
            let read = Answer::of(&decision.key(id)).unwrap();
            assert_eq!(read, Answer { decision, update: id.to_owned() });
        }
        for other in ["default", "look", "accept:", "accept:0123", &format!("block:{id}"), &format!("accept:{id} ")] {
            assert_eq!(Answer::of(other), None, "{other}");
        }
    }
}
