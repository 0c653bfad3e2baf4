//! What `plan` refuses: each rule that needs the roster, the inputs or the records is broken once, and named.

use std::collections::BTreeSet;
use std::fs;

use anchorite::script::Code;

use crate::lab::{Lab, Ran, sha256};
use crate::reshare::ceremony;

const REASON: &str = "The fourth officer joins in January.";

const CEREMONY: &str = "ceremonies/sign-intermediates.toml";

/// Rule, the text of the second ceremony that is changed, and into what.
const CHANGED: [(&str, &str, &str); 10] = [
    ("P001", "authority = \"example-lab\"", "authority = \"another-lab\""),
    ("P001", "environment = \"lab\"", "environment = \"staging\""),
    ("P001", "trust-domain = \"lab.example.org\"", "trust-domain = \"other.example.org\""),
    ("P003", "issuer = \"ledger:root\"", "issuer = \"ledger:rot\""),
    ("P003", "issuer = \"ledger:root\"", "issuer = \"ledger:7/root\""),
    ("P003", "issuer = \"ledger:root\"", "issuer = \"ledger:root-key\""),
    ("P004", "id = \"istio\"", "id = \"root\""),
    ("P005", "inputs/istio.csr.pem", "inputs/none.csr.pem"),
    ("P008", "to = 2030-12-31T23:59:59Z", "to = 2049-12-31T23:59:59Z"),
    ("P008", "from = 2026-01-01T00:00:00Z, to = 2030", "from = 2025-01-01T00:00:00Z, to = 2030"),
];

#[test]
fn every_rule_of_the_plan_is_named_with_its_place_and_nothing_is_written() {
    let mut seen = BTreeSet::new();
    for (code, from, to) in CHANGED {
        let lab = Lab::after_genesis();
        lab.edit(CEREMONY, from, to);
        refused(&lab, code, &mut seen);
    }

    let lab = Lab::after_genesis();
    lab.write("ceremonies/inputs/istio.csr.pem", "another file\n");
    refused(&lab, "P006", &mut seen);

    let lab = Lab::after_genesis();
    let request = lab.read("ceremonies/inputs/istio.csr.pem");
    let no_request = "not a request\n";
    lab.edit(CEREMONY, &sha256(request.as_bytes()), &sha256(no_request.as_bytes()));
    lab.write("ceremonies/inputs/istio.csr.pem", no_request);
    refused(&lab, "P007", &mut seen);

    let lab = production();
    seen.insert("P002".to_owned());
    lab.plan("genesis").ends(1, "waiver of `few-spare-shares`");

    let genesis = lab.read("ceremonies/genesis.toml");
    let waived = |rule: &str| {
        let waiver =
            format!("[[waiver]]\nrule = \"{rule}\"\nreason = \"{REASON}\"\nuntil = 2027-01-31T00:00:00Z\n");
        lab.write("ceremonies/genesis.toml", &format!("{genesis}\n{waiver}"));
        lab.plan("genesis")
    };
    seen.insert("P011".to_owned());
    let shown = waived("witness-is-officer").ends(1, "error[P011]");
    assert!(shown.contains("error[P002]"), "{shown}");
    let shown = waived("few-spare-shares").done();
    let (before, after) =
        shown.split_once("WAIVED few-spare-shares until 2027-01-31T00:00:00Z: ").expect("shown");
    assert!(after.starts_with(REASON) && !before.contains("window"), "{shown}");
    let shown = lab
        .anchorite(
            "officer sign --plan plans/genesis --binding blank.toml --roster roster.toml --as officer-a \
             --output approvals --key custody/officer-a.key.pem \
             --passphrase-file custody/officer-a.passphrase --yes",
        )
        .done();
    assert!(shown.starts_with("WAIVED        few-spare-shares until 2027-01-31T00:00:00Z: "), "{shown}");

    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.edit(CEREMONY, "id = \"vault\"", "id = \"vault-again\"");
    seen.insert("P009".to_owned());
    verify_plan(&lab).ends(1, "error[P009]");

    let lab = Lab::after_genesis();
    let confirmed = "\n[[step]]\nid = \"sure\"\ndo = \"confirm\"\nby = \"auditor\"\ntext = \"I saw it.\"\n";
    let read = "\n[[step]]\nid = \"clocks\"\ndo = \"clock\"\nreaders = 5\n";
    lab.write(CEREMONY, &(lab.read(CEREMONY) + confirmed + read));
    refused(&lab, "P012", &mut seen);
    let shown =
        lab.plan("sign-intermediates").ends(1, "it takes 1 to confirm as auditor, and the roster has 0");
    assert!(shown.contains("it takes 5 to read a clock, and the roster has 4"), "{shown}");

    who_is_somebody_else(&mut seen);
    people_and_shares_that_do_not_fit(&mut seen);
    what_no_record_has(&mut seen);
    keys_that_nobody_would_take(&mut seen);
    what_a_rule_warns_of(&mut seen);

    let elsewhere = [
        // It stands for encoders that refuse what the rules before them let through: no file is known to reach it.
        "P010",
        // Cross-certificates and destroyed keys: `tests/rotation/cross_signing.rs` has each of them.
        "P035", "P036", "P037", // Roots that were made elsewhere: `tests/runs/adopted.rs`.
        "P060",
    ];
    let rules =
        Code::ALL.iter().map(|code| code.id()).filter(|id| id.starts_with('P') && !elsewhere.contains(id));
    assert_eq!(seen, rules.map(str::to_owned).collect());
}

