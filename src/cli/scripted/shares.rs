use super::{Scripted, drills};
use crate::cli::sheets;
use crate::execute::Stop;
use crate::format::{Name, ShareCommitment, SharesSplit};
use crate::secret::ShareWords;
use crate::shares::{ShareProblem, ShareRequest, ShareSource};

impl ShareSource for Scripted<'_> {
    type Error = Stop;

    fn share(&mut self, request: &ShareRequest<'_>) -> Result<ShareWords, Stop> {
        self.asked()?;
        let SharesSplit { set, epoch, shares, .. } = request.split;
        let holds = |name: &Name| shares.iter().any(|share| share.holder == *name);
        let next = self.answers.person.iter().find(|person| match request.wanted {
            Some(wanted) => person.name == *wanted,
            None => {
                let there = !self.away.contains(&person.name) && holds(&person.name);
                there && person.sheet.is_some() && !request.done.contains(&person.name)
            }
        });
        let what = "the words of a share";
        let next = next.ok_or_else(|| Stop::NoAnswer { what: what.to_owned() })?;
        let file = next.sheet_of(*set, *epoch);
        let mut text = self.whole_custody_file(file.as_ref(), || what.to_owned())?;
        if self.wrong_word {
            text = drills::with_a_wrong_word(&text);
        }
        sheets::words(&text, || self.sheet_passphrase(&next.name))
    }

    fn refused(&mut self, request: &ShareRequest<'_>, problem: &ShareProblem) -> Result<(), Stop> {
        if std::mem::take(&mut self.wrong_word) {
            self.say(&format!("          refused: {problem}"));
            return Ok(());
        }
        // The same file would give the same words again.
        let set = &request.split.set_id;
        Err(Stop::NoAnswer {
            what: format!("a right share of set {set}: {problem}; the token was not tried"),
        })
    }

    fn accepted(&mut self, _request: &ShareRequest<'_>, share: &ShareCommitment) -> Result<(), Stop> {
        self.say(&format!("          share of {} is right", share.holder));
        Ok(())
    }
}
