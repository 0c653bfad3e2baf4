//! A root that was made elsewhere: what a forger changes of it, and when it is proven.

use anchorite::format::*;
use anchorite::ledger::KeyOrigin;
use anchorite::pki::{Certificate, adopted_certificate};
use anchorite::verify::{self, CheckId, Conclusion};

use super::bundle::adopted::forged;
use super::bundle::{HONEST, Tricks, Workshop, name};
use super::mutants::{all_are_noticed, anchors, misjudged};

/// The parts of the step that adopts.
struct Parts<'p> {
    issued: &'p mut Vec<FileRef>,
    crl: &'p mut Option<FileRef>,
    without_crl: &'p mut Option<String>,
    algorithm: &'p mut KeyAlgorithm,
    root: &'p mut AdoptedCertificate,
    below: &'p mut Vec<AdoptedCertificate>,
    list: &'p mut Option<AdoptedList>,
}

fn change(plan: &mut Plan, change: fn(Parts<'_>)) {
    for step in &mut plan.steps {
        if let Action::AdoptAuthority { issued, crl, without_crl, algorithm, root, below, list, .. } =
            &mut step.action
        {
            change(Parts { issued, crl, without_crl, algorithm, root, below, list });
        }
    }
}

/// Another file in the place of an input, in plan and bundle.
fn replace(plan: &mut Plan, file: FileRef) {
    plan.inputs.retain(|input| input.name != file.name);
    plan.inputs.push(file);
}

fn first_forged() -> FileRef {
    FileRef::of(FileName::parse("old-root-1.crt.pem").unwrap(), &forged())
}

fn forged_in_the_plan(plan: &mut Plan) {
    replace(plan, first_forged());
    change(plan, |parts| {
        parts.issued[0] = first_forged();
        parts.below[0] = adopted_certificate(&Certificate::from_pem(&forged()).unwrap());
    });
}

fn renamed(plan: &mut Plan) {
    change(plan, |parts| {
        parts.issued.swap(0, 1);
        parts.below.swap(0, 1);
    });
}

fn adopts(event: &mut Event, change: fn(&mut Adopted)) {
    if let Event::Adopted(adopted) = event {
        change(adopted);
    }
}

fn beside_a_new_key(plan: &mut Plan) {
    let (token, label) = (name("primary"), "new".to_owned());
    let action = Action::GenerateKey { token, algorithm: KeyAlgorithm::EcdsaP256, label };
    plan.steps.push(PlannedStep { id: name("new"), action });
}

fn initialised(plan: &mut Plan) {
    if let Action::Provision { mode, .. } = &mut plan.steps[0].action {
        *mode = ProvisionMode::Init;
    }
}

/// What is changed of the ceremony that adopts, what the verdict has to be, and which check has to say so.
#[rustfmt::skip]
pub(crate) fn attacks() -> Vec<(&'static str, Tricks, Conclusion, CheckId)> {
    use CheckId::*;
    use Conclusion::{Fail, Pass};
    vec![
        ("an adoption", HONEST, Pass, Adopted),
        ("an adopted certificate that another key signed", Tricks { plan: forged_in_the_plan, staged: |files| drop(files.insert("artifacts/old-root-1.crt.pem".to_owned(), forged())), ..HONEST }, Fail, Adopted),
        ("a revocation of the adopted CRL is left out", Tricks { plan: |plan| change(plan, |parts| parts.list.as_mut().unwrap().entries.clear()), ..HONEST }, Fail, Adopted),
        ("the adopted CRL gets another number", Tricks { plan: |plan| change(plan, |parts| parts.list.as_mut().unwrap().number = Some(1)), ..HONEST }, Fail, Adopted),
        ("an entry of the adopted CRL gets another reason", Tricks { plan: |plan| change(plan, |parts| parts.list.as_mut().unwrap().entries[0].reason = ReasonCode::CessationOfOperation), ..HONEST }, Fail, Adopted),
        ("the plan says another serial number than an adopted certificate", Tricks { plan: |plan| change(plan, |parts| parts.below[0].serial = SerialNumber::from_random([99; 16])), ..HONEST }, Fail, Adopted),
        ("the plan says that the adopted root ends later", Tricks { plan: |plan| change(plan, |parts| parts.root.validity.to = parts.root.validity.to.plus_days(1).unwrap()), ..HONEST }, Fail, Adopted),
        ("the plan is silent about an adopted certificate", Tricks { plan: |plan| change(plan, |parts| drop(parts.below.pop())), ..HONEST }, Fail, Adopted),
        ("an adopted certificate is there twice", Tricks { plan: |plan| { replace(plan, twice()); change(plan, |parts| { parts.issued[1] = twice(); parts.below[1] = parts.below[0].clone(); }); }, staged: |files| { let first = files["artifacts/old-root-1.crt.pem"].clone(); files.insert("artifacts/old-root-2.crt.pem".to_owned(), first); }, ..HONEST }, Fail, Adopted),
        ("an adopted certificate is adopted under another's name", Tricks { plan: renamed, ..HONEST }, Fail, Adopted),
        ("the CRL is dropped without a reason", Tricks { plan: |plan| change(plan, |parts| { *parts.crl = None; *parts.list = None; }), ..HONEST }, Fail, Adopted),
        ("a CRL, and why there is none", Tricks { plan: |plan| change(plan, |parts| *parts.without_crl = Some("There is none.".to_owned())), ..HONEST }, Fail, Adopted),
        ("the adopted key is said to be of another algorithm", Tricks { plan: |plan| change(plan, |parts| *parts.algorithm = KeyAlgorithm::EcdsaP384), ..HONEST }, Fail, Adopted),
        ("a key is made beside an adopted one", Tricks { plan: beside_a_new_key, ..HONEST }, Fail, Adopted),
        ("the token of the adopted key is initialised", Tricks { plan: initialised, ..HONEST }, Fail, Adopted),
        ("other certificates are adopted than people reviewed", Tricks { script: |file| *file = file.replace("issued = [{ sha256 = \"", "issued = [{ sha256 = \"0"), ..HONEST }, Fail, CeremonyFile),
        ("another CRL is adopted than people reviewed", Tricks { script: |file| *file = file.replace("crl = {", "# crl = {"), ..HONEST }, Fail, CeremonyFile),
        ("another reason than people reviewed", Tricks { script: |file| *file = file.replace("reason-where-none", "# "), ..HONEST }, Fail, CeremonyFile),
        ("an officer states what is adopted", Tricks { event: |event| adopts(event, |adopted| adopted.by = name("officer-a")), ..HONEST }, Fail, People),
        ("nobody states what is adopted", Tricks { without: |event| matches!(event, Event::Adopted(_)), ..HONEST }, Fail, Steps),
        ("another key is on the token than the adopted root's", Tricks { event: |event| adopts(event, |adopted| adopted.key.spki_sha256 = Digest::of(b"other")), ..HONEST }, Fail, Steps),
        ("the adopted key is not the one of its digest", Tricks { event: |event| adopts(event, |adopted| adopted.key.spki.0[30] ^= 1), ..HONEST }, Fail, Keys),
        ("what has to be done after an adoption is dropped", Tricks { duties: |duties| duties.retain(|duty| duty.kind != DutyKind::NextCrl), ..HONEST }, Fail, Witnessed),
    ]
}

fn twice() -> FileRef {
    let mut workshop = Workshop::new();
    let bundle = workshop.adoption(&HONEST);
    let first = std::fs::read(bundle.join("artifacts/old-root-1.crt.pem")).unwrap();
    FileRef::of(FileName::parse("old-root-2.crt.pem").unwrap(), &first)
}

#[test]
fn what_a_forger_changes_of_an_adopted_root_is_noticed() {
    let wrong = attacks().into_iter().filter_map(|(what, tricks, conclusion, id)| {
        let mut workshop = Workshop::new();
        workshop.adoption(&tricks);
        misjudged(&workshop, &anchors(&workshop), conclusion, id).map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

/// What is changed of the next CRL, after an honest adoption.
#[rustfmt::skip]
fn afterwards() -> Vec<(&'static str, Tricks, Conclusion, CheckId)> {
    use CheckId::*;
    use Conclusion::{Fail, Pass};
    vec![
        ("the next CRL", HONEST, Pass, Fresh),
        ("an adopted revocation is not carried on", Tricks { plan: |plan| if let Action::IssueCrl { entries, .. } = &mut plan.steps[0].action { entries.clear() }, ..HONEST }, Fail, Fresh),
        ("a CRL number that the adopted CRL has", Tricks { plan: |plan| if let Action::IssueCrl { number, .. } = &mut plan.steps[0].action { *number = 41 }, ..HONEST }, Fail, Fresh),
        ("a place of publication while adopted certificates hold", Tricks { plan: |plan| if let Action::IssueCrl { issuing_distribution_point, .. } = &mut plan.steps[0].action { *issuing_distribution_point = vec!["http://crl.example.org/root.crl".parse().unwrap()] }, ..HONEST }, Fail, CrlDates),
    ]
}

#[test]
fn what_was_adopted_binds_the_next_ceremony() {
    let wrong = afterwards().into_iter().filter_map(|(what, tricks, conclusion, id)| {
        let mut workshop = Workshop::new();
        workshop.adoption(&HONEST);
        workshop.after_adoption(&tricks);
        misjudged(&workshop, &anchors(&workshop), conclusion, id).map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

#[test]
fn an_adopted_key_is_proven_by_a_signature_in_a_ceremony_that_passes_and_by_nothing_else() {
    let origin = |workshop: &Workshop| {
        verify::authority(workshop.authority(), &anchors(workshop)).unwrap().1.keys[0].origin
    };
    let mut workshop = Workshop::new();
    workshop.adoption(&HONEST);
    assert_eq!(origin(&workshop), KeyOrigin::Adopted { proven: None });
    workshop.after_adoption(&HONEST);
    assert_eq!(origin(&workshop), KeyOrigin::Adopted { proven: Some(2) });

    let mut workshop = Workshop::new();
    workshop.adoption(&HONEST);
    let unsealed = Tricks { closers: &["officer-a"], ..HONEST };
    workshop.after_adoption(&unsealed);
    assert_eq!(origin(&workshop), KeyOrigin::Adopted { proven: None });
}

#[test]
fn nothing_is_adopted_beside_a_key_that_is_there() {
    let mut workshop = Workshop::new();
    workshop.genesis(&HONEST);
    workshop.adoption(&Tricks { plan: |plan| drop(plan.steps.remove(0)), ..HONEST });
    let wrong = misjudged(&workshop, &anchors(&workshop), Conclusion::Fail, CheckId::Adopted);
    assert_eq!(wrong, None);
}
