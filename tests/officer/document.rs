use anchorite::format::{Base64, Binding, Digest, Roster, Statement};
use anchorite::roster::policy;

use super::set_up::{Lab, text};

#[test]
fn the_document_shows_files_that_are_read_and_commands_that_work() {
    let document = include_str!("../../docs/roster-and-binding.md");
    let blocks = |kind: &str| -> Vec<String> {
        let opening = format!("```{kind}\n");
        let parts = document.split(opening.as_str()).skip(1);
        parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
    };
    let (toml, texts, commands) = (blocks("toml"), blocks("text"), blocks("sh"));
    let (roster, binding) =
        (Roster::parse(toml[0].as_bytes()).unwrap(), Binding::parse(toml[1].as_bytes()).unwrap());
    assert_eq!(policy(&roster), []);
    let Statement::Approval(approval) = Statement::parse(texts[0].as_bytes()).unwrap() else {
        panic!("an approval")
    };
    let Statement::Seal(seal) = Statement::parse(texts[1].as_bytes()).unwrap() else { panic!("a seal") };
    let key = Digest::of(&roster.people[0].public_key.0);
    assert_eq!([approval.roster_sha256, seal.roster_sha256], [roster.sha256; 2]);
    assert_eq!(approval.binding_sha256, binding.sha256);
    assert_eq!([approval.signer.spki_sha256, seal.signer.spki_sha256], [key; 2]);
    for variable in Binding::VARIABLES {
        assert!(document.contains(&format!("`{variable}`")), "{variable}");
    }

    let lab = Lab::empty();
    lab.write("close.officer-a.txt", texts[1].as_bytes(), 0o644);
    let sh = |script: &str| {
        let ran = lab.run("sh", &["-ec", script]);
        assert!(ran.status.success(), "{script}\n{}", text(&ran.stderr));
        text(&ran.stdout)
    };
    let printed = sh(&commands[0]);
    let public_key = &printed[..printed.find('=').unwrap() + 2];
    let der = lab.openssl(&[
        "pkey",
        "-in",
        "officer-a.pem",
        "-passin",
        "file:passphrase",
        "-pubout",
        "-outform",
        "DER",
    ]);
    assert_eq!(public_key, Base64(der.stdout.clone()).to_string());
    assert!(printed.contains(&Digest::of(&der.stdout).to_string()));
    sh(&commands[1]);
    assert!(sh(&format!("PUBLIC_KEY='{public_key}'\n{}", commands[2])).contains("Verified OK"));
}
