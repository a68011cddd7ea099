//! A full disk and a wrong clock, for one program: `faults.c`, built when a test asks for it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What stands in front of the system's functions; its text says how it works.
const SOURCE: &str = include_str!("faults.c");

/// The switches of the faults for what is started with [`Faults::environment`].
pub(crate) struct Faults {
    folder: PathBuf,
}

impl Faults {
    /// Builds the library into a folder, which its user must be able to read and whose files
    /// `full`, `clock` and `faults.*` are free.
    pub(crate) fn new(folder: &Path) -> Self {
        let (source, library) = (folder.join("faults.c"), folder.join("faults.so"));
        fs::write(&source, SOURCE).expect("a file");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output()
            .expect("the C compiler `cc` that the register is built with too");
        assert!(
            built.status.success(),
            "faults.c is for Linux with glibc: a full disk and a wrong clock cannot be tested \
             here:\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The variables with which a program comes under these faults.
    pub(crate) fn environment(&self) -> [(String, String); 2] {
        let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        [
            ("LD_PRELOAD".into(), path(&self.folder.join("faults.so"))),
            ("FAULTS".into(), path(&self.folder)),
        ]
    }

    /// From now on no file gets larger.
    pub(crate) fn fill_disk(&self) {
        fs::write(self.folder.join("full"), "").expect("a file");
    }

    pub(crate) fn free_disk(&self) {
        fs::remove_file(self.folder.join("full")).expect("the disk was full");
    }

    /// From now on it is later than it is.
    pub(crate) fn set_clock_ahead(&self, seconds: u32) {
        // Renamed into place, so that the program never reads half a number.
        let new = self.folder.join("clock.new");
        fs::write(&new, seconds.to_string()).expect("a file");
        fs::rename(&new, self.folder.join("clock")).expect("a file");
    }

    pub(crate) fn set_clock_right(&self) {
        fs::remove_file(self.folder.join("clock")).expect("the clock was wrong");
    }
}
