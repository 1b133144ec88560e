//! Where the set-up code can be seen while it is needed: by whoever may read the run folder, and on
//! the computer's own screen. Never in a log.

use crate::state::Folder;

/// The code alone, for scripts.
const CODE: &str = "setup-code";
/// What the console shows before somebody logs in, by a link from `/etc/issue.d`. `agetty` reads it
/// as root, so nobody else has to be able to.
const ISSUE: &str = "issue";

/// The notice of the set-up code. Nothing of it is left when it is dropped.
pub(super) struct Notice {
    run: Folder,
}

impl Notice {
    /// Makes a notice in the run folder, and takes away what a killed hub left there.
    pub(super) fn new(run: Folder) -> Self {
        let notice = Self { run };
        notice.take_down();
        notice
    }

    /// Shows this code in place of the last one, and where it is to be entered: at any of these
    /// addresses of the page.
    pub(super) fn put_up(&self, code: &str, places: &[String]) {
        // `agetty` reads a backslash as the beginning of a command; here there is none.
        let issue = format!(
            "Hutch waits to be set up: open {}\nand enter the set-up code {code}\n\n",
            places.join("\nor ")
        );
        let code = format!("{code}\n");
        let written = self
            .run
            .replace(CODE, code.as_bytes())
            .and_then(|()| self.run.replace(ISSUE, issue.as_bytes()));
        if let Err(error) = written {
            tracing::warn!(
                error = %format!("{:#}", anyhow::Error::from(error)),
                "the set-up code cannot be left in the run folder; \
                 `hutch setup-code` shows it all the same"
            );
        }
    }

    /// Removes everything.
    pub(super) fn take_down(&self) {
        for name in [CODE, ISSUE] {
            if let Err(error) = self.run.remove(name) {
                tracing::warn!(%error, "an old set-up code is still in the run folder");
            }
        }
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        self.take_down();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn shows_one_code_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let run = Folder::prepare(&dir.path().join("run")).unwrap();
        let read = |name: &str| fs::read_to_string(run.path().join(name)).unwrap();
        fs::write(run.path().join("setup-code"), "of a killed hub").unwrap();

        let places = ["https://hutch.local:8443", "https://192.168.1.20:8443"].map(str::to_owned);
        let notice = Notice::new(run.clone());
        assert!(!run.has(CODE));
        notice.put_up("K7QM-3FXT", &[]);
        notice.put_up("9D2W-H4TB", &places);

        assert_eq!(read("setup-code"), "9D2W-H4TB\n");
        assert_eq!(
            read("issue"),
            "Hutch waits to be set up: open https://hutch.local:8443\n\
             or https://192.168.1.20:8443\n\
             and enter the set-up code 9D2W-H4TB\n\n"
        );
        drop(notice);
        assert_eq!(fs::read_dir(run.path()).unwrap().count(), 0);
    }
}
