//! Files that people name on the command line; `-` is standard input or output.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write as _, stdin, stdout},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

/// Far more than sound for a toy takes: 25 minutes in the quality of a CD.
const MAX_BYTES: u64 = 256 << 20;

/// Returns what people call the file.
pub(super) fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Reads a whole file.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let context = || format!("reading {}", name(path));
    let mut bytes = Vec::new();
    let input: &mut dyn Read = if is_standard(path) {
        &mut stdin()
    } else {
        &mut File::open(path).with_context(context)?
    };
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes).with_context(context)?;
    if MAX_BYTES < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
        bail!("{} has more than {} MiB: cut it into pieces", name(path), MAX_BYTES >> 20);
    }
    Ok(bytes)
}

/// Writes a whole file or nothing: what was there stays until all of the new is.
///
/// Only the owner may read it, for it may be a child's voice.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if is_standard(path) {
        return print(bytes);
    }
    let context = || format!("writing {}", path.display());
    // A link stays one, and what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_new| path.to_owned());
    match fs::metadata(&target) {
        Ok(there) if there.is_dir() => bail!("{} is a folder: name a file in it", path.display()),
        // A device or pipe must not be replaced by a file.
        Ok(there) if !there.is_file() => fs::write(&target, bytes).with_context(context),
        _ => replace(&target, bytes).with_context(context),
    }
}

/// Writes to standard output. Whoever reads it may stop early.
pub(super) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("writing to standard output")
        }
        _ => Ok(()),
    }
}

fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(file_name) = target.file_name() else {
        return Err(io::Error::new(ErrorKind::InvalidInput, "that is not the name of a file"));
    };
    let mut part_name = OsString::from(".");
    part_name.push(file_name);
    part_name.push(format!(".{}.part", std::process::id()));
    let part = target.with_file_name(part_name);
    let written = write_part(&part, bytes).and_then(|()| fs::rename(&part, target));
    if written.is_err() {
        // It may never have come to be; the first error is the one to tell.
        drop(fs::remove_file(&part));
    }
    written
}

fn write_part(part: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("voice.wav");
        fs::write(&path, "old").unwrap();

        write(&path, b"new").unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(dir.path()), ["voice.wav"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("voice.wav"), dir.path().join("link.wav"));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();

        write(&link, b"new").unwrap();

        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_stays_a_device() {
        write(Path::new("/dev/null"), b"gone").unwrap();

        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn nothing_is_left_where_writing_fails() {
        let dir = tempfile::tempdir().unwrap();

        let nowhere = write(&dir.path().join("no/such/folder.wav"), b"new").unwrap_err();
        let folder = write(dir.path(), b"new").unwrap_err();

        assert!(format!("{nowhere:#}").starts_with("writing "), "{nowhere:#}");
        assert!(folder.to_string().ends_with("is a folder: name a file in it"), "{folder:#}");
        assert!(names(dir.path()).is_empty());
    }
}
