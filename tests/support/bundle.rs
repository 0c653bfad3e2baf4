//! Makes bundles as a ceremony leaves them, with software keys, and lets a test change anything on the way: a plan,
//! a record, a statement or a file, before or after people sign it.

#[path = "bundle/adopted.rs"]
pub(crate) mod adopted;
#[path = "bundle/lists.rs"]
pub(crate) mod lists;
#[path = "bundle/log.rs"]
mod log;
#[path = "bundle/papers.rs"]
mod papers;
#[path = "bundle/run.rs"]
mod run;
#[path = "bundle/script.rs"]
mod script;
#[path = "bundle/witnessed.rs"]
pub(crate) mod witnessed;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anchorite::format::*;
use anchorite::pki::{
    Certificate, CertificateTemplate, CertificationRequest, CrlTemplate, DistinguishedName, PublicKey,
    RevocationList, SignatureAlgorithm, assemble, summary,
};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey as _;

/// Path below the bundle, and bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What stands in a log: an event, or `None` where people authorise what was frozen before.
pub(crate) type Item = Option<Event>;

/// What a test changes. Everything that follows from the change is made to fit, and signed.
pub(crate) struct Tricks {
    /// The plan that people approve.
    pub(crate) plan: fn(&mut Plan),
    /// The plan that is carried out instead, where it is another.
    pub(crate) carried_out: fn(&mut Plan),
    /// What the plan says has to be done afterwards.
    pub(crate) duties: fn(&mut Vec<Duty>),
    /// Record 0.
    pub(crate) opened: fn(&mut Opened),
    /// The ceremony file that lies in the bundle.
    pub(crate) script: fn(&mut String),
    /// The files that are staged.
    pub(crate) staged: fn(&mut Files),
    /// Everything after record 0.
    pub(crate) items: fn(&mut Vec<Item>),
    /// Each event after record 0.
    pub(crate) event: fn(&mut Event),
    /// Events that are left out.
    pub(crate) without: fn(&Event) -> bool,
    /// The finished lines' clocks.
    pub(crate) stamps: fn(&mut Record),
    /// An approval before it is signed.
    pub(crate) approval: fn(&mut Approval),
    /// A seal before it is signed.
    pub(crate) seal: fn(&mut Seal),
    /// Every file before the manifest is made.
    pub(crate) files: fn(&mut Files),
    /// Who approves.
    pub(crate) approvers: &'static [&'static str],
    /// Whether those approve a later ceremony too who may not.
    pub(crate) stray_approvals: bool,
    /// Who authorises.
    pub(crate) authorisers: &'static [&'static str],
    /// Who seals the end.
    pub(crate) closers: &'static [&'static str],
}

/// No tricks.
pub(crate) const HONEST: Tricks = Tricks {
    plan: |_| {},
    duties: |_| {},
    carried_out: |_| {},
    opened: |_| {},
    script: |_| {},
    staged: |_| {},
    items: |_| {},
    event: |_| {},
    without: |_| false,
    stamps: |_| {},
    approval: |_| {},
    seal: |_| {},
    files: |_| {},
    approvers: &["officer-a", "officer-b", "officer-c", "officer-d", "witness", "operator", "deputy-a"],
    stray_approvals: false,
    authorisers: &["officer-a", "officer-b"],
    closers: &["officer-a", "officer-b", "witness"],
};

/// People with their keys, a token, and the authority that grows in a directory.
pub(crate) struct Workshop {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) roster: Vec<u8>,
    pub(crate) head: Digest,
    ordinal: u64,
    environment: Environment,
    people: Vec<(Name, Role, SigningKey)>,
    root: SigningKey,
    split: Option<SharesSplit>,
}

/// `deputy-a` may act for `officer-a`.
const PEOPLE: [(&str, Role); 6] = [
    ("officer-a", Role::Officer),
    ("officer-b", Role::Officer),
    ("officer-c", Role::Officer),
    ("witness", Role::Witness),
    ("operator", Role::Operator),
    ("deputy-a", Role::Officer),
];

