//! What the hub keeps of whom, in numbers, and when it goes.

use super::{Guardian, Hub, HubError, retention};
pub use crate::store::amounts::{Amount, OfAll, OfChild, OfRelative};
use crate::{
    model::{ChildId, Timestamp},
    store::{StoreError, amounts, rules},
};

/// All that is kept, in numbers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Amounts {
    /// Of each child.
    pub children: Vec<Child>,
    /// Of each relative.
    pub relatives: Vec<OfRelative>,
    /// Beside that.
    pub all: OfAll,
    /// The bytes of the household that was here before a restore, if it is kept.
    pub n_replaced_bytes: Option<u64>,
}

/// What is kept of a child, and when it goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Child {
    /// What is kept.
    pub kept: OfChild,
    /// After how many days recordings and messages are erased by themselves.
    pub retention_days: Option<u16>,
    /// How many of them are within a day.
    pub n_going: u32,
    /// When the next of them is, if that is within a day.
    pub next_goes_at: Option<Timestamp>,
}

impl Hub {
    /// Returns what is kept of whom. It is summed up beside everything else that the hub does.
    pub async fn amounts(&self, _by: &Guardian) -> Result<Amounts, HubError> {
        let now = self.moment().now;
        let n_replaced_bytes = self.replaced().await.map(|kept| kept.n_bytes);
        let found = self.tools().store.read(move |tx| {
            let going = |child: ChildId| {
                let days = rules::limits(tx, child)?.and_then(|limits| limits.retention_days);
                let (n, first) = match days {
                    Some(days) => retention::going_within_a_day(tx, child, days, now)?,
                    None => (0, None),
                };
                Ok::<_, StoreError>((days, n, first))
            };
            let children = amounts::of_children(tx)?.into_iter().map(|kept| {
                let (retention_days, n_going, next_goes_at) = going(kept.child)?;
                Ok::<_, StoreError>(Child { kept, retention_days, n_going, next_goes_at })
            });
            Ok(Amounts {
                children: children.collect::<Result<_, _>>()?,
                relatives: amounts::of_relatives(tx)?,
                all: amounts::of_all(tx, now)?,
                n_replaced_bytes,
            })
        });
        Ok(found.await?)
    }
}
