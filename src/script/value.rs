//! How each type of value is read.

use toml::de::DeValue;
use toml::value::Offset;

use super::diagnostic::shown;
use super::fields::{Entry, Fields, Read, Report, Reported, kind_of, list};
use super::model::Series;
use super::reference::{Certified, InputFile, Reference};
use super::shape::{INPUT_FILE, LABEL_BYTES, SERIES, Value, WINDOW, attributes};
use super::suggest::nearest;
use super::vocabulary::AttributeKind;
use super::word::Word;
use super::{Code, Spanned};
use crate::format::{Digest, FileName, Instant, Name, PinTemplate, Window};

impl Read for Name {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        entry.text(report)?.parse().map_err(|error: crate::format::NameError| {
            report.refuse(Code::MalformedName, entry.span.clone(), error.to_string(), entry.for_example())
        })
    }
}

impl Read for String {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let text = one_line(entry, entry.text(report)?, report)?;
        let refusal = match &entry.key.value {
            Value::Text { max_characters } => too_long(text.chars().count(), *max_characters, "characters"),
            Value::Label => too_long(text.len(), LABEL_BYTES, "bytes"),
            Value::TrustDomain => trust_domain(text),
            Value::Path => path(text),
            _ => None,
        };
        match refusal {
            None => Ok(text.to_owned()),
            Some((code, message, remedy)) => Err(report.refuse(code, entry.span.clone(), message, remedy)),
        }
    }
}

type Refusal = (Code, String, &'static str);

fn too_long(length: usize, max: usize, unit: &str) -> Option<Refusal> {
    (length > max).then(|| {
        let message = format!("the text has {length} {unit}, and may have {max}");
        (Code::MalformedText, message, "Shorten it.")
    })
}

/// Text that a person can read aloud: something, and no space that cannot be seen.
fn one_line<'e>(entry: &Entry<'_>, text: &'e str, report: &mut Report<'_>) -> Result<&'e str, Reported> {
    let name = entry.key.name;
    let message = if text.is_empty() {
        format!("`{name}` is empty")
    } else if text.trim() != text {
        format!("`{name}` begins or ends with a space")
    } else {
        return Ok(text);
    };
    Err(report.refuse(Code::MalformedText, entry.span.clone(), message, entry.for_example()))
}

/// SPIFFE-ID 2.1, and what URI name constraints and DNS names can carry besides (RFC 5280 4.2.1.10, RFC 1123 2.1).
fn trust_domain(text: &str) -> Option<Refusal> {
    let label = |label: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let mut labels = text.rsplit('.');
    let top = labels.next().is_some_and(|top| label(top) && !top.chars().all(|c| c.is_ascii_digit()));
    let fits = top && text.contains('.') && labels.all(label) && text.len() <= 255;
    (!fits).then(|| {
        (
            Code::MalformedTrustDomain,
            format!("`{}` is not a trust domain that every relying system takes", shown(text)),
            "Write a lower-case host name of two labels or more, without scheme, port, path or underscore, such as \
             `prod.example.org`.",
        )
    })
}

fn path(text: &str) -> Option<Refusal> {
    let confined = !text.contains(['\\', ':'])
        && text.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    (!confined).then(|| {
        (
            Code::MalformedPath,
            format!("`{}` is not a path below this file's directory", shown(text)),
            "Write a relative path with `/`, without `.`, `..`, `\\` and `:`, such as `inputs/istio.csr`.",
        )
    })
}

impl Read for PinTemplate {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let text = entry.text(report)?;
        Self::parse(text).ok_or_else(|| {
            report.refuse(
                Code::MalformedText,
                entry.span.clone(),
                "a template holds `{pin}` once, between printable ASCII characters, 64 in all",
                entry.for_example(),
            )
        })
    }
}

impl Read for FileName {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        Self::parse(entry.text(report)?).ok_or_else(|| {
            report.refuse(
                Code::MalformedPath,
                entry.span.clone(),
                "the name of a file is lower-case letters, digits, `.`, `_` and `-`, 100 at most, and no path",
                entry.for_example(),
            )
        })
    }
}

