//! [`Conduct`]: the rules about what accounts do once they are in.

use crate::finding::Found;
use crate::scene::{Family, Scene};

/// The rules about what accounts do once they are in.
#[derive(Debug, Default)]
pub(crate) struct Conduct {}

impl Family for Conduct {
    fn examine(&mut self, _scene: &Scene<'_>, _found: &mut Found) {}

    fn learn(&mut self, _scene: &Scene<'_>, _clean: bool) {}
}
