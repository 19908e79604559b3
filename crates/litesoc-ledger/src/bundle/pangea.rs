//! `pangea.json`: the records of a bundle as a search result of the Pangea Audit API.

use super::{BundleFault, Reason, Verified};
use crate::{
    Hash,
    canonical::{self, InvalidJson, Scanner, push_string},
    encoding,
    envelope::{EnvelopeView, GENESIS_MESSAGE},
    ptree::{self, Climber, MembershipProof, TrustedRoot},
    time::Moment,
};

/// The root of a search result, as the API reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PangeaRoot {
    /// Size and P-root.
    pub root: TrustedRoot,
    /// See [`ptree::tree_name`](crate::ptree::tree_name).
    pub tree_name: String,
    /// When a checkpoint of at least this size was published first.
    pub published_at: Moment,
    /// Where the root is served.
    pub url: String,
    /// From the size before it; empty for size 1.
    pub consistency_proof: Vec<String>,
}

impl PangeaRoot {
    /// A root without a consistency proof.
    #[must_use]
    pub fn new(
        root: TrustedRoot,
        tree_name: impl Into<String>,
        published_at: Moment,
        url: impl Into<String>,
    ) -> Self {
        let (tree_name, url) = (tree_name.into(), url.into());
        Self { root, tree_name, published_at, url, consistency_proof: Vec::new() }
    }

    /// Appends the root as canonical JSON, as it stands in replies of the API.
    pub fn push_json(&self, out: &mut String) {
        out.push('{');
        if !self.consistency_proof.is_empty() {
            out.push_str("\"consistency_proof\":[");
            for (index, element) in self.consistency_proof.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_string(element, out);
            }
            out.push_str("],");
        }
        let (published_at, root, size) = (self.published_at, self.root.root(), self.root.size());
        *out +=
            &format!(r#""published_at":"{published_at}","root_hash":"{root}","size":{size},"tree_name":"#);
        push_string(&self.tree_name, out);
        out.push_str(",\"url\":");
        push_string(&self.url, out);
        out.push('}');
    }
}

/// Writes `pangea.json`: canonical JSON on one line, events in ascending order.
///
/// Erased records and the genesis record are left out. All proofs are against one root, that of the end of the range
/// or that of the checkpoint.
///
/// ```
/// use litesoc_ledger::{Hash, bundle::{PangeaRoot, PangeaWriter}, ptree::TrustedRoot, time::Moment};
///
/// let writer = PangeaWriter::new(String::new(), "prq_example", 0);
/// let root = TrustedRoot::pinned(1, Hash::of(b"genesis"));
/// let root = PangeaRoot::new(root, "tree", Moment::from_micros(0).expect("in range"), "https://log.example/");
/// let json = writer.finish(&root);
/// assert!(json.starts_with(r#"{"request_id":"prq_example","result":{"count":0,"events":[],"root":{"#));
/// ```
#[derive(Debug)]
pub struct PangeaWriter {
    out: String,
    first: bool,
}

impl PangeaWriter {
    /// Starts a file, behind what `out` holds already; `count` is the number of events that will come.
    #[must_use]
    pub fn new(out: String, request_id: &str, count: u64) -> Self {
        let mut out = out;
        out.push_str("{\"request_id\":");
        push_string(request_id, &mut out);
        out.push_str(&format!(",\"result\":{{\"count\":{count},\"events\":["));
        Self { out, first: true }
    }

    /// Adds an event: the canonical text of its envelope, its leaf hash, its place and its proof.
    pub fn event(&mut self, envelope: &str, leaf_hash: &Hash, index: u64, proof: &MembershipProof) {
        let out = &mut self.out;
        if !std::mem::take(&mut self.first) {
            out.push(',');
        }
        out.push_str("{\"envelope\":");
        out.push_str(envelope);
        out.push_str(",\"hash\":\"");
        leaf_hash.push_hex(out);
        out.push_str(&format!(
            "\",\"leaf_index\":{index},\"membership_proof\":\"{proof}\",\"published\":true}}"
        ));
    }

