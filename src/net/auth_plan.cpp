#include "net/auth_plan.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

Prompt passphrase_prompt(const std::string& path, bool again) {
  Prompt prompt;
  prompt.kind = Prompt::Kind::passphrase;
  prompt.subject = path;
  prompt.text = (again ? "wrong passphrase, again for " : "passphrase for ") + path;
  return prompt;
}

std::string count_of(int count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

bool lists(const std::string& methods, const char* method) {
  return ("," + methods + ",").find("," + std::string(method) + ",") != std::string::npos;
}

}  // namespace

AuthPlan::AuthPlan(std::string user, std::vector<KeyFile> keys, bool agent)
    : user_(std::move(user)), agent_(agent) {
  for (KeyFile& key : keys) keys_.push_back({std::move(key)});
}

Attempt AuthPlan::next() {
  if (tries_ >= kMostTries || !publickey_taken() || !publickey_preferred()) return give_up();
  if (auto attempt = next_usable()) return *attempt;
  if (agent_ && !agent_tried_) {
    agent_tried_ = true;
    Attempt attempt{.kind = Attempt::Kind::agent};
    attempt.most_keys = kMostTries - tries_;
    return attempt;
  }
  if (auto attempt = next_encrypted()) return *attempt;
  return give_up();
}

std::optional<Attempt> AuthPlan::next_usable() {
  const auto at = std::find_if(keys_.begin(), keys_.end(),
                               [](const Candidate& c) { return c.waiting() > 0; });
  if (at == keys_.end()) return {};
  ++tries_;
  Attempt attempt{.kind = Attempt::Kind::key};
  attempt.key = static_cast<std::size_t>(at - keys_.begin());
  attempt.form = at->tried++;
  // A refused signature costs the server and us more than a probe does, but a probe costs a round
  // trip: worth it only when this key is likely to be the wrong one.
  attempt.probe = std::any_of(at, keys_.end(), [](const Candidate& c) { return c.waiting() > 0; });
  return attempt;
}

std::optional<Attempt> AuthPlan::next_encrypted() {
  const auto at = std::find_if(keys_.begin(), keys_.end(), [](const Candidate& c) {
    return c.file.state == KeyState::encrypted;
  });
  if (at == keys_.end()) return {};
  Attempt attempt{.kind = Attempt::Kind::ask};
  attempt.key = static_cast<std::size_t>(at - keys_.begin());
  attempt.prompt = passphrase_prompt(at->file.path, at->asked);
  at->asked = true;
  return attempt;
}

void AuthPlan::set_state(std::size_t key, KeyState state, std::string problem, std::size_t forms) {
  keys_[key].file.state = state;
  keys_[key].forms = forms;
  keys_[key].file.problem = std::move(problem);
}

void AuthPlan::agent_done(int tries, std::string problem) {
  tries_ += tries;
  agent_problem_ = std::move(problem);
}

bool AuthPlan::publickey_taken() const {
  return methods_.empty() || lists(methods_, "publickey");
}

bool AuthPlan::publickey_preferred() const {
  return preferred_.empty() || lists(preferred_, "publickey");
}

// Everything that was, or could not be, tried, so that the reader knows what to mend.
Attempt AuthPlan::give_up() const {
  if (!publickey_preferred())
    return {.error = {ErrorKind::auth, "cannot log in as " + user_ + ": PreferredAuthentications (" +
                                           sanitised(preferred_, 128) + ") leaves out publickey"}};
  std::string text = "login as " + user_ + " refused";
  if (tries_ > 0) text += ": " + count_of(tries_, "key") + " tried";
  if (tries_ == 0) text += publickey_taken() ? ": no usable key" : ": it takes no keys";
  if (!methods_.empty()) text += "; the server takes " + methods_;
  for (const Candidate& candidate : keys_) {
    if (candidate.file.state == KeyState::broken)
      text += "; " + candidate.file.path + ": " + candidate.file.problem;
    if (candidate.file.state == KeyState::refused)
      text += "; " + candidate.file.path + ": no passphrase given";
  }
  if (keys_.size() == 1 && keys_[0].file.state == KeyState::missing)
    text += "; no file " + keys_[0].file.path;
  if (!agent_problem_.empty()) text += "; agent: " + agent_problem_;
  return {.error = {ErrorKind::auth, std::move(text)}};
}

}  // namespace bdsh::net
