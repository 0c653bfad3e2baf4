//! Attacks of people who hold keys and sign what they changed: each with the verdict it has to get and the check that
//! has to notice.

use anchorite::format::{self, *};
use anchorite::pki::DistinguishedName;
use anchorite::verify::{self, CheckId, Conclusion};

use super::bundle::{HONEST, Item, Tricks, Workshop, instant, name, time_of};
use super::mutants::Ceremony::{self, Genesis, Intermediate, Production, Resharing, Retirement, Revocation};
use super::mutants::{all_are_noticed, anchors, hold, misjudged};

pub(crate) type Attack = (&'static str, Ceremony, Tricks, Conclusion, CheckId);

/// Attacks of people who hold keys and sign what they changed.
#[rustfmt::skip]
pub(crate) fn attacks() -> Vec<Attack> {
    use CheckId::*;
    use Conclusion::*;
    vec![
        ("the witness does not seal", Genesis, Tricks { closers: &["officer-a", "officer-b"], ..HONEST }, Unsealed, EndSeals),
        ("one officer too few seals", Genesis, Tricks { closers: &["officer-a", "witness"], ..HONEST }, Unsealed, EndSeals),
        ("the witness seals as an officer", Genesis, Tricks { seal: |seal| if seal.signer.name.as_str() == "witness" { seal.signer.role = Role::Officer }, ..HONEST }, Fail, EndSeals),
        ("the operator seals as well", Genesis, Tricks { closers: &["officer-a", "officer-b", "witness", "operator"], ..HONEST }, Fail, EndSeals),
        ("a seal names another's key", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.signer.spki_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, EndSeals),
        ("a seal names another algorithm", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.signer.algorithm = StatementAlgorithm::EcdsaP384Sha384 }, ..HONEST }, Fail, EndSeals),
        ("a seal covers one byte less", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.covered.bytes -= 1 }, ..HONEST }, Fail, Coverage),
        ("a seal names another head", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.covered.head = Digest::ZERO }, ..HONEST }, Fail, Coverage),
        ("a seal of an officer who was not there", Genesis, Tricks { opened: |opened| opened.present.retain(|present| present.name.as_str() != "officer-b"), ..HONEST }, Fail, EndSeals),
        ("nobody aborts what was aborted", Genesis, Tricks { items: |items| { cut_at(items, |event| starts(event, "root-key")); abort(items, nothing_signed()); }, closers: &[], ..HONEST }, Unsealed, EndSeals),
        ("a close seal from before the end", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.signer.time = time_of(3) }, ..HONEST }, Fail, SealTimes),
        ("a close seal from days after the window", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.signer.time = instant("2026-12-03T09:00:00Z") }, ..HONEST }, Fail, SealTimes),
        ("an abort seal from before the end", Genesis, Tricks { items: |items| { cut_at(items, |event| starts(event, "root-key")); abort(items, nothing_signed()); }, seal: |seal| if seal.kind == SealKind::Abort { seal.signer.time = time_of(2) }, ..SEALED_BY_ONE }, Fail, SealTimes),
        ("not everybody approves a genesis", Genesis, Tricks { approvers: &["officer-a", "officer-b", "officer-c", "witness", "deputy-a"], ..HONEST }, Fail, Approvals),
        ("a deputy's key is unproven", Genesis, Tricks { approvers: &["officer-a", "officer-b", "officer-c", "witness", "operator"], ..HONEST }, Fail, Approvals),
        ("an officer and their deputy approve as two", Intermediate, Tricks { approvers: &["officer-a", "deputy-a"], ..HONEST }, Fail, Approvals),
        ("an officer and their deputy authorise as two", Genesis, Tricks { authorisers: &["deputy-a", "officer-a"], ..HONEST }, Fail, Authorisations),
        ("an officer and their deputy seal as two", Genesis, Tricks { closers: &["officer-a", "deputy-a", "witness"], ..HONEST }, Unsealed, EndSeals),
        ("one approval too few", Intermediate, Tricks { approvers: &["officer-a"], ..HONEST }, Fail, Approvals),
        ("an approval of another plan", Genesis, Tricks { approval: |approval| approval.plan_sha256 = Digest::of(b"other"), ..HONEST }, Fail, Approvals),
        ("an approval for another ordinal", Genesis, Tricks { approval: |approval| approval.ordinal = 2, ..HONEST }, Fail, Approvals),
        ("an approval of a rehearsal", Genesis, Tricks { approval: |approval| approval.mode = Mode::Rehearsal, ..HONEST }, Fail, Approvals),
        ("an approval after another head", Genesis, Tricks { approval: |approval| approval.previous_head = Digest::of(b"head"), ..HONEST }, Fail, Approvals),
        ("an approval for another machine", Genesis, Tricks { approval: |approval| approval.binding_sha256 = Digest::of(b"binding"), ..HONEST }, Fail, Approvals),
        ("a rehearsal's approval in production", Production, Tricks { approval: |approval| approval.mode = Mode::Rehearsal, ..HONEST }, Fail, Approvals),
        ("a rehearsal's plan in production", Production, Tricks { plan: |plan| { plan.v = Plan::FORMAT.rehearsal.to_owned(); plan.mode = Mode::Rehearsal }, opened: |opened| opened.mode = Mode::Ceremony, ..HONEST }, Fail, Opening),
        ("an approval of another plan in a later ceremony", Intermediate, Tricks { approval: |approval| approval.plan_sha256 = Digest::of(b"other"), ..HONEST }, Fail, Approvals),
        ("an approval after the head before the last", Intermediate, Tricks { approval: |approval| approval.previous_head = Digest::ZERO, ..HONEST }, Fail, Approvals),
        ("an officer approves as administrator", Genesis, Tricks { approval: |approval| if approval.signer.name.as_str() == "officer-b" { approval.signer.role = Role::Administrator }, ..HONEST }, Fail, Approvals),
        ("the witness approves as an officer", Intermediate, Tricks { approvers: &["officer-a", "officer-b", "witness"], approval: |approval| approval.signer.role = Role::Officer, stray_approvals: true, ..HONEST }, Fail, Approvals),
        ("the witness approves what is no genesis", Intermediate, Tricks { approvers: &["officer-a", "officer-b", "witness"], stray_approvals: true, ..HONEST }, Fail, Approvals),
        ("one officer approves under two names", Intermediate, Tricks { approvers: &["officer-a", "officer-b"], staged: |files| for ending in ["txt", "sig"] { let own = files[&format!("artifacts/approval.officer-a.{ending}")].clone(); files.insert(format!("artifacts/approval.officer-b.{ending}"), own); }, ..HONEST }, Fail, Approvals),
        ("one officer authorises twice", Genesis, Tricks { authorisers: &["officer-a", "officer-a"], ..HONEST }, Fail, SealsCommitted),
        ("an authorisation under another plan", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Authorise { seal.plan_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, Authorisations),
        ("an authorisation of a rehearsal", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Authorise { seal.mode = Mode::Rehearsal }, ..HONEST }, Fail, Authorisations),
        ("a close under another plan", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.plan_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, EndSeals),
        ("a close of a rehearsal", Genesis, Tricks { seal: |seal| if seal.kind == SealKind::Close { seal.mode = Mode::Rehearsal }, ..HONEST }, Fail, EndSeals),
        ("a close that an officer seals as witness", Genesis, Tricks { closers: &["officer-a", "officer-b", "officer-c"], seal: |seal| if seal.kind == SealKind::Close && seal.signer.name.as_str() == "officer-c" { seal.signer.role = Role::Witness }, ..HONEST }, Fail, EndSeals),
        ("a ceremony outside its window", Genesis, Tricks { stamps: |record| record.t = instant("2026-12-02T09:00:00Z"), ..HONEST }, Fail, Approvals),
        ("a rule of production is broken without a waiver", Production, Tricks { plan: |plan| plan.waivers.clear(), ..HONEST }, Fail, Waivers),
        ("another rule than the broken one is waived", Production, Tricks { plan: |plan| plan.waivers[0].rule = Rule::WitnessIsOfficer, ..HONEST }, Fail, Waivers),
        ("a production record on one device", Production, Tricks { staged: without_mirror, ..HONEST }, Fail, Waivers),
        ("a waiver that ended before the ceremony began", Production, Tricks { plan: |plan| plan.waivers[0].until = instant("2026-12-01T09:30:00Z"), ..HONEST }, Fail, Waivers),
        ("a waiver that could end before the ceremony is held", Production, Tricks { plan: |plan| plan.waivers[0].until = instant("2026-12-01T16:00:00Z"), ..HONEST }, Fail, Approvals),
        ("one rule is waived twice", Production, Tricks { plan: |plan| plan.waivers.push(plan.waivers[0].clone()), ..HONEST }, Fail, Waivers),
        ("a waiver that the officers did not approve", Production, Tricks { staged: |files| { let mut plan = Plan::parse(&files["artifacts/plan.json"]).unwrap(); plan.waivers[0].reason.push('!'); files.insert("artifacts/plan.json".to_owned(), plan.encode().unwrap()); }, ..HONEST }, Fail, Approvals),
        ("an answers file operates production", Production, Tricks { opened: |opened| opened.operator = OperatorKind::Scripted, ..HONEST }, Fail, Opening),
        ("one authorisation too few", Genesis, Tricks { authorisers: &["officer-c"], ..HONEST }, Fail, Authorisations),
        ("the witness authorises", Genesis, Tricks { authorisers: &["officer-a", "officer-b", "witness"], ..HONEST }, Fail, Authorisations),
        ("officers read another summary", Genesis, Tricks { event: |event| if let Event::TbsFrozen { tbs } = event { tbs[0].summary.push_str(", a harmless one") }, ..HONEST }, Fail, Authorisations),
        ("officers authorise another TBS", Genesis, Tricks { seal: |seal| if let Some(tbs) = seal.tbs.first_mut() { tbs.sha256 = Digest::of(b"other") }, ..HONEST }, Fail, Authorisations),
        ("a TBS is authorised after it was signed", Genesis, Tricks { items: authorise_late, ..HONEST }, Fail, Steps),
        ("a TBS that the officers did not see", Genesis, Tricks { event: |event| if let Event::TbsFrozen { tbs } = event { tbs.pop(); }, ..HONEST }, Fail, Authorisations),
        ("a seal is committed that is not there", Genesis, Tricks { items: commit_to_nothing, ..HONEST }, Fail, SealsCommitted),
        ("record 0 names another previous head", Intermediate, Tricks { opened: |opened| opened.previous_head = Digest::of(b"head"), ..HONEST }, Fail, Opening),
        ("the plan follows another head", Intermediate, Tricks { plan: |plan| plan.previous_head = Digest::of(b"head"), ..HONEST }, Fail, Heads),
        ("a rehearsal passes as a ceremony", Genesis, Tricks { plan: |plan| plan.mode = Mode::Rehearsal, ..HONEST }, Fail, Chain),
        ("a plan asks for a rehearsal, and there was none", Genesis, Tricks { plan: |plan| plan.rehearsed_within_days = Some(30), ..HONEST }, Fail, Rehearsal),
        ("a rehearsal is named of which nothing is kept", Genesis, Tricks { plan: |plan| plan.rehearsed_within_days = Some(30), opened: |opened| opened.rehearsal = Some(Box::new(Rehearsed { head: Digest::of(b"head"), plan_sha256: Digest::of(b"plan") })), ..HONEST }, Fail, Rehearsal),
        ("a rehearsal is named that nobody asked for", Genesis, Tricks { opened: |opened| opened.rehearsal = Some(Box::new(Rehearsed { head: Digest::of(b"head"), plan_sha256: Digest::of(b"plan") })), ..HONEST }, Fail, Rehearsal),
        ("a drill in a ceremony", Genesis, Tricks { items: |items| items.insert(0, Some(Event::Drilled(Drilled { kind: DrillKind::WrongToken, step: None, outcome: DrillOutcome::Passed }))), ..HONEST }, Fail, Steps),
        ("what somebody typed has two lines", Genesis, Tricks { opened: |opened| opened.present[0].typed = "a\nofficer-b=b".to_owned(), ..HONEST }, Fail, Opening),
        ("somebody acts in a role they have not", Genesis, Tricks { opened: |opened| opened.present[0].roles = vec![Role::Witness], ..HONEST }, Fail, Opening),
        ("another trust domain", Intermediate, Tricks { plan: |plan| plan.trust_domain = Some("other.example.org".to_owned()), ..HONEST }, Fail, Identity),
        ("a step is left out", Genesis, Tricks { without: |event| starts(event, "confirm") || matches!(event, Event::Confirmed { .. }) || matches!(event, Event::StepDone { step } if step.as_str() == "confirm"), ..HONEST }, Fail, Steps),
        ("a step is done without its act", Genesis, Tricks { without: |event| matches!(event, Event::Confirmed { .. }), ..HONEST }, Fail, Steps),
        ("a step begins twice", Genesis, Tricks { items: begin_twice, ..HONEST }, Fail, Steps),
        ("steps change places", Genesis, Tricks { plan: |plan| plan.steps.swap(0, 5), items: confirm_at_the_end, ..HONEST }, Fail, Steps),
        ("somebody confirms who was not there", Genesis, Tricks { opened: |opened| opened.present.retain(|present| present.name.as_str() != "officer-c"), ..HONEST }, Fail, People),
        ("another role confirms", Genesis, Tricks { event: |event| if let Event::Confirmed { by, .. } = event { *by = name("operator") }, ..HONEST }, Fail, People),
        ("somebody confirms a signature after they left", Genesis, Tricks { items: |items| away(items, "root", "officer-a", Role::Officer, "witness"), ..HONEST }, Fail, People),
        ("somebody reads a clock after they left", Genesis, Tricks { items: |items| away(items, "clock", "officer-a", Role::Officer, "witness"), ..HONEST }, Fail, People),
        ("a witness confirms after they left", Genesis, Tricks { items: |items| away(items, "confirm", "witness", Role::Witness, "operator"), ..HONEST }, Fail, People),
        ("a share of somebody who had left", Intermediate, Tricks { items: |items| items.insert(0, left("officer-c", "witness")), ..HONEST }, Fail, People),
        ("a share re-entered by somebody who had left", Genesis, Tricks { items: |items| before(items, "provision", vec![left("officer-c", "witness")]), ..HONEST }, Fail, People),
        ("too few officers stay", Genesis, Tricks { items: |items| for officer in ["officer-b", "officer-c"] { away(items, "confirm", officer, Role::Officer, "witness") }, ..HONEST }, Fail, People),
        ("no witness sees what the key signs", Genesis, Tricks { items: |items| away(items, "root", "witness", Role::Witness, "operator"), ..HONEST }, Fail, People),
        ("somebody leaves who was not there", Genesis, Tricks { items: |items| before(items, "confirm", vec![left("deputy-a", "witness"), left("deputy-a", "witness")]), ..HONEST }, Fail, People),
        ("somebody arrives who was there", Genesis, Tricks { items: |items| before(items, "confirm", vec![arrived("deputy-a", Role::Officer, "witness")]), ..HONEST }, Fail, People),
        ("somebody arrives in a role they have not", Genesis, Tricks { items: |items| before(items, "confirm", vec![left("operator", "witness"), arrived("operator", Role::Officer, "witness")]), ..HONEST }, Fail, People),
        ("somebody notes their own arrival", Genesis, Tricks { items: |items| before(items, "confirm", vec![left("operator", "witness"), arrived("operator", Role::Operator, "operator")]), ..HONEST }, Fail, People),
        ("somebody notes it who is not there", Genesis, Tricks { items: |items| before(items, "confirm", vec![left("operator", "witness"), left("deputy-a", "operator")]), ..HONEST }, Fail, People),
        ("an officer who left seals the close", Genesis, Tricks { items: |items| before(items, "confirm", vec![left("officer-b", "witness")]), ..HONEST }, Fail, EndSeals),
        ("a break that another head begins", Genesis, Tricks { plan: with_a_break, event: |event| if let Event::BreakBegun(begun) = event { begun.head = Digest::of(b"other") }, ..HONEST }, Fail, Steps),
        ("a break that never ends", Genesis, Tricks { plan: with_a_break, without: |event| matches!(event, Event::BreakEnded(_)), ..HONEST }, Fail, Steps),
        ("a break that never begins", Genesis, Tricks { plan: with_a_break, without: |event| matches!(event, Event::BreakBegun(_)), ..HONEST }, Fail, Steps),
        ("the token is used in the middle of a break", Genesis, Tricks { plan: with_a_break, items: sign_in_the_break, ..HONEST }, Fail, Steps),
        ("an officer compares the bags", Genesis, Tricks { plan: with_a_break, event: |event| if let Event::BreakEnded(ended) = event { ended.by = name("officer-a") }, ..HONEST }, Fail, People),
        ("a break lists somebody as back who is not", Genesis, Tricks { plan: with_a_break, items: |items| { let place = items.iter().position(|item| matches!(item, Some(Event::BreakEnded(_)))).unwrap(); items.insert(place, left("operator", "witness")); }, ..HONEST }, Fail, People),
        ("after a break no quorum opens the token", Genesis, Tricks { plan: with_a_break, without: |event| matches!(event, Event::QuorumMet { .. }), ..HONEST }, Fail, Shares),
        ("the token stays open in a break", Genesis, Tricks { plan: with_a_break, items: no_login_after_the_break, ..HONEST }, Fail, Operations),
        ("a break in production leaves the token open", Production, Tricks { plan: |plan| { with_a_break(plan); if let Action::Break { shares, .. } = &mut plan.steps[3].action { *shares = SharesAfterBreak::Kept } }, ..HONEST }, Fail, Approvals),
        ("the wall clock goes back", Genesis, Tricks { stamps: |record| if record.n == 9 { record.t = time_of(0) }, ..HONEST }, Fail, Time),
        ("the monotonic clock goes back", Genesis, Tricks { stamps: |record| if record.n == 9 { record.mono = 1 }, ..HONEST }, Fail, Time),
        ("a clock is far off", Genesis, Tricks { event: |event| if let Event::ClockRead { reading, difference_seconds, .. } = event { *difference_seconds = 121; *reading = Instant::from_unix_seconds(reading.unix_seconds() + 121).unwrap() }, ..HONEST }, Fail, Time),
        ("a reading does not fit its difference", Genesis, Tricks { event: |event| if let Event::ClockRead { reading, .. } = event { *reading = instant("2026-12-01T16:00:00Z") }, ..HONEST }, Fail, Time),
        ("the ceremony file asks for another label", Genesis, Tricks { script: |script| *script = script.replace("label = \"example-root-g1\"", "label = \"other\""), ..HONEST }, Fail, CeremonyFile),
        ("the ceremony file asks for a longer validity", Genesis, Tricks { script: |script| *script = script.replace("2046-11-30T23:59:59Z", "2056-11-30T23:59:59Z"), ..HONEST }, Fail, CeremonyFile),
        ("the ceremony file asks for another subject", Genesis, Tricks { script: |script| *script = script.replace("Example Root G1", "Example Root G2"), ..HONEST }, Fail, CeremonyFile),
        ("the ceremony file has another issuer", Intermediate, Tricks { script: |script| *script = script.replacen("ledger:1/root", "ledger:1/root-2", 1), ..HONEST }, Fail, CeremonyFile),
        ("the ceremony file has a step more", Genesis, Tricks { script: |script| script.push_str("\n[[step]]\nid = \"more\"\ndo = \"confirm\"\n"), ..HONEST }, Fail, CeremonyFile),
        ("the ceremony file has no waiver", Production, Tricks { script: |script| *script = script.replace("[[waiver]]", "[[other]]"), ..HONEST }, Fail, CeremonyFile),
        ("a subject in an order that no ceremony file can say", Genesis, Tricks { plan: |plan| rearrange(plan, &[1, 0]), ..HONEST }, Fail, CeremonyFile),
        ("a subject with an attribute twice, as no ceremony file can say it", Genesis, Tricks { plan: |plan| rearrange(plan, &[0, 0, 1]), ..HONEST }, Fail, CeremonyFile),
        ("the plan reads a subject in another way", Genesis, Tricks { plan: |plan| if let Action::SelfSign { subject, .. } = &mut plan.steps[3].action { subject.text = "O=Example, CN=Example Root G7".to_owned() }, ..HONEST }, Fail, CeremonyFile),
        ("record 0 names a rehearsal that nobody asked for", Genesis, Tricks { opened: |opened| opened.rehearsal = Some(Box::new(Rehearsed { head: Digest::of(b"head"), plan_sha256: Digest::of(b"plan") })), ..HONEST }, Fail, Rehearsal),
        ("a ceremony that had to be rehearsed was not", Genesis, Tricks { plan: |plan| plan.rehearsed_within_days = Some(30), ..HONEST }, Fail, Rehearsal),
        ("another module", Genesis, Tricks { event: |event| if let Event::TokenFound(found) = event { found.module_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, Tokens),
        ("another token", Intermediate, Tricks { event: |event| if let Event::TokenFound(found) = event { found.serial = "0000".to_owned() }, ..HONEST }, Fail, Tokens),
        ("a token that was not blank", Genesis, Tricks { event: |event| if let Event::TokenFound(found) = event { found.initialised = true }, ..HONEST }, Fail, Tokens),
        ("a call without an answer", Genesis, Tricks { without: |event| matches!(event, Event::OperationResult(result) if result.op == 2), ..HONEST }, Fail, Operations),
        ("an answer without a call", Genesis, Tricks { without: |event| matches!(event, Event::OperationIntent(intent) if intent.op == 3), ..HONEST }, Fail, Operations),
        ("a call that is not counted", Genesis, Tricks { without: |event| matches!(event, Event::OperationIntent(intent) if intent.op == 2) || matches!(event, Event::OperationResult(result) if result.op == 2), ..HONEST }, Fail, Operations),
        ("another key id", Genesis, Tricks { event: |event| if let Event::OperationIntent(OperationIntent { call: Call::GenerateKeyPair { key_id, .. }, .. }) = event { key_id.0[0] ^= 1 }, ..HONEST }, Fail, Operations),
        ("another label", Genesis, Tricks { event: |event| if let Event::OperationIntent(OperationIntent { call: Call::InitToken { label, .. }, .. }) = event { label.push('x') }, ..HONEST }, Fail, Operations),
        ("a key is used without a login", Intermediate, Tricks { event: |event| if let Event::OperationResult(result) = event && result.op == 1 { result.rv = "CKR_PIN_INCORRECT".to_owned() }, ..HONEST }, Fail, Operations),
        ("a holder did not enter the share again", Genesis, Tricks { without: |event| matches!(event, Event::ShareVerified { index: 3, .. }), ..HONEST }, Fail, Shares),
        ("one person verifies two shares", Genesis, Tricks { event: |event| if let Event::ShareVerified { index: 3, holder, .. } = event { *holder = name("officer-a") }, ..HONEST }, Fail, Shares),
        ("a lower threshold", Genesis, Tricks { event: |event| if let Event::SharesSplit(split) = event { split.threshold = 1 }, ..HONEST }, Fail, Shares),
        ("another holder", Genesis, Tricks { event: |event| if let Event::SharesSplit(split) = event { split.shares[0].holder = name("operator") }, ..HONEST }, Fail, Shares),
        ("a PIN that can be guessed", Genesis, Tricks { event: |event| if let Event::PinPolicy(policy) = event { policy.length = 4; policy.entropy_bits = 20 }, ..HONEST }, Fail, Shares),
        ("an entropy that is not so", Genesis, Tricks { event: |event| if let Event::PinPolicy(policy) = event { policy.length = 4 }, ..HONEST }, Fail, Shares),
        ("a PIN longer than any that is derived", Genesis, Tricks { event: |event| if let Event::PinPolicy(policy) = event { policy.length = 33; policy.entropy_bits = 165 }, ..HONEST }, Fail, Shares),
        ("who joins does not approve", Resharing, Tricks { approvers: &["officer-a", "officer-b", "officer-c"], ..HONEST }, Fail, Approvals),
        ("who joins counts as one who approves", Resharing, Tricks { approvers: &["officer-a", "officer-d"], ..HONEST }, Fail, Approvals),
        ("the plan keeps quiet about who joins", Resharing, Tricks { plan: |plan| if let Action::ChangeRoster { joins, .. } = &mut plan.steps[0].action { joins.clear() }, approvers: &["officer-a", "officer-b", "officer-c"], ..HONEST }, Fail, Approvals),
        ("the plan keeps quiet about who leaves", Resharing, Tricks { plan: |plan| if let Action::ChangeRoster { leaves, .. } = &mut plan.steps[0].action { leaves.clear() }, ..HONEST }, Fail, Approvals),
        ("the plan speaks of a new key that is none", Resharing, Tricks { plan: |plan| if let Action::ChangeRoster { new_keys, .. } = &mut plan.steps[0].action { new_keys.push(name("officer-a")) }, ..HONEST }, Fail, Approvals),
        ("another roster than the approved one", Resharing, Tricks { event: |event| if let Event::RosterChanged { to, .. } = event { *to = Digest::of(b"other") }, ..HONEST }, Fail, Steps),
        ("the roster does not change", Resharing, Tricks { without: |event| matches!(event, Event::RosterChanged { .. }), ..HONEST }, Fail, Steps),
        ("new shares for the old people", Resharing, Tricks { carried_out: |_| {}, event: |event| if let Event::SharesSplit(split) = event && split.epoch == 2 { split.shares[2].holder = name("officer-c") }, ..HONEST }, Fail, Shares),
        ("new shares of an epoch that was", Resharing, Tricks { plan: |plan| if let Action::Reshare { to: format::Shares::New { epoch, .. }, .. } = &mut plan.steps[1].action { *epoch = 1 }, ..HONEST }, Fail, Shares),
        ("new shares without the old quorum", Resharing, Tricks { without: |event| matches!(event, Event::QuorumMet { .. }), ..HONEST }, Fail, Shares),
        ("somebody did not enter the new share again", Resharing, Tricks { without: |event| matches!(event, Event::ShareVerified { index: 3, .. }), ..HONEST }, Fail, Shares),
        ("a moved token with one old PIN", Resharing, Tricks { event: |event| if let Event::OperationResult(result) = event && result.op == 1 { result.rv = "CKR_PIN_INCORRECT".to_owned() }, ..HONEST }, Fail, Shares),
        ("a moved token that nobody logged in to", Resharing, Tricks { event: |event| if let Event::OperationResult(result) = event && result.op == 3 { result.rv = "CKR_PIN_INCORRECT".to_owned() }, ..HONEST }, Fail, Shares),
        ("a token is moved and does not say so", Resharing, Tricks { without: |event| matches!(event, Event::TokenMoved { .. }), ..HONEST }, Fail, Steps),
        ("a token is moved to another set", Resharing, Tricks { event: |event| if let Event::TokenMoved { set_id, .. } = event { set_id.0[0] ^= 1 }, ..HONEST }, Fail, Shares),
        ("old shares that open nothing stay live", Resharing, Tricks { without: |event| matches!(event, Event::SharesRetired { .. }), ..HONEST }, Fail, Steps),
        ("other shares than the old ones are retired", Resharing, Tricks { event: |event| if let Event::SharesRetired { set_id, .. } = event { set_id.0[0] ^= 1 }, ..HONEST }, Fail, Shares),
        ("shares are retired before the token is moved", Resharing, Tricks { items: retire_early, ..HONEST }, Fail, Shares),
        ("a reshare changes how PINs are spelled", Resharing, Tricks { event: |event| if let Event::PinPolicy(policy) = event { policy.token_id.0[0] ^= 1 }, ..HONEST }, Fail, Shares),
        ("a resumption that too few agreed to", Resharing, Tricks { items: |items| resumed(items), authorisers: &["officer-a"], ..HONEST }, Fail, Resumptions),
        ("a resumption that the witness agreed to", Resharing, Tricks { items: |items| resumed(items), authorisers: &["officer-a", "officer-b", "witness"], ..HONEST }, Fail, Resumptions),
        ("a resumption that hides an open call", Resharing, Tricks { items: |items| { resumed(items); items.iter_mut().flatten().for_each(|event| if let Event::Resumed(resumed) = event { resumed.unanswered.clear() }) }, ..HONEST }, Fail, Resumptions),
        ("a login after a resumption without the shares", Resharing, Tricks { items: |items| { resumed(items); items.remove(items.iter().position(|item| matches!(item, Some(Event::Resumed(_)))).unwrap() + 2); }, ..HONEST }, Fail, Shares),
        ("a resumption with a seal over another log", Resharing, Tricks { items: |items| resumed(items), seal: |seal| if seal.kind == SealKind::Resume { seal.covered.bytes += 1 }, ..HONEST }, Fail, Coverage),
        ("one share opens the token", Intermediate, Tricks { event: |event| if let Event::QuorumMet { by, .. } = event { by.pop(); }, ..HONEST }, Fail, Shares),
        ("one holder counts twice", Intermediate, Tricks { event: |event| if let Event::QuorumMet { by, .. } = event { by[1] = by[0].clone() }, ..HONEST }, Fail, Shares),
        ("another set opens the token", Intermediate, Tricks { event: |event| if let Event::QuorumMet { set_id, .. } = event { set_id.0[0] ^= 1 }, ..HONEST }, Fail, Shares),
        ("a login without a quorum", Intermediate, Tricks { without: |event| matches!(event, Event::QuorumMet { .. }), ..HONEST }, Fail, Shares),
        ("an extractable key", Genesis, Tricks { event: |event| of_key(event, |key| key.attributes.extractable = AttributeState::True), ..HONEST }, Fail, Keys),
        ("a key that was once extractable", Genesis, Tricks { event: |event| of_key(event, |key| key.attributes.never_extractable = AttributeState::False), ..HONEST }, Fail, Keys),
        ("a token that does not say whether a key is sensitive", Genesis, Tricks { event: |event| of_key(event, |key| key.attributes.sensitive = AttributeState::Absent), ..HONEST }, Fail, Keys),
        ("a key that may decrypt", Genesis, Tricks { event: |event| of_key(event, |key| key.attributes.decrypt = AttributeState::True), ..HONEST }, Fail, Keys),
        ("a key whose attributes contradict each other", Genesis, Tricks { event: |event| of_key(event, |key| key.contradictions.push("never extractable and not local".to_owned())), ..HONEST }, Fail, Keys),
        ("a signature that nobody confirmed", Genesis, Tricks { without: |event| matches!(event, Event::SignConfirmed { .. }), ..HONEST }, Fail, Authorised),
        ("a signature that a witness confirmed", Genesis, Tricks { event: |event| if let Event::SignConfirmed { by, .. } = event { *by = name("witness") }, ..HONEST }, Fail, People),
        ("a revocation that a witness confirmed", Revocation, Tricks { event: |event| if let Event::Revoked(RevocationEntry { by, .. }) = event { *by = name("witness") }, ..HONEST }, Fail, People),
        ("a signature with another key", Genesis, Tricks { event: |event| if let Event::OperationIntent(OperationIntent { call: Call::Sign { spki_sha256, .. }, .. }) = event { *spki_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, Authorised),
        ("a signature over something else", Genesis, Tricks { event: |event| if let Event::OperationIntent(OperationIntent { call: Call::Sign { tbs_sha256, .. }, .. }) = event { *tbs_sha256 = Digest::of(b"blob") }, ..HONEST }, Fail, Authorised),
        ("a second signature in one step", Genesis, Tricks { items: sign_twice, ..HONEST }, Fail, Authorised),
        ("a signature that does not verify", Genesis, Tricks { event: |event| of_signature(event, |made| { let last = made.value.0.len() - 1; made.value.0[last] ^= 1 }), ..HONEST }, Fail, Signatures),
        ("a good signature that is called bad", Genesis, Tricks { event: |event| of_signature(event, |made| made.verified = false), ..HONEST }, Fail, Signatures),
        ("a certificate with another signature", Genesis, Tricks { items: |items| exchange_signatures(items), ..HONEST }, Fail, Artifacts),
        ("another serial number than planned", Intermediate, Tricks { carried_out: |plan| if let Action::SignIntermediate { serial, .. } = &mut plan.steps[0].action { *serial = SerialNumber::from_random([9; 16]) }, ..HONEST }, Fail, AsPlanned),
        ("a longer validity than planned", Genesis, Tricks { carried_out: |plan| if let Action::SelfSign { validity, .. } = &mut plan.steps[3].action { validity.to = instant("2056-11-30T23:59:59Z") }, ..HONEST }, Fail, AsPlanned),
        ("a name constraint that was not planned", Intermediate, Tricks { carried_out: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.name_constraints = None }, ..HONEST }, Fail, AsPlanned),
        ("a constraint that is not critical as planned", Intermediate, Tricks { carried_out: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.name_constraints.as_mut().unwrap().critical = false }, ..HONEST }, Fail, AsPlanned),
        ("a purpose that was not planned", Intermediate, Tricks { carried_out: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.extended_key_usage.pop(); }, ..HONEST }, Fail, AsPlanned),
        ("another SPIFFE ID than planned", Intermediate, Tricks { carried_out: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.spiffe_id = None }, ..HONEST }, Fail, AsPlanned),
        ("another path length than planned", Intermediate, Tricks { carried_out: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.path_length = None }, ..HONEST }, Fail, AsPlanned),
        ("another CRL number than planned", Genesis, Tricks { carried_out: |plan| if let Action::IssueCrl { number, .. } = &mut plan.steps[4].action { *number = 7 }, ..HONEST }, Fail, AsPlanned),
        ("a CRL with fewer entries than planned", Revocation, Tricks { carried_out: |plan| if let Action::IssueCrl { entries, .. } = &mut plan.steps[1].action { entries.clear() }, ..HONEST }, Fail, AsPlanned),
        ("a CA that may answer for its issuer", Intermediate, Tricks { plan: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.extended_key_usage.push(KeyPurpose::OcspSigning) }, ..HONEST }, Fail, Lint),
        ("a purpose twice", Intermediate, Tricks { plan: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.extended_key_usage.push(KeyPurpose::ServerAuth) }, ..HONEST }, Fail, Lint),
        ("a policy twice", Intermediate, Tricks { plan: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.policies.push(extensions.policies[0].clone()) }, ..HONEST }, Fail, Lint),
        ("an issuer's place twice", Intermediate, Tricks { plan: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.authority_information_access.push(extensions.authority_information_access[0].clone()) }, ..HONEST }, Fail, Lint),
        ("a SPIFFE ID of a CA with a path", Intermediate, Tricks { plan: |plan| if let Action::SignIntermediate { extensions, .. } = &mut plan.steps[0].action { extensions.spiffe_id = Some("spiffe://example.org/ca".parse().unwrap()) }, ..HONEST }, Fail, Lint),
        ("a CRL that was out of date when it was made", Genesis, Tricks { plan: |plan| if let Action::IssueCrl { this_update, next_update, .. } = &mut plan.steps[4].action { std::mem::swap(this_update, next_update) }, ..HONEST }, Fail, Lint),
        ("a serial number again", Intermediate, Tricks { plan: |plan| if let Action::SignIntermediate { serial, .. } = &mut plan.steps[0].action { *serial = SerialNumber::from_random([1; 16]) }, ..HONEST }, Fail, Fresh),
        ("a CRL number again", Intermediate, Tricks { plan: |plan| if let Action::IssueCrl { number, .. } = &mut plan.steps[1].action { *number = 1 }, ..HONEST }, Fail, Fresh),
        ("a CRL that leaves out a revocation", Revocation, Tricks { plan: |plan| if let Action::IssueCrl { entries, .. } = &mut plan.steps[1].action { entries.clear() }, ..HONEST }, Fail, Fresh),
        ("a revocation of what was never issued", Revocation, Tricks { plan: |plan| for step in &mut plan.steps { match &mut step.action { Action::Revoke { entry, .. } => entry.serial = SerialNumber::from_random([8; 16]), Action::IssueCrl { entries, .. } => entries[0].serial = SerialNumber::from_random([8; 16]), _ => {} } }, ..HONEST }, Fail, Fresh),
        ("an issuer that the ledger does not have", Intermediate, Tricks { plan: |plan| for step in &mut plan.steps { if let Action::SignIntermediate { issuer: IssuerRef::Ledger { id, .. }, .. } = &mut step.action { *id = name("other") } }, ..HONEST }, Fail, Fresh),
        ("a cross-certificate with another serial number than planned", Retirement, Tricks { carried_out: |plan| if let Action::CrossSign { serial, .. } = &mut plan.steps[0].action { *serial = SerialNumber::from_random([9; 16]) }, ..HONEST }, Fail, AsPlanned),
        ("a cross-certificate that outlives the certificate beside it", Retirement, Tricks { plan: |plan| if let Action::CrossSign { validity, .. } = &mut plan.steps[0].action { validity.to = instant("2041-01-01T00:00:00Z") }, ..HONEST }, Fail, AsPlanned),
        ("a cross-certificate from before both roots", Retirement, Tricks { plan: |plan| if let Action::CrossSign { validity, .. } = &mut plan.steps[0].action { validity.from = instant("2023-12-31T23:59:59Z") }, ..HONEST }, Fail, AsPlanned),
        ("a cross-certificate that allows longer chains", Retirement, Tricks { plan: |plan| if let Action::CrossSign { extensions, .. } = &mut plan.steps[0].action { extensions.path_length = None }, ..HONEST }, Fail, AsPlanned),
        ("a cross-certificate of a key that its plan does not have", Retirement, Tricks { plan: |plan| if let Action::CrossSign { certificate: CertifiedRef::Input { spki_sha256, .. }, .. } = &mut plan.steps[0].action { *spki_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, AsPlanned),
        ("a cross-certificate of a root that no ceremony made", Retirement, Tricks { plan: |plan| if let Action::CrossSign { certificate, .. } = &mut plan.steps[0].action && let CertifiedRef::Input { certificate: file, spki_sha256 } = certificate { *certificate = CertifiedRef::Ledger { ordinal: 1, id: name("root"), certificate: file.clone(), spki_sha256: *spki_sha256 } }, ..HONEST }, Fail, Fresh),
        ("another root than reviewed is certified once more", Retirement, Tricks { script: |script| *script = script.replacen("sha256 = \"", "sha256 = \"0", 1), ..HONEST }, Fail, CeremonyFile),
        ("a key is destroyed and nobody decided it", Retirement, Tricks { without: |event| matches!(event, Event::Destroyed(_)), ..HONEST }, Fail, Operations),
        ("a witness decides that a key is destroyed", Retirement, Tricks { event: |event| if let Event::Destroyed(decided) = event { decided.by = name("witness") }, ..HONEST }, Fail, People),
        ("another key is said to be destroyed", Retirement, Tricks { event: |event| if let Event::Destroyed(decided) = event { decided.spki_sha256 = Digest::of(b"other") }, ..HONEST }, Fail, Steps),
        ("a key is said to be destroyed and no call did it", Retirement, Tricks { event: |event| if let Event::OperationIntent(OperationIntent { call, .. }) = event && matches!(call, Call::DestroyObject { .. }) { *call = Call::Login { of: PinOwner::User, path: LoginPath::Pin } }, ..HONEST }, Fail, Steps),
        ("another key than planned is destroyed", Retirement, Tricks { event: |event| if let Event::OperationIntent(OperationIntent { call: Call::DestroyObject { key_id, .. }, .. }) = event { key_id.0[0] ^= 1 }, ..HONEST }, Fail, Operations),
        ("a key is destroyed by an identifier that is not its own", Retirement, Tricks { plan: |plan| if let Action::DestroyKey { key_id, .. } = &mut plan.steps[2].action { key_id.0[0] ^= 1 }, ..HONEST }, Fail, Fresh),
        ("an abort that hides a signature", Genesis, Tricks { items: |items| { cut_at(items, |event| starts(event, "crl")); abort(items, nothing_signed()); }, ..SEALED_BY_ONE }, Fail, Abort),
        ("an abort that hides an unanswered call", Genesis, Tricks { items: |items| { cut_at(items, is_answer_of_crl); abort(items, Aborted { step: Some(name("crl")), signed: vec![name("root")], burnt_crl_numbers: vec![1], ..nothing_signed() }); }, ..SEALED_BY_ONE }, Fail, Abort),
        ("an abort that keeps a serial number", Genesis, Tricks { items: |items| { cut_at(items, |event| starts(event, "root-key")); abort(items, Aborted { burnt_serials: Vec::new(), ..nothing_signed() }); }, ..SEALED_BY_ONE }, Fail, Abort),
        ("a private key among the files", Genesis, Tricks { staged: |files| { files.insert("artifacts/notes.txt".to_owned(), b"-----BEGIN EC PRIVATE KEY-----\n".to_vec()); }, ..HONEST }, Fail, Secrets),
        ("a PIN among the files", Genesis, Tricks { staged: |files| { files.insert("artifacts/notes.txt".to_owned(), b"PIN: 7QXK2M9RBVTWHC4ZP8GDJ6NYSLA3F5EU\n".to_vec()); }, ..HONEST }, Fail, Secrets),
        ("a share among the files", Genesis, Tricks { staged: |files| { files.insert("artifacts/notes.txt".to_owned(), "academic acid acne acquire acrobat ".repeat(7).into_bytes()); }, ..HONEST }, Fail, Secrets),
        ("a certificate that no record names", Genesis, Tricks { files: |files| { let root = files["artifacts/root.crt.pem"].clone(); files.insert("artifacts/other.crt.pem".to_owned(), root); }, ..HONEST }, Fail, Files),
        ("a certificate that is not the recorded one", Genesis, Tricks { files: |files| { files.insert("artifacts/root.crt.pem".to_owned(), b"other".to_vec()); }, ..HONEST }, Fail, Files),
        ("a certificate is withheld", Genesis, Tricks { files: |files| { files.remove("artifacts/root.crt.pem"); }, ..HONEST }, Fail, Files),
        ("a version that is not known", Genesis, Tricks { stamps: |record| record.v = "anchorite-log/v2".to_owned(), ..HONEST }, Unsupported, Chain),
        ("a revocation for another issuer", Revocation, Tricks { event: |event| if let Event::Revoked(revoked) = event { revoked.issuer_spki_sha256 = Some(Digest::of(b"other")) }, ..HONEST }, Fail, Steps),
        ("the ceremony stops before its end", Genesis, Tricks { items: |items| cut_at(items, |event| starts(event, "crl")), ..HONEST }, Incomplete, Ended),
        ("the ceremony stops before an answer", Genesis, Tricks { items: |items| cut_at(items, is_answer_of_crl), ..HONEST }, Incomplete, Operations),
    ]
}

