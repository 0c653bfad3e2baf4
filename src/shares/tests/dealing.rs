use super::*;

#[test]
fn any_t_shares_unlock_and_name_who_did() {
    for (threshold, count) in [(2, 3), (3, 5), (5, 9), (16, 16)] {
        let dealt = dealt(threshold, count);
        for chosen in subsets(usize::from(count), u32::from(threshold)) {
            let mut source = answers(chosen.iter().map(|&place| dealt.words[place].as_str()));
            let unlocked = unlock_with(&dealt, &mut source).ok().unwrap();
            assert_eq!(unlocked.secret.expose_secret(), secret().expose_secret());
            let expected: Vec<Name> =
                chosen.iter().map(|&place| dealt.split.shares[place].holder.clone()).collect();
            assert_eq!(unlocked.by, expected);
        }
    }
}

#[test]
fn one_share_less_unlocks_nothing() {
    for (threshold, count) in [(2, 3), (3, 5), (5, 9), (16, 16)] {
        let dealt = dealt(threshold, count);
        for chosen in subsets(usize::from(count), u32::from(threshold) - 1) {
            let mut source = answers(chosen.iter().map(|&place| dealt.words[place].as_str()));
            assert!(matches!(unlock_with(&dealt, &mut source), Err(Stop::NoMoreAnswers)));
            assert!(source.problems.is_empty());
        }
    }
}

#[test]
fn only_a_quorum_of_different_people_is_dealt_to() {
    let deal_to = |threshold: u8, holders: &[Name]| {
        let terms = Deal {
            mode: Mode::Ceremony,
            authority: &name("example-lab"),
            ceremony: &Digest::ZERO,
            step: &name("provision"),
            set: ShareSetName::Operate,
            epoch: 1,
            threshold,
            holders,
        };
        deal(&terms, &secret(), &mut chance(1), &mut |_: &Sheet<'_>| -> Result<(), Error> {
            panic!("a sheet was shown")
        })
    };
    for (threshold, count) in [(0, 3), (1, 1), (1, 3), (2, 1), (4, 3), (2, 17), (17, 17), (0, 0)] {
        let error = Error::Quorum { threshold, holders: usize::from(count) };
        assert_eq!(deal_to(threshold, &holders(count)).err(), Some(error));
    }
    let twice = [name("officer-a"), name("officer-b"), name("officer-a")];
    assert_eq!(deal_to(2, &twice).err(), Some(Error::HolderTwice { holder: name("officer-a") }));
}

#[test]
fn the_dealer_stops_when_chance_or_a_sheet_fails() {
    let terms = Deal {
        mode: Mode::Ceremony,
        authority: &name("example-lab"),
        ceremony: &Digest::ZERO,
        step: &name("provision"),
        set: ShareSetName::Operate,
        epoch: 1,
        threshold: 2,
        holders: &holders(3),
    };
    let mut shown = 0;
    for working in 0..4 {
        let (mut left, mut good) = (working, chance(1));
        let mut random = |buffer: &mut [u8]| {
            left -= 1;
            if left < 0 { Err(Stop::NoMoreAnswers) } else { Ok(good(buffer)?) }
        };
        let result = deal::<Stop>(&terms, &secret(), &mut random, &mut |_| {
            shown += 1;
            Err(Stop::TheRecordIsFull)
        });
        // The set identifier, SLIP-39's identifier and the key of the digest are drawn.
        let expected = if working < 3 { Stop::NoMoreAnswers } else { Stop::TheRecordIsFull };
        assert_eq!(result.err(), Some(expected));
    }
    assert_eq!(shown, 1);
}

#[test]
fn what_goes_into_the_record_says_nothing_of_the_words() {
    let dealt = dealt(2, 3);
    let public = String::from_utf8(crate::format::to_json(&dealt.split).unwrap()).unwrap();
    for word in dealt.words.iter().flat_map(|words| words.split(' ')) {
        assert!(!public.contains(word), "{word}");
    }
    let set_id = &dealt.split.set_id;
    for (share, words) in dealt.split.shares.iter().zip(&dealt.words) {
        let lines = format!("anchorite-share/v1\n{}\n{set_id}\n{}\n{words}\n", dealt.ceremony, share.index);
        assert_eq!(share.commitment, Digest::of(lines.as_bytes()));
    }
}

#[test]
fn a_sheet_says_these_lines_and_no_more() {
    let dealt = dealt(2, 3);
    assert_eq!(dealt.sheets[1], include_str!("sheet.txt"));
    assert!(
        dealt.sheets.iter().flat_map(|sheet| sheet.lines()).all(|line| line.is_ascii() && line.len() <= 80)
    );
    // The names on a sheet can be longer, but not by the half of what is set aside for its text.
    assert!(dealt.sheets.iter().all(|sheet| sheet.len() < 6 * 1024));
}
