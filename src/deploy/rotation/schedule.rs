use super::text::lasting;
use super::{Break, DAY, Held, Known, Served, after};
use crate::deploy::names::called;
use crate::format::{AnchorDelivery, Consumer, Instant, KeyAlgorithm, Name, Rotation, RotationPhase, System};

/// What one consumer holds and serves in a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Which.
    pub consumer: Name,
    /// What it trusts.
    pub anchors: Held,
    /// What it shows.
    pub chain: Served,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub phase: RotationPhase,
    /// From when on it is safe.
    pub earliest: Instant,
    /// When it is meant to begin.
    pub date: Instant,
    /// What has to be so before it begins.
    pub gate: String,
    /// What takes it back.
    pub undo: &'static str,
    /// Sequence number of the SPIFFE bundle that is given out.
    pub sequence: u64,
    /// Every consumer, in the order of the file.
    pub holds: Vec<Holding>,
}

/// A rotation with its dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// In order.
    pub phases: Vec<Planned>,
}

impl Schedule {
    /// That phase.
    pub fn phase(&self, phase: RotationPhase) -> Option<&Planned> {
        self.phases.iter().find(|planned| planned.phase == phase)
    }

    /// When it is meant to begin.
    pub fn date(&self, phase: RotationPhase) -> Instant {
        self.phase(phase).map_or(Instant::EPOCH, |planned| planned.date)
    }
}

/// Computes phases, dates and what everybody holds, or names everything that would break.
///
/// # Errors
/// Every [`Break`].
pub fn schedule(rotation: &Rotation, known: &Known<'_>) -> Result<Schedule, Vec<Break>> {
    let mut breaks = Vec::new();
    delivery(rotation, &mut breaks);
    let cross = rotation.consumer.iter().any(|consumer| consumer.anchors == AnchorDelivery::One);
    let (mut phases, mut before): (Vec<Planned>, Option<Instant>) = (Vec::new(), None);
    for phase in RotationPhase::ALL {
        let (wait, why) = wait_before(phase, rotation);
        let mut earliest = before.map_or(after(rotation.start, wait), |before| after(before, wait));
        let mut gate = why;
        if phase == RotationPhase::OldRemoved
            && let Some(spire) = rotation.consumer.iter().find(|consumer| consumer.system == System::Spire)
        {
            earliest = earliest.max(after(known.old.validity.to, DAY));
            gate = format!(
                "{gate}; SPIRE (`{}`) gives an old root up only when it ended, and a day",
                spire.name
            );
        }
        let chosen = chosen(phase, rotation);
        if let Some(chosen) = chosen.filter(|chosen| *chosen < earliest) {
            breaks.push(Break::TooEarly { phase, chosen, earliest, reason: gate.clone() });
        }
        let date = chosen.unwrap_or(earliest);
        before = Some(date);
        phases.push(Planned {
            phase,
            earliest,
            date,
            gate,
            undo: undo(phase),
            sequence: sequence(phase, known),
            holds: rotation.consumer.iter().map(|consumer| holding(consumer, phase, cross)).collect(),
        });
    }
    let schedule = Schedule { phases };
    lifetimes(rotation, known, &schedule, &mut breaks);
    transitions(&schedule, &mut breaks);
    if breaks.is_empty() { Ok(schedule) } else { Err(breaks) }
}

