//! Finds a name in the tables.

use crate::{
    catalogue::{CATALOGUE, NOTED},
    event_type::listed_name,
};

/// The position of a listed name, given letter for letter.
pub(crate) fn listed(name: &str) -> Option<u8> {
    let count = u8::try_from(CATALOGUE.len() + NOTED.len()).expect("the tables hold less than 256 names");
    (0..count).find(|&position| listed_name(position) == name)
}
