use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::shown;
use super::everywhere::is_misplaced;
use super::shape::{Key, Presence, Table, Value};
use super::suggest::nearest;
use super::{Code, Diagnostic, Spanned};

/// Byte offsets into the file.
pub(super) type Place = Range<usize>;

/// Stands for a value that could not be read. Only reporting a mistake makes one, so nothing is lost silently.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported(());

/// The mistakes found so far.
pub(super) struct Report<'t> {
    /// The file.
    pub(super) text: &'t str,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Report<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, diagnostics: Vec::new() }
    }

    /// Adds a mistake.
    pub(super) fn refuse(
        &mut self,
        code: Code,
        span: Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Reported {
        self.diagnostics.push(Diagnostic {
            code,
            span,
            message: message.into(),
            remedy: remedy.into(),
            related: Vec::new(),
        });
        Reported(())
    }

    /// All mistakes, by place. Where the text is not TOML, what only follows from that is left out: keys that
    /// the parser did not reach, and values that it made up.
    pub(super) fn finish(mut self, syntax_errors: &[toml::de::Error]) -> Vec<Diagnostic> {
        let text = self.text;
        if !syntax_errors.is_empty() {
            let broken: BTreeSet<_> = syntax_errors
                .iter()
                .map(|error| line_of(text, error.span().unwrap_or_default().start))
                .collect();
            self.diagnostics.retain(|diagnostic| {
                diagnostic.code != Code::MissingKey
                    && diagnostic.span != (0..0)
                    && (!broken.contains(&line_of(text, diagnostic.span.start))
                        || matches!(diagnostic.code, Code::Secret | Code::HiddenCharacter))
            });
        }
        for error in syntax_errors {
            self.refuse(
                Code::Syntax,
                error.span().unwrap_or_default(),
                format!("this is not TOML: {}", error.message()),
                "Correct it (https://toml.io); what depends on it is looked at afterwards.",
            );
        }
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.code, diagnostic.span.end));
        self.diagnostics.dedup();
        self.diagnostics
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// One value, with what the shape says of it.
pub(super) struct Entry<'a> {
    pub(super) key: &'static Key,
    pub(super) value: &'a DeValue<'a>,
    pub(super) span: Place,
}

impl Entry<'_> {
    /// Reports that the value has another type.
    pub(super) fn wrong_type(&self, report: &mut Report<'_>) -> Reported {
        report.refuse(
            Code::WrongType,
            self.span.clone(),
            format!("`{}` is {}, and needs {}", self.key.name, kind_of(self.value), self.key.value.needed()),
            self.for_example(),
        )
    }

    /// A remedy that shows a value of the right kind.
    pub(super) fn for_example(&self) -> String {
        example(self.key)
    }

    /// The text, when it is one.
    pub(super) fn text(&self, report: &mut Report<'_>) -> Result<&str, Reported> {
        self.value.as_str().ok_or_else(|| self.wrong_type(report))
    }
}

/// What a TOML value is, as the middle of a sentence.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// A type that is read from one TOML value.
pub(super) trait Read: Sized {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported>;
}

/// A table whose keys are read one by one.
pub(super) struct Fields<'a> {
    table: &'a DeTable<'a>,
    shape: &'static Table,
    span: Place,
    /// Keys that are there in another spelling, which has been reported.
    misspelt: Vec<(&'static str, Reported)>,
}

impl<'a> Fields<'a> {
    /// Opens a table and reports the keys that its shape does not have.
    pub(super) fn open(
        table: &'a DeTable<'a>,
        shape: &'static Table,
        span: Place,
        report: &mut Report<'_>,
    ) -> Self {
        let mut fields = Self::glance(table, shape, span);
        for (key, _) in table.iter() {
            let name = key.get_ref();
            if shape.key(name).is_some() || is_misplaced(name) {
                continue;
            }
            let absent = shape.keys.iter().map(|key| key.name).filter(|known| !table.contains_key(*known));
            let meant = nearest(name, absent);
            let remedy = match meant {
                Some(meant) => format!("Did you mean `{meant}`?"),
                None => format!("Its keys are {}.", list(shape.keys.iter().map(|key| key.name))),
            };
            let message = format!("{} has no key `{}`", shape.name, shown(name));
            let reported = report.refuse(Code::UnknownKey, key.span(), message, remedy);
            fields.misspelt.extend(meant.map(|meant| (meant, reported)));
        }
        fields
    }

    /// Opens a table of which only some keys are known.
    pub(super) fn glance(table: &'a DeTable<'a>, shape: &'static Table, span: Place) -> Self {
        Self { table, shape, span, misspelt: Vec::new() }
    }

    /// The value of a key that must be there.
    pub(super) fn required<T: Read>(
        &self,
        name: &str,
        report: &mut Report<'_>,
    ) -> Result<Spanned<T>, Reported> {
        match self.optional(name, report)? {
            Some(value) => Ok(value),
            None => Err(self.missing(name, report)),
        }
    }

    /// The value of a key that may be left out, unless the shape says that it may not.
    pub(super) fn optional<T: Read>(
        &self,
        name: &str,
        report: &mut Report<'_>,
    ) -> Result<Option<Spanned<T>>, Reported> {
        let Some(key) = self.shape.key(name) else {
            return Err(self.missing(name, report));
        };
        let misspelt = self.misspelt.iter().find(|(meant, _)| *meant == name);
        match self.table.get(name) {
            Some(value) => {
                let entry = Entry { key, value: value.get_ref(), span: value.span() };
                let span = entry.span.clone();
                let value = T::read(&entry, report)?;
                Ok(Some(Spanned { value, span }))
            }
            None if let Some((_, reported)) = misspelt => Err(*reported),
            None if key.presence == Presence::Required => Err(self.missing(name, report)),
            None => Ok(None),
        }
    }

    fn missing(&self, name: &str, report: &mut Report<'_>) -> Reported {
        let remedy = match self.shape.key(name) {
            Some(key) => match key.value {
                Value::Steps => "Add a `[[step]]` for each thing that is done.".to_owned(),
                Value::Table(table) if table.name == "`[ceremony]`" => "Add a `[ceremony]` table.".to_owned(),
                _ => format!("{} {}", example(key), key.meaning),
            },
            None => String::new(),
        };
        report.refuse(
            Code::MissingKey,
            self.span.clone(),
            format!("{} has no `{name}`, and needs it", self.shape.name),
            remedy,
        )
    }
}

fn example(key: &Key) -> String {
    format!("For example: `{} = {}`.", key.name, key.example)
}

/// Words as the end of a sentence.
pub(super) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
