// The vendor's Node SDK, unchanged, against a server of ours. Usage: node node_sdk.mjs URL KEY, where the SDK is installed.
import { createRequire } from "node:module";
import { writeFileSync, mkdtempSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [base, key] = process.argv.slice(2);
const { AuditService, PangeaConfig, PangeaErrors } = createRequire(join(process.cwd(), "x.js"))("pangea-node-sdk");

// The address of published roots is a constant of the SDK.
const send = globalThis.fetch;
globalThis.fetch = (address, options) =>
  send(String(address?.url ?? address).replace("https://arweave.net", `${base}/arweave`), options ?? undefined);

let done = 0;
const check = (what, holds, seen) => {
  if (!holds) {
    console.log(`FAILED: ${what}: ${JSON.stringify(seen)}`);
    process.exit(1);
  }
  done += 1;
};
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const client = (options = {}) =>
  new AuditService(key, new PangeaConfig({ baseUrlTemplate: base, ...options }));

const audit = client();
const first = (await audit.log({ message: "first" }, { verify: true })).result;
const second = (await audit.log({ message: "second" }, { verify: true })).result;
check("the first verified log", first.membership_verification === "pass", first);
check("the second verified log", second.consistency_verification === "pass", second);
const odd = (await audit.log({ message: { "ä": "€😀\u2028" } }, { verify: true })).result;
check("letters from everywhere", odd.membership_verification === "pass", odd);

const file = join(mkdtempSync(join(tmpdir(), "litesoc-")), "key.pem");
writeFileSync(file, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
const { Signer } = createRequire(join(process.cwd(), "x.js"))("pangea-node-sdk");
if (Signer) {
  const signed = (await audit.log({ message: "signed" }, { verify: true, signer: new Signer(file), signMode: 1 })).result;
  check("a signed log", ["pass", "none"].includes(signed.signature_verification), signed);
}

const bulk = (await audit.logBulk([{ message: "one" }, { message: "two" }], { verbose: true })).result;
check("a bulk", bulk.results.map((r) => r.envelope.event.message).join() === "one,two", bulk);

for (let tries = 0; ; tries += 1) {
  try {
    if ((await audit.root()).result.data.size >= 6) break;
  } catch {}
  check("records are published", tries < 100);
  await wait(100);
}
const found = (await audit.search("", { limit: 5, order: "asc" }, { verifyConsistency: true })).result;
check("a search finds", found.count >= 5, found.count);
for (const event of found.events) {
  check("membership of a found event", event.membership_verification === "pass", event);
  check("consistency of a found event", event.consistency_verification === "pass", event);
}
const page = (await audit.results(found.id, 2, 2, {})).result;
check("a page", page.events.length === 2, page);
const offered = (await audit.downloadResults({ result_id: found.id, format: "csv" })).result;
const fetched = await audit.downloadFile(offered.dest_url);
check("a file", /^received_at,/.test(Buffer.from(fetched.file).toString()), fetched.name);

const later = client({ queuedRetryEnabled: false });
const accepted = await later.logBulkAsync([{ message: "later" }], {});
check("an asynchronous bulk", ["Accepted", "Success"].includes(accepted.status), accepted);
let polled;
for (let tries = 0; tries < 50 && polled?.status !== "Success"; tries += 1) {
  try {
    polled = await later.pollResult(accepted.request_id);
  } catch {
    await wait(100);
  }
}
check("and its end", polled?.result?.results?.length === 1, polled);
try {
  await audit.log({ message: "m", action: "x".repeat(33) }, {});
  check("a field too long is refused", false);
} catch (error) {
  check("a field too long is refused", error instanceof PangeaErrors.ValidationError, String(error));
}
console.log(`pangea-node-sdk: ${done} checks`);
