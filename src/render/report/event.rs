use super::{Html, Report, listed, short, table};
use crate::format::{
    Aborted, Adopted, Arrived, Attested, Beacon, BreakBegun, BreakEnded, Call, Closed, CustodyNoted,
    Destruction, Drilled, Event, EvidenceImported, ExceptionNoted, KeySettled, Left, LoginPath, Name, Opened,
    OperationIntent, OperationResult, PinPolicy, Quarantined, ReadAloud, Released, Resumed, RevocationEntry,
    SharesSplit, TokenFound,
};

impl Report<'_> {
    /// Every record in one line.
    pub(super) fn timeline(&self, html: &mut Html) {
        html.markup("<h2>Timeline</h2>\n");
        let Some(log) = self.log else {
            html.markup("<p>The log cannot be read: check C2 says why.</p>\n");
            return;
        };
        table(html, &["No", "Time", "Step", "What"], |html| {
            let mut under_way: Option<&Name> = None;
            for record in log.records() {
                if let Event::StepStarted { step, .. } = &record.event {
                    under_way = Some(step);
                }
                html.element("<tr id=\"r", record.n, "\" class=\"")
                    .markup(row_class(&record.event))
                    .markup("\">");
                html.cell(record.n).element("<td class=\"time\">", record.t, "</td>");
                html.cell(under_way.map_or("", Name::as_str)).cell(sentence(&record.event)).markup("</tr>\n");
                if matches!(record.event, Event::StepDone { .. }) {
                    under_way = None;
                }
            }
        });
    }
}

fn row_class(event: &Event) -> &'static str {
    match event {
        Event::ExceptionNoted(_) | Event::Resumed(_) | Event::KeySettled(_) | Event::Drilled(_) => "warn",
        Event::Quarantined(_) | Event::Aborted(_) => "bad",
        Event::Attested(Attested { refusal: Some(_), .. }) => "bad",
        Event::StepStarted { .. } => "begins",
        _ => "",
    }
}

/// What a record says, for people.
fn sentence(event: &Event) -> String {
    match event {
        Event::Opened(Opened { tool, operator, host, present, .. }) => format!(
            "record opened by {tool}, operated by {}; present: {}; host: {host}",
            match operator {
                crate::format::OperatorKind::Terminal => "a person",
                crate::format::OperatorKind::Scripted => "an answers file",
            },
            listed(present.iter().map(|present| &present.name))
        ),
        Event::TokenFound(TokenFound { token, manufacturer, model, serial, label, .. }) => {
            format!("token {token} says: {manufacturer} {model}, serial number {serial}, label {label}")
        }
        Event::StepStarted { step, kind } => format!("step {step} begins ({kind})"),
        Event::StepDone { step } => format!("step {step} is done"),
        Event::ClockRead { reader, reading, difference_seconds, .. } => {
            format!("{reader} reads {reading} on another clock, {difference_seconds} seconds from the host's")
        }
        Event::Beacon(Beacon { by, source, value, .. }) => {
            format!("{by} brings a beacon: {value} ({source})")
        }
        Event::ReadAloud(ReadAloud { named, digest, by, positions, attempts, .. }) => format!(
            "{by} reads aloud {named}, {}; words {} were asked for, right at attempt {attempts}",
            short(digest),
            listed(positions)
        ),
        Event::Attested(Attested { by, text, refusal: None, .. }) => format!("{by} states: {text}"),
        Event::Attested(Attested { by, text, refusal: Some(why), .. }) => {
            format!("{by} REFUSES to state: {text} Because: {why}")
        }
        Event::CustodyNoted(noted) => custody(noted),
        Event::EvidenceImported(EvidenceImported { token, form, file, by, .. }) => {
            format!("{by} brings {} from token {token} ({form}), SHA-256 {}", file.name, short(&file.sha256))
        }
        Event::ExceptionNoted(ExceptionNoted { number, class, happened, decided, by, .. }) => {
            format!("EXCEPTION {number} ({class}): {happened} {by} decided: {decided}")
        }
        Event::Confirmed { by, text, .. } => format!("{by} confirms: {text}"),
        Event::Arrived(Arrived { name, noted_by, .. }) => format!("{name} arrives, says {noted_by}"),
        Event::Left(Left { name, noted_by }) => format!("{name} leaves, says {noted_by}"),
        Event::BreakBegun(BreakBegun { by, word, present, .. }) => {
            format!("break: {by} copies the head and types {word}; {} leave together", listed(present))
        }
        Event::BreakEnded(BreakEnded { by, word, present, .. }) => {
            format!("break over: {by} compares bags and seals and types {word}; {} are back", listed(present))
        }
        Event::SharesSplit(SharesSplit { set, set_id, epoch, threshold, shares, .. }) => format!(
            "secret of set {set} (epoch {epoch}, {set_id}) is split into {}, any {threshold} rebuild it",
            shares.len()
        ),
        Event::ShareVerified { index, holder, .. } => {
            format!("{holder} enters share {index} again: it is right")
        }
        Event::PinPolicy(PinPolicy { token, set_id, entropy_bits, .. }) => {
            format!("PINs of token {token} follow from set {set_id}, with {entropy_bits} bits")
        }
        Event::QuorumMet { set_id, by, .. } => format!("{} rebuild the secret of set {set_id}", listed(by)),
        Event::TokenMoved { token, set_id, .. } => {
            format!("token {token} is opened by set {set_id} from here on")
        }
        Event::SharesRetired { set_id, .. } => format!("shares of set {set_id} open nothing any more"),
        Event::RosterChanged { from, to, by, .. } => {
            format!("{by} confirms that the roster changes from {} to {}", short(from), short(to))
        }
        Event::Resumed(resumed) => resumption(resumed),
        Event::KeySettled(KeySettled { op, outcome, .. }) => {
            format!("the key of operation {op}, which was in doubt: {outcome}")
        }
        Event::OperationIntent(OperationIntent { op, token, call, .. }) => {
            format!("operation {op} on token {token}: {}", described(call))
        }
        Event::OperationResult(OperationResult { op, rv, key, signature }) => {
            let key = key
                .as_ref()
                .map_or_else(String::new, |key| format!("; public key {}", short(&key.spki_sha256)));
            let signature = signature.as_ref().map_or("", |signature| match signature.verified {
                true => "; the signature verifies",
                false => "; the signature DOES NOT verify",
            });
            format!("operation {op} answered with {rv}{key}{signature}")
        }
        Event::TbsFrozen { tbs } => {
            format!("what will be signed is fixed: {}", listed(tbs.iter().map(|tbs| &tbs.step)))
        }
        Event::SealAdded { seal, signer, .. } => format!("{signer} signed the {seal} statement"),
        Event::SignConfirmed { tbs_sha256, by, word, .. } => {
            format!("{by} types {word} for the signature over {}", short(tbs_sha256))
        }
        Event::Destroyed(Destruction { by, token, spki_sha256, .. }) => {
            format!("{by} decides that the key {} is removed from token {token} for good", short(spki_sha256))
        }
        Event::Adopted(Adopted { by, token, key, .. }) => format!(
            "{by} states that the root with the key {} was made elsewhere and that this is all it issued; token {token} shows \
             the public key",
            short(&key.spki_sha256)
        ),
        Event::Revoked(RevocationEntry { by, entry, .. }) => {
            format!("{by} decides that {} is revoked at {} ({})", entry.serial, entry.at, entry.reason)
        }
        Event::Released(Released { kind, file, .. }) => {
            format!("{} is written, a {kind}, SHA-256 {}", file.name, short(&file.sha256))
        }
        Event::Quarantined(Quarantined { file, reason, .. }) => {
            format!("{} is QUARANTINED: {reason}", file.name)
        }
        Event::Drilled(Drilled { kind, outcome, .. }) => format!("drill {kind}: {outcome}"),
        Event::Closed(Closed { duties, .. }) => {
            format!("every step is done; {} duties from here on", duties.len())
        }
        Event::Aborted(Aborted { by, reason, .. }) => format!("ABORTED by {by}: {reason}"),
    }
}

