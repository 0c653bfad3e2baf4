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
bad=0 prepared=

nl='
'
ok() { printf 'ok    %s\n' "$1"; }
fail() { printf 'FAIL  %s\n' "$1"; bad=1; }
# check TEXT COMMAND...: what must succeed.
check() { text=$1; shift; if "$@" >/dev/null 2>&1; then ok "$text"; else fail "$text"; fi; }
# quietly TEXT COMMAND...: says something only when it fails.
quietly() { text=$1; shift; "$@" >/dev/null 2>&1 || fail "$text"; }
same() { [ -n "$1" ] && [ "$1" = "$2" ]; }
sha256() { hashed=$(sha256sum <"$1"); echo "${hashed%% *}"; }
# after TEXT KEY: sets $value to what follows KEY in the one line of TEXT that begins with it; to nothing where none does, or more.
# The shell does this alone: a process for each question would take most of the script's time.
after() {
    value= found=
    set -f
    IFS=$nl
    for line in $1; do
        case $line in "$2"*) value=${line#"$2"} found=$found+ ;; esac
    done
    unset IFS
    set +f
    [ "$found" = + ] || value=
}

# --- the roster: one key = value a line, a [[person]] table for each person

# know FILE: sets $thresholds to lines KEY NUMBER and $people to lines NAME ALGORITHM KEY COUNTS-AS ROLE... Nobody who lacks one of these has a line.
know() {
    thresholds=$(awk '/^\[/ { in_it = ($0 == "[thresholds]") } in_it && $2 == "=" { print $1, $3 }' "$1")
    people=$(awk '
        function done() { if (name && algorithm && key && roles) print name, algorithm, key, (deputy ? deputy : name), roles }
        /^\[/ { done(); name = algorithm = key = deputy = roles = ""; mine = ($0 == "[[person]]") }
        mine && $2 == "=" {
            word = $1; text = $0
            sub(/^[^=]*= */, "", text); gsub(/[]["]/, "", text); gsub(/,/, " ", text)
            if (word == "name") name = text
            if (word == "algorithm") algorithm = text
            if (word == "public-key") key = text
            if (word == "deputy-for") deputy = text
            if (word == "roles") roles = text
        }
        END { done() }' "$1")
}
threshold() { after "$thresholds" "$1 "; }
# person NAME: sets $algorithm, $key, $counts_as and $roles; nobody has no key.
person() {
    after "$people" "$1 "
    algorithm=${value%% *} value=${value#* }
    key=${value%% *} value=${value#* }
    counts_as=${value%% *} roles=" ${value#* } "
}
# counted NAME...: sets $counted to the names under which these people count, each once: a deputy's is that of the person they stand in for.
counted() {
    counted=
    for one in "$@"; do
        person "$one"
        case " $counted " in *" ${counts_as:-$one} "*) ;; *) counted="$counted ${counts_as:-$one}" ;; esac
    done
}
# enough KIND NAME...: these people are as many as that threshold asks for.
enough() { threshold "$1"; needed=$value; shift; counted "$@"; set -- $counted; [ $# -ge "$needed" ]; }

# --- statements: `key: value` lines

# read_statement FILE: sets $statement and $signer, which is a name.
read_statement() {
    statement=$(cat "$1")
    field signer
    case $value in '' | *[!a-z0-9-]*) signer=nobody ;; *) signer=$value ;; esac
}
field() { after "$statement" "$1: "; }
# says KEY VALUE
says() { field "$1"; same "$2" "$value"; }
# signed FILE SIGNATURE: the statement read last is signed by the key that the roster gives its signer, in a role of theirs.
signed() {
    person "$signer"
    [ -n "$key" ] && says signer "$signer" && says alg "$algorithm" || return 1
    field role
    case $roles in *" ${value:-none} "*) ;; *) return 1 ;; esac
    after "$prepared" "$key "
    pem=$work/$value.pem
    if [ -z "$value" ]; then
        echo "$key" | base64 -d >"$work/key.der" 2>/dev/null || return 1
        value=$(sha256 "$work/key.der")
        pem=$work/$value.pem prepared="$prepared$key $value$nl"
        { echo "-----BEGIN PUBLIC KEY-----"; echo "$key" | fold -w 64; echo "-----END PUBLIC KEY-----"; } >"$pem"
    fi
    says signer-spki-sha256 "$value" || return 1
    # The key is of the algorithm by its first bytes: DER up to the point, or up to the modulus.
    case $algorithm:$key in
    ecdsa-p256-sha256:MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE*)
        openssl dgst -sha256 -verify "$pem" -signature "$2" "$1" ;;
    ecdsa-p384-sha384:MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE*)
        openssl dgst -sha384 -verify "$pem" -signature "$2" "$1" ;;
    rsa-pss-sha256:MII???ANBgkqhkiG9w0BAQEFAAOC*)
        openssl pkey -pubin -in "$pem" -noout -text >"$work/key.txt" || return 1
        [ "$(sed -n 's/.*(\([0-9]*\) bit).*/\1/p' "$work/key.txt")" -ge 3072 ] || return 1
        [ "$(sed -n 's/^Exponent: \([0-9]*\) .*/\1/p' "$work/key.txt")" -ge 65537 ] || return 1
        openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 \
            -verify "$pem" -signature "$2" "$1" ;;
    ed25519:MCowBQYDK2VwAyEA*)
        openssl pkeyutl -verify -pubin -inkey "$pem" -rawin -in "$1" -sigfile "$2" ;;
    *) return 1 ;;
    esac
}
# covers LOG: length, counts and digests of the statement read last are those of the log's beginning.
covers() {
    field bytes
    case $value in '' | *[!0-9]* | ??????????????*) return 1 ;; esac
    # Most seals cover the same bytes; what they hash to is found once.
    if ! same "$prefix" "$value:$1"; then
        [ "$value" -le "$(wc -c <"$1")" ] || return 1
        head -c "$value" "$1" >"$work/prefix"
        tail -n 1 "$work/prefix" >"$work/last"
        prefix=$value:$1
        prefix_records=$(wc -l <"$work/prefix" | tr -d ' ')
        prefix_sha256=$(sha256 "$work/prefix") prefix_head=$(sha256 "$work/last")
        prefix_sha512=$(sha512sum <"$work/prefix" | cut -c1-128)
    fi
    says records "$prefix_records" && says log-sha256 "$prefix_sha256" &&
        says log-sha512 "$prefix_sha512" && says head-sha256 "$prefix_head"
}

