#!/usr/bin/env bash
# Installs the vendors' libraries into the given folder, and prints the settings for the benchmark.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  stripe==16.1.0 twilio==9.13.0 sendgrid==6.12.5 cryptography==50.0.2
npm install --silent --no-audit --no-fund --prefix "$folder" \
  stripe@23.1.0 twilio@6.3.1 @sendgrid/eventwebhook@8.0.0
echo "PYTHON=$folder/venv/bin/python NODE_PATH=$folder/node_modules"
