# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Undefined symbols that a layer must not have: what it calls, whatever it includes."""
import re
import subprocess

# In no part of the library: hidden processes, signals, output on somebody's stdout, global locale.
NEVER = re.compile(r"""^(?:
    fork | vfork | system | popen | signal | sigaction | exit | _exit | quick_exit |
    printf | puts | putchar | vprintf | perror | stdout | stderr | setlocale |
    rand | srand | random | srandom | drand48 | strtok | gmtime | localtime | strerror | gethostbyname |
    _ZNSt8ios_base4InitC.* | _ZSt4(?:cout|cerr|clog) | _ZNSt6locale.* | _ZNSt13random_device.*
    )$""", re.X)
# Not in a pure layer: time, randomness, the network, files, threads, the environment.
IMPURE = re.compile(r"""^(?:
    time | clock | clock_gettime | clock_nanosleep | nanosleep | usleep | sleep | gettimeofday |
    timespec_get | mktime | _ZNSt6chrono.*(?:now|to_time_t).* |
    getrandom | getentropy | rand_r |
    socket | connect | bind | listen | accept4? | send(?:to|msg)? | recv(?:from|msg)? | poll | ppoll |
    select | epoll_.* | getaddrinfo | getnameinfo | if_.* |
    f?open(?:at)?(?:64)? | fdopen | creat | read | write | pread(?:64)? | pwrite(?:64)? | fread |
    fwrite | fclose | fprintf | fputs | unlink(?:at)? | rename(?:at)? | fsync | f?stat(?:64)? | mmap |
    pthread_.* | thrd_.* | sem_.* | _ZNSt6thread.* | _ZNSt18condition_variable.* | __tls_get_addr |
    getenv | secure_getenv | setenv | putenv |
    curl_.* | mbedtls_.* | psa_.* | sqlite3_.* | ares_.* | SSL_.*
    )$""", re.X)
PURE_MODULES = ("base", "core", "codec", "vault", "client")


def banned(module, symbol):
    pure = any(part in PURE_MODULES for part in module.split("_"))  # ipp_codec is one of them.
    return bool(NEVER.match(symbol) or (pure and IMPURE.match(symbol)))


def undefined(nm, object_file):
    """Names from `nm -u`, in the POSIX format, without the version a linker would append."""
    output = subprocess.run([nm, "-u", "-P", object_file], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return [line.split()[0].split("@")[0] for line in output.splitlines() if line.strip()]


def check(list_file, nm):
    breaches = []
    modules = set()
    for line in list_file.read_text().splitlines():
        module, _, object_file = line.partition(" ")
        if not object_file.strip():
            continue
        modules.add(module)
        breaches += [f"{object_file}: {module} must not need {symbol}"
                     for symbol in undefined(nm, object_file) if banned(module, symbol)]
    return breaches + [f"{list_file}: no objects of {module}: nothing was checked"
                       for module in PURE_MODULES if module not in modules]
