//! What the answers say of papers, statements, bags, beacons and exceptions.

use std::path::Path;

use super::Scripted;
use super::answers::ExceptionMoment;
use crate::execute::{BagAsked, ExceptionAsked, ExceptionReport, Stop, WordsAsked};
use crate::format::{Digest, Name};
use crate::render::words_of;

impl Scripted<'_> {
    /// The words of the digest in the reader's custody file.
    pub(super) fn words_read(
        &mut self,
        asked: &WordsAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, Vec<String>), Stop> {
        self.asked()?;
        let what = || format!("the paper from which {} is read in step `{}`", asked.named, asked.step);
        let paper = self.answers.paper.iter().find(|paper| paper.step == *asked.step);
        let paper = paper.map(|paper| paper.digest.clone());
        let text = self.custody_file(paper.as_ref(), what)?;
        let digest = Digest::parse(&text)
            .ok_or_else(|| Stop::NoAnswer { what: format!("{} holds no SHA-256", what()) })?;
        let words = words_of(digest.as_bytes());
        let read = asked.positions.iter();
        let read = read.filter_map(|position| words.get(usize::from(*position).checked_sub(1)?));
        let read: Vec<String> = read.map(|word| (*word).to_owned()).collect();
        // The same paper would give the same words again.
        if !self.papers_read.insert(asked.step.clone()) {
            return Err(Stop::NoAnswer { what: format!("{}: it is of another digest", what()) });
        }
        Ok((self.one_of(candidates, "who reads aloud")?, read))
    }

    pub(super) fn statement_of(&mut self, step: &Name, person: &Name) -> Result<Option<String>, Stop> {
        self.asked()?;
        let refusal =
            self.answers.refusal.iter().find(|refusal| refusal.step == *step && refusal.by == *person);
        Ok(refusal.map(|refusal| refusal.reason.clone()))
    }

    pub(super) fn number_of_bag(
        &mut self,
        asked: &BagAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, String), Stop> {
        self.asked()?;
        let bag = self.answers.bag.iter().find(|bag| bag.step == *asked.step);
        let what = || Stop::NoAnswer { what: format!("the number of the bag in step `{}`", asked.step) };
        let number = bag.map(|bag| bag.number.clone()).ok_or_else(what)?;
        Ok((self.one_of(candidates, "who reads the number of a bag")?, number))
    }

    pub(super) fn brought(
        &mut self,
        step: &Name,
        candidates: &[Name],
    ) -> Result<(Name, String, String), Stop> {
        self.asked()?;
        let beacon = self.answers.beacon.iter().find(|beacon| beacon.step == *step);
        let what = || Stop::NoAnswer { what: format!("the beacon of step `{step}`") };
        let (source, value) =
            beacon.map(|beacon| (beacon.source.clone(), beacon.value.clone())).ok_or_else(what)?;
        Ok((self.one_of(candidates, "who brings a beacon")?, source, value))
    }

    /// The file is there or will never be.
    pub(super) fn file_is_there(&mut self, path: &Path) -> Result<(), Stop> {
        self.asked()?;
        if self.asked_to_sign.insert(path.to_owned()) {
            Ok(())
        } else {
            Err(Stop::NoAnswer { what: format!("a file to take in at {}", path.display()) })
        }
    }

    /// What the answers say of something that the program saw itself, once.
    pub(super) fn exception_needed(&mut self, asked: &ExceptionAsked<'_>) -> Result<ExceptionReport, Stop> {
        let report = self.next_exception(ExceptionMoment::Mismatch);
        let what = || Stop::NoAnswer { what: format!("what is decided where {}", asked.happened) };
        let ExceptionReport { class, decided, .. } = report.ok_or_else(what)?;
        let (expected, happened) = (asked.expected.to_owned(), asked.happened.to_owned());
        Ok(ExceptionReport { class, expected, happened, decided })
    }

    /// The next exception that the answers have for this step and moment.
    pub(super) fn next_exception(&mut self, moment: ExceptionMoment) -> Option<ExceptionReport> {
        let exceptions = &mut self.answers.exception;
        let next = exceptions
            .iter()
            .position(|one| self.step.as_ref() == Some(&one.step) && one.moment == moment)?;
        let one = exceptions.remove(next);
        self.decided_by = one.by;
        let text = Option::unwrap_or_default;
        let (expected, happened) = (text(one.expected), text(one.happened));
        Some(ExceptionReport { class: one.class, expected, happened, decided: one.decided })
    }

    pub(super) fn decider(&mut self, candidates: &[Name]) -> Result<Name, Stop> {
        let what = "who decided on an exception";
        match self.decided_by.take() {
            Some(by) if candidates.contains(&by) => Ok(by),
            Some(_) => Err(Stop::NoAnswer { what: what.to_owned() }),
            None => self.one_of(candidates, what),
        }
    }

    fn one_of(&self, candidates: &[Name], what: &str) -> Result<Name, Stop> {
        let answering = candidates.iter().find(|name| self.person(name).is_some());
        answering.cloned().ok_or_else(|| Stop::NoAnswer { what: what.to_owned() })
    }
}
