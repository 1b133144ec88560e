//! A household that comes back over the page of a new hub: with the set-up code, in its place.

use std::{collections::BTreeSet, io::Write as _};

use serde_json::{Value, json};

use super::*;

const NAME: &str = "Annabella-Magnolia";
const PASSWORD: &str = "correct-horse-battery-staple-moss";

/// A hub that is new, and a stick with the backup of another one.
struct Scene {
    before: Household,
    key: String,
    root: Vec<u8>,
    after: Household,
    hub: Hub,
    code: String,
    address: String,
}

impl Scene {
    fn new() -> Self {
        let before = Household::new();
        let hub = before.start();
        let (code, address) = hub.asked();
        let root = fs::read(before.state().join("tls-root.pem")).unwrap();
        let founding = json!({ "code": code.unwrap(), "name": NAME, "password": PASSWORD });
        let request = browser(&root).post(format!("{address}/api/v1/setup"));
        let mut answer = request.header("origin", &address).send_json(founding).unwrap();
        assert_eq!(answer.status(), 201);
        let answer: Value = answer.body_mut().read_json().unwrap();
        let key = answer["recovery_key"].as_str().unwrap().to_owned();
        let stick = before.dir.path().join("stick");
        fs::create_dir(&stick).unwrap();
        let made = before.command("backup create").arg(&stick).output().unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
        hub.stop();

        let after = Household::new();
        let hub = after.start_with(|command| {
            command.env("HUTCH_BACKUP_TO", &stick);
        });
        let (code, address) = hub.asked();
        Self { before, key, root, after, hub, code: code.unwrap(), address }
    }

    /// The backup as a file.
    fn file(&self) -> PathBuf {
        let stick = self.before.dir.path().join("stick");
        hutch::backup::list(&stick).unwrap().pop().unwrap().path
    }

    /// A browser that trusts the hub as it is now.
    fn browser(&self) -> ureq::Agent {
        browser(&fs::read(self.after.state().join("tls-root.pem")).unwrap())
    }

    fn get(&self, path: &str, code: &str) -> (u16, Value) {
        let request = self.browser().get(format!("{}/api/v1/restore{path}", self.address));
        let mut answer = request.header("hutch-setup-code", code).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
    }

    fn begin(&self, code: &str, body: Value) -> (u16, Value) {
        let request = self.browser().post(format!("{}/api/v1/restore", self.address));
        let request = request.header("origin", &self.address).header("hutch-setup-code", code);
        let mut answer = request.send_json(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
    }

    fn send(&self, code: &str, bytes: &[u8]) -> (u16, Value) {
        let request = self.browser().post(format!("{}/api/v1/restore/file", self.address));
        let request = request
            .header("origin", &self.address)
            .header("hutch-setup-code", code)
            .header("content-type", "application/octet-stream");
        let mut answer = request.send(bytes).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
    }

    /// Restores, and returns what came of it.
    fn restore(&self, backup: &str, key: &str) -> Value {
        let begun = self.begin(&self.code, json!({ "backup": backup, "key": key }));
        assert_eq!(begun.0, 202, "{}", begun.1);
        for _ in 0..600 {
            let (status, now) = self.get("", &self.code);
            assert_eq!(status, 200, "{now}");
            match now["state"].as_str().unwrap() {
                "ready" | "failed" => return now,
                _ => thread::sleep(Duration::from_millis(100)),
            }
        }
        panic!("it comes to no end: {}", self.hub.log());
    }

    /// What is in the state folder besides a hub that waits to be set up.
    fn left(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.after.state()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("restor") || name.contains("sent")).collect()
    }

    fn assert_new(&self) {
        let door = self.browser().get(format!("{}/api/v1/door", self.address)).call();
        let door: Value = door.unwrap().body_mut().read_json().unwrap();
        assert_eq!(door["state"], "set_up");
        assert!(self.hub.asked().0.is_some());
    }

