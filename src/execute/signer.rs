use super::Stop;
use super::engine::{Engine, Evidence};
use super::material::SigningKey;
use crate::format::{Base64, Call, Name, SignatureMade};
use crate::pki::{SignatureAlgorithm, ecdsa_signature_from_token};
use crate::roster::ApprovedTbs;

impl Engine<'_> {
    /// Has a token sign what was approved, and nothing else: the only caller of [`Token::sign_digest`].
    ///
    /// The signature is verified in software before it is recorded; a flipped bit from a token would otherwise be
    /// a broken root.
    ///
    /// [`Token::sign_digest`]: crate::token::Token::sign_digest
    pub(super) fn sign(
        &mut self,
        step: &Name,
        key: &SigningKey,
        tbs: &ApprovedTbs,
    ) -> Result<SignatureMade, Stop> {
        let SigningKey { token, algorithm, label, public } = key;
        let point =
            public.ec_point().ok_or(Stop::Plan { step: step.clone(), what: "its key is not on a curve" })?;
        let handle = self.token(token)?.private_key(*algorithm, point, label)?;
        let signature_algorithm = SignatureAlgorithm::of(*algorithm);
        let digest = signature_algorithm.digest(tbs.bytes());
        let call = |_| Call::Sign {
            tbs_sha256: tbs.sha256(),
            spki_sha256: public.sha256(),
            mechanism: "CKM_ECDSA".to_owned(),
        };
        let made = |raw: &Vec<u8>| match ecdsa_signature_from_token(*algorithm, raw) {
            Ok(value) => {
                let verified = public.verify(signature_algorithm, tbs.bytes(), &value).is_ok();
                SignatureMade { value: Base64(value), verified }
            }
            Err(_) => SignatureMade { value: Base64(raw.clone()), verified: false },
        };
        let raw = self.operation(
            step,
            token,
            call,
            |token, _| token.sign_digest(&handle, *algorithm, &digest),
            |raw| Evidence { key: None, signature: Some(made(raw)) },
        )?;
        Ok(made(&raw))
    }
}
