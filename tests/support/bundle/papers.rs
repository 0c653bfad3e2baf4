//! What people sign and what they approve.

use super::*;

/// Whether the token is blank before.
pub(super) fn initialises(plan: &Plan) -> bool {
    let blank = |action: &Action| matches!(action, Action::Provision { mode: ProvisionMode::Init, .. });
    plan.steps.iter().any(|step| blank(&step.action))
}

impl Workshop {
    /// In production with a mirror, but where a waiver lets it be without.
    pub(super) fn binding(&self, plan: &Plan) -> Vec<u8> {
        let waived = plan.waivers.iter().any(|waiver| waiver.rule == Rule::NoMirror);
        let mirror = match plan.environment {
            Environment::Production if !waived => "mirror = \"/media/record-b/example\"\n",
            _ => "",
        };
        let address = match initialises(plan) {
            true => "blank = true".to_owned(),
            false => format!("serial = \"{SERIAL_OF_TOKEN}\""),
        };
        format!(
            "format = \"{}\"\n{mirror}[module]\npath = \"/usr/lib/softhsm/libsofthsm2.so\"\nsha256 = \"{}\"\n\
             [[token]]\nname = \"primary\"\nprofile = \"softhsm\"\n{address}\n",
            Binding::FORMAT.ceremony,
            Digest::of(b"module")
        )
        .into_bytes()
    }

    pub(super) fn opened(&self, plan: &Plan, files: &Files) -> Opened {
        let digest = |path: &str| Digest::of(&files[path]);
        Opened {
            tool: plan.tool.clone(),
            authority: plan.authority.clone(),
            environment: plan.environment,
            mode: plan.mode,
            name: plan.name.clone(),
            ordinal: plan.ordinal,
            previous_head: plan.previous_head,
            rehearsal: None,
            plan_sha256: digest("artifacts/plan.json"),
            roster_sha256: digest("artifacts/roster.toml"),
            script_sha256: digest("artifacts/ceremony.toml"),
            binding_sha256: digest("artifacts/binding.toml"),
            nonce: Hex(vec![u8::try_from(plan.ordinal).unwrap(); 32]),
            token_nonce: None,
            operator: match plan.environment {
                Environment::Production => OperatorKind::Terminal,
                Environment::Staging | Environment::Lab => OperatorKind::Scripted,
            },
            place: plan.place.clone(),
            recording: plan.recording.clone(),
            host: HostState {
                core_dumps_off: Protection::Done {},
                memory_locked: Protection::Done {},
                swap: Some(Vec::new()),
                ptrace_scope: None,
                hibernation: None,
            },
            machine: Machine::default(),
            present: self
                .people
                .iter()
                .filter(|(person, ..)| self.comes(plan, person))
                .map(|(person, role, _)| Present {
                    name: person.clone(),
                    roles: vec![*role],
                    typed: format!("dice of {person}"),
                })
                .collect(),
            staged: files
                .iter()
                .map(|(path, bytes)| StagedFile {
                    path: path.clone(),
                    size: bytes.len() as u64,
                    sha256: Digest::of(bytes),
                })
                .collect(),
        }
    }

    pub(super) fn approve(&self, plan: &Plan, binding: &[u8], tricks: &Tricks, files: &mut Files) {
        let binding = Binding::parse(binding).unwrap();
        let genesis = plan.ordinal == 1;
        for person in tricks.approvers {
            let (signer, key) = self.signer(person);
            if !self.comes(plan, &signer.name)
                || !genesis && signer.role != Role::Officer && !tricks.stray_approvals
            {
                continue;
            }
            let mut approval = Approval {
                plan_sha256: Digest::of(&files["artifacts/plan.json"]),
                authority: plan.authority.clone(),
                environment: plan.environment,
                mode: plan.mode,
                ordinal: plan.ordinal,
                previous_head: plan.previous_head,
                roster_sha256: plan.roster_sha256,
                binding_sha256: binding.sha256,
                tokens: binding
                    .tokens
                    .iter()
                    .map(|token| (token.name.clone(), token.address.clone()))
                    .collect(),
                window: plan.window,
                signer,
            };
            (tricks.approval)(&mut approval);
            let statement = Statement::Approval(approval).encode();
            files.insert(format!("artifacts/approval.{person}.sig"), sign(key, &statement));
            files.insert(format!("artifacts/approval.{person}.txt"), statement);
        }
    }

    /// Whoever is on the roster, or joins.
    pub(super) fn comes(&self, plan: &Plan, person: &Name) -> bool {
        let roster = Roster::parse(&self.roster).unwrap();
        roster.person(person).is_some() || plan.new_key_holders().contains(person)
    }

    pub(super) fn signer(&self, person: &str) -> (Signer, &SigningKey) {
        let (known, role, key) = self.people.iter().find(|(known, ..)| known.as_str() == person).unwrap();
        let signer = Signer {
            name: known.clone(),
            role: *role,
            spki_sha256: Digest::of(&spki(key)),
            algorithm: StatementAlgorithm::EcdsaP256Sha256,
            time: instant("2026-12-01T09:45:00Z"),
        };
        (signer, key)
    }

