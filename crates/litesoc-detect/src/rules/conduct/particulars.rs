//! [`Particulars`]: what an event's metadata says about rights, data and targets, under the many names applications use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::privilege_escalation::is_grant;
use crate::Observation;
use crate::fields::Text;

/// Longest name taken from metadata, in bytes.
const MAX_TEXT: usize = 256;
/// Most targets told apart in one event.
const MAX_TARGETS: usize = 4;

/// What an event's metadata says about rights, data and targets.
///
/// Names are compared without case, blanks and separators, so `recordCount`, `record_count` and `Record-Count` are one.
/// What is missing, of a wrong type or negative is not there; only events that the rules ask about are read at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Particulars {
    /// Rows, files or other things that the event is about.
    pub(crate) records: Option<u64>,
    /// How large they are.
    pub(crate) bytes: Option<u64>,
    /// Whom or what it was done to: ids, names and addresses.
    pub(crate) targets: Vec<String>,
    pub(crate) old_role: Option<String>,
    pub(crate) new_role: Option<String>,
    pub(crate) permission: Option<String>,
    /// How a second factor was asked for: `push`, `totp`.
    pub(crate) method: Option<String>,
    /// What it was about: a page, a file, a permission.
    pub(crate) resource: Option<String>,
    /// What was done, where the event's name leaves it open: `removed`.
    pub(crate) action: Option<String>,
}

/// What a member of the metadata may say, and how well its name fits; the best fitting one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Records(u8),
    Bytes(u8),
    Kilobytes,
    Megabytes,
    Target,
    /// Whom rights are given to; in other events the name stands for something else.
    Grantee,
    /// Whom rights are given to, or who gives them: it counts when nothing else names a target.
    Subject,
    OldRole,
    NewRole,
    Permission,
    Method,
    Resource,
    Action,
}

/// What a folded name stands for.
fn says(name: &str) -> Option<Says> {
    Some(match name {
        "recordcount" | "recordscount" | "recordsexported" | "recordsdeleted" | "numrecords"
        | "totalrecords" => Says::Records(3),
        "records" | "rowcount" | "rowsexported" | "numrows" | "rows" | "filecount" | "itemcount" => {
            Says::Records(2)
        }
        "count" | "items" | "files" => Says::Records(1),
        "bytes" | "bytecount" | "sizebytes" | "bytessent" | "bytesout" | "totalbytes" => Says::Bytes(2),
        "filesize" | "filesizebytes" | "contentlength" | "size" => Says::Bytes(1),
        "sizekb" | "filesizekb" | "kilobytes" => Says::Kilobytes,
        "sizemb" | "filesizemb" | "megabytes" => Says::Megabytes,
        "target" | "targetid" | "targetname" | "targetuser" | "targetuserid" | "targetusername"
        | "targetuseremail" | "targetactor" | "targetactorid" | "targetemail" | "targetaccount"
        | "targetaccountid" | "targetmember" | "targetmemberid" | "targetprincipal" | "affecteduser"
        | "affecteduserid" | "affectedaccount" | "grantee" | "assignee" | "member" | "memberid"
        | "userid" | "newuserid" | "createduserid" => Says::Target,
        "granteeid" | "granteeemail" | "grantedto" | "granteduser" | "granteduserid" | "assigneeid"
        | "assigneeemail" | "assignedto" | "recipient" | "recipientid" | "beneficiary" | "memberemail" => {
            Says::Grantee
        }
        "subject" | "subjectid" | "principal" | "principalid" => Says::Subject,
        "oldrole" | "previousrole" | "fromrole" | "rolefrom" => Says::OldRole,
        "newrole" | "role" | "torole" | "roleto" | "grantedrole" | "roles" => Says::NewRole,
        "permission" | "permissions" | "scope" | "scopes" | "privilege" | "privileges" => Says::Permission,
        "method" | "factor" | "factortype" | "mfamethod" | "channel" => Says::Method,
        "resource" | "resourceid" | "path" | "endpoint" | "url" | "object" => Says::Resource,
        "action" | "change" | "operation" => Says::Action,
        _ => return None,
    })
}

/// A figure under the best fitting of its names.
#[derive(Clone, Copy, Debug, Default)]
struct Figure {
    fit: u8,
    value: Option<u64>,
}

impl Figure {
    fn take(&mut self, fit: u8, value: Option<u64>) {
        if value.is_some() && fit > self.fit {
            *self = Self { fit, value };
        }
    }
}

/// The members that tell anything, by name; the last of two with the same name counts. The rest is read over.
struct Telling<'a>(BTreeMap<Cow<'a, str>, (Says, Value)>);

