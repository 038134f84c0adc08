//! How a name is put together: given name first or family name first, as each card has it.

use crate::vcard::{is_cjk, one_line};

/// Returns what a contact is called after its name changed, in the order in which it was put together before: `Anna
/// Müller` stays given name first, `Müller Anna` family name first, `王小明` without a space.
///
/// `old` and `new` are the components of `N`, `shown` is the `FN` that went with the old one. `None` if that was not
/// made from the old name, or if nothing is left to make one of: then it is left alone.
pub fn renamed(old: &[Vec<String>], shown: &str, new: &[Vec<String>]) -> Option<String> {
    let (old, new, shown) = (Parts::of(old), Parts::of(new), one_line(shown));
    let order = ORDERS.into_iter().find(|order| !shown.is_empty() && old.put(*order) == shown)?;
    // What was without a space is so only as long as its characters allow it.
    let order = match order {
        Order::Solid if !new.is_cjk() => FAMILY_FIRST,
        Order::Spaced { .. } if new.is_cjk() && !old.is_cjk() => Order::Solid,
        order => order,
    };
    Some(new.put(order)).filter(|name| !name.is_empty())
}

/// The components of a name: family, given, additional, prefix, suffix.
struct Parts([String; 5]);

#[derive(Clone, Copy)]
enum Order {
    /// Family and given name without a space.
    Solid,
    /// Components by their index in `N`; `comma` stands behind the first.
    Spaced { components: &'static [usize], comma: bool },
}

impl Parts {
    fn of(parts: &[Vec<String>]) -> Self {
        let part = |index: usize| one_line(&parts.get(index).map(|texts| texts.join(" ")).unwrap_or_default());
        Self([0, 1, 2, 3, 4].map(part))
    }

    fn is_cjk(&self) -> bool {
        let name = [self.0[0].as_str(), &self.0[1]].concat();
        !self.0[0].is_empty() && name.chars().all(is_cjk)
    }

    fn put(&self, order: Order) -> String {
        let (components, comma) = match order {
            Order::Solid if self.is_cjk() => return format!("{}{}", self.0[0], self.0[1]),
            Order::Solid => return String::new(),
            Order::Spaced { components, comma } => (components, comma),
        };
        let texts: Vec<&str> = components.iter().map(|&index| self.0[index].as_str()).collect();
        if let ([first, rest @ ..], true) = (&texts[..], comma)
            && !first.is_empty()
            && rest.iter().any(|text| !text.is_empty())
        {
            return format!("{first}, {}", spaced(rest));
        }
        spaced(&texts)
    }
}

fn spaced(texts: &[&str]) -> String {
    texts.iter().copied().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

const fn by(components: &'static [usize], comma: bool) -> Order {
    Order::Spaced { components, comma }
}

/// Family name first, with everything else behind it.
const FAMILY_FIRST: Order = by(&[0, 1, 2], false);
/// Every order that names are put together in; of those that fit, the first counts, which says most.
const ORDERS: [Order; 12] = [
    Order::Solid,
    by(&[3, 1, 2, 0, 4], false),
    by(&[1, 2, 0, 4], false),
    by(&[3, 1, 2, 0], false),
    by(&[1, 2, 0], false),
    by(&[3, 1, 0, 4], false),
    by(&[3, 1, 0], false),
    by(&[1, 0], false),
    FAMILY_FIRST,
    by(&[0, 1], false),
    by(&[0, 1, 2], true),
    by(&[0, 1], true),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `family;given;additional;prefix;suffix`
    fn parts(name: &str) -> Vec<Vec<String>> {
        name.split(';').map(|text| vec![text.to_owned()]).collect()
    }

    #[test]
    fn a_name_keeps_the_order_it_was_put_together_in() {
        for (old, shown, new, expected) in [
            ("Müller;Anna", "Anna Müller", "Meier;Anna", "Anna Meier"),
            ("Müller;Anna", "Müller Anna", "Meier;Anna", "Meier Anna"),
            ("Müller;Anna", "Müller, Anna", "Meier;Anna", "Meier, Anna"),
            ("Müller;Anna;Maria;Dr.;MdB", "Dr. Anna Maria Müller MdB", "Meier;Anna;;Dr.;", "Dr. Anna Meier"),
            ("Müller;Anna;Maria;Dr.", "Anna Müller", "Meier;Anna;Maria;Dr.", "Anna Meier"),
            ("Müller;Anna", "Anna  Müller ", "Müller;Anna;Maria", "Anna Maria Müller"),
            (";Anna", "Anna", "Meier;Anna", "Anna Meier"),
            ("王;小明", "王小明", "李;小明", "李小明"),
            ("王;小明", "小明 王", "李;小明", "小明 李"),
            ("王;小明", "王 小明", "李;小明", "李 小明"),
            ("王;小明", "王小明", "Wang;Xiaoming", "Wang Xiaoming"),
            ("Wang;Xiaoming", "Xiaoming Wang", "王;小明", "王小明"),
        ] {
            assert_eq!(renamed(&parts(old), shown, &parts(new)).as_deref(), Some(expected), "{shown} -> {new}");
        }
    }

    #[test]
    fn a_name_that_was_not_made_from_its_parts_is_left_alone() {
        assert_eq!(renamed(&parts("Miller;Robert"), "Dad", &parts("Miller;Bob")), None);
        assert_eq!(renamed(&parts("Miller;Robert"), "", &parts("Miller;Bob")), None);
        assert_eq!(renamed(&parts(";"), "", &parts("Miller;Bob")), None);
        assert_eq!(renamed(&parts("Miller;Robert"), "Robert Miller", &parts(";;")), None);
    }
}
