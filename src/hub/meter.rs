//! Figures for a program that watches over the hub, such as Prometheus: counts, and nothing that names
//! anybody. Off until a guardian makes a token for it.

use std::fmt::Write as _;

use subtle::ConstantTimeEq as _;

use super::{Confirmed, Guardian, Hub, HubError, Presence, care::Verdict};
pub use crate::store::meter::Meter;
use crate::{
    auth::token::{self, Token},
    model::Deed,
    radio::RadioState,
    store::{
        activity, amounts,
        meter::{self, Counts},
        toys,
    },
};

/// A program that showed the token. It may count, and nothing else.
pub struct Counting(());

/// Figures in the making.
#[derive(Default)]
struct Figures(String);

impl Figures {
    /// Begins another one: `hutch_<name>`.
    fn begin(&mut self, name: &str, about: &str) -> &mut Self {
        self.line(format_args!("# HELP hutch_{name} {about}"));
        self.line(format_args!("# TYPE hutch_{name} gauge"));
        self
    }

    fn value(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        self.line(format_args!("hutch_{name} {value}"));
        self
    }

    /// One of several that a word tells apart; only words of ours come here.
    fn of(&mut self, name: &str, (key, word): (&str, &str), value: impl std::fmt::Display) {
        self.line(format_args!("hutch_{name}{{{key}=\"{word}\"}} {value}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a String takes everything");
    }

    fn one(&mut self, name: &str, about: &str, value: impl std::fmt::Display) {
        self.begin(name, about).value(name, value);
    }
}

impl Hub {
    /// Returns the token that there is, as far as it is known.
    pub async fn meter(&self, _by: &Guardian) -> Result<Option<Meter>, HubError> {
        Ok(self.tools().store.read(meter::find).await?)
    }

    /// Makes a token, in the place of the one before. It is never shown again.
    pub async fn make_meter(&self, by: &Confirmed<'_>) -> Result<(Token, Meter), HubError> {
        let token = Token::generate();
        let lookup = token::lookup_id(&token);
        let now = self.tools().clock.now();
        let note = self.note(by.guardian(), Deed::MeterMade);
        let made = self.tools().store.write(move |tx| {
            meter::set(tx, &lookup, now)?;
            activity::insert(tx, &note)
        });
        made.await?;
        tracing::info!(account.id = %by.guardian().account(), "a token for figures was made");
        Ok((token, Meter { made_at: now, used_at: None }))
    }

    /// Takes the token back: what has it is told nothing from here on.
    pub async fn revoke_meter(&self, by: &Guardian) -> Result<(), HubError> {
        let note = self.note(by, Deed::MeterRevoked);
        let revoked = self.tools().store.write(move |tx| {
            let had_one = meter::delete(tx)?;
            if had_one {
                activity::insert(tx, &note)?;
            }
            Ok(had_one)
        });
        if revoked.await? {
            tracing::info!(account.id = %by.account(), "the token for figures was taken back");
        }
        Ok(())
    }

    /// Returns the right to count, if this is the token.
    pub async fn counting(&self, token: &str) -> Result<Option<Counting>, HubError> {
        let Ok(token) = Token::parse(token) else { return Ok(None) };
        let shown = token::lookup_id(&token);
        let found = self.tools().store.read(|tx| Ok((meter::lookup(tx)?, meter::find(tx)?)));
        let (Some(lookup), Some(Meter { used_at, .. })) = found.await? else { return Ok(None) };
        if !bool::from(shown.ct_eq(&lookup)) {
            return Ok(None);
        }
        let now = self.tools().clock.now();
        if meter::is_use_news(used_at, now) {
            self.tools().store.write(move |tx| meter::used(tx, now)).await?;
        }
        Ok(Some(Counting(())))
    }

    /// Returns all figures in the text format of Prometheus, version 0.0.4.
    pub async fn figures(&self, _by: &Counting) -> Result<String, HubError> {
        let now = self.now();
        let found = self.tools().store.read(move |tx| {
            let toys = toys::list(tx)?.into_iter().map(|toy| toy.id).collect::<Vec<_>>();
            Ok((meter::counts(tx)?, amounts::of_all(tx, now)?, toys))
        });
        let (counts, all, toys) = found.await?;
        let Counts { accounts, items, deliveries, n_children, n_toys, n_guarded } = counts;
        let mut figures = Figures::default();
        figures.begin("info", "The hub itself.").of(
            "info",
            ("version", env!("CARGO_PKG_VERSION")),
            1,
        );
        figures.one("children", "Children.", n_children);
        figures.one("toys", "Adopted toys.", n_toys);
        let live = toys.iter().map(|toy| self.tools().bus.live(*toy).presence);
        let n_held = live.filter(|presence| *presence == Presence::Awake).count();
        figures.one("toys_connected", "Toys that the hub is connected to.", n_held);
        figures.one("toys_guarded", "Toys at which a guardian should look.", n_guarded);
        let is_heard = *self.tools().radio.state().borrow() == RadioState::Works;
        figures.one("bluetooth_works", "Whether toys can be heard.", u8::from(is_heard));
        let words = [
            ("accounts", "Accounts, by what they may do.", "role", accounts),
            ("items", "Recordings and messages that are kept.", "kind", items),
            ("deliveries", "Messages, by how far they came.", "state", deliveries),
        ];
        for (name, about, key, counts) in words {
            figures.begin(name, about);
            for (word, n) in counts {
                figures.of(name, (key, &word), n);
            }
        }
        figures.one("clips_waiting", "Clips that wait for their toy.", all.waiting.n);
        figures.one("sessions", "Browsers that are signed in.", all.n_sessions);
        figures.one("activity_lines", "Lines of the activity.", all.n_activity);
        figures.one("database_bytes", "Size of the database.", all.database_bytes);
        if let Some(room) = self.room() {
            figures.one("disk_free_bytes", "Room that is left on the disk.", room.free_bytes);
            figures.one("disk_total_bytes", "Size of the disk.", room.total_bytes);
        }
        let care = self.cared();
        figures.begin("findings", "What was found at the last look, by how it is.");
        for verdict in Verdict::ALL {
            let n = care.findings.iter().filter(|finding| finding.verdict == verdict).count();
            figures.of("findings", ("verdict", verdict.word()), n);
        }
        if let Some(at) = care.looked_at {
            figures.one("looked_at_seconds", "When everything was last looked at.", at.0);
        }
        Ok(figures.0)
    }
}