/// Who joins when the people change; officer-c then leaves.
const JOINS: (&str, Role) = ("officer-d", Role::Officer);

fn keyed(((person, role), number): ((&str, Role), u8)) -> (Name, Role, SigningKey) {
    (name(person), role, SigningKey::from_slice(&[number; 32]).unwrap())
}

fn roster_of<'a>(
    environment: Environment,
    people: impl Iterator<Item = &'a (Name, Role, SigningKey)>,
) -> Vec<u8> {
    let mut roster = format!(
        "format = \"{}\"\nauthority = \"example\"\nenvironment = \"{environment}\"\n\n[thresholds]\napprove = 2\nunlock = 2\nclose = 2\n",
        Roster::FORMAT.ceremony
    );
    for (person, role, key) in people {
        let shares = if person.as_str().starts_with("officer-") { "\"operate\"" } else { "" };
        let storage =
            if environment == Environment::Production { "key-storage = \"hardware\"\n" } else { "" };
        let deputy = if person.as_str() == "deputy-a" { "deputy-for = \"officer-a\"\n" } else { "" };
        roster.push_str(&format!(
            "\n[[person]]\nname = \"{person}\"\nroles = [\"{role}\"]\nalgorithm = \"ecdsa-p256-sha256\"\npublic-key = \"{}\"\n{storage}{deputy}shares = [{shares}]\n",
            Base64(spki(key))
        ));
    }
    roster.into_bytes()
}

pub(crate) const SERIAL_OF_TOKEN: &str = "8f2c11a09b3d4e57";

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) fn window(from: &str, to: &str) -> Window {
    Window { from: instant(from), to: instant(to) }
}

fn file_name(text: &str) -> FileName {
    FileName::parse(text).unwrap()
}

fn spki(key: &SigningKey) -> Vec<u8> {
    key.verifying_key().to_public_key_der().unwrap().into_vec()
}

fn sign(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let signature: Signature = key.sign(message);
    signature.to_der().as_bytes().to_vec()
}

/// The signature of somebody of the workshop over any bytes.
pub(crate) fn signed_by(person: &str, message: &[u8]) -> Vec<u8> {
    let people = PEOPLE.into_iter().chain([JOINS]).zip(1..).map(keyed);
    let (.., key) = people.into_iter().find(|(known, ..)| known.as_str() == person).unwrap();
    sign(&key, message)
}

fn serial(number: u8) -> SerialNumber {
    SerialNumber::from_random([number; 16])
}

fn subject(common_name: &str) -> Subject {
    use anchorite::pki::AttributeKind::{CN, O};
    let attributes = [(O, "Example".to_owned()), (CN, common_name.to_owned())];
    let distinguished = DistinguishedName::from_attributes(&attributes).unwrap();
    Subject { der: Hex(distinguished.der().to_vec()), text: distinguished.to_string() }
}

impl Workshop {
    /// In the lab.
    pub(crate) fn new() -> Self {
        Self::of(Environment::Lab)
    }

    /// Its genesis has a waiver, because three holders are few.
    pub(crate) fn production() -> Self {
        Self::of(Environment::Production)
    }

    pub(crate) fn of(environment: Environment) -> Self {
        let people: Vec<_> = PEOPLE.into_iter().chain([JOINS]).zip(1..).map(keyed).collect();
        let roster = roster_of(environment, people.iter().filter(|(person, ..)| person.as_str() != JOINS.0));
        Self {
            directory: tempfile::tempdir().unwrap(),
            roster,
            head: Digest::ZERO,
            ordinal: 0,
            environment,
            people,
            root: SigningKey::from_slice(&[77; 32]).unwrap(),
            split: None,
        }
    }

    /// The authority's directory.
    pub(crate) fn authority(&self) -> &Path {
        self.directory.path()
    }

