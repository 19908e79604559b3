//! The thresholds of detection, from the file that the operator names.

use std::path::Path;

use litesoc_detect::SettingsFile;

use crate::outcome::Failure;

/// The settings in the file, or the usual ones; everything that is wrong with it is said at once.
pub(crate) fn settings(file: Option<&Path>) -> Result<SettingsFile, Failure> {
    let Some(file) = file else { return Ok(SettingsFile::default()) };
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(format!("cannot read the settings of detection in {shown}: {error}"))
    })?;
    SettingsFile::parse(&text).map_err(|invalid| {
        let problems: Vec<_> =
            invalid.problems().iter().map(|problem| format!("{shown}: {problem}")).collect();
        let count = problems.len();
        let these = if count == 1 { "problem" } else { "problems" };
        Failure::usage(format!("the settings of detection have {count} {these}\n{}", problems.join("\n")))
    })
}
