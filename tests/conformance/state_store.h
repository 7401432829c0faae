// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every StateStore must do. `make` opens the same storage each time it is called; at first it
// is empty. The store is destroyed before the next one is made.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "holdfast/ports/state.h"

namespace holdfast::conformance {

template <class Make>
void state_store(Make make) {
  const std::string binary("\0\r\n\xff record \0", 12);
  const std::string large(100000, 'x');
  const std::string longest_key(32, 'k');
  {
    std::unique_ptr<StateStore> store = make();
    REQUIRE(store != nullptr);
    CHECK(store->load("route").error().code() == Code::not_found);

    CHECK(store->store("route", "first").ok());
    CHECK(store->load("route").value_or("") == "first");
    CHECK(store->store("route", "second, and longer").ok());
    CHECK(store->load("route").value_or("") == "second, and longer");
    CHECK(store->store("route", "3").ok());
    CHECK(store->load("route").value_or("") == "3");

    CHECK(store->store("empty", "").ok());
    CHECK(store->load("empty").has_value());
    CHECK(store->load("empty").value_or("not empty").empty());
    CHECK(store->store("binary", binary).ok());
    CHECK(store->store(longest_key, large).ok());
    CHECK(store->load("a").error().code() == Code::not_found);

    for (const std::string& key :
         {std::string(), std::string("UPPER"), std::string("a/b"), std::string(".."),
          std::string("a_b"), longest_key + "k", std::string("a\0b", 3)}) {
      CAPTURE(key);
      CHECK(store->store(key, "x").code() == Code::invalid_argument);
      const Result<std::string> loaded = store->load(key);
      CHECK_FALSE(loaded.has_value());
      CHECK(loaded.error().code() == Code::invalid_argument);
    }
  }
  std::unique_ptr<StateStore> again = make();
  REQUIRE(again != nullptr);
  CHECK(again->load("route").value_or("") == "3");
  CHECK(again->load("empty").has_value());
  CHECK(again->load("binary").value_or("") == binary);
  CHECK(again->load(longest_key).value_or("") == large);
}

}  // namespace holdfast::conformance
