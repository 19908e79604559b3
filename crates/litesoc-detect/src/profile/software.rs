//! [`Software`]: which browser on which system a user agent names, versions left aside.

use std::fmt;

/// Which browser on which system, in four bytes.
///
/// Versions are left aside: browsers update themselves every month, and a new version is no new device.
/// A user agent can be forged, so what it says tells apart and proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Software {
    browser: Browser,
    system: System,
    form: Form,
}

/// The family of a browser, or a program's own name as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Browser(u16);

/// The family of an operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct System(u8);

/// What it runs on: something on a desk, in a hand, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Form(u8);

const UNKNOWN_FORM: Form = Form(0);
const DESKTOP: Form = Form(1);
const PHONE: Form = Form(2);
const TABLET: Form = Form(3);
const TELEVISION: Form = Form(4);
const PROGRAM: Form = Form(5);

/// Browsers by name. A browser that stands later outweighs an earlier one in the same user agent: nearly all of them claim to
/// be Safari, those on its engine Chrome, and only the last word is true.
const BROWSERS: [&str; 26] = [
    "an unknown browser",
    "Internet Explorer",
    "Safari",
    "Chrome",
    "Firefox",
    "an Android app",
    "Electron",
    "Edge",
    "Opera",
    "Samsung Internet",
    "Vivaldi",
    "Yandex Browser",
    "UC Browser",
    "DuckDuckGo",
    "Brave",
    "Whale",
    "MIUI Browser",
    "Huawei Browser",
    "QQ Browser",
    "Silk",
    "Facebook",
    "Instagram",
    "Line",
    "WeChat",
    "headless Chrome",
    "a crawler",
];

/// Systems by name; a later one outweighs an earlier one: an iPhone says that it is like a Mac, Android that it is Linux.
const SYSTEMS: [&str; 10] = [
    "an unknown system",
    "Linux",
    "macOS",
    "Windows",
    "FreeBSD",
    "ChromeOS",
    "Android",
    "iOS",
    "HarmonyOS",
    "a television",
];

/// The number from which on a program is known by its own name.
const OWN_NAME: u16 = 0x8000;

impl Browser {
    fn of(token: &[u8]) -> u16 {
        match token {
            b"MSIE" | b"Trident" => 1,
            b"Safari" => 2,
            b"Chrome" | b"Chromium" | b"CriOS" => 3,
            b"Firefox" | b"FxiOS" | b"Focus" => 4,
            b"wv" => 5,
            b"Electron" => 6,
            b"Edg" | b"EdgA" | b"EdgiOS" | b"Edge" => 7,
            b"OPR" | b"Opera" | b"OPiOS" | b"OPT" | b"OPX" => 8,
            b"SamsungBrowser" => 9,
            b"Vivaldi" => 10,
            b"YaBrowser" => 11,
            b"UCBrowser" => 12,
            b"DuckDuckGo" | b"Ddg" => 13,
            b"Brave" => 14,
            b"Whale" => 15,
            b"MiuiBrowser" => 16,
            b"HuaweiBrowser" => 17,
            b"QQBrowser" | b"MQQBrowser" => 18,
            b"Silk" => 19,
            b"FBAN" | b"FBAV" | b"FB_IAB" => 20,
            b"Instagram" => 21,
            b"Line" => 22,
            b"MicroMessenger" => 23,
            b"HeadlessChrome" => 24,
            b"Googlebot" | b"bingbot" | b"compatible;bot" => 25,
            _ => 0,
        }
    }
}

impl System {
    fn of(token: &[u8]) -> u8 {
        match token {
            b"Linux" | b"X11" | b"Ubuntu" | b"Fedora" | b"Debian" | b"linux" => 1,
            b"Macintosh" | b"Darwin" | b"macOS" | b"darwin" => 2,
            b"Windows" | b"Win64" | b"windows" | b"win32" => 3,
            b"FreeBSD" | b"OpenBSD" | b"NetBSD" => 4,
            b"CrOS" => 5,
            b"Android" | b"android" | b"okhttp" | b"Dalvik" => 6,
            b"iPhone" | b"iPad" | b"iPod" | b"iOS" | b"CFNetwork" => 7,
            b"HarmonyOS" | b"OpenHarmony" => 8,
            b"Tizen" | b"Web0S" | b"WebOS" | b"SmartTV" | b"AppleTV" | b"Roku" => 9,
            _ => 0,
        }
    }
}