    /// What was written so far, for those who write it out piece by piece; it is forgotten here.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Ends the file and gives what was not taken. The consistency proof of the root is left out: nothing in a bundle
    /// could show that it holds.
    #[must_use]
    pub fn finish(mut self, root: &PangeaRoot) -> String {
        self.out.push_str("],\"root\":");
        PangeaRoot { consistency_proof: Vec::new(), ..root.clone() }.push_json(&mut self.out);
        self.out.push_str("}}");
        self.out
    }
}

/// Holds `pangea.json` against what the bundle has shown; `leaves` are the leaf hashes of its range.
pub(super) fn verify(json: &[u8], leaves: &[Hash], verified: &Verified) -> Result<(), BundleFault> {
    let json = json.strip_suffix(b"\n").unwrap_or(json);
    let mut scanner = Scanner::new(json).map_err(Reason::Pangea)?;
    let mut check = Check { leaves, verified, climber: None, next: verified.range.start, seen: 0 };
    check.file(&mut scanner).map_err(|fault| match fault {
        Fault::Json(error) => BundleFault::from(Reason::Pangea(error)),
        Fault::Bundle(fault) => fault,
    })
}

enum Fault {
    Json(InvalidJson),
    Bundle(BundleFault),
}

impl From<InvalidJson> for Fault {
    fn from(error: InvalidJson) -> Self {
        Self::Json(error)
    }
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self::Bundle(reason.into())
    }
}

struct Check<'a> {
    leaves: &'a [Hash],
    verified: &'a Verified,
    /// Known once the first event has shown which root the proofs are against.
    climber: Option<Climber>,
    next: u64,
    seen: u64,
}

const fn rule(text: &'static str) -> Reason {
    Reason::PangeaRule(text)
}

