use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Place};
use crate::format::{Rule, Waiver};
use crate::pki::lint;
use crate::roster::{is_binding, unwaived};

/// Each rule of production that the roster breaks has a waiver in the approved plan, in force when the record began.
/// All of them are named first, used or not: they are what a reader has to know before the rest.
pub(crate) fn waivers(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Waivers);
    let Some(opened_at) = facts.records().next().map(|record| record.t) else {
        return examination.finish_if(false, "the record is empty", String::new);
    };
    let plan = || Place::file("artifacts/plan.json");
    for waiver in &facts.plan.waivers {
        let Waiver { rule, until, .. } = waiver;
        examination.demand(opened_at <= *until, plan(), || {
            format!("the waiver of {rule} ended at {until}, and the record begins at {opened_at}")
        });
        let again = facts.plan.waivers.iter().filter(|other| other.rule == *rule).count();
        examination.demand(again == 1, plan(), || format!("{rule} is waived more than once"));
    }
    for finding in unwaived(facts.roster, facts.plan, opened_at) {
        examination.fail(
            Place::file("artifacts/roster.toml"),
            format!("no waiver in force lets pass that {finding}"),
        );
    }
    let alone = facts.binding.mirror.is_none() && facts.plan.waiver(Rule::NoMirror, opened_at).is_none();
    examination.demand(
        !(is_binding(facts.plan.environment) && alone),
        Place::file("artifacts/binding.toml"),
        || "no waiver in force lets pass that the binding names no mirror".to_owned(),
    );
    let all = facts.plan.waivers.iter();
    let all: Vec<_> = all
        .map(|Waiver { rule, reason, until }| format!("{} until {until}: {reason}", lint::described(*rule)))
        .collect();
    examination.finish_if(!all.is_empty(), "no rule is waived", || all.join("; "))
}
