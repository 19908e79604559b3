//! `bench`: every benchmark of the workspace, one after the other.

use crate::{Failure, metadata, process};

/// Runs the benchmarks and lets each print its table.
pub(crate) fn run() -> Result<(), Failure> {
    for package in metadata::packages()? {
        for bench in package.targets_of("bench") {
            println!("\n== {} {}", package.name, bench.name);
            let features = bench.required_features.join(",");
            let arguments = [
                "bench",
                "--quiet",
                "--package",
                &package.name,
                "--bench",
                &bench.name,
                "--features",
                &features,
            ];
            process::run(&mut process::cargo(&arguments))?;
        }
    }
    Ok(())
}
