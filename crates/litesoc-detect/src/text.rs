//! The words of an alert: a title for a list, a description that a tired person understands.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use litesoc_model::{AlertType, Timestamp};

use crate::Settings;
use crate::incident::Incident;
use crate::rules::brute_force::CREDENTIAL_STUFFING;
use crate::rules::instant;
use crate::story::{Cast, Story, Success};

/// Longest name shown, in characters.
const MAX_NAME: usize = 64;

/// Title, description and technique of an incident as it stands.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) technique: Option<Cow<'static, str>>,
}

impl Text {
    pub(crate) fn of(incident: &Incident, settings: &Settings) -> Self {
        if incident.story.failures > 0 {
            Self {
                title: attack_title(&incident.story, settings),
                description: attack_description(incident),
                technique: Some(attack_technique(&incident.story, settings).into()),
            }
        } else if let Some(words) = incident.words.as_ref().filter(|words| words.outweigh(&incident.noticed))
        {
            Self {
                title: words.title_with(incident.story.findings),
                description: words.description_with(incident.story.findings, incident.first_seen),
                technique: words.technique.clone(),
            }
        } else {
            let reports = &incident.story.reports;
            Self {
                title: notice_title(&incident.story),
                description: notice_description(incident),
                technique: reports
                    .keys()
                    .find_map(|event| event.info().and_then(|info| info.attack))
                    .map(Cow::Borrowed),
            }
        }
    }
}

fn is_spray(story: &Story, settings: &Settings) -> bool {
    story.accounts.count() >= u64::from(settings.password_spray.accounts)
}

fn attack_title(story: &Story, settings: &Settings) -> String {
    let sources = match story.addresses.count() {
        0 => "an unknown address".to_owned(),
        1 => first(&story.addresses),
        many => format!("{many} addresses"),
    };
    let mut title = match story.accounts.count() {
        0 => format!("Brute force from {sources}"),
        1 => format!("Brute force on {} from {sources}", first(&story.accounts)),
        many if is_stuffing(story) => format!("Credential stuffing on {many} accounts from {sources}"),
        many if is_spray(story, settings) => format!("Password spray on {many} accounts from {sources}"),
        many => format!("Brute force on {many} accounts from {sources}"),
    };
    if story.succeeded() > 0 {
        title.push_str(", then a successful sign-in");
    }
    title
}

fn is_stuffing(story: &Story) -> bool {
    story.rules.iter().any(|rule| rule == CREDENTIAL_STUFFING)
}

/// MITRE ATT&CK: T1110.004 credential stuffing, T1110.003 password spraying, T1110.001 password guessing, all under T1110 brute force.
fn attack_technique(story: &Story, settings: &Settings) -> &'static str {
    if is_stuffing(story) {
        "T1110.004"
    } else if is_spray(story, settings) {
        "T1110.003"
    } else if story.accounts.count() == 1 {
        "T1110.001"
    } else {
        "T1110"
    }
}

fn attack_description(incident: &Incident) -> String {
    let story = &incident.story;
    let mut text = format!(
        "{} on {} from {}, {}.",
        times(story.failures, "failed sign-in", "failed sign-ins"),
        cast(&story.accounts, "unnamed accounts", "the account", "accounts"),
        cast(&story.addresses, "an unknown address", "the address", "addresses"),
        span(incident.first_seen, incident.last_failure.max(incident.first_seen)),
    );
    let reported = story.reported();
    if reported > 0 {
        let _infallible =
            write!(text, " The application reported it too, {}.", times(reported, "time", "times"));
    }
    match story.successes.first() {
        Some(success) => text.push_str(&aftermath(story, success)),
        None if story.succeeded() > 0 => text.push_str(
            " A sign-in succeeded afterwards. End the sessions of the account, reset its password, block the source.",
        ),
        None if incident.wide => text.push_str(
            " No sign-in from one of them has succeeded since. Blocking single addresses will not end it: \
             ask for a second factor or a challenge while it goes on.",
        ),
        None => text.push_str(" No sign-in has succeeded since. Block the source if it goes on."),
    }
    text
}

fn aftermath(story: &Story, success: &Success) -> String {
    let who = success.actor.as_deref().map_or_else(|| "somebody".to_owned(), name);
    let source =
        success.ip.map_or_else(|| "an unknown address".to_owned(), |ip| ip.to_canonical().to_string());
    let others = match story.succeeded() - 1 {
        0 => String::new(),
        more => format!(" and {} after it", times(more, "more sign-in", "more sign-ins")),
    };
    format!(
        " Then {who} signed in from {source} at {}{others}: the password is probably known to the attacker. \
         End the sessions of the account, reset its password, block the source.",
        moment(success.at)
    )
}

