//! Roots come and go on SoftHSM: certified by one another, put in the place of one another, destroyed.
#![cfg(feature = "ceremony")]

#[cfg(test)]
#[path = "../judges/docket.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod docket;
#[cfg(test)]
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "../support/lab.rs"]
mod lab;
#[cfg(test)]
#[path = "../support/packages.rs"]
mod packages;
#[cfg(test)]
#[path = "../judges/panel.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod panel;
#[cfg(test)]
#[path = "../support/verifiers.rs"]
mod verifiers;
#[cfg(test)]
#[path = "../judges/webpki_judge.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod webpki_judge;

#[cfg(test)]
mod cross_signing;
#[cfg(test)]
mod full;
#[cfg(test)]
mod judges;
#[cfg(test)]
mod refused;
