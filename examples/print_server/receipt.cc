// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "receipt.h"

#include <nlohmann/json.hpp>

#include "auth.h"
#include "crypto.h"
#include "text.h"

namespace print_server {

using nlohmann::json;

std::string sign_receipt(const Receipt& receipt, const std::string& key) {
  const std::string body = json({{"v", 1},
                                 {"id", receipt.id},
                                 {"cluster_id", receipt.cluster_id},
                                 {"user_uid", receipt.user_uid},
                                 {"device", receipt.device},
                                 {"exp", receipt.expires_s}})
                               .dump();
  return base64url(body) + "." + base64url(hmac_sha256(key, body));
}

bool open_receipt(const std::string& text, const std::string& key, Receipt* out) {
  const size_t dot = text.find('.');
  std::string body;
  std::string mac;
  if (dot == std::string::npos || !unbase64url(text.substr(0, dot), &body) ||
      !unbase64url(text.substr(dot + 1), &mac) ||
      !equal_constant_time(mac, hmac_sha256(key, body))) {
    return false;
  }
  // What carries the cluster's MAC was written by sign_receipt().
  const json value = json::parse(body, nullptr, false);
  if (value.is_discarded() || value.value("v", 0) != 1) return false;
  out->id = value.value("id", "");
  out->cluster_id = value.value("cluster_id", "");
  out->user_uid = value.value("user_uid", "");
  out->device = value.value("device", "");
  out->expires_s = value.value("exp", int64_t{0});
  return true;
}

std::string verdict_json(const LoginVerdict& verdict) {
  json answer;
  if (verdict.granted) {
    answer = {{"verdict", "granted"},
              {"user",
               {{"user_uid", verdict.user.user_uid},
                {"name", verdict.user.name},
                {"display_name", verdict.user.display_name},
                {"rights", split(verdict.user.rights, ',')}}},
              {"receipt", verdict.receipt},
              {"receipt_expires", rfc3339(verdict.receipt_expires_s)}};
    const int64_t pages = verdict.user.offline_pages;
    if (pages >= 0) answer["user"]["offline_pages"] = pages;
  } else {
    answer = {{"verdict", "denied"}, {"reason", verdict.reason}};
    if (verdict.retry_after_s >= 0) answer["retry_after_s"] = verdict.retry_after_s;
  }
  return answer.dump();
}

}  // namespace print_server
