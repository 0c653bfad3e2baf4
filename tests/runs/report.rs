//! The report of a ceremony that a token ran, in a browser.

use serde_json::json;

use crate::browser::open;
use crate::keys::give_keys;
use crate::lab::{EVERYBODY, Lab};

#[test]
fn the_page_checks_signatures_of_every_algorithm_and_notices_each_that_is_wrong() {
    const DONE: &str = "document.documentElement.dataset.checked";
    let lab = Lab::blank();
    give_keys(&lab);
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    let value = format!("[{DONE}, document.getElementById('self-why').textContent]");
    let arguments =
        format!("report authority/0001-genesis --roster roster.toml --expect-head {} --output", lab.head());
    lab.anchorite(&format!("{arguments} good.html")).ends(0, "verdict PASS");
    let found = open(&lab.path("good.html"), json!({"until": DONE, "value": value})).quiet();
    assert_eq!(found[0], "holds", "{found}");
    for person in EVERYBODY {
        let path = lab.path(&format!("authority/0001-genesis/seals/close.{person}.sig"));
        let bytes = std::fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        lab.anchorite(&format!("{arguments} {person}.html")).ends(0, "verdict FAIL");
        std::fs::write(&path, &bytes).unwrap();
        let page = lab.path(&format!("{person}.html"));
        let found = open(&page, json!({"until": DONE, "value": value})).quiet();
        assert_eq!(found[0], "fails", "{found}");
        let told = format!("seals/close.{person}.txt: signature of {person}");
        assert!(found[1].as_str().unwrap().contains(&told), "{found}");
    }
}
