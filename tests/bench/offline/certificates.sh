#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# An authority (ca.pem), a certificate for the server on loopback (server.pem, server.key), and the
# device's (device.pem, device.key).
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
  echo "usage: certificates.sh FOLDER" >&2
  exit 2
fi
cd "$1"
for name in ca server device; do openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"; done
openssl req -x509 -new -key ca.key -subj "/CN=Holdfast bench" -days 30 -out ca.pem \
  -addext "keyUsage=critical,keyCertSign"
printf '%s\n' 'basicConstraints=critical,CA:false' 'subjectAltName=IP:127.0.0.1' >server.ext
printf '%s\n' 'basicConstraints=critical,CA:false' >device.ext
for name in server mfp1:device; do
  file=${name#*:}
  openssl req -new -key "$file.key" -subj "/CN=${name%%:*}" |
    openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile "$file.ext" \
      -out "$file.pem" 2>"$file.log" || { cat "$file.log" >&2; exit 1; }
done
