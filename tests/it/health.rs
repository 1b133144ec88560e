//! What whoever watches over a hub hears of it.

use actix_web::http::StatusCode;

use crate::support::TestHub;

#[actix_web::test]
async fn a_hub_that_is_well_says_so_to_anybody() {
    let hub = TestHub::demo().await;

    let answer = hub.nobody().get("/api/v1/health").await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), serde_json::json!({ "database": true, "radio": true }));
}

#[actix_web::test]
async fn a_hub_that_cannot_write_does_not() {
    let hub = TestHub::demo().await;
    hub.store().close().await;

    let answer = hub.nobody().get("/api/v1/health").await;

    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.error(), "ails");
}
