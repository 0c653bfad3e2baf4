use serde::Serialize;
use serde_json::Value;

use crate::format::{Mode, Plan, PlannedStep};

/// Something in which the plan of a rehearsal differs from the ceremony's, as it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The plan's member, or a step and its member.
    pub what: String,
    /// In the ceremony, as JSON.
    pub ceremony: String,
    /// In the rehearsal, as JSON.
    pub rehearsal: String,
    /// Why it differs.
    pub why: &'static str,
}

/// Something in which a rehearsal may not differ: it was a rehearsal of something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it rehearses something else: {what} is {rehearsal} there and {ceremony} here")]
pub struct RehearsesSomethingElse {
    /// The plan's member, or a step and its member.
    pub what: String,
    /// In the ceremony, as JSON.
    pub ceremony: String,
    /// In the rehearsal, as JSON.
    pub rehearsal: String,
}

/// Members of a plan that differ, and why.
const PLAN: [(&str, &str); 14] = [
    ("v", "nothing of a rehearsal is read as a ceremony's"),
    ("mode", "nothing of a rehearsal is read as a ceremony's"),
    ("environment", "software tokens and throw-away keys are for the lab only"),
    ("title", "names say that it is a rehearsal"),
    ("ordinal", "it has a place in an authority of its own"),
    ("previous_head", "it has a place in an authority of its own"),
    ("roster_sha256", "the same people with throw-away keys"),
    ("window", "it is held before the day"),
    ("waivers", "no rule of production holds in the lab"),
    ("duties", "nothing is owed after a rehearsal"),
    ("rehearses", "what is rehearsed, and what is drilled in it"),
    ("rehearsed_within_days", "a rehearsal is not rehearsed"),
    ("inputs", "stand-ins and throw-away keys; what the ceremony file names by its digest is the same"),
    ("steps", "see below"),
];

/// Members of actions that differ: kind of step, member, why.
const ACTIONS: [(&str, &str, &str); 30] = [
    ("provision", "label", "a throw-away token"),
    ("provision", "mode", "a throw-away token is blank, and is initialised"),
    ("provision", "wipe", "a throw-away token is blank, and is initialised"),
    ("provision", "shares", "throw-away shares"),
    ("reshare", "from", "throw-away shares"),
    ("reshare", "to", "throw-away shares"),
    ("change-roster", "roster", "the same people with throw-away keys"),
    ("self-sign", "key", "a stand-in on a throw-away token"),
    ("self-sign", "subject", "names say that it is a rehearsal"),
    ("self-sign", "serial", "drawn anew"),
    ("self-sign", "tbs_sha256", "follows from the others"),
    ("sign-intermediate", "issuer", "a stand-in on a throw-away token"),
    ("sign-intermediate", "subject", "names say that it is a rehearsal"),
    ("sign-intermediate", "asked", "the subject is another than the request's"),
    ("sign-intermediate", "serial", "drawn anew"),
    ("sign-intermediate", "tbs_sha256", "follows from the others"),
    ("cross-sign", "issuer", "a stand-in on a throw-away token"),
    ("cross-sign", "certificate", "a stand-in on a throw-away token"),
    ("cross-sign", "subject", "names say that it is a rehearsal"),
    ("cross-sign", "serial", "drawn anew"),
    ("cross-sign", "tbs_sha256", "follows from the others"),
    ("destroy-key", "key", "a stand-in on a throw-away token"),
    ("destroy-key", "key_id", "a stand-in on a throw-away token"),
    ("revoke", "issuer", "a stand-in on a throw-away token"),
    ("revoke", "certificate", "a stand-in for the certificate"),
    ("revoke", "entry", "a stand-in for the certificate"),
    ("issue-crl", "issuer", "a stand-in on a throw-away token"),
    ("issue-crl", "number", "the stand-in has issued no CRL before"),
    ("issue-crl", "entries", "the stand-in has revoked nothing before"),
    ("issue-crl", "tbs_sha256", "follows from the others"),
];

/// Everything in which a rehearsal's plan differs from the ceremony's, in the order of the plan.
///
/// Same program, same ceremony file, same people by their roster's digest, same steps in the same order; in each step
/// what its names, keys, shares and tokens do not touch.
///
/// # Errors
/// [`RehearsesSomethingElse`], the first that is found.
pub fn delta(ceremony: &Plan, rehearsal: &Plan) -> Result<Vec<Difference>, RehearsesSomethingElse> {
    let of_roster = rehearsal.rehearses.as_ref().map(|rehearses| rehearses.roster_sha256);
    if of_roster != Some(ceremony.roster_sha256) || rehearsal.mode != Mode::Rehearsal {
        let shown = of_roster.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
        return Err(RehearsesSomethingElse {
            what: "the roster whose people rehearse".to_owned(),
            ceremony: ceremony.roster_sha256.to_string(),
            rehearsal: shown,
        });
    }
    let mut found = Vec::new();
    members("", ceremony, rehearsal, &mut found, |member| {
        PLAN.iter().find(|(name, _)| *name == member).map(|(_, why)| *why)
    })?;
    found.retain(|difference| difference.what != "steps");
    let ids = |plan: &Plan| {
        let step = |step: &PlannedStep| format!("{} ({})", step.id, step.action.kind());
        plan.steps.iter().map(step).collect::<Vec<_>>().join(", ")
    };
    if ids(ceremony) != ids(rehearsal) {
        let (ceremony, rehearsal) = (ids(ceremony), ids(rehearsal));
        return Err(RehearsesSomethingElse { what: "the order of steps".to_owned(), ceremony, rehearsal });
    }
    for (here, there) in ceremony.steps.iter().zip(&rehearsal.steps) {
        let kind = here.action.kind().to_string();
        members(&format!("step {}: ", here.id), &here.action, &there.action, &mut found, |member| {
            ACTIONS.iter().find(|(of, name, _)| *of == kind && *name == member).map(|(.., why)| *why)
        })?;
    }
    Ok(found)
}

/// Compares two values of one type, member by member.
fn members<T: Serialize>(
    prefix: &str,
    ceremony: &T,
    rehearsal: &T,
    found: &mut Vec<Difference>,
    may_differ: impl Fn(&str) -> Option<&'static str>,
) -> Result<(), RehearsesSomethingElse> {
    let object = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (here, there) = (object(ceremony), object(rehearsal));
    for (member, value) in &here {
        let other = there.get(member).cloned().unwrap_or(Value::Null);
        if *value == other {
            continue;
        }
        let (what, ceremony, rehearsal) = (format!("{prefix}{member}"), value.to_string(), other.to_string());
        match may_differ(member) {
            Some(why) => found.push(Difference { what, ceremony, rehearsal, why }),
            None => return Err(RehearsesSomethingElse { what, ceremony, rehearsal }),
        }
    }
    Ok(())
}
