#!/usr/bin/env python3
"""Judges the record of an anchorite ceremony, or of a whole authority, without anchorite.

    verify.py PATH --roster FILE --expect-head SHA256 [--expect-ordinal N] [--expect-root SHA256] [--format json]

It needs Python 3.11 and the package `cryptography`, reads and never writes, and runs nothing of what it reads. Checks,
words and exit codes are those of the record's specification (docs/record-format.md; SPEC.md in a bundle), from which it
was written.

Begin at the end: `judge_bundle` in section 13 says which checks are made and which wait for others. A check is a function
that begins with its id (`e3_shares`) and follows the specification's sentences on it. Sections, for which look as `# --- 7.`:

     1  Values of JSON files: sections 2, 3.2 and 7
     2  The log: section 3, C2
     3  Roster, binding, statements, whose signature counts: sections 5 and 7
     4  DER, keys, certificates, CRLs, requests, and their rules: section 8.2
     5  The ledger: what the ceremonies before left
     6  What the checks of a bundle look at
     7  What is hashed and signed: A1 to C5, B3, B4
     8  People and papers: W1, D1, B1, B2, B6, C6, B5
     9  What was done: D2, D3, D4, D6
    10  What people witnessed: D5
    11  Tokens, shares, keys, devices: E1 to E5
    12  Signatures and what they made: F1 to F11; secrets: G1; rehearsals: J1
    13  One bundle, an authority, the verdict: H1 to H4, I1 to I3

Sections 1 to 4 read and never judge a ceremony: whoever trusts that what does not fit its form is refused may leave them for later.
"""

import argparse
import base64
import functools
import hashlib
import ipaddress
import json
import math
import os
import re
import stat
import sys
import tomllib
import unicodedata
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

ZERO = "0" * 64
TITLES = {
    "W1": "rules that the officers waived",
    "A1": "bundle layout, no stray files",
    "A2": "roster is the pinned one",
    "B1": "approvals: signatures, fields, quorum",
    "B2": "authorisations: signatures, fields, quorum",
    "B3": "closing seals: signatures, fields, quorum",
    "B4": "seals are committed in the log",
    "B5": "closing seals: made after the end, in time",
    "B6": "resumptions: signatures, fields, quorum",
    "C1": "length and digests of the sealed log",
    "C2": "chain, numbering, one ceremony",
    "C3": "ended, nothing after the end",
    "C4": "files are those that the records name",
    "C5": "manifest names every file",
    "C6": "nothing interrupted was done twice",
    "D1": "record 0 agrees with plan and people",
    "D2": "steps done in the plan's order",
    "D3": "everybody who acted was present",
    "D4": "clocks run forward, readings in tolerance",
    "D5": "exceptions, attestations, custody hold together",
    "D6": "plan does what the ceremony file asks",
    "E1": "tokens are the approved ones",
    "E2": "each token operation has intent and result",
    "E3": "shares: threshold, holders, all re-entered",
    "E4": "keys: attributes as read back",
    "E5": "devices' own evidence reconciles",
    "F1": "each signature authorised over the same TBS",
    "F2": "each signature verifies",
    "F3": "certificates and CRLs are those of the log",
    "F4": "certificates and CRLs are as planned",
    "F5": "certificates and CRLs keep the rules",
    "F6": "serials and CRL numbers are fresh",
    "F10": "CRLs: embargoes, places, lists until the next ceremony",
    "F11": "what was adopted is signed by its root",
    "F7": "abort record says what happened",
    "G1": "no secret-shaped data",
    "J1": "rehearsed as the plan asks",
    "H1": "ceremonies without a gap",
    "H2": "each ceremony names the head before it",
    "H3": "one authority, one environment",
    "H4": "roster changed only by ceremony",
    "I1": "head is the expected one",
    "I2": "ordinal is the expected one",
    "I3": "root certificate is the expected one",
}
OF_BUNDLE = [check for check in TITLES if check[0] not in "HI"]
# A check's status and the best verdict that it leaves; a later verdict is worse.
VERDICTS = {"PASS": 0, "UNANCHORED": 5, "UNSEALED": 4, "INCOMPLETE": 3, "UNSUPPORTED": 6, "FAIL": 1}
WORSE = list(VERDICTS)
LEAVES = {"pass": "PASS", "n/a": "PASS", "unanchored": "UNANCHORED", "unsealed": "UNSEALED", "incomplete": "INCOMPLETE",
          "unsupported": "UNSUPPORTED", "not reached": "UNSUPPORTED", "FAIL": "FAIL"}
NOT_CHECKED = [
    "that the people of the record were in one room, and nobody else",
    "that the people on the roster are who it says, and that nobody forced them",
    "what the screen showed and what was said",
    "that the host ran the program it names and was free of other software",
    "that the token is honest about its keys and that its random numbers are random",
    "that no signature was made outside the record: only the token's own log can show it",
    "the host's clock, beyond what people read from other clocks",
    "the exact instants of people's signatures, and seals that were made and then taken away",
]


class Bad(Exception):
    """Something does not hold; the text says what."""


class Unknown(Bad):
    """A version that this verifier does not know."""


class TooFew(Bad):
    """Signatures hold, and there are not enough of them."""


def demand(holds, what):
    if not holds:
        raise Bad(what)


class Check:
    """One check: what was found wrong so far."""

    def __init__(self, id):
        self.id, self.found, self.evidence, self.empty = id, [], "", None

    def fail(self, what, status="FAIL"):
        self.found.append((status, str(what)))

    def demand(self, holds, what):
        if not holds:
            self.fail(what)

    def attempt(self, function, *arguments):
        """Calls a function whose failure is this check's; what it returns, or None."""
        try:
            return function(*arguments)
        except Bad as problem:
            self.fail(problem)

    def nothing(self, why):
        """What to say where there is nothing to look at and nothing wrong."""
        self.empty = why
        return self

    @property
    def status(self):
        if not self.found:
            return "n/a" if self.empty else "pass"
        return max((status for status, _ in self.found), key=lambda status: WORSE.index(LEAVES[status]))

    @property
    def says(self):
        if not self.found:
            return printable(self.empty or self.evidence)
        worst = next(what for status, what in self.found if status == self.status)
        more = len(self.found) - 1
        return printable(worst + (f" (and {more} more)" if more else ""))


def not_reached(id, why="an earlier check failed"):
    check = Check(id)
    check.fail(why, "not reached")
    return check


def worst(checks):
    return max((LEAVES[check.status] for check in checks), key=WORSE.index, default="FAIL")


def printable(text):
    return "".join(c if " " <= c <= "~" else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- 1. Values of JSON files: sections 2, 3.2 and 7


def integer(low=0, high=2**64 - 1):
    def read(value):
        demand(type(value) is int and low <= value <= high, f"{value!r} is no number from {low} to {high}")
    return read


def pattern(expression, what):
    compiled = re.compile(expression)

    def read(value):
        demand(isinstance(value, str) and compiled.fullmatch(value), f"{str(value)[:80]!r} is no {what}")
    return read


def word(*words):
    def read(value):
        demand(isinstance(value, str) and value in words, f"{str(value)[:80]!r} is none of {', '.join(words)}")
    return read


def many(item):
    def read(value):
        demand(isinstance(value, list), "a list is missing")
        for one in value:
            item(one)
    return read


def nullable(item):
    return lambda value: None if value is None else item(value)


def text(value):
    demand(isinstance(value, str) and not re.search("[\ud800-\udfff]", value), "a text is missing")


def boolean(value):
    demand(value is True or value is False, f"{value!r} is neither true nor false")


def number_of_name(value):
    demand(isinstance(value, str) and len(value) <= 40 and NAME.fullmatch(value), f"{str(value)[:80]!r} is no name")


@functools.lru_cache(1 << 16)
def seconds(value):
    """Unix time of an instant."""
    demand(INSTANT.fullmatch(value) and value >= "1970", f"{value!r} is no instant")
    try:
        return int(datetime.fromisoformat(value[:-1]).replace(tzinfo=timezone.utc).timestamp())
    except ValueError:
        raise Bad(f"{value!r} is no instant") from None


def instant(value):
    demand(isinstance(value, str), "an instant is missing")
    seconds(value)


def base64_text(value):
    text(value)
    try:
        demand(base64.b64encode(base64.b64decode(value, validate=True)).decode() == value, "no padded base64")
    except ValueError:
        raise Bad("no padded base64") from None


class Members:
    """An object with these members in this order; a trailing `?` marks one that may be left out."""

    def __init__(self, fields):
        self.fields = [(key.rstrip("?"), key.endswith("?"), read) for key, read in fields.items()]

    def __call__(self, value):
        demand(isinstance(value, dict), "an object is missing")
        keys = iter(value)
        key = next(keys, None)
        for field, optional, read in self.fields:
            if key == field:
                try:
                    read(value[field])
                except Bad as problem:
                    raise Bad(f"{field}: {problem}") from None
                key = next(keys, None)
            else:
                demand(optional, f"the member {field} is not where it belongs")
        demand(key is None, f"there is no member {key}")


def variant(tag, cases):
    """An object whose first member says which further members it has."""
    shapes = {case: Members({tag: word(case), **fields}) for case, fields in cases.items()}

    def read(value):
        demand(isinstance(value, dict) and isinstance(value.get(tag), str), f"the member {tag} is missing")
        demand(value[tag] in shapes, f"{tag} cannot be {value[tag]}")
        shapes[value[tag]](value)
    return read


NAME = re.compile("[a-z](?:-?[a-z0-9])*")
INSTANT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
name = number_of_name
count, small, epoch = integer(), integer(high=255), integer(high=2**32 - 1)
digest = pattern("[0-9a-f]{64}", "SHA-256")
octets = pattern("(?:[0-9a-f]{2})*", "hexadecimal")
FILE_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,99}")
file_name = pattern(FILE_NAME.pattern, "file name")
serial = pattern("(?:[1-7][0-9a-f]|0[1-9a-f]|00[89a-f][0-9a-f])(?:[0-9a-f]{2}){0,19}(?<![0-9a-f]{41})", "serial number")
environment, mode = word("production", "staging", "lab"), word("ceremony", "rehearsal")
role = word("administrator", "operator", "witness", "officer", "auditor")
share_set, owner, key_algorithm = word("operate", "recovery"), word("user", "security-officer"), word("ecdsa-p256", "ecdsa-p384")
kind_of_object = word("certificate", "crl")
alphabet = word("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", "0123456789")
ATTRIBUTES = ["token", "private", "sensitive", "always_sensitive", "extractable", "never_extractable", "local", "sign",
              "decrypt", "unwrap", "derive", "modifiable", "copyable"]
REASONS = {"key-compromise": 1, "ca-compromise": 2, "affiliation-changed": 3, "superseded": 4, "cessation-of-operation": 5,
           "privilege-withdrawn": 9}
STEP_KINDS = word("inspect-token", "provision", "generate-key", "back-up-key", "restore-key", "destroy-key", "self-sign",
                  "sign-intermediate", "cross-sign", "revoke", "issue-crl", "reshare", "change-roster", "adopt-authority",
                  "import-evidence", "clock", "custody", "read-aloud", "attest", "confirm", "break")


def template(value):
    text(value)
    demand(value.count("{pin}") == 1 and re.fullmatch("[!-~]{1,64}", value), f"{value[:80]!r} is no template of a PIN")


window = Members({"from": instant, "to": instant})
file_reference = Members({"name": file_name, "size": count, "sha256": digest})
entry = Members({"serial": serial, "at": instant, "reason": word(*REASONS)})
person_present = Members({"name": name, "roles": many(role), "typed": text})
protection = variant("state", {"done": {}, "refused": {"errno": integer(-2**31, 2**31 - 1)}, "not-here": {}})
host_state = Members({"core_dumps_off": protection, "memory_locked": protection, "swap": nullable(many(text)),
                      "ptrace_scope": nullable(small), "hibernation": nullable(boolean)})
pin_state = word("ok", "count-low", "final-try", "locked", "to-be-changed")
machine = Members({"program_sha256": nullable(digest), **{fact: nullable(text) for fact in (
    "kernel", "command_line", "boot_id", "vendor", "product", "serial", "firmware")}})
named_digest = variant("of", {"plan": {}, "roster": {}, "script": {}, "previous-head": {}, "input": {"file": file_reference}})
custody_act, evidence_form = word("open", "seal", "inspect"), word("yubihsm2-log", "opaque")
drill_kind = word("power-cut", "wrong-word", "missing-officer", "wrong-token", "exception", "abort")
duties = many(Members({"id": name, "kind": word("written", "next-crl", "share-check", "certificate-expiry"), "what": text,
                       "due": instant, "owner": role}))
key_evidence = Members({"spki": base64_text, "spki_sha256": digest,
                        **{attribute: word("true", "false", "absent") for attribute in ATTRIBUTES},
                        "contradictions": many(text)})
call = variant("function", {
    "C_InitToken": {"label": text, "wipes?": text},
    "C_InitPIN": {},
    "C_SetPIN": {"of": owner},
    "C_Login": {"of": owner, "path": word("pin", "device")},
    "C_GenerateKeyPair": {"algorithm": key_algorithm, "label": text, "key_id": octets},
    "C_DestroyObject": {"class": word("public-key", "private-key"), "key_id": octets},
    "C_Sign": {"tbs_sha256": digest, "spki_sha256": digest, "mechanism": text},
})
mirror = nullable(Members({"state": word("absent", "behind", "ahead", "out-of-reach"), "records": count, "head": digest}))
RECORDS = {
    "ceremony.open": {
        "tool": text, "authority": name, "environment": environment, "mode": mode, "name": name, "ordinal": count,
        "previous_head": digest, "rehearsal": nullable(Members({"head": digest, "plan_sha256": digest})), "plan_sha256": digest,
        "roster_sha256": digest, "script_sha256": digest, "binding_sha256": digest, "nonce": octets, "token_nonce": nullable(octets),
        "operator": word("terminal", "scripted"), "place": nullable(text), "recording": nullable(text), "host": host_state,
        "machine": machine, "present": many(person_present),
        "staged": many(Members({"path": text, "size": count, "sha256": digest}))},
    "token.info": {
        "token": name, "module_sha256": digest, "serial": text, "label": text, "manufacturer": text, "model": text,
        "hardware": text, "firmware": text, "initialised": boolean, "user_pin_set": boolean,
        "protected_authentication_path": boolean, "locks_out": boolean, "user_pin": pin_state, "so_pin": pin_state,
        "pin_min": count, "pin_max": count, "logged_in": boolean,
        "objects": nullable(Members({of: count for of in ("data", "certificates", "public_keys", "private_keys", "secret_keys", "others")}))},
    "step.start": {"step": name, "kind": STEP_KINDS},
    "step.done": {"step": name},
    "clock.attest": {"step": name, "reader": name, "reading": instant, "difference_seconds": integer(-2**63, 2**63 - 1)},
    "freshness.beacon": {"step": name, "by": name, "source": text, "value": text},
    "read.aloud": {"step": name, "named": named_digest, "digest": digest, "by": name, "positions": many(small),
                   "attempts": integer(high=2**32 - 1)},
    "attestation": {"step": name, "by": name, "text": text, "refusal": nullable(text)},
    "custody": {"step": name, "item": name, "act": custody_act, "number": text, "expected": nullable(text), "place": nullable(text),
                "by": name, "witness": name},
    "evidence.imported": {"step": name, "token": name, "form": evidence_form, "file": file_reference, "by": name},
    "exception": {
        "number": count, "step": nullable(name), "class": word("note", "deviation", "repeated", "doubtful", "compromise"),
        "expected": text, "happened": text, "decided": text, "by": name},
    "confirm": {"step": name, "by": name, "text": text},
    "person.arrived": {"name": name, "roles": many(role), "noted_by": name},
    "person.left": {"name": name, "noted_by": name},
    "break.begun": {"step": name, "present": many(name), "head": digest, "by": name, "word": text},
    "break.ended": {"step": name, "present": many(name), "by": name, "word": text},
    "quorum.split": {
        "step": name, "set": share_set, "set_id": octets, "epoch": epoch, "threshold": small,
        "shares": many(Members({"index": small, "holder": name, "commitment": digest})), "check": digest},
    "share.verified": {"step": name, "set_id": octets, "index": small, "holder": name},
    "pin.policy": {
        "step": name, "token": name, "token_id": octets, "set_id": octets, "epoch": epoch, "alphabet": alphabet,
        "length": small, "user_template": template, "security_officer_template": template,
        "entropy_bits": integer(high=2**32 - 1)},
    "quorum.met": {"step": name, "set_id": octets, "by": many(name)},
    "token.moved": {"step": name, "token": name, "set_id": octets},
    "shares.retired": {"step": name, "set_id": octets},
    "roster.changed": {"step": name, "from": digest, "to": digest, "by": name},
    "drill": {"kind": drill_kind, "step": nullable(name), "outcome": word("passed", "not-played")},
    "ceremony.resume": {
        "host": host_state, "machine": machine, "present": many(person_present), "unanswered": many(count),
        "keys": many(Members({"op": count, "fate": word("adopt", "destroy")})), "mirror": mirror, "set_aside": many(file_reference)},
    "key.settled": {"step": name, "op": count, "outcome": word("adopted", "destroyed", "absent"), "key?": key_evidence},
    "op.intent": {"op": count, "step": name, "token": name, "call": call},
    "op.result": {"op": count, "rv": text, "key?": key_evidence,
                  "signature?": Members({"value": base64_text, "verified": boolean})},
    "tbs.frozen": {"tbs": many(Members({"step": name, "kind": kind_of_object, "file": file_reference, "summary": text}))},
    "seal.added": {"seal": word("authorise", "close", "resume", "abort"), "signer": name, "statement_sha256": digest,
                   "signature_sha256": digest},
    "sign.confirmed": {"step": name, "tbs_sha256": digest, "by": name, "word": text},
    "revocation": {"step": name, "by": name, "issuer_spki_sha256": nullable(digest), "entry": entry},
    "destruction": {"step": name, "by": name, "token": name, "spki_sha256": digest},
    "authority.adopted": {"step": name, "by": name, "token": name, "key_id": octets, "key": key_evidence},
    "artifact.out": {"step": name, "kind": kind_of_object, "file": file_reference, "tbs_sha256": digest},
    "artifact.quarantined": {"step": name, "file": file_reference, "reason": text},
    "ceremony.close": {"duties": duties, "manifest_sha256": digest},
    "ceremony.abort": {
        "by": name, "reason": text, "step": nullable(name), "signed": many(name), "unknown": many(count),
        "burnt_serials": many(serial), "burnt_crl_numbers": many(count), "set_aside": many(file_reference),
        "mirror": mirror, "manifest_sha256": digest},
}
BODIES = {type: Members(fields) for type, fields in RECORDS.items()}
LINE = Members({"v": text, "cer": digest, "n": count, "prev": digest, "t": instant, "mono": count,
                "type": word(*RECORDS), "body": lambda value: None})

key_reference = variant("from", {"step": {"id": name},
                                 "ledger": {"ordinal": count, "id": name, "token": name, "spki_sha256": digest}})
issuer_reference = variant("from", {"step": {"id": name}, "ledger": {"ordinal": count, "id": name,
                                                                     "certificate": file_reference, "key": key_reference}})
shares = variant("dealt", {"here": {"set": share_set, "epoch": epoch, "threshold": small, "holders": many(name)},
                           "before": {"set": share_set, "epoch": epoch}})
PURPOSES = {"server-auth": 1, "client-auth": 2, "code-signing": 3, "email-protection": 4, "time-stamping": 8, "ocsp-signing": 9}
HOST = r"(?=.{1,253}$)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)*(?!-)(?![0-9]+$)[a-z0-9-]{1,63}(?<!-)"


def address_range(value):
    demand(isinstance(value, str) and "/" in value, "no address range")
    try:
        demand(str(ipaddress.ip_network(value)) == value, f"{value!r} is not in its one spelling")
    except ValueError as problem:
        raise Bad(f"no address range: {problem}") from None


def spiffe_id(value):
    pattern(r"spiffe://[a-z0-9._-]{1,255}(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+)*", "SPIFFE ID")(value)
    demand(len(value) <= 2048, "a SPIFFE ID is too long")


def policy(value):
    pattern(r"[0-2]\.[1-3]?[0-9](?:\.(?:0|[1-9][0-9]*))+", "policy")(value)
    demand(len(value) <= 64 and all(int(arc) < 2**32 for arc in value.split(".")), "a policy has no encoding")


def url(value):
    found = re.fullmatch(r"http://([^/:]*)(?::([1-9][0-9]{0,4}))?/[A-Za-z0-9/._~!$&'()*+,;=:@?%-]*", str(value))
    demand(found and len(value) <= 2048 and re.fullmatch(HOST, found[1]) and int(found[2] or 1) < 65536, f"{str(value)[:80]!r} is no URL")


def name_constraints(value):
    of_list = Members({"dns": many(pattern(HOST, "host")), "ip": many(address_range), "uri": many(pattern(r"\.?" + HOST, "host")),
                       "directory": many(distinguished_name)})
    Members({"critical": boolean, "permitted": of_list, "excluded": of_list})(value)
    demand(any(value["permitted"].values()) or any(value["excluded"].values()), "name constraints without a subtree")


distinguished_name = Members({"der": octets, "text": text})
extensions = Members({
    "path_length": nullable(small), "extended_key_usage": many(word(*PURPOSES)), "name_constraints": nullable(name_constraints),
    "policies": many(policy), "crl_distribution_points": many(url), "authority_information_access": many(url),
    "spiffe_id": nullable(spiffe_id)})
PROFILES = ["intermediate", "device-issuing", "gateway-mtls", "spire-upstream-disk", "vault-issuing", "vault-subca", "cert-manager-ca",
            "istio-cacerts", "linkerd-issuer", "consul-connect-root", "consul-vault-root", "step-ca", "cfssl", "aws-pca-sub"]
certified_reference = variant("from", {
    "step": {"id": name}, "ledger": {"ordinal": count, "id": name, "certificate": file_reference, "spki_sha256": digest},
    "input": {"certificate": file_reference, "spki_sha256": digest}})
named = {"extensions": extensions, "subject": distinguished_name}
issued = {"profile": word("root", "cross", *PROFILES), **named}
adopted = Members({"serial": serial, "subject": distinguished_name, "spki_sha256": digest, "validity": window, "authority": boolean,
                   "path_length": nullable(small), "tbs_sha256": digest})
adopted_list = Members({"number": nullable(count), "this_update": instant, "next_update": instant, "entries": many(entry), "tbs_sha256": digest})
action = variant("do", {
    "provision": {"token": name, "label": text, "mode": word("init", "set-pin", "adopt"), "wipe": boolean,
                  "shares": nullable(shares), "encoding": Members({"alphabet": alphabet, "user_template": template,
                                                                   "security_officer_template": template})},
    "reshare": {"set": share_set, "from": many(epoch), "to": shares, "tokens": many(name)},
    "change-roster": {"roster": file_reference, "joins": many(name), "leaves": many(name), "new_keys": many(name)},
    "generate-key": {"token": name, "algorithm": key_algorithm, "label": text},
    "destroy-key": {"key": key_reference, "key_id": octets},
    "self-sign": {"key": key_reference, **issued, "serial": serial, "validity": window, "tbs_sha256": nullable(digest)},
    "sign-intermediate": {
        "issuer": issuer_reference, "csr": file_reference, **issued, "spki_sha256": digest,
        "asked": many(Members({"what": text, "decision": word("honoured", "overridden", "ignored")})),
        "serial": serial, "validity": window, "tbs_sha256": nullable(digest)},
    "cross-sign": {"issuer": issuer_reference, "certificate": certified_reference, "csr": nullable(file_reference), **named,
                   "serial": serial, "validity": window, "tbs_sha256": nullable(digest)},
    "revoke": {"issuer": issuer_reference, "certificate": text, "entry": entry},
    "issue-crl": {"issuer": issuer_reference, "number": count, "this_update": instant, "next_update": instant,
                  "embargo": nullable(instant), "issuing_distribution_point": many(url), "entries": many(entry), "tbs_sha256": nullable(digest)},
    "adopt-authority": {"token": name, "label": text, "certificate": file_reference, "issued": many(file_reference),
                        "crl": nullable(file_reference), "without_crl": nullable(text), "reason_where_none": nullable(word(*REASONS)),
                        "algorithm": key_algorithm, "root": adopted, "below": many(adopted), "list": nullable(adopted_list)},
    "clock": {"readers": small, "tolerance_seconds": integer(high=2**32 - 1), "beacon": boolean},
    "read-aloud": {"by": role, "named": named_digest},
    "attest": {"by": many(role), "text": text},
    "custody": {"item": name, "act": custody_act, "expected": nullable(text), "place": nullable(text)},
    "import-evidence": {"token": name, "form": evidence_form, "file": file_name},
    "break": {"reason": text, "minutes": integer(high=2**32 - 1), "shares": word("entered-again", "kept")},
    "confirm": {"by": role, "text": text, "discharges": nullable(Members({"ordinal": count, "id": name}))},
})
WAIVABLE = ["operator-is-officer", "witness-is-operator", "witness-is-officer", "few-spare-shares", "officer-key-in-file",
            "no-mirror", "pin-strength",
            "N03", "N04", "N09", "R02", "R03", "R04", "L03", "L07", "E04", "D02", "M04", "M06", "M07", "M08", "U04", "U05", "U07"]
PLAN = Members({
    "v": text, "tool": text, "mode": mode, "authority": name, "environment": environment,
    "trust_domain": nullable(text), "name": name, "title": text, "policy": nullable(text), "place": nullable(text), "recording": nullable(text), "next_ceremony": nullable(instant), "ordinal": count,
    "previous_head": digest, "roster_sha256": digest, "script_sha256": digest, "window": window,
    "waivers": many(Members({"rule": word(*WAIVABLE), "reason": text, "until": instant})), "duties": duties,
    "rehearses": nullable(Members({
        "plan_sha256": digest, "roster_sha256": digest, "forbidden_tokens": many(text),
        "drills": many(Members({"kind": drill_kind, "step": nullable(name)}))})),
    "rehearsed_within_days": nullable(integer(high=2**32 - 1)), "tokens": many(name),
    "inputs": many(file_reference), "steps": many(Members({"id": name, "action": action}))})


def no_duplicates(pairs):
    value = dict(pairs)
    demand(len(value) == len(pairs), "a member stands twice")
    return value


def refuse_number(found):
    raise Bad(f"{found} is no integer")


def read_json(data, shape):
    """The value, where its one encoding is the input."""
    try:
        value = json.loads(data.decode("ascii"), object_pairs_hook=no_duplicates, parse_float=refuse_number,
                           parse_constant=refuse_number)
    except (ValueError, RecursionError) as problem:
        raise Bad(f"no JSON: {problem}") from None
    shape(value)
    demand(json.dumps(value, separators=(",", ":")).encode() == data, "this is not the one encoding of its value")
    return value


# --- 2. The log: section 3, C2


def form(what, mode):
    """The string that names a form of version 1; a rehearsal has its own (section 11)."""
    return f"anchorite-{'rehearsal-' if mode == 'rehearsal' else ''}{what}/v1"