impl Read for Digest {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        Self::parse(entry.text(report)?).ok_or_else(|| {
            report.refuse(
                Code::MalformedDigest,
                entry.span.clone(),
                "a SHA-256 digest is 64 lower-case hexadecimal digits",
                "Copy what `sha256sum` prints for the file.",
            )
        })
    }
}

impl Read for Reference {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let text = entry.text(report)?;
        let reference = match text.strip_prefix("ledger:").map(|entry| entry.split_once('/')) {
            None => text.parse().map(Self::Step).ok(),
            Some(None) => text
                .strip_prefix("ledger:")
                .and_then(|id| id.parse().ok())
                .map(|id| Self::Ledger { ordinal: None, id }),
            Some(Some((ordinal, id))) => ordinal
                .parse::<u64>()
                .ok()
                .zip(id.parse().ok())
                .map(|(ordinal, id)| Self::Ledger { ordinal: Some(ordinal), id }),
        };
        // The spelling is compared so that `ledger:02/root` and `ledger:+2/root` do not name what `ledger:2/root` does.
        reference
            .filter(|reference| !matches!(reference, Self::Ledger { ordinal: Some(0), .. }))
            .filter(|reference| reference.to_string() == text)
            .ok_or_else(|| {
                report.refuse(
                    Code::MalformedReference,
                    entry.span.clone(),
                    format!("`{}` is neither a step's id nor an entry of the ledger", shown(text)),
                    "Write a step's id, such as `root`; or `ledger:root` for a step of an earlier ceremony, with the \
                     ceremony's ordinal where the name is there twice: `ledger:2/root`.",
                )
            })
    }
}

impl Read for Instant {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let DeValue::Datetime(written) = entry.value else {
            return Err(entry.wrong_type(report));
        };
        let (message, remedy) = match (written.date, written.time, written.offset) {
            (Some(_), Some(time), Some(Offset::Z)) if time.nanosecond.is_some() => (
                "an instant has whole seconds",
                "Leave the fraction out: certificates cannot carry one (RFC 5280 4.1.2.5).",
            ),
            (Some(_), Some(_), Some(Offset::Z)) => {
                let spelled = report.text.get(entry.span.clone()).unwrap_or_default();
                if let Some(instant) = Self::parse(spelled) {
                    return Ok(instant);
                }
                (
                    "an instant is written `YYYY-MM-DDThh:mm:ssZ`, from the year 1970 on",
                    "Write capital `T` and `Z` and all six numbers; there is no second 60.",
                )
            }
            (Some(_), Some(_), Some(Offset::Custom { .. })) => (
                "the date-time is not in UTC",
                "Convert it to UTC and write `Z`, so that nobody has to compute in the room.",
            ),
            (Some(_), Some(_), None) => (
                "the date-time has no time zone, so it is another instant on every machine",
                "Write it in UTC with a final `Z`.",
            ),
            _ => (
                "a day or a time of day is not an instant",
                "Write date, `T`, time and `Z`, such as `2026-12-01T09:00:00Z`.",
            ),
        };
        Err(report.refuse(Code::MalformedInstant, entry.span.clone(), message, remedy))
    }
}

impl Read for Window {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(table) = entry.value.as_table() else {
            return Err(entry.wrong_type(report));
        };
        let fields = Fields::open(table, &WINDOW, entry.span.clone(), report);
        let from = fields.required::<Instant>("from", report);
        let to = fields.required::<Instant>("to", report);
        let window = Self { from: from?.value, to: to?.value };
        if window.from < window.to {
            return Ok(window);
        }
        let message = format!("`{}` ends at {}, not after it begins", entry.key.name, window.to);
        let remedy = format!("Write a `to` after {}.", window.from);
        Err(report.refuse(Code::EmptyPeriod, entry.span.clone(), message, remedy))
    }
}

