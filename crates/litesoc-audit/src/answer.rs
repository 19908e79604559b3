//! Pieces of answers as JSON text.

use litesoc_ledger::bundle::PangeaRoot;
use litesoc_ledger::canonical::push_string;
use litesoc_ledger::ptree::{self, ConsistencyProof, TrustedRoot};
use litesoc_ledger::{Hash, time::Moment};

use crate::ingest::Logged;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::request::RootRequest;

/// Begins the object of a record that was taken in, and leaves it open.
pub(crate) fn open_logged(logged: &Logged, verbose: bool, out: &mut String) {
    out.push_str("{\"hash\":\"");
    logged.leaf_hash.push_hex(out);
    out.push('"');
    let envelope = logged.envelope.as_deref().filter(|_| verbose);
    if let Some(envelope) = envelope.and_then(|bytes| std::str::from_utf8(bytes).ok()) {
        out.push_str(",\"envelope\":");
        out.push_str(envelope);
    }
}

/// Adds a member to an object that has one already.
pub(crate) fn text_member(name: &str, text: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    push_string(text, out);
}

/// Adds a list of texts to an object that has a member already.
pub(crate) fn list_member(name: &str, texts: &[String], out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":[");
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        push_string(text, out);
    }
    out.push(']');
}

impl AuditLog {
    /// The result of `/v1/root` as JSON; `base` is the address under which the server is reached.
    ///
    /// # Errors
    ///
    /// [`Refused::TreeNotFound`] for a size that is not published.
    pub fn root_result(&self, request: &RootRequest, base: &str) -> Result<String, Refused> {
        let published = self.published();
        let newest = published.as_ref().map_or(0, |published| published.size);
        let size = request.tree_size.unwrap_or(newest);
        if size == 0 || size > newest {
            return Err(Refused::TreeNotFound { size, published: newest });
        }
        let root = match &published {
            Some(published) if published.size == size => published.pangea_root,
            _ => self.records().pangea_root(size)?,
        };
        let mut out = String::from("{\"data\":");
        self.push_root(size, &root, base, &mut out)?;
        out.push('}');
        Ok(out)
    }

    /// Adds a published root.
    pub(crate) fn push_root(
        &self,
        size: u64,
        root: &Hash,
        base: &str,
        out: &mut String,
    ) -> Result<(), Refused> {
        let root = self.pangea_root(size, root, base)?;
        root.push_json(out);
        Ok(())
    }

    /// A published root with what belongs to it.
    pub(crate) fn pangea_root(&self, size: u64, root: &Hash, base: &str) -> Result<PangeaRoot, Refused> {
        let at = self.published_at(size).unwrap_or_else(|| (self.clock())());
        let url = format!("{base}/arweave/{}/", ptree::published_root_id(self.tree_name(), size));
        let mut described = PangeaRoot::new(TrustedRoot::pinned(size, *root), self.tree_name(), at, url);
        if size > 1 {
            let proof = ConsistencyProof::build(self.records().pangea(), size - 1, size)?;
            described.consistency_proof = proof.to_strings();
        }
        Ok(described)
    }

    /// Adds the root at a size that need not be published.
    pub(crate) fn push_unpublished(&self, size: u64, root: &Hash, out: &mut String) {
        out.push_str("{\"tree_name\":");
        push_string(self.tree_name(), out);
        out.push_str(&format!(",\"size\":{size},\"root_hash\":\"{root}\"}}"));
    }
}

/// A time in an answer.
pub(crate) fn time_member(name: &str, at: Moment, out: &mut String) {
    text_member(name, &at.to_string(), out);
}
