#!/bin/sh
# Checks the chain, the seals and the files of a bundle or an authority with a shell, coreutils, awk, sed and openssl.
#
#   verify.sh PATH --roster FILE [--expect-head SHA256]
#
# It follows digests and signatures, of which it reads the lines. It does not understand what records say: not who was there,
# when, in which order, what a certificate holds. So what it says is never a verdict: `anchorite verify` gives one. It writes nothing below PATH. Exit code 0: everything it looked at holds.
set -u
LC_ALL=C
export LC_ALL

usage() {
    echo "usage: verify.sh PATH --roster FILE [--expect-head SHA256]" >&2
    exit 2
}

path= roster= expected=
while [ $# -gt 0 ]; do
    case $1 in
    --roster) [ $# -gt 1 ] || usage; roster=$2; shift 2 ;;
    --expect-head) [ $# -gt 1 ] || usage; expected=$2; shift 2 ;;
    -*) usage ;;
    *) [ -z "$path" ] || usage; path=$1; shift ;;
    esac
done
[ -n "$path" ] && [ -d "$path" ] && [ -n "$roster" ] && [ -f "$roster" ] || usage

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
bad=0

ok() { printf 'ok    %s\n' "$1"; }
fail() { printf 'FAIL  %s\n' "$1"; bad=1; }
# check TEXT COMMAND...: what must succeed.
check() { text=$1; shift; if "$@" >/dev/null 2>&1; then ok "$text"; else fail "$text"; fi; }
# quietly TEXT COMMAND...: says something only when it fails.
quietly() { text=$1; shift; "$@" >/dev/null 2>&1 || fail "$text"; }
same() { [ -n "$1" ] && [ "$1" = "$2" ]; }
sha256() { sha256sum <"$1" | cut -c1-64; }

# --- the roster: one key = value a line, a [[person]] table for each person

threshold() { awk -v key="$1" '/^\[/ { in_it = ($0 == "[thresholds]") } in_it && $1 == key && $2 == "=" { print $3 }' "$roster"; }
# person NAME KEY: the value of a key of that person, without quotes; for lists the words between the brackets.
person() {
    awk -v name="\"$1\"" -v key="$2" '
        /^\[/ { mine = 0 }
        $1 == "name" && $2 == "=" { mine = ($3 == name) }
        mine && $1 == key && $2 == "=" { sub(/^[^=]*= */, ""); gsub(/[]["]/, ""); gsub(/,/, " "); print }' "$roster"
}
people() { awk '$1 == "name" && $2 == "=" { gsub(/"/, "", $3); print $3 }' "$roster"; }
# counted NAME...: the names under which these people count, each once: a deputy's is that of the person they stand in for.
counted() { for one in "$@"; do other=$(person "$one" deputy-for); echo "${other:-$one}"; done | sort -u; }
has_role() { for held in $(person "$1" roles); do [ "$held" = "$2" ] && return 0; done; return 1; }

# --- statements: `key: value` lines

field() { sed -n "s/^$2: //p" "$1"; }
# signed STATEMENT SIGNATURE: by the key that the roster gives the statement's signer, in a role of theirs.
signed() {
    name=$(field "$1" signer)
    case $name in '' | *[!a-z0-9-]*) return 1 ;; esac
    person "$name" public-key | base64 -d >"$work/key.der" 2>/dev/null || return 1
    same "$(field "$1" signer-spki-sha256)" "$(sha256 "$work/key.der")" || return 1
    same "$(field "$1" alg)" "$(person "$name" algorithm)" || return 1
    has_role "$name" "$(field "$1" role)" || return 1
    openssl pkey -pubin -inform DER -in "$work/key.der" -out "$work/key.pem" || return 1
    # The key is of the algorithm by its first bytes: DER up to the point, or up to the modulus.
    case $(person "$name" algorithm):$(od -An -v -tx1 "$work/key.der" | tr -d ' \n') in
    ecdsa-p256-sha256:3059301306072a8648ce3d020106082a8648ce3d03010703420004*)
        openssl dgst -sha256 -verify "$work/key.pem" -signature "$2" "$1" ;;
    ecdsa-p384-sha384:3076301006072a8648ce3d020106052b8104002203620004*)
        openssl dgst -sha384 -verify "$work/key.pem" -signature "$2" "$1" ;;
    rsa-pss-sha256:3082????300d06092a864886f70d01010105000382*)
        openssl pkey -pubin -in "$work/key.pem" -noout -text >"$work/key.txt" || return 1
        [ "$(sed -n 's/.*(\([0-9]*\) bit).*/\1/p' "$work/key.txt")" -ge 3072 ] || return 1
        [ "$(sed -n 's/^Exponent: \([0-9]*\) .*/\1/p' "$work/key.txt")" -ge 65537 ] || return 1
        openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 \
            -verify "$work/key.pem" -signature "$2" "$1" ;;
    ed25519:302a300506032b6570032100*)
        openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$1" -sigfile "$2" ;;
    *) return 1 ;;
    esac
}
# covers STATEMENT LOG: its length, counts and digests are those of the log's beginning.
covers() {
    bytes=$(field "$1" bytes)
    case $bytes in '' | *[!0-9]*) return 1 ;; esac
    [ "$bytes" -le "$(wc -c <"$2")" ] || return 1
    head -c "$bytes" "$2" >"$work/prefix"
    same "$(field "$1" records)" "$(wc -l <"$work/prefix" | tr -d ' ')" || return 1
    same "$(field "$1" log-sha256)" "$(sha256 "$work/prefix")" || return 1
    same "$(field "$1" log-sha512)" "$(sha512sum <"$work/prefix" | cut -c1-128)" || return 1
    tail -n 1 "$work/prefix" >"$work/last"
    same "$(field "$1" head-sha256)" "$(sha256 "$work/last")"
}

