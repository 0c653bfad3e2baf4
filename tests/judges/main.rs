//! Judges that nobody here wrote look at everything that ceremonies on SoftHSM issue: openssl, GnuTLS, Java, Go,
//! rustls-webpki and Python's cryptography verify signatures and paths; pkilint and zlint hold each object against their
//! rules. Where one of them answers otherwise than expected, `exceptions.toml` says why; an entry that explains nothing
//! fails, too.
#![cfg(feature = "ceremony")]

#[cfg(test)]
#[path = "../support/ceremonies.rs"]
mod ceremonies;
#[cfg(test)]
#[path = "../support/lab.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod lab;
#[cfg(test)]
#[path = "../support/packages.rs"]
mod packages;
#[cfg(test)]
#[path = "../support/verifiers.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod verifiers;

#[cfg(test)]
mod docket;
#[cfg(test)]
mod estate;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod leaves;
#[cfg(test)]
mod panel;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod webpki_judge;

#[cfg(test)]
mod tests {
    use super::docket::Docket;
    use super::estate;
    use super::exceptions::Exceptions;
    use super::panel;

    /// Everything is put before all judges at once, because starting them takes longer than judging.
    #[test]
    fn every_judge_says_of_everything_what_is_expected() {
        let mut docket = Docket::new();
        estate::committed_ceremonies(&mut docket);
        estate::chains(&mut docket);
        docket.has_every_profile();
        let answers = panel::ask(&docket);
        let surprises = docket.surprises(&answers);
        let unexplained = Exceptions::read().unexplained(&surprises);
        assert!(unexplained.is_empty(), "{} unexplained:\n{}", unexplained.len(), unexplained.join("\n"));
        docket.print_matrix(&answers);
    }
}
