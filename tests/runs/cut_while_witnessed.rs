//! The power fails while people read aloud, open and seal bags, bring evidence and state, or while a root that was made elsewhere is
//! taken in: `resume` comes to the end, and the record has each of these once.

use crate::adopted::with_an_old_root;
use crate::ceremonies_held::papers;
use crate::cut_short::{Cut, Ready};
use crate::cut_while_signing::tried;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::proxy::Proxy;

/// How many records of each type there are.
fn counted(ready: &Ready<'_>, types: &[&str]) -> Vec<usize> {
    let log = ready.log();
    types.iter().map(|kind| log.matches(&format!("\"type\":\"{kind}\"")).count()).collect()
}

fn after_every_cut(lab: &Lab, ready: &Ready<'_>, cuts: Vec<Cut>, once: &[(&str, usize)]) {
    let (types, expected): (Vec<&str>, Vec<usize>) = once.iter().copied().unzip();
    for cut in cuts {
        ready.cut(&cut);
        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        ready.resume().ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        assert_eq!(counted(ready, &types), expected, "{types:?}, {cut:?}");
        ready.set_back();
    }
}

#[test]
fn an_inspection_comes_to_its_end_after_a_power_cut_anywhere() {
    let lab = Lab::after_genesis();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    lab.plan("inspection").done();
    papers(&lab, "inspection");
    std::fs::create_dir_all(lab.path("exchange/resume")).unwrap();
    lab.write("exchange/resume/slots.txt", &lab.read("exchange/inspection/slots.txt"));
    let ready = Ready::planned(&lab, proxy, "inspection", "0002-inspection", &TWO_OFFICERS);
    let cuts = tried(ready.cuts());
    let once = [
        ("clock.attest", 2),
        ("freshness.beacon", 1),
        ("read.aloud", 2),
        ("custody", 2),
        ("evidence.imported", 1),
        ("attestation", 4),
    ];
    after_every_cut(&lab, &ready, cuts, &once);
}

#[test]
fn an_adoption_comes_to_its_end_after_a_power_cut_anywhere() {
    let lab = with_an_old_root();
    let binding = lab.read("hsm.toml");
    let serial = binding.lines().find(|line| line.starts_with("serial = ")).unwrap();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", serial);
    lab.plan("adoption").done();
    let ready = Ready::planned(&lab, proxy, "adoption", "0001-adoption", &EVERYBODY);
    let cuts = tried(ready.cuts());
    after_every_cut(&lab, &ready, cuts, &[("authority.adopted", 1), ("pin.policy", 1)]);
}
