#!/usr/bin/env bash
# A real Apache Kafka (KRaft, one node) for tests: fetched from Maven Central, run with the machine's Java.
#   kafka.sh install            fetch the jars once into .cache/kafka
#   kafka.sh start DIR PORT     format and start a broker with its data in DIR; waits until it answers; prints host:port
#   kafka.sh stop DIR           stop the broker of DIR
#   kafka.sh kill DIR           kill -9 the broker of DIR
#   kafka.sh run PORT COMMAND   run a command beside an empty broker, whose host:port is in KAFKA; its data goes with it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
libs=$(cd "$here/../.." && pwd)/.cache/kafka/libs

install() {
  if ls "$libs"/kafka_2.13-*.jar >/dev/null 2>&1; then return; fi
  command -v mvn >/dev/null || { echo "kafka.sh: mvn is not installed (Debian: apt-get install maven)" >&2; exit 1; }
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" >&2
}

java_kafka=(java -Xmx512m -Xms128m -XX:+UseG1GC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$libs/*")

start() {
  local dir=$1 port=$2 controller=$(($2 + 1))
  install
  mkdir -p "$dir"
  cat >"$dir/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/logs
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.partitions=1
log.retention.check.interval.ms=1000
EOF
  if [ ! -e "$dir/logs/meta.properties" ]; then
    "${java_kafka[@]}" kafka.tools.StorageTool format -t "$("${java_kafka[@]}" kafka.tools.StorageTool random-uuid 2>/dev/null)" -c "$dir/server.properties" >"$dir/format.log" 2>&1
  fi
  "${java_kafka[@]}" kafka.Kafka "$dir/server.properties" >"$dir/broker.log" 2>&1 &
  echo $! >"$dir/pid"
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "127.0.0.1:$port"; return; fi
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || { echo "kafka.sh: the broker ended:" >&2; tail -n 20 "$dir/broker.log" >&2; exit 1; }
    sleep 0.2
  done
  echo "kafka.sh: the broker does not answer on port $port after 60 s" >&2
  exit 1
}

stop_with() {
  local pid
  pid=$(cat "$2/pid") # of java itself: a function in the background would be a shell that waits for it
  kill "-$1" "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

run() {
  local port=$1 dir address status=0
  shift
  dir=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory of now: at the exit its variable is gone
  trap "if [ -e $dir/pid ]; then stop_with TERM $dir; fi; rm -rf $dir" EXIT
  address=$(start "$dir" "$port")
  KAFKA=$address "$@" || status=$?
  return $status
}

case "${1:-}" in
  install) install ;;
  start) start "$2" "$3" ;;
  stop) stop_with TERM "$2" ;;
  kill) stop_with KILL "$2" ;;
  run) shift; run "$@" ;;
  *) sed -n '2,7s/^# //p' "$0" >&2; exit 2 ;;
esac
