//! The built-in rules that count in windows, as Sigma, with the thresholds in force.
//!
//! Sigma has words for what happens within so long, and none for what is usual: the exported rules are the counts alone,
//! without known sources, shared offices, learned baselines and the grouping of one attack that several rules see.

use std::time::Duration;

use litesoc_events::EventType;
use litesoc_sigma::{CorrelationKind, CorrelationText, DetectionText, Heading, Level, Status};

use crate::Settings;

/// The largest count of a correlation that reads back.
const LARGEST: u64 = 10_000;

/// One file of Sigma rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SigmaFile {
    /// A name for the file, such as `brute_force_address.yml`.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// The events that the exported rules count, and what they are called.
const EVENTS: [(&str, &str, &[EventType]); 6] = [
    ("failed_sign_in", "Failed sign-in", &[EventType::AUTH_LOGIN_FAILED]),
    ("successful_sign_in", "Successful sign-in", &[EventType::AUTH_LOGIN_SUCCESS]),
    ("failed_second_factor", "Second factor failed or denied", &[EventType::AUTH_MFA_CHALLENGE_FAILED]),
    ("rate_limit", "Rate limit exceeded", &[EventType::SECURITY_RATE_LIMIT_EXCEEDED]),
    ("sign_up", "Sign-up", &[EventType::ADMIN_USER_CREATED]),
    (
        "data_taken_out",
        "Data taken out",
        &[EventType::DATA_EXPORT, EventType::DATA_DOWNLOAD, EventType::DATA_SHARED],
    ),
];

/// The built-in rules that count in windows, as Sigma, with these thresholds.
///
/// The files refer to each other and have to be loaded together.
///
/// ```
/// use litesoc_detect::{Settings, export, sigma::RuleSet, taxonomy};
///
/// let files = export(&Settings::default());
/// let rules = RuleSet::parse_as(&taxonomy(), files.iter().map(|file| (&file.name, &file.text)))?;
/// assert!(rules.rules().iter().any(|rule| rule.title == "Failed sign-ins from one source"));
/// # Ok::<(), litesoc_detect::sigma::Faults>(())
/// ```
#[must_use]
pub fn export(settings: &Settings) -> Vec<SigmaFile> {
    let mut files = vec![events()];
    files.extend(guessing(settings));
    files.extend(sprays(settings));
    files.extend(conduct(settings));
    files
}

fn events() -> SigmaFile {
    let texts = EVENTS.map(|(name, title, events)| {
        DetectionText::new(Heading::new(title).name(name), "litesoc")
            .test("selection", "event", events.iter().map(EventType::as_str))
            .to_string()
    });
    SigmaFile { name: "events.yml".to_owned(), text: texts.join("---\n") }
}

/// Name, title, what it is about, technique and level of the exported rules.
#[rustfmt::skip]
const RULES: [(&str, &str, &str, &str, Level); 12] = [
    ("brute_force_address", "Failed sign-ins from one source", "Somebody tries passwords from one IPv4 address or one IPv6 network.", "t1110.001", Level::High),
    ("brute_force_account", "Failed sign-ins on one account", "Somebody tries passwords on one account, from wherever.", "t1110.001", Level::High),
    ("brute_force_pair", "Failed sign-ins on one account from one source", "Somebody tries passwords on one account from a source that may be its own.", "t1110.001", Level::High),
    ("brute_force_distributed", "Failed sign-ins on one account from many sources", "Somebody tries passwords on one account and changes the address.", "t1110.001", Level::High),
    ("success_after_failures", "Success after failed sign-ins on one account", "An account is signed in to after somebody tried passwords on it.", "t1110.001", Level::Critical),
    ("password_spray", "Password spray from one source", "Somebody tries a few passwords on many accounts from one source.", "t1110.003", Level::High),
    ("distributed_spray", "Password spray from many sources", "Somebody tries a few passwords on many accounts and changes the address.", "t1110.003", Level::High),
    ("credential_stuffing", "Credential stuffing from one source", "Somebody tries a list of names and passwords from one source.", "t1110.004", Level::High),
    ("mfa_fatigue", "Second factor asked for again and again", "Somebody who knows the password asks for the second factor until the owner gives in.", "t1621", Level::High),
    ("rate_limit_exceeded", "Rate limits hit again and again", "An account runs into rate limits and does not stop.", "t1499", Level::Medium),
    ("sign_up_velocity", "Many sign-ups from one source", "Many accounts are made in a short time from one source.", "t1136", Level::Medium),
    ("data_exfiltration", "Much data taken out by one account", "An account exports, downloads or shares often in a short time.", "t1567", Level::High),
];

/// The heading of an exported rule; of a part of one, its name alone.
fn heading(name: &str) -> Heading {
    match RULES.iter().find(|(known, ..)| *known == name) {
        Some((_, title, about, technique, level)) => Heading::new(*title)
            .name(name)
            .status(Status::Stable)
            .description(format!("{about} Counts alone: the built-in rule {name} also knows what is usual."))
            .tag(format!("attack.{technique}"))
            .level(*level),
        None => Heading::new(name.replace('_', " ")).name(name),
    }
}

