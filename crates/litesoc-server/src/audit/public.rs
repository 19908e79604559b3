//! What an audit log shows beside the Pangea Audit API: checkpoints, keys, tiles (C2SP tlog-tiles), proofs, bundles, and
//! published roots in the place of Arweave.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use litesoc_audit::{AuditLog, BundleError, Choice, Refused, new_request_id};
use litesoc_ledger::Hash;
use litesoc_ledger::ptree;
use litesoc_ledger::tiles::TilePath;
use litesoc_ledger::time::Moment;
use uuid::Uuid;

use super::envelope::Outcome;
use super::files::Files;
use super::{Audit, blocking, moment};
use crate::access::presented_key;
use crate::answer::Refusal;
use crate::front::Visitor;
use crate::routes::{body, path};
use crate::state::State;
use crate::trail::{self, EVENTS};

/// The longest query for published roots: four thousand sizes.
const LONGEST_QUERY: usize = 256 << 10;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// For what is the same for ever, full tiles and exact parts of them alike.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FRESH: HeaderValue = HeaderValue::from_static("no-cache");

/// Something an audit log shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicRoute {
    /// The newest published checkpoint of a log.
    Checkpoint(String),
    /// Its verifier keys.
    Keys(String),
    /// A tile of hashes or of entries; `None` for a path that names none.
    Tile(String, Option<TilePath>),
    /// The proof of one record; `None` for a place that is no number.
    Proof(Option<u64>),
    /// A range of records as one file.
    Bundle,
    /// A query for published roots.
    Transactions,
    /// A published root; the flag: as base64url.
    Transaction(String, bool),
}

impl PublicRoute {
    /// What a path stands for.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let path: Cow<'_, str> = if path.contains("//") { path::collapsed(path).into() } else { path.into() };
        if let Some(rest) = path.strip_prefix("/log/") {
            return Self::of_log(rest);
        }
        let path = path.strip_suffix('/').unwrap_or(&path);
        if let Some(rest) = path.strip_prefix("/arweave/") {
            return Some(match rest.strip_prefix("tx/").and_then(|rest| rest.strip_suffix("/data")) {
                Some(id) => Self::Transaction(id.to_owned(), true),
                None if rest == "graphql" => Self::Transactions,
                None => Self::Transaction(rest.to_owned(), false),
            });
        }
        let path = path.strip_prefix("/audit").unwrap_or(path);
        match path.strip_prefix("/v1/")? {
            "bundle" => Some(Self::Bundle),
            rest => Some(Self::Proof(index(rest.strip_prefix("proof/")?))),
        }
    }

    /// The name of a log has slashes itself, so what is asked of it is looked for from the end.
    fn of_log(path: &str) -> Option<Self> {
        if let Some(origin) = path.strip_suffix("/checkpoint") {
            return Some(Self::Checkpoint(origin.to_owned()));
        }
        if let Some(origin) = path.strip_suffix("/vkey") {
            return Some(Self::Keys(origin.to_owned()));
        }
        let (origin, _) = path.rsplit_once("/tile/")?;
        Some(Self::Tile(origin.to_owned(), path[origin.len() + 1..].parse().ok()))
    }

    const fn is_post(&self) -> bool {
        matches!(self, Self::Transactions)
    }
}

/// A number as people write it: no sign, no leading zero.
fn index(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| plain)
}

/// The answer; there always is one.
pub(crate) async fn answer(
    state: &State,
    route: PublicRoute,
    request: Request<Body>,
    visitor: &Visitor,
) -> Response {
    let arrived = moment(&state.config.clock);
    let id = state.audit.as_ref().map_or_else(new_request_id, |audit| audit.id_of(request.headers()));
    match respond(state, route, request, visitor).await {
        Ok(response) => response,
        Err(outcome) => outcome.write(&id, arrived, moment(&state.config.clock)),
    }
}

