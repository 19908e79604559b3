//! [`Conduct`]: the rules about what accounts do once they are in, and what is counted beside guessed passwords.

mod access_probing;
mod account_compromise;
mod act;
mod actor;
mod data_destruction;
mod data_exfiltration;
mod habit;
mod judge;
mod mfa_fatigue;
mod moments;
mod notices;
mod occasion;
mod organization;
mod particulars;
mod phrases;
mod privilege_escalation;
mod quantile;
mod rate_limit_exceeded;
mod sign_up_velocity;
mod suspicious_activity;
mod usual;
mod volume;

use std::io;
use std::time::Duration;

use litesoc_model::AlertSeverity;
use uuid::Uuid;

pub use self::access_probing::AccessProbing;
pub use self::account_compromise::AccountCompromise;
pub use self::data_destruction::DataDestruction;
pub use self::data_exfiltration::DataExfiltration;
pub use self::mfa_fatigue::MfaFatigue;
pub use self::privilege_escalation::PrivilegeEscalation;
pub use self::rate_limit_exceeded::RateLimitExceeded;
pub use self::sign_up_velocity::SignUpVelocity;
pub use self::suspicious_activity::SuspiciousActivity;

use self::act::Act;
use self::actor::Actor;
use self::habit::Deed;
use self::moments::Moments;
use self::occasion::Occasion;
use self::organization::{Office, Organization};
use self::particulars::Particulars;
use crate::finding::{Finding, Found, Signal};
use crate::key::Key;
use crate::scene::{Family, Scene};
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::table::Table;
use crate::{Capacity, RestoreError};

/// Signs of one kind noted of one account in an hour: more would push the others out of memory and add nothing.
const MAX_SIGNS: usize = 3;
/// Signs of one kind closer together than this are one.
const APART: Duration = Duration::from_secs(60);
/// The numbers of the tables in a spill. The others hold an hour or can be learned anew in a day.
const ACTORS: u8 = 32;
const ORGANIZATIONS: u8 = 33;

/// The rules about what accounts do once they are in, and what is counted beside guessed passwords.
#[derive(Debug)]
pub(crate) struct Conduct {
    actors: Table<Actor>,
    organizations: Table<Organization>,
    /// Challenges of second factors, by account.
    challenges: Table<Moments>,
    /// Access denied, by account.
    denials: Table<Moments>,
    /// Rate limits hit, by account and by address.
    limits: Table<Moments>,
    /// Sign-ups, by address.
    sign_ups: Table<Moments>,
    /// Who signs in, by address.
    offices: Table<Office>,
    examined: Examined,
}

/// What the rules saw in the latest event, until it is learned from.
#[derive(Clone, Copy, Debug, Default)]
struct Examined {
    event: Option<Uuid>,
    /// Something was found that an attacker may be behind.
    unsettled: bool,
    /// Nothing was found but somebody's first grant, which is known from then on.
    first_grant: bool,
}

impl Family for Conduct {
    fn examine(&mut self, scene: &Scene<'_>, found: &mut Found) {
        self.examined = Examined { event: Some(scene.seen.event_id), ..Examined::default() };
        let Some(act) = Act::of(scene.seen.event) else { return };
        let particulars =
            if act.has_particulars() { Particulars::of(&scene.seen) } else { Particulars::default() };
        let mut occasion = Occasion::new(scene, found, particulars);
        if let (Some(actor), true) = (scene.actor, act.deed().is_some()) {
            self.actors.recall(scene.organization, actor);
        }
        self.note_organization(scene);
        self.leave_sign(act, &mut occasion, found);
        let findings = self.judge(act, &occasion);
        found.findings.extend(findings);
        if scene.actor.is_some() && !occasion.signals.is_empty() {
            self.judge_hour(act, &occasion, found);
        }
        self.sum_up(&occasion, found);
    }

    fn learn(&mut self, scene: &Scene<'_>, clean: bool) {
        let Some(act) = Act::of(scene.seen.event) else { return };
        let day = volume::day(scene.seen.at);
        // Once an event was learned from, the same event again is a person's verdict.
        let examined = std::mem::take(&mut self.examined);
        if examined.event != Some(scene.seen.event_id) {
            self.trust(act, scene);
            return;
        }
        let Some(key) = scene.actor else { return };
        let settled = !examined.unsettled && (clean || examined.first_grant);
        if !settled {
            if let Some(exports) = self.actors.get_mut(key).and_then(|actor| actor.exports.as_mut()) {
                let gap = scene.settings.data_exfiltration.windows().gap();
                let day = exports.day_of(volume::seconds(scene.seen.at), day, gap);
                exports.usual.taint(day);
            }
            return;
        }
        self.note_deed(act, scene);
        if let (Act::SignedIn, Some((address, _))) = (act, scene.address) {
            self.offices.update(scene.organization, address, Office::default, |office| office.note(key, day));
        }
    }

    fn set_spill(&mut self, spill: &Shelf) {
        self.actors.set_shelf(spill.of_table(ACTORS));
        self.organizations.set_shelf(spill.of_table(ORGANIZATIONS));
    }

    fn write(&self, out: &mut Writer<'_>) -> io::Result<()> {
        self.actors.write("conduct of accounts", out)?;
        self.organizations.write("conduct of organisations", out)?;
        self.challenges.write("second factors", out)?;
        self.denials.write("denials", out)?;
        self.limits.write("rate limits", out)?;
        self.sign_ups.write("sign-ups", out)?;
        self.offices.write("offices", out)
    }

    fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        self.actors.read("conduct of accounts", input)?;
        self.organizations.read("conduct of organisations", input)?;
        self.challenges.read("second factors", input)?;
        self.denials.read("denials", input)?;
        self.limits.read("rate limits", input)?;
        self.sign_ups.read("sign-ups", input)?;
        self.offices.read("offices", input)
    }
}

