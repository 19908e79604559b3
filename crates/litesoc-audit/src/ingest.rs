//! Taking records in: one or many, durable before the answer, once for each request.

use litesoc_ledger::canonical::Value;
use litesoc_ledger::envelope::Prepared;
use litesoc_ledger::ptree::{ConsistencyProof, MembershipProof};
use litesoc_ledger::receipt::Receipt;
use litesoc_ledger::time::Moment;
use litesoc_ledger::{Hash, envelope::EnvelopeView};
use litesoc_tlog::{Body, RequestId};

use crate::alarm::AuditAlert;
use crate::answer;
use crate::fault::Fault;
use crate::intake::Incoming;
use crate::log::AuditLog;
use crate::refused::Refused;
use crate::request::SearchRequest;

/// Earlier tries that a client may name.
const MOST_RETRIED: usize = 16;

/// Under which id a call runs, and which earlier tries it repeats.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// The id of this request.
    pub id: RequestId,
    /// The ids of tries whose answers the client did not get.
    pub retried: Vec<RequestId>,
}

impl Call {
    /// A call with this id that repeats the tries listed in `X-Pangea-Retried-Request-Ids`.
    ///
    /// ```
    /// use litesoc_audit::{Call, new_request_id};
    ///
    /// let earlier = new_request_id();
    /// let call = Call::new(&new_request_id(), &format!("{earlier}, genesis"));
    /// assert_eq!(call.retried.len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// When `id` is none of [`new_request_id`](crate::new_request_id).
    #[must_use]
    pub fn new(id: &str, retried: &str) -> Self {
        let id = RequestId::new(id).expect("a request id of our own making");
        let ours = |text: &str| text.starts_with("prq_").then(|| RequestId::new(text)).flatten();
        let retried = retried.split(',').take(MOST_RETRIED).filter_map(|text| ours(text.trim())).collect();
        Self { id, retried }
    }
}

/// A record that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Logged {
    /// Its place.
    pub index: u64,
    /// Its leaf hash in the P-tree.
    pub leaf_hash: Hash,
    /// When it was received.
    pub received_at: Moment,
    /// The canonical envelope, where it is wanted and not erased.
    pub envelope: Option<Vec<u8>>,
    /// The size of the log at the end of its batch.
    pub size: u64,
    /// The P-root at that size.
    pub root: Hash,
}

impl AuditLog {
    /// Takes one record in; ready once it is durable.
    ///
    /// # Errors
    ///
    /// [`Refused`]; then no record was taken.
    pub async fn log(&self, item: &Incoming, verbose: bool, call: &Call) -> Result<Logged, Refused> {
        if let Some(repeated) = self.repeated(call, 1)?.pop() {
            return Ok(repeated);
        }
        let mut logged = self.append(vec![self.prepare(item)?], verbose, call).await?;
        logged.pop().ok_or_else(|| Refused::Failed("the log gave no place".to_owned()))
    }

    /// Takes many records in, all of them or none, as neighbours; ready once they are durable.
    ///
    /// # Errors
    ///
    /// [`Refused`], with everything that is wrong with any of them; then no record was taken.
    pub async fn log_bulk(
        &self,
        items: &[Incoming],
        verbose: bool,
        call: &Call,
    ) -> Result<Vec<Logged>, Refused> {
        let repeated = self.repeated(call, items.len())?;
        if !repeated.is_empty() {
            return Ok(repeated);
        }
        let mut faults: Vec<Fault> = Vec::new();
        let mut drafts = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            match self.prepare(item) {
                Ok(prepared) => drafts.push(prepared),
                Err(found) => {
                    let outer = format!("/events/{place}");
                    faults.extend(found.into_iter().map(|fault| fault.below(&outer)));
                }
            }
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        self.append(drafts, verbose, call).await
    }

    async fn append(
        &self,
        drafts: Vec<Prepared>,
        verbose: bool,
        call: &Call,
    ) -> Result<Vec<Logged>, Refused> {
        let kept = if verbose { drafts.clone() } else { Vec::new() };
        let appended = self.records().append(call.id, drafts)?.await?;
        self.wake_index();
        let mut kept = kept.into_iter();
        let (size, root) = (appended.state.size, appended.state.pangea_root);
        let logged = appended.records.into_iter().zip(appended.first..).map(|(placed, index)| Logged {
            index,
            leaf_hash: placed.leaf_hash,
            received_at: placed.received_at,
            envelope: kept.next().map(|prepared| prepared.seal(placed.received_at).bytes),
            size,
            root,
        });
        Ok(logged.collect())
    }

