use super::Stop;
use super::engine::{Engine, Evidence};
use super::material::SigningKey;
use super::operator::Question;
use crate::format::{Call, Destruction, Event, Hex, KeyHalf, KeyRef, Name, Role};
use crate::render::{hex_groups, words_of};

impl Engine<'_> {
    /// Removes both halves of a key for good, after an officer typed a word of it, and looks that they are gone. What an
    /// interruption left of it is removed without asking again.
    pub(super) fn destroy_key(&mut self, step: &Name, key: &KeyRef, key_id: &Hex) -> Result<(), Stop> {
        let SigningKey { token, algorithm, label, public } = self.signing_key(key)?;
        self.unlock(step, &token)?;
        let decided = self
            .log()?
            .records()
            .any(|record| matches!(&record.event, Event::Destroyed(decided) if decided.step == *step));
        if !decided {
            let found = self.token(&token)?.remains(algorithm, &label, &key_id.0)?;
            let same = found.whole.is_some_and(|whole| Some(whole.point.as_slice()) == public.ec_point());
            if !same {
                return Err(Stop::Plan { step: step.clone(), what: "its token does not have the key whole" });
            }
            let spki_sha256 = public.sha256();
            let question = Question {
                step,
                what: "A root key is removed from its token. Nobody can bring it back from there.".to_owned(),
                compare: vec![
                    ("token", token.to_string()),
                    ("label", label.clone()),
                    ("key", public.describe()),
                    ("SHA-256 of its public key", hex_groups(&spki_sha256)),
                ],
                word: words_of(spki_sha256.as_bytes()).first().copied().unwrap_or_default().to_owned(),
                found: "the first of the words of its SHA-256",
                by: Role::Officer,
            };
            let by = self.attended().confirm(&question)?;
            let token = token.clone();
            self.record(Event::Destroyed(Destruction { step: step.clone(), by, token, spki_sha256 }))?;
        }
        let left = self.token(&token)?.remains(algorithm, &label, &key_id.0)?;
        for (half, count) in [(KeyHalf::PrivateKey, left.private), (KeyHalf::PublicKey, left.public)] {
            if count > 0 {
                let call = |_| Call::DestroyObject { class: half, key_id: key_id.clone() };
                let destroy = |token: &mut crate::token::Token, _: &Call| token.destroy_half(half, &key_id.0);
                self.operation(step, &token, call, destroy, |(): &()| Evidence::default())?;
            }
        }
        let left = self.token(&token)?.remains(algorithm, &label, &key_id.0)?;
        if left.private + left.public > 0 {
            return Err(Stop::Plan { step: step.clone(), what: "its key is still on the token" });
        }
        self.done(format!("the key {label} is gone from token `{token}`"));
        Ok(())
    }
}
