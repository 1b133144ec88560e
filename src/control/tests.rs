use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::hub::probe::Ended;

/// A hub with one account.
struct Fake;

#[async_trait]
impl Terminal for Fake {
    async fn setup_code(&self) -> Result<Option<Zeroizing<String>>, Refused> {
        Ok(Some(Zeroizing::new("K7QM-3FXT".to_owned())))
    }

    async fn accounts(&self) -> Result<Vec<Account>, Refused> {
        let (name, role) = ("anna".to_owned(), "guardian".to_owned());
        Ok(vec![Account { name, role, created_at: 1_700_000_000, last_used_at: None }])
    }

    async fn reset_account(&self, name: &str) -> Result<Zeroizing<String>, Refused> {
        match name {
            "anna" => Ok(Zeroizing::new("open the page".to_owned())),
            _ => Err(Refused(format!("there is no account {name:?}"))),
        }
    }

    async fn note_new_root(&self) -> Result<(), Refused> {
        Ok(())
    }

    async fn erase_household(&self) -> Result<(), Refused> {
        Ok(())
    }

    async fn heard(&self) -> Result<(String, String, Vec<HeardToy>), Refused> {
        let (address, name) = ("C0:FF:EE:00:00:01".to_owned(), "CloudPets".to_owned());
        let toys = vec![HeardToy { address, name, signal_dbm: None, toy: None }];
        Ok(("works".to_owned(), "Bluetooth works".to_owned(), toys))
    }

    async fn toys(&self) -> Result<Vec<Toy>, Refused> {
        Ok(Vec::new())
    }

    async fn begin_probe(&self, wanted: &Wanted) -> Result<(), Refused> {
        let address = Some("C0:FF:EE:00:00:01".to_owned());
        let known = Wanted { address, fetch: true, wait: std::time::Duration::from_secs(60) };
        if *wanted == known { Ok(()) } else { Err(Refused("squeeze a paw".to_owned())) }
    }

    async fn probe(&self) -> Result<Progress, Refused> {
        let ended = Ended { transcript: "hutch-probe 1\n".to_owned(), trouble: Some("it broke") };
        Ok(Progress { told: vec!["squeeze".to_owned()], ended: Some(ended) })
    }
}

/// A door that has one root, and cannot have another.
struct FakeDoor;

impl Door for FakeDoor {
    fn places(&self) -> Vec<String> {
        vec!["https://localhost:8443".to_owned()]
    }

    fn fingerprints(&self) -> Fingerprints {
        Fingerprints { root: [0xAB; 32], names: [1; 32], addresses: [2; 32] }
    }

    fn new_root(&self) -> Result<Fingerprints, Refused> {
        Err(Refused("the disk is full".to_owned()))
    }
}

/// A control socket in a thread of its own.
struct Served {
    dir: tempfile::TempDir,
    stop: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (path, stop) = (dir.path().join(SOCKET), CancellationToken::new());
        let (inside, outside) = std::sync::mpsc::channel();
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let socket = Socket::bind(&path).unwrap();
                inside.send(()).unwrap();
                socket.serve(Arc::new(Fake), Arc::new(FakeDoor), stopped).await;
            });
        });
        outside.recv().unwrap();
        Self { dir, stop, thread: Some(thread) }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join(SOCKET)
    }

    fn connect(&self) -> BufReader<UnixStream> {
        BufReader::new(UnixStream::connect(self.path()).unwrap())
    }

    fn stop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

fn line(client: &mut BufReader<UnixStream>, request: &str) -> String {
    client.get_mut().write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_line(&mut answer).unwrap();
    answer
}

/// Binds without a hub behind it.
fn bind(path: &Path) -> Result<Socket, ControlError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    Socket::bind(path)
}

