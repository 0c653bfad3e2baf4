//! The JSON Schema of ceremony files, for editors. anchorite itself goes by the same shapes and checks more.

use serde_json::{Map, Value as Json, json};

use super::shape::{
    DOCUMENT, DUTY, INPUT_FILE, Key, LABEL_BYTES, Presence, STEPS, Table, Value, WAIVER, attributes,
};

const NAME: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
const VISIBLE: &str = "^\\S(.*\\S)?$";

/// The JSON Schema (draft 2020-12) of ceremony files, as `docs/ceremony.schema.json` holds it.
///
/// TOML's date-times count as strings, as schema-aware TOML editors treat them.
pub fn json_schema() -> String {
    let mut schema = table(&DOCUMENT);
    if let Some(entries) = schema.as_object_mut() {
        entries.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        entries.insert("title".to_owned(), json!("A ceremony file of anchorite"));
    }
    format!("{schema:#}\n")
}

fn table(shape: &Table) -> Json {
    let properties: Map<_, _> = shape.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<_> =
        shape.keys.iter().filter(|key| key.presence == Presence::Required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": shape.meaning,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(key: &Key) -> Json {
    let mut schema = value(&key.value);
    if let Some(entries) = schema.as_object_mut() {
        entries.insert("description".to_owned(), json!(key.meaning));
        if let Presence::Default(default) = key.presence {
            // A default is a string, a whole number, `true` or `false`, which TOML and JSON write alike.
            let default: Option<Json> = serde_json::from_str(default).ok();
            entries.insert("default".to_owned(), json!(default));
        }
    }
    schema
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text { max_characters } => {
            json!({ "type": "string", "pattern": VISIBLE, "minLength": 1, "maxLength": max_characters })
        }
        Value::Label => {
            json!({ "type": "string", "pattern": VISIBLE, "minLength": 1, "maxLength": LABEL_BYTES })
        }
        Value::Name => json!({ "type": "string", "pattern": NAME, "maxLength": 40 }),
        Value::TrustDomain => json!({
            "type": "string",
            "pattern": "^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
            "maxLength": 255,
        }),
        Value::Reference => reference(),
        Value::Certified => json!({ "oneOf": [reference(), table(&INPUT_FILE)] }),
        Value::Path => json!({ "type": "string", "pattern": "^[^/\\\\:]+(/[^/\\\\:]+)*$" }),
        Value::FileName => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9._-]*$", "maxLength": 100 }),
        Value::Digest => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        Value::Instant => json!({
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        }),
        Value::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Value::Word(words) => json!({ "enum": words() }),
        Value::Words(words) => json!({ "type": "array", "items": { "enum": words() }, "uniqueItems": true }),
        Value::Template => json!({ "type": "string", "pattern": "^[!-~]*\\{pin\\}[!-~]*$", "maxLength": 64 }),
        Value::Names => json!({
            "type": "array",
            "items": { "type": "string", "pattern": NAME, "maxLength": 40 },
            "uniqueItems": true,
        }),
        Value::Subject => subject(),
        Value::Subjects => json!({ "type": "array", "items": subject() }),
        Value::Files => json!({ "type": "array", "items": table(&INPUT_FILE), "uniqueItems": true }),
        Value::Boolean => json!({ "type": "boolean" }),
        Value::Form(pattern) => json!({ "type": "string", "pattern": pattern }),
        Value::Forms(pattern) => json!({
            "type": "array",
            "items": { "type": "string", "pattern": pattern },
            "uniqueItems": true,
        }),
        Value::Table(shape) => table(shape),
        Value::Waivers => json!({ "type": "array", "items": table(&WAIVER) }),
        Value::Duties => json!({ "type": "array", "items": table(&DUTY) }),
        Value::Steps => json!({
            "type": "array",
            "minItems": 1,
            "items": { "oneOf": STEPS.iter().map(step).collect::<Vec<_>>() },
        }),
    }
}

fn reference() -> Json {
    json!({ "type": "string", "pattern": "^(ledger:([1-9][0-9]*/)?)?[a-z][a-z0-9]*(-[a-z0-9]+)*$" })
}

fn subject() -> Json {
    let attribute = json!({ "type": "string", "pattern": VISIBLE });
    let properties: Map<_, _> = attributes().into_iter().map(|name| (name, attribute.clone())).collect();
    json!({
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": properties,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
        },
    })
}

fn step(shape: &super::shape::StepShape) -> Json {
    let mut schema = table(&shape.table);
    if let Some(kind) = schema.pointer_mut("/properties/do") {
        *kind = json!({ "const": shape.kind.to_string(), "description": "What is done." });
    }
    schema
}
