use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use super::directory::PlanDirectory;
use crate::format::{
    Action, CrlEntry, Digest, FileName, FileRef, Mode, Name, Plan, PlannedStep, Rehearses, Roster, Rule,
    SerialNumber, StepKind,
};
use crate::ledger::{Identity, Ledger};
use crate::script::{
    BeaconWanted, Code, Diagnostic, QuorumHolder, Script, Spanned, Step, StepBody, TokenContent,
};

/// A place in the ceremony file, in bytes.
pub(super) type Span = Range<usize>;

/// What a plan is made from.
pub struct Sources<'a> {
    /// The ceremony file.
    pub script: &'a Script,
    /// Its bytes.
    pub script_bytes: &'a [u8],
    /// The people it runs under.
    pub roster: &'a Roster,
    /// The roster's bytes.
    pub roster_bytes: &'a [u8],
    /// What the authority's verified records say.
    pub ledger: &'a Ledger,
    /// The authority directory, from which certificates of earlier ceremonies are read.
    pub authority: &'a Path,
    /// The directory below which the ceremony file's inputs lie.
    pub inputs: &'a Path,
    /// What it rehearses, for the plan of a rehearsal.
    pub rehearses: Option<Rehearses>,
    /// Other authorities that are known here; their trust domains and this one's do not overlap.
    pub neighbours: &'a [Identity],
    /// Program and version.
    pub tool: &'a str,
    /// Draws the serial number of a step's certificate, or looks up the one that was drawn before.
    pub serials: &'a mut dyn FnMut(&Name) -> Option<SerialNumber>,
}

/// A plan with every file that belongs to it, and what people should know but need not correct.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The files of the plan directory.
    pub directory: PlanDirectory,
    /// One sentence each: findings below an error.
    pub warnings: Vec<String>,
}

/// Makes every choice that a ceremony file leaves open, or names every reason why that cannot be done.
///
/// # Errors
/// Every mistake that was found, sorted by place.
pub fn resolve(sources: Sources<'_>) -> Result<Resolved, Vec<Diagnostic>> {
    let mut resolver = Resolver {
        sources,
        diagnostics: Vec::new(),
        warnings: Vec::new(),
        inputs: BTreeMap::new(),
        tbs: Vec::new(),
        tokens: Vec::new(),
        steps: Vec::new(),
        serials: BTreeSet::new(),
        revoked: Vec::new(),
        crls: BTreeMap::new(),
        incoming: None,
        waived: BTreeSet::new(),
    };
    resolver.authority_agrees();
    let script = resolver.sources.script;
    for step in script.steps.iter().flat_map(Step::members) {
        if let Some(action) = resolver.action(&step) {
            resolver.steps.push(PlannedStep { id: step.id.value.clone(), action });
        }
    }
    resolver.shares_fit_the_people();
    resolver.judge_what_is_open();
    resolver.waivers_are_needed();
    resolver.finish()
}

pub(super) struct Resolver<'a> {
    pub(super) sources: Sources<'a>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) warnings: Vec<String>,
    pub(super) inputs: BTreeMap<FileName, Vec<u8>>,
    pub(super) tbs: Vec<(FileName, Vec<u8>)>,
    pub(super) tokens: Vec<Name>,
    /// What was resolved so far.
    pub(super) steps: Vec<PlannedStep>,
    pub(super) serials: BTreeSet<SerialNumber>,
    /// Revocations that this plan decides: issuer, entry.
    pub(super) revoked: Vec<(String, CrlEntry)>,
    /// How many CRLs of each issuer this plan has so far.
    pub(super) crls: BTreeMap<String, u64>,
    /// The roster that this plan brings in, and where the file says so.
    pub(super) incoming: Option<(Roster, Span)>,
    /// Rules that something to be signed breaks, and that are waived.
    pub(super) waived: BTreeSet<Rule>,
}