impl<'de: 'a, 'a> Deserialize<'de> for Telling<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Members).map(Self)
    }
}

struct Members;

impl<'a> Visitor<'a> for Members {
    type Value = BTreeMap<Cow<'a, str>, (Says, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key_seed(Text)? {
            let name = name.unwrap_or_default();
            let mut folded = [0; MAX_FOLDED];
            match fold_into(&name, &mut folded).and_then(says) {
                Some(says) => {
                    members.insert(name, (says, map.next_value()?));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(members)
    }
}

impl Particulars {
    /// Reads them from the metadata of an event.
    pub(crate) fn of(seen: &Observation<'_>) -> Self {
        // Many events have no metadata at all.
        let mut read = match seen.metadata.len() {
            ..=2 => Self::default(),
            _ => serde_json::from_str(seen.metadata)
                .map_or_else(|_| Self::default(), |Telling(members)| Self::from_members(members, seen)),
        };
        if let Some(target) = seen.target {
            let target = serde_json::from_str(target).unwrap_or_else(|_| Value::String(target.to_owned()));
            add_targets(&target, &mut read.targets);
        }
        if seen.original.is_some_and(|name| name.ends_with("_removed") || name.ends_with("_revoked")) {
            read.action = Some("removed".to_owned());
        }
        read
    }

    fn from_members(members: BTreeMap<Cow<'_, str>, (Says, Value)>, seen: &Observation<'_>) -> Self {
        let mut read = Self::default();
        let gives_rights = is_grant(seen.event);
        let (mut records, mut bytes) = (Figure::default(), Figure::default());
        let mut subjects = Vec::new();
        let first = |held: &mut Option<String>, value: &Value| {
            if held.is_none() {
                *held = text(value);
            }
        };
        for (says, value) in members.values() {
            match *says {
                Says::Records(fit) => records.take(fit, number(value)),
                Says::Bytes(fit) => bytes.take(fit + 1, number(value)),
                Says::Kilobytes => bytes.take(1, number(value).map(|size| size.saturating_mul(1 << 10))),
                Says::Megabytes => bytes.take(1, number(value).map(|size| size.saturating_mul(1 << 20))),
                Says::Target => add_targets(value, &mut read.targets),
                Says::Grantee if gives_rights => add_targets(value, &mut read.targets),
                Says::Subject if gives_rights => add_targets(value, &mut subjects),
                Says::Grantee | Says::Subject => {}
                Says::OldRole => first(&mut read.old_role, value),
                Says::NewRole => first(&mut read.new_role, value),
                Says::Permission => first(&mut read.permission, value),
                Says::Method => first(&mut read.method, value),
                Says::Resource => first(&mut read.resource, value),
                Says::Action => first(&mut read.action, value),
            }
        }
        (read.records, read.bytes) = (records.value, bytes.value);
        if read.targets.is_empty() && seen.target.is_none() {
            read.targets = subjects;
        }
        if read.resource.is_none() {
            read.resource.clone_from(&read.permission);
        }
        read
    }

    /// Whether the event takes rights away and gives none.
    pub(crate) fn takes_away(&self) -> bool {
        let action = self.action.as_deref().map(fold).unwrap_or_default();
        if ["removed", "remove", "revoked", "revoke", "unassigned", "demoted"].contains(&&*action) {
            return true;
        }
        match (self.old_role.as_deref().and_then(rank), self.new_role.as_deref().and_then(rank)) {
            (Some(old), Some(new)) => new < old || (new == old && self.old_role == self.new_role),
            (Some(_), None) => self.new_role.is_none() && self.permission.is_none(),
            (None, _) => false,
        }
    }

    /// Whether the rights given are those of an administrator.
    pub(crate) fn is_administrative(&self) -> bool {
        let role = self.new_role.as_deref().and_then(rank) == Some(Rank::Administrator);
        role || self.permission.as_deref().is_some_and(|permission| {
            permission.contains('*') || rank(permission) == Some(Rank::Administrator)
        })
    }

    /// Whether nothing says what rights were given.
    pub(crate) fn says_no_rights(&self) -> bool {
        self.new_role.is_none() && self.permission.is_none()
    }
}

/// How much a role may do, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Member,
    Manager,
    Administrator,
}

/// The rank that the words of a role's name stand for; the highest of several.
pub(crate) fn rank(role: &str) -> Option<Rank> {
    let words = role.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter_map(|word| rank_of_word(&word)).max()
}