impl Read for InputFile {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(table) = entry.value.as_table() else {
            return Err(entry.wrong_type(report));
        };
        let fields = Fields::open(table, &INPUT_FILE, entry.span.clone(), report);
        let file = fields.required::<String>("file", report);
        let sha256 = fields.required::<Digest>("sha256", report);
        Ok(Self { file: file?.value, sha256: sha256?.value })
    }
}

impl Read for Vec<Spanned<InputFile>> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let DeValue::Array(items) = entry.value else {
            return Err(entry.wrong_type(report));
        };
        let mut files: Self = Vec::new();
        for item in items {
            let one = Entry { key: entry.key, value: item.get_ref(), span: item.span() };
            let value = InputFile::read(&one, report)?;
            if files.iter().any(|file| file.value.sha256 == value.sha256) {
                let message = format!("`{}` is there twice", shown(&value.file));
                return Err(report.refuse(Code::Repeated, one.span, message, "Leave one of the two out."));
            }
            files.push(Spanned { value, span: one.span });
        }
        Ok(files)
    }
}

impl Read for Certified {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        match entry.value {
            DeValue::Table(_) => InputFile::read(entry, report).map(Self::Foreign),
            _ => Reference::read(entry, report).map(Self::Own),
        }
    }
}

impl Read for u32 {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let (DeValue::Integer(integer), Value::Integer { min, max }) = (entry.value, &entry.key.value) else {
            return Err(entry.wrong_type(report));
        };
        Self::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| (*min..=*max).contains(number))
            .ok_or_else(|| {
                report.refuse(
                    Code::OutOfRange,
                    entry.span.clone(),
                    format!("`{}` is a whole number from {min} to {max}", entry.key.name),
                    entry.for_example(),
                )
            })
    }
}

impl Read for bool {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        entry.value.as_bool().ok_or_else(|| entry.wrong_type(report))
    }
}

impl Read for u8 {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        // No shape gives an eight-bit number a greater range; a mistake there would be reported, not wrapped.
        Self::try_from(u32::read(entry, report)?).map_err(|_| entry.wrong_type(report))
    }
}

impl<T: Word> Read for T {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Value::Word(words) = entry.key.value else {
            return Err(entry.wrong_type(report));
        };
        word(entry.text(report)?, &words(), entry, report)
    }
}

fn word<T: Word>(
    text: &str,
    words: &[String],
    entry: &Entry<'_>,
    report: &mut Report<'_>,
) -> Result<T, Reported> {
    let allowed = words.iter().any(|word| word == text);
    T::spelled(text).filter(|_| allowed).ok_or_else(|| {
        let words = || words.iter().map(String::as_str);
        let remedy = match nearest(text, words()) {
            Some(meant) => format!("Did you mean `{meant}`? There are {}.", list(words())),
            None => format!("There are {}.", list(words())),
        };
        report.refuse(
            Code::UnknownWord,
            entry.span.clone(),
            format!("`{}` cannot be `{}`", entry.key.name, shown(text)),
            remedy,
        )
    })
}

impl<T: Word + PartialEq> Read for Vec<Spanned<T>> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Value::Words(words) = &entry.key.value else {
            return Err(entry.wrong_type(report));
        };
        each_once(entry, report, |entry, report| word(entry.text(report)?, &words(), entry, report))
    }
}

impl Read for Vec<Spanned<Name>> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        each_once(entry, report, Name::read)
    }
}

impl Read for Series {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(table) = entry.value.as_table() else {
            return Err(entry.wrong_type(report));
        };
        let fields = Fields::open(table, &SERIES, entry.span.clone(), report);
        let count = fields.required::<u32>("count", report);
        let every_days = fields.required::<u32>("every-days", report);
        Ok(Self { count: count?.value, every_days: every_days?.value })
    }
}

