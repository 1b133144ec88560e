//! What a guardian sees of backups on the page.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use actix_web::http::StatusCode;
use async_trait::async_trait;
use hutch::{
    backup::{self, For},
    hub::backups::{Backups, Place, Shelf},
};

use super::Scene;
use crate::{
    house::START,
    relatives::{relative, screen},
    support::TestHub,
};

/// A shelf of which a test says what is on it.
#[derive(Default)]
struct Stick {
    n_asked: AtomicU32,
}

#[async_trait]
impl Shelf for Stick {
    async fn look(&self) -> Backups {
        let place = Place {
            folder: "/media/hutch".to_owned(),
            is_there: true,
            n: 2,
            latest_at: Some(START),
            latest_bytes: 4_200_000,
            oldest_at: Some(START.after(-9)),
            rehearsed_at: None,
            fails_since: None,
        };
        let is_under_way = 0 < self.n_asked.load(Ordering::Relaxed);
        Backups { places: vec![place], is_under_way }
    }

    async fn make(&self) {
        self.n_asked.fetch_add(1, Ordering::Relaxed);
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
    assert_eq!(seen["under_way"], false);
    let asked = guardian.post("/api/v1/backups").await.json();
    assert_eq!(asked["under_way"], true);
    guardian.post("/api/v1/backups").await;

    assert_eq!(stick.n_asked.load(Ordering::Relaxed), 1);
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
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_seen_is_what_is_there() {
    let scene = Scene::new().await;
    let (stick, away) = (scene.stick(), scene.stick().join("away"));
    let places = [stick.clone(), away];
    let before = backup::look(&scene.state, &places).unwrap();
    assert!(before[0].is_there && before[0].latest.is_none() && !before[1].is_there);
    assert!(!backup::is_under_way(&scene.state));

    let made = backup::make(&scene.state, &stick, For::RecoveryKey, START, &mut |_| {}).unwrap();
    let after = backup::look(&scene.state, &places).unwrap();
    assert_eq!((after[0].n, after[0].latest), (1, Some((START, made.n_bytes))));
    assert_eq!(after[0].fails_since, None);

    // The stick is worn out: it does not give back what it was given.
    std::fs::remove_dir_all(&stick).unwrap();
    std::fs::write(&stick, "").unwrap();
    backup::make(&scene.state, &stick, For::RecoveryKey, START.after(60), &mut |_| {}).unwrap_err();
    let failing = backup::look(&scene.state, &places).unwrap();
    assert_eq!(failing[0].fails_since, Some(START.after(60)));
}
