//! The command line.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::api::{endpoints, openapi};
use crate::app::{App, processing_log};
use crate::config::{Config, Settings};
use crate::exchange::command::ImportCommand;
use crate::exchange::flat::ColumnNames;
use crate::exchange::flat::columns::Columns;
use crate::exchange::template::{TemplateFormat, template};
use crate::privacy::{expiry, processing};
use crate::register::{Caller, Day, Enumeration, Error, Language, Role};
use crate::search::{self, Place};
use crate::store::{Held, Store};
use crate::{collections, demo, exchange, keys, logging, server};

/// How long the service may take to say that it is ready.
const HEALTHCHECK: Duration = Duration::from_secs(5);

/// The open register of regional cooperation for young people in the Netherlands.
#[derive(Parser)]
#[command(name = "schakel", version, about)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the service; brings the database to the newest schema first.
    Serve {
        /// Fill an empty register with the demo data; one that has been used is left alone.
        #[arg(long)]
        demo: bool,
        /// Do not touch the schema of the database.
        #[arg(long)]
        no_migrate: bool,
    },
    /// Bring the database to the newest schema.
    Migrate,
    /// Load the demo data; loading it again changes nothing.
    Demo,
    /// Print the API document, `OpenAPI` as JSON.
    Openapi,
    /// Bring documents in from files. Ends with 0 when all was done, 1 when some documents failed, 2
    /// when nothing was done.
    Import(ImportCommand),
    /// Write every document, a line of JSON each, in the form that `import` takes back, or a data
    /// package with tables: the register of one moment, also while the service runs.
    Export {
        /// The file; standard output when it is not given.
        file: Option<PathBuf>,
        /// The form of the file.
        #[arg(long, value_enum, default_value_t = ExportForm::Ndjson)]
        format: ExportForm,
        /// Only what everyone may read.
        #[arg(long)]
        public: bool,
    },
    /// Write all that the database holds to a file, while the service runs. On `PostgreSQL` its
    /// program `pg_dump` does so.
    Backup {
        /// The file; it must not be there yet.
        file: PathBuf,
        /// Replace the file if it is there.
        #[arg(long)]
        force: bool,
    },
    /// Put back what `backup` wrote, and check it. On `SQLite` the service must not be running.
    Restore {
        /// The file that `backup` wrote.
        file: PathBuf,
        /// Replace all that the register holds.
        #[arg(long)]
        force: bool,
    },
    /// Ask the service that listens on `LISTEN_ADDR` whether it is ready: for containers.
    Healthcheck,
    /// Write an empty table to fill in: headers, explanations and the allowed words.
    Template {
        /// The collection of the documents, as in addresses: projects, for example.
        #[arg(value_parser = parse_collection)]
        collection: &'static Columns,
        /// The form of the file.
        #[arg(long, value_enum, default_value_t = TemplateForm::Xlsx)]
        format: TemplateForm,
        /// What the columns are called.
        #[arg(long, value_enum, default_value_t = TemplateColumnNames::Dutch)]
        column_names: TemplateColumnNames,
        /// The file to write; standard output unless given.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Look after the people in the register.
    People {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Look after the search index.
    Index {
        #[command(subcommand)]
        command: IndexCommand,
    },
    /// Manage the keys for writing and for reading what is restricted.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

/// The forms of an export.
#[derive(Clone, Copy, ValueEnum)]
enum ExportForm {
    /// A line of JSON for each document.
    Ndjson,
    /// A data package: a zip with tables, their schemas and the lines.
    Package,
}

/// The forms of a template.
#[derive(Clone, Copy, ValueEnum)]
enum TemplateForm {
    /// A workbook.
    Xlsx,
    /// Text with semicolons.
    Csv,
}

/// What the columns of a template are called.
#[derive(Clone, Copy, ValueEnum)]
enum TemplateColumnNames {
    /// In Dutch.
    Dutch,
    /// By the paths of the members.
    Paths,
}

#[derive(Subcommand)]
enum PeopleCommand {
    /// Erase the people whose time (`retainUntil`) has ended. The service does so every day.
    Expire {
        /// Only say whom it would be, by id and day, and how many.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum IndexCommand {
    /// Build the index from nothing, in the place of the present one. A running service goes on
    /// with that until the new one is whole.
    Rebuild,
    /// Compare the index with one built from nothing; fails when they differ.
    Check,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make a key and print it, this once.
    Create {
        /// What it is for: a system, not a person.
        #[arg(long)]
        name: String,
        /// What it may do: admin, editor or reader.
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// The organisation for which an editor's key writes: a slug, UUID or scheme:value.
        #[arg(long)]
        steward: Option<String>,
        /// The last day on which it works, as YYYY-MM-DD.
        #[arg(long, value_parser = parse_day)]
        expires: Option<Day>,
    },
    /// List the keys, without their secrets.
    List,
    /// End a key.
    Revoke {
        /// The public part of the key.
        id: String,
    },
}

fn parse_collection(text: &str) -> Result<&'static Columns, String> {
    let mut all = Columns::all().iter();
    all.find(|columns| columns.naming.plural == text)
        .ok_or_else(|| format!("one of: {}", collections::plurals().join(", ")))
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|fault| fault.text(Language::English))
}

fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|fault| fault.text(Language::English))
}

