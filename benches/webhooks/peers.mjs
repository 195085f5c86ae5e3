// Times the vendors' own Node libraries over the deliveries that the benchmark made: `peers.mjs samples.json`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The libraries are installed in the working directory.
const require = createRequire(process.cwd() + "/");
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const samples = JSON.parse(readFileSync(process.argv[2], "utf8"));

function medianUs(call, rounds, calls) {
  const took = [];
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    for (let number = 0; number < calls; number++) call();
    took.push(Number(process.hrtime.bigint() - started) / calls / 1e3);
  }
  return took.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

const must = (yes) => { if (!yes) throw new Error("refused"); };
const Stripe = require("stripe");
const stripe = new (Stripe.default ?? Stripe)("sk_test_1");
const one = samples.stripe;
const twilio = require("twilio");
const two = samples.twilio;
const params = Object.fromEntries(two.params);
const { EventWebhook } = require("@sendgrid/eventwebhook");
const three = samples.sendgrid;
const webhook = new EventWebhook();
const key = webhook.convertPublicKeyToECDSA(three.public_key);

console.log(JSON.stringify({
  stripe: [`stripe-node ${version("stripe")}`,
    medianUs(() => stripe.webhooks.constructEvent(one.payload, one.header, one.secret, 1e9), 60, 500)],
  twilio: [`twilio-node ${version("twilio")}`,
    medianUs(() => must(twilio.validateRequest(two.auth_token, two.signature, two.url, params)), 60, 500)],
  sendgrid: [`@sendgrid/eventwebhook ${version("@sendgrid/eventwebhook")}`,
    medianUs(() => {
      must(webhook.verifySignature(key, three.payload, three.signature, three.timestamp));
      JSON.parse(three.payload);
    }, 20, 1)],
}));
