//! [`Untold`]: alerts that have changed and are not put into words yet.

use std::collections::VecDeque;

use hashbrown::HashMap;
use uuid::Uuid;

use crate::Change;
use crate::incident::{Incident, Serial};

/// What an alert has to tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News {
    /// It is new.
    pub(crate) raised: bool,
    /// Whether people are to be told.
    pub(crate) notify: bool,
    /// The latest event that changed it.
    pub(crate) latest_event: Uuid,
}

/// Alerts that have changed and are not put into words yet.
///
/// An attack changes its alert with every event and is read once in a while, so the words wait until somebody asks for them.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    /// In the order of first mention.
    order: VecDeque<Serial>,
    news: HashMap<Serial, News>,
    /// Those that were pushed out of memory meanwhile.
    gone: HashMap<Serial, Incident>,
    /// What is in words already, from before somebody changed more than events do.
    pub(crate) told: VecDeque<Change>,
}

impl Untold {
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty() && self.told.is_empty()
    }

    /// Notes what an alert has to tell, besides what it had to tell before.
    pub(crate) fn add(&mut self, serial: Serial, news: News) {
        match self.news.get_mut(&serial) {
            Some(known) => {
                known.notify |= news.notify;
                known.latest_event = news.latest_event;
            }
            None => {
                self.order.push_back(serial);
                self.news.insert(serial, news);
            }
        }
    }

    /// Keeps an alert that is no longer in memory, if it has anything to tell.
    pub(crate) fn keep(&mut self, incident: Incident) {
        if self.news.contains_key(&incident.serial) {
            self.gone.insert(incident.serial, incident);
        }
    }

    /// The alert to tell of next, and itself when it is no longer in memory.
    pub(crate) fn next(&mut self) -> Option<(Serial, News, Option<Incident>)> {
        let serial = self.order.pop_front()?;
        let news = self.news.remove(&serial)?;
        Some((serial, news, self.gone.remove(&serial)))
    }
}
