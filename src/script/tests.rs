//! The shape, the reader, the schema and the documentation say the same.

use super::shape::{
    self, CEREMONY, DOCUMENT, DUTY, INPUT_FILE, Key, NAME_CONSTRAINTS, Presence, SERIES, STEPS, SUBTREES,
    Table, Value, WAIVER, WINDOW,
};
use super::{Code, Diagnostic, Script, json_schema, parse};

const DOCUMENTATION: &str = include_str!("../../docs/ceremony-file.md");

/// A file with `ceremony` and one step, written from the examples of the shape.
fn file(ceremony: &str, step: &str) -> String {
    format!("[ceremony]\n{ceremony}\n[[step]]\n{step}")
}

/// Every key with its example, `changed` with another value, or none.
fn keys(table: &Table, kind: Option<String>, changed: Option<(&str, Option<&str>)>) -> String {
    let mut lines = String::new();
    for key in table.keys {
        let example = match (&kind, key.name) {
            (Some(kind), "do") => format!("\"{kind}\""),
            _ => key.example.to_owned(),
        };
        match changed {
            Some((name, None)) if name == key.name => {}
            Some((name, Some(value))) if name == key.name => {
                lines.push_str(&format!("{} = {value}\n", key.name));
            }
            _ => lines.push_str(&format!("{} = {example}\n", key.name)),
        }
    }
    lines
}

fn inline(table: &Table, changed: Option<(&str, Option<&str>)>) -> String {
    let lines = keys(table, None, changed);
    format!("{{ {} }}", lines.trim_end().replace('\n', ", "))
}

fn all(table: &Table, kind: Option<String>) -> String {
    keys(table, kind, None)
}

/// Each table of the shape with a function that writes a file in which one key of it is changed.
type Writer = Box<dyn Fn(Option<(&str, Option<&str>)>) -> String>;

