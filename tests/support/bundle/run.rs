//! What a token and its operator do, as events.

use super::*;

pub(super) struct Run {
    pub(super) items: Vec<Item>,
    pub(super) op: u64,
    pub(super) ceremony: Digest,
}

impl Run {
    pub(super) fn event(&mut self, event: Event) {
        self.items.push(Some(event));
    }

    pub(super) fn call(
        &mut self,
        step: &Name,
        call: Call,
        key: Option<KeyEvidence>,
        signature: Option<SignatureMade>,
    ) {
        self.op += 1;
        self.event(Event::OperationIntent(OperationIntent {
            op: self.op,
            step: step.clone(),
            token: name("primary"),
            call,
        }));
        self.event(Event::OperationResult(OperationResult {
            op: self.op,
            rv: "CKR_OK".to_owned(),
            key,
            signature,
        }));
    }

    pub(super) fn open(&mut self, step: &Name, split: &SharesSplit) {
        self.event(Event::QuorumMet {
            step: step.clone(),
            set_id: split.set_id.clone(),
            by: [0, 2].map(|place: usize| split.shares[place].holder.clone()).to_vec(),
        });
        self.call(step, Call::Login { of: PinOwner::User, path: LoginPath::Pin }, None, None);
    }

    pub(super) fn provision(&mut self, step: &PlannedStep) -> SharesSplit {
        let Action::Provision {
            label,
            mode,
            shares: Some(Shares::New { set, epoch, threshold, holders }),
            ..
        } = &step.action
        else {
            panic!("no provision step")
        };
        let set_id = Hex(vec![0xa1, 0xb2, 0xc3, 0xd4]);
        let split = SharesSplit {
            step: step.id.clone(),
            set: *set,
            set_id: set_id.clone(),
            epoch: *epoch,
            threshold: *threshold,
            shares: (1..)
                .zip(holders)
                .map(|(index, holder)| ShareCommitment {
                    index,
                    holder: holder.clone(),
                    commitment: Digest::of(&[index]),
                })
                .collect(),
            check: Digest::of(b"check"),
        };
        self.event(Event::SharesSplit(split.clone()));
        for share in &split.shares {
            self.event(Event::ShareVerified {
                step: step.id.clone(),
                set_id: set_id.clone(),
                index: share.index,
                holder: share.holder.clone(),
            });
        }
        self.event(Event::PinPolicy(policy(&step.id, &set_id, *epoch)));
        let login = Call::Login { of: PinOwner::User, path: LoginPath::Pin };
        let calls = match mode {
            ProvisionMode::Init => {
                [Call::InitToken { label: label.clone(), wipes: None }, Call::InitPin {}, login]
            }
            _ => [Call::SetPin { of: PinOwner::SecurityOfficer }, Call::SetPin { of: PinOwner::User }, login],
        };
        for call in calls {
            self.call(&step.id, call, None, None);
        }
        self.event(token_found(true));
        split
    }

    /// New shares, each token's PINs replaced and proven, the old shares retired.
    pub(super) fn reshare(&mut self, step: &PlannedStep, old: Option<&SharesSplit>) -> SharesSplit {
        let Action::Reshare { to: Shares::New { set, epoch, threshold, holders }, .. } = &step.action else {
            panic!("no reshare of new shares")
        };
        let old = old.expect("shares of the genesis").set_id.clone();
        let id = &step.id;
        let by = vec![name("officer-a"), name("officer-c")];
        self.event(Event::QuorumMet { step: id.clone(), set_id: old.clone(), by });
        let set_id = Hex(vec![0xe5, 0xf6, 0x07, 0x18]);
        let commitment = |(index, holder): (u8, &Name)| ShareCommitment {
            index,
            holder: holder.clone(),
            commitment: Digest::of(&[index, 2]),
        };
        let split = SharesSplit {
            step: id.clone(),
            set: *set,
            set_id: set_id.clone(),
            epoch: *epoch,
            threshold: *threshold,
            shares: (1..).zip(holders).map(commitment).collect(),
            check: Digest::of(b"check 2"),
        };
        self.event(Event::SharesSplit(split.clone()));
        for share in &split.shares {
            let (step, set_id, holder) = (id.clone(), set_id.clone(), share.holder.clone());
            self.event(Event::ShareVerified { step, set_id, index: share.index, holder });
        }
        self.event(Event::PinPolicy(policy(id, &set_id, *epoch)));
        for of in [PinOwner::SecurityOfficer, PinOwner::User] {
            self.call(id, Call::SetPin { of }, None, None);
        }
        self.call(id, Call::Login { of: PinOwner::User, path: LoginPath::Pin }, None, None);
        self.event(Event::TokenMoved { step: id.clone(), token: name("primary"), set_id });
        self.event(token_found(true));
        self.event(Event::SharesRetired { step: id.clone(), set_id: old });
        split
    }

