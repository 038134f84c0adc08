//! The contacts that finding is measured with: names of many scripts, all kinds of fields, some texts that most
//! contacts share and many that few do. Seeded, and made in some hundred milliseconds.

use super::cards::Dice;

/// Given and family names of one language; the family's stands first in some.
struct Names {
    given: &'static [&'static str],
    family: &'static [&'static str],
    family_first: bool,
    country_code: &'static str,
    town: &'static [&'static str],
    /// How many of a hundred contacts bear such names.
    share: u64,
}

/// Makes `count` contacts as vCards.
pub(super) fn vcards(count: usize) -> String {
    let mut dice = Dice::new(0x7065_6f70);
    let mut file = String::with_capacity(count * 480);
    for serial in 0..count {
        person(&mut dice, serial, &mut file);
    }
    file
}

fn person(dice: &mut Dice, serial: usize, file: &mut String) {
    let mut share = dice.within(0, 99);
    let names = NAMES.iter().find(|names| {
        let found = share < names.share;
        share = share.saturating_sub(names.share);
        found
    });
    let names = names.unwrap_or(&NAMES[0]);
    let (given, family) = (dice.one_of(names.given), dice.one_of(names.family));
    let middle = dice.text(1, b"ABCDEFGHJKLMNPRSTW");
    let full = match (names.family_first, names.share) {
        (true, _) => format!("{family}{given}"),
        (false, _) if dice.within(0, 3) == 0 => format!("{given} {middle}. {family}"),
        (false, _) => format!("{given} {family}"),
    };
    let company = format!("{} {}", dice.one_of(&COMPANY), dice.one_of(&FORM));
    let domain = dice.one_of(&DOMAIN);
    let mut line = |text: String| {
        file.push_str(&text);
        file.push_str("\r\n");
    };
    line("BEGIN:VCARD\r\nVERSION:3.0".to_owned());
    line(format!("UID:person-{serial:06}-{}", dice.text(12, b"0123456789abcdef")));
    line(format!("N:{family};{given};;;"));
    line(format!("FN:{full}"));
    if dice.within(0, 2) > 0 {
        line(format!("ORG:{company}"));
    }
    let local = dice.text(7, b"abcdefghiklmnoprstuw");
    line(format!("EMAIL;TYPE=WORK:{local}.{serial}@{domain}"));
    let (area, number) = (dice.within(10, 999), dice.text(7, b"0123456789"));
    line(format!("TEL;TYPE=CELL:+{} {area} {number}", names.country_code));
    if dice.within(0, 1) == 0 {
        line(format!("TEL;TYPE=HOME:0{area} {}", dice.text(6, b"0123456789")));
    }
    let (house, zip) = (dice.within(1, 199), dice.text(5, b"0123456789"));
    line(format!("ADR;TYPE=HOME:;;{} {house};{};;{zip};", dice.one_of(&STREET), dice.one_of(names.town)));
    if dice.within(0, 2) == 0 {
        let (year, month, day) = (dice.within(1940, 2015), dice.within(1, 12), dice.within(1, 28));
        line(format!("BDAY:{year}-{month:02}-{day:02}"));
    }
    if dice.within(0, 4) == 0 {
        line(format!("NOTE:{} {} {serial}", dice.one_of(&NOTE), dice.one_of(names.town)));
    }
    line("END:VCARD".to_owned());
}

