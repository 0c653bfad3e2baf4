"""Changes one thing after the other in a sound bundle that is held in memory, and asks `verify.py` each time.

    flips.py BUNDLE ROSTER HEAD NUMBER COUNT

This process makes every COUNT-th change, beginning with the NUMBER-th: each bit of each file, each length that is
shorter than the file's. Prints how many changes it made; ends with the first that gets a PASS.
"""

import functools
import sys

import verify

# All but one file are the same each time.
verify.sha256 = functools.lru_cache(1 << 12)(verify.sha256)
directory, roster, head, number, count = sys.argv[1:]
number, count = int(number), int(count)
files, strays = verify.read_bundle(directory)
with open(roster, "rb") as file:
    anchors = verify.Anchors(file.read(), head)


def verdict(changed):
    judged = verify.judge_bundle("0001-genesis", changed, strays, anchors, None)
    last = (judged.lines[-1].head, judged.lines[0].body["ordinal"]) if judged.lines else (None, None)
    return verify.Verdict([judged], verify.anchored(anchors, *last, judged.roots), *last).word


def changes(data):
    for place in range(number, 8 * len(data), count):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        yield f"bit {place}", bytes(flipped)
    for length in range(number, len(data), count):
        yield f"cut to {length} bytes", data[:length]


assert verdict(files) == "PASS"
made = 0
for path, data in files.items():
    for what, changed in changes(data):
        found = verdict({**files, path: changed})
        assert found != "PASS", f"{path}, {what}"
        made += 1
print(made)
