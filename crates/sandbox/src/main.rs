//! The sandbox as a program: prints its addresses and the configuration to use, and runs until interrupted.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyvendor_sandbox::{FaultPlan, PortPlan, Profile, Sandbox, SandboxError, VendorOptions};
use clap::Parser;

/// Local emulators of the vendors: state, idempotency, faults, no account.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The port of the control address; the vendors have the next ports in the order of the printed configuration. 0 finds
    /// free ports.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// Ids, keys and the draws of fault profiles follow from the seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The faults that requests get: none, flaky or adversarial.
    #[arg(long, default_value = "none")]
    faults: Profile,
    /// Posts webhooks to `<URL>/webhooks/<vendor>`, on this machine.
    #[arg(long, value_name = "URL")]
    webhooks: Option<String>,
    /// The faults that webhooks get: none, flaky or adversarial.
    #[arg(long, default_value = "none")]
    webhook_faults: Profile,
    /// Ends the hangs of a fault profile after this long; without it they last until the client leaves.
    #[arg(long)]
    hang_milliseconds: Option<u64>,
    #[command(flatten)]
    vendors: VendorOptions,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may read it.
            let _unread = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut plan = FaultPlan::from(options.faults);
    plan.hang = options.hang_milliseconds.map(Duration::from_millis);
    let sandbox = Sandbox::builder()
        .seed(options.seed)
        .faults(plan)
        .webhooks(options.webhook_faults)
        .ports(PortPlan::from_base(options.port))
        .vendor_options(options.vendors)
        .start()
        .await
        .map_err(explain)?;
    if let Some(base) = &options.webhooks {
        sandbox.send_all_webhooks(base)?;
    }
    if let Err(error) = print(&sandbox) {
        // Nobody may read the errors either.
        let _unread = writeln!(
            io::stderr(),
            "the output ended ({}); the sandbox runs at {}",
            error.kind(),
            sandbox.url()
        );
    }
    tokio::signal::ctrl_c().await?;
    sandbox.shutdown().await;
    Ok(())
}

/// Prints the addresses and the configuration. Fails if nobody reads it, as after `| head`.
fn print(sandbox: &Sandbox) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let url = sandbox.url();
    writeln!(
        out,
        "# anyvendor sandbox: {url}  (open it to see what arrived)"
    )?;
    writeln!(out, "\n# anyvendor.toml\n{}", sandbox.config_toml())?;
    writeln!(out, "# in the shell")?;
    for (name, value) in sandbox.variables() {
        writeln!(out, "export {name}={value}")?;
    }
    out.flush()
}

/// The error with the program's own remedy.
fn explain(error: SandboxError) -> String {
    match &error {
        SandboxError::Listen { address, source } if source.kind() == ErrorKind::AddrInUse => {
            let port = address.port();
            format!("port {port} is taken; --port 0 finds free ones")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Options;

    #[test]
    fn no_two_options_have_the_same_name() {
        Options::command().debug_assert();
    }
}
