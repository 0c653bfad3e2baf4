use std::ops::Range;

use super::objects::named;
use super::resolve::Resolver;
use crate::format::{CertificateExtensions, NameConstraints, Profile, Subtrees};
use crate::pki::Error;
use crate::pki::profile::default_path_length;
use crate::script::{Code, Extensions, Spanned};

/// A name that has no encoding, and where it stands.
pub(super) type Unnameable = (Range<usize>, Error);

impl Resolver<'_> {
    /// What a certificate of that profile says besides.
    pub(super) fn extensions(
        &mut self,
        written: &Extensions,
        profile: Profile,
    ) -> Option<CertificateExtensions> {
        let domain = self.sources.script.ceremony.trust_domain.as_ref();
        match planned(written, profile, domain.map(|domain| domain.value.as_str())) {
            Ok(extensions) => Some(extensions),
            Err((span, error)) => {
                self.problem(Code::MalformedSubject, &span, error.to_string(), "change the name");
                None
            }
        }
    }
}

/// What the ceremony file says, and what the profile says where the file says nothing.
pub(super) fn planned(
    written: &Extensions,
    profile: Profile,
    trust_domain: Option<&str>,
) -> Result<CertificateExtensions, Unnameable> {
    let name_constraints = match &written.name_constraints {
        Some(constraints) => Some(NameConstraints {
            critical: constraints.value.critical,
            permitted: subtrees(&constraints.value.permitted)?,
            excluded: subtrees(&constraints.value.excluded)?,
        }),
        // Every identity of the mesh is a host below this one, and every software enforces it.
        None if profile == Profile::LinkerdIssuer => trust_domain
            .and_then(|domain| format!("identity.linkerd.{domain}").parse().ok())
            .map(|host| NameConstraints {
                critical: true,
                permitted: Subtrees { dns: vec![host], ..Default::default() },
                excluded: Subtrees::default(),
            }),
        None => None,
    };
    let spiffe_id = match &written.spiffe_id {
        Some(id) => Some(id.value.clone()),
        // X509-SVID 3.2: a signing certificate should name its trust domain.
        None if profile == Profile::SpireUpstreamDisk => {
            trust_domain.and_then(|domain| format!("spiffe://{domain}").parse().ok())
        }
        None => None,
    };
    Ok(CertificateExtensions {
        path_length: written.path_length.as_ref().map(|length| length.value).or(default_path_length(profile)),
        extended_key_usage: values(written.extended_key_usage.as_ref()),
        name_constraints,
        policies: values(written.policies.as_ref()),
        crl_distribution_points: values(written.crl_distribution_points.as_ref()),
        authority_information_access: values(written.authority_information_access.as_ref()),
        spiffe_id,
    })
}

fn subtrees(written: &crate::script::Subtrees) -> Result<Subtrees, Unnameable> {
    let directory =
        written.directory.iter().map(|name| named(name).map_err(|error| (name.span.clone(), error)));
    Ok(Subtrees {
        dns: each(&written.dns),
        ip: each(&written.ip),
        uri: each(&written.uri),
        directory: directory.collect::<Result<_, _>>()?,
    })
}

fn values<T: Clone>(written: Option<&Spanned<Vec<Spanned<T>>>>) -> Vec<T> {
    written.map(|list| each(&list.value)).unwrap_or_default()
}

fn each<T: Clone>(written: &[Spanned<T>]) -> Vec<T> {
    written.iter().map(|item| item.value.clone()).collect()
}
