use super::resolve::Resolver;
use crate::format::{CertificateExtensions, NameConstraints, Subtrees};
use crate::script::{Extensions, Spanned};

impl Resolver<'_> {
    /// What a certificate says besides, as the ceremony file has it. `path_length` is meant where the file has none.
    pub(super) fn extensions(
        &mut self,
        written: &Extensions,
        path_length: Option<u8>,
    ) -> Option<CertificateExtensions> {
        let name_constraints = match &written.name_constraints {
            None => None,
            Some(constraints) => Some(NameConstraints {
                critical: constraints.value.critical,
                permitted: self.subtrees(&constraints.value.permitted)?,
                excluded: self.subtrees(&constraints.value.excluded)?,
            }),
        };
        Some(CertificateExtensions {
            path_length: written.path_length.as_ref().map(|length| length.value).or(path_length),
            extended_key_usage: values(written.extended_key_usage.as_ref()),
            name_constraints,
            policies: values(written.policies.as_ref()),
            crl_distribution_points: values(written.crl_distribution_points.as_ref()),
            authority_information_access: values(written.authority_information_access.as_ref()),
            spiffe_id: written.spiffe_id.as_ref().map(|id| id.value.clone()),
        })
    }

    fn subtrees(&mut self, written: &crate::script::Subtrees) -> Option<Subtrees> {
        Some(Subtrees {
            dns: each(&written.dns),
            ip: each(&written.ip),
            uri: each(&written.uri),
            directory: written.directory.iter().map(|name| self.subject(name)).collect::<Option<_>>()?,
        })
    }
}

fn values<T: Clone>(written: Option<&Spanned<Vec<Spanned<T>>>>) -> Vec<T> {
    written.map(|list| each(&list.value)).unwrap_or_default()
}

fn each<T: Clone>(written: &[Spanned<T>]) -> Vec<T> {
    written.iter().map(|item| item.value.clone()).collect()
}
