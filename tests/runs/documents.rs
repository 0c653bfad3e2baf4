//! What the documents tell people to type, typed.

use std::path::Path;

use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, repository};
use crate::proxy::Proxy;
use crate::verifiers::python_path;

/// The commands of the first `sh` block below a heading.
fn commands(document: &str, heading: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository(document)).unwrap();
    let (_, below) = text.split_once(&format!("\n## {heading}\n")).expect(heading);
    let (_, block) = below.split_once("```sh\n").expect("a block of commands");
    let (block, _) = block.split_once("```").expect("the end of the block");
    let joined = block.replace("\\\n", " ");
    let commands = joined.lines().map(|line| line.split('#').next().unwrap_or_default());
    commands.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Every `sh` block of a document, with the heading above it.
pub(crate) fn blocks(document: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(repository(document)).unwrap();
    let mut found = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap();
        for block in body.split("```sh\n").skip(1) {
            let (commands, _) = block.split_once("```").expect("the end of the block");
            found.push((heading.to_owned(), commands.to_owned()));
        }
    }
    found
}

#[test]
fn a_record_is_verified_without_anchorite_as_the_readme_says() {
    let lab = Lab::after_genesis();
    let blocks: Vec<String> = blocks("README.md")
        .into_iter()
        .filter_map(|(heading, block)| (heading == "Verify without anchorite").then_some(block))
        .collect();
    let [whole, bundle] = blocks.as_slice() else { panic!("two blocks: {blocks:?}") };
    std::fs::create_dir(lab.path("scripts")).unwrap();
    std::fs::copy(repository("scripts/verify.py"), lab.path("scripts/verify.py")).unwrap();
    let path = python_path(&repository("scripts"));
    let whole = format!("export PYTHONPATH={path}; {}", whole.replace("HEAD", &lab.head()));
    lab.tool("sh", "dash", &["-ec", &whole]).ends(0, "VERDICT  PASS");
    lab.tool("sh", "dash", &["-ec", &format!("cd authority/0001-genesis\n{bundle}")]).done();
}

#[test]
fn an_auditor_gets_a_verdict_as_the_guide_says() {
    let lab = Lab::after_genesis();
    std::fs::create_dir(lab.path("scripts")).unwrap();
    for script in ["verify.py", "verify.sh"] {
        std::fs::copy(repository(&format!("scripts/{script}")), lab.path(&format!("scripts/{script}")))
            .unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_anchorite")).parent().unwrap();
    let environment = format!(
        "export PYTHONPATH={}; PATH={}:$PATH",
        python_path(&repository("scripts")),
        program.display()
    );
    let blocks = blocks("docs/auditor-guide.md");
    let headings: Vec<&str> = blocks.iter().map(|(heading, _)| heading.as_str()).collect();
    assert_eq!(
        headings,
        ["With anchorite", "With Python", "With a shell and openssl", "With a shell and openssl"]
    );
    for (place, (heading, block)) in blocks.iter().enumerate() {
        let commands = format!("{environment}\n{}", block.replace("HEAD", &lab.head()));
        let told = ["VERDICT  PASS", "VERDICT  PASS", "chain and seals hold", "verify OK"][place];
        let shown = lab.tool("sh", "dash", &["-ec", &commands]).ends(0, told);
        assert!(!shown.contains("FAIL"), "{heading}: {shown}");
    }
}

#[test]
fn a_ceremony_is_held_as_the_readme_says() {
    let lab = Lab::after_genesis();
    std::fs::copy(lab.path("ceremonies/sign-intermediates.toml"), lab.path("genesis.toml")).unwrap();
    crate::lab::copy(&lab.path("ceremonies/inputs"), &lab.path("inputs"));
    let mut run = 0;
    for command in commands("README.md", "A ceremony, step by step") {
        let command = command.strip_prefix("anchorite ").expect("a command of this program").to_owned();
        // The prompts of a person are answered from custody; the arguments are the document's.
        let ran = match command.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["officer", "new"] => {
                lab.anchorite(&format!("{command} --passphrase-file custody/officer-a.passphrase"))
            }
            ["officer", "sign"] => {
                for person in TWO_OFFICERS {
                    let command = command
                        .replace("--as officer-a", &format!("--as {person}"))
                        .replace("officer-a.key.pem", &format!("custody/{person}.key.pem"));
                    let file = format!("custody/{person}.passphrase");
                    lab.anchorite(&format!("{command} --passphrase-file {file} --yes")).done();
                }
                continue;
            }
            ["run", _] => {
                lab.anchorite(&format!("{command} --answers ceremonies/answers.toml --custody custody"))
            }
            ["verify", _] => lab.anchorite(&command.replace("HEAD", &lab.head())),
            _ => lab.anchorite(&command),
        };
        ran.done();
        run += 1;
    }
    assert_eq!(run, 7, "every command but the approvals, which two officers gave");

    let between = commands("README.md", "Between ceremonies");
    for command in &between {
        let ran = lab.anchorite(command.strip_prefix("anchorite ").unwrap());
        // Whether something is due depends on the day.
        let expected = if command.contains(" due ") { ran.code.min(1) } else { 0 };
        assert_eq!(ran.code, expected, "{command}: {}", ran.shown);
    }
    assert_eq!(between.len(), 3);
    assert!(lab.path("istio/root-cert.pem").is_file());
}

