//! Signing in, sessions, and how often one may fail.

use actix_web::http::{StatusCode, header};
use serde_json::json;

use super::*;

const WRONG: &str = "kettle-harbor-violin-acorn-thunder";

#[actix_web::test]
async fn name_and_password_sign_in() {
    let (day, _) = FirstDay::set_up().await;

    for name in [NAME, "robin", " ROBIN  "] {
        let answer = day.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 201, "{name}");
        let guardian = day.web.with_cookies_of(&answer);
        assert_eq!(guardian.get("/api/v1/me").await.json(), answer.json());
    }
}

#[actix_web::test]
async fn an_unknown_name_and_a_wrong_password_look_the_same() {
    let (day, _) = FirstDay::set_up().await;

    let wrong = day.sign_in(NAME, WRONG).await;
    let unknown = day.sign_in("Somebody", PASSWORD).await;

    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.error(), "wrong_password");
    assert_eq!(unknown.status, wrong.status);
    assert_eq!(unknown.body, wrong.body);
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&unknown).len(), names(&wrong).len());
}

#[actix_web::test]
#[allow(clippy::disallowed_methods, reason = "this is about real time")]
async fn an_unknown_name_costs_a_hash_too() {
    let mut seen = Vec::new();
    // The machine may be busy, and a household lets only a few tries through at once.
    for _ in 0..5 {
        let (day, _) = FirstDay::set_up().await;
        let mut quickest = [std::time::Duration::MAX; 2];
        for round in 0..3 {
            for (who, name) in [NAME, "Somebody"].into_iter().enumerate() {
                let browser = browser_at(&format!("192.168.1.{round}"), None);
                let started = std::time::Instant::now();
                assert!(day.sign_in_from(browser, name, WRONG).await.is_err());
                quickest[who] = quickest[who].min(started.elapsed());
            }
        }
        seen.push(quickest);
        let [known, unknown] = quickest.map(|took| took.as_secs_f64());
        if 0.5 < unknown / known && unknown / known < 2.0 {
            return;
        }
    }
    panic!("one is quicker than the other: {seen:?}");
}

#[actix_web::test]
async fn nobody_signs_in_before_the_hub_is_set_up() {
    let day = FirstDay::new().await;

    assert_eq!(day.sign_in(NAME, PASSWORD).await.error(), "not_set_up");
}

#[actix_web::test]
async fn signing_in_again_replaces_the_session() {
    let (day, answer) = FirstDay::set_up().await;
    let before = day.web.with_cookies_of(&answer);

    let body = json!({ "name": NAME, "password": PASSWORD });
    let answer = before.post_json("/api/v1/sessions", &body).await;
    let after = day.web.with_cookies_of(&answer);

    assert_eq!(before.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(after.get("/api/v1/me").await.status, StatusCode::OK);
    let sessions = after.get("/api/v1/sessions").await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(sessions["sessions"][0]["current"], true);
}

#[actix_web::test]
async fn signing_out_ends_the_session_and_takes_the_cookie() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);

    let out = guardian.post("/api/v1/sign-out").await;

    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header(header::SET_COOKIE).starts_with("__Host-hutch=; "));
    assert_eq!(guardian.get("/api/v1/me").await.error(), "not_signed_in");
}

