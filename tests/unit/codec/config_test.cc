// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "codec/url.h"
#include "holdfast/config.h"

namespace holdfast {
namespace {

const std::string kServers =
    R"("servers":[{"name":"a","url":"https://a.example","cluster_id":"c","token":"geheim-1"}])";

std::string with(const std::string& more) {
  return R"({"device_id":"mfp",)" + kServers + (more.empty() ? "" : ",") + more + "}";
}

// All errors as one text; empty when the configuration is taken.
std::string errors_of(const std::string& json) {
  const auto config = parse_config(json);
  std::string text;
  if (!config) {
    for (const ConfigError& error : config.error()) text += error.text() + "\n";
    CHECK_FALSE(text.empty());
  }
  return text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Config good_config() {
  Config config;
  config.device_id = "mfp";
  ServerConfig server;
  server.name = "a";
  server.url = "https://a.example";
  server.cluster_id = "c";
  config.servers.push_back(server);
  return config;
}

TEST_CASE("every field arrives where it belongs, and defaults stay") {
  const auto config = parse_config(with(R"("probe":{"probe_s":30},
    "failback":{"mode":"window","window_start_min":1320,"window_end_min":300,"utc_offset_min":-60},
    "login":{"accept_login_from":"any","hedge_passwords_across_clusters":true},
    "job":{"max_document_bytes":1099511627776},"allow_http":true)"));
  REQUIRE(config);
  CHECK(config->device_id == "mfp");
  REQUIRE(config->servers.size() == 1);
  CHECK(config->servers[0].token == "geheim-1");
  CHECK(config->servers[0].cluster_grace_ms == 30000);
  CHECK(config->probe.probe_s == 30);
  CHECK(config->probe.suspect_interval_ms == 500);
  CHECK(config->failback.mode == FailbackMode::window);
  CHECK(config->failback.utc_offset_min == -60);
  CHECK(config->login.accept_login_from == AcceptLogin::any);
  CHECK(config->login.hedge_passwords_across_clusters);
  CHECK(config->job.max_document_bytes == uint64_t{1} << 40);
  CHECK(config->allow_http);
}

TEST_CASE("the offline section arrives with its lists") {
  const std::string verifier(64, 'A');
  const auto config = parse_config(with(R"("offline":{"cache":"automatic","sync":"users",
    "passwords":false,"pin_expiry_h":8760,"device_forget_s":10,"aes_only":true,
    "rights_decay":[{"rights":["color"]},{"after_h":48,"rights":["copy","scan"]}],
    "break_glass":{"salt":"0123456789abcdef","iterations":100000,"verifier":")" +
                                        verifier + R"(","rights":["print","copy"]}})"));
  REQUIRE(config);
  const OfflinePolicy& offline = config->offline;
  CHECK(offline.cache == CacheMode::automatic);
  CHECK(offline.sync == UserSync::users);
  CHECK(offline.cards);
  CHECK_FALSE(offline.passwords);
  CHECK(offline.pin_expiry_h == 8760);
  CHECK(offline.device_forget_s == 10);
  CHECK(offline.aes_only);
  REQUIRE(offline.rights_decay.size() == 2);
  CHECK(offline.rights_decay[0].after_h == 24);
  CHECK(offline.rights_decay[1].after_h == 48);
  CHECK(offline.rights_decay[1].rights == std::vector<std::string>{"copy", "scan"});
  CHECK(offline.break_glass.iterations == 100000);
  CHECK(offline.break_glass.verifier == verifier);
  CHECK(offline.break_glass.rights == std::vector<std::string>{"print", "copy"});
  CHECK(offline.break_glass.max_per_day == 4);
}

TEST_CASE("contradictions of the offline section say what to do") {
  CHECK(errors_of(with(R"("offline":{"cache":"ram","sync":"verifiers"})")) ==
        "/servers/0/tls/client_certificate_file: (missing) is not allowed; use https and a client "
        "certificate, or users for offline.sync: home hands verifiers out to nobody else\n");
  CHECK(errors_of(with(R"("offline":{"break_glass":{"salt":"0011"}})"))
            .find("/offline/break_glass/salt: (hidden) is not allowed; use 8 to 64 bytes") == 0);
}

TEST_CASE("defaults are valid") { CHECK(validate(good_config()).empty()); }

TEST_CASE("an error names field, value and what is allowed") {
  CHECK(errors_of(with(R"("probe":{"probe_s":2})")) ==
        "/probe/probe_s: 2 is not allowed; use 5..900\n");
  CHECK(errors_of(with(R"("failback":{"mode":"later"})")) ==
        "/failback/mode: later is not allowed; use automatic, manual or window\n");
  CHECK(errors_of(with(R"("request":{"hedge_max_ms":29})")) ==
        "/request/hedge_max_ms: 29 is not allowed; use hedge_min_ms (30)..60000\n");
  CHECK(errors_of(with(R"("down":{"down_silence_ms":1000})")) ==
        "/down/down_silence_ms: 1000 is not allowed; use above suspect_silence_ms (1000), up to "
        "60000\n");
  CHECK(has(errors_of("{}"), "/device_id: (missing) is not allowed; use 1..64 of"));
}

TEST_CASE("the whole text may be wrong") {
  CHECK(has(errors_of(""), "configuration: (no JSON from line 1"));
  CHECK(has(errors_of("{\n  \"device_id\": \"a\",\n  oops\n}"), "line 3, column 3"));
  CHECK(has(errors_of("[]"), "one JSON object"));
  CHECK(has(errors_of("<html></html>"), "no JSON"));
  CHECK(has(errors_of(std::string(100000, '[')), "nested too deeply"));
  CHECK(has(errors_of(with("\"x\":\"a\\u0000b\"")), "U+0000"));
  CHECK(has(errors_of(with("\"x\":\"\xff\"")), "no JSON"));
  CHECK(has(errors_of(std::string((4 << 20) + 1, ' ')), "at most 4194304 bytes"));
}

TEST_CASE("doubled and unknown fields") {
  CHECK(has(errors_of(with(R"("allow_http":false,"allow_http":false)")),
            "/allow_http: (there twice) is not allowed"));
  CHECK(has(errors_of(with(R"("probe":{"probe_s":5,"probe_s":6})")),
            "/probe/probe_s: (there twice)"));
  const std::string errors = errors_of(with(R"("tokens":"geheim-2","a\nb":1)"));
  CHECK(has(errors, "/tokens: (unknown field) is not allowed; use device_id, servers,"));
  CHECK_FALSE(has(errors, "geheim-2"));
  CHECK(has(errors, "/a b: (unknown field)"));
}

TEST_CASE("one mistake is one error, and none hides another") {
  const auto config =
      parse_config(R"({"device_id":7,"servers":[{"name":"a","url":5,"cluster_id":"c"},
    {"name":"b","url":"ftp://b","cluster_id":"c"}],
    "down":{"gray_percent":"50"},"failback":{"spread_s":-1}})");
  REQUIRE_FALSE(config);
  std::vector<std::string> fields;
  for (const ConfigError& error : config.error()) fields.push_back(error.field);
  std::sort(fields.begin(), fields.end());
  const std::vector<std::string> expected = {
      "/device_id", "/down/gray_percent", "/failback/spread_s", "/servers/0/url", "/servers/1/url"};
  CHECK(fields == expected);
}

TEST_CASE("secrets aren't shown, long values are cut") {
  Config config = good_config();
  config.servers[0].token = "geheim\r\n";
  config.servers[0].url = "https://me:geheim@a.example";
  config.device_id = std::string(200, 'x');
  std::string text;
  for (const ConfigError& error : validate(config)) text += error.text() + "\n";
  CHECK_FALSE(has(text, "geheim"));
  CHECK(has(text, "/servers/0/token: (hidden)"));
  CHECK(has(text, "/servers/0/url: (hidden)"));
  CHECK(has(text, std::string(61, 'x') + "... is not"));
}

TEST_CASE("a configuration made by hand is checked like one read from JSON") {
  Config config = good_config();
  config.servers.resize(17, config.servers[0]);
  for (size_t i = 0; i < 17; ++i) config.servers[i].name = "s" + std::to_string(i);
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].field == "/servers");

