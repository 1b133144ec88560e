//! What `hutch account` asks the running hub: who has an account, and to let somebody in again.

use super::{files, place::Place};
use crate::{
    config::Layer,
    control::{Account, Answer, AskError, Request, SOCKET, ask},
};

/// Prints who has an account, a line each, or as JSON.
///
/// The running hub is asked. Without one there is the database, which nothing here may open.
pub(super) fn list(place: &Place, json: bool) -> anyhow::Result<()> {
    let config = place.settings(Layer::default())?;
    let Answer::Accounts { accounts } = ask(&config.run.join(SOCKET), &Request::Accounts)? else {
        return Err(AskError::Garbled.into());
    };
    if json {
        let json = serde_json::json!({ "accounts": accounts });
        return files::print(format!("{json:#}\n").as_bytes());
    }
    if accounts.is_empty() {
        return files::print(b"Nobody has an account yet; hutch setup-code shows how to begin.\n");
    }
    files::print(table(&accounts).as_bytes())
}

fn table(accounts: &[Account]) -> String {
    let width = accounts.iter().map(|account| account.name.chars().count()).max().unwrap_or(0);
    let lines = accounts.iter().map(|account| {
        let Account { name, role, created_at, last_used_at } = account;
        let used = last_used_at
            .as_ref()
            .map_or_else(|| "never used".to_owned(), |at| format!("last used {}", day(*at)));
        let padding = " ".repeat(width - name.chars().count());
        format!("{name}{padding}  {role}  since {}, {used}\n", day(*created_at))
    });
    lines.collect::<Vec<_>>().concat()
}

/// Returns the day that this second is in, by universal time.
pub(super) fn day(unix_seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(unix_seconds);
    at.map_or_else(|_out_of_range| "?".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// Lets somebody in again who lost their password, and prints what they do next.
pub(super) fn reset(place: &Place, name: &str) -> anyhow::Result<()> {
    let config = place.settings(Layer::default())?;
    let request = Request::ResetAccount { name: name.to_owned() };
    match ask(&config.run.join(SOCKET), &request)? {
        Answer::AccountReset { next } => files::print(format!("{next}\n").as_bytes()),
        Answer::SetupCode { .. }
        | Answer::Accounts { .. }
        | Answer::Erasing
        | Answer::Fingerprints { .. }
        | Answer::Kernel { .. }
        | Answer::Heard { .. }
        | Answer::Toys { .. }
        | Answer::ProbeBegun
        | Answer::Probe { .. }
        | Answer::Error { .. } => Err(AskError::Garbled.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_listed_in_columns() {
        let account = |name: &str, last_used_at| Account {
            name: name.to_owned(),
            role: "guardian".to_owned(),
            created_at: 1_700_000_000,
            last_used_at,
        };

        let table = table(&[account("anna", Some(1_710_000_000)), account("\u{f6}zlem", None)]);

        assert_eq!(
            table,
            "anna   guardian  since 2023-11-14, last used 2024-03-09\n\
             \u{f6}zlem  guardian  since 2023-11-14, never used\n"
        );
        assert_eq!(day(i64::MAX), "?");
    }
}
