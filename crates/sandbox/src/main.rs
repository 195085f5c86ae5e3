//! The sandbox as a program: prints its addresses and the configuration to use, and runs until interrupted.
#![expect(
    clippy::print_stdout,
    reason = "a program's output is for the person who started it"
)]

use std::time::Duration;

use anyvendor_sandbox::{FaultPlan, PortPlan, Profile, Sandbox};
use clap::Parser;

/// Local doubles of the vendors: state, idempotency, faults, no account.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Control on this port, then Stripe, `SendGrid`, S3, `PayPal` and Twilio on the next five; 0 finds free ones.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// Ids, keys and the draws of fault profiles follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What goes wrong by itself: none, rough or hostile.
    #[arg(long, default_value = "none")]
    faults: Profile,
    /// Posts webhooks to `<URL>/webhooks/<vendor>`, on this machine.
    #[arg(long, value_name = "URL")]
    webhooks: Option<String>,
    /// What goes wrong with webhooks: none, rough or hostile.
    #[arg(long, default_value = "none")]
    webhook_faults: Profile,
    /// Ends the hangs of a fault profile after this long; without it they last until the client leaves.
    #[arg(long)]
    hang_milliseconds: Option<u64>,
    /// How many mails may be sent; without it there is no limit.
    #[arg(long)]
    sendgrid_credits: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let mut plan = FaultPlan::from(options.faults);
    plan.hang = options.hang_milliseconds.map(Duration::from_millis);
    let mut builder = Sandbox::builder()
        .seed(options.seed)
        .faults(plan)
        .webhooks(options.webhook_faults)
        .ports(PortPlan::from_base(options.port));
    if let Some(credits) = options.sendgrid_credits {
        builder = builder.sendgrid_credits(credits);
    }
    let sandbox = builder.start().await?;
    if let Some(base) = &options.webhooks {
        sandbox.send_all_webhooks(base)?;
    }
    println!(
        "# anyvendor sandbox: {}  (open it to see what arrived)",
        sandbox.url()
    );
    println!("\n# anyvendor.toml\n{}", sandbox.config_toml());
    println!("# in the shell");
    for (name, value) in sandbox.variables() {
        println!("export {name}={value}");
    }
    tokio::signal::ctrl_c().await?;
    sandbox.shutdown().await;
    Ok(())
}