fn without_mirror(files: &mut super::bundle::Files) {
    let binding = String::from_utf8(files["artifacts/binding.toml"].clone()).unwrap();
    let without: String =
        binding.lines().filter(|line| !line.starts_with("mirror")).map(|line| format!("{line}\n")).collect();
    assert_ne!(binding, without);
    files.insert("artifacts/binding.toml".to_owned(), without.into_bytes());
}

fn of_key(event: &mut Event, change: fn(&mut KeyEvidence)) {
    if let Event::OperationResult(OperationResult { key: Some(key), .. }) = event {
        change(key);
    }
}

fn of_signature(event: &mut Event, change: fn(&mut SignatureMade)) {
    if let Event::OperationResult(OperationResult { signature: Some(made), .. }) = event {
        change(made);
    }
}

/// Each signature takes the other's place in the log.
fn exchange_signatures(items: &mut [Item]) {
    let mut made: Vec<&mut SignatureMade> = items
        .iter_mut()
        .flatten()
        .filter_map(|event| match event {
            Event::OperationResult(result) => result.signature.as_mut(),
            _ => None,
        })
        .collect();
    let (first, second) = made.split_at_mut(1);
    std::mem::swap(&mut first[0].value, &mut second[0].value);
}

fn authorise_late(items: &mut Vec<Item>) {
    let place = items.iter().position(Option::is_none).unwrap();
    items.remove(place);
    items.insert(items.len() - 1, None);
}

