//! A set of rows: one bit for each that there is.

/// Rows by number, as a bitmap: some kilobytes for a large book, and met with another one in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowSet(Vec<u64>);

impl RowSet {
    /// Puts a row in.
    pub(super) fn insert(&mut self, row: u32) {
        let (word, bit) = place(row);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= bit;
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: u32) {
        let (word, bit) = place(row);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    /// Puts a row in or takes it out.
    pub(super) fn set(&mut self, row: u32, present: bool) {
        if present { self.insert(row) } else { self.remove(row) }
    }

    /// Whether a row is in it.
    pub(super) fn contains(&self, row: u32) -> bool {
        let (word, bit) = place(row);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The rows in it, by number.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip(0_u32..).flat_map(|(word, at)| {
            let bits = std::iter::successors((*word != 0).then_some(*word), |word| {
                let rest = word & (word - 1);
                (rest != 0).then_some(rest)
            });
            bits.map(move |word| at * 64 + word.trailing_zeros())
        })
    }

    /// How many rows are in it.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Adds what the other set has.
    pub(super) fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Keeps only what the other set has as well.
    pub(super) fn retain(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// Takes out what the other set has.
    pub(super) fn subtract(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }
}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut set = Self::default();
        rows.into_iter().for_each(|row| set.insert(row));
        set
    }
}

fn place(row: u32) -> (usize, u64) {
    (row as usize / 64, 1 << (row % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_a_set_until_they_are_taken_out() {
        let mut set: RowSet = [1, 64, 1_000].into_iter().collect();
        assert!(set.contains(64) && !set.contains(63) && !set.contains(100_000));
        assert_eq!(set.rows().collect::<Vec<_>>(), [1, 64, 1_000]);
        set.retain(&[64, 65].into_iter().collect());
        assert!(set.contains(64) && !set.contains(1) && !set.contains(1_000));
        assert!(!set.is_empty());
        set.set(64, false);
        assert!(set.is_empty());
        set.add(&[3, 200].into_iter().collect());
        assert_eq!(set, [3, 200].into_iter().collect());
        set.subtract(&[3, 4, 1_000].into_iter().collect());
        assert_eq!((set.contains(3), set.contains(200), set.len()), (false, true, 1));
        set = RowSet::default();
        set.remove(100_000);
        set.set(70, true);
        assert_eq!(set, [70].into_iter().collect());
    }
}
