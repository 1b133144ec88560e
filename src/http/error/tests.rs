use actix_web::body::to_bytes;

use super::*;
use crate::seal::SealError;

async fn answer(error: ApiError) -> (u16, String) {
    let answer = error.error_response();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body()).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[actix_web::test]
async fn a_fault_inside_says_nothing_of_itself() {
    let fault = SealError::DoesNotOpen;
    let detail = fault.to_string();

    let (status, body) = answer(HubError::Seal(fault).into()).await;

    assert_eq!(status, 500);
    assert!(body.starts_with("{\"error\":\"internal\","), "{body}");
    assert!(!body.contains(&detail), "{body}");
}

#[actix_web::test]
async fn every_refusal_is_a_sentence_that_ends() {
    let errors = [
        ApiError::BadQuery,
        ApiError::BadJson,
        ApiError::BrokenOff,
        ApiError::NotSignedIn,
        ApiError::NotAllowed,
        ApiError::CrossSite,
        ApiError::NotFound,
        ApiError::WrongMethod { allowed: "GET".to_owned() },
        ApiError::TooSlow,
        ApiError::NoLength,
        ApiError::TooLarge { max_bytes: 32 << 20 },
        ApiError::TooLarge { max_bytes: 16 << 10 },
        ApiError::WrongType { expected: "a WAV sound (audio/wav)" },
        ApiError::BadRange { n_bytes: 7 },
        ApiError::WrongHost,
        ApiError::Ails,
        HubError::NoToy.into(),
        HubError::TooLate.into(),
        HubError::BadCursor.into(),
        HubError::Blocked.into(),
        HubError::NoChildren.into(),
        HubError::BadChoice.into(),
        HubError::NotGranted.into(),
        HubError::DailyLimit { limit: 1, seconds: 60 }.into(),
        HubError::QuietHours { until: None }.into(),
        HubError::TooLong { length_ms: 40_001, slot_ms: 40_000 }.into(),
        HubError::ToyAsleep.into(),
        HubError::NotHeard.into(),
        HubError::AlreadyAdopted.into(),
        HubError::NoSuchMeeting.into(),
        HubError::NotSqueezed.into(),
        HubError::CharacterMissing.into(),
        HubError::FarTooLong { length_ms: 600_001, longest_ms: 600_000 }.into(),
    ];
    for error in errors {
        let code = error.code();
        let message = error.message();

        let (status, body) = answer(error).await;

        assert_eq!(status, code.status());
        assert!(body.starts_with(&format!("{{\"error\":\"{}\"", code.word())), "{body}");
        assert!(message.starts_with(char::is_uppercase), "{message}");
        assert!(message.ends_with('.') && !message.contains("  "), "{message}");
    }
}

#[test]
fn a_small_excess_is_not_rounded_away() {
    let error = ApiError::from(HubError::TooLong { length_ms: 40_001, slot_ms: 40_000 });

    assert!(error.message().starts_with("The message is 41 s long"));
}