    pub(super) fn generate(&mut self, step: &PlannedStep, algorithm: KeyAlgorithm, label: &str, spki: &[u8]) {
        let text = format!("anchorite-key-id/v1\n{}\n{}\n", self.ceremony, self.op + 1);
        let key_id = Hex(Digest::of(text.as_bytes()).as_bytes()[..16].to_vec());
        let evidence = evidence(spki);
        let call = Call::GenerateKeyPair { algorithm, label: label.to_owned(), key_id };
        self.call(&step.id, call, Some(evidence), None);
    }

    pub(super) fn adopt(&mut self, step: &PlannedStep, spki: &[u8]) {
        let (by, token) = (name("witness"), name("primary"));
        let adopted =
            Adopted { step: step.id.clone(), by, token, key_id: Hex(vec![0x0a]), key: evidence(spki) };
        self.event(Event::Adopted(adopted));
    }

    pub(super) fn sign(&mut self, step: &PlannedStep, tbs: &[u8], root: &SigningKey) {
        let tbs_sha256 = Digest::of(tbs);
        self.event(Event::SignConfirmed {
            step: step.id.clone(),
            tbs_sha256,
            by: name("officer-a"),
            word: tbs_sha256.to_string().chars().take(8).collect(),
        });
        let call = Call::Sign {
            tbs_sha256,
            spki_sha256: Digest::of(&spki(root)),
            mechanism: "CKM_ECDSA".to_owned(),
        };
        let value = sign(root, tbs);
        let made = SignatureMade { value: Base64(value.clone()), verified: true };
        self.call(&step.id, call, None, Some(made));
        let kind = kind_of(&step.action);
        let ending = match kind {
            ArtifactKind::Certificate => "crt.pem",
            ArtifactKind::Crl => "crl.pem",
        };
        let file = FileRef::of(FileName::of_step(&step.id, ending), pem(kind, tbs, &value).as_bytes());
        self.event(Event::Released(Released { step: step.id.clone(), kind, file, tbs_sha256 }));
    }
}

/// What a token says of a root's key.
fn evidence(spki: &[u8]) -> KeyEvidence {
    use AttributeState::{False, True};
    KeyEvidence {
        spki: Base64(spki.to_vec()),
        spki_sha256: Digest::of(spki),
        attributes: KeyAttributes {
            token: True,
            private: True,
            sensitive: True,
            always_sensitive: True,
            extractable: False,
            never_extractable: True,
            local: True,
            sign: True,
            decrypt: False,
            unwrap: False,
            derive: False,
            modifiable: False,
            copyable: AttributeState::Absent,
        },
        contradictions: Vec::new(),
    }
}

pub(super) fn kind_of(action: &Action) -> ArtifactKind {
    match action {
        Action::IssueCrl { .. } => ArtifactKind::Crl,
        _ => ArtifactKind::Certificate,
    }
}

pub(super) fn pem(kind: ArtifactKind, tbs: &[u8], signature: &[u8]) -> String {
    let der = assemble(tbs, SignatureAlgorithm::EcdsaSha256, signature).unwrap();
    match kind {
        ArtifactKind::Certificate => Certificate::from_der(&der).unwrap().to_pem(),
        ArtifactKind::Crl => RevocationList::from_der(&der).unwrap().to_pem(),
    }
}

pub(super) fn frozen_tbs(plan: &Plan, tbs: &BTreeMap<Name, Vec<u8>>, open: &[Name]) -> Vec<FrozenTbs> {
    let steps = plan.steps.iter().filter(|step| open.contains(&step.id));
    steps
        .map(|step| {
            let (kind, bytes) = (kind_of(&step.action), &tbs[&step.id]);
            FrozenTbs {
                step: step.id.clone(),
                kind,
                file: FileRef::of(FileName::of_step(&step.id, "tbs.der"), bytes),
                summary: summary(kind, bytes).unwrap(),
            }
        })
        .collect()
}

pub(super) fn token_found(initialised: bool) -> Event {
    let serial = if initialised { SERIAL_OF_TOKEN } else { "" };
    let label = if initialised { "example-root" } else { "" };
    Event::TokenFound(TokenFound {
        token: name("primary"),
        module_sha256: Digest::of(b"module"),
        serial: serial.to_owned(),
        label: label.to_owned(),
        manufacturer: "SoftHSM project".to_owned(),
        model: "SoftHSM v2".to_owned(),
        hardware: "2.6".to_owned(),
        firmware: "2.6".to_owned(),
        initialised,
        user_pin_set: initialised,
        protected_authentication_path: false,
        locks_out: false,
        user_pin: PinState::Ok,
        so_pin: PinState::Ok,
        pin_min: 4,
        pin_max: 255,
        logged_in: false,
        objects: initialised.then(ObjectCounts::default),
    })
}

fn policy(step: &Name, set_id: &Hex, epoch: u32) -> PinPolicy {
    PinPolicy {
        step: step.clone(),
        token: name("primary"),
        token_id: Hex(vec![7; 16]),
        set_id: set_id.clone(),
        epoch,
        alphabet: PinAlphabet::Letters,
        length: 32,
        user_template: PinTemplate::default(),
        security_officer_template: PinTemplate::default(),
        entropy_bits: 160,
    }
}
