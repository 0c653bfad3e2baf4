use std::collections::BTreeSet;

use super::resolve::{Resolver, Span};
use crate::format::{Action, FileName, FileRef, Profile, SerialNumber, StepKind, adopted_name};
use crate::pki::lint::{CertificateContext, CrlContext, Finding, lint_certificate, lint_crl};
use crate::pki::{
    Body, Certificate, ForeignList, SignedObject, adopted_certificate, adopted_list, not_signed_by,
    unfit_to_be_adopted,
};
use crate::script::{Code, InputFile, Spanned, Step, StepBody};

const REMEDY: &str =
    "ask whoever kept the root for the right file: what is taken in is what later ceremonies build on";

impl Resolver<'_> {
    /// A root that was made elsewhere: everything that it signed verifies under its key, and no number is there twice.
    pub(super) fn adopt_authority(&mut self, step: &Step) -> Option<Action> {
        let StepBody::AdoptAuthority {
            token,
            label,
            certificate,
            issued,
            crl,
            without_crl,
            reason_where_none,
        } = &step.body
        else {
            return None;
        };
        let id = &step.id.value;
        self.name_is_free(&step.id, StepKind::GenerateKey);
        self.name_is_free(&step.id, StepKind::SelfSign);
        if let Some(key) = self.sources.ledger.keys.first() {
            let message = format!("the authority has a key since ceremony {}, `{}`", key.ordinal, key.step);
            let remedy = "adopt a root as the first thing that an authority does; certify it with `cross-sign` otherwise";
            self.problem(Code::NotAdoptable, &step.id.span, message, remedy);
        }
        self.token_is_known(token);
        self.use_token(&token.value);
        let (file, root) = self.taken_in(certificate, FileName::of_step(id, "crt.pem"))?;
        let algorithm = self.is_a_root(&root, certificate)?;
        let mut serials = BTreeSet::from([root.serial().clone()]);
        let (mut files, mut below) = (Vec::new(), Vec::new());
        for (place, input) in issued.value.iter().enumerate() {
            let name = adopted_name(id, place)?;
            let (file, certificate) = self.taken_in(input, FileName::of_step(&name, "crt.pem"))?;
            self.is_below(&certificate, &root, input, &mut serials);
            files.push(file);
            below.push(adopted_certificate(&certificate));
        }
        let otherwise = reason_where_none.as_ref().map(|reason| reason.value);
        let taken_in = match crl {
            Some(input) => {
                let (file, list) = self.taken_in(input, FileName::of_step(id, "crl.pem"))?;
                self.is_its_list(&list, &root, input, &serials);
                match adopted_list(&list, otherwise) {
                    Ok(list) => Some((file, list)),
                    Err(error) => {
                        let remedy =
                            "say `reason-where-none`: later CRLs carry such entries with that reason";
                        self.not_adoptable(input, &error.to_string(), remedy);
                        return None;
                    }
                }
            }
            None => None,
        };
        let (crl, list) = taken_in.unzip();
        Some(Action::AdoptAuthority {
            token: token.value.clone(),
            label: label.value.clone(),
            certificate: file,
            issued: files,
            crl,
            without_crl: without_crl.as_ref().map(|reason| reason.value.clone()),
            reason_where_none: otherwise,
            algorithm,
            root: adopted_certificate(&root),
            below,
            list,
        })
    }

    /// Reads a certificate or CRL in its one PEM: it is handed on under a name of this authority.
    fn taken_in<B: Body>(
        &mut self,
        input: &Spanned<InputFile>,
        name: FileName,
    ) -> Option<(FileRef, SignedObject<B>)> {
        let bytes = self.input(input)?;
        match SignedObject::from_pem(&bytes) {
            Ok(object) => {
                let file = FileRef::of(name.clone(), &bytes);
                self.inputs.insert(name, bytes);
                Some((file, object))
            }
            Err(error) => {
                let remedy = "bring it in PEM with nothing else in the file, as `openssl x509` and `openssl crl` write it";
                self.not_adoptable(input, &error.to_string(), remedy);
                None
            }
        }
    }

    fn is_a_root(
        &mut self,
        root: &Certificate,
        input: &Spanned<InputFile>,
    ) -> Option<crate::format::KeyAlgorithm> {
        let ends = root.validity().to;
        let ended =
            (ends <= self.sources.script.ceremony.window.value.to).then(|| format!("it ended on {ends}"));
        let unfit = unfit_to_be_adopted(root).into_iter().map(str::to_owned).chain(ended);
        for what in unfit {
            self.not_adoptable(input, &what, REMEDY);
        }
        self.is_of_the_trust_domain(root, input);
        let environment = self.sources.script.ceremony.environment.value;
        let context = CertificateContext { issuer: None, profile: Profile::Root, environment };
        self.tell(input, &lint_certificate(root.tbs(), &context));
        root.public_key().key_algorithm()
    }

    fn is_below(
        &mut self,
        certificate: &Certificate,
        root: &Certificate,
        input: &Spanned<InputFile>,
        serials: &mut BTreeSet<SerialNumber>,
    ) {
        for what in not_signed_by(certificate, root) {
            self.not_adoptable(input, what, REMEDY);
        }
        if !serials.insert(certificate.serial().clone()) {
            let what = format!("its serial number {} is another certificate's too", certificate.serial());
            let remedy =
                "the two cannot be revoked apart: have their users replace them, and adopt the root then";
            self.not_adoptable(input, &what, remedy);
        }
        self.is_of_the_trust_domain(certificate, input);
        if certificate.is_authority() {
            let environment = self.sources.script.ceremony.environment.value;
            let context =
                CertificateContext { issuer: Some(root), profile: Profile::Intermediate, environment };
            self.tell(input, &lint_certificate(certificate.tbs(), &context));
        }
    }

    fn is_its_list(
        &mut self,
        list: &ForeignList,
        root: &Certificate,
        input: &Spanned<InputFile>,
        serials: &BTreeSet<SerialNumber>,
    ) {
        for what in not_signed_by(list, root) {
            self.not_adoptable(input, what, REMEDY);
        }
        if list.this_update() > self.sources.script.ceremony.window.value.to {
            let what = format!("it is dated {}, after the ceremony", list.this_update());
            self.not_adoptable(input, &what, REMEDY);
        }
        for entry in list.entries().iter().filter(|entry| !serials.contains(&entry.serial)) {
            self.warnings.push(format!(
                "`{}` revokes the serial number {}, of a certificate that is not there: every later CRL carries it, because \
                 nobody knows when it ends",
                input.value.file, entry.serial
            ));
        }
        let environment = self.sources.script.ceremony.environment.value;
        let context = CrlContext { issuer: root, environment, previous_number: None };
        self.tell(input, &lint_crl(list.tbs(), &context));
    }

    /// One trust domain an authority, in what it adopts too.
    fn is_of_the_trust_domain(&mut self, certificate: &Certificate, input: &Spanned<InputFile>) {
        let Some(id) = certificate.planned_extensions().ok().and_then(|extensions| extensions.spiffe_id)
        else {
            return;
        };
        let own = self.sources.script.ceremony.trust_domain.as_ref().map(|domain| domain.value.as_str());
        if own != Some(id.trust_domain()) {
            let what = format!("its SPIFFE ID is of the trust domain `{}`", id.trust_domain());
            self.not_adoptable(input, &what, "write that trust domain into the ceremony file");
        }
    }

    /// It exists, and nobody can change it: what breaks a rule is told and stops nothing.
    fn tell(&mut self, input: &Spanned<InputFile>, findings: &[Finding]) {
        for Finding { rule, what } in findings {
            self.warnings.push(format!("`{}` itself: {} {}: {what}", input.value.file, rule.id, rule.title));
        }
    }

    fn not_adoptable(&mut self, input: &Spanned<InputFile>, what: &str, remedy: &str) {
        let span: &Span = &input.span;
        self.problem(Code::NotAdoptable, span, format!("`{}`: {what}", input.value.file), remedy);
    }
}
