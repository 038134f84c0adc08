//! Good bytes to begin with: one of each kind that a target knows, made by the code under test.

use ed25519_dalek::SigningKey;
use fast_qr::QRBuilder;
use image::{GrayImage, ImageFormat, Luma};
use kith_core::{
    change::{Change, Write},
    entity::Entity,
    id::{BookId, DeviceId, EntityId, Hash, PersonId, PropertyId, PublicKey, StoreId},
    identity::{
        person_id,
        roster::{DeviceCard, Roster},
    },
    pairing::{Binding, Guest, Host, PairingCode, PairingSecret, Refusal},
    path::Path,
    register::Sibling,
    replica::{Branch, Cursor, Head, Heads},
    settings::Setting,
    vcard::{Property, Version},
    vector::Vector,
    wire::{Ack, AskBranch, Batch, Hello, Last, Message, Push, Refuse, RosterEntries, Tables, Want},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_bytes::ByteBuf;
use std::io::Cursor as Bytes;

mod linked;

pub(crate) use linked::{LINKED_AT_MS, linked};

/// Returns good bytes for a target, by its name; none for an unknown one.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "vcard" => CARDS.iter().map(|card| card.as_bytes().to_vec()).collect(),
        "property" => properties(),
        "csv" => TABLES.iter().map(|table| table.as_bytes().to_vec()).collect(),
        "phone" => NUMBERS.iter().map(|number| number.as_bytes().to_vec()).collect(),
        "jscontact" => JSCONTACTS.iter().map(|card| card.as_bytes().to_vec()).collect(),
        "picture" => pictures(),
        "message" => messages().iter().map(Message::encode).collect(),
        "change" => vec![change().encode()],
        "entity" => vec![Entity::default().encode(), entity().encode()],
        "pairing" => pairing(),
        "roster" => roster(),
        "backup" => archives(),
        "frame" => frames(),
        "packet" => vec![ANNOUNCEMENT_PACKET.to_vec()],
        "announcement" => ANNOUNCEMENTS.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "command" => COMMANDS.iter().map(|command| command.as_bytes().to_vec()).collect(),
        "settings" => settings(),
        "held" => vec![HELD.to_vec()],
        "invitation" => linked::invitations(),
        "acceptance" => linked::acceptances(),
        "publication" => linked::publications(),
        "exchange" => linked::exchanged(),
        "envelope" => linked::envelopes(),
        "calls" => linked::LOGS.iter().map(|log| log.as_bytes().to_vec()).collect(),
        "mailbox" => linked::MAILBOXES.iter().map(|mails| mails.as_bytes().to_vec()).collect(),
        _ => Vec::new(),
    }
}

fn properties() -> Vec<Vec<u8>> {
    let lines =
        ["FN:Ada\0Grace", "item1.TEL;TYPE=home,pref:+49 30 1\0TYPE=work", "NOTE;QUOTED-PRINTABLE:a=C3=B6\0;,\\"];
    let photo = Property::from_text(Version::V30, 3, "PHOTO;ENCODING=b;TYPE=JPEG:/9j/").map(|photo| photo.encode());
    lines.iter().map(|line| line.as_bytes().to_vec()).chain(photo).collect()
}

fn pictures() -> Vec<Vec<u8>> {
    let Ok(code) = QRBuilder::new("BEGIN:VCARD").build() else { return Vec::new() };
    let picture = GrayImage::from_fn(code.size as u32 + 8, code.size as u32 + 8, |x, y| {
        let inside = |at: u32| (at as usize).checked_sub(4).filter(|at| *at < code.size);
        let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| code[y][x].value());
        Luma([if dark { 0 } else { u8::MAX }])
    });
    let written = |format| {
        let mut bytes = Bytes::new(Vec::new());
        picture.write_to(&mut bytes, format).map(|()| bytes.into_inner())
    };
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].into_iter().flat_map(written).collect()
}

fn messages() -> Vec<Message> {
    let (vector, heads) = (vector(), Heads::from([(device(1), Head { seq: 3, hash: Hash([5; 32]) })]));
    let cursor = Cursor { store: StoreId([6; 16]), arrival: 9 };
    let changes = vec![ByteBuf::from(change().encode())];
    let tables = Tables { vector: vector.clone(), heads: heads.clone(), held: heads.clone() };
    let last = Last { upto: vector.clone(), hash: Hash([1; 32]), name: 1, yours: Some(2) };
    vec![
        Message::Hello(Hello {
            version: 1,
            epoch: 1,
            roster: Hash([2; 32]),
            tables: tables.hash(),
            closed: heads.clone(),
        }),
        Message::Roster(RosterEntries { entries: roster().into_iter().map(ByteBuf::from).collect() }),
        Message::Want(Want { session: 1, tables: Some(tables), cursor: Some(cursor) }),
        Message::Batch(Batch {
            session: 1,
            number: 0,
            changes: changes.clone(),
            stubs: heads.clone().into_iter().collect(),
            heads: heads.clone(),
            cursor,
            last: Some(last),
        }),
        Message::Ack(Ack { session: Some(1), number: 0, gap: true }),
        Message::Push(Push { number: 1, base: vector.clone(), upto: vector, changes, heads }),
        Message::Poke,
        Message::AskBranch(AskBranch { device: device(1), upto: 7 }),
        Message::Branch(Branch { device: device(1), points: vec![Head { seq: 3, hash: Hash([5; 32]) }] }),
        Message::Refuse(Refuse { reason: "version".to_owned() }),
    ]
}