/// How long to wait after the phase before, in seconds, and for what.
fn wait_before(phase: RotationPhase, rotation: &Rotation) -> (i64, String) {
    let most = |of: fn(&Consumer) -> u32| {
        rotation.consumer.iter().map(|consumer| i64::from(of(consumer))).max().unwrap_or_default()
    };
    let (propagation, leaf) =
        (most(|consumer| consumer.propagation_seconds), most(|consumer| consumer.leaf_seconds));
    let (skew, hold) = (i64::from(rotation.skew_seconds), i64::from(rotation.hold_days) * DAY);
    let window = i64::from(rotation.window_hours) * 3600;
    match phase {
        RotationPhase::Generated => (window, "the ceremony of the new root is held and verified".to_owned()),
        RotationPhase::Published | RotationPhase::CrossSigned => (0, "the new root is there".to_owned()),
        RotationPhase::Active => (
            propagation + hold + skew,
            format!(
                "every consumer reports that it holds the new bundle; {} until it is everywhere, {} in which people watch, {} \
                 for clocks",
                lasting(propagation),
                lasting(hold),
                lasting(skew)
            ),
        ),
        RotationPhase::OldSigningStopped => {
            (propagation.max(window), "every issuer reports that it signs under the new root".to_owned())
        }
        RotationPhase::OldRemoved => (
            leaf + skew,
            format!(
                "nothing that was issued under the old root is left: {}, and {} for clocks",
                lasting(leaf),
                lasting(skew)
            ),
        ),
        RotationPhase::OldDestroyed => (
            propagation,
            format!(
                "every consumer reports the bundle without the old root; {} without a failure",
                lasting(propagation)
            ),
        ),
    }
}

fn chosen(phase: RotationPhase, rotation: &Rotation) -> Option<Instant> {
    let dates = &rotation.dates;
    match phase {
        RotationPhase::Generated | RotationPhase::CrossSigned => None,
        RotationPhase::Published => dates.published,
        RotationPhase::Active => dates.active,
        RotationPhase::OldSigningStopped => dates.old_signing_stopped,
        RotationPhase::OldRemoved => dates.old_removed,
        RotationPhase::OldDestroyed => dates.old_destroyed,
    }
}

fn undo(phase: RotationPhase) -> &'static str {
    match phase {
        RotationPhase::Generated => {
            "nothing outside was touched; the new key can be destroyed by a ceremony of its own"
        }
        RotationPhase::Published => "give the bundle of before out again, with a greater sequence number",
        RotationPhase::CrossSigned => "take the cross-certificate out of the chains",
        RotationPhase::Active | RotationPhase::OldSigningStopped => {
            "install the old intermediate again: everybody still holds its anchor"
        }
        RotationPhase::OldRemoved => "give both anchors out again, with a greater sequence number",
        RotationPhase::OldDestroyed => "none: nobody brings the key back",
    }
}

fn sequence(phase: RotationPhase, known: &Known<'_>) -> u64 {
    let both = known.sequence_of_both();
    match phase {
        RotationPhase::Generated => both.saturating_sub(1),
        RotationPhase::OldRemoved | RotationPhase::OldDestroyed => both + 1,
        _ => both,
    }
}

fn holding(consumer: &Consumer, phase: RotationPhase, cross: bool) -> Holding {
    let anchors = match (consumer.anchors, phase) {
        (_, RotationPhase::OldRemoved | RotationPhase::OldDestroyed) => Held::New,
        (_, RotationPhase::Generated) | (AnchorDelivery::One, _) => Held::Old,
        _ => Held::Both,
    };
    let chain = match phase {
        _ if consumer.intermediate.is_none() && consumer.successor.is_none() => Served::Nothing,
        RotationPhase::Generated | RotationPhase::Published | RotationPhase::CrossSigned => Served::Old,
        RotationPhase::OldDestroyed => Served::New,
        _ if cross => Served::NewWithCross,
        _ => Served::New,
    };
    Holding { consumer: consumer.name.clone(), anchors, chain }
}

