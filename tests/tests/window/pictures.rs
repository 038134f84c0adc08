//! Every page at its usual size and at its smallest: nothing sticks out, in light and in dark. With `KITH_PICTURES` set to
//! a folder, the pictures of `docs/screenshots` are taken on the way.

use crate::scene::{show, show_code, start_beside, write_code_down};
use kith_tests::{
    people::{Device, in_step, pair},
    window::{Opening, Window, address, story},
};
use std::{fmt::Write, fs};

#[test]
fn the_book_and_its_cards_fit_their_window_in_light_and_in_dark() {
    story(|| {
        let (laptop, studio, window) = a_lived_in_book();
        choose(&window, &laptop, "anja", "Anja Lindqvist");
        show(&window, "book");
        choose(&window, &laptop, "oliveiras", "Dora Kovács");
        window.see("@question");
        show(&window, "two-values");
        window.click("@edit");
        window.see("@editor");
        show(&window, "edit");
        window.press("Escape");
        window.press("Control+k");
        window.type_text("do");
        window.see("@palette-choice[data-kind='person']");
        show(&window, "palette");
        window.press("Escape");
        window.press("?");
        window.see("@shortcuts");
        show(&window, "shortcuts");
        window.press("Escape");
        window.click("nav [aria-label='Import']");
        window.click("@import-source[data-source='iphone']");
        show(&window, "import-iphone");
        window.choose_file("@import-files", &studio.write("choir.vcf", choir()));
        window.see("@import-report");
        show(&window, "import");
        window.press("Escape");
        window.press("Control+p");
        window.see("@print-pages");
        show(&window, "print-card");
        window.press("Escape");
        window.close();
    });
}

#[test]
fn the_book_as_people_fits_its_window_in_light_and_in_dark() {
    story(|| {
        let (_laptop, _studio, window) = a_lived_in_book();
        window.click("@nav-birthdays");
        window.see("@birthday");
        show(&window, "birthdays");
        window.click("@nav-everyone");
        window.write("[aria-label='Search']", "ferry");
        window.see("@found-in");
        show(&window, "search");
        window.write("[aria-label='Search']", "");
        window.see("@book[data-find='']");
        window.click("@contact-row[data-index='0']");
        window.press("Control+a");
        window.see("@several");
        show(&window, "several");
        window.click("@edit-several");
        window.see("@many-sheet");
        show(&window, "edit-several");
        window.close();
    });
}

#[test]
fn the_pages_fit_their_window_in_light_and_in_dark() {
    story(|| {
        let (laptop, _studio, window) = a_lived_in_book();
        window.click("nav [aria-label='Devices']");
        window.see("@device-row[data-state='away']");
        show(&window, "devices");
        window.click("@device-row[data-state='away'] @device-more");
        window.click("@device-lost");
        window.see("@remove-run");
        show(&window, "device-lost");
        window.press("Escape");
        let code = show_code(&window);
        show(&window, "pairing");

        let phone = Device::new("Mara’s phone");
        let mut guest = phone.enter(&code, Some(&address(&laptop).to_string()));
        guest.words();
        window.click("@nav-everyone");
        window.see("@pair-ask");
        show(&window, "pairing-question");
        window.click("@pair-refuse");
        guest.turned_away("refused");
        window.gone("@pair-ask");

        for (page, name) in [("Settings", "settings"), ("Inbox", "inbox"), ("My card", "my-card")] {
            window.click(&format!("nav [aria-label='{page}']"));
            show(&window, name);
        }
        window.close();
    });
}

