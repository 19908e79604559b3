//! The project's own automation: `cargo xtask ci|layers|codegen|tidy|bench|lab|acceptance`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to the person who runs it")]
#![expect(
    clippy::disallowed_methods,
    reason = "the automation tells how long its steps took and waits for programs"
)]

mod acceptance;
mod bench;
mod ci;
mod codegen;
mod lab;
mod layers;
mod metadata;
mod process;
mod tidy;

use std::process::ExitCode;

/// Why a command failed, in words for the person who ran it.
type Failure = String;

const USAGE: &str = "\
cargo xtask ci                  every check, as on a server; ends with the tests
cargo xtask layers              the dependencies between crates are those of docs/ARCHITECTURE.md
cargo xtask codegen [--check]   write the vendor tables and docs/EVENTS.md, or say which are stale
cargo xtask tidy                length and manners of files
cargo xtask acceptance          the vendor's SDKs for the audit log and Go's reader of transparency logs, against our server
cargo xtask bench               run every benchmark and show its figures
cargo xtask lab [--help]        measure how well the rules see attacks, and how often they are wrong";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["ci"] => ci::run(),
        ["layers"] => layers::run(),
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["tidy"] => tidy::run(),
        ["acceptance"] => acceptance::run(),
        ["bench"] => bench::run(),
        ["lab", ref rest @ ..] => lab::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
