//! [`Memory`]: all that the brute-force rules remember.

use std::io;

use litesoc_events::EventType;
use litesoc_model::Timestamp;
use uuid::Uuid;

use super::acquaintance::{Account, Failing};
use super::organization::{HOUR, Organization};
use super::source::{Source, remember};
use super::track::{Failure, Track};
use crate::incident::Serial;
use crate::key::Key;
use crate::scene::Scene;
use crate::settings::Capacity;
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::story::{Story, Success};
use crate::table::Table;
use crate::{Remembered, RestoreError};

/// The number of the accounts' table in a spill.
const SHELF: u8 = 2;

/// All that the brute-force rules remember.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) sources: Table<Source>,
    pub(crate) accounts: Table<Account>,
    /// The latest sign-ins of accounts from sources new to them, by account, for failures that arrive after them.
    pub(crate) strangers: Table<Vec<Success>>,
    pub(crate) organizations: Table<Organization>,
}

/// Whose failures a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Address,
    Account,
}

/// What a failure is to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The account is not known to use the source.
    Stranger,
    /// Neither is it, but the event shows a device and a country that are usual for its owner.
    Plausible,
    /// Neither is it, but the event shows a device and a network that are usual for its owner.
    Familiar,
    /// It is.
    Known,
    /// It is, and its password was reset a moment ago.
    Forgiven,
}

impl Standing {
    /// Whether the account is not known to use the source, whatever it looks like.
    pub(crate) const fn is_new(self) -> bool {
        matches!(self, Self::Stranger | Self::Plausible | Self::Familiar)
    }
}

impl Memory {
    pub(crate) fn new(capacity: &Capacity) -> Self {
        Self {
            sources: Table::new(capacity.addresses, Shelf::default()),
            accounts: Table::new(capacity.accounts, Shelf::default()),
            strangers: Table::new(capacity.successes, Shelf::default()),
            organizations: Table::new(capacity.organizations, Shelf::default()),
        }
    }

    /// Whether the account of the event is known to use its source.
    pub(crate) fn standing(&self, scene: &Scene<'_>) -> Standing {
        let (Some(actor), Some((source, _))) = (scene.actor, scene.address) else {
            return Standing::Stranger;
        };
        let Some(account) = self.accounts.get(actor) else { return Standing::Stranger };
        let (at, settings) = (scene.seen.at, &scene.settings.known_sources);
        match account.known.knows(source, at, settings) {
            true if account.known.forgives(at, settings) => Standing::Forgiven,
            true => Standing::Known,
            false => Standing::Stranger,
        }
    }

    /// Whether this very failure is remembered already: the sender tried again, and nobody dropped the repeat.
    pub(crate) fn has_seen(&self, scene: &Scene<'_>) -> bool {
        let (at, event_id) = (scene.seen.at, scene.seen.event_id);
        let source = scene.address.and_then(|(key, _)| self.track(By::Address, key));
        let account = scene.actor.and_then(|key| self.track(By::Account, key));
        [source, account].into_iter().flatten().any(|track| track.get(at, event_id).is_some())
    }

    /// Remembers a failure under its source and under its account.
    pub(crate) fn fails(&mut self, scene: &Scene<'_>, claim: Option<Serial>, standing: Standing) {
        let seen = scene.seen;
        let enrichment = seen.enrichment;
        let country = enrichment.and_then(|known| known.place.as_ref()?.country_code.as_deref());
        let failure = |other| Failure {
            at: seen.at,
            event_id: seen.event_id,
            other,
            claim,
            known: standing != Standing::Stranger,
            country: country.and_then(|code| code.as_bytes().try_into().ok()).unwrap_or_default(),
            network: enrichment.and_then(|known| known.network.asn).unwrap_or(0),
        };
        let capacity = scene.settings.capacity.failures_per_key;
        // The rules by source leave known pairs out, and a busy office must not push an attacker's failures out of memory.
        let new = scene.address.filter(|_| standing.is_new());
        if let (Some((key, group)), Some(ip)) = (new, seen.ip) {
            let failure = failure(scene.actor);
            let new = || Source::new(group, ip);
            self.sources.update(scene.organization, key, new, |source| {
                source.track.insert(failure, capacity);
                source.crowd.fails(seen.at);
            });
        }
        if let (Some(key), Some(name)) = (scene.actor, seen.actor) {
            let failure = failure(scene.address.map(|(key, _)| key));
            self.accounts.update(scene.organization, key, Account::default, |account| {
                let new = || Box::new(Failing { name: name.into(), track: Track::default() });
                account.failing.get_or_insert_with(new).track.insert(failure, capacity);
            });
        }
    }

    /// Remembers a sign-in; more of it when it is that of a stranger.
    pub(crate) fn signs_in(&mut self, scene: &Scene<'_>, stranger: Option<&Success>) {
        let at = scene.seen.at;
        if let (Some((key, group)), Some(ip)) = (scene.address, scene.seen.ip) {
            let new = || Source::new(group, ip);
            self.sources.update(scene.organization, key, new, |source| {
                if let Some(actor) = scene.actor {
                    source.crowd.signs_in(at, actor);
                }
                if let Some(success) = stranger {
                    source.remember(success.clone());
                }
            });
        }
        if let (Some(actor), Some(success)) = (scene.actor, stranger) {
            let late = |recent: &mut Vec<Success>| remember(recent, success.clone());
            self.strangers.update(scene.organization, actor, Vec::new, late);
            let organization = scene.organization;
            let new = Organization::default;
            self.organizations.update(organization, organization, new, |known| known.signs_in(at));
        }
    }

