//! The server that is measured, as an application would write it, and the process that it runs in.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyvendor::{Config, Vendors, webhooks};
use axum::{routing::get, serve::ListenerExt};

use crate::{load::SECRET, read_proc};

/// Receives on one thread until it is stopped, and prints its address.
pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let text = "mode = \"sandbox\"\n[webhooks.stripe]\nsecrets = [\"env:SECRET\"]\n";
        let config = Config::from_toml(text).expect("a configuration");
        let vendors = Vendors::connect(&config).expect("vendors");
        let handled = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&handled);
        let router = webhooks::router(&vendors, move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        });
        let router = router.route(
            "/handled",
            get(async move || handled.load(Ordering::Relaxed).to_string()),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("no delay"));
        axum::serve(listener, router).await.expect("a server");
    });
}

/// The server in a separate process, on a separate core.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start() -> Self {
        let core = env::var("SERVER_CORE").unwrap_or_else(|_| "0".to_owned());
        let mut child = Command::new("taskset")
            .args(["-c", &core])
            .arg(env::current_exe().expect("this program"))
            .arg("serve")
            .env("SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .expect("taskset");
        let mut line = String::new();
        let printed = child.stdout.take().expect("its output");
        BufReader::new(printed)
            .read_line(&mut line)
            .expect("a line");
        let address = line.trim().parse().expect("an address");
        Self { child, address }
    }

    /// The resident memory, in MiB.
    pub(crate) fn resident(&self) -> f64 {
        read_proc(self.child.id(), "status", |text| {
            let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kib / 1024.0)
        })
    }

    /// The CPU time of the process, in microseconds.
    pub(crate) fn worked(&self) -> f64 {
        read_proc(self.child.id(), "schedstat", |text| {
            let nanoseconds: f64 = text.split(' ').next()?.parse().ok()?;
            Some(nanoseconds / 1e3)
        })
    }

    /// The number of events that its handler received.
    pub(crate) fn handled(&self) -> usize {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let request = b"GET /handled HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).expect("a request");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("a response");
        let (_, body) = response.split_once("\r\n\r\n").expect("a body");
        body.parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