# --- one bundle; leaves its head in $head

bundle() {
    log=$1/log.jsonl outcome=in-progress head= prefix=
    printf '\n%s\n' "$1"
    if [ -n "$(find "$1" ! -type f ! -type d)" ]; then fail "only regular files"; return; fi
    # Every file but the log is hashed once: lines DIGEST, two spaces, PATH, as in MANIFEST.sha256.
    (cd "$1" && find . -type f ! -path ./log.jsonl -exec sha256sum {} +) | sed 's|  \./|  |' | sort -k 2 >"$work/digests"
    digests=$nl$(cat "$work/digests")$nl
    check "nothing lies there that is no part of a record" no_strays "$1"
    if [ ! -s "$log" ]; then fail "log.jsonl is there"; return; fi
    check "roster is the given one" cmp -s "$roster" "$1/artifacts/roster.toml"
    know "$roster"

    # Each line is {"v":...,"cer":...,"n":...,"prev":... with the SHA-256 of the line before, its line feed included.
    first=$(head -n 1 "$log")
    ceremony=$(printf '%s\n' "$first" | sed -n 's/^{"v":"anchorite-log\/v1","cer":"\([0-9a-f]\{64\}\)","n":0,"prev":"0\{64\}",.*"type":"ceremony\.open".*/\1/p')
    rm -rf "$work/lines"
    mkdir "$work/lines"
    (cd "$work/lines" && split -a 6 -l 1 - line. && find . -name 'line.*' | sort | xargs sha256sum) <"$log" | cut -c1-64 >"$work/chain"
    broken=$(awk -v ceremony="$ceremony" '
        BEGIN { prev = "0000000000000000000000000000000000000000000000000000000000000000" }
        NR == FNR { digest[FNR] = $1; next }
        index($0, "{\"v\":\"anchorite-log/v1\",\"cer\":\"" ceremony "\",\"n\":" (FNR - 1) ",\"prev\":\"" prev "\",") != 1 { print "record " (FNR - 1); exit }
        { prev = digest[FNR] }' "$work/chain" "$log")
    [ -z "$(tail -c 1 "$log")" ] || broken="a torn last line"
    head=$(tail -n 1 "$work/chain")
    if [ -n "$ceremony" ] && [ -z "$broken" ]; then ok "chain of $(wc -l <"$work/chain" | tr -d ' ') records"; else fail "chain: ${broken:-record 0}"; fi

    last=$(tail -n 1 "$log")
    case $last in
    *'"type":"ceremony.close","body":{'*) outcome=complete ending=close ;;
    *'"type":"ceremony.abort","body":{'*) outcome=aborted ending=abort ;;
    *) ending= ;;
    esac
    check "the last record ends the ceremony ($outcome)" [ -n "$ending" ]

    manifest=$(printf '%s\n' "$last" | sed -n 's/.*"manifest_sha256":"\([0-9a-f]\{64\}\)"}}$/\1/p')
    check "the last record names MANIFEST.sha256" is "$manifest" MANIFEST.sha256
    check "files are those of MANIFEST.sha256" listed_files "$1"
    check "files that were there at the beginning are unchanged" staged_files
    check "files are those that the records name" named_files "$1"
    plan=$(recorded plan_sha256) people_sha256=$(recorded roster_sha256)
    binding=$(recorded binding_sha256) script=$(recorded script_sha256)
    quietly "record 0 names plan.json" is "$plan" artifacts/plan.json
    quietly "record 0 names roster.toml" is "$people_sha256" artifacts/roster.toml
    quietly "record 0 names ceremony.toml" is "$script" artifacts/ceremony.toml
    quietly "record 0 names binding.toml" is "$binding" artifacts/binding.toml
    added=$(grep '"type":"seal\.added","body":{' "$log")

    approvals "$1"
    authorisations "$1"
    resumptions "$1"
    end_seals "$1"
}

