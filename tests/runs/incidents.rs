//! What went wrong elsewhere does not get into a room here: each file of `tests/bad-ceremonies/incidents/` is an incident or a
//! defect of another tool, told as a ceremony. `check` or `plan` refuses it, and no token is asked for anything.

use std::collections::BTreeSet;
use std::fs;

use crate::lab::{EVERYBODY, Lab, Ran, copy, repository};
use crate::proxy::Proxy;

const FOLDER: &str = "tests/bad-ceremonies/incidents";

/// What a file says of itself: `# expect: CODES`, `# says: WORDS`, `# after: nothing | genesis`.
struct Incident {
    name: String,
    text: String,
}

impl Incident {
    fn all() -> Vec<Self> {
        let entries = fs::read_dir(repository(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<Self> = entries
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .map(|path| Self {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                text: fs::read_to_string(&path).unwrap(),
            })
            .collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    fn says(&self, what: &str) -> &str {
        let lines = self.text.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(':'));
        let mut values = lines.filter(|(name, _)| *name == what).map(|(_, value)| value.trim());
        values.next().unwrap_or_else(|| panic!("{} does not say `{what}`", self.name))
    }

    /// In which way this program does not do with it what it should.
    fn accepted(&self, blank: &Lab, after_genesis: &Lab) -> Option<String> {
        let lab = match self.says("after") {
            "nothing" => blank,
            "genesis" => after_genesis,
            other => panic!("{}: {other}", self.name),
        };
        lab.write(&format!("ceremonies/{}.toml", self.name), &self.text);
        let before = lab.consequences();
        let checked = lab.anchorite(&format!("check ceremonies/{}.toml", self.name));
        let planned = lab.plan(&self.name);
        let Ran { code, shown } = if checked.code == 0 { &planned } else { &checked };
        let found: BTreeSet<&str> =
            shown.lines().filter_map(|line| Some(line.strip_prefix("error[")?.split_once(']')?.0)).collect();
        let expected: BTreeSet<&str> = self.says("expect").split(' ').collect();
        assert!(lab.consequences() == before, "{}: something happened", self.name);
        let refused = *code == 1 && planned.code == 1 && !lab.path(&format!("plans/{}", self.name)).exists();
        let refused = refused && found == expected && shown.contains(self.says("says"));
        (!refused).then(|| format!("{}: {code}, {found:?}\n{shown}\n{}", self.name, planned.shown))
    }
}

#[test]
fn what_went_wrong_elsewhere_is_refused_before_anybody_comes_together() {
    let (blank, after_genesis) = (Lab::blank(), Lab::after_genesis());
    for lab in [&blank, &after_genesis] {
        copy(&repository(&format!("{FOLDER}/inputs")), &lab.path("ceremonies/inputs"));
    }
    // A production ceremony needs people of a production roster; everything else of them is the same.
    let production =
        blank.read("roster.toml").replace("environment = \"lab\"", "environment = \"production\"");
    let incidents = Incident::all();
    assert!(incidents.len() >= 25, "{}", incidents.len());
    let lab_roster = blank.read("roster.toml");
    let accepted: Vec<String> = incidents
        .iter()
        .filter_map(|incident| {
            let is_production = incident.text.contains("environment = \"production\"");
            blank.write("roster.toml", if is_production { &production } else { &lab_roster });
            incident.accepted(&blank, &after_genesis)
        })
        .collect();
    assert!(
        accepted.is_empty(),
        "{} are not refused as they should be:\n{}",
        accepted.len(),
        accepted.join("\n")
    );
}

/// With the module between program and token: planning what is sound calls it for nothing either.
#[test]
fn neither_check_nor_plan_touches_a_token() {
    let lab = Lab::blank();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", "blank = true");
    lab.anchorite("check ceremonies/genesis.toml").done();
    lab.plan("genesis").done();
    assert_eq!(proxy.calls(), Vec::<String>::new());
    lab.approve("genesis", "proxy.toml", &EVERYBODY);
    lab.run("genesis", "proxy.toml").done();
    assert!(proxy.calls().contains(&"C_GenerateKeyPair".to_owned()), "the module is the one that is asked");
}
