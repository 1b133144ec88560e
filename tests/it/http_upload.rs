//! What may be sent, how much of it, and how slowly.

use std::time::Duration;

use actix_web::{
    http::{StatusCode, header},
    web::Bytes,
};
use futures_util::{StreamExt as _, stream};
use hutch::http::MAX_UPLOAD_BYTES;
use tokio::time::Instant;

use crate::support::{Client, TestHub, wav};

async fn n_items(guardian: &Client<'_>) -> usize {
    let items = guardian.get(&format!("{}/items", guardian.child_path().await)).await.json();
    items["items"].as_array().unwrap().len()
}

async fn messages(guardian: &Client<'_>) -> String {
    format!("{}/messages", guardian.child_path().await)
}

#[actix_web::test]
async fn a_message_becomes_an_item_with_a_delivery() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let before = n_items(&guardian).await;

    let answer = guardian.post_wav(&messages(&guardian).await, wav(3_000)).await;

    assert_eq!(answer.status, StatusCode::CREATED);
    let item = answer.json()["items"][0].clone();
    assert_eq!(item["kind"], "message");
    assert_eq!(item["length_ms"], 3_000);
    assert_eq!(item["delivery"]["item"], item["id"]);
    assert_eq!(n_items(&guardian).await, before + 1);
}

#[actix_web::test]
async fn every_name_of_sound_is_taken_and_nothing_else() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let send = |kind: &str| {
        let request = guardian.request("POST", &path).insert_header((header::CONTENT_TYPE, kind));
        guardian.send(request.set_payload(wav(500)))
    };

    for kind in [
        "audio/wav",
        "audio/x-wav",
        "Audio/WAV; codecs=1",
        "video/mp4",
        "application/ogg",
        "application/octet-stream",
    ] {
        assert_eq!(send(kind).await.status, StatusCode::CREATED, "{kind}");
    }
    let before = n_items(&guardian).await;
    for kind in ["text/plain", "application/json", "image/png", "multipart/form-data", "", "wav"] {
        let answer = send(kind).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert_eq!(answer.error(), "wrong_type");
    }
    let packed = guardian
        .request("POST", &path)
        .insert_header((header::CONTENT_TYPE, "audio/wav"))
        .insert_header((header::CONTENT_ENCODING, "gzip"));
    assert_eq!(guardian.send(packed).await.error(), "wrong_type");
    assert_eq!(n_items(&guardian).await, before);
}

#[actix_web::test]
async fn a_sound_with_a_fault_is_refused_with_a_sentence() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let before = n_items(&guardian).await;

    let with = |at: usize, bytes: &[u8]| {
        let mut file = wav(500);
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let faults = [
        (with(22, &64_u16.to_le_bytes()), "64 channels"),
        (with(24, &0_u32.to_le_bytes()), "0 samples per second"),
        (with(40, &3_000_000_000_u32.to_le_bytes()), "promises 3000000000 bytes"),
        (wav(500)[..1_000].to_vec(), "cut off: its header promises"),
        (wav(500)[..44].to_vec(), "cut off: its header promises"),
        (with(20, &[0x11, 0]), "compressed"),
    ];
    for (sound, fault) in faults {
        let answer = guardian.post_wav(&path, sound).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fault}");
        assert_eq!(answer.error(), "bad_sound", "{fault}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(fault), "{message}");
        assert!(message.starts_with(char::is_uppercase) && message.ends_with('.'), "{message}");
    }
    assert_eq!(n_items(&guardian).await, before);
}

