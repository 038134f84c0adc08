//! Rules of the code base that no compiler knows: who may import whom, how pure the core is, what must not be there.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every file under a folder with one of these endings, with its text.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["node_modules", "dist", "target"].contains(&name.as_str()) {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is empty");
    found.sort();
    found
}

/// The lines of a file that are code: no comments, and nothing after the tests begin.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Fails with every line of the files that holds one of the words.
fn nowhere(files: &[(PathBuf, String)], words: &[&str], rule: &str) {
    let mut broken = String::new();
    for (path, text) in files {
        for (number, line) in code(text) {
            if words.iter().any(|word| line.contains(word)) {
                broken += &format!("\n{}:{}: {}", path.display(), number + 1, line.trim());
            }
        }
    }
    assert!(broken.is_empty(), "{rule}:{broken}");
}

fn without(files: Vec<(PathBuf, String)>, parts: &[&str]) -> Vec<(PathBuf, String)> {
    files.into_iter().filter(|(path, _)| !parts.iter().any(|part| path.to_string_lossy().contains(part))).collect()
}

#[test]
fn the_core_is_pure() {
    let core = without(files("hub/core/src", &[".rs"]), &["/tests"]);
    let impure = [
        "async fn",
        ".await",
        "std::fs",
        "std::net",
        "core::net::TcpStream",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::now",
        "HashMap",
        "HashSet",
        "thread_rng",
        "OsRng",
        "println!",
    ];
    nowhere(&core, &impure, "the core has no IO, no clock, no randomness and no unordered maps");
}

#[test]
fn each_thing_from_outside_is_known_to_one_module() {
    let hub = || files("hub/src", &[".rs"]);
    nowhere(&without(hub(), &["hub/src/store/"]), &["rusqlite", "SELECT ", "INSERT INTO"], "only the store speaks SQL");
    nowhere(&without(hub(), &["hub/src/transport/"]), &["quinn", "rustls"], "only the transport knows QUIC and TLS");
    nowhere(&without(hub(), &["hub/src/discovery/"]), &["mdns_sd", "if_addrs"], "only discovery knows mDNS");
    nowhere(&without(hub(), &["hub/src/metered/"]), &["NetworkManager"], "only one module knows NetworkManager");
    nowhere(&hub(), &["tauri"], "the hub knows no Tauri");
    nowhere(&without(hub(), &["hub/src/clock.rs"]), &["SystemTime"], "only the clock reads the wall clock");
}

#[test]
fn the_arrows_between_modules_hold() {
    let below = [
        ("store", ["transport", "discovery"]),
        ("transport", ["store", "discovery"]),
        ("discovery", ["store", "transport"]),
        ("backup", ["store", "transport"]),
        ("metered", ["store", "transport"]),
    ];
    for (module, others) in below {
        let sources = files(&format!("hub/src/{module}"), &[".rs"]);
        for other in others.iter().chain(&["node", "api", "control", "cli"]) {
            nowhere(&sources, &[&format!("crate::{other}")], &format!("{module} does not use {other}"));
        }
    }
    nowhere(&files("hub/core/src", &[".rs"]), &["kith_hub"], "the core does not know the hub");
    nowhere(&files("src-tauri/src", &[".rs"]), &["kith_core"], "the shell speaks the command list only");
}

#[test]
fn one_file_of_the_window_imports_tauri() {
    let window = without(files("ui/src", &[".ts", ".svelte"]), &["src/api/tauri.ts"]);
    nowhere(&window, &["@tauri-apps"], "only ui/src/api/tauri.ts imports @tauri-apps");
    nowhere(
        &without(window, &[".test.ts"]),
        &["{@html", "innerHTML", "outerHTML", "insertAdjacentHTML"],
        "text is never markup",
    );
    let shared = files("ui/src/shared", &[".ts", ".svelte"]);
    nowhere(&shared, &["from '../", "from \"../"], "what is shared knows nothing of contacts");
}

#[test]
fn the_other_sides_signature_is_really_checked() {
    let transport = without(files("hub/src/transport", &[".rs"]), &["tests"]);
    nowhere(&transport, &["HandshakeSignatureValid::assertion"], "a handshake's signature is never taken on faith");
}

#[test]
fn nothing_is_left_lying_about() {
    for folder in ["hub", "src-tauri", "ui/src", "tests", ".cargo/xtask"] {
        let sources = without(files(folder, &[".rs", ".ts", ".svelte"]), &["tests/tests/tidy.rs"]);
        nowhere(&sources, &["todo!(", "unimplemented!(", "#[ignore", "dbg!("], "nothing unfinished, nothing ignored");
        for (path, text) in &sources {
            assert!(!text.contains("TODO") && !text.contains("FIXME"), "{} holds a note to self", path.display());
        }
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for (path, text) in
        files("hub", &[".rs"]).into_iter().chain(files("src-tauri", &[".rs"])).chain(files("tests", &[".rs"]))
    {
        let exempt = path.ends_with("tests/src/lib.rs");
        assert!(exempt || text.starts_with("//!"), "{} does not open with what it is for", path.display());
    }
}

#[test]
fn the_lock_file_holds_no_version_with_a_known_hole() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock")).unwrap();
    let at_least = [("quinn-proto", (0, 11, 15)), ("tauri", (2, 11, 1))];
    for (name, least) in at_least {
        let entry = format!("name = \"{name}\"\nversion = \"");
        let versions: Vec<&str> = lock.split(&entry).skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!versions.is_empty(), "{name} is not in the lock file");
        for version in versions {
            let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
            let mut next = || parts.next().unwrap_or(0);
            assert!((next(), next(), next()) >= least, "{name} {version} is older than {least:?}");
        }
    }
    for banned in ["openssl-sys", "native-tls", "aws-lc-sys"] {
        assert!(!lock.contains(&format!("name = \"{banned}\"")), "{banned} is in the lock file");
    }
}

#[test]
fn every_crate_has_a_licence_that_may_be_used() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let output = std::process::Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 300, "the whole tree is looked at");
    let allowed = |licence: &str| {
        let name = licence.trim_matches(['(', ')', ' ']).split(" WITH ").next().unwrap_or_default();
        LICENCES.contains(&name)
    };
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        let usable = licence.split(" OR ").any(|choice| choice.split(" AND ").all(allowed));
        assert!(usable, "{} is under {licence:?}", package["name"]);
    }
}

/// The licences that `deny.toml` allows as well.
const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    "BSL-1.0",
    "MPL-2.0",
    "CC0-1.0",
    "Unlicense",
    "NCSA",
];
