//! [`judge`]: what the rules by source and the rules by account say about one failure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use litesoc_model::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::memory::{By, Memory, Standing};
use super::source::Source;
use super::track::{Burst, Counted, Failure, Track};
use super::{account, address, credential_stuffing, distributed, pair, password_spray};
use crate::Settings;
use crate::incident::Serial;
use crate::key::Key;
use crate::scene::Scene;
use crate::settings::Threshold;

/// Accounts that must have signed in before one that never did is telling.
const ACQUAINTED: u32 = 20;

/// Figures behind the text of an alert, by name.
pub(crate) type Facts = Vec<(Cow<'static, str>, Value)>;

/// What the rules found around one failure.
#[derive(Debug)]
pub(crate) struct Verdict<'a> {
    /// That of the first rule that fired.
    pub(crate) burst: Burst<'a>,
    /// All that fired.
    pub(crate) rules: Vec<&'static str>,
    pub(crate) facts: Facts,
}

/// Adds up what several rules say.
#[derive(Debug, Default)]
struct Verdicts<'a>(Option<Verdict<'a>>);

impl<'a> Verdicts<'a> {
    fn add(&mut self, rule: &'static str, burst: Burst<'a>, facts: Facts) {
        let verdict = self.0.get_or_insert_with(|| Verdict { burst, rules: Vec::new(), facts: Vec::new() });
        verdict.rules.push(rule);
        verdict.facts.extend(facts);
    }
}

/// What the rules by source, or those by account, say about the failure at hand; `spent` are incidents that are over.
pub(crate) fn judge<'a>(
    memory: &'a Memory,
    by: By,
    key: Key,
    scene: &Scene<'_>,
    standing: Standing,
    spent: impl Fn(Serial) -> bool,
) -> Option<Verdict<'a>> {
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

/// The failure at hand among those of its source or account.
struct Occasion<'a, 's> {
    around: (Timestamp, Uuid),
    standing: Standing,
    track: &'a Track,
    settings: &'s Settings,
}

impl<'a> Occasion<'a, '_> {
    fn counted(&self, least: u32, counts: impl Fn(&Failure) -> bool) -> Option<Counted<'a>> {
        self.track.counted(self.around, least, counts)
    }
}

fn by_address<'a>(
    memory: &Memory,
    key: Key,
    scene: &Scene<'_>,
    occasion: &Occasion<'a, '_>,
    live: impl Fn(&Failure) -> bool,
    verdicts: &mut Verdicts<'a>,
) {
    let settings = occasion.settings;
    let Some(source) = memory.sources.get(key) else { return };
    let (rule, spray) = (settings.brute_force_address, settings.password_spray);
    let stuffing = settings.credential_stuffing.threshold();
    let thresholds = [rule.threshold(), spray.threshold(), spray.patient(), stuffing];
    let least = thresholds.iter().map(|threshold| threshold.failures).min().unwrap_or(0);
    let Some(counted) = occasion.counted(least, live) else { return };
    let fast = counted.burst(rule.threshold(), settings.grouping);
    if let Some(burst) = fast.filter(|burst| {
        source.mostly_fails(burst, rule.failing_percent) && weight(burst) >= rule.failures as usize
    }) {
        verdicts.add(address::NAME, burst, Vec::new());
    }
    let percent = spray.failing_percent;
    let hour = counted.burst(spray.threshold(), settings.grouping).filter(|burst| {
        burst.others().len() >= spray.accounts as usize && source.mostly_fails(burst, percent)
    });
    let hours = || {
        counted.burst(spray.patient(), settings.grouping).filter(|burst| {
            burst.others().len() >= spray.many_accounts as usize && source.mostly_fails_slowly(burst, percent)
        })
    };
    if let Some(burst) = hour.or_else(hours) {
        verdicts.add(password_spray::NAME, burst, Vec::new());
    }
    let members = memory.organizations.get(scene.organization).map_or(0, |known| known.members);
    let stuffing = counted.burst(stuffing, settings.grouping);
    if let Some(burst) = stuffing.filter(|_| members >= ACQUAINTED)
        && let Some(unknown) = stuffed(memory, source, &burst, settings)
    {
        let fact = (Cow::from("accounts_that_never_signed_in"), Value::from(unknown));
        verdicts.add(credential_stuffing::NAME, burst, vec![fact]);
    }
}

/// How many accounts of a burst never signed in, when they are so many that the names are none of the organisation's.
fn stuffed(memory: &Memory, source: &Source, burst: &Burst<'_>, settings: &Settings) -> Option<usize> {
    let rule = settings.credential_stuffing;
    let accounts = burst.others();
    let one_each = 2 * burst.failures.len() <= 3 * accounts.len();
    if !one_each
        || accounts.len() < rule.accounts as usize
        || !source.mostly_fails(burst, settings.brute_force_address.failing_percent)
    {
        return None;
    }
    let known = |account: &Key| memory.accounts.get(*account).is_some_and(|known| !known.known.is_empty());
    let most_known = accounts.len() * usize::from(100 - rule.unknown_percent.min(100)) / 100;
    // Each is looked up somewhere else in memory, so nobody asks for more than it takes to know.
    let known = accounts.iter().filter(|account| known(account)).take(most_known + 1).count();
    (known <= most_known).then(|| accounts.len() - known)
}

/// How much the failures of a burst weigh for the rule by address: those that look like the owner of an account weigh as
/// much as one, however many there are.
fn weight(burst: &Burst<'_>) -> usize {
    let (familiar, strange): (Vec<&Failure>, Vec<&Failure>) =
        burst.failures.iter().partition(|failure| failure.known);
    let owners: BTreeSet<_> = familiar.iter().map(|failure| failure.other).collect();
    strange.len() + owners.len()
}

fn by_account<'a>(
    memory: &Memory,
    scene: &Scene<'_>,
    occasion: &Occasion<'a, '_>,
    live: impl Fn(&Failure) -> bool,
    verdicts: &mut Verdicts<'a>,
) {
    let settings = occasion.settings;
    let account = scene.actor.and_then(|actor| memory.accounts.get(actor));
    let lenient = account
        .is_some_and(|account| account.known.had_another_password(scene.seen.at, &settings.known_sources));
    let burst = |counts: &dyn Fn(&Failure) -> bool, threshold: Threshold| {
        let counted = occasion.counted(threshold.failures, |failure| counts(failure) && live(failure))?;
        counted.burst(threshold, settings.grouping)
    };
    let counts = |failure: &Failure| !(lenient && failure.known);
    if let Some(burst) = burst(&counts, settings.brute_force_account.threshold()) {
        verdicts.add(account::NAME, burst, Vec::new());
    }
    if let Some((source, _)) = scene.address {
        let same = |failure: &Failure| failure.known && failure.other == Some(source);
        let rule = settings.brute_force_pair;
        let lookalike = (occasion.standing == Standing::Plausible)
            .then(|| burst(&same, rule.lookalike_threshold()))
            .flatten();
        if let Some(burst) = lookalike.or_else(|| burst(&same, rule.threshold())) {
            verdicts.add(pair::NAME, burst, Vec::new());
        }
    }
    let rule = settings.brute_force_distributed;
    let Some(burst) = burst(&|failure| !failure.known, rule.threshold()) else { return };
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
