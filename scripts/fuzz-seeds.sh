#!/usr/bin/env bash
# Makes the seeds of the fuzz targets in fuzz/corpus: parts of the example
# organisation and small inputs made here. No log of anybody's is among them.
#
#   scripts/fuzz-seeds.sh
#
# HABITUAL names the command; without it, it is built. Formats whose tool is
# missing here (zip, zstd, xz, bzip2) are left out, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${HABITUAL:-}" ]; then
    cargo build --locked --quiet --tests
    HABITUAL=target/debug/habitual
fi
corpus=fuzz/corpus
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"$HABITUAL" demo "$work/demo" --days 35 --quiet >/dev/null
mapfile -t trails < <(find "$work/demo/cloudtrail" -name '*.json.gz' | LC_ALL=C sort | awk 'NR % 40 == 1')
mapfile -t okta < <(find "$work/demo/okta" -type f | LC_ALL=C sort | awk 'NR % 12 == 1')
mapfile -t vault < <(find "$work/demo/vault" -type f | LC_ALL=C sort | awk 'NR % 12 == 1')

# Writes standard input to a seed of a corpus, unless it is empty.
seed() {
    mkdir -p "$corpus/$1"
    cat >"$corpus/$1/$2"
    [ -s "$corpus/$1/$2" ] || rm "$corpus/$1/$2"
}

# Every 50th line of a log, at most 40 of them, each as a seed of a corpus.
seed_lines() {
    local name="$1" n=0 line
    shift
    while IFS= read -r line; do
        n=$((n + 1))
        printf '%s' "$line" | seed "$name" "demo-$n"
    done < <(zcat -f "$@" | awk 'NR % 50 == 1 && NR <= 2000')
}

# The records of CloudTrail documents, one in each line.
zcat "${trails[@]}" | sed -e 's/^{"Records":\[//' -e 's/\]}$//' \
    -e 's/},{"\(eventVersion\|additionalEventData\|awsRegion\|apiVersion\)"/}\n{"\1"/g' >"$work/trail"
seed_lines cloudtrail "$work/trail"
seed_lines okta "${okta[@]}"
seed_lines vault "${vault[@]}"

# Short logs, in every packing there is a tool for.
head -n 2 "$work/trail" >"$work/two.json"
zcat -f "${okta[0]}" | sed -n 1,2p >"$work/okta.json"
zcat -f "${vault[0]}" | sed -n 1,4p >"$work/vault.json"
for name in two okta vault; do
    log="$work/$name.json"
    for target in text copied packed stream; do
        seed "$target" "$name" <"$log"
        { printf '{"Records":[' && paste -sd, "$log" && printf ']}'; } | seed "$target" "$name-records"
        paste -sd, "$log" | sed 's/.*/[&]/' | seed "$target" "$name-array"
        sed 's/^/<13>1 2026-11-21T04:40:24Z host app 1 - - /' "$log" | seed "$target" "$name-syslog"
        { printf '\xff\xfe' && iconv -t UTF-16LE "$log"; } | seed "$target" "$name-utf16"
    done
    gzip -nc "$log" | seed compressed "$name.gz"
    { gzip -nc "$log" && gzip -nc "$log" && printf 'x'; } | seed compressed "$name-twice.gz"
    gzip -nc "$log" | gzip -nc | seed compressed "$name.gz.gz"
    for tool in zstd xz bzip2; do
        if command -v "$tool" >/dev/null; then
            "$tool" -c <"$log" | seed compressed "$name.$tool"
        else
            echo "no $tool here: no seeds for it" >&2
        fi
    done
done
cp "$work/okta.json" "$work/inner.json"
gzip -nk "$work/inner.json"
tar -C "$work" --format=ustar -cf - inner.json inner.json.gz | seed archive logs.tar
tar -C "$work" --format=pax -cf - inner.json | gzip -nc | seed archive logs.tar.gz
if command -v zip >/dev/null; then
    (cd "$work" && zip -qX logs.zip inner.json inner.json.gz && zip -qX0 stored.zip inner.json)
    seed archive logs.zip <"$work/logs.zip"
    seed archive stored.zip <"$work/stored.zip"
else
    echo "no zip here: no seeds for it" >&2
fi
printf 'PAR1\x15\x00PAR1' | seed parquet nothing
for name in two okta vault; do
    "$HABITUAL" inspect "$work/$name.json" --dump-events "$work/$name.parquet" --quiet >/dev/null
    seed parquet "$name" <"$work/$name.parquet"
done

