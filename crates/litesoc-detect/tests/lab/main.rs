//! The lab in small: the same seed gives the same figures, every class can be seen, and the truth is kept in order.
#![cfg(feature = "lab")]

mod labelled;

use std::collections::BTreeSet;

use litesoc_detect::lab::{Class, Plan, Report, Trial, trial};

/// A small organisation; one attack of each of these classes.
fn small(classes: &[Class]) -> Plan {
    let mut plan = Plan::default();
    (plan.users, plan.days, plan.attacks) = (40, 30, 1);
    plan.classes = classes.to_vec();
    plan
}

fn live(plan: &Plan, seed: u64) -> Trial {
    trial(plan, seed).expect("valid settings")
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_seed_others() {
    let plan = small(&[Class::GuessingAccount, Class::TakeoverNaive]);
    let figures = |seed| serde_json::to_string(&Report::of(&plan, &[live(&plan, seed)])).unwrap();
    assert_eq!(figures(7), figures(7));
    assert_ne!(figures(7), figures(8));
}

#[test]
fn every_attack_is_kept_with_what_it_is_made_of() {
    let plan = small(&Class::ALL);
    let lived = live(&plan, 3);
    let classes: BTreeSet<Class> = lived.attacks.iter().map(|(attack, _)| attack.class).collect();
    assert_eq!(classes.len(), Class::ALL.len(), "{classes:?}");
    for (attack, _) in &lived.attacks {
        assert!(attack.from <= attack.until && attack.events > 0, "{attack:?}");
        assert!(!attack.accounts.is_empty() && !attack.sources.is_empty(), "{attack:?}");
        assert!(!attack.story.is_empty());
    }
    assert!(lived.clean.iter().all(|alarm| alarm.attack.is_none()), "without attacks every alert is wrong");
    let labels = lived.mixed.iter().filter_map(|alarm| alarm.attack);
    assert!(labels.clone().count() > 0 && labels.max() < Some(lived.attacks.len()));
}

#[test]
fn attacks_do_not_change_the_peaceful_traffic() {
    let (with, without) = (live(&small(&Class::ALL), 5), live(&small(&[]), 5));
    assert_eq!((with.events, with.user_days), (without.events, without.user_days));
    let titles = |lived: &Trial| lived.clean.iter().map(|alarm| alarm.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&with), titles(&without));
    // Nobody attacks: what the second run shows is what the first did.
    assert_eq!(without.mixed.len(), without.clean.len());
}

#[test]
fn a_report_counts_what_the_trials_say() {
    let plan = small(&[Class::GuessingAccount, Class::SprayOneSource]);
    let trials = [live(&plan, 1), live(&plan, 2)];
    let report = Report::of(&plan, &trials);
    let seen = |class: Class| {
        let of_class =
            trials.iter().flat_map(|lived| &lived.attacks).filter(|(attack, _)| attack.class == class);
        of_class.filter(|(_, verdict)| verdict.delay.is_some()).count()
    };
    for row in &report.classes {
        let class: Class = row.class.parse().unwrap();
        assert_eq!((row.attacks, row.seen), (2, seen(class)), "{class}");
    }
    let alarms: usize = report.clean.iter().map(|row| row.alerts).sum();
    assert_eq!(alarms, trials.iter().map(|lived| lived.clean.len()).sum::<usize>());
    let text = report.to_string();
    assert!(text.contains("guessing_account") && text.contains("2/2"), "{text}");
}

#[test]
fn an_unknown_class_is_told_with_those_there_are() {
    let error = "phishing".parse::<Class>().unwrap_err();
    assert!(error.contains("\"phishing\"") && error.contains("takeover_naive"), "{error}");
    for class in Class::ALL {
        assert_eq!(class.as_str().parse::<Class>(), Ok(class));
    }
}

#[test]
fn the_picture_shows_every_class_and_is_well_formed() {
    let plan = small(&Class::ALL);
    let trials = [live(&plan, 2)];
    let picture = Report::of(&plan, &trials).picture(&trials);
    for class in Class::ALL {
        assert!(picture.contains(&class.as_str().replace('_', " ")), "{class}");
    }
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert_eq!(picture.matches("<text ").count(), picture.matches("</text>").count());
    assert!(!picture.contains("NaN") && !picture.contains("inf"), "a figure without a value");
}
