//! A plan as an officer reads it before signing. Every text of the plan is escaped.

use crate::format::{
    Action, Asked, Binding, CertificateExtensions, CertifiedRef, Digest, IssuerRef, KeyRef, Name, Plan,
    Shares, Waiver, Window,
};
use crate::pki::lint;

/// The plan for the eye: what, where, when, on which tokens, step by step.
pub(super) fn of_plan(plan: &Plan, binding: &Binding, plan_sha256: &Digest) -> String {
    let waived = |waiver: &Waiver| {
        let Waiver { rule, reason, until } = waiver;
        row("WAIVED", &format!("{} until {until}: {}", lint::described(*rule), escaped(reason)))
    };
    let mut lines: Vec<String> = plan.waivers.iter().map(waived).collect();
    lines.extend([
        row("plan", &escaped(&plan.title)),
        row("authority", &format!("{} ({})", plan.authority, plan.environment)),
        row("ceremony", &place(plan)),
        row("mode", &plan.mode.to_string()),
        row("window", &span(&plan.window)),
    ]);
    lines.extend(plan.policy.iter().map(|policy| row("policy", &escaped(policy))));
    lines.extend(plan.trust_domain.iter().map(|domain| row("trust domain", &escaped(domain))));
    let module = binding.module.path.display().to_string();
    lines.push(row("module", &escaped(&module)));
    lines.push(row("", &format!("SHA-256 {}", grouped(&binding.module.sha256))));
    for (name, value) in &binding.variables {
        lines.push(row("variable", &format!("{name}={}", escaped(value))));
    }
    for token in &binding.tokens {
        let text = format!("{}: {}, device profile {}", token.name, token.address, token.profile);
        lines.push(row("token", &text));
    }
    lines.push(String::new());
    for (number, step) in (1..).zip(&plan.steps) {
        let kind = step.action.kind();
        lines.push(format!("{number:3}  {:20}  {kind:17}  {}", step.id, of_action(&step.action)));
    }
    lines.push(String::new());
    lines.push(row("plan digest", &grouped(plan_sha256)));
    lines.join("\n")
}

/// A digest in groups of four digits, as it is read aloud and printed.
pub(super) fn grouped(digest: &Digest) -> String {
    let digits: Vec<char> = digest.to_string().chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// Printable ASCII stays, everything else becomes `\u{...}`: no text of a plan moves the cursor or looks like another.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        ' '..='~' => c.to_string(),
        _ => c.escape_default().to_string(),
    };
    text.chars().map(escape).collect()
}

fn row(label: &str, value: &str) -> String {
    format!("{label:12}  {value}")
}

fn place(plan: &Plan) -> String {
    match plan.ordinal {
        1 => "number 1, the genesis".to_owned(),
        ordinal => format!("number {ordinal}, after the head {}", grouped(&plan.previous_head)),
    }
}

fn span(window: &Window) -> String {
    format!("{} to {}", window.from, window.to)
}

