//! Rehearsals that are held to their end on SoftHSM.

use serde_json::json;

use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::rehearsal::Rehearsal;

#[test]
fn a_genesis_is_rehearsed_with_drills_that_cost_nothing() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    let before = lab.consequences();
    let (rehearsal, derived) =
        Rehearsal::derive(&lab, "genesis", "blank.toml", &["wrong-word", "missing-officer", "wrong-token"]);
    let shown = derived.done();
    for told in
        ["REHEARSAL: nothing of this counts", "step root: subject", "drill wrong-word, in step provision"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    rehearsal.approve(1, &EVERYBODY);
    let shown = rehearsal.run(1).ends(0, "complete and sealed");
    assert_eq!(shown.matches("[REHEARSAL] step ").count(), 6, "{shown}");
    let verdict = rehearsal.verify("0001-genesis").ends(0, "VERDICT  PASS");
    assert!(verdict.contains("REHEARSAL") && verdict.contains("3 drills passed"), "{verdict}");
    let head = rehearsal.head("0001-genesis");
    let told = format!("verify rehearsal/authority --roster rehearsal/roster.toml --expect-head {head}");
    lab.anchorite(&told).ends(1, "This is the record of a rehearsal");
    let drilled = rehearsal.records("0001-genesis", "drill");
    let passed =
        |kind: &str, step: serde_json::Value| json!({ "kind": kind, "step": step, "outcome": "passed" });
    assert_eq!(
        drilled,
        [
            passed("wrong-token", json!(null)),
            passed("wrong-word", json!("provision")),
            passed("missing-officer", json!("root"))
        ]
    );
    assert_eq!(lab.consequences(), before, "the ceremony's token and authority are untouched");
}

#[test]
fn a_later_ceremony_is_rehearsed_with_stand_ins_and_goes_on_after_a_power_cut() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    let before = lab.consequences();
    let (rehearsal, derived) =
        Rehearsal::derive(&lab, "sign-intermediates", "hsm.toml", &["power-cut", "wrong-word"]);
    derived.done();
    rehearsal.approve(2, &TWO_OFFICERS);
    let cut = lab.command(&rehearsal.run_arguments(2)).output().unwrap();
    assert_eq!(cut.status.code(), None, "the process is killed: {cut:?}");
    let bundle = "0002-sign-intermediates";
    rehearsal.verify(bundle).ends(3, "VERDICT  INCOMPLETE");
    rehearsal.resume(2, bundle).ends(0, "complete and sealed");
    rehearsal.verify(bundle).ends(0, "VERDICT  PASS");
    let drilled = rehearsal.records(bundle, "drill");
    assert_eq!(drilled.len(), 2);
    assert!(drilled.iter().all(|drill| drill["outcome"] == "passed"), "{drilled:?}");
    assert_eq!(lab.consequences(), before, "the ceremony's token and authority are untouched");
}
