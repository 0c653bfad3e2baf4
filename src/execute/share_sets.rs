use zeroize::Zeroizing;

use super::Stop;
use super::engine::Engine;
use crate::format::{Digest, Event, Hex, Name, ShareSetName, Shares, SharesSplit};
use crate::host;
use crate::secret::QuorumSecret;
use crate::shares::{self, Deal};

/// A quorum secret that is at hand, and the public side of its shares.
pub(super) struct OpenSet {
    pub(super) split: SharesSplit,
    pub(super) secret: QuorumSecret,
}

impl Engine<'_> {
    /// The secret behind the shares that a step needs: dealt now, or rebuilt by a quorum of their holders.
    pub(super) fn shares(&mut self, step: &Name, shares: &Shares) -> Result<OpenSet, Stop> {
        match shares {
            Shares::New { set, epoch, threshold, holders } => {
                self.deal_shares(step, *set, *epoch, *threshold, holders)
            }
            Shares::Dealt { set, epoch } => self.open_shares(step, *set, *epoch),
        }
    }

    /// Splits a new secret: sheets, every holder enters the share again, commitments durable. Nothing depends on a
    /// share that was not read back from paper.
    fn deal_shares(
        &mut self,
        step: &Name,
        set: ShareSetName,
        epoch: u32,
        threshold: u8,
        holders: &[Name],
    ) -> Result<OpenSet, Stop> {
        let ceremony = self.bundle.ceremony();
        // After an interruption the sheets that the record commits to count, and no second set is made.
        let dealt = self.split_in_log(|split| split.step == *step)?;
        let in_log = dealt.is_some();
        let split = match dealt {
            Some(split) => split,
            None => self.new_split(step, &ceremony, set, epoch, threshold, holders)?,
        };
        let mut verified = Vec::with_capacity(holders.len());
        // From here on the secret is the one that stands on the sheets.
        let secret = shares::verify_all(&ceremony, &split, &mut self.attended(), &mut |index, holder| {
            verified.push((index, holder.clone()));
            Ok(())
        })?;
        if in_log {
            // Dealt before an interruption: what is at hand now, these people rebuilt.
            let (step, set_id) = (step.clone(), split.set_id.clone());
            self.record(Event::QuorumMet { step, set_id, by: holders.to_vec() })?;
        } else {
            self.record(Event::SharesSplit(split.clone()))?;
        }
        for (index, holder) in verified {
            if !self.is_verified(&split.set_id, index)? {
                let (step, set_id) = (step.clone(), split.set_id.clone());
                self.record(Event::ShareVerified { step, set_id, index, holder })?;
            }
        }
        self.done(format!(
            "share set {} ({set}, epoch {epoch}): any {threshold} of {} shares, every one entered again",
            split.set_id,
            holders.len()
        ));
        Ok(OpenSet { split, secret })
    }

    fn new_split(
        &mut self,
        step: &Name,
        ceremony: &Digest,
        set: ShareSetName,
        epoch: u32,
        threshold: u8,
        holders: &[Name],
    ) -> Result<SharesSplit, Stop> {
        let mut typed = Vec::with_capacity(holders.len());
        for holder in holders {
            typed.push((holder.clone(), self.attended().entropy(holder)?));
        }
        let mut system = Zeroizing::new([0; 32]);
        host::fill_random(system.as_mut())?;
        // A token that is not initialised has no session to ask (C_GenerateRandom); host and people then give all.
        let token = self.tokens.values().find_map(|token| token.random(32).ok()).map(Zeroizing::new);
        let token = token.as_ref().map(|bytes| bytes.as_slice());
        let secret = shares::new_quorum_secret(&system, token, &typed)?;
        drop(typed);
        let (mode, authority) = (self.plan().mode, self.plan().authority.clone());
        let deal = Deal { mode, authority: &authority, ceremony, step, set, epoch, threshold, holders };
        let mut random = |buffer: &mut [u8]| host::fill_random(buffer).map_err(Stop::from);
        shares::deal(&deal, &secret, &mut random, &mut |sheet| self.attended().sheet(sheet))
    }

    /// Has a quorum of a set's holders rebuild its secret. It is compared with its check value before anything
    /// follows from it, so that a mistyped share never costs one of a token's tries.
    pub(super) fn open_shares(
        &mut self,
        step: &Name,
        set: ShareSetName,
        epoch: u32,
    ) -> Result<OpenSet, Stop> {
        let (ceremony, split) = self.split(set, epoch)?;
        let ledger = self.ceremony.ledger;
        let others: Vec<_> =
            ledger.share_sets.iter().map(|entry| (entry.ceremony, entry.split.clone())).collect();
        let unlocked = shares::unlock(&ceremony, &split, &others, &mut self.attended())?;
        let met =
            Event::QuorumMet { step: step.clone(), set_id: split.set_id.clone(), by: unlocked.by.clone() };
        self.record(met)?;
        Ok(OpenSet { split, secret: unlocked.secret })
    }

    /// The split of that set and epoch, and the ceremony that its commitments name.
    pub(super) fn split(&self, set: ShareSetName, epoch: u32) -> Result<(Digest, SharesSplit), Stop> {
        if let Some(split) = self.split_in_log(|split| (split.set, split.epoch) == (set, epoch))? {
            return Ok((self.bundle.ceremony(), split));
        }
        let known = self.ceremony.ledger.share_set_of(set, epoch);
        let known = known.ok_or_else(|| Stop::not_in_ledger(format!("shares of `{set}`, epoch {epoch}")))?;
        Ok((known.ceremony, known.split.clone()))
    }

    fn split_in_log(&self, wanted: impl Fn(&SharesSplit) -> bool) -> Result<Option<SharesSplit>, Stop> {
        Ok(self.log()?.records().find_map(|record| match &record.event {
            Event::SharesSplit(split) if wanted(split) => Some(split.clone()),
            _ => None,
        }))
    }

    fn is_verified(&self, of: &Hex, number: u8) -> Result<bool, Stop> {
        Ok(self.log()?.records().any(|record| {
            matches!(&record.event, Event::ShareVerified { set_id, index, .. } if set_id == of && *index == number)
        }))
    }
}
