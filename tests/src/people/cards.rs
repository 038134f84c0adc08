//! Address books to import, the same on every run: with accents, other scripts, escapes, folds and what nobody knows.

use std::fmt::Write;

const FAMILY: [&str; 10] =
    ["Müller", "Okafor", "Nowak", "Sørensen", "García", "Ивановa", "王", "田中", "O'Neill", "Al-Farsi"];
const GIVEN: [&str; 8] = ["Anna", "Žofie", "Luís", "Björk", "Noé", "小明", "Dmitri", "Aoife"];

/// `count` cards of vCard 3.0 in one text, numbered from `first`.
pub fn many(first: usize, count: usize) -> String {
    (first..first + count).map(one).collect()
}

/// Card number `n`. Its number is in its name, telephone number and mail address.
pub fn one(n: usize) -> String {
    let (family, given) = (FAMILY[n % FAMILY.len()], GIVEN[n / FAMILY.len() % GIVEN.len()]);
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let _ =
        write!(card, "UID:urn:kith-story:{n:06}\r\nN:{family};{given};N{n:05};;\r\nFN:{given} N{n:05} {family}\r\n");
    let _ =
        write!(card, "TEL;TYPE=CELL:+49 170 {:07}\r\nEMAIL;TYPE=INTERNET,WORK:n{n:05}@example.org\r\n", 1_000_000 + n);
    if n.is_multiple_of(3) {
        let _ = write!(card, "item1.TEL:030-55{n:05}\r\nitem1.X-ABLabel:_$!<Other>!$_\r\n");
        let _ = write!(card, "ADR;TYPE=HOME:;;Straße {n}\\, Hinterhaus;Köln;;50667;Germany\r\n");
    }
    if n.is_multiple_of(4) {
        let _ = write!(card, "ORG:Verein {n};Vorstand\r\nNOTE:Erste Zeile\\nzweite\\; mit Komma\\, und ");
        card.push_str("sehr viel Text\r\n , der umgebrochen\r\n  ist\r\n");
    }
    if n.is_multiple_of(5) {
        let _ = write!(
            card,
            "BDAY:19{:02}-0{}-1{}\r\nX-KITH-STORY;X-WHY=\"a:b\":left as it came {n}\r\n",
            n % 90,
            n % 9 + 1,
            n % 9
        );
    }
    card + "END:VCARD\r\n"
}
