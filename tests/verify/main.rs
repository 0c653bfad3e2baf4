//! What `verify` accepts, and that it accepts nothing else.

#[cfg(test)]
mod adopted;
#[cfg(test)]
#[path = "../support/browser.rs"]
mod browser;
#[cfg(test)]
#[path = "../support/bundle.rs"]
mod bundle;
#[cfg(test)]
mod command;
#[cfg(test)]
mod flips;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod mutants;
#[cfg(test)]
#[path = "../support/packages.rs"]
mod packages;
#[cfg(test)]
mod page_flips;
#[cfg(test)]
mod reading_order;
#[cfg(test)]
mod report;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod signed;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod unsigned;
#[cfg(test)]
#[path = "../support/verifiers.rs"]
mod verifiers;
#[cfg(test)]
mod warnings;
#[cfg(test)]
mod witnessed;
