//! `hutch man`.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::CommandFactory as _;
use clap_mangen::Man;

use super::files;

/// What follows the options in hutch(1): files, in roff.
const FILES: &str = r"
.SH FILES
.TP
.I /etc/hutch/hutch.toml
Settings. Each is explained there.
.TP
.I /var/lib/hutch
Everything that must survive: recordings, names, keys. It belongs to the hub alone.
.TP
.I /run/hutch
What ends with the hub: its control socket and, until it is set up, its set-up code.
";

/// Print the manual, or write its pages into a folder
///
/// Without a folder the page of hutch itself is printed: hutch man | man -l -
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write a page for each command into
    dir: Option<PathBuf>,
}

/// Prints or writes.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Some(dir) = &args.dir else {
        return files::print(&page(&top(), FILES)?);
    };
    check_folder(dir)?;
    for (name, page) in pages(top())? {
        files::write(&dir.join(format!("{name}.1")), &page)?;
    }
    Ok(())
}

/// Says of what is no folder what to do about it, before a first page fails.
fn check_folder(dir: &Path) -> anyhow::Result<()> {
    let shown = dir.display();
    match fs::metadata(dir) {
        Ok(there) if there.is_dir() => Ok(()),
        Ok(_file) => bail!("{shown} is no folder: name one that the pages may go into"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no folder {shown}: make it first, with mkdir -p {shown}")
        }
        Err(error) => Err(error).with_context(|| format!("looking at {shown}")),
    }
}

fn top() -> clap::Command {
    let mut command = super::Args::command().disable_help_subcommand(true);
    // Only then do commands know by which words they are called.
    command.build();
    command
}

/// Returns every page by its name, `hutch-toy-scan` among them.
fn pages(top: clap::Command) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut waiting = vec![(top.get_name().to_owned(), top)];
    let mut pages = Vec::new();
    while let Some((name, command)) = waiting.pop() {
        let about_files = if pages.is_empty() { FILES } else { "" };
        for part in command.get_subcommands() {
            waiting.push((format!("{name}-{}", part.get_name()), part.clone()));
        }
        // What is shown is how it is called; the name of the page has no spaces in it.
        let page = page(&command.display_name(name.clone()), about_files)?;
        pages.push((name, page));
    }
    Ok(pages)
}

fn page(command: &clap::Command, more: &str) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text).context("writing the manual")?;
    text.extend_from_slice(more.trim_start().as_bytes());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let pages = pages(top()).unwrap();

        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["hutch", "hutch-serve", "hutch-toy-scan", "hutch-trust-new-root"] {
            assert!(names.contains(&name), "{names:?}");
        }
        for (name, page) in &pages {
            let page = String::from_utf8(page.clone()).unwrap();
            assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
            assert_eq!(page.contains("/etc/hutch/hutch.toml\nSettings"), name == "hutch", "{name}");
        }
    }
}
