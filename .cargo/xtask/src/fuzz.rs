//! `fuzz`: bytes that nobody would send, to everything that reads bytes from outside, guided by coverage.
//!
//! libFuzzer works with the stable compiler: the counters are LLVM's own. The corpus grows in the cache from run to run.

use crate::{
    Result,
    command::{self, cargo, command},
    place,
};
use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Fuzzes the named target, or all of them; an error names the file that reproduces what was found.
pub(crate) fn run(args: &[String]) -> Result {
    let request = Request::read(args)?;
    let program = build()?;
    let known = command::ask(&mut command(&program.to_string_lossy(), [])).ok_or("the fuzzer lists no targets")?;
    let known: Vec<&str> = known.lines().collect();
    let named: Vec<&str> = request.targets.iter().map(String::as_str).collect();
    if let Some(odd) = named.iter().find(|target| !known.contains(target)) {
        return Err(format!("no target {odd}; there are: {}", known.join(" ")).into());
    }
    let mut broken = Vec::new();
    for target in if named.is_empty() { known } else { named } {
        if let Some(finding) = fuzz(&program, target, &request)? {
            broken.push(finding);
        }
    }
    match broken.as_slice() {
        [] => Ok(()),
        findings => Err(format!("found:\n{}", findings.join("\n")).into()),
    }
}

struct Request {
    /// None: all of them.
    targets: Vec<String>,
    /// For each target, whichever comes first.
    seconds: u32,
    runs: Option<u64>,
}

impl Request {
    fn read(args: &[String]) -> Result<Self> {
        let mut request = Self { targets: Vec::new(), seconds: SECONDS, runs: None };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seconds" => request.seconds = number(arg, args.next())?,
                "--runs" => request.runs = Some(number(arg, args.next())?),
                target => request.targets.push(target.to_owned()),
            }
        }
        Ok(request)
    }
}

fn number<N: FromStr>(option: &str, text: Option<&String>) -> Result<N> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("{option} wants a number").into())
}

/// Builds the fuzzer apart from everything else: its flags would have cargo build all of it anew each time.
fn build() -> Result<PathBuf> {
    let version = command::ask(&mut command("rustc", ["-vV"])).ok_or("rustc does not say what it is")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc names no host")?;
    let folder = place::cache().join("fuzz");
    let mut build = cargo(["build", "--profile", "fuzz", "--package", "kith-fuzz", "--features", "libfuzzer"]);
    // With a target named, the flags do not reach what runs while building.
    build.args(["--bin", "kith-fuzz", "--target", host]).arg("--target-dir").arg(&folder).env("RUSTFLAGS", COVERAGE);
    command::run(&mut build)?;
    Ok(folder.join(host).join("fuzz").join("kith-fuzz").with_extension(std::env::consts::EXE_EXTENSION))
}

/// Fuzzes one target; returns a line about what broke it.
fn fuzz(program: &Path, target: &str, request: &Request) -> Result<Option<String>> {
    let corpus = place::cache().join("fuzz/corpus").join(target);
    let found = place::cache().join("fuzz/found").join(target);
    let seeds = place::cache().join("fuzz/seeds").join(target);
    for folder in [&corpus, &found, &seeds] {
        fs::create_dir_all(folder)?;
    }
    let sources = place::root().join("tests/fuzz");
    let mut fuzzer = command(&program.to_string_lossy(), []);
    fuzzer.env("KITH_FUZZ_TARGET", target).env("KITH_FUZZ_SEEDS", &seeds);
    fuzzer.arg(format!("-max_total_time={}", request.seconds)).arg(format!("-rss_limit_mb={RSS_MIB_MAX}"));
    fuzzer.arg(format!("-timeout={}", input_seconds_max())).arg(format!("-max_len={INPUT_BYTES_MAX}"));
    fuzzer.arg(format!("-artifact_prefix={}/", found.display())).args(["-print_final_stats=1", "-reload=0"]);
    fuzzer.args(request.runs.map(|runs| format!("-runs={runs}")));
    let words = sources.join("dictionaries").join(target).with_extension("txt");
    if words.is_file() {
        fuzzer.arg(format!("-dict={}", words.display()));
    }
    fuzzer.arg(&corpus).arg(&seeds);
    let regressions = [sources.join("regressions").join(target), place::root().join(golden(target))];
    fuzzer.args(regressions.iter().filter(|folder| folder.is_dir() && **folder != place::root()));
    let (good, text) = command::run_and_read(&mut fuzzer)?;
    if good {
        return Ok(None);
    }
    let file = text.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, file)| file);
    Ok(Some(format!("  {target}: {}", file.unwrap_or("the fuzzer failed; see above"))))
}

/// The folder of checked-in files that a target reads; empty if there is none.
fn golden(target: &str) -> &'static str {
    match target {
        "csv" => "hub/core/tests/csv",
        "vcard" => "hub/core/tests/golden",
        _ => "",
    }
}

/// How long one input may take, in seconds: one on an idle computer, more where others take part of it.
fn input_seconds_max() -> u32 {
    let load: Option<f64> =
        fs::read_to_string("/proc/loadavg").ok().and_then(|text| text.split(' ').next()?.parse().ok());
    let processors = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    1 + (load.unwrap_or(0.0) / processors).ceil() as u32
}

/// How long each target is fuzzed unless told otherwise, in seconds.
const SECONDS: u32 = 600;
/// Most memory that a target may take, in MiB.
const RSS_MIB_MAX: u32 = 512;
/// Longest input, in bytes.
const INPUT_BYTES_MAX: u32 = 64 << 10;
/// Counters at every edge and at every comparison.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";
