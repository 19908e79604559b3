//! Passwords are guessed: of one account, of many, from many addresses.

use litesoc::{AlertSeverity, AlertType};

use super::{BROWSER, Stagecraft};
use crate::demo::geography::{BEHIND_A_VPN, IN_BUCHAREST, somewhere};
use crate::demo::script::{Expected, MINUTE};

const VICTIM: usize = 0;
const TARGET: usize = 2;
/// The first of those whose names are sprayed.
const SPRAYED: usize = 10;
const SPRAY_ACCOUNTS: usize = 40;
const GUESSES: u64 = 30;
/// Machines that guess together.
const MACHINES: usize = 24;

/// A brute force from a data centre that ends in a success.
pub(super) fn one_account_from_one_address(stage: &mut Stagecraft<'_>) -> Expected {
    let victim = stage.name(VICTIM);
    let mut at = stage.chance.between(stage.start + 60 * MINUTE, stage.start + 6 * 60 * MINUTE);
    for _ in 0..GUESSES {
        stage.failure(at, &victim, IN_BUCHAREST);
        at += stage.chance.between(2_000, 6_000);
    }
    stage.sign_in(at + 10_000, &victim, IN_BUCHAREST, BROWSER);
    Expected {
        story: "brute force on one account, ending in a success",
        alert_type: AlertType::BruteForceAttack,
        severity: AlertSeverity::Critical,
        actor_id: Some(victim),
        source_ip: Some(IN_BUCHAREST.to_string()),
        count: GUESSES,
    }
}

/// A password spray through a VPN.
pub(super) fn many_accounts_from_one_address(stage: &mut Stagecraft<'_>) -> Expected {
    let mut at = stage.chance.between(stage.start + 8 * 60 * MINUTE, stage.start + 14 * 60 * MINUTE);
    for user in SPRAYED..SPRAYED + SPRAY_ACCOUNTS {
        let name = stage.name(user);
        stage.failure(at, &name, BEHIND_A_VPN);
        at += stage.chance.between(3_000, 9_000);
    }
    Expected {
        story: "password spray from one address",
        alert_type: AlertType::BruteForceAttack,
        severity: AlertSeverity::High,
        actor_id: None,
        source_ip: Some(BEHIND_A_VPN.to_string()),
        count: SPRAY_ACCOUNTS as u64,
    }
}

/// Machines in three countries guess the password of one account, each a single time.
pub(super) fn one_account_from_many_addresses(stage: &mut Stagecraft<'_>) -> Expected {
    let target = stage.name(TARGET);
    let mut at = stage.chance.between(stage.start + 15 * 60 * MINUTE, stage.start + 20 * 60 * MINUTE);
    for machine in 0..MACHINES {
        stage.failure(at, &target, somewhere(machine));
        at += stage.chance.between(15_000, 45_000);
    }
    Expected {
        story: "one account guessed from 24 addresses in three countries",
        alert_type: AlertType::BruteForceAttack,
        severity: AlertSeverity::High,
        actor_id: Some(target),
        source_ip: None,
        count: MACHINES as u64,
    }
}
