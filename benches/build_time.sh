#!/usr/bin/env bash
# The time of a clean debug build of an application that uses only Stripe, and the number of its crates.
# Works offline: run `cargo fetch` in the repository first.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT
export CARGO_TARGET_DIR="$app/target"

mkdir "$app/src"
cat >"$app/Cargo.toml" <<EOF
[package]
name = "shop"
version = "0.0.0"
edition = "2024"

[dependencies]
anyvendor = { path = "$repository/crates/anyvendor", features = ["stripe"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[workspace]
EOF
cat >"$app/src/main.rs" <<'EOF'
//! Charges a card.

use anyvendor::{Config, Vendors, payment::CreatePayment};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vendors = Vendors::connect(&Config::load("anyvendor.toml")?)?;
    let request = CreatePayment::new("12.50 EUR".parse()?, "order-1".parse()?);
    println!("{:?}", vendors.payment()?.create(request).await?);
    Ok(())
}
EOF
cp "$repository/Cargo.lock" "$app/Cargo.lock"
cd "$app"
tree=$(cargo tree --offline --quiet --edges normal,build --prefix none)
crates=$(sed 's/ (.*//' <<<"$tree" | sort -u | wc -l)

started=$(date +%s%N)
cargo build --offline --quiet
ended=$(date +%s%N)

model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1)
printf '%s, %s cores, load %s, %s\n' "$model" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" "$(rustc --version)"
printf 'clean debug build with the feature stripe: %d.%d s, %d crates\n' \
  $(((ended - started) / 1000000000)) $(((ended - started) / 100000000 % 10)) "$crates"
