//! A short fuzzing of every target in the ordinary test run: the seeds, changed at random. `cargo xtask fuzz` goes further,
//! guided by coverage.
//!
//! The ordinary run tries the same inputs each time, as many as it has time for; the long one (`KITH_LONG=1`) others each
//! time. `KITH_FUZZ_SECONDS` says how long each target takes, `KITH_FUZZ_SEED` repeats a run.

#![allow(clippy::panic, reason = "a finding fails the test")]

use kith_fuzz::{TARGETS, Target, seeds};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::{
    env, fs, panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

#[test]
fn no_target_breaks_on_its_seeds_changed_at_random() {
    let long = env::var("KITH_LONG").is_ok_and(|value| value == "1");
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("KITH_FUZZ_SECONDS").unwrap_or(if long { SECONDS_LONG } else { SECONDS });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let seed = number("KITH_FUZZ_SEED").unwrap_or(if long { now.as_secs() } else { SEED });
    let tries_max = if long { u64::MAX } else { TRIES_MAX };
    println!("seed {seed}, {seconds} s for each target");
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
            try_for(target, Duration::from_secs(seconds), tries_max, seed);
        }
    };
    let side_by_side = thread::available_parallelism().map_or(1, usize::from).min(TARGETS.len());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..side_by_side).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            if let Err(why) = thread.join() {
                panic::resume_unwind(why);
            }
        }
    });
}

fn try_for(target: &Target, time: Duration, tries_max: u64, seed: u64) {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let seeds = seeds(target.name);
    let (start, mut tries, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while start.elapsed() < time && tries < tries_max {
        let mut bytes = pick(&seeds, &mut random).clone();
        for _ in 0..=random.next_u32() % CHANGES_MAX {
            change(&mut bytes, &seeds, &mut random);
        }
        bytes.truncate(BYTES_MAX);
        let begin = Instant::now();
        let broke = panic::catch_unwind(|| (target.check)(&bytes)).is_err();
        let took = begin.elapsed();
        if broke || took > INPUT_TIME_MAX {
            let file = env::temp_dir().join(format!("kith-fuzz-{}-{seed}-{tries}", target.name));
            fs::write(&file, &bytes).expect("the input can be kept");
            panic!("{}: {} broke it in {took:?}; keep it in regressions", target.name, file.display());
        }
        (tries, slowest) = (tries + 1, slowest.max(took));
    }
    println!("{}: {tries} inputs, the slowest took {slowest:?}", target.name);
}

/// One small change of the kinds that parsers stumble over.
fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut ChaCha20Rng) {
    let at = below(bytes.len() + 1, random);
    match random.next_u32() % 8 {
        0 if at < bytes.len() => bytes[at] ^= 1 << (random.next_u32() % 8),
        1 if at < bytes.len() => bytes[at] = *pick(&ODD_BYTES, random),
        2 => bytes.insert(at, random.next_u32() as u8),
        3 => bytes.insert(at, *pick(&ODD_BYTES, random)),
        4 => {
            let end = at + below(bytes.len() - at + 1, random);
            bytes.drain(at..end);
        }
        5 => {
            let end = at + below(bytes.len() - at + 1, random);
            let again = bytes[at..end].to_vec();
            for _ in 0..=random.next_u32() % REPEATS_MAX {
                bytes.splice(at..at, again.iter().copied());
                if bytes.len() > BYTES_MAX {
                    break;
                }
            }
        }
        6 => bytes.truncate(at),
        _ => {
            let other = pick(seeds, random);
            let from = below(other.len() + 1, random);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
    }
}

fn pick<'a, T>(all: &'a [T], random: &mut ChaCha20Rng) -> &'a T {
    &all[below(all.len(), random)]
}

fn below(limit: usize, random: &mut ChaCha20Rng) -> usize {
    (random.next_u64() % limit as u64) as usize
}

/// How long each target takes, in seconds.
const SECONDS: u64 = 3;
/// What the ordinary run tries at most, so that a faster computer does not try what nobody tried before.
const TRIES_MAX: u64 = 300;
const SEED: u64 = 1;
const SECONDS_LONG: u64 = 30;
/// Changes of one input.
const CHANGES_MAX: u32 = 6;
const REPEATS_MAX: u32 = 20;
/// Longest input.
const BYTES_MAX: usize = 32 << 10;
/// One input takes a second at most on an idle computer; here many others may run beside it, and nothing is optimised.
const INPUT_TIME_MAX: Duration = Duration::from_secs(60);
/// Ends of ranges, separators, lengths.
const ODD_BYTES: [u8; 20] = [
    0, 1, 0x7f, 0x80, 0xff, b'\n', b'\r', b':', b';', b',', b'=', b'"', b'\\', b'{', b'[', 0xc0, 0xc1, 0xdf, 0xc6, b' ',
];
