//! From what was gathered of a row to the properties of its card.

use super::{Draft, Entry, Kind};
use crate::{
    csv::{
        CUSTOM,
        date::{self, Order},
        field::What,
        words::Words,
    },
    vcard::{Item, LineError, ParsedCard, PartialDate, Problem, Property, Version, full_name, parts_to_value},
};
use std::collections::BTreeMap;

impl Draft<'_> {
    /// What a table has no column for, and a custom field says by its label, e.g. `Maiden name`.
    fn take_known_customs(&mut self) {
        for entry in std::mem::take(&mut self.entries) {
            let known = match entry.place.kind {
                Kind::Custom => Words::get().guess(&entry.label).map(|field| field.what),
                _ => None,
            };
            match known.filter(|what| CUSTOMS.contains(what) && !self.names.contains_key(what)) {
                Some(what) => drop(self.names.insert(what, entry.value)),
                None => self.entries.push(entry),
            }
        }
    }

    pub(super) fn finish(mut self) -> Item {
        self.take_known_customs();
        self.print_names();
        for entry in std::mem::take(&mut self.entries) {
            self.print_entry(entry);
        }
        self.print_rest();
        let Card { properties, mut problems, .. } = self.card;
        if properties.is_empty() {
            let reason = problems
                .pop()
                .map_or("nothing in this row says anything of a contact".to_owned(), |problem| problem.reason);
            return Item::Problem(Problem { line: self.line, reason });
        }
        let named =
            |property: &Property| matches!(&*property.name(), "FN" | "N" | "NICKNAME" | "ORG" | "EMAIL" | "TEL");
        if !properties.iter().any(named) {
            problems.push(Problem { line: self.line, reason: "this row has no name, address or number".to_owned() });
        }
        Item::Card(ParsedCard { version: Version::V40, line: self.line, properties, problems })
    }

    fn text(&mut self, what: What) -> String {
        self.names.remove(&what).unwrap_or_default()
    }

    fn print_names(&mut self) {
        use What::{Additional, Family, FullName, Given, Prefix, Suffix};
        let parts = [Family, Given, Additional, Prefix, Suffix].map(|what| vec![self.text(what)]);
        let has_parts = parts.iter().any(|part| !part[0].is_empty());
        let full = self.text(FullName);
        let full = if full.is_empty() && has_parts { full_name(&parts) } else { full };
        self.plain("FN", &full);
        if has_parts {
            self.card.add(self.line, "N", &BTreeMap::new(), None, &parts_to_value("N", &parts));
        }
        for (what, name) in [
            (What::PhoneticGiven, "X-PHONETIC-FIRST-NAME"),
            (What::PhoneticAdditional, "X-PHONETIC-MIDDLE-NAME"),
            (What::PhoneticFamily, "X-PHONETIC-LAST-NAME"),
            (What::Nickname, "NICKNAME"),
            (What::Maiden, "X-MAIDENNAME"),
        ] {
            let text = self.text(what);
            self.plain(name, &text);
        }
        let (organisation, unit) = (self.text(What::Organisation), self.text(What::Unit));
        if !organisation.is_empty() || !unit.is_empty() {
            let mut parts = vec![vec![organisation]];
            if !unit.is_empty() {
                parts.push(vec![unit]);
            }
            self.card.add(self.line, "ORG", &BTreeMap::new(), None, &parts_to_value("ORG", &parts));
        }
        for (what, name) in
            [(What::PhoneticOrganisation, "X-PHONETIC-ORG"), (What::Title, "TITLE"), (What::Role, "ROLE")]
        {
            let text = self.text(what);
            self.plain(name, &text);
        }
    }

    fn print_rest(&mut self) {
        let [year, month, day] = [What::BirthYear, What::BirthMonth, What::BirthDay].map(|what| self.text(what));
        if !(year.is_empty() && month.is_empty() && day.is_empty()) {
            match date::of_parts(&year, &month, &day) {
                Some(date) => {
                    let value = PartialDate::to_basic(date);
                    self.card.add(self.line, "BDAY", &BTreeMap::new(), None, &value);
                }
                None => self.date("BDAY", Order::Unknown, &[year, month, day].join(" ")),
            }
        }
        let gender = self.text(What::Gender);
        if !gender.is_empty() {
            let parts = match gender_code(&gender) {
                "" => vec![vec![String::new()], vec![gender]],
                code => vec![vec![code.to_owned()]],
            };
            self.card.add(self.line, "GENDER", &BTreeMap::new(), None, &parts_to_value("GENDER", &parts));
        }
        let photo = self.text(What::Photo);
        if photo.contains("://") {
            let uri = BTreeMap::from([("VALUE".to_owned(), vec!["uri".to_owned()])]);
            self.card.add(self.line, "PHOTO", &uri, None, &parts_to_value("PHOTO", &[vec![photo]]));
        }
        for (what, name) in [(What::Language, "LANG"), (What::Uid, "UID"), (What::Note, "NOTE")] {
            let text = self.text(what);
            self.plain(name, &text);
        }
    }

    fn plain(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.card.add(self.line, name, &BTreeMap::new(), None, &parts_to_value(name, &[vec![text.to_owned()]]));
        }
    }

    fn print_entry(&mut self, entry: Entry) {
        let Entry { place, label, service, value, shown, address, order } = entry;
        let own = if label.is_empty() { place.label.clone() } else { label };
        let (preferred, own) = match own.strip_prefix('*') {
            Some(rest) => (true, rest.trim().to_owned()),
            None => (false, own.trim().to_owned()),
        };
        let mut params: BTreeMap<String, Vec<String>> = BTreeMap::new();
        if preferred {
            params.insert("PREF".to_owned(), vec!["1".to_owned()]);
        }
        let (name, text) = match place.kind {
            Kind::Tel => ("TEL", parts_to_value("TEL", &[vec![value]])),
            Kind::Email => {
                let said =
                    self.card.has_name(&shown) || (!value.is_empty() && shown.contains(&value)) || shown.is_empty();
                if !said {
                    let label = "E-mail Display Name";
                    self.card.labelled(
                        self.line,
                        CUSTOM,
                        &BTreeMap::new(),
                        label,
                        &parts_to_value(CUSTOM, &[vec![shown]]),
                    );
                }
                ("EMAIL", parts_to_value("EMAIL", &[vec![value]]))
            }
            Kind::Address => {
                let mut parts = address.map(|part| vec![part]);
                if parts.iter().all(|part| part[0].is_empty()) {
                    parts[2] = vec![shown];
                }
                let empty = parts.iter().all(|part| part[0].is_empty());
                ("ADR", if empty { String::new() } else { parts_to_value("ADR", &parts) })
            }
            Kind::Url => ("URL", parts_to_value("URL", &[vec![value]])),
            Kind::Im if value.is_empty() => ("IMPP", String::new()),
            Kind::Im => {
                if !service.is_empty() {
                    params.insert("X-SERVICE-TYPE".to_owned(), vec![service.clone()]);
                }
                ("IMPP", parts_to_value("IMPP", &[vec![handle_to_uri(&service, &value)]]))
            }
            Kind::Event if value.is_empty() => ("X-ABDATE", String::new()),
            Kind::Event => return self.event(&own, order, &value),
            Kind::Relation if value.is_empty() => ("RELATED", String::new()),
            Kind::Relation => {
                params.insert("VALUE".to_owned(), vec!["text".to_owned()]);
                if RELATIONS.contains(&own.to_lowercase().as_str()) {
                    params.insert("TYPE".to_owned(), vec![own.to_lowercase()]);
                    let text = parts_to_value("RELATED", &[vec![value]]);
                    return self.card.add(self.line, "RELATED", &params, None, &text);
                }
                let text = parts_to_value("RELATED", &[vec![value]]);
                return self.card.labelled(self.line, "RELATED", &params, &own, &text);
            }
            Kind::Custom => (CUSTOM, parts_to_value(CUSTOM, &[vec![value]])),
        };
        if text.is_empty() {
            return;
        }
        match Words::get().types(&own).filter(|_| place.kind != Kind::Custom) {
            Some(types) => {
                if !types.is_empty() {
                    params.insert("TYPE".to_owned(), types.into_iter().map(str::to_owned).collect());
                }
                self.card.add(self.line, name, &params, None, &text);
            }
            None => self.card.labelled(self.line, name, &params, &own, &text),
        }
    }

    fn event(&mut self, label: &str, order: Order, value: &str) {
        let anniversary = label.eq_ignore_ascii_case("anniversary");
        if (anniversary || label.is_empty()) && !self.card.has("ANNIVERSARY") {
            return self.date("ANNIVERSARY", order, value);
        }
        let text = match date::read(value, order) {
            date::Reading::Date(date) => date.to_string(),
            _ => value.to_owned(),
        };
        let text = parts_to_value("X-ABDATE", &[vec![text]]);
        self.card.labelled(self.line, "X-ABDATE", &BTreeMap::new(), label, &text);
    }
}

