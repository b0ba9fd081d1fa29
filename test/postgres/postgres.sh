#!/usr/bin/env bash
# A temporary PostgreSQL 15 for tests: installed from Debian's packages where it is missing, run as a user who is not root.
#   postgres.sh install          install the server once
#   postgres.sh start DIR PORT   make a cluster in DIR and start it; waits until it answers; prints its connection string
#                                as its superuser, who is $POSTGRES_USER or else postgres
#   postgres.sh stop DIR         stop the server of DIR
set -euo pipefail
bin=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
user=${POSTGRES_USER:-postgres}

install() {
  if [ -x "$bin/initdb" ]; then return; fi
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || {
    echo "postgres.sh: no PostgreSQL 15 in $bin (Debian: apt-get install postgresql-15; else set POSTGRES_BIN)" >&2; exit 1; }
  apt-get update -qq >&2
  # The package would start a cluster of its own.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql-15 >&2
}

# The server refuses to run as root.
run() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp "$@"; else "$@"; fi
}

start() {
  local dir=$1 port=$2
  install
  mkdir -p "$dir"
  if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
  chmod 700 "$dir"
  cd "$dir"
  if [ ! -e "$dir/data/PG_VERSION" ]; then
    run "$bin/initdb" -D "$dir/data" -U "$user" -A trust --lc-collate=C --lc-ctype=C.UTF-8 --encoding=UTF8 --no-sync >"$dir/initdb.log" 2>&1 || {
      cat "$dir/initdb.log" >&2; exit 1; }
  fi
  run "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c TimeZone=UTC -c shared_buffers=64MB -c jit=off" start >"$dir/start.log" 2>&1 || {
    cat "$dir/start.log" "$dir/server.log" >&2; exit 1; }
  echo "postgres://$user@127.0.0.1:$port/postgres?sslmode=disable"
}

stop() {
  cd "$1"
  run "$bin/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null
}

case "${1:-}" in
  install) install ;;
  start) start "$2" "$3" ;;
  stop) stop "$2" ;;
  *) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
esac
