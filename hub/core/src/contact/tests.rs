//! What cards come to. All samples are made up.

use super::{
    QUERY_TOKENS_MAX, Sorter, Summary, detail, display_name, index_tokens, is_organisation, label, labels,
    match_expression, query_tokens, reading,
};
use crate::vcard::{Property, Version};
use proptest::prelude::*;

fn properties(lines: &[&str]) -> Vec<Property> {
    lines
        .iter()
        .zip(0..)
        .map(|(line, order)| Property::from_text(Version::V30, order, *line).expect("a line"))
        .collect()
}

fn summary(lines: &[&str]) -> Summary {
    Summary::of(&properties(lines), &Sorter::new())
}

/// Matches a contact against a query as FTS5 does: a phrase is words in a row, the last one perhaps begun.
fn finds(lines: &[&str], query: &str) -> bool {
    let tokens = index_tokens(&properties(lines));
    let words: Vec<&str> = tokens.split(' ').collect();
    query_tokens(query).iter().all(|token| {
        token.alternatives.iter().any(|phrase| {
            words.windows(phrase.words.len()).any(|window| {
                let mut pairs = window.iter().zip(&phrase.words).rev();
                let last = pairs.next().is_some_and(|(word, wanted)| {
                    word == wanted || (phrase.prefix && word.starts_with(wanted.as_str()))
                });
                last && pairs.all(|(word, wanted)| word == wanted)
            })
        })
    })
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
fn names_sort_by_their_reading_whatever_the_script() {
    let sorter = Sorter::new();
    let names =
        ["1und1", "Ädam", "adam", "Adam B", "白晓雯", "Zoë", "zoe a", "Øre", "Бела", "김민수", "山田たろう", ""];
    let mut sorted: Vec<_> = names
        .iter()
        .map(|name| (sorter.sort_key(name, &reading(&properties(&[&format!("FN:{name}")]))), *name))
        .collect();
    sorted.sort();
    let order: Vec<_> = sorted.iter().map(|(_, name)| *name).collect();
    assert_eq!(
        order,
        ["", "1und1", "adam", "Ädam", "Adam B", "白晓雯", "Øre", "Zoë", "zoe a", "Бела", "김민수", "山田たろう"]
    );
    assert_ne!(sorter.sort_key("张伟", "Zhang Wei"), sorter.sort_key("章伟", "Zhang Wei"));
}

#[test]
fn names_stand_under_the_letter_they_are_read_with() {
    let sorter = Sorter::new();
    for (name, reading, letter) in [
        ("Dora", "", "D"),
        (" émile", "", "E"),
        ("Øre", "", "O"),
        ("Łukasz", "", "L"),
        ("Đorđe", "", "D"),
        ("ßeta", "", "S"),
        ("Þóra", "", "Z"),
        ("白晓雯", "Bai Xiaowen", "B"),
        ("山", "", "山"),
        ("Бела", "", "Б"),
        ("김민수", "", "ㄱ"),
        ("がく", "", "か"),
        ("ャマ", "", "や"),
        ("んだ", "", "わ"),
        ("1und1", "", "#"),
        ("(Anna)", "", "#"),
        ("😀", "", "#"),
        ("", "", "#"),
    ] {
        assert_eq!(sorter.index_letter(name, reading), letter, "{name}");
    }
}

const DORA: [&str; 10] = [
    "FN:Dora-Lynn O'Kovács",
    "N:O'Kovács;Dora-Lynn;;;",
    "TEL:+351 (912) 555-014",
    "TEL:0170 5550123",
    "EMAIL:dora.k@kovacs-clinic.example",
    "ADR:;;Rua das Oliveiras 12\\, 3.º;Porto;;4000-001;Portugal",
    "NOTE:Hauptstraße\\nnotes ＦＵＬＬ",
    "URL:https://www.harbour.example/team",
    "PHOTO;ENCODING=b:/9j/4AAQSkZJRg==",
    "X-BOAT:Seagull",
];

#[test]
fn a_contact_is_found_by_any_field() {
    for query in [
        "dor",
        "DORA kov",
        "o'kov",
        "okov",
        "doralynn",
        "dora-ly",
        "lynn",
        "912 555 014",
        "912-555",
        "351912",
        "014",
        "+351 912",
        "555014",
        "00351912",
        "0912555014",
        "0170 555",
        "170555",
        "0123",
        "dora.k@kovacs-cl",
        "kovacs-clinic.example",
        "9125",
        "91255501",
        "91",
        "555014",
        "oliveiras 12",
        "4000-001",
        "4000",
        "hauptstrass",
        "notes",
        "full",
        "harbour.ex",
        "seagull",
        "1",
    ] {
        let folded = query.replace('á', "a");
        let plain: Vec<String> = DORA.iter().map(|line| line.replace('á', "a")).collect();
        assert!(finds(&plain.iter().map(String::as_str).collect::<Vec<_>>(), &folded), "{query}");
    }
    for query in ["ora", "9999", "https", "www", "4AAQ", "jpeg", "dora anna", "913", "55501a"] {
        assert!(!finds(&DORA, query), "{query}");
    }
}

#[test]
fn names_in_other_scripts_are_found_by_characters_syllables_and_initials() {
    let card = ["FN:张小明", "N:张;小明;;;", "ORG:上海博物馆", "NOTE:认识于北京"];
    for query in [
        "张",
        "小明",
        "张小明",
        "明",
        "zhang",
        "zhangx",
        "zhangxiaoming",
        "xiaoming",
        "zxm",
        "zx",
        "zhang xiao",
        "博物",
        "shanghai",
        "北京",
        "张 北京",
    ] {
        assert!(finds(&card, query), "{query}");
    }
    for query in ["明上", "明张", "张明", "beijing", "xm"] {
        assert!(!finds(&card, query), "{query}");
    }
    assert!(finds(&["FN:曾敏"], "zengm") && finds(&["FN:曾敏"], "cengm"));
    assert!(finds(&["FN:吕布"], "lv") && finds(&["FN:吕布"], "lü"));
    assert!(finds(&["FN:山田たろう", "X-PHONETIC-LAST-NAME:やまだ"], "やま"));
    assert!(finds(&["FN:김민수"], "김민"));
    assert!(finds(&["FN:Ελένη Παππάς"], "ελενη παππασ"));
}

#[test]
fn a_query_becomes_an_expression_for_the_index() {
    let expression = |query| match_expression(&query_tokens(query));
    assert_eq!(expression(" \"*()- "), None);
    assert_eq!(expression("Anna OR b").as_deref(), Some("(\"anna\"*) AND (\"or\"*) AND (\"b\"*)"));
    assert_eq!(expression("x.y@z").as_deref(), Some("(\"x y z\"*)"));
    assert_eq!(expression("张伟").as_deref(), Some("(\"张 伟\")"));
    assert_eq!(expression("张w").as_deref(), Some("(\"张 w\"*)"));
    assert_eq!(expression("014").as_deref(), Some("(\"014\"* OR \"r410\"*)"));
    assert_eq!(expression("0912").as_deref(), Some("(\"0912\"* OR \"r2190\"* OR \"912\"*)"));
    assert_eq!(expression("91 2").as_deref(), Some("(\"912\"* OR \"91 2\"* OR \"r219\"*)"));
    assert_eq!(expression("7").as_deref(), Some("(\"7\"*)"));
    assert_eq!(query_tokens(&"a ".repeat(100)).len(), QUERY_TOKENS_MAX);
}

#[test]
fn what_is_indexed_of_a_contact_is_bounded() {
    let note = format!("NOTE:{}", "wörd ".repeat(50_000));
    let tel = format!("TEL:{}", "1".repeat(50_000));
    let name = format!("FN:{}", "张".repeat(50_000));
    let lines: Vec<&str> = [note.as_str(), &tel, &name].into_iter().cycle().take(300).collect();
    assert!(index_tokens(&properties(&lines)).len() < 64 * 1024);
}

#[test]
fn a_summary_says_what_the_single_functions_say() {
    let card = properties(&[
        "N:白;晓雯;;;",
        "ORG:上海博物馆",
        "UID:urn:uuid:0A1B2C3D-0000-4000-8000-00000000ABCD",
        "X-ABShowAs:COMPANY",
    ]);
    let sorter = Sorter::new();
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

proptest! {
    #[test]
    fn words_of_queries_are_alphanumeric_and_never_empty(query in any::<String>()) {
        for token in query_tokens(&query) {
            prop_assert!(!token.alternatives.is_empty());
            for phrase in token.alternatives {
                prop_assert!(!phrase.words.is_empty());
                prop_assert!(phrase.words.iter().all(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric)));
            }
        }
    }

    #[test]
    fn any_name_is_found_by_itself_and_has_a_letter(name in "[^\\p{Cc}\\\\]{1,40}") {
        let summary = summary(&[&format!("NOTE:{name}"), &format!("FN:{name}"), &format!("TEL:{name}"), &format!("N:{name}")]);
        prop_assert!(!summary.letter.is_empty());
        prop_assert!(finds(&[&format!("NOTE:{name}")], &name), "{}", name);
    }
}