    /// A complete genesis: a token, a key, a root, a first CRL.
    pub(crate) fn genesis(&mut self, tricks: &Tricks) -> PathBuf {
        let key = KeyRef::Step { id: name("root-key") };
        let issuer = IssuerRef::Step { id: name("root") };
        let holders = PEOPLE.iter().filter(|(person, _)| person.starts_with("officer-"));
        // A rule warns of it, which only in a lab is a remark.
        let path_length = Some(1).filter(|_| self.environment == Environment::Lab);
        let steps = vec![
            ("clock", Action::Clock { readers: 2, tolerance_seconds: 120, beacon: false }),
            (
                "provision",
                Action::Provision {
                    token: name("primary"),
                    label: "example-root".to_owned(),
                    mode: ProvisionMode::Init,
                    wipe: false,
                    shares: Some(Shares::New {
                        set: ShareSetName::Operate,
                        epoch: 1,
                        threshold: 2,
                        holders: holders.map(|(person, _)| name(person)).collect(),
                    }),
                    encoding: PinEncoding::default(),
                },
            ),
            (
                "root-key",
                Action::GenerateKey {
                    token: name("primary"),
                    algorithm: KeyAlgorithm::EcdsaP256,
                    label: "example-root-g1".to_owned(),
                },
            ),
            (
                "root",
                Action::SelfSign {
                    key,
                    profile: Profile::Root,
                    extensions: CertificateExtensions { path_length, ..Default::default() },
                    subject: subject("Example Root G1"),
                    serial: serial(1),
                    validity: window("2026-12-01T00:00:00Z", "2046-11-30T23:59:59Z"),
                    tbs_sha256: None,
                },
            ),
            ("crl", crl(issuer, 1, Vec::new())),
            (
                "confirm",
                Action::Confirm {
                    by: Role::Witness,
                    text: "The token went back into its safe.".to_owned(),
                    discharges: None,
                },
            ),
        ];
        self.hold("genesis", steps, BTreeMap::new(), tricks)
    }

    /// A complete second ceremony: an intermediate from a request, and the next CRL.
    pub(crate) fn intermediate(&mut self, tricks: &Tricks) -> PathBuf {
        let request_key = rcgen::KeyPair::generate().unwrap();
        let request = rcgen::CertificateParams::new(Vec::new())
            .unwrap()
            .serialize_request(&request_key)
            .unwrap()
            .pem()
            .unwrap()
            .into_bytes();
        let parsed = CertificationRequest::parse(&request).unwrap();
        let csr = FileRef::of(file_name("istio.csr.pem"), &request);
        let issuer = self.root_from_the_ledger();
        let steps = vec![
            (
                "istio",
                Action::SignIntermediate {
                    issuer: issuer.clone(),
                    csr,
                    profile: Profile::Intermediate,
                    extensions: every_extension(),
                    subject: subject("Example Istio CA"),
                    spki_sha256: parsed.public_key().sha256(),
                    asked: Vec::new(),
                    serial: serial(2),
                    validity: window("2026-12-02T00:00:00Z", "2031-12-01T23:59:59Z"),
                    tbs_sha256: None,
                },
            ),
            ("crl", crl(issuer, 2, Vec::new())),
        ];
        let inputs = BTreeMap::from([("istio.csr.pem".to_owned(), request)]);
        self.hold("sign-intermediates", steps, inputs, tricks)
    }