# is DIGEST PATH: that file of the bundle has that digest.
is() { case $digests in *"$nl${1:-none}  $2$nl"*) ;; *) return 1 ;; esac; }
# digest PATH: sets $value to that file's digest.
digest() {
    value=none
    case $digests in *"  $1$nl"*) value=${digests%%"  $1$nl"*} value=${value##*"$nl"} ;; esac
}
# recorded MEMBER: a digest of record 0.
recorded() { printf '%s\n' "$first" | sed -n "s/.*[{,]\"$1\":\"\([0-9a-f]\{64\}\)\".*/\1/p"; }

no_strays() {
    names='log\.jsonl|MANIFEST\.sha256|SPEC\.md|README-VERIFY\.txt|verify\.(py|sh)|((artifacts|seals)/)?[a-z0-9][a-z0-9._-]*'
    [ -z "$(cd "$1" && find . -type d ! -path . ! -path ./artifacts ! -path ./seals)" ] &&
        ! cut -c67- "$work/digests" | grep -q -v -x -E "$names" && ! grep -q '^\\' "$work/digests"
}

# Every file but the log, the seals and the manifest is in the manifest, and nothing else.
listed_files() { grep -v -e '  seals/' -e '  MANIFEST\.sha256$' "$work/digests" | cmp -s - "$1/MANIFEST.sha256"; }

