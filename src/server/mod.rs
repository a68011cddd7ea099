//! The HTTP server: binding, the outermost layers, a stop in order.
//!
//! It is put together from the parts of the framework rather than by its own `HttpServer`, because
//! that leaves no room for `stream`: what happens on a connection before there is a request, and
//! after there is an answer.

mod stream;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{ServiceFactoryExt as _, fn_service, map_config};
use actix_web::App as Application;
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use tokio::net::TcpSocket;
use tokio::signal::unix::{SignalKind, signal};

use crate::api;
use crate::api::admission::admit;
use crate::api::outermost::outermost;
use crate::app::App;
use crate::privacy::expiry;
use stream::Stream;

/// How long requests that are under way may take to end after SIGTERM, in seconds.
const GRACE: u64 = 30;

/// How long a caller may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(3);

/// How long the start waits for the search index.
const INDEXING: Duration = Duration::from_secs(2);

/// How often what is no longer needed of the rate limits is forgotten.
const TIDY: Duration = Duration::from_mins(1);

/// How many connections may wait to be taken. The standard library's 128 is too few when many
/// callers come at once; the system may lower it.
const WAITING: u32 = 4096;

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Else the port of a server that was just stopped is taken for a minute.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)?.into_std()
}

/// Serves until it is told to stop. `ready` gets the address once requests are answered.
///
/// # Errors
/// When the address cannot be bound, or the server fails.
pub async fn run(mut app: App, ready: impl FnOnce(&str)) -> std::io::Result<()> {
    // Many systems begin with 1,024 open files, which a few patient strangers can fill.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        log::warn!("the limit of open files could not be raised: {error}");
    }
    let listener = listen(app.config.listen_addr)?;
    let address = format!("http://{}", listener.local_addr()?);
    if !app.config.has_public_url {
        app.config.public_url.clone_from(&address);
    }
    let (known, position) = (app.search.clone(), app.store.written());
    let app = Data::new(app);
    // The framework would listen for signals only once it runs: a SIGTERM right after the line
    // that says the service is ready would kill it.
    let builder = Server::build().shutdown_timeout(GRACE).disable_signals();
    let closing = builder.graceful_shutdown_signal();
    let shared = app.clone();
    let service = move || {
        let application = Application::new()
            .app_data(shared.clone())
            .wrap(from_fn(admit))
            .wrap(from_fn(outermost))
            .configure(api::configure);
        let closing = closing.clone();
        let http = HttpService::build()
            .client_request_timeout(HEADER_TIMEOUT)
            .client_disconnect_timeout(CLOSING)
            .graceful_shutdown_signal(move || {
                let closing = closing.clone();
                async move { closing.notified().await }
            })
            .finish(map_config(application, |()| AppConfig::default()));
        let app = shared.clone();
        fn_service(move |socket: TcpStream| {
            let peer = socket.peer_addr().ok();
            let stream = Stream::new(socket, app.clone());
            async move { Ok::<_, DispatchError>((stream, Protocol::Http1, peer)) }
        })
        .and_then(http)
    };
    let server = builder.listen("http", listener, service)?.run();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        log::info!("stopping; requests under way may take {GRACE} seconds");
        handle.stop(true).await;
    });
    actix_web::rt::spawn(expiry::daily(app.clone()));
    actix_web::rt::spawn(async move {
        loop {
            tokio::time::sleep(TIDY).await;
            app.limits.tidy();
        }
    });
    // What was there already should be found by the first search, too; an index that takes long to
    // build must not keep everything else waiting.
    let _ = known.view_after(position, INDEXING).await;
    ready(&address);
    server.await
}
