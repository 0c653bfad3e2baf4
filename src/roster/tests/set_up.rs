//! A lab authority with three officers, a witness, an operator and an auditor, all with keys made here.

use p256::pkcs8::EncodePublicKey as _;
use signature::Signer as _;

use crate::format::{
    Action, Approval, Base64, Binding, CertificateExtensions, Digest, Environment, FileName, Hex, HostState,
    Instant, IssuerRef, KeyAlgorithm, KeyRef, Machine, Mode, Name, Opened, OperatorKind, Plan, PlannedStep,
    Profile, Protection, Role, Roster, SerialNumber, Signer, Statement, StatementAlgorithm, Subject,
    TokenAddress, Window,
};
use crate::roster::Context;

pub(super) type Signed = (Vec<u8>, Vec<u8>);

pub(super) const PEOPLE: [(&str, &str); 6] = [
    ("officer-a", "\"officer\""),
    ("officer-b", "\"officer\""),
    ("officer-c", "\"officer\", \"witness\", \"administrator\""),
    ("witness", "\"witness\""),
    ("operator", "\"operator\""),
    ("auditor", "\"auditor\""),
];

/// Everything an approval is about.
pub(super) struct Room {
    pub(super) roster: Roster,
    pub(super) binding: Binding,
    pub(super) plan: Plan,
    pub(super) plan_bytes: Vec<u8>,
}

pub(super) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(super) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(super) fn now() -> Instant {
    instant("2026-12-01T12:00:00Z")
}

/// The key of a person: P-384 for the auditor, P-256 for everybody else.
pub(super) enum Key {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

pub(super) fn key(person: &str) -> Key {
    let seed = Digest::of(person.as_bytes());
    if person == "auditor" {
        let mut scalar = [1; 48];
        scalar[16..].copy_from_slice(seed.as_bytes());
        return Key::P384(p384::ecdsa::SigningKey::from_slice(&scalar).unwrap());
    }
    Key::P256(p256::ecdsa::SigningKey::from_slice(seed.as_bytes()).unwrap())
}

impl Key {
    pub(super) fn spki(&self) -> Vec<u8> {
        let document = match self {
            Self::P256(key) => key.verifying_key().to_public_key_der(),
            Self::P384(key) => key.verifying_key().to_public_key_der(),
        };
        document.unwrap().into_vec()
    }

    pub(super) fn algorithm(&self) -> StatementAlgorithm {
        match self {
            Self::P256(_) => StatementAlgorithm::EcdsaP256Sha256,
            Self::P384(_) => StatementAlgorithm::EcdsaP384Sha384,
        }
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(bytes);
                signature.to_der().as_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(bytes);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }
}

pub(super) fn roster_text(environment: &str) -> String {
    roster_of(environment, &PEOPLE)
}

/// Every officer holds a share.
pub(super) fn roster_of(environment: &str, people: &[(&str, &str)]) -> String {
    let mut text = format!(
        "format = \"anchorite-roster/v1\"\nauthority = \"example\"\nenvironment = \"{environment}\"\n\
         [thresholds]\napprove = 2\nunlock = 2\nclose = 2\n"
    );
    for (person, roles) in people {
        let key = key(person);
        let shares = if roles.contains("officer") { "\"operate\"" } else { "" };
        text.push_str(&format!(
            "[[person]]\nname = \"{person}\"\nroles = [{roles}]\nalgorithm = \"{}\"\npublic-key = \"{}\"\nkey-storage = \"hardware\"\n\
             shares = [{shares}]\n",
            key.algorithm(),
            Base64(key.spki()),
        ));
    }
    text
}

/// `officer-b` may act for `officer-a`.
pub(super) fn roster_with_a_deputy() -> Roster {
    let text = roster_text("lab");
    let deputy = "name = \"officer-b\"\n";
    Roster::parse(text.replace(deputy, &format!("{deputy}deputy-for = \"officer-a\"\n")).as_bytes()).unwrap()
}

pub(super) fn roster() -> Roster {
    Roster::parse(roster_text("lab").as_bytes()).unwrap()
}

pub(super) fn binding() -> Binding {
    let text = format!(
        "format = \"anchorite-binding/v1\"\n[module]\npath = \"/module.so\"\nsha256 = \"{}\"\n\
         [[token]]\nname = \"primary\"\nserial = \"0123456789abcdef\"\nprofile = \"softhsm\"\n\
         [[token]]\nname = \"spare\"\nblank = true\nprofile = \"softhsm\"\n",
        Digest::of(b"module")
    );
    Binding::parse(text.as_bytes()).unwrap()
}

pub(super) const ROOT_TBS: &[u8] = b"TBS of a root whose key the plan knows";

/// A plan for the second ceremony: one TBS is fixed (`again`), two are not (`root`, `crl`).
pub(super) fn plan(roster: &Roster) -> Plan {
    let window = Window { from: instant("2026-12-01T09:00:00Z"), to: instant("2026-12-01T17:00:00Z") };
    let subject = Subject { der: Hex(vec![0x30, 0]), text: "CN=Root".to_owned() };
    let self_sign = |tbs_sha256| Action::SelfSign {
        key: KeyRef::Step { id: name("key") },
        profile: Profile::Root,
        extensions: CertificateExtensions::default(),
        subject: subject.clone(),
        serial: SerialNumber::from_random([1; 16]),
        validity: window,
        tbs_sha256,
    };
    let crl = Action::IssueCrl {
        issuer: IssuerRef::Step { id: name("root") },
        number: 1,
        this_update: window.from,
        next_update: window.to,
        embargo: None,
        issuing_distribution_point: Vec::new(),
        entries: Vec::new(),
        tbs_sha256: None,
    };
    let generate = Action::GenerateKey {
        token: name("primary"),
        algorithm: KeyAlgorithm::EcdsaP256,
        label: "root".to_owned(),
    };
    let steps = [
        ("key", generate),
        ("root", self_sign(None)),
        ("crl", crl),
        ("again", self_sign(Some(Digest::of(ROOT_TBS)))),
    ];
    Plan {
        v: Plan::FORMAT.ceremony.to_owned(),
        tool: "test".to_owned(),
        mode: Mode::Ceremony,
        authority: name("example"),
        environment: Environment::Lab,
        trust_domain: None,
        name: name("second"),
        title: "Second".to_owned(),
        policy: None,
        place: None,
        recording: None,
        next_ceremony: None,
        ordinal: 2,
        previous_head: Digest::of(b"head of the first"),
        roster_sha256: roster.sha256,
        script_sha256: Digest::of(b"script"),
        window,
        waivers: Vec::new(),
        duties: Vec::new(),
        rehearses: None,
        rehearsed_within_days: None,
        tokens: vec![name("primary")],
        inputs: Vec::new(),
        steps: steps.map(|(id, action)| PlannedStep { id: name(id), action }).into(),
    }
}

impl Room {
    pub(super) fn new() -> Self {
        Self::with(roster(), |_| ())
    }

