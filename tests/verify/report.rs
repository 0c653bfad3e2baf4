//! The report: right about good records and bad ones, in its text and in what the page finds by itself, and nobody changes
//! one unnoticed.

use std::fs;
use std::path::{Path, PathBuf};

use anchorite::format::*;
use anchorite::render::report;
use anchorite::verify::{self, Anchors, BundleFiles, CheckId, Conclusion};
use serde_json::{Value, json};

use super::browser::{PAPERS, Seen, open, open_all, print};
use super::bundle::{HONEST, Tricks, Workshop, name};
use super::command::Authority;
use super::mutants::Ceremony::{Genesis, Intermediate};
use super::mutants::{anchors, hold};

const DONE: &str = "document.documentElement.dataset.checked";

/// The files of the workshop's last ceremony.
fn last(workshop: &Workshop) -> BundleFiles {
    let mut bundles: Vec<PathBuf> =
        fs::read_dir(workshop.authority()).unwrap().map(|entry| entry.unwrap().path()).collect();
    bundles.retain(|path| path.join("log.jsonl").exists());
    bundles.sort();
    BundleFiles::read(bundles.last().unwrap()).unwrap()
}

fn page_of(files: &BundleFiles, anchors: &Anchors) -> String {
    report(files, &verify::bundle_files(files, anchors))
}

/// What each page finds by itself: its state, and the sentence that it shows.
fn seen(pages: &[String]) -> Vec<(String, String)> {
    let place = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..pages.len()).map(|n| place.path().join(format!("{n}.html"))).collect();
    for (path, page) in paths.iter().zip(pages) {
        fs::write(path, page).unwrap();
    }
    let value = format!("[{DONE}, document.getElementById('self-why').textContent]");
    let request = json!({"until": DONE, "value": value});
    let found = open_all(paths.iter().map(|path| (path.as_path(), request.clone())).collect());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    found.into_iter().map(Seen::quiet).map(|found| (text(&found[0]), text(&found[1]))).collect()
}

/// The page with another copy of the record in it.
fn with_copy(page: &str, change: impl FnOnce(&mut Value)) -> String {
    let (before, rest) = page.split_once("id=\"record\">").unwrap();
    let (copy, after) = rest.split_once("</script>").unwrap();
    let mut value: Value = serde_json::from_str(copy).unwrap();
    change(&mut value);
    format!("{before}id=\"record\">{value}</script>{after}")
}

/// Turns one bit of a file in the copy.
fn flip(copy: &mut Value, path: &str) {
    let mut bytes =
        Base64::parse(copy["files"][path].as_str().unwrap_or_else(|| panic!("{path}"))).unwrap().0;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    copy["files"][path] = json!(Base64(bytes).to_string());
}

#[test]
fn a_good_record_gives_a_page_that_says_so_and_finds_so() {
    let pages = [Genesis, Intermediate].map(|ceremony| {
        let workshop = hold(ceremony, &HONEST);
        page_of(&last(&workshop), &anchors(&workshop))
    });
    for (page, (state, why)) in pages.iter().zip(seen(&pages)) {
        assert!(page.contains("<p class=\"word\">PASS</p>"));
        assert_eq!(state, "holds", "{why}");
    }
}

#[test]
fn one_bit_anywhere_in_the_copy_and_the_page_fails_and_says_where() {
    let workshop = hold(Intermediate, &HONEST);
    let files = last(&workshop);
    let page = page_of(&files, &anchors(&workshop));
    let paths: Vec<&str> = files.iter().map(|(path, _)| path).collect();
    let pages: Vec<String> = paths.iter().map(|path| with_copy(&page, |copy| flip(copy, path))).collect();
    assert!(paths.len() > 20, "{paths:?}");
    for (path, (state, why)) in paths.iter().zip(seen(&pages)) {
        assert_eq!(state, "fails", "{path}: {why}");
        // What is wrong with a signature is said of its statement; keys stand in the roster, which is said first.
        let stem = path.trim_end_matches("sig");
        assert!(why.contains(stem), "{path}: {why}");
    }
}

type Change = (&'static str, fn(&str) -> String, &'static str);

