//! Cards there and back again: no value is lost in either direction.

use super::*;
use crate::vcard::parse;
use serde_json::{Value, json};

/// Name, parts and group of every property, sorted: what a card says, whatever its order.
fn said(properties: &[Property]) -> Vec<String> {
    let mut said: Vec<String> = properties
        .iter()
        .map(|property| {
            let line = property.line();
            let parts: Vec<_> = property.parts().into_iter().flatten().filter(|text| !text.is_empty()).collect();
            format!("{:?}.{}:{parts:?}", line.group, line.name)
        })
        .collect();
    said.sort();
    said
}

fn card(lines: &str) -> Vec<Property> {
    let mut parsed = parse(&format!("BEGIN:VCARD\nVERSION:4.0\n{lines}\nEND:VCARD\n"));
    assert_eq!(parsed.problems, []);
    parsed.cards.remove(0).properties
}

fn there_and_back(properties: &[Property]) -> Vec<Property> {
    let written = write(&[properties.to_vec()]);
    println!("{written}");
    let mut read = read(&written).expect("own JSContact");
    assert_eq!(read.problems, []);
    assert_eq!(read.cards[0].problems, []);
    read.cards.remove(0).properties
}

#[test]
fn a_full_card_loses_no_value() {
    let properties = card(concat!(
        "FN:Dr. Ada Lovelace\nN;SORT-AS=\"Lovelace,Ada\":Lovelace;Ada;Augusta,King;Dr.;MSc,BA\nNICKNAME:Ada,Countess\n",
        "KIND:individual\nUID:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\nBDAY:--1210\nANNIVERSARY:18350708\n",
        "item1.TEL;TYPE=HOME,voice;PREF=1:+44 20 7946 0000\nitem1.X-ABLabel:Sea\\, side\nTEL;VALUE=uri;TYPE=cell:tel:+44-1;ext=5\n",
        "TEL;TYPE=work;X-ODD=\"a:b\":2\nEMAIL;TYPE=work:ada@a.example\nEMAIL:two@a.example\n",
        "ADR;TYPE=home;LABEL=\"1 St. James^nLondon ^'W^'\":;;1 St. James;London;;SW1;UK\nORG:Engine\\;s;Analytical,Notes\n",
        "TITLE:Countess\nROLE:Writer\nNOTE:First\\nSecond\\, third \\\\ end \"quoted\" ^caret^\nNOTE;LANGUAGE=fr:Deux\n",
        "URL;TYPE=home:https://a.example/?a=1,2;b\nIMPP:xmpp:ada@a.example\nGEO:geo:51.5,-0.1\nTZ:Europe/London\n",
        "CATEGORIES:math,poetry\\, verse\nGENDER:F;woman\nLANG;PREF=1:en\nRELATED;TYPE=friend:urn:uuid:1\nREV:20200101T000000Z\n",
        "PHOTO:data:image/png;base64,iVBORw0KGgo=\nKEY:https://a.example/key\nSOUND:https://a.example/s\nLOGO:https://a.example/l\n",
        "X-ANDROID-CUSTOM:vnd.x;a;1;;\nX-ODD:v;w,x\\,y\nX-SOCIALPROFILE;TYPE=twitter;X-USER=ada:https://t.example/ada\n",
        "HOBBY;LEVEL=high;INDEX=1:chess\nEXPERTISE:engines\nINTEREST:wings\nORG-DIRECTORY:https://a.example/d\n",
        "CALURI:https://a.example/c\nFBURL:https://a.example/f\nCALADRURI:mailto:ada@a.example\nSOURCE:https://a.example/v\n",
        "BIRTHPLACE:London\nDEATHPLACE:Marylebone\nDEATHDATE:18521127\nMAILER:old\nCREATED:20200101T000000Z\n",
        "GRAMGENDER:feminine\nPRONOUNS:she/her\nSOCIALPROFILE;SERVICE-TYPE=Mastodon:https://m.example/@ada\nPRODID:-//x//y",
    ));
    assert_eq!(said(&there_and_back(&properties)), said(&properties));
}

