#!/usr/bin/env bash
# In the guest: starts the system bus, and returns when it takes calls. Its process is in /run/dbus.pid.
set -euo pipefail

rm -f /run/dbus/pid
dbus-daemon --system --fork --nopidfile --print-pid >/run/dbus.pid
