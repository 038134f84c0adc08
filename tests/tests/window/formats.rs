//! Files of every format in and out, QR codes, what an account says, and the settings that these need.

use crate::scene::{laptop, open_card};
use kith_tests::{
    people::{Device, wait_until},
    window::{Window, story},
};
use serde_json::json;
use std::fs;

#[test]
fn a_table_that_nobody_knows_is_given_its_meaning_column_by_column() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let table = "Wer,Erreichbar unter,Seit\nJürgen Groß,+49 170 5550123,2019\n,+49 170 5550124,2020\n";
        let window = Window::on(&device);
        window.click("nav [aria-label='Import']");
        window.choose_file("@import-files", &device.write("club.csv", table));
        window.see("@import-file[data-format='csv']");
        window.see_text("@column[data-column='1']", "Jürgen Groß");
        window.see_text("@column[data-column='2']", "+49 170 5550123");
        let field = |label: &str| option_called(&window, label);
        window.select("@column[data-column='1'] @column-field", &field("Full name"));
        window.see("@import-report[data-added]");
        window.select("@column[data-column='2'] @column-field", &field("Phone (mobile)"));
        window.select("@column[data-column='3'] @column-field", "");
        window.see("@import-report[data-added='2'][data-failed='0']");
        window.see_text("@import-row[data-action='added']", "Jürgen Groß");
        assert_eq!(device.call(&["status"])["book"]["contacts"], 0, "trying changes nothing");

        window.click("@import-run");
        window.click("@import-close");
        open_card(&window, "gross", "Jürgen Groß");
        window.see_text("@property[data-name='TEL'] @property-value", "+49 170 5550123");
        window.close();
    });
}

#[test]
fn a_table_of_google_is_recognised_and_its_character_set_can_be_corrected() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let table = "First Name,Middle Name,Last Name,Organization Name,Birthday,Notes,Labels,E-mail 1 - Label,\
            E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n\
            Dora,,Kovács,Harbour Clinic,,,* myContacts,Home,dora@example.org,Mobile,+351 912 555 014\n";
        let window = Window::on(&device);
        window.click("nav [aria-label='Import']");
        window.choose_file("@import-files", &device.write("google.csv", table));
        window.see("@import-file[data-format='csv'][data-dialect^='Google']");
        window.see_text("@import-row", "Dora Kovács");
        window.select("@charset", "windows-1251");
        window.until(
            "the name is read otherwise",
            "return !document.querySelector('[data-testid=import-row]').textContent.includes('Kovács') || null;",
            vec![],
        );
        window.select("@charset", "utf-8");
        window.see_text("@import-row", "Dora Kovács");
        window.press("Escape");
        window.gone("@import");
        window.close();
    });
}

#[test]
fn the_book_is_written_in_every_format() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        for (format, ending, begins) in [
            ("vcard-3", "vcf", "BEGIN:VCARD\r\nVERSION:3.0"),
            ("vcard-4", "vcf", "BEGIN:VCARD\r\nVERSION:4.0"),
            ("google", "csv", "First Name,"),
            ("outlook", "csv", "Title,First Name,"),
            ("spreadsheet", "csv", "\u{feff}"),
            ("jscontact", "json", "["),
        ] {
            window.click("nav [aria-label='Settings']");
            window.click("@export");
            window.click(&format!("@export-format[data-format='{format}'] input"));
            assert!(
                window.value("@export-path").ends_with(&format!("contacts.{ending}")),
                "the ending follows {format}"
            );
            let path = device.file(&format!("{format}.{ending}"));
            window.write("@export-path", path.to_str().unwrap());
            window.click("@export-run");
            let text = wait_until(format!("{format} is written"), || fs::read_to_string(&path).ok());
            assert!(
                text.trim_start_matches('\u{feff}').starts_with(begins.trim_start_matches('\u{feff}')),
                "{text:.60}"
            );
            assert!(text.contains("Byron"), "{format} has everybody");
            // Where a format has no place for something, the sheet stays and says so.
            window.until("the sheet closes", CLOSE_EXPORT, vec![]);
        }
        window.close();
    });
}

#[test]
fn a_card_is_shown_as_a_code_and_a_picture_of_the_code_is_read() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        open_card(&window, "dora", "Dora Kovács");
        window.click("@card-more");
        window.click("@show-qr");
        window.see("@qr");
        let picture = window.until("the code is painted", PICTURE_OF_THE_CODE, vec![]);
        window.press("Escape");
        window.gone("@qr-sheet");

        window.js(DROP_PICTURE, vec![picture]);
        window.see("@import-report");
        window.see_text("@import-file", "QR code in photo.png");
        window.see_text("@import-row", "Dora Kovács");
        window.press("Escape");
        window.close();
    });
}