/// Whole seconds, as a correlation has them; a longer window finds no less.
fn whole(window: Duration) -> Duration {
    Duration::from_secs(window.as_secs() + u64::from(window.subsec_nanos() > 0))
}

/// So many events of a group within a window.
fn count(name: &str, event: &str, group: &[&str], least: u32, window: Duration) -> CorrelationText {
    let text = CorrelationText::new(heading(name), CorrelationKind::EventCount, whole(window)).rule(event);
    let text = group.iter().fold(text, |text, field| text.group_by(*field));
    text.at_least(u64::from(least).clamp(1, LARGEST))
}

/// So many different values among the failed sign-ins of a group within a window.
fn values(name: &str, field: &str, group: &[&str], least: u32, window: Duration) -> CorrelationText {
    let text = CorrelationText::new(heading(name), CorrelationKind::ValueCount, whole(window));
    let text =
        group.iter().fold(text.rule("failed_sign_in").counted(field), |text, field| text.group_by(*field));
    text.at_least(u64::from(least).clamp(1, LARGEST))
}

/// Several counts that must be reached together, by their names.
fn together(
    kind: CorrelationKind,
    name: &str,
    group: &[&str],
    window: Duration,
    rules: &[&str],
    parts: &[CorrelationText],
) -> SigmaFile {
    let text = CorrelationText::new(heading(name), kind, whole(window));
    let text = group.iter().fold(text, |text, field| text.group_by(*field));
    let text = rules.iter().fold(text, |text, rule| text.rule(*rule));
    let texts: Vec<String> = std::iter::once(&text).chain(parts).map(ToString::to_string).collect();
    SigmaFile { name: format!("{name}.yml"), text: texts.join("---\n") }
}

fn file(name: &str, text: &CorrelationText) -> SigmaFile {
    SigmaFile { name: format!("{name}.yml"), text: text.to_string() }
}

/// Failed sign-ins by source and by account.
fn guessing(settings: &Settings) -> Vec<SigmaFile> {
    let (address, account) = (&settings.brute_force_address, &settings.brute_force_account);
    let (pair, many) = (&settings.brute_force_pair, &settings.brute_force_distributed);
    let failed = |name: &str, group: &[&str], least, window| {
        file(name, &count(name, "failed_sign_in", group, least, window))
    };
    let before =
        count("failures_before_success", "failed_sign_in", &["actor.id"], account.failures, account.window);
    vec![
        failed("brute_force_address", &["source"], address.failures, address.window),
        failed("brute_force_account", &["actor.id"], account.failures, account.window),
        failed("brute_force_pair", &["actor.id", "source"], pair.failures, pair.window),
        file(
            "brute_force_distributed",
            &values("brute_force_distributed", "source", &["actor.id"], many.many_sources, many.window),
        ),
        together(
            CorrelationKind::TemporalOrdered,
            "success_after_failures",
            &["actor.id"],
            account.window,
            &["failures_before_success", "successful_sign_in"],
            &[before],
        ),
    ]
}

/// Failed sign-ins on many accounts.
fn sprays(settings: &Settings) -> Vec<SigmaFile> {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let (one, many) = (&settings.password_spray, &settings.distributed_spray);
    let stuffing = &settings.credential_stuffing;
    vec![
        together(
            CorrelationKind::Temporal,
            "password_spray",
            &["source"],
            one.window,
            &["password_spray_failures", "password_spray_accounts"],
            &[
                count("password_spray_failures", "failed_sign_in", &["source"], one.failures, one.window),
                values("password_spray_accounts", "actor.id", &["source"], one.accounts, one.window),
            ],
        ),
        together(
            CorrelationKind::Temporal,
            "distributed_spray",
            &[],
            HOUR,
            &["distributed_spray_failures", "distributed_spray_sources", "distributed_spray_accounts"],
            &[
                count("distributed_spray_failures", "failed_sign_in", &[], many.failures, HOUR),
                values("distributed_spray_sources", "source", &[], many.sources, HOUR),
                values("distributed_spray_accounts", "actor.id", &[], many.accounts, HOUR),
            ],
        ),
        file(
            "credential_stuffing",
            &values("credential_stuffing", "actor.id", &["source"], stuffing.accounts, stuffing.window),
        ),
    ]
}

/// What accounts do once they are in, and before they are.
fn conduct(settings: &Settings) -> Vec<SigmaFile> {
    let (fatigue, limits) = (&settings.mfa_fatigue, &settings.rate_limit_exceeded);
    let (sign_ups, data) = (&settings.sign_up_velocity, &settings.data_exfiltration);
    [
        count("mfa_fatigue", "failed_second_factor", &["actor.id"], fatigue.failures, fatigue.window),
        count("rate_limit_exceeded", "rate_limit", &["actor.id"], limits.flood, limits.flood_window),
        count("sign_up_velocity", "sign_up", &["source"], sign_ups.sign_ups, sign_ups.window),
        count("data_exfiltration", "data_taken_out", &["actor.id"], data.events, data.window),
    ]
    .iter()
    .zip(["mfa_fatigue", "rate_limit_exceeded", "sign_up_velocity", "data_exfiltration"])
    .map(|(text, name)| file(name, text))
    .collect()
}
