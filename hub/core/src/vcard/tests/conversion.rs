//! Cards written in their own version and in another.

use super::*;

#[test]
fn a_card_in_its_own_version_leaves_byte_for_byte() {
    assert_eq!(print(&card(GMAIL), Version::V30), GMAIL);
    assert_eq!(print(&card(MODERN), Version::V40), MODERN);
    assert_eq!(print(&card(IPHONE), Version::V30), IPHONE.replace('\n', "\r\n"));
}

#[test]
fn an_edit_touches_only_its_own_property() {
    for (text, version) in [(GMAIL, Version::V30), (IPHONE, Version::V30), (MODERN, Version::V40)] {
        let mut edited = card(text);
        let at = edited.properties.iter().position(|property| property.name() == "TEL").expect("a number");
        edited.properties[at] = edited.properties[at].with_value("+1 555").expect("an edit");
        let before = print(&card(text), version);
        let after = print(&edited, version);
        let differing = before.lines().zip(after.lines()).filter(|(before, after)| before != after).count();
        assert_eq!((before.lines().count(), differing), (after.lines().count(), 1), "{after}");
    }
}

#[test]
fn an_old_card_becomes_a_new_one() {
    let expected = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Hans-Jürgen;;;\r\nFN:Hans-Jürgen Müller\r\n\
TEL;TYPE=HOME,VOICE,PREF:030 5550100\r\nTEL;TYPE=CELL:0170 5550123\r\n\
ADR;TYPE=WORK:;;Hauptstraße 1\\, Hof;Köln;;50667;\r\nNOTE:Erste Zeile\\nzweite\\; Zeile\\, Ende\r\n\
PHOTO;TYPE=JPEG;ENCODING=b:/9j/4AAQSkZJRg==\r\nLOGO;TYPE=GIF;ENCODING=b:R0lGODlhAQABAAAAACw=\r\n\
BDAY:1985-04-12\r\nEND:VCARD\r\n";
    assert_eq!(print(&card(NOKIA), Version::V30), expected);
    let modern = print(&card(NOKIA), Version::V40);
    for line in [
        "TEL;TYPE=HOME,VOICE;PREF=1:030 5550100",
        "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRg==",
        "LOGO:data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        "BDAY:19850412",
    ] {
        assert!(modern.contains(&format!("\r\n{line}\r\n")), "{line} in {modern}");
    }
    assert_eq!(print(&card(NOKIA), Version::V21), expected);
}

#[test]
fn what_3_0_and_4_0_spell_differently_is_converted_both_ways() {
    for (old, new) in [
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-14", "BDAY:--1214"),
        ("BDAY:1985-04-12", "BDAY:19850412"),
        ("REV:1995-10-31T22:27:10Z", "REV:19951031T222710Z"),
        ("PHOTO;ENCODING=b;TYPE=PNG:iVBORw==", "PHOTO:data:image/png;base64,iVBORw=="),
        ("KEY;ENCODING=b;TYPE=PGP:AAAA", "KEY:data:application/pgp-keys;base64,AAAA"),
        ("TEL;TYPE=HOME,PREF:1", "TEL;TYPE=HOME;PREF=1:1"),
        ("GEO:52.52;13.405", "GEO:geo:52.52,13.405"),
    ] {
        let print = |text: &str, from, to| {
            let card = [property(from, text)];
            let printed = crate::vcard::print(&card.iter().collect::<Vec<_>>(), to);
            printed
                .lines()
                .find(|line| !["FN", "N:", "BE", "EN", "VE", "X-"].contains(&&line[..2]))
                .expect("the line")
                .to_owned()
        };
        assert_eq!(print(old, Version::V30, Version::V40), new);
        assert_eq!(print(new, Version::V40, Version::V30), old);
    }
}

#[test]
fn what_is_spelled_alike_keeps_its_folds_across_versions() {
    let note = "NOTE:folded wh\n ere its writer\n\t wanted";
    let card =
        [property(Version::V30, note), property(Version::V30, "FN:A"), property(Version::V30, "X-ODD;X=\"1\":v;w,x")];
    let printed = crate::vcard::print(&card.iter().collect::<Vec<_>>(), Version::V40);
    assert!(printed.contains(&note.replace('\n', "\r\n")) && printed.contains("X-ODD;X=\"1\":v;w,x\r\n"), "{printed}");
}

