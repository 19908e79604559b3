//! The contract of [`Transport`], as a function that every implementor can call.

mod answers;
mod connections;
mod failures;
mod requests;

use std::fmt::{self, Write as _};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

use super::server::{Counts, HostileServer, Received};
use crate::transport::{SharedTransport, TimeLimit, Transport, TransportError};

/// The secret that every request of the suite carries and that nothing may show.
const KEY: &str = "lsoc_live_conformance_5e1f8b0c";

/// The time one rule may take before it counts as broken. Generous: the suite runs on busy machines.
const RULE_LIMIT: Duration = Duration::from_secs(30);

/// The time in which something that must happen at once has to happen.
const PROMPT: Duration = Duration::from_secs(5);

/// The limit of requests whose answer does not come in time.
const SHORT: Duration = Duration::from_millis(250);

/// A rule of the contract that a transport broke.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The name of the rule.
    pub rule: &'static str,
    /// What the rule asks for.
    pub expected: String,
    /// What the transport did.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    expected: {}\n    seen: {}", self.rule, self.expected, self.seen)
    }
}

impl std::error::Error for Violation {}

/// Makes the transport under test.
type Make<'a> = &'a dyn Fn() -> SharedTransport;
type Verdict = Result<(), Broken>;
type Check = for<'a> fn(Make<'a>) -> Pin<Box<dyn Future<Output = Verdict> + 'a>>;

struct Rule {
    name: &'static str,
    check: Check,
}

/// A violation before its rule's name is known.
#[derive(Debug)]
struct Broken {
    expected: String,
    seen: String,
}

macro_rules! rules {
    ($($name:literal => $module:ident::$check:ident,)*) => {
        &[$(Rule { name: $name, check: |make| Box::pin($module::$check(make)) }),*]
    };
}

const RULES: &[Rule] = rules! {
    "every status is an answer" => answers::every_status,
    "the body arrives whole" => answers::whole_body,
    "the longest allowed body arrives" => answers::longest_body,
    "answer headers arrive unchanged" => answers::headers,
    "informational answers are skipped" => answers::informational,
    "an answer may come before the request's body is read" => answers::early,
    "redirects are answers" => answers::redirects,
    "method, path and query are sent unchanged" => requests::line,
    "request headers are sent unchanged" => requests::headers,
    "the request's body is sent whole" => requests::body,
    "a request without authority is an error" => requests::no_authority,
    "secrets stay secret" => requests::secrets,
    "one connection serves requests in sequence" => connections::keep_alive,
    "an announced close is respected" => connections::announced_close,
    "a connection closed behind one's back does no harm" => connections::silent_close,
    "a stalled request does not hold up others" => connections::concurrency,
    "IPv6 works" => connections::ipv6,
    "one call is one attempt" => failures::one_attempt,
    "a refused connection is Connect" => failures::refused,
    "a cut answer is Closed" => failures::cut,
    "an answer that is not HTTP is Protocol" => failures::garbage,
    "an over-long body is Protocol" => failures::too_long,
    "an answer that does not come ends in time" => failures::stall,
    "a body that drips ends in time" => failures::drip,
};

/// The names of all rules, in the order in which they are checked.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.name)
}

/// Checks a transport against the whole contract and lists the rules it broke.
///
/// `make` is called at least once for each rule, inside a tokio runtime with everything enabled that the build has.
/// Plain HTTP on loopback only. Takes a few seconds, most of them in the rules about time.
///
/// A transport that can be cancelled by a drop and one that looks at [`TimeLimit`] are both judged by what the
/// server sees: that the connection ends.
///
/// # Panics
///
/// When called inside an async runtime, or when no loopback port can be opened.
#[must_use = "the rules that were broken"]
pub fn violations<T: Transport>(make: impl Fn() -> T) -> Vec<Violation> {
    let make = move || SharedTransport::new(make());
    RULES.iter().filter_map(|rule| rule.broken_by(&make)).collect()
}

