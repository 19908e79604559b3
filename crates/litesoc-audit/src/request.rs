//! The bodies of requests, read with every fault at once.

mod members;

use std::collections::BTreeMap;

use litesoc_ledger::Hash;
use litesoc_ledger::canonical::Value;
use litesoc_ledger::event::Event;

use self::members::Members;
use crate::fault::Fault;
use crate::intake::Incoming;

/// The most events of one call.
const MOST_EVENTS: usize = 1_000;
/// The most results of a search.
pub(crate) const MOST_RESULTS: u64 = 10_000;
/// The longest page.
const LONGEST_PAGE: u64 = 1_000;
/// A page that does not say how long it is.
const USUAL_PAGE: u64 = 20;
const LONGEST_SIGNATURE: usize = 256;
const LONGEST_KEY: usize = 4_096;

/// Which values fields must have: any one of those listed.
pub type Restriction = BTreeMap<String, Vec<String>>;

/// Everything that is wrong with a body.
pub(crate) type Faults = Vec<Fault>;

/// `/v1/log`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogRequest {
    /// The event.
    pub item: Incoming,
    /// Whether envelope, root and proofs are wanted.
    pub verbose: bool,
    /// The root that the client saw last.
    pub prev_root: Option<Hash>,
}

impl LogRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let item = incoming(&mut members);
        let verbose = members.flag("verbose", false);
        let prev_root = members.text("prev_root", 64).map(str::to_owned).and_then(|text| {
            let root = Hash::from_hex(&text.to_ascii_lowercase());
            root.map_err(|_| members.fault("BadFormat", "prev_root", "a root is 64 hexadecimal digits")).ok()
        });
        members.done(Self { item, verbose, prev_root })
    }
}

/// `/v2/log` and `/v2/log_async`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkRequest {
    /// The events.
    pub items: Vec<Incoming>,
    /// Whether envelopes are wanted.
    pub verbose: bool,
}

impl BulkRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let verbose = members.flag("verbose", false);
        let mut items = Vec::new();
        for (place, item) in members.list("events", MOST_EVENTS).iter().enumerate() {
            match Members::below(item, format!("/events/{place}")) {
                Ok(mut inner) => {
                    items.push(incoming(&mut inner));
                    members.take_faults(inner);
                }
                Err(faults) => members.add(faults),
            }
        }
        members.done(Self { items, verbose })
    }

    /// Reads the body of `/v1/log_stream`: each object becomes the text of one event.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read_stream(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let items = members.list("logs", MOST_EVENTS);
        let event = |item: &Value| Event::new().with("message", item.to_canonical());
        let items = items.iter().map(|item| Incoming::unsigned(event(item))).collect();
        members.done(Self { items, verbose: false })
    }
}

fn incoming(members: &mut Members<'_>) -> Incoming {
    let event = members.object("event").cloned().unwrap_or_default();
    let signature = members.text("signature", LONGEST_SIGNATURE).map(str::to_owned);
    let public_key = members.text("public_key", LONGEST_KEY).map(str::to_owned);
    Incoming { event: Event::from_members(event), signature, public_key }
}

/// The order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two directions")]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// `/v1/search`, and `/v1/export` without a query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SearchRequest {
    /// The query.
    pub query: String,
    /// From when on, as it was sent.
    pub start: Option<String>,
    /// So long ago, as it was sent; the same as `start`.
    pub last: Option<String>,
    /// Until when, as it was sent.
    pub end: Option<String>,
    /// Events on the first page.
    pub limit: u64,
    /// The most events of all pages.
    pub max_results: u64,
    /// The direction.
    pub order: Order,
    /// The field that orders.
    pub order_by: String,
    /// What must be so whatever the query says.
    pub restriction: Restriction,
    /// What the token of the request must not see beyond.
    pub mandatory: Restriction,
    /// Whether proofs are wanted.
    pub verbose: bool,
    /// Whether `fpe_context` is wanted.
    pub return_context: bool,
}

