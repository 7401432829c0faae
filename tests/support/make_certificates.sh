#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes the certificates that tests/support/test_certificates.h lists.
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
  echo "usage: make_certificates.sh FOLDER" >&2
  exit 2
fi
cd "$1"
exec 2>make_certificates.log
trap 'status=$?; [ $status -eq 0 ] || { cat make_certificates.log; exit $status; }' EXIT

past=20200101000000Z
far=20990101000000Z

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# As old as the oldest leaf: a test may turn the clock back that far.
authority() {
  key "$1"
  openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=Holdfast test $1"
  printf '%s\n' '[ca]' 'default_ca = this' '[this]' "database = $1.index" "serial = $1.serial" \
    'new_certs_dir = .' 'default_md = sha256' 'policy = any' 'x509_extensions = root' '[any]' \
    'commonName = supplied' '[root]' 'basicConstraints = critical, CA:true' \
    'subjectKeyIdentifier = hash' >"$1.conf"
  : >"$1.index"
  openssl rand -hex 8 >"$1.serial"
  openssl ca -selfsign -batch -notext -config "$1.conf" -keyfile "$1.key" -in "$1.csr" \
    -out "$1.pem" -startdate "$past" -enddate "$far"
}

# leaf NAME AUTHORITY ALTERNATIVE_NAMES BEGIN END (both YYYYMMDDHHMMSSZ)
leaf() {
  key "$1"
  openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1"
  cat >"$1.conf" <<CONF
[ca]
default_ca = this
[this]
database = $1.index
serial = $1.serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = leaf
unique_subject = no
[any]
commonName = supplied
[leaf]
basicConstraints = critical, CA:false
subjectAltName = $3
CONF
  [ -n "$3" ] || sed -i '/^subjectAltName/d' "$1.conf"
  : >"$1.index"
  openssl rand -hex 8 >"$1.serial"
  openssl ca -batch -notext -config "$1.conf" -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" \
    -out "$1.pem" -startdate "$4" -enddate "$5"
  openssl pkey -in "$1.key" -pubout -outform DER | openssl dgst -sha256 -binary |
    openssl base64 >"$1.pin"
}

authority ca
authority other-ca
leaf server ca "IP:127.0.0.1, DNS:localhost" $past $far
leaf wrong-host ca "DNS:print.example" $past $far
leaf 127.0.0.1 ca "" $past $far
leaf expired ca "IP:127.0.0.1" $past 20210101000000Z
# Where time_t has 32 bits nothing after January 2038 can be asked for.
leaf future ca "IP:127.0.0.1" 20370101000000Z $far
leaf device ca "DNS:device" $past $far
leaf renewed ca "DNS:renewed" $past $far
leaf stranger other-ca "DNS:stranger" $past $far
leaf lapsed ca "DNS:lapsed" $past 20210101000000Z
