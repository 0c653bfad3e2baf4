//! What keeps an interrupted ceremony from going on: the person is told what and why, nothing is signed, and an officer can
//! end it.

use std::fs;
use std::path::PathBuf;

use crate::killed::killed_at;
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS};
use crate::proxy::Proxy;

const GENESIS: &str = "0001-genesis";
const INTERMEDIATES: &str = "0002-sign-intermediates";

fn resume(lab: &Lab, bundle: &str, more: &str) -> Ran {
    lab.anchorite(&format!(
        "resume authority/{bundle} --exchange exchange/resume --answers ceremonies/answers.toml --custody custody{more}"
    ))
}

/// Insists that the ceremony does not go on now, or not ever, that this is why, and that the record stays as it was.
#[track_caller]
fn stays(lab: &Lab, bundle: &str, told: &str, ever: bool) {
    let before = lab.consequences();
    let shown = resume(lab, bundle, "").ends(1, told);
    assert_eq!(shown.contains("can only be ended"), !ever, "{shown}");
    assert!(shown.contains("anchorite abort"), "{shown}");
    assert!(lab.consequences() == before, "{told}");
}

/// A genesis on a token behind a module that does what it is told to.
fn blank_behind_a_proxy() -> (Lab, Proxy) {
    let lab = Lab::blank();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", "blank = true");
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    (lab, proxy)
}

#[track_caller]
fn is_ended_by_an_officer(lab: &Lab) {
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-b").ends(0, "aborted and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_wrong_signature_is_kept_apart_and_not_made_again() {
    let lab = Lab::after_genesis();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "proxy.toml", &TWO_OFFICERS);
    proxy.sign_wrongly(true);
    lab.run("sign-intermediates", "proxy.toml").ends(1, "was put into quarantine");
    proxy.sign_wrongly(false);
    assert!(proxy.calls().contains(&"C_Sign".to_owned()));
    stays(&lab, INTERMEDIATES, "it is not signed again", false);
    assert_eq!(proxy.calls(), Vec::<String>::new());
    is_ended_by_an_officer(&lab);
    assert_eq!(lab.record("ceremony.abort")["signed"], serde_json::json!(["istio"]));
    assert!(lab.path(&format!("authority/{INTERMEDIATES}/artifacts/istio.quarantine.der")).exists());
}

#[test]
fn a_clock_that_was_set_back_is_set_right_first() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    killed_at(&lab, "sign-intermediates", "hsm.toml", INTERMEDIATES, "quorum.met");
    // The machine said another time before: nothing holds the last line of an unfinished record yet.
    let path = format!("authority/{INTERMEDIATES}/log.jsonl");
    let log = lab.read(&path);
    let (before, last) = log.split_at(log.trim_end().rfind('\n').unwrap() + 1);
    let (member, rest) = last.split_once("\"t\":\"").unwrap();
    lab.write(&path, &format!("{before}{member}\"t\":\"2035-{}", &rest["2026-".len()..]));
    stays(&lab, INTERMEDIATES, "set the clock right first", true);
    lab.write(&path, &log);
    resume(&lab, INTERMEDIATES, "").ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn of_two_tokens_that_could_be_the_one_neither_is_taken() {
    let (lab, proxy) = blank_behind_a_proxy();
    proxy.kill("after", "C_InitToken", 1);
    assert!(
        lab.command(&Lab::run_arguments("genesis", "proxy.toml")).output().unwrap().status.code().is_none()
    );
    proxy.spare();
    let first = tokens(&lab);
    let arguments = ["--init-token", "--free", "--label", "lab-root-g1", "--pin", "1234", "--so-pin", "1234"];
    lab.tool("softhsm2-util", "softhsm2", &arguments).done();
    stays(&lab, GENESIS, "leave only the one of this ceremony connected", true);
    for other in tokens(&lab).into_iter().filter(|token| !first.contains(token)) {
        fs::remove_dir_all(other).unwrap();
    }
    resume(&lab, GENESIS, "").ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
}

fn tokens(lab: &Lab) -> Vec<PathBuf> {
    fs::read_dir(lab.path("softhsm/tokens")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_key_that_can_leave_its_token_is_not_used() {
    let (lab, proxy) = blank_behind_a_proxy();
    proxy.let_keys_out();
    lab.run("genesis", "proxy.toml").ends(1, "the new key is not what was asked for");
    stays(&lab, GENESIS, "the key that step `root-key` made is not what was asked for", false);
    assert!(!proxy.calls().contains(&"C_Sign".to_owned()));
    is_ended_by_an_officer(&lab);
}

#[test]
fn half_a_key_is_not_adopted() {
    let (lab, proxy) = blank_behind_a_proxy();
    proxy.kill("after", "C_GenerateKeyPair", 1);
    assert!(
        lab.command(&Lab::run_arguments("genesis", "proxy.toml")).output().unwrap().status.code().is_none()
    );
    proxy.spare();
    // Which half is lost does not matter.
    let token = tokens(&lab).remove(0);
    let objects = fs::read_dir(token).unwrap().map(|entry| entry.unwrap().path());
    let mut objects: Vec<PathBuf> = objects
        .filter(|path| path.extension().is_some_and(|ending| ending == "object"))
        .filter(|path| path.file_name().unwrap() != "token.object")
        .collect();
    assert_eq!(objects.len(), 2, "{objects:?}");
    fs::remove_file(objects.remove(0)).unwrap();
    resume(&lab, GENESIS, " --unanswered-key adopt").ends(1, "is not one whole key");
    resume(&lab, GENESIS, " --unanswered-key destroy").ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
}
