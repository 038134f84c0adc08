//! How fast what one person sends is taken in: some at once, then one after the other. Whoever sends more waits for the
//! acknowledgement; nothing is lost, as the newest of each item takes the place of those before.

/// The pace of one person, over all their devices.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// When, in milliseconds of any clock that only goes forward, the last one taken is paid off.
    paid_ms: u64,
}

impl Pace {
    /// How many milliseconds the next one waits; it counts as taken.
    pub fn wait_ms(&mut self, now_ms: u64) -> u64 {
        let debt_max = now_ms.saturating_add((AT_ONCE + WAITING_MAX) * EVERY_MS);
        self.paid_ms = self.paid_ms.max(now_ms).saturating_add(EVERY_MS).min(debt_max);
        self.paid_ms.saturating_sub(now_ms).saturating_sub(AT_ONCE * EVERY_MS)
    }
}

/// How many are taken at once.
const AT_ONCE: u64 = 60;
/// Those who wait at most count: whoever sent far too much is forgiven after as many seconds.
const WAITING_MAX: u64 = 600;
/// How long it takes until one more is, in milliseconds.
const EVERY_MS: u64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_rest_pays_for_sixty_and_whoever_sends_more_waits_a_second_for_each() {
        let mut pace = Pace::default();
        let waits: Vec<u64> = (0..64).map(|_| pace.wait_ms(1_000_000)).collect();
        assert!(waits[..60].iter().all(|wait| *wait == 0), "{waits:?}");
        assert_eq!(waits[60..], [1000, 2000, 3000, 4000]);
        assert_eq!(pace.wait_ms(1_004_000), 1000, "four seconds pay for four");
        assert_eq!(pace.wait_ms(2_000_000), 0);
        let last = (0..100_000).map(|_| pace.wait_ms(3_000_000)).last();
        assert_eq!(last, Some(600_000), "nobody is kept waiting for ever");
    }
}
