//! [`Incidents`]: all alerts that still take in more of the same.

use std::io;

use hashbrown::HashMap;
use litesoc_model::Timestamp;
use uuid::Uuid;

use crate::RestoreError;
use crate::incident::{Incident, Opening, Serial};
use crate::key::{Key, alert_id};
use crate::record::Field;
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::table::Table;

/// Most subjects one incident takes in more of. Beyond it, their failures still count by the source they come from.
const MAX_ANCHORS: usize = 64;
/// Most incidents at different times of one subject; late events can make several current at once.
const MAX_EPISODES: usize = 4;

/// All incidents that still take in more of the same.
#[derive(Debug)]
pub(crate) struct Incidents {
    open: Table<Incident>,
    by_anchor: HashMap<Key, Vec<Serial>>,
    by_id: HashMap<Uuid, Serial>,
    next: Serial,
    /// Those that had to go for others since somebody asked.
    evicted: Vec<Incident>,
}

impl Incidents {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            open: Table::new(capacity, Shelf::default()),
            by_anchor: HashMap::new(),
            by_id: HashMap::new(),
            next: 0,
            evicted: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether an event of this time can still belong to the incident.
    pub(crate) fn is_live(&self, serial: Serial, at: Timestamp) -> bool {
        self.open.get(Key::serial(serial)).is_some_and(|incident| incident.is_live(at))
    }

    pub(crate) fn get(&self, serial: Serial) -> Option<&Incident> {
        self.open.get(Key::serial(serial))
    }

    /// The incident to change, now the most recently used.
    pub(crate) fn get_mut(&mut self, serial: Serial) -> Option<&mut Incident> {
        self.open.touch(Key::serial(serial))
    }

    pub(crate) fn by_id(&self, id: Uuid) -> Option<Serial> {
        self.by_id.get(&id).copied()
    }

    /// The incidents that this subject belongs to, oldest first.
    pub(crate) fn at_anchor(&self, anchor: Key) -> &[Serial] {
        self.by_anchor.get(&anchor).map_or(&[], Vec::as_slice)
    }

    /// The incidents that this subject belongs to, oldest first.
    pub(crate) fn about(&self, anchor: Key) -> impl Iterator<Item = &Incident> {
        self.at_anchor(anchor).iter().filter_map(|serial| self.get(*serial))
    }

    /// The latest incident of this subject that fits.
    pub(crate) fn find(&self, anchor: Key, fits: impl Fn(&Incident) -> bool) -> Option<Serial> {
        let serials = self.at_anchor(anchor).iter().rev();
        serials.copied().find(|serial| self.get(*serial).is_some_and(&fits))
    }

    pub(crate) fn open(&mut self, opening: Opening<'_>) -> Serial {
        self.next += 1;
        let serial = self.next;
        let owner = Key::organization(opening.organization);
        let id = alert_id(opening.organization, &opening.fingerprint, opening.trigger);
        let incident = Incident::open(serial, id, &opening);
        if let Some(evicted) = self.open.insert(owner, Key::serial(serial), incident) {
            self.unlink(&evicted);
            self.evicted.push(evicted);
        }
        self.by_id.insert(id, serial);
        self.anchor(serial, opening.anchor);
        serial
    }

    /// Those that had to go for others since this was last asked.
    pub(crate) fn take_evicted(&mut self) -> Vec<Incident> {
        std::mem::take(&mut self.evicted)
    }

    /// Makes further events of a subject belong to this incident.
    pub(crate) fn anchor(&mut self, serial: Serial, anchor: Key) {
        let Some(incident) = self.open.get_mut(Key::serial(serial)) else { return };
        if incident.anchors.contains(&anchor) || incident.anchors.len() >= MAX_ANCHORS {
            return;
        }
        incident.anchors.push(anchor);
        let episodes = self.by_anchor.entry(anchor).or_default();
        if episodes.len() >= MAX_EPISODES {
            episodes.remove(0);
        }
        episodes.push(serial);
    }

    pub(crate) fn close(&mut self, serial: Serial) -> Option<Incident> {
        let incident = self.open.remove(Key::serial(serial))?;
        self.unlink(&incident);
        Some(incident)
    }

    /// Gives an incident the id under which it is stored.
    pub(crate) fn rename(&mut self, serial: Serial, id: Uuid) {
        if let Some(incident) = self.open.get_mut(Key::serial(serial)) {
            self.by_id.remove(&incident.id);
            incident.id = id;
            self.by_id.insert(id, serial);
        }
    }

    pub(crate) fn write(&self, out: &mut Writer<'_>) -> io::Result<()> {
        self.open.write("alerts", out)?;
        let mut subjects: Vec<_> = self.by_anchor.iter().collect();
        // A hash map has another order each time, and the same memory must make the same snapshot.
        subjects.sort_unstable();
        out.part("alerts by subject", subjects.len() + 1)?;
        out.frame(|out| self.next.put(out))?;
        subjects.iter().try_for_each(|(anchor, episodes)| {
            out.frame(|out| {
                anchor.put(out);
                episodes.put(out);
            })
        })
    }

    /// Reads what [`Self::write`] wrote into an empty table.
    pub(crate) fn read(&mut self, input: &mut Reader<'_>) -> Result<(), RestoreError> {
        self.open.read("alerts", input)?;
        let subjects = input.part("alerts by subject")?.checked_sub(1).ok_or_else(|| input.corrupt())?;
        self.next = input.frame(Serial::take)?;
        for incident in self.open.values_mut() {
            self.by_id.insert(incident.id, incident.serial);
        }
        for _ in 0..subjects {
            let (anchor, episodes) = input.frame(<(Key, Vec<Serial>)>::take)?;
            self.by_anchor.insert(anchor, episodes);
        }
        Ok(())
    }

    /// Silences the open incidents of a fingerprint.
    pub(crate) fn silence(&mut self, organization: &str, fingerprint: &str, until: Timestamp) {
        for incident in self.open.values_mut() {
            if &*incident.organization == organization && &*incident.fingerprint == fingerprint {
                incident.silent_until = Some(until);
            }
        }
    }

    fn unlink(&mut self, incident: &Incident) {
        if self.by_id.get(&incident.id) == Some(&incident.serial) {
            self.by_id.remove(&incident.id);
        }
        for anchor in &incident.anchors {
            if let Some(episodes) = self.by_anchor.get_mut(anchor) {
                episodes.retain(|serial| *serial != incident.serial);
                if episodes.is_empty() {
                    self.by_anchor.remove(anchor);
                }
            }
        }
    }
}
