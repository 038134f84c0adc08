//! The seeds, and everything the fuzzer ever found: none of it breaks its target any more.

use kith_fuzz::{TARGETS, seeds};
use std::{fs, path::Path};

#[test]
fn the_seeds_of_every_target_pass() {
    for target in TARGETS {
        let seeds = seeds(target.name);
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        seeds.iter().for_each(|seed| (target.check)(seed));
    }
}

#[test]
fn what_the_fuzzer_found_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    for entry in fs::read_dir(&folder).expect("the folder of regressions") {
        let folder = entry.expect("a folder").path();
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = kith_fuzz::target(&name).unwrap_or_else(|| panic!("{name} is no target"));
        for entry in fs::read_dir(&folder).expect("a folder of one target") {
            let path = entry.expect("a file").path();
            println!("{}", path.display());
            (target.check)(&fs::read(&path).expect("a regression"));
        }
    }
}
