//! A newcomer's first five minutes: a new book, the phone's people in it, somebody found, a name put right, and all of it
//! on a second device.

use crate::scene::{open_card, show, show_code, write_code_down};
use kith_tests::{
    people::{Device, wait_until},
    window::{Window, address, story},
};

#[test]
fn the_first_five_minutes_lead_from_an_empty_folder_to_a_book_on_two_devices() {
    story(|| {
        let (laptop, mut phone) = (Device::new("Mara’s laptop"), Device::new("Mara’s phone"));
        let window = Window::on(&laptop);
        window.resize(1280, 800);
        window.click("@start");
        window.write("@device-name", "Mara’s laptop");
        window.write("@person-name", "Mara Lindqvist");
        window.click("@init");
        write_code_down(&window);

        // The phone's people come in.
        window.see_text("@empty", "Nobody here yet");
        window.click("nav [aria-label='Import']");
        window.click("@import-source[data-source='iphone']");
        show(&window, "newcomer-1-iphone");
        window.choose_file("@import-files", &laptop.write("iCloud vCards.vcf", IPHONE));
        window.see("@import-report[data-added='4'][data-failed='0']");
        show(&window, "newcomer-2-tried");
        window.click("@import-run");
        window.click("@import-close");
        window.see_text("@list-count", "4");

        // Who called, by the last digits; and the name is put right.
        open_card(&window, "0142", "Ines Almeda");
        show(&window, "newcomer-3-found");
        window.press("e");
        window.write("@edit-given", "Inês");
        window.write("@edit-family", "Almeida");
        window.click("@edit-done");
        window.see_text("@card-name", "Inês Almeida");

        // The second device joins, and has it all.
        let code = show_code(&window);
        let mut guest = phone.enter(&code, Some(&address(&laptop).to_string()));
        guest.words();
        window.click("@pair-approve");
        guest.let_in();
        phone.start_with(&["--listen", "127.0.0.1:0", "--no-mdns", "--peer", &address(&laptop).to_string()]);
        window.see("@device-row[data-name='Mara’s phone'][data-state='near'][data-behind='0']");
        show(&window, "newcomer-4-two-devices");
        wait_until("the phone has the name as it was put right", || {
            let page = phone.call(&["contacts", "list", "--find", "0142"]);
            (page["contacts"][0]["name"] == "Inês Almeida").then_some(())
        });
        assert_eq!(phone.call(&["status"])["book"]["contacts"], 4);
        window.close();
    });
}

/// As an iPhone exports them.
const IPHONE: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 26.1//EN\r\nN:Almeda;Ines;;;\r\nFN:Ines Almeda\r\nTEL;type=CELL;type=VOICE;type=pref:+351 914 555 0142\r\nitem1.EMAIL;type=INTERNET:ines@almeida.example\r\nitem1.X-ABLabel:choir\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-03-14\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 26.1//EN\r\nN:Haddad;Omar;;;\r\nFN:Omar Haddad\r\nORG:Harbour Labs;\r\nTEL;type=CELL;type=VOICE;type=pref:+351 915 555 0118\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 26.1//EN\r\nN:白;晓雯;;;\r\nFN:白晓雯\r\nTEL;type=CELL;type=VOICE;type=pref:+86 138 5550 0161\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 26.1//EN\r\nN:;;;;\r\nFN:Elm Street Surgery\r\nORG:Elm Street Surgery;\r\nTEL;type=WORK;type=VOICE:+44 117 496 0900\r\nX-ABShowAs:COMPANY\r\nEND:VCARD\r\n";