#[actix_web::test]
async fn a_long_message_is_cut_or_split_only_with_consent() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;

    let refused = guardian.post_wav(&path, wav(100_000)).await;
    let cut = guardian.post_wav(&format!("{path}?long=cut"), wav(100_000)).await;
    let split = guardian.post_wav(&format!("{path}?long=split"), wav(100_000)).await;
    let unknown = guardian.post_wav(&format!("{path}?long=forever"), wav(100_000)).await;

    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    insta::assert_json_snapshot!(refused.json(), @r#"
    {
      "error": "message_too_long",
      "length_ms": 100000,
      "message": "The message is 100 s long, and the toy keeps 40 s at a time. Let Hutch cut it or split it.",
      "slot_ms": 40000
    }
    "#);
    assert_eq!(cut.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(split.json()["items"].as_array().unwrap().len(), 3);
    assert_eq!(unknown.error(), "bad_query");
}

#[actix_web::test]
async fn what_would_be_too_many_messages_is_refused_and_may_be_cut() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let longest_ms = guardian.get("/api/v1/hub").await.json()["longest_ms"].as_u64().unwrap();
    let long = wav(usize::try_from(longest_ms).unwrap() + 1_000);
    let before = n_items(&guardian).await;

    let refused = guardian.post_wav(&format!("{path}?long=split"), long.clone()).await;
    let after = n_items(&guardian).await;
    let cut = guardian.post_wav(&format!("{path}?long=cut"), long).await;

    assert_eq!((refused.status, after), (StatusCode::UNPROCESSABLE_ENTITY, before));
    assert_eq!(refused.error(), "sound_too_long");
    insta::assert_json_snapshot!(refused.json()["message"], @r#""This sound is 11 min long, and Hutch sends up to 10 min at once. Let Hutch cut it, or send it in several files.""#);
    assert_eq!(cut.json()["items"][0]["length_ms"], 40_000);
}

/// The loud part that is cut off says nothing about how loud the rest is to be.
#[actix_web::test]
async fn what_is_cut_is_as_loud_as_if_it_had_been_all() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let quiet = wav(40_000);
    let mut long = wav(80_000);
    for two in long[44..44 + 40_000 * 32].chunks_exact_mut(2) {
        let sample = i16::from_le_bytes([two[0], two[1]]) / 8;
        two.copy_from_slice(&sample.to_le_bytes());
    }

    let cut = guardian.post_wav(&format!("{path}?long=cut"), long).await.json();
    let whole = guardian.post_wav(&path, quiet).await.json();

    let loudest = |sent: &serde_json::Value| {
        let bars = sent["items"][0]["waveform"].as_array().unwrap().clone();
        bars.into_iter().filter_map(|bar| bar.as_u64()).max().unwrap()
    };
    assert!(loudest(&cut).abs_diff(loudest(&whole)) < 10, "{} {}", loudest(&cut), loudest(&whole));
}

#[actix_web::test]
async fn too_much_is_refused_before_it_is_read() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let request = guardian
        .request("POST", &messages(&guardian).await)
        .insert_header((header::CONTENT_TYPE, "audio/wav"))
        .insert_header((header::CONTENT_LENGTH, MAX_UPLOAD_BYTES + 1));
    let answer = guardian.send(request).await;

    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.error(), "too_large");
    assert_eq!(guardian.get("/api/v1/hub").await.json()["max_upload_bytes"], MAX_UPLOAD_BYTES);
}

#[actix_web::test]
async fn the_page_learns_what_the_kernel_would_do() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let said = guardian.get("/api/v1/hub").await.json()["kernel"].clone();

    assert_eq!(said, hutch::lan::kernel().await.word());
}

#[actix_web::test]
async fn too_much_is_refused_without_a_claimed_length_too() {
    let mut hub = TestHub::demo().await;
    hub.limits.max_bytes = 100_000;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let before = n_items(&guardian).await;

    let whole = wav(3_123).into_iter().take(100_000).collect::<Vec<_>>();
    let fits = stream::iter(whole.chunks(999).map(Bytes::copy_from_slice).collect::<Vec<_>>());
    let endless = stream::repeat(Bytes::from_static(&[0; 999]));

    assert_eq!(guardian.post_stream(&path, fits).await.status, StatusCode::CREATED);
    assert_eq!(guardian.post_stream(&path, endless).await.error(), "too_large");
    assert_eq!(n_items(&guardian).await, before + 1);
}

