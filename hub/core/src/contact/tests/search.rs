//! What finds whom.

use super::properties;
use crate::contact::{Phrase, QUERY_TOKENS_MAX, index_tokens, match_expression, query_tokens, start_key};
use proptest::prelude::*;

fn finds(lines: &[&str], query: &str) -> bool {
    let tokens = index_tokens(&properties(lines));
    let words: Vec<&str> = tokens.split(' ').collect();
    let has = |phrase: &Phrase| phrase.wanted().all(|wanted| wanted.is_among(&words));
    query_tokens(query).iter().all(|token| token.alternatives.iter().any(has))
}

/// Asserts which of the queries find the contact.
#[track_caller]
fn check(lines: &[&str], found: &[&str], not_found: &[&str]) {
    for query in found {
        assert!(finds(lines, query), "{query} finds {lines:?}");
    }
    for query in not_found {
        assert!(!finds(lines, query), "{query} does not find {lines:?}");
    }
}

const DORA: [&str; 13] = [
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
    "X-SCAN;ENCODING=b:Zm9vYmFy",
    "UID:urn:uuid:0a1b2c3d-0000-4000-8000-00000000abcd",
    "RELATED:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
];

#[test]
fn a_contact_is_found_by_any_field() {
    let found = [
        "dor",
        "DORA kov",
        "kovács",
        "kovacs",
        "o'kov",
        "okov",
        "doralynn",
        "dora-ly",
        "lynn",
        "notes",
        "full",
        "dora.k@kovacs-cl",
        "kovacs-clinic.example",
        "oliveiras 12",
        "4000-001",
        "4000",
        "hauptstrass",
        "hauptstraß",
        "harbour.ex",
        "seagull",
    ];
    check(
        &DORA,
        &found,
        &["ora", "9999", "https", "www", "4AAQ", "jpeg", "dora anna", "zm9v", "f81d4fae", "0a1b2c3d", "urn"],
    );
}

#[test]
fn a_number_is_found_by_its_first_and_last_digits_in_every_spelling() {
    let found = [
        "912 555 014",
        "912-555",
        "351912",
        "014",
        "+351 912",
        "555014",
        "00351912",
        "0912555014",
        "(0912) 555",
        "0170 555",
        "170555",
        "0123",
        "9125",
        "91255501",
        "91",
        "1",
        "+49 170 5550123",
        "0049 170 555",
    ];
    check(&DORA, &found, &["913", "55501a", "+49 171"]);
    check(&["TEL:(212) 555-0147"], &["+1 212 555 0147", "2125550147", "212 555", "0147"], &["+1 213"]);
    check(&["TEL:+39 06 1234567"], &["06 1234", "+39 06 12", "4567"], &[]);
    check(&["FN:Ed", "TEL;VALUE=uri:tel:+44-20-7946-0018"], &["020 7946", "7946 0018", "0018"], &["tel"]);
}

#[test]
fn names_are_found_without_their_accents_and_with_the_letters_that_stand_for_them() {
    let found = |name: &str, queries: &[&str]| check(&[&format!("FN:{name}")], queries, &[]);
    found("Jürgen Müller", &["muller", "mueller", "müller", "MÜLLER", "mu\u{308}ller", "jurg", "juerg"]);
    found("Mueller", &["mueller", "müller"]);
    found("Muller", &["muller", "müller"]);
    found("Mette Sørensen", &["sorensen", "soerensen", "sørensen", "SØREN"]);
    found("Łukasz z Łodzi Łódź", &["lodz", "łódź", "lukasz"]);
    found("Große Straße", &["strasse", "straße", "STRASSE", "grosse"]);
    found("Lœtitia Æbelø Þóra Guðrún", &["loetitia", "aebelo", "thora", "gudrun", "Þóra", "guð"]);
    found("Åse Ånström", &["ase", "aase", "anstrom", "åse"]);
    found("Nguyễn Đức", &["nguyen", "duc"]);
    found("Ελένη Παππάς", &["ελενη παππασ", "ΕΛΈΝΗ", "Παππάς"]);
    found("Алёна Чайковский", &["алена", "АЛЁНА", "чайков"]);
    found("İpek Yılmaz", &["ipek", "yilmaz", "yılmaz"]);
}

#[test]
fn names_in_chinese_are_found_by_characters_syllables_and_initials() {
    let card = ["FN:张小明", "N:张;小明;;;", "ORG:上海博物馆", "NOTE:认识于北京"];
    let found = [
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
        "张x",
    ];
    check(&card, &found, &["明上", "明张", "张明", "beijing", "xm"]);
    check(&["FN:曾敏"], &["zengm", "cengm", "zm", "cm"], &[]);
    check(&["FN:吕布"], &["lv", "lü", "lu", "lvbu"], &[]);
    check(&["FN:单乐"], &["shanyue", "shanle", "danle", "sl", "dy"], &[]);
    let long = format!("FN:{}", "乐".repeat(16));
    assert!(index_tokens(&properties(&[&long])).len() < 4_000, "the ways to read a run are bounded");
}

