# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Users in a print server's database. Each has a card and a password. Every stride-th has a PIN as
well and is one whose secrets are known (device.cc computes the same); the others' verifiers are
random bytes, which nobody can tell from a derivation's, so that 200,000 needn't be made."""
import hashlib
import multiprocessing
import os
import sqlite3

ITERATIONS = 10000


def card(user, changed):
    return "%02X%012X" % (4 + changed, user * 2654435761 & 0xFFFFFFFFFFFF)


def pin(user, changed):
    return "%012d" % ((user * 7368787 + changed * 500000000000 + 123456789) % 10**12)


def password(user):
    return "password of user %06d" % user


def verifiers(job):
    user, changed, tenant_salt = job
    own_salt = hashlib.sha256(b"salt of %d" % user).digest()[:16]
    return [(kind, hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, ITERATIONS), salt)
            for kind, secret, salt in (("card", card(user, changed), tenant_salt),
                                       ("pin", pin(user, changed), tenant_salt),
                                       ("password", password(user), own_salt))]


class Database:
    """server.db of a server that isn't running. It stores bytes as text, whatever they are."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path)
        self.connection.text_factory = bytes
        row = self.connection.execute("SELECT CAST(value AS BLOB) FROM meta WHERE key='tenant_salt'")
        self.tenant_salt = row.fetchone()[0]

    def derived(self, users, changed):
        jobs = [(user, changed, self.tenant_salt) for user in users]
        with multiprocessing.Pool() as pool:
            return dict(zip(users, pool.imap(verifiers, jobs, chunksize=16)))

    def put(self, users, known, version, changed=False):
        known = self.derived(known, changed)
        cursor = self.connection.cursor()
        cursor.executemany(
            "INSERT OR REPLACE INTO users VALUES(?,?,?,'print,color,copy,scan',0,0,0,?,0,0)",
            (("u-%06d" % n, "user%06d" % n, "User %06d" % n, version) for n in users))
        cursor.executemany("DELETE FROM credentials WHERE user_uid=?", (("u-%06d" % n,) for n in users))
        cursor.executemany(
            "INSERT INTO credentials VALUES(?,CAST(? AS TEXT),?,CAST(? AS TEXT),?)",
            ((kind, verifier, "u-%06d" % n, salt, ITERATIONS) for n in users
             for kind, verifier, salt in known.get(n) or (
                 ("card", os.urandom(32), self.tenant_salt),
                 ("password", os.urandom(32), os.urandom(16)))))
        cursor.execute("INSERT OR REPLACE INTO meta VALUES('users_version',CAST(? AS TEXT))", (version,))
        self.connection.commit()

    def close(self):
        self.connection.close()