#[test]
fn a_dangling_soft_line_break_does_not_draw_in_the_next_property() {
    let lines = [property(Version::V30, "NOTE;ENCODING=QUOTED-PRINTABLE:a="), property(Version::V30, "TEL:1")];
    let printed = crate::vcard::print(&lines.iter().collect::<Vec<_>>(), Version::V30);
    assert!(printed.contains("\r\nNOTE:a\r\nTEL:1\r\n"), "{printed}");
}

#[test]
fn uris_stay_uris() {
    let lines = |text: &str, from, to| crate::vcard::print(&[&property(from, text)], to);
    assert!(
        lines("PHOTO:https://a.example/x.jpg", Version::V40, Version::V30)
            .contains("PHOTO;VALUE=uri:https://a.example")
    );
    assert!(
        lines("PHOTO;VALUE=URL:https://a.example/x", Version::V21, Version::V40).contains("PHOTO;VALUE=uri:https://a")
    );
    assert!(
        lines("TEL;VALUE=uri;TYPE=home:tel:+1-5;ext=3", Version::V40, Version::V30)
            .contains("TEL;TYPE=home:+1-5\\;ext=3")
    );
    let data = lines("PHOTO:data:image/jpeg;base64\\,/9j/", Version::V40, Version::V30);
    assert!(data.contains("PHOTO;ENCODING=b;TYPE=JPEG:/9j/\r\n"), "{data}");
}

#[test]
fn a_name_that_the_version_demands_is_made_up_for_the_output() {
    let lines = |text: &str, version| crate::vcard::print(&[&property(Version::V30, text)], version);
    assert!(lines("N:Kovács;Dora;;;", Version::V30).contains("\r\nFN:Dora Kovács\r\n"));
    assert!(lines("FN:Dora, Kovács", Version::V30).contains("\r\nN:;Dora\\, Kovács;;;\r\n"));
    assert!(!lines("FN:Dora", Version::V40).contains("\r\nN:"));
    assert!(lines("EMAIL:a@b.example", Version::V40).contains("\r\nFN:a@b.example\r\n"));
    assert!(lines("NOTE:nobody", Version::V40).contains("\r\nFN:\r\n"));
}

#[test]
fn properties_leave_in_their_order() {
    let mut reversed = card(GMAIL);
    reversed.properties.reverse();
    assert_eq!(print(&reversed, Version::V30), GMAIL);
}

