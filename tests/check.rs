//! `anchorite check` as a person meets it: the program, files, what it prints and how it ends.

#[cfg(test)]
#[path = "support/check.rs"]
mod support;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use anchorite::plan::room;
    use anchorite::script::{self, Code};

    use super::support::{anchorite, codes, documented_examples, expected_codes, fixtures, scratch};

    #[test]
    fn each_bad_file_is_refused_for_exactly_its_mistakes() {
        for (path, text) in fixtures() {
            let run = anchorite(&["check", &path]);
            assert_eq!(codes(&run.stdout), expected_codes(&text), "{path}\n{}", run.stdout);
            assert_eq!(run.code, 1, "{path}");
            assert_eq!(run.stderr, "", "{path}");
            let count = expected_codes(&text).len();
            let noun = if count == 1 { "mistake" } else { "mistakes" };
            assert_eq!(run.stdout.lines().last(), Some(format!("{path}: {count} {noun}").as_str()));
        }
    }

    #[test]
    fn each_mistake_comes_with_its_place_and_a_remedy() {
        for (path, _) in fixtures() {
            let run = anchorite(&["check", &path]);
            let mistakes = codes(&run.stdout).len();
            assert_eq!(run.stdout.matches(&format!("--> {path}:")).count(), mistakes, "{}", run.stdout);
            assert_eq!(run.stdout.matches("= help: ").count(), mistakes, "{}", run.stdout);
            assert!(run.stdout.matches('^').count() >= mistakes, "{}", run.stdout);
        }
    }

    #[test]
    fn no_rule_is_without_a_file_that_breaks_it() {
        let broken: BTreeSet<String> = fixtures().iter().flat_map(|(_, text)| expected_codes(text)).collect();
        // The P rules need more than the file: `tests/runs/refused_by_the_plan.rs`.
        let rules = Code::ALL.iter().map(|code| code.id().to_owned());
        let rules: BTreeSet<String> = rules.filter(|id| !id.starts_with('P')).collect();
        assert_eq!(broken, rules);
    }

    #[test]
    fn a_pin_in_a_file_is_found_and_not_shown() {
        for name in ["secrets", "secret-in-a-step-that-is-not-built"] {
            let run = anchorite(&["check", &format!("tests/bad-ceremonies/check/{name}.toml")]);
            assert!(run.stdout.contains("error[S018]"), "{}", run.stdout);
            assert!(!run.stdout.contains("73914628"), "{}", run.stdout);
        }
    }

    #[test]
    fn hidden_characters_never_reach_the_terminal() {
        let run = anchorite(&["check", "tests/bad-ceremonies/check/hidden-characters.toml"]);
        assert!(!run.stdout.contains(['\u{202e}', '\u{200b}']), "{}", run.stdout);
    }

    #[test]
    fn the_documented_examples_are_accepted_and_summarised_step_by_step() {
        let examples = documented_examples();
        assert!(examples.len() >= 2);
        for (number, example) in examples.iter().enumerate() {
            let path = scratch(&format!("example-{number}.toml"), example.as_bytes());
            let run = anchorite(&["check", &path]);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
            let steps = example.matches("[[step]]").count();
            for id in example.lines().filter_map(|line| line.strip_prefix("id = \"")) {
                let id = id.trim_end_matches('"');
                assert!(run.stdout.lines().any(|line| line.contains(&format!("  {id}"))), "{id}");
            }
            assert!(run.stdout.ends_with(&format!(": no mistake, {steps} steps\n")), "{}", run.stdout);
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_a_bad_file_and_no_refusal() {
        let large = scratch("large.toml", &vec![b'#'; 1024 * 1024 + 1]);
        let binary = scratch("binary.toml", &[0x66, 0xff]);
        for (path, says) in [
            ("tests/no-such-file.toml", "cannot be read"),
            ("tests", "cannot be read"),
            (large.as_str(), "larger than 1 MiB"),
            (binary.as_str(), "not UTF-8 text, from byte 1 on"),
        ] {
            let run = anchorite(&["check", path]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{path}");
            assert!(run.stderr.contains(says) && run.stderr.contains("what to do:"), "{}", run.stderr);
        }
    }

    #[test]
    fn the_printed_schema_is_the_committed_one() {
        let run = anchorite(&["check", "--schema"]);
        assert_eq!(run.code, 0);
        assert!(run.stdout == include_str!("../docs/ceremony.schema.json"));
    }

    #[test]
    fn no_file_however_broken_makes_it_panic_or_stay_silent() {
        let example = documented_examples().swap_remove(0);
        let mistakes_of = |text: &str| match script::parse(text) {
            Ok(script) => room::check(&script),
            Err(mistakes) => {
                assert!(!mistakes.is_empty(), "refused without a reason:\n{text}");
                mistakes
            }
        };
        let judge = |text: &str| {
            let mistakes = mistakes_of(text);
            let rendered = script::render(&mistakes, "ceremony.toml", text, false);
            assert_eq!(codes(&rendered).len(), mistakes.len(), "{rendered}");
        };
        for place in (0..example.len()).filter(|place| example.is_char_boundary(*place)) {
            judge(&example[..place]);
            for other in ["", "\"", "[", "]", "{", "=", "\n", "9", ".", "\u{202e}"] {
                let mut text = example.clone();
                text.replace_range(place..=place, other);
                mistakes_of(&text);
            }
        }
        let lines: Vec<&str> = example.lines().collect();
        for line in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(line);
            judge(&without.join("\n"));
            let mut doubled = lines.clone();
            doubled.insert(line, lines[line]);
            judge(&doubled.join("\r\n"));
        }
    }
}