  config = good_config();
  config.failback.mode = static_cast<FailbackMode>(9);
  config.job.max_document_bytes = UINT64_MAX;
  config.servers[0].name = std::string("a\0b", 3);
  CHECK(validate(config).size() == 3);

  config = good_config();
  config.offline.cache = CacheMode::ram;
  config.offline.rights_decay.resize(9);
  CHECK(validate(config).size() >= 2);  // too many, and without rights
  CHECK(validate(config)[0].field == "/offline/rights_decay");
  config.offline.rights_decay.clear();
  config.offline.break_glass.rights.assign(65, "print");
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].field == "/offline/break_glass/rights");
}

TEST_CASE("server URLs") {
  codec::ServerUrl url;
  REQUIRE(codec::parse_server_url("https://Print.Example:8443/a/b", url));
  CHECK(url.https);
  CHECK(url.host == "print.example");
  CHECK(url.port == 8443);
  CHECK(url.base == "/a/b");
  CHECK_FALSE(url.loopback());
  REQUIRE(codec::parse_server_url("http://[2001:DB8::1]", url));
  CHECK(url.host == "2001:db8::1");
  CHECK(url.port == 80);
  REQUIRE(codec::parse_server_url("https://h/", url));
  CHECK(url.port == 443);
  CHECK(url.base.empty());
  for (const char* text : {"http://localhost", "http://127.0.0.1", "http://127.255.0.9:1",
                           "http://[::1]", "http://[0:0:0:0:0:0:0:1]"}) {
    CAPTURE(text);
    CHECK(codec::parse_server_url(text, url));
    CHECK(url.loopback());
  }
  for (const char* text : {"http://128.0.0.1", "http://127.example", "http://localhost.example",
                           "http://[::2]", "http://[::ffff:1]", "http://[1::1]", "http://[::11]"}) {
    CAPTURE(text);
    CHECK(codec::parse_server_url(text, url));
    CHECK_FALSE(url.loopback());
  }
}

