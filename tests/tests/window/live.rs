//! What happens on another device shows here by itself, and the other way round; and how a device stands, in words.

use crate::scene::{open_card, start_beside, window_and_desktop};
use kith_tests::{
    people::{in_step, wait_until},
    window::story,
};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How long an edit may take from one device's hand to the other's eye. On a quiet machine it is a tenth of that.
const BOUND_MS: f64 = 3_000.0;

#[test]
fn an_edit_made_elsewhere_shows_in_the_open_card_and_in_the_list() {
    story(|| {
        let (window, laptop, desktop) = window_and_desktop();
        open_card(&window, "dora", "Dora Kovács");
        let dora = desktop.find("dora");
        window.js("window.kithSame = document.querySelector('[data-testid=card]');", vec![]);

        let mut times = Vec::new();
        for last in 0..5 {
            let number = format!("+351 912 555 10{last}");
            window.watch_for("@card @property[data-name='TEL']", &number);
            let start = now_ms();
            desktop.call(&["contacts", "set", &dora, &format!("TEL;TYPE=CELL={number}")]);
            times.push(window.drawn() - start);
        }
        tell("from `contacts set` on the desktop to the open card", &times);
        window.see("@card @property[data-name='TEL'].is-lit");
        window.see_text("@contact-row", "+351 912 555 104");

        let mut times = Vec::new();
        for last in 0..5 {
            let name = format!("Dora Nagy {last}");
            window.watch_for("@contact-row", &name);
            let start = now_ms();
            desktop.call(&["contacts", "set", &dora, &format!("FN={name}")]);
            times.push(window.drawn() - start);
        }
        tell("from `contacts set` on the desktop to the list", &times);
        let same = window.js("return window.kithSame === document.querySelector('[data-testid=card]');", vec![]);
        assert_eq!(same, true, "the page was neither loaded nor drawn anew");
        window.see_text("@property[data-name='TEL']", "Mara's desktop");
        in_step(&[&laptop, &desktop]);
        window.close();
    });
}

#[test]
fn an_edit_made_in_the_window_is_on_the_other_device_at_once() {
    story(|| {
        let (window, _laptop, desktop) = window_and_desktop();
        open_card(&window, "jonas", "Jonas Weber");
        let jonas = desktop.find("jonas");
        let mut times = Vec::new();
        for last in 0..3 {
            let number = format!("+49 30 555 020{last}");
            window.click("@edit");
            window.write("@edit-line[data-name='TEL'] input", &number);
            window.js(
                "addEventListener('click', () => (window.kithDone = performance.timeOrigin + performance.now()),
                   { capture: true, once: true });",
                vec![],
            );
            window.click("@edit-done");
            wait_until("the desktop has it", || {
                (desktop.property(&jonas, "TEL")["value"] == number.as_str()).then_some(())
            });
            let pressed = window.js("return window.kithDone;", vec![]).as_f64().unwrap();
            times.push(now_ms() - pressed);
            window.see_text("@property[data-name='TEL']", &number);
        }
        tell("from Done in the window to `contacts show` on the desktop", &times);
        window.close();
    });
}

#[test]
fn an_edit_that_arrives_while_the_editor_is_open_keeps_what_is_being_typed() {
    story(|| {
        let (window, laptop, desktop) = window_and_desktop();
        open_card(&window, "aoife", "Aoife O’Neill");
        let aoife = desktop.find("aoife");
        window.click("@edit");
        window.write("@edit-line[data-name='EMAIL'] input", "aoife@harbour.example");
        desktop.call(&["contacts", "set", &aoife, "TEL;TYPE=CELL=+353 1 555 0200"]);
        window.see_text("@edit-meanwhile", "Mara's desktop changed this card just now. What you typed stays.");
        let phone = "@edit-line[data-name='TEL'] input";
        window.until(
            "the phone follows",
            "return document.querySelector('[data-testid=edit-line][data-name=TEL] input').value.endsWith('0200') || null;",
            vec![],
        );
        assert_eq!(window.value(phone), "+353 1 555 0200");
        assert_eq!(window.value("@edit-line[data-name='EMAIL'] input"), "aoife@harbour.example");
        let focused = window.js("return document.activeElement.value;", vec![]);
        assert_eq!(focused, "aoife@harbour.example", "the cursor stays where it was");
        window.click("@edit-done");
        window.see_text("@property[data-name='EMAIL']", "aoife@harbour.example");
        in_step(&[&laptop, &desktop]);
        assert_eq!(desktop.property(&aoife, "EMAIL")["value"], "aoife@harbour.example");
        assert_eq!(desktop.property(&aoife, "TEL")["value"], "+353 1 555 0200");
        window.close();
    });
}

#[test]
fn a_device_that_goes_and_comes_back_is_told_in_words() {
    story(|| {
        let (window, laptop, mut desktop) = window_and_desktop();
        window.click("nav [aria-label='Devices']");
        window.see_text("@device-row[data-state='near']", "in step");
        window.see_text("@device-row[data-state='near']", "over LAN");

        desktop.stop();
        window.see("@device-row[data-name=\"Mara's desktop\"][data-state='away']");
        window.see_text("@device-row[data-state='away']", "last seen");
        window.see("@side-device[data-name=\"Mara's desktop\"][data-state='away']");

        laptop.call(&["contacts", "set", &laptop.find("dora"), "TITLE=Beekeeper"]);
        window.see("@device-row[data-state='away'][data-behind='1']");
        window.see_text("@device-row[data-state='away']", "1 change waits for it");
        window.see_text("@status-strip", "1 change for Mara's desktop");
        window.see_text("@devices-page", "Your book lives on two. One is in step.");

        start_beside(&mut desktop, &laptop);
        window.see("@device-row[data-name=\"Mara's desktop\"][data-state='near'][data-behind='0']");
        window.see_text("@status-strip", "In step");
        window.see_text("@devices-page", "All are in step.");
        window.close();
    });
}

/// The one story that takes its time: a device that says no goodbye is missed when its connection has been silent for
/// as long as the transport allows.
#[test]
fn a_device_that_is_killed_is_missed_and_comes_back() {
    story(|| {
        let (window, laptop, mut desktop) = window_and_desktop();
        // Killed and back at once: nobody has to wait for the silence.
        desktop.kill();
        start_beside(&mut desktop, &laptop);
        desktop.call(&["contacts", "set", &desktop.find("dora"), "TITLE=Beekeeper"]);
        open_card(&window, "dora", "Dora Kovács");
        window.see_text("@property[data-name='TITLE']", "Beekeeper");

        desktop.kill();
        let start = Instant::now();
        window.see("@side-device[data-name=\"Mara's desktop\"][data-state='away']");
        println!("missed after {:.1} s", start.elapsed().as_secs_f64());
        start_beside(&mut desktop, &laptop);
        window.see("@side-device[data-name=\"Mara's desktop\"][data-state='near']");
        in_step(&[&laptop, &desktop]);
        window.close();
    });
}

fn tell(what: &str, times: &[f64]) {
    let told: Vec<String> = times.iter().map(|time| format!("{time:.0}")).collect();
    println!("{what}: {} ms", told.join(", "));
    assert!(times.iter().all(|time| *time < BOUND_MS), "{what}: {told:?} ms");
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1_000.0
}
