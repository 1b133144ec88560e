//! What a guardian sees of backups on the page.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use actix_web::http::StatusCode;
use async_trait::async_trait;
use hutch::{
    backup::{self, For},
    hub::backups::{Backups, Keeps, Place, Replaced, Shelf},
};

use super::Scene;
use crate::{
    house::START,
    relatives::{relative, screen},
    support::{Client, TestHub},
};

/// A shelf of which a test says what is on it.
#[derive(Default)]
struct Stick {
    n_asked: AtomicU32,
    n_erased: AtomicU32,
    is_over: AtomicBool,
}

#[async_trait]
impl Shelf for Stick {
    async fn look(&self) -> Backups {
        let place = Place {
            folder: "/media/hutch".to_owned(),
            is_there: true,
            is_read: true,
            n: 2,
            n_bytes: 8_300_000,
            n_staying: 1,
            gone_by: Some(START.after(8 * 24 * 3_600)),
            made_at: Some(START),
            latest_at: Some(START),
            latest_bytes: 4_200_000,
            oldest_at: Some(START.after(-9)),
            rehearsed_at: None,
            fails_since: None,
        };
        let is_under_way = 0 < self.n_asked.load(Ordering::Relaxed);
        let keeps = Keeps { days: 7, weeks: 4, months: 3 };
        Backups { places: vec![place], keeps, is_under_way, replaced: self.replaced().await }
    }

    async fn make(&self) {
        self.n_asked.fetch_add(1, Ordering::Relaxed);
    }

    async fn replaced(&self) -> Option<Replaced> {
        let is_kept = self.n_erased.load(Ordering::Relaxed) == 0;
        is_kept.then_some(Replaced { n_bytes: 7_000_000, goes_at: START.after(30 * 24 * 3_600) })
    }

    async fn forget_replaced(&self) -> bool {
        self.n_erased.fetch_add(1, Ordering::Relaxed);
        true
    }

    async fn forget_replaced_in_time(&self) -> bool {
        let is_over = self.is_over.load(Ordering::Relaxed);
        is_over && self.n_erased.fetch_add(1, Ordering::Relaxed) == 0
    }
}

#[tokio::test(start_paused = true)]
async fn a_guardian_sees_them_and_asks_for_one_at_a_time() {
    let hub = TestHub::without_demo().await;
    let guardian = hub.guardian().await;
    let none = guardian.get("/api/v1/backups").await.json();
    assert_eq!(none["places"].as_array().unwrap().len(), 0, "no shelf, no backups");
    let stick = Arc::new(Stick::default());
    hub.hub.put_backups_on(Arc::<Stick>::clone(&stick));

    let seen = guardian.get("/api/v1/backups").await.json();
    assert_eq!(seen["places"][0]["latest_bytes"], 4_200_000);
    assert_eq!(seen["places"][0]["bytes"], 8_300_000);
    assert_eq!(seen["places"][0]["staying"], 1);
    assert_eq!(seen["places"][0]["gone_by"], START.after(8 * 24 * 3_600).0);
    assert_eq!(seen["keeps"], serde_json::json!({ "days": 7, "weeks": 4, "months": 3 }));
    assert_eq!(seen["under_way"], false);
    let asked = guardian.post("/api/v1/backups").await.json();
    assert_eq!(asked["under_way"], true);
    guardian.post("/api/v1/backups").await;

    assert_eq!(stick.n_asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_guardian_erases_the_household_from_before_a_restore() {
    let hub = TestHub::without_demo().await;
    let guardian = hub.guardian().await;
    let stick = Arc::new(Stick::default());
    hub.hub.put_backups_on(Arc::<Stick>::clone(&stick));
    let seen = guardian.get("/api/v1/backups").await.json();
    assert_eq!(seen["replaced"]["bytes"], 7_000_000);
    assert_eq!(guardian.get("/api/v1/privacy").await.json()["replaced_bytes"], 7_000_000);

    let path = "/api/v1/backups/replaced/erase";
    let refused = guardian.post(path).await;
    assert_eq!(refused.error(), "confirm_first");
    let again = serde_json::json!({ "password": crate::house::PASSWORD });
    guardian.post_json("/api/v1/me/confirm", &again).await;
    let done = guardian.post(path).await.json();

    assert_eq!(done["replaced"], serde_json::Value::Null);
    assert_eq!(stick.n_erased.load(Ordering::Relaxed), 1);
    guardian.post(path).await;
    let noted = erased_replaced(&guardian).await;
    assert_eq!(noted.len(), 1, "once, and not again where there is nothing: {noted:?}");
    assert_eq!(noted[0]["account_name"], "Robin");
    assert_eq!(
        guardian.get("/api/v1/privacy").await.json()["replaced_bytes"],
        serde_json::Value::Null
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_went_by_itself_is_noted_as_the_hubs_own_doing() {
    let hub = TestHub::without_demo().await;
    let guardian = hub.guardian().await;
    hub.hub.forget_replaced_in_time().await.unwrap();
    let stick = Arc::new(Stick::default());
    hub.hub.put_backups_on(Arc::<Stick>::clone(&stick));
    hub.hub.forget_replaced_in_time().await.unwrap();
    assert!(erased_replaced(&guardian).await.is_empty(), "its time is not over");

    stick.is_over.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        hub.hub.forget_replaced_in_time().await.unwrap();
    }

    let noted = erased_replaced(&guardian).await;
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert_eq!(noted[0]["account"], serde_json::Value::Null);
}

/// What the activity says of it.
async fn erased_replaced(guardian: &Client<'_>) -> Vec<serde_json::Value> {
    let activity = guardian.get("/api/v1/activity").await.json();
    let entries = activity["entries"].as_array().unwrap().iter();
    entries.filter(|entry| entry["deed"] == "replaced_erased").cloned().collect()
}

#[tokio::test(start_paused = true)]
async fn nobody_else_does() {
    let hub = TestHub::without_demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, tablet) = screen(&hub, &guardian).await;
    for client in [&grandma, &tablet] {
        assert_eq!(client.get("/api/v1/backups").await.status, StatusCode::FORBIDDEN);
        assert_eq!(client.post("/api/v1/backups").await.status, StatusCode::FORBIDDEN);
        let erased = client.post("/api/v1/backups/replaced/erase").await;
        assert_eq!(erased.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_seen_is_what_is_there() {
    let scene = Scene::new().await;
    let (stick, away) = (scene.stick(), scene.stick().join("away"));
    let places = [stick.clone(), away];
    let before = backup::look(&scene.state, &places, START).unwrap();
    assert!(before[0].is_there && before[0].latest.is_none() && !before[1].is_there);
    assert!(!backup::is_under_way(&scene.state));

    let made = backup::make(&scene.state, &stick, For::RecoveryKey, START, &mut |_| {}).unwrap();
    let after = backup::look(&scene.state, &places, START).unwrap();
    assert_eq!((after[0].n, after[0].latest), (1, Some((START, made.n_bytes))));
    assert_eq!(after[0].fails_since, None);

    // The stick is worn out: it does not give back what it was given.
    std::fs::remove_dir_all(&stick).unwrap();
    std::fs::write(&stick, "").unwrap();
    backup::make(&scene.state, &stick, For::RecoveryKey, START.after(60), &mut |_| {}).unwrap_err();
    let failing = backup::look(&scene.state, &places, START).unwrap();
    assert_eq!(failing[0].fails_since, Some(START.after(60)));
}