async fn respond(
    state: &State,
    route: PublicRoute,
    request: Request<Body>,
    visitor: &Visitor,
) -> Result<Response, Outcome> {
    let Some(audit) = &state.audit else {
        let summary = "This server has no audit logs";
        return Err(Outcome::error(StatusCode::FORBIDDEN, "ServiceNotEnabled", summary));
    };
    let right = if route.is_post() { Method::POST } else { Method::GET };
    let is_head = *request.method() == Method::HEAD && !route.is_post();
    if *request.method() != right && !is_head {
        let mut wrong = Response::new(Body::from(format!("this path takes {right}\n")));
        *wrong.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        let allowed = if route.is_post() { "POST" } else { "GET, HEAD" };
        wrong.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        return Ok(wrong);
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let token = Hash::of(presented_key(request.headers()).unwrap_or_default());
    match route {
        PublicRoute::Checkpoint(origin) => {
            let log = audit.log(&origin)?;
            checkpoint(&log)
        }
        PublicRoute::Keys(origin) => {
            let keys = audit.log(&origin)?.verifier_keys().map(|key| format!("{key}\n")).concat();
            Ok(shown(keys, TEXT, FRESH))
        }
        PublicRoute::Tile(origin, tile) => {
            let (log, tile) = (audit.log(&origin)?, tile.ok_or_else(no_tile)?);
            blocking(move || read_tile(&log, tile)).await?.ok_or_else(no_tile)
        }
        PublicRoute::Proof(index) => proof(audit, index, (&token, &query), visitor).await,
        PublicRoute::Bundle => bundle(state, audit, (&token, &query), visitor).await,
        PublicRoute::Transactions => {
            let query = body::read(request, LONGEST_QUERY, &state.config.timeouts).await?;
            let service = Arc::clone(&audit.service);
            let answer = blocking(move || service.transactions(&query)).await?;
            Ok(shown(answer, JSON, FRESH))
        }
        PublicRoute::Transaction(id, encoded) => transaction(audit, id, encoded).await,
    }
}

impl Audit {
    fn log(&self, origin: &str) -> Result<Arc<AuditLog>, Outcome> {
        let log = self.service.by_origin(origin);
        log.ok_or_else(|| Outcome::not_found("There is no log of this name here"))
    }
}

fn no_tile() -> Outcome {
    Outcome::not_found("There is no such tile, or not yet")
}

fn shown(body: impl Into<Body>, media: HeaderValue, caching: HeaderValue) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, media);
    response.headers_mut().insert(CACHE_CONTROL, caching);
    response
}

fn checkpoint(log: &AuditLog) -> Result<Response, Outcome> {
    let published = log.published();
    let published = published.ok_or_else(|| Outcome::not_found("No checkpoint is published yet"))?;
    Ok(shown(published.checkpoint.to_string(), TEXT, FRESH))
}

fn read_tile(log: &AuditLog, path: TilePath) -> Result<Option<Response>, Refused> {
    Ok(log.tile(path)?.map(|bytes| shown(bytes, BYTES, IMMUTABLE)))
}

/// The log that a request with a key is about: the configuration it names, or the default one. `whole`: it shows what records
/// say, so a token that may see a part of them does not get it.
async fn log_of(
    audit: &Audit,
    (token, query): (&Hash, &str),
    visitor: &Visitor,
    whole: bool,
) -> Result<Arc<AuditLog>, Outcome> {
    let caller = visitor.caller()?;
    let Choice { config, mandatory, .. } = audit.choose(token, parameter(query, "config_id"))?;
    if whole && !mandatory.is_empty() {
        let summary = "This token sees a part of the log, and no bundle of it";
        return Err(Outcome::error(StatusCode::FORBIDDEN, "Unauthorized", summary));
    }
    audit.log_of(caller.organization.as_str(), config.as_deref()).await
}

/// A parameter of the address; none of ours needs an escape.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (key == name).then_some(value))
}

async fn proof(
    audit: &Audit,
    index: Option<u64>,
    asked: (&Hash, &str),
    visitor: &Visitor,
) -> Result<Response, Outcome> {
    let log = log_of(audit, asked, visitor, false).await?;
    let none = || Outcome::not_found("There is no such record, or it is not published yet");
    let index = index.ok_or_else(none)?;
    Ok(shown(prove(log, index).await?.ok_or_else(none)?, TEXT, FRESH))
}

/// Where the record of an event is, and its proof.
pub(crate) struct EventProof {
    pub(crate) config: String,
    pub(crate) index: u64,
    pub(crate) proof: String,
}

impl Audit {
    /// The proof of the record that holds an event; `None` while there is none.
    pub(crate) async fn event_proof(
        &self,
        organization: &str,
        event: Uuid,
        received_ms: i64,
    ) -> Result<Option<EventProof>, Refusal> {
        let (service, organization) = (self.service(), organization.to_owned());
        let found = blocking(move || {
            let Some(log) = service.named_already(&organization, EVENTS) else { return Ok(None) };
            let from = Moment::from_micros(received_ms.saturating_mul(1_000)).unwrap_or_else(|| log.now());
            let request = trail::event_request(event);
            let Some(index) = log.place_of(request, &event.to_string(), from)? else { return Ok(None) };
            let proof = log.proof(index).map_err(|error| Refused::Failed(error.to_string()))?;
            let config = log.configuration().id.to_string();
            Ok(proof.map(|proof| EventProof { config, index, proof: proof.to_string() }))
        });
        found.await.map_err(|_| Refusal::failure())
    }
}