const NAMES: [Names; 8] = [
    Names {
        given: &[
            "Anna",
            "Benjamin",
            "Charlotte",
            "Daniel",
            "Emily",
            "Frank",
            "Grace",
            "Henry",
            "Isabel",
            "James",
            "Karen",
            "Liam",
            "Megan",
            "Noah",
            "Olivia",
            "Peter",
            "Quentin",
            "Rachel",
            "Samuel",
            "Tara",
            "Ursula",
            "Victor",
            "Wendy",
            "Xavier",
            "Yvonne",
            "Zachary",
            "Alice",
            "Andrew",
            "Amber",
            "Christopher",
        ],
        family: &[
            "Adams",
            "Baker",
            "Carter",
            "Davies",
            "Evans",
            "Fisher",
            "Green",
            "Hughes",
            "Irving",
            "Jones",
            "King",
            "Lewis",
            "Morgan",
            "Nelson",
            "Owens",
            "Parker",
            "Quinn",
            "Roberts",
            "Smith",
            "Taylor",
            "Underwood",
            "Vaughan",
            "Williams",
            "Young",
            "O'Hara",
            "Smith-Jones",
        ],
        family_first: false,
        country_code: "44",
        town: &["Aberdeen", "Bristol", "Cardiff", "Leeds", "York"],
        share: 40,
    },
    Names {
        given: &["Jürgen", "Käthe", "Sören", "Günter", "Bärbel", "Lena", "Matthias", "Ulrike", "Wolfgang", "Änne"],
        family: &["Müller", "Schröder", "Weiß", "Großmann", "Köhler", "Jäger", "Vogel", "Zimmermann", "Böhm", "Krüger"],
        family_first: false,
        country_code: "49",
        town: &["Köln", "München", "Nürnberg", "Lübeck", "Gießen"],
        share: 20,
    },
    Names {
        given: &["Åsa", "Björn", "Mette", "Søren", "Øyvind", "Łukasz", "Zofia", "Stanisław"],
        family: &["Sørensen", "Ångström", "Østergård", "Wójcik", "Łódzki", "Dąbrowska", "Öberg"],
        family_first: false,
        country_code: "46",
        town: &["Malmö", "Århus", "Łódź", "Kraków"],
        share: 12,
    },
    Names {
        given: &["晓雯", "伟", "小明", "国强", "芳", "丽华", "建军", "静", "敏", "志远"],
        family: &["王", "李", "张", "刘", "陈", "杨", "白", "曾", "欧阳", "单"],
        family_first: true,
        country_code: "86",
        town: &["上海", "北京", "广州", "成都"],
        share: 10,
    },
    Names {
        given: &["さくら", "たろう", "花子", "健一", "ゆき", "翔太"],
        family: &["山田", "佐藤", "鈴木", "田中", "高橋"],
        family_first: true,
        country_code: "81",
        town: &["東京", "大阪", "京都"],
        share: 5,
    },
    Names {
        given: &["민수", "지은", "서연", "준호", "하늘"],
        family: &["김", "이", "박", "최", "정"],
        family_first: true,
        country_code: "82",
        town: &["서울", "부산"],
        share: 4,
    },
    Names {
        given: &["Алёна", "Борис", "Юлия", "Пётр", "Наталья"],
        family: &["Чайковский", "Иванова", "Щербаков", "Соколова"],
        family_first: false,
        country_code: "7",
        town: &["Москва", "Казань"],
        share: 5,
    },
    Names {
        given: &["Ελένη", "Γιώργος", "Νίκος"],
        family: &["Παππάς", "Νικολάου", "Γεωργίου"],
        family_first: false,
        country_code: "30",
        town: &["Αθήνα", "Πάτρα"],
        share: 4,
    },
];
const COMPANY: [&str; 10] =
    ["Alder", "Beacon", "Cobalt", "Driftwood", "Ember", "Fathom", "Granite", "Heron", "Ivory", "Juniper"];
const FORM: [&str; 4] = ["AB", "GmbH", "Ltd", "SpA"];
const DOMAIN: [&str; 6] =
    ["mail.example", "post.example", "alder.example", "heron.example", "letters.example", "office.example"];
const STREET: [&str; 8] = [
    "Birch Street",
    "Canal Street",
    "Hauptstraße",
    "Market Street",
    "Orchard Lane",
    "Storgatan",
    "Tower Road",
    "Via Roma",
];
const NOTE: [&str; 5] = ["Met at the fair in", "Plays chess in", "Sold us the boat in", "Neighbour from", "Choir in"];