    pub(super) fn seal(
        &self,
        opened: &Opened,
        kind: SealKind,
        covered: Covered,
        (frozen, keys): (&[FrozenTbs], &[KeyDecision]),
        person: &str,
        tricks: &Tricks,
    ) -> (String, Vec<u8>, Vec<u8>) {
        let (signer, key) = self.signer(person);
        let mut seal = Seal {
            kind,
            ceremony: opened.ceremony_id(),
            mode: opened.mode,
            outcome: match kind {
                SealKind::Close => Outcome::Complete,
                SealKind::Abort => Outcome::Aborted,
                SealKind::Authorise | SealKind::Resume => Outcome::InProgress,
            },
            covered,
            plan_sha256: opened.plan_sha256,
            roster_sha256: opened.roster_sha256,
            tbs: frozen
                .iter()
                .map(|tbs| TbsLine { kind: tbs.kind, sha256: tbs.file.sha256, summary: tbs.summary.clone() })
                .collect(),
            keys: keys.to_vec(),
            signer,
        };
        (tricks.seal)(&mut seal);
        let statement = Statement::Seal(seal).encode();
        let signature = sign(key, &statement);
        (format!("seals/{kind}.{person}"), statement, signature)
    }

    pub(super) fn every_tbs(&self, plan: &Plan, inputs: &Files) -> BTreeMap<Name, Vec<u8>> {
        let root = PublicKey::from_spki(&spki(&self.root)).unwrap();
        let algorithm = SignatureAlgorithm::EcdsaSha256;
        let issuer = DistinguishedName::from_der(&subject("Example Root G1").der.0).unwrap();
        let mut all = BTreeMap::new();
        for step in &plan.steps {
            let bytes = match &step.action {
                Action::SelfSign { extensions, subject, serial, validity, .. } => {
                    let subject = DistinguishedName::from_der(&subject.der.0).unwrap();
                    CertificateTemplate {
                        serial,
                        issuer: &subject,
                        validity: *validity,
                        subject: &subject,
                        public_key: &root,
                        profile: Profile::Root,
                        extensions,
                        authority_key_identifier: root.key_identifier(),
                        signature_algorithm: algorithm,
                    }
                    .to_tbs()
                }
                Action::SignIntermediate { csr, extensions, subject, serial, validity, .. } => {
                    let request = CertificationRequest::parse(&inputs[csr.name.as_str()]).unwrap();
                    let (encodable, forged) = without_path(extensions);
                    CertificateTemplate {
                        serial,
                        issuer: &issuer,
                        validity: *validity,
                        subject: &DistinguishedName::from_der(&subject.der.0).unwrap(),
                        public_key: request.public_key(),
                        // A forger keeps no profile; of all of them this one asks for nothing.
                        profile: Profile::Cross,
                        extensions: &encodable,
                        authority_key_identifier: root.key_identifier(),
                        signature_algorithm: algorithm,
                    }
                    .to_tbs()
                    .map(forged)
                }
                Action::CrossSign { certificate, extensions, serial, validity, .. } => {
                    let file = certificate.file().unwrap();
                    let existing = Certificate::from_pem(&inputs[file.name.as_str()]).unwrap();
                    CertificateTemplate {
                        serial,
                        issuer: &issuer,
                        validity: *validity,
                        subject: existing.subject(),
                        public_key: existing.public_key(),
                        profile: Profile::Cross,
                        extensions,
                        authority_key_identifier: root.key_identifier(),
                        signature_algorithm: algorithm,
                    }
                    .to_tbs_named(existing.subject_key_identifier().unwrap())
                }
                Action::IssueCrl {
                    number,
                    this_update,
                    next_update,
                    issuing_distribution_point,
                    entries,
                    ..
                } => CrlTemplate {
                    issuer: &issuer,
                    authority_key_identifier: root.key_identifier(),
                    number: *number,
                    this_update: *this_update,
                    next_update: *next_update,
                    issuing_distribution_point,
                    entries,
                    signature_algorithm: algorithm,
                }
                .to_tbs(),
                _ => continue,
            };
            all.insert(step.id.clone(), bytes.unwrap());
        }
        all
    }
}

/// Extensions that the product encodes, and what makes the forger's of them: a SPIFFE ID with a path, which no template takes, has
/// the length of one whose path is a part of its trust domain.
fn without_path(extensions: &CertificateExtensions) -> (CertificateExtensions, impl Fn(Vec<u8>) -> Vec<u8>) {
    let mut encodable = extensions.clone();
    let wanted = extensions.spiffe_id.as_ref().map_or_else(String::new, ToString::to_string);
    let written = wanted.strip_prefix("spiffe://").map(|rest| format!("spiffe://{}", rest.replace('/', ".")));
    encodable.spiffe_id = written.as_ref().map(|id| id.parse().unwrap());
    let forged = move |mut tbs: Vec<u8>| {
        if let Some(written) = &written {
            let at = tbs.windows(written.len()).position(|bytes| bytes == written.as_bytes()).unwrap();
            tbs[at..at + wanted.len()].copy_from_slice(wanted.as_bytes());
        }
        tbs
    };
    (encodable, forged)
}
