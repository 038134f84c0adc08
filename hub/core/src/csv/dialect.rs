//! Which program wrote a table, by its header, and how that program means its columns.

use super::{
    field::{Field, What},
    words::{Words, compact},
};
use std::{collections::BTreeSet, sync::LazyLock};

/// A program's way to write a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Kith's own, for spreadsheets: formulas are made harmless, and made whole again here.
    Kith,
    /// Google Contacts since 2024: `First Name`, `Labels`, `E-mail 1 - Label`.
    Google,
    /// Google Contacts before: `Given Name`, `Group Membership`, `E-mail 1 - Type`.
    GoogleOld,
    /// Outlook, in the language named.
    Outlook(&'static str),
    /// Thunderbird.
    Thunderbird,
    /// LinkedIn's list of connections.
    LinkedIn,
    /// Any other table.
    Other,
}

impl Dialect {
    /// Returns the name to show; empty for a table of nobody in particular.
    pub fn name(self) -> String {
        match self {
            Self::Kith => "Kith".to_owned(),
            Self::Google => "Google".to_owned(),
            Self::GoogleOld => "Google (old)".to_owned(),
            Self::Outlook(language) => format!("Outlook ({language})"),
            Self::Thunderbird => "Thunderbird".to_owned(),
            Self::LinkedIn => "LinkedIn".to_owned(),
            Self::Other => String::new(),
        }
    }

    /// Recognises a header.
    pub(crate) fn of(header: &[String]) -> Self {
        let keys: BTreeSet<String> = header.iter().map(|name| compact(name)).collect();
        let has = |word: &str| keys.contains(word);
        let ends = |part: &str| header.iter().any(|name| name.ends_with(part) && numbered(name).is_some());
        if has("kithuid") {
            return Self::Kith;
        }
        if ends("- Label") || (has("labels") && has("organizationname")) {
            return Self::Google;
        }
        if ends("- Type") || has("groupmembership") {
            return Self::GoogleOld;
        }
        if HEADERS.thunderbird.iter().any(|words| words.iter().all(|word| has(word))) {
            return Self::Thunderbird;
        }
        if has("connectedon") && has("url") {
            return Self::LinkedIn;
        }
        let outlook = HEADERS.outlook.iter().find(|(_, words)| words.iter().filter(|word| has(word)).count() >= 3);
        outlook.map_or(Self::Other, |(language, _)| Self::Outlook(language))
    }

    /// Says what a column means; `None` if it has no field of its own.
    pub(crate) fn field(self, header: &str) -> Option<Field> {
        let key = compact(header);
        if matches!(self, Self::Kith | Self::Google | Self::GoogleOld) {
            if let Some((kind, number, part)) = numbered(header) {
                return google(kind, number, part);
            }
            if key == "kithuid" {
                return Some(Field::of(What::Uid));
            }
        }
        if matches!(self, Self::Outlook(_)) && HEADERS.outlook_prefix.contains(&key) {
            return Some(Field::of(What::Prefix));
        }
        Words::get().guess(header)
    }

    /// Whether dates in it are written day first, as everywhere where this language is spoken.
    pub(crate) fn day_first(self) -> bool {
        matches!(self, Self::Outlook(language) if !matches!(language, "English" | "Japanese" | "Chinese"))
    }

    /// Whether several values of one cell are joined with ` ::: `.
    pub(crate) fn joins(self) -> bool {
        matches!(self, Self::Kith | Self::Google | Self::GoogleOld)
    }

    /// Whether a cell of a column without a field holds only what the program writes into every row.
    pub(crate) fn is_silent(self, cell: &str) -> bool {
        match self {
            Self::Outlook(_) => OUTLOOK_SILENT.contains(&compact(cell).as_str()),
            Self::GoogleOld => matches!(cell.trim(), "*" | "Work" | "* Work"),
            _ => false,
        }
    }
}

/// Takes `Phone 1 - Label` apart.
fn numbered(header: &str) -> Option<(&str, u16, &str)> {
    let (left, part) = header.split_once(" - ")?;
    let (kind, number) = left.trim().rsplit_once(' ')?;
    Some((kind, number.parse().ok().filter(|number| *number > 0)?, part.trim()))
}

fn google(kind: &str, number: u16, part: &str) -> Option<Field> {
    let label = matches!(part, "Label" | "Type");
    let value = part == "Value";
    let what = match (kind, part) {
        ("E-mail", _) if label => What::EmailLabel,
        ("E-mail", _) if value => What::Email,
        ("Phone", _) if label => What::TelLabel,
        ("Phone", _) if value => What::Tel,
        ("Website", _) if label => What::UrlLabel,
        ("Website", _) if value => What::Url,
        ("IM" | "Instant Message", _) if label => What::ImLabel,
        ("IM" | "Instant Message", "Service") => What::ImService,
        ("IM" | "Instant Message", _) if value => What::Im,
        ("Relation", _) if label => What::RelationLabel,
        ("Relation", _) if value => What::Relation,
        ("Event", _) if label => What::EventLabel,
        ("Event", _) if value => What::Event,
        ("Custom Field", _) if label => What::CustomLabel,
        ("Custom Field", _) if value => What::Custom,
        ("Organization", "Name") if number == 1 => What::Organisation,
        ("Organization", "Title") if number == 1 => What::Title,
        ("Organization", "Department") if number == 1 => What::Unit,
        ("Organization", "Yomi Name") if number == 1 => What::PhoneticOrganisation,
        ("Address", _) if label => What::AddressLabel,
        ("Address", "Formatted") => What::Formatted,
        ("Address", "Street") => What::Street,
        ("Address", "Extended Address") => What::Extended,
        ("Address", "PO Box") => What::PoBox,
        ("Address", "City") => What::City,
        ("Address", "Region") => What::Region,
        ("Address", "Postal Code") => What::PostalCode,
        ("Address", "Country") => What::Country,
        _ => return None,
    };
    let alone = matches!(kind, "Organization");
    Some(Field::numbered(what, if alone { 0 } else { number }))
}

