//! A rule that only warns refuses a record outside the lab, unless the officers waived that rule for it.
//!
//! What no plan can make (an unusual name, a critical subjectAltName), `tests/lint.rs` puts to both implementations.

use anchorite::format::*;
use anchorite::verify::{CheckId, Conclusion};

use super::bundle::{HONEST, Tricks, Workshop, instant, window};
use super::mutants::{all_are_noticed, anchors, misjudged};

/// A rule, the ceremony in which it is broken, and plans that break it: without a waiver and with one.
struct Case {
    rule: Rule,
    ceremony: Ceremony,
    broken: fn(&mut Plan),
    waived: fn(&mut Plan),
}

#[derive(Clone, Copy)]
enum Ceremony {
    Genesis,
    Intermediate,
    Revocation,
}
use Ceremony::{Genesis, Intermediate, Revocation};

macro_rules! cases {
    ($($rule:ident in $ceremony:ident: $change:expr;)*) => {
        [$(Case {
            rule: Rule::$rule,
            ceremony: $ceremony,
            broken: |plan| {
                let change: fn(&mut Plan) = $change;
                quiet(plan);
                change(plan);
            },
            waived: |plan| {
                let change: fn(&mut Plan) = $change;
                quiet(plan);
                change(plan);
                plan.waivers.push(waiver(Rule::$rule));
            },
        }),*]
    };
}

fn waiver(rule: Rule) -> Waiver {
    Waiver { rule, reason: "The auditors know of it.".to_owned(), until: instant("2027-01-31T00:00:00Z") }
}

/// Without what the rules warn of in the ceremonies of the other tests.
fn quiet(plan: &mut Plan) {
    if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action {
        extensions.name_constraints = None;
    }
}

fn extensions(plan: &mut Plan) -> &mut CertificateExtensions {
    match &mut plan.steps[0].action {
        Action::SignIntermediate { extensions, .. } => extensions,
        _ => panic!("no intermediate"),
    }
}

fn constrain(plan: &mut Plan, critical: bool, permitted: Subtrees) {
    let none = Subtrees { dns: Vec::new(), ip: Vec::new(), uri: Vec::new(), directory: Vec::new() };
    extensions(plan).name_constraints = Some(NameConstraints { critical, permitted, excluded: none });
}

fn subtrees(dns: &[&str], uri: &[&str], directory: &[Subject]) -> Subtrees {
    Subtrees {
        dns: dns.iter().map(|host| host.parse().unwrap()).collect(),
        ip: Vec::new(),
        uri: uri.iter().map(|host| host.parse().unwrap()).collect(),
        directory: directory.to_vec(),
    }
}

fn root(plan: &mut Plan, change: fn(&mut Window, &mut CertificateExtensions)) {
    if let Action::SelfSign { validity, extensions, .. } = &mut plan.steps[3].action {
        change(validity, extensions);
    }
}

fn cases() -> [Case; 11] {
    cases! {
        R02 in Genesis: |plan| root(plan, |validity, _| *validity = window("2026-12-01T00:00:00Z", "2051-12-02T00:00:00Z"));
        R03 in Genesis: |plan| root(plan, |_, extensions| extensions.path_length = Some(1));
        L03 in Intermediate: |plan| if let Action::IssueCrl { this_update, next_update, .. } = &mut plan.steps[1].action {
            *next_update = Instant::from_unix_seconds(this_update.unix_seconds() + 365 * 86_400 + 1).unwrap();
        };
        L07 in Revocation: |plan| for step in &mut plan.steps {
            match &mut step.action {
                Action::Revoke { entry, .. } => entry.at = instant("2026-12-01T16:30:00Z"),
                Action::IssueCrl { entries, .. } => entries[0].at = instant("2026-12-01T16:30:00Z"),
                _ => {}
            }
        };
        E04 in Intermediate: |plan| extensions(plan).policies[0] = "2.5.29.32.0".parse().unwrap();
        M04 in Intermediate: |plan| constrain(plan, false, subtrees(&["example.org"], &[], &[]));
        M06 in Intermediate: |plan| {
            let Action::SignIntermediate { subject, .. } = &plan.steps[0].action else { panic!("no intermediate") };
            let own = subject.clone();
            constrain(plan, true, subtrees(&[], &[], &[own]));
        };
        M07 in Intermediate: |plan| constrain(plan, true, subtrees(&[], &["example.org"], &[]));
        U05 in Intermediate: |plan| extensions(plan).spiffe_id = Some("spiffe://example".parse().unwrap());
        U07 in Intermediate: |plan| {
            constrain(plan, true, subtrees(&[], &["example.net"], &[]));
            plan.waivers.push(waiver(Rule::M07));
        };
        L03 in Genesis: |plan| if let Action::IssueCrl { this_update, next_update, .. } = &mut plan.steps[4].action {
            *next_update = Instant::from_unix_seconds(this_update.unix_seconds() + 366 * 86_400).unwrap();
        };
    }
}

fn hold(environment: Environment, ceremony: Ceremony, plan: fn(&mut Plan)) -> Workshop {
    let mut workshop = Workshop::of(environment);
    let (last, before) = (Tricks { plan, ..HONEST }, Tricks { plan: quiet, ..HONEST });
    match ceremony {
        Genesis => drop(workshop.genesis(&last)),
        Intermediate => {
            workshop.genesis(&HONEST);
            workshop.intermediate(&last);
        }
        Revocation => {
            workshop.genesis(&HONEST);
            workshop.intermediate(&before);
            workshop.revocation(&last);
        }
    }
    workshop
}

/// Both verifiers: without a waiver it is refused, with one it passes, and in the lab it is a remark.
#[test]
fn what_a_rule_warns_of_is_refused_outside_the_lab_unless_the_officers_waived_it() {
    let mut wrong = Vec::new();
    for Case { rule, ceremony, broken, waived } in cases() {
        for (environment, plan, conclusion) in [
            (Environment::Staging, broken, Conclusion::Fail),
            (Environment::Staging, waived, Conclusion::Pass),
            (Environment::Lab, broken, Conclusion::Pass),
        ] {
            let workshop = hold(environment, ceremony, plan);
            let found = misjudged(&workshop, &anchors(&workshop), conclusion, CheckId::Lint);
            wrong.extend(found.map(|found| format!("{rule} in {environment}: {found}")));
        }
    }
    all_are_noticed(wrong);
}

/// A waiver is of one rule, and no refusal has one.
#[test]
fn a_waiver_of_another_rule_lets_nothing_pass() {
    let other: fn(&mut Plan) = |plan| {
        root(plan, |_, extensions| extensions.path_length = Some(1));
        plan.waivers.push(waiver(Rule::R02));
    };
    let refusal: fn(&mut Plan) = |plan| {
        quiet(plan);
        extensions(plan).extended_key_usage.push(KeyPurpose::OcspSigning);
        plan.waivers.push(waiver(Rule::E04));
    };
    for (ceremony, plan) in [(Genesis, other), (Intermediate, refusal)] {
        let workshop = hold(Environment::Staging, ceremony, plan);
        let found = misjudged(&workshop, &anchors(&workshop), Conclusion::Fail, CheckId::Lint);
        assert_eq!(found, None);
    }
}