#[test]
fn what_tidies_up_and_what_waits_fits_its_window_in_light_and_in_dark() {
    story(|| {
        let device = Device::first("This laptop", "Mara Lindqvist");
        device.call(&["import", &device.write("book.vcf", book())]);
        let again: [Person; 2] = [
            ("Kovacs", "Dora", &["TEL;TYPE=CELL:+351 912 555 014", "EMAIL;TYPE=HOME:Dora@kovacs.example", "TITLE:Vet"]),
            ("Brennan", "Aoife", &["TEL;TYPE=HOME:+353 85 555 0133", "NOTE:Sings alto."]),
        ];
        device.call(&["import", &device.write("again.vcf", vcards(&again))]);
        let phone = device.write("phone.vcf", choir());
        device.call(&["accounts", "add", "file", &phone, "--name", "Phone"]);
        fs::write(&phone, "").unwrap();
        let account = device.call(&["accounts", "list"])["accounts"][0]["id"].as_str().unwrap().to_owned();
        device.call(&["accounts", "sync", &account]);
        let dora = device.find("oliveiras");
        device.call(&["contacts", "set", &dora, "TITLE=Head veterinarian"]);

        let window = Window::on(&device);
        window.resize(1280, 800);
        window.click("@nav-duplicates");
        window.see("@comparison @merge-field");
        show(&window, "duplicates");
        window.click("nav [aria-label='Inbox']");
        window.see("@held");
        show(&window, "held");
        window.click("nav [aria-label='Accounts']");
        window.see("@account");
        show(&window, "accounts");
        window.click("@nav-everyone");
        choose(&window, &device, "oliveiras", "Dora Kovács");
        window.click("@all-changes");
        window.see("@history-field");
        show(&window, "history");
        window.press("Escape");
        window.click("@card-more");
        window.click("@show-qr");
        window.see("@qr");
        show(&window, "qr");
        window.press("Escape");
        window.click("nav [aria-label='Import']");
        let table = "Wer,Erreichbar unter,Wo\nJürgen Groß,+49 170 5550123,Kiel\nUte Haas,+49 170 5550124,Lübeck\n";
        window.choose_file("@import-files", &device.write("club.csv", table));
        window.see("@import-file[data-format='csv']");
        show(&window, "columns");
        window.press("Escape");
        window.click("nav [aria-label='Settings']");
        window.click("@export");
        window.see("@export-format");
        show(&window, "export");
        window.press("Escape");
        window.click("@erase");
        window.see("@erase-sheet");
        show(&window, "erase");
        window.press("Escape");
        window.press("Control+2");
        window.press("Control+p");
        window.see("@print-pages");
        show(&window, "print-list");
        window.press("Escape");
        window.close();
    });
}

#[test]
fn backups_and_what_they_would_bring_back_fit_their_window_in_light_and_in_dark() {
    story(|| {
        let device = Device::new("This laptop");
        let made = device.call(&["init", "--name", "This laptop", "--person", "Mara Lindqvist"]);
        device.call(&["import", &device.write("book.vcf", book())]);
        device.call(&["backup", "every", "1d", "--to", device.file("stick").to_str().unwrap()]);
        device.call(&["backup", "now"]);
        device.call(&["contacts", "set", &device.find("oliveiras"), "TITLE=Head veterinarian"]);
        device.call(&["contacts", "set", &device.find("hana"), "EMAIL;TYPE=HOME=h@sato.example"]);
        let window = Window::on(&device);
        window.resize(1280, 800);
        window.click("nav [aria-label='Settings']");
        window.click("@backups summary");
        show(&window, "settings-backups");
        window.click("@backup-list li:last-child @backup-restore");
        window.write("@recovery-field", made["recovery_code"].as_str().unwrap());
        window.click("@restore-look");
        window.see("@restore-contact");
        show(&window, "restore-preview");
        window.press("Escape");
        window.close();
    });
}

#[test]
fn the_first_pages_fit_their_window_in_light_and_in_dark() {
    story(|| {
        let device = Device::new("new");
        let window = Window::on(&device);
        window.resize(1280, 800);
        window.see("@welcome[data-step='pick']");
        show(&window, "welcome");
        window.click("@join");
        show(&window, "welcome-join");
        window.click("@welcome .btn-bare");
        window.click("@restore");
        show(&window, "welcome-restore");
        window.click("@welcome .btn-bare");
        window.click("@start");
        window.write("@device-name", "Mara’s laptop");
        window.click("@init");
        window.see("@recovery-code");
        show(&window, "welcome-code");
        window.click("@recovery-print");
        window.see("@paper-code");
        show(&window, "recovery-sheet");
        window.press("Escape");
        write_code_down(&window);
        window.see("@empty");
        show(&window, "empty");
        window.close();
    });
}

