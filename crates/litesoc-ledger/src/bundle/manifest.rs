//! `bundle.json`: which records a bundle holds, and the subtrees beside them.

use super::Reason;
use crate::{
    Hash,
    canonical::{Object, Value},
    entry::Entry,
    note::VerifierKey,
    tree::{self, Nodes, TreeError},
};

const FORMAT: &str = "litesoc-audit-bundle/v1";

/// The newest entry of the checkpoint's tree with its audit path: it shows the P-root of the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The entry of the last record.
    pub entry: Entry,
    /// Its audit path in the tree of the checkpoint.
    pub path: Vec<Hash>,
}

impl Head {
    /// The head of a log.
    #[must_use]
    pub const fn new(entry: Entry, path: Vec<Hash>) -> Self {
        Self { entry, path }
    }
}

/// What `bundle.json` says. Nothing in it is believed; all of it is held against the checkpoint.
///
/// ```
/// use litesoc_ledger::{Hash, bundle::Manifest, merkle, note::NoteSigner, signature::PrivateKey, tree::*};
///
/// let leaves: Vec<_> = (0..9_u8).map(|n| Hash::of(&[n])).collect();
/// let records: MemoryTree<Pangea> = leaves.iter().copied().collect();
/// let entries: MemoryTree<Rfc6962> = leaves.iter().map(|leaf| merkle::leaf_hash(leaf.as_ref())).collect();
/// let log = NoteSigner::new("audit.example/acme", PrivateKey::from_seed([1; 32]))?;
/// let manifest = Manifest::build(log.verifier_key().clone(), 2..5, 9, &entries, &records)?;
/// assert_eq!(Manifest::parse(manifest.to_json().as_bytes())?, manifest);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// The key of the log; its name is the origin.
    pub log_key: VerifierKey,
    /// The first record.
    pub from: u64,
    /// The record behind the last one.
    pub to: u64,
    /// The size of the checkpoint's tree.
    pub size: u64,
    /// The R-subtrees that cover `0..from`.
    pub left_entries: Vec<Hash>,
    /// The P-subtrees that cover `0..from`.
    pub left_records: Vec<Hash>,
    /// The R-subtrees that cover `to..size`.
    pub right_entries: Vec<Hash>,
    /// The head, for a range that ends before it.
    pub head: Option<Head>,
}

impl Manifest {
    /// The manifest of a range, from the nodes of both trees.
    ///
    /// # Errors
    ///
    /// A range that is empty or beyond the size, and nodes that cannot be read.
    pub fn build<E, N, M>(
        log_key: VerifierKey,
        range: std::ops::Range<u64>,
        size: u64,
        entries: &N,
        records: &M,
    ) -> Result<Self, TreeError<E>>
    where
        N: Nodes<Error = E> + ?Sized,
        M: Nodes<Error = E> + ?Sized,
    {
        let (from, to) = (range.start, range.end);
        if from >= to || to > size {
            return Err(TreeError::NoSuchSize { from: to, to: size });
        }
        Ok(Self {
            log_key,
            from,
            to,
            size,
            left_entries: cover(entries, 0, from)?,
            left_records: cover(records, 0, from)?,
            right_entries: cover(entries, to, size)?,
            head: None,
        })
    }

    /// Adds the head, so that the P-root of the whole log is shown too.
    #[must_use]
    pub fn with_head(mut self, head: Head) -> Self {
        self.head = Some(head);
        self
    }

    /// The text: canonical JSON.
    ///
    /// # Panics
    ///
    /// Never for a log of fewer than 2^53 records.
    #[must_use]
    pub fn to_json(&self) -> String {
        let number = |number: u64| Value::Integer(i64::try_from(number).expect("fewer than 2^53 records"));
        let hashes =
            |hashes: &[Hash]| Value::Array(hashes.iter().map(|hash| hash.to_string().into()).collect());
        let object = |members: Vec<(&str, Value)>| {
            Object::from_iter(members.into_iter().map(|(name, value)| (name.to_owned(), value)))
        };
        let left = vec![("entries", hashes(&self.left_entries)), ("records", hashes(&self.left_records))];
        let mut members = object(vec![
            ("format", FORMAT.into()),
            ("log_key", self.log_key.to_string().into()),
            ("from", number(self.from)),
            ("to", number(self.to)),
            ("size", number(self.size)),
            ("left", object(left).into()),
            ("right", object(vec![("entries", hashes(&self.right_entries))]).into()),
        ]);
        if let Some(head) = &self.head {
            let mut entry = String::new();
            crate::encoding::push_hex(&head.entry.to_bytes(), &mut entry);
            let head = object(vec![("entry", entry.into()), ("path", hashes(&head.path))]);
            members.insert("head".to_owned(), head.into());
        }
        Value::Object(members).to_canonical()
    }

    /// Reads `bundle.json`; a newline behind it is allowed.
    ///
    /// # Errors
    ///
    /// What is not canonical JSON, a member that is missing, unknown or of another form, numbers that do not fit together.
    pub fn parse(json: &[u8]) -> Result<Self, Reason> {
        let json = json.strip_suffix(b"\n").unwrap_or(json);
        let value = Value::parse_canonical(json).map_err(Reason::Manifest)?;
        let rule = Reason::ManifestRule;
        let members = value.as_object().ok_or_else(|| rule("not an object"))?;
        let known = ["format", "from", "head", "left", "log_key", "right", "size", "to"];
        if members.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(rule("a member that this version does not know"));
        }
        if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err(Reason::Version);
        }
        let number = |name: &str| value.get(name)?.as_integer().and_then(|number| u64::try_from(number).ok());
        let bounds = number("from").zip(number("to")).zip(number("size"));
        let ((from, to), size) = bounds.ok_or_else(|| rule("from, to and size must be numbers"))?;
        if from >= to || to > size {
            return Err(rule("from, to and size must be in this order, and from below to"));
        }
        let log_key =
            value.get("log_key").and_then(Value::as_str).ok_or_else(|| rule("log_key is missing"))?;
        let list = |side: &str, name: &str| hashes(value.get(side)?.get(name)?);
        let lists = list("left", "entries").zip(list("left", "records")).zip(list("right", "entries"));
        let ((left_entries, left_records), right_entries) =
            lists.ok_or_else(|| rule("left and right must hold lists of hashes"))?;
        let peaks = from.count_ones() as usize;
        let right = tree::span(to, size).count();
        if left_entries.len() != peaks || left_records.len() != peaks || right_entries.len() != right {
            return Err(rule("the subtrees do not cover what lies left and right of the range"));
        }
        let head = value.get("head").map(|head| {
            let mut entry = [0; Entry::LEN];
            let read = crate::encoding::hex_into(head.get("entry")?.as_str()?.as_bytes(), &mut entry);
            let entry = read.then(|| Entry::from_bytes(&entry))??;
            Some(Head { entry, path: hashes(head.get("path")?)? })
        });
        let head = match head {
            Some(None) => return Err(rule("head must hold an entry and a path")),
            Some(Some(head)) => Some(head),
            None => None,
        };
        Ok(Self {
            log_key: log_key.parse()?,
            from,
            to,
            size,
            left_entries,
            left_records,
            right_entries,
            head,
        })
    }
}

fn cover<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Vec<Hash>, TreeError<N::Error>> {
    tree::span(start, end).map(|(level, index)| nodes.node(level, index).map_err(TreeError::Nodes)).collect()
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    value.as_array()?.iter().map(|hash| Hash::from_hex(hash.as_str()?).ok()).collect()
}
