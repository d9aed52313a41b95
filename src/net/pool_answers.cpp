// The part of the pool that is about questions: who is asked, the user's answers and the keyring's.
#include <set>

#include "net/pool_impl.hpp"

namespace bdsh::net {

// Whose question a host shows: its own, or that of a jump host on the way to it.
Session* Pool::Impl::asked(HostId host) {
  Session* session = host.value < hosts_.size() ? sessions_[host.value].get() : nullptr;
  while (session != nullptr && session->relays_question()) {
    const auto way = jumps_.way_to(session->id());
    session = way ? sessions_[way->value].get() : nullptr;
  }
  return session;
}

void Pool::Impl::answer(const HostSet& hosts, std::optional<Secret> answer, bool later) {
  const auto text = answer ? std::make_shared<const Secret>(std::move(*answer)) : nullptr;
  const auto copy = [&] { return text ? std::optional(text->clone()) : std::nullopt; };
  std::set<std::string> keys;
  hosts.for_each([&](HostId host) {
    if (const auto process = processes_.find(host); process != processes_.end())
      return process->second->answer(copy());
    Session* session = asked(host);
    if (session == nullptr || !session->status().asking) return;
    const Prompt prompt = *session->status().asking;
    if (prompt.kind == Prompt::Kind::host_key)
      session->answer_host_key(text && text->reveal() == "yes");
    else if (prompt.kind == Prompt::Kind::passphrase)
      keys.insert(prompt.subject);
    else
      answer_secret(*session, text, std::exchange(later, false));
  });
  for (const std::string& path : keys) answer_passphrase(path, copy());
}

void Pool::Impl::answer_secret(Session& session, const Answer& answer, bool later) {
  const Prompt question = *session.status().asking;
  if (answer && later) broker_.remember(question, answer);
  if (answer) broker_.give(session.id(), question, answer);
  session.answered(answer != nullptr);
}

void Pool::Impl::answer_passphrase(const std::string& path, std::optional<Secret> answer) {
  if (!answer || answer->empty()) {
    keys_.refuse(path);
    return key_changed(path);
  }
  auto kept = std::make_shared<Secret>(keyring_ ? answer->clone() : Secret());
  keys_.unlock(path, std::move(*answer), [this, path, kept](const LoadedKey& key) {
    if (keyring_ && key.state == LoadedKey::State::usable) keyring_->opened(path, std::move(*kept));
    key_changed(path);
  });
}

// ---- the keyring

// The question of a jump host is left to it once, as that host's own.
bool Pool::Impl::concerns_keyring(HostId host, const HostStatus& status) const {
  return keyring_ && status.asking && !processes_.contains(host) &&
         !sessions_[host.value]->relays_question();
}

void Pool::Impl::on_status(HostId host, const HostStatus& status) {
  if (!concerns_keyring(host, status)) return tell_status(host, status);
  const bool taken = keyring_->takes(host, spec(host), *status.asking);
  const bool may_ask = sessions_[host.value]->mute().empty();
  if (!taken && may_ask) return tell_status(host, status);
  // The session is in the middle of asking.
  if (!taken)
    asio::post(loop_, [this, host, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) keyring_has_none(host);
    });
  HostStatus unasked = status;
  unasked.asking.reset();
  unasked.state = HostState::connecting;
  tell_status(host, unasked);
}

void Pool::Impl::answer_from_keyring(HostId host, Secret secret) {
  Session& session = *sessions_[host.value];
  const auto question = session.status().asking;
  if (!question) return;
  if (question->kind == Prompt::Kind::passphrase)
    return answer_passphrase(question->subject, std::move(secret));
  answer_secret(session, std::make_shared<const Secret>(std::move(secret)), false);
}

void Pool::Impl::keyring_has_none(HostId host) {
  Session& session = *sessions_[host.value];
  const auto question = session.status().asking;
  if (!question) return;
  if (session.mute().empty()) return tell_status(host, session.status());
  if (question->kind == Prompt::Kind::passphrase) return answer_passphrase(question->subject, {});
  session.answered(false);
}

void Pool::Impl::let_in(HostId host, const std::vector<ProvedAnswer>& answers,
                        const std::string& key) {
  if (keyring_) keyring_->let_in(spec(host), answers, key);
}

void Pool::Impl::key_changed(const std::string& path) {
  for (const auto& session : sessions_) session->key_changed(path);
}

}  // namespace bdsh::net
