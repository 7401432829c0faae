// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// getaddrinfo() as a task of an executor. What a task has found goes into a desk that both sides
// hold: a resolver may be gone, or a look-up cancelled, long before getaddrinfo() comes back.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <utility>
#include <vector>

#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

constexpr size_t kMaxNameBytes = 253;

class LookupTask;

struct Desk {
  Desk() = default;
  ~Desk() {
    for (const int end : ends) {
      if (end >= 0) (void)::close(end);
    }
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // A byte for each look-up that has run, taken out only by its finish(): so the owner comes back
  // also when it was woken before the executor had noticed the end.
  int ends[2] = {-1, -1};
  std::vector<std::pair<ResolveId, LookupTask*>> wanted;  // owner's
  std::deque<ResolveResult> results;                      // owner's
};

std::string numeric(const addrinfo& found) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* raw = nullptr;
  if (found.ai_family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in*>(found.ai_addr)->sin_addr;
  } else if (found.ai_family == AF_INET6) {
    raw = &reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr;
  }
  if (raw == nullptr || ::inet_ntop(found.ai_family, raw, text, sizeof text) == nullptr) return {};
  return text;
}

ResolveOutcome outcome_of(int code) {
  switch (code) {
    case 0:
      return ResolveOutcome::found;
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
      return ResolveOutcome::not_found;
    default:
      return ResolveOutcome::unavailable;
  }
}

class LookupTask final : public Task {
 public:
  LookupTask(std::shared_ptr<Desk> desk, ResolveId id, std::string host)
      : desk_(std::move(desk)), host_(std::move(host)) {
    result_.id = id;
  }

  // Owner's thread. Nobody waits for the answer any more; still queued, it asks nothing.
  void forget() { forgotten_ = true; }

  void run() noexcept override {
    if (!forgotten_) look_up();
    const char byte = 0;
    const ssize_t written = ::write(desk_->ends[1], &byte, 1);
    (void)written;  // so many look-ups at once that the pipe is full: the waker is left
  }

  void finish() noexcept override {
    char byte = 0;
    const ssize_t taken = ::read(desk_->ends[0], &byte, 1);
    (void)taken;
    const auto mine =
        std::find(desk_->wanted.begin(), desk_->wanted.end(), std::make_pair(result_.id, this));
    if (mine == desk_->wanted.end()) return;
    desk_->wanted.erase(mine);
    desk_->results.push_back(std::move(result_));
  }

 private:
  void look_up() {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host_.c_str(), nullptr, &hints, &found);
    auto& known = result_.addresses;
    for (const addrinfo* one = code == 0 ? found : nullptr; one != nullptr; one = one->ai_next) {
      const std::string address = numeric(*one);
      if (!address.empty() && known.size() < kMaxAddresses &&
          std::find(known.begin(), known.end(), address) == known.end())
        known.push_back(address);
    }
    if (code == 0) ::freeaddrinfo(found);
    result_.outcome = outcome_of(code);
    if (code == 0 && known.empty()) result_.outcome = ResolveOutcome::not_found;
    if (result_.outcome == ResolveOutcome::not_found)
      result_.status = Status(Code::not_found, code);
    if (result_.outcome == ResolveOutcome::unavailable)
      result_.status = Status(Code::unavailable, code);
  }

  const std::shared_ptr<Desk> desk_;
  const std::string host_;
  std::atomic<bool> forgotten_{false};
  ResolveResult result_;
};

class ExecutorResolver final : public Resolver {
 public:
  ExecutorResolver(Executor& executor, std::shared_ptr<Desk> desk)
      : executor_(executor), desk_(std::move(desk)) {}
  ~ExecutorResolver() override {
    for (const auto& [id, task] : desk_->wanted) task->forget();
    desk_->wanted.clear();
  }

  Status start(ResolveId id, const std::string& host) override {
    if (host.empty() || host.size() > kMaxNameBytes || host.find('\0') != std::string::npos)
      return Code::invalid_argument;
    const auto same = [id](const auto& other) { return other.first == id; };
    if (std::any_of(desk_->wanted.begin(), desk_->wanted.end(), same)) return Code::already_exists;
    auto task = std::make_unique<LookupTask>(desk_, id, host);
    const auto entry = std::make_pair(id, task.get());
    const Status status = executor_.submit(std::move(task));
    if (status.ok()) desk_->wanted.push_back(entry);
    return status;
  }

  void cancel(ResolveId id) override {
    const auto drop = [](auto& list, auto is_it) {
      list.erase(std::remove_if(list.begin(), list.end(), is_it), list.end());
    };
    for (const auto& [wanted, task] : desk_->wanted) {
      if (wanted == id) task->forget();
    }
    drop(desk_->wanted, [id](const auto& one) { return one.first == id; });
    drop(desk_->results, [id](const ResolveResult& one) { return one.id == id; });
  }

  Instant poll(Instant) override {
    executor_.poll();
    return Instant::never();
  }

  bool take(ResolveResult& result) override {
    if (desk_->results.empty()) return false;
    result = std::move(desk_->results.front());
    desk_->results.pop_front();
    return true;
  }

  void descriptors(std::vector<WaitOn>& out) const override {
    out.push_back({desk_->ends[0], true, false});
  }

 private:
  Executor& executor_;
  const std::shared_ptr<Desk> desk_;
};

}  // namespace

Result<std::unique_ptr<Resolver>> executor_resolver(Executor& executor) {
  auto desk = std::make_shared<Desk>();
  if (::pipe2(desk->ends, O_NONBLOCK | O_CLOEXEC) != 0) return failure(Code::io_error, errno);
  return std::unique_ptr<Resolver>(new ExecutorResolver(executor, std::move(desk)));
}

}  // namespace holdfast