# --- one bundle; leaves its head in $head

bundle() {
    log=$1/log.jsonl outcome=in-progress head=
    printf '\n%s\n' "$1"
    if [ -n "$(find "$1" ! -type f ! -type d)" ]; then fail "only regular files"; return; fi
    check "nothing lies there that is no part of a record" no_strays "$1"
    if [ ! -s "$log" ]; then fail "log.jsonl is there"; return; fi
    check "roster is the given one" cmp -s "$roster" "$1/artifacts/roster.toml"

    # Each line is {"v":...,"cer":...,"n":...,"prev":... with the SHA-256 of the line before, its line feed included.
    ceremony=$(head -n 1 "$log" | sed -n 's/^{"v":"anchorite-log\/v1","cer":"\([0-9a-f]\{64\}\)","n":0,"prev":"0\{64\}",.*"type":"ceremony\.open".*/\1/p')
    head=0000000000000000000000000000000000000000000000000000000000000000
    n=0 broken=
    [ -z "$(tail -c 1 "$log")" ] || broken="a torn last line"
    rm -f "$work"/line.*
    split -a 6 -l 1 "$log" "$work/line."
    find "$work" -name 'line.*' | sort | xargs sha256sum | cut -c1-64 >"$work/digests"
    while IFS= read -r line && IFS= read -r digest <&3; do
        case $line in
        "{\"v\":\"anchorite-log/v1\",\"cer\":\"$ceremony\",\"n\":$n,\"prev\":\"$head\","*) ;;
        *) broken=${broken:-"record $n"} ;;
        esac
        head=$digest
        n=$((n + 1))
    done <"$log" 3<"$work/digests"
    if [ -n "$ceremony" ] && [ -z "$broken" ]; then ok "chain of $n records"; else fail "chain: ${broken:-record 0}"; fi

    last=$(tail -n 1 "$log")
    case $last in
    *'"type":"ceremony.close","body":{'*) outcome=complete ending=close ;;
    *'"type":"ceremony.abort","body":{'*) outcome=aborted ending=abort ;;
    *) ending= ;;
    esac
    check "the last record ends the ceremony ($outcome)" [ -n "$ending" ]

    manifest=$(printf '%s\n' "$last" | sed -n 's/.*"manifest_sha256":"\([0-9a-f]\{64\}\)"}}$/\1/p')
    check "the last record names MANIFEST.sha256" same "$manifest" "$(sha256 "$1/MANIFEST.sha256" 2>/dev/null)"
    check "files are those of MANIFEST.sha256" listed_files "$1"
    check "files that were there at the beginning are unchanged" staged_files "$1"
    check "files are those that the records name" named_files "$1"
    for named in plan_sha256:plan.json roster_sha256:roster.toml script_sha256:ceremony.toml binding_sha256:binding.toml; do
        head -n 1 "$log" | grep -q "\"${named%%:*}\":\"$(sha256 "$1/artifacts/${named#*:}" 2>/dev/null)\"" ||
            fail "record 0 names ${named#*:}"
    done

    approvals "$1"
    authorisations "$1"
    resumptions "$1"
    end_seals "$1"
}

