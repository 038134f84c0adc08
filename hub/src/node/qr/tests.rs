//! Cards into codes and out of them.

use super::{mecard, read, small};
use kith_core::vcard::{Property, parse};

fn card(lines: &str) -> Vec<Property> {
    let mut parsed = parse(&format!("BEGIN:VCARD\nVERSION:4.0\n{lines}\nEND:VCARD\n"));
    assert_eq!(parsed.problems, []);
    parsed.cards.remove(0).properties
}

#[test]
fn a_card_in_a_code_is_short_and_plain() {
    let properties = card(concat!(
        "UID:urn:uuid:1\nFN:Ada Lovelace\nN:Lovelace;Ada;;;\nPHOTO:data:image/png;base64,iVBORw0KGgo=\nX-ODD:1\n",
        "item1.TEL;VALUE=uri;TYPE=cell;X-A=b:tel:+44-1\nitem1.X-ABLabel:Sea\nBDAY:19850412\nGENDER:F\nNOTE:Owes me a book\nNICKNAME:Dodi\nREV:20200101T000000Z",
    ));
    let small = small::card(&properties);
    let expected = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada Lovelace\r\nN:Lovelace;Ada;;;\r\nTEL;TYPE=cell:+44-1\r\n\
                    BDAY:1985-04-12\r\nEND:VCARD\r\n";
    assert_eq!(small.text, expected);
    assert_eq!(small.left_out, ["GENDER"]);
}

#[test]
fn what_matters_most_is_taken_when_not_everything_fits() {
    let street = "lorem ipsum ".repeat(100);
    let mail = |number: usize| format!("EMAIL:somebody{number}@a-long-name.example\n");
    let mails: String = (0..40).map(mail).collect();
    let properties = card(&format!("FN:Ada\nADR:;;{street};;;;\n{mails}EMAIL;PREF=1:best@a.example\nTEL:1"));
    let small = small::card(&properties);
    assert!(small.text.len() <= small::TEXT_BYTES_MAX, "{}", small.text.len());
    assert!(small.text.contains("best@a.example") && small.text.contains("TEL:1"), "{}", small.text);
    assert!(!small.text.contains("\r\n "), "a fold");
    assert_eq!(small.left_out, ["EMAIL", "ADR"]);
    let read = parse(&small.text);
    assert_eq!((read.problems.len(), read.cards.len()), (0, 1));
}

#[test]
fn the_cards_of_japanese_telephones_become_vcards() {
    let text = "MECARD:N:山田,太郎;SOUND:ヤマダ,タロウ;TEL:0312345678;TEL-AV:0311112222;EMAIL:taro@example.jp;\
                ADR:,,1-2-3,千代田区,東京都,100-0001,日本;BDAY:19850412;NOTE:a\\;b\\:c\\\\d;URL:http\\://e.example/;;";
    let vcard = mecard::to_vcard(text).expect("a card");
    for line in [
        "N:山田;太郎;;;",
        "X-PHONETIC-LAST-NAME:ヤマダ",
        "TEL:0312345678",
        "TEL;TYPE=video:0311112222",
        "ADR:;;1-2-3;千代田区;東京都;100-0001;日本",
        "BDAY:1985-04-12",
        "NOTE:a\\;b:c\\\\d",
        "URL:http://e.example/",
    ] {
        assert!(vcard.lines().any(|found| found == line), "{line} is not in {vcard}");
    }
    let business = mecard::to_vcard("BIZCARD:N:Ada;X:Lovelace;T:Countess;C:Engines;A:1 Street;B:+44 1;E:a@a.example;;");
    let business = business.expect("a card");
    for line in ["N:Lovelace;Ada;;;", "ORG:Engines", "ADR;TYPE=work:;;1 Street;;;;", "TEL;TYPE=work:+44 1"] {
        assert!(business.lines().any(|found| found == line), "{line} is not in {business}");
    }
    for other in ["MECARD:", "MECARD:;;;", "https://example.org/", "BIZCARD", ""] {
        assert_eq!(mecard::to_vcard(other), None, "{other}");
    }
}

#[test]
fn a_code_is_told_by_what_it_says() {
    let kind = |text: &str| read(text.to_owned()).kind;
    assert_eq!(kind("begin:vcard\nFN:A\nEND:VCARD"), "card");
    assert_eq!(kind("MECARD:N:A;;"), "card");
    assert_eq!(kind("kith://pair?k=1"), "other", "no link that could work");
    let link = format!("kith://pair?k={}&e=1&a=192.168.1.2:4433#{}", "ab".repeat(32), "cd".repeat(32));
    assert_eq!(kind(&link), "pair");
    assert_eq!(kind("https://example.org/"), "other");
}
