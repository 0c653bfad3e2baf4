use super::*;
use crate::format::{Mode, ShareSetName};
use crate::shares::tests::{chance, name, python};

const WORDS: &str = "academic acid acne acquire acrobat activity actress adapt adequate adjust admit adorn adult \
    advance advocate afraid again agency agree aide aircraft airline airport ajar alarm album alcohol alien alive \
    alpha already alto aluminum";

/// What `act` makes of the sheet of share 2 of 3.
fn with_sheet<T>(act: impl FnOnce(&Sheet<'_>) -> T) -> T {
    with_sheet_of("officer-b", ShareSetName::Operate, act)
}

fn with_sheet_of<T>(holder: &str, set: ShareSetName, act: impl FnOnce(&Sheet<'_>) -> T) -> T {
    with_sheet_in(Mode::Ceremony, holder, set, act)
}

fn with_sheet_in<T>(mode: Mode, holder: &str, set: ShareSetName, act: impl FnOnce(&Sheet<'_>) -> T) -> T {
    let shares = (1..=3).zip(["officer-a", holder, "officer-c"]);
    let split = SharesSplit {
        step: name("provision"),
        set,
        set_id: crate::format::Hex(vec![0x57, 0x0f, 0xb1, 0x5b]),
        epoch: 1,
        threshold: 2,
        shares: shares
            .map(|(index, holder)| ShareCommitment {
                index,
                holder: name(holder),
                commitment: Digest::of(b"2"),
            })
            .collect(),
        check: Digest::ZERO,
    };
    let words = ShareWords::new(Zeroizing::new(WORDS.to_owned()));
    act(&Sheet::new(mode, &name("example-lab"), &Digest::of(b"genesis"), &split, &split.shares[1], &words))
}

fn html() -> String {
    with_sheet(|sheet| sheet.html.to_string())
}

#[test]
fn both_pages_have_the_same_words_and_facts() {
    with_sheet(|sheet| {
        for page in sheet.pages() {
            assert_eq!(words_from_sheet(page).unwrap().expose_words(), WORDS);
            // Set aside once: a text that grows leaves copies behind.
            assert!(page.len() < CAPACITY - 1024, "{}", page.len());
            for (label, value) in sheet.facts.lines() {
                assert!(page.contains(label) && page.contains(&value), "{label}: {value}");
            }
            for text in
                [sheet.facts.check_words().as_str(), "anchorite share check RECORD --holder officer-b"]
            {
                assert!(page.contains(text), "{text}");
            }
        }
        assert!(sheet.text.is_ascii() && sheet.text.lines().all(|line| line.len() <= 80), "{}", *sheet.text);
    });
}

#[test]
fn the_longest_names_fit_on_a_sheet() {
    let longest = "n".repeat(40);
    with_sheet_of(&longest, ShareSetName::Recovery, |sheet| {
        assert!(sheet.text.lines().all(|line| line.len() <= 80), "{}", *sheet.text);
        assert!(sheet.pages().iter().all(|page| page.len() < CAPACITY - 1024));
        assert_eq!(words_from_sheet(&sheet.text).unwrap().expose_words(), WORDS);
    });
}

#[test]
fn the_html_page_runs_nothing_and_fetches_nothing() {
    let html = html();
    let lower = html.to_ascii_lowercase();
    for foreign in
        ["<script", "<link", "<img", "src=", "href=", "url(", "@import", "http:", "https:", " on", "\"on"]
    {
        assert!(!lower.contains(foreign), "{foreign}");
    }
    let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let digest = python(&format!(
        "__import__('base64').b64encode(__import__('hashlib').sha256({style:?}.encode()).digest()).decode()"
    ));
    let policy = format!("content=\"default-src 'none'; style-src 'sha256-{digest}'\"");
    assert!(html.contains(&policy), "the style's digest is {digest}");
}

#[test]
fn every_element_of_the_html_page_is_closed() {
    let html = html();
    let mut open = Vec::new();
    for tag in html.split('<').skip(1).map(|piece| piece.split('>').next().unwrap()) {
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{html}"),
            None if tag.starts_with('!') || tag.starts_with("meta ") => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned()))
}

const RIGHT: &str = "six words that nobody draws twice";

#[derive(Debug, PartialEq)]
enum Stop {
    File(ShareFileError),
}

impl From<ShareFileError> for Stop {
    fn from(error: ShareFileError) -> Self {
        Self::File(error)
    }
}

fn sealed(under: &str) -> Result<Vec<u8>, Stop> {
    sealed_in(Mode::Ceremony, under)
}

fn sealed_in(mode: Mode, under: &str) -> Result<Vec<u8>, Stop> {
    let mut chance = chance(9);
    let mut random = |buffer: &mut [u8]| {
        chance(buffer).unwrap();
        Ok(())
    };
    with_sheet_in(mode, "officer-b", ShareSetName::Operate, |sheet| {
        sheet.seal::<Stop>(&passphrase(under), &mut random)
    })
}

#[test]
fn a_share_file_of_a_rehearsal_says_so_in_its_first_line() {
    let file = sealed_in(Mode::Rehearsal, RIGHT).unwrap();
    assert!(file.starts_with(b"anchorite-rehearsal-share-file/v1\n") && is_share_file(&file));
    assert_eq!(open_share_file(&file, &passphrase(RIGHT)).unwrap().expose_words(), WORDS);
    let text = String::from_utf8(file).unwrap();
    let as_a_ceremony = text.replace("anchorite-rehearsal-", "anchorite-");
    let opened = open_share_file(as_a_ceremony.as_bytes(), &passphrase(RIGHT));
    assert_eq!(opened.err(), Some(ShareFileError::NotOpened));
}

#[test]
fn a_share_file_opens_with_its_passphrase_and_with_no_other() {
    let file = sealed(RIGHT).unwrap();
    assert_eq!(open_share_file(&file, &passphrase(RIGHT)).unwrap().expose_words(), WORDS);
    for wrong in ["", "six words that nobody draws", "Six words that nobody draws twice"] {
        assert_eq!(open_share_file(&file, &passphrase(wrong)).err(), Some(ShareFileError::NotOpened));
    }
    let text = String::from_utf8(file).unwrap();
    assert!(WORDS.split(' ').all(|word| !text.contains(word)), "{text}");
    assert_eq!(
        sealed("eleven char").err(),
        Some(Stop::File(ShareFileError::ShortPassphrase { characters: 11 }))
    );
}

#[test]
fn no_line_of_a_share_file_can_be_changed() {
    let text = String::from_utf8(sealed(RIGHT).unwrap()).unwrap();
    assert_eq!(text.lines().count(), 16);
    let line = |number, label| ShareFileError::Line { number, label };
    let cost = |memory_kib, passes, lanes| ShareFileError::Cost { memory_kib, passes, lanes };
    for (from, to, error) in [
        ("share-file/v1", "share-file/v2", ShareFileError::Format),
        ("authority: example-lab", "authority: example-prod", ShareFileError::NotOpened),
        ("set: operate", "set: recovery", ShareFileError::NotOpened),
        ("holder: officer-b", "holder: officer-c", ShareFileError::NotOpened),
        ("epoch: 1", "epoch: 2", ShareFileError::NotOpened),
        ("epoch: 1\n", "", line(6, "epoch")),
        ("kdf: argon2id", "kdf: argon2i", line(9, "kdf")),
        ("memory-kib: 65536", "memory-kib: 65537", ShareFileError::NotOpened),
        ("memory-kib: 65536", "memory-kib: 1048577", cost(1_048_577, 3, 4)),
        ("memory-kib: 65536", "memory-kib: 8", cost(8, 3, 4)),
        ("memory-kib: 65536", "memory-kib: -1", line(10, "memory-kib")),
        ("passes: 3", "passes: 0", cost(65536, 0, 4)),
        ("passes: 3", "passes: 65", cost(65536, 65, 4)),
        ("lanes: 4", "lanes: 17", cost(65536, 3, 17)),
        ("salt: ", "salt: 00", line(13, "salt")),
        ("aead: chacha20", "aead: xchacha20", line(14, "aead")),
        ("nonce: ", "nonce: 0", line(15, "nonce")),
        ("sealed: ", "sealed: 00", line(16, "sealed")),
        ("sealed: ", "sealed:", line(16, "sealed")),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert_eq!(open_share_file(changed.as_bytes(), &passphrase(RIGHT)).err(), Some(error), "{to}");
    }
    for (changed, error) in [
        (format!("{text}\n"), line(16, "sealed")),
        (text.trim_end().to_owned(), line(16, "sealed")),
        (text.replace('\n', "\r\n"), ShareFileError::Format),
        (String::new(), ShareFileError::Format),
    ] {
        assert_eq!(open_share_file(changed.as_bytes(), &passphrase(RIGHT)).err(), Some(error), "{changed}");
    }
    // Each octet of what is sealed counts: the first, the last of the words, the last of the tag.
    let begin = text.find("sealed: ").unwrap() + 8;
    for place in [begin, begin + 599, begin + 631] {
        let mut changed = text.clone().into_bytes();
        changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
        let error = open_share_file(&changed, &passphrase(RIGHT)).err();
        assert_eq!(error, Some(ShareFileError::NotOpened), "{place}");
    }
}