#[test]
fn parameters_and_lists_stay_with_their_values() {
    let properties = card(concat!(
        "FN:A\nTEL;TYPE=home,cell;PREF=1;X-ODD=\"a:b\":1\nADR;TYPE=work;LABEL=\"Line one^nLine ^'two^' ^^\":;;S;T;;;\n",
        "NOTE;LANGUAGE=fr:x\nNOTE:y\nitem1.EMAIL:a@a.example\nitem1.X-ABLabel:_$!<Other>!$_",
    ));
    let back = there_and_back(&properties);
    let find = |name: &str| back.iter().find(|property| property.name() == name).expect("the property").line();
    let tel = find("TEL");
    let param = |name: &str| tel.params.iter().find(|(known, _)| known == name).map(|(_, values)| values.join(","));
    let mut types: Vec<_> = param("TYPE").unwrap_or_default().split(',').map(str::to_owned).collect();
    types.sort();
    assert_eq!(types, ["cell", "home"]);
    assert_eq!((param("PREF").as_deref(), param("X-ODD").as_deref()), (Some("1"), Some("a:b")));
    let label = ("LABEL".to_owned(), vec!["Line one\nLine \"two\" ^".to_owned()]);
    assert!(find("ADR").params.contains(&label), "{:?}", find("ADR"));
    assert_eq!(find("ADR").value, ";;S;T;;;");
    assert_eq!(find("EMAIL").group, find("X-ABLABEL").group);
}

#[test]
fn a_card_that_was_written_and_read_is_written_alike() {
    let properties =
        card("FN:A\nN:B;A;;;\nTEL:1\nTEL:2\nORG:O\nROLE:R\nADR:;;S;T;;;\nTZ:Europe/Paris\nX-A:1;2\nGENDER:M");
    let once = write(&[properties]);
    let back = read(&once).expect("own JSContact").cards.remove(0).properties;
    assert_eq!(write(&[back]), once);
    assert!(!once.contains("organizationId"), "nobody said in which organization: {once}");
}

#[test]
fn names_that_nobody_stated_are_not_made_up() {
    for lines in ["TEL:1", "N:B;A;;;", "ORG:O"] {
        let properties = card(lines);
        assert_eq!(said(&there_and_back(&properties)), said(&properties));
    }
}

#[test]
fn old_cards_are_written_too() {
    let parsed = parse(concat!(
        "BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J\nTEL;HOME:1\nBDAY:1985-04-12\n",
        "PHOTO;ENCODING=BASE64;JPEG:/9j/\n\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:B\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-03-04\n",
        "END:VCARD\n",
    ));
    let cards: Vec<_> = parsed.cards.into_iter().map(|card| card.properties).collect();
    let back = read(&write(&cards)).expect("own JSContact");
    let find = |index: usize, name: &str| -> String {
        let card: &Vec<Property> = &back.cards[index].properties;
        card.iter().find(|property| property.name() == name).map(Property::text).unwrap_or_default()
    };
    assert_eq!(find(0, "N"), "J Müller");
    assert_eq!(find(0, "BDAY"), "1985-04-12");
    assert_eq!(find(0, "PHOTO"), "1 KiB");
    assert_eq!(find(1, "BDAY"), "--03-04");
}

