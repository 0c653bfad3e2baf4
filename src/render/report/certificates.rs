use super::{Html, Report, listed, short, table};
use crate::format::{Action, ArtifactKind, CertifiedRef, Digest, Event, Instant, IssuerRef, Name, Profile};
use crate::pki::{Certificate, RevocationList};

/// A certificate of the bundle: one that was issued here, or the issuer from an earlier ceremony.
pub(super) struct Shown {
    /// Path of its file.
    pub(super) path: String,
    /// The step that issued it here.
    pub(super) step: Option<Name>,
    pub(super) certificate: Certificate,
}

/// A CRL that was issued here.
pub(super) struct ShownCrl {
    pub(super) path: String,
    /// Where it was signed ahead of its time: nobody publishes it before.
    pub(super) embargo: Option<Instant>,
    pub(super) list: RevocationList,
}

impl Report<'_> {
    /// What the issuing keys signed, decoded from its bytes.
    pub(super) fn issued(&self, html: &mut Html) {
        let (certificates, crls) = (self.certificates(), self.crls());
        html.markup("<h2>Certificates and CRLs</h2>\n");
        if certificates.is_empty() && crls.is_empty() {
            html.markup("<p>None.</p>\n");
            return;
        }
        self.hierarchy(html, &certificates, &crls);
        for shown in &certificates {
            self.certificate(html, shown);
        }
        for shown in &crls {
            self.crl(html, shown);
        }
    }

    /// Issuers of earlier ceremonies first, then in the order of the record.
    pub(super) fn certificates(&self) -> Vec<Shown> {
        let mut found: Vec<Shown> = Vec::new();
        let issuers = self.plan.iter().flat_map(|plan| &plan.steps).filter_map(|step| match &step.action {
            Action::SignIntermediate { issuer, .. }
            | Action::CrossSign { issuer, .. }
            | Action::IssueCrl { issuer, .. }
            | Action::Revoke { issuer, .. } => match issuer {
                IssuerRef::Ledger { certificate, .. } => Some(&certificate.name),
                IssuerRef::Step { .. } => None,
            },
            _ => None,
        });
        let earlier = issuers.map(|name| (None, format!("artifacts/{name}")));
        let here = self.released(ArtifactKind::Certificate).map(|(step, path)| (Some(step.clone()), path));
        for (step, path) in earlier.chain(here) {
            let certificate = self.files.get(&path).and_then(|bytes| Certificate::from_pem(bytes).ok());
            if let Some(certificate) = certificate.filter(|_| found.iter().all(|shown| shown.path != path)) {
                found.push(Shown { path, step, certificate });
            }
        }
        found
    }

    pub(super) fn crls(&self) -> Vec<ShownCrl> {
        let lists = self.released(ArtifactKind::Crl).filter_map(|(step, path)| {
            let list = RevocationList::from_pem(self.files.get(&path)?).ok()?;
            let embargo = match self.action(step) {
                Some(Action::IssueCrl { embargo, .. }) => *embargo,
                _ => None,
            };
            Some(ShownCrl { path, embargo, list })
        });
        lists.collect()
    }

    fn released(&self, kind: ArtifactKind) -> impl Iterator<Item = (&Name, String)> {
        self.records().filter_map(move |record| match &record.event {
            Event::Released(released) if released.kind == kind => {
                Some((&released.step, format!("artifacts/{}", released.file.name)))
            }
            _ => None,
        })
    }

    fn certificate(&self, html: &mut Html, shown: &Shown) {
        let Shown { path, step, certificate } = shown;
        html.element("<section class=\"issued\" id=\"file.", path, "\">\n");
        html.element("<h3>", certificate.subject(), "</h3>\n<dl>\n");
        match step {
            Some(step) => html.fact("issued here", format!("step {step}")),
            None => html.fact("issued earlier", "taken in as the issuer of what was issued here"),
        };
        html.fact("issuer", certificate.issuer())
            .fact("serial number", certificate.serial())
            .fact("valid", format!("{} to {}", certificate.validity().from, certificate.validity().to))
            .fact("key", certificate.public_key().describe())
            .fact("key, SHA-256", certificate.public_key().sha256());
        if let Some(identifier) = certificate.subject_key_identifier() {
            html.fact("subject key identifier", identifier);
        }
        if let Some(identifier) = certificate.authority_key_identifier() {
            html.fact("authority key identifier", identifier);
        }
        let length = match (certificate.is_authority(), certificate.path_length()) {
            (false, _) => "not a CA".to_owned(),
            (true, None) => "CA, path length unlimited".to_owned(),
            (true, Some(length)) => format!("CA, path length {length}"),
        };
        html.fact("basic constraints", length);
        let usage =
            [(certificate.may_sign_certificates(), "keyCertSign"), (certificate.may_sign_crls(), "cRLSign")];
        html.fact("key usage", listed(usage.into_iter().filter(|(has, _)| *has).map(|(_, name)| name)));
        match certificate.planned_extensions() {
            // The path length is said above.
            Ok(extensions) => extensions.facts().into_iter().skip(1).for_each(|(what, value)| {
                html.fact(what, value);
            }),
            Err(error) => {
                html.fact("other extensions", error);
            }
        }
        html.fact("signed with", certificate.signature_algorithm());
        // As audit reports print fingerprints (BR 8.6): capitals, nothing in between.
        html.fact("fingerprint, SHA-256", Digest::of(certificate.der()).to_string().to_ascii_uppercase());
        html.fact("what was signed, SHA-256", Digest::of(certificate.tbs())).markup("</dl>\n");
        if let Some(action) = step.as_ref().and_then(|step| self.action(step)) {
            request(html, action);
        }
        pem(html, certificate.to_pem());
        html.markup("</section>\n");
    }

    fn crl(&self, html: &mut Html, shown: &ShownCrl) {
        let ShownCrl { path, embargo, list } = shown;
        html.element("<section class=\"issued\" id=\"file.", path, "\">\n");
        html.element("<h3>CRL ", list.number(), " of ").element("", list.issuer(), "</h3>\n<dl>\n");
        if let Some(until) = embargo {
            html.fact("not to be published before", until);
        }
        html.fact("this update", list.this_update()).fact("next update", list.next_update());
        for place in list.issuing_distribution_point() {
            html.fact("for certificates that name", place);
        }
        html.fact("authority key identifier", list.authority_key_identifier())
            .fact("signed with", list.signature_algorithm())
            .fact("fingerprint, SHA-256", Digest::of(list.der()).to_string().to_ascii_uppercase())
            .fact("what was signed, SHA-256", Digest::of(list.tbs()))
            .fact("revoked", list.entries().len())
            .markup("</dl>\n");
        if !list.entries().is_empty() {
            table(html, &["Serial number", "Revoked at", "Reason"], |html| {
                for entry in list.entries() {
                    html.markup("<tr>")
                        .code_cell(&entry.serial)
                        .cell(entry.at)
                        .cell(entry.reason)
                        .markup("</tr>\n");
                }
            });
        }
        pem(html, list.to_pem());
        html.markup("</section>\n");
    }

    fn action(&self, step: &Name) -> Option<&Action> {
        Some(&self.plan.as_ref()?.step(step)?.action)
    }
}

