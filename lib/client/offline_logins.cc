// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/offline_logins.h"

#include <algorithm>
#include <utility>

namespace holdfast {
namespace client {
namespace {

constexpr Duration kTidyEvery = seconds(60);  // (own)
constexpr Duration kKeepAgain =
    seconds(60);  // after a failure, for which the disk may be full (own)
constexpr size_t kEventsAtOnce = 64;
constexpr size_t kMaxWaiting = 16;  // before the cache is open: as many as a panel can ask

// The task's own, wiped with it.
Credential copy_of(const Credential& credential) {
  Credential copy;
  copy.kind = credential.kind;
  copy.user = credential.user;
  copy.secret = Secret(std::string(credential.secret.reveal()));
  return copy;
}

bool certificate_for_all(const Config& config) {
  const auto without = [&](const ServerConfig& server) {
    return server.cluster_id == config.servers.front().cluster_id &&
           server.tls.client_certificate_file.empty();
  };
  return !config.servers.empty() &&
         std::none_of(config.servers.begin(), config.servers.end(), without);
}

}  // namespace
}  // namespace client

bool credentials_on_flash(const OfflinePolicy& policy, KeyTier tier) {
  return core::scope_of(policy, static_cast<uint8_t>(tier), false).on_flash;
}

namespace client {

// One piece of work for the cache. It may outlive the client: then it is still done, since it
// counts an attempt or revokes a user, but nobody is told.
class OfflineLogins::Piece : public Task {
 public:
  Piece(OfflineLogins& owner, Work work, Done done)
      : owner_(&owner),
        alive_(owner.alive_),
        cell_(owner.cell_),
        work_(std::move(work)),
        done_(std::move(done)) {}

  void run() noexcept override {
    if (cell_->vault == nullptr) return;
    vault::Vault& vault = *cell_->vault;
    work_(vault);
    work_ = nullptr;  // with the secrets in it
    std::string epoch = vault.audit_epoch();
    if (epoch != cell_->epoch) cell_->told = 0;
    cell_->epoch = std::move(epoch);
    news_.events = vault.audit(cell_->told, kEventsAtOnce);
    if (!news_.events.empty()) cell_->told = news_.events.back().sequence;
    news_.counts = vault.counts();
    news_.users_version = vault.position().version;
  }

  void finish() noexcept override {
    if (!*alive_) return;
    owner_->take(news_);
    if (done_) done_();
  }

 private:
  OfflineLogins* owner_;
  std::shared_ptr<bool> alive_;
  std::shared_ptr<Cell> cell_;
  Work work_;
  Done done_;
  News news_;
};

OfflineLogins::OfflineLogins(Context& context)
    : context_(context), cell_(std::make_shared<Cell>()) {
  const Ports& ports = context.ports;
  if (ports.crypto == nullptr || ports.device_key == nullptr || ports.credentials == nullptr)
    return;
  scope_ = core::scope_of(context.config.offline, static_cast<uint8_t>(ports.device_key->tier()),
                          certificate_for_all(context.config));
}

// ---- opening

namespace {

// Opening reads and checks every row: on the executor, like all else.
class Open : public Task {
 public:
  using Opened = std::function<void(Status, const std::string&, const core::ClockMemory&)>;
  Open(const Context& context, const core::CacheScope& scope,
       std::function<void(std::unique_ptr<vault::Vault>)> keep, Opened opened)
      : ports_{context.ports.credentials, context.ports.crypto, context.ports.device_key,
               context.ports.random},
        policy_(context.config.offline),
        scope_(scope),
        now_ms_(context.unix_ms()),
        keep_(std::move(keep)),
        opened_(std::move(opened)) {}

  void run() noexcept override {
    auto vault =
        vault::Vault::open(ports_, policy_, scope_, policy_.kdf_iterations, now_ms_, &words_);
    if (!vault) {
      status_ = vault.error();
      return;
    }
    memory_ = (*vault)->clock();
    keep_(std::move(*vault));
  }

