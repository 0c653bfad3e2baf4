//! What `verify` accepts, and that it accepts nothing else.

#[cfg(test)]
#[path = "../support/bundle.rs"]
mod bundle;
#[cfg(test)]
mod command;
#[cfg(test)]
mod flips;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod signed;
#[cfg(test)]
mod unsigned;
