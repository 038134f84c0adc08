//! What 3.0 and 4.0 keep under different names, or one of them in a parameter of another property.
//!
//! | 3.0 | 4.0 |
//! |---|---|
//! | `X-ANNIVERSARY`, or `itemN.X-ABDATE` labelled Anniversary | `ANNIVERSARY` |
//! | `X-ABSHOWAS:COMPANY` | `KIND:org` |
//! | `X-ADDRESSBOOKSERVER-KIND:group`, `X-ADDRESSBOOKSERVER-MEMBER` | `KIND:group`, `MEMBER` |
//! | `SORT-STRING` | `SORT-AS` of `N` |
//! | `LABEL` | `LABEL` of the `ADR` of the same types |
//! | `AGENT` that names a URI | `RELATED;TYPE=agent` |
//! | `X-SOCIALPROFILE;TYPE=service;X-USER=name` | `SOCIALPROFILE;SERVICE-TYPE=service;USERNAME=name` (RFC 9554) |
//!
//! Only a line that was written under the other version is translated, and only where nothing stands in its place
//! already; whatever cannot be translated leaves under the name it has.

use super::{
    Line, Version,
    convert::date,
    line::print_head,
    property::{fold, has_scheme},
    value::{Kind, escape, parts},
};

/// How one line of a card leaves in another version, beside what its own spelling needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Translation {
    /// The name it gets.
    pub(super) name: Option<&'static str>,
    /// The escaped value it gets.
    pub(super) value: Option<String>,
    /// Parameters it gets in place of those of the same name; without values: that it loses.
    pub(super) params: Vec<(&'static str, Vec<String>)>,
    /// Another line now says what this one said.
    pub(super) skipped: bool,
    /// A line that follows it, folded.
    pub(super) followed_by: Option<String>,
}

impl Translation {
    /// Tells whether the line leaves by its own spelling alone.
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Returns how each line of a card leaves in the target version.
pub(super) fn translations(lines: &[Line<'_>], target: Version) -> Vec<Translation> {
    let mut translator = Translator { lines, target, all: vec![Translation::default(); lines.len()] };
    if lines.iter().any(|line| line.version != target && is_concerned(line)) {
        match target {
            Version::V40 => translator.translate_to_new(),
            _ => translator.translate_to_old(),
        }
    }
    translator.all
}

fn is_concerned(line: &Line<'_>) -> bool {
    match &*line.name {
        "N" | "ADR" => line.has_params(),
        name => NAMES.contains(&name),
    }
}

struct Translator<'l, 'a> {
    lines: &'l [Line<'a>],
    target: Version,
    all: Vec<Translation>,
}

impl Translator<'_, '_> {
    fn translate_to_new(&mut self) {
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            if line.version == self.target {
                continue;
            }
            match &*line.name {
                "X-ABSHOWAS" if line.text().trim().eq_ignore_ascii_case("COMPANY") && !self.has("KIND") => {
                    self.rename(at, "KIND");
                    self.all[at].value = Some("org".to_owned());
                }
                "X-ADDRESSBOOKSERVER-KIND" if !self.has("KIND") => self.rename(at, "KIND"),
                "X-ADDRESSBOOKSERVER-MEMBER" => self.rename(at, "MEMBER"),
                "X-ANNIVERSARY" | "X-ABDATE"
                    if date(line).is_some()
                        && (line.name == "X-ANNIVERSARY" || self.label(line).contains("nniversary"))
                        && !self.has("ANNIVERSARY") =>
                {
                    self.rename(at, "ANNIVERSARY");
                }
                "SORT-STRING" => self.sort_string(at),
                "LABEL" => self.address_label(at),
                "AGENT" if has_scheme(&line.text()) && !line.text().contains('\n') => {
                    self.rename(at, "RELATED");
                    self.all[at].params.push(("TYPE", vec!["agent".to_owned()]));
                }
                "X-SOCIALPROFILE" if has_scheme(&line.text()) => {
                    self.rename(at, "SOCIALPROFILE");
                    self.move_param(at, "X-USER", "USERNAME");
                    let (kept, mut service): (Vec<_>, Vec<_>) =
                        line.types().map(String::from).partition(|kind| is_place(kind));
                    if service.len() == 1 && line.param("SERVICE-TYPE").is_none() {
                        self.all[at].params.push(("TYPE", kept));
                        self.all[at].params.push(("SERVICE-TYPE", vec![service.remove(0)]));
                    }
                }
                _ => {}
            }
        }
    }

