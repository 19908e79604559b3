//! The metadata of an incoming event: limits, marks, and a copy only where something must change.

use std::borrow::Cow;

use uuid::Uuid;

use super::ClientMarks;
use super::incoming::metadata_limits;
use crate::json::{Member, members, shape, text, unescape, write_text};

/// What one walk over the metadata finds.
#[derive(Debug)]
pub(super) struct ReadMetadata<'a> {
    pub(super) metadata: Cow<'a, str>,
    pub(super) marks: ClientMarks<'a>,
    /// An address that some clients put here.
    pub(super) address: Option<Cow<'a, str>>,
}

/// Reads a valid JSON object.
pub(super) fn read(json: &str) -> Result<ReadMetadata<'_>, String> {
    let shape = shape(json);
    let mut marks = ClientMarks::default();
    let (mut ip_address, mut ip) = (None, None);
    let mut kept: Vec<Member<'_>> = Vec::with_capacity(16);
    let mut changed = shape.surrogates;
    for member in members(json) {
        let value = || text(member.value);
        match member.key {
            "_sdk" => marks.sdk = value(),
            "_sdk_version" => marks.sdk_version = value(),
            "_event_id" => marks.event_id = value().and_then(|id| Uuid::try_parse(&id).ok()),
            "_severity" | "_retry_count" => {}
            key => {
                match key {
                    "ip_address" => ip_address = value(),
                    "ip" => ip = value(),
                    _ => {}
                }
                changed |= keep(&mut kept, member);
                continue;
            }
        }
        changed = true;
    }
    let metadata = if changed { Cow::Owned(write(&kept, shape.surrogates)) } else { Cow::Borrowed(json) };
    // Values may nest eight levels below the object itself.
    metadata_limits(metadata.len(), shape.depth.saturating_sub(1))?;
    if shape.exponents && serde_json::from_str::<serde_json::Value>(&metadata).is_err() {
        return Err("`metadata` has a number out of range: send it as text".to_owned());
    }
    Ok(ReadMetadata { metadata, marks, address: ip_address.or(ip) })
}

/// Adds a member; of repeated keys the last stays. True when one was replaced.
///
/// Few keys are compared one by one; the many keys of a hostile body would make that slow, so they are left as they are:
/// every reader takes the last one anyway.
fn keep<'a>(kept: &mut Vec<Member<'a>>, member: Member<'a>) -> bool {
    const COMPARED: usize = 64;
    let earlier = kept.iter().take(COMPARED).position(|earlier| earlier.key == member.key);
    if let Some(index) = earlier {
        kept.remove(index);
    }
    kept.push(member);
    earlier.is_some()
}

fn write(kept: &[Member<'_>], mend: bool) -> String {
    let length: usize = kept.iter().map(|member| member.key.len() + member.value.len() + 4).sum();
    let mut json = String::with_capacity(length + 2);
    json.push('{');
    for member in kept {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(member.key);
        json.push_str("\":");
        json.push_str(member.value);
    }
    json.push('}');
    if mend { mend_surrogates(&json) } else { json }
}

/// The same JSON with every string that has escapes written anew: half a surrogate pair becomes U+FFFD, for most
/// readers of JSON refuse it.
fn mend_surrogates(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = if *byte == b'"' { crate::json::string_end(bytes, at) } else { at + 1 };
        match json.get(at + 1..end.saturating_sub(1)) {
            Some(inside) if *byte == b'"' && inside.contains('\\') => write_text(&mut out, &unescape(inside)),
            _ => out.extend_from_slice(&bytes[at..end]),
        }
        at = end;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The object with a member added behind the others, in the place of one of the same key.
pub(super) fn with_member(json: &str, key: &str, value: &str) -> String {
    let mut written = Vec::with_capacity(key.len() + 2);
    write_text(&mut written, key);
    let written = String::from_utf8(written).unwrap_or_default();
    let mut kept: Vec<Member<'_>> = members(json).collect();
    let key = &written[1..written.len() - 1];
    kept.retain(|member| member.key != key);
    kept.push(Member { key, value });
    write(&kept, false)
}
