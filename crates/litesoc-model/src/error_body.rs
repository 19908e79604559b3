//! [`ErrorBody`]: what an answer says went wrong, in either of its two shapes or none.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::json::{Members, raw_object, text, whole};
use crate::retry_after::RetryAfter;
use crate::vocabulary::{ErrorCode, Plan};

/// The most characters a message keeps.
const MESSAGE_CHARS: usize = 300;

/// What an answer says went wrong.
///
/// ```
/// use litesoc_model::{ErrorBody, ErrorCode};
///
/// let flat = ErrorBody::decode(br#"{"error": "No such alert", "code": "ALERT_NOT_FOUND"}"#);
/// let nested = ErrorBody::decode(br#"{"success": false, "error": {"code": "ALERT_NOT_FOUND", "message": "No such alert"}}"#);
/// assert_eq!(flat, nested);
/// assert_eq!(flat.code, Some(ErrorCode::AlertNotFound));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorBody {
    /// One short line for people, without control characters. Never empty after [`decode`](Self::decode).
    pub message: String,
    /// The reason for programs.
    pub code: Option<ErrorCode>,
    /// The plan that would allow it, in the service's words.
    pub required_plan: Option<String>,
    /// Where to get that plan.
    pub upgrade_url: Option<String>,
    /// Where to read about the error.
    pub link: Option<String>,
    /// How long to wait, when the body tells.
    pub retry_after: Option<RetryAfter>,
}

/// Which of the two shapes to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `error` is text; the standard.
    #[default]
    Flat,
    /// `error` is an object; for the clients that understand nothing else.
    Nested,
}

impl ErrorShape {
    /// The shape that the client with this User-Agent understands.
    ///
    /// Version 2.0 to 2.5 of the Node client and the n8n node want the nested one; most others fail on it.
    #[must_use]
    pub fn for_user_agent(user_agent: &str) -> Self {
        let node = user_agent.split("litesoc-node-sdk/2.").nth(1).is_some_and(|rest| {
            let minor = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            matches!(minor, "0" | "1" | "2" | "3" | "4" | "5")
        });
        if node || user_agent.contains("n8n-litesoc-node/") { Self::Nested } else { Self::Flat }
    }
}

impl ErrorBody {
    /// An error with a code and a message.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { message: message.into(), code: Some(code), ..Self::default() }
    }

    /// Adds where to read about it.
    #[must_use]
    pub fn with_link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// Adds the plan that would allow it and where to get it.
    #[must_use]
    pub fn with_plan(mut self, required: &Plan, upgrade_url: impl Into<String>) -> Self {
        self.required_plan = Some(required.as_str().to_owned());
        self.upgrade_url = Some(upgrade_url.into());
        self
    }

    /// Adds how long to wait.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: RetryAfter) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// Reads the body of an answer whose status says failure. Any bytes will do: what is no error body gives a message
    /// that says what it is instead.
    #[must_use]
    pub fn decode(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        match Members::parse(text.trim_start_matches('\u{feff}')) {
            Ok(members) if members.iter().next().is_some() => Self::of(&members),
            _ => Self { message: line_or(&other_body(&text), "the answer has no body"), ..Self::default() },
        }
    }

    /// The error in a body, if it holds one: an `error` that is not null, false or empty, or `success: false`.
    pub(crate) fn find(members: &Members<'_>) -> Option<Self> {
        let named =
            members.get("error").is_some_and(|error| !matches!(error, "false" | "\"\"" | "{}" | "[]" | "0"));
        (named || members.get("success") == Some("false")).then(|| Self::of(members))
    }

    fn of(members: &Members<'_>) -> Self {
        let nested = members.inner("error").unwrap_or_default();
        let either = |keys: &[&str]| nested.string(keys).or_else(|| members.string(keys));
        let flat = members.get("error").and_then(text);
        let message = nested.string(&["message", "error"]).or_else(|| flat.map(String::from));
        let message = message.or_else(|| members.string(&["message", "detail", "title"]));
        let retry_after = nested.get("retry_after").or_else(|| members.get("retry_after"));
        let code = either(&["code", "error_code"]).map(|code| line(&code)).filter(|code| !code.is_empty());
        let fallback = code.as_deref().unwrap_or("the answer gives no reason").to_owned();
        Self {
            message: line_or(&message.unwrap_or_default(), &fallback),
            code: code.map(ErrorCode::from),
            required_plan: either(&["required_plan"]),
            upgrade_url: either(&["upgrade_url"]).or_else(|| members.string(&["upgrade_link"])),
            link: members.string(&["link"]),
            retry_after: retry_after.and_then(retry_after_of),
        }
    }

    /// Where to get a larger plan: the upgrade address, else the link.
    #[must_use]
    pub fn upgrade_address(&self) -> Option<&str> {
        self.upgrade_url.as_deref().or(self.link.as_deref())
    }

    /// Whether it is the plan that stands in the way.
    #[must_use]
    pub fn is_plan_restriction(&self) -> bool {
        self.code == Some(ErrorCode::PlanRestricted) || (self.code.is_none() && self.required_plan.is_some())
    }

    /// Whether the month's quota is used up, by code or, from services that give none, by the word.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        self.code == Some(ErrorCode::QuotaExceeded) || self.message.to_ascii_lowercase().contains("quota")
    }

    /// The body in one of its shapes, to be serialised.
    #[must_use]
    pub fn in_shape(&self, shape: ErrorShape) -> ShapedError<'_> {
        ShapedError { error: self, shape }
    }

    /// The body as JSON bytes.
    #[must_use]
    pub fn encode(&self, shape: ErrorShape) -> Vec<u8> {
        serde_json::to_vec(&self.in_shape(shape)).unwrap_or_default()
    }

    fn nested_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("code", self.code_or_default())?;
        map.serialize_entry("message", &self.message)?;
        self.optional(map, "required_plan", self.required_plan.as_deref())?;
        self.optional(map, "upgrade_url", self.upgrade_url.as_deref())?;
        self.retry_member(map)
    }

    fn flat_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("error", &self.message)?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("code", self.code_or_default())?;
        self.optional(map, "link", self.link.as_deref())?;
        self.optional(map, "required_plan", self.required_plan.as_deref())?;
        self.optional(map, "upgrade_url", self.upgrade_url.as_deref())?;
        self.optional(map, "upgrade_link", self.upgrade_url.as_deref())?;
        self.retry_member(map)
    }

    fn code_or_default(&self) -> &ErrorCode {
        self.code.as_ref().unwrap_or(&ErrorCode::ServerError)
    }

    fn optional<M: SerializeMap>(&self, map: &mut M, key: &str, value: Option<&str>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| map.serialize_entry(key, value))
    }

    fn retry_member<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.retry_after.map_or(Ok(()), |wait| map.serialize_entry("retry_after", &wait.seconds()))
    }
}