#[actix_web::test]
async fn sessions_are_listed_and_revoked() {
    let (day, answer) = FirstDay::set_up().await;
    let here = day.web.with_cookies_of(&answer);
    day.later(MINUTE);
    let elsewhere = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);
    day.later(MINUTE);
    let third = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);

    let listed = here.get("/api/v1/sessions").await.json()["sessions"].clone();
    let of_elsewhere = listed[1]["id"].as_str().unwrap();
    let path = format!("/api/v1/sessions/{of_elsewhere}/revoke");
    let revoked = here.post(&path).await;
    let again = here.post(&path).await;

    let currents: Vec<_> = listed.as_array().unwrap().iter().map(|one| &one["current"]).collect();
    assert_eq!(currents, [false, false, true]);
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(again.error(), "no_such_session");
    assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(third.get("/api/v1/me").await.status, StatusCode::OK);

    assert_eq!(here.post("/api/v1/sessions/revoke-others").await.status, StatusCode::NO_CONTENT);
    assert_eq!(third.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(here.get("/api/v1/me").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn the_event_stream_of_a_revoked_session_ends() {
    let (day, answer) = FirstDay::set_up().await;
    let here = day.web.with_cookies_of(&answer);
    let elsewhere = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);
    let mut revoked = elsewhere.events().await;
    let mut kept = here.events().await;
    assert!(revoked.next().await.is_some());
    assert!(kept.next().await.is_some());

    here.post("/api/v1/sessions/revoke-others").await;

    assert_eq!(revoked.next().await, None);
    assert!(kept.next().await.unwrap().contains("event: sessions"));
    let nothing = tokio::time::timeout(std::time::Duration::from_millis(50), kept.next()).await;
    assert!(nothing.is_err(), "the stream of the other session goes on");
}

#[actix_web::test]
async fn a_session_ends_when_it_is_not_used_and_after_half_a_year() {
    let (day, answer) = FirstDay::set_up().await;
    let idle = day.web.with_cookies_of(&answer);
    let busy = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);

    for _ in 0..6 {
        day.later(29 * DAY);
        assert_eq!(busy.get("/api/v1/me").await.status, StatusCode::OK);
    }
    assert_eq!(idle.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    day.later(6 * DAY);
    assert_eq!(busy.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_thousand_guesses_get_nowhere_and_the_owner_gets_in() {
    let (day, answer) = FirstDay::set_up().await;
    let cookie = answer.headers.get_all(header::SET_COOKIE).nth(1).unwrap().to_str().unwrap();
    let known = cookie.split(';').next().unwrap().strip_prefix("__Host-hutch-known=").unwrap();
    let known = Token::parse(known).unwrap();

    let mut n_tried = 0;
    for n in 0..1_000_u32 {
        // Half of them come from one address, half from an address each.
        let address = match n % 2 {
            0 => "192.168.1.66".to_owned(),
            _ => format!("10.0.{}.{}", n / 256, n % 256),
        };
        match day.sign_in_from(browser_at(&address, None), NAME, WRONG).await {
            Err(HubError::WrongPassword) => n_tried += 1,
            Err(HubError::TryLater { seconds }) => assert!((1..=900).contains(&seconds)),
            other => panic!("{:?}", other.err()),
        }
    }
    assert_eq!(n_tried, 5, "the others were not even looked at");

    let stranger = day.sign_in_from(browser_at("192.168.1.7", None), NAME, PASSWORD).await;
    assert!(
        matches!(stranger.err(), Some(HubError::TryLater { .. })),
        "not even with the password"
    );
    let owner = browser_at("192.168.1.66", Some(&known));
    assert!(day.sign_in_from(owner, NAME, PASSWORD).await.is_ok());

    day.later(2);
    let waited = day.sign_in_from(browser_at("192.168.1.7", None), NAME, PASSWORD).await;
    assert!(waited.is_ok(), "who waits gets in");
}

#[actix_web::test]
async fn guessing_in_a_known_browser_is_slowed_down_too() {
    let (day, _) = FirstDay::set_up().await;
    let signed_in =
        day.sign_in_from(browser_at("192.168.1.5", None), NAME, PASSWORD).await.unwrap();

    let mut n_tried = 0;
    for n in 0..100 {
        let browser = browser_at(&format!("192.168.1.{n}"), Some(&signed_in.known));
        let outcome = day.sign_in_from(browser, NAME, WRONG).await;
        n_tried += u32::from(matches!(outcome.err(), Some(HubError::WrongPassword)));
    }

    assert_eq!(n_tried, 5);
    let elsewhere = day.sign_in_from(browser_at("192.168.1.9", None), NAME, PASSWORD).await;
    assert!(elsewhere.is_ok(), "it has a lane of its own");
}

#[actix_web::test]
async fn a_changed_password_ends_everything_else() {
    let (day, answer) = FirstDay::set_up().await;
    let here = day.web.with_cookies_of(&answer);
    let elsewhere = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);
    let change = |password, new| json!({ "password": password, "new_password": new });
    let path = "/api/v1/me/password";
    let new = "lantern-orbit-pickle-meadow-cobalt";

    let wrong = here.post_json(path, &change(WRONG, new)).await;
    let weak = here.post_json(path, &change(PASSWORD, "TheMillers2026!")).await;
    let changed = here.post_json(path, &change(PASSWORD, new)).await;

    assert_eq!(wrong.error(), "wrong_password");
    assert_eq!(weak.error(), "weak_password");
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(here.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(day.sign_in(NAME, PASSWORD).await.error(), "wrong_password");
    assert_eq!(day.sign_in(NAME, new).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn a_clock_that_was_set_back_is_noticed_and_locks_nobody_out() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);

    day.later(-365 * DAY);

    let door = day.web.nobody().get("/api/v1/door").await.json();
    assert_eq!(door["clock_trusted"], false);
    assert_eq!(guardian.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(day.sign_in(NAME, PASSWORD).await.status, StatusCode::CREATED);

    *day.clock.is_synchronized.lock().unwrap() = true;
    let door = day.web.nobody().get("/api/v1/door").await.json();
    assert_eq!(door["clock_trusted"], true, "somebody vouches for it");
}

#[actix_web::test]
async fn a_reset_at_the_terminal_signs_out_and_lets_nobody_in() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    for _ in 0..6 {
        day.sign_in(NAME, WRONG).await;
    }

    day.hub().reset_account(" ROBIN").await.unwrap();

    assert_eq!(guardian.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    let elsewhere = browser_at("192.168.1.8", None);
    assert!(day.sign_in_from(elsewhere, NAME, PASSWORD).await.is_ok(), "failures are forgotten");
    let nobody = day.hub().reset_account("somebody").await;
    assert!(matches!(nobody, Err(HubError::NoSuchAccount)));
}

#[actix_web::test]
async fn whoever_finds_the_hub_busy_has_not_failed() {
    let (day, _) = FirstDay::set_up().await;

    // Many at once: a few are looked at, the others are asked to come back.
    let tries = (0..30)
        .map(|n| day.sign_in_from(browser_at(&format!("192.168.1.{n}"), None), "somebody", WRONG));
    let outcomes = futures_util::future::join_all(tries).await;

    let is_busy = |outcome: &Result<SignedIn, HubError>| {
        matches!(outcome, Err(HubError::TryLater { seconds: 2 }))
    };
    assert!(outcomes.iter().any(is_busy));
    // Nobody waits for those who never got their turn.
    let mut n_counted = outcomes.iter().filter(|outcome| !is_busy(outcome)).count();
    assert!(n_counted < 5, "{n_counted}");
    while n_counted < 5 {
        let another = day.sign_in_from(browser_at("192.168.2.1", None), "somebody", WRONG).await;
        assert!(matches!(another, Err(HubError::WrongPassword)));
        n_counted += 1;
    }
}

#[actix_web::test]
async fn what_was_begun_is_finished_when_the_browser_has_left() {
    let day = FirstDay::new().await;
    let (hub, code) = (day.hub().clone(), day.code());
    let founding = hutch::hub::accounts::Founding {
        name: NAME.to_owned(),
        password: Zeroizing::new(PASSWORD.to_owned()),
        household: None,
        time_zone: None,
    };

    let set_up = hutch::hub::whole(async move {
        hub.set_up(browser_at("192.168.1.7", None), &code, founding).await.map(drop)
    });
    // The server drops what it waits for when the browser goes.
    let left = tokio::time::timeout(std::time::Duration::from_millis(1), set_up).await;
    assert!(left.is_err(), "a key takes longer than that");

    for _ in 0..200 {
        if day.codes.lock().unwrap().last().unwrap().is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(*day.codes.lock().unwrap().last().unwrap(), None, "the code was taken down");
    assert_eq!(day.sign_in(NAME, PASSWORD).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn two_at_once_cannot_use_one_set_up_code() {
    let day = FirstDay::new().await;
    let body = founding(&day.code(), PASSWORD);
    let nobody = day.web.nobody();

    let (one, two) = tokio::join!(
        nobody.post_json("/api/v1/setup", &body),
        nobody.post_json("/api/v1/setup", &body)
    );

    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[actix_web::test]
async fn a_clock_that_jumped_ahead_for_a_moment_is_forgiven() {
    let (day, answer) = FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);

    day.later(100 * DAY);
    assert_eq!(day.sign_in(NAME, PASSWORD).await.status, StatusCode::CREATED);
    day.later(-100 * DAY);

    let door = guardian.get("/api/v1/door").await.json();
    assert_eq!(door["clock_trusted"], true);
}
