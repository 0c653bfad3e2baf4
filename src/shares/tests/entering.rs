use super::*;

#[test]
fn a_wrong_word_is_named_by_its_place_wherever_it_is() {
    let dealt = dealt(2, 3);
    let right: Vec<&str> = dealt.words[0].split(' ').collect();
    let list: Vec<&str> = include_str!("../slip39/english.txt").lines().collect();
    for place in 0..33 {
        for &wrong in list.iter().skip(place).step_by(97).filter(|&&wrong| wrong != right[place]) {
            let mut words = right.clone();
            words[place] = wrong;
            let expected = ShareProblem::Checksum { suspect: Some(place + 1) };
            assert_eq!(problem_with(&dealt, &words.join(" ")), expected, "{wrong}");
        }
    }
}

#[test]
fn no_other_word_in_any_place_makes_a_share() {
    let dealt = dealt(2, 3);
    let right: Vec<&str> = dealt.words[0].split(' ').collect();
    for place in 0..33 {
        for wrong in include_str!("../slip39/english.txt").lines().filter(|&wrong| wrong != right[place]) {
            let mut words = right.clone();
            words[place] = wrong;
            assert!(Share::parse(&words.join(" ")).is_err(), "{wrong} in place {}", place + 1);
        }
    }
}

#[test]
fn two_words_that_changed_places_are_noticed_and_no_third_is_accused() {
    let dealt = dealt(2, 3);
    let right: Vec<&str> = dealt.words[0].split(' ').collect();
    for (first, second) in (0..33).flat_map(|first| (0..first).map(move |second| (first, second))) {
        if right[first] != right[second] {
            let mut words = right.clone();
            words.swap(first, second);
            let problem = problem_with(&dealt, &words.join(" "));
            assert_eq!(problem, ShareProblem::Checksum { suspect: None });
        }
    }
}

#[test]
fn two_wrong_words_accuse_none_and_three_are_never_taken_for_a_share() {
    let dealt = dealt(2, 3);
    let right: Vec<&str> = dealt.words[0].split(' ').collect();
    let list: Vec<&str> = include_str!("../slip39/english.txt").lines().collect();
    let mut chance = chance(5);
    let mut draw = |limit: usize| {
        let mut octets = [0; 2];
        chance(&mut octets).unwrap();
        usize::from(u16::from_be_bytes(octets)) % limit
    };
    let mut pointed_at = 0;
    for wrong in [2, 3] {
        for _ in 0..2000 {
            let mut words = right.clone();
            while words.iter().zip(&right).filter(|(word, right)| word != right).count() < wrong {
                words[draw(33)] = list[draw(1024)];
            }
            let Err(ShareProblem::Checksum { suspect }) = read(&words.join(" ")) else {
                panic!("{wrong} wrong words were taken for a share");
            };
            // The code's distance is 4: one exchange cannot mend two wrong words.
            assert!(wrong == 3 || suspect.is_none());
            pointed_at += usize::from(suspect.is_some());
        }
    }
    // Three wrong words can look like one: about 33 * 1023 of 2^30 residues do, so that this has to be rare.
    assert!(pointed_at < 5, "{pointed_at}");
}

/// The reader alone: what it says does not depend on the rest of an entry.
fn read(words: &str) -> Result<Share, ShareProblem> {
    super::super::entry::read(&ShareWords::new(Zeroizing::new(words.to_owned())))
}

#[test]
fn what_is_no_word_and_what_is_not_33_words_is_said_so() {
    let dealt = dealt(2, 3);
    let words: Vec<&str> = dealt.words[0].split(' ').collect();
    let mut unknown = words.clone();
    unknown[11] = "anchorite";
    let mut empty = words.clone();
    empty.clear();
    for (entered, problem) in [
        (unknown.join(" "), ShareProblem::UnknownWord { position: 12 }),
        (words[..32].join(" "), ShareProblem::WordCount { found: 32 }),
        (format!("{} academic", words.join(" ")), ShareProblem::WordCount { found: 34 }),
        (words[..20].join(" "), ShareProblem::WordCount { found: 20 }),
        (empty.join(" "), ShareProblem::WordCount { found: 0 }),
    ] {
        assert_eq!(problem_with(&dealt, &entered), problem);
    }
}

