use super::names::called;
use super::{ExportError, spiffe_bundle};
use crate::format::{Digest, KeyAlgorithm, System};
use crate::pki::{Certificate, RevocationList};

/// What a bundle has: the roots that consumers trust, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Anchors<'a> {
    /// Oldest first, so that a new one is appended.
    pub roots: &'a [Certificate],
    /// The sequence number of the SPIFFE bundle.
    pub sequence: u64,
    /// How soon consumers look again, in seconds.
    pub refresh_hint_seconds: u64,
}

/// What a system is given.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// Which.
    pub system: System,
    /// What it trusts.
    pub anchors: Anchors<'a>,
    /// The intermediate that it runs on, where it issues.
    pub issuer: Option<&'a Certificate>,
    /// Brought along in the chain, for those who hold the old root alone: the new root under the old one.
    pub cross: Option<&'a Certificate>,
    /// CRLs of the anchors.
    pub crls: &'a [RevocationList],
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name, as the system has it.
    pub name: &'static str,
    /// Its bytes.
    pub text: String,
}

/// The public files that a system takes, with their exact names, order and content; nothing is given out that does not chain, or
/// that the system is known to refuse. A private key is never among them.
///
/// # Errors
/// [`ExportError`], the first that holds.
pub fn export(export: &Export<'_>) -> Result<Vec<ExportedFile>, ExportError> {
    let system = called(export.system).to_owned();
    roots_hold(export.anchors.roots)?;
    let chain = match (takes_issuer(export.system), export.issuer) {
        (true, None) => return Err(ExportError::NoIssuer { system }),
        (true, Some(issuer)) => Some(Chain { issuer, root: root_of(issuer, export)?, cross: export.cross }),
        (false, _) => None,
    };
    if let Some(reason) = refusal(export, chain.as_ref()) {
        return Err(ExportError::WouldRefuse { system, reason });
    }
    let mut files = match &chain {
        Some(chain) => for_issuers(export, chain)?,
        None => for_verifiers(export),
    };
    files.push(ExportedFile { name: "README.txt", text: readme(export, chain.as_ref(), &files) });
    let manifest = files
        .iter()
        .map(|file| format!("{}  {}\n", Digest::of(file.text.as_bytes()), file.name))
        .collect::<String>();
    files.push(ExportedFile { name: "MANIFEST.sha256", text: manifest });
    Ok(files)
}

/// The intermediate, the anchor that signed it, and what is brought along.
struct Chain<'a> {
    issuer: &'a Certificate,
    root: &'a Certificate,
    cross: Option<&'a Certificate>,
}

impl Chain<'_> {
    /// The issuer first, then up, without the root.
    fn below_root(&self) -> String {
        format!("{}{}", self.issuer.to_pem(), self.cross.map(Certificate::to_pem).unwrap_or_default())
    }
}

fn takes_issuer(system: System) -> bool {
    !matches!(system, System::Nginx | System::Haproxy | System::Node | System::Go)
}

fn roots_hold(roots: &[Certificate]) -> Result<(), ExportError> {
    if roots.is_empty() {
        return Err(ExportError::NoAnchor);
    }
    for (place, root) in roots.iter().enumerate() {
        let subject = || root.subject().to_string();
        if root.subject() != root.issuer() || root.verify_signature(root.public_key()).is_err() {
            return Err(ExportError::NoRoot { subject: subject() });
        }
        if roots.iter().take(place).any(|other| other.der() == root.der()) {
            return Err(ExportError::AnchorTwice { subject: subject() });
        }
    }
    Ok(())
}

