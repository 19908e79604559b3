//! Names of requests and results: random, so that nobody guesses another's.

/// 32 characters of a-z and 2-7 from 160 random bits.
fn random() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).expect("the system gives randomness");
    let mut text = String::with_capacity(36);
    for five in bytes.chunks_exact(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        text.extend((0..8).rev().map(|place| char::from(LETTERS[(bits >> (place * 5) & 31) as usize])));
    }
    text
}

/// The id of a request: `prq_` and 32 characters of a-z and 2-7.
///
/// # Panics
///
/// When the system has no randomness to give.
#[must_use]
pub fn new_request_id() -> String {
    format!("prq_{}", random())
}

/// The id of a search: `pas_` and 32 characters of a-z and 2-7.
///
/// # Panics
///
/// When the system has no randomness to give.
#[must_use]
pub fn new_result_id() -> String {
    format!("pas_{}", random())
}

/// A token in the address of a download.
pub(crate) fn new_token() -> String {
    random()
}

/// Whether a text is `prefix` and 32 small letters or digits: safe as the name of a file.
pub(crate) fn is_id(text: &str, prefix: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(plain))
}
