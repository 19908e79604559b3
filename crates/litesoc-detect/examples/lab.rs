//! `cargo xtask lab`: measures the rules on made-up traffic with known attacks, or on somebody's own labelled events.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to the person who runs it")]

use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::Parser;
use litesoc_detect::SettingsFile;
use litesoc_detect::lab::{Class, LabelledReport, Plan, Report, Trial, score_ndjson, score_rba, trial};

/// Measures how well the rules see attacks, and how often they are wrong.
///
/// Tune on seeds 1 to 20 and report on others, named in the guide: a figure from seeds that were tuned on flatters.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask lab")]
struct Arguments {
    /// Seeds, both ends included: `1..20`, `7`, or `1..5,9`.
    #[arg(long, default_value = "1..20", value_parser = seeds)]
    seeds: Seeds,
    /// People in the organisation, 10 to 5,000.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=5_000))]
    users: u32,
    /// Days that are lived, 10 to 365.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(i64).range(10..=365))]
    days: i64,
    /// Attacks of each class in each seed, 0 to 100.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(0..=100))]
    attacks: u32,
    /// Only these classes of attack; may be given more than once.
    #[arg(long)]
    class: Vec<Class>,
    /// Thresholds of the rules, in TOML; the top level of a settings file counts.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Draw the figures of the lab into this file.
    #[arg(long, value_name = "OUT", conflicts_with_all = ["rba", "input"])]
    svg: Option<PathBuf>,
    /// Score the rules on the CSV of the public data set for risk-based authentication instead.
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    rba: Option<PathBuf>,
    /// Only so many rows of that file.
    #[arg(long, requires = "rba")]
    rows: Option<u64>,
    /// Score the rules on labelled events instead: NDJSON, one event a line.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Print each attack that was missed and each false alarm with its story; with `--input`, those of medium severity or
    /// worse.
    #[arg(long, conflicts_with = "rba")]
    explain: bool,
}

/// A list of seeds.
#[derive(Clone, Debug)]
struct Seeds(Vec<u64>);

fn seeds(text: &str) -> Result<Seeds, String> {
    let number = |word: &str| word.trim().parse::<u64>().map_err(|_| format!("{word:?} is no number"));
    let mut seeds = Vec::new();
    for part in text.split(',') {
        let (from, to) = match part.split_once("..") {
            Some((from, to)) => (number(from)?, number(to)?),
            None => (number(part)?, number(part)?),
        };
        if to < from || to - from >= 10_000 {
            return Err(format!("{part:?} is no range; write the smaller number first, as in 1..20"));
        }
        seeds.extend(from..=to);
    }
    Ok(Seeds(seeds))
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut plan = Plan::default();
    plan.users = usize::try_from(arguments.users)?;
    plan.days = arguments.days;
    plan.attacks = usize::try_from(arguments.attacks)?;
    plan.explains = arguments.explain;
    if !arguments.class.is_empty() {
        plan.classes.clone_from(&arguments.class);
    }
    if let Some(path) = &arguments.settings {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        plan.settings = SettingsFile::parse(&text).map_err(|invalid| format!("{name}: {invalid}"))?.default;
    }
    if let Some(scored) = labelled(arguments, &plan)? {
        return tell(scored, arguments);
    }
    let trials = trials(&plan, &arguments.seeds.0)?;
    let report = Report::of(&plan, &trials);
    if arguments.explain {
        for trial in &trials {
            print!("{}", trial.explain());
        }
    }
    if let Some(out) = &arguments.svg {
        fs::write(out, report.picture(&trials)).map_err(|error| format!("{}: {error}", out.display()))?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// The figures of somebody's own events, when the arguments name a file of them.
fn labelled(arguments: &Arguments, plan: &Plan) -> Result<Option<LabelledReport>, Box<dyn Error>> {
    let (path, is_rba) = match (&arguments.rba, &arguments.input) {
        (Some(path), _) => (path, true),
        (None, Some(path)) => (path, false),
        (None, None) => return Ok(None),
    };
    let name = path.display();
    let file = BufReader::new(File::open(path).map_err(|error| format!("{name}: {error}"))?);
    let scored = if is_rba {
        score_rba(file, arguments.rows, &plan.settings)
    } else {
        score_ndjson(file, &plan.settings)
    };
    Ok(Some(scored.map_err(|error| format!("{name}: {error}"))?))
}

/// Prints the figures of somebody's own events; stories only where they are asked for, for they are long.
fn tell(mut scored: LabelledReport, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if !arguments.explain {
        scored.missed.clear();
        scored.wrong.clear();
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&scored)?);
    } else {
        print!("{}{scored}", scored.explain());
    }
    Ok(())
}

/// Every seed, as many at a time as the machine has processors.
fn trials(plan: &Plan, seeds: &[u64]) -> Result<Vec<Trial>, Box<dyn Error>> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(seeds.len())));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let trial = trial(plan, *seed);
                    if let Ok(mut done) = done.lock() {
                        done.push(trial);
                        eprint!("\r{} of {} seeds ", done.len(), seeds.len());
                    }
                }
            });
        }
    });
    eprintln!();
    let done = done.into_inner().map_err(|_| "a seed could not be lived through")?;
    let mut trials = done.into_iter().collect::<Result<Vec<_>, _>>()?;
    trials.sort_by_key(|trial| trial.seed);
    Ok(trials)
}
