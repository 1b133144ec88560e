//! Deliveries: how they stand, and what a guardian may do to one.

use actix_web::web::{Json, Path, ThinData};

use super::{
    caller::Account,
    error::ApiError,
    schema::{Vocabulary, Word, body},
};
use crate::{
    hub::{self, Guardian, Hub, whole},
    model::{DeliveryId, DeliveryState, Failure, ItemId, Timestamp, ToyId},
};

/// The state that exists only while a keeper is at it, and that the store never holds.
const SENDING: &str = "sending";

body! {
    /// The journey of one message to one toy.
    struct Delivery {
        /// Its identifier.
        id: DeliveryId,
        /// The message.
        item: ItemId,
        /// The toy.
        toy: ToyId,
        /// Where it is.
        state: Word<Delivery>,
        /// How much of it has arrived, while it is being sent.
        percent: Option<u8>,
        /// Why the last try failed, if it did.
        reason: Option<Word<Failure>>,
        /// How often it was tried.
        tries: u32,
        /// When it is tried again by itself.
        next_try_at: Option<Timestamp>,
        /// When it was sent off.
        queued_at: Timestamp,
        /// When the child heard it to its end.
        heard_at: Option<Timestamp>,
        /// When it is given up unheard.
        expires_at: Timestamp,
        /// Whether the child may have heard it without the hub seeing it.
        perhaps_heard: bool,
        /// What it waits for, while it is queued or to be tried again.
        waits_for: Option<Word<hub::WaitsFor>>,
        /// When quiet hours end, or when it is to set out, if it waits for that and anybody can say.
        waits_until: Option<Timestamp>,
        /// When it is to set out, or was, if it was sent for later.
        send_at: Option<Timestamp>,
    }
}

impl Vocabulary for Delivery {
    fn words() -> Vec<&'static str> {
        let stored = [
            DeliveryState::AwaitingApproval,
            DeliveryState::Queued,
            DeliveryState::OnToy,
            DeliveryState::Heard,
            DeliveryState::Declined,
            DeliveryState::Failed(Failure::Silent),
            DeliveryState::Expired,
            DeliveryState::Withdrawing,
            DeliveryState::Withdrawn,
        ];
        stored.iter().map(|state| state.word()).chain([SENDING]).collect()
    }
}

impl Vocabulary for hub::WaitsFor {
    fn words() -> Vec<&'static str> {
        let (quiet, time) = (Self::Quiet { until: None }, Self::Time { until: None });
        let rest = [Self::Toy, Self::Previous, quiet, time, Self::ToyOfTheirs, Self::Guardian];
        rest.map(waits_for).to_vec()
    }
}

impl From<hub::Delivery> for Delivery {
    fn from(delivery: hub::Delivery) -> Self {
        let hub::Delivery {
            id,
            item,
            toy,
            state,
            sending: percent,
            tries,
            next_try_at,
            queued_at,
            heard_at,
            expires_at,
            perhaps_heard,
            waits_for: waiting,
            send_at,
        } = delivery;
        let reason = match state {
            DeliveryState::Failed(failure) if percent.is_none() => Some(Word::new(failure.word())),
            _ => None,
        };
        let waits_until = match waiting {
            Some(hub::WaitsFor::Quiet { until } | hub::WaitsFor::Time { until }) => until,
            Some(
                hub::WaitsFor::Toy
                | hub::WaitsFor::Previous
                | hub::WaitsFor::ToyOfTheirs
                | hub::WaitsFor::Guardian,
            )
            | None => None,
        };
        Self {
            id,
            item,
            toy,
            state: Word::new(percent.map_or_else(|| state.word(), |_percent| SENDING)),
            percent,
            reason,
            tries,
            next_try_at,
            queued_at,
            heard_at,
            expires_at,
            perhaps_heard,
            waits_for: waiting.map(|waiting| Word::new(waits_for(waiting))),
            waits_until,
            send_at,
        }
    }
}

/// `POST /deliveries/{delivery}/retry`: tries again at once.
pub(super) async fn retry(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    delivery: Path<DeliveryId>,
) -> Result<Json<Delivery>, ApiError> {
    let delivery = hub.retry(&by, delivery.into_inner()).await?;
    Ok(Json(delivery.into()))
}

/// `POST /deliveries/{delivery}/approve`: lets the message go on its way.
pub(super) async fn approve(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    delivery: Path<DeliveryId>,
) -> Result<Json<Delivery>, ApiError> {
    let approve = async move { hub.approve(&by, delivery.into_inner()).await };
    Ok(Json(whole(approve).await?.into()))
}

/// `POST /deliveries/{delivery}/decline`: keeps the message from the child.
pub(super) async fn decline(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    delivery: Path<DeliveryId>,
) -> Result<Json<Delivery>, ApiError> {
    let delivery = hub.decline(&by, delivery.into_inner()).await?;
    Ok(Json(delivery.into()))
}

/// `POST /deliveries/{delivery}/withdraw`: takes the message back.
pub(super) async fn withdraw(
    ThinData(hub): ThinData<Hub>,
    Account(by): Account,
    delivery: Path<DeliveryId>,
) -> Result<Json<Delivery>, ApiError> {
    let delivery = hub.withdraw(&by, delivery.into_inner()).await?;
    Ok(Json(delivery.into()))
}

/// `POST /deliveries/{delivery}/send-now`: does not wait for the time for which it was sent.
pub(super) async fn send_now(
    ThinData(hub): ThinData<Hub>,
    Account(by): Account,
    delivery: Path<DeliveryId>,
) -> Result<Json<Delivery>, ApiError> {
    let delivery = hub.send_now(&by, delivery.into_inner()).await?;
    Ok(Json(delivery.into()))
}

/// `POST /deliveries/{delivery}/heard`: the guardian knows better than the hub.
pub(super) async fn mark_heard(
    ThinData(hub): ThinData<Hub>,
    by: Guardian,
    delivery: Path<DeliveryId>,
) -> Result<Json<Delivery>, ApiError> {
    let delivery = hub.mark_heard(&by, delivery.into_inner()).await?;
    Ok(Json(delivery.into()))
}

const fn waits_for(waiting: hub::WaitsFor) -> &'static str {
    match waiting {
        hub::WaitsFor::Toy => "toy",
        hub::WaitsFor::Previous => "previous",
        hub::WaitsFor::Quiet { .. } => "quiet",
        hub::WaitsFor::Time { .. } => "time",
        hub::WaitsFor::ToyOfTheirs => "toy_of_theirs",
        hub::WaitsFor::Guardian => "guardian",
    }
}
