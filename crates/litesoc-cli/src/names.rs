//! `litesoc normalize`: which event a name stands for.

use litesoc::EventType;
use litesoc::events::normalize;
use serde::Serialize;

use crate::arguments::NormalizeArguments;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::Card;

#[derive(Serialize)]
struct Answer {
    name: String,
    event: String,
    recognized: bool,
    standard: bool,
    category: Option<String>,
    severity: String,
    instant_alert: bool,
    meaning: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<String>,
}

pub(crate) fn run(arguments: &NormalizeArguments, screen: &mut Screen) -> Result<(), Failure> {
    let answer = answer(arguments)?;
    if screen.is_json() {
        return screen.document(&answer);
    }
    let mut card = Card::default();
    card.add("event", Some(&answer.event));
    card.add("recognized", Some(if answer.recognized { "yes" } else { "no, kept as a custom event" }));
    card.add("meaning", answer.meaning);
    card.add("category", answer.category.as_deref());
    card.add("severity", Some(&answer.severity));
    card.add("instant alert", Some(if answer.instant_alert { "yes" } else { "no" }));
    card.add("confidence", answer.confidence.as_deref());
    screen.raw(card.to_string().as_bytes())
}

fn answer(arguments: &NormalizeArguments) -> Result<Answer, Failure> {
    let name = &*arguments.name;
    let Some(vendor) = arguments.vendor else {
        let found = normalize(name);
        return Ok(of(name, &found.event, found.recognized));
    };
    let fields: Vec<(&str, &str)> =
        arguments.field.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
    let Some(found) = vendor.normalize(name, &fields[..]) else {
        return Err(Failure::missing(format!("{vendor} has no event `{name}` that is known here"))
            .advise("Without --vendor the name is read as one of ours."));
    };
    let mut answer = of(name, &found.event, true);
    answer.vendor = Some(vendor.to_string());
    answer.confidence = Some(found.confidence.to_string());
    Ok(answer)
}

fn of(name: &str, event: &EventType, recognized: bool) -> Answer {
    Answer {
        name: name.to_owned(),
        event: event.to_string(),
        recognized,
        standard: event.is_standard(),
        category: event.category().map(|category| category.to_string()),
        severity: event.severity().to_string(),
        instant_alert: event.is_instant(),
        meaning: event.info().map(|info| info.meaning),
        vendor: None,
        confidence: None,
    }
}
