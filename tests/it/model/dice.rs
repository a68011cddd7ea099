//! Numbers that look random and are the same for the same seed, on every machine.

/// A generator (`SplitMix64`): enough to throw dice with, and nothing else.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// True in so many cases of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several; there must be one.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Up to so many of several, some perhaps more than once.
    pub(super) fn some<T: Clone>(&mut self, most: usize, of: &[T]) -> Vec<T> {
        let count = if of.is_empty() {
            0
        } else {
            self.below(most + 1)
        };
        (0..count).map(|_| self.pick(of)).collect()
    }

    /// Up to so many of several, none more than once.
    pub(super) fn different<T: Clone + PartialEq>(&mut self, most: usize, of: &[T]) -> Vec<T> {
        let mut all: Vec<T> = Vec::new();
        for one in self.some(most, of) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }
}
