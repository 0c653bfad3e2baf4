use std::collections::BTreeMap;

use super::{NotRehearsable, WORD};
use crate::format::{
    Action, CertifiedRef, Digest, FileName, FileRef, IssuerRef, KeyAlgorithm, KeyRef, Name, Plan,
    ShareSetName, Window,
};
use crate::pki::Certificate;
use crate::plan::PlanDirectory;

/// A request whose private key is gone: what a stand-in for a revoked certificate is issued for.
pub const STAND_IN_REQUEST: &str = include_str!("stand-in.csr.pem");
/// The name under which it lies beside a ceremony file of stand-ins.
pub const STAND_IN_REQUEST_FILE: &str = "stand-in.csr.pem";

/// One ceremony that makes stand-ins: the throw-away counterpart of one token that earlier ceremonies provisioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIns {
    /// The token, as the plan names it.
    pub token: Name,
    /// The ceremony file.
    pub script: String,
}

/// The ceremonies that make what the plan takes from earlier ones, in order; none where it takes nothing.
///
/// For each token of earlier ceremonies a new one, with a key, a root certificate of the same validity and path length
/// for each that the plan uses, and a certificate for each that it revokes.
///
/// # Errors
/// [`NotRehearsable`].
pub fn stand_ins(directory: &PlanDirectory, window: Window) -> Result<Vec<StandIns>, NotRehearsable> {
    let plan = &directory.plan;
    let mut made = Made::default();
    for step in &plan.steps {
        match &step.action {
            Action::SelfSign { key, .. } | Action::DestroyKey { key, .. } => made.key(key)?,
            Action::SignIntermediate { issuer, .. } | Action::IssueCrl { issuer, .. } => {
                made.issuer(directory, issuer)?;
            }
            Action::CrossSign { issuer, .. } => made.issuer(directory, issuer)?,
            Action::Revoke { issuer, certificate, .. } => {
                made.issuer(directory, issuer)?;
                if let (Some(id), IssuerRef::Ledger { id: issuer, .. }) = (ledger_name(certificate), issuer) {
                    made.revoked.insert(id, issuer.clone());
                }
            }
            _ => {}
        }
    }
    let provisioned_here = |token: &&Name| {
        plan.steps
            .iter()
            .any(|step| matches!(&step.action, Action::Provision { token: found, .. } if found == *token))
    };
    for step in &plan.steps {
        if let Action::CrossSign { certificate, .. } = &step.action {
            let token = plan.tokens.iter().find(|token| !provisioned_here(token));
            made.certified(directory, certificate, token)?;
        }
    }
    let mut all = Vec::new();
    for token in plan.tokens.iter().filter(|token| !provisioned_here(token)) {
        all.push(StandIns { token: token.clone(), script: made.script(plan, token, window, all.is_empty()) });
    }
    Ok(all)
}

/// What earlier ceremonies made and the plan uses.
#[derive(Default)]
struct Made {
    /// Token and public key of each key, by its step.
    keys: BTreeMap<Name, (Name, Digest)>,
    /// Key, validity and path length of each root, by its step.
    roots: BTreeMap<Name, (Name, Window, Option<u8>, KeyAlgorithm)>,
    /// Issuer of each certificate that is revoked, by its step.
    revoked: BTreeMap<Name, Name>,
}

impl Made {
    fn key(&mut self, key: &KeyRef) -> Result<(), NotRehearsable> {
        let KeyRef::Ledger { id, token, spki_sha256, .. } = key else { return Ok(()) };
        let known = self.keys.insert(id.clone(), (token.clone(), *spki_sha256));
        match known {
            Some((_, other)) if other != *spki_sha256 => Err(NotRehearsable::SameName { id: id.clone() }),
            _ => Ok(()),
        }
    }

    fn issuer(&mut self, directory: &PlanDirectory, issuer: &IssuerRef) -> Result<(), NotRehearsable> {
        let IssuerRef::Ledger { id, certificate, key, .. } = issuer else { return Ok(()) };
        self.key(key)?;
        let KeyRef::Ledger { id: key, .. } = key else { return Ok(()) };
        let certificate = read(directory, certificate)?;
        let validity = certificate.validity();
        // Whatever a key is that no step could make, its stand-in is one that a software token makes.
        let algorithm = certificate.public_key().key_algorithm().unwrap_or(KeyAlgorithm::EcdsaP256);
        let root = (key.clone(), validity, certificate.path_length(), algorithm);
        match self.roots.insert(id.clone(), root) {
            Some((other, ..)) if other != *key => Err(NotRehearsable::SameName { id: id.clone() }),
            _ => Ok(()),
        }
    }