#[test]
fn four_letters_in_any_case_are_enough_for_a_word() {
    let dealt = dealt(2, 3);
    let short: Vec<String> = dealt
        .words
        .iter()
        .map(|words| words.split(' ').map(|word| format!("\t{} ", &word[..4])).collect())
        .collect();
    let loud = dealt.words[1].to_ascii_uppercase();
    assert!(unlock_with(&dealt, &mut answers([short[0].as_str(), &loud])).is_ok());
    for wrong in ["", "aca", "acax", "academicx", "academics", "ac demic", "äcad"] {
        assert!(Word::complete(wrong).is_none(), "{wrong}");
    }
    assert_eq!(Word::complete("ACADEM").unwrap().as_str(), "academic");
}

#[test]
fn a_share_of_another_secret_split_or_ceremony_is_refused() {
    let dealt = dealt(2, 3);
    let foreign = |other: Dealt, place: usize| other.words[place].clone();
    let holder = name("officer-b");
    for (words, problem) in [
        // Nothing in one share's words tells one split of a set from another; the commitment does.
        (
            foreign(dealt_in("genesis", 7, 2, 3), 1),
            ShareProblem::CommitmentMismatch { holder: holder.clone() },
        ),
        (foreign(dealt_in("genesis", 1, 3, 3), 1), ShareProblem::OtherSet),
        (foreign(dealt_in("genesis", 1, 2, 5), 4), ShareProblem::OtherSet),
        // One of the standard's vectors, and one that the reference tool made.
        (NOT_EXTENDABLE.to_owned(), ShareProblem::OtherSet),
        (EXPONENT_3.to_owned(), ShareProblem::OtherSet),
    ] {
        assert_eq!(problem_with(&dealt, &words), problem, "{words}");
    }
    // The right words in another ceremony have another commitment.
    let mut source = answers([dealt.words[1].as_str()]);
    assert!(unlock(&Digest::of(b"another"), &dealt.split, &[], &mut source).is_err());
    assert_eq!(source.problems, [ShareProblem::CommitmentMismatch { holder }]);
}

const NOT_EXTENDABLE: &str = "humidity disease academic always aluminum jewelry energy woman receiver strategy \
    amuse duckling lying evidence network walnut tactics forget hairy rebound impulse brother survive clothes \
    stadium mailman rival ocean reward venture always armed unwrap";
const EXPONENT_3: &str = "mule liquid academic acid ambition decorate cowboy tricycle hairy sweater dining curious \
    usher debut cultural cause angel alarm broken vampire album verdict racism fridge snake finance venture \
    duckling payment laundry scroll vocal velvet";

#[test]
fn a_set_that_does_not_fit_the_first_share_is_named_at_once() {
    let (dealt, other) = (dealt(2, 3), dealt_in("genesis", 7, 2, 3));
    let mut source = answers([dealt.words[0].as_str(), &other.words[1]]);
    assert!(unlock_with(&dealt, &mut source).is_err());
    assert_eq!(source.problems, [ShareProblem::OtherSet]);
}

#[test]
fn a_share_counts_once() {
    let dealt = dealt(2, 3);
    let [first, second, _] = &dealt.words[..] else { panic!("three shares") };
    let mut source = answers([first.as_str(), first, second]);
    let unlocked = unlock_with(&dealt, &mut source).ok().unwrap();
    assert_eq!(unlocked.by, [name("officer-a"), name("officer-b")]);
    assert_eq!(source.problems, [ShareProblem::AlreadyEntered { holder: name("officer-a") }]);
    let asked: Vec<usize> = source.asked.iter().map(|(_, done, _)| done.len()).collect();
    assert_eq!(asked, [0, 1, 1]);
}

