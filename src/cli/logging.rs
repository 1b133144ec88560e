//! The log, on standard error.

use std::{fmt, io::stderr};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
        layer,
    },
    layer::SubscriberExt as _,
    registry,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::config::{DEFAULT_LOG, Layer};

/// Starts logging for the whole program: as given, else as `HUTCH_LOG` says, else the default.
///
/// Under systemd the journal knows the time itself and takes the level as a prefix.
pub(super) fn start(filter: Option<&str>) {
    let filter: Targets = filter
        .map(str::to_owned)
        .or_else(variable)
        .and_then(|filter| filter.parse().ok())
        .unwrap_or_else(|| DEFAULT_LOG.parse().expect("the default is a filter"));
    let log = registry().with(filter);
    let lines = layer().with_writer(stderr);
    // Not configuration: systemd sets it to say where standard error goes.
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.with(lines.event_format(Journal)).init();
    } else {
        log.with(lines.with_ansi(std::io::IsTerminal::is_terminal(&stderr()))).init();
    }
}

/// Returns what the variable says, where nobody has read the settings.
fn variable() -> Option<String> {
    let only = |name: &str| (name == "HUTCH_LOG").then(|| std::env::var_os(name)).flatten();
    Layer::from_variables(only).ok()?.log
}

/// Writes lines the way the journal reads them (sd-daemon(3)).
struct Journal;

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(writer, "<{priority}>")?;
        let format = Format::default().without_time().with_level(false).with_ansi(false);
        format.format_event(context, writer, event)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_journal_gets_the_level_as_a_number_and_no_time() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_target(false)
            .event_format(Journal)
            .finish();

        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(slot = 1, "toy took the clip");
            tracing::error!("the card is full");
        });

        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines[0].starts_with("<6>") && lines[0].ends_with("toy took the clip slot=1"),
            "{text}"
        );
        assert!(lines[1].starts_with("<3>") && lines[1].ends_with("the card is full"), "{text}");
    }
}
