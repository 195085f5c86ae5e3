#!/usr/bin/env bash
# Our S3 adapter against moto, a third-party S3 server: plain, and with its access control on. `.ci/run interop` starts it,
# with the packages of requirements.txt on the PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
moto_server -H 127.0.0.1 -p 0 >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM

ANYVENDOR_S3_INTEROP=$(.ci/printed "$log" '^.*Running on \(http://127[^ ]*\).*')
export ANYVENDOR_S3_INTEROP ANYVENDOR_S3_INTEROP_NAME=moto ANYVENDOR_S3_INTEROP_BUCKET=interop-bucket
export ANYVENDOR_S3_INTEROP_REGION=us-east-1
export ANYVENDOR_S3_INTEROP_ACCESS_KEY=interop ANYVENDOR_S3_INTEROP_SECRET_KEY=interop-secret
python tests/interop/make_bucket.py
cargo test --quiet --package anyvendor-adapter-s3 --test interop -- --ignored --nocapture

# Once more with the access control on, so that moto checks every signature.
keys=$(python tests/interop/sign_moto.py)
export ANYVENDOR_S3_INTEROP_NAME=moto-signed
export ANYVENDOR_S3_INTEROP_ACCESS_KEY=${keys% *} ANYVENDOR_S3_INTEROP_SECRET_KEY=${keys#* }
cargo test --quiet --package anyvendor-adapter-s3 --test interop -- --ignored --nocapture
