#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# An authority (ca.pem), and a certificate (server.pem, server.key) for both servers of the benchmark.
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
  echo "usage: certificates.sh FOLDER" >&2
  exit 2
fi
cd "$1"
for name in ca server; do openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"; done
openssl req -x509 -new -key ca.key -subj "/CN=Holdfast bench" -days 30 -out ca.pem \
  -addext "keyUsage=critical,keyCertSign"
printf '%s\n' 'basicConstraints=critical,CA:false' \
  'subjectAltName=IP:192.0.2.1,IP:192.0.2.2,IP:127.0.0.1,DNS:localhost' >server.ext
openssl req -new -key server.key -subj "/CN=server" |
  openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext \
    -out server.pem 2>server.log || { cat server.log >&2; exit 1; }
