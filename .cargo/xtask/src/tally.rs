//! Counts what the test runners say, and how long each step takes.

use crate::Result;
use std::{
    ops::AddAssign,
    time::{Duration, Instant},
};

/// Tests by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

/// What one step did and took.
struct Step {
    name: &'static str,
    took: Duration,
    count: Option<Count>,
    error: Option<String>,
}

/// All steps so far.
#[derive(Default)]
pub(crate) struct Tally {
    steps: Vec<Step>,
}

impl Tally {
    /// Carries out a step that either works or does not; one that does not counts as one failure. Returns whether it did.
    pub(crate) fn check(&mut self, name: &'static str, step: impl FnOnce() -> Result) -> bool {
        self.step(name, || step().map(|()| None))
    }

    /// Carries out a step that counts tests. Returns whether none failed.
    pub(crate) fn tests(&mut self, name: &'static str, step: impl FnOnce() -> Result<Count>) -> bool {
        self.step(name, || step().map(Some))
    }

    fn step(&mut self, name: &'static str, step: impl FnOnce() -> Result<Option<Count>>) -> bool {
        eprintln!("\n== {name}");
        let begun = Instant::now();
        let (count, error) = match step() {
            Ok(count) => (count, None),
            Err(error) => (Some(Count { failed: 1, ..Count::default() }), Some(error.to_string())),
        };
        let good = count.is_none_or(|count| count.failed == 0);
        self.steps.push(Step { name, took: begun.elapsed(), count, error });
        good
    }

    /// Prints the table of steps; returns the sum.
    pub(crate) fn finish(&self) -> Count {
        let mut sum = Count::default();
        let mut time = Duration::ZERO;
        println!();
        for step in &self.steps {
            let tests = step.count.filter(|_| step.error.is_none());
            let tests = tests.map_or_else(String::new, |Count { passed, failed, skipped }| {
                format!("{passed} passed, {failed} failed, {skipped} skipped")
            });
            println!(
                "{:>7.1} s  {:<24} {}{tests}",
                step.took.as_secs_f32(),
                step.name,
                step.error.as_deref().unwrap_or("")
            );
            sum += step.count.unwrap_or_default();
            time += step.took;
        }
        println!("{:>7.1} s  in all", time.as_secs_f32());
        sum
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Reads the closing lines of `cargo test`, `cargo nextest` and `vitest`, wherever they stand in the text. Where nextest
/// sums up, nothing else counts: of a test that failed it repeats what the harness said.
pub(crate) fn read(text: &str) -> Count {
    let mut sum = Count::default();
    let by_nextest = text.lines().any(|line| line.trim().starts_with("Summary ["));
    for line in text.lines() {
        let line = line.trim();
        let counted = if by_nextest {
            line.strip_prefix("Summary [").and_then(|line| line.split_once(" run: ")).map(|(_, counts)| counts)
        } else {
            line.strip_prefix("test result: ").or_else(|| line.strip_prefix("Tests  "))
        };
        let words: Vec<&str> =
            counted.unwrap_or_default().split([' ', ',', ';', '.', '(', ')']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u32>() else { continue };
            match pair[1] {
                "passed" => sum.passed += number,
                "failed" => sum.failed += number,
                "ignored" | "skipped" | "todo" => sum.skipped += number,
                _ => {}
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        let cargo = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s\n\
                     test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(read(cargo), Count { passed: 5, failed: 1, skipped: 1 });
        let nextest = "     Summary [   1.204s] 12 tests run: 10 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(read(nextest), Count { passed: 10, failed: 2, skipped: 3 });
        let repeated = format!("    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured\n{nextest}");
        assert_eq!(read(&repeated), Count { passed: 10, failed: 2, skipped: 3 });
        let vitest = " Test Files  2 passed (2)\n      Tests  1 failed | 8 passed | 2 skipped (11)\n";
        assert_eq!(read(vitest), Count { passed: 8, failed: 1, skipped: 2 });
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(read("the import has 4 passed and 2 failed"), Count::default());
    }
}
