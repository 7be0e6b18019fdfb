//! How evenly the characters of a text are spread.

/// Shannon's entropy of `text`, in bits per byte. Between 2.5 and 3.5 the exact threshold hardly matters.
pub(crate) fn bits_per_byte(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = f64::from(counts.iter().sum::<u32>());
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / length;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_counts_how_evenly_characters_are_spread() {
        assert!(bits_per_byte("") < f64::EPSILON);
        assert!(bits_per_byte("aaaaaaaa") < f64::EPSILON);
        assert!((bits_per_byte("abcdefgh") - 3.0).abs() < 1e-9);
    }
}