class Line:
    """A record, where it begins, and its head."""

    __slots__ = ("n", "prev", "t", "mono", "type", "body", "cer", "offset", "head")


@functools.lru_cache(4)
def read_log(data, mode):
    """Lines and torn tail of a log whose form, numbers, chain and identifier hold."""
    version = form("log", mode)
    begins = b'{"v":"' + version.encode()
    if data.startswith(begins[:-1]) and not data.startswith(begins + b'"'):
        raise Unknown("a version of the log that is not known here")
    whole = data.rfind(b"\n") + 1
    lines, head, ceremony = [], ZERO, None
    start = 0
    while start < whole:
        end = data.index(b"\n", start) + 1
        raw, at = data[start:end], f"record {len(lines)} at byte {start}"
        demand(len(raw) <= 65536, f"{at} is too long")
        try:
            value = read_json(raw[:-1], LINE)
            BODIES[value["type"]](value["body"])
            demand(value["v"] == version, f"it is of {value['v']}, not of {version}")
        except Bad as problem:
            raise Bad(f"{at}: {problem}") from None
        line = Line()
        line.n, line.prev, line.t, line.mono = value["n"], value["prev"], seconds(value["t"]), value["mono"]
        line.type, line.body, line.cer, line.offset = value["type"], value["body"], value["cer"], start
        demand(line.n == len(lines), f"{at} says that it is number {line.n}")
        demand(line.prev == head, f"{at}: prev is {line.prev}, the line before has {head}")
        demand((line.type == "ceremony.open") == (line.n == 0), f"{at}: ceremony.open is record 0 and only that")
        demand(line.body.get("mode", mode) == mode, f"{at} is of a {line.body.get('mode')}")
        ceremony = ceremony or ceremony_identifier(line.body)
        demand(line.cer == ceremony, f"{at} belongs to ceremony {line.cer}, this is {ceremony}")
        demand(not lines or lines[-1].type not in ENDS, f"{at} follows the record that ended the ceremony")
        line.head = head = sha256(raw)
        lines.append(line)
        start = end
    demand(lines, "the log has no complete record")
    return lines, data[whole:]


ENDS = {"ceremony.close": "complete", "ceremony.abort": "aborted"}


def ceremony_identifier(opened):
    lines = [form("ceremony-id", opened["mode"]), opened["plan_sha256"], opened["roster_sha256"], opened["binding_sha256"],
             str(opened["ordinal"]), opened["previous_head"], opened["nonce"], opened["token_nonce"] or "-"]
    lines += [f"{person['name']}={person['typed']}" for person in opened["present"]]
    return sha256("".join(line + "\n" for line in lines).encode())


def covered(prefix):
    """What a seal says of the part of the log that it covers."""
    last = prefix[prefix.rfind(b"\n", 0, max(len(prefix) - 1, 0)) + 1:]
    return {"records": prefix.count(b"\n"), "bytes": len(prefix), "head-sha256": sha256(last),
            "log-sha256": sha256(prefix), "log-sha512": hashlib.sha512(prefix).hexdigest()}


# --- 3. Roster, binding, statements, whose signature counts: sections 5 and 7


def read_toml(data, what, version):
    try:
        value = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as problem:
        raise Bad(f"{what}: {problem}") from None
    found = value.get("format")
    if found != version and isinstance(found, str) and found.startswith(version[:-1]):
        raise Unknown(f"{what} has the format {found}")
    demand(found == version, f"{what} has the format {found}")
    return value


def members(value, what, **fields):
    """Reads a table of TOML, whose order is free; a trailing underscore marks a member that may be left out."""
    demand(isinstance(value, dict), f"{what} is no table")
    known = {field.rstrip("_").replace("__", "-"): (field.endswith("_"), read) for field, read in fields.items()}
    demand(set(value) <= set(known), f"{what} has unknown members {sorted(set(value) - set(known))}")
    for field, (optional, read) in known.items():
        demand(optional or field in value, f"{what} lacks {field}")
        if field in value:
            try:
                read(value[field])
            except Bad as problem:
                raise Bad(f"{what}: {field}: {problem}") from None


class Roster:
    def __init__(self, data, mode):
        value = read_toml(data, "the roster", form("roster", mode))
        members(value, "the roster", format=text, authority=name, environment=environment, person=many(lambda one: None),
                thresholds=lambda one: members(one, "thresholds", approve=small, unlock=small, close=small,
                                               recovery_=small))
        for person in value["person"]:
            members(person, "a person", name=name, roles=many(role), algorithm=word(*ALGORITHMS), public__key=base64_text,
                    key__storage_=word("hardware", "file"), shares_=many(share_set), deputy__for_=name)
        self.sha256, self.authority, self.environment = sha256(data), value["authority"], value["environment"]
        self.thresholds = value["thresholds"]
        self.people = {person["name"]: person for person in value["person"]}
        everybody = value["person"]
        demand(len(self.people) == len(everybody), "a name stands twice on the roster")
        demand(len({person["public-key"] for person in everybody}) == len(everybody), "a key stands twice on the roster")
        for person in everybody:
            person["spki"] = base64.b64decode(person["public-key"])
            person.setdefault("shares", [])
            roles = person["roles"]
            demand(roles and len(set(roles)) == len(roles), f"{person['name']} has no role, or one twice")
            demand(not person["shares"] or "officer" in roles, f"{person['name']} holds a share and is no officer")
            principal = person.get("deputy-for")
            if principal is not None:
                other = self.people.get(principal)
                demand(other and other is not person and "officer" in other["roles"] and "deputy-for" not in other
                       and "officer" in roles and "witness" not in roles, f"{person['name']} cannot be a deputy so")
        officers = [person for person in everybody if "officer" in person["roles"] and "deputy-for" not in person]
        for act in ("approve", "close"):
            demand(1 <= self.thresholds[act] <= len(officers), f"the threshold {act} cannot be met")
        for one in ("operate", "recovery"):
            holders, needed = len(self.holders(one)), self.threshold(one)
            if holders or one == "operate" or "recovery" in self.thresholds:
                demand(2 <= needed <= holders <= 16, f"the threshold of the set {one} cannot be met")
        demand(any("witness" in person["roles"] for person in everybody), "the roster has no witness")

    def holders(self, share_set):
        return [person["name"] for person in self.people.values() if share_set in person["shares"]]

    def threshold(self, share_set):
        return self.thresholds.get("recovery" if share_set == "recovery" else "unlock", self.thresholds["unlock"])

    def has(self, person, role):
        return person in self.people and role in self.people[person]["roles"]

    def counts_as(self, person):
        return self.people.get(person, {}).get("deputy-for", person)

    def enough_officers(self, needed, officers, witnesses=()):
        taken = {self.counts_as(witness) for witness in witnesses}
        found = len({self.counts_as(officer) for officer in officers} - taken)
        if found < needed:
            raise TooFew(f"{found} officers signed, {needed} are needed")

    def rules_broken(self):
        """Rules of production that this roster breaks; None for the one that nobody may waive."""
        for person in self.people.values():
            roles = set(person["roles"])
            for rule, both in (("operator-is-officer", {"operator", "officer"}), ("witness-is-operator", {"witness", "operator"}),
                               ("witness-is-officer", {"witness", "officer"})):
                if both <= roles:
                    yield rule, f"{person['name']} is {' and '.join(sorted(both))}"
            if "officer" in roles and person.get("key-storage", "file") == "file":
                yield "officer-key-in-file", f"{person['name']} keeps the key in a file"
            if len(set(person["shares"])) < len(person["shares"]):
                yield None, f"{person['name']} holds two shares of one set"
        for one in ("operate", "recovery"):
            if 0 < len(self.holders(one)) < self.threshold(one) + 2:
                yield "few-spare-shares", f"the set {one} has too few holders to spare"


class Binding:
    VARIABLES = {"CHRYSTOKI_CONF_PATH", "CKNFAST_LOADSHARING", "CS_PKCS11_R3_CFG", "KRYOPTIC_CONF", "NFAST_HOME", "PRIMUS_HOME",
                 "SOFTHSM2_CONF", "TPM2_PKCS11_STORE", "YUBIHSM_PKCS11_CONF"}

    def __init__(self, data, mode):
        value = read_toml(data, "the binding", form("binding", mode))
        members(value, "the binding", format=text, mirror_=pattern("/.*", "absolute path"), variables_=lambda one: members(one, "variables", **{
                    variable + "_": text for variable in self.VARIABLES}), token=many(lambda one: None),
                module=lambda one: members(one, "module", path=pattern("/.*", "absolute path"), sha256=digest))
        self.sha256, self.module_sha256, self.mirror, self.tokens = sha256(data), value["module"]["sha256"], value.get("mirror"), {}
        for token in value["token"]:
            members(token, "a token", name=name, profile=name, serial_=pattern("[!-~]{1,16}", "serial number"), blank_=word_true)
            demand(("serial" in token) != ("blank" in token), "a token has a serial number, or is blank")
            demand(token["name"] not in self.tokens, f"{token['name']} stands twice in the binding")
            self.tokens[token["name"]] = f"serial={token['serial']}" if "serial" in token else "blank"
        demand(self.tokens, "the binding names no token")
        demand(len(set(self.tokens.values())) == len(self.tokens), "one token stands twice in the binding")


def word_true(value):
    demand(value is True, "blank can only be true")


@functools.lru_cache(8)
def read_roster(data, mode):
    return Roster(data, mode)


@functools.lru_cache(8)
def read_binding(data, mode):
    return Binding(data, mode)


@functools.lru_cache(8)
def read_plan(data):
    return read_json(data, PLAN)


MEANINGS = {
    "approval": "I have read this plan and approve that it is run once, as described above.",
    "authorise": "I authorise one signature over each TBS listed above and no other.",
    "close": "I was present and the records up to this point describe what I saw.",
    "resume": "I have read the records up to this point and agree that the ceremony goes on.",
    "abort": "The ceremony ended early and the records up to this point describe what I know.",
}
OUTCOMES = {"authorise": "in-progress", "resume": "in-progress", "close": "complete", "abort": "aborted"}
decimal = pattern("0|[1-9][0-9]*", "number")
sha512 = pattern("[0-9a-f]{128}", "SHA-512")


def two_instants(value):
    demand(value.count(" ") == 1, "two instants are missing")
    for one in value.split(" "):
        instant(one)


STATEMENTS = {
    "approval": {
        "plan-sha256": digest, "authority": name, "environment": environment, "mode": mode, "ordinal": decimal,
        "previous-head-sha256": digest, "roster-sha256": digest, "binding-sha256": digest,
        "token*": pattern(NAME.pattern + " (?:blank|serial=.*)", "token"), "window": two_instants},
    "seal": {
        "seal": word(*OUTCOMES), "ceremony": digest, "mode": mode, "outcome": word("in-progress", "complete", "aborted"),
        "records": decimal, "bytes": decimal, "head-sha256": digest, "log-sha256": digest, "log-sha512": sha512,
        "plan-sha256": digest, "roster-sha256": digest,
        "tbs*": pattern("[1-9][0-9]* (?:certificate|crl) [0-9a-f]{64} .*", "TBS"),
        "key*": pattern("(?:0|[1-9][0-9]*) (?:adopt|destroy)", "key")},
}


@functools.lru_cache(256)
def read_statement(data):
    """The lines of a statement by their keys; `token`, `tbs` and `key` are lists."""
    demand(re.fullmatch(rb"(?:[ -~]*\n)+", data), "a statement is lines of printable ASCII")
    lines = data.decode().splitlines()
    forms = {form(what, mode): (what, mode) for what in STATEMENTS for mode in ("ceremony", "rehearsal")}
    demand(lines[0] in forms, "the first line is of no statement")
    what, mode = forms[lines[0]]
    said, rest = {}, iter(lines[1:])
    line = next(rest, None)
    last = {"signer": name, "role": role, "signer-spki-sha256": digest, "alg": word(*ALGORITHMS), "time": instant}
    for key, read in {**STATEMENTS[what], **last}.items():
        repeated, key = key.endswith("*"), key.rstrip("*")
        values = []
        while line is not None and line.startswith(key + ": ") and (repeated or not values):
            read(line[len(key) + 2:])
            values.append(line[len(key) + 2:])
            line = next(rest, None)
        demand(values or repeated, f"the line {key} is missing")
        said[key] = values if repeated else values[0]
    demand(said["mode"] == mode, f"the first line is of a {mode}, the line mode says {said['mode']}")
    said["kind"] = said.get("seal", "approval")
    demand(line == "meaning: " + MEANINGS[said["kind"]] and next(rest, None) is None, "the last line is not the statement's meaning")
    for number, tbs in enumerate(said.get("tbs", []), 1):
        demand(tbs.startswith(f"{number} "), "the TBS are not numbered from 1")
    keys = [int(key.split(" ")[0]) for key in said.get("key", [])]
    demand(keys == sorted(set(keys)), "the keys are not in ascending order")
    tokens = [token.split(" ")[0] for token in said.get("token", [])]
    demand(len(set(tokens)) == len(tokens), "a token stands twice")
    return said


def verify_pss(key, message, signature):
    demand(len(signature) * 8 == key.key_size, "the signature has another length than the modulus")
    key.verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def verify_ecdsa(key, message, signature, hash):
    try:
        demand(utils.encode_dss_signature(*utils.decode_dss_signature(signature)) == signature, "no DER of two numbers")
    except ValueError:
        raise Bad("no DER of two numbers") from None
    key.verify(signature, message, ec.ECDSA(hash))


def verify_ed25519(key, message, signature):
    demand(len(signature) == 64 and not of_small_order(signature[:32]), "no strict signature")
    key.verify(signature, message)


# What a person signs with: the curve or kind of the key, and how a signature is verified.
ALGORITHMS = {
    "ecdsa-p256-sha256": ("P-256", lambda *given: verify_ecdsa(*given, hashes.SHA256())),
    "ecdsa-p384-sha384": ("P-384", lambda *given: verify_ecdsa(*given, hashes.SHA384())),
    "rsa-pss-sha256": ("RSA", verify_pss),
    "ed25519": ("Ed25519", verify_ed25519),
}


@functools.lru_cache(1024)
def statement_key(algorithm, spki):
    """A key that may stand on a roster, in its one encoding."""
    kind, key = read_key(spki)
    demand(kind == ALGORITHMS[algorithm][0], f"the key on the roster is no key for {algorithm}")
    if kind == "RSA":
        demand(key.key_size >= 3072, "the RSA key on the roster is too short")
    return key


@functools.lru_cache(4096)
def signature_holds(algorithm, spki, message, signature):
    try:
        ALGORITHMS[algorithm][1](statement_key(algorithm, spki), message, signature)
    except InvalidSignature:
        raise Bad("its signature does not verify") from None


def check_signature(roster, statement, signature):
    """Signer and lines of a statement that somebody of the roster signed in a role, with the key that they have there."""
    said = read_statement(statement)
    person = roster.people.get(said["signer"])
    demand(person, f"{said['signer']} is not on the roster")
    demand(said["role"] in person["roles"], f"{said['signer']} is no {said['role']}")
    demand(said["signer-spki-sha256"] == sha256(person["spki"]), f"{said['signer']} has another key on the roster")
    demand(said["alg"] == person["algorithm"], f"{said['signer']} has another algorithm on the roster")
    try:
        signature_holds(person["algorithm"], person["spki"], statement, signature)
    except Bad as problem:
        raise Bad(f"{said['signer']}: {problem}") from None
    return said


def check_seal(roster, expected, statement, signature):
    """A seal that says what the record does."""
    said = check_signature(roster, statement, signature)
    demand(said["kind"] == expected["seal"], f"{said['signer']} signed another kind of statement")
    for key, value in expected.items():
        demand(said[key] == value, f"the seal of {said['signer']} has another {key}: {said[key]}, expected {value}")
    demand(said["roster-sha256"] == roster.sha256, f"the seal of {said['signer']} is of another roster")
    counts = said["role"] == "officer" or said["role"] == "witness" and said["kind"] == "close"
    demand(counts, f"{said['signer']} seals as {said['role']}, which does not count")
    return said


def seal_quorum(roster, expected, pairs):
    said = [check_seal(roster, expected, *pair) for pair in pairs]
    signers = [one["signer"] for one in said]
    demand(len(set(signers)) == len(signers), "somebody sealed twice")
    needed = {"close": roster.thresholds["close"], "abort": 1}.get(expected["seal"], roster.thresholds["approve"])
    of = {role: [one["signer"] for one in said if one["role"] == role] for role in ("officer", "witness")}
    roster.enough_officers(needed, of["officer"], of["witness"])
    if expected["seal"] == "close" and not of["witness"]:
        raise TooFew("no witness signed")
    return said


# --- 4. DER, keys, certificates, CRLs, requests, and their rules: section 8.2

SEQUENCE, SET, INTEGER, BOOLEAN, BITS, OCTETS, OID, ENUMERATED = 0x30, 0x31, 2, 1, 3, 4, 6, 10
UTF8, PRINTABLE, IA5, UTC, GENERALIZED = 12, 19, 22, 23, 24


class Element:
    """One element of DER: its tag, its content, its bytes."""

    __slots__ = ("tag", "content", "raw")

    def __init__(self, tag, content, raw):
        self.tag, self.content, self.raw = tag, content, raw

    def children(self):
        found, rest = [], self.content
        while rest:
            element, rest = first_element(rest)
            found.append(element)
        return found


def first_element(data):
    demand(len(data) >= 2 and data[0] & 0x1F != 0x1F, "no DER")
    length, at = data[1], 2
    if length >= 0x80:
        octets = length & 0x7F
        demand(1 <= octets <= 4 and len(data) >= 2 + octets, "no DER")
        length, at = int.from_bytes(data[2:2 + octets], "big"), 2 + octets
        demand(length >= 0x80 and data[2] != 0, "a length is not in its one form")
    demand(len(data) >= at + length, "an element is cut short")
    return Element(data[0], data[at:at + length], data[:at + length]), data[at + length:]


def element(data, tag=None):
    found, rest = first_element(data)
    demand(not rest and tag in (None, found.tag), "no single element of the right type")
    return found


class Parts:
    """Reads the parts of a SEQUENCE in order."""

    def __init__(self, sequence, tag=SEQUENCE):
        demand(sequence.tag == tag, "an element is not of the right type")
        self.rest = sequence.children()

    def take(self, *tags):
        demand(self.rest and (not tags or self.rest[0].tag in tags), "an element is missing or of another type")
        return self.rest.pop(0)

    def maybe(self, *tags):
        return self.rest.pop(0) if self.rest and self.rest[0].tag in tags else None

    def end(self):
        demand(not self.rest, "there are elements too many")


def der_integer(found):
    content = found.content
    demand(found.tag == INTEGER and content, "no INTEGER")
    demand(len(content) == 1 or not (content[0] == 0 and content[1] < 0x80 or content[0] == 0xFF and content[1] >= 0x80),
           "an INTEGER is not in its one form")
    return int.from_bytes(content, "big", signed=True)


def der_serial(found):
    demand(0 < der_integer(found) and len(found.content) <= 20, "a serial number is positive, of 20 octets at most")
    return found.content.hex()


def der_bits(found):
    demand(found.tag == BITS and found.content and found.content[0] == 0, "a BIT STRING is not of whole octets")
    return found.content[1:]


def der_oid(found):
    demand(found.tag == OID and found.content and found.content[-1] < 0x80, "no OBJECT IDENTIFIER")
    arcs, value, start = [], 0, True
    for octet in found.content:
        demand(not (start and octet == 0x80), "an OBJECT IDENTIFIER is not in its one form")
        value, start = value << 7 | octet & 0x7F, octet < 0x80
        if start:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))


def der_time(found):
    """Unix time, and whether it has the form that RFC 5280 wants."""
    try:
        written = found.content.decode("ascii")
        demand(re.fullmatch("[0-9]{12}Z" if found.tag == UTC else "[0-9]{14}Z", written), "no time")
        if found.tag == UTC:
            written = ("19" if written[0] >= "5" else "20") + written
        when = datetime(*(int(part) for part in re.findall("^[0-9]{4}|[0-9]{2}", written)), tzinfo=timezone.utc)
    except ValueError:
        raise Bad("no time") from None
    demand(found.tag in (UTC, GENERALIZED) and when.year >= 1970, "no time")
    return int(when.timestamp()), (found.tag == GENERALIZED) == (when.year >= 2050)


KEY_ALGORITHMS = {bytes.fromhex(der): kind for der, kind in {
    "301306072a8648ce3d020106082a8648ce3d030107": "P-256", "301006072a8648ce3d020106052b81040022": "P-384",
    "301006072a8648ce3d020106052b81040023": "P-521", "300d06092a864886f70d0101010500": "RSA", "300506032b6570": "Ed25519"}.items()}
SIGNATURE_ALGORITHMS = {bytes.fromhex(der): known for der, known in {
    "300a06082a8648ce3d040302": ("ecdsa-with-SHA256", hashes.SHA256, ("P-256",)),
    "300a06082a8648ce3d040303": ("ecdsa-with-SHA384", hashes.SHA384, ("P-384",)),
    "300a06082a8648ce3d040304": ("ecdsa-with-SHA512", hashes.SHA512, ("P-521",)),
    "300d06092a864886f70d01010b0500": ("sha256WithRSAEncryption", hashes.SHA256, ("RSA",)),
    "300d06092a864886f70d01010c0500": ("sha384WithRSAEncryption", hashes.SHA384, ("RSA",)),
    "300d06092a864886f70d01010d0500": ("sha512WithRSAEncryption", hashes.SHA512, ("RSA",)),
    "300506032b6570": ("Ed25519", None, ("Ed25519",))}.items()}


