//! All that a detector remembers, as a snapshot and back.

use std::io::{self, Read, Write};

use crate::scene::Family;
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;
use crate::{Detector, RestoreError, Settings, Spill};

impl Detector {
    /// Keeps the state of accounts that no longer fits into memory here, and looks for it here when one signs in.
    pub fn set_spill(&mut self, spill: Box<dyn Spill>) {
        let shelf = Shelf::shared(spill);
        self.attacks.set_spill(&shelf);
        self.signals.set_spill(&shelf);
        self.sign_in.set_spill(&shelf);
        self.conduct.set_spill(&shelf);
    }

    /// Writes all that is remembered: not the settings, and not what lies in a [`Spill`].
    ///
    /// It is written as it is walked, without a second copy in memory.
    /// Changes that nobody has asked for yet are not in it.
    ///
    /// # Errors
    ///
    /// Those of `out`. What was written then is no snapshot.
    ///
    /// ```
    /// use litesoc_detect::{Detector, Settings};
    ///
    /// let detector = Detector::new(Settings::default())?;
    /// let mut bytes = Vec::new();
    /// detector.snapshot(&mut bytes)?;
    /// let restored = Detector::restore(Settings::default(), &mut &bytes[..])?;
    /// assert_eq!(restored.remembered(), detector.remembered());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut out = Writer::begin(out);
        self.attacks.write(&mut out)?;
        self.signals.write(&mut out)?;
        self.incidents.write(&mut out)?;
        self.suppressed.write("silences", &mut out)?;
        self.sign_in.write(&mut out)?;
        self.conduct.write(&mut out)?;
        self.custom.write(&mut out)?;
        out.finish()
    }

    /// A detector that remembers what the one of the snapshot did, and says from now on what that one would have said.
    ///
    /// `settings` are the default ones; those of single organisations have to be set again.
    /// `input` should be buffered.
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; bytes that are cut off, changed or made up give an error and take no more memory than they are long.
    pub fn restore(settings: Settings, input: &mut dyn Read) -> Result<Self, RestoreError> {
        let mut detector = Self::new(settings)?;
        let mut input = Reader::begin(input)?;
        detector.attacks.read(&mut input)?;
        detector.signals.read(&mut input)?;
        detector.incidents.read(&mut input)?;
        detector.suppressed.read("silences", &mut input)?;
        detector.sign_in.read(&mut input)?;
        detector.conduct.read(&mut input)?;
        detector.custom.read(&mut input)?;
        input.finish()?;
        Ok(detector)
    }
}
