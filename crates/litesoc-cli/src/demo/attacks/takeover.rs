//! Accounts are used by somebody else: far away, on a new device, with a second factor that was given away.

use litesoc::{AlertSeverity, AlertType, EventType};

use super::{BROWSER, Found, Stagecraft};
use crate::demo::geography::{BEHIND_TOR, IN_KUALA_LUMPUR, IN_REYKJAVIK};
use crate::demo::script::{Expected, Line, MINUTE};

const TRAVELLER: usize = 3;
const TAKEN: usize = 4;
const WORN: usize = 6;
/// Sign-ins by which the service knows the account that is taken over.
const HABIT: i64 = 14;
const PROMPTS: u64 = 8;
const OTHER_BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

/// A sign-in in Berlin, and 35 minutes later one in Kuala Lumpur.
pub(super) fn two_places_at_once(stage: &mut Stagecraft<'_>, found: &mut Found) {
    let (traveller, home) = (stage.name(TRAVELLER), stage.users[TRAVELLER].home);
    for number in 0..HABIT {
        let at = stage.start + 10 * MINUTE + number * 20 * MINUTE + stage.chance.between(0, 5 * MINUTE);
        stage.sign_in(at, &traveller, home, BROWSER);
    }
    let at = stage.chance.between(stage.start + 6 * 60 * MINUTE, stage.start + 14 * 60 * MINUTE);
    stage.sign_in(at, &traveller, home, BROWSER);
    stage.sign_in(at + 35 * MINUTE, &traveller, IN_KUALA_LUMPUR, OTHER_BROWSER);
    let expected = |story, alert_type, count| Expected {
        story,
        alert_type,
        severity: AlertSeverity::Medium,
        actor_id: Some(traveller.clone()),
        source_ip: Some(IN_KUALA_LUMPUR.to_string()),
        count,
    };
    // Medium because the organisation is known for a day; after its first weeks it would be high.
    let story = "impossible travel from Berlin to Kuala Lumpur";
    found.attacks.push(expected(story, AlertType::ImpossibleTravel, 2));
    found.signs.push(expected("a country new for the traveller", AlertType::GeoAnomaly, 1));
    found.signs.push(expected("and a device as well", AlertType::NewDevice, 1));
}

/// Hours after its last sign-in an account is used in Reykjavik on a new device, and its second factor is turned off.
pub(super) fn new_country_and_device(stage: &mut Stagecraft<'_>, found: &mut Found) {
    let (taken, home) = (stage.name(TAKEN), stage.users[TAKEN].home);
    for number in 0..HABIT {
        let at = stage.start + 10 * MINUTE + number * 30 * MINUTE + stage.chance.between(0, 5 * MINUTE);
        stage.sign_in(at, &taken, home, BROWSER);
    }
    let at = stage.chance.between(stage.start + 14 * 60 * MINUTE, stage.start + 20 * 60 * MINUTE);
    stage.sign_in(at, &taken, IN_REYKJAVIK, OTHER_BROWSER);
    stage.push(Line::new(at + 4 * MINUTE, EventType::AUTH_MFA_DISABLED, &taken, IN_REYKJAVIK));
    let expected = |story, alert_type, severity, count| Expected {
        story,
        alert_type,
        severity,
        actor_id: Some(taken.clone()),
        source_ip: Some(IN_REYKJAVIK.to_string()),
        count,
    };
    found.attacks.push(expected(
        "an account taken over: new country, new device, second factor turned off",
        AlertType::AccountCompromise,
        AlertSeverity::Critical,
        2,
    ));
    found.signs.push(expected(
        "the country is new for the account",
        AlertType::GeoAnomaly,
        AlertSeverity::Medium,
        1,
    ));
    found.signs.push(expected("so is the device", AlertType::NewDevice, AlertSeverity::Medium, 1));
}

/// Somebody who knows the password asks for the second factor until its owner gives in.
pub(super) fn worn_down(stage: &mut Stagecraft<'_>) -> Expected {
    let worn = stage.name(WORN);
    let mut at = stage.chance.between(stage.start + 3 * 60 * MINUTE, stage.start + 18 * 60 * MINUTE);
    for _ in 0..PROMPTS {
        let prompt = Line::new(at, EventType::AUTH_MFA_CHALLENGE_FAILED, &worn, BEHIND_TOR);
        stage.push(prompt.with("method", "push").with("reason", "denied"));
        at += stage.chance.between(20_000, 50_000);
    }
    let accepted = Line::new(at, EventType::AUTH_MFA_CHALLENGE_SUCCESS, &worn, BEHIND_TOR);
    stage.push(accepted.with("method", "push"));
    Expected {
        story: "the second factor asked for until its owner gave in",
        alert_type: AlertType::MfaFatigue,
        severity: AlertSeverity::Critical,
        actor_id: Some(worn),
        source_ip: Some(BEHIND_TOR.to_string()),
        // The answer that was right counts too.
        count: PROMPTS + 1,
    }
}