def of_small_order(point):
    """Whether an encoded point of edwards25519 has an order that divides 8, or is none (RFC 8032 section 5.1.3)."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    y, sign = int.from_bytes(point, "little") & (2**255 - 1), point[31] >> 7
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    x = pow(square, (p + 3) // 8, p)
    if x * x % p != square:
        x = x * pow(2, (p - 1) // 4, p) % p
    if x * x % p != square:
        return True
    if x % 2 != sign:
        x = -x % p
    for _ in range(3):  # Doubling three times is a multiplication by 8.
        product = d * x * x * y * y
        x, y = 2 * x * y * pow(1 + product, -1, p) % p, (y * y + x * x) * pow(1 - product, -1, p) % p
    return (x, y) == (0, 1)


PUBLISHED = set("""8fb6bad671cfe698393c453357da61b56d757ab8c0f3fb9c87f2849e63131878
96465ea5dc9bb2da7b351d808a7196e5761f2412a5040131c68d719aaba28fb9
b2b04340cfaee616ec9c2c62d261b208e54bb197498df52e8cadede23ac0ba5e
c4c10105a0be0ed4dd3354428dc38a9bfee64da141ce16e75c94eda272f9dd3a
acb1b8327fef995e2458fdf5e3c33b2dc0749feabd6a894cb9bda9d70ac06c24
55f96361b78cbb84f1fc604b0718e82bd91abb46d8fc25ae871b35fbbf8b7974
34571606cb7a0d71be377e671ddcccae2a169ed7733598214129231cd30c4a3c
5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4
2f95601fa82060b909bfc6b979dbd303d34d34e0afb27ea496beac362f242a4b
06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9
deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170
8d39ba50abe50f77b6bb8ae7b6927aff7ffbeba35ad2837c0e51e82bcbcc60d5""".split())  # SHA-256 of keys that a standard prints with their private half.


def refuse_weak_modulus(modulus):
    """An RSA modulus that others can factor (section 5)."""
    demand(all(modulus % divisor for divisor in range(2, 752)), "an RSA modulus has a small divisor")
    primes = [prime for prime in range(3, 168) if all(prime % divisor for divisor in range(2, prime))]
    demand(not all(modulus % prime in {pow(65537, power, prime) for power in range(prime)} for prime in primes),
           "an RSA modulus has the mark of CVE-2017-15361")
    root = math.isqrt(modulus)
    demand(not any(math.isqrt(rest) ** 2 == rest for rest in ((root + step) ** 2 - modulus for step in range(1, 101))),
           "the primes of an RSA modulus are close together")


@functools.lru_cache(1024)
def read_key(spki):
    """Kind and key of a DER SubjectPublicKeyInfo that is sound and in its one encoding."""
    parts = Parts(element(spki, SEQUENCE))
    algorithm, bits = parts.take(SEQUENCE).raw, der_bits(parts.take(BITS))
    parts.end()
    kind = KEY_ALGORITHMS.get(algorithm)
    demand(kind, "a key of a kind that is not known")
    demand(sha256(spki) not in PUBLISHED, "a key whose private half is printed in a standard")
    try:
        key = load_der_public_key(spki)
        demand(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == spki, "a key is not in its one encoding")
    except (ValueError, UnsupportedAlgorithm, TypeError) as problem:
        raise Bad(f"a key is not sound: {problem}") from None
    if kind == "RSA":
        modulus, exponent = key.public_numbers().n, key.public_numbers().e
        demand(2048 <= key.key_size <= 8192 and key.key_size % 8 == 0, "an RSA key is too short or too long")
        refuse_weak_modulus(modulus)
        demand(exponent % 2 == 1 and 65537 <= exponent < 2**33, "an RSA exponent is too small, too large or even")
    if kind == "Ed25519":
        demand(int.from_bytes(bits, "little") & (2**255 - 1) < 2**255 - 19 and not of_small_order(bits), "a weak Ed25519 key")
    return kind, key


def key_identifier(spki):
    return hashlib.sha256(der_bits(element(spki, SEQUENCE).children()[1])).digest()[:20]


def describe_key(spki):
    kind, key = read_key(spki)
    return f"RSA {key.key_size}" if kind == "RSA" else kind if kind == "Ed25519" else "ECDSA " + kind


@functools.lru_cache(4096)
def verifies(spki, algorithm, message, signature):
    """Whether a signature of a certificate, CRL or request holds."""
    kind, key = read_key(spki)
    named, hash, _ = SIGNATURE_ALGORITHMS[algorithm]
    if named.startswith("ecdsa") != (kind in ("P-256", "P-384", "P-521")) or named.endswith("Encryption") != (kind == "RSA"):
        return False
    try:
        if kind == "RSA":
            key.verify(signature, message, padding.PKCS1v15(), hash())
        elif kind == "Ed25519":
            verify_ed25519(key, message, signature)
        else:
            verify_ecdsa(key, message, signature, hash())
        return True
    except (InvalidSignature, Bad):
        return False


def signature_algorithm(found):
    demand(found.raw in SIGNATURE_ALGORITHMS, "a signature algorithm that is not on the list")
    return found.raw


def read_extensions(found):
    """(critical, value) by identifier."""
    extensions = {}
    for one in Parts(found).rest:
        parts = Parts(one)
        identifier, critical = der_oid(parts.take(OID)), parts.maybe(BOOLEAN)
        demand(critical is None or critical.content == b"\xff", "a BOOLEAN is not in its one form")
        demand(identifier not in extensions, f"the extension {identifier} is there twice")
        extensions[identifier] = (critical is not None, parts.take(OCTETS).content)
        parts.end()
    return extensions


BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.19", "2.5.29.15", "2.5.29.14", "2.5.29.35"
CRL_NUMBER, REASON_CODE, ISSUING_POINT = "2.5.29.20", "2.5.29.21", "2.5.29.28"


EVERY_CA, SUBJECT_ALTERNATIVE_NAME = {BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY}, "2.5.29.17"
OPTIONAL = {"2.5.29.37", "2.5.29.30", "2.5.29.32", "2.5.29.31", "1.3.6.1.5.5.7.1.1", SUBJECT_ALTERNATIVE_NAME}


def to_der(tag, *contents):
    content = b"".join(contents)
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if len(content) < 0x80 else bytes([0x80 | len(length)]) + length) + content


def oid_to_der(dotted):
    first, second, *rest = map(int, dotted.split("."))
    octets_of = lambda arc: bytes(0x80 * (shift > 0) | arc >> shift & 0x7F for shift in range((max(arc.bit_length(), 1) - 1) // 7 * 7, -1, -7))
    return to_der(OID, *map(octets_of, [40 * first + second, *rest]))


def planned_extensions(planned):
    """What section 7.1 adds to the extensions of every CA certificate: (identifier, critical, value) in order."""
    found, uri = [], lambda text: to_der(0x86, text.encode())
    if planned["extended_key_usage"]:
        purposes = [oid_to_der(f"1.3.6.1.5.5.7.3.{PURPOSES[purpose]}") for purpose in planned["extended_key_usage"]]
        found.append(("2.5.29.37", False, to_der(SEQUENCE, *purposes)))
    if constraints := planned["name_constraints"]:
        lists = []
        for tag, member in ((0xA0, "permitted"), (0xA1, "excluded")):
            given = constraints[member]
            ranges = [ipaddress.ip_network(text) for text in given["ip"]]
            bases = [to_der(0x82, text.encode()) for text in given["dns"]]
            bases += [to_der(0x87, one.network_address.packed, one.netmask.packed) for one in ranges]
            bases += [uri(text) for text in given["uri"]] + [to_der(0xA4, bytes.fromhex(one["der"])) for one in given["directory"]]
            lists += [to_der(tag, *(to_der(SEQUENCE, base) for base in bases))] if bases else []
        found.append(("2.5.29.30", constraints["critical"], to_der(SEQUENCE, *lists)))
    if planned["policies"]:
        policies = [to_der(SEQUENCE, oid_to_der(dotted)) for dotted in planned["policies"]]
        found.append(("2.5.29.32", False, to_der(SEQUENCE, *policies)))
    if planned["crl_distribution_points"]:
        names = to_der(0xA0, *map(uri, planned["crl_distribution_points"]))
        found.append(("2.5.29.31", False, to_der(SEQUENCE, to_der(SEQUENCE, to_der(0xA0, names)))))
    if planned["authority_information_access"]:
        places = [to_der(SEQUENCE, oid_to_der("1.3.6.1.5.5.7.48.2"), uri(text)) for text in planned["authority_information_access"]]
        found.append(("1.3.6.1.5.5.7.1.1", False, to_der(SEQUENCE, *places)))
    if planned["spiffe_id"]:
        found.append((SUBJECT_ALTERNATIVE_NAME, False, to_der(SEQUENCE, uri(planned["spiffe_id"]))))
    return found


def read_authority_key(extensions):
    if AUTHORITY_KEY not in extensions:
        return None
    parts = Parts(element(extensions[AUTHORITY_KEY][1], SEQUENCE))
    found = parts.maybe(0x80)
    demand(found is None or len(found.content) == 20, "a key identifier has 20 octets")
    return (found.content if found else None), not parts.rest


ATTRIBUTE_TYPES = {  # In their usual order: what RFC 4514 calls them, and how many characters they may have.
    "0.9.2342.19200300.100.1.25": ("DC", 63), "2.5.4.6": ("C", 2), "2.5.4.8": ("ST", 128), "2.5.4.7": ("L", 128),
    "2.5.4.17": ("POSTALCODE", 40), "2.5.4.9": ("STREET", 128), "2.5.4.10": ("O", 64), "2.5.4.11": ("OU", 64),
    "2.5.4.5": ("SERIALNUMBER", 64), "2.5.4.3": ("CN", 64)}
PRINTABLE_STRING = re.compile("[A-Za-z0-9 '()+,./:=?-]*")


@functools.lru_cache(256)
def read_name(der):
    """Attributes of a Name: lists of (identifier, tag, text or None, bytes)."""
    names = []
    for relative in Parts(element(der, SEQUENCE)).rest:
        attributes = Parts(relative, SET).rest
        raw = [attribute.raw for attribute in attributes]
        demand(raw and raw == sorted(raw) and len(set(raw)) == len(raw), "a SET is empty or not in order")
        names.append([])
        for attribute in attributes:
            parts = Parts(attribute)
            identifier, value, written = der_oid(parts.take(OID)), parts.take(), None
            parts.end()
            try:
                written = value.content.decode("utf-8" if value.tag == UTF8 else "ascii")
            except UnicodeDecodeError:
                pass
            if value.tag not in (UTF8, PRINTABLE, IA5) or value.tag == PRINTABLE and not PRINTABLE_STRING.fullmatch(written or "*"):
                written = None
            names[-1].append((identifier, value.tag, written, value.raw))
    return names


def show_name(der):
    def show(identifier, written, raw):
        label = ATTRIBUTE_TYPES.get(identifier, (identifier,))[0]
        if written is None:
            return f"{label}=#{raw.hex()}"
        shown = ""
        for place, c in enumerate(written):
            edge = c == " " and place in (0, len(written) - 1) or c == "#" and place == 0
            if edge or c in '"+,;<>=\\':
                shown += "\\" + c
            else:
                shown += c if " " <= c <= "~" else "".join(f"\\{octet:02X}" for octet in c.encode())
        return f"{label}={shown}"
    relative = ["+".join(show(identifier, written, raw) for identifier, _, written, raw in one) for one in read_name(der)]
    return ", ".join(relative) or "(empty)"


class Tbs:
    """A TBSCertificate or TBSCertList: `kind`, and what it says."""

    def __init__(self, der):
        self.der = der
        parts = Parts(element(der, SEQUENCE))
        certificate = parts.maybe(0xA0)
        self.kind = "certificate" if certificate else "crl"
        if certificate:
            demand(der_integer(element(certificate.content)) == 2, "the version is not v3")
            self.read_certificate(parts)
        else:
            demand(der_integer(parts.take(INTEGER)) == 1, "the version is not v2")
            self.read_crl(parts)
        parts.end()

    def read_certificate(self, parts):
        self.serial, self.algorithm = der_serial(parts.take(INTEGER)), signature_algorithm(parts.take(SEQUENCE))
        self.issuer = parts.take(SEQUENCE).raw
        validity = Parts(parts.take(SEQUENCE))
        (self.start, first), (self.end, second) = der_time(validity.take(UTC, GENERALIZED)), der_time(validity.take(UTC, GENERALIZED))
        validity.end()
        self.right_times = first and second
        self.subject, self.spki = parts.take(SEQUENCE).raw, parts.take(SEQUENCE).raw
        read_name(self.issuer), read_name(self.subject), read_key(self.spki)
        self.unique_identifier = bool(parts.maybe(0x81)) | bool(parts.maybe(0x82))
        extensions = parts.maybe(0xA3)
        self.extensions = read_extensions(element(extensions.content)) if extensions else {}
        self.is_ca, self.path_length, self.usage, self.subject_key = False, None, None, None
        if BASIC_CONSTRAINTS in self.extensions:
            constraints = Parts(element(self.extensions[BASIC_CONSTRAINTS][1], SEQUENCE))
            ca, length = constraints.maybe(BOOLEAN), constraints.maybe(INTEGER)
            constraints.end()
            demand(ca is None or ca.content == b"\xff", "a BOOLEAN is not in its one form")
            self.is_ca, self.path_length = ca is not None, der_integer(length) if length else None
            demand(self.path_length is None or 0 <= self.path_length <= 255, "no path length")
        if KEY_USAGE in self.extensions:
            self.usage = element(self.extensions[KEY_USAGE][1], BITS).content
            unused = self.usage[0] if len(self.usage) > 1 else 8
            demand(unused < 8 and self.usage[-1] & (1 << unused) and not self.usage[-1] & ((1 << unused) - 1),
                   "keyUsage is not in its one form")
        if SUBJECT_KEY in self.extensions:
            self.subject_key = element(self.extensions[SUBJECT_KEY][1], OCTETS).content
            demand(len(self.subject_key) == 20, "a key identifier has 20 octets")
        self.authority_key = read_authority_key(self.extensions)

    def may_sign(self, certificates):
        """keyCertSign is bit 5 and cRLSign bit 6 of keyUsage."""
        return self.is_ca and bool(self.usage and len(self.usage) > 1 and self.usage[1] & (0x04 if certificates else 0x02))

    def read_crl(self, parts):
        self.algorithm, self.issuer = signature_algorithm(parts.take(SEQUENCE)), parts.take(SEQUENCE).raw
        read_name(self.issuer)
        (self.this_update, first), (self.next_update, second) = der_time(parts.take(UTC, GENERALIZED)), der_time(parts.take(UTC, GENERALIZED))
        self.right_times, self.entries, self.reasons_critical, self.strange = first and second, [], False, False
        revoked, extensions = parts.maybe(SEQUENCE), parts.maybe(0xA0)
        seen = set()
        self.empty_list = revoked is not None and not revoked.content
        for one in Parts(revoked).rest if revoked else []:
            entry = Parts(one)
            number, (date, right) = der_serial(entry.take(INTEGER)), der_time(entry.take(UTC, GENERALIZED))
            of_entry = read_extensions(entry.take(SEQUENCE))
            entry.end()
            demand(REASON_CODE in of_entry, f"the entry {number} has no reasonCode")
            critical, value = of_entry.pop(REASON_CODE)
            reason = element(value, ENUMERATED).content
            known = [name for name, code in REASONS.items() if bytes([code]) == reason]
            demand(known and number not in seen, f"the entry {number} is there twice or has no reason")
            seen.add(number)
            self.entries.append((number, date, known[0]))
            self.right_times, self.reasons_critical, self.strange = self.right_times and right, self.reasons_critical or critical, self.strange or of_entry
        self.extensions = read_extensions(element(extensions.content)) if extensions else {}
        demand(CRL_NUMBER in self.extensions and AUTHORITY_KEY in self.extensions, "cRLNumber or authorityKeyIdentifier is missing")
        self.number = der_integer(element(self.extensions[CRL_NUMBER][1]))
        demand(0 <= self.number < 2**64, "cRLNumber does not fit")
        self.authority_key = read_authority_key(self.extensions)
        demand(self.authority_key[0], "authorityKeyIdentifier names no key")
        self.uris = issuing_places(self.extensions)


def issuing_places(extensions):
    """The URIs of issuingDistributionPoint: SEQUENCE { [0] { fullName [0] { uri [6] ... } } } and nothing else."""
    if ISSUING_POINT not in extensions:
        return []
    names = element(element(element(extensions[ISSUING_POINT][1], SEQUENCE).content, 0xA0).content, 0xA0)
    demand(names.content, "issuingDistributionPoint names nothing")
    return [element(one.raw, 0x86).content.decode("ascii") for one in names.children()]


@functools.lru_cache(256)
def read_tbs(der):
    return Tbs(der)


def at(time):
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def summary(kind, der):
    """The line of section 3.3."""
    tbs = read_tbs(der)
    demand(tbs.kind == kind, f"it is no {kind}")
    signed = f"signed with {SIGNATURE_ALGORITHMS[tbs.algorithm][0]}"
    if kind == "crl":
        serials = [number for number, _, _ in tbs.entries]
        shown = f" ({' '.join(serials[:4])}{f' and {len(serials) - 4} more' if len(serials) > 4 else ''})" if serials else ""
        return (f'CRL: issuer "{show_name(tbs.issuer)}", number {tbs.number}, this update {at(tbs.this_update)}, '
                f"next update {at(tbs.next_update)}, {len(serials)} revoked{shown}, {signed}")
    length = "unlimited" if tbs.path_length is None else tbs.path_length
    return (f'certificate: subject "{show_name(tbs.subject)}", issuer "{show_name(tbs.issuer)}", serial {tbs.serial}, '
            f"valid {at(tbs.start)} to {at(tbs.end)}, key {describe_key(tbs.spki)} {key_identifier(tbs.spki).hex()}, "
            f"{f'CA, path length {length}' if tbs.is_ca else 'not a CA'}, {signed}")


class ForeignList:
    """A TBSCertList of other software, v1 or v2: what is left out is None."""

    kind = "foreign"

    def __init__(self, der):
        self.der, parts = der, Parts(element(der, SEQUENCE))
        version = parts.maybe(INTEGER)
        demand(version is None or der_integer(version) == 1, "the version is neither v1 nor v2")
        self.algorithm, self.issuer = signature_algorithm(parts.take(SEQUENCE)), parts.take(SEQUENCE).raw
        read_name(self.issuer)
        self.this_update, self.next_update = (der_time(parts.take(UTC, GENERALIZED))[0] for _ in range(2))
        revoked, extensions = parts.maybe(SEQUENCE), parts.maybe(0xA0)
        parts.end()
        extensions = read_extensions(element(extensions.content)) if extensions else {}
        issuing_places(extensions)
        demand(all(identifier == ISSUING_POINT or not critical for identifier, (critical, _) in extensions.items()), "a critical extension")
        self.number = der_integer(element(extensions[CRL_NUMBER][1])) if CRL_NUMBER in extensions else None
        demand(self.number is None or 0 <= self.number < 2**64, "cRLNumber does not fit")
        self.entries = [self.entry(Parts(one)) for one in Parts(revoked).rest] if revoked else []
        demand(len({number for number, _, _ in self.entries}) == len(self.entries), "a serial number is revoked twice")

    @staticmethod
    def entry(parts):
        number, (date, _) = der_serial(parts.take(INTEGER)), der_time(parts.take(UTC, GENERALIZED))
        extensions = parts.maybe(SEQUENCE)
        parts.end()
        extensions = read_extensions(extensions) if extensions else {}
        demand(not any(critical for critical, _ in extensions.values()), f"the entry {number} has a critical extension")
        code = element(extensions[REASON_CODE][1], ENUMERATED).content if REASON_CODE in extensions else b"\0"
        demand(len(code) == 1, "a reasonCode is not of one octet")
        return number, date, next((name for name, known in REASONS.items() if known == code[0]), None)


class Signed:
    """A certificate or CRL in its one PEM."""

    LABELS = {"certificate": "CERTIFICATE", "crl": "X509 CRL", "foreign": "X509 CRL"}

    def __init__(self, pem, kind):
        label = self.LABELS[kind]
        found = re.fullmatch(rf"-----BEGIN {label}-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END {label}-----\n".encode(), pem)
        demand(found, f"no PEM of one {label}")
        try:
            self.der = base64.b64decode(found[1].replace(b"\n", b""), validate=True)
        except ValueError:
            raise Bad("no base64") from None
        lines = base64.b64encode(self.der)
        lines = b"".join(lines[start:start + 64] + b"\n" for start in range(0, len(lines), 64))
        demand(lines == found[1], "the PEM is not in its one form")
        parts = Parts(element(self.der, SEQUENCE))
        self.tbs = (ForeignList if kind == "foreign" else read_tbs)(parts.take(SEQUENCE).raw)
        demand(self.tbs.kind == kind and parts.take(SEQUENCE).raw == self.tbs.algorithm, "inner and outer algorithm differ")
        self.signature = der_bits(parts.take(BITS))
        parts.end()


@functools.lru_cache(256)
def read_signed(pem, kind="certificate"):
    return Signed(pem, kind)


# extensionRequest (RFC 2985 5.4.2) and what Microsoft's tools use in its place.
EXTENSION_REQUESTS = ["1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"]
STRINGS = {0x0C, 0x13, 0x14, 0x15, 0x16, 0x1A, 0x1B, 0x81, 0x82, 0x86}  # and those of a GeneralName
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


def demand_visible(found):
    """No string, however deep, has a control character: software that takes NUL for the end would read another name."""
    if found.tag & 0x20:
        for child in found.children():
            demand_visible(child)
    pairs = [found.content[at:at + 2] for at in range(0, len(found.content), 2)] if found.tag == 0x1E else []
    hidden = found.tag in STRINGS and CONTROL.search(found.content) or any(
        len(pair) == 2 and pair[0] == 0 and CONTROL.match(pair[1:]) for pair in pairs)
    demand(not hidden, "a string has a control character")


def read_attributes(attributes):
    """Attributes of a request: a SET in order, none twice and none with two values; two extension requests conflict."""
    raw, kinds = [attribute.raw for attribute in attributes], set()
    demand(raw == sorted(raw), "a SET is not in order")
    for attribute in attributes:
        parts = Parts(attribute)
        kind, values = der_oid(parts.take(OID)), parts.take(0x31).children()
        parts.end()
        asks = kind in EXTENSION_REQUESTS
        kind = EXTENSION_REQUESTS[0] if asks else kind
        demand(len(values) == 1 and kind not in kinds, f"the attribute {kind} is there twice")
        kinds.add(kind)
        demand_visible(attribute)
        for identifier, (_, value) in read_extensions(values[0]).items() if asks else []:
            if identifier in ("2.5.29.17", "2.5.29.18"):  # Names, which a control character would cut short.
                demand_visible(element(value))


@functools.lru_cache(64)
def key_of_request(data):
    """The key of a PKCS#10 request, in DER or PEM, whose holder signed it."""
    der = data = data.removeprefix(b"\xef\xbb\xbf")
    if not (data[:1] == b"\x30" and len(data) > 1 and 0x81 <= data[1] <= 0x84):
        blocks = re.findall(rb"^[ \t]*-----BEGIN ([^\r\n]*?)-----[ \t]*$", data.replace(b"\r", b"\n"), re.M)
        demand(blocks in ([b"CERTIFICATE REQUEST"], [b"NEW CERTIFICATE REQUEST"]), "no PEM of one request")
        body = re.search(rb"-----BEGIN " + blocks[0] + rb"-----(.*?)-----END " + blocks[0] + rb"-----", data, re.S)
        demand(body, "the PEM has no end")
        try:
            der = base64.b64decode(re.sub(rb"[\r\n\t ]", b"", body[1]), validate=True)
        except ValueError:
            raise Bad("no base64") from None
    parts = Parts(element(der, SEQUENCE))
    information, algorithm, signature = parts.take(SEQUENCE), signature_algorithm(parts.take(SEQUENCE)), der_bits(parts.take(BITS))
    parts.end()
    parts = Parts(information)
    demand(der_integer(parts.take(INTEGER)) == 0, "the version is not v1")
    subject, spki, attributes = parts.take(SEQUENCE), parts.take(SEQUENCE).raw, parts.take(0xA0)
    parts.end()
    read_name(subject.raw), demand_visible(subject), read_attributes(attributes.children())
    demand(verifies(spki, algorithm, information.raw, signature), "no proof that the requester has the key")
    return spki


COUNTRIES = set("""AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI
GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB
LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ
OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD
TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW""".split())
DECEPTIVE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
                       "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")


def broken_name_rules(der, start):
    names = read_name(der)
    yield "N01", not names
    yield "N02", any(len(relative) > 1 for relative in names) and start >= seconds("2023-09-15T00:00:00Z")
    for identifier, tag, written, _ in (attribute for relative in names for attribute in relative):
        if identifier not in ATTRIBUTE_TYPES:
            continue
        label, most = ATTRIBUTE_TYPES[identifier]
        right = {"C": (PRINTABLE,), "SERIALNUMBER": (PRINTABLE,), "DC": (IA5,)}.get(label, (UTF8, PRINTABLE))
        fits = {"DC": "[A-Za-z0-9-]*", "SERIALNUMBER": PRINTABLE_STRING}.get(label, "(?s:.*)")
        yield "N05", written is None or tag not in right or not re.fullmatch(fits, written)
        written = written or ""
        yield "N06", len(written) > most
        yield "N07", not written.strip("-. ") or written.strip() != written or DECEPTIVE.search(written) or any(
            unicodedata.category(c) == "Cc" or c.isspace() and c != " " for c in written)
        yield "N08", label == "C" and written not in COUNTRIES


def subtrees(extensions, wanted):
    """(tag, content) of each subtree of nameConstraints that is permitted (0xA0) or excluded (0xA1)."""
    if "2.5.29.30" not in extensions:
        return []
    lists = element(extensions["2.5.29.30"][1], SEQUENCE).children()
    bases = [subtree.children()[0] for one in lists if one.tag == wanted for subtree in one.children()]
    return [(base.tag, base.content) for base in bases]


def lies_inside(outer, inner):
    """Whether a name, or everything under a subtree, lies under a subtree of the same form (RFC 5280 4.2.1.10)."""
    tag, outer, inner = outer[0], outer[1], inner[1]
    if tag == 0x82:
        return not outer or inner == outer or inner.endswith(b"." + outer)
    if tag == 0x86:
        return inner == outer or outer.startswith(b".") and inner.endswith(outer)
    if tag == 0x87:
        half = len(outer) // 2
        base, mask, address, own = outer[:half], outer[half:], inner[:half], inner[half:] or b"\xff" * half
        return len(own) == half and all(a & m == b and o & m == m for a, m, b, o in zip(address, mask, base, own))
    if tag == 0xA4:
        rdns, below = ([one.raw for one in element(name, SEQUENCE).children()] for name in (outer, inner))
        return below[: len(rdns)] == rdns
    return outer == inner


def broken_extension_rules(tbs, issuer, own):
    """Rules of section 8.2 on what a plan adds to the extensions of every CA certificate; `issuer` has a root's, too."""
    value = lambda found, identifier: element(found.extensions[identifier][1], SEQUENCE).children() if identifier in found.extensions else []
    purposes = [one.raw for one in value(tbs, "2.5.29.37")]
    policies = [one.children()[0].raw for one in value(tbs, "2.5.29.32")]
    access = [one.raw for one in value(tbs, "1.3.6.1.5.5.7.1.1")]
    for rule, listed in (("E01", purposes), ("E03", policies), ("D03", access)):
        yield rule, len(set(listed)) < len(listed)
    yield "E02", oid_to_der("1.3.6.1.5.5.7.3.9") in purposes
    names = [(one.tag, one.content) for one in value(tbs, SUBJECT_ALTERNATIVE_NAME)]
    yield "U03", any(tag == 0x86 and content.startswith(b"spiffe://") and b"/" in content[9:] for tag, content in names)
    if own:
        return
    points = lambda found: [name for point in value(found, "2.5.29.31") for name in point.children()[0].children()[0].children()]
    places = lambda found: {name.content for name in points(found) + [place.children()[1] for place in value(found, "1.3.6.1.5.5.7.1.1")]}
    yield "D05", bool(places(tbs) & places(issuer))
    same_form = lambda one, other: one[0] == other[0] and (one[0] != 0x87 or len(one[1]) in (len(other[1]), 2 * len(other[1])))
    permitted, excluded = subtrees(issuer.extensions, 0xA0), subtrees(issuer.extensions, 0xA1)
    permits = lambda name: not any(same_form(one, name) for one in permitted) or any(same_form(one, name) and lies_inside(one, name) for one in permitted)
    yield "M05", any(not permits(base) for base in subtrees(tbs.extensions, 0xA0))
    hosts = [(tag, content[9:].split(b"/")[0]) if tag == 0x86 else (tag, content) for tag, content in names]
    for name in [(0xA4, tbs.subject), *hosts]:
        yield "U06", not permits(name) or any(same_form(one, name) and lies_inside(one, name) for one in excluded)


def warnings(tbs, own):
    """Rules of section 8.2 that only warn, and that the object breaks."""
    if tbs.kind == "crl":
        yield "L03", tbs.next_update - tbs.this_update > 365 * 86400
        yield "L07", any(date > tbs.this_update for _, date, _ in tbs.entries)
        return
    value = lambda identifier: element(tbs.extensions[identifier][1], SEQUENCE).children() if identifier in tbs.extensions else []
    kinds, usual = [attribute[0] for relative in read_name(tbs.subject) for attribute in relative], list(ATTRIBUTE_TYPES)
    known = [usual.index(kind) for kind in kinds if kind in usual]
    ordered = [place for place in known if ATTRIBUTE_TYPES[usual[place]][0] != "SERIALNUMBER"]
    yield "N09", len(known) < len(kinds)
    if tbs.start >= seconds("2023-09-15T00:00:00Z"):
        yield "N03", ordered != sorted(ordered)
        yield "N04", any(known.count(place) > 1 and ATTRIBUTE_TYPES[usual[place]][0] not in ("DC", "STREET") for place in known)
        yield "R02", own and not 2922 * 86400 <= tbs.end - tbs.start + 1 <= 9132 * 86400
        yield "R03", own and tbs.path_length is not None
    yield "R04", own and not tbs.authority_key
    policies = [one.children() for one in value("2.5.29.32")]
    yield "E04", any(len(policy) > 1 or policy[0].raw == oid_to_der("2.5.29.32.0") and len(policies) > 1 for policy in policies)
    yield "D02", len(value("2.5.29.31")) > 1
    critical, permitted = "2.5.29.30" in tbs.extensions and tbs.extensions["2.5.29.30"][0], subtrees(tbs.extensions, 0xA0)
    forms = [tag for tag, _ in permitted + subtrees(tbs.extensions, 0xA1)]
    yield "M04", "2.5.29.30" in tbs.extensions and not critical
    yield "M06", critical and 0xA4 in forms
    yield "M07", 0x86 in forms
    yield "M08", not set(forms) <= {0x82, 0x86, 0x87, 0xA4}
    yield "U04", SUBJECT_ALTERNATIVE_NAME in tbs.extensions and tbs.extensions[SUBJECT_ALTERNATIVE_NAME][0]
    hosts = [content for tag, content in permitted if tag == 0x86]
    for one in value(SUBJECT_ALTERNATIVE_NAME):
        if one.tag == 0x86 and one.content.startswith(b"spiffe://"):
            domain = one.content[9:].split(b"/")[0]
            yield "U05", b"." not in domain or b"_" in domain
            yield "U07", hosts and domain not in hosts


