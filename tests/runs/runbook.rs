//! The paper of a ceremony: the plan's steps under the plan's ids, on A4 and on Letter.

use anchorite::format::{Action, Plan, Roster};
use anchorite::plan::PlanDirectory;
use anchorite::render::{runbook, words};
use serde_json::json;

use crate::browser::{PAPERS, open, print};
use crate::lab::Lab;

fn planned(lab: &Lab, name: &str) -> PlanDirectory {
    lab.plan(name).done();
    lab.anchorite(&format!("script plans/{name} --output {name}.html")).ends(0, "written");
    PlanDirectory::read(&lab.path(&format!("plans/{name}"))).unwrap()
}

#[test]
fn the_paper_has_every_step_under_its_id_and_the_digests_as_words() {
    for (lab, name, known) in [(Lab::blank(), "genesis", 0), (Lab::after_genesis(), "sign-intermediates", 3)]
    {
        let directory = planned(&lab, name);
        let page = lab.read(&format!("{name}.html"));
        let mut digests = vec![directory.digest()];
        for step in &directory.plan.steps {
            assert!(page.contains(&format!("id=\"step.{}\"", step.id)), "{}", step.id);
            digests.extend(step.action.tbs_sha256().flatten());
        }
        assert_eq!(digests.len(), 1 + known);
        for row in digests.iter().flat_map(words) {
            assert!(page.contains(&row), "{row}");
        }
        for block in ["ceremony.open", "ceremony.close", "custody", "exception.4", "statements.officer-a"] {
            assert!(page.contains(&format!("{block}\"")), "{block}");
        }
        // Only a plan that makes a key leaves something to be authorised in the room.
        assert_eq!(page.contains("step.seal.authorise"), known == 0);
    }
}

#[test]
fn the_same_plan_gives_the_same_paper_and_no_file_is_overwritten() {
    let lab = Lab::blank();
    planned(&lab, "genesis");
    lab.anchorite("script plans/genesis --output again.html").done();
    assert_eq!(lab.read("genesis.html"), lab.read("again.html"));
    lab.anchorite("script plans/genesis --output again.html").ends(2, "exists already");
    lab.edit("plans/genesis/ceremony.toml", "lab", "lob");
    lab.anchorite("script plans/genesis --output third.html")
        .ends(1, "is not the file that the plan was made with");
}

#[test]
fn the_paper_fills_sheets_of_a4_and_letter_each_with_ceremony_plan_and_page() {
    let lab = Lab::blank();
    let directory = planned(&lab, "genesis");
    for paper in PAPERS {
        let sheets = print(&lab.path("genesis.html"), "true", paper);
        let count = sheets.len();
        assert!(count > 5, "{count} sheets");
        for (number, sheet) in (1..).zip(&sheets) {
            let foot = sheet.trim_end().lines().last().unwrap();
            let expected = format!("example-lab 0001-genesis plan {}", directory.digest());
            let shown = foot.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(shown, format!("{expected} page {number} of {count}"), "{}", paper.2);
        }
    }
}

#[test]
fn nothing_in_a_plan_becomes_markup_on_paper() {
    const HOSTILE: &str =
        "</td><script>console.log('ran')</script><img src=x onerror=console.log(1)>\u{202e}\"'&";
    let lab = Lab::blank();
    let mut directory = planned(&lab, "genesis");
    let text = serde_json::to_string(&directory.plan).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for field in ["tool", "title", "policy", "trust_domain", "place", "recording"] {
        value[field] = json!(HOSTILE);
    }
    let (due, owner) = ("2027-01-01T00:00:00Z", "officer");
    value["duties"] = json!([{"id": "tell", "kind": "written", "what": HOSTILE, "due": due, "owner": owner}]);
    let mut planted = 7;
    for (id, action) in [
        ("said", json!({"do": "attest", "by": ["officer"], "text": HOSTILE})),
        (
            "bag",
            json!({"do": "custody", "item": "card", "act": "open", "expected": HOSTILE, "place": HOSTILE}),
        ),
        ("rest", json!({"do": "break", "reason": HOSTILE, "minutes": 5, "shares": "kept"})),
    ] {
        value["steps"].as_array_mut().unwrap().push(json!({"id": id, "action": action}));
    }
    for step in value["steps"].as_array_mut().unwrap() {
        for (field, inner) in [("label", None), ("text", None), ("reason", None), ("subject", Some("text"))] {
            let found = match inner {
                None => step["action"].get_mut(field),
                Some(inner) => step["action"].get_mut(field).and_then(|outer| outer.get_mut(inner)),
            };
            if let Some(place) = found {
                *place = json!(HOSTILE);
                planted += 1;
            }
        }
    }
    directory.plan = serde_json::from_value::<Plan>(value).unwrap();
    assert!(directory.plan.steps.iter().any(|step| matches!(step.action, Action::SelfSign { .. })));
    let page = runbook(&directory, &Roster::parse(&directory.roster).unwrap(), None);
    let shown = page.matches("&lt;/td&gt;&lt;script&gt;console.log(&#39;ran&#39;)").count();
    assert!(shown >= planted, "{shown} of {planted}");
    assert!(!page.contains("<img") && !page.contains("<script") && !page.contains('\u{202e}'));
    lab.write("hostile.html", &page);
    let elements =
        open(&lab.path("hostile.html"), json!({"value": "document.querySelectorAll('img, script').length"}));
    assert_eq!(elements.quiet(), json!(0));
}

