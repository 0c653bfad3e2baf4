//! Attacks of people who hold no keys, on an authority of two ceremonies: each with the verdict it has to get and the
//! check that has to notice.

use std::fs;
use std::path::Path;

use anchorite::verify::{Anchors, CheckId, Conclusion};

use super::bundle::HONEST;
use super::mutants::Ceremony::Intermediate;
use super::mutants::{all_are_noticed, anchors, hold, misjudged};

pub(crate) type Attack = (&'static str, fn(&Path), Conclusion, CheckId);

fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, change(text)).unwrap();
}

fn lines(log: &str, change: impl FnOnce(&mut Vec<&str>)) -> String {
    let mut lines: Vec<&str> = log.split_inclusive('\n').collect();
    change(&mut lines);
    lines.concat()
}

fn remove_end_seals(bundle: &Path) {
    for entry in fs::read_dir(bundle.join("seals")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("close.") {
            fs::remove_file(path).unwrap();
        }
    }
}

/// Attacks of people who hold no keys, on an authority of two ceremonies.
#[rustfmt::skip]
pub(crate) fn attacks() -> Vec<Attack> {
    use CheckId::*;
    use Conclusion::*;
    const FIRST: &str = "0001-genesis";
    const SECOND: &str = "0002-sign-intermediates";
    vec![
        ("a record is edited", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| log.replacen("\"reader\":\"witness\"", "\"reader\":\"operator\"", 1)), Fail, Chain),
        ("a record is edited under its seal", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| log.replacen("\"reader\":\"witness\"", "\"reader\":\"operator\"", 1)), Fail, Coverage),
        ("a record is deleted", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| lines(&log, |lines| { lines.remove(3); })), Fail, Chain),
        ("a record is doubled", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| lines(&log, |lines| lines.insert(3, lines[3]))), Fail, Chain),
        ("records change places", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| lines(&log, |lines| lines.swap(3, 4))), Fail, Chain),
        ("a record follows the end", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| lines(&log, |lines| lines.push("{}\n"))), Fail, Chain),
        ("bytes follow the end", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| log + "{"), Fail, Ended),
        ("the tail is cut under its seals", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| lines(&log, |lines| { lines.pop(); })), Fail, Coverage),
        ("the tail is cut and the seals are gone", |a| { rewrite(&a.join(SECOND).join("log.jsonl"), |log| lines(&log, |lines| { lines.pop(); })); remove_end_seals(&a.join(SECOND)) }, Incomplete, Ended),
        ("the seals are gone", |a| remove_end_seals(&a.join(SECOND)), Unsealed, EndSeals),
        ("one seal lacks its signature", |a| fs::remove_file(a.join(SECOND).join("seals/close.witness.sig")).unwrap(), Unsealed, EndSeals),
        ("an authorisation is presented as a close", |a| for ending in ["txt", "sig"] { fs::rename(a.join(FIRST).join(format!("seals/authorise.officer-a.{ending}")), a.join(FIRST).join(format!("seals/close.officer-a.{ending}"))).unwrap() }, Fail, EndSeals),
        ("an authorisation is removed", |a| for ending in ["txt", "sig"] { fs::remove_file(a.join(FIRST).join(format!("seals/authorise.officer-a.{ending}"))).unwrap() }, Fail, SealsCommitted),
        ("one person's seal under another's name", |a| for ending in ["txt", "sig"] { fs::copy(a.join(FIRST).join(format!("seals/close.officer-a.{ending}")), a.join(FIRST).join(format!("seals/close.officer-c.{ending}"))).map(drop).unwrap() }, Fail, EndSeals),
        ("a seal of another ceremony", |a| for ending in ["txt", "sig"] { fs::copy(a.join(SECOND).join(format!("seals/close.officer-a.{ending}")), a.join(FIRST).join(format!("seals/close.officer-a.{ending}"))).map(drop).unwrap() }, Fail, EndSeals),
        ("the log of another ceremony", |a| { fs::copy(a.join(SECOND).join("log.jsonl"), a.join(FIRST).join("log.jsonl")).unwrap(); }, Fail, Coverage),
        ("an approval is removed", |a| fs::remove_file(a.join(FIRST).join("artifacts/approval.officer-a.txt")).unwrap(), Fail, Files),
        ("an explaining file is swapped", |a| fs::write(a.join(FIRST).join("SPEC.md"), "All is well.\n").unwrap(), Fail, Files),
        ("a CSR is swapped", |a| fs::write(a.join(SECOND).join("artifacts/istio.csr.pem"), "other").unwrap(), Fail, Files),
        ("the manifest is gone", |a| fs::remove_file(a.join(FIRST).join("MANIFEST.sha256")).unwrap(), Fail, Manifest),
        ("the manifest has a line more", |a| rewrite(&a.join(FIRST).join("MANIFEST.sha256"), |text| text + "\n"), Fail, Manifest),
        ("a file is added", |a| fs::write(a.join(FIRST).join("artifacts/more.txt"), "more").unwrap(), Fail, Files),
        ("a file with another kind of name is added", |a| fs::write(a.join(FIRST).join("artifacts/More Notes"), "more").unwrap(), Fail, Layout),
        ("a directory is added", |a| fs::create_dir(a.join(FIRST).join("more")).unwrap(), Fail, Layout),
        ("a file is replaced by a link", |a| { let path = a.join(FIRST).join("SPEC.md"); let aside = a.parent().unwrap().join("anchorite-link-target"); fs::copy(&path, &aside).unwrap(); fs::remove_file(&path).unwrap(); std::os::unix::fs::symlink(&aside, &path).unwrap() }, Fail, Layout),
        ("a file is left that was being written", |a| fs::write(a.join(SECOND).join("seals/.close.officer-c.sig.tmp"), "half").unwrap(), Incomplete, Layout),
        ("a file in seals is no seal", |a| fs::write(a.join(FIRST).join("seals/notes.txt"), "more").unwrap(), Fail, EndSeals),
        ("a version that nobody sealed", |a| rewrite(&a.join(FIRST).join("log.jsonl"), |log| log.replace("anchorite-log/v1", "anchorite-log/v2")), Fail, Coverage),
        ("the first ceremony is gone", |a| fs::remove_dir_all(a.join(FIRST)).unwrap(), Fail, Sequence),
        ("the last ceremony is gone", |a| fs::remove_dir_all(a.join(SECOND)).unwrap(), Fail, ExpectedHead),
        ("every ceremony is gone", |a| for bundle in [FIRST, SECOND] { fs::remove_dir_all(a.join(bundle)).unwrap() }, Fail, ExpectedHead),
        ("a ceremony is renamed", |a| fs::rename(a.join(SECOND), a.join("0002-other")).unwrap(), Fail, Sequence),
        ("a ceremony stands elsewhere", |a| fs::rename(a.join(SECOND), a.join("0003-sign-intermediates")).unwrap(), Fail, Sequence),
        ("something else lies in the authority", |a| fs::write(a.join("notes.txt"), "").unwrap(), Fail, Sequence),
    ]
}

#[test]
fn what_people_without_keys_change_is_noticed() {
    let wrong = attacks().into_iter().filter_map(|(what, attack, conclusion, id)| {
        let workshop = hold(Intermediate, &HONEST);
        attack(workshop.authority());
        // With the expected head a record that was cut is worse than incomplete: it is not the expected one.
        let head = (conclusion != Conclusion::Incomplete).then_some(workshop.head);
        let anchors = Anchors { head, ..anchors(&workshop) };
        misjudged(&workshop, &anchors, conclusion, id).map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}
