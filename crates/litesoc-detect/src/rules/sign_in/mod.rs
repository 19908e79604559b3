//! [`SignIn`]: the rules about who signs in, from where and with what.

use std::io;

use crate::RestoreError;
use crate::finding::Found;
use crate::scene::{Family, Scene};
use crate::snapshot::{Reader, Writer};
use crate::spill::Shelf;

/// The rules about who signs in, from where and with what.
#[derive(Debug, Default)]
pub(crate) struct SignIn {}

impl Family for SignIn {
    fn examine(&mut self, _scene: &Scene<'_>, _found: &mut Found) {}

    fn learn(&mut self, _scene: &Scene<'_>, _clean: bool) {}

    fn set_spill(&mut self, _spill: &Shelf) {}

    fn write(&self, _out: &mut Writer<'_>) -> io::Result<()> {
        Ok(())
    }

    fn read(&mut self, _input: &mut Reader<'_>) -> Result<(), RestoreError> {
        Ok(())
    }
}
