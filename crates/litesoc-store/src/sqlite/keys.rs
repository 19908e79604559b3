//! Short numbers that stand for texts in indexes.

use std::hash::Hasher as _;
#[expect(
    deprecated,
    reason = "the one hash of the standard library whose result is the same in every release"
)]
use std::hash::SipHasher;

use rusqlite::Connection;

use super::failure::Failure;

/// Turns names and actor ids into the numbers the indexes hold.
///
/// The hash is keyed with a secret of the database, so that nobody can choose actor ids that fall on one number.
/// 47 bits fill the six bytes an SQLite integer of that size takes; among a million texts any two meet with a chance of
/// 1 in 280. Rows are always compared by their text; only offsets and totals trust the number.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextKeys {
    secret: (u64, u64),
}

impl TextKeys {
    pub(super) fn load(connection: &Connection) -> Result<Self, Failure> {
        let sql = "SELECT value FROM meta WHERE name = ?";
        let half = |name: &str| connection.query_row(sql, [name], |row| row.get::<_, i64>(0));
        Ok(Self { secret: (half("text_key_0")?.cast_unsigned(), half("text_key_1")?.cast_unsigned()) })
    }

    pub(super) fn of(self, text: &str) -> i64 {
        #[expect(deprecated, reason = "see the import")]
        let mut hasher = SipHasher::new_with_keys(self.secret.0, self.secret.1);
        hasher.write(text.as_bytes());
        (hasher.finish() & 0x7fff_ffff_ffff).cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_text_never_changes() {
        // Databases hold these numbers: another hash would hide all their events from filters.
        // The input and the result are the last published test vector of SipHash-2-4 that is text.
        let keys = TextKeys { secret: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908) };
        let text: String = (0_u8..15).map(char::from).collect();
        assert_eq!(keys.of(&text), 0xa129_ca61_49be_45e5_u64.cast_signed() & 0x7fff_ffff_ffff);
    }

    #[test]
    fn the_number_depends_on_the_secret_and_fits_six_bytes() {
        let keys = TextKeys { secret: (1, 2) };
        assert_ne!(keys.of("a"), TextKeys { secret: (1, 3) }.of("a"));
        assert!((0..1 << 47).contains(&keys.of("")));
    }
}