# What streams, collectors and searches hand records on in, and rows as objects.
record="$(sed -n 1p "$work/trail")"
quoted="$(sed -n 1p "$work/trail" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g')"
packed="$(sed -n 1p "$work/trail" | gzip -nc | base64 -w 0)"
for target in copied packed; do
    printf '{"records":[{"recordId":"1","data":"%s"},{"data":"%s"}]}' "$packed" \
        "$(sed -n 2p "$work/trail" | base64 -w 0)" | seed "$target" shipped-firehose
    printf '{"Records":[{"kinesis":{"data":"%s"},"eventSource":"aws:kinesis","eventVersion":"1.0","eventName":"aws:kinesis:record"}]}' \
        "$packed" | seed "$target" shipped-kinesis
    printf '{"data":[{"a":1},{"attributes":{"attributes":%s}}],"meta":{}}' "$record" | seed "$target" shipped-attributes
    printf '{"data":{"result":[{"stream":{},"values":[["1794042000000000000","%s"],["1","x"]]}]}}' "$quoted" |
        seed "$target" shipped-streams
    printf '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"%s"}}]}]}]}' "$quoted" |
        seed "$target" shipped-otlp
    printf '{"columns":[{"name":"TimeGenerated"},{"name":"EventSource"},{"name":"EventName"},"a"],"rows":[["2026-11-07T09:00:00Z","s3.amazonaws.com","GetObject"],[1]]}' |
        seed "$target" rows-grid
    printf '{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"eventtime"},{"VarCharValue":"eventsource"},{"VarCharValue":"eventname"}]},{"Data":[{"VarCharValue":"2026-11-07T09:00:00Z"},{"VarCharValue":"s3.amazonaws.com"},{}]}]}}' |
        seed "$target" rows-athena
    printf '{"event_time":"2026-11-07T09:00:00Z","event_source":"s3.amazonaws.com","event_name":"GetObject","user_identity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/a"},"request_parameters":{"a":{"b":[1]}}}' |
        seed "$target" rows-fields
    printf '{"TimeGenerated":"2026-11-07T09:00:00Z","eventType_s":"user.session.start","actor_id_s":"00u1","actor_alternateId_s":"a@b.example","target_s":"[{\\"id\\":\\"1\\"}]"}' |
        seed "$target" rows-okta
done

# Tables, as Athena, the console and Okta write them.
seed table athena <<'END'
"eventversion","useridentity","eventtime","eventsource","eventname","awsregion","sourceipaddress","useragent","errorcode","requestparameters","eventid"
"1.08","{type=IAMUser, principalid=AIDA1, arn=arn:aws:iam::111122223333:user/a, accountid=111122223333, invokedby=null, accesskeyid=AKIA1, username=a, sessioncontext=null}","2026-11-07T09:00:00Z","s3.amazonaws.com","GetObject","eu-west-1","198.51.100.7","aws-cli/2.17.0","","{""bucketName"":""b"",""key"":""k""}","5d1a2c58-0000-4000-8000-000000000001"
END
seed table console <<'END'
User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,Event category
a,AKIA1,2026-11-07T09:00:00Z,s3.amazonaws.com,GetObject,eu-west-1,198.51.100.7,aws-cli/2.17.0,,"[{""resourceType"":""AWS::S3::Bucket"",""resourceName"":""b""}]",1,5d1a2c58-0000-4000-8000-000000000002,true,AwsApiCall,Management
END
seed table okta <<'END'
timestamp,actor.alternate_id,actor.display_name,actor.id,actor.type,client.ip_address,display_message,event_type,outcome.result,outcome.reason,severity,target0.id,target0.type,uuid,version
"2026-11-07T09:00:00.000Z",a@b.example,A,00u1,User,198.51.100.7,User login to Okta,user.session.start,SUCCESS,,INFO,0oa1,AppInstance,1,0
END

# Small ones.
{ echo '{"actor":{"a":[1,"\u00e9\ud83d\ude00",null,true,-0.5e3]},"b":{}}'; } | seed value object
echo '[{"a":1},[],"x",1.5]' | seed value array
sed 's/^/2026-11-21T04:40:24.120Z stdout F /' "$work/vault.json" | sed -n 1p | seed line container
sed 's/^/<86>1 2026-11-21T04:40:24.120Z v vault 812 - - /' "$work/vault.json" | sed -n 1p | seed line syslog
sed -n 1p "$work/okta.json" | seed mapped okta
n=0
while IFS= read -r text; do
    n=$((n + 1))
    printf '%s' "$text" | seed time "$n"
done <<'END'
2026-11-07T19:03:11.5+01:00
2026-11-07 19:03:11
20261107T190311Z
1795000000
1795000000000.123
Nov 07, 2026, 7:03:11 PM
2026-11-07T23:59:60Z
07 Nov 2026 19:03:11 UTC
END
while IFS= read -r text; do
    n=$((n + 1))
    printf '%s' "$text" | seed address "$n"
done <<'END'
198.51.100.7
198.51.100.7:443
[2001:db8::1%eth0]:443
::ffff:198.51.100.7
10.1.2.3
s3.amazonaws.com
END
while IFS= read -r text; do
    n=$((n + 1))
    printf '%s' "$text" | seed user_agent "$n"
done <<'END'
[aws-cli/2.18.5 md/command#s3.cp exec-env/CloudShell]
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36
APN/1.0 HashiCorp/1.0 Terraform/1.9.0 aws-sdk-go-v2/1.30
Boto3/1.34.0 Botocore/1.34.0
END
for rules in src/ingest/generic/mappings/*.toml; do
    { cat "$rules" && printf '\n---\n{"time":"2026-11-07T09:00:00Z"}'; } | seed mapping "$(basename "$rules")"
done
find "$corpus" -mindepth 1 -maxdepth 1 -type d | LC_ALL=C sort | while IFS= read -r folder; do
    echo "$(find "$folder" -type f | wc -l) seeds in $folder"
done