fn rank_of_word(word: &str) -> Option<Rank> {
    const ADMINISTRATORS: [&str; 9] =
        ["admin", "administrator", "owner", "root", "superuser", "superadmin", "sysadmin", "wheel", "god"];
    const MANAGERS: [&str; 9] =
        ["manager", "maintainer", "moderator", "editor", "operator", "developer", "lead", "support", "staff"];
    const MEMBERS: [&str; 9] =
        ["user", "member", "viewer", "reader", "guest", "readonly", "customer", "none", "basic"];
    if ADMINISTRATORS.contains(&word) {
        Some(Rank::Administrator)
    } else if MANAGERS.contains(&word) {
        Some(Rank::Manager)
    } else if MEMBERS.contains(&word) {
        Some(Rank::Member)
    } else {
        None
    }
}

/// Longest folded name we look for.
const MAX_FOLDED: usize = 24;

/// Letters and digits in lower case; nothing when there are more than any name we look for has, or others than ASCII.
fn fold_into<'a>(name: &str, folded: &'a mut [u8; MAX_FOLDED]) -> Option<&'a str> {
    let mut length = 0;
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        *folded.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    let used = folded.get(..length)?;
    std::str::from_utf8(used).ok().filter(|folded| !folded.is_empty() && name.is_ascii())
}

fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion from floating point saturates"
)]
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number
            .as_u64()
            .or_else(|| number.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64)),
        Value::String(text) => text.trim().replace([',', '_', '\''], "").parse().ok(),
        Value::Array(items) => Some(items.len() as u64),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// A text, or the texts of a list in a row.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(cut(text)).filter(|text| !text.is_empty()),
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).take(MAX_TARGETS).collect();
            (!texts.is_empty()).then(|| cut(&texts.join(", ")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn add_targets(value: &Value, targets: &mut Vec<String>) {
    let mut add = |text: String| {
        if targets.len() < MAX_TARGETS && !text.is_empty() && !targets.contains(&text) {
            targets.push(text);
        }
    };
    match value {
        Value::String(text) => add(cut(text)),
        Value::Number(number) => add(number.to_string()),
        Value::Object(members) => {
            for name in ["id", "user_id", "email", "name"] {
                match members.get(name) {
                    Some(Value::String(text)) => add(cut(text)),
                    Some(Value::Number(number)) => add(number.to_string()),
                    Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {}
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => {}
    }
}

fn cut(text: &str) -> String {
    let text = text.trim();
    text[..text.floor_char_boundary(MAX_TEXT)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(metadata: &str) -> Particulars {
        let event = litesoc_events::EventType::DATA_EXPORT;
        let at = litesoc_model::Timestamp::from_millis(0);
        Particulars::of(&Observation::new("acme", uuid::Uuid::nil(), &event, at, at).metadata(metadata))
    }

    #[test]
    fn many_spellings_are_one_name() {
        for metadata in [
            r#"{"record_count":48210,"size_bytes":1024}"#,
            r#"{"recordCount":"48,210","FileSize":1024.9}"#,
            r#"{"Rows":48210,"sizeKB":1}"#,
            r#"{"count":48210,"record_count":null,"bytes":"1024"}"#,
        ] {
            let read = read(metadata);
            assert_eq!((read.records, read.bytes), (Some(48_210), Some(1_024)), "{metadata}");
        }
        assert_eq!(read(r#"{"records":-5,"bytes":{"a":1},"rows":[1,2]}"#).records, Some(2));
        assert_eq!(read(r#"{"records":1e300}"#).records, Some(u64::MAX));
    }

    #[test]
    fn who_it_was_done_to() {
        let read = |metadata| read(metadata).targets;
        assert_eq!(read(r#"{"target":{"id":7,"email":"bob@acme.test"}}"#), ["7", "bob@acme.test"]);
        assert_eq!(read(r#"{"targetUserId":" bob ","user_id":"bob"}"#), ["bob"]);
        assert_eq!(read(r#"{"target":[1,2],"member":false}"#), Vec::<String>::new());
    }

    #[test]
    fn rights_given_and_taken() {
        assert!(read(r#"{"old_role":"admin","new_role":"viewer"}"#).takes_away());
        assert!(read(r#"{"action":"revoked","role":"billing"}"#).takes_away());
        assert!(read(r#"{"old_role":"editor"}"#).takes_away());
        assert!(!read(r#"{"old_role":"user","new_role":"org-admin"}"#).takes_away());
        assert!(!read("{}").takes_away());
        assert!(read(r#"{"new_role":"Org Owner"}"#).is_administrative());
        assert!(read(r#"{"permissions":["read","*"]}"#).is_administrative());
        assert!(!read(r#"{"role":"administrative assistant"}"#).is_administrative());
    }
}
