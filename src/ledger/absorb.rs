use super::shares::opened_by;
use super::{
    BundleFacts, CeremonyEntry, CertificateEntry, CertificateRole, CrlEntryDecided, CrlIssued, Identity,
    Issuance, KeyEntry, KeyOrigin, Ledger, Operation, TokenEntry, certified_spki_sha256, issuer_spki_sha256,
    key_made, key_spki_sha256,
};
use crate::format::{Action, Call, Digest, Event, Instant, Name, Opened, PlannedStep, TokenFound};

impl Ledger {
    /// Takes in the next ceremony. `granted`: it was complete and its verdict is PASS.
    pub fn absorb(&mut self, bundle: &BundleFacts<'_>, granted: bool) {
        let Some(opened) = bundle.log.opened() else { return };
        self.identity.get_or_insert_with(|| Identity {
            authority: opened.authority.clone(),
            environment: opened.environment,
            trust_domain: bundle.plan.trust_domain.clone(),
        });
        self.first_roster_sha256.get_or_insert(opened.roster_sha256);
        self.ordinal = opened.ordinal;
        self.head = bundle.log.head();
        self.take_in_ceremony(bundle, opened, granted);
        let operations = Operation::all(bundle.log);
        for step in &bundle.plan.steps {
            self.count_step(bundle, &operations, step, granted);
        }
        self.take_in_share_sets(bundle, granted);
        if granted {
            self.grant(bundle, &operations);
            self.grant_duties(bundle);
        }
        self.take_in_bags(bundle);
        self.take_in_destructions(bundle, &operations);
        self.take_in_pins(bundle, &operations);
    }

    fn take_in_ceremony(&mut self, bundle: &BundleFacts<'_>, opened: &Opened, granted: bool) {
        let mut clock = bundle.log.records().map(|record| record.t);
        let begun = clock.next().unwrap_or(Instant::EPOCH);
        self.ceremonies.push(CeremonyEntry {
            ordinal: opened.ordinal,
            directory: bundle.directory.to_owned(),
            title: bundle.plan.title.clone(),
            outcome: bundle.log.outcome(),
            granted,
            begun,
            ended: clock.next_back().unwrap_or(begun),
            roster_sha256: opened.roster_sha256,
            plan_sha256: opened.plan_sha256,
            head: self.head,
        });
        if granted {
            self.next_ceremony = bundle.plan.next_ceremony;
        }
    }