staged_files() {
    printf '%s\n' "$first" | tr '{' '\n' |
        sed -n 's/^"path":"\([A-Za-z0-9._\/-]*\)","size":[0-9]*,"sha256":"\([0-9a-f]\{64\}\)"}.*/\2  \1/p' >"$work/staged"
    [ -s "$work/staged" ] && ! grep -q -v -x -F -f "$work/digests" "$work/staged"
}

# What records name lies in artifacts/ as they say, and nothing else does. Needs what staged_files left.
named_files() {
    tr '{' '\n' <"$1/log.jsonl" |
        sed -n 's/^"name":"\([a-z0-9._-]*\)","size":[0-9]*,"sha256":"\([0-9a-f]\{64\}\)"}.*/\2  artifacts\/\1/p' >"$work/named"
    grep '  artifacts/' "$work/staged" >>"$work/named"
    sort -k 2 -u "$work/named" >"$work/listed"
    grep '  artifacts/' "$work/digests" | cmp -s - "$work/listed" && ! grep -q -v -x -F -f "$work/listed" "$work/named"
}

# Who joins or has a new key approves with the key that the incoming roster gives; only others count.
approvals() {
    signers= officers= incoming=$(find "$1/artifacts" -name '*.roster.toml')
    for statement_file in "$1"/artifacts/approval.*.txt; do
        read_statement "$statement_file"
        signers="$signers $signer"
        quietly "${statement_file##*/} is an approval of this plan" approves "${statement_file##*/}"
        if signed "$statement_file" "${statement_file%.txt}.sig" >/dev/null 2>&1; then
            says role officer && officers="$officers $signer"
        else
            quietly "signature of ${statement_file##*/}" signed_by_new_key "$statement_file" "${statement_file%.txt}.sig"
        fi
    done
    check "approvals:$signers" enough approve $officers
    quietly "nobody approves twice" distinct $signers
    # A genesis is approved by everybody: nothing else vouches for the first roster's keys.
    case $first in
    *'"ordinal":1,'*)
        for name in $(printf '%s\n' "$people" | cut -d ' ' -f 1); do
            case " $signers " in *" $name "*) ;; *) fail "$name approves the genesis" ;; esac
        done
        ;;
    esac
}

signed_by_new_key() ( [ -f "$incoming" ] && know "$incoming" && signed "$1" "$2" )

# approves NAME-OF-FILE: so says the statement read last.
approves() {
    field ordinal
    ordinal_then=$value
    field previous-head-sha256
    case $statement in anchorite-approval/v1"$nl"*) ;; *) return 1 ;; esac
    case $first in *"\"ordinal\":$ordinal_then,\"previous_head\":\"${value:-none}\","*) ;; *) return 1 ;; esac
    [ "$1" = "approval.$signer.txt" ] && says plan-sha256 "$plan" && says roster-sha256 "$people_sha256" &&
        says binding-sha256 "$binding" && says mode ceremony
}

distinct() { [ $# -eq 0 ] || [ $# -eq "$(printf '%s\n' "$@" | sort -u | wc -l)" ]; }

# seal BUNDLE FILE KIND OUTCOME [STEM]: the signature of the statement read last, and that it is about this log, plan and
# roster. The file's name begins with STEM, which is the kind where none is given.
seal() {
    case $statement in anchorite-seal/v1"$nl"*) ;; *) return 1 ;; esac
    signed "$2" "${2%.txt}.sig" && covers "$1/log.jsonl" && [ "${2##*/}" = "${5:-$3}.$signer.txt" ] &&
        says seal "$3" && says outcome "$4" && says mode ceremony && says ceremony "$ceremony" &&
        says plan-sha256 "$plan" && says roster-sha256 "$people_sha256"
}

# recorded_seal KIND FILE: a record names the statement read last, and its signature.
recorded_seal() {
    digest "seals/${2##*/}"
    statement_sha256=$value
    name=${2##*/}
    digest "seals/${name%.txt}.sig"
    case $added in *"\"seal\":\"$1\",\"signer\":\"$signer\",\"statement_sha256\":\"$statement_sha256\",\"signature_sha256\":\"$value\""*) ;; *) return 1 ;; esac
}