/// In staging nothing is signed that a rule warns of, though the key for it is still to be made; officers may let it pass.
fn what_a_rule_warns_of(seen: &mut BTreeSet<String>) {
    let lab = Lab::blank();
    lab.edit("roster.toml", "environment = \"lab\"", "environment = \"staging\"");
    lab.edit("ceremonies/genesis.toml", "environment = \"lab\"", "environment = \"staging\"");
    let short = lab.read("ceremonies/genesis.toml");
    let waived = |text: &str, rule: &str| {
        let waiver =
            format!("[[waiver]]\nrule = \"{rule}\"\nreason = \"{REASON}\"\nuntil = 2037-01-31T00:00:00Z\n");
        lab.write("ceremonies/genesis.toml", &format!("{text}\n{waiver}"));
        lab.plan("genesis")
    };
    let (without_crl, _) = short.split_once("[[step]]\nid = \"crl\"").unwrap();
    lab.write("ceremonies/genesis.toml", without_crl);
    lab.plan("genesis").ends(0, "step `root`: no CRL of this root is made here");
    fs::remove_dir_all(lab.path("plans/genesis")).unwrap();
    lab.write("ceremonies/genesis.toml", &short);
    lab.edit("ceremonies/genesis.toml", "profile = \"root\"", "profile = \"root\"\npath-length = 1");
    let long = lab.read("ceremonies/genesis.toml");
    let shown = lab.plan("genesis").ends(1, "error[P040]: R03 a root has no pathLenConstraint");
    assert!(shown.contains("a waiver of `R03`") && !lab.path("plans/genesis").exists(), "{shown}");
    seen.insert("P040".to_owned());
    let shown = waived(&long, "L07").ends(1, "error[P040]");
    assert!(!shown.contains("P011"), "{shown}");
    waived(&short, "R03").ends(1, "error[P011]: nothing that is to be signed breaks the rule `R03`");
    let shown = waived(&long, "R03").done();
    let first = "WAIVED R03 (a root has no pathLenConstraint) until 2037-01-31T00:00:00Z: ";
    assert!(shown.find(first) < shown.find("window") && shown.contains(first), "{shown}");
}

/// A key of the request that its profile does not have, and one that a relying system does not take.
fn keys_that_nobody_would_take(seen: &mut BTreeSet<String>) {
    let lab = Lab::after_genesis();
    let made = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes -keyout custody/p521.key -subj /CN=x \
                -out ceremonies/inputs/p521.csr.pem";
    lab.tool("sh", "openssl", &["-c", made]).done();
    let (before, after) = ("ceremonies/inputs/istio.csr.pem", "ceremonies/inputs/p521.csr.pem");
    let digest = |name: &str| sha256(lab.read(name).as_bytes());
    lab.edit(CEREMONY, &digest(before), &digest(after));
    lab.edit(CEREMONY, "inputs/istio.csr.pem", "inputs/p521.csr.pem");
    lab.edit(CEREMONY, "trust-domain =", "relying = [\"istio\"]\ntrust-domain =");
    refused(&lab, "P026", seen);
    lab.edit(CEREMONY, "relying = [\"istio\"]\n", "");
    lab.edit(CEREMONY, "profile = \"intermediate\"\npath-length = 0", "profile = \"linkerd-issuer\"");
    refused(&lab, "P025", seen);
    lab.edit(CEREMONY, "profile = \"linkerd-issuer\"", "profile = \"vault-issuing\"");
    lab.plan("sign-intermediates").done();
}