#[test]
fn every_kind_of_step_that_people_see_has_lines_of_its_own() {
    let lab = Lab::blank();
    let mut directory = planned(&lab, "genesis");
    for (id, action, line) in [
        (
            "clocks",
            json!({"do": "clock", "readers": 1, "tolerance_seconds": 9, "beacon": true}),
            "source and value",
        ),
        (
            "aloud",
            json!({"do": "read-aloud", "by": "witness", "named": {"of": "roster"}}),
            "the SHA-256 of the roster, below",
        ),
        ("said", json!({"do": "attest", "by": ["officer"], "text": "I saw the bag."}), "I saw the bag."),
        (
            "bag",
            json!({"do": "custody", "item": "card", "act": "inspect", "expected": "A 17", "place": "safe 2"}),
            "safe 2",
        ),
        (
            "log",
            json!({"do": "import-evidence", "token": "primary", "form": "opaque", "file": "device.log"}),
            "device.log (opaque)",
        ),
        (
            "told",
            json!({"do": "confirm", "by": "officer", "text": "It was told.", "discharges": {"ordinal": 1, "id": "tell"}}),
            "duty 1/tell is done with it",
        ),
    ] {
        let step = json!({"id": id, "action": action});
        directory.plan.steps = vec![serde_json::from_value(step).unwrap()];
        let page = runbook(&directory, &Roster::parse(&directory.roster).unwrap(), None);
        let (_, block) = page.split_once(&format!("id=\"step.{id}\"")).expect(id);
        let (block, _) = block.split_once("</table>").unwrap();
        assert!(block.contains(line), "{block}");
    }
}

#[test]
fn the_paper_of_a_rehearsal_says_what_it_is_and_what_is_drilled() {
    let lab = Lab::blank();
    let mut directory = planned(&lab, "genesis");
    let roster = Roster::parse(&directory.roster).unwrap();
    assert!(!runbook(&directory, &roster, None).contains("REHEARSAL"));
    directory.plan.mode = anchorite::format::Mode::Rehearsal;
    let digest = directory.digest();
    directory.plan.rehearses = Some(
        serde_json::from_value(json!({
            "plan_sha256": digest, "roster_sha256": digest, "forbidden_tokens": [],
            "drills": [{"kind": "power-cut", "step": "root"}, {"kind": "wrong-token", "step": null}],
        }))
        .unwrap(),
    );
    let page = runbook(&directory, &roster, None);
    for part in ["REHEARSAL", "power-cut", "<td>root</td>", "wrong-token", "before the record is open"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_page_that_breaks_its_policy_is_noticed() {
    let lab = Lab::blank();
    planned(&lab, "genesis");
    lab.edit(
        "genesis.html",
        "</h1>",
        "</h1><script>console.log('ran')</script><img src=\"file:///none.png\">",
    );
    let seen = open(&lab.path("genesis.html"), json!({}));
    assert!(seen.said.iter().any(|line| line.contains("Content Security Policy")), "{seen:?}");
    assert!(!seen.said.iter().any(|line| line.contains("log: ran")), "{seen:?}");
}
