//! What several of these tests begin with, and the outside judges that they ask.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anchorite::format::{KeyAlgorithm, TokenAddress};
use anchorite::secret::Pin;
use anchorite::token::{DeviceProfile, Module, Token};
use zeroize::Zeroizing;

use super::softhsm::SoftHsm;

pub(crate) const SO: &str = "so-pin-for-tests";
pub(crate) const USER: &str = "user-pin-for-tests";

pub(crate) fn pin(text: &str) -> Pin {
    Pin::new(Zeroizing::new(text.as_bytes().to_vec()))
}

pub(crate) fn profile(name: &str) -> DeviceProfile {
    DeviceProfile::named(&name.parse().unwrap()).unwrap()
}

pub(crate) fn serial(text: &str) -> TokenAddress {
    TokenAddress::Serial(text.to_owned())
}

pub(crate) fn load() -> Module {
    Module::load(&SoftHsm::module(), None).unwrap()
}

/// Sets the blank token up, logs in and gives it with its serial.
pub(crate) fn provisioned(module: &Module, label: &str) -> (Token, String) {
    let mut token = module.open(&TokenAddress::Blank, &profile("softhsm")).unwrap();
    token.initialise(&pin(SO), label).unwrap();
    token.set_user_pin(&pin(SO), &pin(USER)).unwrap();
    token.login(&pin(USER)).unwrap();
    let serial = token.describe().unwrap().serial;
    (token, serial)
}

/// A token made by SoftHSM's own tool.
pub(crate) fn made_by_softhsm(hsm: &SoftHsm, label: &str) {
    let output = hsm
        .tool(Path::new("softhsm2-util"))
        .args(["--init-token", "--free", "--label", label, "--so-pin", SO, "--pin", USER])
        .output()
        .expect("softhsm2-util is missing: apt-get install softhsm2");
    succeeded(&output);
}

/// OpenSC's tool on the one initialised token.
pub(crate) fn pkcs11_tool(hsm: &SoftHsm, arguments: &[&str]) -> String {
    let output = hsm
        .tool(Path::new("pkcs11-tool"))
        .arg("--module")
        .arg(SoftHsm::module())
        .args(["--login", "--pin", USER])
        .args(arguments)
        .output()
        .expect("pkcs11-tool is missing: apt-get install opensc");
    succeeded(&output);
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn spy() -> PathBuf {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
        .into_iter()
        .map(|directory| Path::new(directory).join("pkcs11/pkcs11-spy.so"))
        .find(|path| path.exists())
        .expect("pkcs11-spy.so is missing: apt-get install opensc-pkcs11")
}

/// How often a function was called, by the log that OpenSC's spy kept.
pub(crate) fn calls(log: &Path, function: &str) -> usize {
    let log = std::fs::read(log).expect("the spy's log");
    String::from_utf8_lossy(&log)
        .lines()
        .filter(|line| line.split_once(": ").is_some_and(|(_, name)| name == function))
        .count()
}

/// What a digest of the algorithm's length looks like.
pub(crate) fn digest(algorithm: KeyAlgorithm) -> Vec<u8> {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => (0..32).collect(),
        KeyAlgorithm::EcdsaP384 => (0..48).collect(),
    }
}

/// Whether openssl takes r||s as a signature over the digest.
pub(crate) fn openssl_accepts(
    algorithm: KeyAlgorithm,
    point: &[u8],
    digest: &[u8],
    signature: &[u8],
) -> bool {
    let (head, der): (&[u8], Vec<u8>) = match algorithm {
        KeyAlgorithm::EcdsaP256 => (
            b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00",
            p256::ecdsa::Signature::from_slice(signature).unwrap().to_der().as_bytes().to_vec(),
        ),
        KeyAlgorithm::EcdsaP384 => (
            b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00",
            p384::ecdsa::Signature::from_slice(signature).unwrap().to_der().as_bytes().to_vec(),
        ),
    };
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    Command::new("openssl")
        .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey"])
        .arg(file("key.der", &[head, point].concat()))
        .arg("-in")
        .arg(file("digest", digest))
        .arg("-sigfile")
        .arg(file("signature.der", &der))
        .output()
        .expect("openssl is missing: apt-get install openssl")
        .status
        .success()
}

pub(crate) fn succeeded(output: &Output) {
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Sets and clears CKF flags of the only token in SoftHSM's store.
///
/// A file of the store is a generation number, then attributes as type, kind and value, all big-endian.
pub(crate) fn change_flags(hsm: &SoftHsm, set: u64, clear: u64) {
    // SoftHSM's own attribute that holds CK_TOKEN_INFO.flags, and the kind of a number.
    const TOKEN_FLAGS: [u8; 16] = [0, 0, 0, 0, 0x80, 0, 0x53, 0x4b, 0, 0, 0, 0, 0, 0, 0, 2];
    let mut tokens = std::fs::read_dir(hsm.path("tokens")).unwrap();
    let path = tokens.next().unwrap().unwrap().path().join("token.object");
    assert!(tokens.next().is_none());
    let mut bytes = std::fs::read(&path).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&TOKEN_FLAGS)).collect();
    assert_eq!(places.len(), 1);
    let value = &mut bytes[places[0] + 16..places[0] + 24];
    let flags = u64::from_be_bytes((&*value).try_into().unwrap());
    value.copy_from_slice(&((flags | set) & !clear).to_be_bytes());
    std::fs::write(path, bytes).unwrap();
}
