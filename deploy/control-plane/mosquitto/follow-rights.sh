#!/bin/sh
# Starts Mosquitto when the control plane has written the rights, and has them read again whenever they change.
set -eu
take() {
  mkdir -p /tmp/rights
  for file in passwords acl; do
    # Mosquitto refuses files that others may read.
    cp "/rights/$file" "/tmp/rights/$file.new" && chmod 0600 "/tmp/rights/$file.new" &&
      chown mosquitto "/tmp/rights/$file.new" && mv "/tmp/rights/$file.new" "/tmp/rights/$file"
  done
}
state() { cat /rights/passwords /rights/acl | md5sum; }
until [ -s /rights/passwords ] && [ -s /rights/acl ]; do sleep 1; done
take
seen=$(state)
mosquitto -c /mosquitto/config/mosquitto.conf &
broker=$!
trap 'kill -TERM $broker; wait $broker; exit 0' TERM INT
while kill -0 $broker 2>/dev/null; do
  sleep 1 & wait $! || true
  now=$(state)
  if [ "$now" != "$seen" ]; then
    take
    seen=$now
    kill -HUP $broker
  fi
done
exit 1