    /// A root that is certified once more needs a stand-in as an issuer does; where the plan does not use its key, on any
    /// token of an earlier ceremony.
    fn certified(
        &mut self,
        directory: &PlanDirectory,
        certified: &CertifiedRef,
        token: Option<&Name>,
    ) -> Result<(), NotRehearsable> {
        let CertifiedRef::Ledger { id, certificate, spki_sha256, .. } = certified else { return Ok(()) };
        if self.roots.contains_key(id) {
            return Ok(());
        }
        let certificate = read(directory, certificate)?;
        let token = token.cloned().ok_or(NotRehearsable::NoToken { id: id.clone() })?;
        let key: Name = format!("{id}-key").parse().unwrap_or_else(|_| id.clone());
        let known = self.keys.iter().find(|(_, (_, spki))| spki == spki_sha256).map(|(key, _)| key.clone());
        let key = known.unwrap_or(key);
        self.keys.entry(key.clone()).or_insert((token, *spki_sha256));
        let algorithm = certificate.public_key().key_algorithm().unwrap_or(KeyAlgorithm::EcdsaP256);
        self.roots.insert(id.clone(), (key, certificate.validity(), certificate.path_length(), algorithm));
        Ok(())
    }

    /// The ceremony file for one token.
    fn script(&self, plan: &Plan, token: &Name, window: Window, first: bool) -> String {
        let domain = plan
            .trust_domain
            .as_ref()
            .map_or_else(String::new, |domain| format!("trust-domain = \"{domain}\"\n"));
        let mut text = format!(
            "# Stand-ins for a rehearsal: made by `anchorite rehearse`, thrown away with it.\n\n\
             [ceremony]\ntitle = \"{WORD}: stand-ins on token {token}\"\nname = \"stand-ins\"\n\
             authority = \"{}\"\nenvironment = \"lab\"\n{domain}{}\n\
             [[step]]\nid = \"provision-{token}\"\ndo = \"provision\"\ntoken = \"{token}\"\n\
             label = \"{WORD} stand-in\"\n",
            plan.authority,
            period("window", window),
        );
        if first && recovery_is_replaced(plan) {
            text.push_str("\n[[step]]\nid = \"recovery-shares\"\ndo = \"reshare\"\nset = \"recovery\"\n");
        }
        let keys = self.keys.iter().filter(|(_, (of, _))| of == token);
        for (id, _) in keys.clone() {
            let root = self.roots.values().find(|root| root.0 == *id);
            let algorithm = root.map_or(KeyAlgorithm::EcdsaP256, |root| root.3);
            text.push_str(&format!(
                "\n[[step]]\nid = \"{id}\"\ndo = \"generate-key\"\ntoken = \"{token}\"\n\
                 algorithm = \"{algorithm}\"\nlabel = \"{id}\"\nbackup = \"none\"\n"
            ));
        }
        for (key, _) in keys {
            let roots: Vec<_> = self.roots.iter().filter(|(_, root)| root.0 == *key).collect();
            if roots.is_empty() {
                let bare = format!("{key}-root").parse().unwrap_or_else(|_| key.clone());
                text.push_str(&root(&bare, key, window, None));
            }
            for (id, (key, validity, path_length, _)) in roots {
                text.push_str(&root(id, key, *validity, *path_length));
                for (revoked, _) in self.revoked.iter().filter(|(_, issuer)| *issuer == id) {
                    text.push_str(&format!(
                        "\n[[step]]\nid = \"{revoked}\"\ndo = \"sign-intermediate\"\nissuer = \"{id}\"\n\
                         csr = {{ file = \"{STAND_IN_REQUEST_FILE}\", sha256 = \"{}\" }}\n\
                         profile = \"intermediate\"\nsubject = [{{ CN = \"{WORD} {revoked}\" }}]\n{}",
                        Digest::of(STAND_IN_REQUEST.as_bytes()),
                        period("validity", *validity),
                    ));
                }
            }
        }
        text
    }
}

fn root(id: &Name, key: &Name, validity: Window, path_length: Option<u8>) -> String {
    let path_length = path_length.map_or_else(String::new, |length| format!("path-length = {length}\n"));
    format!(
        "\n[[step]]\nid = \"{id}\"\ndo = \"self-sign\"\nkey = \"{key}\"\nprofile = \"root\"\n\
         subject = [{{ CN = \"{WORD} stand-in for {id}\" }}]\n{}{path_length}",
        period("validity", validity),
    )
}

fn period(key: &str, window: Window) -> String {
    format!("{key} = {{ from = {}, to = {} }}\n", window.from, window.to)
}

/// Whether the plan deals shares of the set `recovery` in the place of others.
fn recovery_is_replaced(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| {
        matches!(&step.action, Action::Reshare { set: ShareSetName::Recovery, from, .. } if !from.is_empty())
    })
}

/// The name in `ledger:NAME` and `ledger:ORDINAL/NAME`.
fn ledger_name(reference: &str) -> Option<Name> {
    let name = reference.strip_prefix("ledger:")?;
    name.rsplit('/').next()?.parse().ok()
}

fn read(directory: &PlanDirectory, file: &FileRef) -> Result<Certificate, NotRehearsable> {
    let input = |name: &FileName| directory.inputs.iter().find(|(found, _)| found == name);
    let bad = |reason: String| NotRehearsable::Input { what: file.name.to_string(), reason };
    let (_, bytes) = input(&file.name).ok_or_else(|| bad("it is not among the inputs".to_owned()))?;
    Certificate::from_pem(bytes).map_err(|error| bad(error.to_string()))
}
