//! Lists ahead of their time, and the list in an emergency that withdraws them.

use crate::lab::{Lab, TWO_OFFICERS};

const CEREMONY: &str = r#"[ceremony]
title = "Lists of lab.example.org"
name = "NAME"
authority = "example-lab"
environment = "lab"
trust-domain = "lab.example.org"
window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }
next-ceremony = 2036-06-01T00:00:00Z
"#;

const SERIES: &str = r#"
[[step]]
id = "crl"
do = "issue-crl"
issuer = "ledger:root"
this-update = 2036-01-01T00:00:00Z
next-update = 2036-03-01T00:00:00Z
issuing-distribution-point = ["http://crl.lab.example.org/root.crl"]
series = { count = 5, every-days = 30 }
"#;

const EMERGENCY: &str = r#"
[[step]]
id = "revoke-istio"
do = "revoke"
issuer = "ledger:root"
certificate = "ledger:istio"
reason = "key-compromise"
at = 2036-01-10T00:00:00Z

[[step]]
id = "emergency"
do = "issue-crl"
issuer = "ledger:root"
this-update = 2036-01-10T00:00:00Z
next-update = 2036-06-30T00:00:00Z
issuing-distribution-point = ["http://crl.lab.example.org/root.crl"]
"#;

/// A laboratory with an intermediate and a series of lists.
fn with_a_series() -> Lab {
    let lab = Lab::after_genesis();
    lab.edit(
        "ceremonies/sign-intermediates.toml",
        "to = 2030-12-31T23:59:59Z }\n\n[[step]]\nid = \"vault\"",
        "to = 2044-12-31T23:59:59Z }\n\n[[step]]\nid = \"vault\"",
    );
    lab.edit(
        "ceremonies/sign-intermediates.toml",
        "profile = \"intermediate\"\n",
        "profile = \"intermediate\"\ncrl-distribution-points = [\"http://crl.lab.example.org/root.crl\"]\n",
    );
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
    lab.write("ceremonies/lists.toml", &format!("{}{SERIES}", CEREMONY.replace("NAME", "lists")));
    lab.hold("lists", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
    lab
}

/// Whether openssl takes the intermediate at a time in which it has these lists.
fn openssl_says(lab: &Lab, at: &str, lists: &[&str]) -> i32 {
    let seconds = anchorite::format::Instant::parse(at).unwrap().unix_seconds().to_string();
    let mut arguments = vec!["verify", "-crl_check", "-attime", &seconds];
    arguments.extend(["-CAfile", "authority/0001-genesis/artifacts/root.crt.pem"]);
    for list in lists {
        arguments.extend(["-CRLfile", list]);
    }
    arguments.push("authority/0002-sign-intermediates/artifacts/istio.crt.pem");
    lab.tool("openssl", "openssl", &arguments).code
}

/// What the page on CRLs tells people to type before a list is published, at a date.
fn gate(file: &str, at: &str) -> String {
    let blocks = crate::documents::blocks("docs/crls.md");
    let [(_, command)] = blocks.as_slice() else { panic!("one command: {blocks:?}") };
    let command = command.trim().strip_prefix("anchorite ").expect("a command of this program");
    assert!(command.contains(" root.crl "), "{command}");
    format!("{} --at {at}", command.replace("root.crl", file))
}

#[test]
fn a_series_is_signed_at_once_and_an_emergency_withdraws_the_rest_of_it() {
    let lab = with_a_series();
    lab.verify().ends(0, "VERDICT  PASS");
    let status = "authority status authority --roster roster.toml --at";
    let shown = lab.anchorite(&format!("{status} 2036-01-05T00:00:00Z")).done();
    assert!(shown.contains("under embargo until 2036-01-31T00:00:00Z"), "{shown}");
    let list = |name: &str| format!("authority/0003-lists/artifacts/{name}.crl.pem");
    let (first, second, third) = (list("crl-1"), list("crl-2"), list("crl-3"));
    for file in [&first, &third, &list("crl-5")] {
        let arguments = [
            "crl",
            "-in",
            file,
            "-CAfile",
            "authority/0001-genesis/artifacts/root.crt.pem",
            "-noout",
            "-text",
        ];
        let text = lab.tool("openssl", "openssl", &arguments).ends(0, "verify OK");
        assert!(text.contains("Next Update"), "{text}");
    }

    lab.anchorite("report authority/0003-lists --roster roster.toml --output report.html").done();
    let report = lab.read("report.html");
    for told in
        ["not to be published before</dt><dd>2036-01-31T00:00:00Z", "http://crl.lab.example.org/root.crl"]
    {
        assert!(report.contains(told), "the report says nothing of {told}");
    }

    let due = lab.anchorite("due authority --roster roster.toml --at 2036-01-05T00:00:00Z");
    let due = due.ends(1, "Publish CRL 4 in the place of CRL 3. Not before 2036-01-31T00:00:00Z.");
    assert_eq!(due.matches("publish-crl").count(), 4, "{due}");
    lab.anchorite(&gate(&second, "2036-01-30T23:59:59Z")).ends(1, "under embargo until 2036-01-31T00:00:00Z");

    lab.write("ceremonies/emergency.toml", &format!("{}{EMERGENCY}", CEREMONY.replace("NAME", "emergency")));
    let planned = lab.plan("emergency").done();
    assert!(planned.contains("withdraws CRL 4, 5, 6, 7"), "{planned}");
    lab.approve("emergency", "hsm.toml", &TWO_OFFICERS);
    lab.run("emergency", "hsm.toml").ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    let shown = lab.anchorite(&format!("{status} 2036-02-05T00:00:00Z")).done();
    assert_eq!(shown.matches("WITHDRAWN by CRL 8").count(), 4, "{shown}");

    // Why nobody may publish them: openssl goes by the date, and the revoked certificate is good again.
    let emergency = "authority/0004-emergency/artifacts/emergency.crl.pem";
    let before = "2036-01-20T00:00:00Z";
    let after = "2036-02-05T00:00:00Z";
    assert_eq!(openssl_says(&lab, before, &[&first]), 0);
    assert_ne!(openssl_says(&lab, after, &[emergency]), 0);
    assert_eq!(openssl_says(&lab, after, &[emergency, &second]), 0);

    for (file, at, code, told) in [
        (emergency, after, 0, "may be published"),
        (&second, after, 1, "WITHDRAWN by CRL 8"),
        (&third, before, 1, "WITHDRAWN by CRL 8"),
        (&first, after, 1, "superseded by CRL 8"),
    ] {
        lab.anchorite(&gate(file, at)).ends(code, told);
    }
    let due =
        lab.anchorite("due authority --roster roster.toml --at 2036-02-05T00:00:00Z").ends(1, "next-crl");
    assert!(!due.contains("publish-crl"), "nothing that is withdrawn is due: {due}");
}
