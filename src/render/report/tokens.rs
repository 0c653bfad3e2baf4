use super::event::described;
use super::{Html, Report, record_reference, short, table};
use crate::format::{
    CustodyNoted, Event, EvidenceImported, HostState, KeyEvidence, Machine, ObjectCounts, TokenFound,
};

impl Report<'_> {
    /// What tokens said of themselves, what was called on them, and what they said of the keys.
    pub(super) fn tokens(&self, html: &mut Html) {
        html.markup("<h2>Tokens and host</h2>\n");
        for (n, found) in self.events(|event| match event {
            Event::TokenFound(found) => Some(found),
            _ => None,
        }) {
            token(html, n, found);
        }
        self.operations(html);
        self.keys(html);
        self.brought(html);
        self.host(html);
    }

    fn operations(&self, html: &mut Html) {
        html.markup("<h3>Operations with a side effect</h3>\n");
        if self.operations.is_empty() {
            html.markup("<p>None.</p>\n");
            return;
        }
        table(html, &["No", "Step", "Token", "Call", "Answer"], |html| {
            for operation in &self.operations {
                let intent = operation.intent;
                html.markup(if operation.succeeded() { "<tr>" } else { "<tr class=\"warn\">" })
                    .cell(intent.op);
                html.cell(&intent.step).cell(&intent.token).cell(described(&intent.call)).markup("<td>");
                match operation.result {
                    Some((n, result)) => {
                        html.text(&result.rv).markup(", ");
                        record_reference(html, n);
                    }
                    None => {
                        html.markup("none");
                    }
                }
                html.markup("</td></tr>\n");
            }
        });
    }

    fn keys(&self, html: &mut Html) {
        for (_, (op, key)) in self.events(|event| match event {
            Event::OperationResult(result) => result.key.as_ref().map(|key| (result.op, key)),
            Event::KeySettled(settled) => settled.key.as_ref().map(|key| (settled.op, key)),
            _ => None,
        }) {
            let KeyEvidence { spki_sha256, attributes, contradictions, .. } = key;
            html.element("<h3>Key of operation ", op, "</h3>\n<dl>\n")
                .fact("public key, SHA-256", spki_sha256);
            let wrong = attributes.findings();
            let judged =
                if wrong.is_empty() { "what a root's key has to be".to_owned() } else { wrong.join("; ") };
            html.fact("attributes, as read back", judged);
            let unsaid = attributes.unsaid();
            html.fact("what the token does not say", super::listed(unsaid));
            html.fact("contradictions", super::listed(contradictions)).markup("</dl>\n");
        }
    }

    /// Files from devices, and bags.
    fn brought(&self, html: &mut Html) {
        let evidence: Vec<(u64, &EvidenceImported)> = self
            .events(|event| match event {
                Event::EvidenceImported(evidence) => Some(evidence),
                _ => None,
            })
            .collect();
        html.markup("<h3>Evidence from devices</h3>\n");
        if evidence.is_empty() {
            html.markup("<p>None: no device's own log says that nothing else was signed.</p>\n");
        } else {
            table(html, &["File", "Token", "Form", "Brought by", "SHA-256"], |html| {
                for (_, EvidenceImported { token, form, file, by, .. }) in evidence {
                    html.markup("<tr>").code_cell(&file.name).cell(token).cell(form).cell(by);
                    html.long_cell(file.sha256).markup("</tr>\n");
                }
            });
        }
        let custody: Vec<(u64, &CustodyNoted)> = self
            .events(|event| match event {
                Event::CustodyNoted(noted) => Some(noted),
                _ => None,
            })
            .collect();
        if custody.is_empty() {
            return;
        }
        html.markup("<h3>Custody</h3>\n");
        table(html, &["Item", "Act", "Bag", "Sealed under", "Read by", "Now at"], |html| {
            for (_, CustodyNoted { item, act, number, expected, place, by, witness, .. }) in custody {
                let same = expected.as_ref().is_none_or(|expected| expected == number);
                html.markup(if same { "<tr>" } else { "<tr class=\"bad\">" })
                    .cell(item)
                    .cell(act)
                    .code_cell(number);
                html.cell(expected.as_deref().unwrap_or("-")).cell(format!("{by}, {witness}"));
                html.cell(place.as_deref().unwrap_or("-")).markup("</tr>\n");
            }
        });
    }

    fn host(&self, html: &mut Html) {
        for record in self.records() {
            let (title, host, machine) = match &record.event {
                Event::Opened(opened) => ("Host", &opened.host, &opened.machine),
                Event::Resumed(resumed) => ("Host that it was resumed on", &resumed.host, &resumed.machine),
                _ => continue,
            };
            html.element("<h3>", title, "</h3>\n");
            machine_facts(html, host, machine);
        }
    }
}

fn token(html: &mut Html, n: u64, found: &TokenFound) {
    let TokenFound {
        token,
        module_sha256,
        serial,
        label,
        manufacturer,
        model,
        hardware,
        firmware,
        initialised,
        user_pin_set,
        protected_authentication_path,
        locks_out,
        user_pin,
        so_pin,
        pin_min,
        pin_max,
        logged_in,
        objects,
    } = found;
    html.element("<h3>Token ", token, " as of ");
    record_reference(html, n);
    html.markup("</h3>\n<dl>\n")
        .fact("device", format!("{manufacturer} {model}, hardware {hardware}, firmware {firmware}"))
        .fact("serial number", said(serial))
        .fact("label", said(label))
        .fact("module, SHA-256", short(module_sha256));
    let yes = |is: bool| if is { "yes" } else { "no" };
    html.fact("initialised, user PIN set", format!("{}, {}", yes(*initialised), yes(*user_pin_set)))
        .fact("PINs", format!("user {user_pin}, security officer {so_pin}, {pin_min} to {pin_max} bytes"))
        .fact("locks after wrong PINs", yes(*locks_out))
        .fact("people authenticate on the device", yes(*protected_authentication_path));
    if let Some(counts) = objects {
        let ObjectCounts { data, certificates, public_keys, private_keys, secret_keys, others } = counts;
        let seen = if *logged_in { "" } else { ", private ones not seen" };
        html.fact(
            "objects",
            format!(
                "{private_keys} private, {public_keys} public, {secret_keys} secret keys; {certificates} certificates, \
                 {data} data, {others} others{seen}"
            ),
        );
    }
    html.markup("</dl>\n");
}

/// A token that is not initialised may have neither.
fn said(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn machine_facts(html: &mut Html, host: &HostState, machine: &Machine) {
    let Machine { program_sha256, kernel, command_line, boot_id, vendor, product, serial, firmware } =
        machine;
    html.markup("<dl>\n").fact("secrets in memory", host);
    if let Some(program) = program_sha256 {
        html.fact("program, SHA-256", program);
    }
    for (label, value) in [
        ("kernel", kernel),
        ("kernel's command line", command_line),
        ("boot", boot_id),
        ("maker", vendor),
        ("model", product),
        ("serial number", serial),
        ("firmware", firmware),
    ] {
        html.fact(label, value.as_deref().unwrap_or("not said"));
    }
    html.markup("</dl>\n");
}
