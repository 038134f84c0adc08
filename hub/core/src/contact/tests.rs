//! What cards come to. All samples are made up.

mod search;
mod sort;

use super::{Sorter, Summary, detail, display_name, index_tokens, is_organisation, label, labels, reading};
use crate::vcard::{Property, Version};

fn properties(lines: &[&str]) -> Vec<Property> {
    lines
        .iter()
        .zip(0..)
        .map(|(line, order)| Property::from_text(Version::V30, order, *line).expect("a line"))
        .collect()
}

fn summary(lines: &[&str]) -> Summary {
    Summary::of(&properties(lines), &Sorter::default())
}

#[test]
fn a_contact_goes_by_the_first_thing_that_names_it() {
    let all = [
        "FN:Dora Kovács",
        "N:Kovács;Dora;M.;Dr.;jr.",
        "NICKNAME:Dorka,D",
        "ORG:Harbour;X",
        "EMAIL:d@k.example",
        "TEL:+1",
    ];
    let names = ["Dora Kovács", "Dr. Dora M. Kovács jr.", "Dorka", "Harbour", "d@k.example", "+1", ""];
    for (skipped, name) in names.into_iter().enumerate() {
        assert_eq!(display_name(&properties(&all[skipped..])), name);
    }
    assert_eq!(display_name(&properties(&["FN: ", "N:白;晓雯;;;"])), "白晓雯");
    assert_eq!(display_name(&properties(&["FN:two\\nlines\u{202E}\u{7}  and  more"])), "two lines and more");
    assert_eq!(display_name(&properties(&[&format!("FN:{}", "é".repeat(600))])).chars().count(), 500);
}

#[test]
fn a_chinese_name_is_read_in_pinyin_unless_the_card_says_otherwise() {
    let read = |lines: &[&str]| reading(&properties(lines));
    for (name, expected) in [
        ("FN:白晓雯", "Bai Xiaowen"),
        ("FN:张伟", "Zhang Wei"),
        ("FN:曾国藩", "Zeng Guofan"),
        ("FN:单雄信", "Shan Xiongxin"),
        ("FN:欧阳娜娜", "Ouyang Nana"),
        ("FN:尉迟恭", "Yuchi Gong"),
        ("FN:吕布", "Lü Bu"),
        ("FN:上海博物馆", "Shang Hai Bo Wu Guan"),
        ("FN:李雷 Tom", "Li Lei Tom"),
        ("FN:Anna", ""),
        ("FN:山田たろう", ""),
        ("FN:김민수", ""),
        ("FN;LANGUAGE=ja:山田太郎", ""),
    ] {
        assert_eq!(read(&[name]), expected, "{name}");
    }
    assert_eq!(read(&["FN:北京", "KIND:org"]), "Bei Jing");
    assert_eq!(read(&["FN:司马懿", "N:司;马懿;;;"]), "Si Mayi");
    assert_eq!(read(&["FN:山田太郎", "X-PHONETIC-FIRST-NAME:たろう", "X-PHONETIC-LAST-NAME:やまだ"]), "やまだ たろう");
    assert_eq!(read(&["FN:Siobhan Daly", "X-PHONETIC-FIRST-NAME:Shivawn"]), "Shivawn");
    assert_eq!(read(&["FN:Rene van der Harten", "N;SORT-AS=\"Harten,Rene\":van der Harten;Rene"]), "Harten Rene");
    assert_eq!(read(&["FN:Rene van der Harten", "SORT-STRING:Harten"]), "Harten");
    assert_eq!(read(&["FN:Ana", "SORT-STRING:Ana"]), "");
}

#[test]
fn the_detail_is_the_one_thing_worth_knowing() {
    let known = |lines: &[&str]| detail(&properties(lines));
    let tail = ["TEL:1", "TEL;TYPE=PREF:2", "EMAIL:a@b.example", "ADR:;;Street;Porto;;;Portugal"];
    let all = [&["FN:A", "TITLE:Vet", "ORG:Harbour;Surgery"], &tail[..]].concat();
    assert_eq!(known(&all), "Vet, Harbour");
    assert_eq!(known(&[&["FN:Harbour", "ORG:Harbour"], &tail[..]].concat()), "2");
    assert_eq!(known(&["FN:A", "TEL;VALUE=uri:tel:+1-5"]), "+1-5");
    assert_eq!(known(&tail[2..]), "Porto");
    assert_eq!(known(&["FN:A", "EMAIL:a@b.example"]), "a@b.example");
    assert_eq!(known(&["FN:A", "ADR:;;Street;;;;Portugal"]), "Portugal");
    assert_eq!(known(&["FN:A", "ORG:;"]), "");
    assert!(is_organisation(&properties(&["KIND:org"])) && is_organisation(&properties(&["X-ABShowAs:COMPANY"])));
    assert!(!is_organisation(&properties(&["KIND:individual"])));
}

#[test]
fn a_property_is_called_by_its_own_label_or_its_types() {
    let card = properties(&[
        "item1.TEL;TYPE=CELL:1",
        "ITEM1.X-ABLabel:Praxis",
        "item2.URL:x",
        "item2.X-ABLabel:_$!<HomePage>!$_",
        "EMAIL;TYPE=INTERNET,pref,WORK:a",
        "TEL;TYPE=FAX;TYPE=HOME;TYPE=VOICE:2",
        "IMPP;X-SERVICE-TYPE=Jabber:xmpp:a",
        "TEL;TYPE=X-Boat:3",
        "item3.TEL:4",
        "NOTE:n",
    ]);
    let expected = ["Praxis", "", "homepage", "", "work", "home fax", "Jabber", "boat", "", ""];
    assert_eq!(labels(&card), expected);
    let siblings: Vec<&Property> = card.iter().collect();
    assert_eq!(card.iter().map(|property| label(property, &siblings)).collect::<Vec<_>>(), expected);
}

#[test]
fn a_summary_says_what_the_single_functions_say() {
    let card = properties(&[
        "N:白;晓雯;;;",
        "ORG:上海博物馆",
        "UID:urn:uuid:0A1B2C3D-0000-4000-8000-00000000ABCD",
        "X-ABShowAs:COMPANY",
    ]);
    let sorter = Sorter::default();
    let references: Vec<&Property> = card.iter().collect();
    let summary = Summary::of(&references, &sorter);
    assert_eq!((summary.name.as_str(), summary.letter.as_str(), summary.organisation), ("白晓雯", "B", true));
    assert_eq!(summary.reading, reading(&card));
    assert_eq!(summary.detail, detail(&card));
    assert_eq!(summary.tokens, index_tokens(&card));
    assert_eq!(summary.uid, crate::vcard::uid(&card));
    assert_eq!(summary.sort_key, sorter.sort_key(&summary.name, &summary.reading));
    assert_eq!(Summary::of::<Property>(&[], &sorter).letter, "#");
    assert_eq!(self::summary(&["FN:Bo"]).name, "Bo");
}
