//! Backups: the whole database in one file, taken while the service runs, and put back.
//!
//! On `SQLite` the file is a database itself, made by `VACUUM INTO`: a snapshot of one moment, in
//! which nothing is left of what was deleted. On `PostgreSQL` it is an archive of `pg_dump`, which
//! must be installed, and no older than the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{AnyConnection, DatabaseUrl, Store, StoreError, migrations};

/// What a database holds, found out by looking at all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many documents there are.
    pub documents: i64,
    /// The position of the change log.
    pub position: i64,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// What must be zero in a register that is whole, and what is wrong if it is not.
const CHECKS: [(&str, &str); 4] = [
    (
        "SELECT COUNT(*) - COALESCE(MAX(seq), 0) AS number FROM changes",
        "lines of the change log are missing",
    ),
    (
        "SELECT COUNT(*) AS number FROM documents d WHERE NOT EXISTS \
         (SELECT 1 FROM changes c WHERE c.document_id = d.id AND c.version = d.version)",
        "documents have a version that the change log does not know",
    ),
    (
        "SELECT COUNT(*) AS number FROM document_references r WHERE NOT EXISTS \
         (SELECT 1 FROM documents d WHERE d.id = r.target_id)",
        "references lead nowhere",
    ),
    (
        "SELECT COUNT(*) AS number FROM documents d JOIN tombstones t ON t.id = d.id",
        "documents are there and gone at once",
    ),
];

impl Store {
    /// Writes all that the database holds to a file, of one moment, while others read and write.
    ///
    /// # Errors
    /// When there is such a file and it should not be replaced; when a program is missing; when the
    /// database or the disk fails.
    pub fn backup(&self, file: &Path, force: bool) -> Result<Held, StoreError> {
        if file.exists() && !force {
            return Err(failed(format!(
                "{} is there already; --force replaces it",
                file.display()
            )));
        }
        self.check_schema()?;
        // What is half written must not look like a backup.
        let part = beside(file, "part");
        let _ = fs::remove_file(&part);
        let done = self.write_to(&part);
        let done = done.and_then(|held| {
            private(&part)?;
            fs::File::open(&part)?.sync_all()?;
            fs::rename(&part, file)?;
            Ok(held)
        });
        if done.is_err() {
            let _ = fs::remove_file(&part);
        }
        done
    }

    fn write_to(&self, part: &Path) -> Result<Held, StoreError> {
        match &self.url {
            DatabaseUrl::Sqlite(_) => {
                // Its words are those of the register; nobody else should read them while it is made.
                let text = part
                    .to_str()
                    .ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
                if let AnyConnection::Sqlite(connection) = &mut *self.first_connection()? {
                    let query = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(text);
                    query.execute(connection)?;
                }
                sqlite_held(part)
            }
            DatabaseUrl::Postgres(url) => {
                let mut dump = program("pg_dump", url)?;
                dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"])
                    .arg(part);
                run(dump)?;
                held(&mut *self.first_connection()?)
            }
        }
    }

    /// Puts back what [`Store::backup`] wrote, in the place of what is there.
    ///
    /// # Errors
    /// When something is there and it should not be replaced; when a service has the database open
    /// (`SQLite`); when the file is no backup, damaged, or of a newer version; and as for a backup.
    /// The database is then as it was.
    pub fn restore(&self, file: &Path, force: bool) -> Result<Held, StoreError> {
        if !file.is_file() {
            return Err(failed(format!("there is no file {}", file.display())));
        }
        match &self.url {
            DatabaseUrl::Sqlite(path) => restore_sqlite(Path::new(path), file, force),
            DatabaseUrl::Postgres(url) => self.restore_postgres(url, file, force),
        }
    }

    fn restore_postgres(&self, url: &str, file: &Path, force: bool) -> Result<Held, StoreError> {
        let mut list = program("pg_restore", url)?;
        list.arg("--list").arg(file);
        let content = run(list).map_err(|error| cannot(file, &error))?;
        if !content.contains(" documents ") || !content.contains(" changes ") {
            return Err(failed(format!(
                "{} is no backup of schakel",
                file.display()
            )));
        }
        let there = diesel::sql_query(
            "SELECT COUNT(*) AS number FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'changes'",
        );
        if let AnyConnection::Postgres(connection) = &mut *self.first_connection()? {
            let there: Number = there.get_result(connection)?;
            if there.number > 0 && !force {
                let changes: Number = diesel::sql_query("SELECT COUNT(*) AS number FROM changes")
                    .get_result(connection)?;
                refuse_to_overwrite(changes.number)?;
            }
        }
        // All of it or nothing: what is there goes in the same transaction.
        let mut restore = program("pg_restore", url)?;
        restore.args([
            "--clean",
            "--if-exists",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
        ]);
        restore
            .arg("--dbname")
            .arg(without_password(url)?.0)
            .arg(file);
        run(restore).map_err(|error| cannot(file, &error))?;
        let mut connection = self.first_connection()?;
        migrations::run(&mut connection)?;
        held(&mut connection)
    }
}

fn restore_sqlite(path: &Path, file: &Path, force: bool) -> Result<Held, StoreError> {
    // Looked at in full before anything is touched, on a copy that can then take its place at once.
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let copy = beside(path, "restored");
    let _ = fs::remove_file(&copy);
    let checked = copy_and_check(file, &copy).map_err(|error| match error {
        StoreError::Full(_) => error,
        error => cannot(file, &error),
    });
    let replaced = checked.and_then(|held| {
        if path.exists() {
            release(path, force)?;
        }
        fs::rename(&copy, path)?;
        Ok(held)
    });
    if replaced.is_err() {
        let _ = fs::remove_file(&copy);
    }
    replaced
}