    /// Signs in to what came back, as a device does that has trusted it before.
    fn assert_back(&self) {
        let old = browser(&self.root);
        let url = format!("{}/api/v1/sessions", self.address);
        let credentials = json!({ "name": NAME, "password": PASSWORD });
        for _ in 0..600 {
            let request = old.post(&url).header("origin", &self.address);
            match request.send_json(&credentials) {
                Ok(answer) if answer.status() == 201 => return,
                // It has the certificate of a moment ago, or none.
                Ok(_) | Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
        panic!("it does not come back: {}", self.hub.log());
    }
}

#[test]
fn a_new_hub_takes_the_household_from_the_stick() {
    let scene = Scene::new();
    let (status, offers) = scene.get("/backups", &scene.code);
    assert_eq!(status, 200, "{offers}");
    let offer = &offers["backups"][0];
    assert_eq!(offers["backups"].as_array().unwrap().len(), 1);
    assert_eq!(offer["opens"], "recovery_key");
    assert_eq!(offer["bytes"], fs::metadata(scene.file()).unwrap().len());
    let id = offer["id"].as_str().unwrap();

    let done = scene.restore(id, &scene.key.to_lowercase());
    assert_eq!(
        (&done["state"], &done["returned"]["items"]),
        (&json!("ready"), &json!(0)),
        "{done}"
    );
    assert_eq!(done["returned"]["knows_erased"], true);
    // While it comes, nobody founds another.
    let request = scene.browser().post(format!("{}/api/v1/setup", scene.address));
    let founding = json!({ "code": &scene.code, "name": "Berta", "password": PASSWORD });
    let refused = request.header("origin", &scene.address).send_json(founding);
    if let Ok(mut refused) = refused {
        let body: Value = refused.body_mut().read_json().unwrap();
        assert_eq!(body["error"], "restoring");
    }
    scene.assert_back();

    assert_eq!(fs::read(scene.after.state().join("tls-root.pem")).unwrap(), scene.root);
    assert_eq!(scene.hub.asked(), (None, scene.address.clone()), "the page is where it was");
    let (status, refused) = scene.get("/backups", &scene.code);
    assert_eq!((status, &refused["error"]), (409, &json!("already_set_up")));
    let (status, refused) = scene.begin(&scene.code, json!({ "backup": id, "key": &scene.key }));
    assert_eq!((status, &refused["error"]), (409, &json!("already_set_up")));
    let (status, refused) = scene.send(&scene.code, &fs::read(scene.file()).unwrap());
    assert_eq!((status, &refused["error"]), (409, &json!("already_set_up")));
    assert_eq!(scene.left(), BTreeSet::new());
    assert!(!scene.after.state().join("replaced").exists(), "nobody lived here before");
    for secret in [NAME, PASSWORD, &scene.key, &scene.code] {
        assert!(!scene.hub.log().contains(secret), "{}", scene.hub.log());
    }
    scene.hub.stop();
    let again = scene.after.start();
    assert_eq!(again.asked().0, None);
    again.stop();
}

#[test]
fn a_file_from_a_browser_does_as_well() {
    let scene = Scene::new();
    let backup = fs::read(scene.file()).unwrap();
    let (status, offer) = scene.send(&scene.code, &backup);
    assert_eq!((status, &offer["bytes"]), (201, &json!(backup.len())), "{offer}");
    let sent = scene.after.state().join("backup-sent.age");
    assert_eq!(fs::read(&sent).unwrap(), backup, "as sealed as it was");
    assert_eq!(mode(&sent) & 0o777, 0o600);
    let id = offer["id"].as_str().unwrap();
    let (_, offers) = scene.get("/backups", &scene.code);
    assert_eq!(offers["backups"][0]["id"], id);

    // A wrong key costs nothing: what was sent needs not be sent again.
    let other = hutch::seal::recovery::RecoveryKey::generate().to_text();
    assert_eq!(scene.restore(id, &other)["fault"], "other_key");
    let last = scene.key.chars().last().unwrap();
    let mistyped =
        scene.key.trim_end_matches(last).to_owned() + if last == 'Q' { "P" } else { "Q" };
    assert_eq!(scene.restore(id, &mistyped)["fault"], "mistyped");
    assert_eq!(scene.restore(id, "five words that nobody guesses")["fault"], "wants_key");
    scene.assert_new();
    assert_eq!(scene.left(), BTreeSet::from(["backup-sent.age".to_owned()]));
    let done = scene.restore(id, &scene.key);
    assert_eq!(done["state"], "ready");
    assert_eq!(done["returned"]["knows_erased"], false, "no list lay beside it");

    scene.assert_back();
    assert_eq!(scene.left(), BTreeSet::new());
    scene.hub.stop();
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    let scene = Scene::new();
    let backup = fs::read(scene.file()).unwrap();
    for (n, no_backup) in
        [b"PK\x03\x04 a photo album".as_slice(), &[], b"age-enc"].iter().enumerate()
    {
        let (status, refused) = scene.send(&scene.code, no_backup);
        assert_eq!((status, &refused["error"]), (422, &json!("no_backup")), "{n}");
    }
    assert_eq!(scene.left(), BTreeSet::new());

    for n_bytes in [backup.len() - 1, backup.len() / 2, 30] {
        let (status, offer) = scene.send(&scene.code, &backup[..n_bytes]);
        assert_eq!(status, 201, "{offer}");
        let failed = scene.restore(offer["id"].as_str().unwrap(), &scene.key);
        let expected = if n_bytes == 30 { "no_backup" } else { "damaged" };
        assert_eq!(failed["fault"], expected, "{n_bytes}");
        scene.assert_new();
    }
    let mut changed = backup.clone();
    changed[backup.len() / 2] ^= 1;
    let (_, offer) = scene.send(&scene.code, &changed);
    assert_eq!(scene.restore(offer["id"].as_str().unwrap(), &scene.key)["fault"], "damaged");

    let (status, refused) =
        scene.begin(&scene.code, json!({ "backup": "0-../../etc/passwd", "key": &scene.key }));
    assert_eq!((status, &refused["error"]), (404, &json!("no_such_backup")));
    scene.assert_new();
    assert_eq!(scene.left(), BTreeSet::from(["backup-sent.age".to_owned()]));

    // Whoever sets the hub up after all needs it no more.
    let request = scene.browser().post(format!("{}/api/v1/setup", scene.address));
    let founding = json!({ "code": &scene.code, "name": "Berta", "password": PASSWORD });
    let founded = request.header("origin", &scene.address).send_json(founding).unwrap();
    assert_eq!(founded.status(), 201);
    assert_eq!(scene.left(), BTreeSet::new());
    scene.hub.stop();
}

#[test]
fn a_file_that_breaks_off_leaves_nothing() {
    let scene = Scene::new();
    let backup = fs::read(scene.file()).unwrap();
    let address = scene.address.strip_prefix("https://").unwrap();
    let root = scene.after.state().join("tls-root.pem");
    let mut openssl = Command::new("openssl")
        .args(["s_client", "-quiet", "-connect", address, "-servername", "localhost", "-CAfile"])
        .arg(&root)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let head = format!(
        "POST /api/v1/restore/file HTTP/1.1\r\nHost: {address}\r\nOrigin: {}\r\n\
         Hutch-Setup-Code: {}\r\nContent-Type: application/octet-stream\r\n\
         Content-Length: {}\r\n\r\n",
        scene.address,
        scene.code,
        backup.len()
    );
    let mut to = openssl.stdin.take().unwrap();
    to.write_all(head.as_bytes()).unwrap();
    to.write_all(&backup[..backup.len() / 2]).unwrap();
    to.flush().unwrap();
    let part = scene.after.state().join(".backup-sent.age.part");
    let wait = |until: &dyn Fn() -> bool| {
        (0..600).any(|_| {
            until() || {
                thread::sleep(Duration::from_millis(100));
                false
            }
        })
    };
    assert!(wait(&|| part.exists()), "{}", scene.hub.log());

    // One at a time.
    let (status, refused) = scene.send(&scene.code, &backup);
    assert_eq!((status, &refused["error"]), (409, &json!("restoring")));
    openssl.kill().unwrap();
    openssl.wait().unwrap();

    assert!(wait(&|| !part.exists()), "{}", scene.hub.log());
    assert_eq!(scene.left(), BTreeSet::new());
    scene.hub.stop();
}

#[test]
fn without_the_code_nobody_learns_or_changes_anything() {
    let scene = Scene::new();
    let (status, refused) = scene.get("/backups", "0000-0000-0000");
    assert_eq!((status, &refused["error"]), (403, &json!("wrong_code")));
    assert_eq!(refused["tries_left"], 9);
    let (status, refused) = scene.get("", "0000-0000-0000");
    assert_eq!((status, &refused["error"]), (403, &json!("wrong_code")));
    let (status, refused) = scene.send("0000-0000-0000", &fs::read(scene.file()).unwrap());
    assert_eq!((status, &refused["error"]), (403, &json!("wrong_code")));
    let begun = json!({ "backup": "sent", "key": &scene.key });
    let (status, refused) = scene.begin("0000-0000-0000", begun);
    assert_eq!((status, &refused["error"]), (403, &json!("wrong_code")));
    let mut last = json!({});
    // They are counted with those of the set-up: who guesses has to wait.
    for _ in 0..6 {
        last = scene.get("/backups", "0000-0000-0000").1;
    }
    assert_eq!(last["error"], "try_later");
    assert_eq!(scene.left(), BTreeSet::new());
    scene.assert_new();
    scene.hub.stop();
}