    pub(super) fn genesis() -> Self {
        Self::with(roster(), |plan| {
            plan.ordinal = 1;
            plan.previous_head = Digest::ZERO;
        })
    }

    pub(super) fn with(roster: Roster, change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = plan(&roster);
        change(&mut plan);
        Self { roster, binding: binding(), plan_bytes: plan.encode().unwrap(), plan }
    }

    /// A run of ceremony 2, or of the genesis where the plan is one: what the run knows, not what the plan says.
    pub(super) fn context(&self) -> Context<'_> {
        let genesis = self.plan.ordinal == 1;
        Context {
            mode: Mode::Ceremony,
            incoming: None,
            roster: &self.roster,
            plan_bytes: &self.plan_bytes,
            binding: &self.binding,
            ordinal: if genesis { 1 } else { 2 },
            previous_head: if genesis { Digest::ZERO } else { Digest::of(b"head of the first") },
        }
    }

    pub(super) fn approval(&self, person: &str, role: Role) -> Approval {
        let tokens = self.binding.tokens.iter();
        Approval {
            plan_sha256: Digest::of(&self.plan_bytes),
            authority: self.plan.authority.clone(),
            environment: self.plan.environment,
            mode: self.plan.mode,
            ordinal: self.plan.ordinal,
            previous_head: self.plan.previous_head,
            roster_sha256: self.plan.roster_sha256,
            binding_sha256: self.binding.sha256,
            tokens: tokens.map(|token| (token.name.clone(), token.address.clone())).collect(),
            window: self.plan.window,
            signer: signer(person, role),
        }
    }

    /// Correctly signed by that person's key.
    pub(super) fn approved_by(&self, person: &str, role: Role) -> Signed {
        signed(&Statement::Approval(self.approval(person, role)))
    }

    pub(super) fn officers(&self, people: &[&str]) -> Vec<Signed> {
        people.iter().map(|person| self.approved_by(person, Role::Officer)).collect()
    }

    pub(super) fn opened(&self) -> Opened {
        Opened {
            tool: "test".to_owned(),
            authority: self.plan.authority.clone(),
            environment: self.plan.environment,
            mode: self.plan.mode,
            name: self.plan.name.clone(),
            ordinal: self.plan.ordinal,
            previous_head: self.plan.previous_head,
            rehearsal: None,
            plan_sha256: Digest::of(&self.plan_bytes),
            roster_sha256: self.roster.sha256,
            script_sha256: self.plan.script_sha256,
            binding_sha256: self.binding.sha256,
            nonce: Hex(vec![7; 32]),
            token_nonce: None,
            operator: OperatorKind::Terminal,
            place: None,
            recording: None,
            host: HostState {
                core_dumps_off: Protection::Done {},
                memory_locked: Protection::Done {},
                swap: Some(Vec::new()),
                ptrace_scope: None,
                hibernation: None,
            },
            machine: Machine::default(),
            present: Vec::new(),
            staged: Vec::new(),
        }
    }
}

pub(super) fn signer(person: &str, role: Role) -> Signer {
    let key = key(person);
    Signer {
        name: name(person),
        role,
        spki_sha256: Digest::of(&key.spki()),
        algorithm: key.algorithm(),
        time: instant("2026-11-30T10:00:00Z"),
    }
}

/// Signed by the key of whoever the statement names.
pub(super) fn signed(statement: &Statement) -> Signed {
    let bytes = statement.encode();
    let signature = key(statement.signer().name.as_str()).sign(&bytes);
    (bytes, signature)
}

pub(super) fn serial(text: &str) -> TokenAddress {
    TokenAddress::Serial(text.to_owned())
}

pub(super) fn file(text: &str) -> FileName {
    FileName::parse(text).unwrap()
}
