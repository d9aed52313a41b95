#include "net/auth_plan.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

using Kind = Attempt::Kind;

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

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    words.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return words;
}

}  // namespace

AuthPlan::AuthPlan(std::string user, std::vector<KeyFile> keys, bool agent, AuthRules rules)
    : user_(std::move(user)),
      rules_(std::move(rules)),
      order_(order_of(rules_.preferred)),
      agent_(agent) {
  for (KeyFile& key : keys) keys_.push_back({std::move(key)});
}

const char* AuthPlan::name_of(Method method) {
  switch (method) {
    case Method::gssapi: return "gssapi-with-mic";
    case Method::publickey: return "publickey";
    case Method::interactive: return "keyboard-interactive";
    case Method::password: break;
  }
  return "password";
}

std::vector<AuthPlan::Method> AuthPlan::order_of(const std::string& preferred) {
  constexpr Method kOrder[] = {Method::gssapi, Method::publickey, Method::interactive,
                               Method::password};
  if (preferred.empty()) return {std::begin(kOrder), std::end(kOrder)};
  std::vector<Method> order;
  for (const std::string& word : split(preferred))
    for (const Method method : kOrder)
      if (word == name_of(method)) order.push_back(method);
  return order;
}

Attempt AuthPlan::next() {
  std::optional<Attempt> attempt;
  for (const Method method : order_) {
    if (!attempt && takes(method)) attempt = next_of(method);
  }
  last_ = attempt ? *attempt : give_up();
  return *last_;
}

std::optional<Attempt> AuthPlan::next_of(Method method) {
  switch (method) {
    case Method::gssapi:
      if (!rules_.gssapi || std::exchange(gssapi_tried_, true)) return {};
      return Attempt{.kind = Kind::gssapi};
    case Method::publickey: return next_key();
    case Method::interactive:
    case Method::password: break;
  }
  return next_question(method);
}

std::optional<Attempt> AuthPlan::next_key() {
  if (tries_ >= kMostTries) return {};
  if (auto attempt = next_usable()) return attempt;
  if (agent_ && !std::exchange(agent_tried_, true)) {
    Attempt attempt{.kind = Kind::agent};
    attempt.most_keys = kMostTries - tries_;
    return attempt;
  }
  return next_encrypted();
}

std::optional<Attempt> AuthPlan::next_usable() {
  const auto at = std::find_if(keys_.begin(), keys_.end(),
                               [](const Candidate& c) { return c.waiting() > 0; });
  if (at == keys_.end()) return {};
  ++tries_;
  ++keys_tried_;
  Attempt attempt{.kind = Kind::key};
  attempt.key = static_cast<std::size_t>(at - keys_.begin());
  attempt.form = at->tried++;
  // A refused signature costs the server and us more than a probe does, but a probe costs a round
  // trip: worth it only when this key is likely to be the wrong one.
  attempt.probe = std::any_of(at, keys_.end(), [](const Candidate& c) { return c.waiting() > 0; });
  return attempt;
}

// Nobody is asked for the passphrase of a key that the server would not take.
std::optional<Attempt> AuthPlan::next_encrypted() {
  const auto at = std::find_if(keys_.begin(), keys_.end(), [](const Candidate& c) {
    return c.file.state == KeyState::encrypted && (c.wanted || c.forms == 0 || c.probed < c.forms);
  });
  if (at == keys_.end() || (!rules_.mute.empty() && !rules_.keyring)) return {};
  Attempt attempt{.kind = Kind::ask};
  attempt.key = static_cast<std::size_t>(at - keys_.begin());
  if (!at->wanted && at->forms > 0) {
    ++tries_;
    ++keys_tried_;
    attempt.kind = Kind::key;
    attempt.form = at->probed++;
    attempt.probe = attempt.locked = true;
    return attempt;
  }
  attempt.prompt = passphrase_prompt(at->file.path, std::exchange(at->asked, true));
  return attempt;
}

