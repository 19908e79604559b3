//! `litesoc audit keygen`: an Ed25519 key in a file of its own.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use litesoc_ledger::note::VerifierKey;
use litesoc_ledger::signature::PrivateKey;
use serde::Serialize;

use super::witness::policy_name;
use crate::outcome::Failure;
use crate::screen::Screen;

/// The name in a verifier key.
const NAME: &str = "litesoc.localhost/key";
/// The name of a witness.
pub(super) const WITNESS_NAME: &str = "litesoc.localhost/witness";

#[derive(Args, Debug)]
pub(crate) struct KeygenArguments {
    /// The file for the private key; one that is there is never replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The name in the verifier key, such as witness.example/w1. Default: litesoc.localhost/key, or
    /// litesoc.localhost/witness.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The verifier key is for cosignatures, which a witness makes.
    #[arg(long)]
    witness: bool,
}

#[derive(Serialize)]
struct Made {
    out: String,
    public_key: String,
    public_key_pem: String,
    vkey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_line: Option<String>,
}

pub(super) fn run(arguments: &KeygenArguments, screen: &mut Screen) -> Result<(), Failure> {
    let out = &arguments.out;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::new(format!("no randomness: {error}")))?;
    let key = PrivateKey::from_seed(seed);
    let public = key.public_key();
    let vkey = if arguments.witness {
        VerifierKey::cosignature(arguments.name.as_deref().unwrap_or(WITNESS_NAME), public)
    } else {
        VerifierKey::ed25519(arguments.name.as_deref().unwrap_or(NAME), public)
    };
    let vkey = vkey.map_err(|error| Failure::usage(format!("--name: {error}")))?;
    // The address follows behind it, once the witness runs somewhere.
    let policy_line = arguments.witness.then(|| format!("witness {} {vkey}", policy_name(vkey.name())));
    let vkey = vkey.to_string();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(out).and_then(|mut file| {
        file.write_all(key.to_pem().as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| Failure::new(format!("{}: {error}", out.display())))?;
    if screen.is_json() {
        let (public_key, public_key_pem) = (public.to_base64(), public.to_pem());
        let out = out.display().to_string();
        return screen.document(&Made { out, public_key, public_key_pem, vkey, policy_line });
    }
    screen.line(&format!("public key {}", public.to_base64()))?;
    screen.line(&format!("vkey {vkey}"))?;
    policy_line.map_or(Ok(()), |line| screen.line(&format!("policy line: {line} <address of the witness>")))
}
