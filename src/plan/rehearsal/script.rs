use super::{NotRehearsable, marked};
use crate::format::{Digest, Environment, ProvisionMode, Window};
use crate::script::{
    AttributeKind, Certified, InputFile, QuorumHolder, Reference, Script, Spanned, Step, StepBody,
    TokenContent,
};

/// How many bytes CK_TOKEN_INFO.label has (PKCS#11 v3.1, 3.2).
const LABEL_BYTES: usize = 32;
/// How many characters a common name may have (RFC 5280 appendix A.1).
const COMMON_NAME_CHARACTERS: usize = 64;
/// How many bytes of a title are kept.
const TITLE_BYTES: usize = 200;

/// What a ceremony file says in its rehearsal: every step as it is, and in it other names, stand-ins in the place of
/// what earlier ceremonies made, and a new throw-away token wherever one is taken over.
///
/// Inputs are named as they lie in a plan directory; `rosters` gives the digest of the rehearsal's roster for a step that
/// brings one in.
///
/// # Errors
/// [`NotRehearsable`].
pub fn rehearsal_script(
    script: &Script,
    window: Window,
    roster: impl Fn(&Step) -> Option<Digest>,
) -> Result<Script, NotRehearsable> {
    let mut script = script.clone();
    let ceremony = &mut script.ceremony;
    ceremony.title.value = marked(&format!("of {}", ceremony.title.value), TITLE_BYTES);
    ceremony.environment.value = Environment::Lab;
    ceremony.window.value = window;
    ceremony.rehearsed_within_days = None;
    ceremony.next_ceremony = None;
    script.waivers.clear();
    for step in &mut script.steps {
        let incoming = roster(step);
        let id = step.id.value.clone();
        match &mut step.body {
            StepBody::Provision { label, mode, content, quorum, .. } => {
                if quorum.value == QuorumHolder::Token {
                    return Err(NotRehearsable::OwnQuorum { step: id });
                }
                label.value = marked(&label.value, LABEL_BYTES);
                mode.value = ProvisionMode::Init;
                content.value = TokenContent::Blank;
            }
            StepBody::SelfSign { key, subject, .. } => {
                stand_in(key);
                subject.value = renamed(&subject.value);
            }
            StepBody::SignIntermediate { issuer, csr, subject, .. } => {
                stand_in(issuer);
                csr.value.file = format!("{id}.csr.pem");
                let name = match subject.take() {
                    Some(subject) => renamed(&subject.value),
                    None => renamed(&[(AttributeKind::CommonName, id.to_string())]),
                };
                *subject = Some(Spanned { value: name, span: step.id.span.clone() });
            }
            StepBody::AdoptAuthority { .. } => return Err(NotRehearsable::Adopts { step: id }),
            StepBody::DestroyKey { key } => stand_in(key),
            StepBody::CrossSign { issuer, certificate, csr, .. } => {
                stand_in(issuer);
                match &mut certificate.value {
                    Certified::Own(reference) => without_ordinal(reference),
                    Certified::Foreign(file) => file.file = format!("{id}.certified.pem"),
                }
                if let Some(csr) = csr {
                    csr.value.file = format!("{id}.csr.pem");
                }
            }
            StepBody::Revoke { issuer, certificate, .. } => {
                stand_in(issuer);
                stand_in(certificate);
            }
            StepBody::IssueCrl { issuer, .. } => stand_in(issuer),
            StepBody::ChangeRoster { roster } => {
                let sha256 = incoming.unwrap_or(roster.value.sha256);
                roster.value = InputFile { file: format!("{id}.roster.toml"), sha256 };
            }
            _ => {}
        }
    }
    Ok(script)
}

/// What an earlier ceremony made has one stand-in, whichever ceremony that was.
fn stand_in(reference: &mut Spanned<Reference>) {
    without_ordinal(&mut reference.value);
}

fn without_ordinal(reference: &mut Reference) {
    if let Reference::Ledger { ordinal, .. } = reference {
        *ordinal = None;
    }
}

/// A name whose common name says that it is none.
fn renamed(subject: &[(AttributeKind, String)]) -> Vec<(AttributeKind, String)> {
    let mut renamed: Vec<_> = subject.to_vec();
    match renamed.iter_mut().find(|(kind, _)| *kind == AttributeKind::CommonName) {
        Some((_, common_name)) => *common_name = marked(common_name, COMMON_NAME_CHARACTERS),
        None => renamed.push((AttributeKind::CommonName, super::WORD.to_owned())),
    }
    renamed
}
