//! Two devices of one person get to know each other, as people do it: code, name, words, yes.

use super::{
    Device,
    device::{refusal, text},
    process::Process,
    wait_until,
};
use serde_json::Value;

/// A new device that has entered a code and waits.
#[derive(Debug)]
pub struct Guest {
    process: Process,
}

impl Device {
    /// Enters a code or link on this new device; does not wait.
    pub fn enter(&self, code: &str, at: Option<&str>) -> Guest {
        let mut words = vec!["--json", "pair", "enter", code, "--name", &self.name];
        words.extend(at.iter().flat_map(|at| ["--at", at]));
        Guest { process: self.begin(&words) }
    }

    /// Waits until a device of this name asks to be let in: its row of `pair pending`.
    pub fn asked_by(&self, name: &str) -> Value {
        wait_until(format!("{name} asks {}", self.name), || {
            let pending = self.call(&["pair", "pending"]);
            pending["pending"].as_array()?.iter().find(|device| device["name"] == name).cloned()
        })
    }
}

impl Guest {
    /// The three words that it shows.
    pub fn words(&mut self) -> String {
        let line = self.process.err_line(|line| line.contains("It shows: "));
        let line = line.unwrap_or_else(|| panic!("no words: {:?} {:?}", self.process.out(), self.process.err()));
        line.rsplit_once(": ").expect("the line was found by it").1.to_owned()
    }

    /// Waits until it is let in, and returns what it printed.
    pub fn let_in(self) -> Value {
        let (status, out, err) = self.process.end();
        assert_eq!(status.code(), Some(0), "{out:?} {err:?}");
        serde_json::from_str(&out[0]).expect("one JSON object")
    }

    /// Waits until it is turned away with this code, and returns the sentence.
    pub fn turned_away(self, code: &str) -> String {
        let (status, out, err) = self.process.end();
        assert_eq!((status.code(), out.len()), (Some(1), 1), "{out:?} {err:?}");
        refusal(code, &serde_json::from_str(&out[0]).expect("one JSON object"))
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.process.kill();
    }
}

/// Brings `new` in by the code that the running `old` shows, and starts it.
pub fn pair(old: &Device, new: &mut Device) {
    let code = text(&old.call(&["pair", "show"])["code"]);
    pair_by(old, new, &code, Some(&old.address().to_string()));
    new.start();
}

/// Brings `new` in by a code or link: checks that both show one set of words, and says yes by the name. Returns the new
/// device's id.
pub fn pair_by(old: &Device, new: &Device, code: &str, at: Option<&str>) -> String {
    let mut guest = new.enter(code, at);
    // It says its words before it asks, or why it cannot.
    let words = guest.words();
    let asks = old.asked_by(&new.name);
    assert_eq!(asks["words"], words, "both devices show the same words");
    assert_eq!(asks["platform"], std::env::consts::OS);
    old.call(&["pair", "approve", &text(&asks["id"])]);
    let device_id = text(&guest.let_in()["device_id"]);
    assert_eq!(asks["id"], device_id);
    device_id
}
