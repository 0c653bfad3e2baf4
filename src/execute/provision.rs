use zeroize::Zeroizing;

use super::Stop;
use super::engine::{Engine, Evidence};
use super::operator::Question;
use crate::format::{Call, Event, Name, Role, ShareSetName};
use crate::host;
use crate::shares::{self, Deal, PinPurpose};

/// The fields of a `provision` step.
pub(super) struct Provision<'a> {
    pub(super) token: &'a Name,
    pub(super) label: &'a str,
    pub(super) set: ShareSetName,
    pub(super) epoch: u32,
    pub(super) threshold: u8,
    pub(super) holders: &'a [Name],
}

impl Engine<'_> {
    /// Splits a new quorum secret and sets a blank token's PINs from it.
    ///
    /// In this order a crash is harmless: split, sheets, every holder enters the share again, commitments durable,
    /// C_InitToken, C_InitPIN, login. Nothing on the token depends on a share that was not read back from paper.
    pub(super) fn provision(&mut self, step: &Name, provision: &Provision<'_>) -> Result<(), Stop> {
        let Provision { token, label, set, epoch, threshold, holders } = *provision;
        self.confirm_initialisation(step, token, label)?;

        let mut typed = Vec::with_capacity(holders.len());
        for holder in holders {
            typed.push((holder.clone(), self.attended().entropy(holder)?));
        }
        let mut system = Zeroizing::new([0; 32]);
        host::fill_random(system.as_mut())?;
        // A blank token has no session to ask for random bytes (C_GenerateRandom); the host and the people give all.
        let secret = shares::new_quorum_secret(&system, None, &typed)?;
        drop(typed);

        let ceremony = self.bundle.ceremony();
        let authority = self.plan().authority.clone();
        let deal = Deal { authority: &authority, ceremony: &ceremony, step, set, epoch, threshold, holders };
        let mut random = |buffer: &mut [u8]| host::fill_random(buffer).map_err(Stop::from);
        let split = shares::deal(&deal, &secret, &mut random, &mut |sheet| self.attended().sheet(sheet))?;
        drop(secret);
        let set_id = split.set_id.clone();
        let mut verified = Vec::with_capacity(holders.len());
        // From here on the secret is the one that stands on the sheets.
        let secret = shares::verify_all(&ceremony, &split, &mut self.attended(), &mut |index, holder| {
            verified.push((index, holder.clone()));
            Ok(())
        })?;

        let mut token_id = [0; 16];
        host::fill_random(&mut token_id)?;
        let description = self.token(token)?.describe()?;
        let policy =
            shares::new_pin_policy(step, token, token_id, &split, description.pin_min, description.pin_max)?;
        let security_officer = shares::derive_pin(&secret, &authority, &policy, PinPurpose::SecurityOfficer)?;
        let user = shares::derive_pin(&secret, &authority, &policy, PinPurpose::User)?;
        drop(secret);

        self.record(Event::SharesSplit(split))?;
        for (index, holder) in verified {
            let (step, set_id) = (step.clone(), set_id.clone());
            self.record(Event::ShareVerified { step, set_id, index, holder })?;
        }
        let entropy_bits = policy.entropy_bits;
        self.record(Event::PinPolicy(policy))?;
        self.done(format!(
            "share set {set_id}: any {threshold} of {} shares give the PINs of token `{token}`, {entropy_bits} bits each",
            holders.len()
        ));

        let none = |(): &()| Evidence::default();
        let initialise = |_| Call::InitToken { label: label.to_owned() };
        self.operation(step, token, initialise, |token, _| token.initialise(&security_officer, label), none)?;
        let set_pin = |_| Call::InitPin {};
        self.operation(step, token, set_pin, |token, _| token.set_user_pin(&security_officer, &user), none)?;
        self.log_in(step, token, &user)?;
        self.describe_token(token)
    }

    fn confirm_initialisation(&mut self, step: &Name, token: &Name, label: &str) -> Result<(), Stop> {
        let description = self.token(token)?.describe()?;
        let question = Question {
            step,
            what: format!("The blank token `{token}` will be initialised. Whatever it holds is lost."),
            compare: vec![
                ("token", format!("{} {}", description.manufacturer, description.model)),
                ("label it gets", label.to_owned()),
            ],
            word: label.to_owned(),
            found: "the label it gets",
            by: Role::Officer,
        };
        self.attended().confirm(&question).map(drop)
    }
}
