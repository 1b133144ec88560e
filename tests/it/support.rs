//! A hub to talk to over HTTP, in process and without a socket.
//!
//! Every answer is held against the OpenAPI document: a body that its schema does not describe,
//! or a status that the route does not name, fails the test that caused it.

use std::{
    pin::Pin,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{
    App,
    body::{BoxBody, MessageBody as _},
    dev::{Payload, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName},
    },
    test::{self, TestRequest},
    web::Bytes,
};
use hutch::{
    http::{self, Admission, Hosts, Limits, Options, Trusted},
    hub::{Bus, Hub},
    model::Timestamp,
    store::Store,
    tls::{Fingerprints, Root},
    toy::firmware::Quirks,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{house::House, http_schema};

/// The authority that in-process requests are for.
pub(crate) const HOST: &str = "localhost:8443";
pub(crate) const ORIGIN: &str = "https://localhost:8443";
pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

static DOCUMENT: LazyLock<Value> = LazyLock::new(http::openapi);

/// A hub with one child, its toy and a recording.
pub(crate) struct TestHub {
    pub(crate) hub: Hub,
    pub(crate) bus: Arc<Bus>,
    pub(crate) token: String,
    pub(crate) stop: CancellationToken,
    pub(crate) limits: Limits,
    pub(crate) trusted: Arc<Shown>,
    house: Option<House>,
}

/// What a device is to trust, and where the page is.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) root: Vec<u8>,
    pub(crate) places: Vec<String>,
}

impl Default for Shown {
    fn default() -> Self {
        static ROOT: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let root = Root::generate("hutch.local", Timestamp(1_780_272_000)).unwrap();
            root.certificate().to_vec()
        });
        let places = ["https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443"];
        Self { root: ROOT.clone(), places: places.map(str::to_owned).to_vec() }
    }
}

impl Trusted for Shown {
    fn fingerprints(&self) -> Fingerprints {
        let root = Sha256::digest(&self.root).into();
        Fingerprints { root, names: [0xAB; 32], addresses: [0xCD; 32] }
    }

    fn root_der(&self) -> Vec<u8> {
        self.root.clone()
    }

    fn places(&self) -> Vec<String> {
        self.places.clone()
    }
}

/// Who asks.
pub(crate) struct Client<'a> {
    hub: &'a TestHub,
    cookie: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl TestHub {
    /// A demo, with simulated toys.
    pub(crate) async fn demo() -> Self {
        Self::of(House::in_demo().await).await
    }

    /// A demo whose toys are looked after.
    pub(crate) async fn demo_at_work() -> Self {
        let mut hub = Self::demo().await;
        hub.house.as_mut().unwrap().start_keepers().await;
        hub
    }

    /// A hub without a playroom.
    pub(crate) async fn without_demo() -> Self {
        Self::of(House::without_keepers(Quirks::default()).await).await
    }

    async fn of(house: House) -> Self {
        house.add_recording(1_000).await;
        let token = house.link().to_text().to_string();
        let (hub, bus) = (house.hub.clone(), Arc::clone(&house.tools.bus));
        let (stop, limits) = (CancellationToken::new(), Limits::default());
        Self { hub, bus, token, stop, limits, trusted: Arc::default(), house: Some(house) }
    }

    /// A hub of which only the hub itself is there, such as one that is not set up.
    pub(crate) fn around(hub: Hub) -> Self {
        let (stop, limits) = (CancellationToken::new(), Limits::default());
        Self {
            hub,
            bus: Arc::default(),
            token: String::new(),
            stop,
            limits,
            trusted: Arc::default(),
            house: None,
        }
    }

    /// What is stored.
    pub(crate) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.house.as_ref().unwrap().tools.store)
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            hosts: Hosts::loopback(8443),
            admission: Admission::default(),
            trusted: Arc::<Shown>::clone(&self.trusted),
            limits: self.limits,
            stop: self.stop.clone(),
        }
    }

    /// Whoever has the cookies that an answer set.
    pub(crate) fn with_cookies_of(&self, answer: &Answer) -> Client<'_> {
        let set = answer.headers.get_all(header::SET_COOKIE);
        let cookies: Vec<_> =
            set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
        assert!(!cookies.is_empty(), "{answer:?}");
        Client { hub: self, cookie: Some(cookies.join("; ")) }
    }

    pub(crate) fn nobody(&self) -> Client<'_> {
        Client { hub: self, cookie: None }
    }

    /// Comes in by a link, which is good once.
    pub(crate) async fn guardian(&self) -> Client<'_> {
        let link = self.house.as_ref().unwrap().link().to_text();
        let opened = self.nobody().get(&format!("/open?token={}", *link)).await;
        let cookie = opened.header(header::SET_COOKIE);
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Client { hub: self, cookie: Some(cookie) }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        self.call(request, None).await
    }

    async fn call(&self, request: TestRequest, body: Option<Payload>) -> Answer {
        let answer = self.respond(request, body).await;
        let method = answer.request().method().clone();
        let path = answer.request().match_info().as_str().to_owned();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = test::read_body(answer).await;
        let answer = Answer { status, headers, body };
        http_schema::check(&DOCUMENT, method.as_str(), &path, &answer);
        answer
    }

    async fn respond(&self, request: TestRequest, body: Option<Payload>) -> ServiceResponse {
        let mut request = request.to_request();
        if let Some(body) = body {
            (request, _) = request.replace_payload(body);
        }
        let app = App::new().configure(http::configure(self.hub.clone(), self.options()));
        let app = test::init_service(app).await;
        test::call_service(&app, request).await.map_into_boxed_body()
    }
}