fn notice_title(story: &Story) -> String {
    let who = subject(story);
    let deeds = story.reports.iter().map(|(event, count)| {
        let deed = instant::notice_of(event).map_or(event.as_str(), |notice| notice.deed);
        if *count > 1 { format!("{deed} {count} times") } else { deed.to_owned() }
    });
    format!("{who} {}", join(deeds))
}

fn notice_description(incident: &Incident) -> String {
    let story = &incident.story;
    let events = story.reports.iter().map(|(event, count)| match count {
        1 => event.to_string(),
        count => format!("{event} {count} times"),
    });
    let mut text = format!("The application reported {}", join(events));
    if story.accounts.count() > 0 {
        let _infallible = write!(text, " for {}", subject(story));
    }
    let from = cast(&story.addresses, "an unknown address", "the address", "addresses");
    let _infallible = write!(text, " from {from}, {}", span(incident.first_seen, incident.last_seen));
    if !story.detail.is_empty() {
        let _infallible = write!(text, " ({})", story.detail);
    }
    text.push_str(". ");
    text.push_str(advice(&incident.alert_type));
    text
}

fn advice(alert_type: &AlertType) -> &'static str {
    if *alert_type == AlertType::PrivilegeEscalation {
        "If nobody ordered it, take the rights back and end the sessions of the account."
    } else if *alert_type == AlertType::DataExfiltration {
        "If it is not their work, suspend the account and find out what was taken or lost."
    } else if *alert_type == AlertType::BruteForceAttack {
        "Look for a successful sign-in after it, and block the source."
    } else {
        "If it is not their work, look at what else the account did today."
    }
}

fn subject(story: &Story) -> String {
    if story.accounts.count() > 0 {
        first(&story.accounts)
    } else if story.addresses.count() > 0 {
        first(&story.addresses)
    } else {
        "Somebody".to_owned()
    }
}

fn first(cast: &Cast) -> String {
    cast.names.first().map_or_else(|| "somebody".to_owned(), |first| name(first))
}

/// `the account alice`; `12 accounts (alice, bob, carol and 9 more)`.
fn cast(cast: &Cast, none: &str, one: &str, many: &str) -> String {
    let count = cast.count();
    let named = cast.names.len() as u64;
    if count == 0 {
        return none.to_owned();
    }
    if count == 1 {
        return format!("{one} {}", first(cast));
    }
    let names: Vec<String> = cast.names.iter().map(|known| name(known)).collect();
    match (names.is_empty(), count.saturating_sub(named)) {
        (true, _) => format!("{count} {many}"),
        (false, 0) => format!("{count} {many} ({})", join(names.into_iter())),
        (false, more) => format!("{count} {many} ({} and {more} more)", names.join(", ")),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

pub(crate) fn times(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A name from an event, fit to stand in a sentence: control characters and blanks cannot forge other text.
pub(crate) fn name(raw: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-+@:/#~".contains(c);
    let end = raw.char_indices().nth(MAX_NAME).map_or(raw.len(), |(place, _)| place);
    let (cut, rest) = (&raw[..end], if end < raw.len() { "..." } else { "" });
    if cut.chars().all(plain) { [cut, rest].concat() } else { format!("{cut:?}{rest}") }
}

/// `2026-03-01 12:30:00 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default())
}

/// `at T` for a moment, else `within 4 min 10 s since T`.
fn span(from: Timestamp, to: Timestamp) -> String {
    match to.saturating_since(from) {
        Duration::ZERO => format!("at {}", moment(from)),
        long => format!("within {} since {}", duration(long), moment(from)),
    }
}

pub(crate) fn duration(long: Duration) -> String {
    let seconds = long.as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "1 s".to_owned(),
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_cannot_forge_text() {
        assert_eq!(name("alice@example.com"), "alice@example.com");
        assert_eq!(name("bob\n\u{1b}[31m was denied"), "\"bob\\n\\u{1b}[31m was denied\"");
        assert_eq!(name(&"x".repeat(200)), format!("{}...", "x".repeat(64)));
    }

    #[test]
    fn durations_read_like_speech() {
        let say = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!(
            [say(0), say(59), say(60), say(250), say(3_600), say(7_265)],
            ["1 s", "59 s", "1 min", "4 min 10 s", "1 h", "2 h 1 min"]
        );
    }
}