/// Checks a transport against the rule of this name, one of [`rules`].
///
/// # Panics
///
/// When there is no such rule, when called inside an async runtime, or when no loopback port can be opened.
#[must_use = "how the rule was broken"]
pub fn violation<T: Transport>(rule: &str, make: impl Fn() -> T) -> Option<Violation> {
    let rule = RULES.iter().find(|known| known.name == rule).expect("the name of a rule");
    rule.broken_by(&move || SharedTransport::new(make()))
}

impl Rule {
    fn broken_by(&self, make: Make<'_>) -> Option<Violation> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime of the calling thread");
        let verdict = runtime.block_on(async { tokio::time::timeout(RULE_LIMIT, (self.check)(make)).await });
        // A blocking call that outlives its rule must not hold up the next one.
        runtime.shutdown_background();
        let verdict = verdict.unwrap_or_else(|_| broken("an end", format!("nothing for {RULE_LIMIT:?}")));
        verdict.err().map(|Broken { expected, seen }| Violation { rule: self.name, expected, seen })
    }
}

/// Checks a transport against the whole contract.
///
/// # Panics
///
/// With a list of the rules that were broken, what was expected and what was seen. Also when called inside an async
/// runtime, or when no loopback port can be opened.
///
/// # Examples
///
/// In a test of your own transport, with `dev-dependencies` on `litesoc-core` with the feature `testing`:
///
/// ```no_run
/// use bytes::Bytes;
/// use litesoc_core::transport::{Transport, TransportError};
///
/// #[derive(Debug)]
/// struct Mine;
///
/// impl Transport for Mine {
///     async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
///         // your way to send one request and read one answer
///         # Ok(http::Response::new(request.into_body()))
///     }
/// }
///
/// litesoc_core::testing::conformance::check(|| Mine);
/// ```
pub fn check<T: Transport>(make: impl Fn() -> T) {
    let violations = violations(make);
    let mut report = String::new();
    for violation in &violations {
        let _ = write!(report, "\n  {violation}");
    }
    assert!(
        violations.is_empty(),
        "the transport broke {} of {} rules:{report}",
        violations.len(),
        RULES.len()
    );
}

fn broken(expected: impl Into<String>, seen: impl Into<String>) -> Verdict {
    Err(Broken { expected: expected.into(), seen: seen.into() })
}

fn ensure(holds: bool, expected: &str, seen: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { broken(expected, seen()) }
}

/// A request that carries the secret.
fn request(method: &str, url: &str, body: impl Into<Bytes>) -> http::Request<Bytes> {
    http::Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json")
        .header("x-api-key", KEY)
        .extension(TimeLimit::new(RULE_LIMIT))
        .body(body.into())
        .expect("the suite's own requests are valid")
}

fn limited(mut request: http::Request<Bytes>, limit: Duration) -> http::Request<Bytes> {
    request.extensions_mut().insert(TimeLimit::new(limit));
    request
}

type Outcome = Result<http::Response<Bytes>, TransportError>;

/// What came out, in words, without the body.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => format!("status {} and {} bytes", response.status(), response.body().len()),
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}

/// The answer, which is what the rule expects to get at all.
fn answer(outcome: Outcome, expected: &str) -> Result<http::Response<Bytes>, Broken> {
    outcome.map_err(|error| Broken { expected: expected.to_owned(), seen: told(&Err(error)) })
}

/// Waits until the server has seen something that must happen soon.
async fn seen(server: &HostileServer, expected: &str, enough: impl Fn(&Counts) -> bool) -> Verdict {
    let waited = tokio::time::timeout(PROMPT, server.until(enough)).await;
    waited.or_else(|_| broken(expected, format!("after {PROMPT:?}: {:?}", server.counts())))
}

/// The only request the server got.
fn only(server: &HostileServer) -> Result<Received, Broken> {
    let mut requests = server.requests();
    match (requests.pop(), requests.len()) {
        (Some(received), 0) => Ok(received),
        (last, before) => Err(Broken {
            expected: "exactly one request at the server".to_owned(),
            seen: format!("{} requests", before + usize::from(last.is_some())),
        }),
    }
}