fn commit_to_nothing(items: &mut Vec<Item>) {
    let seal = Event::SealAdded {
        seal: SealKind::Authorise,
        signer: name("officer-c"),
        statement_sha256: Digest::ZERO,
        signature_sha256: Digest::ZERO,
    };
    items.insert(items.len() - 1, Some(seal));
}

fn begin_twice(items: &mut Vec<Item>) {
    let begun = items.iter().flatten().find(|event| starts(event, "clock")).cloned();
    items.insert(items.len() - 1, begun);
}

/// The plan has `confirm` first; it is carried out last all the same.
fn confirm_at_the_end(items: &mut Vec<Item>) {
    let place =
        items.iter().position(|item| item.as_ref().is_some_and(|event| starts(event, "confirm"))).unwrap();
    let confirmed: Vec<_> = items.drain(place..place + 3).collect();
    let end = items.len() - 1;
    items.splice(end..end, confirmed);
}

/// The events stand before a step begins.
fn before(items: &mut Vec<Item>, step: &str, events: Vec<Item>) {
    let place = items.iter().position(|item| item.as_ref().is_some_and(|event| starts(event, step))).unwrap();
    items.splice(place..place, events);
}

/// Somebody leaves before a step and is back at the end.
fn away(items: &mut Vec<Item>, step: &str, person: &str, role: Role, noted_by: &str) {
    before(items, step, vec![left(person, noted_by)]);
    items.insert(items.len() - 1, arrived(person, role, noted_by));
}

