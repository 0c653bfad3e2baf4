use super::{DAY, Held, Known, Schedule, after};
use crate::format::{
    AnchorDelivery, Consumer, Digest, FieldEvidence, Instant, Rotation, RotationPhase, System,
};

/// What the field was to report: the digest of each bundle, once there is one.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// Signed reports, checked under the roster.
    pub evidence: &'a [FieldEvidence],
    /// SHA-256 of the bundle with both roots, in PEM.
    pub both: Option<Digest>,
    /// SHA-256 of the bundle with the new root alone.
    pub new: Option<Digest>,
}

/// Where a rotation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The last phase that records and reports show; `None` before the new root is there.
    pub reached: Option<RotationPhase>,
    /// What comes; `None` when all is done.
    pub next: Option<Next>,
}

/// The phase that comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Which.
    pub phase: RotationPhase,
    /// Before which instant it is not safe.
    pub not_before: Instant,
    /// What is missing before people may begin it, a sentence each.
    pub missing: Vec<String>,
    /// Whether people may begin it at the date that was asked about.
    pub safe: bool,
    /// What makes it: a ceremony, or work in the field.
    pub act: &'static str,
    /// Who has not reported yet that it is reached.
    pub waits_for: Vec<String>,
}

/// Where a rotation stands at a date, from the records and the field's reports until then.
pub fn status(
    rotation: &Rotation,
    known: &Known<'_>,
    schedule: &Schedule,
    reported: &Reported<'_>,
    at: Instant,
) -> Status {
    let field = Field { rotation, known, reported, at };
    let mut reached = None;
    // The instant since which the phase before is everywhere.
    let mut since = rotation.start;
    for phase in RotationPhase::ALL {
        let open = field.open(phase);
        let not_before = field.not_before(phase, since, schedule);
        if open.is_empty() {
            reached = Some(phase);
            since = since.max(field.latest(phase).unwrap_or(since));
            continue;
        }
        let missing = field.missing(phase);
        let safe = missing.is_empty() && at >= not_before;
        let next = Next { phase, not_before, missing, safe, act: act(phase), waits_for: open };
        return Status { reached, next: Some(next) };
    }
    Status { reached, next: None }
}

struct Field<'a> {
    rotation: &'a Rotation,
    known: &'a Known<'a>,
    reported: &'a Reported<'a>,
    at: Instant,
}

impl Field<'_> {
    /// What shows that a phase is not reached yet, a sentence each.
    fn open(&self, phase: RotationPhase) -> Vec<String> {
        match phase {
            RotationPhase::Generated => match (self.known.new, self.known.cross) {
                (Some(_), Some(_)) => Vec::new(),
                (None, _) => vec![format!("no ceremony made the root `{}`", self.rotation.new.id)],
                (Some(_), None) => vec!["no ceremony certified it under the old root".to_owned()],
            },
            RotationPhase::CrossSigned => Vec::new(),
            RotationPhase::OldDestroyed if self.known.old_destroyed => Vec::new(),
            RotationPhase::OldDestroyed => vec!["the old key is on its token".to_owned()],
            _ => self.who_reports(phase).filter_map(|consumer| self.unreported(consumer, phase)).collect(),
        }
    }

    /// Everybody who has to report a phase.
    fn who_reports(&self, phase: RotationPhase) -> impl Iterator<Item = &Consumer> {
        self.rotation.consumer.iter().filter(move |consumer| match phase {
            RotationPhase::Published => consumer.anchors != AnchorDelivery::One,
            RotationPhase::Active | RotationPhase::OldSigningStopped => consumer.successor.is_some(),
            _ => true,
        })
    }

    fn unreported(&self, consumer: &Consumer, phase: RotationPhase) -> Option<String> {
        let expected = match (phase, consumer.anchors) {
            (RotationPhase::OldRemoved, _) => (self.reported.new, Held::New),
            // Who holds one anchor holds what it had.
            (_, AnchorDelivery::One) => (None, Held::Old),
            _ => (self.reported.both, Held::Both),
        };
        match self.report(consumer, phase) {
            None => Some(format!("`{}` has not reported {phase}", consumer.name)),
            Some(report) if expected.0.is_some_and(|bundle| bundle != report.bundle_sha256) => Some(format!(
                "`{}` reports another bundle than the one with {}: {}",
                consumer.name,
                expected.1.words(),
                report.bundle_sha256
            )),
            Some(_) => None,
        }
    }

    /// The latest report until then.
    fn report(&self, consumer: &Consumer, phase: RotationPhase) -> Option<&FieldEvidence> {
        let fits = |report: &&FieldEvidence| {
            report.consumer == consumer.name && report.phase == phase && report.signer.time <= self.at
        };
        self.reported.evidence.iter().filter(fits).max_by_key(|report| report.signer.time)
    }

    /// When the last consumer reported a phase.
    fn latest(&self, phase: RotationPhase) -> Option<Instant> {
        let reports = self.who_reports(phase).filter_map(|consumer| self.report(consumer, phase));
        reports.map(|report| report.signer.time).max()
    }

    /// From when on the next phase is safe: who reported holds the bundle, so that nothing has to propagate any more.
    fn not_before(&self, phase: RotationPhase, since: Instant, schedule: &Schedule) -> Instant {
        let rotation = self.rotation;
        let skew = i64::from(rotation.skew_seconds);
        let leaf = rotation.consumer.iter().map(|consumer| i64::from(consumer.leaf_seconds)).max();
        let wait = match phase {
            RotationPhase::Active => i64::from(rotation.hold_days) * DAY + skew,
            RotationPhase::OldRemoved => leaf.unwrap_or_default() + skew,
            _ => 0,
        };
        let earliest = after(since, wait);
        let spire = rotation.consumer.iter().any(|consumer| consumer.system == System::Spire);
        let earliest = match phase {
            RotationPhase::OldRemoved if spire => earliest.max(after(self.known.old.validity.to, DAY)),
            RotationPhase::Generated => rotation.start,
            _ => earliest,
        };
        // Later dates that people chose hold.
        let planned = schedule.phase(phase);
        match planned.filter(|planned| planned.date != planned.earliest) {
            Some(planned) => earliest.max(planned.date),
            None => earliest,
        }
    }

    /// What has to be there before people may begin a phase, beyond the phase before.
    fn missing(&self, phase: RotationPhase) -> Vec<String> {
        if phase != RotationPhase::Active {
            return Vec::new();
        }
        let successors = self.rotation.consumer.iter().filter_map(|consumer| consumer.successor.as_ref());
        successors
            .filter(|successor| !self.known.intermediates.contains_key(&successor.id))
            .map(|successor| format!("no ceremony issued the intermediate `{}`", successor.id))
            .collect()
    }
}

fn act(phase: RotationPhase) -> &'static str {
    match phase {
        RotationPhase::Generated => "hold the ceremony ceremonies/1-new-root.toml",
        RotationPhase::Published => "give out bundles/both.pem, and collect a report of every consumer",
        RotationPhase::CrossSigned => "put the cross-certificate into the chains",
        RotationPhase::Active => {
            "hold ceremonies/2-intermediates.toml, then install its intermediates, one environment at a time"
        }
        RotationPhase::OldSigningStopped => "see that nothing is signed under the old intermediates any more",
        RotationPhase::OldRemoved => {
            "hold ceremonies/3-last-crl.toml, give out bundles/new.pem, and collect a report of every consumer"
        }
        RotationPhase::OldDestroyed => "hold the ceremony ceremonies/4-destroy.toml",
    }
}