/// Names, keys and trust domains that are taken.
fn who_is_somebody_else(seen: &mut BTreeSet<String>) {
    let lab = Lab::after_genesis();
    let root = "subject = [{ O = \"Example\" }, { OU = \"lab\" }, { CN = \"lab.example.org root G1\" }]\n";
    let before = lab.read(CEREMONY);
    lab.edit(CEREMONY, "path-length = 1\n", &format!("path-length = 1\n{root}"));
    refused(&lab, "P045", seen);
    lab.write(CEREMONY, &before);
    lab.hold("sign-intermediates", "hsm.toml", &crate::lab::TWO_OFFICERS).done();
    let again =
        before.replace("id = \"istio\"", "id = \"istio-again\"").replace("id = \"vault\"", "id = \"other\"");
    let again = again
        .replace("name = \"sign-intermediates\"", "name = \"again\"")
        .replace("path-length = 1\n", "path-length = 1\nsubject = [{ CN = \"Somebody else\" }]\n");
    lab.write(CEREMONY, &again.replace("id = \"crl\"", "id = \"crl-again\""));
    let shown = lab.plan("sign-intermediates").ends(1, "the key has a certificate that holds until");
    assert!(shown.contains("the key is that of 2/vault, whose subject is"), "{shown}");

    let place = "issuing-distribution-point = [\"http://crl.example.org/root.crl\"]\n";
    let list = again.split_once("[[step]]\nid = \"crl\"").unwrap().1;
    let head = again.split_once("[[step]]").unwrap().0;
    lab.write(CEREMONY, &format!("{head}[[step]]\nid = \"crl-again\"{list}{place}"));
    lab.plan("sign-intermediates").ends(1, "error[P047]");
    seen.insert("P047".to_owned());

    // Another laboratory's records beside this one's.
    crate::lab::copy(&lab.path("authority"), &lab.path("other/authority"));
    for (domain, code) in [
        ("lab.example.org", 1),
        ("east.lab.example.org", 1),
        ("example.org", 1),
        ("notlab.example.org", 0),
        ("prod.example.org", 0),
    ] {
        let genesis =
            lab.read("ceremonies/genesis.toml").replace("\"lab.example.org\"", &format!("{domain:?}"));
        lab.write("other/genesis.toml", &genesis.replace("\"example-lab\"", "\"other-lab\""));
        lab.write("other/roster.toml", &lab.read("roster.toml").replace("\"example-lab\"", "\"other-lab\""));
        std::fs::create_dir_all(lab.path("other/new")).unwrap();
        let told = if code == 1 { "error[P046]" } else { "written" };
        let plan = format!(
            "plan other/genesis.toml --authority other/new --roster other/roster.toml --output other/{domain}.plan"
        );
        lab.anchorite(&plan).ends(code, told);
    }
    seen.insert("P046".to_owned());
}

/// Bags, heads and duties that only an earlier ceremony could have left.
fn what_no_record_has(seen: &mut BTreeSet<String>) {
    let step = |more: &str| format!("[[step]]\nid = \"look\"\n{more}");
    let bag = |act: &str| step(&format!("do = \"custody\"\nitem = \"primary-token\"\nact = \"{act}\"\n"));
    let lab = Lab::after_genesis();
    for (code, told, steps) in [
        ("P015", "no record says which number the bag of `primary-token` has", bag("open")),
        (
            "P017",
            "`ledger:disclose` names no open duty",
            step(
                "do = \"confirm\"\nby = \"witness\"\ntext = \"It is done.\"\ndischarges = \"ledger:disclose\"\n",
            ),
        ),
    ] {
        let shown = plan_people(&lab, &steps).ends(1, told);
        assert!(shown.contains(&format!("error[{code}]")), "{shown}");
        seen.insert(code.to_owned());
    }
    let lab = Lab::blank();
    let head = step("do = \"read-aloud\"\nby = \"officer\"\ndigest = \"previous-head\"\n");
    lab.write("ceremonies/genesis.toml", &format!("{}\n{head}", lab.read("ceremonies/genesis.toml")));
    lab.plan("genesis").ends(1, "error[P016]");
    seen.insert("P016".to_owned());

    // What the last ceremony did with a bag is what the next one finds.
    let lab = Lab::after_genesis();
    ceremony(&lab, "people", &bag("seal"));
    let answers = lab.read("ceremonies/answers.toml");
    lab.write("ceremonies/answers.toml", &format!("{answers}\n[[bag]]\nstep = \"look\"\nnumber = \"B1\"\n"));
    lab.hold("people", "hsm.toml", &crate::lab::TWO_OFFICERS).done();
    for (told, steps) in [
        ("ceremony 2 left the bag of `primary-token` closed", bag("seal")),
        ("ceremony 2 recorded the number B1", bag("open") + "number = \"B2\"\n"),
    ] {
        ceremony(&lab, "again", &steps);
        lab.plan("again").ends(1, told);
    }
    ceremony(&lab, "again", &bag("open"));
    lab.hold("again", "hsm.toml", &crate::lab::TWO_OFFICERS).done();
    ceremony(&lab, "once-more", &bag("inspect"));
    lab.plan("once-more").ends(1, "ceremony 3 left `primary-token` without a closed bag");
}

