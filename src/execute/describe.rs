use super::Stop;
use super::engine::Engine;
use super::operator::Notice;
use crate::format::{Event, Name, PinOwner, PinState, TokenFound};
use crate::token::TokenDescription;

impl Engine<'_> {
    /// Records what each token says of itself.
    pub(super) fn describe_tokens(&mut self) -> Result<(), Stop> {
        for name in self.plan().tokens.clone() {
            self.describe_token(&name)?;
        }
        Ok(())
    }

    /// Records what one token says of itself, and shows it.
    pub(super) fn describe_token(&mut self, name: &Name) -> Result<(), Stop> {
        let description = self.token(name)?.describe()?;
        let TokenDescription { serial, label, manufacturer, model, initialised, user_pin, so_pin, .. } =
            &description;
        let state = if *initialised { format!("serial {serial}, label {label}") } else { "blank".to_owned() };
        for (owner, state) in [(PinOwner::User, user_pin), (PinOwner::SecurityOfficer, so_pin)] {
            let tries = match state {
                PinState::Ok | PinState::ToBeChanged => continue,
                PinState::CountLow => "somebody tried a wrong one since the last login",
                PinState::FinalTry => "FINAL TRY: one more wrong one locks it, and nothing will be tried",
                PinState::Locked => "LOCKED",
            };
            self.operator.show(&Notice::Warning { text: format!("token `{name}`, {owner} PIN: {tries}") });
        }
        self.done(format!("token `{name}`: {manufacturer} {model}, {state}"));
        self.note_token(name)
    }

    /// Records what lies on each token that somebody is logged in to.
    pub(super) fn count_objects(&mut self) -> Result<(), Stop> {
        for name in self.unlocked.clone() {
            self.note_token(&name)?;
        }
        Ok(())
    }

    /// Records what one token says of itself.
    pub(super) fn note_token(&mut self, name: &Name) -> Result<(), Stop> {
        let TokenDescription {
            serial,
            label,
            manufacturer,
            model,
            hardware,
            firmware,
            initialised,
            user_pin_set,
            protected_authentication_path,
            user_pin,
            so_pin,
            pin_min,
            pin_max,
            ..
        } = self.token(name)?.describe()?;
        let (token, module_sha256) = (name.clone(), self.module_sha256);
        let locks_out = self.token(name)?.locks_out();
        let logged_in = self.unlocked.contains(name);
        let objects = if initialised { Some(self.token(name)?.objects()?) } else { None };
        self.record(Event::TokenFound(TokenFound {
            token,
            module_sha256,
            serial,
            label,
            manufacturer,
            model,
            hardware,
            firmware,
            initialised,
            user_pin_set,
            protected_authentication_path,
            locks_out,
            user_pin,
            so_pin,
            pin_min,
            pin_max,
            logged_in,
            objects,
        }))
    }
}