impl SearchRequest {
    /// Reads the body of a search.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let text =
            |members: &mut Members<'_>, name| members.text(name, usize::MAX).unwrap_or_default().to_owned();
        let query = text(&mut members, "query");
        let mut request = Self::range(&mut members);
        request.query = query;
        request.limit = members.number("limit", 1, LONGEST_PAGE).unwrap_or(USUAL_PAGE);
        request.max_results = members.number("max_results", 1, MOST_RESULTS).unwrap_or(MOST_RESULTS);
        request.restriction = members.restriction("search_restriction").unwrap_or_default();
        request.return_context = members.flag("return_context", false);
        members.done(request)
    }

    /// Reads the body of an export.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read_export(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        members.choice("format", &["csv", "json"]);
        let request = Self::range(&mut members);
        members.done(request)
    }

    fn range(members: &mut Members<'_>) -> Self {
        let mut time = |name| members.text(name, 64).map(str::to_owned);
        let (start, last, end) = (time("start"), time("last"), time("end"));
        let order = match members.choice("order", &["asc", "desc"]) {
            Some("asc") => Order::Ascending,
            _ => Order::Descending,
        };
        Self {
            query: String::new(),
            start,
            last,
            end,
            limit: USUAL_PAGE,
            max_results: u64::MAX,
            order,
            order_by: members.text("order_by", 64).unwrap_or("received_at").to_owned(),
            restriction: Restriction::new(),
            mandatory: Restriction::new(),
            verbose: members.flag("verbose", true),
            return_context: false,
        }
    }
}

/// `/v1/results`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResultsRequest {
    /// The search.
    pub id: String,
    /// Where the page begins.
    pub offset: u64,
    /// Its length.
    pub limit: u64,
    /// The restriction that the search must have had.
    pub assert_restriction: Option<Restriction>,
    /// Whether `fpe_context` is wanted.
    pub return_context: bool,
}

impl ResultsRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let request = Self {
            id: members.required_text("id").to_owned(),
            offset: members.number("offset", 0, u64::MAX).unwrap_or(0),
            limit: members.number("limit", 1, LONGEST_PAGE).unwrap_or(USUAL_PAGE),
            assert_restriction: members.restriction("assert_search_restriction"),
            return_context: members.flag("return_context", false),
        };
        members.done(request)
    }
}

/// `/v1/root`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RootRequest {
    /// The size; the newest published one without it.
    pub tree_size: Option<u64>,
}

impl RootRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let tree_size = members.number("tree_size", 1, u64::MAX);
        members.done(Self { tree_size })
    }
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "the API has two")]
pub enum FileFormat {
    /// RFC 4180.
    Csv,
    /// One line of JSON, as verifiers read it.
    Json,
}

impl FileFormat {
    /// The end of the file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// `/v1/download_results`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DownloadRequest {
    /// The search (`pas_..`) or the export (`prq_..`).
    pub id: String,
    /// The form.
    pub format: FileFormat,
    /// The restriction that the search must have had.
    pub assert_restriction: Option<Restriction>,
}

impl DownloadRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Fault>> {
        let mut members = Members::of(body)?;
        let result = members.text("result_id", 64).map(str::to_owned);
        let request = members.text("request_id", 64).map(str::to_owned);
        let format = match members.choice("format", &["csv", "json"]) {
            Some("json") => FileFormat::Json,
            _ => FileFormat::Csv,
        };
        let assert_restriction = members.restriction("assert_search_restriction");
        let id = match (result, request) {
            (Some(id), None) | (None, Some(id)) => id,
            (None, None) => {
                members.fault("MustProvideOne", "result_id", "give result_id or request_id");
                String::new()
            }
            (Some(_), Some(_)) => {
                members.fault("MutuallyExclusive", "request_id", "give result_id or request_id, not both");
                String::new()
            }
        };
        members.done(Self { id, format, assert_restriction })
    }
}

/// The configuration that a body names, whatever else it holds.
///
/// # Errors
///
/// It is no text.
pub fn config_id(body: &Value) -> Result<Option<&str>, Vec<Fault>> {
    let mut members = Members::of(body)?;
    let id = members.text("config_id", 64);
    members.done(id)
}
