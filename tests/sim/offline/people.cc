// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// People at the panel, honest and otherwise, and what they are told.
#include <algorithm>
#include <cstring>

#include "sim/offline/world.h"

namespace holdfast::sim::offline {
namespace {

Sometimes refusal_of(const std::string& denial) {
  if (denial == "wrong-secret") return Sometimes::refused_wrong_secret;
  if (denial == "not-cached") return Sometimes::refused_not_cached;
  if (denial == "unknown-credential") return Sometimes::refused_unknown;
  if (denial == "revoked") return Sometimes::refused_revoked;
  if (denial == "disabled") return Sometimes::refused_disabled;
  if (denial == "too-old") return Sometimes::refused_too_old;
  if (denial == "expired") return Sometimes::refused_expired;
  if (denial == "not-writable") return Sometimes::refused_not_writable;
  return Sometimes::online_only;
}

}  // namespace

// ---- logging in

void World::begin_login(Intent intent) {
  if (client_ == nullptr) return;
  if (panel_ != nullptr) {  // somebody stands there
    after(milliseconds(500), [this, intent = std::move(intent)] { begin_login(intent); });
    return;
  }
  Credential credential;
  credential.kind = intent.known.kind;
  credential.user = intent.name;
  credential.secret = Secret(std::string(intent.known.secret));
  const Result<TicketId> ticket = client_->login(std::move(credential), now_);
  if (!ticket) return;
  Login login;
  login.serial = static_cast<uint32_t>(outcome_.logins++);
  login.ticket = *ticket;
  login.known = intent.known;
  login.name = intent.name;
  login.begun = now_;
  login.begun_us = ghost_.passed_us();
  login.deadline = milliseconds(scenario_.config.request.deadline_ms);
  login.guess = intent.guess;
  if (logins_.size() == logins_.capacity()) return broken("S0", "too many logins in one run");
  logins_.push_back(login);
  panel_ = &logins_.back();
  then_ = intent.then;
  journal_.add(now_, "login %u: %s %s %s%s", login.serial, to_string(login.known.kind),
               login.name.c_str(), login.known.secret.c_str(), intent.plug > 0 ? ", plug" : "");
  if (intent.plug == 0) return;
  power_.cut_in = intent.plug;
  power_.landed = prng_.below(2) == 0;
}

void World::on_login(const LoginResult& result) {
  if (panel_ == nullptr || result.ticket != panel_->ticket)
    return broken("12", "a login ends twice");
  Login& login = *panel_;
  journal_.add(now_, "  login %u: %s by %s %s %s%s", login.serial, to_string(result.verdict),
               to_string(result.source), result.user.user_uid.c_str(), result.denial.c_str(),
               result.provisional ? ", provisional" : "");
  const Duration late = now_ - login.begun - login.deadline;
  outcome_.longest_over = longer(outcome_.longest_over, late);
  if (late > milliseconds(50)) broken("12", "over its deadline by " + std::to_string(late.ms()));
  if (late >= Duration{}) reached_->hit(Sometimes::login_at_deadline);
  login.ended = true;
  login.source = result.source;
  login.session = result.session;
  const bool granted = result.verdict == Verdict::granted;
  if (granted && login.home_denied && result.source != AnswerSource::home)
    broken("29", "granted after home had denied it");
  if (result.source == AnswerSource::cache) {
    ++outcome_.cached;
    if (ghost_.taking_in()) reached_->hit(Sometimes::list_taken_in_login);
    const bool audited = granted || result.denial == "wrong-secret";
    const std::string uid = granted ? result.user.user_uid : std::string();
    if (audited && granted) audit_.decided(true, uid);
    if (result.denial == "locked" && boots_ > 1) reached_->hit(Sometimes::locked_after_kill);
    if (granted)
      reached_->hit(result.break_glass ? Sometimes::break_glass : Sometimes::granted_by_cache);
    else if (result.denial != "locked")
      reached_->hit(refusal_of(result.denial));
  }
  ghost_.ended(login, result, clock_right(), true_ms());
  if (granted) {
    const bool home = result.source == AnswerSource::home;
    if (home) reached_->hit(Sometimes::granted_by_home);
    if (result.source == AnswerSource::fallback) reached_->hit(Sometimes::granted_elsewhere);
    sessions_[result.session] = result.user.user_uid;
    const Duration stay = seconds(2) + prng_.up_to(seconds(prng_.below(2) == 0 ? 20 : 900));
    const uint32_t run = boots_;
    after(stay, [this, session = result.session, run] {
      if (client_ != nullptr && run == boots_ && sessions_.count(session) != 0)
        (void)client_->logout(session, now_);
    });
  }
  panel_ = nullptr;
  power_.cut_in = 0;
  if (then_) after({}, std::exchange(then_, nullptr));
}

void World::on_session_end(SessionId session, SessionEnd why) {
  journal_.add(now_, "  session of %s ends: %s", sessions_[session].c_str(), to_string(why));
  sessions_.erase(session);
  if (why == SessionEnd::revoked) reached_->hit(Sometimes::revoked_in_session);
  if (why == SessionEnd::denied_by_home) reached_->hit(Sometimes::ended_by_home);
}

void World::on_audit(const AuditEvent& event) {
  journal_.add(now_, "  audit %llu %s %s %s", static_cast<unsigned long long>(event.sequence),
               to_string(event.kind), event.user_uid.c_str(), event.what.c_str());
  audit_.told(event);
  if (event.kind == AuditKind::device_locked) reached_->hit(Sometimes::device_locked);
  if (event.kind == AuditKind::user_paused) reached_->hit(Sometimes::user_paused);
  if (event.kind == AuditKind::sync_refused) reached_->hit(Sometimes::list_refused);
  if (event.kind == AuditKind::clock_set_back) reached_->hit(Sometimes::clock_set_back);
  if (event.kind == AuditKind::clock_lowered) reached_->hit(Sometimes::clock_lowered);
  if (event.kind == AuditKind::wiped) reached_->hit(Sometimes::wiped);
  if (event.kind == AuditKind::root_rotated) reached_->hit(Sometimes::rotated);
  if (event.kind != AuditKind::cache_damaged) return;
  const bool older = event.what.find("older copy") != std::string::npos;
  const bool row = event.what.find("put back") != std::string::npos && !older;
  reached_->hit(older ? Sometimes::older_store_refused
                : row ? Sometimes::rows_put_back_noticed
                      : Sometimes::damage_noticed);
}

void World::on_alarm(Alarm alarm, const std::string& what) {
  journal_.add(now_, "  alarm %s: %s", to_string(alarm), what.c_str());
  if (what.find("nobody logs in offline") != std::string::npos) not_opened_ = true;
}

void World::write(LogLevel, const char* text) noexcept {
  constexpr const char* kTaken = "users synchronised: version ";
  journal_.add(now_, "  log: %s", text);
  if (std::strncmp(text, kTaken, std::strlen(kTaken)) != 0) return;
  ghost_.synchronised(std::stoull(text + std::strlen(kTaken)));
  reached_->hit(Sometimes::list_taken);
}

// ---- what home says

void World::passed(const Passing& passing) {
  if (!passing.home) return;
  ghost_.contact(passing.server_ms, true_ms(), wall());
  if (passing.what == Passing::What::manifest) {
    journal_.add(now_, "  list: version %llu%s, %zu parts",
                 static_cast<unsigned long long>(passing.list->version),
                 passing.list->full ? ", full" : "", passing.list->chunks.size());
    ghost_.manifest(passing.list);
  }
  if (passing.what != Passing::What::login) return;
  const auto known = by_attempt_.find(passing.attempt_id);
  if (known == by_attempt_.end()) return;
  Login& login = logins_[known->second];
  login.home_spoke = true;
  journal_.add(now_, "  home on login %u: %s %s", login.serial, to_string(passing.answer.verdict),
               passing.answer.reason.c_str());
  if (passing.answer.verdict == Verdict::granted)
    return ghost_.home_granted(passing.answer.uid, login.known);
  reached_->hit(Sometimes::denied_by_home);
  login.home_denied = true;
  ghost_.home_denied(login.known, login.name, passing.answer.reason, home_);
  if (login.ended && login.source != AnswerSource::home && sessions_.count(login.session) != 0)
    must_end_.emplace_back(login.session, "29");
}

// ---- who comes

World::Intent World::right_now(uint32_t who, uint32_t kind, Prng& prng) {
  Intent intent;
  intent.known.kind = static_cast<CredentialKind>(kind % 3);
  const Person& person = home_.person(who);
  intent.known.secret = person.secrets[kind % 3];
  if (intent.known.kind == CredentialKind::password) intent.name = person.name;
  intent.plug = prng.below(20) == 0 ? 1 + prng.below(30) : 0;
  return intent;
}

void World::guess_on(std::shared_ptr<Guesser> guesser) {
  if (guesser->left == 0) return;
  if (client_ == nullptr) return after(seconds(10), [this, guesser] { guess_on(guesser); });
  --guesser->left;
  Intent intent;
  const bool own = guesser->own_each > 0 && guesser->left % guesser->own_each == 0;
  if (own) {
    intent = right_now(guesser->who + 1, static_cast<uint32_t>(guesser->kind), guesser->prng);
  } else {
    intent.guess = true;
    intent.known = {guesser->kind, secret_of(guesser->kind, "guess", ++guesses_)};
    if (guesser->kind == CredentialKind::password) intent.name = home_.person(guesser->who).name;
    // Somewhere between the commit that counts and the verdict.
    if (guesser->pulls && guesser->prng.below(3) == 0) intent.plug = 1 + guesser->prng.below(30);
  }
  const uint32_t run = boots_;
  const auto next = [this, guesser] { guess_on(guesser); };
  intent.then = [this, guesser, next] { after(guesser->gap, next); };
  begin_login(std::move(intent));
  // Whoever pulled the plug comes back with the device.
  after(seconds(150), [this, guesser, next, run, left = guesser->left] {
    if (run != boots_ && guesser->left == left) next();
  });
}

void World::people_step(const Step& step) {
  Prng prng(step.seed);
  Intent intent;
  switch (step.kind) {
    case StepKind::login:
      return begin_login(right_now(step.who, step.amount, prng));
    case StepKind::old_secret:
      intent = right_now(step.who, step.amount, prng);
      intent.known.secret = home_.old_secret(step.who, step.amount, prng);
      return begin_login(std::move(intent));
    case StepKind::foreigner: {
      const uint32_t kind = step.amount % 3;
      const Person& person = other_.person(step.who);
      intent.known = {static_cast<CredentialKind>(kind), person.secrets[kind]};
      if (kind == 2) intent.name = person.name;
      return begin_login(std::move(intent));
    }
    case StepKind::glass:
      intent.known = {CredentialKind::password, step.amount == 1 || scenario_.glass_code.empty()
                                                    ? "GLASS-wrong-" + std::to_string(++guesses_)
                                                    : scenario_.glass_code};
      intent.name = "break-glass";
      intent.guess = intent.known.secret != scenario_.glass_code;
      return begin_login(std::move(intent));
    default:
      break;
  }
  auto guesser = std::make_shared<Guesser>();
  guesser->left = step.amount;
  guesser->own_each =
      step.kind == StepKind::own_between ? 1 + static_cast<uint32_t>(prng.below(3)) : 0;
  guesser->who = step.who;
  constexpr CredentialKind kKinds[] = {CredentialKind::card, CredentialKind::pin,
                                       CredentialKind::password, CredentialKind::password};
  guesser->kind = kKinds[prng.below(4)];
  guesser->gap = step.length;
  guesser->pulls = step.kind == StepKind::guess && prng.below(2) == 0;
  guesser->prng = Prng(prng.next());
  guess_on(std::move(guesser));
}

}  // namespace holdfast::sim::offline