/// The lines of a card written in another version, without what every card has.
fn lines_in(version: Version, card: &[Property]) -> Vec<String> {
    let printed = crate::vcard::print(&card.iter().collect::<Vec<_>>(), version);
    let bare = ["BEGIN:", "VERSION:", "END:", "X-KITH-DERIVED:"];
    printed
        .replace("\r\n ", "")
        .lines()
        .filter(|line| !bare.iter().any(|start| line.starts_with(start)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_the_versions_keep_under_other_names_is_translated_both_ways() {
    let old = [
        "FN:A",
        "N:A;;;;",
        "SORT-STRING:b",
        "X-ABShowAs:COMPANY",
        "X-ANNIVERSARY:2009-08-15",
        "ADR;TYPE=HOME:;;c;;;;",
        "LABEL;TYPE=HOME:c\\nd",
        "X-SOCIALPROFILE;TYPE=mastodon;X-USER=e:https://e.example/",
        "AGENT;VALUE=uri:urn:x:f",
        "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:g",
    ];
    let new = [
        "FN:A",
        "N;SORT-AS=b:A;;;;",
        "KIND:org",
        "ANNIVERSARY:20090815",
        "ADR;TYPE=HOME;LABEL=c^nd:;;c;;;;",
        "SOCIALPROFILE;USERNAME=e;SERVICE-TYPE=mastodon:https://e.example/",
        "RELATED;VALUE=uri;TYPE=agent:urn:x:f",
        "MEMBER:urn:uuid:g",
    ];
    let card =
        |lines: &[&str], version| -> Vec<Property> { lines.iter().map(|line| property(version, line)).collect() };
    assert_eq!(lines_in(Version::V40, &card(&old, Version::V30)), new);
    let back = lines_in(Version::V30, &card(&new, Version::V40));
    for line in &old {
        let line = line.replace(";TYPE=mastodon;X-USER=e", ";X-USER=e;TYPE=mastodon");
        assert!(back.contains(&line), "{line} in {back:#?}");
    }
    let in_order = |lines: &[&str], version| {
        let mut card = card(lines, version);
        (0..).zip(&mut card).for_each(|(order, property)| property.order = order);
        card
    };
    assert!(crate::vcard::says_the_same(&in_order(&old, Version::V30), &in_order(&new, Version::V40)));
}

#[test]
fn nothing_is_translated_into_a_place_that_is_taken() {
    let card = [
        property(Version::V30, "FN:A"),
        property(Version::V30, "KIND:individual"),
        property(Version::V30, "X-ABShowAs:COMPANY"),
        property(Version::V30, "ANNIVERSARY:2001-01-01"),
        property(Version::V30, "X-ANNIVERSARY:2002-02-02"),
        property(Version::V30, "LABEL;TYPE=WORK:no such address"),
    ];
    let printed = lines_in(Version::V40, &card);
    for line in ["KIND:individual", "X-ABShowAs:COMPANY", "ANNIVERSARY:20010101", "LABEL;TYPE=WORK:no such address"] {
        assert!(printed.contains(&line.to_owned()), "{line} in {printed:#?}");
    }
    assert!(printed.contains(&"X-ANNIVERSARY:20020202".to_owned()), "{printed:#?}");
}

#[test]
fn names_made_up_for_a_file_are_taken_out_when_it_is_read_unless_somebody_changed_them() {
    let lines = [property(Version::V40, "TEL;VALUE=uri:tel:+1-5"), property(Version::V40, "KIND:org")];
    for version in [Version::V30, Version::V40] {
        let printed = crate::vcard::print(&lines.iter().collect::<Vec<_>>(), version);
        assert!(printed.contains("\r\nFN:+1-5\r\n"), "{printed}");
        let again = card(&printed);
        assert_eq!(again.properties.len(), 2);
        assert!(crate::vcard::says_the_same(&again.properties, &lines));
        let renamed = card(&printed.replace("FN:+1-5", "FN:Anna"));
        assert_eq!((named(&renamed, "FN").text(), renamed.properties.len()), ("Anna".to_owned(), 3));
    }
}

#[test]
fn pictures_of_every_form_keep_their_data() {
    let old = |text: &str| lines_in(Version::V40, &[property(Version::V30, text)]).pop().expect("the picture");
    let new = |text: &str| lines_in(Version::V30, &[property(Version::V40, text)]).pop().expect("the picture");
    assert_eq!(old("PHOTO;ENCODING=b:AAAA"), "PHOTO:data:application/octet-stream;base64,AAAA");
    assert_eq!(new("PHOTO:data:application/octet-stream;base64,AAAA"), "PHOTO;ENCODING=b:AAAA");
    assert_eq!(old("PHOTO;ENCODING=b;VALUE=uri:https://a.example/x"), "PHOTO;VALUE=uri:https://a.example/x");
    assert_eq!(old("PHOTO;ENCODING=b;TYPE=JPEG:/9*j"), "PHOTO:data:image/jpeg;base64,/9*j");
    assert_eq!(old("PHOTO;ENCODING=b;TYPE=JP^nEG:/9j/"), "PHOTO;TYPE=JP^nEG:data:image/jpeg;base64,/9j/");
    assert_eq!(old("PHOTO:"), "PHOTO:");
    assert_eq!(new("PHOTO:data:image/svg+xml,%3Csvg"), "PHOTO;VALUE=uri:data:image/svg+xml,%3Csvg");
    assert_eq!(new("PHOTO:data:image/png;base64,/9j/ 4AAQ"), "PHOTO;VALUE=uri:data:image/png;base64,/9j/ 4AAQ");
    assert_eq!(new("KEY:data:application/pkix-cert;base64,AAAA"), "KEY;ENCODING=b;TYPE=X509:AAAA");
    assert_eq!(old("KEY;ENCODING=b;TYPE=X509:AAAA"), "KEY:data:application/pkix-cert;base64,AAAA");
}
