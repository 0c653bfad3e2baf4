//! Tokens that something else initialised, that are wiped, that hold their own quorum, or that take other PINs.

use std::fs;
use std::process::Command;

use anchorite::format::{Digest, PinPolicy, SharesSplit};
use anchorite::secret::QuorumSecret;
use anchorite::shares;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::derivation::{pin, secret, words};
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, ran, repository};
use crate::person::Person;
use crate::proxy::Proxy;
use crate::python::installed;
use crate::reshare::{OFFICERS, last, log_in, secret_of};
use crate::terminal::{everybody_is_here, run_by_a_person};

const USER: &str = "user-pin-of-before";
const SO: &str = "so-pin-of-before";

/// A laboratory with a token that SoftHSM's own tool initialised, with a key on it: bound as `used.toml`, through the
/// proxy as `proxy.toml`, its PINs in custody. Sheets are kept by epoch.
fn used() -> (Lab, Proxy) {
    let lab = with_sheets_by_epoch();
    let arguments = ["--init-token", "--free", "--label", "lab-root-g1", "--so-pin", SO, "--pin", USER];
    lab.tool("softhsm2-util", "softhsm2", &arguments).done();
    let module = crate::lab::module();
    let login =
        ["--module", &module.display().to_string(), "--token-label", "lab-root-g1", "--login", "--pin", USER];
    let key = ["--keypairgen", "--key-type", "EC:prime256v1", "--label", "somebody-elses", "--id", "aa"];
    lab.tool("pkcs11-tool", "opensc", &[&login[..], &key].concat()).done();
    let list: Value =
        serde_json::from_str(&lab.anchorite("token list --binding blank.toml --format json").done()).unwrap();
    let tokens = list["tokens"].as_array().unwrap();
    let serial =
        tokens.iter().find(|token| token["initialised"] == true).unwrap()["serial"].as_str().unwrap();
    let address = format!("serial = \"{serial}\"");
    lab.write_binding("used.toml", &module, &address);
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &address);
    lab.keep("primary.user", &format!("{USER}\n"));
    lab.keep("primary.so", &format!("{SO}\n"));
    let pins =
        "\n[[token]]\nname = \"primary\"\nuser = \"primary.user\"\nsecurity-officer = \"primary.so\"\n";
    lab.write("ceremonies/answers.toml", &format!("{}{pins}", lab.read("ceremonies/answers.toml")));
    (lab, proxy)
}

fn with_sheets_by_epoch() -> Lab {
    let lab = Lab::blank();
    for officer in OFFICERS {
        let (from, to) = (format!("{officer}.sheet.txt"), format!("{officer}.{{set}}-{{epoch}}.txt"));
        lab.edit("ceremonies/answers.toml", &from, &to);
    }
    lab
}

/// Adds these lines to the step that takes the token over in the genesis.
fn taken_over(lab: &Lab, lines: &str) {
    lab.edit("ceremonies/genesis.toml", "do = \"provision\"\n", &format!("do = \"provision\"\n{lines}\n"));
}

/// The PIN that the shares of an epoch give.
fn derived(lab: &Lab, epoch: u32, purpose: &str) -> String {
    pin(&secret_of(lab, epoch, ["officer-a", "officer-b"]), "example-lab", &last(lab, "pin.policy"), purpose)
}

/// Runs the genesis and insists that neither token nor authority was changed, and the token not tried.
#[track_caller]
fn refused(lab: &Lab, proxy: &Proxy, binding: &str, code: i32, told: &str) {
    let before = lab.consequences();
    proxy.calls();
    lab.run("genesis", binding).ends(code, told);
    assert!(lab.consequences() == before, "{told}");
    assert_eq!(proxy.calls(), Vec::<String>::new(), "{told}");
}

/// What another program sees on the token with a user's PIN.
fn objects(lab: &Lab, user: &str) -> String {
    log_in(lab, false, user).done()
}

