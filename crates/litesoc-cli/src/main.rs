//! The `litesoc` command: server, demo, and a client for people and scripts.
#![doc = include_str!("../README.md")]

mod arguments;
mod audit;
mod demo;
mod detection;
mod geo;
mod keys;
mod names;
mod outcome;
mod remote;
mod replay;
mod rules;
mod screen;
mod serve;
mod table;
mod witnesses;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::arguments::{Arguments, Command};
use self::outcome::Failure;
use self::screen::Screen;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut screen = Screen::new(arguments.json);
    match run(arguments.command, &mut screen).and_then(|()| screen.finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen.complain(&failure);
            ExitCode::from(failure.code())
        }
    }
}

fn run(command: Command, screen: &mut Screen) -> Result<(), Failure> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments, screen),
        Command::Demo(arguments) => demo::run(&arguments, screen),
        Command::Track(arguments) => remote::track::run(&arguments, screen),
        Command::Events(command) => remote::events::run(&command, screen),
        Command::Alerts(command) => remote::alerts::run(&command, screen),
        Command::Health(remote) => remote::health::run(&remote, screen),
        Command::Key(command) => keys::run(&command, screen),
        Command::Audit(command) => audit::run(&command, screen),
        Command::Geo(command) => geo::run(&command, screen),
        Command::Replay(arguments) => replay::run(&arguments, screen),
        Command::Rules(command) => rules::run(&command, screen),
        Command::Normalize(arguments) => names::run(&arguments, screen),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "litesoc", &mut script);
            screen.raw(&script)
        }
    }
}
