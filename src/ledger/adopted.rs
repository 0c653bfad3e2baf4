//! What a root that was made elsewhere brings in: asserted, until a ceremony signs with its key.

use super::{
    BundleFacts, CertificateEntry, CertificateRole, CrlEntryDecided, CrlIssued, Issuance, KeyEntry, Ledger,
    Operation,
};
use crate::format::{
    Action, Adopted, AdoptedCertificate, Call, Digest, Event, FileRef, Name, PlannedStep, adopted_name,
};

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// A ceremony made it.
    Made,
    /// It was made elsewhere.
    Adopted {
        /// The first ceremony that signed with it; `None` while nothing shows that its token has the private key.
        proven: Option<u64>,
    },
}

impl KeyEntry {
    /// Whether nothing shows yet that its token has the private key.
    pub fn is_asserted(&self) -> bool {
        self.origin == KeyOrigin::Adopted { proven: None }
    }
}

impl Ledger {
    /// A granted ceremony's: an assertion that was not granted says nothing, and is made again.
    pub(super) fn adopt(&mut self, bundle: &BundleFacts<'_>, step: &PlannedStep, token_serial: &str) {
        let Action::AdoptAuthority {
            token,
            label,
            algorithm,
            certificate,
            issued,
            crl,
            root,
            below,
            list,
            ..
        } = &step.action
        else {
            return;
        };
        let adopted = bundle.log.records().find_map(|record| match &record.event {
            Event::Adopted(adopted) if adopted.step == step.id => Some(adopted),
            _ => None,
        });
        let Some(Adopted { key_id, key, .. }) = adopted else { return };
        let ordinal = bundle.plan.ordinal;
        self.keys.push(KeyEntry {
            ordinal,
            step: step.id.clone(),
            token: token.clone(),
            token_serial: token_serial.to_owned(),
            label: label.clone(),
            key_id: key_id.clone(),
            algorithm: *algorithm,
            spki: key.spki.0.clone(),
            spki_sha256: root.spki_sha256,
            origin: KeyOrigin::Adopted { proven: None },
            destroyed: None,
        });
        let issuer = root.spki_sha256;
        self.adopt_certificate(bundle, &step.id, root, certificate, issuer);
        for (place, (found, file)) in below.iter().zip(issued).enumerate() {
            if let Some(name) = adopted_name(&step.id, place) {
                self.adopt_certificate(bundle, &name, found, file, issuer);
            }
        }
        if let (Some(list), Some(file)) = (list, crl) {
            // Without a number it counts as the list before the first.
            let number = list.number.unwrap_or_default();
            self.burnt_crl_numbers.entry(issuer).or_default().insert(number);
            self.burnt_serials.extend(list.entries.iter().map(|entry| entry.serial.clone()));
            self.revocations.extend(list.entries.iter().map(|entry| CrlEntryDecided {
                ordinal,
                step: step.id.clone(),
                issuer_spki_sha256: issuer,
                entry: entry.clone(),
            }));
            self.crls.push(CrlIssued {
                ordinal,
                directory: bundle.directory.to_owned(),
                step: step.id.clone(),
                issuer_spki_sha256: issuer,
                number,
                this_update: list.this_update,
                next_update: list.next_update,
                embargo: None,
                entries: list.entries.clone(),
                tbs_sha256: list.tbs_sha256,
                issuance: Issuance::Released(file.clone()),
                adopted: true,
                granted: true,
            });
        }
    }

    fn adopt_certificate(
        &mut self,
        bundle: &BundleFacts<'_>,
        name: &Name,
        found: &AdoptedCertificate,
        file: &FileRef,
        issuer_spki_sha256: Digest,
    ) {
        let role = match (found.spki_sha256 == issuer_spki_sha256, found.authority) {
            (true, _) => CertificateRole::Root,
            (false, true) => CertificateRole::Intermediate,
            (false, false) => CertificateRole::EndEntity,
        };
        self.burnt_serials.insert(found.serial.clone());
        self.certificates.push(CertificateEntry {
            ordinal: bundle.plan.ordinal,
            directory: bundle.directory.to_owned(),
            step: name.clone(),
            role,
            serial: found.serial.clone(),
            subject: found.subject.clone(),
            spki_sha256: found.spki_sha256,
            issuer_spki_sha256,
            validity: found.validity,
            path_length: found.path_length,
            crl_distribution_points: Vec::new(),
            tbs_sha256: found.tbs_sha256,
            issuance: Issuance::Released(file.clone()),
            adopted: true,
            granted: true,
        });
    }

    /// A signature that verified in a granted ceremony shows that the token has the private key.
    pub(super) fn prove_possession(&mut self, ordinal: u64, operations: &[Operation<'_>]) {
        for operation in operations.iter().filter(|operation| operation.succeeded()) {
            let Call::Sign { spki_sha256, .. } = &operation.intent.call else { continue };
            let verified = operation.result.is_some_and(|(_, result)| {
                result.signature.as_ref().is_some_and(|signature| signature.verified)
            });
            let keys =
                self.keys.iter_mut().filter(|key| key.spki_sha256 == *spki_sha256 && key.is_asserted());
            keys.filter(|_| verified)
                .for_each(|key| key.origin = KeyOrigin::Adopted { proven: Some(ordinal) });
        }
    }
}
