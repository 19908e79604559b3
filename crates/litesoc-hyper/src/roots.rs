//! The certificates that the transport trusts.

use std::fmt;
use std::sync::Arc;

use litesoc_core::transport::{TransportError, TransportErrorKind};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The root certificates that a server's certificate must lead to.
///
/// # Examples
///
/// ```no_run
/// use litesoc_hyper::{HyperTransport, Roots};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let own = Roots::empty().with_pem(&std::fs::read("ca.pem")?)?;
/// let transport = HyperTransport::builder().roots(own).build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Roots {
    store: RootCertStore,
}

impl Roots {
    /// No roots: add your own.
    #[must_use]
    pub fn empty() -> Self {
        Self { store: RootCertStore::empty() }
    }

    /// The roots that Mozilla trusts, compiled into the program.
    #[cfg(feature = "webpki-roots")]
    #[must_use]
    pub fn webpki() -> Self {
        Self { store: webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect() }
    }

    /// The roots of the operating system. Those it cannot read or parse are left out.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](TransportErrorKind::Unsupported) when there is not one.
    #[cfg(feature = "native-roots")]
    pub fn native() -> Result<Self, TransportError> {
        let mut store = RootCertStore::empty();
        let (added, _) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added == 0 {
            return Err(crate::unsupported("the operating system has no usable root certificate"));
        }
        Ok(Self { store })
    }

    /// Adds one root in DER.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](TransportErrorKind::Unsupported) when it is not a certificate.
    pub fn with_der(mut self, der: &[u8]) -> Result<Self, TransportError> {
        self.store.add(CertificateDer::from(der)).map_err(unusable)?;
        Ok(self)
    }

    /// Adds every certificate of a PEM file's content.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](TransportErrorKind::Unsupported) when there is none, or one of them is malformed.
    pub fn with_pem(mut self, pem: &[u8]) -> Result<Self, TransportError> {
        let before = self.store.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate
                .map_err(|error| TransportError::new(TransportErrorKind::Unsupported, error.to_string()))?;
            self.store.add(certificate).map_err(unusable)?;
        }
        if self.store.len() == before {
            return Err(crate::unsupported("no certificate in the PEM text"));
        }
        Ok(self)
    }

    pub(crate) fn into_config(self) -> ClientConfig {
        // The provider is named, not taken from the process: another crate may have installed another one, or none.
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the ring provider supports TLS 1.2 and 1.3")
            .with_root_certificates(self.store)
            .with_no_client_auth()
    }
}

fn unusable(error: rustls::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, error)
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("certificates", &self.store.len()).finish()
    }
}
