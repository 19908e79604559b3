//! A success that follows: the burst has probably found the password.
//!
//! **Makes** an open brute-force alert critical when, after its threshold was reached, a sign-in succeeds
//! from a source of the burst within the address rule's window (5 minutes) of one of its failures,
//! or on an account of the burst within the account rule's window (1 hour).
//! "A source of the burst" and "an account of the burst" are those whose rule fired: a success on one of fifty sprayed
//! accounts from its owner's own address is not the attacker's.
//! In a distributed spray it is a success from a source that failed, within the hour, on another account:
//! somebody who mistypes his own password during a spray is not the attacker.
//!
//! **Why so.** The LiteSOC API's detections ask for it; vendors that report only validated passwords after a spray do the same.
//!
//! **Keeps quiet** about sign-ins from a source that the account is known to use (see `known_sources`), and before the threshold
//! was reached: that is a person who found the right password in the end.
//! Also when the account's password was reset or changed between the last failure and the sign-in: whoever did that has not
//! guessed it. That a reset was merely asked for, which anybody may do, does not count where the event's name says so.
//! Successes are remembered for a while, so that one that overtakes its failures on the way still counts.
//!
//! **Costs.** The owner who signs in from a new place while somebody guesses his password makes the alert critical too.
//! Whoever guesses, then resets the password by the owner's mailbox, is told as high, and by the rules about what follows.
//! A spray that goes through a new proxy for every attempt shows no source twice; what follows it is seen by the rules about
//! new places and devices.
//!
//! **ATT&CK** T1110, then T1078 valid accounts.

use std::time::Duration;

use litesoc_model::Timestamp;

use super::organization::HOUR;
use super::track::Track;
use crate::incident::Incident;
use crate::story::Success;

/// Whether this success follows the burst; `track` holds the failures of the subject it was seen on, and `replaced` says whether
/// the account got another password between a failure and the success.
pub(crate) fn follows(
    incident: &Incident,
    track: Option<&Track>,
    window: Duration,
    success: &Success,
    replaced: impl Fn(Timestamp) -> bool,
) -> bool {
    if incident.wide || !incident.takes_failures || success.at < incident.ripe_at {
        return false;
    }
    // The latest failure alone decides unless it happened after the success; then the ones before it are asked.
    let latest = if success.at >= incident.last_failure {
        Some(incident.last_failure)
    } else {
        track.and_then(|track| track.before(success.at, window, incident.serial).next()).map(|known| known.at)
    };
    latest.is_some_and(|latest| success.at.saturating_since(latest) <= window && !replaced(latest))
}

/// Whether this success follows a distributed spray; `track` holds the failures of its source.
pub(crate) fn follows_spray(incident: &Incident, track: &Track, success: &Success) -> bool {
    incident.wide
        && success.at >= incident.ripe_at
        && track.before(success.at, HOUR, incident.serial).any(|failure| failure.other != success.account)
}
