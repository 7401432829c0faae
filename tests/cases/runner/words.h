// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The words of case files, each in one place.
#pragma once

#include <string>
#include <vector>

#include "case.h"

namespace holdfast::cases {

// "good", "silent", "503", ...
bool find_manner(const std::string& word, Manner* manner);
const std::vector<std::string>& manner_words();

// The enumerators of T from `first` to `last`, by to_string().
template <class T>
std::vector<std::string> words_of(T first, T last) {
  std::vector<std::string> words;
  for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i)
    words.emplace_back(to_string(static_cast<T>(i)));
  return words;
}

template <class T>
T value_of(const std::string& word, T first, T last) {
  for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i)
    if (word == to_string(static_cast<T>(i))) return static_cast<T>(i);
  return first;
}

std::vector<std::string> state_words();
std::vector<std::string> local_words();
std::vector<std::string> reason_words();
std::vector<std::string> verdict_words();
std::vector<std::string> end_words();
std::vector<std::string> action_words();

}  // namespace holdfast::cases
