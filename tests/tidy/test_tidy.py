# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Breaks each rule once: a check that can't fail checks nothing."""
import unittest

import cpp
import layers
import style
import symbols

HEADER = "// SPDX-FileCopyrightText: 2026 The Holdfast authors\n// SPDX-License-" \
         "Identifier: Apache-2.0\n"


class Layers(unittest.TestCase):
    def breaks(self, path, include):
        return layers.breaches_of(path, f"#include {include}\n", {"near.h"}) != []

    def test_banned(self):
        for path, include in [
                ("lib/core/a.cc", "<chrono>"), ("lib/core/a.cc", "<thread>"),
                ("lib/core/a.cc", "<sys/socket.h>"), ("lib/core/a.cc", "<curl/curl.h>"),
                ("lib/core/a.cc", "<nlohmann/json.hpp>"), ("lib/core/a.cc", '"codec/json.h"'),
                ("lib/core/a.cc", '"client/x.h"'), ("lib/core/a.cc", '"far.h"'),
                ("lib/base/a.cc", '"core/health.h"'), ("lib/base/a.cc", "<time.h>"),
                ("lib/client/a.cc", '"adapters/curl/x.h"'), ("lib/client/a.cc", "<mutex>"),
                ("lib/adapters/posix/a.cc", '"core/health.h"'),
                ("lib/adapters/posix/a.cc", "<curl/curl.h>"),
                ("lib/adapters/curl/a.cc", "<iostream>"), ("lib/adapters/curl/a.cc", "<psa/crypto.h>"),
                ("include/holdfast/a.h", "<nlohmann/json.hpp>"), ("include/holdfast/a.h", "<string.h>"),
                ("include/holdfast/a.h", '"base/text.h"'), ("include/holdfast/a.h", "<iostream>")]:
            self.assertTrue(self.breaks(path, include), f"{path} {include}")

    def test_allowed(self):
        for path, include in [
                ("lib/core/a.cc", '"base/text.h"'), ("lib/core/a.cc", '"near.h"'),
                ("lib/core/a.cc", "<vector>"), ("lib/core/a.cc", '"holdfast/ports/state.h"'),
                ("lib/codec/a.cc", "<nlohmann/json.hpp>"), ("lib/client/a.cc", "<atomic>"),
                ("lib/adapters/curl/a.cc", "<curl/curl.h>"),
                ("lib/adapters/posix/a.cc", "<sys/socket.h>"), ("lib/adapters/posix/a.cc", "<thread>"),
                ("include/holdfast/a.h", "<tl/expected.hpp>"),
                ("include/holdfast/a.h", "<holdfast/status.h>"), ("tests/unit/a.cc", "<iostream>")]:
            self.assertFalse(self.breaks(path, include), f"{path} {include}")


class Functions(unittest.TestCase):
    def test_finds_functions_only(self):
        text = """namespace a {  // int not_me() {
struct S { int member() const { return 1; } int v = f("{"); };
enum class E { one };
constexpr int table[] = {1, 2};
#define MACRO(x) \\
  do { x } while (0)
A::A(int x)
    : x_{x}, y_(1'000) {
  if (x) { call([] { return '{'; }); }
}
bool operator==(const S& a, const S& b) {
  return a.v == b.v;
}
}  // namespace a
TEST_CASE("words { here") {
  CHECK(true);
}
"""
        found = {name: length for name, _, length in cpp.functions(text)}
        self.assertEqual(found.get("member"), 1)
        self.assertEqual(found.get("A::A"), 4)
        self.assertEqual(found.get("TEST_CASE"), 3)
        self.assertIn(3, found.values())
        self.assertEqual(len(found), 4, found)


class Style(unittest.TestCase):
    def breaches(self, text, path="lib/core/a.cc", known=None, annotated=()):
        return style.breaches_of(path, text, style.Lengths(known or {}), annotated)

    def test_good_file(self):
        self.assertEqual(self.breaches(HEADER + "int f() {\n  return 1;\n}\n"), [])

    def test_licence(self):
        self.assertEqual(len(self.breaches("int a;\n")), 2)
        self.assertEqual(self.breaches("{}", "docs/a.json", annotated=["**.json"]), [])
        self.assertEqual(len(self.breaches("{}", "docs/a.json")), 2)

    def test_machine_path(self):
        for path in ("/ho" "me/ann/x", "-I /wo" "rk/main/x", '"/ro' 'ot/x"', "/tmp/bu" "ild-x"):
            self.assertEqual(len(self.breaches(HEADER + "// " + path)), 1, path)
        for path in ("$prefix/root/usr", "https://example.org/home/x", "/api/v1/work/x"):
            self.assertEqual(self.breaches(HEADER + "// " + path), [], path)

    def test_lengths(self):
        self.assertEqual(len(self.breaches(HEADER + "//\n" * 399)), 1)
        self.assertEqual(len(self.breaches(HEADER + "//" + "x" * 99)), 1)
        long_function = HEADER + "int f() {\n" + "  g();\n" * 69 + "}\n"
        self.assertEqual(len(self.breaches(long_function)), 1)

    def test_unseen_option(self):
        for statement in ("curl_easy_setopt(e, O, 1L);", "(void)curl_easy_setopt(e, O, 1L);",
                          "if (x) curl_multi_setopt(m, O, 1L);", "else curl_url_set(u, P, t, 0);",
                          "// why\n  curl_easy_setopt(e, O, 1L);"):
            text = HEADER + "void f() {\n  g();\n  " + statement + "\n}\n"
            self.assertEqual(len(self.breaches(text)), 1, statement)
        for statement in ("code = curl_easy_setopt(e, O, 1L);", "return curl_url_set(u, P, t, 0);",
                          "if (a &&\n curl_url_set(u, P, t, 0) == CURLUE_OK) g();"):
            text = HEADER + "int f() {\n  g();\n  " + statement + "\n}\n"
            self.assertEqual(self.breaches(text), [], statement)

    def test_exceptions(self):
        text = HEADER + "//\n" * 399
        name = ("file", "lib/core/a.cc")
        self.assertEqual(self.breaches(text, known={name: 401}), [])
        self.assertEqual(len(self.breaches(text, known={name: 400})), 1)
        self.assertEqual(len(style.Lengths({name: 500}).stale()), 1)


class Symbols(unittest.TestCase):
    def test_pure(self):
        for symbol in ("time", "clock_gettime", "rand", "socket", "pthread_create", "getenv", "fopen64",
                       "_ZNSt6chrono3_V212steady_clock3nowEv", "curl_easy_init", "psa_crypto_init"):
            self.assertTrue(symbols.banned("core", symbol), symbol)
            self.assertTrue(symbols.banned("ipp_codec", symbol), symbol)
        for symbol in ("memcpy", "snprintf", "_Znwm", "timegm", "_ZN8holdfast4core7connectEv"):
            self.assertFalse(symbols.banned("core", symbol), symbol)

    def test_adapters(self):
        self.assertFalse(symbols.banned("posix", "clock_gettime"))
        for symbol in ("fork", "signal", "printf", "_ZSt4cout", "rand"):
            self.assertTrue(symbols.banned("posix", symbol), symbol)


if __name__ == "__main__":
    unittest.main()
