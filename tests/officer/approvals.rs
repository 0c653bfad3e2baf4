use anchorite::format::Digest;
use anchorite::roster::{Context, Refused, approve};

use super::set_up::{Lab, PEOPLE, mode, text};

#[test]
fn everybodys_approvals_of_a_genesis_open_it() {
    let lab = Lab::new();
    let mut approvals = Vec::new();
    for (name, _) in PEOPLE {
        let signed = lab.approve_as(name, &format!("{name}.pem"));
        assert_eq!(signed.status.code(), Some(0), "{}", text(&signed.stderr));
        let shown = text(&signed.stdout);
        assert!(shown.contains("Genesis\\u{202e} of a lab"), "foreign characters are escaped:\n{shown}");
        assert!(shown.contains("witness: \"All is well.\""), "{shown}");
        let files = [format!("approvals/approval.{name}.txt"), format!("approvals/approval.{name}.sig")];
        assert_eq!(files.each_ref().map(|file| mode(&lab.path(file))), [0o644; 2]);
        approvals.push((lab.read(&files[0]), lab.read(&files[1])));
    }
    let (roster, binding, plan_bytes) = (lab.roster(), lab.binding(), lab.read("plan/plan.json"));
    let context = Context {
        mode: anchorite::format::Mode::Ceremony,
        incoming: None,
        roster: &roster,
        plan_bytes: &plan_bytes,
        binding: &binding,
        ordinal: 1,
        previous_head: Digest::ZERO,
    };
    let now = anchorite::host::now();
    assert_eq!(approve(&context, &approvals, now).unwrap().signers().len(), 3);
    assert!(matches!(approve(&context, &approvals[..2], now), Err(Refused::NotEverybody { .. })));
}

#[test]
fn an_officers_machine_refuses_a_plan_that_does_not_fit_together() {
    type Change = fn(&mut anchorite::format::Plan);
    let cases: [(Change, &str, &str); 8] = [
        (|p| p.roster_sha256 = Digest::ZERO, "officer-a", "the plan is for the roster 0000"),
        (|p| p.authority = "other".parse().unwrap(), "officer-a", "the plan is for the authority `other`"),
        (
            |p| p.environment = anchorite::format::Environment::Production,
            "officer-a",
            "the plan is for production",
        ),
        (|p| p.ordinal = 2, "officer-a", "ceremony 2 cannot follow the head 0000"),
        (|p| p.previous_head = Digest::of(b"x"), "officer-a", "ceremony 1 cannot follow the head"),
        (|p| p.tokens.push("spare".parse().unwrap()), "officer-a", "the plan uses the token `spare`"),
        (|_| (), "stranger", "`stranger` is not on the roster"),
        (
            |p| {
                p.ordinal = 2;
                p.previous_head = Digest::of(b"x");
            },
            "witness",
            "`witness` is no officer",
        ),
    ];
    let lab = Lab::new();
    let before = lab.listing();
    for (change, name, expected) in cases {
        lab.write_plan(change);
        let refused = lab.approve_as(name, "officer-a.pem");
        let error = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.contains(expected) && error.contains("what to do:"), "{expected}:\n{error}");
    }
    lab.write("plan/plan.json", b"{}", 0o644);
    assert_eq!(lab.approve_as("officer-a", "officer-a.pem").status.code(), Some(2));
    assert_eq!(lab.listing(), before);
}
