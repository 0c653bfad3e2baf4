"use strict";

// Checks the copy of the record that lies in this page, with the browser's own cryptography. What it checks and how is in
// SPEC.md, which is in the copy too. It looks at bytes, hashes and signatures; whether a record is what it should be,
// `anchorite verify` and `verify.py` say.

const ZERO = "0".repeat(64);

// What was found: [group, "holds" | "fails" | "open", what, where].
const found = [];

function holds(group, what) { found.push([group, "holds", what, ""]); }
function fails(group, what, where) { found.push([group, "fails", what, where]); }
function open(group, what, where) { found.push([group, "open", what, where]); }
function demand(group, is, what, where) { if (is) holds(group, what); else fails(group, what, where); }

function bytesOf(base64) { return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)); }
function textOf(bytes) { return new TextDecoder().decode(bytes); }
function hexOf(bytes) { return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""); }
async function digest(bytes, name = "SHA-256") { return hexOf(new Uint8Array(await crypto.subtle.digest(name, bytes))); }
async function digestOfText(text) { return digest(new TextEncoder().encode(text)); }
function same(one, other) { return one.length === other.length && one.every((byte, place) => byte === other[place]); }

// DER (X.690): the element that begins at `at`. `whole` has its header, `body` has not.
function element(der, at = 0) {
  let length = der[at + 1], start = at + 2;
  if (length & 0x80) {
    const octets = length & 0x7f;
    length = 0;
    for (let n = 0; n < octets; n++) length = length * 256 + der[start + n];
    if (!(length >= 0x80 && length >= 256 ** (octets - 1))) throw new Error("a length of DER has one spelling");
    start += octets;
  }
  if (!(start + length <= der.length)) throw new Error("DER ends early");
  return { tag: der[at], whole: der.subarray(at, start + length), body: der.subarray(start, start + length) };
}

function children(der) {
  const all = [];
  for (let at = 0; at < der.length; at += all[all.length - 1].whole.length) all.push(element(der, at));
  return all;
}

// ECDSA: Ecdsa-Sig-Value (RFC 3279 2.2.3), which has one spelling, to the fixed width that WebCrypto takes.
function fixedWidth(signature, octets) {
  const sequence = element(signature), numbers = children(sequence.body);
  if (sequence.tag !== 0x30 || sequence.whole.length !== signature.length || numbers.length !== 2) throw new Error("no Ecdsa-Sig-Value");
  const wide = new Uint8Array(2 * octets);
  for (const [place, { tag, body }] of numbers.entries()) {
    const padded = body.length > 1 && body[0] === 0;
    if (tag !== 2 || !body.length || body[0] & 0x80 || (padded && !(body[1] & 0x80))) throw new Error("no positive INTEGER of DER");
    const digits = padded ? body.subarray(1) : body;
    if (digits.length > octets) throw new Error("the number is greater than the curve");
    wide.set(digits, (place + 1) * octets - digits.length);
  }
  return wide;
}

// Octets of a coordinate, by the object identifier of the curve in a SubjectPublicKeyInfo.
const CURVES = {
  "2a8648ce3d030107": ["P-256", 32],
  "2b81040022": ["P-384", 48],
  "2b81040023": ["P-521", 66],
};

function curveOf(spki) {
  const identifiers = children(children(element(spki).body)[0].body);
  return identifiers.length > 1 ? CURVES[hexOf(identifiers[1].body)] : undefined;
}

// Whether a signature verifies; throws where this browser does not know the algorithm.
async function verifies(kind, hash, spki, signature, message) {
  let key, how, value = signature;
  if (kind === "ECDSA") {
    const curve = curveOf(spki);
    if (!curve) throw new Error("unknown curve");
    key = { name: "ECDSA", namedCurve: curve[0] };
    how = { name: "ECDSA", hash };
    try { value = fixedWidth(signature, curve[1]); } catch { return false; }
  } else if (kind === "RSA-PSS") {
    key = { name: "RSA-PSS", hash };
    how = { name: "RSA-PSS", saltLength: 32 };
  } else if (kind === "RSA") {
    key = { name: "RSASSA-PKCS1-v1_5", hash };
    how = key;
  } else {
    key = { name: "Ed25519" };
    how = key;
  }
  return crypto.subtle.verify(how, await crypto.subtle.importKey("spki", spki, key, false, ["verify"]), value, message);
}

