//! From what has changed to what is said of it: the words of an alert are made when somebody asks for them.

use uuid::Uuid;

use crate::untold::News;
use crate::{Change, Detector};

use super::Touched;

impl Detector {
    /// The next alert that has changed since it was last told, in the order of first mention; `None` when there is none.
    ///
    /// An alert that many events have changed since is told once, as it is now.
    /// It is told twice when it changed before and after a call that changes what alerts say:
    /// [`coalesce`](crate::coalesce) folds these.
    ///
    /// ```
    /// use litesoc_detect::{Change, Detector, Observation, Settings};
    /// use litesoc_events::EventType;
    /// use litesoc_model::Timestamp;
    /// use uuid::Uuid;
    ///
    /// let mut detector = Detector::new(Settings::default())?;
    /// let (at, failed) = (Timestamp::from_millis(1_772_368_200_000), EventType::AUTH_LOGIN_FAILED);
    /// for number in 1..=1_000 {
    ///     let seen = Observation::new("acme", Uuid::from_u128(number), &failed, at, at);
    ///     detector.examine(&seen.actor(Some("alice")).ip("203.0.113.5".parse().ok()));
    /// }
    /// let Some(Change::Raise(alert)) = detector.next_change() else { panic!("one alert") };
    /// assert_eq!(alert.count, 1_000);
    /// assert_eq!(detector.next_change(), None);
    /// # Ok::<(), litesoc_detect::InvalidSettings>(())
    /// ```
    pub fn next_change(&mut self) -> Option<Change> {
        self.untold.told.pop_front().or_else(|| self.put_next_in_words())
    }

    /// Whether [`next_change`](Self::next_change) has anything to say.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !self.untold.is_empty()
    }

    /// Puts into words what is told of alerts as they are now, before somebody changes more of them than events do.
    pub(super) fn settle(&mut self) {
        while let Some(change) = self.put_next_in_words() {
            self.untold.told.push_back(change);
        }
    }

    fn put_next_in_words(&mut self) -> Option<Change> {
        let (serial, news, gone) = self.untold.next()?;
        let incident = gone.as_ref().or_else(|| self.incidents.get(serial))?;
        let settings = self.settings.of(&incident.organization);
        Some(if news.raised {
            Change::Raise(Box::new(incident.draft(settings)))
        } else {
            Change::Update(Box::new(incident.progress(settings, news.latest_event, news.notify)))
        })
    }

    /// Notes which alerts the event has changed; the ids of those that are new.
    pub(super) fn note_changes(&mut self, touched: &Touched, event: Uuid) -> Vec<Uuid> {
        let mut raised = Vec::new();
        // One event can open so many alerts that it pushes out one that it has just changed.
        let mut evicted = self.incidents.take_evicted();
        for serial in touched.raised.iter().chain(&touched.grown) {
            let gone = evicted.iter_mut().find(|incident| incident.serial == *serial);
            let Some(incident) = gone.or_else(|| self.incidents.get_mut(*serial)) else { continue };
            if incident.silent_until.is_some() {
                continue;
            }
            let new = touched.raised.contains(serial);
            if new {
                raised.push(incident.id);
            }
            let news = News { raised: new, notify: incident.notify(), latest_event: event };
            self.untold.add(*serial, news);
        }
        evicted.into_iter().for_each(|incident| self.untold.keep(incident));
        raised
    }
}
