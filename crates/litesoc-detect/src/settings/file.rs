//! [`SettingsFile`]: the settings of everybody, from TOML.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{InvalidSettings, Problem, Settings};

const ORGANIZATION: &str = "organization";

/// The settings of everybody, from TOML.
///
/// The top level is for all organisations; a table of one organisation says what is different there.
/// What is not said keeps its default.
///
/// ```
/// use std::time::Duration;
/// use litesoc_detect::SettingsFile;
///
/// let file = SettingsFile::parse(
///     r#"
///     grouping = "30m"
///
///     [brute_force_address]
///     failures = 8
///
///     [organization."org_1".brute_force_address]
///     window = "10m"
///     "#,
/// )?;
/// let all = &file.default.brute_force_address;
/// let first = &file.organizations["org_1"].brute_force_address;
/// assert_eq!((all.failures, all.window), (8, Duration::from_secs(300)));
/// assert_eq!((first.failures, first.window), (8, Duration::from_secs(600)));
/// # Ok::<(), litesoc_detect::InvalidSettings>(())
/// ```
///
/// Everything that is wrong is said at once, with its place:
///
/// ```
/// use litesoc_detect::SettingsFile;
///
/// let text = "[brute_force_address]\nfailures = 0\nwindow = \"soon\"\n[travle]\n";
/// let invalid = SettingsFile::parse(text).unwrap_err();
/// let lines: Vec<_> = invalid.problems().iter().map(|problem| problem.position).collect();
/// assert_eq!(lines, [Some((2, 1)), Some((3, 1)), Some((4, 2))]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SettingsFile {
    /// The settings of all organisations that are not named.
    pub default: Settings,
    /// The settings of the others, by their ids: the default ones with what is different.
    pub organizations: BTreeMap<String, Settings>,
}

impl SettingsFile {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] with every problem, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, InvalidSettings> {
        let (places, broken) = DeTable::parse_recoverable(text);
        let mut reader = Reader { text, places: places.get_ref(), problems: Vec::new() };
        for error in &broken {
            let position = error.span().map(|span| position(text, span.start));
            reader.problems.push(Problem { setting: String::new(), rule: says(error), position });
        }
        InvalidSettings::of(reader.problems.split_off(0))?;
        let mut top: Table = toml::from_str(text).map_err(|error| reader.whole(&error))?;
        let organizations = top.remove(ORGANIZATION).unwrap_or_else(|| Value::Table(Table::new()));
        let top = reader.readable(&[], top);
        let file = Self {
            default: reader.settings(&[], &top),
            organizations: reader.organizations(&top, organizations),
        };
        let mut problems = reader.problems;
        problems.sort_by_key(|problem| problem.position);
        problems.dedup();
        InvalidSettings::of(problems)?;
        Ok(file)
    }
}

struct Reader<'a> {
    text: &'a str,
    places: &'a DeTable<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn whole(&self, error: &toml::de::Error) -> InvalidSettings {
        let position = error.span().map(|span| position(self.text, span.start));
        let problem = Problem { setting: String::new(), rule: says(error), position };
        InvalidSettings::of(vec![problem]).err().unwrap_or_else(|| unreachable!("there is a problem"))
    }

    fn organizations(&mut self, top: &Table, organizations: Value) -> BTreeMap<String, Settings> {
        let Value::Table(organizations) = organizations else {
            self.problem(&[ORGANIZATION], "must be tables: [organization.\"org_1\".brute_force_address]");
            return BTreeMap::new();
        };
        let mut read = BTreeMap::new();
        for (organization, different) in organizations {
            let path = [ORGANIZATION, &*organization];
            let Value::Table(different) = different else {
                self.problem(&path, "must be a table of what is different in this organisation");
                continue;
            };
            if different.contains_key("capacity") {
                let path = [ORGANIZATION, &*organization, "capacity"];
                self.problem(&path, "is the same for all organisations: they share the memory");
            }
            let different = self.readable(&path, different);
            let settings = self.settings(&path, &merged(top, different));
            read.insert(organization, settings);
        }
        read
    }

    /// The settings without those that cannot be read, which are noted.
    ///
    /// Each is read alone: else the first that is wrong would hide the others.
    fn readable(&mut self, path: &[&str], table: Table) -> Table {
        let mut fine = Table::new();
        for (name, value) in table {
            let path = [path, &[&*name]].concat();
            let Value::Table(section) = value else {
                if self.reads(&path, Table::from_iter([(name.clone(), value.clone())])) {
                    fine.insert(name, value);
                }
                continue;
            };
            if !self.reads(&path, Table::from_iter([(name.clone(), Value::Table(Table::new()))])) {
                continue;
            }
            let mut readable = Table::new();
            for (setting, value) in section {
                let path = [&*path, &[&*setting]].concat();
                let alone = Value::Table(Table::from_iter([(setting.clone(), value.clone())]));
                if self.reads(&path, Table::from_iter([(name.clone(), alone)])) {
                    readable.insert(setting, value);
                }
            }
            fine.insert(name, Value::Table(readable));
        }
        fine
    }

    fn reads(&mut self, path: &[&str], alone: Table) -> bool {
        match Settings::deserialize(alone) {
            Ok(_) => true,
            Err(error) => {
                let rule = says(&error);
                let unknown = rule.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", "));
                let rule = unknown.map_or_else(
                    || format!("cannot be read: {rule}"),
                    |(_, known)| format!("is no setting; {known}"),
                );
                self.problem(path, &rule);
                false
            }
        }
    }

    /// The settings of a table of which every part can be read, checked.
    fn settings(&mut self, path: &[&str], table: &Table) -> Settings {
        let settings = match Settings::deserialize(table.clone()) {
            Ok(settings) => settings,
            Err(error) => {
                self.problem(path, &says(&error));
                return Settings::default();
            }
        };
        for problem in settings.validate().err().iter().flat_map(InvalidSettings::problems) {
            let setting: Vec<&str> = problem.setting.split('.').collect();
            let own = [path, &setting].concat();
            // What an organisation has from the top level is told there.
            let known = if self.key(&own).is_some() { own } else { setting };
            self.problem(&known, &problem.rule);
        }
        settings
    }

    fn problem(&mut self, path: &[&str], rule: &str) {
        let place = (1..=path.len()).rev().find_map(|depth| self.key(&path[..depth]));
        let position = place.map(|start| position(self.text, start));
        self.problems.push(Problem { setting: path.join("."), rule: rule.to_owned(), position });
    }

    /// Where the last key of a path stands.
    fn key(&self, path: &[&str]) -> Option<usize> {
        let (last, parents) = path.split_last()?;
        let mut table = self.places;
        for parent in parents {
            table = entry(table, parent)?.1.get_ref().as_table()?;
        }
        entry(table, last).map(|(start, _)| start)
    }
}

fn entry<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<(usize, &'a Spanned<DeValue<'i>>)> {
    let found = table.iter().find(|(key, _)| key.get_ref() == name);
    found.map(|(key, value)| (key.span().start, value))
}

/// What an organisation says over what all say, setting by setting.
fn merged(top: &Table, different: Table) -> Table {
    let mut all = top.clone();
    for (name, value) in different {
        match (all.get_mut(&name), value) {
            (Some(Value::Table(section)), Value::Table(different)) => section.extend(different),
            (_, value) => {
                all.insert(name, value);
            }
        }
    }
    all
}

fn says(error: &toml::de::Error) -> String {
    error.message().trim_end().to_owned()
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
    (line, column)
}
