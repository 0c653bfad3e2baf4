use std::collections::BTreeSet;

use super::resolve::{Resolver, Span};
use crate::format::{Action, BrokenBy, FileName, FileRef, Mode, Name, Roster, ShareSetName, Shares};
use crate::roster::{RosterChange, can_need, is_binding, key_problems, policy};
use crate::script::{Code, InputFile, Onto, Spanned};

impl Resolver<'_> {
    /// What production forbids is waived here or stops the plan; elsewhere it is remarked on. Nothing is waived
    /// that nothing needs: a reader would look for what is not there.
    pub(super) fn roster_fits(&mut self) {
        let (script, roster) = (self.sources.script, self.sources.roster);
        for waiver in &script.waivers {
            let rule = &waiver.rule;
            if !can_need(roster, rule.value) {
                let message = format!("the roster keeps the rule `{}`", rule.value);
                self.problem(Code::UnusedWaiver, &rule.span, message, "leave the waiver out");
            }
        }
        let span = &script.ceremony.environment.span;
        for problem in key_problems(roster) {
            let remedy = "have that person make a new key, and mend the roster";
            self.problem(Code::RosterPolicy, span, format!("roster: {problem}"), remedy);
        }
        for finding in policy(roster) {
            if is_binding(roster.environment) {
                let waived = |rule| script.waivers.iter().any(|waiver| Some(waiver.rule.value) == rule);
                let rule = finding.rule();
                if rule.is_some() && waived(rule) {
                    continue;
                }
                let remedy = match rule {
                    Some(rule) => {
                        format!("correct the roster, or let the officers approve a waiver of `{rule}`")
                    }
                    None => "correct the roster; nobody may waive this".to_owned(),
                };
                self.problem(Code::RosterPolicy, span, format!("roster: {finding}"), &remedy);
            } else {
                self.warnings.push(format!("roster: {finding}; production refuses that"));
            }
        }
    }

    /// Of what is to be signed, too, nothing is waived that nothing needs; what was not resolved may need anything.
    pub(super) fn waivers_are_needed(&mut self) {
        let script = self.sources.script;
        let complete = self.diagnostics.is_empty();
        for waiver in script.waivers.iter().filter(|_| complete) {
            let rule = &waiver.rule;
            if rule.value.broken_by() == BrokenBy::Object && !self.waived.contains(&rule.value) {
                let message = format!("nothing that is to be signed breaks the rule `{}`", rule.value);
                self.problem(Code::UnusedWaiver, &rule.span, message, "leave the waiver out");
            }
        }
    }

    /// The roster that holds for the steps from here on.
    fn people(&self) -> &Roster {
        self.incoming.as_ref().map_or(self.sources.roster, |(incoming, _)| incoming)
    }

    /// The newest shares of a set that this plan deals.
    fn dealt_here(&self, set: ShareSetName) -> Option<&Shares> {
        let dealt = self.steps.iter().rev().filter_map(|step| step.action.deals());
        dealt.into_iter().find(|shares| shares.set_and_epoch().0 == set)
    }

    /// The shares that open a new token: the newest of the authority, or its first.
    pub(super) fn shares_for_a_new_token(&mut self, span: &Span) -> Option<Shares> {
        let set = ShareSetName::Operate;
        if let Some(shares) = self.dealt_here(set) {
            let (set, epoch) = shares.set_and_epoch();
            return Some(Shares::Dealt { set, epoch });
        }
        match self.sources.ledger.share_set(set) {
            Some(live) => Some(Shares::Dealt { set, epoch: live.split.epoch }),
            None => self.new_shares(span, set),
        }
    }

    /// New shares for everybody whom the roster gives one.
    fn new_shares(&mut self, span: &Span, set: ShareSetName) -> Option<Shares> {
        let holders: Vec<Name> = self.people().holders(set).map(|person| person.name.clone()).collect();
        let threshold = self.people().threshold(set);
        if holders.len() < usize::from(threshold) {
            let message = format!(
                "the roster gives {} people a share of `{set}`, and {threshold} are needed",
                holders.len()
            );
            self.problem(Code::ShareHolders, span, message, "name the holders in the roster");
            return None;
        }
        let Some(epoch) = self.sources.ledger.next_epoch(set) else {
            let message = format!("the epochs of `{set}` are used up");
            self.problem(Code::ShareHolders, span, message, "begin a new authority");
            return None;
        };
        Some(Shares::New { set, epoch, threshold, holders })
    }

    pub(super) fn reshare(
        &mut self,
        span: &Span,
        set: ShareSetName,
        onto: Onto,
        tokens: Option<&Spanned<Vec<Spanned<Name>>>>,
    ) -> Option<Action> {
        if set == ShareSetName::Recovery {
            let live = self.sources.ledger.share_set(set).map(|live| live.split.epoch);
            let to = self.new_shares(span, set)?;
            return Some(Action::Reshare { set, from: live.into_iter().collect(), to, tokens: Vec::new() });
        }
        let ledger = self.sources.ledger;
        let to = match onto {
            Onto::New => self.new_shares(span, set)?,
            Onto::Newest => match ledger.share_set(set) {
                Some(newest) => Shares::Dealt { set, epoch: newest.split.epoch },
                None => {
                    let message = format!("no shares of `{set}` were ever dealt");
                    self.problem(Code::NotInLedger, span, message, "provision a token first");
                    return None;
                }
            },
        };
        let (_, newest) = to.set_and_epoch();
        let open = |name: &Name| {
            ledger
                .token(name)
                .map(|token| token.policies().iter().map(|policy| policy.epoch).collect::<BTreeSet<_>>())
        };
        let all = ledger.tokens.iter().filter(|token| !token.policies().is_empty()).map(|token| &token.name);
        let moved: Vec<Name> = match tokens {
            Some(tokens) => tokens.value.iter().map(|token| token.value.clone()).collect(),
            None => {
                all.clone().filter(|name| open(name) != Some(BTreeSet::from([newest]))).cloned().collect()
            }
        };
        if moved.is_empty() {
            let message = "no token is opened by other shares than these".to_owned();
            self.problem(Code::ShareHolders, span, message, "leave this step out");
            return None;
        }
        let mut from = BTreeSet::new();
        for name in &moved {
            let span = tokens
                .and_then(|tokens| tokens.value.iter().find(|token| token.value == *name))
                .map_or(span, |token| &token.span);
            match open(name).filter(|epochs| !epochs.is_empty()) {
                None => {
                    let message = format!("no share opens a token `{name}`");
                    self.problem(
                        Code::NotInLedger,
                        span,
                        message,
                        "name a token that an earlier ceremony provisioned",
                    );
                    return None;
                }
                Some(epochs) if epochs == BTreeSet::from([newest]) => {
                    let message = format!("`{name}` is opened by the newest shares already");
                    self.problem(Code::ShareHolders, span, message, "leave it out, or deal new shares");
                    return None;
                }
                Some(epochs) => from.extend(epochs),
            }
            self.use_token(name);
        }
        let behind: Vec<String> = all
            .filter(|name| !moved.contains(name) && open(name) != Some(BTreeSet::from([newest])))
            .map(|name| format!("`{name}`"))
            .collect();
        if !behind.is_empty() {
            self.warnings.push(format!(
                "{} stay with older shares: those stay live, and dangerous, until a step with `onto = \"newest\"` moves \
                 them",
                behind.join(" and ")
            ));
        }
        from.remove(&newest);
        Some(Action::Reshare { set, from: from.into_iter().collect(), to, tokens: moved })
    }

    pub(super) fn change_roster(&mut self, step: &Name, input: &Spanned<InputFile>) -> Option<Action> {
        let bytes = self.input(input)?;
        let span = &input.span;
        let remedy = "mend the new roster, and write its new SHA-256 here";
        let mode = if self.sources.rehearses.is_some() { Mode::Rehearsal } else { Mode::Ceremony };
        let incoming = match Roster::parse_in(&bytes, mode) {
            Ok(incoming) => incoming,
            Err(error) => {
                self.problem(Code::BadRoster, span, error.to_string(), remedy);
                return None;
            }
        };
        let present = self.sources.roster;
        if (&incoming.authority, incoming.environment) != (&present.authority, present.environment) {
            self.problem(
                Code::BadRoster,
                span,
                "it is of another authority or environment".to_owned(),
                remedy,
            );
        }
        if incoming.sha256 == present.sha256 {
            self.problem(Code::BadRoster, span, "it is the roster that is in force".to_owned(), remedy);
        }
        for problem in key_problems(&incoming) {
            self.problem(Code::BadRoster, span, problem.to_string(), remedy);
        }
        for finding in policy(&incoming) {
            match finding.rule() {
                _ if !is_binding(incoming.environment) => {
                    self.warnings.push(format!("the new roster: {finding}; production refuses that"));
                }
                Some(rule) => self.warnings.push(format!(
                    "the new roster: {finding}; every ceremony under it needs a waiver of `{rule}`"
                )),
                None => {
                    self.problem(Code::RosterPolicy, span, format!("the new roster: {finding}"), remedy);
                }
            }
        }
        let RosterChange { joins, leaves, new_keys } = RosterChange::between(present, &incoming);
        let name = FileName::of_step(step, "roster.toml");
        let roster = FileRef::of(name.clone(), &bytes);
        self.inputs.insert(name, bytes);
        self.incoming = Some((incoming, span.clone()));
        Some(Action::ChangeRoster { roster, joins, leaves, new_keys })
    }

    /// After a change of people the newest shares are in the hands that the new roster names.
    pub(super) fn shares_fit_the_people(&mut self) {
        let Some((incoming, span)) = self.incoming.clone() else {
            return;
        };
        for set in [ShareSetName::Operate, ShareSetName::Recovery] {
            let (threshold, holders) = match (self.dealt_here(set), self.sources.ledger.share_set(set)) {
                (Some(Shares::New { threshold, holders, .. }), _) => (*threshold, holders.clone()),
                (_, Some(live)) => {
                    let holders = live.split.shares.iter().map(|share| share.holder.clone()).collect();
                    (live.split.threshold, holders)
                }
                _ => continue,
            };
            let on_roster: Vec<Name> = incoming.holders(set).map(|person| person.name.clone()).collect();
            if (threshold, &holders) != (incoming.threshold(set), &on_roster) {
                let list = |names: &[Name]| names.iter().map(Name::to_string).collect::<Vec<_>>().join(", ");
                let message = format!(
                    "any {threshold} of {} open what depends on `{set}`, and the new roster says any {} of {}",
                    list(&holders),
                    incoming.threshold(set),
                    list(&on_roster)
                );
                let remedy = "deal new shares after this step: do = \"reshare\"";
                self.problem(Code::ShareHolders, &span, message, remedy);
            }
        }
    }
}