#[test]
fn both_pins_of_a_token_that_its_makers_tool_initialised_are_replaced_and_what_is_on_it_stays() {
    let (lab, proxy) = used();
    taken_over(&lab, "mode = \"set-pin\"");
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    lab.run("genesis", "proxy.toml").done();
    lab.verify().ends(0, "VERDICT  PASS");
    assert!(!proxy.calls().contains(&"C_InitToken".to_owned()));
    for (so, old) in [(false, USER), (true, SO)] {
        log_in(&lab, so, old).ends(1, "CKR_PIN_INCORRECT");
    }
    log_in(&lab, true, &derived(&lab, 1, "so-pin")).done();
    let shown = objects(&lab, &derived(&lab, 1, "user-pin"));
    assert!(shown.contains("somebody-elses") && shown.contains("lab-root-g1"), "{shown}");
    // Its PINs follow from shares like any other's from here on.
    proxy.calls();
    lab.hold("reshare", "proxy.toml", &TWO_OFFICERS).done();
    log_in(&lab, false, &derived(&lab, 2, "user-pin")).done();
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_wrong_pin_of_before_is_tried_once_and_the_right_one_finishes_it() {
    let (lab, proxy) = used();
    taken_over(&lab, "mode = \"set-pin\"");
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    lab.write("custody/primary.user", "not this one\n");
    proxy.calls();
    lab.run("genesis", "proxy.toml").ends(3, "CKR_PIN_INCORRECT");
    assert_eq!(proxy.calls(), ["C_Login", "C_SetPIN", "C_Login"]);
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.write("custody/primary.user", &format!("{USER}\n"));
    let resume = "resume authority/0001-genesis --exchange exchange/resume --answers ceremonies/answers.toml --custody custody";
    let shown = lab.anchorite(resume).ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    assert!(objects(&lab, &derived(&lab, 1, "user-pin")).contains("lab-root-g1"), "{shown}");
    log_in(&lab, true, &derived(&lab, 1, "so-pin")).done();
}

#[test]
fn what_is_on_a_wiped_token_is_gone_and_nobody_who_had_its_pins_opens_it() {
    let (lab, proxy) = used();
    assert!(objects(&lab, USER).contains("somebody-elses"));
    taken_over(&lab, "content = \"wipe\"");
    let planned = lab.plan("genesis").done();
    assert!(planned.contains("DESTROYING WHAT IS ON IT"), "{planned}");
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    lab.run("genesis", "proxy.toml").done();
    assert!(proxy.calls().contains(&"C_InitToken".to_owned()));
    lab.verify().ends(0, "VERDICT  PASS");
    log_in(&lab, true, SO).ends(1, "CKR_PIN_INCORRECT");
    log_in(&lab, true, &derived(&lab, 1, "so-pin")).done();
    let shown = objects(&lab, &derived(&lab, 1, "user-pin"));
    assert!(!shown.contains("somebody-elses") && shown.contains("lab-root-g1"), "{shown}");
    log_in(&lab, false, USER).ends(1, "CKR_PIN_INCORRECT");
}

#[test]
fn a_token_is_wiped_only_after_its_own_serial_number_was_typed() {
    let (lab, proxy) = used();
    let genesis = lab.read("ceremonies/genesis.toml");
    let (head, rest) = genesis.split_once("[[step]]\nid = \"clock\"").unwrap();
    let provision = rest.split("[[step]]").find(|step| step.contains("id = \"provision\"")).unwrap();
    let provision = provision.replace("do = \"provision\"\n", "do = \"provision\"\ncontent = \"wipe\"\n");
    lab.write("ceremonies/genesis.toml", &format!("{head}[[step]]{provision}"));
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    let binding = lab.read("used.toml");
    let serial = binding.lines().find_map(|line| line.strip_prefix("serial = ")).unwrap().trim_matches('"');
    let store = || {
        let mut files = lab.consequences();
        files.retain(|path, _| path.starts_with(lab.path("softhsm")));
        files
    };
    let before = store();
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "proxy.toml"));
    everybody_is_here(&mut person);
    let shown = person.is_asked("who confirms");
    assert!(shown.contains("WILL BE DESTROYED") && shown.contains(serial), "{shown}");
    person.types("officer-b");
    for wrong in ["lab-root-g1", "yes", &serial[1..], &serial.replace(|_: char| true, "0")] {
        person.is_asked("type the serial number of the token that is wiped to go on: ");
        person.types(wrong);
        person.reads("Not");
        if person.is_asked(": ").contains("who confirms") {
            person.types("officer-b");
        }
    }
    person.killed();
    assert!(store() == before);
    assert_eq!(proxy.calls(), Vec::<String>::new());
    assert!(objects(&lab, USER).contains("somebody-elses"));
}

