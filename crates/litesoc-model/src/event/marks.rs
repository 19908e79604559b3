//! What a client adds to the metadata of each event it sends.

use uuid::Uuid;

use crate::json::write_text;

/// The name and version of a client library, as JSON ready to be copied.
#[derive(Clone, Debug)]
pub struct SdkMark(Box<[u8]>);

impl SdkMark {
    /// The marks `_sdk` and `_sdk_version`.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        let mut json = b"\"_sdk\":".to_vec();
        write_text(&mut json, name);
        json.extend_from_slice(b",\"_sdk_version\":");
        write_text(&mut json, version);
        Self(json.into_boxed_slice())
    }
}

/// What [`Event::write_json`](super::Event::write_json) adds to the metadata: the event's id and who sends it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    id: Option<Uuid>,
    sdk: Option<&'a SdkMark>,
}

impl<'a> Marks<'a> {
    /// Nothing.
    pub const NONE: Self = Self { id: None, sdk: None };

    /// The marks `_event_id`, `_sdk` and `_sdk_version`.
    #[must_use]
    pub const fn new(id: Uuid, sdk: &'a SdkMark) -> Self {
        Self { id: Some(id), sdk: Some(sdk) }
    }

    /// Appends the marks as members of an object; `empty` tells that nothing stands before them.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>, mut empty: bool) {
        if let Some(id) = self.id {
            out.extend_from_slice(if empty { b"\"_event_id\":\"" } else { b",\"_event_id\":\"" });
            let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
            id.hyphenated().encode_lower(&mut text);
            out.extend_from_slice(&text);
            out.push(b'"');
            empty = false;
        }
        if let Some(SdkMark(json)) = self.sdk {
            if !empty {
                out.push(b',');
            }
            out.extend_from_slice(json);
        }
    }

    /// Whether a metadata key is one of the marks, which belong to the client alone.
    pub(super) fn is_mark(key: &str) -> bool {
        key.starts_with('_') && matches!(key, "_event_id" | "_sdk" | "_sdk_version")
    }
}