/// Which bytes make up words; what a user agent is read by, byte for byte.
static IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

impl Software {
    /// Reads a user agent. Every text has an answer.
    pub(crate) fn of(user_agent: &str) -> Self {
        let mut found = Self::default();
        let (mut phone, mut tablet) = (false, false);
        let tokens = user_agent.as_bytes().split(|byte| !IN_WORD[usize::from(*byte)]);
        for token in tokens.filter(|token| token.len() > 1 && !token[0].is_ascii_digit()) {
            found.browser.0 = found.browser.0.max(Browser::of(token));
            found.system.0 = found.system.0.max(System::of(token));
            phone |= matches!(token, b"Mobile" | b"iPhone" | b"iPod" | b"CFNetwork" | b"okhttp" | b"Dalvik");
            tablet |= matches!(token, b"iPad" | b"Tablet");
        }
        let first = own_name(user_agent);
        if found.browser.0 == 0 && !first.is_empty() && first != "Mozilla" {
            found.browser.0 = OWN_NAME | (digest(first) & 0x7fff) as u16;
        }
        found.form = match found.system.0 {
            _ if tablet => TABLET,
            _ if phone => PHONE,
            6..=8 => TABLET,
            9 => TELEVISION,
            1..=5 => DESKTOP,
            _ if found.browser.0 >= OWN_NAME => PROGRAM,
            _ => UNKNOWN_FORM,
        };
        found
    }

    /// All of it as a number.
    pub(crate) const fn key(self) -> u32 {
        (self.browser.0 as u32) << 16 | (self.system.0 as u32) << 8 | self.form.0 as u32
    }

    /// All of it as a shorter number that nearly always tells it apart; never 0.
    pub(crate) fn short(self) -> u16 {
        (digest_bytes(&self.key().to_le_bytes()) as u16).max(1)
    }

    /// What [`key`](Self::key) made.
    pub(crate) const fn from_key(key: u32) -> Self {
        Self { browser: Browser((key >> 16) as u16), system: System((key >> 8) as u8), form: Form(key as u8) }
    }

    pub(crate) fn same_browser(self, other: Self) -> bool {
        self.browser == other.browser
    }

    pub(crate) fn same_system(self, other: Self) -> bool {
        self.system == other.system
    }

    /// Whether it runs on a telephone.
    pub(crate) fn is_telephone(self) -> bool {
        self.form == PHONE
    }

    pub(crate) fn same_form(self, other: Self) -> bool {
        self.form == other.form
    }