    fn translate_to_old(&mut self) {
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            if line.version != Version::V40 {
                continue;
            }
            match &*line.name {
                "KIND" if self.lines.iter().filter(|other| other.name == "KIND").count() > 1 => {}
                "KIND" if line.text() == "org" && !self.has("X-ABSHOWAS") => {
                    self.rename(at, "X-ABShowAs");
                    self.all[at].value = Some("COMPANY".to_owned());
                }
                "KIND" if line.text().trim().eq_ignore_ascii_case("GROUP") && !self.has("X-ADDRESSBOOKSERVER-KIND") => {
                    self.rename(at, "X-ADDRESSBOOKSERVER-KIND");
                }
                "MEMBER" => self.rename(at, "X-ADDRESSBOOKSERVER-MEMBER"),
                "ANNIVERSARY" if date(line).is_some() && self.is_only_anniversary() => {
                    let labelled = self.label(line).contains("nniversary");
                    self.rename(at, if labelled { "X-ABDATE" } else { "X-ANNIVERSARY" });
                }
                "N" if !self.has("SORT-STRING") => self.sort_as(at),
                "ADR" => self.label_parameter(at),
                "RELATED" if is_agent(line) => {
                    self.rename(at, "AGENT");
                    self.all[at].params.extend([("TYPE", Vec::new()), ("VALUE", vec!["uri".to_owned()])]);
                }
                "SOCIALPROFILE" if has_scheme(&line.text()) => {
                    self.rename(at, "X-SOCIALPROFILE");
                    self.move_param(at, "USERNAME", "X-USER");
                    let mut services = line.params().filter(|param| param.is("SERVICE-TYPE")).flat_map(|p| p.values());
                    if let (Some(service), None) = (services.next(), services.next())
                        && !service.is_empty()
                        && !is_place(&service)
                        && line.types().all(|kind| is_place(&kind))
                    {
                        let preferred = line.is_preferred().then(|| "PREF".to_owned());
                        let types = line.types().map(String::from).chain([service.into_owned()]).chain(preferred);
                        self.all[at].params.push(("TYPE", types.collect()));
                        self.all[at].params.push(("SERVICE-TYPE", Vec::new()));
                    }
                }
                _ => {}
            }
        }
    }

    /// Tells whether the card has one anniversary, under whatever name.
    fn is_only_anniversary(&self) -> bool {
        let is_one = |line: &&Line<'_>| match &*line.name {
            "ANNIVERSARY" | "X-ANNIVERSARY" => true,
            "X-ABDATE" => self.label(line).contains("nniversary"),
            _ => false,
        };
        self.lines.iter().filter(is_one).count() == 1
    }

    fn rename(&mut self, at: usize, name: &'static str) {
        self.all[at].name = Some(name);
    }

    fn move_param(&mut self, at: usize, from: &'static str, to: &'static str) {
        let values: Vec<String> =
            self.lines[at].params().filter(|param| param.is(from)).flat_map(|p| p.values()).map(String::from).collect();
        if !values.is_empty() && self.lines[at].param(to).is_none() {
            self.all[at].params.extend([(from, Vec::new()), (to, values)]);
        }
    }

    /// Tells whether the card has a property of this name, or gets one.
    fn has(&self, name: &str) -> bool {
        self.lines.iter().any(|line| line.name == name) || self.all.iter().any(|other| other.name == Some(name))
    }

    /// Returns the person's own label of the line's group.
    fn label(&self, line: &Line<'_>) -> String {
        let group = line.group();
        let is_label = |other: &&Line<'_>| other.name == "X-ABLABEL" && other.group().eq_ignore_ascii_case(group);
        let label = self.lines.iter().filter(|_| !group.is_empty()).find(is_label);
        label.map(|label| label.text().into_owned()).unwrap_or_default()
    }

    /// `SORT-STRING` of 3.0 into the `N` of 4.0.
    fn sort_string(&mut self, at: usize) {
        let text = self.lines[at].text().trim().to_owned();
        let name = self.lines.iter().position(|line| line.name == "N");
        let Some(name) = name.filter(|name| self.lines[*name].param("SORT-AS").is_none()) else { return };
        let taken = self.all[name].params.iter().any(|(param, _)| *param == "SORT-AS");
        if !taken && is_parameter(&text) && !self.lines[at].has_params() && self.lines[at].group().is_empty() {
            self.all[name].params.push(("SORT-AS", vec![text]));
            self.all[at].skipped = true;
        }
    }

    /// `SORT-AS` of 4.0's `N` into a `SORT-STRING` of 3.0.
    fn sort_as(&mut self, at: usize) {
        let line = &self.lines[at];
        let values = line.params().filter(|param| param.is("SORT-AS")).flat_map(|param| param.values());
        let text = values.map(String::from).collect::<Vec<_>>().join(",");
        if text.is_empty() || self.lines.iter().position(|line| line.name == "N") != Some(at) {
            return;
        }
        self.all[at].params.push(("SORT-AS", Vec::new()));
        self.all[at].followed_by = Some(text_line(&print_head(None, "SORT-STRING", &[]), &text));
    }

    /// `LABEL` of 3.0 into the nearest `ADR` before it, else after it, of the same group and types.
    fn address_label(&mut self, at: usize) {
        let label = &self.lines[at];
        let text = label.text().into_owned();
        let plain = label.params().all(|param| ["TYPE", "ENCODING", "CHARSET"].iter().any(|name| param.is(name)));
        if !plain || !is_parameter(&text) {
            return;
        }
        let fits = |other: &usize| {
            let line = &self.lines[*other];
            line.name == "ADR"
                && line.group().eq_ignore_ascii_case(label.group())
                && line.param("LABEL").is_none()
                && self.all[*other].params.is_empty()
                && sorted_types(line) == sorted_types(label)
        };
        let found = (0..at).rev().find(&fits).or_else(|| (at + 1..self.lines.len()).find(&fits));
        if let Some(address) = found {
            self.all[address].params.push(("LABEL", vec![text]));
            self.all[at].skipped = true;
        }
    }

    /// `LABEL` of 4.0's `ADR` into a `LABEL` of 3.0.
    fn label_parameter(&mut self, at: usize) {
        let line = &self.lines[at];
        let Some(text) = line.param("LABEL").filter(|text| is_parameter(text)) else { return };
        let is_rival = |other: &Line<'_>| {
            other.name == "LABEL"
                && other.group().eq_ignore_ascii_case(line.group())
                && sorted_types(other) == sorted_types(line)
        };
        if self.lines.iter().any(is_rival) {
            return;
        }
        let mut types: Vec<String> = line.types().map(String::from).collect();
        if line.param("PREF").is_some_and(|pref| pref == "1") {
            types.push("PREF".to_owned());
        }
        let types = Some(("TYPE".to_owned(), types)).filter(|(_, types)| !types.is_empty());
        let head = print_head(Some(line.group()), "LABEL", types.as_slice());
        self.all[at].params.push(("LABEL", Vec::new()));
        self.all[at].followed_by = Some(text_line(&head, &text));
    }
}

