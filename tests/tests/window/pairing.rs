//! A second device: the window shows the code, the window enters it, two windows do both; yes, no, and a wrong code.

use crate::scene::{PEOPLE, ask_to_join, code_of, laptop, people, show_code, start_beside};
use kith_tests::{
    people::{Device, in_step, wait_until},
    window::{Opening, Window, address, story},
};

#[test]
fn the_window_shows_a_code_and_lets_a_device_in_by_the_same_three_words() {
    story(|| {
        let (laptop, mut desktop) = (laptop(), Device::new("Mara's desktop"));
        let window = Window::on(&laptop);
        let code = show_code(&window);
        window.see_text("@pair-panel", "Works once, three tries");
        let link = window.attribute("@pair-link", "data-link");
        assert!(link.starts_with("kith"), "{link}");
        // On another page the question comes as a sheet of its own.
        window.click("@nav-everyone");
        let guest = ask_to_join(&window, &laptop, &desktop, &code);
        window.see_text("[role='alertdialog']", "“Mara's desktop” wants to join");
        window.see_text("@pair-approve", "Same words, let it in");
        window.click("@pair-approve");
        guest.let_in();
        window.gone("@pair-ask");
        window.see_text("@toast", "Mara's desktop is let in");
        start_beside(&mut desktop, &laptop);

        window.click("nav [aria-label='Devices']");
        window.see("@device-row[data-name=\"Mara's desktop\"][data-state='near'][data-behind='0']");
        window.see_text("@device-row[data-state='near']", "over LAN");
        window.see_text("@devices-page", "Your book lives on two. All are in step.");
        window.see("@side-device[data-name=\"Mara's desktop\"][data-state='near']");
        window.gone("@pair-panel");
        assert_eq!(in_step(&[&laptop, &desktop])["contacts"], PEOPLE.len());
        window.close();
    });
}

#[test]
fn the_window_joins_a_device_and_shows_its_book() {
    story(|| {
        let (mut server, tablet) = (Device::first("Mara's server", "Mara Lindqvist"), Device::new("Mara's tablet"));
        server.call(&["import", &server.write("people.vcf", people())]);
        server.start();
        let code = code_of(&server);

        let window = Window::on(&tablet);
        // Eight digits are read with the gap that the other device shows.
        enter(&window, &tablet, &format!("{} {}", &code[..4], &code[4..]), &server.address().to_string());
        window.see("@welcome[data-step='wait']");
        let asks = server.asked_by("Mara's tablet");
        let words = asks["words"].as_str().unwrap();
        window.see("@pair-words");
        assert_eq!(window.texts("@pair-words b"), words.split(' ').collect::<Vec<_>>());
        server.call(&["pair", "approve", asks["id"].as_str().unwrap()]);

        window.see_text("@list-count", "6");
        window.see_text("@contact-row", "Žofie Müller");
        window.see("@side-device[data-name=\"Mara's server\"][data-state='near']");
        window.see_text("[aria-label='My card']", "Mara Lindqvist");
        in_step(&[&server, &tablet]);
        window.close();
    });
}

#[test]
fn a_refusal_and_a_wrong_code_are_told_in_a_sentence() {
    story(|| {
        let (mut server, tablet) = (Device::first("Mara's server", "Mara Lindqvist"), Device::new("Mara's tablet"));
        let at = server.start().to_string();
        let code = code_of(&server);
        let wrong = format!("{:08}", (code.parse::<u32>().unwrap() + 1) % 100_000_000);

        let window = Window::on(&tablet);
        enter(&window, &tablet, &wrong, &at);
        window.see("@welcome-error[data-code='wrong_code']");
        let sentence = window.text("@welcome-error");
        assert!(sentence.contains("Not joined") && sentence.to_lowercase().contains("code"), "{sentence}");

        window.write("@join-code", &code);
        window.click("@join-run");
        let asks = server.asked_by("Mara's tablet");
        server.call(&["pair", "refuse", asks["id"].as_str().unwrap()]);
        window.see("@welcome-error[data-code='refused']");
        window.see_text("@welcome-error", "The other device said no");
        assert_eq!(tablet.ask(&["status"], "").code, Some(1), "nothing came of it");
        window.close();
    });
}

#[test]
fn a_device_with_other_words_is_turned_away() {
    story(|| {
        let (laptop, stranger) = (laptop(), Device::new("Mara's desktop"));
        let window = Window::on(&laptop);
        let code = show_code(&window);
        let guest = ask_to_join(&window, &laptop, &stranger, &code);
        window.see_text("@pair-refuse", "No, stop");
        window.click("@pair-refuse");
        let sentence = guest.turned_away("refused");
        println!("the other device reads: {sentence}");
        window.gone("@pair-ask");
        assert_eq!(window.count("@device-row"), 1);
        window.close();
    });
}

#[test]
fn two_windows_side_by_side_become_one_book() {
    story(|| {
        let (laptop, tablet) = (laptop(), Device::new("Mara's tablet"));
        let (old, new) = (Window::on(&laptop), Window::on(&tablet));
        let code = show_code(&old);
        enter(&new, &tablet, &code, &address(&laptop).to_string());
        old.see("@pair-words");
        new.see("@pair-words");
        assert_eq!(old.texts("@pair-words b"), new.texts("@pair-words b"));
        old.click("@pair-approve");
        new.see_text("@list-count", "6");
        old.see("@device-row[data-name=\"Mara's tablet\"][data-state='near']");

        new.click("nav [aria-label='New contact']");
        new.write("@edit-given", "Ines");
        new.write("@edit-family", "Costa");
        new.click("@edit-done");
        old.click("@nav-everyone");
        old.see_text("@contact-row", "Ines Costa");
        old.see_text("@list-count", "7");
        in_step(&[&laptop, &tablet]);
        old.close();
        new.close();
    });
}

#[test]
fn a_window_that_waits_for_a_yes_may_stop_waiting() {
    story(|| {
        let (mut server, tablet) = (Device::first("Mara's server", "Mara Lindqvist"), Device::new("Mara's tablet"));
        let at = server.start().to_string();
        let code = code_of(&server);
        let window = Window::on(&tablet);
        enter(&window, &tablet, &code, &at);
        window.see("@pair-words");
        window.click("@welcome button");
        window.see("@welcome[data-step='pick']");
        wait_until("nobody asks any more", || {
            server.call(&["pair", "pending"])["pending"].as_array()?.is_empty().then_some(())
        });
        window.close();
    });
}

/// Joins from the first page on.
fn enter(window: &Window, device: &Device, code: &str, at: &str) {
    window.click("@join");
    window.see("@join-run:disabled");
    window.write("@join-code", code);
    window.write("@device-name", &device.name);
    window.click("details summary");
    window.write("@join-at", at);
    window.click("@join-run");
}

#[test]
fn a_window_that_opens_later_finds_its_device_again() {
    story(|| {
        let (window, laptop, desktop) = crate::scene::window_and_desktop();
        window.close();
        desktop.call(&["contacts", "set", &desktop.find("jonas"), "TITLE=Captain"]);
        let again = Opening::on(&laptop).near(desktop.address()).open();
        again.see("@side-device[data-state='near']");
        crate::scene::open_card(&again, "jonas", "Jonas Weber");
        again.see_text("@property[data-name='TITLE']", "Captain");
        again.close();
    });
}