impl Client<'_> {
    /// Adds what a browser adds to a request that the page makes.
    pub(crate) fn request(&self, method: &str, path: &str) -> TestRequest {
        let mut request = TestRequest::with_uri(path)
            .method(method.parse().unwrap())
            .insert_header((header::HOST, HOST))
            .insert_header((SEC_FETCH_SITE, "same-origin"));
        if method != "GET" {
            request = request.insert_header((header::ORIGIN, ORIGIN));
        }
        if let Some(cookie) = &self.cookie {
            request = request.insert_header((header::COOKIE, cookie.as_str()));
        }
        request
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        self.hub.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.send(self.request("POST", path)).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).set_json(body)).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("PUT", path).set_json(body)).await
    }

    pub(crate) async fn post_wav(&self, path: &str, wav: Vec<u8>) -> Answer {
        let request = self.request("POST", path).insert_header((header::CONTENT_TYPE, "audio/wav"));
        self.send(request.set_payload(wav)).await
    }

    /// Sends a body that comes in pieces.
    pub(crate) async fn post_stream(
        &self,
        path: &str,
        pieces: impl futures_util::Stream<Item = Bytes> + 'static,
    ) -> Answer {
        let request = self.request("POST", path).insert_header((header::CONTENT_TYPE, "audio/wav"));
        self.post_stream_with(request, pieces).await
    }

    /// Sends a request with a body that comes in pieces.
    pub(crate) async fn post_stream_with(
        &self,
        request: TestRequest,
        pieces: impl futures_util::Stream<Item = Bytes> + 'static,
    ) -> Answer {
        use futures_util::StreamExt as _;

        let payload: Pin<Box<dyn futures_util::Stream<Item = _>>> = Box::pin(pieces.map(Ok));
        let payload = Payload::Stream { payload };
        self.hub.call(request, Some(payload)).await
    }

    /// Follows the event stream.
    pub(crate) async fn events(&self) -> Events {
        let answer = self.hub.respond(self.request("GET", "/api/v1/events"), None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let content_type = answer.headers().get(header::CONTENT_TYPE).unwrap();
        assert_eq!(content_type, "text/event-stream");
        Events(Box::pin(answer.into_body()))
    }

    /// The first child, as JSON.
    pub(crate) async fn child(&self) -> Value {
        self.get("/api/v1/children").await.json()["children"][0].clone()
    }

    /// The path of the first child.
    pub(crate) async fn child_path(&self) -> String {
        format!("/api/v1/children/{}", self.child().await["id"].as_str().unwrap())
    }

    /// Sends a message and waits until the toy has it.
    pub(crate) async fn message_on_toy(&self) -> Value {
        let sent = self.message(500).await;
        let path = format!("/api/v1/items/{}", sent["id"].as_str().unwrap());
        loop {
            let item = self.get(&path).await.json();
            if item["delivery"]["state"] == "on_toy" {
                return item;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends a message of this length and returns its item.
    pub(crate) async fn message(&self, length_ms: usize) -> Value {
        let path = format!("{}/messages", self.child_path().await);
        let answer = self.post_wav(&path, wav(length_ms)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["items"][0].clone()
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The stable code of an error.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A running event stream.
pub(crate) struct Events(Pin<Box<BoxBody>>);

impl Events {
    /// The next piece of text, or none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let piece = std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx)).await?;
        Some(String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }
}

/// A WAV file of 16 kHz mono 16-bit sound: a tone, so that it is not mistaken for nothing.
pub(crate) fn wav(length_ms: usize) -> Vec<u8> {
    let n_bytes = u32::try_from(length_ms * 32).unwrap();
    let mut file = Vec::with_capacity(44 + length_ms * 32);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + n_bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&16_000_u32.to_le_bytes());
    file.extend_from_slice(&32_000_u32.to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data");
    file.extend_from_slice(&n_bytes.to_le_bytes());
    for sample in 0..length_ms * 16 {
        let tone: i16 = if sample / 20 % 2 == 0 { 4_000 } else { -4_000 };
        file.extend_from_slice(&tone.to_le_bytes());
    }
    file
}

/// The page's side of a running daemon: a browser without the browser.
pub(crate) struct Page {
    agent: ureq::Agent,
    origin: String,
    cookie: String,
}

impl Page {
    /// Opens the address that the daemon printed.
    pub(crate) fn open(url: &str) -> Self {
        let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let answer = agent.get(url).call().unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let origin = url.split("/open").next().unwrap().to_owned();
        Self { agent, origin, cookie }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path)).unwrap()
    }

    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let url = format!("{}{path}", self.origin);
        let mut answer = self.agent.get(&url).header("cookie", &self.cookie).call().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.body_mut().read_to_vec().unwrap()
    }

    /// Posts, and returns the answer, or nothing when the daemon is gone.
    pub(crate) fn try_post(&self, path: &str, content_type: &str, body: &[u8]) -> Option<Value> {
        self.try_post_once(path, content_type, body, None)
    }

    /// The same, with a key by which the request is known when it is made again.
    pub(crate) fn try_post_once(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
        key: Option<&str>,
    ) -> Option<Value> {
        let url = format!("{}{path}", self.origin);
        let mut request = self
            .agent
            .post(&url)
            .header("cookie", &self.cookie)
            .header("origin", &self.origin)
            .header("content-type", content_type);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let mut answer = request.send(body).ok()?;
        let status = answer.status();
        // The port of a daemon that is gone may be somebody else's by now.
        if [401, 421].contains(&status.as_u16()) {
            return None;
        }
        let body = answer.body_mut().read_to_vec().ok()?;
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).ok()
    }
}

/// A WAV file of this many milliseconds of somebody speaking.
pub(crate) fn speech_wav(length_ms: u64) -> Vec<u8> {
    let whole = include_bytes!("../data/vectors/upload/speech_en.wav");
    let mut pcm = hutch::audio::Pcm { rate: 16_000, samples: Vec::new() };
    let samples = whole[44..].chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]]));
    pcm.samples.extend(samples.take(usize::try_from(length_ms * 16).unwrap()));
    hutch::audio::wav::write(&pcm)
}