#[actix_web::test]
async fn a_sender_that_falls_silent_is_given_up() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    let before = n_items(&guardian).await;
    tokio::time::pause();
    let started = Instant::now();

    let silent = stream::iter([Bytes::from_static(b"RIFF")]).chain(stream::pending());
    let answer = guardian.post_stream(&path, silent).await;

    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.error(), "too_slow");
    assert!(started.elapsed() < hub.limits.grace + Duration::from_secs(1));
    assert_eq!(n_items(&guardian).await, before);
}

/// A byte now and then would keep a connection for ever if only silence counted.
#[actix_web::test]
async fn a_sender_that_drips_is_given_up() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    tokio::time::pause();
    let started = Instant::now();

    let drip = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Bytes::from_static(b"R"), ()))
    });
    let answer = guardian.post_stream(&path, drip).await;

    assert_eq!(answer.error(), "too_slow");
    assert!(started.elapsed() < hub.limits.grace + Duration::from_secs(1));
}

#[actix_web::test]
async fn a_slow_sender_that_keeps_up_is_heard_out_until_the_deadline() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = messages(&guardian).await;
    tokio::time::pause();

    // 20 kB a second: 30 s of sound take 48 s, far more than the grace.
    let sound = wav(30_000);
    let pieces: Vec<_> = sound.chunks(20_000).map(Bytes::copy_from_slice).collect();
    let slow = |pieces: Vec<Bytes>| {
        stream::unfold(pieces.into_iter(), |mut pieces| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            pieces.next().map(|piece| (piece, pieces))
        })
    };
    let heard = guardian.post_stream(&path, slow(pieces)).await;
    let started = Instant::now();
    let endless =
        guardian.post_stream(&path, slow(vec![Bytes::from(vec![0; 20_000]); 1_000])).await;

    assert_eq!(heard.status, StatusCode::CREATED);
    assert_eq!(endless.error(), "too_slow");
    assert_eq!(started.elapsed().as_secs(), hub.limits.deadline.as_secs());
}

#[actix_web::test]
async fn nobody_uploads_nothing() {
    let hub = TestHub::demo().await;
    let path = messages(&hub.guardian().await).await;

    let unread = stream::once(async { unreachable!("the body was read") });
    let answer = hub.nobody().post_stream(&path, unread).await;

    assert_eq!(answer.error(), "not_signed_in");
}

#[actix_web::test]
async fn a_simulated_toy_speaks_by_itself_or_says_what_is_sent() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let toy = guardian.child().await["toys"][0].as_str().unwrap().to_owned();
    let path = format!("/api/v1/demo/toys/{toy}/record");

    assert_eq!(guardian.post(&path).await.status, StatusCode::OK);
    assert_eq!(guardian.post_wav(&path, Vec::new()).await.status, StatusCode::OK);
    assert_eq!(guardian.post_wav(&path, wav(500)).await.status, StatusCode::OK);
    assert_eq!(guardian.post_wav(&path, b"nonsense".to_vec()).await.error(), "bad_sound");
    let untyped = guardian.request("POST", &path).set_payload(wav(500));
    assert_eq!(guardian.send(untyped).await.error(), "wrong_type");
}

#[actix_web::test]
async fn quirks_must_be_known() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let toy = guardian.child().await["toys"][0].as_str().unwrap().to_owned();
    let path = format!("/api/v1/demo/toys/{toy}/quirks");
    let send = |json: String| {
        let request = guardian
            .request("POST", &path)
            .insert_header((header::CONTENT_TYPE, "application/json"));
        guardian.send(request.set_payload(json))
    };

    assert_eq!(send("{}".to_owned()).await.status, StatusCode::OK);
    assert_eq!(send("{".to_owned()).await.error(), "bad_json");
    assert_eq!(send("{\"nonsense\":1}".to_owned()).await.error(), "bad_json");
    assert_eq!(send(" ".repeat(20_000)).await.error(), "too_large");
    assert_eq!(guardian.post(&path).await.error(), "wrong_type");
}