/// The message, and the code in brackets.
impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// An [`ErrorBody`] in one of its shapes.
#[derive(Clone, Copy, Debug)]
pub struct ShapedError<'a> {
    error: &'a ErrorBody,
    shape: ErrorShape,
}

impl Serialize for ShapedError<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Nested<'a>(&'a ErrorBody);
        impl Serialize for Nested<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                self.0.nested_members(&mut map)?;
                map.end()
            }
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("success", &false)?;
        match self.shape {
            ErrorShape::Flat => self.error.flat_members(&mut map)?,
            ErrorShape::Nested => map.serialize_entry("error", &Nested(self.error))?,
        }
        map.end()
    }
}

/// A number of seconds, in any of the ways the header may have it too except the date.
fn retry_after_of(raw: &str) -> Option<RetryAfter> {
    let text = crate::json::text_or_number(raw)?;
    RetryAfter::of_seconds(&text).or_else(|| whole(raw).map(RetryAfter::from_seconds))
}

/// What to say of a body that is no error object: the title of a page, the first text of an array, or the text itself.
fn other_body(body: &str) -> String {
    let body = body.trim();
    if let Some(array) = body.starts_with('[').then_some(body)
        && serde_json::from_str::<&serde_json::value::RawValue>(array).is_ok()
    {
        let mut elements = crate::json::elements(array);
        return elements.find_map(element_message).unwrap_or_else(|| "the answer is an array".to_owned());
    }
    if body.starts_with('<') {
        let title = body.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
        return title.map_or_else(|| "the answer is a web page".to_owned(), |(title, _)| title.to_owned());
    }
    text(body).map_or_else(|| body.to_owned(), String::from)
}

fn element_message(element: &str) -> Option<String> {
    let object = raw_object(element).map(Members::of);
    object.map_or_else(|| text(element).map(String::from), |members| Some(ErrorBody::of(&members).message))
}

/// `text` as one short line: control characters become blanks, the rest beyond the limit an ellipsis.
fn line(text: &str) -> String {
    let mut line = String::new();
    for (count, character) in text.trim().chars().enumerate() {
        if count == MESSAGE_CHARS {
            line.push('…');
            break;
        }
        line.push(if character.is_control() { ' ' } else { character });
    }
    line.trim().to_owned()
}

fn line_or(text: &str, fallback: &str) -> String {
    let line = line(text);
    if line.is_empty() { self::line(fallback) } else { line }
}
