// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/time_text.h"

#include <algorithm>

namespace holdfast::codec {
namespace {

constexpr int64_t kDayMs = 86400000;
// 0000-03-01, the beginning of a 400-year cycle whose leap day comes last, lies so many days before
// 1970-01-01.
constexpr int64_t kEpochDays = 719468;

struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

// Years begin in March here, so that the months' lengths follow one rule: (153 m + 2) / 5 days
// before month m.
int64_t days_of(Date date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t month = (date.month + 9) % 12;
  return year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date.day - 1 -
         kEpochDays;
}

Date date_of(int64_t days) {
  days += kEpochDays;
  const int64_t cycle = days / 146097;
  const int64_t day_of_cycle = days % 146097;
  const int64_t year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
  const int64_t day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;
  const int64_t year = cycle * 400 + year_of_cycle;
  return {month >= 10 ? year + 1 : year, month >= 10 ? month - 9 : month + 3,
          day_of_year - (153 * month + 2) / 5 + 1};
}

void append(std::string& text, int64_t number, size_t width) {
  const std::string digits = std::to_string(number);
  text.append(width - std::min(width, digits.size()), '0');
  text += digits;
}

// Reads `width` digits at `at`; -1 when there aren't.
int64_t digits_at(std::string_view text, size_t at, size_t width) {
  int64_t number = 0;
  for (size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

int64_t days_in_month(int64_t year, int64_t month) {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// ".250Z" or "Z": the fraction's milliseconds; -1 when it is neither.
int64_t fraction_ms(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 3 || text[0] != '.' || text.back() != 'Z') return -1;
  int64_t ms = 0;
  for (size_t i = 1; i < std::max<size_t>(text.size() - 1, 4); ++i) {
    const bool there = i < text.size() - 1;
    if (there && (text[i] < '0' || text[i] > '9')) return -1;
    if (i <= 3) ms = ms * 10 + (there ? text[i] - '0' : 0);
  }
  return ms;
}

}  // namespace

std::string format_time(int64_t unix_ms) {
  unix_ms = std::clamp<int64_t>(unix_ms, 0, 253402300799999);  // up to the end of 9999
  const Date date = date_of(unix_ms / kDayMs);
  const int64_t ms = unix_ms % kDayMs;
  std::string text;
  append(text, date.year, 4);
  text.push_back('-');
  append(text, date.month, 2);
  text.push_back('-');
  append(text, date.day, 2);
  text.push_back('T');
  append(text, ms / 3600000, 2);
  text.push_back(':');
  append(text, ms / 60000 % 60, 2);
  text.push_back(':');
  append(text, ms / 1000 % 60, 2);
  text.push_back('.');
  append(text, ms % 1000, 3);
  text.push_back('Z');
  return text;
}

bool parse_time(std::string_view text, int64_t& unix_ms) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() <= kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] != '0' && text[i] != kForm[i]) return false;
  }
  const Date date = {digits_at(text, 0, 4), digits_at(text, 5, 2), digits_at(text, 8, 2)};
  const int64_t hour = digits_at(text, 11, 2);
  const int64_t minute = digits_at(text, 14, 2);
  const int64_t second = digits_at(text, 17, 2);
  const int64_t ms = fraction_ms(text.substr(kForm.size()));
  if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > days_in_month(date.year, date.month)) {
    return false;
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || ms < 0) {
    return false;
  }
  unix_ms = days_of(date) * kDayMs + hour * 3600000 + minute * 60000 +
            std::min<int64_t>(second, 59) * 1000 + ms;
  return true;
}

}  // namespace holdfast::codec
