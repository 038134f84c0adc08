//! The first start: a new person, the recovery code, the empty book; and a page that loads cleanly.

use crate::scene::{laptop, write_code_down};
use kith_tests::{
    people::Device,
    window::{Window, story},
};
use std::{fs, path::Path};

#[test]
fn an_empty_folder_becomes_a_book_and_shows_its_recovery_code_once() {
    story(|| {
        let device = Device::new("Mara's laptop");
        let window = Window::on(&device);
        window.see("@welcome[data-step='pick']");
        window.see("@join");
        window.click("@start");
        window.write("@device-name", "Mara's laptop");
        window.write("@person-name", "Mara Lindqvist");
        window.click("@init");

        let code = write_code_down(&window);

        window.see_text("@empty", "Nobody here yet");
        window.see_text("@empty button", "Write the first one");
        window.see_text("@empty button", "Bring a file");
        window.see_text("[aria-label='My card']", "Mara Lindqvist");
        window.see_text("@status-strip", "Only on this device");
        assert_eq!(device.call(&["status"])["device"]["name"], "Mara's laptop");

        window.reload();
        window.see("@empty");
        assert_eq!(window.count("@recovery-code"), 0, "it is shown once");
        assert_holds_nowhere(&device.folder(), &code);
        window.close();
    });
}

#[test]
fn a_name_is_asked_for_and_a_person_may_stay_nameless() {
    story(|| {
        let device = Device::new("tablet");
        let window = Window::on(&device);
        window.click("@start");
        window.see("@init:disabled");
        window.write("@device-name", "tablet");
        window.click("@init");
        write_code_down(&window);
        window.click("[aria-label='My card']");
        window.see_text("@empty", "Your card is empty");
        window.click("@edit");
        window.write("@edit-given", "Mara");
        window.click("@edit-done");
        window.see_text("@card-name", "Mara");
        window.see_text("@card", "This is you");
        window.close();
    });
}

#[test]
fn the_page_loads_without_an_error_and_within_its_content_policy() {
    story(|| {
        let laptop = laptop();
        let window = Window::on(&laptop);
        window.see("@contact-row");
        // The page is loaded once more into a document that is listened to, from its style sheets to its last effect.
        let again = "document.body.replaceChildren();
            for (const old of [...document.head.querySelectorAll('link[rel=stylesheet], script[src]')]) {
              const fresh = document.createElement(old.localName);
              for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
              if (old.localName === 'script') fresh.src = old.src + '?again';
              old.remove();
              document.head.append(fresh);
            }";
        window.js(again, vec![]);
        window.see("@contact-row");
        window.assert_well();
        // What the policy forbids is refused, so that the silence above means something.
        window.js(
            "const image = document.createElement('img'); image.src = 'https://example.org/x.png';
             document.body.append(image);
             const style = document.createElement('style'); style.textContent = 'body { color: red }';
             document.head.append(style);",
            vec![],
        );
        window.until("two breaches are reported", "return window.kithHeard.length >= 2 || null;", vec![]);
        let heard = window.heard();
        assert!(heard.iter().any(|line| line.starts_with("policy: img-src https://example.org")), "{heard:?}");
        assert!(heard.iter().any(|line| line.starts_with("policy: style-src-elem inline")), "{heard:?}");
    });
}

/// Looks for a text in all files of a folder.
fn assert_holds_nowhere(folder: &Path, secret: &str) {
    let bare = secret.replace('-', "");
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            assert_holds_nowhere(&path, secret);
        } else if entry.file_type().unwrap().is_file() {
            let content = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            assert!(!content.contains(secret) && !content.contains(&bare), "{} holds the code", path.display());
        }
    }
}