/// A call of PKCS#11 with its public arguments.
pub(super) fn described(call: &Call) -> String {
    match call {
        Call::InitToken { label, wipes: None } => format!("C_InitToken, label {label}"),
        Call::InitToken { label, wipes: Some(serial) } => {
            format!("C_InitToken, label {label}, destroying what was on {serial}")
        }
        Call::InitPin {} => "C_InitPIN".to_owned(),
        Call::SetPin { of } => format!("C_SetPIN of {of}"),
        Call::Login { of, path: LoginPath::Pin } => format!("C_Login as {of}"),
        Call::Login { of, path: LoginPath::Device } => format!("C_Login as {of}, on the device"),
        Call::GenerateKeyPair { algorithm, label, .. } => {
            format!("C_GenerateKeyPair, {algorithm}, label {label}")
        }
        Call::DestroyObject { class, key_id } => format!("C_DestroyObject, {class} of key {key_id}"),
        Call::Sign { tbs_sha256, mechanism, .. } => {
            format!("C_Sign over {} with {mechanism}", short(tbs_sha256))
        }
    }
}

fn resumption(resumed: &Resumed) -> String {
    let Resumed { present, unanswered, keys, mirror, set_aside, .. } = resumed;
    let keys =
        keys.iter().map(|decision| format!("; the key of operation {}: {}", decision.op, decision.fate));
    let mirror = mirror.map_or_else(String::new, |found| {
        format!(
            "; of the two copies of the record the shorter one ({}) had {} records",
            found.state, found.records
        )
    });
    format!(
        "RESUMED after an interruption; present: {}; {} operations unanswered, {} files set aside{mirror}{}",
        listed(present.iter().map(|present| &present.name)),
        unanswered.len(),
        set_aside.len(),
        keys.collect::<String>()
    )
}

fn custody(noted: &CustodyNoted) -> String {
    let CustodyNoted { item, act, number, expected, place, by, witness, .. } = noted;
    let was = expected.as_ref().filter(|expected| *expected != number);
    let was = was.map_or_else(String::new, |expected| format!(" (NOT {expected}, as it was sealed)"));
    let place = place.as_ref().map_or_else(String::new, |place| format!(", now at {place}"));
    format!("custody of {item}, {act}: bag {number}{was}, read by {by} and {witness}{place}")
}