/// The anchor that signed the issuer; or, where the cross-certificate is brought along, the one above that.
fn root_of<'a>(issuer: &Certificate, export: &Export<'a>) -> Result<&'a Certificate, ExportError> {
    let signed = |below: &Certificate, above: &Certificate| {
        below.issuer() == above.subject() && below.verify_signature(above.public_key()).is_ok()
    };
    let roots = export.anchors.roots;
    let direct = roots.iter().find(|root| signed(issuer, root));
    let crossed = export
        .cross
        .filter(|cross| signed(issuer, cross))
        .and_then(|cross| roots.iter().find(|root| signed(cross, root)));
    direct.or(crossed).ok_or_else(|| ExportError::NoChain { subject: issuer.subject().to_string() })
}

/// What the system is known to refuse (`docs/rotation.md` says where that is known from).
fn refusal(export: &Export<'_>, chain: Option<&Chain<'_>>) -> Option<&'static str> {
    let roots = export.anchors.roots;
    let p256 =
        |certificate: &Certificate| certificate.public_key().key_algorithm() == Some(KeyAlgorithm::EcdsaP256);
    let issuer = chain.map(|chain| chain.issuer);
    match export.system {
        System::CertManager if roots.len() > 1 => {
            Some("it reads only the first certificate of ca.crt; spread two anchors by trust-manager")
        }
        System::CertManager if export.cross.is_some() => {
            Some("its chain must be one line, and a cross-certificate beside it breaks that")
        }
        System::Cfssl if export.cross.is_some() => Some("ca.pem holds exactly one certificate"),
        System::Linkerd if !roots.iter().all(p256) || !issuer.is_some_and(p256) => {
            Some("its issuer and its anchors have keys on P-256")
        }
        System::Spire if issuer.is_some_and(|issuer| issuer.path_length() == Some(0)) => {
            Some("it makes a CA below its own, and path length 0 leaves no room for one")
        }
        _ => None,
    }
}

fn for_issuers(export: &Export<'_>, chain: &Chain<'_>) -> Result<Vec<ExportedFile>, ExportError> {
    let (roots, issuer, root) = (pems(export.anchors.roots), chain.issuer.to_pem(), chain.root.to_pem());
    let upwards = chain.below_root();
    let whole = format!("{upwards}{root}");
    let file = |name, text: &str| ExportedFile { name, text: text.to_owned() };
    let files = match export.system {
        System::Spire => {
            let Anchors { roots: anchors, sequence, refresh_hint_seconds } = export.anchors;
            let json = spiffe_bundle(anchors, sequence, refresh_hint_seconds)?;
            vec![
                file("upstream.crt", &upwards),
                file("bundle.pem", &roots),
                file("spiffe-bundle.json", &json),
                file("trust_bundle.pem", &roots),
            ]
        }
        System::Vault => vec![file("set-signed.pem", &whole), file("roots.pem", &roots)],
        System::CertManager => vec![file("tls.crt", &issuer), file("ca.crt", &root)],
        System::Istio => {
            vec![file("ca-cert.pem", &issuer), file("cert-chain.pem", &whole), file("root-cert.pem", &roots)]
        }
        System::Linkerd => vec![file("issuer.crt", &upwards), file("ca-bundle.crt", &roots)],
        System::Consul => vec![file("root-cert.pem", &upwards), file("roots.pem", &roots)],
        System::StepCa => vec![file("intermediate_ca.crt", &upwards), file("root_ca.crt", &roots)],
        System::Cfssl => {
            vec![file("ca.pem", &issuer), file("ca-bundle.pem", &roots), file("int-bundle.pem", &issuer)]
        }
        System::AwsPca => {
            let above = format!("{}{root}", chain.cross.map(Certificate::to_pem).unwrap_or_default());
            vec![file("certificate.pem", &issuer), file("chain.pem", &above)]
        }
        System::Nginx | System::Haproxy | System::Node | System::Go => for_verifiers(export),
    };
    Ok(files)
}

fn for_verifiers(export: &Export<'_>) -> Vec<ExportedFile> {
    let roots = pems(export.anchors.roots);
    let crls: String = export.crls.iter().map(RevocationList::to_pem).collect();
    let mut files = vec![ExportedFile { name: "client-ca.pem", text: roots }];
    if !crls.is_empty() {
        files.push(ExportedFile { name: "crl-roots.pem", text: crls });
    }
    files
}