const STATEMENT_ALGORITHMS = {
  "ecdsa-p256-sha256": ["ECDSA", "SHA-256"],
  "ecdsa-p384-sha384": ["ECDSA", "SHA-384"],
  "rsa-pss-sha256": ["RSA-PSS", "SHA-256"],
  "ed25519": ["Ed25519", null],
};

// By the object identifier in an AlgorithmIdentifier (RFC 5758, RFC 4055, RFC 8410).
const CERTIFICATE_ALGORITHMS = {
  "2a8648ce3d040302": ["ECDSA", "SHA-256"],
  "2a8648ce3d040303": ["ECDSA", "SHA-384"],
  "2a8648ce3d040304": ["ECDSA", "SHA-512"],
  "2a864886f70d01010b": ["RSA", "SHA-256"],
  "2a864886f70d01010c": ["RSA", "SHA-384"],
  "2a864886f70d01010d": ["RSA", "SHA-512"],
  "2b6570": ["Ed25519", null],
};

const LINE = /^\{"v":"(anchorite-(?:rehearsal-)?log\/v1)","cer":"([0-9a-f]{64})","n":(0|[1-9][0-9]*),"prev":"([0-9a-f]{64})","t":"/;

// The log: each line names the SHA-256 of the line before.
async function checkLog(files) {
  const group = "log", bytes = files["log.jsonl"], records = [], heads = [], ends = [];
  if (!bytes) { fails(group, "the log is in this page", "log.jsonl"); return null; }
  let offset = 0, before = ZERO, broken = false;
  while (offset < bytes.length) {
    const end = bytes.indexOf(10, offset) + 1;
    const where = "log.jsonl, record " + records.length + " at byte " + offset;
    if (end === 0) { open(group, "the last line is whole", where); break; }
    const line = bytes.subarray(offset, end), parts = LINE.exec(textOf(line));
    let record = null;
    try { record = parts && JSON.parse(textOf(line)); } catch { record = null; }
    if (!record) { fails(group, "every line is a record", where); broken = true; break; }
    const link = parts[4] === before && Number(parts[3]) === records.length && (!records.length || parts[2] === records[0].cer);
    if (!link) { fails(group, "each record names the SHA-256 of the one before, its number and the ceremony", where); broken = true; }
    before = await digest(line);
    records.push(record);
    heads.push(before);
    ends.push(end);
    offset = end;
  }
  if (broken) return null;
  const opened = records[0], body = opened && opened.body;
  if (!opened || opened.type !== "ceremony.open") { fails(group, "record 0 opens the ceremony", "log.jsonl, record 0"); return null; }
  holds(group, "records 0 to " + (records.length - 1) + " are one chain");
  const magic = opened.v.replace("log", "ceremony-id");
  const lines = [magic, body.plan_sha256, body.roster_sha256, body.binding_sha256, body.ordinal, body.previous_head, body.nonce];
  lines.push(body.token_nonce === null ? "-" : body.token_nonce, ...body.present.map((person) => person.name + "=" + person.typed));
  demand(group, (await digestOfText(lines.join("\n") + "\n")) === opened.cer, "the ceremony's identifier follows from record 0", "log.jsonl, record 0");
  const last = records[records.length - 1].type;
  if (last !== "ceremony.close" && last !== "ceremony.abort") open(group, "the ceremony has ended", "log.jsonl");
  const shown = document.getElementById("head");
  demand(group, shown !== null && shown.querySelector("code").textContent.replaceAll(" ", "") === before, "the head on this page is that of the log", "the head shown above");
  return { bytes, records, heads, ends, head: before, id: opened.cer, body };
}

// Files that a record names: objects with a digest and a name or path.
function namedFiles(value, into) {
  if (Array.isArray(value)) { value.forEach((one) => namedFiles(one, into)); return into; }
  if (value === null || typeof value !== "object") return into;
  if (typeof value.sha256 === "string" && typeof value.size === "number") {
    const path = value.path || (value.name && "artifacts/" + value.name);
    if (path) into.push([path, value.sha256, value.size]);
  }
  Object.values(value).forEach((one) => namedFiles(one, into));
  return into;
}

// Every file against the records and the manifest.
async function checkFiles(files, log) {
  const group = "files", digests = {};
  for (const [path, bytes] of Object.entries(files)) digests[path] = await digest(bytes);
  let named = 0;
  for (const [n, record] of log.records.entries()) {
    for (const [path, sha256, size] of namedFiles(record.body, [])) {
      named += 1;
      if (digests[path] !== sha256 || files[path].length !== size) fails(group, path + " is what record " + n + " says", path);
    }
  }
  holds(group, named + " digests in the records were compared");
  const last = log.records[log.records.length - 1].body, manifest = files["MANIFEST.sha256"];
  if (last.manifest_sha256 === undefined) return;
  demand(group, manifest !== undefined && digests["MANIFEST.sha256"] === last.manifest_sha256, "the manifest is the one of the last record", "MANIFEST.sha256");
  if (!manifest) return;
  const listed = new Set();
  for (const line of textOf(manifest).split("\n").filter((line) => line !== "")) {
    const [sha256, path] = [line.slice(0, 64), line.slice(66)];
    listed.add(path);
    if (digests[path] !== sha256) fails(group, path + " is what the manifest says", path);
  }
  for (const path of Object.keys(files)) {
    const apart = path === "log.jsonl" || path === "MANIFEST.sha256" || path.startsWith("seals/");
    if (!apart && !listed.has(path)) fails(group, "the manifest names " + path, path);
  }
  holds(group, listed.size + " digests in the manifest were compared");
}

function linesOf(bytes) {
  const lines = {};
  for (const line of textOf(bytes).split("\n").slice(1)) {
    const at = line.indexOf(": ");
    if (at > 0) lines[line.slice(0, at)] = line.slice(at + 2);
  }
  return lines;
}

// Statements of people: each is verified with a key that stands in a roster of the record.
async function checkStatements(files, log, keys) {
  const group = "statements", rosters = Object.keys(files).filter((path) => path.endsWith("roster.toml"));
  const texts = Object.keys(files).filter((path) => /^(seals\/|artifacts\/approval\.).*\.txt$/.test(path));
  for (const path of texts) {
    const lines = linesOf(files[path]), signature = files[path.replace(/txt$/, "sig")];
    if (!signature) { fails(group, path + " has a signature", path); continue; }
    const key = keys.find((one) => one.name === lines.signer && one.sha256 === lines["signer-spki-sha256"]);
    const where = key && rosters.find((roster) => textOf(files[roster]).includes(key.spki));
    if (!key || !where || key.alg !== lines.alg) { fails(group, path + " is of somebody on the roster, with their key", path); continue; }
    const [kind, hash] = STATEMENT_ALGORITHMS[lines.alg] || [];
    let good = null;
    try { good = await verifies(kind, hash, bytesOf(key.spki), signature, files[path]); } catch { good = null; }
    if (good === null) { open(group, path + ": this browser does not check " + lines.alg, path); continue; }
    demand(group, good, path + ": signature of " + lines.signer + " (" + lines.role + ")", path);
    const wrong = path.startsWith("seals/") ? await wrongSeal(lines, log) : wrongApproval(lines, log);
    if (wrong) fails(group, path + ": " + wrong + " is that of the record", path);
  }
  const present = new Set();
  for (const path of Object.keys(files).filter((one) => one.startsWith("seals/"))) present.add(await digest(files[path]));
  for (const record of log.records.filter((one) => one.type === "seal.added")) {
    const { statement_sha256, signature_sha256, signer, seal } = record.body;
    const both = present.has(statement_sha256) && present.has(signature_sha256);
    if (!both) fails(group, "the " + seal + " seal of " + signer + " is the one that record " + record.n + " names", "seals/");
  }
}

// The first line of a seal that is not what the log gives.
async function wrongSeal(lines, log) {
  const count = Number(lines.records), prefix = log.bytes.subarray(0, log.ends[count - 1]);
  const expected = {
    "ceremony": log.id, "bytes": String(prefix.length), "head-sha256": log.heads[count - 1],
    "log-sha256": await digest(prefix), "log-sha512": await digest(prefix, "SHA-512"),
    "plan-sha256": log.body.plan_sha256, "roster-sha256": log.body.roster_sha256,
  };
  if (lines.seal === "close" || lines.seal === "abort") expected.records = String(log.records.length);
  return Object.keys(expected).find((key) => lines[key] !== expected[key]);
}

function wrongApproval(lines, log) {
  const expected = {
    "plan-sha256": log.body.plan_sha256, "authority": log.body.authority, "ordinal": String(log.body.ordinal),
    "previous-head-sha256": log.body.previous_head, "roster-sha256": log.body.roster_sha256, "binding-sha256": log.body.binding_sha256,
  };
  return Object.keys(expected).find((key) => lines[key] !== expected[key]);
}

function derOfPem(bytes) { return bytesOf(textOf(bytes).split("\n").filter((line) => !line.startsWith("-----")).join("")); }

// Certificates and CRLs: what was signed is what was approved, and the signature is the issuer's.
async function checkIssued(files) {
  const group = "certificates and CRLs", all = [];
  for (const path of Object.keys(files).filter((one) => /\.(crt|crl)\.pem$/.test(one))) {
    try {
      const [tbs, algorithm, signature] = children(element(derOfPem(files[path])).body);
      const fields = children(tbs.body).filter((field) => field.tag !== 0xa0);
      const crl = path.endsWith(".crl.pem");
      // TBSCertificate: serial, algorithm, issuer, validity, subject, key. TBSCertList: version, algorithm, issuer.
      const names = crl ? { issuer: fields[2] } : { issuer: fields[2], subject: fields[4], spki: fields[5].whole };
      all.push({ path, tbs, algorithm, signature: signature.body.subarray(1), crl, ...names });
    } catch { fails(group, path + " can be read", path); }
  }
  for (const one of all) {
    const approved = files[one.path.replace(/(crt|crl)\.pem$/, "tbs.der")];
    if (approved) demand(group, same(approved, one.tbs.whole), one.path + " says what was to be signed", one.path);
    const issuer = all.find((other) => !other.crl && same(other.subject.whole, one.issuer.whole));
    const [kind, hash] = CERTIFICATE_ALGORITHMS[hexOf(children(one.algorithm.body)[0].body)] || [];
    if (!issuer || !kind) { open(group, one.path + ": its issuer or algorithm is not here", one.path); continue; }
    let good = null;
    try { good = await verifies(kind, hash, issuer.spki, one.signature, one.tbs.whole); } catch { good = null; }
    if (good === null) open(group, one.path + ": this browser does not check its signature", one.path);
    else demand(group, good, one.path + ": signature verifies with the key of " + issuer.path, one.path);
  }
}

async function checkAll() {
  if (!window.isSecureContext || !window.crypto || !crypto.subtle) { open("browser", "this browser offers no cryptography to this page", ""); return; }
  const files = {};
  let record;
  try { record = JSON.parse(document.getElementById("record").textContent); } catch { fails("copy", "the copy of the record can be read", "the end of this file"); return; }
  for (const [path, base64] of Object.entries(record.files)) {
    try { files[path] = bytesOf(base64); } catch { fails("copy", path + " is base64", path); }
  }
  const keys = [];
  for (const key of record.keys) keys.push({ ...key, sha256: await digest(bytesOf(key.spki)) });
  const log = await checkLog(files);
  if (!log) return;
  await checkFiles(files, log);
  await checkStatements(files, log, keys);
  await checkIssued(files);
}

function put(id, text) { document.getElementById(id).textContent = text; }

function show() {
  const failed = found.filter((one) => one[1] === "fails"), unknown = found.filter((one) => one[1] === "open");
  const state = failed.length ? "fails" : unknown.length ? "open" : "holds";
  document.documentElement.dataset.checked = state;
  if (failed.length) {
    put("self", "FAIL");
    put("self-why", failed.length + " of " + found.length + " checks of this page do not hold. The first: not so that " + failed[0][2] + " (" + failed[0][3] + "). Nothing on this page counts.");
  } else if (unknown.length) {
    put("self", "not all checked");
    put("self-why", found.length - unknown.length + " checks hold. Not checked here: " + unknown.map((one) => one[2]).join("; ") + ".");
  } else {
    put("self", "holds");
    put("self-why", found.length + " checks: the chain of the log, its head, every digest, every signature of people and of the issuing keys.");
  }
  const rows = document.getElementById("self-checks");
  for (const [group, result, what, where] of failed.concat(unknown, found.filter((one) => one[1] === "holds"))) {
    const row = rows.insertRow();
    for (const text of [{ holds: "holds", fails: "FAIL", open: "not checked" }[result], group, what, where]) row.insertCell().textContent = text;
    row.className = { holds: "", fails: "bad", open: "warn" }[result];
  }
}

checkAll().catch((error) => fails("page", "its checks come to an end", String(error))).then(show);
