//! `litesoc audit verify`: checking a bundle without a network.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;

use clap::Args;
use litesoc_audit::Unpacked;
use litesoc_ledger::bundle::{self, BundleFault, Signatures, Trust, Verified};
use litesoc_ledger::policy::Policy;
use litesoc_ledger::signature::{AllowedKeys, PublicKey};
use serde::Serialize;

use super::read;
use crate::outcome::Failure;
use crate::screen::Screen;
use crate::table::shown;

/// The longest bundle that is unpacked, in bytes.
pub(crate) const LONGEST: u64 = 8 << 30;

#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// The file, as `litesoc audit export` writes it.
    bundle: PathBuf,
    /// The log's key and the witnesses that must have seen it (C2SP tlog-policy). Without it the key inside the file is
    /// believed, which shows only that the file is consistent in itself.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Accept signatures of events by this key alone: a file with one public key, PEM or base64. Repeatable.
    #[arg(long, value_name = "FILE")]
    signer: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Held<'a> {
    holds: bool,
    by_policy: bool,
    origin: &'a str,
    from: u64,
    to: u64,
    size: u64,
    erased: u64,
    signed: u64,
    first_received: Option<String>,
    last_received: Option<String>,
    witnesses: Vec<&'a str>,
}

/// Checks a bundle, signatures of events included.
pub(crate) fn check(files: &Unpacked, trust: Trust<'_>) -> Result<Verified, BundleFault> {
    bundle::verify(&files.bundle(), trust, &Signatures::Verify(AllowedKeys::Any))
}

pub(super) fn run(arguments: &VerifyArguments, screen: &mut Screen) -> Result<(), Failure> {
    let path = &arguments.bundle;
    let unreadable = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let policy = match &arguments.policy {
        None => None,
        Some(path) => {
            let text =
                fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
            let policy = Policy::parse(&text);
            Some(policy.map_err(|error| Failure::usage(format!("{}:\n{error}", path.display())))?)
        }
    };
    let mut signers = Vec::new();
    for path in &arguments.signer {
        let key = PublicKey::parse(read(path)?.trim());
        signers.push(key.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?);
    }
    let allowed = if signers.is_empty() { AllowedKeys::Any } else { AllowedKeys::Only(signers) };
    let files =
        Unpacked::read(BufReader::new(file), LONGEST).map_err(|error| unreadable(error.to_string()))?;
    let trust = policy.as_ref().map_or(Trust::Embedded, Trust::Policy);
    match bundle::verify(&files.bundle(), trust, &Signatures::Verify(allowed)) {
        Ok(verified) => show(&verified, screen),
        Err(fault) if fault.is_unreadable() => Err(unreadable(fault.to_string())),
        Err(fault) => Err(Failure::new(format!("{} does not hold: {fault}", path.display()))),
    }
}

fn show(verified: &Verified, screen: &mut Screen) -> Result<(), Failure> {
    let (range, checkpoint) = (&verified.range, &verified.accepted.checkpoint);
    let witnesses: Vec<&str> = verified.accepted.witnesses.iter().map(|(name, _)| &**name).collect();
    let received = verified.received.map(|(first, last)| (first.to_string(), last.to_string()));
    let (first_received, last_received) = received.unzip();
    if screen.is_json() {
        return screen.document(&Held {
            holds: true,
            by_policy: verified.by_policy,
            origin: &checkpoint.origin,
            from: range.start,
            to: range.end,
            size: checkpoint.size,
            erased: verified.erased,
            signed: verified.signed,
            first_received,
            last_received,
            witnesses,
        });
    }
    screen.line(&format!(
        "it holds: records {} to {} of {}, complete and unchanged",
        range.start,
        range.end - 1,
        shown(&checkpoint.origin)
    ))?;
    if let (Some(first), Some(last)) = (first_received, last_received) {
        screen.line(&format!("received from {first} to {last}"))?;
    }
    screen.line(&format!(
        "{} signed, {} erased; the checkpoint is of {} records",
        verified.signed, verified.erased, checkpoint.size
    ))?;
    if verified.by_policy {
        let seen = if witnesses.is_empty() { "no witness".to_owned() } else { witnesses.join(", ") };
        return screen.line(&format!("the policy is met; cosigned by {}", shown(&seen)));
    }
    screen.remark(
        "No --policy: the log's key was taken from the file itself. Whoever could make a file like this could make the key.",
    );
    Ok(())
}
