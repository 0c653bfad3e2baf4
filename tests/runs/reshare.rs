use std::fs;

use serde_json::Value;

use crate::ceremonies_held::keep_sheets_by_epoch;
use crate::derivation::{pin, secret, words};
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, module, sha256};

pub(crate) const OFFICERS: [&str; 3] = ["officer-a", "officer-b", "officer-c"];

/// A laboratory after its genesis, whose answers keep the sheets of each epoch apart.
pub(crate) fn lab_with_sheets_by_epoch() -> Lab {
    let lab = Lab::after_genesis();
    keep_sheets_by_epoch(&lab);
    lab
}

/// The secret that two officers' sheets of an epoch rebuild in the hands of the reference tool.
pub(crate) fn secret_of(lab: &Lab, epoch: u32, officers: [&str; 2]) -> String {
    let share = |officer: &str| words(&lab.read(&format!("custody/{officer}.operate-{epoch}.txt"))).join(" ");
    secret(&officers.map(share))
}

/// The body of the last record of a type in any ceremony.
pub(crate) fn last(lab: &Lab, kind: &str) -> Value {
    let logs = lab.bundles().into_iter().map(|bundle| lab.read(&format!("authority/{bundle}/log.jsonl")));
    let mut bodies =
        logs.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>()).filter_map(|line| {
            let record: Value = serde_json::from_str(&line).unwrap();
            (record["type"] == kind).then(|| record["body"].clone())
        });
    bodies.next_back().unwrap_or_else(|| panic!("no record of the type {kind}"))
}

/// OpenSC logs in with a PIN.
pub(crate) fn log_in(lab: &Lab, so: bool, pin: &str) -> Ran {
    let module = module().display().to_string();
    let mut arguments = vec!["--module", &module, "--token-label", "lab-root-g1"];
    if so {
        // The same PIN once more: nothing changes, and only the right one is taken.
        arguments.extend([
            "--login",
            "--login-type",
            "so",
            "--so-pin",
            pin,
            "--change-pin",
            "--new-pin",
            pin,
        ]);
    } else {
        arguments.extend(["--login", "--pin", pin, "--list-objects"]);
    }
    lab.tool("pkcs11-tool", "opensc", &arguments)
}

