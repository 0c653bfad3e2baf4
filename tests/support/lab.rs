//! A laboratory: an authority, its people and a SoftHSM in a temporary directory, driven through the program as
//! officers drive it.
//!
//! Every command runs in that directory, so that a test names files as a person would: `authority`, `roster.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use anchorite::format::Digest;
use anchorite::verify::{Anchors, Conclusion};
use serde_json::Value;
use tempfile::TempDir;

use crate::verifiers::differing;

/// Everybody on the roster.
pub(crate) const EVERYBODY: [&str; 4] = ["officer-a", "officer-b", "officer-c", "witness"];
/// As many as an ordinary ceremony takes.
pub(crate) const TWO_OFFICERS: [&str; 2] = ["officer-a", "officer-c"];

const ROSTER_HEAD: &str = include_str!("../../ceremonies/roster-head.toml");

pub(crate) struct Lab {
    directory: TempDir,
}

/// How a command ended and what it showed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    /// Standard output, then standard error.
    pub(crate) shown: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program ends by itself"),
            shown: format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }
}

impl Ran {
    /// Insists on exit code 0.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        self.ends(0, "")
    }

    /// Insists on an exit code and on what the person was told.
    #[track_caller]
    pub(crate) fn ends(self, code: i32, told: &str) -> String {
        let Self { code: found, shown } = self;
        assert_eq!(found, code, "expected exit code {code} and `{told}`:\n{shown}");
        assert!(shown.contains(told), "expected `{told}`:\n{shown}");
        shown
    }
}

impl Lab {
    /// A roster with everybody's new keys, and a token that nobody has initialised.
    pub(crate) fn blank() -> Self {
        static PEOPLE: LazyLock<Kept> = LazyLock::new(|| {
            let kept = Kept::new("people");
            let lab = Lab::at(&kept.0);
            make_people(&lab);
            copy(lab.directory.path(), &kept.0);
            kept
        });
        let lab = Self::copied(&PEOPLE.0);
        let module = module();
        lab.write_binding("blank.toml", &module, "blank = true");
        lab
    }

    /// A laboratory that held its genesis.
    pub(crate) fn after_genesis() -> Self {
        static GENESIS: LazyLock<Kept> = LazyLock::new(|| {
            let kept = Kept::new("genesis");
            let lab = Lab::blank();
            lab.hold("genesis", "blank.toml", &EVERYBODY).done();
            copy(lab.directory.path(), &kept.0);
            kept
        });
        let lab = Self::copied(&GENESIS.0);
        lab.bind_by_serial();
        lab
    }

    /// A blank laboratory of that many officers, any `threshold` of whom open the token. `roster.toml` and the answers
    /// name them and a witness, and each epoch has its own sheets: `custody/officer-a.operate-1.txt`.
    pub(crate) fn of_officers(threshold: usize, count: usize) -> Self {
        static MANY: LazyLock<Kept> = LazyLock::new(|| {
            let kept = Kept::new("many");
            let lab = Lab::at(&kept.0);
            make_many_people(&lab);
            copy(lab.directory.path(), &kept.0);
            kept
        });
        let lab = Self::copied(&MANY.0);
        let officers = officers(count);
        let people = officers.iter().map(String::as_str).chain(["witness"]);
        let entries: String = people.map(|person| lab.read(&format!("entries/{person}.toml"))).collect();
        lab.write("roster.toml", &format!("{ROSTER_HEAD}{entries}"));
        lab.edit("roster.toml", "unlock = 2", &format!("unlock = {threshold}"));
        let mut answers = "format = \"anchorite-answers/v1\"\n".to_owned();
        for officer in &officers {
            answers.push_str(&answers_of(officer));
        }
        let witness = answers_of("witness");
        let witness =
            witness.lines().filter(|line| !line.starts_with("sheet") && !line.starts_with("entropy"));
        answers.extend(witness.map(|line| format!("{line}\n")));
        lab.write("ceremonies/answers.toml", &answers);
        lab.write_binding("blank.toml", &module(), "blank = true");
        lab
    }