/// The proof of a record as text; `None` for one that is not published yet.
pub(super) async fn prove(log: Arc<AuditLog>, index: u64) -> Result<Option<String>, Outcome> {
    blocking(move || match log.proof(index) {
        Ok(proof) => Ok(proof.map(|proof| proof.to_string())),
        Err(error) => Err(Refused::Failed(error.to_string())),
    })
    .await
}

async fn bundle(
    state: &State,
    audit: &Audit,
    asked: (&Hash, &str),
    visitor: &Visitor,
) -> Result<Response, Outcome> {
    let log = log_of(audit, asked, visitor, true).await?;
    state.charge(visitor.caller()?, 1)?;
    let number = |name: &str| {
        let text =
            parameter(asked.1, name).map(|text| index(text).ok_or_else(|| name.to_owned())).transpose();
        text.map_err(|name| {
            let fault =
                litesoc_audit::Fault::new("InvalidInteger", format!("/{name}"), "the place of a record");
            Outcome::invalid(&[fault])
        })
    };
    let (from, to) = (number("from")?.unwrap_or(0), number("to")?);
    let busy = || {
        let summary = "Too many files are being fetched: try again";
        Outcome::error(StatusCode::SERVICE_UNAVAILABLE, "ServiceNotAvailable", summary)
    };
    let place = audit.files.place().ok_or_else(busy)?;
    let act = super::act(visitor.caller()?, "audit.export", &log).with("from", from).with("to", to);
    audit.record(visitor.caller()?, &new_request_id(), act).await?;
    // Written whole before the first byte is sent: a bundle that breaks off must not look like an answer.
    let file = blocking(move || {
        log.bundle_file(from, to).map_err(|error| {
            if matches!(error, BundleError::Range { .. }) {
                return Refused::fault("NotWithinRange", "/to", error.to_string());
            }
            Refused::Failed(error.to_string())
        })
    })
    .await?;
    let mut response = Files::copy(file, place).map_err(|_| busy())?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zstd"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"bundle.tar.zst\""));
    Ok(response)
}

async fn transaction(audit: &Audit, id: String, encoded: bool) -> Result<Response, Outcome> {
    // Finding a name that was not told takes a while, so one request at a time may try.
    let _turn =
        if audit.service.knows_transaction(&id) { None } else { audit.searching.acquire().await.ok() };
    let service = Arc::clone(&audit.service);
    let found = blocking(move || service.transaction(&id)).await?;
    let json = found.ok_or_else(|| Outcome::not_found("There is no published root of this name"))?;
    if encoded {
        return Ok(shown(ptree::published_root_data(&json), TEXT, FRESH));
    }
    Ok(shown(json, JSON, FRESH))
}

#[cfg(test)]
mod tests {
    use litesoc_ledger::tiles::TilePath;

    use super::PublicRoute;

    #[test]
    fn origins_may_have_slashes() {
        let origin = || "audit.example/a/tile/b".to_owned();
        for (path, route) in [
            ("/log/audit.example/a/tile/b/checkpoint", PublicRoute::Checkpoint(origin())),
            ("/log/audit.example/a/tile/b/vkey", PublicRoute::Keys(origin())),
            (
                "/log/audit.example/a/tile/b/tile/entries/000.p/3",
                PublicRoute::Tile(origin(), Some(TilePath::Entries { index: 0, width: 3 })),
            ),
            ("/log/audit.example/a/tile/b/tile/0/1", PublicRoute::Tile(origin(), None)),
            ("/v1/proof/12", PublicRoute::Proof(Some(12))),
            ("/audit/v1/proof/012", PublicRoute::Proof(None)),
            ("/audit/v1/bundle", PublicRoute::Bundle),
            ("/arweave/graphql", PublicRoute::Transactions),
            ("/arweave/abc/", PublicRoute::Transaction("abc".to_owned(), false)),
            ("/arweave/tx/abc/data", PublicRoute::Transaction("abc".to_owned(), true)),
        ] {
            assert_eq!(PublicRoute::of(path), Some(route), "{path}");
        }
        for path in ["/log/", "/log/a", "/v1/log", "/audit/v1/search", "/arweave", "/events", "/v1/proofs"] {
            assert_eq!(PublicRoute::of(path), None, "{path}");
        }
    }
}
