//! What a real toy does, as far as its owner lets it be seen.

use std::{fs, path::Path, process::Command, sync::Arc, time::Duration};

use hutch::{
    audio::adpcm,
    control::{Door, Refused, SOCKET, Socket},
    hub::{
        MeetingState,
        probe::{Ended, ProbeError, Wanted},
    },
    model::Slot,
    tls::Fingerprints,
    toy::firmware::Quirks,
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::house::{ADDRESS, House, STRAY, tone};

/// How a probe of the toy that nobody has adopted ends, whose owner squeezes as told.
async fn probed(house: &House) -> Ended {
    let mut n_told = 0;
    loop {
        let progress = house.hub.probe().unwrap();
        for told in progress.told.iter().skip(n_told) {
            if told.starts_with("Squeeze the paw that records") {
                house.stray.record(Vec::new(), Duration::from_millis(400));
            } else if told.starts_with("Squeeze") {
                house.stray.press_play();
            }
        }
        n_told = progress.told.len();
        if let Some(ended) = progress.ended {
            return ended;
        }
        sleep(Duration::from_millis(300)).await;
    }
}

/// A household near a toy that is nobody's, which was heard.
async fn house() -> House {
    let house = House::with_toy(Quirks::default()).await;
    sleep(Duration::from_secs(2)).await;
    house
}

/// Waits until a toy's owner was told so much.
async fn until_told(house: &House, n_told: usize) {
    while house.hub.probe().unwrap().told.len() < n_told {
        sleep(Duration::from_millis(100)).await;
    }
}

fn spoken() -> Vec<u8> {
    adpcm::encode(&tone(8_000, 1_000).samples, adpcm::Bits::Four)
}

#[track_caller]
fn assert_line(transcript: &str, line: &str) {
    assert!(transcript.lines().any(|one| one == line), "no line {line:?} in:\n{transcript}");
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_is_nobodys_is_probed_and_left_as_it_was() {
    let house = house().await;
    house.stray.record(spoken(), Duration::from_secs(1));
    sleep(Duration::from_secs(2)).await;
    let config = house.stray.config();
    let wanted = Wanted { address: None, fetch: true, wait: Duration::from_secs(60) };

    house.hub.begin_probe(&wanted).await.unwrap();
    let Ended { transcript, trouble } = probed(&house).await;

    assert_eq!(trouble, None);
    assert!(transcript.starts_with("hutch-probe 1\n"), "{transcript}");
    for line in [
        "address: C0:FF:EE",
        "name: CloudPets B 1.0.19",
        "signal: -55 dBm",
        "advertised config: 9999_99_99_99_99 (16 bytes)",
        "advertised service: no",
        "advertised every: 1000/1000/1000 ms",
        "connected: after 300 ms, at try 1",
        "mtu: 23",
        "offers: toy/0002 send_audio write write-without-response, as expected",
        "+0 read config: 9999_99_99_99_99 (16 bytes), took 0 ms",
        "inferred CONNECTS_WITHIN: 4000 ms; seen 300 ms",
        "inferred PRESS: 100 ms; seen state 19 for 100 ms, state 18 for 100 ms, state 19 for 100 ms",
        "inferred PRESS_IS_BRIEF: yes; seen state 4 after 19, state 4 after 18, state 4 after 19",
        "inferred UNPLAYED: 4 UnplayedRecording; seen 4 UnplayedRecording on connecting",
        "inferred HELD_STAYS_AWAKE: yes; seen yes, for 60000 ms",
        "inferred PRIME: 30 ms; not probed",
        "end: complete",
    ] {
        assert_line(&transcript, line);
    }
    let n_bytes = spoken().len();
    assert!(transcript.contains(&format!("\nrecording: {n_bytes} bytes in ")), "{transcript}");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let header = hex(&spoken()[..32]).join(" ");
    assert_line(&transcript, &format!("recording header: {header}"));
    for sound in spoken()[32..].windows(4).map(|sound| hex(sound).join(" ")) {
        let is_in_it = transcript.contains(&sound) && !header.contains(&sound);
        assert!(!is_in_it, "{sound} is in it:\n{transcript}");
    }
    for secret in [config.unwrap().to_string(), "EE:00:00:03".to_owned(), "00:03".to_owned()] {
        assert!(!transcript.contains(&secret), "{secret} is in it:\n{transcript}");
    }
    assert!(house.stray_is_as_it_was());
    assert_eq!((house.stray.config(), house.stray.slot(Slot::STREAMING)), (config, spoken()));
    assert_eq!(house.stray.look().volume, 0x80);
    assert_eq!(house.stray.violations(), []);
    assert!(house.recordings().await.is_empty(), "nothing is stored");
    assert!(matches!(house.hub.probe(), Err(ProbeError::NoProbe)), "it is told once");
}

/// Name, value and how it is probed of every row in the README's section for owners.
fn listed() -> Vec<(String, String, String)> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with("If you own a toy\n"));
    let rows = section.unwrap().lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| {
            let [_, name, value, _, probed, _] = cells[..] else { panic!("{cells:?}") };
            (name.trim_matches('`').to_owned(), value.to_owned(), probed.to_owned())
        })
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Name, value and whether it was seen, of all that a transcript says to be inferred.
fn findings(transcript: &str) -> Vec<(String, String, bool)> {
    let lines = transcript.lines().filter_map(|line| line.strip_prefix("inferred "));
    let found = lines.map(|line| {
        let (name, rest) = line.split_once(": ").unwrap();
        let (value, seen) = rest.split_once("; ").unwrap();
        (name.to_owned(), value.to_owned(), seen != "not probed")
    });
    found.collect()
}

