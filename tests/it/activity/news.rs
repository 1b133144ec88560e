//! What guardians should know of, and how little a stranger can make of it.

use super::*;
use crate::accounts::browser_at;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

async fn news(guardian: &Client<'_>) -> Vec<String> {
    let news = guardian.get("/api/v1/activity/news").await.json();
    let entries = news["entries"].as_array().unwrap();
    assert_eq!(news["n"], entries.len());
    entries.iter().map(line).collect()
}

async fn see(guardian: &Client<'_>) {
    let news = guardian.get("/api/v1/activity/news").await.json();
    done(guardian, "/api/v1/activity/seen", json!({ "up_to": news["up_to"] })).await;
}

/// Lets a second guardian in.
async fn sam<'a>(day: &'a FirstDay, robin: &Client<'_>) -> Client<'a> {
    let invite = done(robin, "/api/v1/invites", json!({})).await;
    day.web.with_cookies_of(&accept(&day.web, &invite, "Sam", OTHER).await)
}

#[actix_web::test]
async fn every_guardian_hears_of_a_new_device_until_they_have_seen_it() {
    let (day, answer) = FirstDay::set_up().await;
    let robin = day.web.with_cookies_of(&answer);
    assert_eq!(news(&robin).await, [""; 0], "how they came in themselves is no news");
    let sam = sam(&day, &robin).await;
    assert_eq!(news(&sam).await, [""; 0], "what was before them is none, either");
    assert_eq!(news(&robin).await, ["new_device, by Sam, with A browser"]);
    see(&robin).await;
    assert_eq!(news(&robin).await, [""; 0]);

    day.sign_in("robin", PASSWORD).await;

    for guardian in [&robin, &sam] {
        assert_eq!(news(guardian).await, ["new_device, by Robin, with A browser"]);
    }
    see(&robin).await;
    assert_eq!(news(&robin).await, [""; 0]);
    assert_eq!(news(&sam).await.len(), 1, "each for themselves");
    done(&robin, "/api/v1/activity/seen", json!({ "up_to": -5 })).await;
    assert_eq!(news(&robin).await, [""; 0], "what was seen stays seen");
    done(&sam, "/api/v1/activity/seen", json!({ "up_to": 1_000_000 })).await;
    day.hub().reset_account("robin").await.unwrap();
    assert_eq!(news(&sam).await, ["account_reset, to Robin"], "nobody sees ahead");
}

#[actix_web::test]
async fn a_flood_of_failures_adds_few_rows() {
    let (day, answer) = FirstDay::set_up().await;
    let robin = day.web.with_cookies_of(&answer);
    let before = all(&robin).await.len();

    let mut n_refused = 0;
    for n in 0..12 {
        // Later than any waiting, and all within ten minutes.
        day.later(40);
        let browser = browser_at(&format!("192.168.1.{n}"), None);
        let name = if n % 2 == 0 { "robin".to_owned() } else { format!("stranger {n}") };
        let refused = day.sign_in_from(browser, &name, "wrong").await.err().unwrap();
        n_refused += usize::from(refused.to_string().contains("name or the password"));
    }

    let entries = all(&robin).await;
    let lines: Vec<_> = entries[before..].iter().map(line).collect();
    let with = "with Firefox on Android";
    assert!(8 < n_refused, "{n_refused} were tried");
    assert_eq!(
        lines,
        [format!("sign_in_failed, to Robin, {with}"), format!("sign_in_failed, {with}")],
        "one of the account, and one of all names that nobody has",
    );
    assert_eq!(news(&robin).await.len(), 2);

    day.later(10 * MINUTE);
    for name in ["robin", "nobody", "somebody"] {
        day.sign_in_from(browser_at("192.168.1.99", None), name, "wrong").await.err().unwrap();
    }
    assert_eq!(all(&robin).await.len(), before + 4);
}

#[actix_web::test]
async fn a_clock_that_was_ahead_does_not_hide_failures() {
    let (day, answer) = FirstDay::set_up().await;
    let robin = day.web.with_cookies_of(&answer);
    day.later(DAY);
    day.sign_in("robin", "wrong").await;
    let before = all(&robin).await.len();

    day.later(-DAY + 20 * MINUTE);
    day.sign_in("robin", "wrong").await;

    assert_eq!(all(&robin).await.len(), before + 1);
}

#[actix_web::test]
async fn where_it_was_is_forgotten_after_ninety_days() {
    let (day, answer) = FirstDay::set_up().await;
    let robin = day.web.with_cookies_of(&answer);
    let places = async || {
        let entries = all(&robin).await;
        entries.iter().filter(|entry| !entry["address"].is_null()).count()
    };
    assert_eq!(places().await, 1);
    for _ in 0..89 {
        day.later(DAY);
        assert_eq!(robin.get("/api/v1/me").await.status, StatusCode::OK);
    }
    day.hub().tidy().await.unwrap();
    assert_eq!(places().await, 1, "89 days");

    // Nobody vouches for a clock that shows less than it did.
    let later = "update household set latest_at = latest_at + 8640000";
    day.store.write(move |tx| Ok(tx.execute_batch(later)?)).await.unwrap();
    day.later(DAY + 1);
    day.hub().tidy().await.unwrap();
    assert_eq!(places().await, 1, "the clock may be wrong");
    *day.clock.is_synchronized.lock().unwrap() = true;
    day.hub().tidy().await.unwrap();
    assert_eq!(places().await, 0);
    let checked = done(&robin, "/api/v1/activity/check", json!({})).await;
    assert_eq!(checked["first_wrong"], json!(null), "the chain holds without");
}