/// What is told, code, how the roster is changed (nothing where the step is missing), and the other steps.
type Misfit = (&'static str, &'static str, Option<fn(&Lab)>, &'static str);

const RESHARE: &str = "[[step]]\nid = \"shares\"\ndo = \"reshare\"\n";

/// The new roster lies where the old one lay until it is an input.
const MISFITS: [Misfit; 12] = [
    ("expected", "P013", Some(|lab| lab.edit("roster.toml", "[thresholds]", "[thresholds")), ""),
    (
        "of another authority or environment",
        "P013",
        Some(|lab| lab.edit("roster.toml", "authority = \"example-lab\"", "authority = \"another-lab\"")),
        "",
    ),
    ("the roster that is in force", "P013", Some(|_| ()), ""),
    (
        "the public key of `officer-a` on the roster has an RSA modulus of 2048 bits",
        "P013",
        Some(give_a_short_key),
        "",
    ),
    (
        "the new roster says any 3 of",
        "P014",
        Some(|lab| lab.edit("roster.toml", "unlock = 2", "unlock = 3")),
        "",
    ),
    ("the new roster says any 2 of officer-a, officer-b", "P014", Some(take_the_last_share), ""),
    (
        "and the new roster says any 2 of officer-a, officer-b",
        "P014",
        Some(take_the_last_share),
        "[[step]]\nid = \"elsewhere\"\ndo = \"reshare\"\nonto = \"newest\"\n",
    ),
    ("gives 0 people a share of `recovery`, and 2 are needed", "P014", None, "set = \"recovery\""),
    ("no token is opened by other shares", "P014", None, "onto = \"newest\""),
    (
        "`primary` is opened by the newest shares already",
        "P014",
        None,
        "onto = \"newest\"\ntokens = [\"primary\"]",
    ),
    ("no share opens a token `second`", "P003", None, "tokens = [\"second\"]"),
    ("no share opens a token `second`", "P003", None, "onto = \"newest\"\ntokens = [\"second\"]"),
];

fn people_and_shares_that_do_not_fit(seen: &mut BTreeSet<String>) {
    for (told, code, change, more) in MISFITS {
        let lab = Lab::after_genesis();
        let steps = match change {
            Some(change) => change_of_roster(&lab, change) + more,
            None => format!("{RESHARE}{more}\n"),
        };
        let shown = plan_people(&lab, &steps).ends(1, told);
        assert!(shown.contains(&format!("error[{code}]")), "{told}: {shown}");
        assert!(!lab.path("plans/people").exists(), "{told}: a plan was written");
        seen.insert(code.to_owned());
    }

    // The shares that are dealt are those of the roster that holds by then.
    let lab = Lab::after_genesis();
    let people = change_of_roster(&lab, take_the_last_share);
    plan_people(&lab, &format!("{RESHARE}{people}")).ends(1, "error[P014]");
    plan_people(&lab, &format!("{people}{RESHARE}")).done();
}

fn plan_people(lab: &Lab, steps: &str) -> Ran {
    ceremony(lab, "people", steps);
    lab.plan("people")
}

/// A step that brings in what a change makes of the roster; the roster in force stays as it is.
fn change_of_roster(lab: &Lab, change: impl FnOnce(&Lab)) -> String {
    let present = lab.read("roster.toml");
    change(lab);
    let incoming = lab.read("roster.toml");
    lab.write("roster.toml", &present);
    lab.write("ceremonies/inputs/roster-2.toml", &incoming);
    let digest = sha256(incoming.as_bytes());
    format!(
        "[[step]]\nid = \"people\"\ndo = \"change-roster\"\n\
         roster = {{ file = \"inputs/roster-2.toml\", sha256 = \"{digest}\" }}\n\n"
    )
}

/// The last of the three holders holds a share no longer.
fn take_the_last_share(lab: &Lab) {
    let roster = lab.read("roster.toml");
    let (before, after) = roster.rsplit_once("shares = [\"operate\"]\n").expect("a holder");
    lab.write("roster.toml", &format!("{before}{after}"));
}

/// Officer A gets an RSA key that is too short to sign statements.
fn give_a_short_key(lab: &Lab) {
    let [private, public] =
        ["short.key.pem", "short.pub.pem"].map(|name| lab.path(name).display().to_string());
    let openssl = |arguments: &[&str]| lab.tool("openssl", "openssl", arguments).done();
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", &private]);
    openssl(&["pkey", "-in", &private, "-pubout", "-out", &public]);
    let short: String = lab.read("short.pub.pem").lines().filter(|line| !line.starts_with('-')).collect();
    let roster = lab.read("roster.toml");
    let change = |line: &str| match line.split_once(" = ") {
        Some(("public-key", _)) => format!("public-key = \"{short}\"\n"),
        Some(("algorithm", _)) => "algorithm = \"rsa-pss-sha256\"\n".to_owned(),
        _ => format!("{line}\n"),
    };
    let people: Vec<String> = roster.split("[[person]]\n").map(str::to_owned).collect();
    let changed = people.iter().map(|person| match person.contains("name = \"officer-a\"") {
        true => person.lines().map(change).collect(),
        false => person.clone(),
    });
    lab.write("roster.toml", &changed.collect::<Vec<String>>().join("[[person]]\n"));
}

#[test]
fn a_plan_is_rebuilt_byte_for_byte_and_a_changed_one_is_not() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    verify_plan(&lab).ends(0, "rebuilt byte for byte");
    lab.plan("sign-intermediates").ends(2, "exists already");

    lab.edit(CEREMONY, "path-length = 1", "path-length = 0");
    verify_plan(&lab).ends(1, "differs from byte");
    lab.edit(CEREMONY, "path-length = 0\nvalidity = { from = 2026-01-01T00:00:00Z, to = 2030-12-31T23:59:59Z }\n\n[[step]]\nid = \"crl\"", "path-length = 1\nvalidity = { from = 2026-01-01T00:00:00Z, to = 2030-12-31T23:59:59Z }\n\n[[step]]\nid = \"crl\"");
    verify_plan(&lab).done();
    lab.edit("plans/sign-intermediates/plan.json", "\"ordinal\":2", "\"ordinal\":3");
    verify_plan(&lab).ends(1, "differs from byte");
}

