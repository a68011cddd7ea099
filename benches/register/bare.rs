//! A bare handler: the same framework, the same bytes, and nothing else. It is what the register
//! is measured against, in a process of its own, so that its CPU time can be told apart.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::{env, thread};

use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer};

/// The word on the command line that makes this program the bare handler.
pub(crate) const ROLE: &str = "bare-handler";

/// A bare handler that runs.
pub(crate) struct Bare {
    child: Child,
    /// `HOST:PORT`.
    pub(crate) address: String,
}

impl Bare {
    /// Starts one that answers `/0`, `/1` and on with these bodies.
    pub(crate) fn start(bodies: &[&[u8]]) -> Self {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let bodies: Vec<_> = bodies
            .iter()
            .copied()
            .map(String::from_utf8_lossy)
            .collect();
        let line = serde_json::to_string(&bodies).expect("JSON");
        let input = child.stdin.as_mut().expect("the pipe was asked for");
        writeln!(input, "{line}").expect("the bodies are taken");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("the pipe was asked for"))
            .read_line(&mut address)
            .expect("it says where it listens");
        Self {
            child,
            address: address.trim().to_owned(),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Is the bare handler, until standard input is closed.
pub(crate) fn serve() -> io::Result<()> {
    let mut input = BufReader::new(io::stdin());
    let mut line = String::new();
    input.read_line(&mut line)?;
    let bodies: Vec<String> = serde_json::from_str(&line)?;
    let bodies = Data::new(bodies.into_iter().map(Bytes::from).collect::<Vec<_>>());
    // It must not outlive the benchmark, however that ends.
    thread::spawn(move || {
        input.read_to_end(&mut Vec::new()).ok();
        std::process::exit(0);
    });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            App::new()
                .app_data(bodies.clone())
                .route("/{nth}", web::get().to(body))
        })
        .disable_signals()
        .listen(listener)?
        .run()
        .await
    })
}

async fn body(nth: Path<usize>, bodies: Data<Vec<Bytes>>) -> HttpResponse {
    bodies.get(*nth).map_or_else(
        || HttpResponse::NotFound().finish(),
        |body| {
            HttpResponse::Ok()
                .content_type("application/json")
                .body(body.clone())
        },
    )
}
