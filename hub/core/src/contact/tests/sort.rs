//! In which order names stand, and under which letter.

use super::{properties, summary};
use crate::contact::{SortBy, Sorter, Summary, reading};

/// The names in the order of a language, each after the letter it stands under.
fn ordered(locale: &str, names: &[&str]) -> Vec<String> {
    let sorter = Sorter::new(locale, SortBy::Given);
    let mut all: Vec<Summary> =
        names.iter().map(|name| Summary::of(&properties(&[&format!("FN:{name}")]), &sorter)).collect();
    all.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
    all.into_iter().map(|summary| format!("{} {}", summary.letter, summary.name)).collect()
}

#[test]
fn names_sort_by_their_reading_whatever_the_script() {
    let sorter = Sorter::default();
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
    let sorter = Sorter::default();
    for (name, reading, letter) in [
        ("Dora", "", "D"),
        (" émile", "", "E"),
        ("Øre", "", "O"),
        ("Łukasz", "", "L"),
        ("Đorđe", "", "D"),
        ("ßeta", "", "S"),
        ("Þóra", "", "Z"),
        ("Straße", "", "S"),
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

#[test]
fn every_language_has_its_own_order_and_letters() {
    let swedish = ordered("sv", &["Örjan", "Åsa", "Zlatan", "Älva", "Üve", "Adam", "Øre"]);
    assert_eq!(swedish, ["A Adam", "Y Üve", "Z Zlatan", "Å Åsa", "Ä Älva", "Ö Øre", "Ö Örjan"]);
    let danish = ordered("da", &["Åse", "Øre", "Ægir", "Zoe", "Anna"]);
    assert_eq!(danish, ["A Anna", "Z Zoe", "Æ Ægir", "Ø Øre", "Å Åse"]);
    assert_eq!(ordered("de", &["Afra", "Ämilia", "Azur"]), ["A Afra", "A Ämilia", "A Azur"]);
    assert_eq!(ordered("de-u-co-phonebk", &["Afra", "Ämilia", "Azur"]), ["A Ämilia", "A Afra", "A Azur"]);
    assert_eq!(ordered("es", &["Ñandú", "Nz", "Ochoa"]), ["N Nz", "Ñ Ñandú", "O Ochoa"]);
    assert_eq!(ordered("ja", &["山田", "さとう", "がく", "Bob"]), ["B Bob", "か がく", "さ さとう", "漢 山田"]);
    assert_eq!(ordered("ko", &["한지민", "김민수", "Bob"]), ["ㄱ 김민수", "ㅎ 한지민", "B Bob"]);
    assert_eq!(ordered("zh", &["张伟", "白晓雯", "Carl"]), ["B 白晓雯", "C Carl", "Z 张伟"]);
    let strokes = ordered("zh-u-co-stroke", &["张伟", "白晓雯", "丁一"]);
    assert_eq!(strokes, ["丁 丁一", "白 白晓雯", "张 张伟"]);
    let unknown = ordered("tlh", &["Zoe", "Ädam"]);
    assert_eq!((unknown.clone(), unknown), (ordered("", &["Zoe", "Ädam"]), ordered("not a locale", &["Zoe", "Ädam"])));
}

#[test]
fn names_can_be_sorted_by_the_family_and_are_still_shown_as_written() {
    let sorter = Sorter::new("", SortBy::Family);
    let of = |lines: &[&str]| Summary::of(&properties(lines), &sorter);
    let anna = of(&["FN:Anna Zimmer", "N:Zimmer;Anna;;;"]);
    let zoe = of(&["FN:Zoe Adams", "N:Adams;Zoe;;;"]);
    let mia = of(&["FN:Mia"]);
    assert!(zoe.sort_key < mia.sort_key && mia.sort_key < anna.sort_key);
    assert_eq!((anna.name.as_str(), anna.letter.as_str(), zoe.letter.as_str()), ("Anna Zimmer", "Z", "A"));
    assert_eq!(summary(&["FN:Anna Zimmer", "N:Zimmer;Anna;;;"]).letter, "A");
    let read = of(&["FN:山田太郎", "N:山田;太郎;;;", "X-PHONETIC-FIRST-NAME:たろう", "X-PHONETIC-LAST-NAME:やまだ"]);
    assert_eq!(read.letter, "や");
}
