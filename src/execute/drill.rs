use super::Stop;
use super::engine::Engine;
use super::operator::{Notice, Operator};
use super::preparation::{Ceremony, open_token};
use crate::format::{
    Drill, DrillKind, DrillOutcome, Drilled, Event, Mode, Name, Plan, Role, TokenAddress, TokenBinding,
};
use crate::host;
use crate::roster::played;
use crate::token::{Module, TokenDescription};

/// What is drilled in a plan; nothing in a ceremony.
fn drills(plan: &Plan) -> &[Drill] {
    plan.rehearses.as_ref().map(|rehearses| rehearses.drills.as_slice()).unwrap_or_default()
}

/// A ceremony that is to be rehearsed names the rehearsal.
pub(super) fn is_rehearsed(ceremony: &Ceremony<'_>) -> Result<(), Stop> {
    match (ceremony.approved.plan().rehearsed_within_days, &ceremony.rehearsal) {
        (Some(days), None) => Err(Stop::NotRehearsed { days }),
        _ => Ok(()),
    }
}

/// A rehearsal opens software tokens only, and none of the ceremony's.
pub(super) fn is_thrown_away(plan: &Plan, name: &Name, found: &TokenDescription) -> Result<(), Stop> {
    let Some(rehearses) = plan.rehearses.as_ref().filter(|_| plan.mode == Mode::Rehearsal) else {
        return Ok(());
    };
    let (token, serial) = (name.clone(), found.serial.clone());
    if rehearses.forbidden_tokens.contains(&serial) || !found.is_software() {
        return Err(Stop::NotThrownAway { token, serial });
    }
    Ok(())
}

/// Before the record is open, where that is drilled: another token than the bound one is shown to the checks of every
/// ceremony, which have to refuse it.
pub(super) fn wrong_token(
    ceremony: &Ceremony<'_>,
    module: &Module,
    operator: &mut dyn Operator,
) -> Result<(), Stop> {
    let plan = ceremony.approved.plan();
    let drill = drills(plan).iter().find(|drill| drill.kind == DrillKind::WrongToken);
    let (Some(drill), Some(name)) = (drill, plan.tokens.first()) else { return Ok(()) };
    let bound = ceremony.binding.token(name).ok_or_else(|| Stop::UnboundToken { token: name.clone() })?;
    operator.show(&Notice::Drill { drill, text: instruction(drill.kind, &[]), leave: &[] });
    let address = match &bound.address {
        TokenAddress::Serial(_) => TokenAddress::Blank,
        TokenAddress::Blank => TokenAddress::Serial("WRONG-TOKEN".to_owned()),
    };
    match open_token(ceremony, &TokenBinding { address, ..bound.clone() }, module) {
        Ok(_) => Err(Stop::WrongTokenTaken { token: name.clone() }),
        Err(refusal) => {
            operator.show(&Notice::Refused { text: format!("the wrong token: {refusal}") });
            Ok(())
        }
    }
}

