//! The grammar: `key: value` lines.

use std::fmt::{Display, Write as _};
use std::str::FromStr;

use super::StatementError;

/// Writes a line.
pub(super) fn line(text: &mut String, key: &str, value: impl Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{key}: {value}");
}

/// The lines of a statement that is read.
pub(super) struct Lines<'a> {
    rest: std::str::Lines<'a>,
    number: usize,
    peeked: Option<&'a str>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text.lines(), number: 0, peeked: None }
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.number += 1;
        self.peeked.take().or_else(|| self.rest.next())
    }

    pub(super) fn value<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, StatementError> {
        let found = self.next().and_then(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let line = self.number;
        let found = found.ok_or(StatementError::Line { line, expected: key })?;
        read(found).ok_or_else(|| StatementError::Value { line, key, found: found.to_owned() })
    }

    pub(super) fn word<T: FromStr>(&mut self, key: &'static str) -> Result<T, StatementError> {
        self.value(key, |text| text.parse().ok())
    }

    pub(super) fn repeated<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&'a str, &[T]) -> Option<T>,
    ) -> Result<Vec<T>, StatementError> {
        let mut values = Vec::new();
        loop {
            let Some(line) = self.peeked.take().or_else(|| self.rest.next()) else {
                return Ok(values);
            };
            self.peeked = Some(line);
            if !line.strip_prefix(key).is_some_and(|rest| rest.starts_with(": ")) {
                return Ok(values);
            }
            values.push(self.value(key, |text| read(text, &values))?);
        }
    }
}