no_strays() (
    cd "$1" || exit 1
    names='log\.jsonl|MANIFEST\.sha256|SPEC\.md|README-VERIFY\.txt|verify\.(py|sh)|((artifacts|seals)/)?[a-z0-9][a-z0-9._-]*'
    [ -z "$(find . -type d ! -path . ! -path ./artifacts ! -path ./seals)" ] &&
        ! find . -type f | sed 's|^\./||' | grep -q -v -x -E "$names"
)

# Every file but the log, the seals and the manifest is in the manifest, and the manifest's digests hold.
listed_files() (
    cd "$1" || exit 1
    find . -type f ! -path './seals/*' ! -name log.jsonl ! -name MANIFEST.sha256 | sed 's|^\./||' | sort >"$work/found"
    cut -c67- MANIFEST.sha256 | sort >"$work/listed"
    cmp -s "$work/found" "$work/listed" && sha256sum -c --strict --status MANIFEST.sha256
)

staged_files() (
    cd "$1" || exit 1
    head -n 1 log.jsonl | tr '{' '\n' |
        sed -n 's/^"path":"\([A-Za-z0-9._\/-]*\)","size":[0-9]*,"sha256":"\([0-9a-f]\{64\}\)"}.*/\2  \1/p' >"$work/staged"
    [ -s "$work/staged" ] && ! grep -q '\.\.\|  /' "$work/staged" && sha256sum -c --strict --status "$work/staged"
)

# What records name lies in artifacts/ as they say, and nothing else does. Needs what staged_files left.
named_files() (
    cd "$1/artifacts" || exit 1
    tr '{' '\n' <../log.jsonl |
        sed -n 's/^"name":"\([a-z0-9._-]*\)","size":[0-9]*,"sha256":"\([0-9a-f]\{64\}\)"}.*/\2  \1/p' | sort -u >"$work/named"
    [ ! -s "$work/named" ] || sha256sum -c --strict --status "$work/named" || exit 1
    { cut -c67- "$work/named"; cut -c67- "$work/staged" | sed -n 's|^artifacts/||p'; } | sort -u >"$work/listed"
    find . -type f | sed 's|^\./||' | sort >"$work/found"
    cmp -s "$work/found" "$work/listed"
)

# Who joins or has a new key approves with the key that the incoming roster gives; only others count.
approvals() {
    signers= officers= incoming=$(find "$1/artifacts" -name '*.roster.toml')
    for statement in "$1"/artifacts/approval.*.txt; do
        quietly "${statement##*/} is an approval of this plan" approves "$1" "$statement"
        signers="$signers $(field "$statement" signer)"
        if signed "$statement" "${statement%.txt}.sig" >/dev/null 2>&1; then
            [ "$(field "$statement" role)" = officer ] && officers="$officers $(field "$statement" signer)"
        else
            quietly "signature of ${statement##*/}" signed_by_new_key "$statement" "${statement%.txt}.sig"
        fi
    done
    check "approvals:$signers" [ "$(counted $officers | wc -l)" -ge "$(threshold approve)" ]
    quietly "nobody approves twice" distinct $signers
    # A genesis is approved by everybody: nothing else vouches for the first roster's keys.
    if head -n 1 "$1/log.jsonl" | grep -q '"ordinal":1,'; then
        for name in $(people); do
            case " $signers " in *" $name "*) ;; *) fail "$name approves the genesis" ;; esac
        done
    fi
}

signed_by_new_key() ( [ -f "$incoming" ] && roster=$incoming && signed "$1" "$2" )

approves() {
    [ "$(head -n 1 "$2")" = anchorite-approval/v1 ] &&
        [ "${2##*/}" = "approval.$(field "$2" signer).txt" ] &&
        same "$(field "$2" plan-sha256)" "$(sha256 "$1/artifacts/plan.json")" &&
        same "$(field "$2" roster-sha256)" "$(sha256 "$roster")" &&
        same "$(field "$2" binding-sha256)" "$(sha256 "$1/artifacts/binding.toml")" &&
        [ "$(field "$2" mode)" = ceremony ] &&
        head -n 1 "$1/log.jsonl" | grep -q "\"ordinal\":$(field "$2" ordinal),\"previous_head\":\"$(field "$2" previous-head-sha256)\","
}

