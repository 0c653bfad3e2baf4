//! What `rotate plan` refuses: each way in which a rotation would break somebody.

use crate::full::documented;
use crate::lab::{Lab, TWO_OFFICERS};

#[test]
fn a_rotation_that_would_break_somebody_is_refused_with_the_reason() {
    let lab = Lab::after_genesis();
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    // Two intermediates are there, `istio` and `vault`.
    let good = documented()
        .replace("intermediate = \"mesh\"", "intermediate = \"istio\"")
        .replace("intermediate = \"proxies\"", "intermediate = \"istio\"")
        .replace("intermediate = \"tools\"", "intermediate = \"vault\"")
        .replace("intermediate = \"jobs\"", "intermediate = \"vault\"");
    let plan = "rotate plan rotation.toml --authority authority --output rotation";
    lab.write("rotation.toml", &good);
    lab.anchorite(plan).done();
    std::fs::remove_dir_all(lab.path("rotation")).unwrap();
    let date = |line: &str| good.replace("[new]", &format!("[dates]\n{line}\n\n[new]"));
    let edge = |system: &str, anchors: &str| {
        good.replace(
            "system = \"nginx\"\nanchors = \"one\"",
            &format!("system = \"{system}\"\nanchors = \"{anchors}\""),
        )
    };
    let two = good.replace("anchors = \"one\"", "anchors = \"two\"");
    let cases = [
        (
            "removed before the last leaf ends",
            date("old-removed = \"2027-03-01T00:00:00Z\""),
            "old-removed on 2027-03-01T00:00:00Z is too early",
        ),
        (
            "used before everybody holds it",
            date("active = \"2026-12-05T00:00:00Z\""),
            "active on 2026-12-05T00:00:00Z is too early",
        ),
        (
            "two roots in one ca.crt",
            edge("cert-manager", "two"),
            "cert-manager reads only the first certificate of ca.crt",
        ),
        (
            "added and dropped in one step",
            edge("istio", "one"),
            "adding one and dropping one in a single step",
        ),
        (
            "no cross-certificate beside its chain",
            good.replace("system = \"step-ca\"", "system = \"vault\""),
            "needs a cross-certificate in every chain",
        ),
        (
            "trust-manager elsewhere",
            edge("node", "trust-manager"),
            "trust-manager spreads anchors beside cert-manager",
        ),
        ("another curve", good.replace("ecdsa-p256", "ecdsa-p384"), "Linkerd takes anchors on P-256 only"),
        (
            "the old root ends first",
            two.replace("leaf-seconds = 7776000", "leaf-seconds = 700000000"),
            "the old root ends on 2045-12-31T23:59:59Z",
        ),
        (
            "an intermediate ends first",
            good.replace("start = \"2026-12-01T09:00:00Z\"", "start = \"2030-12-30T09:00:00Z\""),
            "ends on 2030-12-31T23:59:59Z, before another takes its place",
        ),
        (
            "an intermediate that is not there",
            good.replace("intermediate = \"istio\"", "intermediate = \"other\""),
            "runs on `other`, which the authority's records do not have",
        ),
        (
            "the new root too short",
            good.replace("to = \"2046-11-30T23:59:59Z\"", "to = \"2027-01-31T23:59:59Z\""),
            "the new root is valid",
        ),
        ("a root that is not there", good.replace("old = \"root\"", "old = \"rot\""), "have no root `rot`"),
        (
            "another authority",
            good.replace("authority = \"example-lab\"", "authority = \"other\""),
            "not of the authority `other`",
        ),
    ];
    for (what, rotation, told) in cases {
        assert_ne!(rotation, good, "{what}");
        lab.write("rotation.toml", &rotation);
        let shown = lab.anchorite(plan).ends(1, told);
        assert!(shown.contains("nothing was written"), "{what}: {shown}");
        assert!(!lab.path("rotation").exists(), "{what}");
    }
    // SPIRE gives an old root up only when it ended.
    lab.write("rotation.toml", &edge("spire", "two"));
    lab.anchorite(plan).ends(0, "2046-01-01T23:59:59Z");
    for (from, to) in
        [("format = ", "other = "), ("[[consumer]]\nname = \"edge\"", "[[consumer]]\nname = \"mesh\"")]
    {
        lab.write("rotation.toml", &good.replacen(from, to, 1));
        lab.anchorite(plan).ends(2, "docs/rotation.md");
    }
}
