//! Promises of a ceremony's run, kept on SoftHSM by the program itself and judged by openssl, OpenSC and Python.
#![cfg(feature = "ceremony")]

#[cfg(test)]
#[path = "../support/browser.rs"]
mod browser;
#[cfg(test)]
#[path = "../support/card.rs"]
mod card;
#[cfg(test)]
#[path = "../support/ceremonies.rs"]
mod ceremonies_held;
#[cfg(test)]
#[path = "../support/derivation.rs"]
mod derivation;
#[cfg(test)]
#[path = "../support/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "../support/killed.rs"]
mod killed;
#[cfg(test)]
#[path = "../support/lab.rs"]
mod lab;
#[cfg(test)]
#[path = "../support/packages.rs"]
mod packages;
#[cfg(test)]
#[path = "../support/person.rs"]
mod person;
#[cfg(test)]
#[path = "../support/memory.rs"]
mod process_memory;
#[cfg(test)]
#[path = "../support/proxy.rs"]
mod proxy;
#[cfg(test)]
#[path = "../support/python.rs"]
mod python;

#[cfg(test)]
mod adopted;
#[cfg(test)]
mod algorithms;
#[cfg(test)]
mod attendance;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod ceremonies;
#[cfg(test)]
mod change_roster;
#[cfg(test)]
mod crls;
#[cfg(test)]
mod curves;
#[cfg(test)]
mod cut_short;
#[cfg(test)]
mod cut_while_signing;
#[cfg(test)]
mod cut_while_witnessed;
#[cfg(test)]
mod disaster;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod due;
#[cfg(test)]
mod host;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod injected;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod late_seals;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod no_secret_leaves_custody;
#[cfg(test)]
mod quorum_opens_the_token;
#[cfg(test)]
mod quorums;
#[cfg(test)]
mod refused_before_a_key_is_made;
#[cfg(test)]
mod refused_by_the_plan;
#[cfg(test)]
mod refused_to_resume;
#[cfg(test)]
#[path = "../support/rehearsal.rs"]
mod rehearsal;
#[cfg(test)]
mod rehearsed;
#[cfg(test)]
mod rehearsed_kinds;
#[cfg(test)]
mod report;
#[cfg(test)]
mod reshare;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod sheets;
#[cfg(test)]
mod taking_over;
#[cfg(test)]
mod terminal;
#[cfg(test)]
#[path = "../support/verifiers.rs"]
mod verifiers;
#[cfg(test)]
mod witnessed;
