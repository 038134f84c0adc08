//! Notifications, as far as the hub decides them: `notify.*`.
//!
//! There is at most one notice at a time, however much waits. The shell asks for it by `notify.due` when it starts and
//! after each [`super::Event::NoticeChanged`]: a fresh one is shown (in place of the one before), one that is not fresh
//! only brings the shown one up to date, and none withdraws it. What was shown it says by `notify.shown`, so that nothing is shown
//! twice. The answers are `inbox.accept`, `inbox.later` and `inbox.refuse` with the ids in [`Notice::updates`]: they may
//! come at any time and as often as they like.

use super::types::wire;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Asks how notifications are set, and what is known of the network.
    struct NotifyShow {}
    /// Sets it. What is absent stays.
    struct NotifySet {
        /// Quiet hours in local time, e.g. `22:00-07:00`, on all own devices; `off`: none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub quiet: Option<String>,
        /// On this device: `yes` and `no` say whether its network is metered, `auto` lets the system say.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub metered: Option<String>,
    }
    /// As it is set.
    struct Notify {
        /// `22:00-07:00`; empty: none.
        pub quiet: String,
        /// Whether it is quiet now.
        pub quiet_now: bool,
        /// `auto`, `yes` or `no`.
        pub metered: String,
        /// What the system says of the network: `metered`, `unmetered` or `unknown`.
        pub network: String,
        /// What counts: whether updates that want an unmetered network wait on this device. Unknown counts as unmetered.
        pub waits: bool,
    }
    /// Asks what is to be shown now.
    struct NotifyDue {
        /// Somebody uses this device right now: it is the first to tell; others wait half a minute.
        pub in_use: bool,
    }
    /// It.
    struct NoticeDue {
        /// Absent: nothing, and what is shown is withdrawn.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub notice: Option<Notice>,
    }
    /// All that waits for an answer, as one notification.
    struct Notice {
        /// Something in it was never shown on this device.
        pub fresh: bool,
        /// One line.
        pub title: String,
        /// What changes, in short lines; empty where the inbox says it better.
        pub body: String,
        /// The updates by id, the newest first.
        pub updates: Vec<String>,
        /// It may be answered right there: it is one update, of somebody known. Otherwise only the inbox answers it.
        pub answerable: bool,
        /// What to hand to `notify.shown`.
        pub keys: Vec<String>,
    }
    /// Says that a notice was shown.
    struct NotifyShown {
        pub keys: Vec<String>,
    }
}
