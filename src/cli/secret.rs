//! Words that nobody may see: asked for at the terminal, or read from a file; never an argument, which
//! every user of the computer could read.

use std::{
    fs::File,
    io::{IsTerminal as _, Read, Write as _, stderr, stdin},
    path::Path,
};

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::files;

/// Far more than a key or a passphrase has.
const MAX_BYTES: u64 = 4_096;

/// Reads the first line of a file that has something in it (`-` is standard input), or asks for it
/// without showing what is typed. `flag` is the one that names a file.
pub(super) fn read(
    ask: &str,
    flag: &str,
    file: Option<&Path>,
) -> anyhow::Result<Zeroizing<String>> {
    if let Some(path) = file {
        let context = || format!("reading {}", files::name(path));
        let input: Box<dyn Read> = if path == Path::new("-") {
            Box::new(stdin())
        } else {
            Box::new(File::open(path).with_context(context)?)
        };
        let mut text = Zeroizing::new(String::new());
        input.take(MAX_BYTES).read_to_string(&mut text).with_context(context)?;
        // `age-keygen` writes remarks above a key.
        let line =
            text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        let Some(line) = line else { bail!("{} is empty", files::name(path)) };
        return Ok(Zeroizing::new(line.to_owned()));
    }
    if !stdin().is_terminal() {
        bail!(
            "nobody is here to be asked; name a file that holds it with {flag}, or {flag} - for standard input"
        );
    }
    write!(stderr(), "{ask}: ")?;
    stderr().flush()?;
    let line = unseen()?;
    writeln!(stderr())?;
    Ok(line)
}

/// Reads a line while the terminal does not show it.
fn unseen() -> anyhow::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(256));
    let before = tcgetattr(stdin()).context("looking at the terminal")?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Flush, &quiet).context("setting the terminal")?;
    let read = stdin().read_line(&mut line);
    // Whatever came of it, the terminal is as it was.
    tcsetattr(stdin(), OptionalActions::Now, &before).context("setting the terminal")?;
    read.context("reading what you type")?;
    Ok(Zeroizing::new(line.trim().to_owned()))
}
