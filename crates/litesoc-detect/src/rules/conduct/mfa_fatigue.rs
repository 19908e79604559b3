//! MFA fatigue: somebody who knows the password asks for the second factor until its owner gives in.
//!
//! # What it sees
//!
//! `auth.mfa_challenge_failed` by account: 5 failed or denied within 10 minutes, the LiteSOC API's default.
//! `auth.mfa_challenge_sent` where applications report it: 6 sent and not answered within the same time, since prompts that
//! are let pass show up as nothing else. ATT&CK T1621.
//!
//! # Severity
//!
//! High. Critical when within 10 minutes of the last one a challenge is answered rightly or the account signs in: the owner
//! has probably given in. The success may arrive before the challenges it follows.
//! When the metadata says that codes were typed (`method` is `totp`, `sms`, `otp` and their like), nobody was worn down: that is
//! somebody who guesses or mistypes codes. It is medium then, and high when a success follows.
//!
//! # Suppressions and known costs
//!
//! * A telephone without network that is asked five times ends in a success and looks like the attack. Asking the owner settles
//!   it; marking the alert safe silences the account for a month.
//! * Where sign-ins are reported before the second factor was asked for, only an answered challenge counts as a success.
//! * Challenges that were answered rightly in between do not count as unanswered prompts.

use std::time::Duration;

use litesoc_model::{AlertSeverity, AlertType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Occasion;
use super::moments::{Moment, Moments};
use super::phrases;
use crate::finding::{Finding, SignalKind, WINDOW};
use crate::settings::{Problems, Section};
use crate::text::{duration, moment, times};

/// The name of the rule in an alert's evidence.
pub(crate) const NAME: &str = "mfa_fatigue";

/// A challenge that failed or was denied.
pub(crate) const FAILED: u32 = 1;
/// A code that was wrong.
pub(crate) const WRONG_CODE: u32 = 2;
/// A challenge that was sent.
pub(crate) const SENT: u32 = 3;
/// A challenge answered rightly.
pub(crate) const ANSWERED: u32 = 4;
/// A sign-in that succeeded.
pub(crate) const SIGNED_IN: u32 = 5;

/// How often a second factor may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MfaFatigue {
    /// Challenges failed or denied, 2 to 1,000: 5.
    pub failures: u32,
    /// Challenges sent and not answered, 2 to 1,000: 6.
    pub prompts: u32,
    /// The window of event time, and how long after it a success follows, 1 second to 24 hours: 10 minutes.
    #[serde(with = "crate::settings::span")]
    pub window: Duration,
}

impl Default for MfaFatigue {
    fn default() -> Self {
        Self { failures: 5, prompts: 6, window: Duration::from_secs(10 * 60) }
    }
}

impl Section for MfaFatigue {
    fn check(&self, problems: &mut Problems<'_>) {
        problems.count(self.failures, "failures");
        problems.count(self.prompts, "prompts");
        problems.window(self.window, "window");
    }
}

impl MfaFatigue {
    /// Events to remember of one account.
    pub(crate) fn capacity(&self) -> usize {
        2 * (self.failures + self.prompts) as usize + 4
    }
}

/// Whether codes were typed, as far as the metadata says.
pub(crate) fn is_code(method: Option<&str>) -> bool {
    const CODES: [&str; 9] =
        ["totp", "otp", "code", "sms", "email", "authenticator", "backup_code", "recovery_code", "hotp"];
    method.is_some_and(|method| CODES.contains(&&*method.to_lowercase().replace([' ', '-'], "_")))
}

/// The burst around the event, which may be one of its challenges or the success that follows.
pub(crate) fn examine(occasion: &Occasion<'_>, moments: &Moments) -> Option<Finding> {
    let settings = &occasion.scene.settings.mfa_fatigue;
    let at = occasion.at();
    // A success belongs to the challenges before it, so the search starts one window earlier and takes the fullest.
    let from = at.checked_sub(settings.window).unwrap_or(at);
    let anchors =
        moments.between(from, at).iter().filter(|moment| moment.tag <= SENT).map(|moment| moment.at);
    let burst =
        anchors.filter_map(|anchor| burst(moments, anchor, settings)).max_by_key(|burst| burst.count)?;
    let success = success_after(moments, &burst, settings);
    Some(tell(occasion, &burst, success))
}

