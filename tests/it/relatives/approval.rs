//! A guardian listens first.

use super::*;

async fn act(client: &Client<'_>, item: &Value, action: &str) -> Answer {
    let delivery = item["delivery"]["id"].as_str().unwrap();
    client.post(&format!("/api/v1/deliveries/{delivery}/{action}")).await
}

async fn state(client: &Client<'_>, item: &Value) -> String {
    let path = format!("/api/v1/items/{}", item["id"].as_str().unwrap());
    client.get(&path).await.json()["delivery"]["state"].as_str().unwrap().to_owned()
}

async fn until(client: &Client<'_>, item: &Value, wanted: &str) {
    for _ in 0..500 {
        if state(client, item).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it does not come to be {wanted}");
}

#[actix_web::test]
async fn a_message_waits_until_a_guardian_has_listened() {
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;

    let sent = grandma.message(500).await;
    let waiting = guardian.get("/api/v1/waiting").await.json();
    // A guardian's own goes past it, so the keeper was there and looked.
    guardian.message_on_toy().await;
    let meanwhile = state(&guardian, &sent).await;
    let approved = act(&guardian, &sent, "approve").await;

    assert_eq!(sent["delivery"]["state"], "awaiting_approval");
    assert_eq!((&sent["mine"], &sent["sender"]), (&json!(true), &json!(id)));
    assert_eq!(waiting["items"][0]["id"], sent["id"]);
    assert_eq!(meanwhile, "awaiting_approval");
    assert_eq!(approved.json()["state"], "queued", "{approved:?}");
    assert_eq!(guardian.get("/api/v1/waiting").await.json()["items"], json!([]));
    assert_eq!(act(&guardian, &sent, "approve").await.error(), "too_late");
}

#[actix_web::test]
async fn two_guardians_who_approve_at_once_send_it_once() {
    let hub = TestHub::demo_at_work().await;
    let (guardian, other) = (hub.guardian().await, hub.guardian().await);
    let (_, grandma) = relative(&hub, &guardian).await;
    let sent = grandma.message(500).await;

    let (one, two) = tokio::join!(act(&guardian, &sent, "approve"), act(&other, &sent, "approve"));

    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{one:?} {two:?}");
    until(&guardian, &sent, "on_toy").await;
    let entries = guardian.get("/api/v1/activity").await.json()["entries"].clone();
    let approved = entries.as_array().unwrap().iter().filter(|entry| entry["deed"] == "approved");
    assert_eq!(approved.count(), 1, "{entries}");
}

#[actix_web::test]
async fn what_was_approved_is_what_the_toy_plays() {
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let sent = grandma.message(500).await;

    act(&guardian, &sent, "approve").await;
    until(&grandma, &sent, "on_toy").await;

    let toy = guardian.get("/api/v1/demo/toys").await.json()["toys"][0]["id"].clone();
    let toy = toy.as_str().unwrap();
    let slot = guardian.get(&format!("/api/v1/demo/toys/{toy}/slots/1")).await.body;
    let heard = hutch::audio::audio32::decode(&slot).unwrap();
    let path = format!("/api/v1/items/{}/sound?as=wav", sent["id"].as_str().unwrap());
    let approved = hutch::audio::wav::read(&guardian.get(&path).await.body).unwrap();
    let loudness = |samples: Vec<f64>| {
        let sum: f64 = samples.iter().map(|sample| sample.powi(2)).sum();
        (sum / f64::from(u32::try_from(samples.len()).unwrap())).sqrt()
    };
    let heard = heard.pcm.samples.iter().map(|sample| f64::from(*sample) / 32_768.0).collect();
    let approved = approved.samples.iter().map(|sample| f64::from(*sample)).collect();
    let ratio = loudness(heard) / loudness(approved);
    assert!((0.7..1.4).contains(&ratio), "{ratio}");
}

#[actix_web::test]
async fn a_declined_message_shows_its_face_and_can_be_approved_still() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let sent = grandma.message(500).await;

    let declined = act(&guardian, &sent, "decline").await;
    let face = state(&grandma, &sent).await;
    let again = act(&guardian, &sent, "decline").await;
    let approved = act(&guardian, &sent, "approve").await;

    assert_eq!(declined.json()["state"], "declined");
    assert_eq!(face, "declined");
    assert_eq!(again.error(), "too_late");
    assert_eq!(approved.json()["state"], "queued");
}

#[actix_web::test]
async fn a_relative_takes_back_their_own_and_no_other() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    let (mine, theirs) = (grandma.message(500).await, guardian.message(500).await);
    assert_eq!(share(&guardian, theirs["id"].as_str().unwrap(), &id).await.status, 200);

    assert_eq!(act(&grandma, &mine, "withdraw").await.json()["state"], "withdrawn");
    assert_eq!(act(&grandma, &theirs, "withdraw").await.error(), "no_such_delivery");
    assert_eq!(act(&guardian, &mine, "approve").await.error(), "too_late");
}

#[actix_web::test]
async fn whoever_needs_no_approval_sends_at_once() {
    let hub = TestHub::demo_at_work().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;

    let changed = regrant(&guardian, &id, json!({ "needs_approval": false })).await;
    let sent = grandma.message(500).await;

    assert_eq!(changed.json()["grants"][0]["needs_approval"], false, "{changed:?}");
    assert_eq!(sent["delivery"]["state"], "queued");
    until(&guardian, &sent, "on_toy").await;
    regrant(&guardian, &id, json!({})).await;
    assert_eq!(grandma.message(500).await["delivery"]["state"], "awaiting_approval");
}

#[actix_web::test]
async fn a_daily_limit_holds() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (id, grandma) = relative(&hub, &guardian).await;
    regrant(&guardian, &id, json!({ "daily_limit": 2 })).await;

    grandma.message(500).await;
    let path = format!("{}/messages", grandma.child_path().await);
    // Split, it would be three.
    let too_many = grandma.post_wav(&format!("{path}?long=split"), wav(50_000)).await;
    grandma.message(500).await;
    let refused = grandma.post_wav(&path, wav(500)).await;

    assert_eq!(too_many.error(), "daily_limit");
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let refused = refused.json();
    assert_eq!((&refused["error"], &refused["limit"]), (&json!("daily_limit"), &json!(2)));
    assert!((1..=86_400).contains(&refused["retry_after_s"].as_i64().unwrap()));
    assert_eq!(grandma.child().await["grant"]["sent_today"], 2);
    assert_eq!(items(&grandma).await.len(), 2);
    regrant(&guardian, &id, json!({})).await;
    grandma.message(500).await;
}
