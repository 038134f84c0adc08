//! Readings of Chinese names in pinyin, without tones.

use crate::vcard::{is_cjk, is_han};
use ::pinyin::{Pinyin, ToPinyin, ToPinyinMulti};

/// Tells whether a text has Chinese characters and none that only Japanese or Korean use.
pub(super) fn is_chinese(text: &str) -> bool {
    text.chars().any(is_han) && text.chars().all(|char| !is_cjk(char) || is_han(char) || char == '々' || char == '〇')
}

/// Reads a name: "Zhang Xiaoming" for a person of two to four characters, each syllable apart for anything longer and
/// for organisations. What is not Chinese in it stays as it is. Empty if no character has a reading.
pub(super) fn reading(name: &str, family: &str, organisation: bool) -> String {
    let chars: Vec<char> = name.chars().collect();
    let person = !organisation && (2..=4).contains(&chars.len()) && chars.iter().all(|char| is_han(*char));
    let mut words: Vec<String> = Vec::new();
    if person {
        let family_len = family_len(&chars, family);
        let family_syllables = family_syllables(&chars[..family_len]);
        let given = chars[family_len..].iter().filter_map(|char| syllable(*char));
        words.push(capitalised(&family_syllables.concat()));
        words.push(capitalised(&given.collect::<String>()));
    } else {
        let mut after_syllable = true;
        for char in chars {
            match syllable(char) {
                Some(syllable) => {
                    words.push(capitalised(syllable));
                    after_syllable = true;
                }
                None if char == ' ' => after_syllable = true,
                None => match words.last_mut() {
                    Some(word) if !after_syllable => word.push(char),
                    _ => {
                        words.push(char.to_string());
                        after_syllable = false;
                    }
                },
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// Returns the syllables of a run of characters in every way that it may be read, the likeliest first; at most `max`.
pub(super) fn syllables_of(run: &[char], max: usize) -> Vec<Vec<&'static str>> {
    let mut ways: Vec<Vec<&'static str>> = vec![Vec::with_capacity(run.len())];
    for (at, char) in run.iter().enumerate() {
        let surname = (at == 0).then(|| surname_syllable(*char)).flatten();
        let readings = surname.into_iter().chain(char.to_pinyin_multi().into_iter().flatten().map(Pinyin::plain));
        let mut distinct: Vec<&'static str> = Vec::new();
        for reading in readings {
            if !distinct.contains(&reading) {
                distinct.push(reading);
            }
        }
        let room = max / ways.len();
        let longer = |reading: &&'static str| {
            let longer = |way: &Vec<&'static str>| way.iter().copied().chain([*reading]).collect();
            ways.iter().map(longer).collect::<Vec<_>>()
        };
        if !distinct.is_empty() {
            ways = distinct.iter().take(room.max(1)).flat_map(longer).collect();
        }
    }
    ways
}

/// Returns the syllable of a Chinese character in its commonest reading, with `ü` where it belongs.
fn syllable(char: char) -> Option<&'static str> {
    char.to_pinyin().map(Pinyin::plain)
}

/// Returns the syllable of a character that stands first in a name, where surnames are read in a way of their own.
fn surname_syllable(char: char) -> Option<&'static str> {
    SURNAMES.iter().find(|(surname, _)| *surname == char).map(|(_, reading)| *reading).or_else(|| syllable(char))
}

fn family_syllables(family: &[char]) -> Vec<&'static str> {
    match family {
        [one] => surname_syllable(*one).into_iter().collect(),
        [first, second] => {
            let reading = DOUBLE_SURNAMES.iter().find(|(double, _)| double.chars().eq([*first, *second]));
            match reading {
                Some((_, reading)) => vec![*reading],
                None => family.iter().filter_map(|char| syllable(*char)).collect(),
            }
        }
        _ => family.iter().filter_map(|char| syllable(*char)).collect(),
    }
}

/// How many characters are the surname: as the card says, else two if they are a double surname, else one.
fn family_len(chars: &[char], family: &str) -> usize {
    let stated = family.chars().count();
    if stated > 0 && stated < chars.len() && family.chars().eq(chars[..stated].iter().copied()) {
        return stated;
    }
    let double = |(surname, _): &(&str, &str)| surname.chars().eq(chars[..2].iter().copied());
    if chars.len() > 2 && DOUBLE_SURNAMES.iter().any(double) { 2 } else { 1 }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Surnames that are read otherwise than the character is in most words.
const SURNAMES: [(char, &str); 36] = [
    ('曾', "zeng"),
    ('单', "shan"),
    ('單', "shan"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('区', "ou"),
    ('區', "ou"),
    ('查', "zha"),
    ('任', "ren"),
    ('朴', "piao"),
    ('盖', "ge"),
    ('蓋', "ge"),
    ('翟', "zhai"),
    ('乐', "yue"),
    ('樂', "yue"),
    ('缪', "miao"),
    ('繆', "miao"),
    ('种', "chong"),
    ('秘', "bi"),
    ('冼', "xian"),
    ('洗', "xian"),
    ('折', "she"),
    ('员', "yun"),
    ('員', "yun"),
    ('覃', "qin"),
    ('召', "shao"),
    ('燕', "yan"),
    ('曲', "qu"),
    ('葛', "ge"),
    ('重', "chong"),
    ('晁', "chao"),
    ('宁', "ning"),
    ('华', "hua"),
    ('哈', "ha"),
    ('那', "na"),
    ('逄', "pang"),
];

/// Surnames of two characters.
const DOUBLE_SURNAMES: [(&str, &str); 28] = [
    ("欧阳", "ouyang"),
    ("歐陽", "ouyang"),
    ("司马", "sima"),
    ("司馬", "sima"),
    ("上官", "shangguan"),
    ("诸葛", "zhuge"),
    ("諸葛", "zhuge"),
    ("司徒", "situ"),
    ("东方", "dongfang"),
    ("尉迟", "yuchi"),
    ("夏侯", "xiahou"),
    ("皇甫", "huangfu"),
    ("公孙", "gongsun"),
    ("公孫", "gongsun"),
    ("令狐", "linghu"),
    ("慕容", "murong"),
    ("端木", "duanmu"),
    ("长孙", "zhangsun"),
    ("宇文", "yuwen"),
    ("万俟", "moqi"),
    ("独孤", "dugu"),
    ("南宫", "nangong"),
    ("轩辕", "xuanyuan"),
    ("西门", "ximen"),
    ("闻人", "wenren"),
    ("申屠", "shentu"),
    ("澹台", "tantai"),
    ("呼延", "huyan"),
];
