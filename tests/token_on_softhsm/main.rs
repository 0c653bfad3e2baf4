//! Promises of `anchorite::token` and of `anchorite token`, kept on SoftHSM and judged by openssl and OpenSC.
#![cfg(feature = "ceremony")]

#[cfg(test)]
mod cli;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod set_up;
#[cfg(test)]
#[path = "../support/softhsm.rs"]
mod softhsm;