/// What a request asked for, and what became of it.
fn request(html: &mut Html, action: &Action) {
    if let Action::CrossSign { certificate, csr, .. } = action {
        html.element("<p class=\"quiet\">Profile ", Profile::Cross, ".");
        if let Some(file) = certificate.file() {
            html.text(format!(" Certified once more: {}, SHA-256 {}.", file.name, short(&file.sha256)));
        }
        match (certificate, csr) {
            (_, Some(csr)) => html.text(format!(" The request {} is signed with the same key.", csr.name)),
            (CertifiedRef::Input { .. }, None) => {
                html.text(" Nothing shows that whoever brought the certificate has its key.")
            }
            _ => html.text(" The key is one of this authority."),
        };
        html.markup("</p>\n");
        return;
    }
    let Action::SignIntermediate { csr, profile, asked, .. } = action else {
        html.element("<p class=\"quiet\">Profile ", Profile::Root, ".</p>\n");
        return;
    };
    html.element("<p class=\"quiet\">Profile ", profile, "");
    html.text(format!(". Request {}, SHA-256 {}.", csr.name, short(&csr.sha256)));
    for asked in asked {
        html.text(format!(" {}: {}.", asked.what, asked.decision));
    }
    html.markup("</p>\n");
}

fn pem(html: &mut Html, text: String) {
    html.markup("<details><summary>PEM</summary><pre>");
    for line in text.lines() {
        html.text(line).markup("\n");
    }
    html.markup("</pre></details>\n");
}
