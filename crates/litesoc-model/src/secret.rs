//! Which metadata keys look like secrets.

/// Endings that give a secret away, in lower case and without separators.
///
/// A key is secret when its letters and digits end with one of these: `password`, `dbPassword`, `X-Api-Key`, `user_password2`.
/// Something after it makes it another thing: `password_changed_at`, `token_type`, `tokens_used`, `secretary`.
pub const SECRET_ENDINGS: &[&str] = &[
    "accesskey",
    "accesstokens",
    "apikey",
    "apikeys",
    "apitokens",
    "authcode",
    "authkey",
    "authorization",
    "authorizationcode",
    "backupcode",
    "backupcodes",
    "cardno",
    "cardnumber",
    "clientsecrets",
    "connectionstring",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "creditcard",
    "debitcard",
    "encryptionkey",
    "masterkey",
    "mfacode",
    "onetimecode",
    "otpcode",
    "otpsecret",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwordconfirm",
    "passwordconfirmation",
    "passwordhash",
    "passwords",
    "pincode",
    "privatekey",
    "privatekeypem",
    "recoverycode",
    "recoverycodes",
    "recoverykey",
    "refreshtokens",
    "secret",
    "secretkey",
    "secrets",
    "securitycode",
    "seedphrase",
    "sessionkey",
    "sharedkey",
    "signingkey",
    "smscode",
    "socialsecuritynumber",
    "sshkey",
    "token",
    "totpcode",
    "verificationcode",
];

/// Short words that give a secret away only as a word of their own at the end: `user_pin`, `dbPwd`, but not `class_n` or `spin`.
pub const SECRET_WORDS: &[&str] =
    &["bearer", "cvc", "cvv", "hotp", "jwt", "otp", "pan", "passwd", "pin", "pwd", "ssn", "totp"];

/// The longest ending is shorter than this.
const FOLDED: usize = 24;

/// Whether the value of this metadata key must not leave the process.
///
/// The value is then replaced by `[REDACTED]`, at any depth.
///
/// ```
/// use litesoc_model::is_secret_key;
///
/// assert!(is_secret_key("password") && is_secret_key("newPassword") && is_secret_key("X-Api-Key"));
/// assert!(!is_secret_key("password_changed_at") && !is_secret_key("token_type"));
/// ```
#[inline]
#[must_use]
pub fn is_secret_key(key: &str) -> bool {
    // The last three letters turn away nearly every ordinary key for the price of a comparison.
    let Some([.., a, b, c]) = key.as_bytes().last_chunk::<3>() else { return false };
    let tail = [a | 0x20, b | 0x20, c | 0x20];
    may_end(tail, key.len()) && ends_secret(key)
}

/// Whether a key of this length with these last letters can be on the list: the lengths are those of the shortest
/// member of the list with that end. Digits and separators at the end can hide anything and always pass.
#[inline]
fn may_end(tail: [u8; 3], length: usize) -> bool {
    let shortest = match &tail {
        b"otp" | b"ssn" | b"jwt" | b"cvv" | b"cvc" | b"pin" | b"pan" | b"pwd" => 3,
        b"ken" => 5,
        b"key" | b"ret" | b"kie" | b"swd" | b"rer" | b"dno" => 6,
        b"ode" | b"ets" | b"ies" | b"eys" => 7,
        b"ord" => 8,
        b"rds" | b"ens" | b"ard" => 9,
        b"ase" | b"ber" | b"ial" => 10,
        b"als" | b"des" => 11,
        b"ash" => 12,
        b"ion" | b"pem" => 13,
        b"irm" => 15,
        b"ing" => 16,
        [a, b, c] => {
            let letters = a.is_ascii_lowercase() && b.is_ascii_lowercase() && c.is_ascii_lowercase();
            return !letters;
        }
    };
    length >= shortest
}

#[cold]
#[inline(never)]
fn ends_secret(key: &str) -> bool {
    let mut folded = [0; FOLDED];
    let mut word_starts = [false; FOLDED];
    let start = fold(key.as_bytes(), &mut folded, &mut word_starts);
    let text = &folded[start..];
    // Two letters first: a call to compare memory costs more than the rest of the search.
    let tail = text.last_chunk::<2>();
    let ends = |ending: &str| ending.as_bytes().last_chunk() == tail && text.ends_with(ending.as_bytes());
    SECRET_ENDINGS.iter().any(|ending| ends(ending))
        || SECRET_WORDS
            .iter()
            .any(|word| ends(word) && word_starts.get(FOLDED - word.len()).is_some_and(|start| *start))
}

/// The last letters and digits of `key` in lower case at the end of `folded`, and where words begin.
/// Digits at the very end are dropped: `password2` is a password. Gives the position of the first.
fn fold(key: &[u8], folded: &mut [u8; FOLDED], word_starts: &mut [bool; FOLDED]) -> usize {
    let mut at = FOLDED;
    for (position, byte) in key.iter().enumerate().rev() {
        let in_front_of_text = at == FOLDED;
        if !byte.is_ascii_alphanumeric() || (in_front_of_text && byte.is_ascii_digit()) {
            continue;
        }
        if at == 0 {
            return 0;
        }
        at -= 1;
        folded[at] = byte.to_ascii_lowercase();
        let before = position.checked_sub(1).map(|before| key[before]);
        word_starts[at] = match before {
            None => true,
            Some(before) if !before.is_ascii_alphanumeric() => true,
            Some(before) => byte.is_ascii_uppercase() && !before.is_ascii_uppercase(),
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_found_in_every_style() {
        for ending in SECRET_ENDINGS.iter().chain(SECRET_WORDS) {
            assert!(ending.len() < FOLDED, "{ending}");
            for key in [
                (*ending).to_owned(),
                ending.to_uppercase(),
                format!("user_{ending}"),
                format!("user-{ending}2"),
                format!("{ending}_"),
                format!("the.{ending} "),
            ] {
                assert!(is_secret_key(&key), "{key}");
            }
        }
    }

    #[test]
    fn secrets_in_real_spellings() {
        for key in [
            "password",
            "Password",
            "newPassword",
            "old_password",
            "passwd",
            "db_pwd",
            "userPwd",
            "client_secret",
            "secret",
            "token",
            "access_token",
            "refreshToken",
            "id_token",
            "api_key",
            "apikey",
            "apiKey",
            "X-API-Key",
            "authorization",
            "Proxy-Authorization",
            "cookie",
            "Set-Cookie",
            "private_key",
            "credit_card",
            "card_number",
            "cardNumber",
            "cvv",
            "cvv2",
            "ssn",
            "user_ssn",
            "otp",
            "otp_code",
            "session_token",
            "csrf-token",
            "passphrase",
            "aws_secret_access_key",
            "recovery_codes",
            "password_hash",
            "pin",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn ordinary_keys_stay() {
        for key in [
            "",
            "a",
            "id",
            "token_type",
            "tokens_used",
            "token_count",
            "password_changed_at",
            "secretary",
            "passport_country",
            "reason",
            "session_id",
            "monkey",
            "key",
            "hash",
            "country_code",
            "status_code",
            "error_code",
            "class_n",
            "spin",
            "mapping",
            "japan",
            "laptop",
            "location",
            "version",
            "phone_number",
            "dashboard",
            "keyword",
            "record",
            "method",
            "user_agent",
            "postal_code",
            "serial_number",
            "timespan",
            "cookie_consent",
            "auth_method",
            "mfa_method",
            "author",
            "database",
            "release",
            "ping",
            "records_deleted",
            "resource",
            "old_role",
            "new_role",
            "ключ",
            "description",
            "origin",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }
}