    /// An intermediate that only these officers approve and seal.
    pub(crate) fn intermediate_under(&mut self, officers: &'static [&'static str; 2]) -> PathBuf {
        let closers: &'static [&'static str] = match officers {
            ["officer-a", "officer-d"] => &["officer-a", "officer-d", "witness"],
            _ => panic!("no closers for {officers:?}"),
        };
        self.intermediate(&Tricks { approvers: officers, authorisers: officers, closers, ..HONEST })
    }

    /// A complete third ceremony: the intermediate is revoked.
    pub(crate) fn revocation(&mut self, tricks: &Tricks) -> PathBuf {
        let issuer = self.root_from_the_ledger();
        let entry = CrlEntry {
            serial: serial(2),
            at: instant("2026-12-01T09:30:00Z"),
            reason: ReasonCode::KeyCompromise,
        };
        let number = self.ordinal + 1;
        let steps = vec![
            (
                "revoke-istio",
                Action::Revoke {
                    issuer: issuer.clone(),
                    certificate: "ledger:istio".to_owned(),
                    entry: entry.clone(),
                },
            ),
            ("crl", crl(issuer, number, vec![entry])),
        ];
        self.hold("revoke", steps, BTreeMap::new(), tricks)
    }

    /// The roster after officer-c left and officer-d joined.
    pub(crate) fn next_roster(&self) -> Vec<u8> {
        roster_of(Environment::Lab, self.people.iter().filter(|(person, ..)| person.as_str() != "officer-c"))
    }

    /// A complete ceremony in which officer-d takes the place of officer-c, and everybody gets a new share.
    pub(crate) fn resharing(&mut self, tricks: &Tricks) -> PathBuf {
        let incoming = self.next_roster();
        let steps = vec![
            (
                "people",
                Action::ChangeRoster {
                    roster: FileRef::of(file_name("people.roster.toml"), &incoming),
                    joins: vec![name("officer-d")],
                    leaves: vec![name("officer-c")],
                    new_keys: Vec::new(),
                },
            ),
            (
                "new-shares",
                Action::Reshare {
                    set: ShareSetName::Operate,
                    from: vec![1],
                    to: Shares::New {
                        set: ShareSetName::Operate,
                        epoch: 2,
                        threshold: 2,
                        holders: ["officer-a", "officer-b", "officer-d"].map(name).to_vec(),
                    },
                    tokens: vec![name("primary")],
                },
            ),
        ];
        let inputs = BTreeMap::from([("people.roster.toml".to_owned(), incoming)]);
        self.hold("reshare", steps, inputs, tricks)
    }

    /// A complete ceremony in which the root certifies another organisation's, issues its last CRL, and its key is destroyed.
    pub(crate) fn retirement(&mut self, tricks: &Tricks) -> PathBuf {
        let partner = foreign_root();
        let (parsed, issuer) = (Certificate::from_pem(&partner).unwrap(), self.root_from_the_ledger());
        let IssuerRef::Ledger { key, .. } = &issuer else { panic!("an issuer of the ledger") };
        let key = key.clone();
        let log = fs::read(self.authority().join("0001-genesis/log.jsonl")).unwrap();
        let key_id = Log::parse(&log).unwrap().records().find_map(|record| match &record.event {
            Event::OperationIntent(OperationIntent {
                call: Call::GenerateKeyPair { key_id, .. }, ..
            }) => Some(key_id.clone()),
            _ => None,
        });
        let cross = Action::CrossSign {
            issuer: issuer.clone(),
            certificate: CertifiedRef::Input {
                certificate: FileRef::of(file_name("partner.certified.pem"), &partner),
                spki_sha256: parsed.public_key().sha256(),
            },
            csr: None,
            extensions: CertificateExtensions { path_length: Some(0), ..CertificateExtensions::default() },
            subject: subject("Partner Root"),
            serial: serial(2),
            validity: window("2026-12-01T00:00:00Z", "2040-11-30T23:59:59Z"),
            tbs_sha256: None,
        };
        let steps = vec![
            ("partner", cross),
            ("crl", crl(issuer, 2, Vec::new())),
            ("gone", Action::DestroyKey { key, key_id: key_id.unwrap() }),
        ];
        let inputs = BTreeMap::from([("partner.certified.pem".to_owned(), partner)]);
        self.hold("retire", steps, inputs, tricks)
    }

    fn root_from_the_ledger(&self) -> IssuerRef {
        let certificate = fs::read(self.root_file()).unwrap();
        let adopted = self.root_file().ends_with("old-root.crt.pem");
        let (root, key) = if adopted { ("old-root", "old-root") } else { ("root", "root-key") };
        IssuerRef::Ledger {
            ordinal: 1,
            id: name(root),
            certificate: FileRef::of(file_name("issuer.root.crt.pem"), &certificate),
            key: KeyRef::Ledger {
                ordinal: 1,
                id: name(key),
                token: name("primary"),
                spki_sha256: Digest::of(&spki(&self.root)),
            },
        }
    }

    /// The root certificate of the first ceremony, made or adopted.
    fn root_file(&self) -> PathBuf {
        let adopted = self.authority().join("0001-adoption/artifacts/old-root.crt.pem");
        let made = self.authority().join("0001-genesis/artifacts/root.crt.pem");
        if adopted.exists() { adopted } else { made }
    }

    fn hold(
        &mut self,
        slug: &str,
        steps: Vec<(&str, Action)>,
        mut inputs: Files,
        tricks: &Tricks,
    ) -> PathBuf {
        let ordinal = self.ordinal + 1;
        if ordinal > 1 {
            inputs.insert("issuer.root.crt.pem".to_owned(), fs::read(self.root_file()).unwrap());
        }
        let mut plan = Plan {
            v: Plan::FORMAT.ceremony.to_owned(),
            tool: "anchorite 0.1.0".to_owned(),
            mode: Mode::Ceremony,
            authority: name("example"),
            environment: self.environment,
            trust_domain: None,
            name: name(slug),
            title: "A ceremony of the workshop".to_owned(),
            policy: None,
            place: None,
            recording: None,
            next_ceremony: None,
            ordinal,
            previous_head: self.head,
            roster_sha256: Digest::of(&self.roster),
            script_sha256: Digest::ZERO,
            window: window("2026-12-01T09:00:00Z", "2026-12-01T17:00:00Z"),
            waivers: match self.environment {
                Environment::Production => vec![Waiver {
                    rule: Rule::FewSpareShares,
                    reason: "The fifth officer joins in January.".to_owned(),
                    until: instant("2027-01-31T00:00:00Z"),
                }],
                Environment::Staging | Environment::Lab => Vec::new(),
            },
            duties: Vec::new(),
            rehearses: None,
            rehearsed_within_days: None,
            tokens: vec![name("primary")],
            inputs: inputs.iter().map(|(path, bytes)| FileRef::of(file_name(path), bytes)).collect(),
            steps: steps.into_iter().map(|(id, action)| PlannedStep { id: name(id), action }).collect(),
        };
        (tricks.plan)(&mut plan);
        let written = plan.duties.clone();
        plan.duties = witnessed::duties(&plan, written);
        (tricks.duties)(&mut plan.duties);
        let mut script = script::of(&plan);
        (tricks.script)(&mut script);
        let script = script.into_bytes();
        plan.script_sha256 = Digest::of(&script);
        let mut carried_out = plan.clone();
        (tricks.carried_out)(&mut carried_out);
        let tbs = self.every_tbs(&carried_out, &inputs);
        let open: Vec<Name> = match ordinal {
            1 => tbs.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for step in plan.steps.iter_mut().filter(|step| !open.contains(&step.id)) {
            let known = tbs.get(&step.id).map(|bytes| Digest::of(bytes));
            match &mut step.action {
                Action::SelfSign { tbs_sha256, .. }
                | Action::SignIntermediate { tbs_sha256, .. }
                | Action::CrossSign { tbs_sha256, .. }
                | Action::IssueCrl { tbs_sha256, .. } => *tbs_sha256 = known,
                _ => {}
            }
        }

        let binding = self.binding(&plan);
        let mut files = Files::from([
            ("SPEC.md".to_owned(), b"The format of this record.\n".to_vec()),
            ("README-VERIFY.txt".to_owned(), b"How to check this record.\n".to_vec()),
            ("artifacts/plan.json".to_owned(), plan.encode().unwrap()),
            ("artifacts/ceremony.toml".to_owned(), script.clone()),
            ("artifacts/roster.toml".to_owned(), self.roster.clone()),
            ("artifacts/binding.toml".to_owned(), binding.clone()),
        ]);
        files.extend(inputs.into_iter().map(|(path, bytes)| (format!("artifacts/{path}"), bytes)));
        for (step, bytes) in tbs.iter().filter(|(step, _)| !open.contains(step)) {
            files.insert(format!("artifacts/{step}.tbs.der"), bytes.clone());
        }
        self.approve(&plan, &binding, tricks, &mut files);
        (tricks.staged)(&mut files);

        let mut opened = self.opened(&plan, &files);
        (tricks.opened)(&mut opened);
        let mut items = self.items(&plan, &opened, &tbs, &open);
        (tricks.items)(&mut items);
        items.iter_mut().flatten().for_each(tricks.event);
        items.retain(|item| !item.as_ref().is_some_and(tricks.without));
        self.write(&opened, items, &tbs, files, tricks)
    }
}