/// Mara's laptop with its window; her studio's computer near it, a tablet away, and one number to decide.
fn a_lived_in_book() -> (Device, Device, Window) {
    let mut laptop = Device::first("This laptop", "Mara Lindqvist");
    let (mut studio, mut tablet) = (Device::new("Studio PC"), Device::new("Old tablet"));
    laptop.call(&["import", &laptop.write("book.vcf", book())]);
    for (group, names) in [
        ("Choir", &["Dora", "Aoife", "Noor", "Tomás"][..]),
        ("Family", &["Anja", "Henrik", "555033"]),
        ("Allotment", &["Bruno", "Feng", "Greta"]),
        ("Work", &["Amara", "Emre", "Bai", "Kwame", "Priya"]),
    ] {
        laptop.call(&["groups", "add", group]);
        put(&laptop, "groups", group, names);
    }
    for (tag, names) in [("climbing", &["Dora", "Chen"][..]), ("school run", &["Daniel"]), ("上海", &["Bai", "Chen"])]
    {
        laptop.call(&["tags", "add", tag]);
        put(&laptop, "tags", tag, names);
    }
    laptop.start();
    pair(&laptop, &mut tablet);
    in_step(&[&laptop, &tablet]);
    pair(&laptop, &mut studio);
    in_step(&[&laptop, &tablet, &studio]);
    tablet.stop();
    studio.stop();
    let dora = laptop.find("dora");
    studio.call(&["contacts", "set", &dora, "TEL;TYPE=WORK=+351 22 555 0184"]);
    studio.call(&["contacts", "set", &studio.find("anja lindqvist"), "TEL;TYPE=CELL=+46 70 555 01 82"]);
    laptop.call(&["contacts", "set", &dora, "TEL;TYPE=WORK=+351 22 555 0148"]);
    laptop.stop();
    let window = Opening::on(&laptop).open();
    start_beside(&mut studio, &laptop);
    window.see("@side-device[data-name='Studio PC'][data-state='near']");
    in_step(&[&laptop, &studio]);
    window.resize(1280, 800);
    (laptop, studio, window)
}

/// Opens a card by its row, which must be in view.
fn choose(window: &Window, device: &Device, find: &str, name: &str) {
    window.click(&format!("@contact-row[data-id='{}']", device.find(find)));
    window.see_text("@card-name", name);
}

fn put(device: &Device, kind: &str, group: &str, names: &[&str]) {
    for name in names {
        device.call(&[kind, "put", group, &device.find(name)]);
    }
}

/// Family name, given name, and further lines of a vCard.
type Person = (&'static str, &'static str, &'static [&'static str]);

fn book() -> String {
    vcards(&PEOPLE)
}

/// A file to import: singers, of whom one is known and one is broken.
fn choir() -> String {
    let broken = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Second tenor\r\nTEL 555 0101\r\nEND:VCARD\r\n";
    let singers: [Person; 5] = [
        ("Almeida", "Inês", &["TEL;TYPE=CELL:+351 914 555 071"]),
        ("Haddad", "Omar", &["TEL;TYPE=CELL:+351 915 555 018", "EMAIL;TYPE=HOME:omar@haddad.example"]),
        ("Marsh", "Eleanor", &["EMAIL;TYPE=HOME:eleanor@marsh.example"]),
        ("Novák", "Jiří", &["TEL;TYPE=CELL:+420 606 555 112"]),
        ("Sá", "Beatriz", &["TEL;TYPE=CELL:+351 916 555 040"]),
    ];
    vcards(&singers) + broken
}

fn vcards(people: &[Person]) -> String {
    let mut text = String::new();
    for (family, given, lines) in people {
        let han = given.chars().all(|sign| sign > '\u{2e80}');
        let full = match (given.is_empty(), han) {
            (true, _) => (*family).to_owned(),
            (_, true) => format!("{family}{given}"),
            _ => format!("{given} {family}"),
        };
        let n = if given.is_empty() { ";;;;".into() } else { format!("{family};{given};;;") };
        let _ = write!(text, "BEGIN:VCARD\r\nVERSION:3.0\r\nN:{n}\r\nFN:{full}\r\n");
        for line in *lines {
            let _ = write!(text, "{line}\r\n");
        }
        text.push_str("END:VCARD\r\n");
    }
    text
}