/// The items of an array, none twice.
pub(super) fn each_once<T: PartialEq + std::fmt::Display>(
    entry: &Entry<'_>,
    report: &mut Report<'_>,
    read: impl Fn(&Entry<'_>, &mut Report<'_>) -> Result<T, Reported>,
) -> Result<Vec<Spanned<T>>, Reported> {
    let DeValue::Array(items) = entry.value else {
        return Err(entry.wrong_type(report));
    };
    let mut listed: Result<Vec<Spanned<T>>, Reported> = Ok(Vec::new());
    for item in items.iter() {
        let entry = Entry { key: entry.key, value: item.get_ref(), span: item.span() };
        listed = match (listed, read(&entry, report)) {
            (Ok(listed), Ok(item)) if listed.iter().any(|other| other.value == item) => Err(report.refuse(
                Code::Repeated,
                entry.span,
                format!("`{item}` is listed twice"),
                "List it once.",
            )),
            (Ok(mut listed), Ok(value)) => {
                listed.push(Spanned { value, span: entry.span });
                Ok(listed)
            }
            (Err(reported), _) | (_, Err(reported)) => Err(reported),
        };
    }
    listed
}

impl Read for Vec<(AttributeKind, String)> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(items) = entry.value.as_array() else {
            return Err(entry.wrong_type(report));
        };
        if items.is_empty() {
            let message = "a CA certificate has a subject (RFC 5280 4.1.2.6)";
            return Err(report.refuse(
                Code::MalformedSubject,
                entry.span.clone(),
                message,
                entry.for_example(),
            ));
        }
        let mut subject: Result<Self, Reported> = Ok(Vec::new());
        for item in items.iter() {
            let entry = Entry { key: entry.key, value: item.get_ref(), span: item.span() };
            subject = match (subject, attribute(&entry, report)) {
                (Ok(subject), Ok((kind, _)))
                    if !kind.may_repeat() && subject.iter().any(|(other, _)| *other == kind) =>
                {
                    Err(report.refuse(
                        Code::Repeated,
                        entry.span,
                        format!("the subject has `{kind}` twice (BR 7.1.4.1)"),
                        "Write it once.",
                    ))
                }
                (Ok(mut subject), Ok(attribute)) => {
                    subject.push(attribute);
                    Ok(subject)
                }
                (Err(reported), _) | (_, Err(reported)) => Err(reported),
            };
        }
        subject
    }
}

/// One attribute: a table with one key.
fn attribute(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<(AttributeKind, String), Reported> {
    let Some(table) = entry.value.as_table() else {
        return Err(entry.wrong_type(report));
    };
    let mut attributes_written = table.iter();
    let (Some((key, value)), None) = (attributes_written.next(), attributes_written.next()) else {
        return Err(report.refuse(
            Code::MalformedSubject,
            entry.span.clone(),
            format!("a table of the subject has one attribute, this one has {}", table.len()),
            "Give each attribute its own `{ }`: their order is part of the name.",
        ));
    };
    let Some(kind) = AttributeKind::spelled(key.get_ref()) else {
        let known = attributes();
        return Err(report.refuse(
            Code::MalformedSubject,
            key.span(),
            format!("a subject cannot have `{}`", shown(key.get_ref())),
            format!("There are {}.", list(known.iter().map(String::as_str))),
        ));
    };
    let value_entry = Entry { key: entry.key, value: value.get_ref(), span: value.span() };
    let Some(text) = value.get_ref().as_str() else {
        let message = format!("`{kind}` is {}, and needs a string", kind_of(value.get_ref()));
        return Err(report.refuse(Code::WrongType, value.span(), message, entry.for_example()));
    };
    let text = one_line(&value_entry, text, report)?;
    let length = text.chars().count();
    let max = kind.max_characters();
    if length > max {
        return Err(report.refuse(
            Code::MalformedSubject,
            value.span(),
            format!("`{kind}` has {length} characters, and may have {max}"),
            "Shorten it.",
        ));
    }
    if kind == AttributeKind::CountryName && (length != 2 || !text.chars().all(|c| c.is_ascii_uppercase())) {
        return Err(report.refuse(
            Code::MalformedSubject,
            value.span(),
            "`C` is a country's two capital letters (ISO 3166-1)",
            "For example: `{ C = \"NO\" }`.",
        ));
    }
    Ok((kind, text.to_owned()))
}
