//! Relatives and child screens: invited, writing, hearing what is shared, and nothing else.

mod approval;
mod invited;
mod roles;
mod screens;
mod sharing;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestHub, wav};

/// A relative's name and password: ten letters and more, but nothing for a guardian.
const GRANDMA: &str = "Grandma Gisela";
const HERS: &str = "sunday kettle";

/// The secret in a link.
fn secret(invite: &Value) -> String {
    let link = invite["link"].as_str().unwrap();
    link.strip_prefix("https://localhost:8443/#invite=").unwrap().to_owned()
}

/// What a guardian sends to invite a relative for the first child.
async fn wanted(guardian: &Client<'_>) -> Value {
    let child = guardian.child().await["id"].clone();
    json!({ "name": GRANDMA, "grants": [{ "child": child, "relation": "grandmother" }] })
}

/// Invites a relative for the first child. Returns them, and the secret of their link.
async fn invite(guardian: &Client<'_>) -> (Value, String) {
    let answer = guardian.post_json("/api/v1/relatives", &wanted(guardian).await).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let answer = answer.json();
    (answer["relative"].clone(), secret(&answer["invite"]))
}

async fn look(hub: &TestHub, token: &str) -> Answer {
    hub.nobody().post_json("/api/v1/invites/look", &json!({ "token": token })).await
}

async fn accept(hub: &TestHub, token: &str, name: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "name": name, "password": password });
    hub.nobody().post_json("/api/v1/invites/accept", &body).await
}

async fn sign_in(hub: &TestHub, name: &str, password: &str) -> Answer {
    let body = json!({ "name": name, "password": password });
    hub.nobody().post_json("/api/v1/sessions", &body).await
}

/// Invites a relative, who comes. Returns who they are, and their browser.
pub(crate) async fn relative<'a>(hub: &'a TestHub, guardian: &Client<'_>) -> (String, Client<'a>) {
    let (relative, token) = invite(guardian).await;
    let accepted = accept(hub, &token, "gisela", HERS).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    (relative["id"].as_str().unwrap().to_owned(), hub.with_cookies_of(&accepted))
}

/// Binds a screen to the first child. Returns which it is, and its browser.
pub(crate) async fn screen<'a>(hub: &'a TestHub, guardian: &Client<'_>) -> (String, Client<'a>) {
    let child = guardian.child().await["id"].clone();
    let body = json!({ "name": "Kitchen tablet", "child": child });
    let added = guardian.post_json("/api/v1/screens", &body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let added = added.json();
    let body = json!({ "token": secret(&added["invite"]) });
    let accepted = hub.nobody().post_json("/api/v1/invites/accept", &body).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    (added["screen"]["id"].as_str().unwrap().to_owned(), hub.with_cookies_of(&accepted))
}

/// The conversation with the first child, as somebody sees it.
pub(crate) async fn items(client: &Client<'_>) -> Vec<Value> {
    let path = format!("{}/items", client.child_path().await);
    client.get(&path).await.json()["items"].as_array().unwrap().clone()
}

/// The one recording of the first child, which a toy made.
pub(crate) async fn recording(guardian: &Client<'_>) -> String {
    let items = items(guardian).await;
    let recording = items.iter().find(|item| item["kind"] == "recording").unwrap();
    recording["id"].as_str().unwrap().to_owned()
}

/// Changes what goes with the first child.
async fn regrant(guardian: &Client<'_>, relative: &str, grant: Value) -> Answer {
    let child = guardian.child().await["id"].clone();
    let mut grant = grant;
    grant["child"] = child;
    grant["relation"] = json!("grandmother");
    let path = format!("/api/v1/relatives/{relative}");
    guardian.post_json(&path, &json!({ "grants": [grant] })).await
}

pub(crate) async fn share(guardian: &Client<'_>, item: &str, with: &str) -> Answer {
    let path = format!("/api/v1/items/{item}/share");
    guardian.post_json(&path, &json!({ "account": with })).await
}
