// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Replaces fsync(), write() and linkat() for the whole program, so that they can fail.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "conformance/device_key.h"
#include "holdfast/adapters/mbedtls_crypto.h"
#include "holdfast/adapters/posix.h"
#include "support/fake_device_key.h"
#include "support/temporary_directory.h"

namespace {

std::string failing;  // the call that fails, with this error, the n-th time
int failing_error = 0;
int failing_nth = 0;
std::vector<std::string> seen;
std::atomic<bool> watching{false};  // else nothing is noted and nothing fails

bool hit(const char* name) {
  if (!watching) return false;
  seen.emplace_back(name);
  if (failing != name || failing_nth-- != 0) return false;
  errno = failing_error;
  return true;
}

}  // namespace

extern "C" int fsync(int fd) {
  if (hit("fsync")) return -1;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" ssize_t write(int fd, const void* data, size_t size) {
  if (hit("write")) return -1;
  return ::syscall(SYS_write, fd, data, watching && size > 11 ? 11 : size);
}

extern "C" int linkat(int from_fd, const char* from, int to_fd, const char* to,
                      int flags) noexcept {
  if (hit("linkat")) return -1;
  return static_cast<int>(::syscall(SYS_linkat, from_fd, from, to_fd, to, flags));
}

namespace holdfast {
namespace {

using test::file_exists;
using test::read_file;
using test::TemporaryDirectory;
using test::write_file;

struct Watch {
  explicit Watch(const char* call = "", int error = 0, int nth = 0) {
    seen.clear();
    failing = call;
    failing_error = error;
    failing_nth = nth;
    watching = true;
  }
  ~Watch() { watching = false; }
};

std::unique_ptr<Crypto> crypto() {
  auto made = mbedtls_crypto();
  REQUIRE(made.has_value());
  return std::move(*made);
}

Status opens(const std::string& path, Crypto& crypto, std::string* problem = nullptr) {
  const auto key = file_device_key(path, crypto, problem);
  return key ? Status() : key.error();
}

size_t files_in(const TemporaryDirectory& directory) {
  const std::filesystem::directory_iterator all(directory.path());
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

TEST_CASE("file device key conforms") {
  const TemporaryDirectory directory;
  const auto with = crypto();
  const auto open = [&](const char* name) {
    return [&, name]() -> std::unique_ptr<DeviceKey> {
      auto key = file_device_key(directory / name, *with);
      return key ? std::move(*key) : nullptr;
    };
  };
  conformance::device_key({open("this.key"), open("other.key")});
  CHECK(open("this.key")()->tier() == KeyTier::none);
  CHECK(files_in(directory) == 2);  // nothing else stays
}

TEST_CASE("fake device key conforms, with and without a counter") {
  for (const bool has_counter : {true, false}) {
    test::FakeDeviceKey kept;  // holds the device's counter
    struct Restarted final : DeviceKey {
      test::FakeDeviceKey fake;
      test::FakeDeviceKey& kept;
      explicit Restarted(test::FakeDeviceKey& device) : kept(device) {}
      KeyTier tier() const override { return fake.tier(); }
      Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data,
                                size_t size) override {
        return fake.hmac(label, data, size);
      }
      Result<std::string> wrap(const Key256& key) override { return fake.wrap(key); }
      Result<Key256> unwrap(const std::string& bytes) override { return fake.unwrap(bytes); }
      Result<uint64_t> counter() override { return kept.counter(); }
      Result<uint64_t> count_up() override { return kept.count_up(); }
    };
    kept.has_counter = has_counter;
    conformance::device_key({[&] { return std::make_unique<Restarted>(kept); },
                             [] { return std::make_unique<test::FakeDeviceKey>(2); }});
    CHECK(kept.calls.counter > 0);
  }
}

TEST_CASE("fake device key fails on demand") {
  test::FakeDeviceKey key(1, KeyTier::secure_element);
  CHECK(key.tier() == KeyTier::secure_element);
  key.hmac_fails = Code::io_error;
  key.wrap_fails = key.unwrap_fails = Code::crypto_failed;
  key.counter_fails = key.count_up_fails = Code::timed_out;
  CHECK(key.hmac("", nullptr, 0).error().code() == Code::io_error);
  CHECK(key.wrap(Key256{}).error().code() == Code::crypto_failed);
  CHECK(key.unwrap("").error().code() == Code::crypto_failed);
  CHECK(key.counter().error().code() == Code::timed_out);
  CHECK(key.count_up().error().code() == Code::timed_out);
  CHECK(key.count == 0);
  key.counts_and_fails = true;
  CHECK(key.count_up().error().code() == Code::timed_out);
  CHECK(key.count == 1);
  CHECK(key.calls.hmac == 1);
  CHECK(key.calls.count_up == 2);
}

TEST_CASE("names of the tiers") {
  CHECK(std::string(to_string(KeyTier::none)) == "none");
  CHECK(std::string(to_string(KeyTier::soc_bound)) == "soc_bound");
  CHECK(std::string(to_string(KeyTier::tee)) == "tee");
  CHECK(std::string(to_string(KeyTier::secure_element)) == "secure_element");
  CHECK(std::string(to_string(static_cast<KeyTier>(4))) == "?");
}

TEST_CASE("the file is its owner's alone, whatever the umask") {
  const TemporaryDirectory directory;
  const auto with = crypto();
  for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
    const std::string path = directory / ("key-" + std::to_string(mask));
    const mode_t before = ::umask(mask);
    const Status made = opens(path, *with);
    (void)::umask(before);
    CHECK(made.ok());
    struct stat info = {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
    CHECK(info.st_size == 32);
  }
  CHECK(read_file(directory / "key-0") != read_file(directory / "key-511"));
}

TEST_CASE("a file that others may use, or that isn't a key, is refused, kept and explained") {
  const TemporaryDirectory directory;
  const auto with = crypto();
  const std::string path = directory / "device.key";
  std::string problem;
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0610, 0677}) {
    write_file(path, std::string(32, 'k'));
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CAPTURE(mode);
    CHECK(opens(path, *with, &problem).code() == Code::invalid_argument);
    CHECK(problem.find(path) == 0);
    CHECK(problem.find("chmod") != std::string::npos);
    CHECK(read_file(path) == std::string(32, 'k'));
  }
  for (const size_t size : {0, 1, 31, 33, 64}) {
    write_file(path, std::string(size, 'k'));
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    CAPTURE(size);
    CHECK(opens(path, *with, &problem).code() == Code::corrupt);
    CHECK(problem.find("32 bytes") != std::string::npos);
    CHECK(read_file(path).size() == size);
  }
  write_file(path, std::string(32, '\0'));
  CHECK(opens(path, *with, &problem).code() == Code::corrupt);
  CHECK(problem.find("zeros") != std::string::npos);
  write_file(path, std::string(32, 'k'));
  CHECK(opens(path, *with).ok());