#[test]
fn answers_what_a_terminal_asks() {
    let served = Served::start();

    let Ok(Answer::SetupCode { code, places }) = ask(&served.path(), &Request::SetupCode) else {
        panic!("no code")
    };
    assert_eq!(code.as_deref(), Some("K7QM-3FXT"));
    assert_eq!(places, ["https://localhost:8443"]);
    let Ok(Answer::Accounts { accounts }) = ask(&served.path(), &Request::Accounts) else {
        panic!("no accounts")
    };
    assert_eq!(accounts[0].name, "anna");
    let reset = |name: &str| ask(&served.path(), &Request::ResetAccount { name: name.to_owned() });
    assert!(matches!(reset("anna"), Ok(Answer::AccountReset { next }) if next == "open the page"));
    let Err(error) = reset("bob") else { panic!("bob is nobody") };
    assert_eq!(error.to_string(), "there is no account \"bob\"");
}

#[test]
fn the_words_on_the_wire_stay_the_same() {
    let served = Served::start();
    let mut client = served.connect();

    assert_eq!(
        line(&mut client, "{\"request\":\"setup_code\"}\n"),
        "{\"answer\":\"setup_code\",\"code\":\"K7QM-3FXT\",\"places\":[\"https://localhost:8443\"]}\n"
    );
    assert_eq!(
        line(&mut client, "{\"request\":\"accounts\"}\n"),
        "{\"answer\":\"accounts\",\"accounts\":\
         [{\"name\":\"anna\",\"role\":\"guardian\",\"created_at\":1700000000,\
         \"last_used_at\":null}]}\n"
    );
    assert_eq!(
        line(&mut client, "{\"request\":\"reset_account\",\"name\":\"anna\"}\n"),
        "{\"answer\":\"account_reset\",\"next\":\"open the page\"}\n"
    );
    assert_eq!(
        line(&mut client, "{\"request\":\"erase_household\"}\n"),
        "{\"answer\":\"erasing\"}\n"
    );
    assert_eq!(
        line(&mut client, "{\"request\":\"heard\"}\n"),
        "{\"answer\":\"heard\",\"radio\":\"works\",\"about\":\"Bluetooth works\",\"toys\":\
         [{\"address\":\"C0:FF:EE:00:00:01\",\"name\":\"CloudPets\",\"signal_dbm\":null,\
         \"toy\":null}]}\n"
    );
    assert_eq!(
        line(&mut client, "{\"request\":\"toys\"}\n"),
        "{\"answer\":\"toys\",\"toys\":[]}\n"
    );
    let begin = |fetch: bool| {
        format!(
            "{{\"request\":\"begin_probe\",\"address\":\"C0:FF:EE:00:00:01\",\"fetch\":{fetch},\
             \"wait_s\":60}}\n"
        )
    };
    assert_eq!(line(&mut client, &begin(true)), "{\"answer\":\"probe_begun\"}\n");
    assert_eq!(
        line(&mut client, &begin(false)),
        "{\"answer\":\"error\",\"message\":\"squeeze a paw\"}\n"
    );
    assert_eq!(
        line(&mut client, "{\"request\":\"probe\"}\n"),
        "{\"answer\":\"probe\",\"told\":[\"squeeze\"],\"transcript\":\"hutch-probe 1\\n\",\
         \"trouble\":\"it broke\"}\n"
    );
    for unknown in ["{\"request\":\"erase\"}\n", "{}\n", "\n", "hello\n", "{\"request\":1}\n"] {
        let answer = line(&mut client, unknown);
        assert!(answer.contains("this hub does not know that request"), "{unknown}: {answer}");
    }
}

#[test]
fn a_line_that_does_not_end_is_not_read_on() {
    let served = Served::start();
    let mut client = served.connect();

    let answer = line(&mut client, &"x".repeat(MAX_LINE_BYTES));

    assert!(answer.contains("one line of JSON"), "{answer}");
    assert_eq!(client.read_line(&mut String::new()).unwrap_or(0), 0);
}

#[test]
fn more_clients_than_seats_are_served_one_after_the_other() {
    let served = Served::start();
    let silent: Vec<_> = (0..20).map(|_| served.connect()).collect();
    assert_eq!(silent.len(), 20);
    drop(silent);

    assert!(ask(&served.path(), &Request::SetupCode).is_ok());
}

