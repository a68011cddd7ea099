//! The program under test: `schakel`, started as a child process on a database of its own.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    ops::Deref,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{client::Client, cluster::Database};

const PROGRAM: &str = env!("CARGO_BIN_EXE_schakel");

/// How long a start or a stop may take. Far above what is normal: a busy machine is no failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait for the search index of a server that has started.
const INDEXING: Duration = Duration::from_secs(30);

/// The database a server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A running server. It is a [`Client`] of itself: `server.get("/regions").send()`.
///
/// When the value goes, the server is stopped, and it fails the test if it did not stop cleanly or
/// logged an error or a panic that the test did not announce with [`Server::expect_errors`].
pub(crate) struct Server {
    pub(crate) backend: Backend,
    /// What `DATABASE_URL` is.
    pub(crate) database_url: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    /// A shell script that ends with running its arguments.
    prelude: Option<String>,
    client: Client,
    process: Option<Process>,
    log: Arc<Mutex<Vec<String>>>,
    errors_expected: AtomicBool,
    admin_key: OnceLock<String>,
    data: TempDir,
    /// Held for its drop, which comes after the server's.
    _database: Option<Database>,
}

struct Process {
    child: Child,
    stderr: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[], &[])
    }

    /// Starts with more arguments to `schakel serve` and more environment variables.
    pub(crate) fn start_with(backend: Backend, args: &[&str], env: &[(&str, &str)]) -> Self {
        let data = folder();
        let database = (backend == Backend::Postgres).then(Database::create);
        let database_url = match &database {
            Some(database) => database.url.clone(),
            None => format!("sqlite://{}", data.path().join("schakel.db").display()),
        };
        let mut server = Self::new(backend, &database_url, data, database);
        server.args = args.iter().map(ToString::to_string).collect();
        server.env = owned(env);
        server.restart();
        server
    }

    /// Starts on a database that the test has made, maybe one that another server works on.
    pub(crate) fn start_on(backend: Backend, database_url: &str, env: &[(&str, &str)]) -> Self {
        let mut server = Self::new(backend, database_url, folder(), None);
        server.env = owned(env);
        server.restart();
        server
    }

    /// Starts below a shell that first runs a command, such as `ulimit`.
    pub(crate) fn start_after(prelude: &str, backend: Backend, env: &[(&str, &str)]) -> Self {
        let mut server = Self::start_with(backend, &[], env);
        server.prelude = Some(format!("{prelude} && exec \"$0\" \"$@\""));
        server.restart();
        server
    }

    fn new(
        backend: Backend,
        database_url: &str,
        data: TempDir,
        database: Option<Database>,
    ) -> Self {
        Self {
            backend,
            database_url: database_url.to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            prelude: None,
            client: Client::new(""),
            process: None,
            log: Arc::default(),
            errors_expected: AtomicBool::new(false),
            admin_key: OnceLock::new(),
            data,
            _database: database,
        }
    }

    /// Stops the server if it runs and starts it again on the same database, on another port.
    pub(crate) fn restart(&mut self) {
        self.stop();
        let mut child = self
            .command()
            .arg("serve")
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("schakel starts");
        let log = Arc::clone(&self.log);
        let stderr = follow(child.stderr.take(), move |line| lock(&log).push(line));
        let (sender, receiver) = mpsc::channel();
        // Its standard output is read to the end, or the server would block on a full pipe.
        follow(child.stdout.take(), move |line| {
            if let Some(address) = line.strip_prefix("listening on ") {
                sender.send(address.to_owned()).ok();
            }
        });
        self.process = Some(Process { child, stderr });
        let address = receiver.recv_timeout(PATIENCE);
        self.client = Client::new(&address.expect("`schakel serve` says where it listens"));
        self.await_index();
    }

    /// Waits until there is something to search in: on a busy machine the service may listen before
    /// its index is built. A test that keeps it from being built waits in vain, and goes on.
    fn await_index(&self) {
        let deadline = Instant::now() + INDEXING;
        let ready = self.outside("/health/ready");
        while self.get(&ready).send().status != 200 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks the server to stop, as a service manager does, and expects it to end well.
    pub(crate) fn stop(&mut self) {
        let (Some(pid), Some(mut process)) = (self.pid(), self.process.take()) else {
            return;
        };
        // The standard library can only send SIGKILL; every shell has `kill`.
        let sent = Command::new("sh")
            .args(["-c", "kill -TERM \"$0\""])
            .arg(pid.to_string())
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "SIGTERM is sent");
        let status = ended(&mut process.child);
        process.stderr.join().ok();
        assert!(
            status.is_some_and(|status| status.success()),
            "after SIGTERM schakel ends with 0, not with {status:?}:\n{}",
            self.log()
        );
    }

    /// The number under which the operating system knows the program, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.child.id())
    }

    /// Ends the server without any chance to tidy up.
    pub(crate) fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.child.kill().ok();
            process.child.wait().ok();
            process.stderr.join().ok();
        }
    }

    /// The folder in which it runs, with its data.
    pub(crate) fn folder(&self) -> &Path {
        self.data.path()
    }

    /// Runs another command of the program with this server's settings.
    pub(crate) fn schakel(&self, args: &[&str]) -> Output {
        self.schakel_with(args, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn schakel_with(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = self.command();
        command.args(args).envs(env.iter().copied());
        command.output().expect("schakel runs")
    }

    /// The kind of its database.
    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    /// A key that may do everything, made on first use.
    pub(crate) fn admin_key(&self) -> &str {
        self.admin_key.get_or_init(|| self.key("admin", None))
    }

    /// A new key with a role (`admin`, `editor`, `reader`) and, for an editor, an organisation.
    pub(crate) fn key(&self, role: &str, steward: Option<&str>) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let name = format!("test-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut args = vec!["keys", "create", "--name", &name, "--role", role];
        args.extend(steward.iter().flat_map(|steward| ["--steward", steward]));
        let output = self.schakel(&args);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?} failed: {error}");
        let key = String::from_utf8(output.stdout).expect("a key is ASCII");
        key.trim().to_owned()
    }

    /// Allows lines of level ERROR in the log, for a test that provokes them.
    pub(crate) fn expect_errors(&self) {
        self.errors_expected.store(true, Ordering::Relaxed);
    }

    /// All that the server wrote to standard error, of all its starts.
    pub(crate) fn log(&self) -> String {
        lock(&self.log).join("\n")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        if let Some(prelude) = &self.prelude {
            command = Command::new("sh");
            command.args(["-c", prelude, PROGRAM]);
        }
        configure(&mut command, &self.database_url, self.data.path());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            self.kill9();
            report(&self.log());
            return;
        }
        self.stop();
        let log = self.log();
        let error = log
            .lines()
            .find(|line| line.contains("panicked") || line.contains(" ERROR "));
        assert!(
            error.is_none() || self.errors_expected.load(Ordering::Relaxed),
            "schakel logged an error: {error:?}, in:\n{log}"
        );
    }
}