#[test]
fn all_holders_enter_their_own_shares_before_the_secret_is_used() {
    let dealt = dealt(2, 3);
    let [first, second, third] = &dealt.words[..] else { panic!("three shares") };
    let mut source = answers([first.as_str(), third, second, third]);
    let mut verified = Vec::new();
    let rebuilt = verify_all::<Stop>(&dealt.ceremony, &dealt.split, &mut source, &mut |index, holder| {
        verified.push((index, holder.clone()));
        Ok(())
    });
    assert_eq!(rebuilt.ok().unwrap().expose_secret(), secret().expose_secret());
    let everyone = [(1, name("officer-a")), (2, name("officer-b")), (3, name("officer-c"))];
    assert_eq!(verified, everyone);
    assert_eq!(source.accepted, everyone);
    let problem = ShareProblem::NotTheHolder { expected: name("officer-b"), found: name("officer-c") };
    assert_eq!(source.problems, [problem]);
    assert!(source.asked.iter().all(|(wanted, _, needed)| wanted.is_some() && *needed == 3));
}

#[test]
fn a_holder_who_cannot_enter_the_share_stops_the_verification() {
    let dealt = dealt(2, 3);
    let mut source = answers(dealt.words.iter().take(2).map(String::as_str));
    let result = verify_all::<Stop>(&dealt.ceremony, &dealt.split, &mut source, &mut |_, _| Ok(()));
    assert_eq!(result.err(), Some(Stop::NoMoreAnswers));

    let mut source = answers(dealt.words.iter().map(String::as_str));
    let mut full = |_: u8, _: &Name| Err(Stop::TheRecordIsFull);
    let result = verify_all::<Stop>(&dealt.ceremony, &dealt.split, &mut source, &mut full);
    assert_eq!(result.err(), Some(Stop::TheRecordIsFull));
    assert_eq!(source.accepted.len(), 1);
}

#[test]
fn a_record_that_was_changed_unlocks_nothing() {
    type Change = fn(&mut SharesSplit);
    let changes: [(Change, Error); 7] = [
        (|split| split.check = Digest::ZERO, Error::CheckValue),
        (|split| split.epoch = 2, Error::CheckValue),
        (|split| split.set = ShareSetName::Recovery, Error::CheckValue),
        (|split| split.threshold = 1, Error::Quorum { threshold: 1, holders: 3 }),
        (|split| split.threshold = 4, Error::Quorum { threshold: 4, holders: 3 }),
        (|split| split.shares[2].index = 4, Error::Numbering),
        (
            |split| split.shares[2].holder = split.shares[0].holder.clone(),
            Error::HolderTwice { holder: "officer-a".parse().unwrap() },
        ),
    ];
    for (change, error) in changes {
        let mut dealt = dealt(2, 3);
        change(&mut dealt.split);
        let mut source = answers(dealt.words.iter().map(String::as_str));
        assert_eq!(unlock_with(&dealt, &mut source).err(), Some(Stop::Room(error)));
    }
}

#[test]
fn a_problem_is_said_in_one_sentence_without_a_word_of_the_share() {
    let (holder, found) = (name("officer-a"), name("officer-b"));
    for (problem, sentence) in [
        (ShareProblem::Checksum { suspect: Some(17) }, "the words do not fit together: check word 17"),
        (
            ShareProblem::Checksum { suspect: None },
            "the words do not fit together: more than one is wrong, or two changed places",
        ),
        (ShareProblem::UnknownWord { position: 3 }, "word 3 is not in the SLIP-39 word list"),
        (ShareProblem::WordCount { found: 34 }, "a share has 33 words, and 34 were entered"),
        (ShareProblem::OtherSet, "these are the words of a share of another set"),
        (
            ShareProblem::AlreadyEntered { holder: holder.clone() },
            "the share of `officer-a` was entered already",
        ),
        (
            ShareProblem::CommitmentMismatch { holder: holder.clone() },
            "these words fit together, but they are not the share that was dealt to `officer-a`",
        ),
        (
            ShareProblem::NotTheHolder { expected: holder, found },
            "this is the share of `officer-b`, and that of `officer-a` is wanted",
        ),
    ] {
        assert_eq!(problem.to_string(), sentence);
    }
}