impl Check<'_> {
    fn file(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        let mut previous = None;
        let mut result = false;
        scanner.expect(b'{')?;
        loop {
            match scanner.name(&mut previous)? {
                "result" => {
                    self.result(scanner)?;
                    result = true;
                }
                _ => drop(scanner.span()?),
            }
            if !scanner.another(b'}')? {
                break;
            }
        }
        scanner.end()?;
        if result { Ok(()) } else { Err(rule("no result").into()) }
    }

    fn result(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        let mut previous = None;
        let (mut count, mut root) = (None, None);
        scanner.expect(b'{')?;
        loop {
            match scanner.name(&mut previous)? {
                "count" => count = encoding::decimal(scanner.span()?),
                "events" => self.events(scanner)?,
                "root" => root = Some(scanner.span()?),
                _ => return Err(rule("result has a member that nothing in the bundle can show").into()),
            }
            if !scanner.another(b'}')? {
                break;
            }
        }
        if count != Some(self.seen) {
            return Err(rule("count is not the number of events").into());
        }
        self.complete()?;
        self.root(root.ok_or(rule("no root"))?)
    }

    /// No record but the genesis and erased ones may be absent.
    fn complete(&self) -> Result<(), Fault> {
        let genesis = u64::from(self.verified.range.start == 0);
        let expected = self.leaves.len() as u64 - self.verified.erased - genesis;
        if self.seen == expected { Ok(()) } else { Err(rule("events of the range are missing").into()) }
    }

    fn root(&self, json: &str) -> Result<(), Fault> {
        let (mut size, mut hash) = (None, None);
        for member in canonical::Scan::object(json.as_bytes())? {
            let member = member?;
            match member.name {
                "size" => size = encoding::decimal(member.value),
                "root_hash" => hash = member.string().and_then(|hash| Hash::from_hex(&hash).ok()),
                "tree_name" => {
                    let name = ptree::tree_name(&self.verified.accepted.checkpoint.origin);
                    if member.string().is_none_or(|found| found != name) {
                        return Err(rule("tree_name is not that of the log").into());
                    }
                }
                "published_at" | "url" => {}
                _ => return Err(rule("the root has a member that nothing in the bundle can show").into()),
            }
        }
        let root = size.zip(hash).map(|(size, hash)| TrustedRoot::pinned(size, hash));
        let known = match &self.climber {
            Some(climber) => root.as_ref() == Some(climber.tree()),
            None => root.is_some() && (root == Some(self.verified.root_after) || root == self.verified.head),
        };
        if known { Ok(()) } else { Err(rule("the root is not the one of the bundle").into()) }
    }

    fn events(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        scanner.expect(b'[')?;
        if scanner.peek()? == b']' {
            return Ok(scanner.expect(b']')?);
        }
        let mut proof = MembershipProof::default();
        loop {
            self.event(scanner, &mut proof)?;
            if !scanner.another(b']')? {
                return Ok(());
            }
        }
    }

    fn event(&mut self, scanner: &mut Scanner<'_>, proof: &mut MembershipProof) -> Result<(), Fault> {
        let mut previous = None;
        let (mut envelope, mut hash, mut index, mut path, mut published) = ("", "", None, None, false);
        scanner.expect(b'{')?;
        loop {
            let name = scanner.name(&mut previous)?;
            let value = scanner.span()?;
            match name {
                "envelope" => envelope = value,
                "hash" => hash = value,
                "leaf_index" => index = encoding::decimal(value),
                "membership_proof" => path = value.strip_prefix('"').and_then(|path| path.strip_suffix('"')),
                "published" => published = value == "true",
                _ => return Err(rule("an event has a member that nothing in the bundle can show").into()),
            }
            if !scanner.another(b'}')? {
                break;
            }
        }
        let index = index.ok_or(rule("an event has no leaf_index"))?;
        let place =
            index.checked_sub(self.verified.range.start).and_then(|place| usize::try_from(place).ok());
        let leaf = place.and_then(|place| self.leaves.get(place)).filter(|_| index >= self.next);
        let leaf = leaf.ok_or(rule("an event is not of the range, or not in its order"))?;
        let judged = self.judge(leaf, index, envelope, hash, published, path, proof);
        judged.map_err(|reason| Fault::Bundle(BundleFault::at(index, reason)))?;
        (self.next, self.seen) = (index + 1, self.seen + 1);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the members of one event")]
    fn judge(
        &mut self,
        leaf: &Hash,
        index: u64,
        envelope: &str,
        hash: &str,
        published: bool,
        path: Option<&str>,
        proof: &mut MembershipProof,
    ) -> Result<(), Reason> {
        if Hash::of(envelope.as_bytes()) != *leaf {
            return Err(rule("the envelope is not the record of the bundle"));
        }
        let same = hash.strip_prefix('"').and_then(|hash| hash.strip_suffix('"')).map(Hash::from_hex);
        if same != Some(Ok(*leaf)) {
            return Err(rule("the hash is not that of the record"));
        }
        if !published {
            return Err(rule("published is not true, though the checkpoint covers the record"));
        }
        if index == 0 {
            let view = EnvelopeView::read(envelope.as_bytes())?;
            if view.event_string("message").is_some_and(|message| message == GENESIS_MESSAGE) {
                return Err(rule("the genesis record is no event"));
            }
        }
        proof.read(path.ok_or(rule("no membership_proof"))?).map_err(Reason::PangeaProof)?;
        let fault = match &mut self.climber {
            Some(climber) => climber.verify(leaf, index, proof),
            None => self.choose(leaf, index, proof),
        };
        fault.map_err(Reason::PangeaProof)
    }

    /// The first event: its proof is against one of the two roots that the bundle has shown.
    fn choose(&mut self, leaf: &Hash, index: u64, proof: &MembershipProof) -> Result<(), ptree::ProofFault> {
        let mut climber = Climber::new(self.verified.root_after);
        let first = climber.verify(leaf, index, proof);
        if first.is_err()
            && let Some(head) = self.verified.head
        {
            climber = Climber::new(head);
            climber.verify(leaf, index, proof)?;
        } else {
            first?;
        }
        self.climber = Some(climber);
        Ok(())
    }
}
