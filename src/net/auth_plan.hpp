// Which credentials to try on one host, in which order, and when to ask the user. Pure.
//
// Private keys that can be used at once come first, since a signature then costs one round trip;
// then the agent's; then encrypted keys, each of which needs a question. An sshd closes the
// connection after six tries (MaxAuthTries), so at most five are made. A key with certificates is
// tried in several forms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/host_status.hpp"

namespace bdsh::net {

enum class KeyState {
  usable,     // loaded
  encrypted,  // needs its passphrase
  refused,    // the user gave none
  missing,    // no such file
  broken,     // unreadable, or no private key
};

struct KeyFile {
  std::string path;
  KeyState state = KeyState::missing;
  std::string problem;  // of a broken one
};

struct Attempt {
  enum class Kind { key, agent, ask, give_up };
  Kind kind = Kind::give_up;
  std::size_t key = 0;   // key, ask: index of the key file
  std::size_t form = 0;  // key: with which certificate
  bool probe = false;   // key: ask first whether the server would take it
  int most_keys = 0;    // agent: how many of its keys may be tried
  Prompt prompt{};      // ask
  Error error{};        // give_up
};

class AuthPlan {
 public:
  static constexpr int kMostTries = 5;

  AuthPlan() = default;
  AuthPlan(std::string user, std::vector<KeyFile> keys, bool agent);

  // What to do next; what came before was refused (or, after ask, the key's state was updated).
  Attempt next();
  // `forms` of a usable key: each of its certificates, and itself.
  void set_state(std::size_t key, KeyState state, std::string problem = {}, std::size_t forms = 1);
  // `tries` of the agent's keys were refused; `problem` when it could not be asked.
  void agent_done(int tries, std::string problem);
  // PreferredAuthentications: methods that are not in the list are not used; empty: no limit.
  void prefer(std::string methods) { preferred_ = std::move(methods); }
  // What the server takes, from its refusal: "publickey,password".
  void server_takes(std::string methods) { methods_ = std::move(methods); }
  std::size_t keys() const { return keys_.size(); }
  const KeyFile& key(std::size_t index) const { return keys_[index].file; }

 private:
  struct Candidate {
    KeyFile file;
    std::size_t forms = 1;
    std::size_t tried = 0;  // of its forms
    bool asked = false;
    std::size_t waiting() const { return file.state == KeyState::usable ? forms - tried : 0; }
  };

  bool publickey_taken() const;
  bool publickey_preferred() const;
  std::optional<Attempt> next_usable();
  std::optional<Attempt> next_encrypted();
  Attempt give_up() const;

  std::string user_;
  std::vector<Candidate> keys_;
  bool agent_ = false;
  bool agent_tried_ = false;
  int tries_ = 0;
  std::string agent_problem_;
  std::string methods_;
  std::string preferred_;
};

}  // namespace bdsh::net
