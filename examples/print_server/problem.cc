// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "problem.h"

#include "fields.h"
#include "http.h"

namespace print_server {

Answer problem_answer(const Problem& problem) {
  std::string title = problem.name;
  for (char& c : title) {
    if (c == '-') c = ' ';
  }
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  nlohmann::json body = {{"type", "urn:holdfast:problem:" + problem.name},
                         {"title", title},
                         {"status", problem.status},
                         {"detail", problem.detail}};
  if (!problem.claimed_by.empty()) body["claimed_by"] = problem.claimed_by;
  if (!problem.state.empty()) body["state"] = problem.state;
  if (problem.name == "unsupported-version") body["versions"] = {1};
  Answer answer(problem.status, "");
  answer.type = "application/problem+json";
  if (problem.retry_after_s >= 0) {
    body["retry_after_s"] = problem.retry_after_s;
    answer.headers.emplace_back("Retry-After", std::to_string(problem.retry_after_s));
  }
  if (problem.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  answer.body = dumped(body);
  return answer;
}

}  // namespace print_server
