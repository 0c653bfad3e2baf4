//! The power fails before or after every call on a token and every record, while a token is taken over and while its
//! shares are replaced: a quorum of shares always opens it, the state is named truthfully, and `resume` finishes.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use crate::derivation::pin;
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, ran};
use crate::proxy::Proxy;
use crate::reshare::{OFFICERS, lab_with_sheets_by_epoch, log_in, secret_of};

/// Where the process ends.
#[derive(Clone, Debug)]
pub(crate) enum Cut {
    /// Before or after a call on the token.
    Call(&'static str, String, usize),
    /// After that record was written; the next one never is.
    Record(usize),
}

/// A ceremony that was approved and not yet run, to which a laboratory can be set back.
pub(crate) struct Ready<'a> {
    lab: &'a Lab,
    proxy: Proxy,
    name: &'static str,
    bundle: &'static str,
    saved: tempfile::TempDir,
}

const CHANGES: [&str; 5] = ["authority", "custody", "softhsm/tokens", "exchange", "mirror"];

impl<'a> Ready<'a> {
    pub(crate) fn new(
        lab: &'a Lab,
        proxy: Proxy,
        name: &'static str,
        bundle: &'static str,
        people: &[&str],
    ) -> Self {
        lab.plan(name).done();
        Self::planned(lab, proxy, name, bundle, people)
    }

    /// [`Ready::new`] for what is planned already.
    pub(crate) fn planned(
        lab: &'a Lab,
        proxy: Proxy,
        name: &'static str,
        bundle: &'static str,
        people: &[&str],
    ) -> Self {
        lab.approve(name, "proxy.toml", people);
        let saved = tempfile::tempdir().unwrap();
        for part in CHANGES {
            fs::create_dir_all(lab.path(part)).unwrap();
            crate::lab::copy(&lab.path(part), &saved.path().join(part));
        }
        Self { lab, proxy, name, bundle, saved }
    }

    pub(crate) fn set_back(&self) {
        for part in CHANGES {
            fs::remove_dir_all(self.lab.path(part)).unwrap();
            crate::lab::copy(&self.saved.path().join(part), &self.lab.path(part));
        }
        self.proxy.spare();
        self.proxy.calls();
    }

    pub(crate) fn log(&self) -> String {
        let bundle = self.lab.path(&format!("authority/{}/log.jsonl", self.bundle));
        fs::read_to_string(bundle).unwrap_or_default()
    }

    /// Runs it to its end and answers with every place at which it can be cut.
    pub(crate) fn cuts(&self) -> Vec<Cut> {
        self.lab.run(self.name, "proxy.toml").done();
        let mut counted: Vec<String> = Vec::new();
        let mut cuts = Vec::new();
        for call in self.proxy.calls() {
            counted.push(call.clone());
            let number = counted.iter().filter(|name| **name == call).count();
            for when in ["before", "after"] {
                cuts.push(Cut::Call(when, call.clone(), number));
            }
        }
        // The last record ends the ceremony.
        let records = self.log().lines().count();
        cuts.extend((0..records - 1).map(Cut::Record));
        self.set_back();
        cuts
    }

    /// Ends the process there, with nothing it could do about it.
    pub(crate) fn cut(&self, cut: &Cut) {
        let mut run = match cut {
            Cut::Call(when, function, number) => {
                self.proxy.kill(when, function, *number);
                self.lab.command(&Lab::run_arguments(self.name, "proxy.toml"))
            }
            Cut::Record(number) => self.killed_at_record((*number).max(1)),
        };
        let output = run.output().unwrap();
        let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
        assert!(killed, "{cut:?}: {}", Ran::from(output).shown);
        self.proxy.spare();
        if let Cut::Record(number) = cut {
            let log = self.log();
            assert_eq!(log.lines().count(), (*number).max(1) + 1, "{cut:?}");
            if *number == 0 {
                // Record 1 was written and never reached the disk.
                let first = log.split_inclusive('\n').next().unwrap();
                self.lab.write(&format!("authority/{}/log.jsonl", self.bundle), first);
            }
        }
    }

