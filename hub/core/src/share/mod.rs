//! What a person shows to others, and what they get of it (rules 4.1/6, 4.1/8; design section 5).
//!
//! An *item* is an entity of the personal book with properties of my layer: my card, another card, a note (one `NOTE`), a
//! picture (one `PHOTO`). Each property has a visibility, perhaps a date from which it holds, and former values. For one
//! link an item is *cut* to what that person may see. A *publication* is a cut that was sent: whole, and numbered.
//!
//! Three things keep cards from people whom they should not reach. What is sent is only ever the publication that the
//! link's register `sent` holds, never a cut made for the occasion. Only [`publish`] makes one, out of a send or a
//! standing audience. And where own devices disagree about who may see a property, it is shown only to those whom all of
//! them mean.
//!
//! On the receiving side the newest publication is kept as it came; decisions about its properties are registers of their
//! own; what waits for an answer is computed, never stored.

mod content;
mod cut;
mod deciding;
mod household;
mod policy;
mod received;
mod sent;
mod standing;
#[cfg(test)]
mod tests;
mod timeline;
mod visibility;
mod when;

pub use content::{CONTENT_BYTES_MAX, Content, Former, InvalidPublication, ItemKind, Order, Publication, Shared};
pub use cut::{
    Viewer, cut, formerly, given, item_of, keep_former, remove_item, set_from, set_item, set_may_pass_on,
    set_visibility, visibility_of, whole, withdraw,
};
pub use deciding::{
    decide, former_publication, is_first_contact, put_off, receive, received_bytes, swallowed, take_deferred, take_in,
    undo, waits_for_network,
};
pub use household::{Proposal, proposal_id, proposals};
pub use policy::{Policies, Policy, is_field, is_telling, policies_said, set_policy, set_telling};
pub use received::{Question, Received, Settled, Verdict, introduced, is_identity, layer_edits};
pub use sent::{
    Delivery, FieldNews, Judgement, Sent, acknowledge, judged, news, publish, raise_floor, settle, withdraw_publication,
};
pub use standing::{is_content, set_standing, set_when, standing, standing_since, when};
pub use timeline::{Standing, effective};
pub use visibility::{Visibility, Who};
pub use when::{Due, When, due};

pub(crate) use cut::is_item;

use crate::{
    id::{EntityId, PersonId, derived},
    path::{Path, Segment},
};

/// The item that is a person's card: both sides know its id.
pub fn card_item(person: PersonId) -> EntityId {
    crate::book::me(person)
}

/// The item by which a contact of mine is given away.
pub fn given_item(contact: EntityId) -> EntityId {
    EntityId(derived("kith 2026 given contact", &[&contact.0]))
}

/// The contact that a given card becomes in the book of whoever takes it; `link` is the link to the giver.
pub fn taken_contact(link: EntityId, item: EntityId) -> EntityId {
    EntityId(derived("kith 2026 taken contact", &[&link.0, &item.0]))
}

fn path(word: &str, ids: &[[u8; 16]]) -> Path {
    let mut segments = vec![Segment::Name(word)];
    segments.extend(ids.iter().copied().map(Segment::Id));
    Path::of(&segments)
}

/// The ids behind a path's word, if it is this word.
fn under(path: &Path, word: &str) -> Option<Vec<[u8; 16]>> {
    let mut segments = path.segments();
    match segments.next()? {
        Segment::Name(found) if found == word => {}
        _ => return None,
    }
    segments.map(|segment| if let Segment::Id(id) = segment { Some(id) } else { None }).collect()
}