pub(crate) fn left(person: &str, noted_by: &str) -> Item {
    Some(Event::Left(Left { name: name(person), noted_by: name(noted_by) }))
}

pub(crate) fn arrived(person: &str, role: Role, noted_by: &str) -> Item {
    Some(Event::Arrived(Arrived { name: name(person), roles: vec![role], noted_by: name(noted_by) }))
}

/// A break between the new key and its first signature, after which shares are entered again.
pub(crate) fn with_a_break(plan: &mut Plan) {
    let reason = "Lunch.".to_owned();
    let action = Action::Break { reason, minutes: 45, shares: SharesAfterBreak::EnteredAgain };
    plan.steps.insert(3, PlannedStep { id: name("lunch"), action });
}

fn sign_in_the_break(items: &mut Vec<Item>) {
    let ended = items.iter().position(|item| matches!(item, Some(Event::BreakEnded(_)))).unwrap();
    let login: Vec<Item> = items[ended + 2..ended + 5].to_vec();
    items.drain(ended + 2..ended + 5);
    items.splice(ended..ended, login);
}

fn no_login_after_the_break(items: &mut Vec<Item>) {
    let ended = items.iter().position(|item| matches!(item, Some(Event::BreakEnded(_)))).unwrap();
    items.drain(ended + 2..ended + 5);
    for event in items.iter_mut().skip(ended).flatten() {
        match event {
            Event::OperationIntent(intent) => intent.op -= 1,
            Event::OperationResult(result) => result.op -= 1,
            _ => {}
        }
    }
}

