use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A person at a terminal of their own, in which a command runs.
pub(crate) struct Person {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What is there when a command has ended.
pub(crate) struct Left {
    pub(crate) code: i32,
    /// Everything that stood on the screen.
    pub(crate) shown: String,
    /// Whether the terminal shows what is typed.
    pub(crate) echo: bool,
}

impl Person {
    /// Starts the command on a terminal of 80 columns and 24 rows.
    pub(crate) fn at(command: Command) -> Self {
        Self::at_a_terminal_of(command, 80, 24)
    }

    /// Starts the command on a terminal of that size. Its environment goes along.
    pub(crate) fn at_a_terminal_of(command: Command, columns: u16, rows: u16) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/person.py");
        let mut python = Command::new("python3");
        // Colours would stand between a word and the next.
        python
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C")
            .env("COLUMNS", columns.to_string())
            .env("LINES", rows.to_string());
        python.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        python.arg(script).arg(command.get_program()).args(command.get_args());
        if let Some(directory) = command.get_current_dir() {
            python.current_dir(directory);
        }
        let mut process = python
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is missing: apt-get install python3");
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, orders, answers }
    }

    /// Waits for a text; answers with everything new up to it.
    #[track_caller]
    pub(crate) fn reads(&mut self, text: &str) -> String {
        self.reads_with(text, None)
    }

    /// Waits for a question whose answer is shown as it is typed.
    #[track_caller]
    pub(crate) fn is_asked(&mut self, question: &str) -> String {
        self.reads_with(question, Some(true))
    }

    /// Waits for a question whose answer is hidden as it is typed.
    #[track_caller]
    pub(crate) fn is_asked_secretly(&mut self, question: &str) -> String {
        self.reads_with(question, Some(false))
    }

    #[track_caller]
    fn reads_with(&mut self, text: &str, echo: Option<bool>) -> String {
        let answer = self.order(&json!({ "reads": text, "echo": echo }));
        let failed = answer["failed"].as_str();
        assert!(
            failed.is_none(),
            "`{text}` never came (typing shown: {echo:?}); what came:\n{}",
            failed.unwrap_or_default()
        );
        answer["shown"].as_str().unwrap().to_owned()
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.order(&json!({ "types": format!("{line}\n") }));
    }

    /// Presses these keys and no Enter.
    pub(crate) fn presses(&mut self, keys: &str) {
        self.order(&json!({ "types": keys }));
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupts(&mut self) {
        self.order(&json!({ "types": "\u{3}" }));
    }

    /// Waits for the end of the command.
    #[track_caller]
    pub(crate) fn leaves(mut self) -> Left {
        let answer = self.order(&json!({ "leaves": true }));
        let failed = answer["failed"].as_str();
        assert!(failed.is_none(), "the command did not end; it showed:\n{}", failed.unwrap_or_default());
        Left {
            code: i32::try_from(answer["code"].as_i64().unwrap()).unwrap(),
            shown: answer["shown"].as_str().unwrap().to_owned(),
            echo: answer["echo"].as_bool().unwrap(),
        }
    }

    /// Ends the command by force.
    pub(crate) fn killed(mut self) -> Left {
        self.order(&json!({ "kills": true }));
        self.leaves()
    }

    /// The command's process.
    pub(crate) fn process(&mut self) -> u64 {
        self.order(&json!({ "process": true }))["process"].as_u64().unwrap()
    }

    fn order(&mut self, order: &Value) -> Value {
        writeln!(self.orders, "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("person.py: {error}: {answer}"))
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