/// Another organisation's root.
fn foreign_root() -> Vec<u8> {
    let key = SigningKey::from_slice(&[55; 32]).unwrap();
    let (public, name) = (PublicKey::from_spki(&spki(&key)).unwrap(), subject("Partner Root"));
    let name = DistinguishedName::from_der(&name.der.0).unwrap();
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let template = CertificateTemplate {
        serial: &serial(5),
        issuer: &name,
        validity: window("2024-01-01T00:00:00Z", "2040-12-31T23:59:59Z"),
        subject: &name,
        public_key: &public,
        profile: Profile::Root,
        extensions: &CertificateExtensions { path_length: Some(0), ..CertificateExtensions::default() },
        authority_key_identifier: public.key_identifier(),
        signature_algorithm: algorithm,
    };
    let tbs = template.to_tbs().unwrap();
    let signature: p256::ecdsa::DerSignature = key.sign(&tbs);
    let der = anchorite::pki::assemble(&tbs, algorithm, signature.as_bytes()).unwrap();
    Certificate::from_der(&der).unwrap().to_pem().into_bytes()
}

fn crl(issuer: IssuerRef, number: u64, entries: Vec<CrlEntry>) -> Action {
    Action::IssueCrl {
        issuer,
        number,
        this_update: instant("2026-12-01T09:30:00Z"),
        next_update: instant("2027-06-01T09:30:00Z"),
        embargo: None,
        issuing_distribution_point: Vec::new(),
        entries,
        tbs_sha256: None,
    }
}