/// Ways in which anchors reach a system that does not survive them.
fn delivery(rotation: &Rotation, breaks: &mut Vec<Break>) {
    let one = rotation.consumer.iter().find(|consumer| consumer.anchors == AnchorDelivery::One);
    for consumer in &rotation.consumer {
        let system = called(consumer.system);
        let issues = consumer.intermediate.is_some() || consumer.successor.is_some();
        let mut refuse = |phase, reason: String| {
            breaks.push(Break::Consumer { consumer: consumer.name.clone(), phase, reason });
        };
        match (consumer.system, consumer.anchors) {
            (System::CertManager, AnchorDelivery::Two) => refuse(
                RotationPhase::Published,
                "cert-manager reads only the first certificate of ca.crt, so that a ca.crt of two roots hides one; spread both by \
                 trust-manager"
                    .to_owned(),
            ),
            (System::Istio, AnchorDelivery::One) => refuse(
                RotationPhase::OldRemoved,
                "Istio takes a set of roots that grows or shrinks; adding one and dropping one in a single step is refused, and a mesh \
                 that was restarted into it has no common anchor"
                    .to_owned(),
            ),
            (System::Spire | System::Linkerd | System::Consul | System::CertManager, AnchorDelivery::One) => {
                refuse(
                    RotationPhase::Active,
                    format!("{system} builds the chains of its workloads itself, without a cross-certificate: it needs both anchors"),
                );
            }
            (System::CertManager, AnchorDelivery::TrustManager) | (_, AnchorDelivery::Two) => {}
            (_, AnchorDelivery::TrustManager) => refuse(
                RotationPhase::Published,
                format!("trust-manager spreads anchors beside cert-manager, not to {system}"),
            ),
            (_, AnchorDelivery::One) => {}
        }
        if let Some(one) = one.filter(|_| issues)
            && matches!(consumer.system, System::CertManager | System::Cfssl | System::Vault)
        {
            refuse(
                RotationPhase::CrossSigned,
                format!(
                    "`{}` holds one anchor and needs a cross-certificate in every chain, and {system} serves none beside its own \
                     chain; give `{}` two anchors",
                    one.name, one.name
                ),
            );
        }
        let p256_only = matches!(consumer.system, System::Linkerd | System::Consul);
        if p256_only && rotation.new.algorithm != KeyAlgorithm::EcdsaP256 {
            refuse(
                RotationPhase::Published,
                format!(
                    "{system} takes anchors on P-256 only, and the new root is {}",
                    rotation.new.algorithm
                ),
            );
        }
    }
}

/// Roots and intermediates hold for as long as they are needed.
fn lifetimes(rotation: &Rotation, known: &Known<'_>, schedule: &Schedule, breaks: &mut Vec<Break>) {
    let stopped = schedule.date(RotationPhase::OldSigningStopped);
    let (gone, _) = wait_before(RotationPhase::OldRemoved, rotation);
    let (ends, until) = (known.old.validity.to, after(stopped, gone));
    if ends < until {
        breaks.push(Break::OldRootEnds { ends, until });
    }
    let (validity, active) = (rotation.new.validity, schedule.date(RotationPhase::Active));
    if !validity.contains(active) || validity.to <= schedule.date(RotationPhase::OldDestroyed) {
        breaks.push(Break::NewRootNotValid { validity, from: active });
    }
    for consumer in &rotation.consumer {
        let Some(id) = &consumer.intermediate else { continue };
        match known.intermediates.get(id) {
            None => breaks.push(Break::NoIntermediate { consumer: consumer.name.clone(), id: id.clone() }),
            Some(validity) if validity.to < stopped => breaks.push(Break::Consumer {
                consumer: consumer.name.clone(),
                phase: RotationPhase::Active,
                reason: format!(
                    "its intermediate `{id}` ends on {}, before another takes its place",
                    validity.to
                ),
            }),
            Some(_) => {}
        }
    }
}

/// In each transition everybody may hold what they held before or what comes, and be shown any chain of both phases: each has
/// to end at an anchor. Dates see to it that nothing of the old root is left when its anchor goes.
fn transitions(schedule: &Schedule, breaks: &mut Vec<Break>) {
    for (from, to) in schedule.phases.iter().zip(schedule.phases.iter().skip(1)) {
        let shown = from.holds.iter().chain(&to.holds).map(|holding| holding.chain);
        let old_is_gone = to.phase >= RotationPhase::OldRemoved;
        let shown: Vec<Served> = shown.filter(|chain| !(old_is_gone && *chain == Served::Old)).collect();
        for (before, after) in from.holds.iter().zip(&to.holds) {
            let refused = shown
                .iter()
                .find(|chain| ![before.anchors, after.anchors].iter().all(|held| held.accepts(**chain)));
            if let Some(chain) = refused {
                breaks.push(Break::Consumer {
                    consumer: before.consumer.clone(),
                    phase: to.phase,
                    reason: format!(
                        "it may hold {} then, and is shown a chain {}",
                        before.anchors.words(),
                        chain.words()
                    ),
                });
            }
        }
    }
}