    /// `Chrome on Windows`, for a sentence; `user_agent` is what it was read from.
    pub(crate) fn describe(self, user_agent: &str) -> String {
        match self.browser.0 {
            0 if self.system.0 == 0 => "an unknown browser".to_owned(),
            OWN_NAME.. => crate::text::name(own_name(user_agent)),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let browser = BROWSERS.get(usize::from(self.browser.0)).unwrap_or(&"an app");
        match SYSTEMS.get(usize::from(self.system.0)).filter(|_| self.system.0 > 0) {
            Some(system) => write!(f, "{browser} on {system}"),
            None => f.write_str(browser),
        }
    }
}

/// The name in front, such as `AcmeApp` in `AcmeApp/3.2 (iOS 17)`.
fn own_name(user_agent: &str) -> &str {
    let end = user_agent.find(|c: char| c == '/' || c.is_whitespace() || c.is_control());
    &user_agent[..end.unwrap_or(user_agent.len())]
}

/// A text as a number.
///
/// Nothing is to be gained by making two texts collide on purpose: an id of a device is not known to whoever does not have it,
/// and a user agent can simply be copied.
pub(crate) fn digest(text: &str) -> u32 {
    digest_bytes(text.as_bytes())
}

/// Bytes as a number, as [`digest`] does it; never 0, which stands for none.
///
/// Eight bytes at a time are multiplied by an odd constant and both halves of the product folded together, as wyhash does
/// (Wang Yi 2019); byte by byte a user agent would take longer than all else that is asked about it.
pub(crate) fn digest_bytes(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut value = fold(bytes.len() as u64);
    for word in words.iter().chain([&last]) {
        value = fold(value ^ u64::from_le_bytes(*word));
    }
    (((value >> 32) ^ value) as u32).max(1)
}

fn fold(value: u64) -> u64 {
    let product = u128::from(value ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    ((product >> 64) ^ product) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHROME_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

    #[test]
    fn the_last_word_of_a_user_agent_is_true() {
        let told = |agent: &str| Software::of(agent).describe(agent);
        assert_eq!(told(CHROME_WINDOWS), "Chrome on Windows");
        assert_eq!(told(&format!("{CHROME_WINDOWS} Edg/126.0.2592.68")), "Edge on Windows");
        assert_eq!(told(&format!("{CHROME_WINDOWS} OPR/111.0.0.0")), "Opera on Windows");
        assert_eq!(
            told(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iOS"
        );
        assert_eq!(
            told(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/126.0 Mobile/15E148 Safari/604.1"
            ),
            "Chrome on iOS"
        );
        assert_eq!(
            told("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0"),
            "Firefox on macOS"
        );
        assert_eq!(
            told(
                "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet on Android"
        );
        assert_eq!(
            told("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"),
            "Internet Explorer on Windows"
        );
        assert_eq!(told("curl/8.5.0"), "curl");
        assert_eq!(told("AcmeApp/3.2 (build 7)"), "AcmeApp");
        assert_eq!(told("Mozilla/5.0"), "an unknown browser");
        assert_eq!(told(""), "an unknown browser");
    }

    #[test]
    fn a_new_version_is_the_same_software_and_another_program_is_not() {
        assert_eq!(
            Software::of(CHROME_WINDOWS),
            Software::of(&CHROME_WINDOWS.replace("126.0.0.0", "131.2.7.1"))
        );
        assert_eq!(Software::of("curl/8.5.0"), Software::of("curl/8.6.0"));
        assert_ne!(Software::of("curl/8.5.0"), Software::of("AcmeApp/8.5.0"));
        assert_ne!(
            Software::of(CHROME_WINDOWS),
            Software::of(&CHROME_WINDOWS.replace("Windows NT 10.0; Win64; x64", "X11; Linux"))
        );
    }

    #[test]
    fn phones_tablets_and_desks_are_told_apart() {
        let form = |agent: &str| Software::of(agent).form;
        assert_eq!(form(CHROME_WINDOWS), DESKTOP);
        assert_eq!(form("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36"), PHONE);
        assert_eq!(form("Mozilla/5.0 (Linux; Android 14; SM-X710) Chrome/126.0 Safari/537.36"), TABLET);
        assert_eq!(
            form("Mozilla/5.0 (iPad; CPU OS 16_1 like Mac OS X) Version/16.1 Mobile/1 Safari/6"),
            TABLET
        );
        assert_eq!(form("Mozilla/5.0 (Web0S; Linux/SmartTV) Chrome/94.0 Safari/537.36"), TELEVISION);
        assert_eq!(form("python-requests/2.32"), PROGRAM);
    }

    proptest! {
        #[test]
        fn every_text_has_an_answer_that_fits_in_a_sentence(agent in any::<String>()) {
            let software = Software::of(&agent);
            let told = software.describe(&agent);
            prop_assert!(!told.is_empty() && !told.contains(char::is_control));
            prop_assert_eq!(Software::from_key(software.key()), software);
        }
    }
}