#[test]
fn a_page_notices_what_is_missing_from_its_copy_or_contradicts_it() {
    let changes: [Change; 8] = [
        (
            "no base64",
            |page| with_copy(page, |copy| copy["files"]["log.jsonl"] = json!("%")),
            "log.jsonl is base64",
        ),
        (
            "no JSON",
            |page| page.replacen("{\"files\": {", "{\"files\": ", 1),
            "the copy of the record can be read",
        ),
        (
            "no log",
            |page| with_copy(page, |copy| drop(copy["files"].as_object_mut().unwrap().remove("log.jsonl"))),
            "log.jsonl",
        ),
        (
            "a file is gone",
            |page| {
                with_copy(page, |copy| {
                    drop(copy["files"].as_object_mut().unwrap().remove("artifacts/plan.json"))
                })
            },
            "artifacts/plan.json",
        ),
        (
            "a file more",
            |page| with_copy(page, |copy| copy["files"]["artifacts/more.txt"] = json!("")),
            "the manifest names artifacts/more.txt",
        ),
        (
            "a signature is gone",
            |page| {
                with_copy(page, |copy| {
                    drop(copy["files"].as_object_mut().unwrap().remove("seals/close.witness.sig"))
                })
            },
            "seals/close.witness.txt has a signature",
        ),
        (
            "a key that is on no roster",
            |page| with_copy(page, |copy| copy["keys"] = json!([])),
            "on the roster",
        ),
        (
            "another head in the text",
            |page| {
                let (before, head) = page.split_once("<div id=\"head\">").unwrap();
                let digit = head.find("<code>").unwrap() + 6;
                let other = if head.as_bytes()[digit] == b'0' { "1" } else { "0" };
                format!("{before}<div id=\"head\">{}{other}{}", &head[..digit], &head[digit + 1..])
            },
            "the head on this page is that of the log",
        ),
    ];
    let workshop = hold(Genesis, &HONEST);
    let page = page_of(&last(&workshop), &anchors(&workshop));
    let pages = changes.map(|(_, change, _)| change(&page));
    for ((what, _, told), (state, why)) in changes.into_iter().zip(seen(&pages)) {
        assert_eq!(state, "fails", "{what}: {why}");
        assert!(why.contains(told), "{what}: {why}");
    }
}

