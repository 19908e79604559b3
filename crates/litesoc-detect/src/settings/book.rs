//! [`Book`]: whose settings are which.

use std::collections::HashMap;
use std::sync::Arc;

use super::Settings;
use crate::key::Key;

/// Whose settings are which.
#[derive(Debug)]
pub(crate) struct Book {
    default: Arc<Settings>,
    organizations: HashMap<Box<str>, Arc<Settings>>,
    /// The organisation of the latest event; mostly the next event is of the same one.
    latest: Option<(Box<str>, Key, Arc<Settings>)>,
}

impl Book {
    pub(crate) fn new(default: Settings) -> Self {
        Self { default: Arc::new(default), organizations: HashMap::new(), latest: None }
    }

    pub(crate) fn of(&self, organization: &str) -> &Arc<Settings> {
        self.organizations.get(organization).unwrap_or(&self.default)
    }

    /// The key and the settings of an organisation.
    pub(crate) fn recognise(&mut self, organization: &str) -> (Key, Arc<Settings>) {
        match &self.latest {
            Some((name, key, settings)) if **name == *organization => (*key, Arc::clone(settings)),
            Some(_) | None => {
                let (key, settings) = (Key::organization(organization), Arc::clone(self.of(organization)));
                self.latest = Some((organization.into(), key, Arc::clone(&settings)));
                (key, settings)
            }
        }
    }

    pub(crate) fn set(&mut self, organization: &str, settings: Settings) {
        self.latest = None;
        self.organizations.insert(organization.into(), Arc::new(settings));
    }
}
