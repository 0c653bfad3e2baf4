use std::collections::BTreeSet;

use crate::format::{
    BrokenBy, Environment, Instant, KeyStorage, Name, Plan, Role, Roster, Rule, ShareSetName,
};

/// A rule of production that a roster breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFinding {
    /// The only hands on the keyboard would also approve what they type.
    #[error("`{name}` is both operator and officer")]
    OperatorIsOfficer {
        /// Who.
        name: Name,
    },
    /// The witness would watch their own hands.
    #[error("`{name}` is both witness and operator")]
    WitnessIsOperator {
        /// Who.
        name: Name,
    },
    /// The witness would confirm what they decided.
    #[error("`{name}` is both witness and officer")]
    WitnessIsOfficer {
        /// Who.
        name: Name,
    },
    /// A copy of the file and a look at the keyboard make a second officer.
    #[error("`{name}` is officer and keeps the signing key in a file")]
    KeyInFile {
        /// Who.
        name: Name,
    },
    /// Two shares of one set in one hand lower the quorum.
    #[error("`{name}` holds more than one share of the set `{set}`")]
    SeveralShares {
        /// Who.
        name: Name,
        /// Of which set.
        set: ShareSetName,
    },
    /// Losing two shares, a fire and an illness, would lose the set.
    #[error("the set `{set}` has {holders} holders and needs {threshold}: at least two must be spare")]
    FewSpareShares {
        /// Which set.
        set: ShareSetName,
        /// N.
        holders: usize,
        /// T.
        threshold: u8,
    },
}

impl PolicyFinding {
    /// The rule that a waiver has to name; `None` where nobody may waive it.
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::OperatorIsOfficer { .. } => Some(Rule::OperatorIsOfficer),
            Self::WitnessIsOperator { .. } => Some(Rule::WitnessIsOperator),
            Self::WitnessIsOfficer { .. } => Some(Rule::WitnessIsOfficer),
            Self::FewSpareShares { .. } => Some(Rule::FewSpareShares),
            Self::KeyInFile { .. } => Some(Rule::OfficerKeyInFile),
            Self::SeveralShares { .. } => None,
        }
    }
}

/// What forbids a plan's ceremony under that roster at that instant: findings that bind and that no waiver of the
/// plan lets pass.
pub fn unwaived(roster: &Roster, plan: &Plan, at: Instant) -> Vec<PolicyFinding> {
    if !is_binding(plan.environment) {
        return Vec::new();
    }
    let waived = |finding: &PolicyFinding| finding.rule().and_then(|rule| plan.waiver(rule, at)).is_some();
    policy(roster).into_iter().filter(|finding| !waived(finding)).collect()
}

/// Whether a waiver of that rule can let anything pass: the roster breaks it, or it is not the roster that can.
pub fn can_need(roster: &Roster, rule: Rule) -> bool {
    rule.broken_by() != BrokenBy::Roster || policy(roster).iter().any(|finding| finding.rule() == Some(rule))
}

/// Every rule of production that this roster breaks, in the order of its people.
///
/// Where [`is_binding`] says no, these are notes; where a waiver lets one pass is for [`unwaived`] to say.
pub fn policy(roster: &Roster) -> Vec<PolicyFinding> {
    let mut findings = Vec::new();
    for person in &roster.people {
        let name = || person.name.clone();
        let has = |role| person.roles.contains(&role);
        if has(Role::Operator) && has(Role::Officer) {
            findings.push(PolicyFinding::OperatorIsOfficer { name: name() });
        }
        if has(Role::Witness) && has(Role::Operator) {
            findings.push(PolicyFinding::WitnessIsOperator { name: name() });
        }
        if has(Role::Witness) && has(Role::Officer) {
            findings.push(PolicyFinding::WitnessIsOfficer { name: name() });
        }
        if has(Role::Officer) && person.key_storage == KeyStorage::File {
            findings.push(PolicyFinding::KeyInFile { name: name() });
        }
        let mut sets = BTreeSet::new();
        for set in &person.shares {
            if !sets.insert(set.to_string()) {
                findings.push(PolicyFinding::SeveralShares { name: name(), set: *set });
            }
        }
    }
    for set in [ShareSetName::Operate, ShareSetName::Recovery] {
        let (holders, threshold) = (roster.holders(set).count(), roster.threshold(set));
        if holders > 0 && holders < usize::from(threshold) + 2 {
            findings.push(PolicyFinding::FewSpareShares { set, holders, threshold });
        }
    }
    findings
}

/// Whether [`policy`] forbids a ceremony in that environment, or only remarks on it.
pub fn is_binding(environment: Environment) -> bool {
    match environment {
        Environment::Production => true,
        Environment::Staging | Environment::Lab => false,
    }
}
