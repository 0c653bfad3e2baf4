use super::Stop;
use super::engine::Engine;
use super::operator::Question;
use crate::format::{Action, Adopted, Base64, Event, Hex, KeyEvidence, PlannedStep, Role};
use crate::pki::Certificate;
use crate::render::{hex_groups, words_of};
use crate::token::ExistingKey;

impl Engine<'_> {
    /// Takes in a root that was made elsewhere: its token has the public key of the certificate, and a witness states the rest.
    /// The key signs nothing here, so that nothing proves yet that its private half is there.
    pub(super) fn adopt_authority(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        let id = &step.id;
        let Action::AdoptAuthority {
            token,
            label,
            certificate,
            without_crl,
            algorithm,
            root,
            below,
            list,
            ..
        } = &step.action
        else {
            return Err(Stop::Plan { step: id.clone(), what: "it adopts nothing" });
        };
        self.unlock(id, token)?;
        let stated = |event: &Event| matches!(event, Event::Adopted(adopted) if adopted.step == *id);
        if self.log()?.records().any(|record| stated(&record.event)) {
            return Ok(());
        }
        let public =
            Certificate::from_pem(&self.bundle.read_artifact(&certificate.name)?)?.public_key().clone();
        let found = self.token(token)?.existing(*algorithm, public.ec_point().unwrap_or_default(), label)?;
        let ExistingKey { key_id, attributes } = found;
        let revoked = list.as_ref().map_or(0, |list| list.entries.len());
        let crl = match list {
            Some(list) => {
                let number =
                    list.number.map_or_else(|| "without a number".to_owned(), |number| number.to_string());
                format!("{number}, {} to {}, {revoked} revoked", list.this_update, list.next_update)
            }
            None => format!("none: {}", without_crl.as_deref().unwrap_or_default()),
        };
        let mut compare = vec![
            ("root", root.subject.text.clone()),
            ("its end", root.validity.to.to_string()),
            ("SHA-256 of its file", hex_groups(&certificate.sha256)),
            ("certificates below it", below.len().to_string()),
            ("its last CRL", crl),
            ("key", format!("{} `{label}` on token {token}", public.describe())),
            ("SHA-256 of its public key", hex_groups(&root.spki_sha256)),
        ];
        // What the token says of the key is what it says: nobody here can change it.
        compare.extend(attributes.findings().into_iter().map(|finding| ("the token says", finding)));
        let question = Question {
            step: id,
            what: "This root was made elsewhere. You state that this is the root, and everything that it issued.".to_owned(),
            compare,
            word: words_of(root.spki_sha256.as_bytes()).first().copied().unwrap_or_default().to_owned(),
            found: "the first of the words of its public key's SHA-256",
            by: Role::Witness,
        };
        let by = self.attended().confirm(&question)?;
        let key = KeyEvidence {
            spki: Base64(public.spki().to_vec()),
            spki_sha256: public.sha256(),
            contradictions: attributes.contradictions(),
            attributes,
        };
        self.record(Event::Adopted(Adopted {
            step: id.clone(),
            by,
            token: token.clone(),
            key_id: Hex(key_id),
            key,
        }))?;
        self.done(format!(
            "the root {} is adopted: ASSERTED, until a ceremony signs with its key",
            root.subject.text
        ));
        Ok(())
    }
}