fn of_action(action: &Action) -> String {
    match action {
        Action::Provision { token, label, mode, wipe, shares, .. } => {
            let wiped = if *wipe { "WHAT IS ON IT IS DESTROYED; " } else { "" };
            let opened = shares.as_ref().map_or_else(|| "it holds its own quorum".to_owned(), of_shares);
            format!("token {token} becomes \"{}\" ({mode}); {wiped}{opened}", escaped(label))
        }
        Action::Reshare { set, from, to, tokens } => {
            let epochs: Vec<String> = from.iter().map(u32::to_string).collect();
            let until =
                if epochs.is_empty() { "none".to_owned() } else { format!("epoch {}", epochs.join(" and ")) };
            let tokens = if tokens.is_empty() { String::new() } else { format!(", for {}", names(tokens)) };
            format!("shares of `{set}` until now: {until}; afterwards: {}{tokens}", of_shares(to))
        }
        Action::ChangeRoster { roster, joins, leaves, new_keys } => format!(
            "new roster {}: join {}; leave {}; new keys {}",
            grouped(&roster.sha256),
            names(joins),
            names(leaves),
            names(new_keys)
        ),
        Action::GenerateKey { token, algorithm, label } => {
            format!("{algorithm} key \"{}\" on {token}", escaped(label))
        }
        Action::SelfSign { key, extensions, subject, validity, tbs_sha256, .. } => format!(
            "root \"{}\" with key {}, {}, {}{}",
            escaped(&subject.text),
            of_key(key),
            described(extensions),
            span(validity),
            fixed(tbs_sha256.as_ref())
        ),
        Action::SignIntermediate {
            issuer,
            csr,
            profile,
            extensions,
            subject,
            asked,
            validity,
            tbs_sha256,
            ..
        } => format!(
            "{profile} \"{}\" by {}, {}, from {} ({}), {}{}",
            escaped(&subject.text),
            of_issuer(issuer),
            described(extensions),
            csr.name,
            decided(asked),
            span(validity),
            fixed(tbs_sha256.as_ref())
        ),
        Action::CrossSign { issuer, certificate, csr, subject, validity, tbs_sha256, .. } => format!(
            "\"{}\" certified once more by {}, {}, {}{}",
            escaped(&subject.text),
            of_issuer(issuer),
            match (certificate, csr) {
                (CertifiedRef::Input { .. }, None) => "proof of possession NOT SHOWN".to_owned(),
                (_, Some(csr)) => format!("its holder signed {}", csr.name),
                _ => "a key of this authority".to_owned(),
            },
            span(validity),
            fixed(tbs_sha256.as_ref())
        ),
        Action::DestroyKey { key, .. } => {
            format!("THE KEY {} IS DESTROYED: nobody can bring it back", of_key(key))
        }
        Action::AdoptAuthority {
            token,
            label,
            certificate,
            without_crl,
            reason_where_none,
            algorithm,
            root,
            below,
            list,
            ..
        } => {
            let list = list.as_ref().map(|list| {
                let number =
                    list.number.map_or_else(|| "without a number".to_owned(), |number| number.to_string());
                let reason = reason_where_none
                    .map_or_else(String::new, |reason| format!(", {reason} where no reason is said"));
                format!("last CRL {number} of {}, {} revoked{reason}", list.this_update, list.entries.len())
            });
            let none = || format!("NO CRL: {}", escaped(without_crl.as_deref().unwrap_or_default()));
            format!(
                "the root \"{}\", MADE ELSEWHERE, {algorithm} key \"{}\" on {token}, {}, file {}, {} certificates, {}; \
                 nothing here proves it",
                escaped(&root.subject.text),
                escaped(label),
                span(&root.validity),
                grouped(&certificate.sha256),
                below.len(),
                list.unwrap_or_else(none)
            )
        }
        Action::Revoke { issuer, certificate, entry } => format!(
            "{} of {}, serial {}, {} at {}",
            escaped(certificate),
            of_issuer(issuer),
            entry.serial,
            entry.reason,
            entry.at
        ),
        Action::IssueCrl {
            issuer,
            number,
            this_update,
            next_update,
            embargo,
            issuing_distribution_point,
            entries,
            tbs_sha256,
        } => format!(
            "CRL {number} by {}, {} revoked, {this_update} to {next_update}{}{}{}",
            of_issuer(issuer),
            entries.len(),
            embargo.map_or_else(String::new, |until| format!(", not to be published before {until}")),
            issuing_distribution_point.iter().map(|uri| format!(", at {uri}")).collect::<String>(),
            fixed(tbs_sha256.as_ref())
        ),
        Action::Clock { readers, tolerance_seconds, beacon } => {
            let beacon = if *beacon { "; somebody brings a beacon" } else { "" };
            format!("{readers} people read clocks, {tolerance_seconds} s of difference pass{beacon}")
        }
        Action::ReadAloud { by, named } => format!("{by} reads aloud {}", named),
        Action::Attest { by, text } => {
            let roles: Vec<String> = by.iter().map(ToString::to_string).collect();
            format!("{}: \"{}\", or why not", roles.join(", "), escaped(text))
        }
        Action::Custody { item, act, expected, place } => {
            let number =
                expected.as_ref().map_or_else(String::new, |number| format!(", bag {}", escaped(number)));
            let place = place.as_ref().map_or_else(String::new, |place| format!(", at {}", escaped(place)));
            format!("{act} the bag of {item}{number}{place}")
        }
        Action::ImportEvidence { token, form, file } => format!("{form} of {token}, from {file}"),
        Action::Break { reason, minutes, shares } => {
            format!("about {minutes} minutes, shares {shares}: \"{}\"", escaped(reason))
        }
        Action::Confirm { by, text, discharges } => {
            let done = discharges.as_ref().map_or_else(String::new, |duty| format!("; duty {duty} is done"));
            format!("{by}: \"{}\"{done}", escaped(text))
        }
    }
}

fn of_shares(shares: &Shares) -> String {
    match shares {
        Shares::New { set, epoch, threshold, holders } => {
            let count = holders.len();
            format!("{threshold} of {count} new `{set}` shares (epoch {epoch}) open it: {}", names(holders))
        }
        Shares::Dealt { set, epoch } => format!("the `{set}` shares of epoch {epoch} open it"),
    }
}

fn names(names: &[Name]) -> String {
    let names: Vec<String> = names.iter().map(Name::to_string).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

fn of_key(key: &KeyRef) -> String {
    match key {
        KeyRef::Step { id } => id.to_string(),
        KeyRef::Ledger { ordinal, id, .. } => format!("{id} of ceremony {ordinal}"),
    }
}

fn of_issuer(issuer: &IssuerRef) -> String {
    match issuer {
        IssuerRef::Step { id } => id.to_string(),
        IssuerRef::Ledger { ordinal, id, .. } => format!("{id} of ceremony {ordinal}"),
    }
}

/// What a certificate says besides, each thing after its name.
fn described(extensions: &CertificateExtensions) -> String {
    let facts = extensions.facts();
    facts.iter().map(|(what, value)| format!("{what} {}", escaped(value))).collect::<Vec<_>>().join(", ")
}

/// Everything that a request asked for, and what became of it.
fn decided(asked: &[Asked]) -> String {
    asked
        .iter()
        .map(|Asked { what, decision }| format!("{} {decision}", escaped(what)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn fixed(tbs_sha256: Option<&Digest>) -> String {
    match tbs_sha256 {
        Some(digest) => format!(", TBS {}", grouped(digest)),
        None => ", authorised later by a statement".to_owned(),
    }
}