distinct() { [ $# -eq 0 ] || [ $# -eq "$(printf '%s\n' "$@" | sort -u | wc -l)" ]; }

# seal BUNDLE STATEMENT KIND OUTCOME [STEM]: its signature, and that it is about this log, plan and roster. The file's name
# begins with STEM, which is the kind where none is given.
seal() {
    signed "$2" "${2%.txt}.sig" && covers "$2" "$1/log.jsonl" &&
        [ "$(head -n 1 "$2")" = anchorite-seal/v1 ] &&
        [ "${2##*/}" = "${5:-$3}.$(field "$2" signer).txt" ] &&
        [ "$(field "$2" seal)" = "$3" ] && [ "$(field "$2" outcome)" = "$4" ] &&
        [ "$(field "$2" mode)" = ceremony ] && same "$(field "$2" ceremony)" "$ceremony" &&
        same "$(field "$2" plan-sha256)" "$(sha256 "$1/artifacts/plan.json")" &&
        same "$(field "$2" roster-sha256)" "$(sha256 "$roster")"
}

# Seals that let new keys sign: each covers the log up to tbs.frozen and is named by a later record.
authorisations() {
    frozen=$(grep -n '"type":"tbs.frozen"' "$1/log.jsonl" | head -n 1 | cut -d: -f1)
    signers=
    for statement in "$1"/seals/authorise.*.txt; do
        [ -e "$statement" ] || continue
        name=$(field "$statement" signer)
        quietly "seal ${statement##*/}" seal "$1" "$statement" authorise in-progress
        quietly "${statement##*/} covers the frozen TBS" same "$frozen" "$(field "$statement" records)"
        [ "$(field "$statement" role)" = officer ] || fail "$name authorises as an officer"
        grep -q "\"seal\":\"authorise\",\"signer\":\"$name\",\"statement_sha256\":\"$(sha256 "$statement")\",\"signature_sha256\":\"$(sha256 "${statement%.txt}.sig")\"" "$1/log.jsonl" ||
            fail "a record names ${statement##*/}"
        signers="$signers $name"
    done
    for name in $(sed -n 's/.*"type":"seal.added","body":{"seal":"authorise","signer":"\([a-z0-9-]*\)".*/\1/p' "$1/log.jsonl"); do
        [ -e "$1/seals/authorise.$name.txt" ] || fail "the authorisation of $name is there"
    done
    # Who froze what new keys would sign and then ended the ceremony needed nobody's consent.
    if [ -n "$frozen" ] && tail -n "+$frozen" "$1/log.jsonl" | grep -q '"function":"C_Sign"'; then
        check "authorisations:${signers:- none}" [ "$(counted $signers | wc -l)" -ge "$(threshold approve)" ]
    fi
}

# Seals of resumptions: each covers the log before a ceremony.resume, which as many officers agree to as approve a plan, and
# is named by a later record. Where nothing but seals came before the next interruption or the abort, fewer may have agreed.
resumptions() {
    awk '
        /"type":"ceremony\.(resume|abort)"/ && at != "" { print at, 0; at = "" }
        /"type":"seal\.added"/ { next }
        at != "" { print at, 1; at = "" }
        /"type":"ceremony\.resume"/ { at = NR - 1 }
        END { if (at != "") print at, 1 }' "$1/log.jsonl" >"$work/resumed"
    for statement in "$1"/seals/resume-*.txt; do
        [ -e "$statement" ] || continue
        at=$(field "$statement" records)
        quietly "seal ${statement##*/}" seal "$1" "$statement" resume in-progress "resume-$at"
        [ "$(field "$statement" role)" = officer ] || fail "${statement##*/} is signed by an officer"
        grep -q -x -e "$at [01]" "$work/resumed" || fail "${statement##*/} covers the log before a resumption"
        grep -q "\"seal\":\"resume\",\"signer\":\"$(field "$statement" signer)\",\"statement_sha256\":\"$(sha256 "$statement")\",\"signature_sha256\":\"$(sha256 "${statement%.txt}.sig")\"" "$1/log.jsonl" ||
            fail "a record names ${statement##*/}"
    done
    while read -r at agreed; do
        signers=
        for statement in "$1"/seals/resume-"$at".*.txt; do
            [ -e "$statement" ] && signers="$signers $(field "$statement" signer)"
        done
        [ "$agreed" = 1 ] || continue
        check "resumption in record $at:${signers:- none}" [ "$(counted $signers | wc -l)" -ge "$(threshold approve)" ]
    done <"$work/resumed"
}

end_seals() {
    signers= officers= witnesses=
    for statement in "$1"/seals/*.txt; do
        case ${statement##*/} in authorise.* | resume-*) continue ;; esac
        [ -e "$statement" ] || continue
        quietly "seal ${statement##*/}" seal "$1" "$statement" "${ending:-none}" "$outcome"
        quietly "${statement##*/} covers the whole log" same "$(field "$statement" bytes)" "$(wc -c <"$1/log.jsonl" | tr -d ' ')"
        case $(field "$statement" role) in
        officer) officers="$officers $(field "$statement" signer)" ;;
        witness) witnesses="$witnesses $(field "$statement" signer)" ;;
        *) fail "${statement##*/} is signed in a role that counts" ;;
        esac
        signers="$signers $(field "$statement" signer)"
    done
    case $outcome in
    complete) needed=$(threshold close) needed_witnesses=1 ;;
    *) needed=1 needed_witnesses=0 ;;
    esac
    counted $witnesses >"$work/witnesses"
    officers=$(counted $officers | grep -c -v -x -F -f "$work/witnesses")
    check "seals of $officers officers at the end (needs $needed):${signers:- none}" [ "$officers" -ge "$needed" ]
    [ "$(wc -l <"$work/witnesses")" -ge "$needed_witnesses" ] || fail "a witness seals the end"
    quietly "nobody seals the end twice" distinct $signers
    quietly "every seal has its signature" pairs "$1/seals"
}

