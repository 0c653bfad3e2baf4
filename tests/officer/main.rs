//! `anchorite officer`: keys, statements and the terminal, judged by openssl.

#[cfg(test)]
mod approvals;
#[cfg(all(test, feature = "ceremony"))]
#[path = "../support/card.rs"]
mod card;
#[cfg(all(test, feature = "ceremony"))]
mod cards;
#[cfg(test)]
mod document;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod terminal;
