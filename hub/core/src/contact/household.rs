//! Who shares a home with whom: the same home address, or the telephone that stands in it.
//!
//! Nobody says so; it follows from the cards, and changes with them. What belongs to one person (a mobile) or to a firm
//! (an organisation's card, work numbers and addresses) is no home.

use super::{duplicates::address_key, is_organisation, phone};
use crate::{
    card::{self, Region},
    entity::Entity,
    vcard::Property,
};

/// Where a contact lives, as far as its card tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    addresses: Vec<Sign>,
    phones: Vec<Sign>,
}

/// One thing that stands for a home.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    /// Alike however it is spelled.
    key: String,
    /// By what the index finds it.
    words: String,
}

impl Home {
    /// Takes from a contact's card what stands for its home.
    pub fn of(contact: &Entity, region: Region<'_>) -> Self {
        let properties: Vec<Property> =
            card::properties(contact, region).into_iter().map(|(_, property)| property).collect();
        let mut home = Self::default();
        if is_organisation(&properties) {
            return home;
        }
        for property in &properties {
            let line = property.line();
            let types = line.params.iter().filter(|(name, _)| name == "TYPE").flat_map(|(_, values)| values);
            let is = |words: &[&str]| types.clone().any(|kind| words.contains(&kind.to_ascii_lowercase().as_str()));
            match line.name.as_str() {
                "ADR" if !is(&["work"]) => {
                    home.addresses.extend(address_key(property).map(|key| Sign { words: key.clone(), key }));
                }
                "TEL" if !is(&NOT_AT_HOME) => {
                    let text = property.parts().concat().concat();
                    let numbers = phone::numbers(&text, region).into_iter();
                    home.phones.extend(numbers.map(|number| Sign { words: text.clone(), key: number.e164 }));
                }
                _ => {}
            }
        }
        home.addresses.truncate(SIGNS_MAX);
        home.phones.truncate(SIGNS_MAX);
        home
    }

    /// What to look for in the index: whoever shares the home is found by one of these.
    pub fn searches(&self) -> impl Iterator<Item = &str> {
        self.addresses.iter().chain(&self.phones).map(|sign| sign.words.as_str())
    }

    /// What two homes have in common, in words; `None` if they are two.
    pub fn shared_with(&self, other: &Self) -> Option<&'static str> {
        let common = |of: fn(&Self) -> &[Sign]| of(self).iter().any(|sign| of(other).iter().any(|o| o.key == sign.key));
        match (common(|home| &home.addresses), common(|home| &home.phones)) {
            (true, true) => Some("same address and telephone"),
            (true, false) => Some("same address"),
            (false, true) => Some("same telephone"),
            (false, false) => None,
        }
    }
}

/// Types of numbers that do not stand in a home.
const NOT_AT_HOME: [&str; 8] = ["cell", "mobile", "iphone", "car", "work", "fax", "pager", "main"];
/// Most addresses, and most numbers, of one contact that are looked at.
const SIGNS_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        book,
        id::{DeviceId, PropertyId},
        path::Path,
        register::Sibling,
        vcard::Version,
    };

    fn home(lines: &[&str]) -> Home {
        let mut entity = Entity::default();
        let mut write = |path: Path, value: Vec<u8>| {
            let seen = entity.register(&path).map(|register| register.seen().clone()).unwrap_or_default();
            let sibling = Sibling { device: DeviceId([1; 16]), seq: 1, clock: 0, value: Some(value) };
            entity.register_mut(&path).merge(sibling, &seen);
        };
        write(Path::state(), book::ALIVE.to_vec());
        for (order, line) in lines.iter().enumerate() {
            let property = Property::from_text(Version::V30, order as u32, *line).unwrap();
            write(Path::mine(PropertyId([order as u8; 16])), property.encode());
        }
        Home::of(&entity, Some("PT"))
    }

    #[test]
    fn a_landline_or_a_home_address_in_another_spelling_is_the_same_home() {
        let dora = home(&["TEL;TYPE=home:+351 22 555 0190", "ADR;TYPE=home:;;Rua das Oliveiras 12;Porto;;4000-001;"]);
        assert_eq!(dora.shared_with(&home(&["TEL;TYPE=home:22 555 0190"])), Some("same telephone"));
        let spelled = home(&["ADR:;;rua das oliveiras, 12;PORTO;;4000-001;Portugal"]);
        assert_eq!(dora.shared_with(&spelled), Some("same address"));
        let both = home(&["TEL:+351225550190", "ADR:;;Rua das Oliveiras 12;;;4000-001;"]);
        assert_eq!(both.shared_with(&dora), Some("same address and telephone"));
    }

    #[test]
    fn mobiles_work_numbers_and_firms_are_no_home() {
        let dora = home(&[
            "TEL;TYPE=cell:+351 912 555 014",
            "TEL;TYPE=work:+351 22 555 0148",
            "ADR;TYPE=work:;;Cais 4;Porto;;;",
        ]);
        assert_eq!(dora, Home::default());
        assert_eq!(home(&["KIND:org", "ORG:Surgery", "TEL:+351 22 555 0148"]), Home::default());
        assert_eq!(home(&["ADR;TYPE=home:;;;Porto;;;"]), Home::default(), "a town is no home");
    }
}
