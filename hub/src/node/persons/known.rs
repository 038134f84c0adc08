//! What the loop knows of linked persons: gathered in the transaction that changed a link, so that it is as new as what
//! is on disk.

use crate::store::{StoreError, Writing};
use kith_core::{
    book::{self, Kind},
    entity::Entity,
    exchange::PersonView,
    id::{DeviceId, EntityId, PersonId, PublicKey},
    lan::LAN_SECRET_BYTES,
    person::{Link, LinkSecret},
    replica::Rows,
    share::{Order, Sent},
};
use std::{collections::BTreeMap, net::SocketAddr};

/// A linked person, as far as connections and exchanges need them.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) person: PersonId,
    pub(crate) view: PersonView,
    /// By what their devices and ours recognise each other.
    pub(crate) secret: Option<[u8; LAN_SECRET_BYTES]>,
    /// The TLS keys of their devices.
    pub(crate) keys: BTreeMap<DeviceId, PublicKey>,
    /// Where their devices were last reached.
    pub(crate) addresses: BTreeMap<DeviceId, Vec<SocketAddr>>,
    pub(crate) household: bool,
    /// When I ended the link, if nobody has told them yet as far as this device knows.
    pub(crate) ended_ms: Option<i64>,
    /// Something waits for them.
    pub(crate) waiting: bool,
    /// Own devices published different things at once.
    pub(crate) unsettled: bool,
    /// What they do is not shown.
    pub(crate) muted: bool,
    /// What of theirs waits for an answer.
    pub(crate) asks: Vec<Open>,
}

/// An update that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open {
    pub(crate) item: EntityId,
    pub(crate) order: Order,
    /// Until when it was put off, in milliseconds since 1970.
    pub(crate) later_ms: Option<i64>,
}

impl Known {
    /// Reads it from a link's entity; `None` if it is none.
    pub(crate) fn of(entity: &Entity) -> Option<Self> {
        let link = Link::of(entity)?;
        let sent = Sent::of(entity);
        let keys = link.roster().devices().into_iter().map(|card| (card.id, card.tls)).collect();
        let view = PersonView::of(entity);
        let asks = view.asks.iter().filter(|_| !link.blocked);
        let asks = asks.map(|(&item, &(order, later_ms))| Open { item, order, later_ms }).collect();
        let ended_ms = link.ended.values().map(|ended| ended.at_ms).max();
        Some(Self {
            person: link.person,
            view,
            secret: link.found_by().as_ref().map(LinkSecret::lan),
            keys,
            household: link.household,
            ended_ms: ended_ms.filter(|_| !link.is_live()),
            waiting: link.is_open() && sent.values().any(Sent::is_waiting),
            unsettled: sent.values().any(|sent| !sent.beside.is_empty()),
            muted: link.muted,
            asks,
            addresses: link.addresses,
        })
    }
}

/// What a transaction touched, beside contacts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// Links, as they are now.
    pub(crate) known: Vec<Known>,
    /// My card or another shared item.
    pub(crate) shared: Vec<EntityId>,
    /// Calls, messages or mails.
    pub(crate) interactions: bool,
    /// Settings: policies and quiet hours may be among them.
    pub(crate) settings: bool,
}

impl Touched {
    /// Looks at what was just written. `me` is my card.
    pub(crate) fn look(rows: &mut Writing<'_>, ids: &[EntityId], me: EntityId) -> Result<Self, StoreError> {
        let mut touched = Self::default();
        for &id in ids {
            if id == me {
                touched.shared.push(id);
                continue;
            }
            touched.settings |= id == book::SETTINGS;
            let entity = rows.entity(id)?;
            match book::kind(entity) {
                Kind::Link => touched.known.extend(Known::of(entity)),
                Kind::Item => touched.shared.push(id),
                Kind::Interaction => touched.interactions = true,
                Kind::Contact | Kind::Group | Kind::Tag | Kind::Account | Kind::Other => {}
            }
        }
        Ok(touched)
    }

    /// Whether anything of other persons is concerned.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.shared.is_empty() && !self.interactions && !self.settings
    }
}
