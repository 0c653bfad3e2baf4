//! Every format that is hashed or signed, in both modes: each reader takes its own and refuses the other.

use anchorite::format::*;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn instant() -> Instant {
    Instant::parse("2026-12-01T09:00:00Z").unwrap()
}

fn plan(mode: Mode) -> Plan {
    Plan {
        v: Plan::FORMAT.of(mode).to_owned(),
        tool: "anchorite 0.1.0".to_owned(),
        mode,
        authority: name("example"),
        environment: Environment::Lab,
        trust_domain: None,
        name: name("genesis"),
        title: "A genesis".to_owned(),
        policy: None,
        place: None,
        recording: None,
        next_ceremony: None,
        ordinal: 1,
        previous_head: Digest::ZERO,
        roster_sha256: Digest::of(b"roster"),
        script_sha256: Digest::of(b"script"),
        window: Window { from: instant(), to: instant() },
        waivers: Vec::new(),
        duties: Vec::new(),
        rehearses: (mode == Mode::Rehearsal).then(|| Rehearses {
            plan_sha256: Digest::of(b"plan"),
            roster_sha256: Digest::of(b"roster of the ceremony"),
            forbidden_tokens: Vec::new(),
            drills: vec![Drill { kind: DrillKind::WrongToken, step: None }],
        }),
        rehearsed_within_days: None,
        tokens: Vec::new(),
        inputs: Vec::new(),
        steps: Vec::new(),
    }
}

fn log(mode: Mode) -> Vec<u8> {
    let opened = Opened {
        tool: "anchorite 0.1.0".to_owned(),
        authority: name("example"),
        environment: Environment::Lab,
        mode,
        name: name("genesis"),
        ordinal: 1,
        previous_head: Digest::ZERO,
        rehearsal: None,
        plan_sha256: Digest::of(b"plan"),
        roster_sha256: Digest::of(b"roster"),
        script_sha256: Digest::of(b"script"),
        binding_sha256: Digest::of(b"binding"),
        nonce: Hex(vec![1; 32]),
        token_nonce: None,
        operator: OperatorKind::Scripted,
        place: None,
        recording: None,
        host: HostState {
            core_dumps_off: Protection::Done {},
            memory_locked: Protection::Done {},
            swap: None,
            ptrace_scope: None,
            hibernation: None,
        },
        machine: Machine::default(),
        present: Vec::new(),
        staged: Vec::new(),
    };
    let cer = opened.ceremony_id();
    let record = |n, prev, event| {
        let v = Record::FORMAT.of(mode).to_owned();
        Record { v, cer, n, prev, t: instant(), mono: n, event }.encode().unwrap()
    };
    let first = record(0, Digest::ZERO, Event::Opened(opened));
    let second = record(1, Digest::of(&first), Event::StepDone { step: name("root") });
    [first, second].concat()
}

fn roster(mode: Mode) -> Vec<u8> {
    let person = |name: &str, role: &str, shares: &str| {
        let key = Base64(name.as_bytes().to_vec());
        format!(
            "[[person]]\nname = \"{name}\"\nroles = [\"{role}\"]\nalgorithm = \"ed25519\"\npublic-key = \"{key}\"\n\
             shares = [{shares}]\n"
        )
    };
    format!(
        "format = \"{}\"\nauthority = \"example\"\nenvironment = \"lab\"\n\
         [thresholds]\napprove = 1\nunlock = 2\nclose = 1\n{}{}{}",
        Roster::FORMAT.of(mode),
        person("officer-a", "officer", "\"operate\""),
        person("officer-b", "officer", "\"operate\""),
        person("witness", "witness", ""),
    )
    .into_bytes()
}

fn binding(mode: Mode) -> Vec<u8> {
    format!(
        "format = \"{}\"\n[module]\npath = \"/m.so\"\nsha256 = \"{}\"\n[[token]]\nname = \"primary\"\n\
         profile = \"softhsm\"\nblank = true\n",
        Binding::FORMAT.of(mode),
        Digest::of(b"m")
    )
    .into_bytes()
}

fn signer() -> Signer {
    Signer {
        name: name("officer-a"),
        role: Role::Officer,
        spki_sha256: Digest::of(b"key"),
        algorithm: StatementAlgorithm::Ed25519,
        time: instant(),
    }
}

fn statements(mode: Mode) -> [Statement; 2] {
    let digest = Digest::of(b"digest");
    [
        Statement::Approval(Approval {
            plan_sha256: digest,
            authority: name("example"),
            environment: Environment::Lab,
            mode,
            ordinal: 1,
            previous_head: Digest::ZERO,
            roster_sha256: digest,
            binding_sha256: digest,
            tokens: vec![(name("primary"), TokenAddress::Blank)],
            window: Window { from: instant(), to: instant() },
            signer: signer(),
        }),
        Statement::Seal(Seal {
            kind: SealKind::Close,
            ceremony: digest,
            mode,
            outcome: Outcome::Complete,
            covered: Covered::of(b"{}\n"),
            plan_sha256: digest,
            roster_sha256: digest,
            tbs: Vec::new(),
            keys: Vec::new(),
            signer: signer(),
        }),
    ]
}