#[test]
fn a_token_that_holds_its_own_quorum_is_opened_on_the_device_in_this_ceremony_and_later() {
    let (lab, proxy) = used();
    taken_over(&lab, "mode = \"adopt\"\nquorum = \"token\"");
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    // Without a way to ask people on the device there is nothing to adopt.
    refused(&lab, &proxy, "proxy.toml", 3, "the token has no protected authentication path");

    proxy.hold_quorum(USER);
    lab.run("genesis", "proxy.toml").done();
    let calls = proxy.calls();
    assert_eq!(calls.iter().filter(|call| *call == "C_Login").count(), 1, "{calls:?}");
    assert!(
        !calls.iter().any(|call| ["C_InitToken", "C_InitPIN", "C_SetPIN"].contains(&call.as_str())),
        "{calls:?}"
    );
    lab.verify().ends(0, "VERDICT  PASS");
    let log = lab.read("authority/0001-genesis/log.jsonl");
    assert!(
        !log.contains("quorum.split") && !log.contains("pin.policy") && log.contains("\"device\""),
        "{log}"
    );
    for officer in OFFICERS {
        assert!(!lab.path(&format!("custody/{officer}.operate-1.txt")).exists());
    }
    let status = lab.anchorite("share status authority --roster roster.toml").done();
    assert!(status.contains("primary"), "{status}");

    lab.plan("reshare").ends(1, "no token is opened by other shares than these");
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "proxy.toml", &TWO_OFFICERS);
    let shown = lab.run("sign-intermediates", "proxy.toml").done();
    assert!(shown.contains("authenticate on the device now"), "{shown}");
    let calls = proxy.calls();
    assert_eq!(calls.iter().filter(|call| *call == "C_Login").count(), 1, "{calls:?}");
    assert!(calls.contains(&"C_Sign".to_owned()));
    lab.verify().ends(0, "VERDICT  PASS");
    objects(&lab, USER);
}

#[test]
fn a_token_in_another_state_than_the_plan_says_is_left_alone() {
    // Lines, whether the token is blank, told.
    let cases = [
        ("", false, "token `primary` is initialised, but the plan takes over a blank one"),
        ("content = \"wipe\"", true, "token `primary` is blank, but the plan wipes one that is not"),
        (
            "mode = \"set-pin\"",
            true,
            "token `primary` is blank, but the plan takes over one that its maker's tools",
        ),
        (
            "mode = \"adopt\"\nquorum = \"token\"",
            true,
            "token `primary` is blank, but the plan takes over one that its maker's tools",
        ),
        (
            "mode = \"set-pin\"",
            false,
            "token `primary` has the label `lab-root-g1`, and the plan takes over the one with the label `lab-root-g2`",
        ),
    ];
    for (lines, blank, told) in cases {
        let (lab, proxy) = used();
        if blank {
            fs::remove_dir_all(lab.path("softhsm/tokens")).unwrap();
            fs::create_dir(lab.path("softhsm/tokens")).unwrap();
            proxy.bind(&lab, "proxy.toml", "blank = true");
        }
        if !lines.is_empty() {
            taken_over(&lab, lines);
        }
        if told.contains("g2") {
            lab.edit("ceremonies/genesis.toml", "label = \"lab-root-g1\"", "label = \"lab-root-g2\"");
        }
        lab.plan("genesis").done();
        lab.approve("genesis", "proxy.toml", &EVERYBODY);
        refused(&lab, &proxy, "proxy.toml", 1, told);
    }
}