fn change() -> Change {
    let write = |path, value: Option<&[u8]>| Write {
        entity: EntityId([3; 16]),
        path,
        value: value.map(<[u8]>::to_vec),
        seen: vector(),
    };
    Change {
        book: BookId([1; 16]),
        device: device(2),
        seq: 4,
        prev: Hash([4; 32]),
        clock: 1_800_000_000_000,
        import: Some(EntityId([9; 16])),
        writes: vec![write(Path::state(), Some(b"a")), write(Path::mine(PropertyId([8; 16])), None)],
    }
}

fn entity() -> Entity {
    let mut entity = Entity::default();
    for (number, path) in [(1, Path::state()), (2, Path::mine(PropertyId([8; 16]))), (3, Path::setting("region"))] {
        for by in [1, 2] {
            let value = (number != by).then(|| b"value".to_vec());
            let sibling = Sibling { device: device(by), seq: number.into(), clock: 5, value };
            entity.register_mut(&path).merge(sibling, &Vector::default());
        }
    }
    entity
}

fn pairing() -> Vec<Vec<u8>> {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let mut host = Host::open(0, &mut rng);
    let code = PairingCode::parse(host.code().digits()).expect("its own digits");
    let (_, hello) = Guest::start(&PairingSecret::Code(code), binding(), device_card(1), &mut rng);
    let (_, reply) = host.accept(binding(), &hello, 0, &mut rng).expect("a good hello");
    let link = host.link(&PublicKey([2; 32]), vec![([192, 168, 1, 2], 4433).into()]).to_string();
    vec![hello, reply, Refusal::WrongCode.encode(), link.into_bytes(), b"1234 5678".to_vec()]
}

fn frames() -> Vec<Vec<u8>> {
    let framed = |kind: u8, body: &[u8]| [&[1, kind], (body.len() as u32).to_be_bytes().as_slice(), body].concat();
    let packed = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x05, 0x29, 0x00, 0x00, b'k', b'i', b't', b'h', b'!'];
    vec![framed(0, &[]), framed(0, b"kith"), framed(1, &packed)]
}

fn archives() -> Vec<Vec<u8>> {
    let scratch = tempfile::tempdir().expect("there is room for temporary files");
    kith_hub::fuzz::fuzz_archives(scratch.path())
}

fn settings() -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> =
        ["DE", "zh-u-co-stroke", "family"].iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut entity = Entity::default();
    for (setting, value) in [(Setting::Region, "DE"), (Setting::SortLocale, "sv"), (Setting::SortBy, "given")] {
        let Ok(edit) = setting.set(value) else { continue };
        let sibling = Sibling { device: device(1), seq: 1, clock: 5, value: edit.value };
        entity.register_mut(&edit.path).merge(sibling, &Vector::default());
    }
    texts.push(entity.encode());
    texts
}

/// An epoch with one device, and the entry by which that device adds a second.
fn roster() -> Vec<Vec<u8>> {
    let epoch = Roster::sign_epoch(&key(0), 1, &[device_card(1)]).expect("an epoch");
    let mut roster = Roster::new(person());
    roster.insert(&epoch).expect("its own entry");
    let add = roster.sign_add(&key(1), device(1), &device_card(2)).expect("an addition");
    vec![epoch, add]
}

pub(crate) fn person() -> PersonId {
    person_id(&PublicKey(key(0).verifying_key().to_bytes()))
}

pub(crate) fn device_card(number: u8) -> DeviceCard {
    DeviceCard {
        id: device(number),
        sign: PublicKey(key(number).verifying_key().to_bytes()),
        tls: PublicKey([number; 32]),
        name: "Desk".to_owned(),
        platform: "linux".to_owned(),
    }
}

pub(crate) fn binding() -> Binding {
    let alpn = b"kith/1".to_vec();
    Binding { guest_tls: PublicKey([1; 32]), host_tls: PublicKey([2; 32]), alpn, exporter: [3; 32] }
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 40; 32])
}

fn device(number: u8) -> DeviceId {
    DeviceId([number; 16])
}

fn vector() -> Vector {
    let mut vector = Vector::default();
    vector.raise(device(1), 3);
    vector
}

