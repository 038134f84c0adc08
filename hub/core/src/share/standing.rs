//! What is kept of an item's standing audience: to whom later changes go by themselves, and when they leave.

use super::{When, path};
use crate::{audience::Audience, entity::Entity, id::EntityId, path::Path, replica::Edit};

/// Keeps a standing audience for an item; `None` ends it. Each item has one of its own.
pub fn set_standing(item: EntityId, audience: Option<&Audience>) -> Edit {
    Edit { entity: item, path: path("audience", &[]), value: audience.map(Audience::encode) }
}

/// The standing audiences of an item: none, one, or those that own devices kept at once, of which only whom all mean
/// gets anything ([`crate::audience::recipients_of_all`]). Ended by one device: none. One that this version does not
/// understand means nobody.
pub fn standing(item: &Entity) -> Vec<Audience> {
    let siblings = item.register(&path("audience", &[])).into_iter().flat_map(|register| register.siblings());
    let audiences: Option<Vec<Audience>> = siblings.map(|s| s.value.as_deref().and_then(Audience::decode)).collect();
    audiences.unwrap_or_default()
}

/// Says when updates of an item leave for its standing audience.
pub fn set_when(item: EntityId, when: When) -> Edit {
    Edit { entity: item, path: path("when", &[]), value: Some(when.encode()) }
}

/// When updates of an item leave for its standing audience.
pub fn when(item: &Entity) -> When {
    item.register(&path("when", &[])).and_then(|register| When::decode(register.value()?)).unwrap_or_default()
}

/// Since when somebody is kept informed, in milliseconds since 1970, by the clock of whoever said so last.
pub fn standing_since(item: &Entity) -> Option<i64> {
    let register = item.register(&path("audience", &[]))?;
    register.siblings().iter().filter(|sibling| sibling.value.is_some()).map(|sibling| sibling.clock).max()
}

/// Whether a register of an item is something that others may come to see: its values, who sees them, and when.
pub fn is_content(path: &Path) -> bool {
    let shared = ["visible", "from", "former", "item-kind", "item-name", "pass-on"];
    path.as_mine().is_some() || shared.iter().any(|word| super::under(path, word).is_some())
}