#[test]
fn new_shares_open_the_token_and_the_old_ones_open_nothing() {
    let lab = lab_with_sheets_by_epoch();
    let before = lab.record("pin.policy");
    lab.hold("reshare", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let after = last(&lab, "pin.policy");
    assert_eq!(after["epoch"], 2);
    for member in ["token_id", "alphabet", "length", "entropy_bits"] {
        assert_eq!(before[member], after[member], "{member} is frozen");
    }
    assert_eq!(last(&lab, "shares.retired")["set_id"], before["set_id"]);
    assert_eq!(last(&lab, "token.moved")["set_id"], after["set_id"]);

    let old = pin(&secret_of(&lab, 1, ["officer-a", "officer-b"]), "example-lab", &before, "user-pin");
    let new = secret_of(&lab, 2, ["officer-b", "officer-c"]);
    log_in(&lab, false, &old).ends(1, "CKR_PIN_INCORRECT");
    log_in(&lab, false, &pin(&new, "example-lab", &after, "user-pin")).done();
    let so_pin = pin(&new, "example-lab", &after, "so-pin");
    let module = module().display().to_string();
    let arguments = [
        "--module",
        &module,
        "--token-label",
        "lab-root-g1",
        "--login",
        "--login-type",
        "so",
        "--so-pin",
        &so_pin,
        "--change-pin",
        "--new-pin",
        "another so pin",
    ];
    lab.tool("pkcs11-tool", "opensc", &arguments).done();

    // The next ceremony asks for the new shares, and the key under them still signs.
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    assert_eq!(last(&lab, "quorum.met")["set_id"], after["set_id"]);
}

#[test]
fn a_share_of_an_old_epoch_is_refused_by_name_and_costs_no_try() {
    let lab = lab_with_sheets_by_epoch();
    lab.hold("reshare", "hsm.toml", &TWO_OFFICERS).done();
    fs::copy(lab.path("custody/officer-a.operate-1.txt"), lab.path("custody/officer-a.operate-2.txt"))
        .unwrap();
    let shown = lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(4, "a right share of set");
    let told = "the share of `officer-a` of the set operate, epoch 1; epoch 2 of operate is wanted";
    assert!(shown.contains(told), "{shown}");
    let module = module().display().to_string();
    let slots = lab.tool("pkcs11-tool", "opensc", &["--module", &module, "--list-slots"]).done();
    assert!(!slots.contains("user PIN count low"), "{slots}");
}

/// A second token, bound beside the first.
fn bind_two(lab: &Lab, second: &str) {
    let binding = lab.read("hsm.toml");
    lab.write(
        "two.toml",
        &format!("{binding}\n[[token]]\nname = \"second\"\n{second}\nprofile = \"softhsm\"\n"),
    );
}

const SECOND_TOKEN: &str = "
[[step]]
id = \"second\"
do = \"provision\"
token = \"second\"
label = \"lab-second\"
";

/// Holds a ceremony of the given steps.
pub(crate) fn ceremony(lab: &Lab, name: &str, steps: &str) {
    let head = lab.read("ceremonies/reshare.toml");
    let head =
        head.split("[[step]]").next().unwrap().replace("name = \"reshare\"", &format!("name = \"{name}\""));
    lab.write(&format!("ceremonies/{name}.toml"), &format!("{head}{steps}"));
}

#[test]
fn a_token_that_was_left_behind_keeps_the_old_shares_live_until_it_is_moved() {
    let lab = lab_with_sheets_by_epoch();
    ceremony(&lab, "second", SECOND_TOKEN);
    bind_two(&lab, "blank = true");
    lab.hold("second", "two.toml", &TWO_OFFICERS).done();
    let policy = last(&lab, "pin.policy");
    assert_eq!(
        (&policy["token"], &policy["epoch"]),
        (&"second".into(), &1.into()),
        "the live shares serve both"
    );
    let serial = lab.serial();
    bind_two(&lab, &format!("serial = \"{serial}\""));

    ceremony(&lab, "first", "[[step]]\nid = \"move\"\ndo = \"reshare\"\ntokens = [\"primary\"]\n");
    let planned = lab.plan("first").done();
    assert!(planned.contains("`second` stay with older shares"), "{planned}");
    lab.approve("first", "two.toml", &TWO_OFFICERS);
    let shown = lab.run("first", "two.toml").done();
    assert!(shown.contains("stays live: it still opens `second`"), "{shown}");
    lab.verify().ends(0, "VERDICT  PASS");
    let logs = lab.read("authority/0003-first/log.jsonl");
    assert!(!logs.contains("shares.retired"));

    ceremony(&lab, "rest", "[[step]]\nid = \"rest\"\ndo = \"reshare\"\nonto = \"newest\"\n");
    lab.hold("rest", "two.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    assert_eq!(last(&lab, "token.moved")["token"], "second");
    assert_eq!(last(&lab, "shares.retired")["set_id"], policy["set_id"]);
    ceremony(&lab, "again", "[[step]]\nid = \"again\"\ndo = \"reshare\"\nonto = \"newest\"\n");
    lab.plan("again").ends(1, "no token is opened by other shares");
}

#[test]
fn recovery_shares_are_dealt_checked_and_replaced_like_the_others() {
    let lab = lab_with_sheets_by_epoch();
    let roster = lab.read("roster.toml");
    lab.edit("roster.toml", "shares = [\"operate\"]", "shares = [\"operate\", \"recovery\"]");
    let incoming = lab.read("roster.toml");
    lab.write("roster.toml", &roster);
    lab.write("ceremonies/inputs/roster-2.toml", &incoming);
    let steps = format!(
        "[[step]]\nid = \"people\"\ndo = \"change-roster\"\nroster = {{ file = \"inputs/roster-2.toml\", sha256 = \"{}\" }}\n\n\
         [[step]]\nid = \"recovery\"\ndo = \"reshare\"\nset = \"recovery\"\n",
        sha256(incoming.as_bytes())
    );
    ceremony(&lab, "recovery", &steps);
    lab.hold("recovery", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let split = last(&lab, "quorum.split");
    assert_eq!((&split["set"], &split["epoch"]), (&"recovery".into(), &1.into()));

    lab.write("roster.toml", &incoming);
    ceremony(&lab, "again", "[[step]]\nid = \"again\"\ndo = \"reshare\"\nset = \"recovery\"\n");
    lab.hold("again", "hsm.toml", &TWO_OFFICERS).done();
    lab.write("roster.toml", &roster);
    lab.verify().ends(0, "VERDICT  PASS");
    assert_eq!(last(&lab, "shares.retired")["set_id"], split["set_id"]);
    assert_eq!(last(&lab, "quorum.split")["epoch"], 2);
    let _ = EVERYBODY;
}