#[test]
fn the_readme_lists_all_that_is_inferred() {
    let module = fs::read_to_string(root().join("src/toy/inferred.rs")).unwrap();
    let code = module.lines().filter(|line| !line.starts_with("//") && line.contains("const "));
    let constants: Vec<&str> = code
        .map(|line| line.strip_prefix("pub const ").unwrap_or_else(|| panic!("{line} is hidden")))
        .filter_map(|line| line.split(':').next())
        .collect();

    let listed = listed();

    assert!(20 < constants.len());
    assert_eq!(listed.iter().map(|(name, ..)| name).collect::<Vec<_>>(), constants);
}

/// Probes a toy in this way, and says what was seen of everything that is inferred.
async fn seen_by(wanted: Wanted) -> Vec<(String, String, bool)> {
    let house = house().await;
    house.stray.record(spoken(), Duration::from_secs(1));
    sleep(Duration::from_secs(2)).await;
    house.hub.begin_probe(&wanted).await.unwrap();
    findings(&probed(&house).await.transcript)
}

#[tokio::test(start_paused = true)]
async fn the_readme_says_what_a_probe_sees() {
    let wait = Duration::from_secs(60);
    let plain = seen_by(Wanted::default()).await;
    let fetching = seen_by(Wanted { fetch: true, ..Wanted::default() }).await;
    let waiting = seen_by(Wanted { wait, ..Wanted::default() }).await;

    let listed = listed();
    assert_eq!(listed.len(), plain.len());
    for (name, value, probed) in listed {
        let seen = |by: &[(String, String, bool)]| {
            let found = by.iter().find(|(found, ..)| *found == name);
            let (_, inferred, is_seen) =
                found.unwrap_or_else(|| panic!("no transcript has {name}"));
            assert_eq!(*inferred, value, "{name}");
            *is_seen
        };
        let expected = match probed.as_str() {
            "yes" => [true, true, true],
            "`--fetch`" => [false, true, false],
            "`--wait`" => [false, false, true],
            "no" => [false, false, false],
            other => panic!("{name}: {other}"),
        };
        assert_eq!([seen(&plain), seen(&fetching), seen(&waiting)], expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recording_is_not_fetched_unless_that_is_allowed() {
    let house = house().await;
    house.stray.record(spoken(), Duration::from_secs(1));
    sleep(Duration::from_secs(2)).await;

    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    let Ended { transcript, trouble } = probed(&house).await;

    assert_eq!(trouble, None);
    assert!(!transcript.contains("recording:"), "{transcript}");
    assert_line(&transcript, "inferred DOWNLOAD_TIMEOUT: 5000 ms; not probed");
    assert_line(&transcript, "inferred HELD_STAYS_AWAKE: yes; not probed");
}

#[tokio::test(start_paused = true)]
async fn only_a_toy_that_is_heard_and_nobodys_is_probed() {
    let house = house().await;
    let at = async |address: &str| {
        let wanted = Wanted { address: Some(address.to_owned()), ..Wanted::default() };
        house.hub.begin_probe(&wanted).await
    };
    let adopted = at(&ADDRESS.in_full()).await;
    let nobody = at("01:02:03:04:05:06").await;
    let nonsense = at("Bentley").await;
    at(&STRAY.in_full().to_lowercase()).await.unwrap();
    let second = at(&STRAY.in_full()).await;
    probed(&house).await;
    house.stray.sleep();
    house.toy.sleep();
    sleep(Duration::from_secs(15)).await;
    let none = house.hub.begin_probe(&Wanted::default()).await;

    assert!(matches!(adopted, Err(ProbeError::Adopted)), "{adopted:?}");
    assert!(matches!(nobody, Err(ProbeError::NotHeard)), "{nobody:?}");
    assert!(matches!(nonsense, Err(ProbeError::NoAddress)), "{nonsense:?}");
    assert!(matches!(second, Err(ProbeError::GoingOn)), "{second:?}");
    assert!(matches!(none, Err(ProbeError::NoneHeard)), "{none:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_name_an_adopted_toy_is_left_alone() {
    let house = House::without_keepers(Quirks::default()).await;
    house.stray.sleep();
    sleep(Duration::from_secs(12)).await;

    let begun = house.hub.begin_probe(&Wanted::default()).await;

    assert!(matches!(begun, Err(ProbeError::Adopted)), "{begun:?}");
    assert!(!house.toy.look().connected);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_nobody_asks_about_ends() {
    let house = house().await;
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    until_told(&house, 2).await;
    assert!(house.stray.game_mode());

    sleep(Duration::from_secs(20)).await;

    assert!(house.stray_is_as_it_was());
    let ended = house.hub.probe().unwrap().ended.unwrap();
    assert!(ended.transcript.ends_with("\nend: stopped\n"), "{}", ended.transcript);
    assert!(ended.trouble.unwrap().starts_with("it was called off"));
    assert_eq!(house.stray.violations(), []);
}

#[tokio::test(start_paused = true)]
async fn a_guardian_who_adopts_comes_first() {
    let mut house = house().await;
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    until_told(&house, 2).await;

    // It holds the toy still, so it is heard for some seconds only.
    let met = house.hub.meet(&house.guardian, STRAY).await.unwrap().id;
    let beside = house.hub.begin_probe(&Wanted::default()).await;
    house.until_meeting(met, MeetingState::Waiting).await;

    assert!(matches!(beside, Err(ProbeError::GoingOn | ProbeError::Meeting)), "{beside:?}");
    house.stray.press_play();
    house.until_meeting(met, MeetingState::Squeezed).await;
    house.hub.end_meeting(&house.guardian, met).await.unwrap();
    assert!(house.stray_is_as_it_was());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_probed_beside_a_meeting() {
    let mut house = house().await;
    let met = house.meet().await.id;

    let beside = house.hub.begin_probe(&Wanted::default()).await;

    assert!(matches!(beside, Err(ProbeError::Meeting)), "{beside:?}");
    house.until_meeting(met, MeetingState::Waiting).await;
    house.hub.end_meeting(&house.guardian, met).await.unwrap();
    sleep(Duration::from_secs(2)).await;
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    assert_eq!(probed(&house).await.trouble, None);
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_stops_leaves_a_probed_toy_as_it_was() {
    let mut house = house().await;
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    until_told(&house, 2).await;

    house.stop_keepers().await;

    assert!(house.stray_is_as_it_was());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_says_how_far_it_came_and_what_to_do() {
    let house = house().await;
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    house.stray.sleep();
    let away = probed(&house).await;

    house.stray.wake();
    sleep(Duration::from_secs(2)).await;
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    until_told(&house, 2).await;
    house.stray.drop_link();
    let lost = probed(&house).await;

    sleep(Duration::from_secs(2)).await;
    let quirks = Quirks { silent_after_command: Some(0x0b), ..Quirks::default() };
    house.stray.set_quirks(quirks);
    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    let silent = probed(&house).await;

    assert!(away.transcript.ends_with("\nend: unreachable\n"), "{}", away.transcript);
    assert!(away.trouble.unwrap().contains("squeeze one of its paws"));
    assert!(lost.transcript.ends_with("\nend: link lost\n"), "{}", lost.transcript);
    assert_line(&lost.transcript, "inferred PRESS: 100 ms; not probed");
    assert!(lost.trouble.unwrap().contains("closer to the hub"));
    assert!(silent.transcript.ends_with("\nend: silent\n"), "{}", silent.transcript);
    assert!(silent.trouble.unwrap().contains("battery"));
    assert!(!house.stray.look().connected);
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_does_not_come_is_told_and_the_rest_goes_on() {
    let house = house().await;
    house.stray.record(spoken(), Duration::from_secs(1));
    sleep(Duration::from_secs(2)).await;
    let quirks = Quirks { silent_after_download: Some(200), ..Quirks::default() };
    house.stray.set_quirks(quirks);
    let wanted = Wanted { address: None, fetch: true, wait: Duration::from_secs(60) };

    house.hub.begin_probe(&wanted).await.unwrap();
    let ended = probed(&house).await;

    assert!(ended.transcript.contains(" failed: the recording stopped coming\n"));
    assert!(ended.transcript.contains("\nrecording: 180 bytes in 9 notifications"));
    assert_line(&ended.transcript, "end: complete");
}

#[tokio::test(start_paused = true)]
async fn a_toy_that_falls_asleep_while_it_is_held_has_answered() {
    let house = house().await;
    let wanted = Wanted { wait: Duration::from_secs(600), ..Wanted::default() };
    house.hub.begin_probe(&wanted).await.unwrap();
    until_told(&house, 5).await;
    sleep(Duration::from_secs(7)).await;
    house.stray.sleep();
    let ended = probed(&house).await;

    assert_eq!(ended.trouble, None);
    assert!(ended.transcript.contains("\ninferred HELD_STAYS_AWAKE: yes; seen no, after 7"));
}

/// A hub without a page.
struct NoDoor;

impl Door for NoDoor {
    fn places(&self) -> Vec<String> {
        Vec::new()
    }

    fn fingerprints(&self) -> Fingerprints {
        Fingerprints { root: [0; 32], names: [0; 32], addresses: [0; 32] }
    }

    fn new_root(&self) -> Result<Fingerprints, Refused> {
        Err(Refused("there is no page".to_owned()))
    }
}

/// The command, as an owner types it, asked at a hub's control socket.
fn command(run: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HUTCH_") {
            command.env_remove(name);
        }
    }
    command.args(["toy", "probe", "--state"]).arg(run).arg("--run").arg(run).args(arguments);
    command
}

#[tokio::test]
async fn the_owner_of_a_toy_is_told_what_to_do_and_gets_a_file() {
    let house = House::with_toy(Quirks::default()).await;
    let dir = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let socket = Socket::bind(&dir.path().join(SOCKET)).unwrap();
    let served = socket.serve(Arc::new(house.hub.clone()), Arc::new(NoDoor), stop.clone());
    let served = tokio::spawn(served);
    let file = dir.path().join("toy.txt");
    let mut owner = command(dir.path(), &["--output", file.to_str().unwrap()]);
    let owner = tokio::task::spawn_blocking(move || owner.output().unwrap());

    // As often as it takes: a squeeze that comes too early is none.
    while !owner.is_finished() {
        sleep(Duration::from_millis(500)).await;
        if house.stray.game_mode() {
            house.stray.press_play();
        }
    }

    let owner = owner.await.unwrap();
    let said = String::from_utf8(owner.stderr).unwrap();
    assert!(owner.status.success() && owner.stdout.is_empty(), "{said}");
    let expected = "Listening for toys.\n\
        A toy is found. Ctrl-C ends it at any time, and the toy is left as it was.\n\
        Look at its heart: it should light up for two seconds. Only you can tell whether it does.\n\
        Squeeze the paw that plays messages, and let go.\n\
        Squeeze the paw that records, and let go.\n\
        Squeeze the paw that plays once more, and hold it for three seconds.\n";
    let rest = said.strip_prefix(expected).unwrap_or_else(|| panic!("{said}"));
    assert!(rest.ends_with("toy.txt. Read it before you send it.\n"), "{rest}");
    let transcript = fs::read_to_string(&file).unwrap();
    assert!(transcript.starts_with("hutch-probe 1\n"), "{transcript}");
    assert_line(&transcript, "end: complete");
    assert!(house.stray_is_as_it_was());

    let again = command(dir.path(), &["--output", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.ends_with("toy.txt is there already: name another file\n"), "{said}");
    stop.cancel();
    served.await.unwrap();
}

#[test]
fn every_reason_not_to_probe_says_what_to_do() {
    let errors = [
        (ProbeError::NoneHeard, "squeeze"),
        (ProbeError::NotHeard, "hutch toy scan"),
        (ProbeError::Several(2), "name one of them"),
        (ProbeError::NoAddress, "hutch toy scan"),
        (ProbeError::Adopted, "stop this hub"),
        (ProbeError::GoingOn, "wait"),
        (ProbeError::Meeting, "try again"),
        (ProbeError::NoProbe, "begin again"),
    ];

    for (error, advice) in errors {
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_radio_that_holds_as_many_toys_as_it_can_is_not_blamed_on_the_toy() {
    let house = house().await;
    house.radio.make_room_for(1);

    house.hub.begin_probe(&Wanted::default()).await.unwrap();
    let Ended { transcript, trouble } = probed(&house).await;

    assert_line(&transcript, "end: no room");
    assert!(trouble.unwrap().contains("until another toy is asleep"), "{trouble:?}");
}
