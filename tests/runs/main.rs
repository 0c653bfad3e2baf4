//! Promises of a ceremony's run, kept on SoftHSM by the program itself and judged by openssl, OpenSC and Python.
#![cfg(feature = "ceremony")]

#[cfg(test)]
#[path = "../support/derivation.rs"]
mod derivation;
#[cfg(test)]
#[path = "../support/lab.rs"]
mod lab;
#[cfg(test)]
#[path = "../support/person.rs"]
mod person;
#[cfg(test)]
#[path = "../support/python.rs"]
mod python;

#[cfg(test)]
mod attendance;
#[cfg(test)]
mod ceremonies;
#[cfg(test)]
mod curves;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod no_secret_leaves_custody;
#[cfg(test)]
mod quorum_opens_the_token;
#[cfg(test)]
mod refused_before_a_key_is_made;
#[cfg(test)]
mod refused_by_the_plan;
#[cfg(test)]
mod terminal;
