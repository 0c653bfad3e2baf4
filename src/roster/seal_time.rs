use super::problem::StatementProblem;
use crate::format::{Instant, SealKind, Statement, Window};

/// When a seal that ends a record may be made, by its signer's clock.
///
/// Not before the record's own end: nobody seals what they have not seen. A close is sealed within the plan's window, or
/// within a day of the last record where the window is over sooner: a ceremony that ends in its last minute, or a
/// power cut then, must not leave a record that nobody may seal. An abort may be found out at any time later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealTime {
    from: Instant,
    to: Option<Instant>,
}

/// How long after its last record a complete ceremony can be sealed at least, in seconds: a day.
const AT_LEAST: i64 = 86_400;

impl SealTime {
    /// For a seal of that kind on a record whose last `t` is `ended`; `None` for seals that end nothing.
    pub fn of(kind: SealKind, ended: Instant, window: &Window) -> Option<Self> {
        let to = match kind {
            SealKind::Authorise | SealKind::Resume => return None,
            SealKind::Abort => None,
            SealKind::Close => {
                let day = Instant::from_unix_seconds(ended.unix_seconds().saturating_add(AT_LEAST));
                Some(day.map_or(window.to, |day| day.max(window.to)))
            }
        };
        Some(Self { from: ended, to })
    }

    /// The earliest instant.
    pub fn from(&self) -> Instant {
        self.from
    }

    /// Whether the statement was made then.
    ///
    /// # Errors
    /// [`StatementProblem::SealTime`].
    pub fn check(&self, statement: &Statement) -> Result<(), StatementProblem> {
        let signer = statement.signer();
        let (Self { from, to }, time) = (*self, signer.time);
        if time < from || to.is_some_and(|to| to < time) {
            return Err(StatementProblem::SealTime { name: signer.name.clone(), time, from, to });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Covered, Digest, Mode, Outcome, Role, Seal, Signer, StatementAlgorithm};

    fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn made_at(kind: SealKind, time: &str) -> Statement {
        Statement::Seal(Seal {
            kind,
            ceremony: Digest::ZERO,
            mode: Mode::Ceremony,
            outcome: Outcome::Complete,
            covered: Covered::of(b""),
            plan_sha256: Digest::ZERO,
            roster_sha256: Digest::ZERO,
            tbs: Vec::new(),
            keys: Vec::new(),
            signer: Signer {
                name: "officer-a".parse().unwrap(),
                role: Role::Officer,
                spki_sha256: Digest::ZERO,
                algorithm: StatementAlgorithm::Ed25519,
                time: instant(time),
            },
        })
    }

    #[test]
    fn a_seal_is_made_after_the_end_and_a_close_within_the_window_or_a_day() {
        let window = |to: &str| Window { from: instant("2026-12-01T09:00:00Z"), to: instant(to) };
        let ended = instant("2026-12-01T16:59:00Z");
        let (close, abort) = (SealKind::Close, SealKind::Abort);
        let (short, long) = ("2026-12-01T17:00:00Z", "2026-12-31T17:00:00Z");
        for (kind, to, time, counts) in [
            (close, short, "2026-12-01T16:58:59Z", false),
            (close, short, "2026-12-01T16:59:00Z", true),
            (close, short, "2026-12-02T16:59:00Z", true),
            (close, short, "2026-12-02T16:59:01Z", false),
            (close, long, "2026-12-31T17:00:00Z", true),
            (close, long, "2026-12-31T17:00:01Z", false),
            (abort, short, "2026-12-01T16:58:59Z", false),
            (abort, short, "2027-12-01T16:59:00Z", true),
        ] {
            let allowed = SealTime::of(kind, ended, &window(to)).unwrap();
            assert_eq!(allowed.check(&made_at(kind, time)).is_ok(), counts, "{kind} {to} {time}");
        }
        for kind in [SealKind::Authorise, SealKind::Resume] {
            assert_eq!(SealTime::of(kind, ended, &window(short)), None);
        }
    }
}