#[test]
fn kana_find_each_other_in_every_width_and_hangul_is_found_by_initial_consonants() {
    check(
        &["FN:山田たろう", "X-PHONETIC-LAST-NAME:ヤマダ"],
        &["やま", "ヤマ", "ﾔﾏﾀﾞ", "タロウ", "山田", "田た"],
        &["がた"],
    );
    check(&["FN:カタカナ"], &["かた", "ｶﾀｶﾅ"], &["がた"]);
    check(&["FN:Ｆｕｌｌ Ｗｉｄｔｈ", "TEL:０３-１２３４"], &["full", "wid", "031234", "ｆｕｌｌ"], &[]);
    check(&["FN:김민수"], &["김민", "수", "ㄱㅁ", "ㄱㅁㅅ", "ㅁㅅ", "ㅅ", "김ㅁ"], &["ㄱㅅ", "ㅂ"]);
    check(&["FN:강 수지"], &["ㄱ ㅅ", "ㅅㅈ"], &[]);
}

#[test]
fn dates_are_found_as_people_type_them() {
    let card = ["FN:Ada", "BDAY:1990-04-02"];
    let found = [
        "2 april",
        "april 2",
        "02 Apr",
        "1990",
        "april 1990",
        "1990-04-02",
        "2.4.1990",
        "02/04/1990",
        "19900402",
        "2 avril",
        "abril",
    ];
    check(&card, &found, &["mai", "1991", "3 april", "avocado"]);
    check(&["BDAY;VALUE=date:--0312"], &["12 März", "12 marz", "12 march", "marzo"], &["april"]);
}

#[test]
fn several_words_must_all_be_there() {
    let card = ["FN:Anna Berg", "ORG:Harbour", "TEL:+46 8 123", "NOTE:plays chess"];
    check(&card, &["anna chess", "berg har", "anna 123", "an be ha ch"], &["anna golf", "anna 999"]);
}

#[test]
fn a_query_becomes_an_expression_for_the_index() {
    let expression = |query| match_expression(&query_tokens(query));
    assert_eq!(expression(" \"*()- "), None);
    assert_eq!(expression("Anna OR b").as_deref(), Some("(\"anna\"*) AND (\"or\"*) AND (\"b\"*)"));
    assert_eq!(expression("x.y@z").as_deref(), Some("((\"x\" AND \"y\" AND \"z\"*))"));
    assert_eq!(expression("张伟").as_deref(), Some("(\"张伟\")"));
    assert_eq!(expression("张w").as_deref(), Some("((\"张\" AND \"w\"*))"));
    assert_eq!(expression("Müll").as_deref(), Some("(\"mull\"* OR \"muell\"*)"));
    assert_eq!(expression("014").as_deref(), Some("(\"014\"* OR \"r410\"*)"));
    assert_eq!(expression("0912").as_deref(), Some("(\"0912\"* OR \"r2190\"* OR \"912\"*)"));
    assert_eq!(expression("91 2").as_deref(), Some("(\"912\"* OR (\"91\" AND \"2\"*) OR \"r219\"*)"));
    assert_eq!(expression("7").as_deref(), Some("(\"7\"*)"));
    assert_eq!(query_tokens(&"a ".repeat(100)).len(), QUERY_TOKENS_MAX);
    assert_eq!(query_tokens("an")[0].in_name().expression(), "(\"\u{E001}an\"*)");
}

#[test]
fn names_that_begin_alike_have_keys_that_begin_alike() {
    let begins = |name: &str, query: &str| {
        let bytes = start_key(query).to_be_bytes();
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        start_key(name).to_be_bytes()[..length] == bytes[..length]
    };
    for (name, query) in
        [("Anna Berg", "anna b"), ("Émile", "em"), ("張偉", "張"), ("O'Hara", "oha"), ("Christopher", "christophe")]
    {
        assert!(begins(name, query), "{name} {query}");
    }
    assert!(!begins("Anna", "annab") && !begins("Berg Anna", "anna"));
}

#[test]
fn what_is_indexed_of_a_contact_is_bounded() {
    let note = format!("NOTE:{}", "wörd ".repeat(50_000));
    let tel = format!("TEL:{}", "1".repeat(50_000));
    let name = format!("FN:{}", "张".repeat(50_000));
    let lines: Vec<&str> = [note.as_str(), &tel, &name].into_iter().cycle().take(300).collect();
    assert!(index_tokens(&properties(&lines)).len() < 64 * 1024);
    let word = "щ".repeat(100);
    check(&[&format!("NOTE:{word}")], &[&word, &word[..130]], &["щa"]);
}

proptest! {
    #[test]
    fn words_of_queries_never_end_the_quotes_they_stand_in(query in any::<String>()) {
        for token in query_tokens(&query) {
            prop_assert!(!token.alternatives.is_empty());
            for phrase in token.alternatives {
                prop_assert!(!phrase.words.is_empty());
                prop_assert!(phrase.words.iter().all(|word| !word.is_empty() && !word.contains(['"', ' ', '\0'])));
            }
        }
    }

    #[test]
    fn any_name_is_found_by_itself_in_any_field(name in "[^\\p{Cc}\\\\]{1,40}") {
        for field in ["NOTE", "FN", "N"] {
            prop_assert!(finds(&[&format!("{field}:{name}")], &name), "{} {}", field, name);
        }
    }

    #[test]
    fn any_number_is_found_by_itself(number in "[+]?[-0-9 ()./]{1,24}") {
        prop_assert!(finds(&["FN:Ed", &format!("TEL:{number}")], &number), "{}", number);
    }
}