def broken_rules(signed, issuer, profile, previous):
    """Rules of section 8.2 that a certificate or CRL breaks. `issuer` is its issuer's TBSCertificate, for a root its own."""
    tbs, own = signed.tbs, profile == "root"
    kind, _ = read_key(issuer.spki)
    yield "A03", kind not in SIGNATURE_ALGORITHMS[tbs.algorithm][2]
    yield "A05", not tbs.right_times
    found, expected = tbs.authority_key, tbs.subject_key if own else issuer.subject_key
    yield "A08", not own if not found else not found[0] or not found[1] or tbs.extensions[AUTHORITY_KEY][0]
    yield "A09", found and expected and found[0] != expected
    yield "S03", not verifies(issuer.spki, tbs.algorithm, tbs.der, signed.signature)
    if not own:
        yield "A04", tbs.issuer != issuer.subject
        yield "A10", not issuer.may_sign(tbs.kind == "certificate")
    if tbs.kind == "crl":
        yield "A07", not set(tbs.extensions) <= {AUTHORITY_KEY, CRL_NUMBER, ISSUING_POINT} or tbs.strange
        yield "L02", tbs.next_update <= tbs.this_update
        yield "L04", tbs.empty_list
        yield "L08", tbs.reasons_critical
        yield "L09", tbs.extensions[CRL_NUMBER][0]
        yield "L10", previous is not None and tbs.number <= previous
        yield "L11", bool(tbs.uris) and not tbs.extensions[ISSUING_POINT][0]
        yield "L12", any(not uri.startswith("http://") for uri in tbs.uris)
        return
    extensions = tbs.extensions
    yield "A07", not set(extensions) <= EVERY_CA | ({SUBJECT_ALTERNATIVE_NAME} if own else OPTIONAL)
    yield "C03", len(tbs.serial) < 16 and tbs.start >= seconds("2016-09-30T00:00:00Z")
    yield "C05", tbs.unique_identifier
    yield "C06", tbs.end <= tbs.start
    yield "C07", not tbs.is_ca or not extensions[BASIC_CONSTRAINTS][0]
    yield "C08", tbs.usage != b"\x01\x06" or not extensions[KEY_USAGE][0]
    key = der_bits(element(tbs.spki, SEQUENCE).children()[1])
    yield "C09", tbs.subject_key not in (hashlib.sha1(key).digest(), key_identifier(tbs.spki)) or extensions[SUBJECT_KEY][0]
    yield from broken_name_rules(tbs.subject, tbs.start)
    yield from broken_extension_rules(tbs, issuer, own)
    if own:
        yield "R01", tbs.issuer != tbs.subject
        return
    yield "I01", tbs.spki == issuer.spki
    yield "I02", tbs.subject == issuer.subject and profile != "cross"
    yield "I03", tbs.end > issuer.end or tbs.start < issuer.start and profile != "cross"
    yield "I04", tbs.subject != issuer.subject and issuer.path_length is not None and (tbs.path_length is None or tbs.path_length >= issuer.path_length)


# --- 5. The ledger: what the ceremonies before left


class Operation:
    """A call on a token: its intent, the answer where there is one, and what became of a key that it left in doubt."""

    def __init__(self, line):
        self.n, self.op, self.step, self.token = line.n, line.body["op"], line.body["step"], line.body["token"]
        self.call, self.function, self.answered, self.result = line.body["call"], line.body["call"]["function"], None, None
        self.settled = None

    @property
    def ok(self):
        return self.result is not None and self.result["rv"] == "CKR_OK"

    @property
    def key(self):
        """The key that it made, as it was answered or as it was found later and adopted, and the record that says so."""
        if self.ok and "key" in self.result:
            return self.result["key"], self.answered
        return (self.settled.body["key"], self.settled.n) if self.settled and "key" in self.settled.body else None

    def in_doubt(self, n):
        """Whether nobody knew before record n whether it had made a key."""
        answered = self.ok and "key" in self.result
        return self.function == "C_GenerateKeyPair" and self.n < n and not answered and (self.settled is None or self.settled.n >= n)

    def is_of(self, function, of):
        return self.function == function and self.call.get("of") == of


class Token:
    def __init__(self, **known):
        self.__dict__.update(known)

    def policies(self):
        """Each policy that a PIN may follow from, oldest epoch first."""
        found = {}
        for policy in self.pins["user"] + self.pins["security-officer"] if self.pins else []:
            found.setdefault(policy["set_id"], policy)
        return sorted(found.values(), key=lambda policy: policy["epoch"])

    def settled(self):
        return not self.pins or len(self.pins["user"]) == 1 and self.pins["user"] == self.pins["security-officer"]


class Ledger:
    def __init__(self):
        self.ordinal, self.head, self.first_roster, self.roster, self.identity = 0, ZERO, None, None, None
        self.keys, self.certificates, self.crls, self.revocations, self.share_sets, self.tokens = [], [], [], [], [], []
        self.serials, self.crl_numbers, self.bags, self.duties = set(), {}, {}, set()

    def lead_to(self):
        """Digest of the roster that the next ceremony runs under."""
        return self.roster.sha256 if self.roster else self.first_roster

    def token(self, wanted):
        return next((token for token in reversed(self.tokens) if token.name == wanted), None)

    def split(self, share_set, epoch):
        return next((one for one in self.share_sets if (one["set"], one["epoch"]) == (share_set, epoch)), None)

    def opened_by(self, set_id):
        return [token for token in self.tokens if any(policy["set_id"] == set_id for policy in token.policies())]

    def revoked(self, spki):
        return [entry for issuer, entry, _ in self.revocations if issuer == spki]

    def effective_crls(self, spki):
        """The CRLs of an issuer that are not withdrawn."""
        of_issuer = [crl for crl in self.crls if crl["issuer"] == spki]
        for crl in of_issuer:
            outranked = any(other["number"] > crl["number"] and other["this_update"] <= crl["this_update"] for other in of_issuer)
            listed = {entry["serial"] for entry in crl["entries"]}
            incomplete = crl["embargo"] and any(issuer == spki and ordinal > crl["ordinal"] and entry["serial"] not in listed
                                                for issuer, entry, ordinal in self.revocations)
            if not outranked and not incomplete:
                yield crl

    def absorb(self, facts, granted):
        opened = facts.opened
        self.identity = self.identity or (opened["authority"], opened["environment"], facts.plan["trust_domain"])
        self.first_roster = self.first_roster or opened["roster_sha256"]
        self.ordinal, self.head = opened["ordinal"], facts.lines[-1].head
        for step, did in facts.steps.items():
            self.count(facts, step, did, granted)
        self.share_sets += [dict(line.body) for line in facts.of("quorum.split")]
        if granted:
            self.grant(facts)
            for did in facts.steps.values():
                if did["do"] == "confirm" and did["discharges"]:
                    self.duties.discard((did["discharges"]["ordinal"], did["discharges"]["id"]))
            self.duties |= {(opened["ordinal"], duty["id"]) for line in facts.of("ceremony.close") for duty in line.body["duties"]
                            if duty["kind"] != "next-crl"}
        for step, did in facts.steps.items():
            if did["do"] == "destroy-key" and any(one.call.get("class") == "private-key" and (one.ok or step in facts.done) for one in facts.operations_of(step)):
                for key in self.keys:
                    if key["spki"] == did["key"].get("spki_sha256"):
                        key["destroyed"] = key["destroyed"] or opened["ordinal"]
        for line in facts.of("custody"):
            self.bags[line.body["item"]] = None if line.body["act"] == "open" else line.body["number"]
        for step, did in facts.steps.items():
            for token in did["tokens"] if did["do"] == "reshare" else []:
                self.follow_pins(facts, step, token)

    def count(self, facts, step, did, granted):
        signed = [one for one in facts.operations_of(step) if one.function == "C_Sign"]
        released = [line.body["file"]["sha256"] for line in facts.of("artifact.out") if line.body["step"] == step]
        spki = facts.signing_spki(did)
        if "serial" in did:
            self.serials.add(did["serial"])
            certified = facts.certified_spki(did)
            if spki and certified and (released or any(one.ok or one.result is None for one in signed)):
                self.certificates.append({
                    "ordinal": facts.plan["ordinal"], "step": step, "serial": did["serial"], "issuer": spki, "granted": granted,
                    "role": did["do"], "spki": certified, "released": released[0] if released else None,
                    "places": did["extensions"]["crl_distribution_points"], "intermediate": did["do"] == "sign-intermediate",
                    "expires": seconds(did["validity"]["to"])})
        elif did["do"] == "issue-crl" and spki and signed:
            self.crl_numbers[spki] = max(did["number"], self.crl_numbers.get(spki, -1))
            if released and granted:
                self.crls.append({**did, "issuer": spki, "ordinal": facts.plan["ordinal"]})
        elif did["do"] == "revoke":
            issuer = facts.issuer_spki(did["issuer"])
            decided = [line.body["entry"] for line in facts.of("revocation") if line.body["step"] == step]
            self.revocations += [(issuer, entry, facts.plan["ordinal"]) for entry in decided if issuer]

    def gave(self, named, spki):
        """Whether a ceremony released that root certificate, of that key."""
        wanted = (named["ordinal"], named["id"], spki, named["certificate"]["sha256"])
        return any((one["ordinal"], one["step"], one["spki"], one["released"]) == wanted and one["granted"] and one["role"] == "self-sign"
                   for one in self.certificates)

    def grant(self, facts):
        self.roster = facts.incoming or facts.roster
        for step, did in facts.steps.items():
            found = facts.last_info(did.get("token"))
            if did["do"] == "generate-key" and (made := facts.key_made(step)) and found:
                self.keys.append({"ordinal": facts.plan["ordinal"], "step": step, "token": did["token"],
                                  "spki": made.key[0]["spki_sha256"], "der": base64.b64decode(made.key[0]["spki"]), "destroyed": None,
                                  "key_id": made.call["key_id"]})
            if did["do"] == "adopt-authority" and found:
                self.adopt(facts, step, did)
            if did["do"] == "provision" and found:
                policy = facts.policy(step, did["token"])
                pins = {owner: [policy] if policy else [] for owner in ("user", "security-officer")}
                self.tokens.append(Token(name=did["token"], serial=found["serial"], ordinal=facts.plan["ordinal"],
                                         pins=pins if did["shares"] else None))

    def adopt(self, facts, step, did):
        """What a root that was made elsewhere brings in."""
        record = next((line.body for line in facts.of("authority.adopted") if line.body["step"] == step), None)
        if not record:
            return
        spki, ordinal = did["root"]["spki_sha256"], facts.plan["ordinal"]
        self.keys.append({"ordinal": ordinal, "step": step, "token": did["token"], "spki": spki, "der": base64.b64decode(record["key"]["spki"]),
                          "destroyed": None, "key_id": record["key_id"]})
        names = [step] + [f"{step}-{place + 1}" for place in range(len(did["issued"]))]
        for name, one, file in zip(names, [did["root"], *did["below"]], [did["certificate"], *did["issued"]]):
            root = one["spki_sha256"] == spki
            self.serials.add(one["serial"])
            self.certificates.append({
                "ordinal": ordinal, "step": name, "serial": one["serial"], "issuer": spki, "granted": True, "role": "self-sign" if root else "adopted",
                "spki": one["spki_sha256"], "released": file["sha256"], "places": [], "intermediate": not root, "expires": seconds(one["validity"]["to"])})
        if found := did["list"]:
            number = found["number"] or 0
            self.crl_numbers[spki] = max(number, self.crl_numbers.get(spki, -1))
            self.serials |= {entry["serial"] for entry in found["entries"]}
            self.revocations += [(spki, entry, ordinal) for entry in found["entries"]]
            self.crls.append({**found, "number": number, "embargo": None, "issuer": spki, "ordinal": ordinal})

    def follow_pins(self, facts, step, token_name):
        policy, token = facts.policy(step, token_name), next((one for one in self.tokens if one.name == token_name), None)
        if not policy or not token or not token.pins:
            return
        for owner, candidates in token.pins.items():
            change = None
            for one in facts.operations_of(step):
                if one.token != token_name or one.call.get("of") != owner:
                    continue
                if one.ok:
                    change = "done"
                    break
                if one.function == "C_SetPIN" and one.result is None:
                    change = "unknown"
                if one.function == "C_Login" and one.result is not None:
                    change = None
            token.pins[owner] = {"done": [policy], "unknown": candidates + [policy], None: candidates}[change]


# --- 6. What the checks of a bundle look at


class Facts:
    """Everything that a record says, once its digests hold."""

    def __init__(self, files, lines, roster, before):
        self.files, self.lines, self.opened, self.roster, self.before = files, lines, lines[0].body, roster, before
        self.outcome = ENDS.get(lines[-1].type, "in-progress")
        self.complete = self.outcome == "complete"
        self.by_type, self.operations, waiting = {}, [], {}
        for line in lines:
            self.by_type.setdefault(line.type, []).append(line)
            if line.type == "op.intent":
                self.operations.append(Operation(line))
                waiting.setdefault(line.body["op"], []).append(self.operations[-1])
            elif line.type == "op.result" and waiting.get(line.body["op"]):
                operation = waiting[line.body["op"]].pop()
                operation.answered, operation.result = line.n, line.body
            elif line.type == "key.settled":
                for operation in [one for one in self.operations if one.op == line.body["op"]][-1:]:
                    operation.settled = line
        self.by_step = {}
        for one in self.operations:
            self.by_step.setdefault(one.step, []).append(one)
        self.done = {line.body["step"] for line in self.of("step.done")}
        # Where nobody was logged in any more: resumptions, and breaks after which shares are entered again.
        self.closed_at = []

    def read_inputs(self):
        """Plan, binding and incoming roster, whose digests record 0 and the plan have."""
        for path, named in (("plan.json", "plan_sha256"), ("binding.toml", "binding_sha256"), ("roster.toml", "roster_sha256"),
                            ("ceremony.toml", "script_sha256")):
            found = sha256(self.artifact(path))
            demand(found == self.opened[named], f"artifacts/{path} has SHA-256 {found}, record 0 says {self.opened[named]}")
        mode = self.opened["mode"]
        self.plan = read_plan(self.artifact("plan.json"))
        demand((self.plan["v"], self.plan["mode"]) == (form("plan", mode), mode), f"the plan is of {self.plan['v']}")
        demand((self.plan["rehearses"] is not None) == (mode == "rehearsal"), "a rehearsal's plan says what it rehearses, and only that")
        self.binding = read_binding(self.artifact("binding.toml"), mode)
        self.steps = {}
        for step in self.plan["steps"]:
            self.steps.setdefault(step["id"], step["action"])
        brought = [did["roster"] for did in self.steps.values() if did["do"] == "change-roster"]
        self.incoming = None
        if brought:
            data = self.artifact(brought[0]["name"])
            demand((len(data), sha256(data)) == (brought[0]["size"], brought[0]["sha256"]), "another roster than the plan brings in")
            self.incoming = read_roster(data, mode)
        self.new_keys = [one for did in self.steps.values() if did["do"] == "change-roster" for one in did["joins"] + did["new_keys"]]
        self.closed_at = [line.n for line in self.lines if line.type == "ceremony.resume"
                          or line.type == "break.begun" and self.closes_tokens(line.body["step"])]

    def of(self, type):
        return self.by_type.get(type, [])

    def artifact(self, name):
        return self.files.get("artifacts/" + name, b"")

    def tbs(self, step):
        return self.artifact(f"{step}.tbs.der")

    def operations_of(self, step):
        return self.by_step.get(step, [])

    def step(self, id):
        return self.steps.get(id, {"do": None})

    def signing(self):
        return {id: did for id, did in self.steps.items() if "tbs_sha256" in did}

    def closes_tokens(self, step):
        return self.step(step).get("shares") == "entered-again"

    def logged_out_at(self, n):
        return max((at for at in self.closed_at if at < n), default=0)

    def person(self, wanted):
        return self.roster.people.get(wanted) or (self.incoming.people.get(wanted) if self.incoming else None)

    def roster_of(self, step):
        """The roster that names the holders of shares dealt in a step."""
        for id, did in self.steps.items():
            if id == step:
                return self.roster
            if did["do"] == "change-roster":
                return self.incoming
        return self.incoming or self.roster

    def key_made(self, step):
        made = [one for one in self.operations_of(step) if one.function == "C_GenerateKeyPair" and one.key]
        return made[-1] if made else None

    def key_spki(self, key):
        if key["from"] == "ledger":
            return key["spki_sha256"]
        made = self.key_made(key["id"])
        return made.key[0]["spki_sha256"] if made else None

    def issuer_key(self, issuer):
        return issuer["key"] if issuer["from"] == "ledger" else self.step(issuer["id"]).get("key")

    def issuer_spki(self, issuer):
        key = self.issuer_key(issuer)
        return self.key_spki(key) if key else None

    def signing_key(self, did):
        return did["key"] if "key" in did else self.issuer_key(did["issuer"]) if "issuer" in did else None

    def signing_spki(self, did):
        key = self.signing_key(did)
        return self.key_spki(key) if key else None

    def token_of(self, key):
        return key["token"] if key and key["from"] == "ledger" else self.step(key["id"]).get("token") if key else None

    def last_info(self, token):
        found = [line.body for line in self.of("token.info") if line.body["token"] == token]
        return found[-1] if found else None

    def policy(self, step, token, before=None):
        return next((line.body for line in self.of("pin.policy") if (line.body["step"], line.body["token"]) == (step, token)
                     and (before is None or line.n < before)), None)

    def split_of(self, step, before):
        return next((line.body for line in self.of("quorum.split") if line.body["step"] == step and line.n < before), None)

    def split_named(self, shares, before):
        """The split of that set and epoch; None where only an earlier ceremony, which is not here, can have it."""
        named = (shares["set"], shares["epoch"])
        for line in self.of("quorum.split"):
            if line.n < before and (line.body["set"], line.body["epoch"]) == named:
                return line.body
        found = self.before.split(*named) if self.before else None
        demand(found or not self.before and shares["dealt"] == "before", f"shares of {named[0]}, epoch {named[1]}, were not dealt")
        return found

    def waived(self, rule, time):
        return any(waiver["rule"] == rule and time <= seconds(waiver["until"]) for waiver in self.plan["waivers"])

    def pin_replaced(self, step, token, owner, before):
        """Whether a PIN was replaced in a step before a record."""
        unanswered = False
        for one in self.operations_of(step):
            if one.token != token or one.n >= before:
                continue
            if one.is_of("C_SetPIN", owner):
                if one.ok:
                    return True
                unanswered = unanswered or one.result is None
            elif one.is_of("C_Login", owner) and one.ok:
                known = self.before.token(token) if self.before else None
                return unanswered or not self.before or bool(known and not known.settled())
        return False

    def issuer_tbs(self, step, did):
        """TBSCertificate of the certificate that issues in a step; of a self-signed one, its own."""
        issuer = did.get("issuer", {"from": "step", "id": step})
        file = issuer["certificate"]["name"] if issuer["from"] == "ledger" else f"{issuer['id']}.crt.pem"
        return read_signed(self.artifact(file)).tbs

    def certified_spki(self, did):
        """Digest of the key that a step certifies; None while it is not made."""
        if did["do"] != "cross-sign":
            return did["spki_sha256"] if "spki_sha256" in did else self.key_spki(did["key"])
        certified = did["certificate"]
        return certified["spki_sha256"] if "spki_sha256" in certified else self.key_spki(self.step(certified["id"])["key"])

    def certified(self, did):
        """The certificate that a step certifies once more."""
        certified = did["certificate"]
        return read_signed(self.artifact(certified["certificate"]["name"] if "certificate" in certified else f"{certified['id']}.crt.pem"))

    def certificates(self):
        """Every certificate that was released here or is among the inputs."""
        names = [line.body["file"]["name"] for line in self.of("artifact.out")] + [file["name"] for file in self.plan["inputs"]]
        for file in names:
            try:
                yield read_signed(self.artifact(file))
            except Bad:
                pass


def deals(did):
    """The shares that a step deals."""
    found = did.get("shares") if did["do"] == "provision" else did.get("to")
    return found if found and found["dealt"] == "here" else None


def sets_pins_of(did):
    return [did["token"]] if did["do"] == "provision" and did["shares"] else did["tokens"] if did["do"] == "reshare" else []


# --- 7. What is hashed and signed: A1 to C5, B3, B4

EXPLAINING = ("SPEC.md", "README-VERIFY.txt")
MAX_FILE, MAX_FILES = 64 * 1024 * 1024, 4096


def read_bundle(directory):
    """Bytes by path below the bundle, and what should not lie there: (status, what)."""
    files, strays, left = {}, [], [4 * MAX_FILE]

    def read_part(folder, prefix):
        for one in sorted(os.scandir(folder), key=lambda one: one.name):
            path = prefix + one.name
            if len(files) + len(strays) >= MAX_FILES:
                strays.append(("FAIL", f"more than {MAX_FILES} files"))
                return
            if not prefix and path in ("artifacts", "seals") and one.is_dir(follow_symlinks=False):
                read_part(one.path, path + "/")
            elif not one.is_file(follow_symlinks=False):
                strays.append(("FAIL", f"{path} is no regular file"))
            elif one.name.startswith(".") and one.name.endswith(".tmp"):
                strays.append(("incomplete", f"{path} was being written"))
            elif not (FILE_NAME.fullmatch(one.name) or not prefix and one.name in (*EXPLAINING, "MANIFEST.sha256")):
                strays.append(("FAIL", f"no file of a bundle is called {path}"))
            else:
                try:
                    files[path] = read_file(one.path, min(MAX_FILE, left[0]))
                    left[0] -= len(files[path])
                except OSError as problem:
                    strays.append(("FAIL", f"{path}: {problem.strerror or problem}"))

    read_part(directory, "")
    return files, strays


