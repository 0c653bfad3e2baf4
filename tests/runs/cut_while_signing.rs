//! The power fails before or after every call on a token and at every record of a whole genesis and of a ceremony that
//! signs intermediates: `resume` comes to the end with one certificate or CRL for each TBS and one key for each step.
//!
//! `ANCHORITE_EVERY_CUT=1` tries every place; otherwise some of them, evenly spread, and every one around a call that makes
//! a key or a signature.

use std::collections::BTreeMap;
use std::ops::AddAssign as _;

use serde_json::Value;

use crate::cut_short::{Cut, Ready};
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, sha256};
use crate::proxy::Proxy;
use crate::reshare::OFFICERS;

/// How many of the other places are tried.
const SAMPLE: usize = 8;

pub(crate) fn tried(cuts: Vec<Cut>) -> Vec<Cut> {
    if std::env::var_os("ANCHORITE_EVERY_CUT").is_some() {
        return cuts;
    }
    let matters =
        |cut: &Cut| matches!(cut, Cut::Call(_, name, _) if name == "C_Sign" || name == "C_GenerateKeyPair");
    let (mut chosen, others): (Vec<Cut>, Vec<Cut>) = cuts.into_iter().partition(matters);
    let count = others.len();
    chosen.extend((0..SAMPLE).filter_map(|number| others.get(number * count / SAMPLE).cloned()));
    chosen
}

/// The bodies of a log's records of a type.
fn bodies(log: &str, kind: &str) -> Vec<Value> {
    let records = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["type"] == kind).map(|record| record["body"].clone()).collect()
}

