//! A device is removed in the window, and the recovery code is asked for and printed.

use kith_tests::{
    people::{Device, in_step, pair, wait_until},
    window::{Opening, story},
};

#[test]
fn a_device_is_removed_and_the_recovery_code_makes_it_final() {
    story(|| {
        let (mut laptop, mut desktop) = (Device::new("Mara's laptop"), Device::new("Mara's desktop"));
        let made = laptop.call(&["init", "--name", "Mara's laptop", "--person", "Mara Lindqvist"]);
        let code = made["recovery_code"].as_str().unwrap();
        laptop.start();
        pair(&laptop, &mut desktop);
        in_step(&[&laptop, &desktop]);
        laptop.stop();
        let window = Opening::on(&laptop).near(desktop.address()).open();
        window.see("@side-device[data-state='near']");

        window.click("nav [aria-label='Devices']");
        window.click("@device-row[data-name=\"Mara's desktop\"] @device-more");
        window.click("@device-lost");
        window.see_text("@remove-sheet", "what its finder can read");
        window.write("@recovery-field", &code[..9]);
        window.click("@remove-run");
        window.see_text("@recovery-error", "28 characters");
        window.write("@recovery-field", "");
        window.click("@remove-run");
        window.see("@removed[data-due='true']");
        window.see_text("@finder", "can read the whole book");
        wait_until("the desktop knows that it was removed", || {
            (desktop.call(&["status"])["removed"]["by"] == "Mara's laptop").then_some(())
        });
        window.press("Escape");
        window.gone("@device-row[data-name=\"Mara's desktop\"]");

        window.click("@recovery-open");
        window.write("@recovery-field", &code.to_lowercase().replace('-', " "));
        window.click("@ask-code-run");
        window.gone("@recovery-due");
        assert_eq!(laptop.call(&["status"])["recovery_due"], false);

        window.click("@recovery-check");
        window.write("@recovery-field", code);
        window.click("@ask-code-run");
        assert_eq!(window.text("@paper-code").split_whitespace().collect::<Vec<_>>().join("-"), code);
        window.see_text("@paper", "Mara Lindqvist");
        window.press("Escape");
        window.gone("@paper");
        window.close();
    });
}
