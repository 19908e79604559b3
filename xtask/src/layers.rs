//! `layers`: the crates depend on each other as docs/ARCHITECTURE.md draws it, and the core on no HTTP library.

use std::collections::BTreeSet;

use crate::{Failure, metadata, process};

/// What each crate stands on. It may also name what those stand on, and nothing else of ours.
const FLOORS: &[(&str, &[&str])] = &[
    ("litesoc-events", &[]),
    ("litesoc-model", &["litesoc-events"]),
    ("litesoc-core", &["litesoc-model"]),
    ("litesoc-hyper", &["litesoc-core"]),
    ("litesoc-ureq", &["litesoc-core"]),
    ("litesoc", &["litesoc-hyper", "litesoc-ureq", "litesoc-ledger"]),
    ("litesoc-sigma", &[]),
    ("litesoc-detect", &["litesoc-model", "litesoc-sigma"]),
    ("litesoc-enrich", &["litesoc-model"]),
    ("litesoc-ledger", &[]),
    ("litesoc-tlog", &["litesoc-ledger"]),
    ("litesoc-audit", &["litesoc-tlog"]),
    ("litesoc-store", &["litesoc-model"]),
    (
        "litesoc-server",
        &["litesoc-store", "litesoc-detect", "litesoc-enrich", "litesoc-audit", "litesoc-hyper"],
    ),
    ("litesoc-cli", &["litesoc", "litesoc-server"]),
    ("xtask", &["litesoc-events"]),
];

/// Crates that must stay free of any HTTP library, with all their features.
const WITHOUT_HTTP: &[&str] = &["litesoc-events", "litesoc-model", "litesoc-core"];
const HTTP_LIBRARIES: &[&str] =
    &["hyper", "hyper-util", "ureq", "reqwest", "curl", "isahc", "attohttpc", "minreq"];

/// Crates that must stay pure: what would let them do IO of their own.
const PURE: &[&str] = &[
    "litesoc-events",
    "litesoc-model",
    "litesoc-sigma",
    "litesoc-detect",
    "litesoc-enrich",
    "litesoc-ledger",
];
const IMPURE: &[&str] = &["tokio", "mio", "rusqlite", "getrandom"];

/// Checks every edge.
pub(crate) fn run() -> Result<(), Failure> {
    let packages = metadata::packages()?;
    let mut faults = Vec::new();
    for package in &packages {
        let Some(below) = below(&package.name) else {
            faults.push(format!("{} has no place in the table of layers", package.name));
            continue;
        };
        let ours = package.dependencies.iter().filter(|dependency| {
            dependency.kind.is_none() && packages.iter().any(|member| member.name == dependency.name)
        });
        for dependency in ours.filter(|dependency| !below.contains(dependency.name.as_str())) {
            faults
                .push(format!("{} -> {} is not an edge of the architecture", package.name, dependency.name));
        }
    }
    let present = |name: &&str| packages.iter().any(|package| package.name == *name);
    for name in WITHOUT_HTTP.iter().copied().filter(|name| present(name)) {
        faults.extend(banned(name, HTTP_LIBRARIES)?);
    }
    for name in PURE.iter().copied().filter(|name| present(name)) {
        faults.extend(banned(name, IMPURE)?);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// Everything a crate may stand on; `None` for a crate without a floor.
fn below(name: &str) -> Option<BTreeSet<&'static str>> {
    let (_, direct) = FLOORS.iter().find(|(floor, _)| *floor == name)?;
    let mut below = BTreeSet::from_iter(direct.iter().copied());
    for floor in *direct {
        below.extend(self::below(floor).unwrap_or_default());
    }
    Some(below)
}

/// The faults of a crate that reaches a banned one, however far down and by whatever feature.
fn banned(name: &str, banned: &[&str]) -> Result<Vec<Failure>, Failure> {
    let arguments =
        ["tree", "--package", name, "--all-features", "--edges=normal", "--prefix=none", "--format={p}"];
    let tree = process::output(&mut process::cargo(&arguments))?;
    let reached: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    if !reached.contains(name) {
        return Err(format!("cargo tree says nothing of {name}"));
    }
    let found = banned.iter().filter(|library| reached.contains(*library));
    Ok(found
        .map(|library| format!("{name} reaches {library} (cargo tree -p {name} --all-features -i {library})"))
        .collect())
}