#[test]
fn paper_is_made_and_compared_as_its_document_says() {
    let lab = Lab::after_genesis();
    std::fs::copy(repository("scripts/verify.py"), lab.path("verify.py")).unwrap();
    let genesis =
        "plan ceremonies/sign-intermediates.toml --authority authority --roster roster.toml --output plan";
    lab.anchorite(genesis).done();
    let mut typed = Vec::new();
    for (_, block) in blocks("docs/paper.md") {
        for command in block.lines().map(|line| line.replace("HEAD", &lab.head())) {
            match command.strip_prefix("anchorite ") {
                Some(arguments) => lab.anchorite(arguments).done(),
                None => {
                    let mut python = std::process::Command::new("sh");
                    let path = python_path(&repository("scripts"));
                    python.args(["-ec", &command]).current_dir(lab.path("")).env("PYTHONPATH", path);
                    crate::lab::ran(&mut python).done()
                }
            };
            typed.push(command);
        }
    }
    assert_eq!(typed.len(), 4, "{typed:?}");
    // What was typed last were the two commands that do not believe the page.
    lab.edit("report.html", "PASS", "GOOD");
    lab.anchorite(typed[2].strip_prefix("anchorite ").unwrap()).ends(1, "from byte");
}

#[test]
fn what_went_wrong_is_brought_to_an_end_as_its_page_says() {
    const PAGE: &str = "docs/when-something-goes-wrong.md";
    for (last, said) in
        [("adopt", "complete and sealed"), ("destroy", "complete and sealed"), ("abort", "aborted")]
    {
        let lab = Lab::blank();
        let proxy = Proxy::of(&lab);
        proxy.bind(&lab, "proxy.toml", "blank = true");
        lab.plan("genesis").done();
        lab.approve("genesis", "proxy.toml", &EVERYBODY);
        proxy.kill("after", "C_GenerateKeyPair", 1);
        assert!(
            !lab.command(&Lab::run_arguments("genesis", "proxy.toml")).output().unwrap().status.success()
        );
        proxy.spare();
        let typed = |command: &str| {
            let program = env!("CARGO_BIN_EXE_anchorite");
            let answered = format!(
                "anchorite() {{ {program} \"$@\" --answers ceremonies/answers.toml --custody custody; }}; {command}"
            );
            lab.tool("sh", "dash", &["-c", &answered])
        };
        for command in commands(PAGE, "The power failed, or the program stopped") {
            typed(&command).ends(1, "was to make a key");
        }
        let decisions = commands(PAGE, "A key may have been made");
        let endings = commands(PAGE, "End it");
        let command = decisions.iter().chain(&endings).find(|command| command.contains(last));
        typed(command.expect("a command of the page")).ends(0, said);
        lab.verify().ends(0, "VERDICT  PASS");
    }
}
