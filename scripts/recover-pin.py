#!/usr/bin/env python3
"""From paper shares to a token's PINs, without anchorite.

    recover-pin.py AUTHORITY --token NAME [--purpose so] [--print] [SHEET ...]

AUTHORITY is an authority directory, one ceremony's directory, or a log.jsonl. The words come from the files named as
SHEET (text or HTML), or are asked for on the terminal without echo. Every share is compared with its commitment and
the rebuilt secret with its check value before a PIN is derived. The PIN goes to standard output and nowhere else: into
a pipe, or onto the screen when --print says so.

Needs Python 3.8 and the SLIP-39 reference tool: pip install shamir-mnemonic==0.3.0
The derivation is that of docs/record-format.md, section 6.
"""

import argparse
import getpass
import hashlib
import hmac
import html
import json
import re
import sys
from pathlib import Path

SALT = b"anchorite-quorum-secret/v1"
ALPHABETS = ("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", "0123456789")
WORDS = 33


class Refused(Exception):
    """Something does not hold. Nothing was derived from it."""


# The derivation


def hkdf(secret, octets, *fields):
    """HKDF-SHA-256 (RFC 5869); each field of the info has its length before it as two octets."""
    info = b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    key = hmac.digest(SALT, secret, "sha256")
    output = block = b""
    for number in range(1, octets // 32 + 1):
        block = hmac.digest(key, block + info + bytes([number]), "sha256")
        output += block
    return output


def check_value(secret, ceremony, split):
    set_id, epoch = bytes.fromhex(split["set_id"]), split["epoch"].to_bytes(4, "big")
    return hkdf(secret, 32, b"check", bytes.fromhex(ceremony), split["set"].encode(), set_id, epoch).hex()


def derive_pin(secret, authority, policy, purpose):
    template = policy["user_template" if purpose == "user" else "security_officer_template"]
    alphabet, length = policy["alphabet"], policy["length"]
    if alphabet not in ALPHABETS or template.count("{pin}") != 1:
        raise Refused("the PIN policy is none that anchorite writes")
    encoding = f"{alphabet}/{length}/{template}".encode()
    token_id, epoch = bytes.fromhex(policy["token_id"]), policy["epoch"].to_bytes(4, "big")
    octets = hkdf(secret, 128, f"{purpose}-pin".encode(), authority.encode(), token_id, epoch, encoding)
    # Passing over the highest octets makes every symbol as likely as any other.
    even = [octet for octet in octets if octet < 256 - 256 % len(alphabet)]
    symbols = "".join(alphabet[octet % len(alphabet)] for octet in even[:length])
    if len(symbols) != length or length == 0:
        raise Refused("the PIN policy is none that anchorite writes")
    return template.replace("{pin}", symbols)


# The record


def read_logs(path):
    """The records of each ceremony, in order, after the hash chain of each log and between them was followed."""
    if path.is_dir():
        logs = [path / "log.jsonl"] if (path / "log.jsonl").exists() else sorted(path.glob("[0-9]*-*/log.jsonl"))
    else:
        logs = [path]
    ceremonies = []
    for log in logs:
        records, before = [], "0" * 64
        for line in log.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # half a line, left by a power cut: not a record
            record = json.loads(line)
            if record["v"] != "anchorite-log/v1" or record["prev"] != before or record["n"] != len(records):
                raise Refused(f"{log}: the chain is broken at record {len(records)}")
            before = hashlib.sha256(line).hexdigest()
            records.append(record)
        if not records or records[0]["type"] != "ceremony.open":
            raise Refused(f"{log}: no record of a ceremony")
        opened = records[0]["body"]
        earlier = ceremonies[-1][0]["head"] if ceremonies else opened["previous_head"]
        if opened["previous_head"] != earlier:
            raise Refused(f"{log}: does not follow the ceremony before it")
        facts = {"head": before, "log": log, "authority": opened["authority"], "ceremony": records[0]["cer"]}
        ceremonies.append((facts, records))
    if not ceremonies:
        raise Refused(f"{path}: there is no log.jsonl")
    return ceremonies


OWNERS = {"user": "user", "so": "security-officer"}
SET, PERHAPS, NEVER = "set on the token", "perhaps set on the token", "never set on the token"


def sets_pin(call, purpose):
    """Whether a call gives the token a new PIN of that owner. A token that is wiped keeps the PIN that wiped it."""
    if call["function"] == "C_SetPIN":
        return call["of"] == OWNERS[purpose]
    if call["function"] == "C_InitToken":
        return purpose == "so" and "wipes" not in call
    return call["function"] == "C_InitPIN" and purpose == "user"


def pin_state(records, policy, purpose):
    """Whether the token took the PIN of a policy. User and security officer are apart: a reshare can stop in between."""
    answers = {record["body"]["op"]: record["body"]["rv"] for record in records if record["type"] == "op.result"}
    state = NEVER
    for record in records:
        intent = record["body"]
        if record["type"] != "op.intent" or (intent["step"], intent["token"]) != (policy["step"], policy["token"]):
            continue
        call, answer = intent["call"], answers.get(intent["op"])
        if sets_pin(call, purpose):
            state = SET if answer == "CKR_OK" or state == SET else PERHAPS if answer is None else state
        elif call["function"] == "C_Login" and call["of"] == OWNERS[purpose] and answer is not None and state != SET:
            state = SET if answer == "CKR_OK" else NEVER
    return state


def find(ceremonies, token, purpose, epoch, set_id):
    """The newest PIN policy that the token has, or the one asked for, with its split and the split's ceremony."""
    policies, splits = [], {}
    for facts, records in ceremonies:
        bodies = [(record["type"], record["body"]) for record in records]
        splits.update({body["set_id"]: (facts, body) for kind, body in bodies if kind == "quorum.split"})
        policies += [(facts, body, pin_state(records, body, purpose)) for kind, body in bodies
                     if kind == "pin.policy" and body["token"] == token]
    for facts, policy, state in policies:
        note(f"{facts['log']}: {OWNERS[purpose]} PIN of {token}, set {policy['set_id']}, epoch {policy['epoch']}, {state}")
    asked = epoch is not None or set_id is not None
    chosen = [(facts, policy) for facts, policy, state in policies if state == SET or asked
              if epoch in (None, policy["epoch"]) and set_id in (None, policy["set_id"])]
    if not chosen:
        raise Refused(f"the record has no such PINs of the token {token}; --epoch takes one that was perhaps never set")
    facts, policy = chosen[-1]
    later = [other["epoch"] for _, other, state in policies if state == PERHAPS and other["epoch"] > policy["epoch"]]
    if later and not asked:
        note(f"the token may have the PIN of a later epoch: if it refuses this one, --epoch {later[-1]} and its sheets")
    if policy["set_id"] not in splits:
        raise Refused(f"the split of set {policy['set_id']} is in an earlier record: give the authority directory")
    split_facts, split = splits[policy["set_id"]]
    if split["epoch"] != policy["epoch"]:
        raise Refused("the PIN policy and the split disagree about the epoch")
    return facts["authority"], policy, split_facts["ceremony"], split


# The shares


def words_of_sheet(text):
    """The numbered words of a sheet, in the order of their numbers."""
    if text.lstrip().lower().startswith("<!doctype html"):
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    tokens = text.split()
    numbered = {}
    for token, word in zip(tokens, tokens[1:]):
        if re.fullmatch(r"[1-9][0-9]?\.", token):
            if int(token[:-1]) in numbered:
                raise Refused(f"a sheet has the number {token} twice")
            numbered[int(token[:-1])] = word
    if sorted(numbered) != list(range(1, WORDS + 1)):
        raise Refused(f"a sheet does not have the numbers 1 to {WORDS}")
    return [numbered[number] for number in range(1, WORDS + 1)]


def in_full(words):
    """The words as the standard's list has them; four letters of each are enough."""
    from shamir_mnemonic.wordlist import WORDLIST

    full = []
    for number, word in enumerate(words, 1):
        found = [known for known in WORDLIST if len(word) >= 4 and known.startswith(word.lower())]
        if len(found) != 1:
            raise Refused(f"word {number} is not in the SLIP-39 word list")
        full += found
    if len(full) != WORDS:
        raise Refused(f"a share has {WORDS} words, and {len(full)} were entered")
    return " ".join(full)


def holder_of(share, ceremony, split):
    """Whose share it is: the one whose commitment its words match."""
    for public in split["shares"]:
        text = f"anchorite-share/v1\n{ceremony}\n{split['set_id']}\n{public['index']}\n{share}\n"
        if hmac.compare_digest(hashlib.sha256(text.encode()).hexdigest(), public["commitment"]):
            return public["holder"]
    raise Refused(f"these words are no share of set {split['set_id']}: a word is wrong, or it is another set's")


def enter():
    words = []
    while len(words) < WORDS:
        words += getpass.getpass(f"  word {len(words) + 1} of {WORDS} (hidden, several on a line are fine): ").split()
    return words


def collect(sheets, ceremony, split):
    """As many different shares as are needed, each compared with its commitment."""
    shares, files = {}, list(sheets)
    while len(shares) < split["threshold"]:
        if sheets and not files:
            raise Refused(f"{len(shares)} different shares were given, {split['threshold']} are needed")
        try:
            share = in_full(words_of_sheet(Path(files.pop(0)).read_text()) if sheets else enter())
            holder = holder_of(share, ceremony, split)
        except Refused as problem:
            if sheets:
                raise
            note(f"{problem}; enter it again")
            continue
        note(f"the share of {holder} is right" if holder not in shares else f"the share of {holder} was there already")
        shares[holder] = share
    return list(shares.values())


def rebuild(shares, ceremony, split):
    from shamir_mnemonic import combine_mnemonics

    secret = combine_mnemonics(shares)
    if not hmac.compare_digest(check_value(secret, ceremony, split), split["check"]):
        raise Refused("the rebuilt secret is not the one that the record's check value names")
    return secret


# The program


def note(text):
    print(text, file=sys.stderr)


def check_vectors(path):
    """Recomputes a file of examples, to know that this script and this Python are right."""
    vectors = json.loads(path.read_text())
    for vector in vectors:
        secret = bytes.fromhex(vector["secret"])
        found = {
            "check": check_value(secret, vector["ceremony"], vector),
            "user_pin": derive_pin(secret, vector["authority"], vector, "user"),
            "security_officer_pin": derive_pin(secret, vector["authority"], vector, "so"),
        }
        if found != {name: vector[name] for name in found}:
            raise Refused(f"{vector['name']}: not what the vector says")
    note(f"{len(vectors)} vectors hold")


def main():
    parser = argparse.ArgumentParser(description="A token's PIN from paper shares, without anchorite.")
    parser.add_argument("record", nargs="?", type=Path, metavar="AUTHORITY", help="authority, ceremony directory or log.jsonl")
    parser.add_argument("sheets", nargs="*", metavar="SHEET", help="files with sheets; without them the words are asked for")
    parser.add_argument("--token", metavar="NAME", help="the token's name in the record")
    parser.add_argument("--purpose", choices=("user", "so"), default="user", help="whose PIN (default: user)")
    parser.add_argument("--epoch", type=int, help="of another share set: an older one, or one of a ceremony that stopped")
    parser.add_argument("--set-id", metavar="HEX", help="of another share set")
    parser.add_argument("--print", action="store_true", help="show the PIN on a terminal")
    parser.add_argument("--check-vectors", type=Path, metavar="FILE", help="only recompute a file of examples")
    arguments = parser.parse_intermixed_args()
    try:
        if arguments.check_vectors:
            check_vectors(arguments.check_vectors)
            return 0
        if not arguments.record or not arguments.token:
            parser.error("AUTHORITY and --token are needed")
        if sys.stdout.isatty() and not arguments.print:
            raise Refused("standard output is a terminal: pipe the PIN on, or say --print to see it")
        ceremonies = read_logs(arguments.record)
        authority, policy, ceremony, split = find(ceremonies, arguments.token, arguments.purpose, arguments.epoch, arguments.set_id)
        people = ", ".join(public["holder"] for public in split["shares"])
        note(f"set {split['set_id']} ({split['set']}, epoch {split['epoch']}): any {split['threshold']} of {people}")
        secret = rebuild(collect(arguments.sheets, ceremony, split), ceremony, split)
        print(derive_pin(secret, authority, policy, arguments.purpose))
        return 0
    except Refused as problem:
        note(f"recover-pin: {problem}")
        return 1
    except ImportError:
        note("recover-pin: the reference tool is missing: pip install shamir-mnemonic==0.3.0")
        return 2
    except (OSError, ValueError, KeyError) as problem:
        note(f"recover-pin: {problem!r}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
