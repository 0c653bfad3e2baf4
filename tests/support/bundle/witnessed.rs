//! What people read aloud, stated, and took out of bags and devices.

use super::run::Run;
use super::*;

/// The file that a device gave: before its keys were made, or after all was signed.
pub(crate) fn evidence(step: &Name, form: EvidenceForm) -> Vec<u8> {
    match (form, step.as_str()) {
        (EvidenceForm::Opaque, _) => b"what a device says of itself\n".to_vec(),
        (EvidenceForm::YubiHsm2Log, "log-before") => device_log(&[]),
        (EvidenceForm::YubiHsm2Log, _) => device_log(&[0x46, 0x56, 0x56]),
    }
}

/// The log of a YubiHSM 2 that was reset, started, and then did this with success.
pub(crate) fn device_log(commands: &[u8]) -> Vec<u8> {
    let mut text = "0 unlogged boots found\n0 unlogged authentications found\n".to_owned();
    let mut digest = vec![0x33; 16];
    for (number, command) in (1u16..).zip([0xff, 0x00].iter().chain(commands)) {
        let result = if *command == 0 { 0 } else { command | 0x80 };
        let mut octets =
            [number.to_be_bytes().as_slice(), &[*command], &[0; 8], &[result], &7u32.to_be_bytes()].concat();
        if number > 1 {
            octets.extend(&digest);
            digest = Digest::of(&octets).as_bytes()[..16].to_vec();
        }
        let hash = Hex(digest.clone());
        text.push_str(&format!(
            "item: {number:5} -- cmd: 0x{command:02x} -- length:    0 -- session key: 0x0000 -- target key: 0x0000 -- \
             second key: 0x0000 -- result: 0x{result:02x} -- tick: 7 -- hash: {hash}\n"
        ));
    }
    text.into_bytes()
}

/// The written duties, and those that follow from the steps.
pub(super) fn duties(plan: &Plan, written: Vec<Duty>) -> Vec<Duty> {
    let year = Instant::from_unix_seconds(plan.window.to.unix_seconds() + 365 * 86_400).unwrap();
    let of_other = |step: &PlannedStep| {
        let (kind, due) = match &step.action {
            Action::IssueCrl { next_update, .. } => (DutyKind::NextCrl, *next_update),
            Action::SelfSign { validity, .. }
            | Action::SignIntermediate { validity, .. }
            | Action::CrossSign { validity, .. } => (DutyKind::CertificateExpiry, validity.to),
            action => (DutyKind::ShareCheck, action.deals().map(|_| year)?),
        };
        Some((step.id.clone(), kind, due))
    };
    let steps = plan.steps.iter();
    let follow =
        steps.flat_map(|step| step.duties_of_adoption(plan.window.to).into_iter().chain(of_other(step)));
    let follow = follow.map(|(id, kind, due)| {
        let (what, owner) = ("See to it.".to_owned(), Role::Administrator);
        Duty { id, kind, what, due, owner }
    });
    written.into_iter().chain(follow).collect()
}

impl Workshop {
    pub(super) fn witnessed(
        &self,
        plan: &Plan,
        opened: &Opened,
        step: &Name,
        action: &Action,
        run: &mut Run,
    ) {
        let step = step.clone();
        match action {
            Action::ReadAloud { named, .. } => run.event(Event::ReadAloud(ReadAloud {
                step,
                named: named.clone(),
                digest: plan.digest_named(named, opened.plan_sha256),
                by: name("officer-a"),
                positions: vec![3, 17, 30],
                attempts: 1,
            })),
            Action::Attest { by, text } => {
                for present in &opened.present {
                    if present.roles.iter().any(|role| by.contains(role)) {
                        run.event(Event::Attested(Attested {
                            step: step.clone(),
                            by: present.name.clone(),
                            text: text.clone(),
                            refusal: None,
                        }));
                    }
                }
            }
            Action::Custody { item, act, expected, place } => run.event(Event::CustodyNoted(CustodyNoted {
                step,
                item: item.clone(),
                act: *act,
                number: expected.clone().unwrap_or_else(|| "A0018".to_owned()),
                expected: act.compares().then(|| expected.clone().unwrap_or_else(|| "A0018".to_owned())),
                place: place.clone(),
                by: name("officer-a"),
                witness: name("witness"),
            })),
            Action::ImportEvidence { token, form, .. } => {
                let file = FileRef::of(FileName::of_step(&step, "evidence"), &evidence(&step, *form));
                let (token, form, by) = (token.clone(), *form, name("witness"));
                run.event(Event::EvidenceImported(EvidenceImported { step, token, form, file, by }));
            }
            _ => panic!("{action:?}"),
        }
    }
}

/// What the token says of itself.
pub(crate) fn token(initialised: bool) -> Event {
    super::run::token_found(initialised)
}