    fn count_step(
        &mut self,
        bundle: &BundleFacts<'_>,
        operations: &[Operation<'_>],
        step: &PlannedStep,
        granted: bool,
    ) {
        let (ordinal, directory) = (bundle.plan.ordinal, bundle.directory.to_owned());
        let issuance = issuance(bundle, operations, &step.id);
        match &step.action {
            Action::SelfSign { key, extensions, subject, serial, validity, .. } => {
                self.burnt_serials.insert(serial.clone());
                let spki_sha256 = key_spki_sha256(operations, key);
                if let (Some((tbs_sha256, issuance)), Some(spki_sha256)) = (issuance, spki_sha256) {
                    self.certificates.push(CertificateEntry {
                        ordinal,
                        directory,
                        step: step.id.clone(),
                        role: CertificateRole::Root,
                        serial: serial.clone(),
                        subject: subject.clone(),
                        spki_sha256,
                        issuer_spki_sha256: spki_sha256,
                        validity: *validity,
                        path_length: extensions.path_length,
                        crl_distribution_points: extensions.crl_distribution_points.clone(),
                        tbs_sha256,
                        issuance,
                        adopted: false,
                        granted,
                    });
                }
            }
            Action::SignIntermediate {
                issuer, extensions, subject, spki_sha256, serial, validity, ..
            } => {
                self.burnt_serials.insert(serial.clone());
                let issuer = issuer_spki_sha256(bundle.plan, operations, issuer);
                if let (Some((tbs_sha256, issuance)), Some(issuer_spki_sha256)) = (issuance, issuer) {
                    self.certificates.push(CertificateEntry {
                        ordinal,
                        directory,
                        step: step.id.clone(),
                        role: CertificateRole::Intermediate,
                        serial: serial.clone(),
                        subject: subject.clone(),
                        spki_sha256: *spki_sha256,
                        issuer_spki_sha256,
                        validity: *validity,
                        path_length: extensions.path_length,
                        crl_distribution_points: extensions.crl_distribution_points.clone(),
                        tbs_sha256,
                        issuance,
                        adopted: false,
                        granted,
                    });
                }
            }
            Action::CrossSign { issuer, certificate, extensions, subject, serial, validity, .. } => {
                self.burnt_serials.insert(serial.clone());
                let issuer = issuer_spki_sha256(bundle.plan, operations, issuer);
                let spki = certified_spki_sha256(bundle.plan, operations, certificate);
                if let (Some((tbs_sha256, issuance)), Some(issuer_spki_sha256), Some(spki_sha256)) =
                    (issuance, issuer, spki)
                {
                    self.certificates.push(CertificateEntry {
                        ordinal,
                        directory,
                        step: step.id.clone(),
                        role: CertificateRole::Cross,
                        serial: serial.clone(),
                        subject: subject.clone(),
                        spki_sha256,
                        issuer_spki_sha256,
                        validity: *validity,
                        path_length: extensions.path_length,
                        crl_distribution_points: extensions.crl_distribution_points.clone(),
                        tbs_sha256,
                        issuance,
                        adopted: false,
                        granted,
                    });
                }
            }
            Action::IssueCrl { issuer, number, this_update, next_update, embargo, entries, .. } => {
                let issuer = issuer_spki_sha256(bundle.plan, operations, issuer);
                let begun = signatures(operations, &step.id).next().is_some();
                if let Some(issuer) = issuer.filter(|_| begun) {
                    self.burnt_crl_numbers.entry(issuer).or_default().insert(*number);
                }
                if let (Some((tbs_sha256, issuance)), Some(issuer_spki_sha256)) = (issuance, issuer) {
                    self.crls.push(CrlIssued {
                        ordinal,
                        directory,
                        step: step.id.clone(),
                        issuer_spki_sha256,
                        number: *number,
                        this_update: *this_update,
                        next_update: *next_update,
                        embargo: *embargo,
                        entries: entries.clone(),
                        tbs_sha256,
                        issuance,
                        adopted: false,
                        granted,
                    });
                }
            }
            Action::Revoke { issuer, .. } => {
                let issuer = issuer_spki_sha256(bundle.plan, operations, issuer);
                for record in bundle.log.records() {
                    if let (Event::Revoked(revoked), Some(issuer_spki_sha256)) = (&record.event, issuer)
                        && revoked.step == step.id
                    {
                        self.revocations.push(CrlEntryDecided {
                            ordinal,
                            step: step.id.clone(),
                            issuer_spki_sha256,
                            entry: revoked.entry.clone(),
                        });
                    }
                }
            }
            Action::AdoptAuthority { .. }
            | Action::Provision { .. }
            | Action::Reshare { .. }
            | Action::ChangeRoster { .. }
            | Action::GenerateKey { .. }
            | Action::DestroyKey { .. }
            | Action::Clock { .. }
            | Action::Break { .. }
            | Action::ReadAloud { .. }
            | Action::Attest { .. }
            | Action::Custody { .. }
            | Action::ImportEvidence { .. }
            | Action::Confirm { .. } => {}
        }
    }

    fn grant(&mut self, bundle: &BundleFacts<'_>, operations: &[Operation<'_>]) {
        let ordinal = bundle.plan.ordinal;
        self.roster = Some(bundle.incoming.unwrap_or(bundle.roster).clone());
        for step in &bundle.plan.steps {
            match &step.action {
                Action::GenerateKey { token, algorithm, label } => {
                    let made = key_made(operations, &step.id);
                    let found = token_found(bundle, token);
                    if let (Some((operation, evidence)), Some(found)) = (made, found)
                        && let Call::GenerateKeyPair { key_id, .. } = &operation.intent.call
                    {
                        self.keys.push(KeyEntry {
                            ordinal,
                            step: step.id.clone(),
                            token: token.clone(),
                            token_serial: found.serial.clone(),
                            label: label.clone(),
                            key_id: key_id.clone(),
                            algorithm: *algorithm,
                            spki: evidence.spki.0.clone(),
                            spki_sha256: evidence.spki_sha256,
                            origin: KeyOrigin::Made,
                            destroyed: None,
                        });
                    }
                }
                Action::Provision { token, shares, .. } => {
                    self.tokens.extend(token_found(bundle, token).map(|found| TokenEntry {
                        ordinal,
                        name: token.clone(),
                        serial: found.serial.clone(),
                        label: found.label.clone(),
                        opened_by: opened_by(bundle, &step.id, token, shares.is_some()),
                    }));
                }
                Action::AdoptAuthority { token, .. } => {
                    if let Some(found) = token_found(bundle, token) {
                        self.adopt(bundle, step, &found.serial);
                    }
                }
                _ => {}
            }
        }
        self.prove_possession(ordinal, operations);
    }
}

/// What was signed for the step and how far it came; `None` when no signature can exist.
fn issuance(
    bundle: &BundleFacts<'_>,
    operations: &[Operation<'_>],
    step: &Name,
) -> Option<(Digest, Issuance)> {
    let released = bundle.log.records().find_map(|record| match &record.event {
        Event::Released(released) if released.step == *step => Some(released),
        _ => None,
    });
    if let Some(released) = released {
        return Some((released.tbs_sha256, Issuance::Released(released.file.clone())));
    }
    let first = |issuance: Issuance, wanted: fn(&Operation<'_>) -> bool| {
        signatures(operations, step)
            .find(|(_, operation)| wanted(operation))
            .map(|(tbs_sha256, _)| (tbs_sha256, issuance))
    };
    first(Issuance::Signed, |operation| operation.succeeded())
        .or_else(|| first(Issuance::Unknown, |operation| operation.unknown()))
}

fn signatures<'a>(
    operations: &'a [Operation<'a>],
    step: &'a Name,
) -> impl Iterator<Item = (Digest, &'a Operation<'a>)> {
    operations.iter().filter_map(move |operation| match &operation.intent.call {
        Call::Sign { tbs_sha256, .. } if operation.intent.step == *step => Some((*tbs_sha256, operation)),
        _ => None,
    })
}

/// What the token said of itself last.
fn token_found<'a>(bundle: &BundleFacts<'a>, token: &Name) -> Option<&'a TokenFound> {
    bundle
        .log
        .records()
        .filter_map(|record| match &record.event {
            Event::TokenFound(found) if found.token == *token => Some(found),
            _ => None,
        })
        .next_back()
}
