//! What people do with their address book, drawn at random from what they see.

use super::{dice::Dice, plan::Plan};
use kith_core::{
    book::{self, Kind},
    entity::Entity,
    id::{EntityId, PropertyId},
    path::Path,
    replica::{Draft, Edit, MemoryRows, Rows},
};

/// A person at one device, looking at its book.
pub(super) struct Person<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) plan: &'a Plan,
    pub(super) rows: &'a mut MemoryRows,
    /// Makes every value another one.
    pub(super) word: &'a mut u64,
}

/// What the person sees.
struct View {
    alive: Vec<(EntityId, Entity)>,
    trash: Vec<(EntityId, Entity)>,
    groups: Vec<EntityId>,
}

impl Person<'_> {
    /// One act: its name for the tally, and a draft for each change it makes.
    pub(super) fn act(&mut self) -> (&'static str, Vec<Draft>) {
        let view = self.view();
        if self.dice.below(20) < self.plan.weights.burst {
            let count = self.dice.between(2, 6);
            return ("several changes at once", (0..count).flat_map(|_| self.one(&view).1).collect());
        }
        let (name, draft) = self.one(&view);
        (name, draft.into_iter().collect())
    }

    fn view(&self) -> View {
        let mut view = View { alive: Vec::new(), trash: Vec::new(), groups: Vec::new() };
        for (&id, entity) in self.rows.entities() {
            match book::kind(entity) {
                Kind::Contact if book::is_trashed(entity) => view.trash.push((id, entity.clone())),
                Kind::Contact => view.alive.push((id, entity.clone())),
                Kind::Group => view.groups.push(id),
                Kind::Tag | Kind::Account | Kind::Link | Kind::Item | Kind::Interaction | Kind::Other => {}
            }
        }
        view
    }

    fn one(&mut self, view: &View) -> (&'static str, Option<Draft>) {
        let weights = &self.plan.weights;
        let room = view.alive.len() + view.trash.len() < self.plan.contacts_max;
        let menu = [if room { 4 } else { 0 }, weights.edit, 2, weights.trash, weights.trash, 1, 1, 1];
        let mut left = self.dice.below(menu.iter().sum());
        for (choice, weight) in menu.into_iter().enumerate() {
            if left < weight {
                return self.choose(choice, view);
            }
            left -= weight;
        }
        ("nothing", None)
    }

    fn choose(&mut self, choice: usize, view: &View) -> (&'static str, Option<Draft>) {
        let alive = self.dice.pick(&view.alive);
        let trash = self.dice.pick(&view.trash);
        match choice {
            0 => ("contacts added", Some(self.add())),
            1 => ("edits", alive.map(|contact| self.edit(contact))),
            2 => ("removals", alive.and_then(|contact| self.remove(contact))),
            3 => ("trashings", alive.map(|(id, _)| draft(vec![book::set_state(*id, book::TRASHED)]))),
            4 => ("restorings", trash.map(|contact| self.restore(contact))),
            5 => {
                let path = Path::setting(["order", "theme"][self.dice.index(2)]);
                ("settings", Some(draft(vec![Edit { entity: book::SETTINGS, path, value: Some(self.value()) }])))
            }
            6 => {
                let group = EntityId::random(self.dice.rng());
                let name = Edit { entity: group, path: Path::group_name(), value: Some(self.value()) };
                ("groups added", Some(draft(vec![name, book::set_state(group, book::ALIVE)])))
            }
            _ => ("memberships", alive.and_then(|(contact, _)| self.join(*contact, &view.groups))),
        }
    }

    fn value(&mut self) -> Vec<u8> {
        *self.word += 1;
        match self.dice.below(2000) {
            0..200 => book::text_value("the same everywhere"),
            200 => book::text_value(&"photo ".repeat(PHOTO_WORDS)),
            _ => book::text_value(&format!("value {}", self.word)),
        }
    }

    fn add(&mut self) -> Draft {
        let contact = EntityId::random(self.dice.rng());
        let mut edits = vec![book::set_state(contact, book::ALIVE)];
        for _ in 0..self.dice.between(1, 4) {
            let property = PropertyId::random(self.dice.rng());
            edits.push(book::set_mine(contact, property, Some(self.value())));
        }
        draft(edits)
    }

    fn edit(&mut self, (contact, entity): &(EntityId, Entity)) -> Draft {
        let properties = properties(entity);
        let mut edits = vec![book::set_state(*contact, book::ALIVE)];
        for _ in 0..self.dice.between(1, 3) {
            let property = match self.dice.below(10) {
                0 => PropertyId::random(self.dice.rng()),
                1 => book::single_property(*contact, "nickname"),
                _ => self.dice.pick(&properties).copied().unwrap_or(book::single_property(*contact, "name")),
            };
            edits.push(book::set_mine(*contact, property, Some(self.value())));
        }
        draft(edits)
    }

    fn remove(&mut self, (contact, entity): &(EntityId, Entity)) -> Option<Draft> {
        let property = *self.dice.pick(&properties(entity))?;
        Some(draft(vec![book::set_state(*contact, book::ALIVE), book::set_mine(*contact, property, None)]))
    }

    /// Takes a contact out of the trash; one that was purged gets what history still holds.
    fn restore(&mut self, (contact, entity): &(EntityId, Entity)) -> Draft {
        let mut edits = vec![book::set_state(*contact, book::ALIVE)];
        for (path, _) in entity.registers().filter(|(_, register)| register.value().is_none()) {
            let Ok(history) = self.rows.history(*contact, path);
            if let Some(value) = history.into_iter().rev().find_map(|replaced| replaced.sibling.value) {
                edits.push(Edit { entity: *contact, path: path.clone(), value: Some(value) });
            }
        }
        draft(edits)
    }

    fn join(&mut self, contact: EntityId, groups: &[EntityId]) -> Option<Draft> {
        let path = Path::in_group(*self.dice.pick(groups)?);
        let value = self.dice.chance(80).then(|| book::PRESENT.to_vec());
        Some(draft(vec![book::set_state(contact, book::ALIVE), Edit { entity: contact, path, value }]))
    }
}

fn draft(edits: Vec<Edit>) -> Draft {
    Draft { edits, import: None }
}

fn properties(entity: &Entity) -> Vec<PropertyId> {
    let shown = entity.registers().filter(|(_, register)| register.value().is_some());
    shown.filter_map(|(path, _)| path.as_mine()).collect()
}

/// So many that the change does not fit a push.
const PHOTO_WORDS: usize = 70_000;
