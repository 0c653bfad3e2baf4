//! The sound records: what was held, and how.

use crate::ceremonies_held::keep_sheets_by_epoch;
use crate::keys::give_keys;
use crate::killed::killed_at;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, officers, ran};

/// A name, and how the laboratory comes about whose authority is the record.
pub(crate) type Sound = (&'static str, fn() -> Lab);

/// Every one of them passes.
pub(crate) const RECORDS: [Sound; 11] = [
    ("two-of-three", Lab::after_genesis),
    ("three-of-five", || quorum(3, 5)),
    ("four-of-seven", || quorum(4, 7)),
    ("five-of-nine", || quorum(5, 9)),
    ("root-on-p-384", root_on_p_384),
    ("officers-with-keys-of-every-algorithm", every_algorithm),
    ("an-exception", exception),
    ("a-break", pause),
    ("an-abort", abort),
    ("a-resumption", resumption),
    ("four-ceremonies", four_ceremonies),
];

/// A genesis of that many officers.
fn quorum(threshold: usize, count: usize) -> Lab {
    let lab = Lab::of_officers(threshold, count);
    let officers = officers(count);
    let everybody: Vec<&str> = officers.iter().map(String::as_str).chain(["witness"]).collect();
    lab.hold("genesis", "blank.toml", &everybody).ends(0, "complete and sealed");
    lab
}

/// A genesis after a change of its papers.
fn genesis(prepare: impl FnOnce(&Lab), code: i32, told: &str) -> Lab {
    let lab = Lab::blank();
    prepare(&lab);
    lab.hold("genesis", "blank.toml", &EVERYBODY).ends(code, told);
    lab
}

fn root_on_p_384() -> Lab {
    let prepare = |lab: &Lab| lab.edit("ceremonies/genesis.toml", "ecdsa-p256", "ecdsa-p384");
    genesis(prepare, 0, "complete and sealed")
}

fn every_algorithm() -> Lab {
    genesis(give_keys, 0, "complete and sealed")
}

/// Gives the answers one more table.
fn answer(lab: &Lab, table: &str) {
    lab.write("ceremonies/answers.toml", &(lab.read("ceremonies/answers.toml") + table));
}

fn exception() -> Lab {
    const TABLE: &str = "\n[[exception]]\nstep = \"room\"\nclass = \"deviation\"\nexpected = \"Two cameras.\"\n\
         happened = \"One of them has no card.\"\ndecided = \"One is enough.\"\nby = \"officer-b\"\n";
    genesis(|lab| answer(lab, TABLE), 0, "exception 1 (deviation), decided by officer-b")
}

fn pause() -> Lab {
    const BREAK: &str = "[[step]]\nid = \"lunch\"\ndo = \"break\"\nreason = \"Lunch.\"\nminutes = 45\nshares = \"entered-again\"\n\n";
    const BEFORE: &str = "[[step]]\nid = \"root\"";
    let prepare = |lab: &Lab| lab.edit("ceremonies/genesis.toml", BEFORE, &format!("{BREAK}{BEFORE}"));
    genesis(prepare, 0, "complete and sealed")
}

/// An officer ends the genesis after the root signed itself.
fn abort() -> Lab {
    const TABLE: &str = "\n[abort]\nstep = \"crl\"\nby = \"officer-b\"\nreason = \"The date is wrong\"\n";
    genesis(|lab| answer(lab, TABLE), 4, "aborted and sealed")
}

/// The power fails before the first of two intermediates is signed, and officers let the ceremony go on.
fn resumption() -> Lab {
    const BUNDLE: &str = "0002-sign-intermediates";
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    killed_at(&lab, "sign-intermediates", "hsm.toml", BUNDLE, "\"function\":\"C_Login\"");
    let arguments = "--exchange exchange/resume --answers ceremonies/answers.toml --custody custody";
    ran(&mut lab.command(&format!("resume authority/{BUNDLE} {arguments}"))).ends(0, "complete and sealed");
    lab
}

/// Genesis, intermediates, new shares, and a CRL under the new shares.
fn four_ceremonies() -> Lab {
    let lab = Lab::after_genesis();
    keep_sheets_by_epoch(&lab);
    let intermediates = lab.read("ceremonies/sign-intermediates.toml");
    let (head, _) = intermediates.split_once("[[step]]").unwrap();
    let list = "[[step]]\nid = \"crl\"\ndo = \"issue-crl\"\nissuer = \"ledger:root\"\n\
         this-update = 2026-03-01T00:00:00Z\nnext-update = 2027-02-28T23:59:59Z\n";
    let head = head.replace("\"sign-intermediates\"", "\"crl\"");
    lab.write("ceremonies/crl.toml", &format!("{head}{list}"));
    for ceremony in ["sign-intermediates", "reshare", "crl"] {
        lab.hold(ceremony, "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
    }
    lab
}
