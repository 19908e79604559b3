//! `ci`: every check in the order in which builds serve the next step; the tests come last, so that their summary
//! ends the output.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Failure, codegen, layers,
    metadata::{self, Package},
    process, tidy,
};

const WASM: &str = "wasm32-unknown-unknown";

/// How long an example may take that ends by itself.
const EXAMPLE_LIMIT: Duration = Duration::from_secs(120);

/// Runs every step; stops at the first that fails.
pub(crate) fn run() -> Result<(), Failure> {
    let packages = metadata::packages()?;
    step("format", || quiet(&mut process::cargo(&["fmt", "--all", "--check"])))?;
    step("tidy", tidy::run)?;
    step("layers", layers::run)?;
    step("codegen --check", codegen::check)?;
    step("clippy, everything", || clippy(&["--workspace", "--all-targets", "--all-features"]))?;
    for package in &packages {
        each_feature(package)?;
    }
    step("documentation", documentation)?;
    wasm()?;
    deny()?;
    examples(&packages)?;
    tests()
}

/// Runs a step, with its name before and its time behind it.
fn step(name: &str, work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    print!("{name} ... ");
    std::io::stdout().flush().map_err(|error| error.to_string())?;
    let start = Instant::now();
    let outcome = work();
    let seconds = start.elapsed().as_secs_f64();
    println!("{} in {seconds:.1} s", if outcome.is_ok() { "ok" } else { "FAILED" });
    outcome.map_err(|failure| format!("\n{failure}\n\ncargo xtask ci: {name} failed"))
}

/// Runs a program and keeps its output for the case that it fails.
fn quiet(command: &mut Command) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{out}{err}{command:?}: {}", output.status))
}

/// Clippy with warnings as errors, which is a wish of this gate and so not in the source.
fn clippy(arguments: &[&str]) -> Result<(), Failure> {
    quiet(process::cargo(&["clippy", "--quiet"]).args(arguments).args(["--", "--deny=warnings"]))
}

/// A package alone with no feature and with each single one, as its users may build it.
fn each_feature(package: &Package) -> Result<(), Failure> {
    let name = package.name.as_str();
    step(&format!("clippy, {name}, no features"), || clippy(&["--package", name, "--no-default-features"]))?;
    for feature in package.features() {
        step(&format!("clippy, {name}, only {feature}"), || {
            clippy(&["--package", name, "--no-default-features", "--features", feature])
        })?;
    }
    Ok(())
}

fn documentation() -> Result<(), Failure> {
    let mut command = process::cargo(&["doc", "--workspace", "--no-deps", "--all-features", "--quiet"]);
    quiet(command.env("RUSTDOCFLAGS", "--deny=warnings"))
}

/// The pure crates build where there is no operating system.
fn wasm() -> Result<(), Failure> {
    let mut rustup = Command::new("rustup");
    if let Err(failure) = quiet(rustup.current_dir(process::root()).args(["target", "add", WASM])) {
        println!("\n!!!! SKIPPED: the checks for {WASM}, which rustup cannot install here:\n{failure}\n");
        return Ok(());
    }
    for arguments in [
        ["--package=litesoc-events", "--no-default-features"],
        ["--package=litesoc-events", "--all-features"],
        ["--package=litesoc-model", "--all-features"],
        ["--package=litesoc-core", "--no-default-features"],
        ["--package=litesoc-sigma", "--all-features"],
        ["--package=litesoc-ledger", "--all-features"],
    ] {
        let name = format!("check for {WASM}, {}", arguments.join(" "));
        step(&name, || quiet(process::cargo(&["check", "--quiet", "--target", WASM]).args(arguments)))?;
    }
    Ok(())
}

/// Licences, bans and sources, where cargo-deny is installed.
fn deny() -> Result<(), Failure> {
    if quiet(&mut process::cargo(&["deny", "--version"])).is_err() {
        println!("cargo deny ... skipped: cargo-deny is not installed");
        return Ok(());
    }
    step("cargo deny", || quiet(&mut process::cargo(&["deny", "check", "licenses", "bans", "sources"])))
}

/// Every example builds, and those that end by themselves end well.
fn examples(packages: &[Package]) -> Result<(), Failure> {
    step("examples build", || {
        quiet(&mut process::cargo(&["build", "--workspace", "--examples", "--all-features", "--quiet"]))
    })?;
    for package in packages {
        for example in package.finite_examples() {
            step(&format!("example {} of {}", example.name, package.name), || {
                let which = ["--package", &*package.name, "--all-features", "--example", &*example.name];
                // Built first: the limit is the example's, and not the compiler's.
                quiet(process::cargo(&["build", "--quiet"]).args(which))?;
                within(EXAMPLE_LIMIT, process::cargo(&["run", "--quiet"]).args(which))
            })?;
        }
    }
    Ok(())
}

/// Runs a program that must end well within the limit.
fn within(limit: Duration, command: &mut Command) -> Result<(), Failure> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let start = Instant::now();
    loop {
        match child.try_wait().map_err(|error| format!("{command:?}: {error}"))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("{command:?}: {status}")),
            None if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(20)),
            None => {
                child.kill().map_err(|error| format!("{command:?}: {error}"))?;
                return Err(format!("{command:?}: not done after {limit:?}; list it as an endless example?"));
            }
        }
    }
}

/// Every test and every example of the documentation, with cargo's own output.
fn tests() -> Result<(), Failure> {
    println!("tests ...");
    process::run(&mut process::cargo(&["test", "--workspace", "--all-features", "--no-fail-fast"]))
}