    /// strace ends the program where it waits for a record to reach the disk (fdatasync(2)); record 0 gets there with
    /// the directory.
    fn killed_at_record(&self, number: usize) -> Command {
        self.killed(&Lab::run_arguments(self.name, "proxy.toml"), number)
    }

    fn killed(&self, arguments: &str, number: usize) -> Command {
        let inject = format!("inject=fdatasync:signal=SIGKILL:when={number}");
        let mut strace =
            self.traced(&["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", &inject]);
        strace.args(arguments.split(' '));
        strace
    }

    /// The program under strace, which takes these options.
    pub(crate) fn traced(&self, options: &[&str]) -> Command {
        let program = self.lab.command("--version");
        let mut strace = Command::new("strace");
        strace
            .current_dir(program.get_current_dir().unwrap())
            .env_remove("SOFTHSM2_CONF")
            .args(options)
            .arg(program.get_program());
        strace
    }

    pub(crate) fn run_arguments(&self) -> String {
        Lab::run_arguments(self.name, "proxy.toml")
    }

    /// Goes on, as the answers' officers would.
    pub(crate) fn resume(&self) -> Ran {
        self.resume_with("")
    }

    /// [`Ready::resume`] with more arguments.
    pub(crate) fn resume_with(&self, more: &str) -> Ran {
        // Sheets that no record commits to are void, and their holders destroy them before new ones are dealt.
        if !self.log().contains("quorum.split") {
            let kept = |name: &str| self.saved.path().join("custody").join(name).exists();
            for entry in fs::read_dir(self.lab.path("custody")).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if !kept(&name) {
                    fs::remove_file(self.lab.path(&format!("custody/{name}"))).unwrap();
                }
            }
        }
        ran(&mut self.lab.command(&(self.resume_arguments() + more)))
    }

    fn resume_arguments(&self) -> String {
        format!(
            "resume authority/{} --exchange exchange/resume --answers ceremonies/answers.toml --custody custody",
            self.bundle
        )
    }
}

/// Which epochs' shares open the token, for the security officer and for the user.
fn opened_by(lab: &Lab, so: bool, policies: &[serde_json::Value]) -> BTreeSet<u64> {
    let opens = |policy: &&serde_json::Value| {
        let epoch = policy["epoch"].as_u64().unwrap();
        let sheet = lab.path(&format!("custody/officer-a.operate-{epoch}.txt"));
        if !sheet.exists() {
            return false;
        }
        let secret = secret_of(lab, u32::try_from(epoch).unwrap(), ["officer-a", "officer-b"]);
        let pin = pin(&secret, "example-lab", policy, if so { "so-pin" } else { "user-pin" });
        log_in(lab, so, &pin).code == 0
    };
    policies.iter().filter(opens).map(|policy| policy["epoch"].as_u64().unwrap()).collect()
}

/// Every PIN policy in any record, the newest last.
fn policies(lab: &Lab) -> Vec<serde_json::Value> {
    let logs = lab.bundles().into_iter().map(|bundle| lab.read(&format!("authority/{bundle}/log.jsonl")));
    let lines: Vec<String> =
        logs.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let records = lines.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    records.filter(|record| record["type"] == "pin.policy").map(|record| record["body"].clone()).collect()
}

