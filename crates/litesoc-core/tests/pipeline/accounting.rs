//! Whatever happens, every event is delivered, lost or queued.

use std::time::Duration;

use litesoc_core::pipeline::{LossReason, Overflow, PipelineConfig, Report};
use proptest::prelude::*;

use crate::simulation::{NOON_MS, Simulation, Treatment, event};

#[derive(Clone, Debug)]
enum Step {
    Track(u64),
    Flush,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![(1_u64..250).prop_map(Step::Track), Just(Step::Flush), (0_u64..400_000).prop_map(Step::Pass),]
}

fn treatment(choice: u8) -> Treatment {
    match choice % 16 {
        0 => Treatment::status(400),
        1 => Treatment::status(413),
        2 => Treatment::status(404),
        3 => Treatment::status(401),
        4 => Treatment::status(500),
        5 => Treatment::status(503),
        6 => Treatment::Answer(429, vec![("retry-after", "3".to_owned())], String::new()),
        7 => Treatment::Cut,
        8 => Treatment::LoseReply,
        9 => Treatment::Answer(
            202,
            Vec::new(),
            r#"{"status":"queued","errors":[{"index":1,"code":"X","message":"no"}]}"#.to_owned(),
        ),
        _ => Treatment::Accept,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn counts_always_add_up(
        steps in prop::collection::vec(step(), 1..30),
        treatments in prop::collection::vec(any::<u8>(), 1..40),
        queue_events in 1_usize..600,
        batch_events in 1_usize..=100,
        drop_oldest in any::<bool>(),
    ) {
        let mut config = PipelineConfig::default();
        config.queue_events = queue_events;
        config.batch_events = batch_events;
        config.overflow = if drop_oldest { Overflow::DropOldest } else { Overflow::DropNewest };
        let mut simulation = Simulation::new(&config, |_, index| treatment(treatments[index % treatments.len()]));
        let mut next = 0;
        let mut refused_at_the_door = 0;
        for step in steps {
            match step {
                Step::Track(count) => {
                    for _ in 0..count {
                        if simulation.pipeline.push(event(next, 20).as_bytes(), NOON_MS).is_ok() {
                            next += 1;
                        } else {
                            refused_at_the_door += 1;
                        }
                    }
                }
                Step::Flush => drop(simulation.pipeline.flush()),
                Step::Pass(ms) => simulation.run_until(simulation.now + Duration::from_millis(ms)),
            }
            let stats = simulation.pipeline.stats();
            prop_assert_eq!(stats.tracked, next + refused_at_the_door);
            prop_assert_eq!(stats.tracked, stats.delivered + stats.lost.total() + stats.queued);
            prop_assert!(stats.queued <= queue_events as u64);
        }
        simulation.run_until(simulation.now + Duration::from_secs(48 * 3600));
        let stats = simulation.pipeline.stats();
        // What was reported is what was counted, each event once.
        let mut outcomes = vec![0_u8; usize::try_from(next).unwrap()];
        let (mut delivered, mut lost) = (0, 0);
        for report in &simulation.reports {
            let events = match report {
                Report::Delivered { events, .. } => { delivered += events.end - events.start; events }
                Report::Lost { events, .. } => { lost += events.end - events.start; events }
                Report::Deferred { .. } | Report::Refused { .. } | _ => continue,
            };
            for number in events.clone() {
                outcomes[usize::try_from(number).unwrap()] += 1;
            }
        }
        prop_assert!(outcomes.iter().all(|&count| count <= 1), "an event has one outcome");
        prop_assert_eq!(stats.delivered, delivered);
        prop_assert_eq!(stats.lost.total(), lost + refused_at_the_door);
        prop_assert_eq!(stats.lost.count(LossReason::Closed), 0);
        if stats.queued == 0 {
            prop_assert_eq!(stats.queued_bytes, 0, "no bytes without events");
            prop_assert_eq!(simulation.pipeline.settled_below(), next);
        }
    }
}