#[test]
fn the_socket_is_its_owners_alone_and_goes_with_the_hub() {
    let mut served = Served::start();
    let path = served.path();

    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    served.stop();
    assert!(!path.exists());
    assert_eq!(fs::read_dir(served.dir.path()).unwrap().count(), 0);
}

#[test]
fn only_root_and_the_hubs_own_user_may_ask() {
    assert!(server::may_ask(0, 990));
    assert!(server::may_ask(990, 990));
    assert!(!server::may_ask(1_000, 990));
    assert!(!server::may_ask(1_000, 0));
}

#[test]
fn what_a_killed_hub_left_is_replaced_and_a_running_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(SOCKET);
    // Dropping a listener leaves its file.
    drop(UnixListener::bind(&path).unwrap());
    drop(UnixListener::bind(path.with_extension("part")).unwrap());

    let running = bind(&path).unwrap();

    assert!(matches!(bind(&path), Err(ControlError::InUse { .. })));
    assert!(path.exists());
    drop(running);
    fs::write(&path, "notes").unwrap();
    assert!(matches!(bind(&path), Err(ControlError::NotASocket { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"notes");
}

#[test]
fn another_hubs_socket_is_not_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(SOCKET);
    let first = bind(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let _second = bind(&path).unwrap();

    drop(first);

    assert!(path.exists());
}

#[test]
fn a_path_that_is_too_long_for_a_socket_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("x".repeat(120));
    fs::create_dir(&deep).unwrap();

    assert!(matches!(bind(&deep.join(SOCKET)), Err(ControlError::Io { .. })));
    assert!(matches!(ask(&deep.join(SOCKET), &Request::SetupCode), Err(AskError::Silent { .. })));
}

#[test]
fn without_a_hub_the_terminal_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(SOCKET);

    let Err(error) = ask(&path, &Request::SetupCode) else { panic!("nobody is there") };
    assert!(error.to_string().contains("systemctl status hutch"), "{error}");
    drop(UnixListener::bind(&path).unwrap());
    assert!(matches!(ask(&path, &Request::SetupCode), Err(AskError::Nobody { .. })));
}

#[test]
fn an_answer_that_is_none_is_said() {
    for answer in ["", "welcome\n", "{\"answer\":\"later\"}\n"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(SOCKET);
        let listener = UnixListener::bind(&path).unwrap();
        let hub = std::thread::spawn(move || {
            let mut client = BufReader::new(listener.accept().unwrap().0);
            client.read_line(&mut String::new()).unwrap();
            client.get_mut().write_all(answer.as_bytes()).unwrap();
        });

        let Err(error) = ask(&path, &Request::SetupCode) else { panic!("{answer:?}") };

        let is_silent = matches!(error, AskError::Silent { .. });
        assert!(is_silent || matches!(error, AskError::Garbled), "{answer:?}: {error}");
        assert_eq!(is_silent, answer.is_empty(), "{answer:?}: {error}");
        hub.join().unwrap();
    }
}

proptest! {
    #[test]
    fn any_line_is_a_request_or_none(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        drop(serde_json::from_slice::<Request>(&bytes));
    }

    #[test]
    fn any_name_comes_through(name in "\\PC{0,40}") {
        let request = Request::ResetAccount { name };
        let line = serde_json::to_vec(&request).unwrap();
        prop_assert!(!line.contains(&b'\n'));
        prop_assert_eq!(serde_json::from_slice::<Request>(&line).unwrap(), request);
    }
}

#[test]
fn fingerprints_are_answered_in_hexadecimal() {
    let served = Served::start();

    let Ok(Answer::Fingerprints { root, names, addresses }) =
        ask(&served.path(), &Request::Fingerprints)
    else {
        panic!("that is another answer");
    };

    assert_eq!(root, "ab".repeat(32));
    assert_eq!((names, addresses), ("01".repeat(32), "02".repeat(32)));
}

#[test]
fn a_root_that_cannot_be_made_is_told() {
    let served = Served::start();

    let Err(AskError::Refused(why)) = ask(&served.path(), &Request::NewRoot) else {
        panic!("there is no other root");
    };

    assert_eq!(why, "the disk is full");
}