#[test]
fn what_is_wrong_with_a_record_stands_in_its_report_first() {
    type Wrong = (&'static str, Tricks, &'static str, &'static str);
    let cases: [Wrong; 4] = [
        ("a seal is missing", Tricks { closers: &["officer-a", "witness"], ..HONEST }, "UNSEALED", "holds"),
        (
            "the log stops",
            Tricks { items: |items| items.truncate(9), closers: &[], ..HONEST },
            "INCOMPLETE",
            "open",
        ),
        (
            "a seal of another plan",
            Tricks {
                seal: |seal| {
                    if seal.kind == SealKind::Close {
                        seal.plan_sha256 = Digest::ZERO
                    }
                },
                ..HONEST
            },
            "FAIL",
            "fails",
        ),
        (
            "a seal of a later head",
            Tricks {
                seal: |seal| {
                    if seal.kind == SealKind::Close {
                        seal.covered.head = Digest::ZERO
                    }
                },
                ..HONEST
            },
            "FAIL",
            "fails",
        ),
    ];
    let pages = cases.each_ref().map(|(_, tricks, ..)| {
        let workshop = hold(Genesis, tricks);
        page_of(&last(&workshop), &anchors(&workshop))
    });
    for (((what, _, word, expected), page), (state, why)) in cases.iter().zip(&pages).zip(seen(&pages)) {
        assert!(page.contains(&format!("<p class=\"word\">{word}</p>")), "{what}");
        assert_eq!(state, *expected, "{what}: {why}");
    }
    // A log that cannot be read gives a page that says so.
    let workshop = hold(Genesis, &HONEST);
    let log = workshop.authority().join("0001-genesis/log.jsonl");
    fs::write(&log, fs::read_to_string(&log).unwrap().replacen("\"n\":3", "\"n\":4", 1)).unwrap();
    let page = page_of(&last(&workshop), &anchors(&workshop));
    assert!(page.contains("<p class=\"word\">FAIL</p>") && page.contains("The log cannot be read"), "{page}");
    let (state, why) = seen(&[page]).remove(0);
    assert_eq!(state, "fails");
    assert!(why.contains("record 3 at byte"), "{why}");
}

const HOSTILE: &str =
    "</script></td><script>console.log('ran')</script><img src=x onerror=console.log(1)>\u{202e}\"'&";

#[test]
fn nothing_in_a_record_becomes_markup_and_exceptions_and_refusals_come_first() {
    let tricks = Tricks {
        plan: |plan| {
            for text in [&mut plan.policy, &mut plan.place, &mut plan.recording] {
                *text = Some(HOSTILE.to_owned());
            }
            plan.title = HOSTILE.to_owned();
            plan.waivers.push(Waiver {
                rule: Rule::PinStrength,
                reason: HOSTILE.to_owned(),
                until: plan.window.to,
            });
        },
        items: |items| {
            let text = || HOSTILE.to_owned();
            let step = || name("confirm");
            items.insert(
                1,
                Some(Event::ExceptionNoted(ExceptionNoted {
                    number: 1,
                    step: None,
                    class: ExceptionClass::Deviation,
                    expected: text(),
                    happened: text(),
                    decided: text(),
                    by: name("officer-a"),
                })),
            );
            let refusal = Some(text());
            let (by, said) = (name("officer-b"), text());
            items.insert(2, Some(Event::Attested(Attested { step: step(), by, text: said, refusal })));
            let (by, source, value) = (name("officer-b"), text(), text());
            items.insert(3, Some(Event::Beacon(Beacon { step: step(), by, source, value })));
            items.insert(
                4,
                Some(Event::CustodyNoted(CustodyNoted {
                    step: step(),
                    item: name("card"),
                    act: CustodyAct::Open,
                    number: text(),
                    expected: Some("A0017".to_owned()),
                    place: Some(text()),
                    by: name("officer-a"),
                    witness: name("witness"),
                })),
            );
        },
        event: |event| match event {
            Event::TokenFound(found) => {
                for text in [&mut found.serial, &mut found.label, &mut found.manufacturer, &mut found.model] {
                    *text = HOSTILE.to_owned();
                }
            }
            Event::Confirmed { text, .. } => *text = HOSTILE.to_owned(),
            _ => {}
        },
        opened: |opened| {
            opened.tool = HOSTILE.to_owned();
            opened.machine.kernel = Some(HOSTILE.to_owned());
        },
        ..HONEST
    };
    let workshop = hold(Genesis, &tricks);
    let page = page_of(&last(&workshop), &anchors(&workshop));
    let shown = page.matches("&lt;/script&gt;&lt;/td&gt;&lt;script&gt;console.log(&#39;ran&#39;)").count();
    assert!(shown > 20, "{shown}");
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    for (earlier, later) in [
        ("<h3>Exceptions: 1</h3>", "<h3>Attestations that were refused: 1</h3>"),
        ("<h3>Attestations that were refused: 1</h3>", "<h3>Waivers: 1</h3>"),
        ("<h3>Waivers: 1</h3>", "<h2>People</h2>"),
    ] {
        assert!(page.find(earlier).expect(earlier) < page.find(later).expect(later));
    }
    let path = workshop.directory.path().join("hostile.html");
    fs::write(&path, &page).unwrap();
    let value = "[document.querySelectorAll('img').length, document.querySelectorAll('script').length]";
    let found = open(&path, json!({"until": DONE, "value": value}));
    assert_eq!(found.quiet(), json!([0, 2]), "its own script and the copy");
}

#[test]
fn a_report_fills_sheets_of_a4_and_letter_with_the_head_on_each_and_lines_to_sign() {
    let workshop = hold(Genesis, &HONEST);
    let path = workshop.directory.path().join("report.html");
    fs::write(&path, page_of(&last(&workshop), &anchors(&workshop))).unwrap();
    for paper in PAPERS {
        let sheets = print(&path, DONE, paper);
        let count = sheets.len();
        for (number, sheet) in (1..).zip(&sheets) {
            let foot = sheet.trim_end().lines().last().unwrap();
            let shown = foot.split_whitespace().collect::<Vec<_>>().join(" ");
            let head = workshop.head;
            assert_eq!(shown, format!("0001-genesis head {head} page {number} of {count}"), "{}", paper.2);
        }
        let last = sheets.last().unwrap();
        assert!(
            last.contains("I do not agree") && last.contains("officer-a") && last.contains("witness"),
            "{last}"
        );
    }
}

#[test]
fn a_phone_reads_the_head_from_the_paper() {
    let workshop = hold(Genesis, &HONEST);
    let path = workshop.directory.path().join("report.html");
    fs::write(&path, page_of(&last(&workshop), &anchors(&workshop))).unwrap();
    for dark in [false, true] {
        let picture = workshop.directory.path().join("report.png");
        open(&path, json!({"until": DONE, "screenshot": picture, "dark": dark, "width": 900})).quiet();
        let read = std::process::Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&picture).output();
        let read = read.expect("apt-get install zbar-tools");
        let head = workshop.head.to_string().to_uppercase();
        assert_eq!(
            String::from_utf8_lossy(&read.stdout).trim(),
            format!("ANCHORITE HEAD {head}"),
            "dark {dark}"
        );
    }
}