/// Why a command failed: a sentence for standard error.
pub(crate) struct Failed(pub(crate) String);

impl<E: std::fmt::Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Carries out the command: 0 on success, 1 on failure; wrong usage ends with 2 before this.
pub fn run(cli: Cli) -> ExitCode {
    let failed = match carry_out(cli) {
        Ok(code) => return code,
        Err(failed) => failed,
    };
    // Nothing is left to do when standard error is closed.
    let _ = writeln!(std::io::stderr(), "schakel: {}", failed.0);
    ExitCode::FAILURE
}

fn carry_out(cli: Cli) -> Result<ExitCode, Failed> {
    let config = cli.settings.resolve()?;
    logging::start(config.log_format);
    let done = match cli.command {
        Command::Import(command) => return import(&config, command),
        Command::Openapi => {
            let contract = openapi::document(&endpoints(), config.documented_url());
            print(&format!("{}\n", serde_json::to_string_pretty(&contract)?))
        }
        Command::Export {
            file,
            format,
            public,
        } => export(&config, file.as_deref(), format, public),
        Command::Backup { file, force } => {
            let held = unmigrated(&config).backup(&file, force)?;
            print_held(&held, "written to", &file)
        }
        Command::Restore { file, force } => {
            let held = unmigrated(&config).restore(&file, force)?;
            print_held(&held, "restored from", &file)
        }
        Command::Healthcheck => healthcheck(&config),
        Command::Template {
            collection,
            format,
            column_names,
            output,
        } => write_template(collection, format, column_names, output),
        Command::Migrate => migrated(&config).map(drop),
        Command::Demo => {
            let written = demo::load(&migrated(&config)?)?;
            print(&format!("{written} documents were made or changed\n"))
        }
        Command::Serve { demo, no_migrate } => serve(config, demo, no_migrate),
        Command::People {
            command: PeopleCommand::Expire { dry_run },
        } => expire_people(&config, dry_run),
        Command::Index { command } => manage_index(&config, &command),
        Command::Keys { command } => manage_keys(&migrated(&config)?, command),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn import(config: &Config, command: ImportCommand) -> Result<ExitCode, Failed> {
    let done = if command.is_remote() {
        command.run_remotely(&config.scratch()?)
    } else {
        let store = migrated(config)?;
        let span = processing::span(&processing_log(config, &store)?, config, None);
        command.run(&store, &span, &config.scratch()?)
    };
    // A script that sees 1 takes it that some documents are in.
    done.or_else(|error| {
        let _ = writeln!(std::io::stderr(), "schakel: {}", error.0);
        Ok(ExitCode::from(2))
    })
}

/// Asks the service as a platform would, so that an image needs no other program for it.
fn healthcheck(config: &Config) -> Result<(), Failed> {
    let mut address = config.listen_addr;
    if address.port() == 0 {
        return Err(
            "LISTEN_ADDR has port 0: nobody can know on which port the service listens".into(),
        );
    }
    // The service may listen on all addresses of the machine; this one is among them.
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(HEALTHCHECK))
        .proxy(None)
        .build()
        .new_agent();
    let url = format!("http://{address}/health/ready");
    match agent.get(&url).call() {
        Ok(_) => Ok(()),
        Err(error) => Err(Failed(format!("{url}: {error}"))),
    }
}

fn export(
    config: &Config,
    file: Option<&Path>,
    format: ExportForm,
    public: bool,
) -> Result<(), Failed> {
    let store = migrated(config)?;
    let span = processing::span(&processing_log(config, &store)?, config, None);
    let caller = if public {
        Caller::default()
    } else {
        Caller::command_line()
    };
    let out: Box<dyn std::io::Write + Send> = match file {
        Some(path) => Box::new(
            std::fs::File::create_new(path)
                .map_err(|error| format!("{}: {error}", path.display()))?,
        ),
        None => Box::new(std::io::stdout()),
    };
    let mut out = std::io::BufWriter::new(out);
    let (documents, position) = match format {
        ExportForm::Ndjson => {
            let exported =
                store.read_now(|db| exchange::export::lines(db, &caller, &span, &mut out))?;
            (exported.documents, exported.position)
        }
        ExportForm::Package => {
            let scratch = config.scratch().map_err(|error| error.to_string())?;
            let contents = store.read_now(|db| {
                exchange::package::gather(db, &caller, &span, &scratch, &|| false)
            })?;
            let contents = contents.ok_or("nobody waits for the package")?;
            let told = (contents.documents(), contents.position);
            let about = exchange::package::About {
                url: config.documented_url().to_owned(),
                licence: config.data_licence.clone(),
                is_public: public,
            };
            exchange::package::pack(contents, &about, &mut out)?;
            told
        }
    };
    out.flush().map_err(|error| error.to_string())?;
    // Nothing is left to do when standard error is closed.
    let _ = writeln!(
        std::io::stderr(),
        "{documents} documents, position {position}"
    );
    Ok(())
}

fn unmigrated(config: &Config) -> Store {
    Store::new(&config.database_url, config.database_connections)
}

fn print_held(held: &Held, what: &str, file: &Path) -> Result<(), Failed> {
    let (documents, position) = (held.documents, held.position);
    let file = file.display();
    print(&format!(
        "{documents} documents, position {position}: {what} {file} and checked\n"
    ))
}

fn write_template(
    collection: &'static Columns,
    format: TemplateForm,
    headers: TemplateColumnNames,
    output: Option<PathBuf>,
) -> Result<(), Failed> {
    let format = match format {
        TemplateForm::Xlsx => TemplateFormat::Xlsx,
        TemplateForm::Csv => TemplateFormat::Csv,
    };
    let naming = match headers {
        TemplateColumnNames::Dutch => ColumnNames::Dutch,
        TemplateColumnNames::Paths => ColumnNames::Paths,
    };
    let bytes = template(collection, format, naming)?;
    if let Some(path) = output {
        return std::fs::write(&path, bytes)
            .map_err(|error| Failed(format!("{}: {error}", path.display())));
    }
    let mut out = std::io::stdout();
    out.write_all(&bytes)?;
    Ok(out.flush()?)
}

fn migrated(config: &Config) -> Result<Store, Failed> {
    let store = Store::new(&config.database_url, config.database_connections);
    store.migrate()?;
    Ok(store)
}

fn serve(config: Config, with_demo: bool, no_migrate: bool) -> Result<(), Failed> {
    let store = if no_migrate {
        let store = Store::new(&config.database_url, config.database_connections);
        store.check_schema()?;
        store
    } else {
        migrated(&config)?
    };
    if with_demo && let Some(written) = demo::load_if_empty(&store)? {
        log::info!("the demo data is in: {written} documents");
    }
    let app = App::new(config, store)?;
    actix_web::rt::System::new().block_on(server::run(app, |address| {
        // Whoever started the service reads this line; if it is gone, requests still come.
        let _ = print(&format!("listening on {address}\n"));
    }))?;
    Ok(())
}

fn expire_people(config: &Config, dry_run: bool) -> Result<(), Failed> {
    let store = migrated(config)?;
    let log = processing_log(config, &store)?;
    let span = || processing::span(&log, config, None);
    let count = expiry::expire_now::<Failed>(&store, dry_run, span, |person| {
        print(&format!("{} {}\n", person.id, person.retain_until))
    })?;
    let done = if dry_run {
        "would be erased"
    } else {
        "were erased"
    };
    // Nothing is left to do when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{count} people {done}");
    Ok(())
}

fn manage_index(config: &Config, command: &IndexCommand) -> Result<(), Failed> {
    let Place::Folder(path) = &config.index else {
        return Err("SEARCH_INDEX is memory: such an index lives in the service alone".into());
    };
    let store = migrated(config)?;
    // Only a terminal shows it; a file would be filled with its strokes.
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{bar:40} {pos}/{len} documents, {per_sec}, {eta} left",
    )?);
    let progress = &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    };
    match command {
        IndexCommand::Rebuild => {
            let documents = search::rebuild(&store, path, progress)?;
            bar.finish_and_clear();
            print(&format!("{documents} documents were indexed\n"))
        }
        IndexCommand::Check => {
            let compared = search::check(&store, path, progress)?;
            bar.finish_and_clear();
            print(&format!(
                "{} documents compared: {} missing, {} too many, {} different\n",
                compared.documents, compared.missing, compared.surplus, compared.different
            ))?;
            if compared.is_equal() {
                return Ok(());
            }
            Err("the index is not that of the register: `schakel index rebuild` mends it".into())
        }
    }
}