/// What a reader says of bytes, when it does not take them.
type Reader = fn(&[u8], Mode) -> Result<(), String>;
/// A format by its name, its bytes in a mode, and its reader.
type Format = (&'static str, fn(Mode) -> Vec<u8>, Reader);

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

const FORMATS: [Format; 4] = [
    (
        "plan",
        |mode| plan(mode).encode().unwrap(),
        |bytes, mode| Plan::parse_in(bytes, mode).map(drop).map_err(said),
    ),
    ("log", log, |bytes, mode| Log::parse_in(bytes, mode).map(drop).map_err(said)),
    ("roster", roster, |bytes, mode| Roster::parse_in(bytes, mode).map(drop).map_err(said)),
    ("binding", binding, |bytes, mode| Binding::parse_in(bytes, mode).map(drop).map_err(said)),
];

const BOTH: [(Mode, &str); 2] = [
    (Mode::Ceremony, "this is of a rehearsal, which is never a ceremony nor evidence of one"),
    (Mode::Rehearsal, "this is of a ceremony, and only what is of a rehearsal is read here"),
];

fn other(mode: Mode) -> Mode {
    match mode {
        Mode::Ceremony => Mode::Rehearsal,
        Mode::Rehearsal => Mode::Ceremony,
    }
}

#[test]
fn each_reader_takes_its_own_and_refuses_the_other_clearly() {
    for (format, write, read) in FORMATS {
        for (mode, told) in BOTH {
            assert_eq!(read(&write(mode), mode), Ok(()), "{format} of a {mode}");
            let refusal = read(&write(other(mode)), mode).expect_err(format);
            assert!(refusal.contains(told), "{format} of a {}: {refusal}", other(mode));
        }
    }
}

#[test]
fn the_first_words_alone_do_not_make_one_the_other() {
    for (format, write, read) in FORMATS {
        for mode in [Mode::Ceremony, Mode::Rehearsal] {
            let text = String::from_utf8(write(other(mode))).unwrap();
            let words = |mode| match mode {
                Mode::Ceremony => format!("\"anchorite-{format}/v1\""),
                Mode::Rehearsal => format!("\"anchorite-rehearsal-{format}/v1\""),
            };
            assert!(text.contains(&words(other(mode))), "{format}: {text}");
            let renamed = text.replace(&words(other(mode)), &words(mode));
            match format {
                // They say nothing of themselves but their first words; their digests are in what says more.
                "roster" | "binding" => assert_eq!(read(renamed.as_bytes(), mode), Ok(())),
                _ => assert!(read(renamed.as_bytes(), mode).is_err(), "{format} of a {}", other(mode)),
            }
        }
    }
}

#[test]
fn a_statement_says_its_mode_twice_and_alike() {
    for (number, kind) in ["approval", "seal"].into_iter().enumerate() {
        for mode in [Mode::Ceremony, Mode::Rehearsal] {
            let statement = statements(mode)[number].clone();
            let text = statement.to_string();
            assert_eq!(Statement::parse(text.as_bytes()), Ok(statement));
            let first = match mode {
                Mode::Ceremony => format!("anchorite-{kind}/v1"),
                Mode::Rehearsal => format!("anchorite-rehearsal-{kind}/v1"),
            };
            assert_eq!(text.lines().next(), Some(first.as_str()));
            let other_line = text.replace(&format!("mode: {mode}"), &format!("mode: {}", other(mode)));
            assert!(Statement::parse(other_line.as_bytes()).is_err(), "{other_line}");
        }
    }
}

#[test]
fn a_rehearsal_has_another_identifier_than_the_same_ceremony() {
    let of = |mode| {
        let log = Log::parse_in(&log(mode), mode).unwrap();
        log.opened().map(Opened::ceremony_id)
    };
    assert_ne!(of(Mode::Ceremony), of(Mode::Rehearsal));
}

#[test]
fn one_line_of_the_other_mode_breaks_a_log() {
    for mode in [Mode::Ceremony, Mode::Rehearsal] {
        let text = String::from_utf8(log(mode)).unwrap();
        let last = text.lines().next_back().unwrap();
        let swapped = last.replace(Record::FORMAT.of(mode), Record::FORMAT.of(other(mode)));
        assert_ne!(last, swapped);
        let mixed = text.replace(last, &swapped);
        assert!(Log::parse_in(mixed.as_bytes(), mode).is_err(), "{mixed}");
    }
}
