//! The OpenAPI document of the route table.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    caller::{COOKIE, SETUP_CODE},
    care,
    code::Code,
    error, events, guard,
    overview::VERSION,
    route::{Access, Content, Parameter, Route},
    routes::ROUTES,
    schema::{Components, Shape as _},
    trust,
};
use crate::model::ItemId;

/// Returns the document, OpenAPI 3.2. Who may use an operation stands in its `x-access`.
pub fn openapi() -> Value {
    let mut known = Components::default();
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES.iter() {
        let operation = operation(route, &mut known);
        let path = paths.entry(plain_path(route.path)).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.word().to_ascii_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.2.0",
        "info": {
            "title": "Hutch",
            "version": VERSION,
            "description": "The hub as the page sees it. Times are Unix seconds.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": known.into_value(),
            "securitySchemes": {
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": "Set by signing in.",
                },
                "meter": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A guardian makes it, under Care.",
                },
                "setup_code": {
                    "type": "apiKey",
                    "in": "header",
                    "name": SETUP_CODE,
                    "description": "The hub shows it until it is set up.",
                },
            },
        },
    })
}

fn operation(route: &Route, known: &mut Components) -> Value {
    let mut responses = Map::new();
    responses.insert(route.status.to_string(), success(route, known));
    if let Content::Sound(_) = route.response {
        let part = json!({ "description": "The range that was asked for.", "content": content(route.response, known) });
        responses.insert("206".to_owned(), part);
    }
    if matches!(route.response, Content::File | Content::Picture(_)) {
        let known = json!({ "description": "The file is the one that the browser has." });
        responses.insert("304".to_owned(), known);
    }
    for (status, codes) in errors(route) {
        responses.insert(status.to_string(), failure(&codes, known));
    }
    let mut operation = json!({
        "summary": route.summary,
        "x-access": route.access.word(),
        "security": match route.access {
            Access::Public => json!([]),
            Access::SignedIn
            | Access::Account
            | Access::Guardian
            | Access::ChildScreen
            | Access::DemoGuardian => json!([{ "cookie": [] }]),
            Access::Meter => json!([{ "meter": [] }]),
            Access::Newcomer => json!([{ "setup_code": [] }]),
        },
        "parameters": parameters(route, known),
        "responses": responses,
    });
    let is_required = !matches!(route.request, Content::WavOrNothing);
    if let (Some(operation), false) =
        (operation.as_object_mut(), matches!(route.request, Content::Nothing))
    {
        let body = json!({ "required": is_required, "content": content(route.request, known) });
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

/// Returns what may go wrong on a route, by status: what it names itself, and what follows from
/// who may use it and how.
fn errors(route: &Route) -> BTreeMap<u16, Vec<Code>> {
    let mut codes = route.errors.to_vec();
    codes.extend([Code::NoLength, Code::WrongHost]);
    if route.path.contains('{') || route.access == Access::DemoGuardian {
        codes.push(Code::NotFound);
    }
    if guard::is_api(route.path) {
        codes.push(Code::CrossSite);
    }
    if route.access != Access::Public {
        codes.extend([Code::NotSignedIn, Code::Internal]);
    }
    if route.access == Access::Newcomer {
        codes.extend([Code::WrongCode, Code::CodeRenewed, Code::AlreadySetUp, Code::TryLater]);
    }
    if route.path.contains("{item}") {
        codes.push(Code::Damaged);
    }
    if codes.contains(&Code::Internal) {
        // What is asked may be written down, and who asks is.
        codes.extend([Code::DiskFull, Code::CannotWrite]);
    }
    if !matches!(route.access, Access::Public | Access::SignedIn | Access::Meter | Access::Newcomer)
    {
        codes.push(Code::NotAllowed);
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

fn success(route: &Route, known: &mut Components) -> Value {
    let description = match route.status {
        303 => "Go to the page; the cookies are set if the token was right.",
        201 => "Done, and something new is there.",
        202 => "It has begun, or is done.",
        _ => "Done.",
    };
    let mut response = json!({ "description": description });
    let content = content(route.response, known);
    if let (Some(response), Value::Object(_)) = (response.as_object_mut(), &content) {
        response.insert("content".to_owned(), content);
    }
    response
}

fn failure(codes: &[Code], known: &mut Components) -> Value {
    let words: Vec<&str> = codes.iter().map(|code| code.word()).collect();
    let mut schemas: Vec<Value> = codes.iter().map(|code| error::shape(*code, known)).collect();
    schemas.dedup();
    let only = json!({ "properties": { "error": { "enum": words } } });
    let schema = json!({ "allOf": [{ "anyOf": schemas }, only] });
    json!({
        "description": words.join(", "),
        "content": { "application/json": { "schema": schema } },
    })
}

/// Returns the media types of a body, or null if there is none.
fn content(content: Content, known: &mut Components) -> Value {
    let binary = json!({});
    match content {
        Content::Nothing => Value::Null,
        Content::Json(shape) => json!({ "application/json": { "schema": shape(known) } }),
        Content::SomeJson => json!({ "application/json": { "schema": { "type": "object" } } }),
        Content::SoundFile => json!({
            "audio/*": binary,
            "video/*": binary,
            "application/ogg": binary,
            "application/octet-stream": binary,
        }),
        Content::Wav | Content::WavOrNothing => json!({ "audio/wav": binary }),
        Content::PictureFile => json!({
            "image/*": binary,
            "application/octet-stream": binary,
        }),
        Content::Sound(types) | Content::Download(types) | Content::Picture(types) => types
            .iter()
            .map(|kind| ((*kind).to_owned(), binary.clone()))
            .collect::<Map<_, _>>()
            .into(),
        Content::Events => {
            let kinds: Vec<Value> = events::shapes(known)
                .into_iter()
                .map(|(name, schema)| {
                    let data = json!({
                        "contentMediaType": "application/json",
                        "contentSchema": schema,
                    });
                    json!({ "properties": { "event": { "const": name }, "data": data } })
                })
                .collect();
            let event = json!({
                "type": "object",
                "properties": {
                    "event": { "type": "string" },
                    "data": { "type": "string" },
                    "retry": { "type": "integer" },
                },
                "required": ["event", "data"],
                "oneOf": kinds,
            });
            json!({ "text/event-stream": { "itemSchema": event } })
        }
        Content::Bytes => json!({ "application/octet-stream": binary }),
        Content::File => json!({ "*/*": binary }),
        Content::Figures => json!({ (care::FIGURES): binary }),
    }
}

fn parameters(route: &Route, known: &mut Components) -> Vec<Value> {
    let in_path = route.path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let in_path = in_path.map(|(name, _rest)| {
        let name = name.split(':').next().unwrap_or(name);
        let schema = match name {
            "slot" => json!({ "type": "integer", "minimum": 0, "maximum": 4 }),
            "path" => String::shape(known),
            "file" => json!({ "type": "string", "enum": trust::FILES }),
            // Everything else that a path names is an identifier, and all look the same.
            _ => ItemId::shape(known),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let described = |place: &'static str| move |Parameter { name, about, schema }: &Parameter| json!({ "name": name, "in": place, "description": about, "schema": schema() });
    let in_query = route.query.iter().map(described("query"));
    let in_headers = route.headers.iter().map(described("header"));
    in_path.chain(in_query).chain(in_headers).collect()
}

/// Returns a path without the pattern of its parameter.
fn plain_path(path: &str) -> String {
    path.replace(":.*}", "}")
}
