// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/words.h"
#include "holdfast/types.h"

namespace holdfast::core {

struct Session {
  SessionId id = SessionId::none;      // none: free
  ServerIndex server = kNoServer;      // where its requests go first
  ServerIndex granted_by = kNoServer;  // whose cluster signed the receipt; kNoServer: the cache
  bool provisional = false;
  uint32_t login_request = 0;  // while home may still contradict it
};

// User sessions. A session stays with its server until logout, unless that server can't serve it
// any more; then it goes with the route and stays there: it doesn't move back while the user works.
class Sessions {
 public:
  explicit Sessions(size_t capacity) : table_(capacity) {}

  size_t count() const {
    size_t n = 0;
    for (const Session& s : table_) n += s.id != SessionId::none ? 1 : 0;
    return n;
  }
  bool full() const { return count() == table_.size(); }

  // nullptr when full.
  Session* open(ServerIndex server, bool provisional, uint32_t login_request) {
    Session* free = find(SessionId::none);
    if (free == nullptr) return nullptr;
    *free = {static_cast<SessionId>(next_), server, server, provisional, login_request};
    if (++next_ == 0) next_ = 1;
    return free;
  }
  void close(SessionId id) {
    if (Session* s = known(id)) *s = {};
  }
  Session* known(SessionId id) { return id == SessionId::none ? nullptr : find(id); }
  const Session* known(SessionId id) const { return const_cast<Sessions*>(this)->known(id); }
  Session* by_login(uint32_t request) {
    for (Session& s : table_)
      if (s.id != SessionId::none && s.login_request == request) return &s;
    return nullptr;
  }

  // The server can't serve sessions any more, for whatever reason.
  void server_left(ServerIndex server, Route route) {
    for (Session& s : table_)
      if (s.server == server) s.server = route.kind == RouteKind::server ? route.server : kNoServer;
  }
  // A request of the session was answered there.
  void served(SessionId id, ServerIndex server) {
    if (Session* s = known(id)) s->server = server;
  }

 private:
  Session* find(SessionId id) {
    for (Session& s : table_)
      if (s.id == id) return &s;
    return nullptr;
  }

  std::vector<Session> table_;
  uint32_t next_ = 1;
};

}  // namespace holdfast::core