/// The headers below, compacted: at the first use, as every row of a table may be its header.
struct Headers {
    outlook: Vec<(&'static str, Vec<String>)>,
    outlook_prefix: Vec<String>,
    thunderbird: Vec<Vec<String>>,
}

static HEADERS: LazyLock<Headers> = LazyLock::new(|| {
    let compacted = |words: &str| words.split('|').map(compact).collect();
    Headers {
        outlook: OUTLOOK.iter().map(|(language, words)| (*language, compacted(words))).collect(),
        outlook_prefix: OUTLOOK_PREFIX.iter().map(|word| compact(word)).collect(),
        thunderbird: THUNDERBIRD.iter().map(|words| compacted(words)).collect(),
    }
});

/// Headers of Outlook, by language; three of them make it one.
const OUTLOOK: &[(&str, &str)] = &[
    (
        "English",
        "E-mail Address|E-mail 2 Address|Business Street|Business Phone|Home Phone|Business Fax|Mobile Phone|Company Main Phone|Other Phone|E-mail Display Name",
    ),
    (
        "German",
        "E-Mail-Adresse|E-Mail 2: Adresse|Straße geschäftlich|Telefon geschäftlich|Telefon (privat)|Telefon privat|Fax geschäftlich|Weitere Vornamen|Mobiltelefon|Weiteres Telefon",
    ),
    (
        "French",
        "Adresse de messagerie|Adresse de messagerie 2|Rue (bureau)|Téléphone (bureau)|Téléphone (domicile)|Télécopie (bureau)|Deuxième prénom|Tél. mobile|Ville (bureau)",
    ),
    (
        "Spanish",
        "Dirección de correo electrónico|Calle del trabajo|Teléfono del trabajo|Particular|Teléfono particular|Fax del trabajo|Móvil|Ciudad del trabajo|Segundo nombre|Calle particular",
    ),
    (
        "Italian",
        "Indirizzo posta elettronica|Indirizzo di posta elettronica|Via (uff.)|Ufficio|Via (ufficio)|Telefono (ufficio)|Abitazione|Telefono (abitazione)|Cellulare|Città (ufficio)|Secondo nome|Fax (ufficio)",
    ),
    (
        "Dutch",
        "E-mailadres|E-mail, adres|Werkadres, straat|Telefoon op werk|Telefoon thuis|Fax op werk|Mobiele telefoon|Werkadres, plaats|Middelste naam",
    ),
    (
        "Portuguese",
        "Endereço de email|Endereço de e-mail|Rua do endereço comercial|Rua (comercial)|Telefone comercial|Telefone residencial|Telefone celular|Telemóvel|Fax comercial|Cidade (comercial)",
    ),
    (
        "Polish",
        "Adres e-mail|Adres służbowy - ulica|Ulica (służbowy)|Telefon służbowy|Telefon domowy|Telefon komórkowy|Faks służbowy|Drugie imię|Miasto (służbowy)",
    ),
    (
        "Russian",
        "Адрес эл. почты|Улица (раб. адрес)|Рабочий телефон|Домашний телефон|Рабочий факс|Телефон переносной|Мобильный телефон|Город (раб. адрес)",
    ),
    (
        "Japanese",
        "電子メール アドレス|番地 (会社)|会社電話|自宅電話|会社 FAX|携帯電話|市区町村 (会社)|会社名フリガナ|郵便番号 (会社)",
    ),
    ("Chinese", "电子邮件地址|商务地址 街道|商务电话|单位电话|住宅电话|商务传真|移动电话|商务地址 市/县|住宅地址 街道"),
];
/// In Outlook `Title` is what stands before a name.
const OUTLOOK_PREFIX: &[&str] =
    &["Title", "Titre", "Título", "Trato", "Titolo", "Titel", "Tytuł", "Обращение", "肩書き", "敬称", "称谓", "Anrede"];
/// What Outlook writes into every row, compacted: normal priority, not private, sex unspecified, kind of address.
const OUTLOOK_SILENT: &[&str] = &[
    "normal",
    "normaal",
    "normale",
    "normalny",
    "обычная",
    "обычныи",
    "標準",
    "普通",
    "false",
    "falsch",
    "faux",
    "falso",
    "onwaar",
    "falsz",
    "ложь",
    "unspecified",
    "keineangabe",
    "nonspecifie",
    "sinespecificar",
    "noespecificado",
    "nonspecificato",
    "nietopgegeven",
    "naoespecificado",
    "nieokreslona",
    "неуказан",
    "未設定",
    "未指定",
    "指定なし",
    "smtp",
    "ex",
];
/// Headers of Thunderbird in some languages; all of one row make it one.
const THUNDERBIRD: &[&str] = &[
    "Primary Email|Secondary Email|Screen Name",
    "Primäre E-Mail-Adresse|Messenger-Name|Geburtsjahr",
    "Première adresse électronique|Année de naissance",
    "Correo electrónico principal|Año de nacimiento",
    "Indirizzo email principale|Anno di nascita",
    "Primair e-mailadres|Geboortejaar",
    "Primary Email|Birth Year",
];
