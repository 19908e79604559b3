//! Searches and their pages as the Pangea Audit API shows them.

use litesoc_ledger::Hash;
use litesoc_ledger::ptree::MembershipProof;
use litesoc_ledger::time::Moment;
use litesoc_tlog::{Body, ReadError};

use crate::answer;
use crate::identity::new_result_id;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::request::{Restriction, ResultsRequest, SearchRequest};
use crate::results::{KEPT_FOR, Kept};

impl AuditLog {
    /// Runs a search, keeps what it found, and gives its first page as JSON.
    ///
    /// `base` is the address under which the server is reached.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn search_result(&self, request: &SearchRequest, base: &str) -> Result<String, Refused> {
        let now = (self.clock())();
        let kept = self.search(request, now)?;
        let id = new_result_id();
        let failed = |error: std::io::Error| Refused::Unavailable(format!("results cannot be kept: {error}"));
        self.results().keep(&id, &kept, now).map_err(failed)?;
        let mut out = String::with_capacity(4_096);
        self.open_page(&kept, 0, request.limit, base, &mut out)?;
        answer::text_member("id", &id, &mut out);
        answer::time_member("expires_at", Moment::from_micros(kept.expires).unwrap_or(now), &mut out);
        out.push('}');
        Ok(out)
    }

    /// Finds the records of a search as the log is now.
    pub(crate) fn search(&self, request: &SearchRequest, now: Moment) -> Result<Kept, Refused> {
        // In this order: what is published is in the log.
        let published = self.published().map(|published| published.size);
        let size = self.records().state().size;
        let found = self.find(request, size)?;
        Ok(Kept {
            expires: now.as_micros().saturating_add(KEPT_FOR),
            restriction: request.restriction.clone(),
            verbose: request.verbose,
            size,
            published,
            found,
        })
    }

    /// A page of an earlier search as JSON.
    ///
    /// # Errors
    ///
    /// [`Refused::NotFound`] for a search that is unknown or has expired, [`Refused::BadOffset`] behind its end.
    pub fn results_result(&self, request: &ResultsRequest, base: &str) -> Result<String, Refused> {
        let kept = self.kept(&request.id, request.assert_restriction.as_ref())?;
        let count = kept.found.len();
        if request.offset > count {
            return Err(Refused::BadOffset { offset: request.offset, count });
        }
        let mut out = String::with_capacity(4_096);
        self.open_page(&kept, request.offset, request.limit, base, &mut out)?;
        out.push('}');
        Ok(out)
    }

    /// An earlier search whose restriction is the one that is asserted.
    pub(crate) fn kept(&self, id: &str, asserted: Option<&Restriction>) -> Result<Kept, Refused> {
        let kept = self.results().get(id, (self.clock())());
        let kept = kept
            .ok_or_else(|| Refused::NotFound("there are no such results, or they have expired".to_owned()))?;
        if asserted.is_some_and(|asserted| *asserted != kept.restriction) {
            let detail = "the search was restricted otherwise";
            return Err(Refused::fault("BadState", "/assert_search_restriction", detail));
        }
        Ok(kept)
    }

    /// Begins the object of a page and leaves it open.
    fn open_page(
        &self,
        kept: &Kept,
        offset: u64,
        limit: u64,
        base: &str,
        out: &mut String,
    ) -> Result<(), Refused> {
        out.push_str(&format!("{{\"count\":{},\"events\":[", kept.found.len()));
        let mut first = true;
        for index in kept.found.page(offset, limit) {
            if !std::mem::take(&mut first) && !out.ends_with('[') {
                out.push(',');
            }
            let before = out.len();
            if !self.push_event(index, kept, out)? && out.ends_with(',') {
                out.truncate(before - 1);
            }
        }
        out.push(']');
        self.push_roots(kept, base, out)
    }

    /// Adds the roots that the proofs of a search are against.
    pub(crate) fn push_roots(&self, kept: &Kept, base: &str, out: &mut String) -> Result<(), Refused> {
        if !kept.verbose {
            return Ok(());
        }
        if let Some(size) = kept.published {
            out.push_str(",\"root\":");
            self.push_root(size, &self.records().pangea_root(size)?, base, out)?;
        }
        out.push_str(",\"unpublished_root\":");
        self.push_unpublished(kept.size, &self.records().pangea_root(kept.size)?, out);
        Ok(())
    }

    /// Adds an event, unless it was erased or cannot be read.
    pub(crate) fn push_event(&self, index: u64, kept: &Kept, out: &mut String) -> Result<bool, Refused> {
        let record = match self.records().record(index) {
            Ok(record) => record,
            Err(error @ ReadError::Damaged { .. }) => {
                tracing::error!(%error, "a record is left out of a page");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        let Body::Envelope(bytes) = record.body else { return Ok(false) };
        let leaf_hash = Hash::of(&bytes);
        let Ok(envelope) = String::from_utf8(bytes) else { return Ok(false) };
        out.push_str("{\"envelope\":");
        out.push_str(&envelope);
        answer::text_member("hash", &leaf_hash.to_string(), out);
        if kept.verbose {
            let published = kept.published.filter(|size| index < *size);
            let size = published.unwrap_or(kept.size);
            let proof = MembershipProof::build(self.records().pangea(), index, size)?;
            answer::text_member("membership_proof", &proof.to_string(), out);
            match published {
                Some(_) => out.push_str(&format!(",\"published\":true,\"leaf_index\":{index}")),
                None => out.push_str(",\"published\":false"),
            }
        }
        out.push('}');
        Ok(true)
    }
}
