//! What cargo knows of the workspace.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Failure, process};

/// A member of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    metadata: Option<Notes>,
}

/// A dependency as the manifest states it, optional ones included.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for a normal dependency.
    pub(crate) kind: Option<String>,
}

/// A library, program, example, test or benchmark of a package.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    kind: Vec<String>,
    #[serde(default, rename = "required-features")]
    pub(crate) required_features: Vec<String>,
}

/// `[package.metadata]` of a manifest, as far as it is meant for us.
#[derive(Debug, Deserialize)]
struct Notes {
    #[serde(default)]
    xtask: OurNotes,
}

/// `[package.metadata.xtask]`.
#[derive(Debug, Default, Deserialize)]
struct OurNotes {
    /// Examples that only end when somebody ends them, or need a server: built, not run.
    #[serde(default, rename = "endless-examples")]
    endless_examples: Vec<String>,
}

impl Package {
    /// The features a user can name, except `default`.
    pub(crate) fn features(&self) -> impl Iterator<Item = &str> {
        self.features.keys().map(String::as_str).filter(|feature| *feature != "default")
    }

    /// The targets of a kind, such as `bench`.
    pub(crate) fn targets_of(&self, kind: &str) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(move |target| target.kind.iter().any(|one| one == kind))
    }

    /// The examples that end by themselves.
    pub(crate) fn finite_examples(&self) -> impl Iterator<Item = &Target> {
        let endless = self.metadata.as_ref().map(|notes| &notes.xtask.endless_examples);
        self.targets_of("example")
            .filter(move |example| !endless.is_some_and(|names| names.contains(&example.name)))
    }
}

/// The members of the workspace, by name.
pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let text = process::output(&mut process::cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
    let Metadata { mut packages } =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(packages)
}