#[test]
fn a_pin_that_is_on_its_final_try_or_locked_stops_everything_before_the_record_is_open() {
    let user = "user";
    let so = "security officer";
    let (lab, proxy) = used();
    taken_over(&lab, "mode = \"set-pin\"");
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    let flags = [(0x2_0000, user), (0x4_0000, user), (0x20_0000, so), (0x40_0000, so)];
    for (flag, _) in flags {
        proxy.claim(flag);
        refused(&lab, &proxy, "proxy.toml", 3, told(flag));
    }
    // A count that is low is shown and stops nothing.
    proxy.claim(0x1_0000);
    let shown = lab.run("genesis", "proxy.toml").done();
    assert!(shown.contains("somebody tried a wrong one since the last login"), "{shown}");

    for (name, stopping) in [("sign-intermediates", &flags[..2]), ("reshare", &flags[..])] {
        proxy.claim(0);
        lab.plan(name).done();
        lab.approve(name, "proxy.toml", &TWO_OFFICERS);
        for (flag, _) in stopping {
            proxy.claim(*flag);
            proxy.calls();
            let before = lab.consequences();
            lab.run(name, "proxy.toml").ends(3, told(*flag));
            assert!(lab.consequences() == before, "{name} {flag:x}");
            assert_eq!(proxy.calls(), Vec::<String>::new());
        }
        // The security officer's PIN is not tried where only the user signs.
        proxy.claim(if name == "reshare" { 0 } else { 0x40_0000 });
        let shown = lab.run(name, "proxy.toml").done();
        assert_eq!(shown.contains("LOCKED"), name != "reshare", "{shown}");
    }
    lab.verify().ends(0, "VERDICT  PASS");
}

/// What is said of a flag of CK_TOKEN_INFO.
fn told(flag: u64) -> &'static str {
    match flag {
        0x2_0000 | 0x20_0000 => "one more wrong PIN",
        _ => "locked",
    }
}

