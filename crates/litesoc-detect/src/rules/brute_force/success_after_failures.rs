//! A success that follows: the burst has probably found the password.
//!
//! Makes an open brute-force alert critical when, after its threshold was reached, a sign-in succeeds
//! from an address of the burst within the address rule's window (5 minutes) of one of its failures,
//! or on an account of the burst within the account rule's window (1 hour).
//! "An address of the burst" and "an account of the burst" are those whose rule fired: a success on one of fifty sprayed
//! accounts from its owner's own address is not the attacker's.
//! The LiteSOC API's detections ask for this; vendors that report only validated passwords after a spray do the same.
//!
//! A success before the threshold was reached changes nothing: that is a person who found the right password in the end.
//! Successes are remembered for a while, so that one that overtakes its failures on the way still counts.

use std::time::Duration;

use crate::failure::Track;
use crate::incident::Incident;
use crate::story::Success;

/// Whether this success follows the burst; `track` holds the failures of the subject it was seen on.
pub(crate) fn follows(
    incident: &Incident,
    track: Option<&Track>,
    window: Duration,
    success: &Success,
) -> bool {
    if !incident.takes_failures || success.at < incident.ripe_at {
        return false;
    }
    // The latest failure alone decides unless it happened after the success; then the ones before it are asked.
    let after_the_last =
        success.at >= incident.last_failure && success.at.saturating_since(incident.last_failure) <= window;
    after_the_last || track.is_some_and(|track| track.failed_before(success.at, window, incident.serial))
}
