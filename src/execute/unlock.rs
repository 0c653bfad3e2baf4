use super::Stop;
use super::engine::{Engine, Evidence};
use super::material::Opening;
use crate::format::{Call, Event, Name};
use crate::shares::{self, PinPurpose};
use crate::token::Token;

impl Engine<'_> {
    /// Opens a token with a quorum of shares, once in a run.
    ///
    /// The rebuilt secret is compared with its check value before a PIN follows from it, so that a mistyped share
    /// never costs one of the token's tries.
    pub(super) fn unlock(&mut self, step: &Name, token: &Name) -> Result<(), Stop> {
        if self.unlocked.contains(token) {
            return Ok(());
        }
        let Opening { ceremony, split, policy } = self.opening(token)?;
        let unlocked = shares::unlock(&ceremony, &split, &mut self.attended())?;
        let met =
            Event::QuorumMet { token: token.clone(), set_id: policy.set_id.clone(), by: unlocked.by.clone() };
        self.record(met)?;
        let pin = shares::derive_pin(&unlocked.secret, &self.plan().authority, &policy, PinPurpose::User)?;
        drop(unlocked);
        self.log_in(step, token, &pin)
    }

    /// C_Login as user, recorded.
    pub(super) fn log_in(&mut self, step: &Name, token: &Name, pin: &crate::secret::Pin) -> Result<(), Stop> {
        self.operation(
            step,
            token,
            |_| Call::Login {},
            |token, _| token.login(pin),
            |()| Evidence::default(),
        )?;
        self.unlocked.push(token.clone());
        self.done(format!("logged in to token `{token}` as user"));
        Ok(())
    }

    pub(super) fn token(&self, name: &Name) -> Result<&Token, Stop> {
        self.tokens.get(name).ok_or_else(|| Stop::UnboundToken { token: name.clone() })
    }
}
