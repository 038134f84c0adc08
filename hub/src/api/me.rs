//! My card, other shared items, and who may see what of them: `me.*`, `items.*`.

use super::{Audience, Card, PropertyEdit, types::wire};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Asks for my card.
    struct MeShow {
        /// What was replaced, too.
        pub history: bool,
    }
    /// My card, and what is said about sharing it.
    struct MyCard {
        #[serde(flatten)]
        pub card: Card,
        /// What is said about each of its properties.
        pub shared: Vec<SharedField>,
        /// To whom later changes go by themselves; absent: to nobody.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub standing: Option<Audience>,
        /// When they leave: `now`, `changes:N` or `minutes:M`.
        pub when: String,
    }
    /// What is said about one property of my card.
    struct SharedField {
        pub property_id: String,
        /// In upper case.
        pub name: String,
        /// `everyone`, `nobody`, or `group:ID`, `tag:ID`, `contact:ID`, any of which will do. Where own devices said
        /// different things at once, all of it must hold: then there are several lists.
        pub visible: Vec<Vec<String>>,
        /// From when it holds, if that is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub from: Option<String>,
        /// What it was before, the newest first.
        pub former: Vec<FormerValue>,
    }
    /// A value that a property had.
    struct FormerValue {
        pub text: String,
        pub value: String,
        /// Until when it held.
        pub until: String,
    }
    /// Edits my card: all of it is one change. Values that are replaced or removed are kept as former ones.
    struct MeEdit {
        pub set: Vec<PropertyEdit>,
        /// Ids of properties to remove.
        pub unset: Vec<String>,
    }
    /// Says from when a property of my card holds; until then the value before it does.
    struct MeFrom {
        pub property_id: String,
        /// A date (`2026-12-01`, at midnight here) or RFC 3339; empty: as long as it is there.
        pub date: String,
    }
    /// Takes a property back, with its former values: whoever has it is told, by the next update, that it is gone.
    struct MeWithdraw {
        pub property_id: String,
    }
    /// Says who may see a property of my card.
    struct MeVisible {
        pub property_id: String,
        /// `everyone`, `nobody`, or any of `group:G`, `tag:T`, `contact:ID`.
        pub who: Vec<String>,
    }

    /// Asks for the shared items other than my card.
    struct ItemsList {}
    /// My items, and those that others share with me.
    struct Items {
        pub items: Vec<Item>,
        pub received: Vec<ReceivedItem>,
    }
    /// A shared item.
    struct Item {
        pub id: String,
        pub name: String,
        /// `card`, `note` or `picture`.
        pub kind: String,
        /// The greatest number under which it was sent to anybody; 0: it was not sent yet.
        #[ts(type = "number")]
        pub version: u64,
        /// What it says, in a line.
        pub text: String,
    }
    /// An item that somebody else shares with me, as far as it was accepted.
    struct ReceivedItem {
        pub id: String,
        pub person_id: String,
        /// What the person is called.
        pub person_name: String,
        pub name: String,
        /// `card`, `note`, `picture`, `contact` or `other`.
        pub kind: String,
        #[ts(type = "number")]
        pub version: u64,
        pub text: String,
        /// The picture as a data URL.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub picture: Option<String>,
    }
    /// Makes a shared item of a file: a vCard, a picture, or a text.
    struct ItemsAdd {
        pub name: String,
        /// Where the file is; or what it is called, if `content` is given.
        pub path: String,
        /// The file's bytes in base64, where the path cannot be known (a window).
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub content: Option<String>,
    }
    /// Renames an item, or gives it another content.
    struct ItemsSet {
        pub id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub path: Option<String>,
    }
    /// Removes an item, and withdraws it from everybody who was sent it.
    struct ItemsRemove {
        pub id: String,
    }
    /// The item that was made, changed or removed.
    struct ItemId {
        pub id: String,
    }
}