#[rustfmt::skip]
const PEOPLE: [Person; 25] = [
    ("Kovács", "Dora", &["NICKNAME:Dodi", "TITLE:Veterinarian", "ORG:Harbour Animal Clinic", "TEL;TYPE=CELL:+351 912 555 014", "TEL;TYPE=WORK:+351 22 555 0140", "TEL;TYPE=HOME:+351 22 555 0190", "EMAIL;TYPE=HOME:dora@kovacs.example", "EMAIL;TYPE=WORK:d.kovacs@harbourclinic.example", "ADR;TYPE=HOME:;;Rua das Oliveiras 12\\, 3.º;Porto;;4000-001;Portugal", "BDAY:1984-12-14", "NOTE:Met on the night ferry. Texts\\, never calls\\, before ten. No peanuts for Lili. Owes me a book about bees."]),
    ("Lindqvist", "Anja", &["NICKNAME:Mormor", "TITLE:Boat builder", "ORG:Lindqvist & Daughter", "TEL;TYPE=CELL:+46 70 555 01 18", "TEL;TYPE=HOME:+46 8 555 01 40", "EMAIL;TYPE=HOME:anja@lindqvist.example", "item1.EMAIL:varv@lindqvist.example", "item1.X-ABLabel:boatyard", "ADR;TYPE=HOME:;;Strandvägen 4;Vaxholm;;185 32;Sweden", "BDAY:1949-12-02", "URL:https://lindqvist.example/", "NOTE:Ring the yard first\\, she never hears the mobile. Likes the small oranges\\, not the big ones."]),
    ("Okafor", "Amara", &["TITLE:Architect", "ORG:Okafor and Dias", "TEL;TYPE=WORK:+44 20 7946 0112", "EMAIL;TYPE=WORK:amara@okaforanddias.example"]),
    ("Brennan", "Aoife", &["TEL;TYPE=CELL:+353 85 555 0133", "NOTE:Alto. Brings the scores."]),
    ("白", "晓雯", &["ORG:Harbour Labs", "TEL;TYPE=CELL:+86 138 5550 0142"]),
    ("Tavares", "Bruno", &["TEL;TYPE=CELL:+351 933 555 021", "ADR;TYPE=HOME:;;Travessa do Cais 4;Porto;;4050-100;Portugal"]),
    ("Roche", "Camille", &["TEL;TYPE=CELL:+33 6 55 55 01 77"]),
    ("陈", "立", &["TEL;TYPE=CELL:+86 139 5550 0161"]),
    ("Osei", "Daniel", &["TEL;TYPE=CELL:+44 7700 900 188"]),
    ("Elm Street Surgery", "", &["ORG:Elm Street Surgery", "X-ABShowAs:COMPANY", "TEL;TYPE=WORK:+44 117 496 0900"]),
    ("Aydın", "Emre", &["ORG:Print room", "EMAIL;TYPE=WORK:emre@work.example"]),
    ("冯", "一诺", &["TEL;TYPE=CELL:+86 136 5550 0170"]),
    ("Holm", "Greta", &["ORG:Allotment\\, plot 9", "TEL;TYPE=HOME:+46 8 555 01 77"]),
    ("Sato", "Hana", &["EMAIL;TYPE=HOME:hana@sato.example"]),
    ("Lindqvist", "Henrik", &["TEL;TYPE=CELL:+46 73 555 01 09"]),
    ("Mensah", "Kwame", &["ORG:Tidewater Maps", "EMAIL;TYPE=WORK:kwame@tidewater.example"]),
    ("Kovács", "Lili", &["TEL;TYPE=CELL:+351 912 555 033"]),
    ("Ferrer", "Lucía", &["TEL;TYPE=CELL:+34 655 550 021"]),
    ("van Dijk", "Noor", &["TEL;TYPE=CELL:+31 6 5550 0144"]),
    ("Raman", "Priya", &["ORG:Harbour Labs", "EMAIL;TYPE=WORK:priya@harbourlabs.example"]),
    ("Petrov", "Samir", &["TEL;TYPE=CELL:+359 88 555 0120"]),
    ("Almeida", "Tomás", &["TEL;TYPE=CELL:+351 917 555 006"]),
    ("Ueda", "Yuki", &["EMAIL;TYPE=HOME:yuki@ueda.example"]),
    ("Quist", "Vera", &["ORG:School run", "TEL;TYPE=CELL:+45 20 55 01 88"]),
    ("Zimmer", "Zoltán", &["TEL;TYPE=CELL:+36 30 555 0190"]),
];