fn text_line(head: &str, text: &str) -> String {
    let mut line = format!("{head}:");
    escape(text, Kind::Text, &mut line);
    fold(line)
}

fn is_agent(line: &Line<'_>) -> bool {
    let mut types = line.types();
    !line.is_preferred()
        && types.next().is_some_and(|kind| kind.eq_ignore_ascii_case("AGENT"))
        && types.next().is_none()
        && parts(line).concat().iter().all(|text| has_scheme(text))
}

fn sorted_types(line: &Line<'_>) -> Vec<String> {
    let mut types: Vec<String> = line.types().map(|kind| kind.to_ascii_lowercase()).collect();
    types.sort_unstable();
    types.dedup();
    types
}

/// Tells whether a text can be the value of a parameter: not empty, not too long, and nothing that RFC 6868 cannot say.
fn is_parameter(text: &str) -> bool {
    !text.trim().is_empty()
        && text.trim() == text
        && text.len() <= PARAMETER_BYTES_MAX
        && text.chars().all(|char| char == '\n' || !char.is_control())
}

fn is_place(kind: &str) -> bool {
    ["HOME", "WORK", "PREF", "OTHER"].iter().any(|place| place.eq_ignore_ascii_case(kind))
}

/// Names that the versions spell differently, beside `N` and `ADR`, whose parameters they do.
const NAMES: [&str; 14] = [
    "KIND",
    "MEMBER",
    "ANNIVERSARY",
    "RELATED",
    "SOCIALPROFILE",
    "X-ABSHOWAS",
    "X-ADDRESSBOOKSERVER-KIND",
    "X-ADDRESSBOOKSERVER-MEMBER",
    "X-ANNIVERSARY",
    "X-ABDATE",
    "SORT-STRING",
    "LABEL",
    "AGENT",
    "X-SOCIALPROFILE",
];
/// Longest text that is moved into a parameter, in bytes.
const PARAMETER_BYTES_MAX: usize = 2_000;
