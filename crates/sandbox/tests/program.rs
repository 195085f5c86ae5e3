//! The sandbox as a program: its output and its errors.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyvendor_sandbox::{PortPlan, Sandbox, Vendor};

#[tokio::test]
async fn a_port_without_room_for_the_vendors_is_a_plain_error() {
    let error = Sandbox::builder()
        .ports(PortPlan::from_base(65_535))
        .start()
        .await
        .unwrap_err();
    let last = 65_535 - Vendor::ALL.len();
    let words = format!("port 65535 leaves no ports for the vendors; the highest is {last}");
    assert_eq!(error.to_string(), format!("sandbox: {words}"));
}

#[test]
fn the_program_survives_a_closed_pipe() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut program = Command::new(env!("CARGO_BIN_EXE_anyvendor-sandbox"))
        .args(["--port", "0"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut errors = BufReader::new(program.stderr.take().unwrap());
    errors.read_line(&mut line).unwrap();
    let address = line.trim_end().rsplit("http://").next().unwrap().to_owned();
    let connected = std::net::TcpStream::connect(&address);
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(
        line.starts_with("the output ended (broken pipe); the sandbox runs at http://"),
        "{line}"
    );
    assert!(connected.is_ok(), "{line}");
}

#[test]
fn the_program_says_that_a_port_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let program = Command::new(env!("CARGO_BIN_EXE_anyvendor-sandbox"))
        .args(["--port", &port])
        .output()
        .unwrap();
    let error = String::from_utf8(program.stderr).unwrap();
    assert_eq!(
        error,
        format!("error: port {port} is taken; --port 0 finds free ones\n")
    );
    assert!(!program.status.success() && program.stdout.is_empty());
}