def read_file(path, limit):
    """A regular file of bounded size; follows no link and waits for no pipe."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError("no regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError("larger than a bundle's files may be")
    return data


def a1_layout(files, strays):
    check = Check("A1")
    for status, what in strays:
        check.fail(what, status)
    check.demand("log.jsonl" in files, "log.jsonl is missing")
    check.evidence = f"{len(files)} files"
    return check


def a2_roster(files, mode, pinned, before):
    """The check, and the roster that every statement is judged by."""
    check, own, roster = Check("A2"), files.get("artifacts/roster.toml", b""), None
    inherited = before if before and before.ordinal else None
    if pinned is None:
        check.fail(f"no roster was given to compare with {sha256(own)}", "unanchored")
    if inherited:
        check.demand(inherited.lead_to() == sha256(own),
                     f"the bundle's roster has SHA-256 {sha256(own)}, the ceremonies before it lead to {inherited.lead_to()}")
        roster = inherited.roster
    if roster is None and pinned is not None:
        check.demand(pinned == own, f"the bundle's roster has SHA-256 {sha256(own)}, the pinned one {sha256(pinned)}")
    try:
        roster = roster or read_roster(own if pinned is None else pinned, mode)
        check.evidence = roster.sha256
    except Unknown as problem:
        check.fail(problem, "unsupported")
    except Bad as problem:
        check.fail(problem)
    return check, roster


SEAL_NAME = re.compile(r"seals/((authorise|close|abort)|(resume)-(0|[1-9][0-9]*))\.([a-z0-9-]+)\.(txt|sig)")


class Seal:
    """The two files of a seal."""

    def __init__(self, kind, at, signer):
        self.kind, self.at, self.signer, self.files = kind, at, signer, {}
        self.path = f"seals/{kind}{'' if at is None else f'-{at}'}.{signer}"
        self.ends = kind in ("close", "abort")

    @property
    def pair(self):
        return (self.files["txt"], self.files["sig"]) if len(self.files) == 2 else None

    def said(self):
        """Its lines, where they are those of a seal."""
        try:
            said = read_statement(self.files.get("txt", b""))
            return said if said["kind"] != "approval" else None
        except Bad:
            return None


def read_seals(files):
    """Every seal by its path, and the files that are none."""
    seals, others = {}, []
    for path, data in sorted(files.items()):
        if path.startswith("seals/"):
            found = SEAL_NAME.fullmatch(path)
            if found and len(found[5]) <= 40 and NAME.fullmatch(found[5]) and int(found[4] or 0) < 2**64:
                at = int(found[4]) if found[4] else None
                seals.setdefault(path[:-4], Seal(found[2] or found[3], at, found[5])).files[found[6]] = data
            else:
                others.append(path)
    return list(seals.values()), others


def c1_coverage(log, seals):
    check, looked = Check("C1"), 0
    for seal in seals:
        said = seal.said()
        if not said:
            continue
        looked += 1
        length = int(said["bytes"])
        if length > len(log):
            check.fail(f"{seal.path} covers {length} bytes of the log, which has {len(log)}: it was cut")
            continue
        found = covered_prefix(log, length)
        same = all(str(value) == said[key] for key, value in found.items())
        check.demand(same, f"{seal.path} does not say of the log what the log is")
        check.demand(not seal.ends or length == len(log), f"{seal.path} does not cover the whole log")
    check.evidence = f"{looked} seals, SHA-256 and SHA-512 of {len(log)} bytes"
    return check if looked else check.nothing("no seal covers the log yet")


@functools.lru_cache(64)
def covered_prefix(log, length):
    return covered(log[:length])


def c3_ended(lines, torn):
    check = Check("C3")
    if lines[-1].type in ENDS:
        check.demand(not torn, f"{len(torn)} bytes follow the record that ended the ceremony")
    else:
        check.fail(f"the log stops after {len(lines)} records and {len(torn)} bytes", "incomplete")
    check.evidence = f"{ENDS.get(lines[-1].type)}, head {lines[-1].head}"
    return check


def c4_files(files, lines):
    """Each file that a record names is there and is that; a record names each file."""
    check, named = Check("C4"), {}
    for line in lines:
        body, references = line.body, []
        if line.type == "ceremony.open":
            paths = [staged["path"] for staged in body["staged"]]
            check.demand(all(one < other for one, other in zip(paths, paths[1:])), "the staged files are not sorted, each once")
            references = [(staged["path"], staged) for staged in body["staged"]]
        elif line.type == "tbs.frozen":
            references = [("artifacts/" + tbs["file"]["name"], tbs["file"]) for tbs in body["tbs"]]
        elif line.type in ("artifact.out", "artifact.quarantined", "evidence.imported"):
            references = [("artifacts/" + body["file"]["name"], body["file"])]
        elif line.type in ("ceremony.resume", "ceremony.abort"):
            references = [("artifacts/" + file["name"], file) for file in body["set_aside"]]
        for path, file in references:
            check.demand(path not in named, f"record {line.n} names {path}, which another names too")
            named[path] = (line.n, file)
    for path, (n, file) in named.items():
        data = files.get(path)
        check.demand(not path.startswith("seals/") and path not in ("log.jsonl", "MANIFEST.sha256"), f"record {n} cannot name {path}")
        check.demand(data is not None and (len(data), sha256(data)) == (file["size"], file["sha256"]),
                     f"{path} is not there with the size and digest that record {n} has")
    ended = lines[-1].type in ENDS
    for path in files:
        if path not in named and path != "log.jsonl" and not path.startswith("seals/") and not (ended and path == "MANIFEST.sha256"):
            check.fail(f"no record names {path}", "FAIL" if ended else "incomplete")
    check.evidence = f"{len(named)} files"
    return check


def c5_manifest(files, lines):
    check = Check("C5")
    if lines[-1].type not in ENDS:
        return check.nothing("the ceremony has not ended")
    listed = sorted(path for path in files if not path.startswith("seals/") and path not in ("log.jsonl", "MANIFEST.sha256"))
    whole = "".join(f"{sha256(files[path])}  {path}\n" for path in listed).encode()
    found = files.get("MANIFEST.sha256")
    check.demand(found == whole, "MANIFEST.sha256 is not the list of the files and their digests")
    check.demand(found is not None and sha256(found) == lines[-1].body["manifest_sha256"], "the last record has another manifest")
    check.evidence = f"{len(listed)} files"
    return check


def b4_committed(lines, seals):
    check, committed, resumed = Check("B4"), set(), None
    by_place = {(seal.kind, seal.signer, seal.at): seal for seal in seals}
    for line in lines:
        if line.type == "ceremony.resume":
            resumed = line.n
        if line.type != "seal.added":
            continue
        body, at = line.body, f"record {line.n}"
        if body["seal"] in ("close", "abort"):
            check.fail(f"{at}: a {body['seal']} seal cannot be inside the log that it covers")
            continue
        place = (body["seal"], body["signer"], resumed if body["seal"] == "resume" else None)
        seal = by_place.get(place)
        check.demand(seal and seal.pair and [sha256(one) for one in seal.pair] == [body["statement_sha256"], body["signature_sha256"]],
                     f"{at}: the {body['seal']} seal of {body['signer']} is not there as it names it")
        check.demand(place not in committed, f"{at}: the {body['seal']} seal of {body['signer']} was added twice")
        committed.add(place)
    for place, seal in by_place.items():
        if not seal.ends and place not in committed:
            check.fail(f"no record names {seal.path}", "FAIL" if lines[-1].type in ENDS else "incomplete")
    check.evidence = f"{len(committed)} of {len(committed)}"
    return check if committed else check.nothing("no seal was added during the ceremony")


def of_seal(kind, lines, opened, covering, tbs=(), keys=()):
    """The lines that a seal of this record has."""
    return {"seal": kind, "ceremony": lines[0].cer, "mode": opened["mode"], "outcome": OUTCOMES[kind],
            **{key: str(value) for key, value in covering.items()}, "plan-sha256": opened["plan_sha256"],
            "roster-sha256": opened["roster_sha256"], "tbs": list(tbs), "key": [f"{key['op']} {key['fate']}" for key in keys]}


def b3_end_seals(roster, log, lines, seals, others):
    check, pairs, outcome = Check("B3"), [], ENDS.get(lines[-1].type) if lines else None
    for path in others:
        check.fail(f"no seal is called {path}")
    kind = {"complete": "close", "aborted": "abort"}.get(outcome)
    expected = of_seal(kind, lines, lines[0].body, covered_prefix(log, len(log))) if kind else None
    for seal in seals:
        if not seal.ends:
            continue
        if not seal.pair:
            check.fail(f"{seal.path} lacks its statement or its signature", "unsealed")
            continue
        said = check.attempt(check_seal, roster, expected, *seal.pair) if expected else check.attempt(check_signature, roster, *seal.pair)
        if said:
            check.demand((said["kind"], said["signer"]) == (seal.kind, seal.signer), f"{seal.path} is another than its name says")
            pairs.append(seal.pair)
        check.demand(outcome or not lines, f"{seal.path} is on a log that has not ended")
    if not expected:
        return check.nothing("the ceremony has not ended")
    if check.found:
        return check
    try:
        signers = seal_quorum(roster, expected, pairs)
        check.evidence = f"{kind}: " + ", ".join(f"{said['signer']} ({said['role']})" for said in signers)
        there = set()
        for line in lines if kind == "close" else []:
            there = present_after(there, line)
        for said in signers if kind == "close" else []:
            check.demand(said["signer"] in there, f"{said['signer']} seals that they were present, and was not there at the end")
    except TooFew as problem:
        check.fail(problem, "unsealed")
    return check


def present_after(there, line):
    """Who is in the room after a record."""
    if line.type in ("ceremony.open", "ceremony.resume"):
        return {person["name"] for person in line.body["present"]}
    if line.type == "person.arrived":
        return there | {line.body["name"]}
    if line.type == "person.left":
        return there - {line.body["name"]}
    return there


# --- 8. People and papers: W1, D1, B1, B2, B6, C6, B5


def w1_waivers(facts):
    check, opened_at, waivers = Check("W1"), facts.lines[0].t, facts.plan["waivers"]
    for waiver in waivers:
        check.demand(opened_at <= seconds(waiver["until"]), f"the waiver of {waiver['rule']} ended before the record began")
        check.demand(sum(other["rule"] == waiver["rule"] for other in waivers) == 1, f"{waiver['rule']} is waived more than once")
    for what in unwaived(facts):
        check.fail(f"no waiver in force lets pass that {what}")
    if facts.plan["environment"] == "production":
        check.demand(facts.binding.mirror or facts.waived("no-mirror", opened_at), "no waiver in force lets pass that the binding names no mirror")
    check.evidence = "; ".join(f"{waiver['rule']} until {waiver['until']}: {waiver['reason']}" for waiver in waivers)
    return check if waivers else check.nothing("no rule is waived")


def unwaived(facts):
    if facts.plan["environment"] != "production":
        return []
    broken = facts.roster.rules_broken()
    return [what for rule, what in broken if rule is None or not facts.waived(rule, facts.lines[0].t)]


def exposed(host):
    """Whether a secret could have reached a disk."""
    return host["core_dumps_off"]["state"] != "done" or host["memory_locked"]["state"] != "done" and host["swap"] != []


def d1_opening(facts):
    check, opened, plan, roster = Check("D1"), facts.opened, facts.plan, facts.roster
    for member in ("authority", "environment", "mode", "name", "ordinal", "previous_head", "roster_sha256", "script_sha256", "place", "recording"):
        check.demand(opened[member] == plan[member], f"record 0 and the plan differ in {member}")
    check.demand((roster.authority, roster.environment, roster.sha256) ==
                 (opened["authority"], opened["environment"], opened["roster_sha256"]), "record 0 and the roster differ")
    if opened["environment"] == "production":
        check.demand(opened["operator"] != "scripted", "an answers file cannot operate a production ceremony")
        check.demand(not exposed(opened["host"]), "secrets could have reached a disk")
    check.demand(opened["ordinal"] > 0 and (opened["ordinal"] == 1) == (opened["previous_head"] == ZERO),
                 f"ceremony {opened['ordinal']} names {opened['previous_head']} as the head before it")
    check.demand(len(opened["nonce"]) == 64 and len(opened["token_nonce"] or opened["nonce"]) == 64, "a nonce has not 32 octets")
    staged = {one["path"]: one for one in opened["staged"]}
    for file in needed_files(facts):
        found = staged.get("artifacts/" + file["name"], {})
        check.demand(found.get("sha256") == file["sha256"] and file.get("size") in (None, found.get("size")),
                     f"the plan needs {file['name']}, which record 0 does not name")
    order = list(roster.people) + [one for one in (facts.incoming.people if facts.incoming else []) if one not in roster.people]
    names = [person["name"] for person in opened["present"]]
    for person in opened["present"]:
        check.demand(on_roster(facts, person), f"{person['name']} was present, and is not on the roster with these roles")
        check.demand(re.fullmatch("[ -~]+", person["typed"]), f"what {person['name']} typed is not printable ASCII")
    places = [order.index(one) if one in order else -1 for one in names]
    check.demand(all(one < other for one, other in zip(places, places[1:])), "those present are not in the roster's order, each once")
    check.evidence = f"{opened['name']} of {opened['authority']} {opened['environment']}, {len(plan['steps'])} steps, {len(names)} present"
    return check


def on_roster(facts, person):
    known = facts.person(person["name"])
    return bool(known) and known["roles"] == person["roles"]


def needed_files(facts):
    yield from facts.plan["inputs"]
    for step, did in facts.steps.items():
        if did.get("csr"):
            yield did["csr"]
        if did["do"] == "cross-sign" and "certificate" in did["certificate"]:
            yield did["certificate"]["certificate"]
        if did["do"] == "adopt-authority":
            yield from filter(None, [did["certificate"], *did["issued"], did["crl"]])
        if did.get("issuer", {}).get("from") == "ledger":
            yield did["issuer"]["certificate"]
        if did.get("tbs_sha256"):
            yield {"name": f"{step}.tbs.der", "sha256": did["tbs_sha256"]}


def b1_approvals(facts):
    """The check; without a problem the plan is approved."""
    check, signers = Check("B1"), []
    for path in sorted(path for path in facts.files if path.startswith("artifacts/approval.")):
        stem, _, ending = path.rpartition(".")
        other = facts.files.get(stem + (".txt" if ending == "sig" else ".sig"))
        if other is None:
            check.fail(f"{path} stands alone")
        elif ending != "sig":
            said = check.attempt(check_approval, facts, facts.files[path], other)
            if said:
                check.demand(path == f"artifacts/approval.{said['signer']}.txt", f"{path} is another than its name says")
                signers.append(said["signer"])
    check.demand(len(set(signers)) == len(signers), "somebody approved twice")
    check.attempt(plan_is_for_this_run, facts)
    for one in facts.new_keys:
        check.demand(one in signers, f"{one} did not approve with the new key")
    counted = [one for one in signers if one not in facts.new_keys]
    if facts.opened["ordinal"] == 1:
        for one in facts.roster.people:
            check.demand(one in counted, f"{one} did not approve the genesis")
    else:
        check.attempt(facts.roster.enough_officers, facts.roster.thresholds["approve"], counted)
    from_, to = (seconds(facts.plan["window"][end]) for end in ("from", "to"))
    check.demand(from_ <= facts.lines[0].t <= to, "the record began outside the plan's window")
    check.evidence = f"{', '.join(signers)} (needs {facts.roster.thresholds['approve']} officers)"
    return check


def plan_is_for_this_run(facts):
    plan, roster, opened = facts.plan, facts.roster, facts.opened
    demand((plan["roster_sha256"], plan["authority"], plan["environment"]) == (roster.sha256, roster.authority, roster.environment),
           "the plan is for other people or another authority")
    demand((plan["mode"], plan["ordinal"], plan["previous_head"]) == (opened["mode"], opened["ordinal"], opened["previous_head"]),
           "the plan is for another run")
    changes = [step["action"] for step in plan["steps"] if step["action"]["do"] == "change-roster"]
    demand(len(changes) <= 1, "the roster changes twice")
    for told in changes:
        old, new = roster.people, facts.incoming.people
        joins, leaves = [one for one in new if one not in old], [one for one in old if one not in new]
        changed = [one for one in new if one in old and old[one]["spki"] != new[one]["spki"]]
        demand((told["joins"], told["leaves"], told["new_keys"]) == (joins, leaves, changed), "the plan does not say who joins, leaves or has a new key")
        demand((facts.incoming.authority, facts.incoming.environment) == (roster.authority, roster.environment), "the new roster is of another authority")
    demand(all(token in facts.binding.tokens for token in plan["tokens"]), "the binding lacks a token of the plan")
    for person in roster.people.values():
        statement_key(person["algorithm"], person["spki"])
    demand(all(seconds(waiver["until"]) > seconds(plan["window"]["to"]) for waiver in plan["waivers"]), "a waiver could end before the ceremony")
    kept = any(step["action"].get("shares") == "kept" for step in plan["steps"])
    demand(not kept or plan["environment"] != "production", "a break in production leaves tokens open")
    for what in unwaived(facts):
        raise Bad(what)


def check_approval(facts, statement, signature):
    named = read_statement(statement)["signer"]
    new = named in facts.new_keys
    said = check_signature(facts.incoming if new else facts.roster, statement, signature)
    demand(said["kind"] == "approval", f"{named} signed no approval")
    plan = facts.plan
    expected = {"plan-sha256": facts.opened["plan_sha256"], "authority": plan["authority"], "environment": plan["environment"],
                "mode": plan["mode"], "ordinal": str(plan["ordinal"]), "previous-head-sha256": plan["previous_head"],
                "roster-sha256": plan["roster_sha256"], "binding-sha256": facts.binding.sha256,
                "token": [f"{token} {address}" for token, address in facts.binding.tokens.items()],
                "window": f"{plan['window']['from']} {plan['window']['to']}"}
    for key, value in expected.items():
        demand(said[key] == value, f"{named} approved another {key}")
    officer = (facts.incoming if new else facts.roster).has(named, "officer")
    demand(said["role"] == "officer" or (new or plan["ordinal"] == 1) and not officer, f"{named} approved as {said['role']}, which does not count")
    return said


def b2_authorisations(facts, seals):
    """The check, and the digests that were authorised by step; None where none is in force."""
    check, authorise = Check("B2"), [seal for seal in seals if seal.kind == "authorise"]
    if not facts.of("tbs.frozen"):
        for seal in authorise:
            check.fail(f"{seal.path} authorises, and nothing was frozen")
        return check.nothing("the plan fixed every TBS"), None
    line = facts.of("tbs.frozen")[0]
    frozen, log = line.body["tbs"], facts.files["log.jsonl"]
    for tbs in frozen:
        found = check.attempt(summary, tbs["kind"], facts.artifact(tbs["file"]["name"]))
        check.demand(found is None or found == tbs["summary"], f"the TBS of step {tbs['step']} is `{found}`, officers read `{tbs['summary']}`")
        check.demand(tbs["file"]["name"] == f"{tbs['step']}.tbs.der", f"{tbs['file']['name']} is not the TBS of step {tbs['step']}")
    end = facts.lines[line.n + 1].offset if line.n + 1 < len(facts.lines) else len(log)
    lines = [f"{number} {tbs['kind']} {tbs['file']['sha256']} {tbs['summary']}" for number, tbs in enumerate(frozen, 1)]
    expected, whole = of_seal("authorise", facts.lines, facts.opened, covered_prefix(log, end), lines), []
    first = min((one.n for one in facts.operations if one.function == "C_Sign" and one.n > line.n), default=len(facts.lines))
    in_time = {added.body["signer"] for added in facts.of("seal.added") if added.body["seal"] == "authorise" and line.n < added.n < first}
    for seal in authorise:
        if not seal.pair:
            check.fail(f"{seal.path} stands alone")
            continue
        said = check.attempt(check_seal, facts.roster, expected, *seal.pair)
        check.demand(not said or said["signer"] == seal.signer, f"{seal.path} is another than its name says")
        if seal.signer in in_time:
            whole.append(seal.pair)
    check.demand(frozen, "there is nothing to authorise")
    left = {}
    for tbs in frozen:
        fixed = facts.step(tbs["step"]).get("tbs_sha256", "")
        check.demand(fixed is None or fixed == tbs["file"]["sha256"], f"the plan has another TBS for step {tbs['step']}")
        check.demand(tbs["step"] not in left, f"the TBS of step {tbs['step']} is frozen twice")
        left[tbs["step"]] = tbs["file"]["sha256"]
    for step, did in facts.signing().items():
        check.demand(did["tbs_sha256"] is not None or step in left, f"the TBS of step {step} was not frozen")
    if check.found:
        return check, None
    try:
        signers = seal_quorum(facts.roster, expected, whole)
        check.evidence = f"{', '.join(said['signer'] for said in signers)} over {len(frozen)} TBS"
        return check, left
    except TooFew as problem:
        # Without a quorum nothing may be signed, which F1 demands.
        check.evidence = f"none in force: {problem}"
        check.demand(not facts.complete, problem)
        return check, None


def b6_resumptions(facts, seals):
    check, log, agreed = Check("B6"), facts.files["log.jsonl"], []
    for line in facts.of("ceremony.resume"):
        at = f"record {line.n}"
        expected = of_seal("resume", facts.lines, facts.opened, covered_prefix(log, line.offset), keys=line.body["keys"])
        after = facts.lines[line.n + 1:]
        next_act = next((place for place, other in enumerate(after) if other.type != "seal.added"), len(after))
        in_time = {added.body["signer"] for added in after[:next_act] if added.body["seal"] == "resume"}
        pairs = [seal.pair for seal in seals if seal.kind == "resume" and seal.at == line.n and seal.signer in in_time and seal.pair]
        try:
            agreed += [f"{said['signer']} at {line.n}" for said in seal_quorum(facts.roster, expected, pairs)]
        except TooFew as problem:
            again = next_act == len(after) or after[next_act].type in ("ceremony.resume", "ceremony.abort")
            check.demand(again, f"{at}: {problem}")
        except Bad as problem:
            check.fail(f"{at}: {problem}")
        unanswered = [one.op for one in facts.operations if one.n < line.n and one.result is None]
        check.demand(unanswered == line.body["unanswered"], f"{at} names {line.body['unanswered']} as unanswered, the log leaves {unanswered}")
        check.demand(facts.opened["environment"] != "production" or not exposed(line.body["host"]), f"{at}: secrets could have reached a disk")
        for person in line.body["present"]:
            check.demand(on_roster(facts, person), f"{at}: {person['name']} is not on the roster with these roles")
    check.evidence = ", ".join(agreed)
    return check if agreed else check.nothing("the ceremony was not interrupted")


def c6_repetitions(facts):
    check, signed, released, resumed = Check("C6"), {}, set(), None
    by_step = {}
    for one in facts.operations:
        if one.function == "C_Sign":
            by_step.setdefault(one.step, []).append(one)
    for step, attempts in by_step.items():
        for earlier, later in zip(attempts, attempts[1:]):
            at = f"record {later.n}: step {step} signs again"
            check.demand(not earlier.ok, f"{at}, and operation {earlier.op} made its signature")
            named = any(earlier.n < line.n < later.n and earlier.op in line.body["unanswered"] for line in facts.of("ceremony.resume"))
            check.demand(earlier.result is not None or named, f"{at}, and nobody says that operation {earlier.op} has no answer")
            check.demand((earlier.call, earlier.token) == (later.call, later.token), f"{at}, and not the same as in operation {earlier.op}")
        for one in attempts:
            if one.ok:
                other = signed.setdefault(one.call["tbs_sha256"], step)
                check.demand(other == step, f"record {one.n}: the TBS {one.call['tbs_sha256']} was signed for {other} already")
    for line in facts.of("artifact.out"):
        check.demand(line.body["tbs_sha256"] not in released, f"record {line.n} releases a TBS a second time")
        released.add(line.body["tbs_sha256"])
    for line in facts.lines:
        body, call = line.body, line.body["call"] if line.type == "op.intent" else {}
        if line.type == "ceremony.resume":
            resumed, doubtful = line, [one.op for one in facts.operations if one.in_doubt(line.n)]
            decided = [key["op"] for key in body["keys"]]
            check.demand(decided == doubtful, f"record {line.n} decides about the keys of {decided}, in doubt are those of {doubtful}")
        if line.type in ("ceremony.resume", "ceremony.abort") and body["mirror"]:
            check.demand(is_place(facts, line, body["mirror"]), f"record {line.n}: the shorter copy ends at no place of this log")
        if line.type == "step.done" or call.get("function") == "C_GenerateKeyPair":
            doubtful = [one.op for one in facts.operations_of(body["step"]) if one.in_doubt(line.n)]
            check.demand(not doubtful, f"record {line.n}: step {body['step']} goes on, and the keys of {doubtful} are in doubt")
        if call.get("function") == "C_DestroyObject" and facts.step(body["step"])["do"] != "destroy-key":
            wanted = [one for one in facts.operations if one.in_doubt(line.n) and one.call["key_id"] == call["key_id"]
                      and fate(resumed, one.op) == "destroy"]
            check.demand(wanted, f"record {line.n}: a key is removed that the officers did not decide to remove")
        if line.type == "key.settled":
            check.demand(is_settled(facts, line, resumed), f"record {line.n} settles a key otherwise than officers and log have it")
    check.evidence = f"{len(facts.of('ceremony.resume'))} resumptions"
    return check if resumed or check.found else check.nothing("the ceremony was not interrupted")


def fate(resumed, op):
    """What the officers decided about the key of an operation."""
    return next((key["fate"] for key in resumed.body["keys"] if key["op"] == op), None) if resumed else None


def is_settled(facts, line, resumed):
    body = line.body
    one = next((one for one in facts.operations_of(body["step"]) if one.op == body["op"] and one.in_doubt(line.n)), None)
    if not one or not resumed:
        return False
    seen = any(resumed.n < other.n < line.n and other.ok and other.token == one.token and other.is_of("C_Login", "user") for other in facts.operations)
    removed = any(other.n < line.n and other.function == "C_DestroyObject" and other.call["key_id"] == one.call["key_id"] for other in facts.operations)
    wanted, keyed = fate(resumed, body["op"]), "key" in body
    return seen and {"adopted": wanted == "adopt" and keyed, "destroyed": wanted == "destroy" and removed and not keyed,
                     "absent": wanted is not None and not removed and not keyed}[body["outcome"]]


def is_place(facts, line, mirror):
    """Whether the shorter copy of the record ended where one can end."""
    if mirror["state"] in ("absent", "out-of-reach"):
        return (mirror["records"], mirror["head"]) == (0, ZERO) and (mirror["state"] == "absent" or line.type == "ceremony.abort")
    return 0 < mirror["records"] < line.n and facts.lines[mirror["records"] - 1].head == mirror["head"]


def b5_seal_times(facts, seals):
    check, ended, made = Check("B5"), facts.lines[-1].t, []
    for seal in seals:
        said = seal.said() if seal.ends else None
        if said:
            made.append(seconds(said["time"]))
            check.demand(made[-1] >= ended, f"{seal.path} was made before the end of the record")
            latest = max(seconds(facts.plan["window"]["to"]), ended + 86400)
            check.demand(said["kind"] != "close" or made[-1] <= latest, f"{seal.path} was made too late")
    check.evidence = f"{at(min(made))} to {at(max(made))}" if made else ""
    return check if made else check.nothing("no seal ends the ceremony yet")


# --- 9. What was done: D2, D3, D4, D6


def d2_steps(facts):
    check, state = Check("D2"), {"done": 0, "step": None, "frozen": False, "signed": False, "paused": False}
    order = [step["id"] for step in facts.plan["steps"]]
    try:
        for line in facts.lines:
            advance(facts, state, order, line)
    except Bad as problem:
        check.fail(f"record {line.n}: {problem}")
    done, total = state["done"], len(order)
    if not check.found and facts.complete:
        check.demand(done == total and state["step"] is None, f"the ceremony closed with {done} of {total} steps done")
    if not check.found and facts.outcome == "in-progress":
        check.fail(f"{done} of {total} steps done", "incomplete")
    check.evidence = f"{done} of {total}"
    return check


SIGNING = ("self-sign", "sign-intermediate", "cross-sign", "issue-crl")
# To which kinds of steps a record of a type belongs; None: to any.
BELONGS = {
    "clock.attest": ("clock",), "freshness.beacon": lambda did: did.get("beacon"), "read.aloud": ("read-aloud",),
    "attestation": ("attest",), "custody": ("custody",), "evidence.imported": ("import-evidence",), "confirm": ("confirm",), "break.begun": ("break",), "break.ended": ("break",),
    "quorum.met": None, "token.moved": ("reshare",), "shares.retired": ("reshare",), "roster.changed": ("change-roster",),
    "revocation": ("revoke",), "destruction": ("destroy-key",), "authority.adopted": ("adopt-authority",), "sign.confirmed": SIGNING,
    "artifact.out": SIGNING,
    "artifact.quarantined": SIGNING, "op.intent": None, "key.settled": ("generate-key",),
    "quorum.split": deals, "share.verified": deals, "pin.policy": sets_pins_of,
}


def advance(facts, state, order, line):
    """Takes in a record that stands where it belongs."""
    type, body = line.type, line.body
    waits = type in ("person.arrived", "person.left", "break.ended", "exception", "ceremony.abort", "ceremony.resume", "token.info")
    demand(not state["paused"] or waits or type == "seal.added" and body["seal"] == "resume", "something happens in the middle of a break")
    if type in BELONGS:
        demand(body["step"] == state["step"], f"a record of step {body['step']}, which is not under way")
        did, kinds = facts.step(body["step"]), BELONGS[type]
        fits = kinds is None or (kinds(did) if callable(kinds) else did["do"] in kinds)
        demand(fits, f"no record of this type belongs to a step {did['do']}")
    if type == "step.start":
        demand(state["step"] is None, f"step {body['step']} begins while {state['step']} is under way")
        expected = order[state["done"]] if state["done"] < len(order) else None
        demand(body["step"] == expected and facts.step(expected)["do"] == body["kind"], f"step {body['step']} begins where {expected} should")
        state["step"] = expected
    elif type == "step.done":
        demand(body["step"] == state["step"], f"step {body['step']} ends and is not under way")
        for what, times in left_by(facts, body["step"], facts.step(body["step"])):
            demand(times == 1, f"step {body['step']} is done with {what} {times} times, not once")
        state["step"], state["done"] = None, state["done"] + 1
    elif type == "ceremony.close":
        demand(state["step"] is None, f"the ceremony closes while step {state['step']} is under way")
    elif type == "break.begun":
        state["paused"] = True
        demand(body["head"] == line.prev, f"the head {body['head']} was read aloud, the record before has {line.prev}")
    elif type == "drill":
        demand(facts.opened["mode"] == "rehearsal", "a drill stands in a ceremony")
    elif type == "exception":
        demand(body["step"] == state["step"], f"an exception in step {body['step']}, which is not under way")
    elif type == "break.ended":
        demand(state["paused"], "a break ends that did not begin")
        state["paused"] = False
    elif type == "tbs.frozen":
        missing = any(facts.step(step)["do"] == "generate-key" for step in order[state["done"]:])
        demand(not (state["frozen"] or state["signed"] or missing), "TBS are frozen once, after the last key was made and before a key signs")
        state["frozen"] = True
    elif type == "seal.added":
        demand(body["seal"] == "resume" or state["frozen"] and not state["signed"], "a seal was added where nothing waits for it")
    elif type == "op.intent":
        state["signed"] = state["signed"] or body["call"]["function"] == "C_Sign"
        demand(may_call(did, body["call"]), f"{body['call']['function']} does not belong to a step {did['do']}")


def may_call(did, call):
    return {
        "C_InitToken": did.get("mode") == "init", "C_InitPIN": did.get("mode") == "init",
        "C_SetPIN": did["do"] == "reshare" or did.get("mode") == "set-pin" or did.get("wipe") and call.get("of") == "security-officer",
        "C_Login": True, "C_GenerateKeyPair": did["do"] == "generate-key", "C_DestroyObject": did["do"] in ("generate-key", "destroy-key"), "C_Sign": "tbs_sha256" in did}[call["function"]]


def left_by(facts, step, did):
    """What a step that is done must have left, and how often it did: once is right."""
    def records(type, fits=lambda body: True):
        return sum(line.body["step"] == step and bool(fits(line.body)) for line in facts.of(type))

    def made(function, or_unanswered=False, of_token=None, **arguments):
        return [one for one in facts.operations_of(step) if one.function == function and of_token in (None, one.token)
                and (one.ok or or_unanswered and one.result is None) and all(one.call.get(key) == value for key, value in arguments.items())]

    do = did["do"]
    if do in ("provision", "reshare"):
        if dealt := deals(did):
            yield "quorum.split", records("quorum.split")
            yield "share.verified of every holder", int(records("share.verified") == len(dealt["holders"]))
        for token in sets_pins_of(did):
            yield "pin.policy", records("pin.policy", lambda body: body["token"] == token)
    if do == "provision":
        token = did["token"]
        if did["mode"] == "init":
            wiped = [one for one in made("C_InitToken", True, token) if ("wipes" in one.call) == did["wipe"]]
            yield "C_InitToken", int(bool(wiped))
            yield "C_InitPIN", int(bool(made("C_InitPIN", False, token)))
        for owner in {"set-pin": ["security-officer", "user"], "init": ["security-officer"] if did["wipe"] else []}.get(did["mode"], []):
            yield f"C_SetPIN of the {owner}", int(facts.pin_replaced(step, token, owner, len(facts.lines)))
        yield "C_Login", int(bool(made("C_Login", False, token, of="user", path="pin" if did["shares"] else "device")))
    elif do == "reshare":
        for token in did["tokens"]:
            yield "token.moved", records("token.moved", lambda body: body["token"] == token)
        for epoch in did["from"] if facts.before else []:
            split = facts.before.split(did["set"], epoch)
            if split and all(token.name in did["tokens"] for token in facts.before.opened_by(split["set_id"])):
                yield "shares.retired", sum(line.body["set_id"] == split["set_id"] for line in facts.of("shares.retired"))
    elif do == "change-roster":
        yield "roster.changed", records("roster.changed", lambda body: (body["from"], body["to"]) == (facts.roster.sha256, did["roster"]["sha256"]))
    elif do == "generate-key":
        yield "C_GenerateKeyPair", sum(one.key is not None for one in facts.operations_of(step))
    elif do == "destroy-key":
        key = (facts.token_of(did["key"]), facts.key_spki(did["key"]))
        yield "destruction", records("destruction", lambda body: (body["token"], body["spki_sha256"]) == key)
        yield "C_DestroyObject of the private key", int(bool(made("C_DestroyObject", True, **{"class": "private-key"})))
    elif "tbs_sha256" in did:
        yield "C_Sign", len(made("C_Sign"))
        yield "artifact.out", records("artifact.out")
    elif do == "adopt-authority":
        key = (did["token"], did["root"]["spki_sha256"])
        yield "authority.adopted", records("authority.adopted", lambda body: (body["token"], body["key"]["spki_sha256"]) == key)
    elif do == "revoke":
        spki = facts.issuer_spki(did["issuer"])
        yield "revocation", records("revocation", lambda body: body["entry"] == did["entry"] and body["issuer_spki_sha256"] in (None, spki))
    elif do == "break":
        yield "break.begun", records("break.begun")
        yield "break.ended", records("break.ended")
    elif do == "confirm":
        yield "confirm", records("confirm", lambda body: body["text"] == did["text"])
    elif do == "clock":
        yield "clock.attest", int(records("clock.attest") >= did["readers"])
        if did["beacon"]:
            yield "freshness.beacon", records("freshness.beacon")
    elif do == "read-aloud":
        yield "read.aloud", records("read.aloud", lambda body: body["named"] == did["named"])
    elif do == "attest":  # D5 asks how many, and who.
        yield "attestation", min(records("attestation"), 1)
    elif do == "custody":
        yield "custody", records("custody", lambda body: (body["item"], body["act"]) == (did["item"], did["act"]))
    elif do == "import-evidence":
        yield "evidence.imported", records("evidence.imported", lambda body: (body["token"], body["form"]) == (did["token"], did["form"]))


OF_ENTERED_SHARES = ("quorum.split", "share.verified", "pin.policy", "quorum.met")


def d3_people(facts):
    check, acted, there, lately, roster = Check("D3"), set(), set(), set(), facts.roster
    for line in facts.lines:
        body, at = line.body, f"record {line.n}"
        check.attempt(moves, facts, there, line)
        there = present_after(there, line)
        if line.type not in OF_ENTERED_SHARES + ("person.arrived", "person.left"):
            lately = set()
        lately = lately | there
        actors, needed = actors_of(facts, line)
        for actor in actors:
            check.demand(needed is None or roster.has(actor, needed), f"{at}: {actor} confirmed what another role confirms")
            there_then = actor in there or line.type in OF_ENTERED_SHARES and actor in lately or line.type == "ceremony.abort"
            check.demand(there_then, f"{at}: {actor} acts and was not there")
        if actors and line.type != "ceremony.abort":
            officers = {roster.counts_as(one) for one in there if roster.has(one, "officer")}
            check.demand(len(officers) >= roster.thresholds["unlock"] and any(roster.has(one, "witness") for one in there),
                         f"{at}: {len(officers)} officers are in the room, or no witness is")
            acted.update(actors)
    check.evidence = ", ".join(sorted(acted))
    return check if acted else check.nothing("nobody acted")


def moves(facts, there, line):
    """Who comes was away, who goes was there, somebody else who was there noted it; a break lists who is there."""
    body = line.body
    if line.type in ("break.begun", "break.ended"):
        demand(set(body["present"]) == there and len(body["present"]) == len(there), f"record {line.n}: the break lists others than were there")
    if line.type not in ("person.arrived", "person.left"):
        return
    arrives, who = line.type == "person.arrived", body["name"]
    demand((who in there) != arrives, f"record {line.n}: {who} {'arrives and was there' if arrives else 'leaves and was not there'}")
    demand(not arrives or on_roster(facts, body), f"record {line.n}: {who} is not on the roster with these roles")
    demand(body["noted_by"] in there and body["noted_by"] != who, f"record {line.n}: {body['noted_by']} was not there to see it")


def actors_of(facts, line):
    """Who acts in a record, and in which role they have to."""
    body = line.body
    if line.type in ("confirm", "read.aloud"):
        return [body["by"]], facts.step(body["step"]).get("by", "nobody")
    return {
        "clock.attest": lambda: ([body["reader"]], None), "share.verified": lambda: ([body["holder"]], None),
        "quorum.met": lambda: (body["by"], None), "roster.changed": lambda: ([body["by"]], "officer"),
        "sign.confirmed": lambda: ([body["by"]], "officer"), "revocation": lambda: ([body["by"]], "officer"),
        "destruction": lambda: ([body["by"]], "officer"),
        "break.begun": lambda: ([body["by"]], "witness"), "break.ended": lambda: ([body["by"]], "witness"),
        "attestation": lambda: ([body["by"]], None), "custody": lambda: ([body["by"], body["witness"]], None),
        "evidence.imported": lambda: ([body["by"]], "witness"), "authority.adopted": lambda: ([body["by"]], "witness"),
        "freshness.beacon": lambda: ([body["by"]], None),
        "ceremony.abort": lambda: ([body["by"]], "officer"),
    }.get(line.type, lambda: ([], None))()


def d4_clocks(facts):
    check, latest, uptime, readers = Check("D4"), 0, 0, set()
    for line in facts.lines:
        check.demand(line.t >= latest - 60, f"record {line.n}: the wall clock goes back by {latest - line.t} seconds")
        check.demand(line.mono >= uptime or line.type in ("ceremony.abort", "ceremony.resume"), f"record {line.n}: the monotonic clock goes back")
        latest, uptime = max(latest, line.t), line.mono
    for line in facts.of("clock.attest"):
        body, difference = line.body, line.body["difference_seconds"]
        check.demand((body["step"], body["reader"]) not in readers, f"record {line.n}: {body['reader']} read a clock twice")
        readers.add((body["step"], body["reader"]))
        allowed = facts.step(body["step"]).get("tolerance_seconds", 0)
        check.demand(abs(difference) <= allowed or body["step"] not in facts.done, f"record {line.n}: a clock differs by {difference} seconds")
        check.demand(abs(seconds(body["reading"]) - line.t - difference) <= 30, f"record {line.n}: the reading does not fit its difference")
    check.evidence = f"{at(facts.lines[0].t)} to {at(facts.lines[-1].t)}, {len(readers)} readings of other clocks"
    return check


OF_CEREMONY = ("title", "name", "authority", "environment", "trust-domain", "policy", "place", "recording", "next-ceremony", "window",
               "rehearsed-within-days")


def d6_ceremony_file(facts):
    """The plan against the file that people reviewed."""
    check, plan = Check("D6"), facts.plan
    if facts.opened["mode"] == "rehearsal":
        return check.nothing("a rehearsal's plan is derived")
    for step, did in facts.steps.items():
        constraints = did.get("extensions", {}).get("name_constraints") or {}
        names = [one for member in ("permitted", "excluded") for one in constraints.get(member, {}).get("directory", [])]
        for name in names + ([did["subject"]] if "subject" in did else []):
            shown = check.attempt(show_name, bytes.fromhex(name["der"]))
            check.demand(shown is None or shown == name["text"], f"a name of step {step} does not read as its bytes say")
    try:
        file = as_in_json(tomllib.loads(facts.artifact("ceremony.toml").decode()))
    except (ValueError, RecursionError) as problem:
        check.fail(problem)
        return check
    for key in OF_CEREMONY:
        check.demand(file.get("ceremony", {}).get(key) == plan[key.replace("-", "_")], f"the plan has another {key}")
    check.demand(file.get("waiver", []) == plan["waivers"], "the plan has other waivers")
    duties = [{key: value for key, value in duty.items() if key != "kind"} for duty in plan["duties"] if duty["kind"] == "written"]
    check.demand(file.get("duty", []) == duties, "the plan has other duties")
    steps = [one for step in file.get("step", []) for one in check.attempt(members_of, step) or []]
    check.demand(len(steps) == len(plan["steps"]), "the plan has more steps than the file, or fewer")
    for written, planned in zip(steps, plan["steps"]):
        check.demand(written.get("id") == planned["id"], f"the plan has the step {planned['id']} where the file has not")
        for key, value in written.items():
            same = key == "id" or is_as_written(key, value, planned["action"])
            check.demand(same, f"step {planned['id']} has another {key}")
    check.evidence = f"{len(plan['steps'])} steps"
    return check


def members_of(step):
    """The steps of a plan that a step of the file stands for: itself, or each list of its series."""
    if step.get("do") == "adopt-authority":
        return [{"crl": None, "without-crl": None, "reason-where-none": None, **step}]
    if step.get("do") != "issue-crl":
        return [step]
    step = {"issuing-distribution-point": [], **step, "embargo": None}
    series = step.pop("series", None)
    if series is None:
        return [step]
    members = []
    for place in range(min(series["count"], 1000)):
        later = place * series["every-days"] * 86400
        member = {**step, "id": f"{step['id']}-{place + 1}", **{key: at(seconds(step[key]) + later) for key in ("this-update", "next-update")}}
        members.append({**member, "embargo": member["this-update"] if place else None})
    return members


def as_in_json(value):
    """A value of TOML with instants as texts."""
    if isinstance(value, dict):
        return {key: as_in_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_in_json(one) for one in value]
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


OF_EXTENSIONS = ["path-length", "extended-key-usage", "name-constraints", "policies", "crl-distribution-points",
                 "authority-information-access", "spiffe-id"]


def name_as_written(written, der):
    """A file says each attribute by itself, in the usual order but for SERIALNUMBER, and DC and STREET alone more than once."""
    attributes = [(kind.upper(), value) for one in written for kind, value in one.items()]
    labels = {identifier: label for identifier, (label, _) in ATTRIBUTE_TYPES.items()}
    kinds, usual = [kind for kind, _ in attributes], list(labels.values())
    ordered = [usual.index(kind) for kind in kinds if kind in usual and kind != "SERIALNUMBER"]
    if ordered != sorted(ordered) or any(kinds.count(kind) > 1 and kind not in ("DC", "STREET") for kind in kinds):
        return False
    return attributes == [(labels.get(one[0]), one[2]) for names in read_name(bytes.fromhex(der)) for one in names]


def constraints_as_written(written, planned):
    """Name constraints of the file: what it leaves out is critical, or empty."""
    def same(file, plan):
        names = file.get("directory", [])
        return len(names) == len(plan["directory"]) and all(map(name_as_written, names, (one["der"] for one in plan["directory"]))) and all(
            file.get(kind, []) == plan[kind] for kind in ("dns", "ip", "uri"))
    return planned is not None and planned["critical"] == written.get("critical", True) and all(
        same(written.get(member, {}), planned[member]) for member in ("permitted", "excluded"))


def is_as_written(key, written, did):
    """Whether a step of the plan has what the file says, where the plan repeats it."""
    planned = did.get(key.replace("-", "_"))
    if key in OF_EXTENSIONS:
        planned = did["extensions"][key.replace("-", "_")]
        return constraints_as_written(written, planned) if key == "name-constraints" else planned == written
    if (did["do"], key) == ("cross-sign", "certificate") and isinstance(written, dict):
        return planned.get("certificate", {}).get("sha256") == written.get("sha256")
    if key in ("key", "issuer") or (did["do"], key) == ("cross-sign", "certificate"):
        reference = re.fullmatch("(ledger:(?:([0-9]+)/)?)?(.*)", written)
        return planned is not None and planned.get("id") == reference[3] and planned["from"] == ("ledger" if reference[1] else "step") and (
            reference[2] in (None, str(planned.get("ordinal"))))
    if key == "subject":
        return name_as_written(written, did["subject"]["der"])
    if key == "content":
        return did.get("wipe") == (written == "wipe")
    if key == "quorum" and did["do"] == "provision":
        return (did["shares"] is None) == (written == "token")
    if (did["do"], key) == ("clock", "beacon"):
        return did["beacon"] == (written == "brought")
    if (did["do"], key) == ("custody", "number"):
        return did["expected"] == written
    if (did["do"], key) == ("read-aloud", "digest"):
        return did["named"]["of"] == written
    if (did["do"], key) == ("adopt-authority", "issued"):
        return [one["sha256"] for one in written] == [one["sha256"] for one in did["issued"]]
    if did["do"] == "revoke" and key in ("at", "reason"):
        return did["entry"][key] == written
    if isinstance(written, dict) and isinstance(planned, dict):
        return all(planned.get(member, value) == value for member, value in written.items())
    another_shape = isinstance(written, (dict, str)) and isinstance(planned, (dict, list))
    return another_shape or key.replace("-", "_") not in did or (planned == written and type(planned) is type(written))


# --- 10. What people witnessed: D5


CLASSES = ("note", "deviation", "repeated", "doubtful", "compromise")


def d5_witnessed(facts):
    check, there, bags, exceptions, acts, compromised = Check("D5"), set(), {}, 0, 0, None
    for line in facts.lines:
        body, at = line.body, f"record {line.n}"
        check.demand(compromised is None or line.type in ("person.arrived", "person.left", "exception", "ceremony.abort"),
                     f"{at}: the ceremony goes on after exception {compromised}, a compromise")
        if line.type == "exception":
            exceptions += 1
            compromised = body["number"] if body["class"] == "compromise" else compromised
            check.attempt(exception_holds, facts, there, body, exceptions)
        elif line.type == "read.aloud":
            check.attempt(read_aloud_holds, facts, body)
        elif line.type == "attestation":
            check.attempt(attestation_holds, facts, line)
        elif line.type == "step.done":
            check.attempt(everybody_attested, facts, there, line)
        elif line.type == "custody":
            check.attempt(bag_holds, facts, bags, body)
        elif line.type == "freshness.beacon":
            check.demand(body["source"] and body["value"], f"{at}: a beacon that says nothing")
        elif line.type == "evidence.imported":
            named = body["file"]["name"] == body["step"] + ".evidence" and body["file"]["size"] <= 16 << 20
            check.demand(named, f"{at}: {body['file']['name']} is no evidence of that step, or too large")
        elif line.type == "ceremony.close":
            check.demand(body["duties"] == facts.plan["duties"], f"{at}: the duties are not the plan's")
        acts += line.type in ("read.aloud", "attestation", "custody", "freshness.beacon")
        there = present_after(there, line)
    check.attempt(duties_hold, facts)
    check.evidence = f"{exceptions} exceptions, {acts} acts witnessed, {len(facts.plan['duties'])} duties"
    return check if exceptions or acts or facts.plan["duties"] else check.nothing("nothing of the kind")


def exception_holds(facts, there, body, nth):
    demand(body["number"] == nth, f"exception {body['number']} is number {nth}")
    demand(body["expected"] and body["happened"] and body["decided"], f"exception {nth} does not say what happened or was decided")
    role = next((role for role in ("administrator", "officer") if any(facts.roster.has(one, role) for one in there)), None)
    demand(body["by"] in there and (role is None or facts.roster.has(body["by"], role)), f"{body['by']} was not there, or may not decide")


def read_aloud_holds(facts, body):
    of, plan = body["named"]["of"], facts.plan
    expected = {"plan": facts.opened["plan_sha256"], "roster": plan["roster_sha256"], "script": plan["script_sha256"],
                "previous-head": plan["previous_head"], "input": body["named"].get("file", {}).get("sha256")}[of]
    demand(body["digest"] == expected, f"{body['digest']} was read as the {of}, which is {expected}")
    places = body["positions"]
    demand(len(places) == 3 and places == sorted(set(places)) and 1 <= places[0] and places[-1] <= 32 and body["attempts"] > 0,
           "not three different words of 32 were asked for")


def attestation_holds(facts, line):
    body, did = line.body, facts.step(line.body["step"])
    if did["do"] != "attest":
        return
    demand(body["text"] == did["text"], f"{body['by']} states another sentence than the plan's")
    demand(any(facts.roster.has(body["by"], role) for role in did["by"]), f"{body['by']} states what other roles are asked for")
    demand(body["refusal"] != "", f"{body['by']} refuses without a reason")
    again = any(other.n < line.n and (other.body["step"], other.body["by"]) == (body["step"], body["by"]) for other in facts.of("attestation"))
    demand(not again, f"{body['by']} states it twice")


def everybody_attested(facts, there, line):
    did = facts.step(line.body["step"])
    if did["do"] != "attest":
        return
    stated = {other.body["by"] for other in facts.of("attestation") if other.n < line.n and other.body["step"] == line.body["step"]}
    silent = [one for one in there if one not in stated and any(facts.roster.has(one, role) for role in did["by"])]
    demand(not silent, f"{', '.join(sorted(silent))} neither stated it nor refused")


def bag_holds(facts, bags, body):
    did, item, compares = facts.step(body["step"]), body["item"], body["act"] != "seal"
    if did["do"] != "custody":
        return
    here, known = item in bags, bags.get(item) if item in bags else did["expected"]
    known = known if compares else None
    bags[item] = None if body["act"] == "open" else body["number"]
    demand(body["expected"] == known and (known is not None or not compares), f"the bag of {item} is compared with another number")
    if not here and facts.before and item in facts.before.bags:
        demand(facts.before.bags[item] == known, f"the last record of the bag of {item} says otherwise than the plan")
    demand(body["place"] == did["place"], f"{item} goes elsewhere than planned")
    demand(body["by"] != body["witness"] and facts.roster.has(body["witness"], "witness"), f"not two people read the bag of {item}")
    grave = any(line.body["step"] == body["step"] and CLASSES.index(line.body["class"]) >= CLASSES.index("doubtful") for line in facts.of("exception"))
    demand(body["expected"] in (None, body["number"]) or grave, f"the bag of {item} has another number, and no exception says so")


def duties_hold(facts):
    duties, to = facts.plan["duties"], seconds(facts.plan["window"]["to"])
    count = next((place for place, duty in enumerate(duties) if duty["kind"] != "written"), len(duties))
    demand(all(seconds(duty["due"]) > to for duty in duties[:count]), "a duty is due before the window ends")
    expected = []
    for id, did in facts.steps.items():
        if did["do"] == "adopt-authority":
            below = [(f"{id}-{place + 1}", one["validity"]["to"]) for place, one in enumerate(did["below"])]
            ends = [(id, did["root"]["validity"]["to"])] + [(name, end) for name, end in below if seconds(end) > to]
            expected += [(name, "certificate-expiry", end) for name, end in ends]
            expected += [(id, "next-crl", did["list"]["next_update"])] if did["list"] else []
        elif did["do"] == "issue-crl":
            expected.append((id, "next-crl", did["next_update"]))
        elif "serial" in did:
            expected.append((id, "certificate-expiry", did["validity"]["to"]))
        elif any((did.get(member) or {}).get("dealt") == "here" for member in ("shares", "to") if isinstance(did.get(member), dict)):
            expected.append((id, "share-check", at(to + 365 * 86400)))
    demand([(duty["id"], duty["kind"], duty["due"]) for duty in duties[count:]] == expected, "other duties follow from the steps")
    demand(len({(duty["kind"], duty["id"]) for duty in duties}) == len(duties), "a duty is there twice")
    for id, did in facts.steps.items():
        done = did.get("discharges")
        demand(not done or not facts.before or (done["ordinal"], done["id"]) in facts.before.duties,
               f"step {id} says that a duty is done which is not open")


# --- 11. Tokens, shares, keys, devices: E1 to E5


def e1_tokens(facts):
    check, seen, used = Check("E1"), {}, {one.token for one in facts.operations}
    for line in facts.of("token.info"):
        token = line.body["token"]
        if token in used or facts.complete:
            check.attempt(token_is_right, facts, line, token in seen)
        seen[token] = line.body
    for token in facts.plan["tokens"]:
        check.demand(token in seen or token not in used and not facts.complete, f"no record says what the token {token} is")
    check.evidence = ", ".join(f"{token} serial {info['serial']} ({info['manufacturer']} {info['model']})" for token, info in sorted(seen.items()))
    return check if seen else check.nothing("no token was used")


def token_is_right(facts, line, again):
    info, token = line.body, line.body["token"]
    at, bound = f"record {line.n}: {token}", facts.binding.tokens.get(token)
    demand(bound and token in facts.plan["tokens"], f"{at} is not in plan and binding")
    demand(info["module_sha256"] == facts.binding.module_sha256, f"{at}: another module than the binding's")
    if bound == "blank":
        demand(again or not info["initialised"], f"{at} is initialised, the binding says that it is blank")
    else:
        demand("serial=" + info["serial"] == bound, f"{at} has the serial {info['serial']}, the binding says {bound}")
    provisions = [(step, did) for step, did in facts.steps.items() if did["do"] == "provision" and did["token"] == token]
    if not provisions:
        known = facts.before.token(token) if facts.before else None
        demand(known or not facts.before, f"{at} was provisioned by no earlier ceremony")
        demand(not known or known.serial == info["serial"], f"{at} has another serial number than in the ledger")
        return
    step, did = provisions[0]
    pin_set = any(one.function == "C_InitPIN" and one.ok and one.answered < line.n for one in facts.operations_of(step))
    demand(did["mode"] == "init" or info["label"] == did["label"], f"{at} has another label than the plan takes over")
    demand(not pin_set or info["initialised"] and info["user_pin_set"] and info["label"] == did["label"],
           f"{at} was provisioned and does not say so")


def e2_operations(facts):
    check, expected, waiting, logged_in = Check("E2"), 1, None, set()
    for line in facts.lines:
        body, at = line.body, f"record {line.n}"
        if line.type == "op.intent":
            check.demand(waiting is None, f"{at}: an operation begins before the one before it was answered")
            check.demand(body["op"] == expected, f"{at}: operation {body['op']} follows operation {expected - 1}")
            expected, waiting = body["op"] + 1, body
            check.demand(is_planned(facts, line), f"{at}: operation {body['op']} is not what the plan has in step {body['step']}")
            needs = body["call"]["function"] in ("C_GenerateKeyPair", "C_DestroyObject", "C_Sign")
            check.demand(not needs or body["token"] in logged_in, f"{at}: operation {body['op']} on {body['token']}, where nobody logged in")
        elif line.type == "op.result":
            if waiting is None or waiting["op"] != body["op"]:
                check.fail(f"{at}: an answer to operation {body['op']}, which is not open")
            else:
                call, ok = waiting["call"], body["rv"] == "CKR_OK"
                check.demand(body["rv"].startswith("CKR_") or body["rv"] == "none", f"{at}: {body['rv']} is no CKR name")
                check.demand(("key" in body) == (ok and call["function"] == "C_GenerateKeyPair")
                             and ("signature" in body) == (ok and call["function"] == "C_Sign"), f"{at}: the answer has not what such a call returns")
                if ok and call["function"] == "C_Login" and call["of"] == "user":
                    logged_in.add(waiting["token"])
                if call["function"] == "C_SetPIN":
                    logged_in.discard(waiting["token"])
            waiting = None
        elif line.type == "ceremony.resume":
            check.demand(waiting is None or waiting["op"] in body["unanswered"], f"{at} does not say which operation has no answer")
            waiting, logged_in = None, set()
        elif line.type == "break.begun" and facts.closes_tokens(body["step"]):
            logged_in = set()
    if waiting is not None and facts.outcome != "aborted":  # F7 demands that an abort record lists it.
        check.fail(f"operation {waiting['op']} has no answer", "FAIL" if facts.complete else "incomplete")
    answered = sum(one.result is not None for one in facts.operations)
    check.evidence = f"{answered} of {len(facts.operations)} answered"
    return check if facts.operations else check.nothing("no token operation")


def is_planned(facts, line):
    body, call = line.body, line.body["call"]
    token, did, function = body["token"], facts.step(body["step"]), call["function"]
    if function == "C_Login":
        return did["do"] is not None and token in facts.plan["tokens"]
    if function == "C_InitToken":
        wiped = call.get("wipes")
        return did["do"] == "provision" and (did["token"], did["label"], did["wipe"]) == (token, call["label"], wiped is not None) and (
            wiped is None or facts.binding.tokens.get(token) == f"serial={wiped}")
    if function == "C_InitPIN":
        return did["do"] == "provision" and did["token"] == token
    if function == "C_SetPIN":
        return token in sets_pins_of(did)
    if function == "C_GenerateKeyPair":
        key_id = sha256(f"anchorite-key-id/v1\n{line.cer}\n{body['op']}\n".encode())[:32]
        return did["do"] == "generate-key" and (did["token"], did["algorithm"], did["label"], key_id) == (
            token, call["algorithm"], call["label"], call["key_id"])
    if function == "C_DestroyObject" and did["do"] == "destroy-key":
        decided = any(other.body["step"] == body["step"] and other.n < line.n for other in facts.of("destruction"))
        return decided and (facts.token_of(did["key"]), did["key_id"]) == (token, call["key_id"])
    if function == "C_DestroyObject":
        made = [one for one in facts.operations_of(body["step"]) if one.op < body["op"] and one.function == "C_GenerateKeyPair"]
        return did.get("token") == token and any(one.call["key_id"] == call["key_id"] for one in made)
    return facts.token_of(facts.signing_key(did)) == token


def e3_shares(facts):
    check, seen = Check("E3"), []
    judges = {"quorum.split": split_is_planned, "pin.policy": policy_fits, "share.verified": verified_fits, "quorum.met": quorum_fits,
              "token.moved": moved_fits, "shares.retired": retired_fits, "op.intent": call_follows}
    for line in facts.lines:
        if line.type in judges:
            try:
                judges[line.type](facts, line)
            except Bad as problem:
                check.fail(f"record {line.n}: {problem}")
            if line.type not in ("op.intent", "pin.policy", "share.verified"):
                seen.append(f"{line.type} {line.body['set_id']}")
    check.evidence = ", ".join(seen)
    return check if seen else check.nothing("no share was used")


def split_is_planned(facts, line):
    split, planned = line.body, deals(facts.step(line.body["step"]))
    demand(planned, f"step {split['step']} splits no secret")
    roster, holders = facts.roster_of(split["step"]), [share["holder"] for share in split["shares"]]
    demand(facts.split_of(split["step"], line.n) is None, "shares are dealt twice in one step")
    demand(all(split[member] == planned[member] for member in ("set", "epoch", "threshold")), "set, epoch or threshold are not the planned ones")
    demand(holders == planned["holders"] == roster.holders(split["set"]), "the holders are not those of plan and roster")
    demand([share["index"] for share in split["shares"]] == list(range(1, len(holders) + 1)), "the shares are not numbered from 1")
    demand(len({share["commitment"] for share in split["shares"]}) == len(holders), "two shares have one commitment")
    demand(len(split["set_id"]) == 8, "a set_id has 4 octets")
    demand(2 <= split["threshold"] <= len(holders) and split["threshold"] == roster.threshold(split["set"]), "the threshold is not the roster's")
    if facts.before:
        epochs = [one["epoch"] for one in facts.before.share_sets if one["set"] == split["set"]]
        demand(split["epoch"] == max(epochs, default=0) + 1, f"epoch {split['epoch']} does not follow")


def verified_fits(facts, line):
    body, split = line.body, facts.split_of(line.body["step"], line.n)
    known = split and split["set_id"] == body["set_id"] and any(
        (share["index"], share["holder"]) == (body["index"], body["holder"]) for share in split["shares"])
    demand(known, f"{body['holder']} verified share {body['index']} of a split that the step did not make")
    again = any((other.body["set_id"], other.body["index"]) == (body["set_id"], body["index"]) for other in facts.of("share.verified") if other.n < line.n)
    demand(not again, f"share {body['index']} was verified twice")


def policy_fits(facts, line):
    policy, n, did = line.body, line.n, facts.step(line.body["step"])
    token, named = policy["token"], did.get("shares") if did["do"] == "provision" else did.get("to")
    demand(named and token in sets_pins_of(did), f"step {policy['step']} sets no PIN of {token}")
    split = facts.split_named(named, n)
    if deals(did):
        dealt = facts.split_of(policy["step"], n)
        verified = sum(other.n < n and other.body["set_id"] == dealt["set_id"] for other in facts.of("share.verified")) if dealt else 0
        demand(dealt and verified == len(dealt["shares"]), f"PINs follow from a secret after {verified} holders entered their share again")
    demand(facts.policy(policy["step"], token, n) is None, "a second PIN policy for one token")
    demand(policy["epoch"] == named["epoch"] and (split is None or (split["set_id"], split["epoch"]) == (policy["set_id"], policy["epoch"])),
           "the PIN policy is of another split than planned")
    known = facts.before.token(token) if facts.before else None
    if did["do"] == "reshare" and known and known.policies():
        same = {**known.policies()[0], **{member: policy[member] for member in ("step", "set_id", "epoch")}}
        demand(same == policy, "the PINs are spelled in another way than before")
    demand(len(policy["token_id"]) == 32, "a token_id has 16 octets")
    digits = policy["alphabet"] == "0123456789"
    demand(1 <= policy["length"] <= (48 if digits else 32), "the PINs have a length that is not derived")
    symbols = len(policy["alphabet"]) ** policy["length"]
    bits = symbols.bit_length() - 1
    demand(policy["entropy_bits"] == bits, f"the PINs have {bits} bits, not {policy['entropy_bits']}")
    locks_out = any(info.body["token"] == token and info.body["locks_out"] for info in facts.of("token.info"))
    demand(bits >= (64 if locks_out else 128) or facts.waived("pin-strength", line.t), f"the PINs of {token} are weak: {bits} bits")


def quorum_fits(facts, line):
    set_id, by = line.body["set_id"], line.body["by"]
    split = next((other.body for other in facts.of("quorum.split") if other.body["set_id"] == set_id), None)
    split = split or next((one for one in facts.before.share_sets if one["set_id"] == set_id), None) if facts.before else split
    demand(split or not facts.before, f"the ledger does not know the split {set_id}")
    holders = [share["holder"] for share in split["shares"]] if split else facts.roster.holders("operate")
    threshold = split["threshold"] if split else facts.roster.threshold("operate")
    demand(len(set(by)) == len(by) and set(by) <= set(holders), f"somebody entered a share of {set_id} twice, or holds none")
    demand(len(by) >= threshold, f"{len(by)} shares of {set_id} were entered, {threshold} are needed")


def call_follows(facts, line):
    body, n, did = line.body, line.n, facts.step(line.body["step"])
    function, token = body["call"]["function"], body["token"]
    if function in ("C_InitToken", "C_InitPIN", "C_SetPIN"):
        demand(facts.policy(body["step"], token, n), f"a PIN of {token} is set before its policy is in the record")
        if did["do"] == "reshare":
            quorums_met(facts, body["step"], did, n)
    elif function == "C_Login" and body["call"]["path"] == "device":
        known = facts.before.token(token) if facts.before else None
        adopts = any(one["do"] == "provision" and one["token"] == token and not one["shares"] for one in facts.steps.values())
        demand(adopts or not facts.before or known and not known.pins, f"a login on {token} without a PIN, and it does not hold its own quorum")
    elif function == "C_Login":
        login_follows(facts, token, n)


def quorums_met(facts, step, did, n):
    """Every set that opened the tokens was opened by its holders, and so was the one that will, unless it is new."""
    since = facts.logged_out_at(n)
    met = [other.body["set_id"] for other in facts.of("quorum.met") if since <= other.n < n and other.body["step"] == step]
    epochs = did["from"] + ([] if deals(did) else [did["to"]["epoch"]])
    if not facts.before:
        demand(len(met) >= len(epochs), f"a PIN is replaced in step {step} before {len(epochs)} quorums met")
        return
    for epoch in epochs:
        split = facts.before.split(did["to"]["set"], epoch)
        demand(split and split["set_id"] in met, f"a PIN is replaced in step {step} without a quorum of epoch {epoch}")


def login_follows(facts, token, n):
    """A quorum rebuilt the secret that the PIN follows from, or it was dealt here, since tokens were closed last."""
    since = facts.logged_out_at(n)
    here = [other.body["set_id"] for other in facts.of("pin.policy") if other.n < n and other.body["token"] == token][-1:]
    earlier = facts.before.token(token) if facts.before else None
    known = here or ([policy["set_id"] for policy in earlier.policies()] if earlier else [])
    at_hand = any(since <= other.n < n and (other.body["set_id"] in known or not facts.before and not here) for other in facts.of("quorum.met"))
    dealt = any(since <= other.n < n and other.body["set_id"] in known for other in facts.of("quorum.split"))
    demand(at_hand or dealt, f"a login on {token} without a quorum")


def moved_fits(facts, line):
    body, n, did = line.body, line.n, facts.step(line.body["step"])
    step, token = body["step"], body["token"]
    demand(did["do"] == "reshare", f"step {step} moves no token")
    split, policy = facts.split_named(did["to"], n), facts.policy(step, token, n)
    demand(token in did["tokens"] and policy and policy["set_id"] == body["set_id"] and (split is None or split["set_id"] == body["set_id"]),
           f"{token} is said to have moved to {body['set_id']}, which is not planned")
    demand(all(facts.pin_replaced(step, token, owner, n) for owner in ("security-officer", "user")), f"not both PINs of {token} were replaced")
    proven = any(one.n < n and one.token == token and one.is_of("C_Login", "user") and one.ok for one in facts.operations_of(step))
    demand(proven, f"{token} is said to have moved, and no login proves it")


def retired_fits(facts, line):
    set_id, did = line.body["set_id"], facts.step(line.body["step"])
    demand(did["do"] == "reshare", f"step {line.body['step']} retires no shares")
    if not facts.before:
        return
    replaced = any((one["set_id"], one["set"]) == (set_id, did["set"]) and one["epoch"] in did["from"] for one in facts.before.share_sets)
    demand(replaced, f"{set_id} is said to be retired, and the step does not replace it")
    moved = {other.body["token"] for other in facts.of("token.moved") if other.n < line.n and other.body["set_id"] != set_id}
    for token in facts.before.opened_by(set_id):
        demand(token.name in moved, f"{set_id} is said to be retired, and it opens {token.name}")


# What has to be read back of a key, and whether the token may say nothing of it.
WANTED = {"token": ("true", False), "private": ("true", True), "sensitive": ("true", False), "extractable": ("false", False),
          "always_sensitive": ("true", True), "never_extractable": ("true", True), "local": ("true", True), "sign": ("true", False),
          "decrypt": ("false", True), "unwrap": ("false", True), "derive": ("false", True)}


def e4_keys(facts):
    check, seen = Check("E4"), []
    for step, did in facts.steps.items():
        made = facts.key_made(step) if did["do"] == "generate-key" and step in facts.done else None
        if not made:
            continue
        key, at = made.key[0], f"record {made.key[1]}: the key of step {step}"
        spki = base64.b64decode(key["spki"])
        check.demand(sha256(spki) == key["spki_sha256"], f"{at} has another digest")
        found = check.attempt(read_key, spki)
        check.demand(not found or found[0] == {"ecdsa-p256": "P-256", "ecdsa-p384": "P-384"}[did["algorithm"]], f"{at} is of another algorithm")
        check.demand(not key["contradictions"], f"{at}: what the token says cannot be true together")
        for attribute, (wanted, silence) in WANTED.items():
            check.demand(key[attribute] == wanted or silence and key[attribute] == "absent", f"{at}: {attribute} is {key[attribute]}")
        seen.append(f"{step} {did['algorithm']}")
    for line in facts.of("authority.adopted"):
        key, at = line.body["key"], f"record {line.n}: the key of step {line.body['step']}"
        found = sha256(base64.b64decode(key["spki"]))
        check.demand(found == key["spki_sha256"] == facts.step(line.body["step"]).get("root", {}).get("spki_sha256"), f"{at} is not the root's")
        seen.append(f"{line.body['step']} adopted as it is")
    check.evidence = ", ".join(seen)
    return check if seen else check.nothing("no key was made or adopted")


def e5_devices(facts):
    check, said, unread = Check("E5"), [], []
    counted_objects(facts, check, said)
    logs = {}
    for line in facts.of("evidence.imported"):
        token, name = line.body["token"], line.body["file"]["name"]
        if line.body["form"] == "opaque":
            unread.append(f"NOT CHECKED: {name} of {token}, in a form that is not read")
            continue
        log = check.attempt(yubihsm2_log, facts.artifact(name))
        if log is None:
            continue
        if token in logs:
            between = check.attempt(logged_between, logs[token][1], log)
            if between is not None:
                check.attempt(logged_as_recorded, facts, token, logs[token][0], line.n, between)
                said.append(f"{token} logged {len(between)} entries")
        else:
            unread.append(f"NOT CHECKED: {name} of {token}, with no earlier log to count from")
        logs[token] = (line.n, log)
    check.evidence = "; ".join(said + unread)
    return check if said else check.nothing("; ".join(unread) or "no token was counted twice, and no log was taken in")


def made_between(facts, token, function, start, end):
    """How many calls were answered with CKR_OK, and how many were perhaps made."""
    calls = [one for one in facts.operations if one.token == token and one.function == function and start <= one.n < end]
    made = sum(one.ok for one in calls)
    return range(made, made + sum(one.result is None for one in calls) + 1)


def counted_objects(facts, check, said):
    """Two counts of a token's objects differ by the keys that were made in between."""
    counted, kinds = {}, ("data", "certificates", "secret_keys", "others")
    for line in facts.lines:
        if line.type == "op.intent" and line.body["call"]["function"] == "C_InitToken":
            counted.pop(line.body["token"], None)
        if line.type != "token.info" or not line.body["logged_in"] or not line.body["objects"]:
            continue
        token, after = line.body["token"], line.body["objects"]
        if token in counted:
            n, before = counted[token]
            made = made_between(facts, token, "C_GenerateKeyPair", n, line.n)
            gone = {half: [one for one in facts.operations if one.token == token and one.call.get("class") == half + "-key" and n <= one.n < line.n]
                    for half in ("private", "public")}
            fits = all(any(after[half + "_keys"] - before[half + "_keys"] + removed in made for removed in
                           range(sum(one.ok for one in gone[half]), sum(one.ok or one.result is None for one in gone[half]) + 1)) for half in gone)
            check.demand(fits and all(after[kind] == before[kind] for kind in kinds),
                         f"record {line.n}: the objects of {token} are not those of record {n} and the keys made since")
            said.append(f"{token} grew by the keys made")
        counted[token] = (line.n, after)