/// The script of docs/disaster-recovery.md with two officers' sheets of an epoch.
fn recovered(lab: &Lab, purpose: &str, epoch: u32) -> String {
    let mut command = Command::new("python3");
    command
        .arg(repository("scripts/recover-pin.py"))
        .args(["authority", "--token", "primary", "--purpose", purpose])
        .args(["officer-b", "officer-c"].map(|officer| format!("custody/{officer}.operate-{epoch}.txt")))
        .current_dir(lab.path(""))
        .env("PYTHONPATH", installed());
    // What it says beside the PIN goes elsewhere.
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn pins_of_digits_and_templates_are_what_the_token_takes_and_what_the_recovery_script_gives() {
    let lab = with_sheets_by_epoch();
    taken_over(
        &lab,
        "symbols = \"digits\"\nuser-template = \"crypto-user:{pin}\"\nso-template = \"{pin}/so\"",
    );
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.bind_by_serial();
    lab.verify().ends(0, "VERDICT  PASS");
    let user = derived(&lab, 1, "user-pin");
    let digits = user.strip_prefix("crypto-user:").unwrap();
    assert!(digits.len() == 48 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{user}");
    let so = derived(&lab, 1, "so-pin");
    let digits = so.strip_suffix("/so").unwrap();
    assert!(digits.len() == 48 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{so}");
    log_in(&lab, false, &user).done();
    log_in(&lab, true, &so).done();
    assert_eq!(recovered(&lab, "user", 1), user);
    assert_eq!(recovered(&lab, "so", 1), so);
    lab.hold("reshare", "hsm.toml", &TWO_OFFICERS).done();
    let moved = derived(&lab, 2, "user-pin");
    assert!(moved.starts_with("crypto-user:") && moved != user);
    log_in(&lab, false, &moved).done();
    assert_eq!(recovered(&lab, "user", 2), moved);
}

const WAIVER: &str = "[[waiver]]\nrule = \"pin-strength\"\nreason = \"The token takes no longer PIN\"\n\
                      until = 2037-01-01T00:00:00Z\n\n";

/// A laboratory whose token takes PINs of 8 bytes at most, through the proxy, with the waiver that it needs.
fn short_pins() -> (Lab, Proxy) {
    let lab = with_sheets_by_epoch();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", "blank = true");
    proxy.limit_pins(8);
    lab.plan("genesis").done();
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    refused(&lab, &proxy, "proxy.toml", 1, "the PINs have 40 bits, and no token should have fewer than 64");
    for directory in ["plans", "approvals"] {
        fs::remove_dir_all(lab.path(directory)).unwrap();
    }
    lab.edit(
        "ceremonies/genesis.toml",
        "[[step]]\nid = \"clock\"",
        &format!("{WAIVER}[[step]]\nid = \"clock\""),
    );
    lab.hold("genesis", "proxy.toml", &EVERYBODY).done();
    let shown = lab.verify().ends(0, "VERDICT  PASS");
    assert!(shown.contains("pin-strength"), "{shown}");
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    (lab, proxy)
}

#[test]
fn the_same_pins_follow_from_the_shares_when_the_token_reports_other_limits_later() {
    let (lab, proxy) = short_pins();
    let policy = lab.record("pin.policy");
    assert_eq!((&policy["length"], &policy["entropy_bits"]), (&8.into(), &40.into()));
    let user = derived(&lab, 1, "user-pin");
    assert_eq!(user.len(), 8);
    log_in(&lab, false, &user).done();
    assert_eq!(recovered(&lab, "user", 1), user);
    for (most, name) in [(255, "sign-intermediates"), (4, "again")] {
        proxy.limit_pins(most);
        if name == "again" {
            // The second of two CRLs has a number of its own.
            let second = "[[step]]\nid = \"crl\"\ndo = \"issue-crl\"\nissuer = \"ledger:root\"\n\
                          this-update = 2026-01-01T00:00:00Z\nnext-update = 2026-12-31T23:59:59Z\n";
            crate::reshare::ceremony(&lab, name, second);
        }
        lab.hold(name, "proxy.toml", &TWO_OFFICERS).done();
        assert_eq!(derived(&lab, 1, "user-pin"), user);
        assert_eq!(recovered(&lab, "user", 1), user);
    }
    proxy.limit_pins(255);
    // The PINs of the next epoch are as short, and officers approve that again.
    lab.plan("reshare").done();
    lab.approve("reshare", "proxy.toml", &TWO_OFFICERS);
    let before = lab.consequences();
    lab.run("reshare", "proxy.toml").ends(1, "the PINs have 40 bits, and no token should have fewer than 64");
    assert!(lab.consequences() == before);
    for directory in ["plans", "approvals"] {
        fs::remove_dir_all(lab.path(&format!("{directory}/reshare"))).unwrap();
    }
    lab.edit("ceremonies/reshare.toml", "[[step]]", &format!("{WAIVER}[[step]]"));
    lab.hold("reshare", "proxy.toml", &TWO_OFFICERS).done();
    assert_eq!(last(&lab, "pin.policy")["length"], 8);
    log_in(&lab, false, &derived(&lab, 2, "user-pin")).done();
    lab.verify().ends(0, "VERDICT  PASS");
}

/// Whatever one could keep of a PIN with anything public, each once in hexadecimal, in base64 and as it is: searched in
/// files. Arguments: the PIN, then the files. Prints what it found, and how much it looked for.
///
/// Salts are every string and every number of hexadecimal digits in the records.
const ENUMERATION: &str = r#"
import base64, hashlib, hmac, json, sys
pin, files = sys.argv[1].encode(), sys.argv[2:]
salts = {b"", b"anchorite-quorum-secret/v1"}
def walk(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            salts.add(key.encode()); walk(inner)
    elif isinstance(value, list):
        for inner in value:
            walk(inner)
    else:
        text = str(value)
        salts.add(text.encode())
        try:
            salts.add(bytes.fromhex(text))
        except ValueError:
            pass
def lines(name):
    if name.endswith("log.jsonl"):
        return open(name).read().splitlines()
    return [open(name).read()] if name.endswith("plan.json") else []
for name in files:
    for line in lines(name):
        walk(json.loads(line))
kept = {pin, pin.lower(), pin[::-1]}
for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b"):
    kept.add(hashlib.new(name, pin).digest())
    kept.add(hashlib.new(name, hashlib.new(name, pin).digest()).digest())
def expanded(key, info):
    return hmac.digest(key, info + b"\x01", "sha256")
for salt in salts:
    key = hmac.digest(salt, pin, "sha256")
    kept |= {hashlib.sha256(salt + pin).digest(), hashlib.sha256(pin + salt).digest(), key,
             hashlib.sha512(salt + pin).digest(), hashlib.sha512(pin + salt).digest(),
             hashlib.sha1(salt + pin).digest(), hmac.digest(pin, salt, "sha256"), hmac.digest(pin, salt, "sha512")}
    for info in (b"", b"check", b"user-pin", b"so-pin", salt):
        kept.add(expanded(key, info))
        kept.add(expanded(hmac.digest(b"anchorite-quorum-secret/v1", pin, "sha256"), info))
kept.add(hashlib.pbkdf2_hmac("sha256", pin, b"anchorite-quorum-secret/v1", 1))
found = []
for name in files:
    content = open(name, "rb").read()
    lowered = content.lower()
    for value in kept:
        forms = (value, base64.b64encode(value).rstrip(b"="), base64.urlsafe_b64encode(value).rstrip(b"="))
        if value.hex().encode() in lowered or any(form in content for form in forms):
            found.append(name)
print(len(salts), len(kept), *found)
"#;

/// How many values were looked for, and the files that hold one.
fn searched(pin: &str, files: &[String]) -> (usize, Vec<String>) {
    let Ran { code, shown } = ran(Command::new("python3").args(["-c", ENUMERATION, pin]).args(files));
    assert_eq!(code, 0, "{shown}");
    let mut words = shown.split_whitespace().map(str::to_owned);
    let salts: usize = words.next().unwrap().parse().unwrap();
    assert!(salts > 100, "{salts} salts");
    (words.next().unwrap().parse().unwrap(), words.collect())
}

#[test]
fn nothing_in_the_record_of_a_short_pin_lets_anybody_try_pins_against_it() {
    let (lab, _proxy) = short_pins();
    let mut all = std::collections::BTreeMap::new();
    for directory in ["authority", "plans", "approvals", "exchange"] {
        crate::lab::collect(&lab.path(directory), &mut all);
    }
    let files: Vec<String> = all.keys().map(|path| path.display().to_string()).collect();
    assert!(files.len() > 30, "{}", files.len());
    let pins = ["user-pin", "so-pin"].map(|purpose| derived(&lab, 1, purpose));
    for pin in &pins {
        let (kept, found) = searched(pin, &files);
        assert!(kept > 1000, "{kept} values");
        assert_eq!(found, Vec::<String>::new());
    }
    // The search finds what is there, with any public salt.
    let policy: PinPolicy = serde_json::from_value(lab.record("pin.policy")).unwrap();
    for planted in [
        pins[0].clone(),
        Digest::of(pins[0].as_bytes()).to_string(),
        Digest::of(&[&policy.token_id.0, pins[0].as_bytes()].concat()).to_string().to_uppercase(),
        Digest::of(&[pins[0].as_bytes(), b"example-lab"].concat()).to_string(),
    ] {
        lab.write("planted", &planted);
        let with: Vec<String> =
            files.iter().cloned().chain([lab.path("planted").display().to_string()]).collect();
        assert_eq!(searched(&pins[0], &with).1.len(), 1, "{planted}");
    }

    // What the record does hold follows from all 256 bits: the check value from the secret alone.
    let split: SharesSplit = serde_json::from_value(lab.record("quorum.split")).unwrap();
    let ceremony: Digest = serde_json::from_value(lab.records()[0]["cer"].clone()).unwrap();
    let share = |officer: &str| words(&lab.read(&format!("custody/{officer}.operate-1.txt"))).join(" ");
    let found = secret(&["officer-a", "officer-b"].map(share));
    let mut bytes = [0; 32];
    for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&found[place..place + 2], 16).unwrap();
    }
    let check = |bytes: [u8; 32]| {
        let secret = QuorumSecret::new(Zeroizing::new(bytes));
        shares::check_value(&secret, &ceremony, split.set, &split.set_id, split.epoch).unwrap()
    };
    assert_eq!(check(bytes), split.check);
    for bit in 0..256 {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(check(other), split.check, "bit {bit}");
    }
}
