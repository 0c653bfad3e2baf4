//! Completions and manual pages follow the command line.

#[cfg(test)]
mod tests {
    use std::process::{Command, Output};

    use anchorite::cli::args::Arguments;
    use clap::CommandFactory as _;

    fn anchorite(arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_anchorite")).args(arguments).output().unwrap()
    }

    #[test]
    fn bash_completes_verbs_and_options() {
        let script = String::from_utf8(anchorite(&["completions", "bash"]).stdout).unwrap();
        for (words, at, expected) in [
            ("anchorite ver", 1, "verify"),
            ("anchorite verify --expect-h", 2, "--expect-head"),
            ("anchorite officer n", 2, "new"),
        ] {
            let last = words.rsplit(' ').next().unwrap();
            let asking = format!(
                "{script}\nCOMP_WORDS=({words}); COMP_CWORD={at}\n_anchorite anchorite {last} x\necho \"${{COMPREPLY[@]}}\""
            );
            let bash = Command::new("bash").args(["--norc", "-c", &asking]).output().unwrap();
            let answer = String::from_utf8_lossy(&bash.stdout).into_owned();
            assert!(answer.split_whitespace().any(|word| word == expected), "{words}: {answer} {bash:?}");
        }
    }

    #[test]
    fn each_verb_has_a_page_that_begins_with_its_name_and_ends_with_its_exit_codes() {
        let directory = tempfile::tempdir().unwrap();
        let pages = directory.path().join("man");
        let run = anchorite(&["man", "-o", pages.to_str().unwrap()]);
        assert!(run.status.success(), "{run:?}");
        for verb in Arguments::command().get_subcommands() {
            let name = format!("anchorite-{}", verb.get_name());
            let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
            assert!(page.contains(&format!(".TH {name} 1")), "{name}: {page}");
            assert!(page.contains(r#".SH "EXIT STATUS""#), "{name}: {page}");
        }
        for page in std::fs::read_dir(&pages).unwrap() {
            let page = std::fs::read_to_string(page.unwrap().path()).unwrap();
            for named in page.lines().filter_map(|line| line.strip_suffix("(1)")) {
                let named = named.replace('\\', "");
                assert!(
                    pages.join(format!("{named}.1")).is_file(),
                    "a page names {named}(1), which is not there"
                );
            }
        }
        let again = anchorite(&["man", "-o", pages.to_str().unwrap()]);
        assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
        assert_eq!(anchorite(&["man"]).stdout, std::fs::read(pages.join("anchorite.1")).unwrap());
    }
}
