use super::Stop;
use super::engine::{Engine, Evidence};
use crate::format::{Call, LoginPath, Name, PinOwner};
use crate::ledger::OpenedBy;
use crate::secret::Pin;
use crate::shares::{self, PinPurpose};
use crate::token::Token;

impl Engine<'_> {
    /// Opens a token with a quorum of shares, or by its own quorum, once in a run.
    pub(super) fn unlock(&mut self, step: &Name, token: &Name) -> Result<(), Stop> {
        if self.unlocked.contains(token) {
            return Ok(());
        }
        if self.holds_its_own_quorum(token) {
            self.log_in_on_device(step, token)?;
            return self.note_token(token);
        }
        let policy = self.policy_in_force(token)?;
        let open = self.open_shares(step, crate::format::ShareSetName::Operate, policy.epoch)?;
        let pin = shares::derive_pin(&open.secret, &self.plan().authority, &policy, PinPurpose::User)?;
        drop(open);
        self.log_in(step, token, &pin)?;
        // What lies on it before anything is made.
        self.note_token(token)
    }

    fn holds_its_own_quorum(&self, token: &Name) -> bool {
        let adopted = self.plan().steps.iter().any(|step| {
            matches!(&step.action, crate::format::Action::Provision { token: of, shares: None, .. } if of == token)
        });
        let known = self.ceremony.ledger.token(token);
        adopted || known.is_some_and(|entry| matches!(entry.opened_by, OpenedBy::Device))
    }

    /// C_Login as user, recorded.
    pub(super) fn log_in(&mut self, step: &Name, token: &Name, pin: &Pin) -> Result<(), Stop> {
        self.operation(
            step,
            token,
            |_| Call::Login { of: PinOwner::User, path: LoginPath::Pin },
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