fn copy_and_check(file: &Path, copy: &Path) -> Result<Held, StoreError> {
    fs::copy(file, copy)?;
    private(copy)?;
    let mut connection = sqlite(copy)?;
    migrations::check_known(&mut connection)?;
    migrations::run(&mut connection)?;
    drop(connection);
    let held = sqlite_held(copy)?;
    fs::File::open(copy)?.sync_all()?;
    Ok(held)
}

/// Makes sure that nobody has the present database open, and that its content may go.
fn release(path: &Path, force: bool) -> Result<(), StoreError> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| failed(error.to_string()))?;
    let changes = diesel::sql_query("SELECT COUNT(*) AS number FROM changes");
    // A file without tables holds nothing.
    let changes: i64 = changes
        .get_result::<Number>(&mut connection)
        .map_or(0, |found| found.number);
    if !force {
        refuse_to_overwrite(changes)?;
    }
    // In exclusive mode the log beside the file has no shared memory: it begins only when no other
    // process has the file open.
    let alone = connection.batch_execute(
        "PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; \
         PRAGMA wal_checkpoint(TRUNCATE);",
    );
    alone.map_err(|_| failed("the database is in use; stop the service first".to_owned()))?;
    drop(connection);
    for end in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = fs::remove_file(PathBuf::from(name));
    }
    Ok(())
}

fn refuse_to_overwrite(changes: i64) -> Result<(), StoreError> {
    if changes == 0 {
        return Ok(());
    }
    Err(failed(format!(
        "the register is not empty (position {changes}); --force replaces all that is in it"
    )))
}

fn sqlite(path: &Path) -> Result<AnyConnection, StoreError> {
    let connection = SqliteConnection::establish(&path.to_string_lossy());
    connection
        .map(AnyConnection::Sqlite)
        .map_err(|error| failed(error.to_string()))
}

/// Checks a database file from its pages up.
fn sqlite_held(path: &Path) -> Result<Held, StoreError> {
    let mut connection = sqlite(path)?;
    if let AnyConnection::Sqlite(connection) = &mut connection {
        let whole = diesel::sql_query("SELECT integrity_check AS word FROM pragma_integrity_check");
        let found: Vec<Word> = whole.load(connection)?;
        if let Some(fault) = found.iter().find(|found| found.word != "ok") {
            return Err(failed(format!("the file is damaged: {}", fault.word)));
        }
        let dead = diesel::sql_query("SELECT COUNT(*) AS number FROM pragma_foreign_key_check");
        if dead.get_result::<Number>(connection)?.number > 0 {
            return Err(failed(
                "the file is damaged: references lead nowhere".to_owned(),
            ));
        }
    }
    held(&mut connection)
}

/// Checks what the register should hold, and counts it.
fn held(connection: &mut AnyConnection) -> Result<Held, StoreError> {
    for (query, wrong) in CHECKS {
        if number(connection, query)? != 0 {
            return Err(failed(format!("it is not whole: {wrong}")));
        }
    }
    Ok(Held {
        documents: number(connection, "SELECT COUNT(*) AS number FROM documents")?,
        position: number(
            connection,
            "SELECT COALESCE(MAX(seq), 0) AS number FROM changes",
        )?,
    })
}

fn number(connection: &mut AnyConnection, query: &str) -> Result<i64, StoreError> {
    let found: Number = match connection {
        AnyConnection::Sqlite(c) => diesel::sql_query(query).get_result(c),
        AnyConnection::Postgres(c) => diesel::sql_query(query).get_result(c),
    }?;
    Ok(found.number)
}

/// One of the programs of `PostgreSQL`, with the password where no list of processes shows it.
fn program(name: &str, url: &str) -> Result<Command, StoreError> {
    let (address, password) = without_password(url)?;
    let mut command = Command::new(name);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    if name == "pg_dump" {
        command.arg("--dbname").arg(address);
    }
    Ok(command)
}

fn without_password(url: &str) -> Result<(String, Option<String>), StoreError> {
    let mut parsed =
        url::Url::parse(url).map_err(|error| failed(format!("DATABASE_URL: {error}")))?;
    let password = parsed.password().map(|password| {
        percent_encoding::percent_decode_str(password)
            .decode_utf8_lossy()
            .into_owned()
    });
    let _ = parsed.set_password(None);
    Ok((parsed.into(), password))
}

/// Runs a program and gives what it printed.
fn run(mut command: Command) -> Result<String, StoreError> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed(format!(
            "{name} is not installed; it comes with PostgreSQL (Debian: apt-get install postgresql-client)"
        )),
        _ => failed(format!("{name}: {error}")),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = match said.trim() {
        // A damaged archive can bring it down.
        "" => output.status.to_string(),
        said => said.to_owned(),
    };
    Err(failed(format!("{name}: {why}")))
}

/// A name for what is made beside a file, on the same disk.
fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{end}"));
    name.into()
}

/// A backup holds what is restricted, and the keys' hashes.
fn private(file: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn cannot(file: &Path, why: &StoreError) -> StoreError {
    failed(format!("{} cannot be restored: {why}", file.display()))
}

fn failed(text: String) -> StoreError {
    StoreError::Refused(text)
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            Self::Full(error.to_string())
        } else {
            Self::Failed(error.to_string())
        }
    }
}
