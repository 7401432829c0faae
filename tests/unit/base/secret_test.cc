// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "holdfast/types.h"

namespace holdfast {
namespace {

const std::string kLong = "a password that lives on the heap";
const std::string kShort = "1234";

// Looks into the memory where a Secret was, after its end.
bool traces_after_destruction(const std::string& text) {
  alignas(Secret) unsigned char place[sizeof(Secret)];
  std::memset(place, 0, sizeof(place));
  auto* secret = new (place) Secret(std::string(text));
  secret->~Secret();
  // Volatile reads: the object's end would allow the compiler to drop what it "knows".
  std::string seen;
  for (const volatile unsigned char& byte : place) seen.push_back(static_cast<char>(byte));
  return seen.find(text.substr(0, 4)) != std::string::npos;
}

TEST_CASE("wipe leaves zeros and an empty string") {
  char buffer[8] = {'s', 'e', 'c', 'r', 'e', 't', '!', '!'};
  wipe(buffer, 6);
  CHECK(std::memcmp(buffer, "\0\0\0\0\0\0!!", 8) == 0);

  std::string text = kLong;
  const char* data = text.data();
  const size_t size = text.size();
  wipe(text);
  CHECK(text.empty());
  REQUIRE(text.data() == data);  // the same block: nothing was left behind elsewhere
  for (size_t i = 0; i < size; ++i) CHECK(data[i] == 0);
}

TEST_CASE("wipe reaches what a longer text left behind its end") {
  std::string text = kLong;
  const char* data = text.data();
  text.resize(2);
  wipe(text);
  for (size_t i = 0; i < kLong.size(); ++i) CHECK(data[i] == 0);
}

TEST_CASE("a Secret takes its text and leaves none in the source") {
  for (const std::string& text : {kLong, kShort}) {
    std::string source = text;
    Secret secret(std::move(source));
    CHECK(secret.reveal() == text);
    CHECK(source.empty());
    CHECK(std::string(source.data(), kShort.size()) != kShort);

    Secret moved(std::move(secret));
    CHECK(moved.reveal() == text);
    CHECK(secret.empty());

    Secret assigned(std::string("the one before"));
    assigned = std::move(moved);
    CHECK(assigned.reveal() == text);
    CHECK(moved.empty());
    Secret& same = assigned;
    assigned = std::move(same);
    CHECK(assigned.reveal() == text);
  }
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
}

TEST_CASE("a Secret's end leaves no trace") {
  CHECK_FALSE(traces_after_destruction(kShort));
  CHECK_FALSE(traces_after_destruction("fifteen bytes!!"));
}

}  // namespace
}  // namespace holdfast
