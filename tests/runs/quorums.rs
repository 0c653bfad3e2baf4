//! Quorums of every size open the token with any T of their N shares, and with T - 1 nothing ever tries it.

use std::collections::BTreeSet;
use std::fs;

use anchorite::format::{Digest, Name, PinPolicy, ShareCommitment, SharesSplit};
use anchorite::secret::ShareWords;
use anchorite::shares::{
    self, PinPurpose, ShareProblem, ShareRequest, ShareSource, Unlocked, words_from_sheet,
};

use crate::derivation;
use crate::lab::{Lab, officers};
use crate::proxy::Proxy;
use crate::reshare::log_in;

/// Sheets that people hold up one after the other.
struct Sheets<'a> {
    pages: std::slice::Iter<'a, String>,
}

/// Why no secret was rebuilt.
#[derive(Debug)]
enum Ended {
    /// One more share was asked for, after that many, of that many.
    Asked {
        done: usize,
        needed: usize,
    },
    Refused(ShareProblem),
    Record,
}

impl From<shares::Error> for Ended {
    fn from(_: shares::Error) -> Self {
        Self::Record
    }
}

impl ShareSource for Sheets<'_> {
    type Error = Ended;

    fn share(&mut self, request: &ShareRequest<'_>) -> Result<ShareWords, Ended> {
        let ended = Ended::Asked { done: request.done.len(), needed: request.needed };
        let page = self.pages.next().ok_or(ended)?;
        Ok(words_from_sheet(page).expect("a sheet of 33 words"))
    }

    fn refused(&mut self, _: &ShareRequest<'_>, problem: &ShareProblem) -> Result<(), Ended> {
        Err(Ended::Refused(problem.clone()))
    }

    fn accepted(&mut self, _: &ShareRequest<'_>, _: &ShareCommitment) -> Result<(), Ended> {
        Ok(())
    }
}

/// Every choice of `count` numbers below `of`, in ascending order each.
fn choices(count: usize, of: usize) -> Vec<Vec<usize>> {
    match (count, of) {
        (0, _) => vec![Vec::new()],
        (_, 0) => Vec::new(),
        _ => {
            let without = choices(count, of - 1);
            let with = choices(count - 1, of - 1);
            without
                .into_iter()
                .chain(with.into_iter().map(|mut chosen| {
                    chosen.push(of - 1);
                    chosen
                }))
                .collect()
        }
    }
}

/// A token that was taken over by a quorum, and what its record says.
struct Provisioned {
    lab: Lab,
    officers: Vec<String>,
    sheets: Vec<String>,
    ceremony: Digest,
    split: SharesSplit,
    policy: PinPolicy,
}

impl Provisioned {
    fn by(threshold: usize, count: usize) -> Self {
        let lab = Lab::of_officers(threshold, count);
        let genesis = lab.read("ceremonies/genesis.toml");
        let (before, _) = genesis.split_once("[[step]]\nid = \"root-key\"").unwrap();
        lab.write("ceremonies/provision.toml", &before.replace("name = \"genesis\"", "name = \"provision\""));
        let officers = officers(count);
        let everybody: Vec<&str> = officers.iter().map(String::as_str).chain(["witness"]).collect();
        lab.hold("provision", "blank.toml", &everybody).done();
        lab.verify().ends(0, "VERDICT  PASS");
        let sheets =
            officers.iter().map(|officer| lab.read(&format!("custody/{officer}.operate-1.txt"))).collect();
        Self {
            ceremony: serde_json::from_value(lab.records()[0]["cer"].clone()).unwrap(),
            split: serde_json::from_value(lab.record("quorum.split")).unwrap(),
            policy: serde_json::from_value(lab.record("pin.policy")).unwrap(),
            lab,
            officers,
            sheets,
        }
    }

    fn unlocked_by(&self, chosen: &[usize]) -> Result<Unlocked, Ended> {
        let pages: Vec<String> = chosen.iter().map(|holder| self.sheets[*holder].clone()).collect();
        shares::unlock(&self.ceremony, &self.split, &[], &mut Sheets { pages: pages.iter() })
    }