TEST_CASE("URLs that a strict reader refuses") {
  codec::ServerUrl url;
  for (const char* text : {"",
                           "print.example",
                           "//h",
                           "https:/h",
                           "https://",
                           "https:///a",
                           "HTTPS://h",
                           "file:///etc/passwd",
                           "ftp://h",
                           "https://h ",
                           " https://h",
                           "https://h\n",
                           "https://u@h",
                           "https://u:p@h",
                           "https://h:",
                           "https://h:0",
                           "https://h:65536",
                           "https://h:080",
                           "https://h:80a",
                           "https://h?x",
                           "https://h/?x",
                           "https://h#x",
                           "https://h/a/",
                           "https://h//a",
                           "https://h/./a",
                           "https://h/a/..",
                           "https://h/%2e%2e",
                           "https://h/a b",
                           "https://h\\a",
                           "https://-h",
                           "https://h-",
                           "https://a..b",
                           "https://h.",
                           "https://.h",
                           "https://h_1",
                           "https://2130706433",
                           "https://0x7f000001",
                           "https://127.1",
                           "https://127.0.0.01",
                           "https://256.1.1.1",
                           "https://1.2.3.4.5",
                           "https://0x7f.1",
                           "https://h\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(codec::parse_server_url(text, url));
  }
  CHECK_FALSE(codec::parse_server_url("https://" + std::string(64, 'a'), url));
  CHECK_FALSE(codec::parse_server_url(std::string("https://h\0", 10), url));
}

TEST_CASE("IPv6 addresses in URLs, and names that look like numbers") {
  codec::ServerUrl url;
  for (const char* text : {"https://[::1", "https://::1", "https://[]", "https://[:]",
                           "https://[1]", "https://[1:2:3:4:5:6:7]", "https://[1:2:3:4:5:6:7:8:9]",
                           "https://[1::2::3]", "https://[12345::]", "https://[::1%eth0]",
                           "https://[::ffff:127.0.0.1]", "https://[:1:2:3:4:5:6:7]",
                           "https://[1:2:3:4:5:6:7:]", "https://[:::]", "https://[::1]a"}) {
    CAPTURE(text);
    CHECK_FALSE(codec::parse_server_url(text, url));
  }
  for (const char* text :
       {"https://[::]", "https://[1::]", "https://[1:2:3:4:5:6:7::]", "https://[::2:3:4:5:6:7:8]",
        "https://[1:2:3:4:5:6:7:8]", "https://xn--bcher-kva.example", "https://3com.example"}) {
    CAPTURE(text);
    CHECK(codec::parse_server_url(text, url));
  }
}

}  // namespace
}  // namespace holdfast
