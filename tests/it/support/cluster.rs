//! A `PostgreSQL` server that belongs to this test process alone, with a database per test.
//!
//! The installed server programs make a cluster in a temporary folder; only a socket in that
//! folder leads to it. A migrated template makes a new database cheap. `TEST_DATABASE_URL`, the
//! URL of a superuser, names a running server to use instead: databases are then made and dropped
//! there, without a template, because nothing would drop that one at the end.
//!
//! A test that stops the server or fills its disk takes a `PrivateCluster`, which is always of the
//! installed programs.

use std::{
    env, fs,
    io::Write,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use super::server::program;

/// Makes the cluster, obeys what comes on standard input until that pipe is closed, then removes
/// all of it. A line is `start`, or the signal with which to stop; it is answered when it is done.
///
/// The test process holds the other end of that pipe and the kernel closes it, so the cluster goes
/// however the process ends: a return, a panic, Ctrl-C or `kill -9`. Some systems lack `C.UTF-8`.
/// SIGQUIT stops at once; the SIGTERM before it is for a server so young that it still ignores
/// SIGQUIT, as a shell lets its background commands do.
const GUARD: &str = r#"
programs=$1 folder=$2
shift 2
trap 'rm -rf "$folder"' EXIT
for locale in C.UTF-8 C; do
    "$programs/initdb" --pgdata="$folder/data" --username=schakel --auth=trust --encoding=UTF8 \
        --locale="$locale" --no-sync </dev/null >"$folder/log" 2>&1 && break
done
[ -d "$folder/data" ] || { cat "$folder/log" >&2; exit 1; }
while read -r command; do
    case $command in
        start)
            "$programs/postgres" -D "$folder/data" -k "$folder" -p 5432 -c listen_addresses= "$@" \
                >>"$folder/log" 2>&1 &
            ;;
        *)
            kill "-$command" $!
            wait $!
            ;;
    esac
    echo done
done
kill -TERM $! 2>/dev/null
kill -QUIT $! 2>/dev/null
wait
"#;

/// How the shared server runs. Nothing waits for the disk: its tests kill schakel, never
/// `PostgreSQL` nor the machine, and what a living `PostgreSQL` has accepted stays without an
/// `fsync`.
const SHARED: [&str; 4] = [
    "max_connections=300",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

const INSTALL: &str = "PostgreSQL's server programs (initdb, postgres) were not found, and the \
    tests run on both databases. Install them (Debian, Ubuntu: `apt-get install postgresql`; \
    Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql`), or set \
    TEST_DATABASE_URL to the URL of a superuser on a running server.";

/// A database of one test; dropped with the value.
pub(crate) struct Database {
    name: String,
    /// What `DATABASE_URL` is to be.
    pub(crate) url: String,
}

impl Database {
    /// A database that has the schema already, where that is cheap.
    pub(crate) fn create() -> Self {
        Self::create_from(match Cluster::get().guard {
            Some(_) => " TEMPLATE schakel_template",
            None => "",
        })
    }

    /// A database with nothing in it, not even the schema.
    pub(crate) fn empty() -> Self {
        Self::create_from("")
    }

    fn create_from(template: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let cluster = Cluster::get();
        // The number of the process keeps two test runs on one `TEST_DATABASE_URL` apart.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("schakel_test_{}_{number}", id());
        cluster
            .run(&format!("CREATE DATABASE {name}{template}"))
            .expect("a database for a test");
        let url = with_database(&cluster.url, &name);
        Self { name, url }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = Cluster::get().run(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // A second panic would abort the process and hide the first.
        if !thread::panicking() {
            dropped.expect("the database of a test is dropped");
        }
    }
}

struct Cluster {
    /// Leads to the maintenance database `postgres`, or whatever `TEST_DATABASE_URL` says.
    url: String,
    /// One connection for all tests: `PostgreSQL` refuses to copy a template twice at once.
    connection: Mutex<PgConnection>,
    /// Holds the pipe; absent when the server is not ours.
    guard: Option<Child>,
}

impl Cluster {
    fn get() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(|| match env::var("TEST_DATABASE_URL") {
            Ok(url) => {
                let connection = PgConnection::establish(&url).expect("TEST_DATABASE_URL");
                Self {
                    url,
                    connection: Mutex::new(connection),
                    guard: None,
                }
            }
            Err(_) => Self::start(),
        })
    }

    fn start() -> Self {
        let folder = folder();
        let mut guard = guard(&folder, &SHARED, &[]);
        command(&mut guard, "start");
        let url = maintenance(&folder);
        let connection = connect(&url, &mut guard, &folder);
        let cluster = Self {
            connection: Mutex::new(connection),
            guard: Some(guard),
            url,
        };
        cluster
            .run("CREATE DATABASE schakel_template")
            .expect("a template database");
        let template = with_database(&cluster.url, "schakel_template");
        let migrated = program(&template, &env::temp_dir())
            .arg("migrate")
            .output()
            .expect("schakel runs");
        assert!(
            migrated.status.success(),
            "`schakel migrate` failed: {}",
            String::from_utf8_lossy(&migrated.stderr)
        );
        cluster
    }

    fn run(&self, sql: &str) -> diesel::QueryResult<()> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .batch_execute(sql)
    }
}