/// The program with settings for a test.
pub(crate) fn program(database_url: &str, data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    configure(&mut command, database_url, data);
    command
}

/// Settings for a test, and nothing of what the developer has exported.
///
/// The folder is the current one too, so that no settings file or database of the developer's is
/// found there. What a coverage tool needs is let through.
fn configure(command: &mut Command, database_url: &str, data: &Path) {
    command
        .current_dir(data)
        .env_clear()
        .envs(env::vars_os().filter(|(name, _)| name == "PATH" || name == "LLVM_PROFILE_FILE"))
        .env("DATABASE_URL", database_url)
        .env("DATA_DIR", data)
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("RATE_LIMIT", "off");
}

fn folder() -> TempDir {
    TempDir::with_prefix("schakel-test-").expect("a temporary folder")
}

fn owned(env: &[(&str, &str)]) -> Vec<(String, String)> {
    env.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Reads a pipe in a thread, line by line, until its other end is closed.
fn follow<R: Read + Send + 'static>(
    pipe: Option<R>,
    mut take: impl FnMut(String) + Send + 'static,
) -> JoinHandle<()> {
    let pipe = pipe.expect("the pipe was asked for");
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            take(String::from_utf8_lossy(&line).into_owned());
        }
    })
}

/// Waits for the end of a process; `None` means that it had to be killed.
fn ended(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect("the server is our child") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().ok();
    child.wait().ok();
    None
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::print_stderr, reason = "cargo shows it with a failed test")]
fn report(log: &str) {
    eprintln!("--- what schakel logged ---\n{log}\n---");
}