/// The success that follows the burst.
///
/// Many applications report the sign-in when the password was right, before the second factor. There every attempt of the
/// attacker begins with one, so sign-ins prove nothing; one shortly before the first challenge shows that it is such an application.
fn success_after<'a>(moments: &'a Moments, burst: &Burst<'_>, settings: &MfaFatigue) -> Option<&'a Moment> {
    let first = burst.around.first().map_or(burst.last, |first| first.at);
    let before = first.checked_sub(Duration::from_secs(2 * 60)).unwrap_or(first);
    let reports_passwords = moments
        .between(before, burst.last)
        .iter()
        .any(|moment| moment.tag == SIGNED_IN && moment.at < burst.ripe_at);
    let until = burst.last.checked_add(settings.window).unwrap_or(burst.last);
    moments.between(burst.ripe_at, until).iter().find(|moment| {
        moment.tag == ANSWERED || (moment.tag == SIGNED_IN && !reports_passwords && moment.at >= burst.last)
    })
}

#[derive(Debug)]
struct Burst<'a> {
    count: usize,
    prompts: bool,
    codes: bool,
    around: &'a [Moment],
    /// When enough of them had happened.
    ripe_at: Timestamp,
    last: Timestamp,
}

fn burst<'a>(moments: &'a Moments, at: Timestamp, settings: &MfaFatigue) -> Option<Burst<'a>> {
    let around = moments.around(at, settings.window);
    let times = |wanted: &dyn Fn(u32) -> bool| {
        let matching = around.iter().filter(|moment| wanted(moment.tag));
        matching.map(|moment| moment.at).collect::<Vec<Timestamp>>()
    };
    let failed = times(&|tag| tag == FAILED || tag == WRONG_CODE);
    let answered = times(&|tag| tag == ANSWERED).len();
    let sent = times(&|tag| tag == SENT);
    let unanswered = sent.len().saturating_sub(answered);
    let (count, threshold, occurred, prompts) = if failed.len() >= settings.failures as usize {
        (failed.len(), settings.failures as usize, failed, false)
    } else if unanswered >= settings.prompts as usize {
        (unanswered, settings.prompts as usize, sent, true)
    } else {
        return None;
    };
    let codes = !prompts && around.iter().filter(|moment| moment.tag == WRONG_CODE).count() * 2 > count;
    let (ripe_at, last) = (*occurred.get(threshold - 1)?, *occurred.last()?);
    Some(Burst { count, prompts, codes, around, ripe_at, last })
}

fn tell(occasion: &Occasion<'_>, burst: &Burst<'_>, success: Option<&Moment>) -> Finding {
    let settings = &occasion.scene.settings.mfa_fatigue;
    let base = if burst.codes { AlertSeverity::Medium } else { AlertSeverity::High };
    let severity = if success.is_some() { phrases::worse(base) } else { base };
    let mut finding = phrases::finding(NAME, AlertType::MfaFatigue, severity);
    finding.technique = Some(if burst.codes { "T1110" } else { "T1621" }.into());
    let (who, count, span) = (occasion.who(), burst.count as u64, duration(settings.window));
    let what = match (burst.prompts, burst.codes) {
        (true, _) => times(count, "prompt unanswered", "prompts unanswered"),
        (false, true) => times(count, "wrong code", "wrong codes"),
        (false, false) => times(count, "challenge failed or denied", "challenges failed or denied"),
    };
    finding.title = match success {
        Some(_) => format!("Second factor of {who}: {what}, then a success"),
        None => format!("Second factor of {who}: {what}"),
    };
    let outcome = match success {
        Some(moment_of) => format!(
            " At {} one succeeded: the owner has probably given in, or the code was guessed. Ask the owner over another channel; \
             if it was not them, end the sessions, reset the password and renew the second factor.",
            moment(moment_of.at)
        ),
        None => " Whoever asks knows the password already: ask the owner, and reset the password if it was not them.".to_owned(),
    };
    let strange = occasion.signs(&[
        SignalKind::NewDevice,
        SignalKind::NewCountry,
        SignalKind::HiddenNetwork,
        SignalKind::ImpossibleTravel,
    ]);
    finding.description = format!(
        "The second factor of {who} was asked for again and again: {what} within {span}, the first at {}.{}{outcome}",
        moment(burst.around.first().map_or(burst.last, |first| first.at)),
        super::data_exfiltration::company(&strange),
    );
    finding.facts = phrases::facts([
        ("challenges", json!(count)),
        (WINDOW, json!(span)),
        ("succeeded", json!(success.is_some())),
    ]);
    finding.events = occasion.others(burst.around);
    finding
}