impl Resolver<'_> {
    pub(super) fn problem(&mut self, code: Code, span: &Span, message: String, remedy: &str) {
        let remedy = remedy.to_owned();
        self.diagnostics.push(Diagnostic { code, span: span.clone(), message, remedy, related: Vec::new() });
    }

    fn action(&mut self, step: &Step) -> Option<Action> {
        match &step.body {
            StepBody::Provision { token, label, mode, content, quorum, encoding } => {
                self.token_is_new(token);
                self.use_token(&token.value);
                Some(Action::Provision {
                    token: token.value.clone(),
                    label: label.value.clone(),
                    mode: mode.value,
                    wipe: content.value == TokenContent::Wipe,
                    shares: match quorum.value {
                        QuorumHolder::Shares => Some(self.shares_for_a_new_token(&token.span)?),
                        QuorumHolder::Token => None,
                    },
                    encoding: encoding.clone(),
                })
            }
            StepBody::Reshare { set, onto, tokens } => {
                self.reshare(&step.id.span, set.value, onto.value, tokens.as_ref())
            }
            StepBody::ChangeRoster { roster } => self.change_roster(&step.id.value, roster),
            StepBody::GenerateKey { token, algorithm, label, backup: _ } => {
                self.name_is_free(&step.id, StepKind::GenerateKey);
                self.token_is_known(token);
                self.label_is_free(&token.value, label);
                self.use_token(&token.value);
                let (token, algorithm, label) = (token.value.clone(), algorithm.value, label.value.clone());
                Some(Action::GenerateKey { token, algorithm, label })
            }
            StepBody::SelfSign { .. } => self.self_sign(step),
            StepBody::SignIntermediate { .. } => self.sign_intermediate(step),
            StepBody::CrossSign { .. } => self.cross_sign(step),
            StepBody::DestroyKey { key } => self.destroy_key(step, key),
            StepBody::Revoke { .. } => self.revoke(step),
            StepBody::IssueCrl { .. } => self.issue_crl(step),
            StepBody::AdoptAuthority { .. } => self.adopt_authority(step),
            StepBody::Clock { readers, tolerance_seconds, beacon } => {
                self.are_enough(
                    &step.id.span,
                    usize::from(*readers),
                    "read a clock",
                    self.sources.roster.people.len(),
                );
                Some(Action::Clock {
                    readers: *readers,
                    tolerance_seconds: *tolerance_seconds,
                    beacon: beacon.value == BeaconWanted::Brought,
                })
            }
            StepBody::Break { reason, minutes, shares } => {
                Some(Action::Break { reason: reason.value.clone(), minutes: *minutes, shares: shares.value })
            }
            StepBody::ReadAloud { by, digest, input_of } => self.read_aloud(by, digest, input_of.as_ref()),
            StepBody::Attest { by, text } => Some(self.attest(by, text)),
            StepBody::Custody { item, act, number, place } => {
                self.custody(item, act, number.as_ref(), place.as_ref())
            }
            StepBody::ImportEvidence { token, form, file } => {
                Some(self.import_evidence(token, form.value, &file.value))
            }
            StepBody::Confirm { by, text, discharges } => {
                let there = self.sources.roster.with_role(by.value).count();
                self.are_enough(&by.span, 1, &format!("confirm as {}", by.value), there);
                let discharges = match discharges {
                    Some(reference) => Some(self.discharged(reference)?),
                    None => None,
                };
                Some(Action::Confirm { by: by.value, text: text.value.clone(), discharges })
            }
        }
    }

    /// A step that nobody on the roster may carry out would stop people in the middle of the ceremony.
    pub(super) fn are_enough(&mut self, span: &Span, needed: usize, what: &str, there: usize) {
        if there < needed {
            let message = format!("it takes {needed} to {what}, and the roster has {there}");
            self.problem(
                Code::Unmanned,
                span,
                message,
                "change the step, or plan under a roster that has them",
            );
        }
    }

    pub(super) fn use_token(&mut self, token: &Name) {
        if !self.tokens.contains(token) {
            self.tokens.push(token.clone());
        }
    }

    fn token_is_new(&mut self, token: &Spanned<Name>) {
        if let Some(entry) = self.sources.ledger.token(&token.value) {
            let message = format!("token `{}` was provisioned in ceremony {}", token.value, entry.ordinal);
            self.problem(Code::NameTaken, &token.span, message, "give the new token a name of its own");
        }
    }

    pub(super) fn token_is_known(&mut self, token: &Spanned<Name>) {
        let here = self.steps.iter().any(
            |step| matches!(&step.action, Action::Provision { token: found, .. } if *found == token.value),
        );
        if !here && self.sources.ledger.token(&token.value).is_none() {
            let message = format!("no ceremony provisioned a token `{}`", token.value);
            self.problem(Code::NotInLedger, &token.span, message, "provision it in an earlier step");
        }
    }

    fn label_is_free(&mut self, token: &Name, label: &Spanned<String>) {
        let keys = &self.sources.ledger.keys;
        let taken = keys.iter().find(|key| key.token == *token && key.label == label.value);
        if let Some(key) = taken {
            let message =
                format!("the key `{}` of ceremony {} has this label on this token", key.step, key.ordinal);
            self.problem(Code::NameTaken, &label.span, message, "give every key a label of its own");
        }
    }

    /// Later ceremonies name a step's output by its id, so that an id may be given once.
    pub(super) fn name_is_free(&mut self, id: &Spanned<Name>, kind: StepKind) {
        let ledger = self.sources.ledger;
        let taken = match kind {
            StepKind::GenerateKey => ledger.key(None, &id.value).map(|key| key.ordinal),
            _ => ledger.certificate(None, &id.value).filter(|entry| entry.granted).map(|entry| entry.ordinal),
        };
        if let Some(ordinal) = taken {
            let message = format!(
                "`ledger:{}` names the output of a {kind} step of ceremony {ordinal} already",
                id.value
            );
            self.problem(Code::NameTaken, &id.span, message, "choose another id");
        }
    }

    fn finish(mut self) -> Result<Resolved, Vec<Diagnostic>> {
        if !self.diagnostics.is_empty() {
            self.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.code));
            return Err(self.diagnostics);
        }
        let duties = self.duties();
        let Sources { script, script_bytes, roster, roster_bytes, ledger, tool, rehearses, .. } =
            self.sources;
        let mode = if rehearses.is_some() { Mode::Rehearsal } else { Mode::Ceremony };
        let ceremony = &script.ceremony;
        let plan = Plan {
            v: Plan::FORMAT.of(mode).to_owned(),
            tool: tool.to_owned(),
            mode,
            authority: ceremony.authority.value.clone(),
            environment: ceremony.environment.value,
            trust_domain: ceremony.trust_domain.as_ref().map(|domain| domain.value.clone()),
            name: ceremony.name.value.clone(),
            title: ceremony.title.value.clone(),
            policy: ceremony.policy.as_ref().map(|policy| policy.value.clone()),
            place: ceremony.place.as_ref().map(|place| place.value.clone()),
            recording: ceremony.recording.as_ref().map(|recording| recording.value.clone()),
            next_ceremony: ceremony.next_ceremony.as_ref().map(|next| next.value),
            ordinal: ledger.ordinal + 1,
            previous_head: ledger.head,
            roster_sha256: roster.sha256,
            script_sha256: Digest::of(script_bytes),
            window: ceremony.window.value,
            waivers: script.waivers.iter().map(super::witnessed::planned_waiver).collect(),
            duties,
            rehearses,
            rehearsed_within_days: ceremony.rehearsed_within_days.as_ref().map(|days| days.value),
            tokens: self.tokens,
            inputs: self.inputs.iter().map(|(name, bytes)| FileRef::of(name.clone(), bytes)).collect(),
            steps: self.steps,
        };
        let encoding = |_| {
            let message = "the plan has no encoding".to_owned();
            let (span, remedy) = (ceremony.title.span.clone(), "shorten the texts of the file".to_owned());
            vec![Diagnostic { code: Code::Unencodable, span, message, remedy, related: Vec::new() }]
        };
        let plan_json = plan.encode().map_err(encoding)?;
        let directory = PlanDirectory {
            plan_json,
            plan,
            script: script_bytes.to_vec(),
            roster: roster_bytes.to_vec(),
            inputs: self.inputs.into_iter().collect(),
            tbs: self.tbs,
        };
        Ok(Resolved { directory, warnings: self.warnings })
    }
}