pub(super) fn pems(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}

fn readme(export: &Export<'_>, chain: Option<&Chain<'_>>, files: &[ExportedFile]) -> String {
    let mut text = format!("For {}. Public files only; no private key is here.\n\n", called(export.system));
    for root in export.anchors.roots {
        text.push_str(&format!(
            "anchor  {}\n        until {}\n        SHA-256 {}\n",
            root.subject(),
            root.validity().to,
            Digest::of(root.der()).to_string().to_ascii_uppercase()
        ));
    }
    if let Some(chain) = chain {
        let until = chain.issuer.validity().to;
        text.push_str(&format!("issuer  {}\n        until {until}\n", chain.issuer.subject()));
    }
    text.push_str("\nfiles   ");
    text.push_str(&files.iter().map(|file| file.name).collect::<Vec<_>>().join(", "));
    text.push_str(&format!("\n\n{}\n", advice(export.system)));
    text
}

/// What people of that system have to know.
fn advice(system: System) -> &'static str {
    match system {
        System::Spire => {
            "server.conf: cert_file_path = upstream.crt, bundle_file_path = bundle.pem, key_file_path = the key that was made for\n\
             the request. The files are read anew at every CA that SPIRE makes. An old root leaves SPIRE's bundle only when it\n\
             ends, and a day."
        }
        System::Vault => {
            "bao write pki/intermediate/set-signed certificate=@set-signed.pem; then make it the default issuer. The root is in\n\
             the file on purpose: without it ca_chain is short."
        }
        System::CertManager => {
            "Secret: tls.crt, ca.crt, and tls.key, which was made for the request. Leaves that are out keep their old ca.crt until\n\
             they are issued again: spread anchors by trust-manager, not by ca.crt."
        }
        System::Istio => {
            "Secret cacerts: these three files and ca-key.pem, which was made for the request. Two roots need\n\
             ISTIO_MULTIROOT_MESH=true; a root is added in one change and removed in another, never both in one."
        }
        System::Linkerd => {
            "Secret linkerd-identity-issuer: issuer.crt as crt.pem, and its key. ConfigMap linkerd-identity-trust-roots:\n\
             ca-bundle.crt. Anchors are read once at start: the control plane and then every workload restart after each change."
        }
        System::Consul => {
            "consul connect ca set-config with RootCert = root-cert.pem and the key that was made for the request; where Consul\n\
             cannot cross-sign, ForceWithoutCrossSigning."
        }
        System::StepCa => {
            "ca.json: crt = intermediate_ca.crt, root = root_ca.crt; reload. Clients learn roots when they renew."
        }
        System::Cfssl => {
            "cfssl serve -ca ca.pem -ca-key KEY -ca-bundle ca-bundle.pem -int-bundle int-bundle.pem"
        }
        System::AwsPca => {
            "aws acm-pca import-certificate-authority-certificate --certificate fileb://certificate.pem \\\n\
             --certificate-chain fileb://chain.pem. A CA cannot get another key: a new key is a new CA with a new ARN."
        }
        System::Nginx => {
            "ssl_client_certificate client-ca.pem; ssl_verify_depth 1 takes root, intermediate and leaf; 2 where a cross-certificate\n\
             is in the chain. ssl_crl needs a current CRL of EVERY CA of the chain, those of the intermediates too: without them\n\
             every connection fails."
        }
        System::Haproxy => "ca-file client-ca.pem; crl-file needs a current CRL of EVERY CA of the chain.",
        System::Node => {
            "tls: ca = client-ca.pem. crl is an array of files: of one file with several CRLs only the first is read."
        }
        System::Go => "tls.Config: ClientCAs, RootCAs from client-ca.pem. Go looks at no CRL by itself.",
    }
}
