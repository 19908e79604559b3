//! Browsers and systems, and the user agents they send.

/// Where a device is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Computer,
    Phone,
}

/// A browser on a system.
#[derive(Debug, PartialEq)]
pub(crate) struct Make {
    pub(crate) form: Form,
    /// The system and the browser in a word each: what stays when versions change.
    pub(crate) family: &'static str,
    /// The user agent; `{}` stands for the browser's major version.
    pattern: &'static str,
    /// The major version on the first day of the lab.
    first_version: u32,
    /// Days between two major versions.
    days_a_version: i64,
    /// Share of the people with a device of this form, in per cent, roughly as published by counters of web traffic.
    pub(crate) share: f64,
}

const fn make(
    form: Form,
    family: &'static str,
    pattern: &'static str,
    first_version: u32,
    days_a_version: i64,
    share: f64,
) -> Make {
    Make { form, family, pattern, first_version, days_a_version, share }
}

/// The devices people have.
#[rustfmt::skip]
pub(crate) static MAKES: &[Make] = &[
    make(Form::Computer, "Windows Chrome", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", 142, 28, 44.0),
    make(Form::Computer, "Windows Edge", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36 Edg/{}.0.0.0", 142, 28, 13.0),
    make(Form::Computer, "Windows Firefox", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{}.0) Gecko/20100101 Firefox/{}.0", 145, 28, 6.0),
    make(Form::Computer, "macOS Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Safari/605.1.15", 26, 180, 14.0),
    make(Form::Computer, "macOS Chrome", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", 142, 28, 14.0),
    make(Form::Computer, "macOS Firefox", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:{}.0) Gecko/20100101 Firefox/{}.0", 145, 28, 3.0),
    make(Form::Computer, "Linux Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0", 145, 28, 3.0),
    make(Form::Computer, "Linux Chrome", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", 142, 28, 3.0),
    make(Form::Phone, "Android Chrome", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36", 142, 28, 52.0),
    make(Form::Phone, "iOS Safari", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Mobile/15E148 Safari/604.1", 26, 180, 36.0),
    make(Form::Phone, "iOS Chrome", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/{}.0.7444.46 Mobile/15E148 Safari/604.1", 142, 28, 5.0),
    make(Form::Phone, "Android Samsung", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/{}.0 Chrome/136.0.0.0 Mobile Safari/537.36", 28, 90, 7.0),
];

impl Make {
    /// What it sends on a day of the lab, when its owner updates it this many days after a release.
    pub(crate) fn user_agent(&self, day: i64, lag_days: i64) -> String {
        let version = i64::from(self.first_version) + (day - lag_days).max(0) / self.days_a_version;
        self.pattern.replace("{}", &version.to_string())
    }
}
