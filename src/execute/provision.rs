use super::Stop;
use super::engine::{Engine, Evidence};
use super::operator::Question;
use super::pins::{Made, Pins};
use crate::format::{Call, LoginPath, Name, PinEncoding, PinOwner, ProvisionMode, Role, Shares};

/// How a token is taken over, as the plan has it.
#[derive(Clone, Copy)]
pub(super) struct TakeOver<'p> {
    pub(super) token: &'p Name,
    /// The label that it gets or has.
    pub(super) label: &'p str,
    pub(super) mode: ProvisionMode,
    /// Whether what is on it is destroyed.
    pub(super) wipe: bool,
    /// The shares that open it; `None` where it holds its own quorum.
    pub(super) shares: Option<&'p Shares>,
    pub(super) encoding: &'p PinEncoding,
}

impl Engine<'_> {
    /// Takes a token over.
    ///
    /// In this order a crash is harmless: split, sheets, every holder enters the share again, commitments durable,
    /// PIN policy durable, C_InitToken, C_InitPIN, login. After an interruption the same calls are made again as far
    /// as the record and the token say that they are missing.
    pub(super) fn provision(&mut self, step: &Name, take_over: &TakeOver<'_>) -> Result<(), Stop> {
        let TakeOver { token, label, mode, wipe, shares, encoding } = *take_over;
        let serial = self.token(token)?.describe()?.serial;
        self.confirm_taking_over(step, token, label, mode, wipe)?;
        let Some(shares) = shares else {
            return self.adopt(step, token);
        };
        let open = self.shares(step, shares)?;
        let policy = self.policy_of_new_token(step, token, &open.split, encoding)?;
        let pins = self.pins(&open.secret, &policy)?;
        drop(open);
        match (mode, wipe) {
            (ProvisionMode::Init, false) => {
                self.initialise(step, token, label, None, |token, label| {
                    token.initialise(&pins.security_officer, label)
                })?;
                self.set_first_user_pin(step, token, &pins)?;
            }
            (ProvisionMode::Init, true) => {
                let current = self.attended().current_pin(token, PinOwner::SecurityOfficer)?;
                self.initialise(step, token, label, Some(serial.clone()), |token, label| {
                    token.wipe(&current, label, &serial)
                })?;
                let (owner, new) = (PinOwner::SecurityOfficer, &pins.security_officer);
                self.replace_pin(step, token, owner, &[&current], new, false)?;
                self.set_first_user_pin(step, token, &pins)?;
            }
            (ProvisionMode::SetPin, _) => {
                for (owner, new) in
                    [(PinOwner::SecurityOfficer, &pins.security_officer), (PinOwner::User, &pins.user)]
                {
                    let current = self.attended().current_pin(token, owner)?;
                    self.replace_pin(step, token, owner, &[&current], new, false)?;
                }
            }
            (ProvisionMode::Adopt, _) => {
                let what = "it adopts a token, and shares would open it";
                return Err(Stop::Plan { step: step.clone(), what });
            }
        }
        self.log_in(step, token, &pins.user)?;
        self.describe_token(token)
    }

    /// C_InitToken, unless it was made before an interruption and the token says so.
    fn initialise(
        &mut self,
        step: &Name,
        token: &Name,
        label: &str,
        wipes: Option<String>,
        act: impl FnOnce(&mut crate::token::Token, &str) -> Result<(), crate::token::Error>,
    ) -> Result<(), Stop> {
        let found = self.token(token)?.describe()?;
        match self.made(step, token, |call| matches!(call, Call::InitToken { .. }))? {
            Made::Yes => return Ok(()),
            Made::Perhaps if found.initialised && found.label == label => return Ok(()),
            Made::Perhaps | Made::No => {}
        }
        let call = |_| Call::InitToken { label: label.to_owned(), wipes };
        self.operation(step, token, call, |token, _| act(token, label), |()| Evidence::default())
    }

    /// C_InitPIN. Made again after an interruption: it sets the same PIN.
    fn set_first_user_pin(&mut self, step: &Name, token: &Name, pins: &Pins) -> Result<(), Stop> {
        if self.made(step, token, |call| matches!(call, Call::InitPin {}))? == Made::Yes {
            return Ok(());
        }
        let call = |_| Call::InitPin {};
        let act = |token: &mut crate::token::Token, _: &Call| {
            token.set_user_pin(&pins.security_officer, &pins.user)
        };
        self.operation(step, token, call, act, |()| Evidence::default())
    }

    /// Proves that the token's own quorum opens it. Who was in that quorum, nobody here can say.
    fn adopt(&mut self, step: &Name, token: &Name) -> Result<(), Stop> {
        self.log_in_on_device(step, token)?;
        self.describe_token(token)
    }

    /// C_Login without a PIN: people authenticate on the device.
    pub(super) fn log_in_on_device(&mut self, step: &Name, token: &Name) -> Result<(), Stop> {
        self.done(format!("token `{token}` holds its own quorum: authenticate on the device now"));
        let call = |_| Call::Login { of: PinOwner::User, path: LoginPath::Device };
        self.operation(step, token, call, |token, _| token.login_on_device(), |()| Evidence::default())?;
        self.unlocked.push(token.clone());
        self.done(format!("logged in to token `{token}` as user, by the device's own quorum"));
        Ok(())
    }

    fn confirm_taking_over(
        &mut self,
        step: &Name,
        token: &Name,
        label: &str,
        mode: ProvisionMode,
        wipe: bool,
    ) -> Result<(), Stop> {
        let found = self.token(token)?.describe()?;
        let mut compare = vec![("token", format!("{} {}", found.manufacturer, found.model))];
        if found.initialised {
            compare.push(("serial number", found.serial.clone()));
            compare.push(("label it has", found.label.clone()));
        }
        let (what, word, where_found) = match (mode, wipe) {
            (ProvisionMode::Init, false) => {
                compare.push(("label it gets", label.to_owned()));
                (
                    format!("The blank token `{token}` will be initialised."),
                    label.to_owned(),
                    "the label it gets",
                )
            }
            (ProvisionMode::Init, true) => {
                compare.push(("label it gets", label.to_owned()));
                let what = format!("Everything on the token `{token}` WILL BE DESTROYED, every key with it.");
                (what, found.serial.clone(), "the serial number of the token that is wiped")
            }
            (ProvisionMode::SetPin, _) => {
                let what = format!("Both PINs of the token `{token}` will be replaced.");
                (what, found.serial.clone(), "the serial number")
            }
            (ProvisionMode::Adopt, _) => {
                let what = format!(
                    "The token `{token}` is taken as it is. It holds its own quorum: who opens it is not in this record."
                );
                (what, found.serial.clone(), "the serial number")
            }
        };
        let question = Question { step, what, compare, word, found: where_found, by: Role::Officer };
        self.attended().confirm(&question).map(drop)
    }
}
