//! Bringing back from a backup: what makes an entity again what it was then, as new writes on top.
//!
//! Nothing is rolled back: the writes see what stands now, so every device takes them like any other edit. What came
//! since stays unless it is asked to go. What other sources say is theirs: it comes back only with a contact that is
//! gone altogether, for then there is nothing newer.

use super::Edit;
use crate::{
    book::{self, Kind},
    entity::Entity,
    id::{EntityId, PropertyId},
    layer::Layer,
    path::Path,
};

/// How much is brought back.
#[derive(Clone, Copy)]
pub enum Reach<'a> {
    /// What is missing or was changed; what came since stays.
    Missing,
    /// The entity exactly as it was: what came since goes, the whole contact if it is younger than the backup.
    Exact,
    /// Only these properties of mine.
    Only(&'a dyn Fn(PropertyId) -> bool),
}

/// The edits that bring entity `id` back from what it is `now` to what it was `then`; none if nothing is to be done.
/// Settings and accounts are left alone.
pub fn bring_back(id: EntityId, then: &Entity, now: &Entity, reach: Reach<'_>) -> Vec<Edit> {
    let kind = if then.is_empty() { book::kind(now) } else { book::kind(then) };
    if !matches!(kind, Kind::Contact | Kind::Group | Kind::Tag) {
        return Vec::new();
    }
    let missing = !is_there(now);
    if !is_there(then) {
        let goes = matches!(reach, Reach::Exact) && !missing;
        return if goes { vec![book::set_state(id, book::TRASHED)] } else { Vec::new() };
    }
    let mut edits = Vec::new();
    for (path, register) in then.registers() {
        let Some(value) = register.value().filter(|_| is_wanted(path, missing, reach)) else { continue };
        let same = now.register(path).is_some_and(|now| now.value() == Some(value) && now.others().is_empty());
        if !same {
            edits.push(Edit { entity: id, path: path.clone(), value: Some(value.to_vec()) });
        }
    }
    if matches!(reach, Reach::Exact) {
        let came = now.registers().filter(|(path, register)| {
            let before = then.register(path).and_then(|register| register.value());
            register.value().is_some() && before.is_none() && is_wanted(path, false, reach)
        });
        edits.extend(came.map(|(path, _)| Edit { entity: id, path: path.clone(), value: None }));
    }
    // One field of a contact that is gone would be a contact without a name.
    if missing && matches!(reach, Reach::Only(_)) {
        return Vec::new();
    }
    if missing || !edits.is_empty() {
        edits.push(book::set_state(id, book::ALIVE));
    }
    edits
}

/// Whether an entity stands in the book, not in the trash.
fn is_there(entity: &Entity) -> bool {
    entity.register(&Path::state()).is_some_and(|state| state.value().is_some()) && !book::is_trashed(entity)
}

fn is_wanted(path: &Path, missing: bool, reach: Reach<'_>) -> bool {
    if let Reach::Only(wanted) = reach {
        return path.as_mine().is_some_and(wanted);
    }
    // What an account calls a contact is written by reading the account again.
    if *path == Path::state() || path.as_remote().is_some() {
        return false;
    }
    path.as_property().is_none_or(|(layer, _)| layer == Layer::Mine || missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::DeviceId, register::Sibling, vector::Vector};

    const ID: EntityId = EntityId([1; 16]);
    const PHONE: PropertyId = PropertyId([2; 16]);
    const MAIL: PropertyId = PropertyId([3; 16]);

    fn entity(values: &[(Path, Option<&[u8]>)]) -> Entity {
        let mut entity = Entity::default();
        for (seq, (path, value)) in values.iter().enumerate() {
            let (device, seq) = (DeviceId([9; 16]), seq as u64 + 1);
            let sibling = Sibling { device, seq, clock: 0, value: value.map(<[u8]>::to_vec) };
            entity.register_mut(path).merge(sibling, &Vector::default());
        }
        entity
    }

    fn alive(values: &[(Path, Option<&[u8]>)]) -> Entity {
        entity(&[&[(Path::state(), Some(book::ALIVE))], values].concat())
    }

    fn written(edits: &[Edit]) -> Vec<(Path, Option<&[u8]>)> {
        edits.iter().map(|edit| (edit.path.clone(), edit.value.as_deref())).collect()
    }

    fn state() -> (Path, Option<&'static [u8]>) {
        (Path::state(), Some(book::ALIVE))
    }

    #[test]
    fn what_was_changed_comes_back_and_what_came_since_stays_unless_it_is_to_go() {
        let then = alive(&[(Path::mine(PHONE), Some(b"old"))]);
        let now = alive(&[(Path::mine(PHONE), Some(b"new")), (Path::mine(MAIL), Some(b"since"))]);
        let back: (Path, Option<&[u8]>) = (Path::mine(PHONE), Some(b"old"));
        assert_eq!(written(&bring_back(ID, &then, &now, Reach::Missing)), [back.clone(), state()]);
        let exact = bring_back(ID, &then, &now, Reach::Exact);
        assert_eq!(written(&exact), [back.clone(), (Path::mine(MAIL), None), state()]);
        assert_eq!(bring_back(ID, &then, &then, Reach::Exact), []);
        let only = |wanted: PropertyId| bring_back(ID, &then, &now, Reach::Only(&move |id| id == wanted));
        assert_eq!(written(&only(PHONE)), [back, state()]);
        assert_eq!(only(MAIL), []);
    }

    #[test]
    fn a_contact_that_is_gone_comes_back_whole_with_what_others_said() {
        let account = EntityId([7; 16]);
        let said = Path::property(Layer::Account(account), MAIL);
        let then = alive(&[
            (Path::mine(PHONE), Some(b"old")),
            (said.clone(), Some(b"theirs")),
            (Path::remote(account), Some(b"u")),
        ]);
        let purged = entity(&[(Path::state(), Some(book::TRASHED)), (Path::mine(PHONE), None)]);
        for now in [Entity::default(), purged] {
            let edits = bring_back(ID, &then, &now, Reach::Missing);
            assert_eq!(
                written(&edits),
                [(Path::mine(PHONE), Some(&b"old"[..])), (said.clone(), Some(b"theirs")), state()]
            );
            assert_eq!(bring_back(ID, &then, &now, Reach::Only(&|_| true)), []);
        }
        let changed = alive(&[(Path::mine(PHONE), Some(b"old")), (said, Some(b"newer"))]);
        assert_eq!(bring_back(ID, &then, &changed, Reach::Exact), [], "what others say now is theirs to say");
        let trashed = entity(&[(Path::state(), Some(book::TRASHED)), (Path::mine(PHONE), Some(b"old"))]);
        assert!(!bring_back(ID, &then, &trashed, Reach::Missing).is_empty(), "out of the trash");
    }

    #[test]
    fn what_is_younger_than_the_backup_goes_only_if_asked_and_settings_never() {
        let young = alive(&[(Path::mine(PHONE), Some(b"x"))]);
        assert_eq!(bring_back(ID, &Entity::default(), &young, Reach::Missing), []);
        assert_eq!(bring_back(ID, &Entity::default(), &young, Reach::Exact), [book::set_state(ID, book::TRASHED)]);
        let settings = |value| entity(&[(Path::setting("region"), Some(value))]);
        assert_eq!(bring_back(book::SETTINGS, &settings(b"DE"), &settings(b"AT"), Reach::Exact), []);
    }
}