  const std::string link = directory / "link.key";
  REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
  CHECK(opens(link, *with, &problem).code() == Code::invalid_argument);
  CHECK(problem.find("symbolic link") != std::string::npos);
  const std::string fifo = directory / "fifo.key";  // must not be waited for
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(opens(fifo, *with, &problem).code() == Code::invalid_argument);
  CHECK(opens(directory.path(), *with, &problem).code() == Code::invalid_argument);
  CHECK(opens(directory / "", *with, &problem).code() == Code::invalid_argument);
  CHECK(opens("", *with, &problem).code() == Code::invalid_argument);
  CHECK_FALSE(opens(directory / "none/device.key", *with, &problem).ok());
  CHECK(problem.find("none") != std::string::npos);
}

TEST_CASE("the key is on the disk before it is used, and its name too") {
  const TemporaryDirectory directory;
  const auto with = crypto();
  const Watch watch;
  CHECK(opens(directory / "device.key", *with).ok());
  // In pieces; then the file, its name, and once more as for any key that is found.
  const std::vector<std::string> expected = {"write",  "write", "write", "fsync",
                                             "linkat", "fsync", "fsync"};
  CHECK(seen == expected);
}

TEST_CASE("a failure at any step gives no key, and the next try one that lasts") {
  struct Case {
    const char* call;
    int error;
    int nth;
    Code expected;
  };
  for (const Case& c :
       {Case{"write", ENOSPC, 0, Code::no_space}, Case{"write", EIO, 2, Code::io_error},
        Case{"fsync", EIO, 0, Code::io_error}, Case{"linkat", EROFS, 0, Code::read_only},
        Case{"linkat", EPERM, 0, Code::read_only}, Case{"fsync", EIO, 1, Code::io_error},
        Case{"fsync", EIO, 2, Code::io_error}}) {
    CAPTURE(c.call);
    CAPTURE(c.nth);
    const TemporaryDirectory directory;
    const auto with = crypto();
    const std::string path = directory / "device.key";
    std::string problem;
    {
      const Watch watch(c.call, c.error, c.nth);
      CHECK(opens(path, *with, &problem) == Status(c.expected, c.error));
    }
    CHECK(problem.find(path) == 0);
    CHECK(files_in(directory) == (file_exists(path) ? 1 : 0));  // no half of one is left
    CHECK(opens(path, *with).ok());
    const std::string bytes = read_file(path);
    CHECK(opens(path, *with).ok());
    CHECK(read_file(path) == bytes);
  }
}

TEST_CASE("of several that make the key at once all get the same one") {
  for (int round = 0; round < 20; ++round) {
    const TemporaryDirectory directory;
    const auto with = crypto();
    std::vector<Result<Sha256Digest>> digests(4, failure(Code::unavailable));
    std::vector<std::thread> threads;
    for (auto& digest : digests) {
      threads.emplace_back([&] {
        auto key = file_device_key(directory / "device.key", *with);
        if (key) digest = (*key)->hmac("label", nullptr, 0);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& digest : digests) {
      REQUIRE(digest.has_value());
      CHECK(*digest == *digests[0]);
    }
    CHECK(files_in(directory) == 1);
  }
}

}  // namespace
}  // namespace holdfast