/// The card of a row while it is made.
#[derive(Default)]
pub(super) struct Card {
    properties: Vec<Property>,
    pub(super) problems: Vec<Problem>,
    labels: u32,
}

impl Card {
    pub(super) fn add(
        &mut self,
        line: u32,
        name: &str,
        params: &BTreeMap<String, Vec<String>>,
        group: Option<&str>,
        value: &str,
    ) {
        let order = u32::try_from(self.properties.len()).unwrap_or(u32::MAX);
        let made: Result<Property, LineError> = Property::new(order, name, params, group, value);
        match made {
            Ok(property) => self.properties.push(property),
            Err(error) => self.problems.push(Problem { line, reason: format!("{name}: {error}") }),
        }
    }

    fn labelled(&mut self, line: u32, name: &str, params: &BTreeMap<String, Vec<String>>, label: &str, value: &str) {
        if label.is_empty() {
            return self.add(line, name, params, None, value);
        }
        self.labels += 1;
        let group = format!("item{}", self.labels);
        self.add(line, name, params, Some(&group), value);
        let label = parts_to_value("X-ABLABEL", &[vec![label.to_owned()]]);
        self.add(line, "X-ABLabel", &BTreeMap::new(), Some(&group), &label);
    }

    fn has(&self, name: &str) -> bool {
        self.properties.iter().any(|property| property.name() == name)
    }