const CARDS: [&str; 3] = [
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=\r\n=C3=B6rg;;;\r\n\
     TEL;HOME;VOICE;PREF:030 1\r\nPHOTO;ENCODING=BASE64;JPEG:\r\n /9j/\r\n\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:B\r\n\
     END:VCARD\r\nEND:VCARD\r\n",
    "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\\, B\nN:B;Ada;;;\nitem1.EMAIL;TYPE=INTERNET,PREF:a@b.example\n\
     item1.X-ABLabel:_$!<Other>!$_\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-03-04\nADR;TYPE=home:;;1 Street\\nTop;Town;;1;X\n\
     PHOTO;ENCODING=b;TYPE=PNG:iVBOR\nGEO:1.5;2.5\nEND:VCARD\n",
    "BEGIN:VCARD\nVERSION:4.0\nFN;LANGUAGE=ja:山田 太郎\nN;SORT-AS=\"yamada,taro\":山田;太郎;;;\nKIND:individual\n\
     TEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555-555-5555;ext=5\nGEO:geo:1.5,2.5\nBDAY:--0412\n\
     ADR;LABEL=\"a^nb ^'c^' ^^\":;;x;;;;\nPHOTO:data:image/png;base64,iVBOR\nX-ODD:v;w,x\nEND:VCARD\n",
];

const JSCONTACTS: [&str; 2] = [
    r#"{"@type":"Card","version":"1.0","uid":"urn:uuid:1","name":{"components":[{"kind":"given","value":"Ada"},
       {"kind":"surname","value":"B"}],"isOrdered":true},"phones":{"p":{"number":"tel:+1","contexts":{"work":true}}},
       "emails":{"e":{"address":"a@b.example","pref":1}},"vCardProps":[["x-odd",{"group":"item1"},"unknown","v;w"]]}"#,
    r#"[{"@type":"Card","kind":"group","members":{"urn:uuid:1":true},"addresses":{"a":{"components":[
       {"kind":"locality","value":"Town"}],"countryCode":"DE"}},"anniversaries":{"b":{"kind":"birth","date":{
       "@type":"PartialDate","month":4,"day":12}}},"localizations":{"ja":{"name/full":"x"}}},{"@type":"Card"},3]"#,
];

const TABLES: [&str; 3] = [
    "First Name,Last Name,Phone 1 - Label,Phone 1 - Value,E-mail 1 - Value,Birthday,Notes\n\
     Ada,B,Home,+49 30 1,a@b.example,1985-04-12,\"one\ntwo \"\"three\"\"\"\n",
    "\u{FEFF}Vorname;Nachname;Telefon;E-Mail-Adresse;Geburtstag\r\nJörg;Müller;'+49 30;j@b.example;12.4.1985\r\n;;;;\r\n",
    "name\tmail\n\"a\t\ne\"\t=1+1\n",
];

const ANNOUNCEMENTS: [&str; 2] = [
    "0123456789abcdef\nv=1\nt=0123456789abcdef,fedcba9876543210\np=1",
    "x\nv=1\nt=\nt1=0123456789abcdef\nt2=zz,,0\np=0\nq",
];

const COMMANDS: [&str; 5] = [
    r#"{"name":"status","args":{}}"#,
    r#"{"name":"contacts.list","args":{"find":"ada","limit":50,"offset":0,"trash":false}}"#,
    r#"{"name":"contacts.edit","args":{"id":"00","properties":[{"id":null,"name":"TEL","params":{"TYPE":["work"]},"value":"1"}]}}"#,
    r#"{"name":"import","args":{"files":[{"name":"a.vcf","path":"/a.vcf"}],"dry_run":true}}"#,
    r#"{"name":"pair.enter","args":{"code":"1234 5678","name":"Desk","at":"192.168.1.2:4433"}}"#,
];

/// A response that points to an instance, with its TXT (RFC 1035 section 4, RFC 6763).
const ANNOUNCEMENT_PACKET: &[u8] = b"\0\0\x84\0\0\0\0\x02\0\0\0\0\x05_kith\x04_udp\x05local\0\0\x0c\0\x01\0\0\0x\0\x04\
    \x01x\xc0\x0c\x01x\xc0\x0c\0\x10\x80\x01\0\0\0x\0\x08\x03v=1\x03p=1";

/// A cause and one contact with its version, in MessagePack.
const HELD: &[u8] = b"\x82\xa5cause\xa5Trash\xa8contacts\x91\x92\xc4\x10aaaaaaaaaaaaaaaa\xcfbbbbbbbb";

const NUMBERS: [&str; 6] = [
    "+49 (0) 171 1234567",
    "tel:+1-201-555-0123;ext=5",
    "030 12 34 / 56",
    "*31#017112345",
    "1-800-FLOWERS",
    "00441632960001",
];
