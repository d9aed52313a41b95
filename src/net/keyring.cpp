#include "net/keyring.hpp"

#include "core/text.hpp"
#include "net/digest.hpp"

namespace bdsh::net {
namespace {

SecretName name_of(const HostSpec& spec, const Prompt& question) {
  if (question.kind == Prompt::Kind::passphrase) return {.key = question.subject};
  return {.user = spec.user, .host = spec.address, .port = spec.port};
}

bool is_kept(const Prompt& question) {
  return question.shared &&
         (question.kind == Prompt::Kind::password || question.kind == Prompt::Kind::passphrase);
}

}  // namespace

std::string SecretName::words() const {
  if (!key.empty()) return "passphrase of " + key;
  return "password of " + user + " on " + host + ":" + std::to_string(port);
}

Keyring::Keyring(asio::io_context& loop, std::shared_ptr<SecretStore> store, Hooks hooks)
    : store_(std::move(store)),
      hooks_(std::move(hooks)),
      worker_(loop, 1),
      digest_key_(random_bytes(32)) {}

std::string Keyring::digest(const Secret& secret) const {
  return hmac_sha1(digest_key_, secret.reveal());
}

void Keyring::started(HostId host) {
  std::erase_if(answered_, [host](const auto& entry) { return entry.first == host; });
}

bool Keyring::takes(HostId host, const HostSpec& spec, const Prompt& question) {
  if (!is_kept(question)) return false;
  const SecretName name = name_of(spec, question);
  auto& hosts = asked_[name];
  if (hosts.contains(host)) return true;
  if (!answered_.emplace(host, name).second) {
    if (hosts.empty()) asked_.erase(name);
    refused(name);
    return false;
  }
  hosts.insert(host);
  waiting_.insert(host);
  if (hosts.size() > 1) return true;  // it is on its way
  auto result = std::make_shared<Result<std::optional<Secret>>>(std::optional<Secret>());
  worker_.run([store = store_, name, result] { *result = store->find(name); },
              [this, name, result] { found(name, std::move(*result)); });
  return true;
}

void Keyring::refused(const SecretName& name) {
  if (known_.erase(name) > 0)
    hooks_.tell("keyring: its " + sanitised(name.words()) + " was refused");
}

void Keyring::found(const SecretName& name, Result<std::optional<Secret>> secret) {
  if (!secret) failed(secret.error());
  const std::set<HostId> hosts = std::move(asked_[name]);
  asked_.erase(name);
  for (const HostId host : hosts) waiting_.erase(host);
  for (const HostId host : hosts) {
    if (secret && *secret)
      answer(host, name, **secret);
    else
      hooks_.ask_user(host);
  }
}

void Keyring::answer(HostId host, const SecretName& name, const Secret& secret) {
  known_[name] = digest(secret);
  hooks_.answer(host, secret.clone());
}

void Keyring::opened(const std::string& key, Secret passphrase) {
  const auto known = known_.find({.key = key});
  if (known != known_.end() && known->second == digest(passphrase)) return;
  opened_[key] = std::move(passphrase);
}

void Keyring::let_in(const HostSpec& spec, const std::vector<ProvedAnswer>& answers,
                     const std::string& key) {
  for (const ProvedAnswer& answer : answers)
    if (is_kept(answer.question)) keep(name_of(spec, answer.question), answer.text->clone());
  const auto passphrase = opened_.find(key);
  if (passphrase == opened_.end()) return;
  keep({.key = key}, std::move(passphrase->second));
  opened_.erase(passphrase);
}

void Keyring::keep(const SecretName& name, Secret secret) {
  const std::string now = digest(secret);
  if (std::exchange(known_[name], now) == now) return;
  auto job = std::make_shared<std::pair<Secret, Status>>(std::move(secret), Done{});
  worker_.run(
      [store = store_, name, job] {
        job->second = store->keep(name, job->first);
        job->first.wipe();
      },
      [this, name, job] {
        if (!job->second) return failed(job->second.error());
        hooks_.tell("keyring: keeps the " + sanitised(name.words()));
      });
}

// One keyring, one trouble: said once.
void Keyring::failed(const Error& error) {
  if (!std::exchange(told_, true)) hooks_.tell("keyring: " + error.message);
}

}  // namespace bdsh::net
