//! The public data set for risk-based authentication (Wiefling, Jørgensen, Thunem and Lo Iacono, ACM TOPS 2022), as its CSV.
//!
//! The file has 33 million sign-ins and is not part of this project; whoever has it can score the rules on it.
//! Its addresses and names are made up by its authors from real sign-ins.

use std::io::Read;
use std::sync::Arc;

use litesoc_events::EventType;
use litesoc_model::{Enrichment, Place, Timestamp};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Labelled, LabelledError, LabelledReport, Truth};
use crate::Settings;
use crate::lab::world::scribe::Event;

/// The columns that are used, by the names of the file's header.
#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "Login Timestamp")]
    time: String,
    #[serde(rename = "User ID")]
    user: String,
    #[serde(rename = "IP Address")]
    ip: String,
    #[serde(rename = "Country")]
    country: String,
    #[serde(rename = "Region")]
    region: String,
    #[serde(rename = "City")]
    city: String,
    #[serde(rename = "ASN")]
    asn: String,
    #[serde(rename = "User Agent String")]
    user_agent: String,
    #[serde(rename = "Login Successful")]
    success: String,
    #[serde(rename = "Is Attack IP")]
    attack_ip: String,
    #[serde(rename = "Is Account Takeover")]
    takeover: String,
}

/// Scores the rules on the CSV of the public data set for risk-based authentication, row by row, so that the file may be
/// larger than memory; with `rows`, only so many of its rows.
///
/// A row with `Is Account Takeover` is labelled `takeover`, one that is not but has `Is Attack IP` is labelled `attack_ip`.
/// Places in it have no coordinates, so travel is not judged.
///
/// # Errors
///
/// [`LabelledError`] with the number of the first row that cannot be understood, counted from the header as 1.
pub fn score_rba(
    input: impl Read,
    rows: Option<u64>,
    settings: &Settings,
) -> Result<LabelledReport, LabelledError> {
    let mut reader = csv::Reader::from_reader(input);
    let mut labelled = Labelled::new(settings)?;
    for (number, row) in (2..).zip(reader.deserialize::<Row>()) {
        if rows.is_some_and(|most| number > most + 1) {
            break;
        }
        let row = row.map_err(|error| {
            if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                LabelledError::Read(std::io::Error::other(error))
            } else {
                LabelledError::Line { line: number, message: error.to_string() }
            }
        })?;
        let (event, truth) =
            event(&row, number).map_err(|message| LabelledError::Line { line: number, message })?;
        labelled.show(&event, truth.as_ref());
    }
    Ok(labelled.report())
}

fn event(row: &Row, number: u64) -> Result<(Event, Option<Truth>), String> {
    // `2020-02-03 12:43:30.772`, in UTC.
    let time = format!("{}Z", row.time.trim().replacen(' ', "T", 1));
    let at: Timestamp = time.parse().map_err(|_| format!("the login timestamp {:?} is no time", row.time))?;
    let ip = row.ip.parse().map_err(|_| format!("the address {:?} is no IP address", row.ip))?;
    let success = truth(&row.success, "Login Successful")?;
    let label = match (truth(&row.takeover, "Is Account Takeover")?, truth(&row.attack_ip, "Is Attack IP")?) {
        (true, _) => Some("takeover"),
        (false, true) => Some("attack_ip"),
        (false, false) => None,
    };
    let some = |text: &str| (!text.is_empty() && text != "-").then(|| text.into());
    let mut place = Place::default();
    place.country_code = some(&row.country);
    place.region = some(&row.region);
    place.city = some(&row.city);
    let mut known = Enrichment::default();
    known.place = Some(place);
    known.network.asn = row.asn.trim().parse().ok().filter(|asn| *asn > 0);
    let event = Event {
        id: Uuid::from_u128(u128::from(number)),
        event: if success { EventType::AUTH_LOGIN_SUCCESS } else { EventType::AUTH_LOGIN_FAILED },
        actor: Some(Arc::from(row.user.as_str())),
        ip: Some(ip),
        at,
        received: at,
        metadata: json!({ "user_agent": row.user_agent }).to_string(),
        known: Some(Arc::new(known)),
        attack: None,
    };
    Ok((event, label.map(|label| Truth { label: label.to_owned(), attack: None })))
}

fn truth(word: &str, column: &str) -> Result<bool, String> {
    match word.trim() {
        "True" | "true" | "1" => Ok(true),
        "False" | "false" | "0" => Ok(false),
        other => Err(format!("{column} is {other:?}, neither True nor False")),
    }
}
