//! [`OwnNetwork`]: a network of the operator's, with what is known of it.

use litesoc_model::{Enrichment, Place};

use crate::address::Span;
use crate::source::ListKind;

/// A network of the operator's, with what is known of it.
#[derive(Debug, Default)]
pub(crate) struct OwnNetwork {
    /// Its networks, each with the line it is written in.
    pub(crate) spans: Vec<(usize, Span)>,
    pub(crate) name: Box<str>,
    pub(crate) place: Option<Place>,
    pub(crate) asn: Option<u32>,
    pub(crate) organization: Option<Box<str>>,
    /// What kind of network it is, when that is said: an office is none of the kinds.
    pub(crate) kinds: Option<Vec<ListKind>>,
}

impl OwnNetwork {
    /// Says what is known of the network. What is not written here stays as the files have it.
    pub(crate) fn tell(&self, known: &mut Enrichment) {
        if let Some(place) = &self.place {
            known.place = Some(place.clone());
        }
        let network = &mut known.network;
        network.asn = self.asn.or(network.asn);
        let named = self.organization.as_ref().unwrap_or(&self.name);
        if self.organization.is_some() || network.organization.is_none() {
            network.organization = Some(named.clone());
        }
        if let Some(kinds) = &self.kinds {
            network.is_vpn = kinds.contains(&ListKind::Vpn);
            network.is_tor = kinds.contains(&ListKind::Tor);
            network.is_proxy = kinds.contains(&ListKind::Proxy);
            network.is_relay = kinds.contains(&ListKind::Relay);
            network.is_datacenter = kinds.contains(&ListKind::Datacenter);
            network.is_mobile = kinds.contains(&ListKind::Mobile);
        }
    }
}