/// The root key signs the CRL's TBS once more, properly numbered and answered.
fn sign_twice(items: &mut Vec<Item>) {
    let answer =
        items.iter().position(|item| matches!(item, Some(event) if is_answer_of_crl(event))).unwrap();
    let mut again: Vec<Item> = items[answer - 1..=answer].to_vec();
    for event in again.iter_mut().flatten() {
        match event {
            Event::OperationIntent(intent) => intent.op = 7,
            Event::OperationResult(result) => result.op = 7,
            _ => {}
        }
    }
    items.splice(answer + 1..answer + 1, again);
}

/// An answer that an interruption swallowed, the resumption, and a login that proves what became of the call.
pub(crate) fn resumed(items: &mut Vec<Item>) {
    let answer = |item: &Item| matches!(item, Some(Event::OperationResult(result)) if result.op == 2);
    let place = items.iter().position(answer).unwrap();
    let resumed = Resumed {
        host: HostState {
            core_dumps_off: Protection::Done {},
            memory_locked: Protection::Done {},
            swap: Some(Vec::new()),
            ptrace_scope: None,
            hibernation: None,
        },
        machine: anchorite::format::Machine::default(),
        present: ["officer-a", "officer-b", "officer-d", "witness"]
            .into_iter()
            .map(|person| Present {
                name: name(person),
                roles: vec![if person == "witness" { Role::Witness } else { Role::Officer }],
                typed: "again here".to_owned(),
            })
            .collect(),
        unanswered: vec![2],
        keys: Vec::new(),
        mirror: None,
        set_aside: Vec::new(),
    };
    items[place] = Some(Event::Resumed(resumed));
    let again = |set_id: [u8; 4], by: &[&str]| {
        let (step, set_id) = (name("new-shares"), Hex(set_id.to_vec()));
        Some(Event::QuorumMet { step, set_id, by: by.iter().copied().map(name).collect() })
    };
    items.insert(place + 1, again([0xa1, 0xb2, 0xc3, 0xd4], &["officer-a", "officer-b"]));
    items.insert(place + 2, again([0xe5, 0xf6, 0x07, 0x18], &["officer-a", "officer-b", "officer-d"]));
}

