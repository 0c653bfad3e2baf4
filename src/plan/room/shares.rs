use std::collections::BTreeMap;
use std::ops::Range;

use super::{Beside as _, Room, mistake};
use crate::format::{Name, ProvisionMode, ShareSetName};
use crate::script::{Code, Diagnostic, Onto, QuorumHolder, Step, StepBody, TokenContent};

/// What opens a token is said without contradiction, and people and shares are replaced once.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    for step in room.steps {
        provision_agrees_with_itself(step, found);
    }
    replaced_once(room, found);
    reshared_tokens_are_there_already(room, found);
}

fn provision_agrees_with_itself(step: &Step, found: &mut Vec<Diagnostic>) {
    let StepBody::Provision { mode, content, quorum, .. } = &step.body else {
        return;
    };
    let adopts = mode.value == ProvisionMode::Adopt;
    match quorum.value {
        QuorumHolder::Token if !adopts => found.push(mistake(
            Code::ProvisionContradiction,
            &quorum.span,
            format!("the token holds its own quorum, and mode `{}` would set its PINs", mode.value),
            "Write `mode = \"adopt\"`: nothing is set on a token that holds its own quorum.",
        )),
        QuorumHolder::Shares if adopts => found.push(mistake(
            Code::ProvisionContradiction,
            &mode.span,
            "mode `adopt` sets no PIN, so no share could open the token",
            "Write `quorum = \"token\"`, or let `init` or `set-pin` set the PINs.",
        )),
        QuorumHolder::Token | QuorumHolder::Shares => {}
    }
    if content.value == TokenContent::Wipe && mode.value != ProvisionMode::Init {
        found.push(mistake(
            Code::ProvisionContradiction,
            &content.span,
            format!("mode `{}` keeps what is on the token, and `wipe` destroys it", mode.value),
            "Leave `content` out, or write `mode = \"init\"`.",
        ));
    }
}

fn replaced_once(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut roster: Option<&Range<usize>> = None;
    let mut sets: BTreeMap<ShareSetName, &Range<usize>> = BTreeMap::new();
    for step in room.steps {
        let (first, what) = match &step.body {
            StepBody::ChangeRoster { .. } => (roster.replace(&step.kind.span), "the roster".to_owned()),
            StepBody::Reshare { set, .. } => {
                (sets.insert(set.value, &step.kind.span), format!("the shares of `{}`", set.value))
            }
            _ => continue,
        };
        if let Some(first) = first {
            found.push(
                mistake(
                    Code::ReplacedTwice,
                    &step.kind.span,
                    format!("{what} would be replaced twice"),
                    "Say in one step what shall hold afterwards; a second change is a ceremony of its own.",
                )
                .beside(first, "here"),
            );
        }
    }
}

fn reshared_tokens_are_there_already(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut provisioned: BTreeMap<&Name, &Range<usize>> = BTreeMap::new();
    for step in room.steps {
        match &step.body {
            StepBody::Provision { token, .. } => drop(provisioned.insert(&token.value, &token.span)),
            StepBody::Reshare { set, onto, tokens } => {
                let mut refuse = |span: &Range<usize>, message: &str, remedy: &str| {
                    found.push(mistake(Code::ReshareContradiction, span, message, remedy));
                };
                let listed = tokens.as_ref();
                if set.value == ShareSetName::Recovery {
                    if let Some(tokens) = listed {
                        let message = "shares of `recovery` open no token";
                        refuse(&tokens.span, message, "Leave `tokens` out.");
                    }
                    if onto.value == Onto::Newest {
                        let message = "no token is left behind on shares of `recovery`";
                        refuse(&onto.span, message, "Leave `onto` out.");
                    }
                }
                if let Some(tokens) = listed.filter(|tokens| tokens.value.is_empty()) {
                    let remedy = "Name tokens, or leave `tokens` out for all.";
                    refuse(&tokens.span, "the shares of no token would be replaced", remedy);
                }
                for token in listed.into_iter().flat_map(|tokens| &tokens.value) {
                    if let Some(first) = provisioned.get(&token.value) {
                        found.push(
                            mistake(
                                Code::ReshareContradiction,
                                &token.span,
                                format!("`{}` is provisioned in this ceremony", token.value),
                                "Leave it out: a token that is provisioned here gets the newest shares anyway.",
                            )
                            .beside(first, "here"),
                        );
                    }
                }
            }
            _ => {}
        }
    }
}