#[test]
fn what_an_account_says_stands_beside_mine_and_can_be_hidden_and_shown_again() {
    story(|| {
        let device = Device::first("Mara's laptop", "Mara Lindqvist");
        let mine = CHOIR.replace("EMAIL;TYPE=WORK:dora.k@choir.example\r\n", "");
        device.call(&["import", &device.write("dora.vcf", mine)]);
        let path = device.write("choir.vcf", CHOIR);
        device.call(&["accounts", "add", "file", &path, "--name", "Choir list"]);
        let window = Window::on(&device);
        open_card(&window, "dora", "Dora Kovács");
        let theirs = "@property[data-name='EMAIL'][data-layer='account']";
        window.see_text(theirs, "dora.k@choir.example");
        window.see_text(theirs, "from Choir list");
        window.see_text("@property[data-name='TEL'] @also-in", "also in Choir list");

        window.click(&format!("{theirs} @provenance-open"));
        window.see_text("@provenance", "The account Choir list says so");
        window.click("@provenance @hide");
        window.gone(theirs);
        window.see("@not-shown");
        window.click("@not-shown");
        window.see_text("@hidden-property[data-name='EMAIL']", "dora.k@choir.example");
        window.click("@show-again");
        window.see_text(theirs, "dora.k@choir.example");

        // Another value than the one that I hid is shown, and says why.
        window.click(&format!("{theirs} @provenance-open"));
        window.click("@provenance @hide");
        window.gone(theirs);
        device.write("choir.vcf", CHOIR.replace("dora.k@", "dora.kovacs@"));
        let account = device.call(&["accounts", "list"])["accounts"][0]["id"].as_str().unwrap().to_owned();
        device.call(&["accounts", "sync", &account]);
        window.see_text(theirs, "dora.kovacs@choir.example");
        window.see("@changed-since-hidden");
        window.close();
    });
}

#[test]
fn the_region_of_numbers_and_the_order_of_names_are_set_once_for_all() {
    story(|| {
        let device = laptop();
        device.call(&["contacts", "set", &device.find("jonas"), "TEL;TYPE=CELL=030 5550199"]);
        let window = Window::on(&device);
        window.click("nav [aria-label='Settings']");
        window.see("@sort-locale");
        // A region that the system suggests is asked about; any other is chosen.
        window.js("document.querySelector('[data-testid=region-choose]')?.click();", vec![]);
        window.select("@region", "DE");
        wait_until("the hub knows it", || (device.call(&["settings"])["region"] == "DE").then_some(()));
        window.click("@sort-family");
        window.see("@sort-family[aria-pressed='true']");
        window.click("@nav-everyone");
        window.see_text("@contact-row[data-index='0']", "白晓雯");

        open_card(&window, "jonas", "Jonas Weber");
        let phone = "@property[data-name='TEL'] @property-value";
        window.see_text(phone, "030 5550199");
        window.see(&format!("{phone} [title='+49305550199']"));
        window.close();
    });
}

#[test]
fn a_reading_pronouns_and_a_date_without_a_year_are_written_and_shown() {
    story(|| {
        let device = laptop();
        let window = Window::on(&device);
        open_card(&window, "byron", "Ada Byron");
        window.click("@edit");
        window.click("@edit-more");
        window.write("@edit-phonetic-family", "Biron");
        window.write("@edit-pronouns", "she/her");
        window.write("@edit-line[data-name='BDAY'] @edit-day", "10");
        window.select("@edit-line[data-name='BDAY'] @edit-month", "12");
        window.click("@edit-done");
        window.see_text("@card", "she/her");
        window.see_text("@card-name", "Biron");
        window.see_text("@property[data-name='BDAY']", "10 December");
        window.see_text("@property[data-name='BDAY']", "year not given");
        let ada = device.find("byron");
        assert_eq!(device.property(&ada, "PRONOUNS")["value"], "she/her");
        window.close();
    });
}

/// The value of an option by what it is called; the names of fields are the hub's.
fn option_called(window: &Window, label: &str) -> String {
    let script = "return [...document.querySelectorAll('[data-testid=column-field] option')]
        .find((option) => option.textContent === arguments[0])?.value ?? null;";
    let value = window.until(&format!("a field called {label}"), script, vec![json!(label)]);
    value.as_str().expect("an option has a value").to_owned()
}

/// Dora as her choir knows her: her number as I wrote it, and a mail address of its own.
const CHOIR: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:urn:uuid:1f0c7a52-6a44-4b51-9f31-3d0a5b7c9e10\r\n\
    N:Kovács;Dora;;;\r\nFN:Dora Kovács\r\nTEL;TYPE=CELL:+351 912 555 014\r\n\
    EMAIL;TYPE=WORK:dora.k@choir.example\r\nEND:VCARD\r\n";
/// Presses “Done” where the sheet stayed open; returns once it is closed.
const CLOSE_EXPORT: &str = "document.querySelector('[data-testid=export-close]')?.click();
    return document.querySelector('[data-testid=export-sheet]') === null || null;";
/// Paints the code that is shown, with the quiet zone around it, and returns the picture in base64.
const PICTURE_OF_THE_CODE: &str = "const code = document.querySelector('[data-testid=qr]');
    if (!code?.complete || !code.naturalWidth) return null;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 800;
    const paper = canvas.getContext('2d');
    paper.fillStyle = 'white';
    paper.fillRect(0, 0, 800, 800);
    paper.drawImage(code, 80, 80, 640, 640);
    return canvas.toDataURL('image/png').split(',')[1];";
/// Drops a picture on the window.
const DROP_PICTURE: &str = "const bytes = Uint8Array.from(atob(arguments[0]), (sign) => sign.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], 'photo.png', { type: 'image/png' }));
    for (const kind of ['dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));";
