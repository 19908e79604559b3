//! Finding records, page by page or as a file, each judged on its own.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use litesoc_core::{Messenger, Pending};
use litesoc_ledger::Hash;
use litesoc_ledger::canonical::{Object, Value};
use litesoc_ledger::event::Event;
use litesoc_ledger::ptree::{Climber, MembershipProof};
use litesoc_ledger::signature::PublicKey;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::anchor::ClaimedRoot;
use super::client::{Audit, Inner};
use super::error::{Error, ErrorKind};
use super::verdict::{Unverified, Verified};
use super::verify::{self, Sealed};
use super::wire::Repeat;

/// A record of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its place in the log, once it is published.
    pub index: Option<u64>,
    /// The leaf hash.
    pub hash: Hash,
    /// What happened.
    pub event: Event,
    /// When the log received it.
    pub received_at: String,
    /// Whose signature it carries; the signature was checked.
    pub signed_by: Option<PublicKey>,
    /// The envelope as it came.
    pub envelope: String,
}

/// A record, and what was shown of it.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing between shown, said and forged")]
pub enum Found {
    /// It stands in the log at its place, unchanged.
    Verified(Verified<Record>),
    /// The service says so.
    Unverified(Unverified<Record>),
    /// It does not hold. The others of the page may.
    Forged {
        /// Its place on the page, from 0.
        place: usize,
        /// What does not hold.
        error: Error,
    },
}

/// One page of a search.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The search, for [`Audit::results`] and [`Audit::download`]; it is not repeated on later pages.
    pub id: Option<String>,
    /// When that id ends, in RFC 3339.
    pub expires_at: Option<String>,
    /// Records of the whole search. The service says so; that it held none back, only a bundle shows.
    pub count: u64,
    /// The records.
    pub records: Vec<Found>,
}

impl Page {
    /// The records, if all of them are verified.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Forged`] at the first one that does not hold, [`ErrorKind::Pending`] at the first one that is not shown yet.
    pub fn verified(self) -> Result<Vec<Verified<Record>>, Error> {
        let each = self.records.into_iter().map(|found| match found {
            Found::Verified(record) => Ok(record),
            Found::Unverified(record) => Err(Error::new(ErrorKind::Pending, record.why())),
            Found::Forged { place, error } => {
                Err(Error::new(error.kind(), format!("record {place} of the page: {}", error.message())))
            }
        });
        each.collect()
    }
}

/// In which direction a search is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two directions")]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A search that is ready to be made.
#[derive(Clone, Debug)]
#[must_use = "nothing is searched until `send` is called"]
pub struct Search {
    audit: Audit,
    body: Object,
    limit: Option<Duration>,
}

impl Search {
    pub(super) fn new(audit: &Audit) -> Self {
        let body = [("query", Value::from("")), ("verbose", Value::Bool(true))];
        let body = body.map(|(name, value)| (name.to_owned(), value));
        Self { audit: audit.clone(), body: body.into(), limit: None }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// What to look for, such as `actor:alice "all customers"`. Default: everything.
    pub fn query(self, query: impl Into<String>) -> Self {
        self.with("query", query.into())
    }

    /// From this time on: RFC 3339, or a duration before now such as `7d`. Default: 14 days ago.
    pub fn start(self, start: impl Into<String>) -> Self {
        self.with("start", start.into())
    }

    /// Up to this time.
    pub fn end(self, end: impl Into<String>) -> Self {
        self.with("end", end.into())
    }

    /// Records of the first page. Default 20.
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", i64::from(limit))
    }

    /// Records of the whole search, at most 10,000.
    pub fn max_results(self, most: u32) -> Self {
        self.with("max_results", i64::from(most))
    }

    /// What to sort by, and how. Default: by `received_at`, newest first.
    pub fn order_by(self, field: impl Into<String>, order: Order) -> Self {
        let order = if order == Order::Ascending { "asc" } else { "desc" };
        self.with("order_by", field.into()).with("order", order)
    }

