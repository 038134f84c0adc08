//! The fuzzer: libFuzzer's loop around the target that `KITH_FUZZ_TARGET` names.
//!
//! Without a name it lists the targets. `KITH_FUZZ_SEEDS` names a folder that gets the target's seeds before the loop starts.

#![no_main]

use kith_fuzz::{TARGETS, Target, seeds, target};
use std::{env, fs, path::PathBuf, sync::OnceLock};

static CHOSEN: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let Ok(name) = env::var("KITH_FUZZ_TARGET") else {
            TARGETS.iter().for_each(|target| println!("{}", target.name));
            std::process::exit(0);
        };
        let Some(chosen) = target(&name) else {
            eprintln!("there is no target `{name}`");
            std::process::exit(2);
        };
        if let Some(folder) = env::var_os("KITH_FUZZ_SEEDS").map(PathBuf::from) {
            for (number, seed) in seeds(chosen.name).iter().enumerate() {
                fs::write(folder.join(format!("seed-{number}")), seed).expect("the folder of seeds can be written");
            }
        }
        CHOSEN.get_or_init(|| chosen);
    },
    |bytes: &[u8]| {
        if let Some(chosen) = CHOSEN.get() {
            (chosen.check)(bytes);
        }
    }
);
