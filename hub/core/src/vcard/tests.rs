//! Cards as programs write them, read, changed and written again. All samples are made up.

mod conversion;
mod files;
mod parsing;
mod properties;
mod random;

use super::{ParsedCard, Property, Version, parse};

/// A Gmail export.
const GMAIL: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dora Kovács\r\nN:Kovács;Dora;;;\r\n\
EMAIL;TYPE=INTERNET;TYPE=HOME:dora@kovacs.example\r\nTEL;TYPE=CELL:+351 912 555 014\r\n\
item1.TEL:+351 22 555 0148\r\nitem1.X-ABLabel:Praxis\r\n\
ADR;TYPE=HOME:;;Rua das Oliveiras 12\\, 3.º;Porto;;4000-001;Portugal\r\n\
item2.URL:https\\://dora.example\r\nitem2.X-ABLabel:_$!<HomePage>!$_\r\n\
NOTE:Met on the night ferry.\\nTexts\\, never calls\\; before ten. A line that is lon\r\n ger than seventy-five octets.\r\n\
CATEGORIES:myContacts,climbing\r\nEND:VCARD\r\n";

/// An iPhone export.
const IPHONE: &str = "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Apple Inc.//iPhone OS 17.0//EN\nN:Okafor;Ifeoma;;Dr.;\n\
FN:Dr. Ifeoma Okafor\nORG:Harbour Clinic;Surgery\nTEL;type=CELL;type=VOICE;type=pref:+44 7700 900123\n\
item1.EMAIL;type=INTERNET;type=pref:ifeoma@example.org\nitem1.X-ABLabel:_$!<Work>!$_\n\
item2.X-ABDATE;type=pref:2009-08-15\nitem2.X-ABLabel:_$!<Anniversary>!$_\n\
BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-14\n\
PHOTO;ENCODING=b;TYPE=JPEG;X-ABCROP-RECTANGLE=ABClipRect_1&0&0&10&10&abc==:/9j/4AAQSkZ\n JRgABAQ==\n\
X-SOCIALPROFILE;type=twitter:https://social.example/ifeoma\nUID:0A1B2C3D-0000-4000-8000-00000000ABCD\nEND:VCARD\n";

/// A card in 4.0.
const MODERN: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:4FBE8971-0bc3-424c-9c26-36c3e1eff6b1\r\n\
FN;PREF=1:Jürgen Groß\r\nN;SORT-AS=\"Gross,Jurgen\":Groß;Jürgen;;;\r\nKIND:individual\r\nBDAY:--0412\r\n\
ANNIVERSARY:2009-08\r\nTEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+49-30-5550100\r\n\
RELATED;TYPE=friend:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\r\nGEO:geo:52.52,13.405\r\n\
PHOTO:data:image/png;base64,iVBORw0KGgo=\r\nNOTE;LABEL=\"says ^'hello^' ^n twice ^^\":Grüße\r\nX-ODD:v;w,x\r\nEND:VCARD\r\n";

/// A card of an old phone.
const NOKIA: &str = "BEGIN:VCARD\r\nVERSION:2.1\r\n\
N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BCller;Hans-J=C3=BCrgen\r\n\
FN;ENCODING=QUOTED-PRINTABLE:Hans-J=C3=BCrgen M=C3=BCller\r\n\
TEL;HOME;VOICE;PREF:030 5550100\r\nTEL;CELL:0170 5550123\r\n\
ADR;WORK;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:;;Hauptstra=DFe 1, Hof;K=F6ln;;50667;\r\n\
NOTE;ENCODING=QUOTED-PRINTABLE:Erste Zeile=0D=0A=\r\nzweite; Zeile=\r\n, Ende\r\n\
PHOTO;JPEG;ENCODING=BASE64:\r\n /9j/4AAQ\r\n SkZJRg==\r\n\r\n\
LOGO;TYPE=GIF;ENCODING=BASE64:R0lGODlh\r\nAQABAAAAACw=\r\n\r\nBDAY:19850412\r\nEND:VCARD\r\n";

/// Chinese, with a nested card.
const CHINESE: &str = "BEGIN:VCARD\nVERSION:3.0\nN:白;晓雯;;;\nFN:白晓雯\nTEL;TYPE=CELL:138 0013 8000\n\
ORG:上海博物馆;修复部\nEND:VCARD\n";

fn card(text: &str) -> ParsedCard {
    let mut parsed = parse(text);
    assert_eq!(parsed.problems, []);
    assert_eq!(parsed.cards.len(), 1);
    let card = parsed.cards.remove(0);
    assert_eq!(card.problems, []);
    card
}

fn named<'c>(card: &'c ParsedCard, name: &str) -> &'c Property {
    card.properties.iter().find(|property| property.name() == name).expect("the sample has it")
}

fn property(version: Version, text: &str) -> Property {
    Property::from_text(version, 0, text).expect("a property")
}

fn print(card: &ParsedCard, version: Version) -> String {
    super::print(&card.properties.iter().collect::<Vec<_>>(), version)
}

/// Shorthand for components of one text each.
fn parts(texts: &[&str]) -> Vec<Vec<String>> {
    texts.iter().map(|text| vec![(*text).to_owned()]).collect()
}