/// A folder for a cluster. It is its guard's to remove.
pub(super) fn folder() -> PathBuf {
    tempfile::Builder::new()
        .prefix("schakel-pg-")
        .tempdir()
        .expect("a temporary folder")
        .keep()
}

/// The URL of the database that each cluster begins with.
pub(super) fn maintenance(folder: &Path) -> String {
    let folder = folder.display();
    format!("postgres:///postgres?host={folder}&port=5432&user=schakel")
}

/// Starts [`GUARD`], in a process group of its own so that Ctrl-C does not reach it.
///
/// `PostgreSQL` refuses to run as root: then all of it runs under an account without rights.
pub(super) fn guard(folder: &Path, settings: &[&str], environment: &[(String, String)]) -> Child {
    let programs = programs().unwrap_or_else(|| panic!("{INSTALL}"));
    let mut shell = Command::new("sh");
    shell
        .args(["-c", GUARD, "schakel-test-guard"])
        .args([programs.as_path(), folder])
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if fs::metadata(folder).expect("the folder").uid() == 0 {
        let (user, group) = ["postgres", "nobody"]
            .iter()
            .find_map(|name| Some((account("-u", name)?, account("-g", name)?)))
            .expect("an account `postgres` or `nobody`, as PostgreSQL refuses to run as root");
        chown(folder, Some(user), Some(group)).expect("the folder changes hands");
        shell.uid(user).gid(group);
    }
    shell.spawn().expect("sh starts")
}

/// Tells a guard what to do.
pub(super) fn command(guard: &mut Child, line: &str) {
    let input = guard.stdin.as_mut().expect("the pipe was asked for");
    writeln!(input, "{line}").expect("the guard reads");
}

/// The number of an account or of its group, if it exists.
fn account(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

pub(super) fn connect(url: &str, guard: &mut Child, folder: &Path) -> PgConnection {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let error = match PgConnection::establish(url) {
            Ok(connection) => return connection,
            Err(error) => error,
        };
        let ended = guard.try_wait().expect("the guard is our child");
        assert!(ended.is_none(), "no cluster was made, see above");
        assert!(
            Instant::now() < deadline,
            "PostgreSQL does not answer: {error}\n{}",
            fs::read_to_string(folder.join("log")).unwrap_or_default()
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// The same server, another database: only the path of the URL differs.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let host = address.find("://").expect("a URL") + "://".len();
    let end = address[host..]
        .find('/')
        .map_or(address.len(), |slash| host + slash);
    format!("{}/{name}?{query}", &address[..end])
}

/// The folder that holds `PostgreSQL`'s server programs, the newest where there are several.
///
/// Debian and Homebrew keep them out of `PATH`, where only the client programs are.
fn programs() -> Option<PathBuf> {
    let in_path = env::var_os("PATH").unwrap_or_default();
    let pg_config = Command::new("pg_config").arg("--bindir").output();
    let told = pg_config.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    env::split_paths(&in_path)
        .chain(told.ok().map(PathBuf::from))
        .chain(versions("/usr/lib/postgresql", ""))
        .chain(versions("/usr", "pgsql-"))
        .chain(versions("/opt/homebrew/opt", "postgresql"))
        .chain(versions("/usr/local/opt", "postgresql"))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// The `bin` folders below `parent/prefix…`, the highest version first.
fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.trim_start_matches('@');
            // Homebrew's plain `postgresql` has no number and is as good as any.
            Some((version.parse().unwrap_or(0), entry.path().join("bin")))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, bin)| bin).collect()
}