  void finish() noexcept override { opened_(status_, words_, memory_); }

 private:
  vault::VaultPorts ports_;
  OfflinePolicy policy_;
  core::CacheScope scope_;
  int64_t now_ms_;
  std::function<void(std::unique_ptr<vault::Vault>)> keep_;
  Opened opened_;
  std::string words_;
  core::ClockMemory memory_;
  Status status_;
};

}  // namespace

void OfflineLogins::open() {
  if (!on()) return;
  if (!scope_.on_flash && context_.ports.credentials->persistent()) {
    scope_.on = false;
    context_.alarm(Alarm::configuration,
                   "credential cache: this device key's tier, or offline.cache, lets it be in RAM "
                   "only; give the client a database in RAM");
    return;
  }
  const std::shared_ptr<Cell> cell = cell_;
  const std::shared_ptr<bool> alive = alive_;
  auto task = std::make_unique<Open>(
      context_, scope_,
      [cell](std::unique_ptr<vault::Vault> vault) { cell->vault = std::move(vault); },
      [this, alive](Status status, const std::string& words, const core::ClockMemory& memory) {
        if (*alive) opened(status, words, memory);
      });
  const Status queued = context_.ports.executor->submit(std::move(task));
  if (!queued.ok()) opened(queued, {}, {});
}

void OfflineLogins::opened(Status status, const std::string& words,
                           const core::ClockMemory& memory) {
  failed_ = !status.ok();
  if (failed_)
    context_.alarm(Alarm::state_damaged, std::string("credential cache: ") + status.message() +
                                             "; nobody logs in offline");
  else if (!words.empty())
    context_.alarm(Alarm::state_damaged, "credential cache: " + words);
  if (!failed_) {
    clock_.emplace(0, memory, true, context_.now, context_.wall);
    if (early_.any)
      contact(early_.server_ms == 0 ? 0 : early_.server_ms + (context_.now - early_.at).ms());
    keep_clock();  // before the first login: it holds what the restart costs
    tidy_at_ = context_.now;
  }
  std::vector<std::function<void()>> waited;
  waited.swap(until_open_);
  for (const auto& what : waited) what();
}

void OfflineLogins::when_open(std::function<void()> what) {
  if (clock_ || failed_) return what();
  if (until_open_.size() < kMaxWaiting) until_open_.push_back(std::move(what));
}

// ---- work

Status OfflineLogins::submit(Work work, Done done) {
  if (!clock_) return Code::unavailable;
  return context_.ports.executor->submit(
      std::make_unique<Piece>(*this, std::move(work), std::move(done)));
}

bool OfflineLogins::run(Work work, Done done) {
  return submit(std::move(work), std::move(done)).ok();
}

void OfflineLogins::take(const News& news) {
  counts_ = news.counts;
  users_version_ = news.users_version;
  for (const AuditEvent& event : news.events) context_.listener.on_audit(event);
}

int64_t OfflineLogins::now_ms() {
  return clock_ ? clock_->now_ms(context_.now, context_.wall) : context_.unix_ms();
}

void OfflineLogins::ask(const Credential& credential, Answered answered) {
  const auto secret = std::make_shared<Credential>(copy_of(credential));
  when_open([this, secret, answered = std::move(answered)] {
    const auto answer = std::make_shared<vault::OfflineLogin>();
    answer->refusal = core::OfflineRefusal::not_writable;
    const int64_t now = now_ms();
    const int64_t contact = clock_ ? clock_->memory().contact_ms : 0;
    const Status queued =
        submit([secret, answer, contact,
                now](vault::Vault& vault) { *answer = vault.login(*secret, contact, now); },
               [answer, answered] { answered(*answer); });
    if (!queued.ok()) answered(*answer);
  });
}

void OfflineLogins::learn(const Credential& credential, const User& user) {
  if (!on()) return;
  const auto secret = std::make_shared<Credential>(copy_of(credential));
  when_open([this, secret, user] {
    const int64_t now = now_ms();
    const Status queued = submit(
        [secret, user, now](vault::Vault& vault) { (void)vault.learn(*secret, user, now); }, {});
    if (!queued.ok()) context_.log(LogLevel::warning, "a login wasn't remembered: too much to do");
  });
}

void OfflineLogins::unlearn(const Credential& credential, const std::string& reason) {
  if (!on()) return;
  const auto secret = std::make_shared<Credential>(copy_of(credential));
  when_open([this, secret, reason] {
    const int64_t now = now_ms();
    const Status queued = submit(
        [secret, reason, now](vault::Vault& vault) { (void)vault.unlearn(*secret, reason, now); },
        {});
    if (!queued.ok()) context_.log(LogLevel::error, "a denial wasn't remembered: too much to do");
  });
}

void OfflineLogins::note(AuditKind kind, const std::string& what, const std::string& user_uid) {
  AuditEvent event;
  event.kind = kind;
  event.unix_ms = now_ms();
  event.what = what;
  event.user_uid = user_uid;
  (void)run([event](vault::Vault& vault) { (void)vault.note(event); }, {});
}

void OfflineLogins::wipe() {
  when_open([this] { (void)run([](vault::Vault& vault) { (void)vault.wipe(); }, {}); });
}

void OfflineLogins::rotate() {
  when_open([this] {
    (void)run([](vault::Vault& vault) { (void)vault.rotate(); }, {});
    tidy_at_ = context_.now;
  });
}

OfflineSnapshot OfflineLogins::snapshot() const {
  OfflineSnapshot shown;
  shown.on = on() && !failed_;
  if (!shown.on) return shown;
  shown.on_flash = scope_.on_flash;
  shown.tier = context_.ports.device_key->tier();
  shown.users = counts_.users;
  shown.credentials = counts_.credentials;
  shown.users_version = users_version_;
  shown.ambiguous_pins = counts_.ambiguous_pins;
  shown.audit_waiting = counts_.audit_waiting;
  shown.audit_dropped = counts_.audit_dropped;
  if (clock_ && clock_->memory().contact_ms != 0) {
    core::EffectiveClock clock = *clock_;  // reading it moves it on
    shown.contact_age =
        milliseconds(clock.now_ms(context_.now, context_.wall) - clock.memory().contact_ms);
  }
  return shown;
}

// ---- time

void OfflineLogins::contact(int64_t server_ms) {
  if (!clock_) early_ = {true, server_ms, context_.now};
  if (clock_ && clock_->contact(server_ms, context_.now, context_.wall))
    note(AuditKind::clock_lowered, "home says that it is earlier");
}

void OfflineLogins::keep_clock() {
  if (keeping_ || !clock_->worth_keeping()) return;
  const core::ClockMemory memory = clock_->memory();
  const auto status = std::make_shared<Status>();
  keeping_ = submit([memory, status](vault::Vault& vault) { *status = vault.keep(memory); },
                    [this, memory, status] {
                      keeping_ = false;
                      keep_at_ = status->ok() ? Instant{} : context_.now + kKeepAgain;
                      if (status->ok()) clock_->kept(memory);
                    })
                 .ok();
}

void OfflineLogins::tick() {
  if (!clock_) return;
  (void)clock_->now_ms(context_.now, context_.wall);
  if (clock_->take_set_back())
    note(AuditKind::clock_set_back, "an outage goes on ageing all the same");
  if (context_.now >= keep_at_) keep_clock();
  if (tidying_ || context_.now < tidy_at_) return;
  const auto more = std::make_shared<bool>(false);
  tidying_ = submit([more](vault::Vault& vault) { *more = vault.tidy().value_or(false); },
                    [this, more] {
                      tidying_ = false;
                      tidy_at_ = *more ? context_.now : context_.now + kTidyEvery;
                    })
                 .ok();
  tidy_at_ = context_.now + kTidyEvery;
}

}  // namespace client
}  // namespace holdfast