    /// Learns that the account uses the source.
    pub(crate) fn acquaint(&mut self, scene: &Scene<'_>) {
        let (Some(actor), Some((source, _))) = (scene.actor, scene.address) else { return };
        let organization = scene.organization;
        let new = self.accounts.update(organization, actor, Account::default, |account| {
            let new = account.known.is_empty();
            account.known.signs_in(source, scene.seen.at);
            new
        });
        if new {
            let member = |known: &mut Organization| known.members = known.members.saturating_add(1);
            self.organizations.update(organization, organization, Organization::default, member);
        }
    }

    /// Learns that a reset of the account's password was asked for or done.
    pub(crate) fn resets(&mut self, scene: &Scene<'_>) {
        let seen = scene.seen;
        let only_asked_for = *seen.event == EventType::AUTH_PASSWORD_RESET_REQUESTED
            || seen.original.is_some_and(|name| name.ends_with("requested"));
        if let Some(account) = scene.actor.and_then(|actor| self.accounts.get_mut(actor)) {
            account.known.resets(seen.at);
            if !only_asked_for {
                account.known.replaces(seen.at);
            }
        }
    }

    /// Whether the account got another password between a failure and a success that came after it.
    pub(crate) fn was_replaced_between(&self, account: Key, failure: Timestamp, success: Timestamp) -> bool {
        self.accounts.get(account).is_some_and(|known| known.known.was_replaced_between(failure, success))
    }

    /// How often the account failed from the source of this sign-in within the hour before, since its password was replaced.
    pub(crate) fn tries(&self, scene: &Scene<'_>) -> usize {
        let (Some(actor), Some((source, _))) = (scene.actor, scene.address) else { return 0 };
        let Some(account) = self.accounts.get(actor) else { return 0 };
        let at = scene.seen.at;
        let failures = account.failing.iter().flat_map(|failing| failing.track.latest(at, HOUR));
        let since = failures.take_while(|failure| !account.known.was_replaced_between(failure.at, at));
        since.filter(|failure| failure.other == Some(source)).count()
    }

    /// Whether a failure from the source was nothing like the owner of the account.
    pub(crate) fn has_strange_failure(&self, source: Key) -> bool {
        self.track(By::Address, source).is_some_and(Track::has_strange)
    }

    pub(crate) fn track(&self, by: By, key: Key) -> Option<&Track> {
        match by {
            By::Address => self.sources.get(key).map(|source| &source.track),
            By::Account => Some(&self.accounts.get(key)?.failing.as_ref()?.track),
        }
    }

    fn track_mut(&mut self, by: By, key: Key) -> Option<&mut Track> {
        match by {
            By::Address => self.sources.get_mut(key).map(|source| &mut source.track),
            By::Account => Some(&mut self.accounts.get_mut(key)?.failing.as_mut()?.track),
        }
    }

    /// The name of a source or an account in a fingerprint.
    pub(crate) fn subject(&self, by: By, key: Key) -> String {
        let name = match by {
            By::Address => self.sources.get(key).map(|source| format!("ip:{}", source.group)),
            By::Account => self.failing(key).map(|failing| format!("actor:{}", failing.name)),
        };
        name.unwrap_or_else(|| "unknown".to_owned())
    }

    fn failing(&self, account: Key) -> Option<&Failing> {
        self.accounts.get(account)?.failing.as_deref()
    }

    /// Names the source and the account of a failure in a story.
    pub(crate) fn tell(&self, source: Option<Key>, account: Option<Key>, story: &mut Story) {
        if let Some((key, source)) = source.and_then(|key| Some((key, self.sources.get(key)?))) {
            story.address(key, || source.group.to_string(), source.ip);
        }
        if let Some((key, failing)) = account.and_then(|key| Some((key, self.failing(key)?))) {
            story.account(key, &failing.name);
        }
    }

    /// Says which incident counts a failure.
    pub(crate) fn claim(
        &mut self,
        source: Option<Key>,
        account: Option<Key>,
        (at, event_id): (Timestamp, Uuid),
        serial: Serial,
    ) {
        for (by, key) in [(By::Address, source), (By::Account, account)] {
            if let Some(track) = key.and_then(|key| self.track_mut(by, key)) {
                track.claim(at, event_id, serial);
            }
        }
    }

    /// Forgets what an incident counted about a subject.
    pub(crate) fn drop_claimed(&mut self, subject: Key, serial: Serial) {
        for by in [By::Address, By::Account] {
            if let Some(track) = self.track_mut(by, subject) {
                track.drop_claimed(serial);
            }
        }
    }

    /// Brings back an account that signs in.
    pub(crate) fn recall(&mut self, organization: Key, actor: Key) {
        self.accounts.recall(organization, actor);
    }

    pub(crate) fn set_spill(&mut self, spill: &Shelf) {
        self.accounts.set_shelf(spill.of_table(SHELF));
    }

    pub(crate) fn count(&self, remembered: &mut Remembered) {
        remembered.addresses = self.sources.len();
        remembered.accounts = self.accounts.len();
        remembered.successes = self.strangers.len();
        remembered.organizations = self.organizations.len();
    }

    pub(crate) fn write(&self, out: &mut Writer<'_>) -> io::Result<()> {
        self.sources.write("sources", out)?;
        self.accounts.write("accounts", out)?;
        self.strangers.write("strangers", out)?;
        self.organizations.write("organizations", out)
    }

    pub(crate) fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        self.sources.read("sources", input)?;
        self.accounts.read("accounts", input)?;
        self.strangers.read("strangers", input)?;
        self.organizations.read("organizations", input)
    }
}
