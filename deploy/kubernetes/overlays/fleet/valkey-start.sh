#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Starts a node: POD_IP is its address. The password goes through a file, not through arguments.
set -eu
umask 077
password=$(cat /run/secrets/valkey/valkey.password)
cat /etc/valkey/valkey.conf - >/run/valkey/valkey.conf <<END
bind $POD_IP
cluster-announce-ip $POD_IP
requirepass $password
masterauth $password
END
exec valkey-server /run/valkey/valkey.conf