fn retire_early(items: &mut Vec<Item>) {
    let place = |wanted: fn(&Event) -> bool, items: &[Item]| {
        items.iter().position(|item| item.as_ref().is_some_and(wanted)).unwrap()
    };
    let from = place(|event| matches!(event, Event::SharesRetired { .. }), items);
    let retired = items.remove(from);
    let to = place(|event| matches!(event, Event::TokenMoved { .. }), items);
    items.insert(to, retired);
}

/// Puts the attributes of the root's subject into that order, everywhere and consistently.
fn rearrange(plan: &mut Plan, order: &[usize]) {
    for step in &mut plan.steps {
        let Action::SelfSign { subject, .. } = &mut step.action else { continue };
        let mut rest = &subject.der.0[2..];
        let mut attributes = Vec::new();
        while let [_, length, ..] = rest {
            let (one, others) = rest.split_at(2 + usize::from(*length));
            attributes.push(one);
            rest = others;
        }
        let content: Vec<u8> = order.iter().flat_map(|place| attributes[*place]).copied().collect();
        let der = [&[0x30, u8::try_from(content.len()).unwrap()], content.as_slice()].concat();
        subject.text = DistinguishedName::from_der(&der).unwrap().to_string();
        subject.der = Hex(der);
    }
}

#[test]
fn what_people_with_keys_change_is_noticed() {
    let wrong = attacks().into_iter().filter_map(|(what, ceremony, tricks, conclusion, id)| {
        let workshop = hold(ceremony, &tricks);
        misjudged(&workshop, &anchors(&workshop), conclusion, id).map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

/// What record 0 of a production genesis says, and what its check has to say.
type Machine = (fn(&mut Opened), Conclusion, &'static str);

#[test]
fn a_production_record_of_a_machine_that_could_write_secrets_to_a_disk_fails() {
    const REFUSED: Protection = Protection::Refused { errno: 12 };
    let machines: [Machine; 6] = [
        (|_| {}, Conclusion::Pass, "secrets kept in memory"),
        (|opened| opened.host.memory_locked = REFUSED, Conclusion::Pass, "secrets kept in memory"),
        (|opened| opened.host.swap = None, Conclusion::Pass, "secrets kept in memory"),
        (|opened| opened.host.core_dumps_off = REFUSED, Conclusion::Fail, "core dumps could not be"),
        (
            |opened| {
                opened.host.memory_locked = Protection::NotHere {};
                opened.host.swap = Some(vec!["/dev/sda2".to_owned()]);
            },
            Conclusion::Fail,
            "swap on /dev/sda2",
        ),
        (|opened| opened.operator = OperatorKind::Scripted, Conclusion::Fail, "an answers file cannot"),
    ];
    for environment in [Environment::Production, Environment::Lab] {
        for (machine, conclusion, told) in machines {
            let mut workshop = Workshop::of(environment);
            workshop.genesis(&Tricks { opened: machine, ..HONEST });
            let (verdict, _) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
            let opening = verdict.all_checks().find(|check| check.id == CheckId::Opening).unwrap();
            // The lab only takes note. Another check refuses the workshop's token of software in production.
            let lab = environment == Environment::Lab;
            let expected = if lab { Conclusion::Pass } else { conclusion };
            assert_eq!(opening.status.conclusion(), expected, "{told}: {}", opening.evidence);
            let told = if lab && told.starts_with("an answers") { "scripted operator" } else { told };
            assert!(opening.evidence.contains(told), "{told}: {}", opening.evidence);
        }
    }
}

/// Cuts everything from the first such event on.
pub(crate) fn cut_at(items: &mut Vec<Item>, at: fn(&Event) -> bool) {
    let place = items.iter().position(|item| matches!(item, Some(event) if at(event))).unwrap();
    items.truncate(place);
}

pub(crate) fn abort(items: &mut Vec<Item>, aborted: Aborted) {
    items.push(Some(Event::Aborted(aborted)));
}

pub(crate) fn nothing_signed() -> Aborted {
    Aborted {
        by: name("officer-a"),
        reason: "The witness fell ill.".to_owned(),
        step: None,
        signed: Vec::new(),
        unknown: Vec::new(),
        burnt_serials: vec![SerialNumber::from_random([1; 16])],
        burnt_crl_numbers: Vec::new(),
        set_aside: Vec::new(),
        mirror: None,
        manifest_sha256: Digest::ZERO,
    }
}

pub(crate) fn starts(event: &Event, wanted: &str) -> bool {
    matches!(event, Event::StepStarted { step, .. } if step.as_str() == wanted)
}

pub(crate) fn is_answer_of_crl(event: &Event) -> bool {
    matches!(event, Event::OperationResult(result) if result.op == 6)
}

pub(crate) const SEALED_BY_ONE: Tricks = Tricks { closers: &["officer-a"], ..HONEST };