fn manage_keys(store: &Store, command: KeysCommand) -> Result<(), Failed> {
    match command {
        KeysCommand::Create {
            name,
            role,
            steward,
            expires,
        } => {
            let key = store.housekeeping_now(|db| {
                let (input, noted) =
                    keys::input_from_words(db, &name, role, steward.as_deref(), expires)?;
                keys::create(db, Ok(input), &noted)
            })?;
            print(&format!("{}\n", key.key)).map_err(|failed| {
                // A key that nobody has seen should not work either.
                let revoked = store.housekeeping_now(|db| keys::revoke(db, &key.details.id));
                let end = if revoked.is_ok() {
                    "was revoked"
                } else {
                    "still works: revoke it"
                };
                Failed(format!(
                    "the key {} could not be printed and {end}: {}",
                    key.details.id, failed.0
                ))
            })
        }
        KeysCommand::List => {
            for key in store.housekeeping_now(keys::list)? {
                print(&format!("{}\n", serde_json::to_string(&key)?))?;
            }
            Ok(())
        }
        KeysCommand::Revoke { id } => match store.housekeeping_now(|db| keys::revoke(db, &id)) {
            Err(Error::NotFound) => Err(Failed(format!("there is no working key '{id}'"))),
            other => Ok(other?),
        },
    }
}

fn print(text: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
