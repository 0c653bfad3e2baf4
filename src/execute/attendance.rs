use super::Stop;
use super::engine::Engine;
use super::operator::{BagAsked, Missing, Movement, Notice, Operator, Pause, Question, WordsAsked};
use crate::format::{
    Arrived, Digest, Event, Instant, Left, Name, Person, PinOwner, Presence, Role, Roster, ShareCommitment,
};
use crate::host;
use crate::record::{Bundle, Stamp};
use crate::secret::{Passphrase, Pin, ShareWords};
use crate::shares::{ShareProblem, ShareRequest, ShareSource, Sheet};

/// The operator's questions, put to those who are in the room. Who comes or goes in the middle of a question is
/// recorded, and the question is asked again; while too few are there, nothing is asked but who comes back.
pub(super) struct Attended<'e> {
    pub(super) operator: &'e mut dyn Operator,
    pub(super) bundle: &'e mut Bundle,
    pub(super) present: &'e mut Presence,
    /// Counts the shares that are refused.
    wrong_shares: &'e mut u64,
    pub(super) roster: &'e Roster,
    /// The step under way.
    pub(super) step: Option<Name>,
    /// The people who join by this ceremony, where it changes them.
    joining: Vec<&'e Person>,
}

/// Who may answer a question.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'w> {
    /// Anybody but these.
    AnybodyBut(&'w [Name]),
    /// Somebody with that role.
    Role(Role),
    /// Somebody with that role who is not this person.
    RoleBut(Role, &'w Name),
    /// Somebody with one of these roles.
    AnybodyOf(&'w [Role]),
    /// That person.
    Person(&'w Name),
}

impl Engine<'_> {
    /// The way to every question once the record is open.
    pub(super) fn attended(&mut self) -> Attended<'_> {
        let roster = self.ceremony.approved.roster();
        let step = self.step_under_way();
        let incoming = self.ceremony.approved.incoming().into_iter().flat_map(|incoming| &incoming.people);
        Attended {
            operator: self.operator,
            bundle: &mut self.bundle,
            present: &mut self.present,
            wrong_shares: &mut self.wrong_shares,
            roster,
            step,
            joining: incoming.filter(|person| roster.person(&person.name).is_none()).collect(),
        }
    }
}

impl Attended<'_> {
    /// [`Operator::confirm`], answered by somebody with the question's role.
    pub(super) fn confirm(&mut self, question: &Question<'_>) -> Result<Name, Stop> {
        self.ask(Wanted::Role(question.by), |operator, candidates, _| operator.confirm(question, candidates))
    }

    /// A witness's answer to a question about the head of the record, and that head: each time the question is asked,
    /// the head is the one of then.
    pub(super) fn confirm_head<'q>(
        &mut self,
        question: impl Fn(&Digest) -> Question<'q>,
    ) -> Result<(Name, Digest), Stop> {
        self.ask(Wanted::Role(Role::Witness), |operator, candidates, head| {
            Ok((operator.confirm(&question(&head), candidates)?, head))
        })
    }

    /// [`Operator::read_clock`], answered by somebody who has not read one yet.
    pub(super) fn read_clock(&mut self, step: &Name, have_read: &[Name]) -> Result<(Name, Instant), Stop> {
        self.ask(Wanted::AnybodyBut(have_read), |operator, candidates, _| {
            operator.read_clock(step, candidates, host::now())
        })
    }

    /// [`Operator::read_words`], answered by somebody with that role.
    pub(super) fn read_words(
        &mut self,
        by: Role,
        asked: &WordsAsked<'_>,
    ) -> Result<(Name, Vec<String>), Stop> {
        self.ask(Wanted::Role(by), |operator, candidates, _| operator.read_words(asked, candidates))
    }

    /// [`Operator::attest`] of the next who is there in one of the roles and is not among `done`; `None` when all have.
    pub(super) fn attest(
        &mut self,
        step: &Name,
        text: &str,
        roles: &[Role],
        done: &[Name],
    ) -> Result<Option<(Name, Option<String>)>, Stop> {
        let next = self.ask(Wanted::AnybodyOf(roles), |operator, candidates, _| {
            let next = candidates.iter().find(|name| !done.contains(name));
            next.map(|name| Ok((name.clone(), operator.attest(step, name, text)?))).transpose()
        })?;
        Ok(next)
    }

    /// [`Operator::bag_number`].
    pub(super) fn bag_number(
        &mut self,
        wanted: Wanted<'_>,
        asked: &BagAsked<'_>,
    ) -> Result<(Name, String), Stop> {
        self.ask(wanted, |operator, candidates, _| operator.bag_number(asked, candidates))
    }

    /// [`Operator::beacon`], of anybody.
    pub(super) fn beacon(&mut self, step: &Name) -> Result<(Name, String, String), Stop> {
        self.ask(Wanted::AnybodyBut(&[]), |operator, candidates, _| operator.beacon(step, candidates))
    }

    /// [`Operator::evidence`].
    pub(super) fn evidence(&mut self, step: &Name, path: &std::path::Path) -> Result<(), Stop> {
        self.ask(Wanted::AnybodyBut(&[]), |operator, _, _| operator.evidence(step, path))
    }

    /// [`Operator::entropy`].
    pub(super) fn entropy(&mut self, holder: &Name) -> Result<Passphrase, Stop> {
        self.ask(Wanted::Person(holder), |operator, _, _| operator.entropy(holder))
    }

    /// [`Operator::current_pin`], typed by an officer.
    pub(super) fn current_pin(&mut self, token: &Name, owner: PinOwner) -> Result<Pin, Stop> {
        self.ask(Wanted::Role(Role::Officer), |operator, _, _| operator.current_pin(token, owner))
    }

    /// [`Operator::sheet`].
    pub(super) fn sheet(&mut self, sheet: &Sheet<'_>) -> Result<(), Stop> {
        self.ask(Wanted::Person(sheet.holder()), |operator, _, _| operator.sheet(sheet))
    }

    /// [`Operator::pause`]: the one question that is asked of an empty room.
    pub(super) fn pause(&mut self, pause: &Pause<'_>) -> Result<(), Stop> {
        loop {
            match self.operator.pause(pause) {
                Err(stop) => self.noted(stop)?,
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Records what came in the place of an answer: somebody moved, or opened an exception.
    pub(super) fn noted(&mut self, stop: Stop) -> Result<(), Stop> {
        match stop {
            Stop::Moved(movement) => self.note(&movement),
            Stop::Exception(report) => self.except(&report),
            stop => Err(stop),
        }
    }

    fn ask<T>(
        &mut self,
        wanted: Wanted<'_>,
        mut question: impl FnMut(&mut dyn Operator, &[Name], Digest) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        loop {
            let candidates = self.candidates(wanted);
            let answer = match self.missing(wanted, &candidates) {
                Some(missing) => {
                    self.operator.gather(&missing).and_then(|movement| Err(Stop::Moved(movement)))
                }
                None => question(self.operator, &candidates, self.bundle.head()),
            };
            match answer {
                Err(stop) => self.noted(stop)?,
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// Those who are there and may answer, in the order of the roster.
    fn candidates(&self, wanted: Wanted<'_>) -> Vec<Name> {
        let fits = |person: &&Person| match wanted {
            Wanted::AnybodyBut(others) => !others.contains(&person.name),
            Wanted::Role(role) => person.roles.contains(&role),
            Wanted::RoleBut(role, other) => person.roles.contains(&role) && person.name != *other,
            Wanted::AnybodyOf(roles) => person.roles.iter().any(|role| roles.contains(role)),
            Wanted::Person(name) => person.name == *name,
        };
        // Whoever joins by this ceremony is there for a share, and decides from the next one on.
        let joining = self.joining.iter().copied().filter(|_| matches!(wanted, Wanted::Person(_)));
        let people = self.roster.people.iter().chain(joining);
        let there = people.filter(|person| self.present.has(&person.name));
        there.filter(fits).map(|person| person.name.clone()).collect()
    }

    /// Who has to come before the question is asked: the room's quorum, or somebody who may answer.
    fn missing(&self, wanted: Wanted<'_>, candidates: &[Name]) -> Option<Missing> {
        too_few(self.roster, self.present).or_else(|| match wanted {
            _ if !candidates.is_empty() => None,
            Wanted::AnybodyBut(_) => Some(Missing::Reader),
            Wanted::Role(role) | Wanted::RoleBut(role, _) => Some(Missing::Role { role }),
            Wanted::AnybodyOf(roles) => roles.first().map(|role| Missing::Role { role: *role }),
            Wanted::Person(name) => Some(Missing::Person { name: name.clone() }),
        })
    }

    /// Records who came or went, once somebody who is there has noted it.
    fn note(&mut self, movement: &Movement) -> Result<(), Stop> {
        let (name, arrives) = match movement {
            Movement::Arrives(name) => (name, true),
            Movement::Leaves(name) => (name, false),
        };
        let (event, noted_by) = loop {
            let candidates: Vec<Name> =
                self.candidates(Wanted::AnybodyBut(&[])).into_iter().filter(|other| other != name).collect();
            let joins = self.joining.iter().copied().find(|person| person.name == *name);
            let person = self.roster.person(name).or(joins);
            let refusal = match person {
                None => Some(format!("`{name}` is not on the roster")),
                Some(_) if self.present.has(name) == arrives => {
                    let state = if arrives { "here already" } else { "not here" };
                    Some(format!("{name} is {state}"))
                }
                Some(_) if candidates.is_empty() => Some(format!("nobody is left to note that {name} moved")),
                Some(_) => None,
            };
            let (Some(person), None) = (person, &refusal) else {
                self.operator.show(&Notice::Refused { text: refusal.unwrap_or_default() });
                return Ok(());
            };
            match self.operator.notes(movement, &candidates) {
                Ok(noted_by) if arrives => {
                    let (name, roles) = (name.clone(), person.roles.clone());
                    break (Event::Arrived(Arrived { name, roles, noted_by: noted_by.clone() }), noted_by);
                }
                Ok(noted_by) => {
                    let name = name.clone();
                    break (Event::Left(Left { name, noted_by: noted_by.clone() }), noted_by);
                }
                Err(stop) => self.noted(stop)?,
            }
        };
        self.present.follow(&event);
        let stamp = Stamp { t: host::now(), mono: host::milliseconds_since_start() };
        self.bundle.append(event, stamp)?;
        let did = if arrives { "arrived" } else { "left" };
        self.operator.show(&Notice::Done { text: format!("{name} {did}, noted by {noted_by}") });
        Ok(())
    }
}

/// Officers for a quorum, each counted once with their deputies, and a witness are in the room at every act.
pub(super) fn too_few(roster: &Roster, present: &Presence) -> Option<Missing> {
    let needed = usize::from(roster.thresholds.unlock);
    let there = roster.officers_among(present.names());
    let witness = roster.with_role(Role::Witness).any(|person| present.has(&person.name));
    if there < needed {
        Some(Missing::Officers { present: there, needed })
    } else if !witness {
        Some(Missing::Role { role: Role::Witness })
    } else {
        None
    }
}

/// A share counts only while its holder is there. What was entered before somebody came or went is kept.
impl ShareSource for Attended<'_> {
    type Error = Stop;

    fn share(&mut self, request: &ShareRequest<'_>) -> Result<ShareWords, Stop> {
        let wanted = request.wanted.map_or(Wanted::AnybodyBut(&[]), Wanted::Person);
        self.ask(wanted, |operator, _, _| operator.share(request))
    }

    fn refused(&mut self, request: &ShareRequest<'_>, problem: &ShareProblem) -> Result<(), Stop> {
        *self.wrong_shares += 1;
        self.operator.refused(request, problem)
    }

    fn accepted(&mut self, request: &ShareRequest<'_>, share: &ShareCommitment) -> Result<(), Stop> {
        self.ask(Wanted::Person(&share.holder), |_, _, _| Ok(()))?;
        self.operator.accepted(request, share)
    }
}
