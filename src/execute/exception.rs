use super::Stop;
use super::attendance::Attended;
use super::engine::Engine;
use super::operator::{ExceptionAsked, ExceptionReport, Notice};
use crate::format::{Event, ExceptionClass, ExceptionNoted, Log, Name, Role};
use crate::host;
use crate::record::Stamp;

impl Engine<'_> {
    /// Asks for an exception about something that the program saw itself, of that class at least.
    pub(super) fn exception_about(
        &mut self,
        expected: &str,
        happened: &str,
        least: ExceptionClass,
    ) -> Result<(), Stop> {
        self.attended().exception_about(&ExceptionAsked { expected, happened, least })
    }
}

impl Attended<'_> {
    pub(super) fn exception_about(&mut self, asked: &ExceptionAsked<'_>) -> Result<(), Stop> {
        loop {
            match self.operator.exception(asked) {
                Ok(report) if report.class < asked.least => {
                    let text = format!("this is {} or worse", asked.least);
                    self.operator.show(&Notice::Refused { text });
                }
                Ok(report) => return self.except(&report),
                Err(stop) => self.noted(stop)?,
            }
        }
    }

    /// Records an exception, once somebody who may says that they decided it. After a compromise nothing goes on.
    pub(super) fn except(&mut self, report: &ExceptionReport) -> Result<(), Stop> {
        let by = loop {
            let candidates = self.deciders();
            match self.operator.decides(report, &candidates) {
                Ok(by) => break by,
                Err(stop) => self.noted(stop)?,
            }
        };
        let ExceptionReport { class, expected, happened, decided } = report.clone();
        let log =
            Log::parse_in(self.bundle.written(), self.bundle.mode()).map_err(crate::record::Error::from)?;
        let before = log.records().filter(|record| matches!(record.event, Event::ExceptionNoted(_))).count();
        let number = before as u64 + 1;
        let step = self.step.clone();
        let noted = ExceptionNoted { number, step, class, expected, happened, decided, by: by.clone() };
        let stamp = Stamp { t: host::now(), mono: host::milliseconds_since_start() };
        self.bundle.append(Event::ExceptionNoted(noted), stamp)?;
        self.operator
            .show(&Notice::Warning { text: format!("exception {number} ({class}), decided by {by}") });
        if class == ExceptionClass::Compromise { Err(Stop::Compromised { number }) } else { Ok(()) }
    }

    /// Those who are there and decide: administrators; where none is there officers; where nobody is, everybody.
    fn deciders(&self) -> Vec<Name> {
        let there = |role: Option<Role>| -> Vec<Name> {
            let people = self.roster.people.iter().filter(|person| self.present.has(&person.name));
            let fit = people.filter(|person| role.is_none_or(|role| person.roles.contains(&role)));
            fit.map(|person| person.name.clone()).collect()
        };
        [Some(Role::Administrator), Some(Role::Officer), None]
            .into_iter()
            .map(there)
            .find(|names| !names.is_empty())
            .unwrap_or_default()
    }
}