type Forgery = (&'static str, fn(&str) -> String, i32);

#[test]
fn verify_takes_the_report_that_the_bundle_gives_and_no_other() {
    let authority = Authority::of_two_ceremonies();
    let bundle = authority.path().join("0002-sign-intermediates");
    let head = authority.head();
    let anchors = ["--roster", authority.roster(), "--expect-head", &head];
    let write = |path: &Path, of: &Path, more: &[&str]| {
        let (output, of) = (path.to_str().unwrap(), of.to_str().unwrap());
        authority.anchorite(&[&["report", of, "--output", output], more].concat())
    };
    let place = tempfile::tempdir().unwrap();
    let judged = |report: &Path, more: &[&str]| {
        authority.verify(&bundle, &[&["--report", report.to_str().unwrap()], more].concat())
    };
    let path = place.path().join("report.html");
    assert!(write(&path, &bundle, &anchors).status.success());
    let again = write(&path, &bundle, &anchors);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
    let page = fs::read_to_string(&path).unwrap();

    // The whole, and what whoever had fewer anchors wrote: each says what it was judged against.
    let (code, text) = judged(&path, &anchors);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(" G2 "), "{text}");
    for (number, fewer) in [&[][..], &anchors[..2], &anchors[2..]].into_iter().enumerate() {
        let path = place.path().join(format!("fewer-{number}.html"));
        assert!(write(&path, &bundle, fewer).status.success());
        assert_ne!(fs::read_to_string(&path).unwrap(), page);
        let (code, text) = judged(&path, &anchors);
        assert_eq!(code, 0, "{fewer:?}: {text}");
    }
    let (code, text) = judged(&path, &[]);
    assert_eq!(code, 5, "the auditor's own anchors decide: {text}");

    let forgeries: [Forgery; 8] = [
        (
            "the verdict",
            |page| page.replacen("Everything that could be checked holds", "Everything holds", 1),
            1,
        ),
        ("a subject", |page| page.replacen("CN=Example Istio CA", "CN=Example Istio CB", 1), 1),
        ("the page's own checks", |page| page.replacen("const ZERO", "const  ZERO", 1), 1),
        ("the policy", |page| page.replacen("default-src &#39;none&#39;", "default-src *", 1), 1),
        ("one bit of the copy", |page| with_copy(page, |copy| flip(copy, "log.jsonl")), 1),
        ("the end", |page| page[..page.len() - 1].to_owned(), 1),
        ("more at the end", |page| format!("{page}\n"), 1),
        ("another version", |page| page.replacen("content=\"anchorite ", "content=\"anchorite 9", 1), 6),
    ];
    for (what, forge, expected) in forgeries {
        let forged = place.path().join("forged.html");
        let text = forge(&page);
        assert_ne!(text, page, "{what}");
        fs::write(&forged, text).unwrap();
        let (code, text) = judged(&forged, &anchors);
        assert_eq!(code, expected, "{what}: {text}");
        let line = text.lines().find(|line| line.starts_with(" G2")).unwrap();
        assert!(line.contains(if expected == 1 { "FAIL" } else { "unsupported" }), "{what}: {line}");
    }
    let other = place.path().join("other.html");
    assert!(write(&other, &authority.path().join("0001-genesis"), &anchors[..2]).status.success());
    let (code, text) = judged(&other, &anchors);
    assert_eq!(code, 1, "the report of another ceremony: {text}");

    let whole = authority.verify(authority.path(), &["--report", path.to_str().unwrap()]);
    assert_eq!(whole.0, 2, "a report is of one bundle");
    assert_eq!(write(&place.path().join("whole.html"), authority.path(), &[]).status.code(), Some(2));
}

#[test]
fn the_check_of_a_report_counts_in_the_verdict() {
    let workshop = hold(Genesis, &HONEST);
    let files = last(&workshop);
    let verdict = verify::bundle_files(&files, &anchors(&workshop));
    let page = report(&files, &verdict);
    assert_eq!(verdict.conclusion, Conclusion::Pass);
    let same = verify::report(page.as_bytes(), std::slice::from_ref(&page));
    assert_eq!((same.id, verdict.clone().with(same).conclusion), (CheckId::Report, Conclusion::Pass));
    let other = verify::report(b"", std::slice::from_ref(&page));
    assert_eq!(verdict.with(other).conclusion, Conclusion::Fail);
}