impl Engine<'_> {
    /// Records what was drilled before the record was open: a wrong token that was refused, or an attempt that was aborted.
    pub(super) fn record_earlier_drills(&mut self) -> Result<(), Stop> {
        for drill in self.open_drills(None)? {
            self.drilled(&drill, DrillOutcome::Passed)?;
        }
        Ok(())
    }

    /// At the beginning of a step: says what will go wrong in it, or lets it.
    pub(super) fn begin_drills(&mut self, step: &Name) -> Result<(), Stop> {
        let log = self.log()?;
        let leave = self.who_leaves();
        self.wrong_shares = 0;
        for drill in self.open_drills(Some(step))? {
            if played(drill.kind, step, &log, self.ceremony.approved.roster()) {
                continue;
            }
            let leave = if drill.kind == DrillKind::MissingOfficer { leave.as_slice() } else { &[] };
            let text = instruction(drill.kind, leave);
            self.operator.show(&Notice::Drill { drill: &drill, text, leave });
            if drill.kind == DrillKind::PowerCut {
                host::cut_power().map_err(|source| Stop::NoPowerCut { source })?;
            }
        }
        Ok(())
    }

    /// At the end of a step: records what came of its drills.
    pub(super) fn end_drills(&mut self, step: &Name) -> Result<(), Stop> {
        let log = self.log()?;
        for drill in self.open_drills(Some(step))? {
            let passed = match drill.kind {
                DrillKind::WrongWord => self.wrong_shares > 0,
                _ => played(drill.kind, step, &log, self.ceremony.approved.roster()),
            };
            let outcome = if passed { DrillOutcome::Passed } else { DrillOutcome::NotPlayed };
            self.drilled(&drill, outcome)?;
        }
        Ok(())
    }

    /// Before an abort is recorded, where it was the drill of the step.
    pub(super) fn aborted_as_drilled(&mut self) -> Result<(), Stop> {
        let step = self.step_under_way();
        let drill = drills(self.plan())
            .iter()
            .find(|drill| drill.kind == DrillKind::Abort && drill.step.is_some() && drill.step == step);
        match drill.cloned() {
            Some(drill) => self.drilled(&drill, DrillOutcome::Passed),
            None => Ok(()),
        }
    }

    /// The drills of that place of which the record does not say yet what came of them.
    fn open_drills(&self, step: Option<&Name>) -> Result<Vec<Drill>, Stop> {
        let log = self.log()?;
        let recorded = |drill: &Drill| {
            log.records().any(|record| match &record.event {
                Event::Drilled(drilled) => drilled.kind == drill.kind && drilled.step == drill.step,
                _ => false,
            })
        };
        let here = drills(self.plan()).iter().filter(|drill| drill.step.as_ref() == step);
        Ok(here.filter(|drill| !recorded(drill)).cloned().collect())
    }

    fn drilled(&mut self, drill: &Drill, outcome: DrillOutcome) -> Result<(), Stop> {
        let Drill { kind, step } = drill.clone();
        self.record(Event::Drilled(Drilled { kind, step, outcome }))?;
        let text = match outcome {
            DrillOutcome::Passed => format!("drill {kind}: passed"),
            DrillOutcome::NotPlayed => {
                format!("drill {kind}: NOT PLAYED; this rehearsal will not be accepted")
            }
        };
        self.done(text);
        Ok(())
    }

    /// The officers who have to go until too few are left, the last of the roster first.
    fn who_leaves(&self) -> Vec<Name> {
        let roster = self.ceremony.approved.roster();
        let mut here = self.present.names().to_vec();
        let mut leave = Vec::new();
        for person in roster.people.iter().rev().filter(|person| person.roles.contains(&Role::Officer)) {
            if roster.officers_among(&here) < usize::from(roster.thresholds.unlock) {
                break;
            }
            if here.contains(&person.name) {
                here.retain(|name| *name != person.name);
                leave.push(person.name.clone());
            }
        }
        leave
    }
}

/// What people do, in one sentence or two.
fn instruction(kind: DrillKind, leave: &[Name]) -> String {
    let names = leave.iter().map(Name::to_string).collect::<Vec<_>>().join(" and ");
    match kind {
        DrillKind::PowerCut => "The power fails now. Go on with `anchorite resume`.".to_owned(),
        DrillKind::WrongWord => {
            "Whoever enters the next share types another word of the list in the place of one. It has to \
                                 be refused, and the token not be asked."
                .to_owned()
        }
        DrillKind::MissingOfficer => format!(
            "{names} leave the room at the next question (Ctrl-C, then `leave NAME`). Nothing may go on before enough are back."
        ),
        DrillKind::WrongToken => {
            "Another token is connected than the one that was approved. It has to be refused.".to_owned()
        }
        DrillKind::Exception => {
            "Something happens that the plan does not foresee. Record it at the next question (Ctrl-C, then \
                                 `exception`)."
                .to_owned()
        }
        DrillKind::Abort => {
            "An officer ends this attempt at the next question (Ctrl-C, then `abort`). Afterwards rehearse \
                             again in the same directory."
                .to_owned()
        }
    }
}
