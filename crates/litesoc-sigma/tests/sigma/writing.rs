//! What is written as Sigma reads back as the same.

use std::time::Duration;

use litesoc_sigma::{
    CorrelationKind, CorrelationText, DetectionText, Heading, Level, RuleSet, Scalar, Shape, Status, escaped,
};
use proptest::prelude::*;

use crate::event::Event;

fn guessing() -> String {
    let correlation = CorrelationText::new(
        Heading::new("Guessing: ten failures in an hour")
            .id("0e95725d-7320-415d-80f7-004da920fc11")
            .status(Status::Stable)
            .description("Somebody's guess is \"the same\" as another's.")
            .tag("attack.t1110.001")
            .level(Level::High),
        CorrelationKind::ValueCount,
        Duration::from_secs(90 * 60),
    )
    .rule("failed_sign_in")
    .group_by("user_ip")
    .counted("actor.id")
    .at_least(10)
    .generate();
    let detection = DetectionText::new(Heading::new("Failed sign-in").name("failed_sign_in"), "litesoc")
        .test("selection", "event", ["auth.login_failed", "auth.mfa_failed"])
        .test("selection", "metadata.attempt|gte", [2_i64])
        .test("filter", "is_allowed", [true])
        .condition("selection and not filter");
    format!("{correlation}---\n{detection}")
}

#[test]
fn a_written_rule_reads_well() {
    insta::assert_snapshot!(guessing());
}

#[test]
fn a_written_rule_reads_back() {
    let rules = RuleSet::parse([("guessing.yml", guessing())]).unwrap();
    let [correlation, detection] = rules.rules() else { panic!("two rules") };
    assert_eq!(correlation.techniques().collect::<Vec<_>>(), ["T1110.001"]);
    assert_eq!((correlation.level, correlation.told, detection.told), (Level::High, true, true));
    let Shape::Correlation(shape) = &correlation.shape else { panic!("a correlation") };
    assert_eq!((shape.timespan, shape.at_least), (Duration::from_secs(5_400), 10));
    assert_eq!(rules.detect(&Event::named("auth.mfa_failed").with("metadata.attempt", 2_i64)), [1]);
}

proptest! {
    #[test]
    fn any_text_reads_back_as_itself(title in "\\PC{1,40}", text in any::<String>()) {
        prop_assume!(!title.trim().is_empty() && !text.is_empty() && !text.contains('\u{0}'));
        let written = DetectionText::new(Heading::new(title.as_str()), "litesoc")
            .test("s", "field", [Scalar::Text(escaped(&text))])
            .to_string();
        let rules = RuleSet::parse([("t.yml", &written)]).map_err(|faults| TestCaseError::fail(format!("{faults}\n{written}")))?;
        prop_assert_eq!(&rules.rules()[0].title, &title);
        prop_assert_eq!(rules.detect(&Event::default().with("field", text)), [0]);
    }
}
