// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto.h"
#include "options.h"
#include "text.h"
#include "users.h"

namespace print_server {
namespace {

using nlohmann::json;

constexpr uint64_t kMostOfflinePages = 1000000000;

std::string read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw UsageError("cannot read the users file " + path + ": check path and rights");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class UserReader {
 public:
  UserReader(const std::string& path, size_t index, const json& object)
      : where_(path + ": users[" + std::to_string(index) + "]"), object_(object) {
    if (!object.is_object()) fail("is not an object");
  }

  ImportedUser read() {
    static const std::set<std::string> kKnown = {"user_uid", "name",     "display_name",
                                                 "rights",   "disabled", "cards",
                                                 "pins",     "password", "offline_pages"};
    for (const auto& member : object_.items()) {
      if (kKnown.count(member.key()) == 0) fail("has the unknown member '" + member.key() + "'");
    }
    ImportedUser user;
    user.user_uid = text("user_uid", true);
    if (!is_opaque_id(user.user_uid)) fail("user_uid must be 1 to 64 of [A-Za-z0-9._:-]");
    user.name = text("name", true);
    user.display_name = text("display_name", false);
    if (user.display_name.empty()) user.display_name = user.name;
    user.password = text("password", false);
    user.cards = texts("cards");
    user.pins = texts("pins");
    user.disabled = flag("disabled");
    user.offline_pages = offline_pages();
    user.rights = rights();
    return user;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw UsageError(where_ + " " + what); }

  std::string text(const char* key, bool required) const {
    const auto it = object_.find(key);
    if (it == object_.end()) {
      if (required) fail(std::string("lacks '") + key + "'");
      return {};
    }
    if (!it->is_string() || it->get_ref<const std::string&>().empty() ||
        it->get_ref<const std::string&>().size() > 255 ||
        has_control(it->get_ref<const std::string&>())) {
      fail(std::string(key) + " must be text of 1 to 255 bytes without control characters");
    }
    return it->get<std::string>();
  }

  std::vector<std::string> texts(const char* key) const {
    const auto it = object_.find(key);
    if (it == object_.end()) return {};
    if (!it->is_array()) fail(std::string(key) + " must be a list of texts");
    std::vector<std::string> out;
    for (const json& item : *it) {
      if (!item.is_string() || item.get_ref<const std::string&>().empty()) {
        fail(std::string(key) + " must be a list of texts that are not empty");
      }
      out.push_back(item.get<std::string>());
    }
    return out;
  }

  bool flag(const char* key) const {
    const auto it = object_.find(key);
    if (it == object_.end()) return false;
    if (!it->is_boolean()) fail(std::string(key) + " must be true or false");
    return it->get<bool>();
  }

  int64_t offline_pages() const {
    const auto it = object_.find("offline_pages");
    if (it == object_.end()) return -1;
    if (!it->is_number_unsigned() || it->get<uint64_t>() > kMostOfflinePages) {
      fail("offline_pages must be a number from 0 to 1000000000");
    }
    return it->get<int64_t>();
  }

  std::string rights() const {
    if (!object_.contains("rights")) return "print,color,copy,scan";
    std::string joined;
    for (const std::string& right : texts("rights")) {
      if (right != "print" && right != "color" && right != "copy" && right != "scan" &&
          right != "fax") {
        fail("has the unknown right '" + right + "': allowed are print, color, copy, scan, fax");
      }
      joined += (joined.empty() ? "" : ",") + right;
    }
    return joined;
  }

  std::string where_;
  const json& object_;
};

void check_unique(const std::string& path, const std::vector<ImportedUser>& users) {
  std::map<std::string, std::string> owners;
  const auto claim = [&](const std::string& what, const std::string& value,
                         const std::string& user_uid) {
    const auto [it, added] = owners.emplace(what + ' ' + value, user_uid);
    if (!added) {
      throw UsageError(path + ": a " + what + " of '" + user_uid + "' also belongs to '" +
                       it->second + "': each must name one user");
    }
  };
  for (const ImportedUser& user : users) {
    claim("user_uid", user.user_uid, user.user_uid);
    claim("name", user.name, user.user_uid);
    for (const std::string& card : user.cards) claim("card", normalised_card(card), user.user_uid);
    for (const std::string& pin : user.pins) claim("pin", pin, user.user_uid);
  }
}

}  // namespace

UserImport read_users_file(const std::string& path) {
  const std::string content = read_whole_file(path);
  const json document = json::parse(content, nullptr, false);
  if (document.is_discarded()) {
    throw UsageError(path + ": is not JSON; the format is in README.md");
  }
  if (!document.is_object() || !document.contains("users") || !document["users"].is_array()) {
    throw UsageError(path +
                     ": must be an object with the list 'users'; the format is in README.md");
  }
  UserImport import;
  import.digest = hex(sha256(content));
  size_t index = 0;
  for (const json& object : document["users"]) {
    import.users.push_back(UserReader(path, index++, object).read());
  }
  check_unique(path, import.users);
  return import;
}

}  // namespace print_server