    /// Only records whose field has one of these values.
    pub fn restrict(mut self, field: impl Into<String>, values: impl IntoIterator<Item = String>) -> Self {
        let values = Value::Array(values.into_iter().map(Value::from).collect());
        let entry = self.body.entry("search_restriction".to_owned());
        if let Value::Object(members) = entry.or_insert_with(|| Value::Object(Object::new())) {
            members.insert(field.into(), values);
        }
        self
    }

    /// The time this call may take with its checks. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Searches, and judges every record against a checkpoint of trusted keys.
    pub fn send(self) -> Pending<Result<Page, Error>> {
        let Self { audit, body, limit } = self;
        audit.run(limit, |inner, messenger| page(inner, messenger, "/v1/search", body, true))
    }

    /// Searches, and checks hashes and signatures alone.
    pub fn send_unverified(self) -> Pending<Result<Page, Error>> {
        let Self { audit, body, limit } = self;
        audit.run(limit, |inner, messenger| page(inner, messenger, "/v1/search", body, false))
    }
}

/// A further page of a search.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked until `send` is called"]
pub struct GetResults {
    search: Search,
}

impl GetResults {
    pub(super) fn new(audit: &Audit, id: String) -> Self {
        let body = Object::from([("id".to_owned(), Value::from(id))]);
        Self { search: Search { audit: audit.clone(), body, limit: None } }
    }

    /// Records to leave out.
    pub fn offset(self, offset: u32) -> Self {
        Self { search: self.search.with("offset", i64::from(offset)) }
    }

    /// Records of the page. Default 20.
    pub fn limit(self, limit: u32) -> Self {
        Self { search: self.search.with("limit", i64::from(limit)) }
    }

    /// The time this call may take with its checks. Default: that of the client.
    pub fn timeout(self, limit: Duration) -> Self {
        Self { search: self.search.timeout(limit) }
    }

    /// The page, each record judged against a checkpoint of trusted keys.
    pub fn send(self) -> Pending<Result<Page, Error>> {
        let Search { audit, body, limit } = self.search;
        audit.run(limit, |inner, messenger| page(inner, messenger, "/v1/results", body, true))
    }

    /// The page, with hashes and signatures checked alone.
    pub fn send_unverified(self) -> Pending<Result<Page, Error>> {
        let Search { audit, body, limit } = self.search;
        audit.run(limit, |inner, messenger| page(inner, messenger, "/v1/results", body, false))
    }
}

/// The form of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// RFC 4180, with a heading.
    Csv,
    /// As the API answers a search, with proofs.
    Json,
}

/// A download that is ready to be made.
#[derive(Clone, Debug)]
#[must_use = "nothing is fetched until `send` is called"]
pub struct Download {
    audit: Audit,
    id: String,
    limit: Option<Duration>,
}

/// The longest file that is unpacked, in bytes.
const LONGEST_DOWNLOAD: u64 = 256 << 20;

impl Download {
    pub(super) fn new(audit: &Audit, id: String) -> Self {
        Self { audit: audit.clone(), id, limit: None }
    }

    /// The time this call may take. Default: that of the client.
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Fetches the file. Nothing in the API vouches for it; a bundle is a file that verifies.
    pub fn send(self, format: Format) -> Pending<Result<Unverified<Vec<u8>>, Error>> {
        let Self { audit, id, limit } = self;
        audit.run(limit, move |inner, messenger| async move {
            let format = match format {
                Format::Csv => "csv",
                Format::Json => "json",
            };
            let body = [("result_id", Value::from(id)), ("format", Value::from(format))];
            let body = body.map(|(name, value)| (name.to_owned(), value)).into();
            let answer = inner.wire.call(&messenger, "/v1/download_results", body, Repeat::Always).await?;
            let Ok(Destination { dest_url }) = serde_json::from_str(answer.result.get()) else {
                return Err(Error::decode("the answer names no address to download from"));
            };
            let file = inner.wire.file(&messenger, &dest_url).await?;
            Ok(Unverified::new(unpacked(&file)?, "nobody vouches for the file"))
        })
    }
}

