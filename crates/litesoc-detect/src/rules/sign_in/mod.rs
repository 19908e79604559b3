//! [`SignIn`]: the rules about who signs in, from where and with what.

use crate::finding::Found;
use crate::scene::{Family, Scene};

/// The rules about who signs in, from where and with what.
#[derive(Debug, Default)]
pub(crate) struct SignIn {}

impl Family for SignIn {
    fn examine(&mut self, _scene: &Scene<'_>, _found: &mut Found) {}

    fn learn(&mut self, _scene: &Scene<'_>, _clean: bool) {}
}