    /// The records of an earlier try of this call, when one of them was committed.
    fn repeated(&self, call: &Call, most: usize) -> Result<Vec<Logged>, Refused> {
        let found = call.retried.iter().find_map(|id| Some((*id, self.records().committed(*id)?)));
        let Some((request, first)) = found else { return Ok(Vec::new()) };
        self.records_of(request, first, most)
    }

    /// The records that came with a request, as neighbours from `first` on.
    pub(crate) fn records_of(
        &self,
        request: RequestId,
        first: u64,
        most: usize,
    ) -> Result<Vec<Logged>, Refused> {
        let state = self.records().state();
        let to = state.size.min(first.saturating_add(most as u64));
        let mut found = Vec::new();
        self.records().records(first, to, |record| {
            if record.request != request {
                return;
            }
            let leaf_hash = record.body.leaf_hash();
            let (envelope, received_at) = match record.body {
                Body::Envelope(bytes) => {
                    let received_at = EnvelopeView::read(&bytes).ok().map(|view| view.received_at);
                    (Some(bytes), received_at)
                }
                Body::Erased(stone) => (None, Some(stone.received_at)),
            };
            let received_at = received_at.or(state.received_at).unwrap_or_else(|| (self.clock())());
            let (index, size, root) = (record.index, state.size, state.pangea_root);
            found.push(Logged { index, leaf_hash, received_at, envelope, size, root });
        })?;
        Ok(found)
    }

    /// The place of the record that came with a request and names a target of its own; `from`: it was not received earlier.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn place_of(&self, request: RequestId, target: &str, from: Moment) -> Result<Option<u64>, Refused> {
        if let Some(index) = self.records().committed(request) {
            return Ok(Some(index));
        }
        // Only the latest requests are remembered; the others are found as people find records.
        let text = serde_json::json!({
            "query": format!("target=\"{target}\""), "start": from.to_string(), "order": "asc", "max_results": 1
        });
        let body =
            Value::parse(text.to_string().as_bytes()).map_err(|error| Refused::Failed(error.to_string()))?;
        let found = self.find(&SearchRequest::read(&body)?, self.records().state().size)?;
        Ok(found.page(0, 1).first().copied())
    }

    /// Whether [`log_result`](Self::log_result) can tell about a root without reading a file.
    #[must_use]
    pub fn knows_root(&self, root: &Hash) -> bool {
        self.records().recent_size_of(root).is_some()
    }

    /// The result of `/v1/log` as JSON.
    ///
    /// # Errors
    ///
    /// The log cannot be read.
    pub fn log_result(
        &self,
        logged: &Logged,
        verbose: bool,
        prev_root: Option<&Hash>,
    ) -> Result<String, Refused> {
        let mut out = String::with_capacity(1_024);
        answer::open_logged(logged, verbose, &mut out);
        answer::text_member("receipt", &self.receipt(logged)?, &mut out);
        let consistency = match prev_root {
            Some(root) => self.consistency_from(root, logged.size)?,
            None => None,
        };
        if verbose {
            let proof = MembershipProof::build(self.records().pangea(), logged.index, logged.size)?;
            answer::text_member("membership_proof", &proof.to_string(), &mut out);
            answer::text_member("unpublished_root", &logged.root.to_string(), &mut out);
            if let Some(proof) = consistency {
                answer::list_member("consistency_proof", &proof.to_strings(), &mut out);
            }
        }
        out.push('}');
        Ok(out)
    }

    fn receipt(&self, logged: &Logged) -> Result<String, Refused> {
        let receipt = Receipt::new(
            &*self.configuration().origin,
            logged.index,
            logged.leaf_hash,
            logged.size,
            logged.root,
            logged.received_at,
        );
        let signed = receipt.sign(self.receipts());
        signed.map(|note| note.to_string()).map_err(|error| Refused::Failed(error.to_string()))
    }

    /// The proof from the root that a client saw last; none from a root that is as new as the answer.
    fn consistency_from(&self, prev_root: &Hash, size: u64) -> Result<Option<ConsistencyProof>, Refused> {
        let Some(from) = self.records().size_of(prev_root)? else {
            let alert = AuditAlert::UnknownRoot { prev_root: *prev_root, size };
            tracing::warn!(origin = self.configuration().origin, %prev_root, size, "{alert}");
            self.raise(&alert);
            return Ok(None);
        };
        if from >= size {
            return Ok(None);
        }
        Ok(Some(ConsistencyProof::build(self.records().pangea(), from, size)?))
    }
}

/// The result of `/v2/log` as JSON.
#[must_use]
pub fn bulk_result(logged: &[Logged], verbose: bool) -> String {
    let mut out = String::from("{\"results\":[");
    for (place, one) in logged.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        answer::open_logged(one, verbose, &mut out);
        out.push('}');
    }
    out.push_str("]}");
    out
}
