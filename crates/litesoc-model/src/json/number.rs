//! Numbers as text.

use std::io::Write as _;

/// `00` to `99`.
static PAIRS: [[u8; 2]; 100] = {
    let mut table = [[0; 2]; 100];
    let mut value = 0;
    while value < 100 {
        table[value] = [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
        value += 1;
    }
    table
};

/// Appends an unsigned integer.
#[inline]
pub(crate) fn write_integer(out: &mut Vec<u8>, mut value: u64) {
    let mut text = [0; 20];
    let mut at = text.len();
    while value >= 100 {
        let pair = PAIRS[usize::try_from(value % 100).unwrap_or(0)];
        value /= 100;
        at -= 2;
        text[at..at + 2].copy_from_slice(&pair);
    }
    let pair = PAIRS[usize::try_from(value).unwrap_or(0)];
    if value >= 10 {
        at -= 2;
        text[at..at + 2].copy_from_slice(&pair);
    } else {
        at -= 1;
        text[at] = pair[1];
    }
    out.extend_from_slice(&text[at..]);
}

/// Appends a signed integer.
#[inline]
pub(crate) fn write_signed(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    write_integer(out, value.unsigned_abs());
}

/// Appends a finite float in the shortest form that reads back the same; `1.0` keeps its point, `1e300` its exponent.
pub(crate) fn write_float(out: &mut Vec<u8>, value: impl std::fmt::Debug) {
    let start = out.len();
    if write!(out, "{value:?}").is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_read_back() {
        let mut values = vec![0, u64::MAX];
        for power in 0..20 {
            let ten = 10_u64.pow(power);
            values.extend([ten - 1, ten, ten + 1, ten.saturating_mul(7)]);
        }
        for value in values {
            let mut out = Vec::new();
            write_integer(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
        let mut out = Vec::new();
        write_signed(&mut out, i64::MIN);
        assert_eq!(out, i64::MIN.to_string().into_bytes());
    }

    #[test]
    fn floats_are_json_and_read_back() {
        for value in [0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, -1.5e-7, f64::MAX, 1e16, 123_456_789.125] {
            let mut out = Vec::new();
            write_float(&mut out, value);
            let back: f64 = serde_json::from_slice(&out).unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{value}");
        }
    }
}
