//! Holds answers against the OpenAPI document. Only as much of JSON Schema as the document uses.

use serde_json::Value;

use crate::support::Answer;

/// Fails if the document does not describe this answer of a path that it has.
#[track_caller]
pub(crate) fn check(document: &Value, method: &str, path: &str, answer: &Answer) {
    let paths = document["paths"].as_object().unwrap();
    let Some(template) = paths.keys().find(|template| matches(template, path)) else { return };
    let Some(operation) = paths[template].get(method.to_ascii_lowercase()) else { return };
    let status = answer.status.as_str();
    let response = &operation["responses"][status];
    assert!(response.is_object(), "{method} {template} does not name {status}: {answer:?}");
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        assert!(answer.body.is_empty(), "{method} {template} {status} has a body");
        return;
    };
    let kind = answer.header(actix_web::http::header::CONTENT_TYPE);
    let essence = kind.split(';').next().unwrap();
    let media = content.get(kind).or_else(|| content.get(essence)).or_else(|| content.get("*/*"));
    let media = media.unwrap_or_else(|| panic!("{method} {template} {status} is not {kind}"));
    if essence == "application/json"
        && let Err(fault) = validate(document, &media["schema"], &answer.json(), "$")
    {
        panic!("{method} {template} {status}: {fault}\n{}", answer.text());
    }
}

/// Returns whether a path is one of a template. The page's files match what nothing else does.
pub(crate) fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut parts) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some("{path}"), Some(_)) => return !path.starts_with("/api/") && path != "/open",
            (Some(wanted), Some(part)) if wanted.starts_with('{') && !part.is_empty() => {}
            (Some(wanted), Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
}

/// Returns where and why a value is not what a schema says. Stricter than JSON Schema: a
/// property that is not described is a fault.
pub(crate) fn validate(
    document: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.strip_prefix('#').unwrap());
        let target = target.ok_or_else(|| format!("{at}: {name} leads nowhere"))?;
        return validate(document, target, value, at);
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().try_for_each(|schema| validate(document, schema, value, at));
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let faults: Vec<_> =
            any.iter().map_while(|schema| validate(document, schema, value, at).err()).collect();
        return if faults.len() == any.len() { Err(faults.join("; or ")) } else { Ok(()) };
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{at}: {value} is none of {words:?}"));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.contains(&kind(value)) {
        return Err(format!("{at}: {value} is not {kinds:?}"));
    }
    if let Some(number) = value.as_f64() {
        let lowest = schema["minimum"].as_f64().unwrap_or(f64::MIN);
        let highest = schema["maximum"].as_f64().unwrap_or(f64::MAX);
        if number < lowest || highest < number {
            return Err(format!("{at}: {number} is not in {lowest}..={highest}"));
        }
    }
    if let Some(text) = value.as_str() {
        let is_id =
            |text: &str| text.len() == 26 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if schema["pattern"] == "^[a-z2-7]{26}$" && !is_id(text) {
            return Err(format!("{at}: {text} is no identifier"));
        }
    }
    if let Some(values) = value.as_array() {
        let n_values = u64::try_from(values.len()).unwrap();
        let (fewest, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        if n_values < fewest.unwrap_or(0) || most.unwrap_or(u64::MAX) < n_values {
            return Err(format!("{at}: {n_values} items"));
        }
        for (n, value) in values.iter().enumerate() {
            validate(document, &schema["items"], value, &format!("{at}[{n}]"))?;
        }
    }
    if let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object())
    {
        for (field, value) in fields {
            match properties.get(field) {
                Some(schema) => validate(document, schema, value, &format!("{at}.{field}"))?,
                // The second half of an error's schema only narrows its code.
                None if schema.get("type").is_none() => {}
                None => return Err(format!("{at}.{field} is not described")),
            }
        }
        for field in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(field.as_str().unwrap()) {
                return Err(format!("{at}: {field} is missing"));
            }
        }
    }
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let document = serde_json::json!({ "components": { "schemas": { "Pet": {
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "age": { "type": ["integer", "null"], "minimum": 0 },
            "kind": { "type": "string", "enum": ["bear", "cat"] },
        },
        "required": ["name", "age"],
    } } } });
    let schema = serde_json::json!({ "$ref": "#/components/schemas/Pet" });
    let is_valid = |text: &str| {
        let value = serde_json::from_str(text).unwrap();
        validate(&document, &schema, &value, "$").is_ok()
    };

    assert!(is_valid(r#"{ "name": "Bo", "age": null }"#));
    assert!(is_valid(r#"{ "name": "Bo", "age": 3, "kind": "cat" }"#));
    assert!(!is_valid(r#"{ "name": "Bo" }"#));
    assert!(!is_valid(r#"{ "name": "Bo", "age": -1 }"#));
    assert!(!is_valid(r#"{ "name": "Bo", "age": "3" }"#));
    assert!(!is_valid(r#"{ "name": "Bo", "age": 3, "kind": "dog" }"#));
    assert!(!is_valid(r#"{ "name": "Bo", "age": 3, "size": 1 }"#));
}