fn writers() -> Vec<(&'static Table, Writer)> {
    let confirm = || {
        let shape = STEPS.iter().find(|step| step.kind.to_string() == "confirm").unwrap();
        all(&shape.table, Some("confirm".to_owned()))
    };
    let mut writers: Vec<(&'static Table, Writer)> =
        vec![(&CEREMONY, Box::new(move |changed| file(&keys(&CEREMONY, None, changed), &confirm())))];
    for step in &STEPS {
        let kind = Some(step.kind.to_string());
        writers.push((
            &step.table,
            Box::new(move |changed| file(&all(&CEREMONY, None), &keys(&step.table, kind.clone(), changed))),
        ));
    }
    writers.push((
        &WINDOW,
        Box::new(move |changed| {
            let window = inline(&WINDOW, changed);
            file(&keys(&CEREMONY, None, Some(("window", Some(&window)))), &confirm())
        }),
    ));
    writers.push((
        &WAIVER,
        Box::new(move |changed| {
            let waiver = format!("[[waiver]]\n{}", keys(&WAIVER, None, changed));
            format!("{waiver}{}", file(&all(&CEREMONY, None), &confirm()))
        }),
    ));
    writers.push((
        &DUTY,
        Box::new(move |changed| {
            let duty = format!("[[duty]]\n{}", keys(&DUTY, None, changed));
            format!("{duty}{}", file(&all(&CEREMONY, None), &confirm()))
        }),
    ));
    writers.push((
        &INPUT_FILE,
        Box::new(move |changed| {
            let csr = inline(&INPUT_FILE, changed);
            let shape = STEPS.iter().find(|step| step.table.key("csr").is_some()).unwrap();
            let step = keys(&shape.table, Some(shape.kind.to_string()), Some(("csr", Some(&csr))));
            file(&all(&CEREMONY, None), &step)
        }),
    ));
    let root = |constraints: &str| {
        let shape = STEPS.iter().find(|step| step.kind.to_string() == "self-sign").unwrap();
        let changed = Some(("name-constraints", Some(constraints)));
        file(&all(&CEREMONY, None), &keys(&shape.table, Some("self-sign".to_owned()), changed))
    };
    writers.push((&NAME_CONSTRAINTS, Box::new(move |changed| root(&inline(&NAME_CONSTRAINTS, changed)))));
    writers.push((
        &SUBTREES,
        Box::new(move |changed| root(&format!("{{ permitted = {} }}", inline(&SUBTREES, changed)))),
    ));
    writers
}

fn without_spans(script: &Script) -> String {
    let mut text = String::new();
    for part in format!("{script:?}").split("span: ") {
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'));
    }
    text
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn every_key_of_the_shape_is_accepted_and_read() {
    for (table, write) in writers() {
        let text = write(None);
        if let Err(diagnostics) = parse(&text) {
            panic!("{}: {diagnostics:#?}\n{text}", table.name);
        }
        for key in table.keys {
            // No key but one of its own kind takes a boolean, so one that passes was never looked at.
            let wrong = if matches!(key.value, Value::Boolean) { "7" } else { "true" };
            let text = write(Some((key.name, Some(wrong))));
            let diagnostics = parse(&text).unwrap_err();
            assert_eq!(codes(&diagnostics), [Code::WrongType], "{} {}", table.name, key.name);
            assert_eq!(&text[diagnostics[0].span.clone()], wrong);
        }
    }
}

#[test]
fn every_required_key_is_missed_and_every_other_is_not() {
    for (table, write) in writers() {
        for key in table.keys {
            let read = parse(&write(Some((key.name, None))));
            match (&key.presence, read) {
                (Presence::Required, Err(diagnostics)) => {
                    assert_eq!(codes(&diagnostics), [Code::MissingKey], "{} {}", table.name, key.name);
                    assert!(diagnostics[0].message.contains(&format!("`{}`", key.name)));
                }
                (Presence::Optional | Presence::Default(_), Ok(_)) => {}
                (_, read) => panic!("{} {}: {read:?}", table.name, key.name),
            }
        }
    }
}

#[test]
fn a_default_is_what_its_absence_means() {
    for (table, write) in writers() {
        for key in table.keys {
            let Presence::Default(default) = key.presence else {
                continue;
            };
            let absent = parse(&write(Some((key.name, None)))).unwrap();
            let written = parse(&write(Some((key.name, Some(default))))).unwrap();
            assert_eq!(without_spans(&absent), without_spans(&written), "{} {}", table.name, key.name);
        }
    }
}

#[test]
fn a_misspelt_key_is_one_mistake_and_names_what_was_meant() {
    for (table, write) in writers() {
        for key in table.keys.iter().filter(|key| key.name.len() > 3) {
            let misspelt = format!("{}x", key.name);
            let text = write(None).replacen(&format!("{} =", key.name), &format!("{misspelt} ="), 1);
            let diagnostics = parse(&text).unwrap_err();
            assert_eq!(codes(&diagnostics), [Code::UnknownKey], "{} {}", table.name, key.name);
            assert_eq!(diagnostics[0].remedy, format!("Did you mean `{}`?", key.name));
        }
    }
}

#[test]
fn the_committed_schema_is_the_one_that_the_shape_gives() {
    let committed = include_str!("../../docs/ceremony.schema.json");
    assert!(
        committed == json_schema(),
        "docs/ceremony.schema.json is stale: write it anew with `anchorite check --schema`"
    );
}

/// The documentation's table of keys.
fn documented(table: &Table) -> String {
    let mut text = String::from("| key | value | | meaning |\n|---|---|---|---|\n");
    for key in table.keys {
        let presence = match key.presence {
            Presence::Required => "required".to_owned(),
            Presence::Optional => "optional".to_owned(),
            Presence::Default(default) => format!("`{default}` when left out"),
        };
        text.push_str(&format!("| `{}` | {} | {presence} | {} |\n", key.name, value(key), key.meaning));
    }
    text
}

fn value(key: &Key) -> String {
    let words =
        |words: Vec<String>| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match &key.value {
        Value::Text { max_characters } => format!("text, at most {max_characters} characters"),
        Value::Label => format!("text, at most {} bytes", shape::LABEL_BYTES),
        Value::Name => "name".to_owned(),
        Value::TrustDomain => "host name".to_owned(),
        Value::Reference => "reference".to_owned(),
        Value::Certified => "reference, or an input file".to_owned(),
        Value::Path => "path".to_owned(),
        Value::FileName => "file name".to_owned(),
        Value::Digest => "64 hexadecimal digits".to_owned(),
        Value::Instant => "instant".to_owned(),
        Value::Integer { min, max } => format!("{min} to {max}"),
        Value::Word(_) if key.name == "do" => "kind of step".to_owned(),
        Value::Word(list) => words(list()),
        Value::Words(list) => format!("array of {}", words(list())),
        Value::Template => "text with `{pin}`".to_owned(),
        Value::Names => "array of names".to_owned(),
        Value::Subject => "subject".to_owned(),
        Value::Subjects => "array of subjects".to_owned(),
        Value::Files => "array of input files".to_owned(),
        Value::Boolean => "`true`, `false`".to_owned(),
        Value::Form(_) => "text, see *Extensions*".to_owned(),
        Value::Forms(_) => "array of texts, see *Extensions*".to_owned(),
        Value::Table(table) => format!("table, see {}", table.name),
        Value::Waivers => "array of tables, see `[[waiver]]`".to_owned(),
        Value::Duties => "array of tables, see `[[duty]]`".to_owned(),
        Value::Steps => "array of tables, see below".to_owned(),
    }
}

#[test]
fn every_key_is_documented_as_the_shape_has_it() {
    let tables =
        [&DOCUMENT, &CEREMONY, &WAIVER, &DUTY, &WINDOW, &INPUT_FILE, &SERIES, &NAME_CONSTRAINTS, &SUBTREES];
    for table in tables.into_iter().chain(STEPS.iter().map(|step| &step.table)) {
        let section = format!("{}\n\n{}", table.meaning, documented(table));
        assert!(DOCUMENTATION.contains(&section), "docs/ceremony-file.md lacks this part:\n\n{section}");
    }
}

#[test]
fn every_code_is_documented() {
    for code in Code::ALL {
        assert!(DOCUMENTATION.contains(&format!("| {code} | ")), "docs/ceremony-file.md lacks {code}");
    }
}

#[test]
fn every_attribute_and_step_kind_is_documented() {
    let kinds = STEPS.iter().map(|step| format!("### `{}`", step.kind));
    for word in shape::attributes().into_iter().map(|name| format!("`{name}`")).chain(kinds) {
        assert!(DOCUMENTATION.contains(&word), "docs/ceremony-file.md lacks {word}");
    }
}