pairs() {
    for file in "$1"/*; do
        case $file in
        *.txt) [ -f "${file%.txt}.sig" ] || return 1 ;;
        *.sig) [ -f "${file%.sig}.txt" ] || return 1 ;;
        *) return 1 ;;
        esac
    done
}

# A complete ceremony that changed the people brings the roster of the next ones.
new_roster() {
    [ "$outcome" = complete ] || return 0
    changed=$(sed -n 's/.*"type":"roster\.changed",.*"to":"\([0-9a-f]\{64\}\)".*/\1/p' "$1/log.jsonl" | tail -n 1)
    [ -n "$changed" ] || return 0
    for file in "$1"/artifacts/*.toml; do
        if same "$changed" "$(sha256 "$file")"; then roster=$file; ok "the next ceremonies have another roster"; return 0; fi
    done
    fail "the roster of the next ceremonies is there"
}

if [ -e "$path/log.jsonl" ]; then
    bundle "$path"
else
    before=0000000000000000000000000000000000000000000000000000000000000000
    ordinal=0
    for directory in "$path"/[0-9][0-9][0-9][0-9]*-*/; do
        [ -d "$directory" ] || continue
        directory=${directory%/}
        ordinal=$((ordinal + 1))
        bundle "$directory"
        case ${directory##*/} in
        "$(printf '%04d' "$ordinal")"-*) ;;
        *) fail "${directory##*/} stands in its place" ;;
        esac
        slug=${directory##*/}
        check "it names itself and the head before it" grep -q "^{\"v\":\"anchorite-log/v1\",.*\"name\":\"${slug#*-}\",\"ordinal\":$ordinal,\"previous_head\":\"$before\"," "$directory/log.jsonl"
        before=$head
        new_roster "$directory"
    done
    others=$(find "$path" -mindepth 1 -maxdepth 1 ! -name '[0-9][0-9][0-9][0-9]*-*' ! -name .lock ! -name .reserve ! -name .staging)
    [ -z "$others" ] || fail "nothing lies between the ceremonies"
    [ "$ordinal" -gt 0 ] || fail "there is a ceremony"
fi

printf '\nhead  %s\n' "${head:-none}"
if [ -n "$expected" ]; then
    check "the head is the expected one" same "$(printf '%s' "$expected" | tr -d ' :-' | tr 'A-F' 'a-f')" "${head:-}"
else
    echo "note  no head was given: later ceremonies may be missing"
fi
if [ "$bad" -eq 0 ]; then
    echo "chain and seals hold; not a verdict"
else
    echo "chain or seals do not hold"
fi
exit "$bad"
