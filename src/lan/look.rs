//! What any device in the home network finds of hubs by asking (RFC 6763).

use std::{collections::BTreeMap, time::Duration};

use mdns_sd::{ServiceDaemon, ServiceEvent};
use tokio::time::timeout;

use super::{
    Announced, Unannounced,
    announce::{FINGERPRINT, HUTCH},
};

/// Anybody can claim to be any number of hubs.
const MOST: usize = 16;

/// Asks the home network for hubs, and returns those that answer within this time.
pub async fn look(within: Duration) -> Result<Vec<Announced>, Unannounced> {
    let mdns = ServiceDaemon::new()?;
    let answers = mdns.browse(HUTCH)?;
    let mut found = BTreeMap::new();
    let gather = async {
        while let Ok(answer) = answers.recv_async().await {
            let ServiceEvent::ServiceResolved(hub) = answer else { continue };
            let fingerprint = hub.get_property_val_str(FINGERPRINT).unwrap_or_default().to_owned();
            let host = hub.get_hostname().trim_end_matches('.').to_ascii_lowercase();
            let announced = Announced { host, port: hub.get_port(), fingerprint };
            found.insert(hub.get_fullname().to_owned(), announced);
            if MOST <= found.len() {
                break;
            }
        }
    };
    // There is no last answer: the time is over, or enough have answered.
    drop(timeout(within, gather).await);
    drop(mdns.shutdown());
    Ok(found.into_values().collect())
}
