//! `exceptions.toml`: answers that are not expected and are right all the same, each with its reason.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::docket::{JUDGES, Surprise};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    #[serde(default, rename = "exception")]
    all: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    judge: String,
    code: String,
    /// Roles of objects or scenarios of paths. Each has to be met.
    at: Vec<String>,
    reason: String,
}

impl Exceptions {
    pub(crate) fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/exceptions.toml");
        toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Surprises that no exception explains, and exceptions that explain none.
    pub(crate) fn unexplained(&self, surprises: &[Surprise]) -> Vec<String> {
        let mut unmet: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        let mut wrong = Vec::new();
        for exception in &self.all {
            if exception.reason.len() < 20 || !JUDGES.iter().any(|judge| judge.name == exception.judge) {
                wrong.push(format!("{} {} has no reason or no judge", exception.judge, exception.code));
            }
            for place in &exception.at {
                if !unmet.insert((&exception.judge, &exception.code, place)) {
                    wrong.push(format!("{} {} at {place} is there twice", exception.judge, exception.code));
                }
            }
        }
        let explained = unmet.clone();
        for surprise in surprises {
            let key = (surprise.judge.as_str(), surprise.code.as_str(), surprise.place.as_str());
            unmet.remove(&key);
            if !explained.contains(&key) {
                wrong.push(surprise.text.clone());
            }
        }
        wrong.extend(
            unmet
                .iter()
                .map(|(judge, code, place)| format!("stale: {judge} {code} at {place} explains nothing")),
        );
        wrong
    }
}

#[test]
fn an_exception_that_explains_nothing_is_no_better_than_a_surprise_without_one() {
    let text = "[[exception]]\njudge = \"zlint\"\ncode = \"w_one\"\nat = [\"root\", \"crl\"]\n\
        reason = \"the rule is of another kind of certificate\"\n";
    let exceptions: Exceptions = toml::from_str(text).unwrap();
    let surprise = |code: &str, place: &str| Surprise {
        judge: "zlint".to_owned(),
        code: code.to_owned(),
        place: place.to_owned(),
        text: format!("{code} at {place}"),
    };
    let both = [surprise("w_one", "root"), surprise("w_one", "crl")];
    assert_eq!(exceptions.unexplained(&both), Vec::<String>::new());
    assert_eq!(exceptions.unexplained(&both[..1]), ["stale: zlint w_one at crl explains nothing"]);
    let [first, second] = both;
    assert_eq!(
        exceptions.unexplained(&[first, second, surprise("w_two", "root")]),
        ["w_two at root"],
        "another code is another matter"
    );
}