impl Conduct {
    pub(crate) fn new(capacity: &Capacity) -> Self {
        let shelf = Shelf::default;
        Self {
            actors: Table::new(capacity.conduct, shelf()),
            organizations: Table::new(capacity.organizations, shelf()),
            challenges: Table::new(capacity.signals, shelf()),
            denials: Table::new(capacity.signals, shelf()),
            limits: Table::new(capacity.signals, shelf()),
            sign_ups: Table::new(capacity.addresses, shelf()),
            offices: Table::new(capacity.addresses, shelf()),
            examined: Examined::default(),
        }
    }

    /// Accounts remembered.
    pub(crate) fn len(&self) -> usize {
        self.actors.len()
    }

    /// Whether anybody signs in from this source.
    pub(crate) fn knows_office(&self, source: Key) -> bool {
        self.offices.contains(source)
    }

    /// An organisation is known from the first day on which anything of it arrives; what happened earlier taught nobody.
    fn note_organization(&mut self, scene: &Scene<'_>) {
        let key = scene.organization;
        if self.organizations.get(key).is_none() {
            let day = volume::day(scene.seen.received);
            self.organizations.update(key, key, || Organization::new(day), |_| {});
        }
    }

    /// Leaves the sign of the act in the account's hour. What is everyday work weighs a fifth, and what begins to be half.
    fn leave_sign(&self, act: Act, occasion: &mut Occasion<'_>, found: &mut Found) {
        let (Some(key), Some((kind, weight))) = (occasion.scene.actor, act.sign(occasion.scene.seen.event))
        else {
            return;
        };
        if act == Act::Grant && occasion.particulars.takes_away() {
            return;
        }
        let days = act.deed().map_or(0, |deed| self.days_before(key, deed, occasion.hour()));
        let weight = match days {
            habit::DAYS.. => weight / 5,
            2 => weight / 2,
            _ => weight,
        };
        let at = occasion.at();
        let (mut same, mut close) = (0, false);
        for known in occasion.signals.iter().filter(|known| known.kind == kind && known.weight >= weight) {
            let apart = at.saturating_since(known.at).max(known.at.saturating_since(at));
            same += usize::from(apart <= Duration::from_secs(60 * 60));
            close |= apart < APART;
        }
        if close || same >= MAX_SIGNS {
            return;
        }
        let signal = Signal { kind, at, event_id: occasion.scene.seen.event_id, weight };
        occasion.add(signal);
        found.signals.push(signal);
    }

    fn has_habit(&self, actor: Key, deed: Deed, hour: u32) -> bool {
        self.days_before(actor, deed, hour) >= habit::DAYS
    }

    /// Earlier days on which the account did it.
    fn days_before(&self, actor: Key, deed: Deed, hour: u32) -> u8 {
        self.actors.get(actor).map_or(0, |actor| actor.habits.days_before(deed, hour, memory_of(deed)))
    }

    /// What the rules about a whole hour find.
    fn judge_hour(&mut self, act: Act, occasion: &Occasion<'_>, found: &mut Found) {
        let Some(key) = occasion.scene.actor else { return };
        let knows_rights = self.has_habit(key, Deed::Grants, occasion.hour());
        let compromise = account_compromise::examine(occasion, knows_rights, act == Act::Export);
        found.findings.extend(compromise);
        let severe = |finding: &Finding| finding.severity >= AlertSeverity::High;
        let told = found.is_told
            || found.findings.iter().any(severe)
            || self.actors.get(key).is_some_and(|actor| actor.was_told(occasion.at()));
        if !told {
            found.findings.extend(suspicious_activity::examine(occasion));
        }
        if found.findings.iter().any(severe) {
            let at = volume::seconds(occasion.at());
            self.actors.update(occasion.scene.organization, key, Actor::default, |actor| {
                actor.told_at = actor.told_at.max(at);
            });
        }
    }

    /// Notes what is to be learned, and what not.
    fn sum_up(&mut self, occasion: &Occasion<'_>, found: &Found) {
        let grave = |finding: &&Finding| finding.severity >= AlertSeverity::Medium;
        let mut grave = found.findings.iter().filter(grave).peekable();
        let any = grave.peek().is_some();
        let harmless = |finding: &Finding| {
            finding.rule == privilege_escalation::FIRST_GRANT && finding.severity == AlertSeverity::Medium
        };
        let only_first_grant = grave.all(harmless);
        self.examined.first_grant = any && only_first_grant;
        self.examined.unsettled = !only_first_grant || !occasion.sign_in_signs().is_empty();
    }

    fn note_deed(&mut self, act: Act, scene: &Scene<'_>) {
        let (Some(key), Some(deed)) = (scene.actor, act.deed()) else { return };
        let hour = volume::hour(scene.seen.at);
        if act == Act::SignUp && self.actors.get(key).is_none_or(|actor| actor.made.is_empty()) {
            // Whoever signs up for himself manages nobody.
            return;
        }
        self.actors.update(scene.organization, key, Actor::default, |actor| {
            actor.habits.note(deed, hour, memory_of(deed));
        });
    }

    /// A person called an alert safe whose latest event this is.
    fn trust(&mut self, act: Act, scene: &Scene<'_>) {
        self.note_deed(act, scene);
        let exports = scene.actor.and_then(|key| self.actors.get_mut(key)?.exports.as_mut());
        if let (Act::Export | Act::SensitiveRead, Some(exports)) = (act, exports) {
            exports.usual.trust();
        }
    }
}

/// Longest pause in days after which a habit is none.
fn memory_of(deed: Deed) -> u16 {
    if deed == Deed::Grants { privilege_escalation::KNOWN_FOR } else { habit::MEMORY }
}
