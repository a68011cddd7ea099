//! How far one word is from another, in typing errors.

/// How many typos a word of that many letters may have: 0 below 5, 1 from 5, 2 from 9.
///
/// None in a word with a digit: GM0230 with one digit changed is another municipality.
pub fn typos(folded: &str) -> u8 {
    if folded.bytes().any(|b| b.is_ascii_digit()) {
        return 0;
    }
    match folded.chars().take(9).count() {
        0..5 => 0,
        5..9 => 1,
        _ => 2,
    }
}

/// Whether a word can be a typo away from one that may have typos: it has letters enough, and no
/// digit.
pub fn is_comparable(folded: &str) -> bool {
    folded.chars().nth(3).is_some() && !folded.bytes().any(|b| b.is_ascii_digit())
}

/// How many letters were left out, added, changed or swapped with their neighbour between `a` and
/// `b`; `None` when more than `most`.
///
/// The distance is that of optimal string alignment: no letter is touched twice. Work is bounded
/// by the shorter word times `most`, so a long word costs little.
pub fn distance(a: &str, b: &str, most: u8) -> Option<u8> {
    // Most words are too far for reasons that are soon found: a letter that is left out or added makes
    // one difference between the letters that two words have, a changed one two.
    if (letters(a) ^ letters(b)).count_ones() > 2 * u32::from(most) {
        return None;
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let most = usize::from(most);
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // Only cells at most `most` from the diagonal can count; the rest is "too far".
    let far = most + 1;
    let mut before: Vec<usize> = vec![far; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).map(|j| j.min(far)).collect();
    let mut row = vec![far; b.len() + 1];
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(far);
    for (i, from) in a.iter().enumerate() {
        row.fill(far);
        if let Some(first) = row.first_mut() {
            *first = (i + 1).min(far);
        }
        let mut least = cell(&row, 0);
        let start = i.saturating_sub(most);
        for (j, to) in b.iter().enumerate().take(i + most + 1).skip(start) {
            let changed = cell(&above, j) + usize::from(from != to);
            let mut cost = changed.min(cell(&above, j + 1) + 1).min(cell(&row, j) + 1);
            let crossed = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if crossed {
                cost = cost.min(cell(&before, j - 1) + 1);
            }
            let cost = cost.min(far);
            least = least.min(cost);
            if let Some(place) = row.get_mut(j + 1) {
                *place = cost;
            }
        }
        // A swap looks two rows back, so one hopeless row is not yet the end.
        if least >= far && above.iter().all(|cost| *cost >= far) {
            return None;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above
        .last()
        .filter(|cost| **cost <= most)
        .and_then(|cost| u8::try_from(*cost).ok())
}

/// Which letters a word has; some that are never confused count as one.
fn letters(word: &str) -> u32 {
    let letters = word.chars().map(|letter| 1 << (u32::from(letter) % 32));
    letters.fold(0, |all, letter| all | letter)
}

#[cfg(test)]
mod tests {
    use super::{distance, is_comparable, typos};
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

    /// The same without bounds or shortcuts.
    fn plainly(a: &str, b: &str) -> usize {
        let a: Vec<char> = a.chars().collect();
        let b: Vec<char> = b.chars().collect();
        let mut cost = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                cost[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut least = (cost[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(cost[i - 1][j] + 1)
                        .min(cost[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(cost[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        cost[a.len()][b.len()]
    }

    #[test]
    fn longer_words_may_have_more_typos() {
        let allowed = |word| typos(word);
        assert_eq!([allowed(""), allowed("wmo"), allowed("zorg")], [0, 0, 0]);
        assert_eq!([allowed("jeugd"), allowed("jeughulp")], [1, 1]);
        assert_eq!([allowed("jeugdhulp"), allowed("samenwerking")], [2, 2]);
        assert_eq!([allowed("gm0230"), allowed("2013201420")], [0, 0]);
    }

    #[test]
    fn short_words_and_numbers_are_not_compared() {
        let all = ["zorg", "één!", "wmo", "gm0230", ""].map(is_comparable);
        assert_eq!(all, [true, true, false, false, false]);
    }

    #[test]
    fn each_kind_of_typo_counts_once() {
        assert_eq!(distance("jeugdhulp", "jeughulp", 2), Some(1));
        assert_eq!(distance("jeugdhulp", "jeugdhulpp", 2), Some(1));
        assert_eq!(distance("onderwijs", "onderwjis", 1), Some(1));
        assert_eq!(distance("onderwijs", "onderwijz", 1), Some(1));
        assert_eq!(distance("zorg", "zorg", 0), Some(0));
        assert_eq!(distance("zorg", "werk", 2), None);
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("ca", "abc", 2), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::default())]

        #[test]
        fn it_is_the_plain_distance_when_that_is_small(
            a in "[abé学]{0,12}", b in "[abé学]{0,12}", most in 0_u8..5,
        ) {
            let plain = plainly(&a, &b);
            let near = distance(&a, &b, most).map(usize::from);
            prop_assert_eq!(near, (plain <= usize::from(most)).then_some(plain));
            prop_assert_eq!(distance(&a, &b, most), distance(&b, &a, most));
        }

        #[test]
        fn it_takes_any_text(a in any::<String>(), b in any::<String>(), most in any::<u8>()) {
            let plain = plainly(&a, &b);
            let near = distance(&a, &b, most).map(usize::from);
            prop_assert_eq!(near, (plain <= usize::from(most)).then_some(plain));
        }
    }
}
