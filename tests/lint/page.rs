//! `docs/lints.md`, made of the table of rules.

use std::process::Command;

use anchorite::pki::lint::{RULES, Severity};

/// The end of the page.
const ELSEWHERE: &str = "\n## What no single file shows\n\n\
    `anchorite lint` compares with one more file where it is given: the issuer's certificate (`--issuer`), the CRL before\n\
    (`--previous-crl`: L10, L13, L14, T13), another certificate for the same key (`--beside`: K01 to K03). What needs more is judged \
    where\nmore is known. Codes with a letter and three digits are those of `check` and `plan` (ceremony-file.md), the others checks \
    of\n`verify` (record-format.md).\n\n\
    | what has to hold | source | where it is judged |\n|---|---|---|\n\
    | A serial number or CRL number is used once. | RFC 5280 4.1.2.2, 5.2.3 | P009, `F6` |\n\
    | A name has one key and a key one name; who has a certificate that holds gets no second one. | RFC 5280 4.1.2.6 | P045 |\n\
    | notBefore and thisUpdate fit the day of the signature. | BR 7.1.2.1.1, 7.1.2.10.1 | R022, in production |\n\
    | A root that is issued again for the same key lasts 2922 to 9132 days, too. | BR 7.1.2.1.1 | R02, by its own dates |\n\
    | Whoever asks for a certificate has the key. | BR 3.2.1 | Q03, P007; of a cross-certificate with `csr`, `F4` |\n\
    | Only the key, and a subject that people saw, comes from a request. | BR 3.2.1 | `asked` in the plan, `F4` |\n\
    | A cross-certificate allows no more, and lasts no longer, than the certificate beside it. | RFC 4210 4.4 | P036, `F4` |\n\
    | A certificate says where the CRL is published. | BR 7.1.2.11.2 | P047, `F10` |\n\
    | Each CRL carries the revocations until one CRL after the certificate's end. | RFC 5280 3.3 | `plan` writes them, `F6` |\n\
    | The first CRL comes within 24 hours of the first certificate, the next before the last one ends. | BR 4.9.7 | `plan` remarks \
    on a new root without one; R080, R081, `F10` |\n\
    | A SPIFFE bundle has for each root one JWK with `use` x509-svid, one certificate and no `kid`. | X509-SVID 6.1 | \
    `export` and `rotate plan` write no other; `tests/rotation/` |\n\n\
    Some rules are stricter here than in their source. An RSA key has an odd exponent from 65537 to 2^33 - 1 and no factor below 752 \
    (C04, Q02);\nBR 6.1.6 only advises it. No profile has policyConstraints, inhibitAnyPolicy or policyMappings (A07); E05 says of \
    what others made whether\nthey are right. Algorithms that are not on the list, ML-DSA among them, are refused (A02, C04).\n";

#[test]
fn the_page_of_rules_is_the_table_of_rules() {
    let mut page = "# The rules\n\n\
        Everything that anchorite signs is judged by these rules before and after; `verify` judges it again, and \
        `anchorite lint FILE`\njudges what other software made. A **refusal** is not signed. A **warning** in a \
        lab is for a person to know;\nelsewhere what it warns of is not signed unless the officers approve a \
        [waiver](ceremony-file.md#waiver) of that rule. BR is the CA/Browser Forum's\nTLS Baseline Requirements \
        2.2.6, whose rules for CA certificates are taken over where they also make sense for a private CA. Each \
        rule has a\ntest that shows something it refuses and something close to it that it lets pass \
        (`src/pki/lint/tests/`). This page is compared with\n`anchorite lint --rules` by a test.\n\n\
        There are two packs. `private` is what a ceremony is judged by. `public-trust` has these rules and more, \
        for a CA whose root browsers\nand operating systems trust: `anchorite lint FILE --pack public-trust`. A \
        rule with a day holds for what begins on that day or later,\nby notBefore or thisUpdate; \
        `--at 2026-12-01T09:00:00Z` judges a file by the rules of another day. With `--beside FILE` a certificate \
        is\nheld against another one for the same key, too, as a cross-certificate has to be.\n\n\
        Judges that nobody here wrote look at everything that the tests' ceremonies issue: openssl, GnuTLS, Java, \
        Go, rustls-webpki,\nPython's cryptography, pkilint and zlint. Where one of them says otherwise than \
        expected, `tests/judges/exceptions.toml` says why.\n\n\
        | rule | | pack | since | holds when | source |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        let severity = match rule.severity {
            Severity::Refusal => "refusal",
            Severity::Warning => "warning",
        };
        let since = rule.since.unwrap_or_default();
        page.push_str(&format!(
            "| {} | {severity} | {} | {since} | {} | {} |\n",
            rule.id, rule.pack, rule.title, rule.source
        ));
    }
    page.push_str(ELSEWHERE);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lints.md");
    if std::env::var_os("ANCHORITE_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "ANCHORITE_WRITE_DOCS=1 writes it anew");
    let output = Command::new(env!("CARGO_BIN_EXE_anchorite")).args(["lint", "--rules"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), RULES.len());
}