// What a server takes must be known before anybody is asked for it.
std::optional<Attempt> AuthPlan::next_question(Method method) {
  if (methods_.empty() && !std::exchange(none_tried_, true)) return Attempt{.kind = Kind::none};
  const std::size_t which = method == Method::password ? 1 : 0;
  if (method == Method::interactive && nothing_asked_) return {};
  if (!rules_.may_ask || !skipped_[which].empty() || asked_[which] >= rules_.password_prompts)
    return {};
  Attempt attempt{.kind = method == Method::password ? Kind::password : Kind::interactive};
  attempt.again = asked_[which]++ > 0;
  if (method == Method::interactive) return attempt;
  attempt.prompt.kind = Prompt::Kind::password;
  attempt.prompt.subject = user_;
  attempt.prompt.text = (attempt.again ? "wrong password, again for " : "password for ") + user_;
  return attempt;
}

void AuthPlan::set_state(std::size_t key, KeyState state, std::string problem, std::size_t forms) {
  Candidate& candidate = keys_[key];
  candidate.file.state = state;
  candidate.forms = forms;
  candidate.file.problem = std::move(problem);
}

void AuthPlan::key_wanted(std::size_t key) {
  keys_[key].wanted = true;
  --tries_;  // no refusal
  --keys_tried_;
}

void AuthPlan::agent_done(int tries, std::string problem) {
  tries_ += tries;
  keys_tried_ += tries;
  agent_problem_ = std::move(problem);
}

void AuthPlan::nothing_asked() {
  nothing_asked_ = true;
  asked_[0] = 0;
}

void AuthPlan::skip(const std::string& why) {
  if (last_) skipped_[last_->kind == Kind::password ? 1 : 0] = why;
}

// Without a ticket or a key nothing is sent, and the server has not said anything.
void AuthPlan::server_takes(std::string methods) {
  const bool asked = last_ && last_->kind != Kind::gssapi && last_->kind != Kind::agent;
  if (last_ && last_->kind == Kind::gssapi) gssapi_refused_ = !methods.empty();
  if (!methods.empty())
    methods_ = std::move(methods);
  else if (asked)
    methods_ = "nothing that is known here";
}

// The keys start anew, but for the one that was taken: a server may want two.
void AuthPlan::partly_in(std::string methods) {
  server_takes(std::move(methods));
  tries_ = asked_[0] = asked_[1] = 0;
}

void AuthPlan::reconnected() {
  tries_ = 0;
  if (last_) take_back(*std::exchange(last_, std::nullopt));
}

void AuthPlan::take_back(const Attempt& attempt) {
  switch (attempt.kind) {
    case Kind::none: none_tried_ = false; break;
    case Kind::gssapi: break;  // it may be what broke the connection
    case Kind::agent: agent_tried_ = false; break;
    case Kind::interactive: --asked_[0]; break;
    case Kind::password: --asked_[1]; break;
    case Kind::key: --(attempt.locked ? keys_[attempt.key].probed : keys_[attempt.key].tried); break;
    case Kind::ask:
    case Kind::give_up: break;
  }
}

bool AuthPlan::takes(Method method) const {
  return methods_.empty() || lists(methods_, name_of(method));
}

std::string AuthPlan::what_was_tried() const {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (keys_tried_ > 0) add(count_of(keys_tried_, "key") + " tried");
  if (keys_tried_ == 0) add(takes(Method::publickey) ? "no usable key" : "it takes no keys");
  if (gssapi_refused_) add("the Kerberos ticket refused");
  for (const Method method : {Method::interactive, Method::password}) {
    const std::size_t which = method == Method::password ? 1 : 0;
    if (!skipped_[which].empty())
      add(skipped_[which]);
    else if (asked_[which] > 0)
      add(std::string(method == Method::password ? "password" : "answers") + " refused " +
          count_of(asked_[which], "time"));
  }
  return text;
}

// Everything that was, or could not be, tried, so that the reader knows what to mend.
Attempt AuthPlan::give_up() const {
  if (std::none_of(order_.begin(), order_.end(), [&](Method m) { return takes(m); }) ||
      order_.empty()) {
    std::string text = "cannot log in as " + user_ + ": PreferredAuthentications (" +
                       sanitised(rules_.preferred, 128) + ") leaves out ";
    text += methods_.empty() ? "every method" : "what the server takes, " + methods_;
    if (!rules_.preferred.empty()) return {.error = {ErrorKind::auth, std::move(text)}};
  }
  std::string text = "login as " + user_ + " refused: " + what_was_tried();
  if (!rules_.may_ask) text += "; nobody to ask: " + rules_.mute;
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
