use super::resolve::Resolver;
use crate::format::{
    Action, CustodyAct, Duty, DutyKind, DutyRef, EvidenceForm, FileName, FileRef, Instant, Name, NamedDigest,
    PlannedStep, Role, Waiver,
};
use crate::script::{Certified, Code, DigestWord, Reference, Script, Spanned, StepBody, WrittenDuty};

/// After how long the holders of new shares look whether theirs is still there and right, in seconds: a year.
const SHARE_CHECK: i64 = 365 * 86_400;

impl Resolver<'_> {
    pub(super) fn read_aloud(
        &mut self,
        by: &Spanned<Role>,
        digest: &Spanned<DigestWord>,
        input_of: Option<&Spanned<Name>>,
    ) -> Option<Action> {
        let there = self.sources.roster.with_role(by.value).count();
        self.are_enough(&by.span, 1, &format!("read aloud as {}", by.value), there);
        let named = match digest.value {
            DigestWord::Plan => NamedDigest::Plan {},
            DigestWord::Roster => NamedDigest::Roster {},
            DigestWord::Script => NamedDigest::Script {},
            DigestWord::PreviousHead if self.sources.ledger.ordinal == 0 => {
                let message = "no ceremony came before this one, so there is no head".to_owned();
                self.problem(
                    Code::NoEarlierHead,
                    &digest.span,
                    message,
                    "read the `plan` or the `roster` aloud",
                );
                return None;
            }
            DigestWord::PreviousHead => NamedDigest::PreviousHead {},
            DigestWord::Input => NamedDigest::Input { file: self.input_of(&input_of?.value)? },
        };
        Some(Action::ReadAloud { by: by.value, named })
    }

    /// The input of a step, which may come later in the file. What is wrong with it is said there, once.
    fn input_of(&mut self, id: &Name) -> Option<FileRef> {
        let script: &Script = self.sources.script;
        let step = script.steps.iter().find(|step| step.id.value == *id)?;
        let (input, ending) = match &step.body {
            StepBody::SignIntermediate { csr, .. } => (csr, "csr.pem"),
            StepBody::ChangeRoster { roster } => (roster, "roster.toml"),
            StepBody::CrossSign {
                certificate: Spanned { value: Certified::Foreign(file), span }, ..
            } => (&Spanned { value: file.clone(), span: span.clone() }, "certified.pem"),
            _ => return None,
        };
        let said = self.diagnostics.len();
        let bytes = self.input(input);
        self.diagnostics.truncate(said);
        Some(FileRef::of(FileName::of_step(id, ending), &bytes?))
    }

    pub(super) fn attest(&mut self, by: &Spanned<Vec<Spanned<Role>>>, text: &str) -> Action {
        for role in &by.value {
            let there = self.sources.roster.with_role(role.value).count();
            self.are_enough(&role.span, 1, &format!("state anything as {}", role.value), there);
        }
        Action::Attest { by: by.value.iter().map(|role| role.value).collect(), text: text.to_owned() }
    }

    /// The number of a bag is the ledger's; a file says it only where no record does.
    pub(super) fn custody(
        &mut self,
        item: &Spanned<Name>,
        act: &Spanned<CustodyAct>,
        number: Option<&Spanned<String>>,
        place: Option<&Spanned<String>>,
    ) -> Option<Action> {
        let here = self
            .steps
            .iter()
            .any(|step| matches!(&step.action, Action::Custody { item: of, .. } if *of == item.value));
        let recorded = self.sources.ledger.bags.get(&item.value);
        let expected = match (act.value.compares() && !here, recorded, number) {
            (false, Some(bag), _) if !here && bag.number.is_some() => {
                let message = format!("ceremony {} left the bag of `{}` closed", bag.ordinal, item.value);
                self.problem(Code::BagNumber, &act.span, message, "open it first: act = \"open\"");
                return None;
            }
            (false, ..) => None,
            (true, Some(bag), _) if bag.number.is_none() => {
                let message = format!("ceremony {} left `{}` without a closed bag", bag.ordinal, item.value);
                self.problem(Code::BagNumber, &act.span, message, "close a bag first: act = \"seal\"");
                return None;
            }
            (true, Some(bag), Some(number)) if bag.number.as_ref() != Some(&number.value) => {
                let recorded = bag.number.clone().unwrap_or_default();
                let message = format!("ceremony {} recorded the number {recorded}", bag.ordinal);
                self.problem(Code::BagNumber, &number.span, message, "leave `number` out");
                return None;
            }
            (true, Some(bag), _) => bag.number.clone(),
            (true, None, Some(number)) => Some(number.value.clone()),
            (true, None, None) => {
                let message = format!("no record says which number the bag of `{}` has", item.value);
                let remedy = "write `number`, from the delivery note, or close a bag first: act = \"seal\"";
                self.problem(Code::BagNumber, &item.span, message, remedy);
                return None;
            }
        };
        let (item, place) = (item.value.clone(), place.map(|place| place.value.clone()));
        Some(Action::Custody { item, act: act.value, expected, place })
    }

    pub(super) fn import_evidence(
        &mut self,
        token: &Spanned<Name>,
        form: EvidenceForm,
        file: &FileName,
    ) -> Action {
        self.token_is_known(token);
        self.use_token(&token.value);
        Action::ImportEvidence { token: token.value.clone(), form, file: file.clone() }
    }

    /// An open duty of an earlier ceremony: the newest of that name where the file gives no ordinal.
    pub(super) fn discharged(&mut self, reference: &Spanned<Reference>) -> Option<DutyRef> {
        let found = match &reference.value {
            Reference::Step(_) => None,
            Reference::Ledger { ordinal, id } => self.sources.ledger.dischargeable(*ordinal, id),
        };
        if found.is_none() {
            let message = format!("`{}` names no open duty", reference.value);
            let remedy = "see the open ones with `anchorite authority status`, and write `ledger:NAME`";
            self.problem(Code::DutyNotOpen, &reference.span, message, remedy);
        }
        found
    }

    /// The written duties, then those that follow from the steps, in their order.
    pub(super) fn duties(&self) -> Vec<Duty> {
        let script = self.sources.script;
        let written = script.duties.iter().map(|WrittenDuty { id, what, due, owner }| Duty {
            id: id.value.clone(),
            kind: DutyKind::Written,
            what: what.value.clone(),
            due: due.value,
            owner: owner.value,
        });
        let end = script.ceremony.window.value.to;
        let of_step =
            |kind, id: &Name, what, due| Duty { id: id.clone(), kind, what, due, owner: Role::Administrator };
        let of_other = |step: &PlannedStep| match &step.action {
            Action::IssueCrl { number, next_update, .. } => Some(of_step(
                DutyKind::NextCrl,
                &step.id,
                format!("Issue the CRL after number {number}."),
                *next_update,
            )),
            Action::SelfSign { subject, validity, .. }
            | Action::SignIntermediate { subject, validity, .. }
            | Action::CrossSign { subject, validity, .. } => Some(of_step(
                DutyKind::CertificateExpiry,
                &step.id,
                format!("Replace the certificate of {} before it ends.", subject.text),
                validity.to,
            )),
            action => action.deals().map(|shares| {
                let (set, epoch) = shares.set_and_epoch();
                let due = Instant::from_unix_seconds(end.unix_seconds() + SHARE_CHECK).unwrap_or(end);
                let what = format!("Have every holder check their share of `{set}`, epoch {epoch}.");
                of_step(DutyKind::ShareCheck, &step.id, what, due)
            }),
        };
        let adopted = |step: &PlannedStep| {
            let duties = step.duties_of_adoption(end).into_iter();
            let duties = duties.map(|(name, kind, due)| {
                let what = match kind {
                    DutyKind::NextCrl => {
                        "Issue the next CRL of the adopted root: it shows that its key is there.".to_owned()
                    }
                    _ => format!("Replace the adopted certificate {name} before it ends."),
                };
                of_step(kind, &name, what, due)
            });
            duties.collect::<Vec<_>>()
        };
        let follow = self.steps.iter().flat_map(|step| adopted(step).into_iter().chain(of_other(step)));
        written.chain(follow).collect()
    }
}

/// A waiver as the plan has it.
pub(super) fn planned_waiver(waiver: &crate::script::Waiver) -> Waiver {
    let crate::script::Waiver { rule, reason, until } = waiver;
    Waiver { rule: rule.value, reason: reason.value.clone(), until: until.value }
}
