// Between the hosts' questions and the user: what a SecretStore knows is answered without asking,
// and what the user typed is kept there once it has let a host in. The store's calls run on a
// worker.
//
// A host gets the store's answer once; when it refuses it, the user is asked. Codes and the
// questions of other programs (ssh) are left to the user.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/host_spec.hpp"
#include "core/host_status.hpp"
#include "core/ids.hpp"
#include "net/auth_broker.hpp"
#include "net/secret_store.hpp"
#include "net/workers.hpp"

namespace bdsh::net {

class Keyring {
 public:
  struct Hooks {
    std::function<void(HostId, Secret)> answer;  // to the question that the host has put
    std::function<void(HostId)> ask_user;        // the store has no answer to it
    std::function<void(const std::string&)> tell;
  };
  // `loop` outlives it; so does what the hooks refer to.
  Keyring(asio::io_context& loop, std::shared_ptr<SecretStore> store, Hooks hooks);

  // Whether the question is not to be put to the user (yet): the store is asked.
  bool takes(HostId host, const HostSpec& spec, const Prompt& question);
  bool withholds(HostId host) const { return waiting_.contains(host); }
  void started(HostId host);  // anew: its questions are new ones

  // The user's passphrase has opened the key; it is kept when the key lets a host in.
  void opened(const std::string& key, Secret passphrase);
  // The host was entered by these answers, and by the key of that path when it is not empty.
  void let_in(const HostSpec& spec, const std::vector<ProvedAnswer>& answers,
              const std::string& key);

 private:
  void found(const SecretName& name, Result<std::optional<Secret>> secret);
  void refused(const SecretName& name);
  void answer(HostId host, const SecretName& name, const Secret& secret);
  void keep(const SecretName& name, Secret secret);
  std::string digest(const Secret& secret) const;
  void failed(const Error& error);

  std::shared_ptr<SecretStore> store_;
  const Hooks hooks_;
  Workers worker_;                                // one: a keyring is unlocked once
  std::map<SecretName, std::set<HostId>> asked_;  // by hosts that wait
  std::set<HostId> waiting_;
  std::set<std::pair<HostId, SecretName>> answered_;  // or not known: not asked again
  std::map<std::string, Secret> opened_;              // passphrases by key, not kept yet
  // What the store has, not to be kept again: digests under a key of this object's, no copies.
  const std::string digest_key_;
  std::map<SecretName, std::string> known_;
  bool told_ = false;
};

}  // namespace bdsh::net
