// Which credentials to try on one host, in which order, and when to ask the user. Pure.
//
// Methods go by PreferredAuthentications, as in ssh(1); one is left when it has nothing more to
// offer or the server does not take it. Among keys, those that can be used at once come first, since
// a signature then costs one round trip; then the agent's; then encrypted keys, each of which needs
// a question. An sshd closes the connection after six refusals (MaxAuthTries), so at most five keys
// are tried on one connection. A key with certificates is tried in several forms.
#pragma once

#include <cstdint>
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

// What the configuration says of logging in.
struct AuthRules {
  std::string preferred{};   // PreferredAuthentications; empty: OpenSSH's order
  bool gssapi = false;       // GSSAPIAuthentication
  bool may_ask = true;       // passwords and the like: of the user, or answered beforehand
  std::string mute{};        // why the user cannot be asked; empty: can
  bool keyring = false;      // may know what the user would be asked for
  int password_prompts = 3;  // NumberOfPasswordPrompts, for each method that asks
};

struct Attempt {
  enum class Kind { none, key, agent, gssapi, interactive, password, ask, give_up };
  Kind kind = Kind::give_up;
  std::size_t key = 0;   // key, ask: index of the key file
  std::size_t form = 0;  // key: with which certificate
  bool probe = false;    // key: ask first whether the server would take it
  bool locked = false;   // key: probed by its public half, since the private one is encrypted
  bool again = false;    // interactive: the answers before were refused
  int most_keys = 0;     // agent: how many of its keys may be tried
  Prompt prompt{};       // ask: for a passphrase; password
  Error error{};         // give_up
};

class AuthPlan {
 public:
  static constexpr int kMostTries = 5;

  AuthPlan() = default;
  AuthPlan(std::string user, std::vector<KeyFile> keys, bool agent, AuthRules rules = {});

  // What to do next; what came before was refused (or, after ask, the key's state was updated).
  Attempt next();
  // `forms` of a key: each of its certificates, and itself; of an encrypted one those to be probed.
  void set_state(std::size_t key, KeyState state, std::string problem = {}, std::size_t forms = 1);
  void key_wanted(std::size_t key);  // the server would take this locked key
  // `tries` of the agent's keys were refused; `problem` when it could not be asked.
  void agent_done(int tries, std::string problem);
  // The server denied keyboard-interactive without a question, as sshd does without PAM.
  void nothing_asked();
  // The user gives no answer: the method of the last attempt is not tried again.
  void skip(const std::string& why);
  // What the server takes, from its refusal: "publickey,password".
  void server_takes(std::string methods);
  // The last attempt was right and the server wants another one, of `methods`.
  void partly_in(std::string methods);
  // Keys used up what the server hears on one connection, while something else may still work.
  bool crowded() const { return tries_ > 0 && asked_[0] + asked_[1] > 0; }
  // On a new connection to the same server: the attempt under way is made again, what was refused
  // is not.
  void reconnected();
  std::size_t keys() const { return keys_.size(); }
  const KeyFile& key(std::size_t index) const { return keys_[index].file; }

 private:
  enum class Method : std::uint8_t { gssapi, publickey, interactive, password };
  struct Candidate {
    KeyFile file;
    std::size_t forms = 1;
    std::size_t tried = 0;   // of its forms, usable
    std::size_t probed = 0;  // of its forms, encrypted
    bool wanted = false;     // by the server, though encrypted
    bool asked = false;
    std::size_t waiting() const { return file.state == KeyState::usable ? forms - tried : 0; }
  };

  static std::vector<Method> order_of(const std::string& preferred);
  static const char* name_of(Method method);
  bool takes(Method method) const;
  std::optional<Attempt> next_of(Method method);
  std::optional<Attempt> next_key();
  std::optional<Attempt> next_usable();
  std::optional<Attempt> next_encrypted();
  std::optional<Attempt> next_question(Method method);
  void take_back(const Attempt& attempt);
  Attempt give_up() const;
  std::string what_was_tried() const;

  std::string user_;
  std::vector<Candidate> keys_;
  AuthRules rules_;
  std::vector<Method> order_;
  std::optional<Attempt> last_;  // under way
  bool agent_ = false;
  bool agent_tried_ = false;
  bool none_tried_ = false;
  bool gssapi_tried_ = false;
  bool gssapi_refused_ = false;
  bool nothing_asked_ = false;
  int tries_ = 0;                   // of keys, on this connection
  int keys_tried_ = 0;              // on all
  int asked_[2] = {0, 0};           // interactive, password
  std::string skipped_[2];          // why the user is not asked again; empty: may be
  std::string agent_problem_;
  std::string methods_;
};

}  // namespace bdsh::net
