//! `litesoc demo`: a day of traffic with eight attacks through the real client, and what the server made of it.

mod account;
mod attacks;
mod chance;
mod geography;
mod ledger;
mod ordinary;
mod performance;
#[cfg(test)]
mod rehearsal;
mod report;
mod script;
mod stage;
mod verdict;

use litesoc_server::StopSignal;

use crate::arguments::DemoArguments;
use crate::outcome::Failure;
use crate::screen::Screen;

use self::performance::Performance;
use self::stage::Stage;

pub(crate) fn run(arguments: &DemoArguments, screen: &mut Screen) -> Result<(), Failure> {
    screen.progress("starting the server");
    // Before there is a temporary folder, so that no signal leaves it behind.
    let stop = StopSignal::listen()?;
    let stage = Stage::open(arguments.keep.as_deref())?;
    let performance = Performance::begin(arguments, &stage, stop)?;
    let (script, account) = performance.watch(screen)?;
    let verdict = verdict::compare(&script, &account);
    screen.progress("tampering with an audit log");
    let ledger = ledger::play()?;
    report::write(arguments, &script, &account, &verdict, &ledger, screen)?;
    stage.close();
    if let Some(missed) = ledger.attempts.iter().find(|attempt| attempt.caught.is_none()) {
        return Err(Failure::new(format!("nobody noticed: {}", missed.what)));
    }
    if verdict.differences.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "the demo differs from the truth in {} points, see above",
            verdict.differences.len()
        )))
    }
}