    /// Every T holders rebuild one secret, and the PIN that follows from it opens the token.
    fn every_quorum_opens_it(&self) -> usize {
        let threshold = usize::from(self.split.threshold);
        let authority: Name = "example-lab".parse().unwrap();
        let mut secrets = BTreeSet::new();
        let quorums = choices(threshold, self.sheets.len());
        for chosen in &quorums {
            let unlocked = self.unlocked_by(chosen).unwrap_or_else(|ended| panic!("{chosen:?}: {ended:?}"));
            let by: Vec<&str> = unlocked.by.iter().map(Name::as_str).collect();
            let expected: Vec<&str> = chosen.iter().map(|holder| self.officers[*holder].as_str()).collect();
            assert_eq!(by, expected);
            secrets.insert(*unlocked.secret.expose_secret());
            let pin =
                shares::derive_pin(&unlocked.secret, &authority, &self.policy, PinPurpose::User).unwrap();
            log_in(&self.lab, false, std::str::from_utf8(pin.expose_pin()).unwrap()).done();
        }
        assert_eq!(secrets.len(), 1, "every quorum rebuilds the same secret");
        // The reference tool agrees.
        let words: Vec<String> =
            self.sheets.iter().rev().take(threshold).map(|page| derivation::words(page).join(" ")).collect();
        let secret: String = secrets.first().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(derivation::secret(&words), secret);
        quorums.len()
    }

    /// Every T - 1 holders are asked for one more share, and their secret is none.
    fn no_fewer_rebuild_it(&self) -> usize {
        let threshold = usize::from(self.split.threshold);
        let fewer = choices(threshold - 1, self.sheets.len());
        for chosen in &fewer {
            let ended = self.unlocked_by(chosen).err();
            assert!(
                matches!(ended, Some(Ended::Asked { done, needed }) if done == threshold - 1 && needed == threshold),
                "{chosen:?}: {ended:?}"
            );
        }
        // Nor is one share good for two.
        let mut twice = fewer[0].clone();
        twice.push(twice[0]);
        let ended = self.unlocked_by(&twice).err();
        assert!(matches!(ended, Some(Ended::Refused(ShareProblem::AlreadyEntered { .. }))), "{ended:?}");
        fewer.len()
    }

    /// The program stops for want of a share when only these enter one, and calls no C_Login.
    fn fewer_never_try_the_token(&self, quorums: &[Vec<usize>]) {
        let lab = &self.lab;
        let proxy = Proxy::of(lab);
        proxy.bind(lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
        lab.plan("reshare").done();
        lab.approve("reshare", "proxy.toml", &["officer-a", "officer-b"]);
        let answers = lab.read("ceremonies/answers.toml");
        for chosen in quorums {
            let mut fewer = answers.clone();
            for (number, officer) in self.officers.iter().enumerate() {
                if !chosen.contains(&number) {
                    fewer = fewer.replace(&format!("sheet = \"{officer}.{{set}}-{{epoch}}.txt\"\n"), "");
                }
            }
            lab.write("ceremonies/answers.toml", &fewer);
            let shown = lab.run("reshare", "proxy.toml").ends(4, "cannot answer: the words of a share");
            assert_eq!(shown.matches(" is right\n").count(), chosen.len(), "{shown}");
            assert_eq!(proxy.calls(), Vec::<String>::new(), "{chosen:?}: {shown}");
            fs::remove_dir_all(lab.path("authority/0002-reshare")).unwrap();
            fs::remove_dir_all(lab.path("exchange/reshare")).unwrap();
        }
        lab.write("ceremonies/answers.toml", &answers);
        // With one more the same ceremony goes through, so nothing else stood in its way.
        lab.run("reshare", "proxy.toml").done();
        assert!(proxy.calls().iter().any(|call| call == "C_Login"));
        lab.verify().ends(0, "VERDICT  PASS");
    }
}

#[test]
fn two_of_three_open_the_token_and_one_does_not() {
    let made = Provisioned::by(2, 3);
    assert_eq!((made.every_quorum_opens_it(), made.no_fewer_rebuild_it()), (3, 3));
    made.fewer_never_try_the_token(&choices(1, 3));
}

#[test]
fn three_of_five_open_the_token_and_two_do_not() {
    let made = Provisioned::by(3, 5);
    assert_eq!((made.every_quorum_opens_it(), made.no_fewer_rebuild_it()), (10, 10));
    made.fewer_never_try_the_token(&choices(2, 5)[..5]);
}

#[test]
fn five_of_nine_open_the_token_and_four_do_not() {
    let made = Provisioned::by(5, 9);
    assert_eq!((made.every_quorum_opens_it(), made.no_fewer_rebuild_it()), (126, 126));
    // Each holder is missing in one of these and there in another.
    made.fewer_never_try_the_token(&[vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![5, 6, 7, 8]]);
}

#[test]
fn sixteen_of_sixteen_open_the_token_and_fifteen_do_not() {
    let made = Provisioned::by(16, 16);
    assert_eq!((made.every_quorum_opens_it(), made.no_fewer_rebuild_it()), (1, 16));
    made.fewer_never_try_the_token(&choices(15, 16));
}