    /// Makes what a new person keeps in custody; answers with the roster's entry.
    pub(crate) fn new_person(&self, person: &str) -> String {
        let number = u32::from(person.bytes().last().unwrap_or_default());
        for (ending, text) in [
            ("passphrase", format!("{person} keeps passphrase no. {number}7291")),
            ("entropy", format!("{person} rolls dice {number}6251 {number}4413")),
        ] {
            self.keep(&format!("{person}.{ending}"), &format!("{text}\n"));
        }
        self.new_key(person, &format!("{person}.key.pem"))
    }

    /// Makes somebody a key in a file of custody; answers with the roster's entry.
    pub(crate) fn new_key(&self, person: &str, file: &str) -> String {
        let role = person.split('-').next().unwrap_or_default();
        let arguments = format!(
            "officer new {person} --role {role} --output custody/{file} \
             --passphrase-file custody/{person}.passphrase"
        );
        let output = self.command(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Puts a new file into custody, for its owner alone.
    pub(crate) fn keep(&self, name: &str, text: &str) {
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600);
        file.open(self.path(&format!("custody/{name}"))).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn at(directory: &Path) -> Self {
        let lab = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        copy(directory, lab.directory.path());
        lab
    }

    fn copied(directory: &Path) -> Self {
        let lab = Self::at(directory);
        copy(&repository("ceremonies"), &lab.path("ceremonies"));
        fs::create_dir_all(lab.path("softhsm/tokens")).unwrap();
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            lab.path("softhsm/tokens").display()
        );
        lab.write("softhsm/softhsm2.conf", &configuration);
        lab
    }

    /// A file of the laboratory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Changes every `from` in a file, of which there has to be one.
    #[track_caller]
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "`{from}` is not in {name}:\n{text}");
        self.write(name, &text.replace(from, to));
    }

    /// The program with these arguments, separated by spaces, ready to start.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorite"));
        command
            .args(arguments.split(' '))
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .env_remove("SOFTHSM2_CONF");
        command
    }

    /// Runs the program with these arguments, separated by spaces.
    pub(crate) fn anchorite(&self, arguments: &str) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Runs another program, which sees this laboratory's SoftHSM.
    pub(crate) fn tool(&self, program: &str, package: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .env("SOFTHSM2_CONF", self.path("softhsm/softhsm2.conf"));
        let output = command.output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}: apt-get install {package}"));
        Ran::from(output)
    }

    /// Plans `ceremonies/NAME.toml` into `plans/NAME`.
    pub(crate) fn plan(&self, name: &str) -> Ran {
        fs::create_dir_all(self.path("plans")).unwrap();
        self.anchorite(&format!(
            "plan ceremonies/{name}.toml --authority authority --roster roster.toml --output plans/{name}"
        ))
    }

    /// Has people approve `plans/NAME` for a machine.
    #[track_caller]
    pub(crate) fn approve(&self, name: &str, binding: &str, people: &[&str]) {
        for person in people {
            self.anchorite(&format!(
                "officer sign --plan plans/{name} --binding {binding} --roster roster.toml --as {person} \
                 --output approvals/{name} --key custody/{person}.key.pem \
                 --passphrase-file custody/{person}.passphrase --yes"
            ))
            .done();
        }
    }

    /// The arguments with which an approved plan is run by the answers file.
    pub(crate) fn run_arguments(name: &str, binding: &str) -> String {
        format!(
            "run plans/{name} --binding {binding} --authority authority --approvals approvals/{name} \
             --exchange exchange/{name} --answers ceremonies/answers.toml --custody custody"
        )
    }

    /// Runs an approved plan by the answers file.
    pub(crate) fn run(&self, name: &str, binding: &str) -> Ran {
        self.anchorite(&Self::run_arguments(name, binding))
    }

    /// Starts what [`Lab::run`] does.
    pub(crate) fn start(&self, name: &str, binding: &str) -> Child {
        self.command(&Self::run_arguments(name, binding))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Plans, approves and runs.
    #[track_caller]
    pub(crate) fn hold(&self, name: &str, binding: &str, people: &[&str]) -> Ran {
        self.plan(name).done();
        self.approve(name, binding, people);
        self.run(name, binding)
    }

    /// Ends the last ceremony, as the answers' officers would by hand.
    pub(crate) fn abort(&self, by: &str) -> Ran {
        let bundle = self.bundles().pop().expect("a ceremony to abort");
        let arguments = format!(
            "abort authority/{bundle} --by {by} --exchange exchange/abort --answers ceremonies/answers.toml \
             --custody custody --reason"
        );
        ran(self.command(&arguments).arg("the power failed"))
    }

    /// Collects the last ceremony's seals, from the answers' people.
    pub(crate) fn seal(&self) -> Ran {
        let bundle = self.bundles().pop().expect("a ceremony to seal");
        self.anchorite(&format!(
            "seal authority/{bundle} --exchange exchange/seal --answers ceremonies/answers.toml --custody custody"
        ))
    }

    /// The auditor's verdict, with the roster and the last head. `scripts/verify.py` says the same of every check.
    pub(crate) fn verify(&self) -> Ran {
        let head = self.head();
        let authority = self.path("authority");
        let roster = Some(self.read("roster.toml").into_bytes());
        let anchors = Anchors { roster, head: Digest::parse(&head), ..Anchors::default() };
        let (verdict, _) = anchorite::verify::authority(&authority, &anchors).unwrap();
        assert_eq!(differing(&verdict, &authority, &anchors), None);
        if verdict.conclusion == Conclusion::Pass {
            let shell = Command::new("sh")
                .arg(repository("scripts/verify.sh"))
                .arg(&authority)
                .args(["--roster", self.path("roster.toml").to_str().unwrap(), "--expect-head", &head])
                .output()
                .unwrap();
            assert!(shell.status.success(), "{}", String::from_utf8_lossy(&shell.stdout));
        }
        self.anchorite(&format!("verify authority --roster roster.toml --expect-head {head}"))
    }

    /// SHA-256 of the last record of the last ceremony, as `sha256sum` finds it.
    pub(crate) fn head(&self) -> String {
        let bundle = self.bundles().pop().expect("a ceremony");
        let log = self.read(&format!("authority/{bundle}/log.jsonl"));
        let last = log.split_inclusive('\n').rfind(|line| line.ends_with('\n'));
        sha256(last.unwrap_or_default().as_bytes())
    }

    /// The ceremonies' directories, in order.
    pub(crate) fn bundles(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("authority")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut bundles: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        bundles.sort();
        bundles
    }

    /// The records of the last ceremony.
    pub(crate) fn records(&self) -> Vec<Value> {
        let bundle = self.bundles().pop().expect("a ceremony");
        let log = self.read(&format!("authority/{bundle}/log.jsonl"));
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The body of the first record of a type in any ceremony.
    #[track_caller]
    pub(crate) fn record(&self, kind: &str) -> Value {
        let logs = self.bundles();
        let logs = logs.iter().map(|bundle| self.read(&format!("authority/{bundle}/log.jsonl")));
        let lines: Vec<String> =
            logs.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        let records = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut bodies = records.filter(|record| record["type"] == kind).map(|record| record["body"].clone());
        bodies.next().unwrap_or_else(|| panic!("no record of the type {kind}"))
    }

    /// Everything that a ceremony changes for good: the token's store and the authority, byte for byte.
    pub(crate) fn consequences(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path("softhsm/tokens"), &mut files);
        collect(&self.path("authority"), &mut files);
        files.retain(|path, _| path.file_name().is_some_and(|name| name != ".lock"));
        files
    }

    /// Writes a binding to this laboratory's token at an address.
    pub(crate) fn write_binding(&self, name: &str, module: &Path, address: &str) {
        let text = format!(
            "format = \"anchorite-binding/v1\"\n\n[module]\npath = \"{}\"\nsha256 = \"{}\"\n\n\
             [variables]\nSOFTHSM2_CONF = \"{}\"\n\n\
             [[token]]\nname = \"primary\"\n{address}\nprofile = \"softhsm\"\n",
            module.display(),
            sha256(&fs::read(module).unwrap()),
            self.path("softhsm/softhsm2.conf").display(),
        );
        self.write(name, &text);
    }

    /// Writes `hsm.toml` for the token that the record says was provisioned.
    pub(crate) fn bind_by_serial(&self) {
        let serial = self.serial();
        self.write_binding("hsm.toml", &module(), &format!("serial = \"{serial}\""));
    }

    /// The token's serial number, after it was initialised.
    pub(crate) fn serial(&self) -> String {
        let records = self.records();
        let found = records
            .iter()
            .filter(|record| record["type"] == "token.info" && record["body"]["initialised"] == true);
        found
            .map(|record| record["body"]["serial"].as_str().unwrap().to_owned())
            .next_back()
            .expect("an initialised token")
    }
}