LOG_ENTRY = re.compile(r"item: +(\d+) -- cmd: 0x([0-9a-f]{2}) -- length: +(\d+) -- session key: 0x([0-9a-f]{4}) -- target key: 0x([0-9a-f]{4}) -- "
                       r"second key: 0x([0-9a-f]{4}) -- result: 0x([0-9a-f]{2}) -- tick: (\d+) -- hash: ([0-9a-f]{32})")


def yubihsm2_log(data):
    """Entries (number, command, result, digest) of what yubihsm-shell prints; each digest follows from the one before."""
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        raise Bad(f"the log of the device: {problem}") from problem
    entries = []
    for line in (line.strip() for line in text.splitlines()):
        missed = re.match(r"(.*?) unlogged ", line)
        demand(not missed or missed[1] == "0", f"the device says: {line}")
        if not line.startswith("item:"):
            continue
        found = LOG_ENTRY.fullmatch(line)
        demand(found, f"this is no entry: {line}")
        values = [int(found[1]), int(found[2], 16), int(found[3])] + [int(found[place], 16) for place in (4, 5, 6, 7)] + [int(found[8])]
        demand(all(value < 1 << bits for value, bits in zip(values, (16, 8, 16, 16, 16, 16, 8, 32))), f"this is no entry: {line}")
        octets = b"".join(value.to_bytes(size, "big") for value, size in zip(values, (2, 1, 2, 2, 2, 2, 1, 4)))
        entry = (values[0], values[1], values[6], bytes.fromhex(found[9]))
        if entries:
            demand(entry[0] == (entries[-1][0] + 1) % 65536, f"entry {entry[0]} follows {entries[-1][0]}")
            demand(hashlib.sha256(octets + entries[-1][3]).digest()[:16] == entry[3], f"the digest of entry {entry[0]} does not follow")
        entries.append(entry)
    demand(entries, "the log of the device has no entry")
    return entries


