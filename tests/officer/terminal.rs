use anchorite::format::Statement;
use anchorite::roster::check_signature;

use super::set_up::{Lab, PASSPHRASE, text};

#[test]
fn without_a_terminal_nobody_is_asked() {
    let lab = Lab::new();
    lab.write_statement("s.txt", "officer-a");
    for arguments in [
        &["officer", "new", "x", "--role", "officer", "-o", "x.pem"][..],
        &["officer", "sign", "s.txt", "--key", "officer-a.pem"],
        &["officer", "sign", "s.txt", "--key", "officer-a.pem", "--passphrase-file", "passphrase"],
    ] {
        let refused = lab.anchorite(arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("there is no terminal to ask at"));
    }
    assert!(!lab.path("x.pem").exists() && !lab.path("s.sig").exists());
    let refused = lab.anchorite(&["officer", "sign", "s.txt", "--key", "officer-a.pem", "--yes"]);
    assert_eq!(refused.status.code(), Some(2), "--yes needs --passphrase-file");
}

#[test]
fn at_a_terminal_the_passphrase_is_asked_for_twice_and_never_shown() {
    let lab = Lab::empty();
    let typed = format!("{PASSPHRASE}\r");
    let arguments = ["officer", "new", "x", "--role", "officer", "-o", "x.pem"];
    let steps = [("12 characters or more: ", typed.as_str(), "hidden"), ("again: ", &typed, "hidden")];
    let played = lab.on_terminal(&steps, &arguments);
    assert_eq!((played.exit, played.echo), (0, true), "{}", played.shown);
    assert!(!played.shown.contains("horse"), "{}", played.shown);
    let read = lab.openssl(&["pkey", "-in", "x.pem", "-passin", "file:passphrase", "-noout"]);
    assert!(read.status.success(), "the file opens with what was typed");
}

#[test]
fn two_different_or_too_short_passphrases_make_no_key() {
    let lab = Lab::empty();
    let arguments = ["officer", "new", "x", "--role", "officer", "-o", "x.pem"];
    let steps = [("more: ", "correct horse one\r", "hidden"), ("again: ", "correct horse two\r", "hidden")];
    let played = lab.on_terminal(&steps, &arguments);
    assert_eq!(played.exit, 4, "{}", played.shown);
    assert!(played.shown.contains("the two passphrases differ"));
    let played = lab.on_terminal(&[("more: ", "short\r", "hidden")], &arguments);
    assert_eq!(played.exit, 1, "{}", played.shown);
    assert!(!lab.path("x.pem").exists());
}

#[test]
fn ctrl_c_at_a_passphrase_leaves_the_echo_on_and_nothing_behind() {
    let lab = Lab::empty();
    let before = lab.listing();
    let arguments = ["officer", "new", "x", "--role", "officer", "-o", "x.pem"];
    for interrupt in ["\u{3}", "half a pass\u{3}", "\u{4}"] {
        let played = lab.on_terminal(&[("more: ", interrupt, "hidden")], &arguments);
        assert_eq!((played.exit, played.echo), (4, true), "{}", played.shown);
        assert!(played.shown.contains("stopped at the prompt; nothing was written"), "{}", played.shown);
    }
    let typed = format!("{PASSPHRASE}\r");
    let steps = [("more: ", typed.as_str(), "hidden"), ("again: ", "\u{3}", "hidden")];
    let played = lab.on_terminal(&steps, &arguments);
    assert_eq!((played.exit, played.echo), (4, true), "{}", played.shown);
    assert_eq!(lab.listing(), before);
}

#[test]
fn a_person_signs_by_typing_digits_of_what_is_signed_then_the_passphrase() {
    let lab = Lab::new();
    let statement = lab.write_statement("s.txt", "officer-a");
    let Statement::Approval(approval) = statement else { panic!("an approval") };
    let digits = approval.plan_sha256.to_string();
    let arguments = ["officer", "sign", "s.txt", "--key", "officer-a.pem"];
    let typed = format!("{PASSPHRASE}\r");
    let question = "Compare plan-sha256 with your own copy. To sign, type its first 8 digits: ";

    let played = lab.on_terminal(&[(question, "y\r", "shown")], &arguments);
    assert_eq!(played.exit, 4, "{}", played.shown);
    assert!(!lab.path("s.sig").exists());

    let played = lab.on_terminal(&[(question, "\u{3}", "shown")], &arguments);
    assert_eq!((played.exit, played.echo), (-2, true), "an ordinary Ctrl-C: {}", played.shown);

    let word = format!("{} {}\r", digits[..4].to_uppercase(), &digits[4..8]);
    let steps = [(question, word.as_str(), "shown"), ("Passphrase of officer-a.pem: ", &typed, "hidden")];
    let played = lab.on_terminal(&steps, &arguments);
    assert_eq!((played.exit, played.echo), (0, true), "{}", played.shown);
    assert!(!played.shown.contains("horse"), "{}", played.shown);
    assert!(check_signature(&lab.roster(), &lab.read("s.txt"), &lab.read("s.sig")).is_ok());
}