fn verify_plan(lab: &Lab) -> crate::lab::Ran {
    lab.anchorite(&format!(
        "plan {CEREMONY} --authority authority --roster roster.toml --output plans/sign-intermediates --verify"
    ))
}

#[track_caller]
fn refused(lab: &Lab, code: &str, seen: &mut BTreeSet<String>) {
    lab.plan("sign-intermediates").ends(1, &format!("error[{code}]"));
    assert!(!lab.path("plans/sign-intermediates").exists(), "{code}: a plan was written");
    seen.insert(code.to_owned());
}

/// A genesis for production, with the laboratory's roster of three holders, which has too few to spare.
fn production() -> Lab {
    let lab = Lab::blank();
    lab.edit("roster.toml", "environment = \"lab\"", "environment = \"production\"");
    // Nobody can see from here that it is not so.
    lab.edit("roster.toml", "key-storage = \"file\"", "key-storage = \"hardware\"");
    let genesis = "ceremonies/genesis.toml";
    lab.edit(genesis, "environment = \"lab\"", "environment = \"production\"");
    lab.edit(
        genesis,
        "window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }",
        "window = { from = 2026-12-01T09:00:00Z, to = 2026-12-01T17:00:00Z }",
    );
    lab.edit(genesis, "from = 2026-01-01T00:00:00Z, to = 2045", "from = 2026-12-01T00:00:00Z, to = 2045");
    lab.edit(genesis, "this-update = 2026-01-01T00:00:00Z", "this-update = 2026-12-01T00:00:00Z");
    lab.edit(genesis, "next-update = 2026-12-31T23:59:59Z", "next-update = 2027-11-30T23:59:59Z");
    lab
}