/// Each TBS was signed once as far as the record knows, is what was frozen or planned, and is in one file that openssl reads.
pub(crate) fn one_artifact_for_each_tbs(
    ready: &Ready<'_>,
    lab: &Lab,
    bundle: &str,
    cut: &dyn std::fmt::Debug,
) {
    let log = ready.log();
    let results: BTreeMap<u64, Value> =
        bodies(&log, "op.result").into_iter().map(|body| (body["op"].as_u64().unwrap(), body)).collect();
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for intent in bodies(&log, "op.intent") {
        if intent["call"]["function"] == "C_Sign" {
            let step = intent["step"].as_str().unwrap();
            let tbs = lab.path(&format!("authority/{bundle}/artifacts/{step}.tbs.der"));
            let digest = sha256(&std::fs::read(tbs).unwrap());
            assert_eq!(intent["call"]["tbs_sha256"], digest.as_str(), "{cut:?}: {step}");
            let answered =
                results.get(&intent["op"].as_u64().unwrap()).is_some_and(|result| result["rv"] == "CKR_OK");
            *made.entry(step.to_owned()).or_default() += usize::from(answered);
        }
    }
    assert!(made.values().all(|count| *count == 1), "{cut:?}: {made:?}");
    let released: Vec<String> = bodies(&log, "artifact.out")
        .iter()
        .map(|body| body["file"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(released.len(), made.len(), "{cut:?}: {released:?}");
    for name in released {
        let file = format!("authority/{bundle}/artifacts/{name}");
        let kind = if name.ends_with(".crl.pem") { "crl" } else { "x509" };
        lab.tool("openssl", "openssl", &[kind, "-in", &file, "-noout"]).done();
    }
}

/// Resumes; where a key is in doubt the officers first have to say what becomes of it. Answers with whether they had to.
fn resumed(ready: &Ready<'_>, fate: &str, cut: &Cut) -> bool {
    let first = ready.resume();
    if first.code == 0 {
        return false;
    }
    let shown = first.ends(1, "was to make a key on token `primary` and has no usable answer");
    assert!(shown.contains("--unanswered-key adopt"), "{cut:?}: {shown}");
    let shown = ready.resume_with(&format!(" --unanswered-key {fate}")).ends(0, "complete and sealed");
    assert!(shown.contains("the key that operation"), "{cut:?}: {shown}");
    true
}

#[test]
fn a_genesis_comes_to_its_end_after_a_power_cut_anywhere() {
    let lab = Lab::blank();
    for officer in OFFICERS {
        let (from, to) = (format!("{officer}.sheet.txt"), format!("{officer}.{{set}}-{{epoch}}.txt"));
        lab.edit("ceremonies/answers.toml", &from, &to);
    }
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", "blank = true");
    let ready = Ready::new(&lab, proxy, "genesis", "0001-genesis", &EVERYBODY);
    let mut settled = BTreeMap::new();
    for cut in tried(ready.cuts()) {
        for fate in ["adopt", "destroy"] {
            ready.cut(&cut);
            lab.verify().ends(3, "VERDICT  INCOMPLETE");
            let in_doubt = resumed(&ready, fate, &cut);
            lab.verify().ends(0, "VERDICT  PASS");
            one_artifact_for_each_tbs(&ready, &lab, "0001-genesis", &cut);
            for body in bodies(&ready.log(), "key.settled") {
                let outcome = body["outcome"].as_str().unwrap().to_owned();
                settled.entry((fate, outcome)).or_insert(0).add_assign(1);
            }
            ready.set_back();
            if !in_doubt {
                break;
            }
        }
    }
    let seen: Vec<&(&str, String)> = settled.keys().collect();
    for wanted in [("adopt", "adopted"), ("adopt", "absent"), ("destroy", "destroyed"), ("destroy", "absent")]
    {
        assert!(
            seen.iter().any(|(fate, outcome)| (*fate, outcome.as_str()) == wanted),
            "{wanted:?}: {seen:?}"
        );
    }
}

#[test]
fn intermediates_and_a_crl_are_signed_once_after_a_power_cut_anywhere() {
    let lab = Lab::after_genesis();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    let bundle = "0002-sign-intermediates";
    let ready = Ready::new(&lab, proxy, "sign-intermediates", bundle, &TWO_OFFICERS);
    for cut in tried(ready.cuts()) {
        ready.cut(&cut);
        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        ready.resume().ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        one_artifact_for_each_tbs(&ready, &lab, bundle, &cut);
        ready.set_back();
    }
}

#[test]
fn a_ceremony_is_not_resumed_with_another_plan_script_module_or_token() {
    type Harm = (&'static str, fn(&Lab), &'static str);
    let bundle = "0002-sign-intermediates";
    let harms: [Harm; 5] = [
        (
            "plan",
            |lab| {
                lab.edit(
                    "authority/0002-sign-intermediates/artifacts/plan.json",
                    "\"title\":\"",
                    "\"title\":\"Not ",
                )
            },
            "its plan is",
        ),
        (
            "script",
            |lab| {
                let script = "authority/0002-sign-intermediates/artifacts/ceremony.toml";
                lab.write(script, &(lab.read(script) + "# one line more\n"));
            },
            "is not the file that the record names",
        ),
        (
            "TBS",
            |lab| {
                std::fs::write(
                    lab.path("authority/0002-sign-intermediates/artifacts/istio.tbs.der"),
                    b"other",
                )
                .unwrap()
            },
            "is not the file that the record names",
        ),
        (
            "token",
            |lab| {
                std::fs::remove_dir_all(lab.path("softhsm/tokens")).unwrap();
                std::fs::create_dir_all(lab.path("softhsm/tokens")).unwrap();
            },
            "serial",
        ),
        // The last one: a module is not set back.
        (
            "module",
            |lab| {
                let module = lab.path("proxy/proxy.so");
                let mut bytes = std::fs::read(&module).unwrap();
                bytes.push(0);
                std::fs::remove_file(&module).unwrap();
                std::fs::write(module, bytes).unwrap();
            },
            "SHA-256",
        ),
    ];
    let lab = Lab::after_genesis();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    let ready = Ready::new(&lab, proxy, "sign-intermediates", bundle, &TWO_OFFICERS);
    for (what, harm, said) in harms {
        ready.cut(&Cut::Call("before", "C_Sign".to_owned(), 1));
        harm(&lab);
        let before = ready.log();
        let refused = ready.resume();
        assert!(refused.code != 0 && refused.shown.contains(said), "{what}: {}", refused.shown);
        assert_eq!(ready.log(), before, "{what}");
        ready.set_back();
    }
}