#[derive(Deserialize)]
struct Destination {
    dest_url: String,
}

/// The file itself: services send it compressed whether or not that was asked for (RFC 1952).
fn unpacked(file: &Bytes) -> Result<Vec<u8>, Error> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Ok(file.to_vec());
    }
    let mut text = Vec::new();
    let mut unpacking = flate2::read::MultiGzDecoder::new(&**file).take(LONGEST_DOWNLOAD + 1);
    unpacking.read_to_end(&mut text).map_err(|error| Error::decode(format!("the download: {error}")))?;
    if text.len() as u64 > LONGEST_DOWNLOAD {
        return Err(Error::decode("the download unpacks to more than 256 MiB"));
    }
    Ok(text)
}

#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    expires_at: Option<String>,
    #[serde(default)]
    count: u64,
    #[serde(borrow, default)]
    events: Vec<AnsweredEvent<'a>>,
    #[serde(default)]
    root: Option<ClaimedRoot>,
}

#[derive(Deserialize)]
struct AnsweredEvent<'a> {
    #[serde(borrow)]
    envelope: &'a RawValue,
    #[serde(default)]
    hash: Option<String>,
    #[serde(default)]
    published: Option<bool>,
    #[serde(default)]
    leaf_index: Option<u64>,
    #[serde(default)]
    membership_proof: Option<String>,
}

async fn page(
    inner: Arc<Inner>,
    messenger: Messenger,
    path: &'static str,
    body: Object,
    strict: bool,
) -> Result<Page, Error> {
    if strict {
        inner.trust()?;
    }
    let answer = inner.wire.call(&messenger, path, body, Repeat::Always).await?;
    let read: Answered<'_> = serde_json::from_str(answer.result.get())
        .map_err(|error| Error::decode(format!("the result of the search: {error}")))?;
    let mut climber = match &read.root {
        // The pages of a search keep its root while the log goes on.
        Some(root) if strict => {
            Some(Climber::new(inner.confirm(&messenger, root, path == "/v1/search").await?))
        }
        _ => None,
    };
    let records = read.events.iter().enumerate().map(|(place, event)| {
        judge(&inner, event, climber.as_mut(), strict).unwrap_or_else(|error| Found::Forged { place, error })
    });
    let records = records.collect();
    Ok(Page { id: read.id, expires_at: read.expires_at, count: read.count, records })
}

fn judge(
    inner: &Inner,
    event: &AnsweredEvent<'_>,
    climber: Option<&mut Climber>,
    strict: bool,
) -> Result<Found, Error> {
    let sealed = verify::sealed(event.envelope.get(), event.hash.as_deref(), &inner.signers)?;
    let unverified = |sealed, why| Ok(Found::Unverified(Unverified::new(record(sealed, None), why)));
    if !strict {
        return unverified(sealed, "no checkpoint was checked");
    }
    match event.published {
        None => {
            return Err(Error::forged("it is not said whether the record is published: that was taken away"));
        }
        Some(false) => {
            return unverified(sealed, "the record is not published yet; try again in some seconds");
        }
        Some(true) => {}
    }
    let forged = |what: &str| Error::forged(what);
    let index = event.leaf_index.ok_or_else(|| forged("the record has no place in the log"))?;
    let proof =
        event.membership_proof.as_deref().ok_or_else(|| forged("the record has no membership proof"))?;
    let climber = climber.ok_or_else(|| forged("the record is called published, and there is no root"))?;
    let proof: MembershipProof =
        proof.parse().map_err(|error| Error::forged(format!("the membership proof: {error}")))?;
    climber
        .verify(&sealed.hash, index, &proof)
        .map_err(|error| Error::forged(format!("the membership proof: {error}")))?;
    Ok(Found::Verified(Verified::new(record(sealed, Some(index)))))
}

fn record(sealed: Sealed, index: Option<u64>) -> Record {
    let Sealed { text, hash, event, received_at, signed_by, .. } = sealed;
    Record { index, hash, event: Event::from_members(event), received_at, signed_by, envelope: text }
}
