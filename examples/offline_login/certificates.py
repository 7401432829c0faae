# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Certificates of an authority of our own: for the servers, the printer and the desktop."""
import subprocess


def run(folder, *words):
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"openssl {words[0]}: {done.stderr.strip()}")


def key(folder, name):
    run(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")


def leaf(folder, name, extension):
    """NAME.key and NAME.pem, signed by ca; the common name says who it is."""
    key(folder, name)
    run(folder, "req", "-new", "-key", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
    (folder / (name + ".ext")).write_text("basicConstraints = critical, CA:false\n" + extension)
    run(folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", "30", "-extfile", name + ".ext", "-out", name + ".pem")


def make(folder, devices):
    """ca.pem, server.pem and one for each device, with their keys."""
    folder.mkdir(parents=True, exist_ok=True)
    key(folder, "ca")
    run(folder, "req", "-x509", "-new", "-key", "ca.key", "-out", "ca.pem", "-days", "30",
        "-subj", "/CN=Holdfast example authority")
    leaf(folder, "server", "subjectAltName = IP:127.0.0.1\n")
    for device in devices:
        leaf(folder, device, "extendedKeyUsage = clientAuth\n")