/// What an officer does at each prompt.
pub(crate) fn answers_of(officer: &str) -> String {
    format!(
        "\n[[person]]\nname = \"{officer}\"\ntyped = \"{officer} had two eggs\"\n\
         sheet = \"{officer}.{{set}}-{{epoch}}.txt\"\nentropy = \"{officer}.entropy\"\n\
         key = \"{officer}.key.pem\"\npassphrase-file = \"{officer}.passphrase\"\n"
    )
}

/// Where this distribution puts SoftHSM's module, as the scripts find it.
pub(crate) fn module() -> PathBuf {
    let found = Command::new("sh")
        .args(["-c", ". scripts/install && softhsm_module"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(found.status.success(), "SoftHSM is missing: apt-get install softhsm2");
    String::from_utf8(found.stdout).unwrap().trim().into()
}

/// A file of this repository.
pub(crate) fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// In hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    anchorite::format::Digest::of(bytes).to_string()
}

/// Runs a command to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// Every file below a directory, with its bytes.
pub(crate) fn collect(directory: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

/// Copies a directory with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Keys cost scrypt's time, so everybody's are made once in a test process.
fn make_people(lab: &Lab) {
    fs::create_dir_all(lab.path("custody")).unwrap();
    let entries = EVERYBODY.map(|person| lab.new_person(person));
    lab.write("roster.toml", &format!("{ROSTER_HEAD}{}", entries.concat()));
}

/// Sixteen officers, which are as many as a share set has holders (SLIP-39), and a witness.
fn make_many_people(lab: &Lab) {
    for directory in ["custody", "entries"] {
        fs::create_dir_all(lab.path(directory)).unwrap();
    }
    for person in officers(16).iter().map(String::as_str).chain(["witness"]) {
        lab.write(&format!("entries/{person}.toml"), &lab.new_person(person));
    }
}

/// Names of that many officers.
pub(crate) fn officers(count: usize) -> Vec<String> {
    ('a'..='p').take(count).map(|letter| format!("officer-{letter}")).collect()
}

/// A directory that lasts as long as the test process; what dead processes left is cleared away.
struct Kept(PathBuf);

impl Kept {
    fn new(name: &str) -> Self {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("laboratories");
        fs::create_dir_all(&all).unwrap();
        for entry in fs::read_dir(&all).unwrap().flatten() {
            let owner = entry.file_name().into_string().unwrap_or_default();
            if !Path::new("/proc").join(owner).exists() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let directory = all.join(std::process::id().to_string()).join(name);
        fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }
}