/// What a card says in JSON, without the types that are the default of their place.
fn plain(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(object) => {
                object.remove("@type");
                object.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}

#[test]
fn what_rfc_9553_can_say_comes_back_from_vcard() {
    let full = json!({
        "@type": "Card", "version": "1.0", "uid": "urn:uuid:22B2C7DF-9120-4969-8460-05956FE6B065", "kind": "individual",
        "created": "2022-09-30T14:35:10Z", "updated": "2023-01-02T03:04:05Z", "language": "en",
        "prodId": "Example/1", "keywords": { "internet": true, "IETF": true },
        "name": {
            "components": [{ "kind": "given", "value": "Jane" }, { "kind": "surname", "value": "Doe" }],
            "isOrdered": true, "full": "Jane Doe"
        },
        "nicknames": { "n": { "name": "Janie" } },
        "organizations": { "o1": { "name": "ABC, Inc.", "units": [{ "name": "Research" }], "sortAs": "ABC" } },
        "titles": {
            "le9": { "kind": "title", "name": "Research Scientist" },
            "k2": { "kind": "role", "name": "Project Leader", "organizationId": "o1" }
        },
        "speakToAs": { "grammaticalGender": "neuter", "pronouns": { "p1": { "pronouns": "they/them", "pref": 2 } } },
        "emails": {
            "e1": { "contexts": { "work": true }, "address": "jane@work.example" },
            "e2": { "address": "jane@home.example", "pref": 1, "label": "other" }
        },
        "phones": {
            "tel0": { "contexts": { "private": true }, "features": { "voice": true }, "number": "tel:+1-555-555-5555;ext=5" },
            "tel3": { "contexts": { "work": true }, "number": "+1 201 555 0123" }
        },
        "onlineServices": {
            "x1": { "uri": "xmpp:alice@example.com" },
            "x2": { "service": "Mastodon", "user": "@alice@example2.com", "uri": "https://example2.com/@alice" }
        },
        "preferredLanguages": { "l1": { "language": "en", "contexts": { "work": true }, "pref": 1 } },
        "calendars": { "c1": { "kind": "calendar", "uri": "webcal://calendar.example.com/calA.ics" } },
        "schedulingAddresses": { "s": { "uri": "mailto:janedoe@example.com" } },
        "addresses": {
            "a": {
                "contexts": { "work": true },
                "components": [
                    { "kind": "number", "value": "54321" }, { "kind": "name", "value": "Oak St" },
                    { "kind": "locality", "value": "Reston" }, { "kind": "region", "value": "VA" },
                    { "kind": "postcode", "value": "20190" }, { "kind": "country", "value": "USA" }
                ],
                "countryCode": "US", "isOrdered": true, "timeZone": "America/New_York", "coordinates": "geo:38.9,-77.3"
            }
        },
        "cryptoKeys": { "key": { "uri": "https://www.example.com/keys/jdoe.cer" } },
        "directories": { "dir": { "kind": "directory", "uri": "ldap://ldap.example/o=Example,ou=x", "listAs": 1 } },
        "links": { "link": { "kind": "contact", "uri": "mailto:contact@example.com", "pref": 1 } },
        "media": { "res": { "kind": "photo", "uri": "https://www.example.com/pub/photos/jqpublic.gif" } },
        "anniversaries": {
            "b": { "kind": "birth", "date": { "year": 1953, "month": 4, "day": 15 }, "place": { "full": "Paris" } },
            "d": { "kind": "death", "date": { "@type": "Timestamp", "utc": "2019-10-15T23:10:00Z" } }
        },
        "notes": { "note": { "note": "Open office hours are 1600 to 1715 EST,\nMon-Fri; \"ask\"", "author": { "name": "John" } } },
        "personalInfo": { "pi": { "kind": "hobby", "value": "reading", "level": "high" } },
        "relatedTo": { "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6": { "relation": { "friend": true } } },
        "localizations": { "fr": { "titles/le9/name": "Chercheuse" } },
        "example.com:custom": { "say": "\"hi\" ^there^", "n": [1, true, null] },
    });
    let group = json!({
        "@type": "Card", "version": "1.0", "kind": "group", "name": { "full": "The Doe family" },
        "uid": "urn:uuid:ab4310aa-fa43-11e9-8f0b-362b9e155667",
        "members": { "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af": true, "urn:uuid:b8767877": true },
    });
    for original in [full, group] {
        let parsed = read(&original.to_string()).expect("JSContact");
        assert_eq!((&parsed.problems, &parsed.cards[0].problems), (&vec![], &vec![]));
        for property in &parsed.cards[0].properties {
            println!("{}", property.as_str());
        }
        let written: Value = serde_json::from_str(&write_card(&parsed.cards[0].properties.iter().collect::<Vec<_>>()))
            .expect("own JSON");
        let (back, original) = (plain(written), plain(original));
        for (key, value) in original.as_object().expect("an object") {
            assert_eq!(back.get(key), Some(value), "{key} of {back}");
        }
    }
}

#[test]
fn properties_of_others_come_in_by_vcardprops() {
    let json = json!({
        "@type": "Card", "name": { "full": "A" },
        "phones": { "p": { "number": "1", "vCardParams": { "group": "item1", "x-odd": ["a", "b"] } } },
        "vCardProps": [
            ["x-foo", { "group": "item2", "pref": 1 }, "unknown", "bar;b\\,z"],
            ["x-text", {}, "text", "one, two"],
            ["n", {}, "text", ["Public", "John", ["Quinlan", "Paul"], "", ""]],
            ["categories", {}, "text", "a", "b"],
            ["x-uri", {}, "uri", "https://a.example/"],
            ["x-none", {}],
        ],
    });
    let parsed = read(&json.to_string()).expect("JSContact");
    let lines: Vec<_> = parsed.cards[0].properties.iter().map(Property::as_str).collect();
    for line in [
        "item2.X-FOO;PREF=1:bar;b\\,z",
        "N:Public;John;Quinlan,Paul;;",
        "CATEGORIES:a,b",
        "X-URI;VALUE=uri:https://a.example/",
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines:#?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("item1.TEL") && line.contains("X-ODD=a,b")), "{lines:#?}");
    assert_eq!(parsed.cards[0].problems.len(), 1);
}

#[test]
fn one_broken_card_of_several_is_told_by_its_line_and_the_rest_comes_in() {
    let parsed =
        read("[\n{\"@type\":\"Card\",\"name\":{\"full\":\"A\"}},\n3,\n{\"@type\":\"Event\"},\n{\"@type\":\"Card\"}\n]");
    let parsed = parsed.expect("JSContact");
    assert_eq!(parsed.cards.iter().map(|card| card.line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(parsed.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 4]);

    let cut = read("[{\"@type\":\"Card\",\"name\":{\"full\":\"A\"}},\n{\"@type\":").expect("JSContact");
    assert_eq!((cut.cards.len(), cut.problems.len(), cut.problems[0].line), (1, 1, 2));
}

#[test]
fn cards_may_follow_each_other_or_be_groups_of_an_earlier_draft() {
    let card = r#"{"@type":"Card","name":{"full":"A"}}"#;
    let group = r#"{"@type":"CardGroup","name":"Team","uid":"g","members":{"urn:uuid:1":true}}"#;
    let parsed = read(&format!("\u{FEFF}{card}\n{group}\n")).expect("JSContact");
    let said = |property: &Property| property.as_str().to_owned();
    assert_eq!(parsed.cards[1].line, 2);
    let group: Vec<_> = parsed.cards[1].properties.iter().map(said).collect();
    assert_eq!(group, ["FN:Team", "KIND:group", "UID:g", "MEMBER:urn:uuid:1"]);
}

#[test]
fn what_is_no_jscontact_is_refused() {
    for text in ["", "[]", "{}", "null", "{\"name\":\"package\",\"version\":\"1\"}", "BEGIN:VCARD", "[[[[", "\"Card\""]
    {
        assert_eq!(read(text).map(|parsed| parsed.cards.len()), Err(ReadError::NotCards), "{text}");
    }
    let deep = format!("{{\"@type\":\"Card\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(&deep).map(|parsed| parsed.cards.len()), Err(ReadError::NotCards));
    let large = json!({ "@type": "Card", "notes": { "n": { "note": "x".repeat(600 * 1024) } } }).to_string();
    let parsed = read(&large).expect("JSContact, though too much of it");
    assert_eq!((parsed.cards.len(), parsed.problems.len()), (0, 1));
}