def logged_between(earlier, log):
    known = next((place for place, entry in enumerate(log) if entry[0] == earlier[-1][0]), None)
    demand(known is not None and log[known] == earlier[-1], f"entry {earlier[-1][0]} of the earlier log is missing, or another")
    return log[known + 1:]


def logged_as_recorded(facts, token, start, end, between):
    did = [command for _, command, result, _ in between if result == command | 0x80]
    demand(not set(did) & {0x08, 0x44, 0x45, 0x4A, 0x4B, 0x4C}, f"the device {token} did what no record has")
    for commands, function in (((0x46,), "C_GenerateKeyPair"), ((0x47, 0x55, 0x56, 0x6A), "C_Sign"), ((0x58,), "C_DestroyObject")):
        found = sum(command in commands for command in did)
        demand(found in made_between(facts, token, function, start, end), f"{token} logged {found} of {function}, the record has others")


# --- 12. Signatures and what they made: F1 to F11; secrets: G1; rehearsals: J1


def f1_authorised(facts, authorised):
    check, attempts, left = Check("F1"), {}, dict(authorised or {})
    for one in facts.operations:
        if one.function != "C_Sign" or one.step not in facts.steps:
            continue
        at, did, digest = f"record {one.n}: step {one.step}", facts.step(one.step), sha256(facts.tbs(one.step))
        check.demand(digest == one.call["tbs_sha256"], f"{at} signs the TBS {one.call['tbs_sha256']}, its file has {digest}")
        earlier = attempts.get(one.step)
        again = earlier and not earlier.ok and earlier.call == one.call  # C6 asks whether that was allowed.
        fixed = did.get("tbs_sha256", "")
        allowed = again or (left.pop(one.step, "") if fixed is None else fixed) == digest
        check.demand(allowed, f"{at} signs what neither plan nor quorum lets it sign")
        attempts[one.step] = one
        check.demand(facts.signing_spki(did) == one.call["spki_sha256"], f"{at} signs with another key than its own")
        since = max((line.n for line in facts.of("ceremony.resume") if line.n < one.n), default=0)
        confirmed = any(since < line.n < one.n and line.body["word"] and (line.body["step"], line.body["tbs_sha256"]) == (one.step, one.call["tbs_sha256"])
                        for line in facts.of("sign.confirmed"))
        check.demand(confirmed, f"{at}: nobody confirmed that TBS")
    check.evidence = f"{len(attempts)} of {len(attempts)}"
    return check if attempts else check.nothing("nothing was signed")


def f2_signatures(facts):
    check, looked = Check("F2"), 0
    keys = {one.key[0]["spki_sha256"]: base64.b64decode(one.key[0]["spki"]) for one in facts.operations if one.key}
    keys.update({sha256(signed.tbs.spki): signed.tbs.spki for signed in facts.certificates()})
    keys.update({key["spki"]: key["der"] for key in facts.before.keys} if facts.before else {})
    for one in facts.operations:
        made = one.result.get("signature") if one.function == "C_Sign" and one.result else None
        if not made:
            continue
        looked += 1
        at, spki = f"record {one.answered}: step {one.step}", keys.get(one.call["spki_sha256"])
        if spki is None or sha256(spki) != one.call["spki_sha256"]:
            check.fail(f"{at}: the key {one.call['spki_sha256']} is nowhere in the record")
            continue
        holds = check.attempt(signature_of_key, spki, facts.tbs(one.step), base64.b64decode(made["value"]))
        check.demand(holds == made["verified"], f"{at}: the record says {made['verified']} of a signature that is {holds}")
        check.demand(holds or one.step not in facts.done, f"{at} is done with a signature that does not verify")
    check.evidence = f"{looked} of {looked}"
    return check if looked else check.nothing("nothing was signed")


def signature_of_key(spki, message, signature):
    kind, _ = read_key(spki)
    algorithm = {"P-256": "ecdsa-with-SHA256", "P-384": "ecdsa-with-SHA384"}.get(kind)
    return any(verifies(spki, der, message, signature) for der, known in SIGNATURE_ALGORITHMS.items() if known[0] == algorithm)


def f3_artifacts(facts):
    """The check, and what was released: step, certificate or CRL."""
    check, issued, steps = Check("F3"), [], set()
    for line in facts.of("artifact.out"):
        step = line.body["step"]
        check.demand(step not in steps, f"record {line.n}: step {step} released two objects")
        steps.add(step)
        try:
            issued.append((step, released_object(facts, line)))
        except Bad as problem:
            check.fail(f"record {line.n}: {line.body['file']['name']}: {problem}")
    signed = sum(one.function == "C_Sign" and one.ok for one in facts.operations)
    check.evidence = f"{len(issued)} objects, {signed} signatures"
    return (check if signed else check.nothing("nothing was signed")), issued


def released_object(facts, line):
    body, step = line.body, line.body["step"]
    kind = "crl" if facts.step(step)["do"] == "issue-crl" else "certificate"
    demand(step in facts.steps, "its step is not in the plan")
    demand((body["kind"], body["file"]["name"]) == (kind, f"{step}.{'crl' if kind == 'crl' else 'crt'}.pem"), "it is not what its step releases")
    made = [one.result["signature"] for one in facts.operations_of(step) if one.function == "C_Sign" and one.call["tbs_sha256"] == body["tbs_sha256"]
            and one.result and one.answered < line.n and one.result.get("signature", {}).get("verified")]
    demand(made, "the log has no good signature for it")
    signed = read_signed(facts.artifact(body["file"]["name"]), kind)
    demand(signed.tbs.der == facts.tbs(step) and sha256(signed.tbs.der) == body["tbs_sha256"], "its TBS is not the one that was signed")
    demand(signed.signature == base64.b64decode(made[0]["value"]), "its signature is not the one in the log")
    return signed


def f4_as_planned(facts, issued):
    check = Check("F4")
    for step, signed in issued:
        try:
            for what, holds in as_planned(facts, step, facts.step(step), signed.tbs):
                demand(holds, f"its {what} is not the planned one")
        except Bad as problem:
            check.fail(f"step {step}: {problem}")
    check.evidence = f"{len(issued)} of {len(issued)}"
    return check if issued else check.nothing("nothing was released")


def as_planned(facts, step, did, tbs):
    yield "issuer", tbs.issuer == facts.issuer_tbs(step, did).subject
    if tbs.kind == "crl":
        yield "number", tbs.number == did["number"]
        yield "period", (tbs.this_update, tbs.next_update) == (seconds(did["this_update"]), seconds(did["next_update"]))
        yield "issuingDistributionPoint", tbs.uris == did["issuing_distribution_point"]
        yield "list", tbs.entries == [(one["serial"], seconds(one["at"]), one["reason"]) for one in did["entries"]]
        return
    if did["do"] == "cross-sign":
        yield from stands_beside(facts, did, tbs, facts.issuer_tbs(step, did))
    if did["do"] == "sign-intermediate":
        yield "request", sha256(key_of_request(facts.artifact(did["csr"]["name"]))) == did["spki_sha256"]
    demand("serial" in did, "its step issues no certificate")
    yield "serial number", tbs.serial == did["serial"]
    yield "subject", tbs.subject.hex() == did["subject"]["der"]
    yield "validity", (tbs.start, tbs.end) == (seconds(did["validity"]["from"]), seconds(did["validity"]["to"]))
    yield "path length", tbs.path_length == did["extensions"]["path_length"]
    yield "set of extensions", [(known, *found) for known, found in tbs.extensions.items() if known not in EVERY_CA] == planned_extensions(did["extensions"])
    profile = did.get("profile", "cross")
    yield "profile", (profile == "root") == (did["do"] == "self-sign") and obeys_profile(profile, did["extensions"], read_key(tbs.spki)[0])
    yield "key", sha256(tbs.spki) == facts.certified_spki(did)


def stands_beside(facts, did, tbs, issuer):
    """A cross-certificate copies the certificate that it stands beside, and allows no more."""
    existing = facts.certified(did)
    beside = existing.tbs
    yield "subject, key or key identifier", (tbs.subject, tbs.spki, tbs.subject_key) == (beside.subject, beside.spki, beside.subject_key)
    yield "path length", beside.path_length is None or tbs.path_length is not None and tbs.path_length <= beside.path_length
    yield "validity", tbs.end <= beside.end and tbs.start >= min(beside.start, issuer.start)
    if did["certificate"]["from"] == "input":
        signed = beside.subject == beside.issuer and verifies(beside.spki, beside.algorithm, beside.der, existing.signature)
        yield "root", signed and beside.is_ca and beside.may_sign(True) and beside.subject_key is not None
    if did["csr"]:
        yield "request", key_of_request(facts.artifact(did["csr"]["name"])) == beside.spki


ISSUING = {"path": "any", "key": {"P-256", "P-384", "P-521", "RSA"}, "purpose": "server-auth", "id": False, "names": {"dns", "ip"}}
ANYTHING = {"path": "any", "key": None, "purpose": None, "id": True, "names": {"dns", "ip", "uri", "directory"}}
ABOVE = {"path": "above", "key": None}
OF_PROFILE = {  # Section 7.2.
    "root": ANYTHING | {"purpose": "none", "names": set()}, "intermediate": ANYTHING, "cross": ANYTHING,
    "device-issuing": ISSUING | {"path": "zero", "purpose": "client-auth", "names": ANYTHING["names"]},
    "gateway-mtls": ISSUING | {"path": "zero"},
    "spire-upstream-disk": ISSUING | {"path": "above", "id": True, "names": ANYTHING["names"]},
    "vault-issuing": ISSUING | {"path": "zero", "key": None}, "vault-subca": ISSUING | ABOVE, "cert-manager-ca": ISSUING,
    "istio-cacerts": ISSUING | {"key": {"P-256", "P-384", "RSA"}, "names": ANYTHING["names"]}, "linkerd-issuer": ISSUING | {"path": "zero", "key": {"P-256"}},
    "consul-connect-root": ISSUING | {"path": "above", "key": {"P-256"}, "id": "cluster", "names": {"ip", "uri", "directory"}},
    "consul-vault-root": ISSUING | {"path": "above", "key": {"P-256"}, "names": {"ip", "uri", "directory"}},
    "step-ca": ISSUING, "cfssl": ISSUING, "aws-pca-sub": ISSUING | {"purpose": None, "names": ANYTHING["names"]}}


def obeys_profile(profile, said, key):
    rules, spiffe, constraints = OF_PROFILE[profile], said["spiffe_id"] or "", said["name_constraints"] or {"permitted": {}, "excluded": {}}
    used = {form for member in ("permitted", "excluded") for form, names in constraints[member].items() if names}
    published = said["policies"] or said["crl_distribution_points"] or said["authority_information_access"]
    usage = said["extended_key_usage"]
    cluster = re.fullmatch("spiffe://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.consul", spiffe)
    return all([
        rules["path"] == "any" or (said["path_length"] == 0 if rules["path"] == "zero" else said["path_length"] != 0),
        rules["key"] is None or key in rules["key"],
        not usage or rules["purpose"] is None or rules["purpose"] in usage, used <= rules["names"],
        profile != "root" or not published and said["name_constraints"] is None,
        cluster if rules["id"] == "cluster" else rules["id"] or not spiffe, spiffe.count("/") in (0, 2)])


def f5_rules(facts, issued):
    check = Check("F5")
    for step, signed in issued:
        did = facts.step(step)
        issuer = check.attempt(facts.issuer_tbs, step, did)
        if not issuer:
            continue
        profile = None if signed.tbs.kind == "crl" else did["profile"] if did["do"] == "sign-intermediate" else "cross" if did["do"] == "cross-sign" else "root"
        previous = facts.before.crl_numbers.get(sha256(issuer.spki)) if facts.before else None
        for rule, broken in broken_rules(signed, issuer, profile, previous):
            check.demand(not broken, f"step {step} breaks the rule {rule}")
        for rule, broken in warnings(signed.tbs, profile == "root") if facts.plan["environment"] != "lab" else []:
            check.demand(not broken or facts.waived(rule, facts.lines[0].t), f"step {step} breaks the rule {rule}, and no waiver in force lets it pass")
    check.evidence = f"{len(issued)} objects"
    return check if issued else check.nothing("nothing was released")


def f6_fresh(facts):
    check, serials, numbers, looked = Check("F6"), set(), {}, 0
    for step, did in facts.steps.items():
        if did["do"] in (*SIGNING, "revoke", "destroy-key"):
            looked += 1
            try:
                is_fresh(facts, serials, numbers, step, did)
            except Bad as problem:
                check.fail(f"step {step}: {problem}")
    check.evidence = f"{len(serials)} serial numbers" + ("" if facts.before else ", within this bundle only: earlier ceremonies were not given")
    return check if looked else check.nothing("nothing is issued, revoked or destroyed")


def carried(facts, step, did, spki, decided):
    """The entries of a CRL: every revocation but those of certificates that had expired when an earlier CRL carried them."""
    expires = {one["serial"]: seconds(one["validity"]["to"]) for one in facts.steps.values() if "serial" in one}
    expires.update((one["serial"], one["expires"]) for one in facts.before.certificates if one["issuer"] == spki)
    order = list(facts.steps)
    here = [one for id, one in facts.steps.items() if one["do"] == "issue-crl" and facts.issuer_spki(one["issuer"]) == spki
            and order.index(id) < order.index(step)]
    earlier = [one for one in [*facts.before.effective_crls(spki), *here] if one["this_update"] < did["this_update"]]

    def shown(entry):
        expiry = expires.get(entry["serial"])
        return expiry is not None and expiry < seconds(did["this_update"]) and any(
            expiry < seconds(one["this_update"]) and any(other["serial"] == entry["serial"] for other in one["entries"]) for one in earlier)

    return sorted((entry for entry in decided if not shown(entry)), key=lambda entry: bytes.fromhex(entry["serial"]))


