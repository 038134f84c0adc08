//! What of a shared property holds at a time.

use super::{Former, Shared};
use crate::vcard::Property;

/// A property at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing<'a> {
    /// What holds now.
    pub current: Option<&'a Property>,
    /// What will hold, and from when.
    pub coming: Option<(&'a Property, i64)>,
    /// What held once, the newest first.
    pub former: Vec<&'a Former>,
}

/// Returns what holds at `now_ms`. A value with a date in the future is announced; until then the one before it holds.
pub fn effective(shared: &Shared, now_ms: i64) -> Standing<'_> {
    let mut former: Vec<&Former> = shared.former.iter().collect();
    former.sort_by_key(|former| std::cmp::Reverse(former.until_ms));
    let coming = shared.from_ms.filter(|from_ms| *from_ms > now_ms);
    let coming = shared.property.as_ref().zip(coming);
    if coming.is_none() && shared.property.is_some() {
        return Standing { current: shared.property.as_ref(), coming: None, former };
    }
    // The one that holds is the first of those that have not ended.
    let at = former.iter().rposition(|former| former.until_ms > now_ms);
    let current = at.map(|at| &former.remove(at).property);
    former.retain(|former| former.until_ms <= now_ms);
    Standing { current, coming, former }
}