# Seals that let new keys sign: each covers the log up to tbs.frozen and is named by a later record.
authorisations() {
    frozen=$(grep -n '"type":"tbs.frozen"' "$1/log.jsonl" | head -n 1 | cut -d: -f1)
    signers=
    for statement_file in "$1"/seals/authorise.*.txt; do
        [ -e "$statement_file" ] || continue
        read_statement "$statement_file"
        quietly "seal ${statement_file##*/}" seal "$1" "$statement_file" authorise in-progress
        quietly "${statement_file##*/} covers the frozen TBS" says records "$frozen"
        quietly "$signer authorises as an officer" says role officer
        quietly "a record names ${statement_file##*/}" recorded_seal authorise "$statement_file"
        signers="$signers $signer"
    done
    for name in $(printf '%s\n' "$added" | sed -n 's/.*"type":"seal.added","body":{"seal":"authorise","signer":"\([a-z0-9-]*\)".*/\1/p'); do
        [ -e "$1/seals/authorise.$name.txt" ] || fail "the authorisation of $name is there"
    done
    # Who froze what new keys would sign and then ended the ceremony needed nobody's consent.
    if [ -n "$frozen" ] && tail -n "+$frozen" "$1/log.jsonl" | grep -q '"function":"C_Sign"'; then
        check "authorisations:${signers:- none}" enough approve $signers
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
    for statement_file in "$1"/seals/resume-*.txt; do
        [ -e "$statement_file" ] || continue
        read_statement "$statement_file"
        field records
        at=$value
        quietly "seal ${statement_file##*/}" seal "$1" "$statement_file" resume in-progress "resume-$at"
        quietly "${statement_file##*/} is signed by an officer" says role officer
        grep -q -x -e "$at [01]" "$work/resumed" || fail "${statement_file##*/} covers the log before a resumption"
        quietly "a record names ${statement_file##*/}" recorded_seal resume "$statement_file"
    done
    while read -r at agreed; do
        signers=
        for statement_file in "$1"/seals/resume-"$at".*.txt; do
            [ -e "$statement_file" ] && read_statement "$statement_file" && signers="$signers $signer"
        done
        [ "$agreed" = 1 ] || continue
        check "resumption in record $at:${signers:- none}" enough approve $signers
    done <"$work/resumed"
}

end_seals() {
    signers= officers= witnesses=
    size=$(wc -c <"$1/log.jsonl" | tr -d ' ')
    for statement_file in "$1"/seals/*.txt; do
        case ${statement_file##*/} in authorise.* | resume-*) continue ;; esac
        [ -e "$statement_file" ] || continue
        read_statement "$statement_file"
        quietly "seal ${statement_file##*/}" seal "$1" "$statement_file" "${ending:-none}" "$outcome"
        quietly "${statement_file##*/} covers the whole log" says bytes "$size"
        field role
        case $value in
        officer) officers="$officers $signer" ;;
        witness) witnesses="$witnesses $signer" ;;
        *) fail "${statement_file##*/} is signed in a role that counts" ;;
        esac
        signers="$signers $signer"
    done
    case $outcome in
    complete) threshold close; needed=$value needed_witnesses=1 ;;
    *) needed=1 needed_witnesses=0 ;;
    esac
    counted $witnesses
    witnesses=$counted others=0
    counted $officers
    for name in $counted; do
        case " $witnesses " in *" $name "*) ;; *) others=$((others + 1)) ;; esac
    done
    check "seals of $others officers at the end (needs $needed):${signers:- none}" [ "$others" -ge "$needed" ]
    [ "$needed_witnesses" -eq 0 ] || [ -n "$witnesses" ] || fail "a witness seals the end"
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
        if is "$changed" "artifacts/${file##*/}"; then roster=$file; ok "the next ceremonies have another roster"; return 0; fi
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
