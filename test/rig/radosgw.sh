#!/usr/bin/env bash
# A real, throw-away S3 server for the contract suite: one-node Ceph (mon, memstore OSD, radosgw), no systemd, cephx off,
# everything on 127.0.0.1 and below DIR.
#
#   radosgw.sh start DIR PORT ACCESS SECRET BUCKET   runs in the foreground; prints READY http://127.0.0.1:PORT
#                                                    stops on SIGTERM/SIGINT, wipes its data
#   radosgw.sh install                               only fetches and unpacks the packages
#
# Ceph 20 comes from Debian's packages (CEPH_SUITE, default forky): fetched once (about 160 MB), unpacked below CEPH_ROOT
# (default: slowlight/ceph-<suite> in the user's cache folder, 0.5 GB) and run with its own libraries. Nothing is installed
# into the system and root is not needed; the machine must be a Debian that has a mirror set up. Ceph 20 checks
# x-amz-checksum-*, which older ones do not.
# Ports used: PORT (S3), PORT+1 (mon), PORT+2 .. PORT+9 (osd).
# Env: LOG_LEVEL (rgw debug, default 0), OSD_BYTES (memstore size, default 4 GiB; memory is taken as data come),
# LC_DAY (a lifecycle "day" in seconds; default: real days), KEEP=1 (leave logs and conf after the stop)
set -euo pipefail
PKGS=(radosgw ceph-mon ceph-osd)
SUITE=${CEPH_SUITE:-forky}
ROOT=${CEPH_ROOT:-${XDG_CACHE_HOME:-${HOME:-${TMPDIR:-/var/tmp}}/.cache}/slowlight/ceph-$SUITE}

install_pkgs() {
  [[ -e $ROOT/.complete ]] && return
  local tool
  for tool in apt-get dpkg-deb tar flock setpriv curl; do
    command -v "$tool" >/dev/null || { echo "radosgw.sh: $tool is missing" >&2; return 1; }
  done
  mkdir -p "$(dirname "$ROOT")"
  # two test runs at once fetch it once
  exec 9>"$ROOT.lock"; flock 9
  if [[ -e $ROOT/.complete ]]; then exec 9>&-; return; fi
  local a=$ROOT.apt d o
  rm -rf "$ROOT" "$a"; mkdir -p "$ROOT" "$a"/{lists/partial,cache/archives/partial,parts}; : >"$a/status"
  # the mirror that this machine already uses
  local mirror; mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m1 -E '/debian/?$') || { echo "radosgw.sh: no Debian mirror is set up" >&2; return 1; }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $SUITE main" >"$a/sources.list"
  o=(-o Dir::Etc::sourcelist="$a/sources.list" -o Dir::Etc::sourceparts="$a/parts" -o Dir::Etc::preferencesparts="$a/parts"
     -o Dir::State::lists="$a/lists" -o Dir::State::status="$a/status" -o Dir::Cache="$a/cache" -o APT::Sandbox::User="$(id -un)"
     -o Debug::NoLocking=1 -o Acquire::Languages=none)
  apt-get "${o[@]}" update -qq >&2
  apt-get "${o[@]}" install -qq -y -d --no-install-recommends "${PKGS[@]}" >&2
  for d in "$a"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$d" | tar -x -C "$ROOT" --keep-directory-symlink --no-same-owner \
      --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./dev/*'
  done
  rm -rf "$a"; : >"$ROOT/.complete"
  exec 9>&-
}
LIB=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
X=() PY=()
use_root() { # sets the prefixes that run a program of $ROOT with the libraries of $ROOT
  local l=$ROOT$LIB ld; ld=$(echo "$l"/ld-linux-*.so.*)
  X=("$ld" --library-path "$l:$l/ceph:$ROOT/usr/lib/ceph")
  PY=(env PYTHONHOME="$ROOT/usr" PYTHONPATH="$ROOT/usr/lib/python3/dist-packages" "${X[@]}" "$(readlink -f "$ROOT/usr/bin/python3")")
}

