use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anchorite::format::{
    Action, Base64, Binding, Digest, Environment, Instant, Mode, Plan, PlannedStep, Role, Roster, Statement,
    Window,
};
use tempfile::TempDir;

pub(super) const PASSPHRASE: &str = "correct horse battery staple";

/// A directory with three people's keys, their roster, a binding and the plan of a genesis.
pub(super) struct Lab {
    pub(super) directory: TempDir,
}

pub(super) const PEOPLE: [(&str, &str); 3] =
    [("officer-a", "officer"), ("officer-b", "officer"), ("witness", "witness")];

impl Lab {
    /// Only the passphrase file.
    pub(super) fn empty() -> Self {
        let lab = Self { directory: TempDir::new().unwrap() };
        lab.write("passphrase", PASSPHRASE.as_bytes(), 0o600);
        lab
    }

    pub(super) fn new() -> Self {
        let lab = Self::empty();
        let mut roster = "format = \"anchorite-roster/v1\"\nauthority = \"example\"\nenvironment = \"lab\"\n\
                          [thresholds]\napprove = 2\nunlock = 2\nclose = 2\n"
            .to_owned();
        for (name, role) in PEOPLE {
            let key = format!("{name}.pem");
            let made = lab.anchorite(&[
                "officer",
                "new",
                name,
                "--role",
                role,
                "-o",
                &key,
                "--passphrase-file",
                "passphrase",
            ]);
            assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
            roster.push_str(&text(&made.stdout));
        }
        lab.write("roster.toml", roster.as_bytes(), 0o644);
        let binding = format!(
            "format = \"anchorite-binding/v1\"\n[module]\npath = \"/module.so\"\nsha256 = \"{}\"\n\
             [[token]]\nname = \"primary\"\nblank = true\nprofile = \"softhsm\"\n",
            Digest::of(b"module")
        );
        lab.write("binding.toml", binding.as_bytes(), 0o644);
        fs::create_dir(lab.path("plan")).unwrap();
        lab.write_plan(|_| ());
        lab
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8], mode: u32) {
        fs::write(self.path(name), bytes).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Everything in the directory and below, sorted.
    pub(super) fn listing(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.directory.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path.clone());
                }
                found.push(path);
            }
        }
        found.sort();
        found
    }

    pub(super) fn anchorite(&self, arguments: &[&str]) -> Output {
        self.run(env!("CARGO_BIN_EXE_anchorite"), arguments)
    }

    pub(super) fn openssl(&self, arguments: &[&str]) -> Output {
        self.run("openssl", arguments)
    }

    /// Runs openssl with words apart by spaces, which must succeed; answers with standard output.
    #[track_caller]
    pub(super) fn openssl_ok(&self, arguments: &str) -> Vec<u8> {
        let ran = self.openssl(&arguments.split_whitespace().collect::<Vec<_>>());
        assert!(ran.status.success(), "openssl {arguments}: {}", text(&ran.stderr));
        ran.stdout
    }

    /// Puts the key in `public.pem` in the place of the first person's, and writes `s.txt` for them to sign.
    pub(super) fn first_person_has(&self, algorithm: &str) {
        let der = self.openssl_ok("pkey -pubin -in public.pem -outform DER");
        let first = self.roster().people[0].clone();
        let roster = text(&self.read("roster.toml"))
            .replace(&first.public_key.to_string(), &Base64(der).to_string())
            .replacen(&first.algorithm.to_string(), algorithm, 1);
        self.write("roster.toml", roster.as_bytes(), 0o644);
        self.write_plan(|_| ());
        self.write_statement("s.txt", "officer-a");
    }

    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> Output {
        // A session of its own has no terminal, whoever runs the tests.
        let output = Command::new("setsid")
            .arg("--wait")
            .arg(program)
            .args(arguments)
            .current_dir(self.directory.path())
            .output();
        output.unwrap_or_else(|error| panic!("setsid {program}: {error}; install util-linux and openssl"))
    }

    /// Runs anchorite on a terminal; each step is (what is shown, what is then typed, hidden or shown).
    pub(super) fn on_terminal(&self, steps: &[(&str, &str, &str)], arguments: &[&str]) -> Played {
        let output = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/terminal.py"))
            .arg(serde_json::to_string(steps).unwrap())
            .arg(env!("CARGO_BIN_EXE_anchorite"))
            .args(arguments)
            .current_dir(self.directory.path())
            .output()
            .unwrap_or_else(|error| panic!("python3: {error}; install python3"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(super) fn roster(&self) -> Roster {
        Roster::parse(&self.read("roster.toml")).unwrap()
    }

    pub(super) fn binding(&self) -> Binding {
        Binding::parse(&self.read("binding.toml")).unwrap()
    }

    pub(super) fn write_plan(&self, change: impl FnOnce(&mut Plan)) {
        let roster = self.roster();
        let mut plan = Plan {
            v: Plan::FORMAT.ceremony.to_owned(),
            tool: "test".to_owned(),
            mode: Mode::Ceremony,
            authority: roster.authority.clone(),
            environment: Environment::Lab,
            trust_domain: None,
            name: "genesis".parse().unwrap(),
            title: "Genesis\u{202e} of a lab".to_owned(),
            policy: None,
            place: None,
            recording: None,
            next_ceremony: None,
            ordinal: 1,
            previous_head: Digest::ZERO,
            roster_sha256: roster.sha256,
            script_sha256: Digest::of(b"script"),
            window: Window { from: Instant::EPOCH, to: Instant::parse("2099-12-31T23:59:59Z").unwrap() },
            waivers: Vec::new(),
            duties: Vec::new(),
            rehearses: None,
            rehearsed_within_days: None,
            tokens: vec!["primary".parse().unwrap()],
            inputs: Vec::new(),
            steps: vec![PlannedStep {
                id: "all-well".parse().unwrap(),
                action: Action::Confirm {
                    by: Role::Witness,
                    text: "All is well.".to_owned(),
                    discharges: None,
                },
            }],
        };
        change(&mut plan);
        self.write("plan/plan.json", &plan.encode().unwrap(), 0o644);
    }

    /// `anchorite officer sign --plan` as that person, without a terminal.
    pub(super) fn approve_as(&self, name: &str, key: &str) -> Output {
        self.anchorite(&[
            "officer",
            "sign",
            "--plan",
            "plan",
            "--binding",
            "binding.toml",
            "--roster",
            "roster.toml",
            "--as",
            name,
            "-o",
            "approvals",
            "--key",
            key,
            "--passphrase-file",
            "passphrase",
            "--yes",
        ])
    }

    /// The approval that this person would sign, as a file.
    pub(super) fn write_statement(&self, file: &str, person: &str) -> Statement {
        let (roster, binding) = (self.roster(), self.binding());
        let plan = self.read("plan/plan.json");
        let name = person.parse().unwrap();
        let made = anchorite::officer::approval(
            Mode::Ceremony,
            &plan,
            &binding,
            &roster,
            None,
            &name,
            Instant::EPOCH,
        );
        let (_, statement) = made.unwrap();
        self.write(file, &statement.encode(), 0o644);
        statement
    }

    pub(super) fn sign(&self, statement: &str, key: &str, passphrase_file: &str) -> Output {
        self.anchorite(&[
            "officer",
            "sign",
            statement,
            "--key",
            key,
            "--passphrase-file",
            passphrase_file,
            "--yes",
        ])
    }
}

/// How openssl alone makes a key of each algorithm and signs and verifies with it, after `openssl`; `KEY`, `PUBLIC`,
/// `TEXT` and `SIGNATURE` stand for the files.
pub(super) struct Algorithm {
    pub(super) name: &'static str,
    pub(super) make: &'static str,
    pub(super) sign: &'static str,
    pub(super) verify: &'static str,
}

pub(super) const ALGORITHMS: [Algorithm; 4] = [
    Algorithm {
        name: "ecdsa-p256-sha256",
        make: "EC -pkeyopt ec_paramgen_curve:P-256",
        sign: "dgst -sha256 -sign KEY -passin file:passphrase -out SIGNATURE TEXT",
        verify: "dgst -sha256 -verify PUBLIC -signature SIGNATURE TEXT",
    },
    Algorithm {
        name: "ecdsa-p384-sha384",
        make: "EC -pkeyopt ec_paramgen_curve:P-384",
        sign: "dgst -sha384 -sign KEY -passin file:passphrase -out SIGNATURE TEXT",
        verify: "dgst -sha384 -verify PUBLIC -signature SIGNATURE TEXT",
    },
    Algorithm {
        name: "rsa-pss-sha256",
        make: "RSA -pkeyopt rsa_keygen_bits:3072",
        sign: "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign KEY -passin \
               file:passphrase -out SIGNATURE TEXT",
        verify: "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify PUBLIC -signature \
                 SIGNATURE TEXT",
    },
    Algorithm {
        name: "ed25519",
        make: "ED25519",
        sign: "pkeyutl -sign -inkey KEY -passin file:passphrase -rawin -in TEXT -out SIGNATURE",
        verify: "pkeyutl -verify -pubin -inkey PUBLIC -rawin -in TEXT -sigfile SIGNATURE",
    },
];

impl Algorithm {
    /// Has openssl make `KEY` and `PUBLIC`.
    #[track_caller]
    pub(super) fn make_key(&self, lab: &Lab) {
        lab.openssl_ok(&format!(
            "genpkey -algorithm {} -aes256 -pass file:passphrase -out own.pem",
            self.make
        ));
        lab.openssl_ok("pkey -in own.pem -passin file:passphrase -pubout -out public.pem");
    }

    /// One of the commands, with the files of [`Algorithm::make_key`], `s.txt` and `s.sig`.
    pub(super) fn command(command: &str) -> String {
        command
            .replace("KEY", "own.pem")
            .replace("PUBLIC", "public.pem")
            .replace("TEXT", "s.txt")
            .replace("SIGNATURE", "s.sig")
    }
}

/// What the person at the terminal saw.
#[derive(serde::Deserialize)]
pub(super) struct Played {
    pub(super) exit: i32,
    pub(super) shown: String,
    pub(super) echo: bool,
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(super) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
