//! What several stories begin with.

use kith_tests::{
    people::{Device, Guest, pair},
    window::{Opening, Window, address},
};
use std::{env, fs, path::PathBuf};

/// A few people, of whom each is found in another way.
pub(crate) const PEOPLE: [(&str, &str, &str, &str); 6] = [
    ("Ada", "Byron", "+44 20 7946 0011", "ada@example.org"),
    ("Dora", "Kovács", "+351 912 555 014", "dora@example.org"),
    ("Žofie", "Müller", "+49 170 1234567", "zofie@example.org"),
    ("晓雯", "白", "+86 10 6552 9988", "bai@example.org"),
    ("Jonas", "Weber", "+49 30 5550199", "jonas@example.org"),
    ("Aoife", "O’Neill", "+353 1 555 0177", "aoife@example.org"),
];

/// These people as vCards.
pub(crate) fn people() -> String {
    PEOPLE.iter().map(|(given, family, phone, mail)| card(given, family, phone, mail)).collect()
}

/// One vCard 3.0.
pub(crate) fn card(given: &str, family: &str, phone: &str, mail: &str) -> String {
    let full = if given == "晓雯" { format!("{family}{given}") } else { format!("{given} {family}") };
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:{family};{given};;;\r\nFN:{full}\r\nTEL;TYPE=CELL:{phone}\r\n\
         EMAIL;TYPE=HOME:{mail}\r\nEND:VCARD\r\n"
    )
}

/// Mara's laptop with her people on it; its hub is not running.
pub(crate) fn laptop() -> Device {
    let laptop = Device::first("Mara's laptop", "Mara Lindqvist");
    let file = laptop.write("people.vcf", people());
    laptop.call(&["import", &file]);
    laptop
}

/// A window of Mara's laptop, and her desktop beside it, which is a hub without a window. Both are in step.
pub(crate) fn window_and_desktop() -> (Window, Device, Device) {
    let (mut laptop, mut desktop) = (laptop(), Device::new("Mara's desktop"));
    laptop.start();
    pair(&laptop, &mut desktop);
    kith_tests::people::in_step(&[&laptop, &desktop]);
    laptop.stop();
    let window = Opening::on(&laptop).near(desktop.address()).open();
    window.see("@side-device[data-state='near']");
    (window, laptop, desktop)
}

/// Runs the hub of a device, told where the hub of an open window listens.
pub(crate) fn start_beside(device: &mut Device, window_of: &Device) {
    device.start_with(&["--listen", "127.0.0.1:0", "--no-mdns", "--peer", &address(window_of).to_string()]);
}

/// Presses “Pair a device” and returns the eight digits.
pub(crate) fn show_code(window: &Window) -> String {
    window.click("nav [aria-label='Pair a device']");
    let code = digits(&window.attribute("@pair-code", "data-code"));
    assert!(code.len() == 8 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    assert_eq!(digits(&window.text("@pair-code")), code, "what is read is what is meant");
    code
}

/// Opens pairing on a running hub and returns the eight digits.
pub(crate) fn code_of(device: &Device) -> String {
    digits(device.call(&["pair", "show"])["code"].as_str().expect("a code"))
}

fn digits(text: &str) -> String {
    text.replace(char::is_whitespace, "")
}

/// A new device enters the code that the window of `laptop` shows, and shows the same words as the window.
pub(crate) fn ask_to_join(window: &Window, laptop: &Device, new: &Device, code: &str) -> Guest {
    let mut guest = new.enter(code, Some(&address(laptop).to_string()));
    let words = guest.words();
    window.see_text("@pair-ask", "It will get your whole book and your notes.");
    assert_eq!(window.texts("@pair-words b"), words.split(' ').collect::<Vec<_>>(), "both show the same words");
    guest
}

/// Finds somebody in the list and opens the card.
pub(crate) fn open_card(window: &Window, find: &str, name: &str) {
    window.write("[aria-label='Search']", find);
    window.see(&format!("@book[data-find='{find}']"));
    window.click("@contact-row");
    window.see_text("@card-name", name);
}

/// Writes the recovery code down as a person does, off the page, and types the two groups that are asked for. Returns it.
pub(crate) fn write_code_down(window: &Window) -> String {
    let code = window.attribute("@recovery-code", "data-code");
    let groups: Vec<&str> = code.split('-').collect();
    assert!(groups.len() == 7 && groups.iter().all(|group| group.len() == 4), "{code}");
    assert_eq!(window.text("@recovery-code").split_whitespace().collect::<Vec<_>>(), groups);
    window.click("@recovery-written");
    window.see("@recovery-done:disabled");
    for field in ["label:first-child @recovery-group", "label:last-child @recovery-group"] {
        let place: usize = window.attribute(field, "data-group").parse().expect("a place in the code");
        window.write(field, &groups[place].to_lowercase());
    }
    window.click("@recovery-done");
    code
}

/// Looks at a page in both themes and at its smallest, and takes its pictures if they are wanted.
pub(crate) fn show(window: &Window, name: &str) {
    for (theme, ending) in [("light", ""), ("dark", "-dark")] {
        window.js(&format!("document.documentElement.dataset.theme = '{theme}';"), vec![]);
        window.until("it is painted", PAINTED, vec![]);
        assert_fits(window, name);
        if let Some(folder) = env::var_os("KITH_PICTURES").map(PathBuf::from) {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{name}{ending}.png")), window.picture()).unwrap();
        }
    }
    window.resize(420, 560);
    window.until("it is painted", PAINTED, vec![]);
    assert_fits(window, name);
    window.resize(1280, 800);
    window.js("document.documentElement.dataset.theme = 'light';", vec![]);
}

fn assert_fits(window: &Window, name: &str) {
    let out = window.js(STICKS_OUT, vec![]);
    assert_eq!(out, serde_json::json!([]), "{name} sticks out");
}

/// What is wider than the window, or reaches beyond its right edge, but for what may be scrolled sideways or is hidden.
const STICKS_OUT: &str = "const wide = innerWidth;
    return [...document.querySelectorAll('body *')]
      .filter((one) => one.checkVisibility() && !one.closest('.sr, .art, svg, [aria-hidden=true]'))
      .filter((one) => { const { left, right, width } = one.getBoundingClientRect();
        return width > 0 && getComputedStyle(one).position !== 'fixed' && left < wide && (right > wide + 1 || left < -1); })
      .map((one) => `${one.localName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`).slice(0, 5);";
/// Two frames after the fonts are there, and no transition is running.
const PAINTED: &str = "const moves = ({ effect }) => effect?.target?.checkVisibility();
    if (document.fonts.status !== 'loaded' || document.getAnimations().some(moves)) return null;
    window.kithFrames ??= (requestAnimationFrame(() => requestAnimationFrame(() => (window.kithFrames = 2))), 1);
    if (window.kithFrames < 2) return null;
    window.kithFrames = undefined;
    return true;";
