//! Sound files as a family has them: every usual kind is taken, and every other gets its reason.

use std::fs;

use actix_web::http::{StatusCode, header};

use crate::support::{Answer, Client, TestHub, wav};

/// A file that lies beside the tests.
fn sound(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sounds/");
    fs::read(format!("{folder}{name}")).unwrap()
}

async fn messages(client: &Client<'_>) -> String {
    format!("{}/messages", client.child_path().await)
}

async fn send(client: &Client<'_>, path: &str, kind: &str, file: Vec<u8>) -> Answer {
    let request = client.request("POST", path).insert_header((header::CONTENT_TYPE, kind));
    client.send(request.set_payload(file)).await
}

/// What a file is, its bytes tell: browsers go by its name, and phones call sound a video.
#[actix_web::test]
async fn every_usual_kind_becomes_a_message_whatever_it_is_called() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;

    for (name, kind) in [
        ("mono_44k.mp3", "audio/mpeg"),
        ("mono_44k.m4a", "video/mp4"),
        ("fragments_48k.mp4", "audio/mp4; codecs=\"mp4a.40.2\""),
        ("video_44k.mov", "video/quicktime"),
        ("stream_24k.aac", "audio/aac"),
        ("left_44k.ogg", "application/ogg"),
        ("voice_20ms.opus", "application/octet-stream"),
        ("left_60ms.opus", "audio/mpeg"),
        ("mono_8k.flac", "Audio/X-Flac"),
        ("left_48k.mp3", "audio/wav"),
    ] {
        let answer = send(&guardian, &path, kind, sound(name)).await;

        assert_eq!(answer.status, StatusCode::CREATED, "{name}: {}", answer.text());
        let item = answer.json()["items"][0].clone();
        let length_ms = item["length_ms"].as_u64().unwrap();
        let length = if name == "mono_8k.flac" { 1_000 } else { 2_000 };
        assert!(length_ms.abs_diff(length) <= 100, "{name}: {length_ms} ms");
        let loudest =
            item["waveform"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64);
        assert!(100 < loudest.max().unwrap(), "{name}");
    }
}

#[actix_web::test]
async fn every_refusal_has_a_code_of_its_own_and_says_what_to_do() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let list = format!("{}/items", guardian.child_path().await);
    let before = guardian.get(&list).await.json()["items"].as_array().unwrap().len();
    let protected = {
        let mut file = sound("left_48k.m4a");
        let at = file.windows(4).position(|window| window == b"mp4a").unwrap();
        file[at..at + 4].copy_from_slice(b"drms");
        file
    };
    let noise = {
        let mut file = sound("stream_24k.aac");
        let n_bytes = |frame: &[u8]| {
            usize::from(frame[3] & 3) << 11
                | usize::from(frame[4]) << 3
                | usize::from(frame[5] >> 5)
        };
        let mut at = 0;
        while at + 7 < file.len() {
            let end = (at + n_bytes(&file[at..])).min(file.len());
            file[at + 7..end].fill(0x5a);
            at = end;
        }
        file
    };
    let faults = [
        (Vec::new(), "empty_file", "This file is empty."),
        (
            b"Dear grandmother, ".repeat(50),
            "no_sound_file",
            "Hutch cannot play this file. It knows MP3,",
        ),
        (sound("silent.mp4"), "no_sound_track", "This is a video without sound."),
        (protected, "protected_sound", "This file is protected against copying"),
        (
            sound("windows.wma"),
            "unknown_encoding",
            "Hutch cannot play Windows Media (WMA). It knows MP3,",
        ),
        (sound("matroska.webm"), "unknown_encoding", "Hutch cannot play WebM or Matroska."),
        (
            b"#!AMR\n\x3c".repeat(9),
            "unknown_encoding",
            "Hutch cannot play AMR, as old phones record it,",
        ),
        (b"MThd\0\0\0\x06\0\x01".to_vec(), "unknown_encoding", "Hutch cannot play MIDI."),
        (sound("mono_44k.m4a")[..4_000].to_vec(), "sound_cut_off", "This file breaks off before"),
        (noise, "damaged_sound", "This file is damaged"),
        (wav(0), "no_sound", "There is no sound in this file."),
        (wav(500)[..1_000].to_vec(), "bad_sound", "The WAV file is cut off"),
    ];

    for (file, code, sentence) in faults {
        let answer = send(&guardian, &path, "audio/mpeg", file).await;

        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert_eq!(answer.error(), code, "{}", answer.text());
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(sentence) && message.ends_with('.'), "{message}");
    }
    let after = guardian.get(&list).await.json()["items"].as_array().unwrap().len();
    assert_eq!(after, before);
}

/// The page says it in the words of its reader, and needs to know what it is.
#[actix_web::test]
async fn a_kind_that_is_not_taken_is_named() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let answer =
        send(&guardian, &messages(&guardian).await, "audio/mp4", sound("lossless.m4a")).await;

    assert_eq!(answer.json()["encoding"], "Apple Lossless (ALAC)");
}

/// Grandmother sends what her phone recorded.
#[actix_web::test]
async fn relatives_send_files_too() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = crate::relatives::relative(&hub, &guardian).await;

    let path = messages(&grandma).await;
    let sent = send(&grandma, &path, "audio/ogg", sound("voice_20ms.opus")).await;
    let refused = send(&grandma, &path, "audio/ogg", sound("matroska.webm")).await;

    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    assert_eq!(sent.json()["items"][0]["delivery"]["state"], "awaiting_approval");
    assert_eq!(refused.error(), "unknown_encoding");
}

/// An MP3 of the same two seconds, over and over.
fn long_mp3(n_times: usize) -> Vec<u8> {
    sound("untold_32k.mp3").repeat(n_times)
}

#[actix_web::test]
async fn a_long_file_is_cut_or_split_only_with_consent() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;

    let refused = send(&guardian, &path, "audio/mpeg", long_mp3(35)).await;
    let cut = send(&guardian, &format!("{path}?long=cut"), "audio/mpeg", long_mp3(35)).await;
    let split = send(&guardian, &format!("{path}?long=split"), "audio/mpeg", long_mp3(35)).await;

    assert_eq!(refused.error(), "message_too_long");
    let length_ms = refused.json()["length_ms"].as_u64().unwrap();
    assert!((70_000..76_000).contains(&length_ms), "{length_ms}");
    assert_eq!(refused.json()["slot_ms"], 40_000);
    assert_eq!(cut.json()["items"][0]["length_ms"], 40_000);
    assert_eq!(split.json()["items"].as_array().unwrap().len(), 2);
}

/// The length is that of the whole file, about, though nobody decoded it.
#[actix_web::test]
async fn a_file_far_too_long_says_how_long_it_is() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let file = long_mp3(600);

    let refused = send(&guardian, &format!("{path}?long=split"), "audio/mpeg", file).await;

    assert_eq!(refused.error(), "sound_too_long");
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("This sound is 21 min long"), "{message}");
}

/// The README names the kinds, and no others.
#[test]
fn the_readme_names_what_is_taken() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let words = readme.split_whitespace().collect::<Vec<_>>().join(" ");

    assert!(words.contains(
        "**A sound file** may be sent instead of what you say: MP3, M4A and other MP4 with AAC, \
         AAC, Ogg Vorbis, Opus, FLAC or WAV, up to 32 MiB"
    ));
    assert_eq!(hutch::http::MAX_UPLOAD_BYTES, 32 << 20);
}
