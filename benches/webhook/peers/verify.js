// Measures the Node library of each vendor: `verify.js cases.json`, then one line per round on the standard input.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const querystring = require("node:querystring");
const readline = require("node:readline");
const zlib = require("node:zlib");

// Packages are looked up from this file's folder, and in NODE_PATH.
function library(name) {
  return [require(name), `Node ${name} ${version(name)}`];
}

function version(name) {
  for (const folder of module.paths.concat((process.env.NODE_PATH || "").split(":"))) {
    const manifest = path.join(folder, name, "package.json");
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest)).version;
  }
  return "?";
}

const vendors = {
  stripe(it) {
    const [Stripe, name] = library("stripe");
    const stripe = new (Stripe.default || Stripe)("sk_test_benchmark");
    const payload = Buffer.from(it.payload);
    return [() => stripe.webhooks.constructEvent(payload, it.header, it.secret), name];
  },

  twilio(it) {
    const [twilio, name] = library("twilio");
    return [() => must(twilio.validateRequest(it.token, it.signature, it.url, { ...querystring.parse(it.payload) })), name];
  },

  sendgrid(it) {
    const [{ EventWebhook }, name] = library("@sendgrid/eventwebhook");
    const webhook = new EventWebhook();
    const key = webhook.convertPublicKeyToECDSA(it.key);
    return [() => {
      must(webhook.verifySignature(key, it.payload, it.signature, it.timestamp));
      return JSON.parse(it.payload);
    }, name];
  },

  // PayPal's libraries verify nothing offline; these are the same steps.
  paypal(it) {
    const root = new crypto.X509Certificate(it.root);
    const payload = Buffer.from(it.payload);
    const crc32 = zlib.crc32 || crc32ByTable();
    return [() => {
      const certificate = new crypto.X509Certificate(it.certificate);
      must(certificate.checkHost(it.name) && certificate.checkIssued(root) && certificate.verify(root.publicKey));
      const now = Date.now();
      must(Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo));
      const signed = Buffer.from(`${it.id}|${it.time}|${it.listener}|${crc32(payload)}`);
      must(crypto.verify("sha256", signed, certificate.publicKey, Buffer.from(it.signature, "base64")));
      return JSON.parse(it.payload);
    }, `Node crypto ${process.versions.node}`];
  },
};

// Node before 22.2 has no `zlib.crc32`.
function crc32ByTable() {
  const table = Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
    return byte >>> 0;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  };
}

function must(good) {
  if (!good) throw new Error("not verified");
}

// CPU nanoseconds per call.
function measure(one, milliseconds) {
  const worked = process.cpuUsage();
  const end = performance.now() + Number(milliseconds);
  let count = 0;
  do {
    one();
    count += 1;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(worked);
  return ((user + system) * 1000) / count;
}

const cases = JSON.parse(fs.readFileSync(process.argv[2]));
const known = {};
for (const [vendor, prepare] of Object.entries(vendors)) {
  try {
    const [one, name] = prepare(cases[vendor]);
    one();
    known[vendor] = one;
    console.log(`${vendor}\thas\t${name}`);
  } catch (error) {
    console.log(`${vendor}\tlacks\tNode: ${String(error.message).split("\n")[0]}`);
  }
}
console.log("ready");
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [vendor, milliseconds] = line.split("\t");
  console.log(measure(known[vendor], milliseconds));
});