def f10_crl_dates(facts):
    """Lists that are signed ahead of their time, and the time until the next ceremony."""
    check, plan, ends = Check("F10"), facts.plan, {}
    for step, did in facts.steps.items():
        if did["do"] != "issue-crl":
            continue
        issuer, spki = (did["issuer"].get("ordinal"), did["issuer"]["id"]), facts.issuer_spki(did["issuer"])
        places = [one["places"] for one in facts.before.certificates if one["intermediate"] and one["issuer"] == spki
                  and one["expires"] >= seconds(did["this_update"])] if facts.before else []
        for other, signed in facts.steps.items():
            if other == step:
                break
            if signed["do"] == "sign-intermediate" and signed["issuer"] == did["issuer"]:
                places.append(signed["extensions"]["crl_distribution_points"])
        named = did["issuing_distribution_point"]
        check.demand(not named or all(one == named for one in places), f"step {step} names another place than the certificates")
        before, ends[issuer] = ends.get(issuer), did["next_update"]
        if did["embargo"] is not None:
            check.demand(did["embargo"] == did["this_update"], f"step {step} may be published from {did['embargo']}, not from its date")
            check.demand(before is not None and did["this_update"] < before, f"step {step} takes over from no list that is still valid then")
        elif plan["environment"] == "production":
            check.demand(did["this_update"] <= plan["window"]["to"], f"step {step} is dated after the ceremony and has no embargo")
    following = plan["next_ceremony"]
    if following is not None:
        check.demand(facts.opened["mode"] == "rehearsal" or following > plan["window"]["to"], "the next ceremony is not after this one")
        for end in ends.values():
            check.demand(end > following, f"a last list runs out at {end}, the next ceremony is {following}")
    check.evidence = f"{len(ends)} issuers"
    return check if ends else check.nothing("no CRL is issued")


def f11_adopted(facts):
    """A root that was made elsewhere: its files, and what the plan says of them."""
    check, seen = Check("F11"), []
    adopting = {step: did for step, did in facts.steps.items() if did["do"] == "adopt-authority"}
    for step, did in facts.steps.items():
        uses = did["do"] in (*SIGNING, "generate-key", "destroy-key", "revoke")
        check.demand(not (adopting and uses), f"step {step} makes or uses a key in a ceremony that adopts")
    check.demand(not (adopting and facts.before and facts.before.keys), "the authority had a key before")
    for step, did in adopting.items():
        try:
            adoption_holds(facts, step, did)
        except Bad as problem:
            check.fail(f"step {step}: {problem}")
        seen.append(f"{did['root']['subject']['text']} with {len(did['below'])} certificates and {len((did['list'] or {}).get('entries', []))} revocations")
    check.evidence = "ASSERTED, not proven: " + "; ".join(seen)
    return check if adopting else check.nothing("nothing was adopted")


def adoption_holds(facts, step, did):
    def taken_in(file, name, kind="certificate"):
        demand(file["name"] == name, f"{file['name']} is adopted as {name}")
        return read_signed(facts.artifact(name), kind)

    def as_planned(tbs, planned):
        return planned == {"serial": tbs.serial, "subject": {"der": tbs.subject.hex(), "text": show_name(tbs.subject)},
                           "spki_sha256": sha256(tbs.spki), "validity": {"from": at(tbs.start), "to": at(tbs.end)},
                           "authority": tbs.is_ca, "path_length": tbs.path_length, "tbs_sha256": sha256(tbs.der)}

    def issued(signed):
        demand(signed.tbs.issuer == root.subject, "its issuer is not the root's subject")
        demand(verifies(root.spki, signed.tbs.algorithm, signed.tbs.der, signed.signature), "its signature does not verify under the root's key")

    demand(not any(one["do"] == "provision" and (one["token"], one["mode"]) == (did["token"], "init") for one in facts.steps.values()),
           "its token is initialised in the same ceremony")
    own = taken_in(did["certificate"], f"{step}.crt.pem")
    root = own.tbs
    issued(own)
    demand(root.may_sign(True) and root.may_sign(False) and root.subject_key, "the root may not sign certificates and CRLs, or has no key identifier")
    demand(read_key(root.spki)[0] == {"ecdsa-p256": "P-256", "ecdsa-p384": "P-384"}[did["algorithm"]], "the root's key is of another algorithm")
    demand(as_planned(root, did["root"]), "the plan says otherwise of the root than its file")
    demand(len(did["issued"]) == len(did["below"]), "the plan says nothing of a certificate, or something of none")
    serials = {root.serial}
    for place, (file, planned) in enumerate(zip(did["issued"], did["below"])):
        signed = taken_in(file, f"{step}-{place + 1}.crt.pem")
        issued(signed)
        demand(as_planned(signed.tbs, planned), "the plan says otherwise of a certificate than its file")
        demand(signed.tbs.serial not in serials, "two certificates have one serial number")
        serials.add(signed.tbs.serial)
    demand((did["crl"] is None) == bool(did["without_crl"]) == (did["list"] is None), "a CRL is there or the reason why not, and never both")
    if did["crl"]:
        signed = taken_in(did["crl"], f"{step}.crl.pem", "foreign")
        issued(signed)
        tbs, otherwise = signed.tbs, did["reason_where_none"]
        demand(otherwise or all(reason for _, _, reason in tbs.entries), "an entry of the CRL has no reason")
        entries = [{"serial": number, "at": at(date), "reason": reason or otherwise} for number, date, reason in tbs.entries]
        found = {"number": tbs.number, "this_update": at(tbs.this_update), "next_update": at(tbs.next_update),
                 "entries": sorted(entries, key=lambda entry: bytes.fromhex(entry["serial"])), "tbs_sha256": sha256(tbs.der)}
        demand(found == did["list"], "the plan says otherwise of the CRL than its file")
        demand(tbs.this_update <= seconds(facts.plan["window"]["to"]), "the CRL is dated after the ceremony")


def is_fresh(facts, serials, numbers, step, did):
    before = facts.before
    if "serial" in did:
        demand(did["serial"] not in serials and not (before and did["serial"] in before.serials), f"the serial number {did['serial']} was used before")
        serials.add(did["serial"])
    if before and (key := did.get("key") or did.get("issuer", {}).get("key")) and key["from"] == "ledger":
        known = next((one for one in before.keys if (one["ordinal"], one["step"], one["spki"], one["token"]) == (
            key["ordinal"], key["id"], key["spki_sha256"], key["token"])), None)
        demand(known, f"ceremony {key['ordinal']} gave no such key in step {key['id']}")
        demand(not known["destroyed"], f"the key {key['id']} of ceremony {key['ordinal']} was destroyed")
        demand(did["do"] != "destroy-key" or did["key_id"] == known["key_id"], f"{did.get('key_id')} is not the CKA_ID of that key")
    demand(did["do"] != "destroy-key" or did["key"]["from"] == "ledger", "a key is destroyed in the ceremony that makes it")
    if before and (issuer := did.get("issuer", {})).get("from") == "ledger":
        known = before.gave(issuer, issuer["key"].get("spki_sha256"))
        demand(known, f"ceremony {issuer['ordinal']} gave no such certificate in step {issuer['id']}")
    if before and did["do"] == "cross-sign" and (certified := did["certificate"])["from"] == "ledger":
        demand(before.gave(certified, certified["spki_sha256"]), f"ceremony {certified['ordinal']} gave no such certificate in step {certified['id']}")
    spki = facts.issuer_spki(did["issuer"]) if "issuer" in did else None
    if did["do"] == "issue-crl" and spki:
        earlier = max(before.crl_numbers.get(spki, -1) if before else -1, numbers.get(spki, -1))
        demand(did["number"] > earlier, f"CRL number {did['number']} is not greater than {earlier}")
        numbers[spki] = did["number"]
        started = next((line.n for line in facts.of("step.start") if line.body["step"] == step), None)
        if before and started is not None:
            here = [line.body["entry"] for line in facts.of("revocation") if line.n < started and facts.step(line.body["step"])["do"] == "revoke"
                    and facts.issuer_spki(facts.step(line.body["step"])["issuer"]) == spki]
            expected = carried(facts, step, did, spki, before.revoked(spki) + here)
            demand(did["entries"] == expected, f"the CRL has {len(did['entries'])} entries, and {len(expected)} belong on it")
    if did["do"] == "revoke" and spki and before:
        wanted = did["entry"]["serial"]
        demand(all(entry["serial"] != wanted for entry in before.revoked(spki)), f"{wanted} was revoked before")
        issued = any((one["issuer"], one["serial"]) == (spki, wanted) for one in before.certificates)
        demand(issued or any(one.get("serial") == wanted for one in facts.steps.values()), f"{wanted} was never issued")


def f7_abort(facts):
    check, last, step = Check("F7"), facts.lines[-1], None
    if last.type != "ceremony.abort":
        return check.nothing("the ceremony was not aborted")
    for line in facts.lines:
        step = line.body["step"] if line.type == "step.start" else None if line.type == "step.done" else step
    signing, said = facts.signing(), last.body
    signed = [one for one in facts.operations if one.function == "C_Sign"]
    check.demand(said["step"] == step, f"the step under way was {step}, not {said['step']}")
    for member, expected in (
            ("signed", [id for id in signing if any(one.step == id and one.ok for one in signed)]),
            ("unknown", [one.op for one in facts.operations if one.result is None]),
            ("burnt_serials", [did["serial"] for did in signing.values() if "serial" in did]),
            ("burnt_crl_numbers", [did["number"] for id, did in signing.items() if "number" in did and any(one.step == id for one in signed)])):
        check.demand(sorted(said[member]) == sorted(expected), f"{member} should be {expected}, not {said[member]}")
    check.evidence = f"by {said['by']}"
    return check


SPACE = re.compile(rb"[ \t\n\x0c\r]+")
NO_LETTER, SHARE_WORD = re.compile(rb"[\x00-\x40\x5b-\x60\x7b-\x7f]*"), re.compile(rb"[a-z]{4,8}")


PIN_SYMBOLS = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PIN_RUN = re.compile(rb"[A-HJ-NP-Z2-9]{32,}")


@functools.lru_cache(1024)
def secret_shape(data):
    """What a file holds that looks like a secret."""
    if b"PRIVATE " b"KEY-----" in data:  # In two pieces: this file lies in bundles, too.
        return "a private key"
    if data.startswith(b"anchorite-share-file/"):
        return "a share file"
    if any(like_a_pin(run) for run in PIN_RUN.findall(data)):
        return "what looks like a PIN"
    untagged = re.sub(rb"<(?:[^<>]*>)?", b" ", data) if b"<" in data else b""
    return "words like a share's" if has_run_of_words(data) or has_run_of_words(untagged) else None


def like_a_pin(run):
    """Symbols of the PINs' letters that are not the alphabet itself, not hexadecimal, not letters alone and no pattern."""
    different = set(run)
    return run != PIN_SYMBOLS and len(different) >= 10 and different & set(b"GHJKLMNPQRSTUVWXYZ") and different & set(b"23456789")


def has_run_of_words(data):
    run = 0
    for token in SPACE.split(data):
        if SHARE_WORD.fullmatch(token):
            run += 1
            if run >= 16:
                return True
        elif not NO_LETTER.fullmatch(token):
            run = 0
    return False


def g1_secrets(files):
    check = Check("G1")
    for path, data in files.items():
        check.demand(not secret_shape(data), f"{path} holds {secret_shape(data)}")
    check.evidence = f"{len(files)} files searched"
    return check


# Members of a step that a rehearsal's plan may have otherwise.
DERIVED = {
    "provision": {"label", "mode", "wipe", "shares"}, "reshare": {"from", "to"}, "change-roster": {"roster"},
    "self-sign": {"key", "subject", "serial", "tbs_sha256"}, "sign-intermediate": {"issuer", "subject", "asked", "serial", "tbs_sha256"},
    "cross-sign": {"issuer", "certificate", "subject", "serial", "tbs_sha256"},
    "destroy-key": {"key", "key_id"}, "revoke": {"issuer", "certificate", "entry"}, "issue-crl": {"issuer", "number", "entries", "tbs_sha256"}}


def j1_rehearsal(facts):
    """In a rehearsal its drills; in a ceremony the rehearsal that its plan asks for (section 11)."""
    check, named, days = Check("J1"), facts.opened["rehearsal"], facts.plan["rehearsed_within_days"]
    if facts.opened["mode"] == "rehearsal":
        if not facts.plan["rehearses"]["drills"]:
            return check.nothing("stand-ins, without a drill")
        check.attempt(drills_passed, facts.plan, facts.lines, facts.roster)
    elif days is None:
        check.demand(named is None, "record 0 names a rehearsal that the plan does not ask for")
        return check.nothing("the plan asks for no rehearsal")
    else:
        check.demand(named, f"the plan asks for a rehearsal within {days} days before, and there is none")
        if named:
            check.attempt(was_rehearsed, facts, named, days)
            check.evidence = f"within {days} days, head {named['head']}"
    return check


def was_rehearsed(facts, named, days):
    log, mode = facts.artifact("rehearsal.log.jsonl"), "rehearsal"
    lines, torn = read_log(log, mode)
    opened = lines[0].body
    for file, member in (("rehearsal.plan.json", "plan_sha256"), ("rehearsal.roster.toml", "roster_sha256")):
        demand(sha256(facts.artifact(file)) == opened[member], f"{file} is another than the rehearsal's record names")
    plan, roster = read_plan(facts.artifact("rehearsal.plan.json")), read_roster(facts.artifact("rehearsal.roster.toml"), mode)
    demand((plan["v"], plan["mode"]) == (form("plan", mode), mode) and plan["rehearses"], "the rehearsal's plan is none of a rehearsal")
    for member in ("tool", "authority", "trust_domain", "name", "policy", "place", "recording", "script_sha256", "tokens"):
        demand(plan[member] == facts.plan[member], f"the rehearsal's plan has another {member}")
    demand(plan["rehearses"]["roster_sha256"] == facts.plan["roster_sha256"], "the rehearsal was for other people")
    demand(len(plan["steps"]) == len(facts.plan["steps"]), "the rehearsal has other steps")
    for own, rehearsed in zip(facts.plan["steps"], plan["steps"]):
        free = DERIVED.get(own["action"]["do"], set())
        one, other = ({member: value for member, value in step["action"].items() if member not in free} for step in (own, rehearsed))
        demand((own["id"], one) == (rehearsed["id"], other), f"the rehearsal's step {rehearsed['id']} is not the step {own['id']}")
    demand(ENDS.get(lines[-1].type) == "complete" and not torn, "the rehearsal is not complete")
    closes = sorted(path for path in facts.files if path.startswith("artifacts/rehearsal.close.") and path.endswith(".txt"))
    pairs = [(facts.files[path], facts.files.get(path[:-3] + "sig", b"")) for path in closes]
    seal_quorum(roster, of_seal("close", lines, opened, covered_prefix(log, len(log))), pairs)
    demand(plan["rehearses"]["drills"], "nothing was drilled in the rehearsal")
    drills_passed(plan, lines, roster)
    demand(0 <= facts.lines[0].t - lines[-1].t <= days * 86400, f"the rehearsal ended at {at(lines[-1].t)}, not within {days} days before")
    demand((named["head"], named["plan_sha256"]) == (lines[-1].head, opened["plan_sha256"]), "record 0 names another rehearsal")


def drills_passed(plan, lines, roster):
    """Each planned drill was passed, each once, in its step, and the record shows what it can of it."""
    planned, recorded, step, done, outcome = plan["rehearses"]["drills"], [], None, set(), ENDS.get(lines[-1].type)
    for line in lines:
        if line.type == "step.start":
            step = line.body["step"]
        elif line.type == "step.done":
            done.add(line.body["step"])
            step = None
        elif line.type == "drill":
            recorded.append(({"kind": line.body["kind"], "step": line.body["step"]}, line.body["outcome"] == "passed" and line.body["step"] == step))
    for drill, _ in recorded:
        demand(drill in planned, f"the drill {drill['kind']} was not planned")
    for drill in planned:
        found = [passed for other, passed in recorded if other == drill]
        due = outcome == "complete" or drill["kind"] == "abort" or drill["step"] is None or drill["step"] in done
        if found or due:
            demand(found == [True], f"the drill {drill['kind']} was not passed")
            demand(drill_shows(drill, lines, roster, outcome), f"the record shows nothing of the drill {drill['kind']}")


def drill_shows(drill, lines, roster, outcome):
    shows = {"power-cut": "ceremony.resume", "exception": "exception", "missing-officer": "person.left"}.get(drill["kind"])
    if shows is None:
        return drill["kind"] != "abort" or drill["step"] is None or outcome == "aborted"
    there, inside = set(), False
    for line in lines:
        inside = inside or line.type == "step.start" and line.body["step"] == drill["step"]
        if line.type == "step.done" and line.body["step"] == drill["step"]:
            return False
        there = present_after(there, line)
        officers = {roster.counts_as(one) for one in there if roster.has(one, "officer")}
        if inside and line.type == shows and (shows != "person.left" or len(officers) < roster.thresholds["unlock"]):
            return True
    return False


# --- 13. One bundle, an authority, the verdict: H1 to H4, I1 to I3


class Judged:
    """A bundle's checks, and what the ledger takes in where the chain holds and the plan is the one that record 0 names."""

    def __init__(self, directory, checks, lines, facts, roots):
        self.directory, self.checks, self.lines, self.facts, self.roots = directory, checks, lines, facts, roots
        self.verdict = worst(checks)
        self.outcome = ENDS.get(lines[-1].type, "in-progress") if lines else None


def judge_bundle(directory, files, strays, anchors, before):
    log, lines, facts, roots = files.get("log.jsonl", b""), None, None, []
    check, roster = a2_roster(files, anchors.mode, anchors.roster, before)
    checks = [a1_layout(files, strays), check]
    seals, others = read_seals(files)
    checks += [c1_coverage(log, seals), chain := Check("C2")]
    try:
        lines, torn = read_log(log, anchors.mode)
        chain.evidence = f"records 0 to {len(lines) - 1}"
        checks += [c3_ended(lines, torn), c4_files(files, lines), c5_manifest(files, lines), b4_committed(lines, seals)]
    except Unknown as problem:
        chain.fail(problem, "unsupported")
    except Bad as problem:
        chain.fail(problem)
    if roster:
        checks.append(b3_end_seals(roster, log, lines, seals, others))
    if roster and lines:
        holds = WORSE.index(worst(checks)) < WORSE.index("UNSUPPORTED")
        facts = Facts(files, lines, roster, before)
        try:
            facts.read_inputs()
        except Bad as problem:
            checks.append(failed := Check("D1"))
            failed.fail(problem)
            facts = None
        if holds and facts:
            checks += judge_contents(facts, seals)
            roots = [sha256(signed.der) for signed in facts.certificates() if signed.tbs.subject == signed.tbs.issuer]
    made = {check.id for check in checks}
    checks += [not_reached(id) for id in OF_BUNDLE if id not in made]
    return Judged(directory, sorted(checks, key=lambda check: OF_BUNDLE.index(check.id)), lines, facts, roots)


def judge_contents(facts, seals):
    """The checks of what the files say; their digests hold."""
    checks = [w1_waivers(facts), d1_opening(facts), d2_steps(facts), d3_people(facts), d4_clocks(facts), d5_witnessed(facts), d6_ceremony_file(facts), e1_tokens(facts), e2_operations(facts),
              e3_shares(facts), e4_keys(facts), e5_devices(facts), f2_signatures(facts), f6_fresh(facts), f10_crl_dates(facts), f11_adopted(facts), f7_abort(facts), b5_seal_times(facts, seals),
              b6_resumptions(facts, seals), c6_repetitions(facts), g1_secrets(facts.files), j1_rehearsal(facts), approvals := b1_approvals(facts)]
    if not approvals.found:
        check, authorised = b2_authorisations(facts, seals)
        checks += [check, f1_authorised(facts, authorised)]
    check, issued = f3_artifacts(facts)
    return checks + [check, f4_as_planned(facts, issued), f5_rules(facts, issued)]


class Verdict:
    def __init__(self, bundles, checks, head, ordinal):
        self.bundles, self.checks, self.head, self.ordinal = bundles, checks, head, ordinal
        self.word = worst([check for bundle in bundles for check in bundle.checks] + checks)


class Anchors:
    """What the auditor knows from a place that is not the bundle: bytes of the roster; head and root as digests; ordinal. And
    whether records of ceremonies are judged, or of rehearsals: those of the other mode fail."""

    def __init__(self, roster=None, head=None, ordinal=None, root=None, mode="ceremony"):
        self.roster, self.head, self.ordinal, self.root, self.mode = roster, head, ordinal, root, mode


def anchored(anchors, head, ordinal, roots):
    of_head, of_ordinal, of_root = Check("I1"), Check("I2"), Check("I3")
    if anchors.head is None:
        of_head.fail("no head was given to compare with", "unanchored")
    elif head is None:
        of_head.fail("the last log cannot be read", "not reached")
    else:
        of_head.demand(head == anchors.head, f"the head is {head}, expected {anchors.head}")
    of_ordinal.demand(anchors.ordinal in (None, ordinal), f"the last ceremony is {ordinal}, expected {anchors.ordinal}")
    of_root.demand(anchors.root is None or anchors.root in roots, f"no root certificate here has SHA-256 {anchors.root}")
    of_head.evidence, of_ordinal.evidence, of_root.evidence = str(head), str(ordinal), str(anchors.root)
    of_ordinal.empty = "no ordinal was given" if anchors.ordinal is None else None
    of_root.empty = "no root certificate was given" if anchors.root is None else None
    return [of_head, of_ordinal, of_root]


def bundle_name(ordinal, name):
    return f"{ordinal:04}-{name}"


def judge_authority(path, anchors):
    checks = sequence, heads, identity, rosters = [Check(id) for id in ("H1", "H2", "H3", "H4")]
    bundles, ledger = [], Ledger()
    for one in os.scandir(path):
        number, _, called = one.name.partition("-")
        ordinal = int(number) if re.fullmatch("[0-9]{4,19}", number) else 0
        if ordinal and NAME.fullmatch(called) and len(called) <= 40 and bundle_name(ordinal, called) == one.name and one.is_dir(follow_symlinks=False):
            bundles.append((ordinal, one.name))
        elif one.name not in (".lock", ".reserve", ".staging"):
            sequence.fail(f"{one.name} is no entry of an authority")
    if not bundles:
        sequence.fail("no ceremony was held yet", "incomplete")
    judged, roots, head, last, first = [], [], ZERO, 0, None
    for place, (ordinal, directory) in enumerate(sorted(bundles), 1):
        one = judge_bundle(directory, *read_bundle(os.path.join(path, directory)), anchors, ledger)
        sequence.demand(ordinal == place, f"{directory} stands where ceremony {place} belongs")
        if one.lines:
            opened = one.lines[0].body
            sequence.demand(directory == bundle_name(opened["ordinal"], opened["name"]), f"{directory} holds another ceremony")
            heads.demand(opened["previous_head"] == ledger.head, f"{directory} names {opened['previous_head']} as the head before it, which is {ledger.head}")
            rosters.demand(opened["roster_sha256"] == (ledger.lead_to() or opened["roster_sha256"]), f"{directory} ran under another roster than the ceremonies before it lead to")
        if one.facts:
            found = (opened["authority"], opened["environment"], one.facts.plan["trust_domain"])
            first = first or found
            identity.demand(found == first, f"{directory} is of {found}, the first ceremony of {first}")
            ledger.absorb(one.facts, one.outcome == "complete" and WORSE.index(one.verdict) <= WORSE.index("UNANCHORED"))
        head, last = (one.lines[-1].head, one.lines[0].body["ordinal"]) if one.lines else (None, None)
        roots += one.roots
        judged.append(one)
    for check in (heads, identity, rosters):
        check.empty = None if bundles else "no ceremony"
        check.evidence = f"{len(bundles)} ceremonies"
    return Verdict(judged, list(checks) + anchored(anchors, head, last, roots), head, last)


def judge(path, anchors):
    """The verdict on a bundle or an authority."""
    if not os.path.lexists(os.path.join(path, "log.jsonl")):
        return judge_authority(path, anchors)
    one = judge_bundle(os.path.basename(os.path.realpath(path)), *read_bundle(path), anchors, None)
    head, ordinal = (one.lines[-1].head, one.lines[0].body["ordinal"]) if one.lines else (None, None)
    return Verdict([one], anchored(anchors, head, ordinal, one.roots), head, ordinal)


def as_json(verdict):
    def rows(checks):
        return [{"id": check.id, "title": TITLES[check.id], "status": check.status.lower(), "evidence": check.says} for check in checks]
    return json.dumps({
        "verdict": verdict.word, "exit": VERDICTS[verdict.word], "ordinal": verdict.ordinal, "head": verdict.head,
        "bundles": [{"directory": one.directory, "outcome": one.outcome, "records": len(one.lines or []), "verdict": one.verdict,
                     "checks": rows(one.checks)} for one in verdict.bundles],
        "checks": rows(verdict.checks), "not_checked": NOT_CHECKED})


def table(verdict):
    headline = f"VERDICT  {verdict.word}" + (f"  up to ceremony {verdict.ordinal}" if verdict.ordinal else "")
    yield headline
    parts = [(f"{printable(one.directory)}  {one.outcome or 'unreadable'}, {len(one.lines or [])} records", one.checks) for one in verdict.bundles]
    for title, checks in parts + [("authority" if len(verdict.checks) > 3 else "anchors", verdict.checks)]:
        yield ""
        yield title
        for check in checks:
            yield f" {check.id:3} {TITLES[check.id]:45} {check.status:11} {check.says}"
    yield "\nNOT CHECKED, because no record can show it"
    yield from (f"  - {line}" for line in NOT_CHECKED)
    yield f"\nhead  {verdict.head}"
    yield headline


def main(arguments):
    parser = argparse.ArgumentParser(description="Judges the record of a ceremony, or of a whole authority.")
    parser.add_argument("path", help="a bundle (the directory with log.jsonl) or an authority (the one with 0001-...)")
    parser.add_argument("--roster", help="roster of the first ceremony, from a place you trust")
    hexadecimal = "[0-9a-f]{64}"
    for option, what in (("--expect-head", "SHA-256 of the last line of the last log"), ("--expect-root", "SHA-256 of the root certificate's DER")):
        parser.add_argument(option, metavar="SHA256", help=what, type=lambda given: re.fullmatch(hexadecimal, re.sub("[ :-]", "", given).lower())[0])
    parser.add_argument("--expect-ordinal", metavar="N", type=int, help="ordinal of the last ceremony")
    parser.add_argument("--rehearsal", action="store_true", help="judge the record of a rehearsal, which without this is refused")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    given = parser.parse_args(arguments)
    try:
        roster = None
        if given.roster:
            with open(given.roster, "rb") as file:
                roster = file.read(MAX_FILE + 1)
        verdict = judge(given.path, Anchors(roster, given.expect_head, given.expect_ordinal, given.expect_root,
                                                 "rehearsal" if given.rehearsal else "ceremony"))
    except OSError as problem:
        print(f"verify.py: {problem}", file=sys.stderr)
        return 2
    print(as_json(verdict) if given.format == "json" else "\n".join(table(verdict)))
    return VERDICTS[verdict.word]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