/// The wall clock of record `n`.
pub(crate) fn time_of(n: u64) -> Instant {
    let start = instant("2026-12-01T09:31:00Z").unix_seconds();
    Instant::from_unix_seconds(start + 10 * i64::try_from(n).unwrap()).unwrap()
}

/// Everything that a plan can add to a certificate: both verifiers have to read all of it.
fn every_extension() -> CertificateExtensions {
    let lists = |dns: &str, ip: &[&str], uri: &[&str]| Subtrees {
        dns: vec![dns.parse().unwrap()],
        ip: ip.iter().map(|range| range.parse().unwrap()).collect(),
        uri: uri.iter().map(|host| host.parse().unwrap()).collect(),
        directory: vec![subject("Example")],
    };
    CertificateExtensions {
        path_length: Some(0),
        extended_key_usage: vec![KeyPurpose::ServerAuth, KeyPurpose::ClientAuth],
        name_constraints: Some(NameConstraints {
            critical: true,
            permitted: lists(
                "example.org",
                &["10.0.0.0/9", "2001:db8::/32"],
                &["example.org", ".example.org"],
            ),
            excluded: lists("a.example.org", &["0.0.0.0/0"], &[]),
        }),
        policies: vec!["1.3.6.1.4.1.32473.1".parse().unwrap(), "2.16.4294967295".parse().unwrap()],
        crl_distribution_points: vec![
            "http://pki.example.org/root.crl".parse().unwrap(),
            format!("http://pki.example.org:8080/{}", "a".repeat(200)).parse().unwrap(),
        ],
        authority_information_access: vec!["http://pki.example.org/root.cer".parse().unwrap()],
        spiffe_id: Some("spiffe://example.org".parse().unwrap()),
    }
}
