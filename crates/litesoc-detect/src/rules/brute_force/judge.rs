//! [`judge`]: what the rules by source and the rules by account say about one failure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use litesoc_model::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::memory::{By, Memory, Standing};
use super::track::{Burst, Failure, Track};
use super::{account, address, credential_stuffing, distributed, pair, password_spray};
use crate::Settings;
use crate::incident::Serial;
use crate::key::Key;
use crate::scene::Scene;

/// Accounts that must have signed in before one that never did is telling.
const ACQUAINTED: u32 = 20;

/// What the rules found around one failure.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// That of the first rule that fired.
    pub(crate) burst: Burst,
    /// All that fired.
    pub(crate) rules: Vec<&'static str>,
    pub(crate) facts: Vec<(Cow<'static, str>, Value)>,
}

/// Adds up what several rules say.
#[derive(Debug, Default)]
struct Verdicts(Option<Verdict>);

impl Verdicts {
    fn add(&mut self, rule: &'static str, burst: Burst, facts: Vec<(Cow<'static, str>, Value)>) {
        let verdict = self.0.get_or_insert_with(|| Verdict { burst, rules: Vec::new(), facts: Vec::new() });
        verdict.rules.push(rule);
        verdict.facts.extend(facts);
    }
}

/// What the rules by source, or those by account, say about the failure at hand; `spent` are incidents that are over.
pub(crate) fn judge(
    memory: &Memory,
    by: By,
    key: Key,
    scene: &Scene<'_>,
    standing: Standing,
    spent: impl Fn(Serial) -> bool,
) -> Option<Verdict> {
    let live = |failure: &Failure| !failure.claim.is_some_and(&spent);
    let track = memory.track(by, key)?;
    let around = (scene.seen.at, scene.seen.event_id);
    let occasion = Occasion { around, standing, track, settings: scene.settings };
    let mut verdicts = Verdicts::default();
    match by {
        By::Address => by_address(memory, key, scene, &occasion, live, &mut verdicts),
        By::Account => by_account(memory, scene, &occasion, live, &mut verdicts),
    }
    verdicts.0
}

struct Occasion<'a> {
    around: (Timestamp, Uuid),
    standing: Standing,
    track: &'a Track,
    settings: &'a Settings,
}

impl Occasion<'_> {
    fn burst(
        &self,
        threshold: crate::settings::Threshold,
        counts: impl Fn(&Failure) -> bool,
    ) -> Option<Burst> {
        self.track.burst(self.around, threshold, self.settings.grouping, counts)
    }
}

fn by_address(
    memory: &Memory,
    key: Key,
    scene: &Scene<'_>,
    occasion: &Occasion<'_>,
    live: impl Fn(&Failure) -> bool,
    verdicts: &mut Verdicts,
) {
    let settings = occasion.settings;
    let Some(source) = memory.sources.get(key) else { return };
    let counts = |failure: &Failure| live(failure);
    let rule = settings.brute_force_address;
    let fast = occasion.burst(rule.threshold(), counts);
    if let Some(burst) = fast.filter(|burst| {
        source.mostly_fails(burst, rule.failing_percent) && weight(burst) >= rule.failures as usize
    }) {
        verdicts.add(address::NAME, burst, Vec::new());
    }
    let spray = settings.password_spray;
    let percent = spray.failing_percent;
    let hour = occasion.burst(spray.threshold(), counts).filter(|burst| {
        burst.others().len() >= spray.accounts as usize && source.mostly_fails(burst, percent)
    });
    let hours = || {
        occasion.burst(spray.patient(), counts).filter(|burst| {
            burst.others().len() >= spray.many_accounts as usize && source.mostly_fails_slowly(burst, percent)
        })
    };
    if let Some(burst) = hour.or_else(hours) {
        verdicts.add(password_spray::NAME, burst, Vec::new());
    }
    let stuffing = settings.credential_stuffing;
    let members = memory.organizations.get(scene.organization).map_or(0, |known| known.members);
    if members < ACQUAINTED {
        return;
    }
    let Some(burst) = occasion.burst(stuffing.threshold(), counts) else { return };
    let accounts = burst.others();
    let known = |account: &Key| memory.accounts.get(*account).is_some_and(|known| !known.known.is_empty());
    let unknown = accounts.iter().filter(|account| !known(account)).count();
    let one_each = 2 * burst.failures.len() <= 3 * accounts.len();
    let enough = accounts.len() >= stuffing.accounts as usize
        && unknown * 100 >= accounts.len() * usize::from(stuffing.unknown_percent);
    if one_each && enough && source.mostly_fails(&burst, settings.brute_force_address.failing_percent) {
        let fact = (Cow::from("accounts_that_never_signed_in"), Value::from(unknown));
        verdicts.add(credential_stuffing::NAME, burst, vec![fact]);
    }
}

/// How much the failures of a burst weigh for the rule by address: those that look like the owner of an account weigh as
/// much as one, however many there are.
fn weight(burst: &Burst) -> usize {
    let (familiar, strange): (Vec<&Failure>, Vec<&Failure>) =
        burst.failures.iter().partition(|failure| failure.known);
    let owners: BTreeSet<_> = familiar.iter().map(|failure| failure.other).collect();
    strange.len() + owners.len()
}

fn by_account(
    memory: &Memory,
    scene: &Scene<'_>,
    occasion: &Occasion<'_>,
    live: impl Fn(&Failure) -> bool,
    verdicts: &mut Verdicts,
) {
    let settings = occasion.settings;
    let account = scene.actor.and_then(|actor| memory.accounts.get(actor));
    let lenient = account
        .is_some_and(|account| account.known.had_another_password(scene.seen.at, &settings.known_sources));
    let counts = |failure: &Failure| !(lenient && failure.known) && live(failure);
    if let Some(burst) = occasion.burst(settings.brute_force_account.threshold(), counts) {
        verdicts.add(account::NAME, burst, Vec::new());
    }
    if let Some((source, _)) = scene.address {
        let same = |failure: &Failure| failure.known && failure.other == Some(source) && live(failure);
        let rule = settings.brute_force_pair;
        let lookalike = (occasion.standing == Standing::Plausible)
            .then(|| occasion.burst(rule.lookalike_threshold(), same))
            .flatten();
        if let Some(burst) = lookalike.or_else(|| occasion.burst(rule.threshold(), same)) {
            verdicts.add(pair::NAME, burst, Vec::new());
        }
    }
    let rule = settings.brute_force_distributed;
    let strange = |failure: &Failure| !failure.known && live(failure);
    let Some(burst) = occasion.burst(rule.threshold(), strange) else { return };
    let sources = burst.others().len();
    let failures = &burst.failures;
    let countries: BTreeSet<_> = failures.iter().map(|failure| failure.country).filter(known).collect();
    let networks: BTreeSet<_> = failures.iter().map(|failure| failure.network).filter(known).collect();
    let diverse = countries.len() >= rule.countries as usize
        || networks.len() >= rule.networks as usize
        || sources >= rule.many_sources as usize;
    if sources >= rule.sources as usize && diverse {
        let fact = |name: &'static str, count: usize| (Cow::from(name), Value::from(count));
        let facts = [fact("countries", countries.len()), fact("networks", networks.len())];
        let told = facts.into_iter().filter(|(_, count)| *count != 0);
        verdicts.add(distributed::NAME, burst.clone(), told.collect());
    }
}

fn known<T: Default + PartialEq>(value: &T) -> bool {
    *value != T::default()
}