    fn has_name(&self, text: &str) -> bool {
        self.properties.iter().any(|property| property.name() == "FN" && property.text() == text)
    }
}

fn gender_code(text: &str) -> &'static str {
    let text = text.trim().to_lowercase();
    let is = |words: &str| words.split('|').any(|word| word == text);
    if is("m|male|man|männlich|masculin|homme|masculino|\
         hombre|maschio|maschile|mannelijk|mężczyzna|мужской|男|男性")
    {
        "M"
    } else if is("f|female|woman|weiblich|féminin|femme|femenino|mujer|\
         femmina|femminile|vrouwelijk|feminino|kobieta|женский|女|女性")
    {
        "F"
    } else if is("o|other") {
        "O"
    } else {
        ""
    }
}

/// Makes a URI of what somebody is called at a service.
fn handle_to_uri(service: &str, handle: &str) -> String {
    match scheme(service) {
        Some(scheme) if !handle.contains(':') => format!("{scheme}:{handle}"),
        _ => handle.to_owned(),
    }
}

/// The URI scheme of a service (RFC 4770 and what is in use).
pub(crate) fn scheme(service: &str) -> Option<&'static str> {
    let service = service.to_lowercase();
    let known = |(names, _): &&(&str, &str)| names.split('|').any(|name| name == service);
    SCHEMES.iter().find(known).map(|(_, scheme)| *scheme)
}

const SCHEMES: [(&str, &str); 9] = [
    ("jabber|xmpp|google talk|googletalk|hangouts", "xmpp"),
    ("skype", "skype"),
    ("aim", "aim"),
    ("icq", "icq"),
    ("msn", "msnim"),
    ("yahoo", "ymsgr"),
    ("qq", "qq"),
    ("matrix", "matrix"),
    ("sip", "sip"),
];
/// The relations that vCard names (RFC 6350, 6.6.6) and that a table names alike.
const RELATIONS: [&str; 12] = [
    "contact",
    "acquaintance",
    "friend",
    "met",
    "co-worker",
    "colleague",
    "neighbor",
    "child",
    "parent",
    "sibling",
    "spouse",
    "agent",
];
/// What a custom field can mean by its label.
const CUSTOMS: [What; 5] = [What::Maiden, What::Role, What::Gender, What::Language, What::PhoneticOrganisation];