case ${1:-} in
  install) install_pkgs; exit;;
  start) [[ $# -eq 6 ]] || { echo "usage: $0 start DIR PORT ACCESS SECRET BUCKET" >&2; exit 2; };;
  *) sed -n '2,15p' "$0"; exit 2;;
esac

DIR=$2 PORT=$3 ACCESS=$4 SECRET=$5 BUCKET=$6
install_pkgs; use_root; B=$ROOT/usr/bin
if [[ -s $DIR/supervisor.pid ]] && kill -0 "$(<"$DIR/supervisor.pid")" 2>/dev/null; then
  echo "already running on $DIR" >&2; exit 1; fi
for p in "$PORT" $((PORT + 1)); do
  (: </dev/tcp/127.0.0.1/"$p") 2>/dev/null && { echo "port $p is in use" >&2; exit 1; }
done
mkdir -p "$DIR"; DIR=$(cd "$DIR" && pwd)
((${#DIR} < 80)) || { echo "DIR too long for unix sockets" >&2; exit 2; }
DATA=$DIR/ceph; rm -rf "$DATA"; mkdir -p "$DATA"/{mon,osd,rgw,run,log}
CONF=$DATA/ceph.conf
MONPORT=$((PORT + 1))
cat >"$CONF" <<CONF
[global]
fsid = $(</proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$MONPORT
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind port min = $((PORT + 2))
ms bind port max = $((PORT + 9))
ms bind msgr1 = false
plugin dir = $ROOT$LIB/ceph
erasure code dir = $ROOT$LIB/ceph/erasure-code
osd class dir = $ROOT$LIB/rados-classes
auth cluster required = none
auth service required = none
auth client required = none
run dir = $DATA/run
admin socket = $DATA/run/\$type.\$id.asok
log file = $DATA/log/\$type.\$id.log
log to stderr = false
err to stderr = true
mon cluster log file = $DATA/log/cluster.log
crash dir = $DATA/log
keyring = $DATA/keyring
# radosgw defaults to "secure" only, which needs cephx
ms mon client mode = crc
ms mon service mode = crc
ms mon cluster mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
mon max pg per osd = 2000
debug ms = 0
[mon]
mon data = $DATA/mon
mon initial members = a
mon data avail crit = 1
mon data avail warn = 2
auth allow insecure global id reclaim = false
# a one-node paxos has nobody to wait for
paxos propose interval = 0.02
paxos min wait = 0.01
mon osd initial require min compat client = nautilus
[osd]
osd data = $DATA/osd
osd objectstore = memstore
memstore device bytes = ${OSD_BYTES:-4294967296}
osd class update on start = false
osd crush update on start = true
osd memory target = 1073741824
osd heartbeat grace = 120
[client.rgw]
rgw data = $DATA/rgw
rgw frontends = beast endpoint=127.0.0.1:$PORT
rgw dns name = 127.0.0.1
rgw thread pool size = 32
rgw enable usage log = false
rgw enable gc threads = true
rgw enable ops log = false
rgw rados pool pg num min = 1
rgw rados pool autoscale bias = 1
rgw bucket default quota max size = -1
rgw dynamic resharding = false
rgw override bucket index max shards = 1
rgw lc debug interval = ${LC_DAY:--1}
debug rgw = ${LOG_LEVEL:-0}
CONF
: >"$DATA/keyring"

# daemons die with this script, even if it is killed with SIGKILL
D=(setpriv --pdeathsig KILL "${X[@]}")
PIDS=()
shutdown() {
  trap - EXIT; trap '' TERM INT
  local p i
  # radosgw first: it wants its osd while it drains
  for ((i = ${#PIDS[@]} - 1; i >= 0; i--)); do
    p=${PIDS[i]}; kill -TERM "$p" 2>/dev/null || continue
    for _ in $(seq 50); do kill -0 "$p" 2>/dev/null || break; sleep 0.05; done
    kill -KILL "$p" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  [[ ${KEEP:-0} = 1 ]] || rm -rf "$DATA"
  rm -f "$DIR/supervisor.pid"
}
trap shutdown EXIT
trap 'exit 0' TERM INT
echo $$ >"$DIR/supervisor.pid"
die() { echo "radosgw.sh: $*" >&2; tail -n 5 "$DATA"/log/*.log >&2 || true; exit 1; }
alive() { local p; for p in "${PIDS[@]}"; do kill -0 "$p" 2>/dev/null || die "a daemon died (pid $p)"; done; }

# mon
FSID=$(sed -n 's/^fsid = //p' "$CONF")
"${X[@]}" "$B/monmaptool" --create --fsid "$FSID" --addv a "[v2:127.0.0.1:$MONPORT]" --set-min-mon-release 16 "$DATA/monmap" >/dev/null
"${X[@]}" "$B/ceph-mon" -c "$CONF" -i a --mkfs --monmap "$DATA/monmap" --keyring "$DATA/keyring" 2>>"$DATA/log/mkfs.log"
"${D[@]}" "$B/ceph-mon" -c "$CONF" -i a -f 2>>"$DATA/log/mon.err" & PIDS+=($!)

# osd.0: registered with its uuid, then made and started
UUID=$(</proc/sys/kernel/random/uuid)
timeout 30 "${PY[@]}" "$B/ceph" -c "$CONF" osd new "$UUID" 0 >/dev/null 2>>"$DATA/log/ceph.err" || die "mon did not come up"
"${X[@]}" "$B/ceph-osd" -c "$CONF" -i 0 --mkfs --osd-uuid "$UUID" >>"$DATA/log/mkfs.log" 2>&1 || die "osd mkfs"
"${D[@]}" "$B/ceph-osd" -c "$CONF" -i 0 -f 2>>"$DATA/log/osd.err" & PIDS+=($!)

# user first (this also makes the zone's pools), then the gateway
timeout 90 "${X[@]}" "$B/radosgw-admin" -c "$CONF" -n client.rgw user create --uid test --display-name test \
  --access-key "$ACCESS" --secret-key "$SECRET" >"$DATA/log/user.json" 2>"$DATA/log/user.err" || die "user create: $(tail -n 3 "$DATA/log/user.err")"
"${D[@]}" "$B/radosgw" -c "$CONF" -n client.rgw -f 2>>"$DATA/log/rgw.err" & PIDS+=($!)
URL=http://127.0.0.1:$PORT
for _ in $(seq 600); do curl -s -o /dev/null "$URL/" && break; alive; sleep 0.05; done
code=$(curl -s -o "$DATA/log/mkbucket" -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 --user "$ACCESS:$SECRET" \
  -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -X PUT "$URL/$BUCKET") || true
[[ $code = 200 ]] || die "bucket create: $code $(cat "$DATA/log/mkbucket")"
echo "READY $URL bucket=$BUCKET access=$ACCESS pids=${PIDS[*]}"
while :; do sleep 1 & wait $! || true; alive; done
