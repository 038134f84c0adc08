//! `test`: every check and every test, from nothing, ending with one line that says how many passed.

use crate::{
    Result, check,
    command::{self, cargo},
    place, screen,
    setup::{self, Purpose},
    tally::{self, Count, Tally},
    ui,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Runs everything; `--long` also runs what is too slow for every change.
pub(crate) fn run(args: &[String]) -> Result {
    let long = match args {
        [] => false,
        [word] if word == "--long" => true,
        _ => return Err("`test` knows `--long` and nothing else".into()),
    };
    let mut tally = Tally::default();
    steps(&mut tally, long);
    let Count { passed, failed, skipped } = tally.finish();
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    let skips_forbidden = env::var("CI").is_ok_and(|ci| ci == "true");
    match (failed, skipped) {
        (0, 0) => Ok(()),
        (0, _) if !skips_forbidden => Ok(()),
        (0, _) => Err("a skipped test is a failure where CI=true".into()),
        _ => Err("something failed".into()),
    }
}

/// Carries out the steps in order. What needs a step that failed is left out; the failure stands in the table.
fn steps(tally: &mut Tally, long: bool) {
    let mut driver = PathBuf::new();
    let ready = tally.check("install", || {
        setup::install(Purpose::Tests)?;
        ui::install()?;
        driver = setup::tauri_driver()?;
        Ok(())
    });
    if !ready {
        return;
    }
    tally.check("formatting", check::formatting);
    tally.check("window: types", ui::check);
    tally.tests("window: tests", || counted(&mut ui::tests()));
    if !tally.check("window: build", ui::build) {
        return;
    }
    // All targets at once: the programs are then built with the features that the tests need, and nothing twice.
    let built = tally.check("build", || command::run(&mut cargo(["build", "--workspace", "--all-targets"])));
    tally.check("lints", check::lints);
    if built {
        tally.tests("tests", || rust_tests(&driver, long));
    }
}

/// Runs every Rust test on a virtual display with a session bus of its own.
fn rust_tests(driver: &Path, long: bool) -> Result<Count> {
    let skips = place::target().join("skips.txt");
    fs::write(&skips, "")?;
    let nextest = place::on_path("cargo-nextest").is_some();
    let words: &[&str] = if nextest { &["nextest", "run"] } else { &["test"] };
    let plain = cargo([]);
    let mut tests = if cfg!(target_os = "linux") {
        let mut wrapped = screen::virtual_display();
        wrapped.arg(plain.get_program());
        wrapped
    } else {
        plain
    };
    tests
        .args(words)
        .args(["--workspace", "--no-fail-fast"])
        .env("KITH_SKIPS", &skips)
        .env("KITH_HUB_BIN", place::built("kith-hub"))
        .env("KITH_APP_BIN", place::built("kith"))
        .env("TAURI_DRIVER_BIN", driver);
    if long {
        tests.env("KITH_LONG", "1").env("PROPTEST_CASES", PROPTEST_CASES_LONG);
    } else {
        // The same arbitrary inputs each time: what passed once is not red another day. The long run looks for others.
        tests.env("PROPTEST_RNG_SEED", "1");
    }
    let mut count = counted(&mut tests)?;
    if nextest {
        count += counted(&mut cargo(["test", "--workspace", "--doc", "--no-fail-fast"]))?;
    }
    let announced = fs::read_to_string(&skips)?;
    announced.lines().for_each(|line| println!("{line}"));
    count.skipped += u32::try_from(announced.lines().count())?;
    Ok(count)
}

/// Runs a test runner and counts what it says; one that fails without naming a failed test counts as one.
fn counted(command: &mut Command) -> Result<Count> {
    let (good, text) = command::run_and_read(command)?;
    let mut count = tally::read(&text);
    if !good && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

/// How many inputs a property is tried with in the long run; 256 in the ordinary one.
const PROPTEST_CASES_LONG: &str = "10000";
