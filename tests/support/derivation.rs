use std::process::Command;

use serde_json::Value;

use crate::python::{ReferenceTool, installed};

/// HKDF (RFC 5869) with nothing but Python's hmac, and the spelling of a PIN.
///
/// Arguments: secret, authority, token identifier, epoch, alphabet, length, template, purpose.
const PROGRAM: &str = r#"
import hmac, sys
secret, authority, token, epoch, alphabet, length, template, purpose = sys.argv[1:]
fields = [purpose.encode(), authority.encode(), bytes.fromhex(token), int(epoch).to_bytes(4, "big"),
          f"{alphabet}/{length}/{template}".encode()]
info = b"".join(len(field).to_bytes(2, "big") + field for field in fields)
key = hmac.digest(b"anchorite-quorum-secret/v1", bytes.fromhex(secret), "sha256")
output, block = b"", b""
for number in range(1, 5):
    block = hmac.digest(key, block + info + bytes([number]), "sha256")
    output += block
print(key.hex(), output[:32].hex())
even = [byte for byte in output if byte < 256 - 256 % len(alphabet)]
print(template.replace("{pin}", "".join(alphabet[byte % len(alphabet)] for byte in even[: int(length)])))
"#;

/// The secret that these shares rebuild in the hands of the SLIP-39 reference tool, in hexadecimal.
pub(crate) fn secret(shares: &[String]) -> String {
    let shares: Vec<&str> = shares.iter().map(String::as_str).collect();
    ReferenceTool::start().combine(&shares)
}

/// What shares are made of, in hexadecimal: the encrypted secret that they rebuild, then the value of each of them.
pub(crate) fn inside(shares: &[String]) -> Vec<String> {
    const PROGRAM: &str = "
import sys
from shamir_mnemonic import Share, decode_mnemonics, recover_ems
print(recover_ems(decode_mnemonics(sys.argv[1:])).ciphertext.hex())
for words in sys.argv[1:]:
    print(Share.from_mnemonic(words).value.hex())
";
    let output = Command::new("python3")
        .args(["-c", PROGRAM])
        .args(shares)
        .env("PYTHONPATH", installed())
        .output()
        .expect("python3 is missing: apt-get install python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A PIN, derived by Python from a secret and what the record says publicly; `user-pin` or `so-pin`.
pub(crate) fn pin(secret: &str, authority: &str, policy: &Value, purpose: &str) -> String {
    derive(secret, authority, policy, purpose).lines().nth(1).unwrap().to_owned()
}

/// What lies between a secret and a PIN, in hexadecimal: the extracted key and the expanded octets (RFC 5869).
pub(crate) fn derived(
    secret: &str,
    authority: &str,
    policy: &Value,
    purpose: &str,
) -> [(&'static str, String); 2] {
    let lines = derive(secret, authority, policy, purpose);
    let (key, output) = lines.lines().next().unwrap().split_once(' ').unwrap();
    [("extracted key", key.to_owned()), ("expanded octets", output.to_owned())]
}

fn derive(secret: &str, authority: &str, policy: &Value, purpose: &str) -> String {
    let text = |name: &str| match &policy[name] {
        Value::String(text) => text.clone(),
        number => number.to_string(),
    };
    let template = if purpose == "so-pin" { "security_officer_template" } else { "user_template" };
    let output = Command::new("python3")
        .args(["-c", PROGRAM, secret, authority])
        .args(["token_id", "epoch", "alphabet", "length", template].map(text))
        .arg(purpose)
        .output()
        .expect("python3 is missing: apt-get install python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The numbered words of a sheet, in the order of their numbers.
pub(crate) fn words(sheet: &str) -> Vec<String> {
    let mut numbered = Vec::new();
    let mut tokens = sheet.split_whitespace();
    while let Some(token) = tokens.next() {
        if let Some(number) = token.strip_suffix('.').and_then(|number| number.parse::<usize>().ok()) {
            numbered.push((number, tokens.next().unwrap().to_owned()));
        }
    }
    numbered.sort();
    assert_eq!(numbered.len(), 33, "{sheet}");
    numbered.into_iter().map(|(_, word)| word).collect()
}
