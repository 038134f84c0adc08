//! Two devices change one thing while they are apart: the card asks, one answer settles it everywhere.

use crate::scene::{open_card, start_beside, window_and_desktop};
use kith_tests::{
    people::{Device, in_step},
    window::{Window, story},
};

#[test]
fn a_phone_that_both_changed_apart_is_asked_about_and_one_answer_settles_it() {
    story(|| {
        let (window, laptop, mut desktop) = window_and_desktop();
        change_apart(&window, &laptop, &mut desktop);

        window.see_text("@nav-undecided", "1");
        window.see_text("@question", "Two of your devices changed this at the same time. Which is right?");
        window.see("@choice[data-value='+351 912 555 201']");
        window.see("@choice[data-value='+351 912 555 202']");
        window.see_text("@choice[data-value='+351 912 555 202']", "Mara's desktop");
        window.click("@choice[data-value='+351 912 555 202']");
        window.gone("@question");
        window.see_text("@property[data-name='TEL'] @property-value", "+351 912 555 202");
        window.gone("@nav-undecided");

        in_step(&[&laptop, &desktop]);
        let phone = desktop.property(&desktop.find("dora"), "TEL");
        assert_eq!(phone["value"], "+351 912 555 202");
        assert_eq!(phone["others"].as_array().map(Vec::len), Some(0), "{phone:#}");
        window.close();
    });
}

#[test]
fn both_values_may_be_kept_or_the_question_put_off() {
    story(|| {
        let (window, laptop, mut desktop) = window_and_desktop();
        change_apart(&window, &laptop, &mut desktop);
        window.see("@question");
        window.click("@decide-later");
        window.gone("@question");
        window.click("@decide-now");
        window.see_text("@keep-both", "Keep both");
        window.click("@keep-both");
        window.gone("@question");
        window.until(
            "two phones",
            "return document.querySelectorAll('.field[data-name=TEL]').length === 2 || null;",
            vec![],
        );
        in_step(&[&laptop, &desktop]);
        let card = desktop.call(&["contacts", "show", &desktop.find("dora")]);
        let phones = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "TEL").count();
        assert_eq!(phones, 2, "{card:#}");
        window.close();
    });
}

#[test]
fn an_answer_given_on_the_other_device_closes_the_question_here() {
    story(|| {
        let (window, laptop, mut desktop) = window_and_desktop();
        change_apart(&window, &laptop, &mut desktop);
        window.see("@question");
        let dora = desktop.find("dora");
        let phone = desktop.property(&dora, "TEL");
        desktop.call(&["contacts", "choose", &dora, phone["id"].as_str().unwrap(), "+351 912 555 201"]);
        window.gone("@question");
        window.see_text("@property[data-name='TEL'] @property-value", "+351 912 555 201");
        window.close();
    });
}

/// Dora's phone ends in 201 in the window and in 202 on the desktop, neither of which knew of the other.
fn change_apart(window: &Window, laptop: &Device, desktop: &mut Device) {
    open_card(window, "dora", "Dora Kovács");
    desktop.stop();
    window.see("@side-device[data-state='away']");
    window.click("@edit");
    window.write("@edit-line[data-name='TEL'] input", "+351 912 555 201");
    window.click("@edit-done");
    window.see_text("@property[data-name='TEL']", "+351 912 555 201");
    desktop.call(&["contacts", "set", &desktop.find("dora"), "TEL;TYPE=CELL=+351 912 555 202"]);
    start_beside(desktop, laptop);
    window.see("@side-device[data-state='near']");
}