#[test]
fn shares_that_were_being_replaced_are_replaced_after_a_power_cut_anywhere() {
    let lab = lab_with_sheets_by_epoch();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    let ready = Ready::new(&lab, proxy, "reshare", "0002-reshare", &TWO_OFFICERS);
    let cuts = ready.cuts();
    let calls: Vec<&Cut> = cuts.iter().filter(|cut| matches!(cut, Cut::Call(..))).collect();
    assert_eq!(calls.len(), 2 * 5, "two PINs, each with its login, and the proof: {calls:?}");
    for cut in &cuts {
        ready.cut(cut);
        let seen = policies(&lab);
        let (so, user) = (opened_by(&lab, true, &seen), opened_by(&lab, false, &seen));
        assert!(so.len() == 1 && user.len() == 1, "{cut:?}: {so:?} {user:?}");
        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        let status = lab.anchorite("share status authority").shown;
        if so != user {
            assert!(status.contains("stands between two sets"), "{cut:?}: {so:?} {user:?}\n{status}");
        }
        for epoch in so.union(&user) {
            let set = format!("operate, epoch {epoch}");
            let line = status.lines().find(|line| line.contains(&set)).unwrap_or_default();
            assert!(line.to_lowercase().contains("live"), "{cut:?}: {line}\n{status}");
        }
        let shown = ready.resume().ends(0, "complete and sealed");
        assert!(shown.contains("The ceremony was interrupted"), "{shown}");
        lab.verify().ends(0, "VERDICT  PASS");
        let after = policies(&lab);
        let two = BTreeSet::from([2]);
        assert_eq!(
            (opened_by(&lab, true, &after), opened_by(&lab, false, &after)),
            (two.clone(), two),
            "{cut:?}"
        );
        ready.set_back();
    }
}

#[test]
fn a_resumption_that_was_itself_cut_short_is_made_again() {
    let lab = lab_with_sheets_by_epoch();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    let ready = Ready::new(&lab, proxy, "reshare", "0002-reshare", &TWO_OFFICERS);
    // Its own record, then one for each seal of the officers, then the next record of the step.
    for number in 1..=4 {
        ready.cut(&Cut::Record(6));
        let before = ready.log().lines().count();
        let output = ready.killed(&ready.resume_arguments(), number).output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "{number}: {}", Ran::from(output).shown);
        assert_eq!(ready.log().lines().count(), before + number);
        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        ready.resume().ends(0, "complete and sealed");
        assert_eq!(ready.log().matches("\"type\":\"ceremony.resume\"").count(), 2);
        lab.verify().ends(0, "VERDICT  PASS");
        ready.set_back();
    }
}

#[test]
fn a_token_that_was_being_taken_over_is_taken_over_after_a_power_cut_anywhere() {
    let lab = Lab::blank();
    for officer in OFFICERS {
        let (from, to) = (format!("{officer}.sheet.txt"), format!("{officer}.{{set}}-{{epoch}}.txt"));
        lab.edit("ceremonies/answers.toml", &from, &to);
    }
    let genesis = lab.read("ceremonies/genesis.toml");
    let (before, _) = genesis.split_once("[[step]]\nid = \"root-key\"").unwrap();
    lab.write("ceremonies/provision.toml", &before.replace("name = \"genesis\"", "name = \"provision\""));
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", "blank = true");
    let ready = Ready::new(&lab, proxy, "provision", "0001-provision", &EVERYBODY);
    let cuts = ready.cuts();
    let calls: Vec<&Cut> = cuts.iter().filter(|cut| matches!(cut, Cut::Call(..))).collect();
    assert_eq!(calls.len(), 2 * 4, "C_InitToken, C_InitPIN with its login, and the proof: {calls:?}");
    for cut in &cuts {
        ready.cut(cut);
        let seen = policies(&lab);
        // Whatever was set follows from shares that are on paper; before that the token is still blank.
        let slots = lab
            .tool(
                "pkcs11-tool",
                "opensc",
                &["--module", &crate::lab::module().display().to_string(), "--list-slots"],
            )
            .shown;
        if slots.contains("lab-root-g1") {
            assert_eq!(opened_by(&lab, true, &seen), BTreeSet::from([1]), "{cut:?}");
        }
        if slots.contains("PIN initialized") {
            assert_eq!(opened_by(&lab, false, &seen), BTreeSet::from([1]), "{cut:?}");
        }
        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        ready.resume().ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        let one = BTreeSet::from([1]);
        let after = policies(&lab);
        assert_eq!(
            (opened_by(&lab, true, &after), opened_by(&lab, false, &after)),
            (one.clone(), one),
            "{cut:?}"
        );
        ready.set_back();
    }
}
