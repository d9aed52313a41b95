// How a session logs in: the part of Session that performs what AuthPlan decides.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/text.hpp"
#include "net/session.hpp"

namespace bdsh::net {
namespace {

using Kind = Event::Kind;

constexpr std::chrono::milliseconds kAgentPause{50};
constexpr std::chrono::seconds kKerberos{3};

KeyState state_of(const LoadedKey& key) {
  switch (key.state) {
    case LoadedKey::State::usable: return KeyState::usable;
    case LoadedKey::State::encrypted: return KeyState::encrypted;
    case LoadedKey::State::missing: return KeyState::missing;
    case LoadedKey::State::broken: break;
  }
  return KeyState::broken;
}

const char* method_of(Attempt::Kind kind) {
  switch (kind) {
    case Attempt::Kind::key:
    case Attempt::Kind::agent:
      return "publickey";
    case Attempt::Kind::gssapi:
      return "gssapi-with-mic";
    case Attempt::Kind::interactive:
      return "keyboard-interactive";
    case Attempt::Kind::password:
      return "password";
    case Attempt::Kind::none:
    case Attempt::Kind::ask:
    case Attempt::Kind::give_up:
      break;
  }
  return "none";
}

}  // namespace

bool may_have_tickets() {
  // Where a ticket can be: without any of these there is none, and Debian's ssh_config lets every
  // client look for one. A krb5.conf that says nothing of caches leaves them in the usual file.
  const std::string usual = "/tmp/krb5cc_" + std::to_string(::geteuid());
  if (std::getenv("KRB5CCNAME") != nullptr || ::access(usual.c_str(), R_OK) == 0) return true;
  std::ifstream file("/etc/krb5.conf");
  for (std::string line; std::getline(file, line);)
    if (line.find("ccache_name") != std::string::npos || line.starts_with("include")) return true;
  return false;
}

// ---- the plan and its keys

AuthRules Session::auth_rules() const {
  AuthRules rules;
  rules.preferred = spec_.preferred_authentications;
  rules.gssapi = spec_.gssapi_authentication && services_.tickets;
  rules.mute = mute();
  rules.keyring = services_.options.secrets != nullptr;
  rules.may_ask = rules.mute.empty() || rules.keyring || services_.broker.has_preset();
  rules.password_prompts = spec_.password_prompts;
  return rules;
}

std::string Session::mute() const {
  return spec_.batch_mode ? "BatchMode is on" : services_.options.mute;
}

void Session::begin_auth() {
  services_.broker.interrupted(id_);
  interview_.reset();
  proved_.clear();
  attempt_ = {};
  if (planned_) {
    plan_.reconnected();
    return next_attempt();
  }
  std::vector<KeyFile> files;
  key_sources_.clear();
  for (const std::string& path : spec_.identity_files) {
    files.push_back({path, KeyState::missing, {}});
    key_sources_.push_back({path, spec_.certificate_files});
  }
  plan_ = AuthPlan(spec_.user, std::move(files), !agent_path(spec_).empty(), auth_rules());
  keys_awaited_ = key_sources_.size();
  if (keys_awaited_ == 0) return begin_plan();
  const auto sources = key_sources_;  // the last answer may begin all anew
  for (std::size_t i = 0; i < sources.size(); ++i)
    services_.keys.load(sources[i], guarded([i](Session& self, const LoadedKey& key) { self.key_loaded(i, key); }));
}

void Session::begin_plan() {
  planned_ = true;
  next_attempt();
}

void Session::key_loaded(std::size_t index, const LoadedKey& key) {
  plan_.set_state(index, state_of(key), key.problem, key.forms.size());
  if (--keys_awaited_ == 0) begin_plan();
}

KeyState Session::current_state(const KeySource& source) const {
  const KeyState state = state_of(services_.keys.get(source));
  return state == KeyState::encrypted && services_.keys.refused(source.path) ? KeyState::refused
                                                                             : state;
}

void Session::set_key(std::size_t index) {
  const LoadedKey& key = services_.keys.get(key_sources_[index]);
  plan_.set_state(index, current_state(key_sources_[index]), key.problem, key.forms.size());
}

void Session::key_changed(const std::string& path) {
  const auto& asking = life_.status().asking;
  if (!asking || asking->kind != Prompt::Kind::passphrase || asking->subject != path) return;
  set_key(attempt_.key);
  if (plan_.key(attempt_.key).state != KeyState::encrypted) return feed(Kind::answered);
  attempt_ = plan_.next();  // the same question again, in other words
  feed(Event::ask(attempt_.prompt));
}

// ---- one attempt after the other

void Session::next_attempt() {
  for (std::size_t i = 0; i < plan_.keys(); ++i)  // another host may have given the passphrase
    if (plan_.key(i).state == KeyState::encrypted) set_key(i);
  attempt_ = plan_.next();
  interviewed_ = false;
  switch (attempt_.kind) {
    case Attempt::Kind::ask: return feed(Event::ask(attempt_.prompt));
    case Attempt::Kind::give_up: return feed(Event::failed(attempt_.error));
    case Attempt::Kind::password: return use_password();
    case Attempt::Kind::agent: return try_agent();
    case Attempt::Kind::none:
    case Attempt::Kind::key:
    case Attempt::Kind::interactive:
    case Attempt::Kind::gssapi: return begin_trying();
  }
}

void Session::begin_trying() {
  trying_ = true;
  if (attempt_.kind == Attempt::Kind::gssapi) bound_kerberos();
  drive();
}

// libssh: a ticket that cannot be had leaves the attempt without an end, and the session unfit for
// any other. Once more, without Kerberos.
void Session::bound_kerberos() {
  step_timer_.expires_after(kKerberos);
  step_timer_.async_wait(guarded([](Session& self, ErrorCode failed) {
    if (!failed && self.trying_ && self.attempt_.kind == Attempt::Kind::gssapi)
      self.feed(Event::turned_away({ErrorKind::auth, "Kerberos came to no end"}));
  }));
}

const PrivateKeyPtr& Session::attempted_key() const {
  return services_.keys.get(key_sources_[attempt_.key]).forms[attempt_.form];
}

bool Session::slow() const { return !attempt_.probe && attempted_key()->slow(); }

void Session::step_auth() {
  switch (attempt_.kind) {
    case Attempt::Kind::none:
      return attempted(stepped([this] { return transport_->try_none(); }));
    case Attempt::Kind::password:
      return attempted(stepped([this] { return transport_->try_password(*answer_); }));
    case Attempt::Kind::interactive:
      return attempted(stepped([this] { return transport_->try_interactive(); }));
    case Attempt::Kind::key: return slow() ? attempt_off_loop() : step_key();
    default: return attempt_off_loop();
  }
}

void Session::step_key() {
  const PrivateKeyPtr key = attempted_key();
  attempted(stepped([&] {
    return attempt_.probe ? transport_->probe_key(*key) : transport_->try_key(*key);
  }));
}

void Session::attempt_off_loop() {
  const auto transport = transport_;
  if (agent_)
    return off_loop(services_.agent_workers, [transport, agent = agent_->client()] {
      return agent ? transport->try_agent(agent->get()) : AuthIo::denied;
    });
  if (attempt_.kind == Attempt::Kind::gssapi)
    return off_loop(services_.gssapi_workers, [transport] { return transport->try_gssapi(); });
  off_loop(services_.signers, [transport, key = attempted_key()] { return transport->try_key(*key); });
}

// The transport has one owner at a time: until the worker is done the loop leaves it alone.
void Session::off_loop(Workers& workers, std::function<AuthIo()> work) {
  busy_ = true;
  auto result = std::make_shared<AuthIo>(AuthIo::failed);
  workers.run([work = std::move(work), result] { *result = work(); },
              guarded([result](Session& self) {
                self.busy_ = false;
                self.attempted(*result);
              }));
}

void Session::attempted(AuthIo result) {
  if (result == AuthIo::again) return wait_ready();
  trying_ = false;
  agent_answered();
  switch (result) {
    case AuthIo::failed: return connection_failed();
    case AuthIo::asks: return begin_interview();
    case AuthIo::denied:
      services_.broker.refused(id_);
      if (attempt_.kind == Attempt::Kind::interactive && !interviewed_) plan_.nothing_asked();
      plan_.server_takes(transport_->auth_methods());
      return next_attempt();
    case AuthIo::partial:
      note_login();
      note_proved(services_.broker.accepted(id_));
      plan_.partly_in(transport_->auth_methods());
      return next_attempt();
    default: return accepted();
  }
}

void Session::accepted() {
  if (attempt_.locked) {
    plan_.key_wanted(attempt_.key);
    return next_attempt();
  }
  if (std::exchange(attempt_.probe, false)) return begin_trying();  // now sign
  note_proved(services_.broker.accepted(id_));
  answer_.reset();
  note_login();
  services_.sink.on_login(id_, login_);
  const bool by_file = attempt_.kind == Attempt::Kind::key;
  owner_.let_in(id_, proved_, by_file ? key_sources_[attempt_.key].path : "");
  proved_.clear();
  feed(Kind::authenticated);
}

void Session::note_proved(std::vector<ProvedAnswer> answers) {
  proved_.insert(proved_.end(), answers.begin(), answers.end());
}

// A server may want several methods: the record has them all, and the key that was among them.
void Session::note_login() {
  login_.method += (login_.method.empty() ? "" : ",") + std::string(method_of(attempt_.kind));
  std::string key;
  if (attempt_.kind == Attempt::Kind::agent) key = agent_key_;
  if (attempt_.kind == Attempt::Kind::key) {
    const auto& blobs = services_.keys.get(key_sources_[attempt_.key]).blobs;
    if (attempt_.form < blobs.size()) key = blobs[attempt_.form];
  }
  if (!key.empty()) login_.key = sanitised(describe_key(key));
}

void Session::auth_broken(const std::string& why) {
  const bool too_many = why.find("Too many auth") != std::string::npos;
  if (too_many) services_.broker.refused(id_);  // what was typed last
  const std::string words = "closed while logging in: " + why;
  // Keys that used up the server's patience are not tried again on the next connection, so that
  // what is left finds an ear.
  if (too_many && plan_.crowded()) return feed(Event::turned_away(explained({ErrorKind::lost, words})));
  feed(Event::failed(explained({too_many ? ErrorKind::auth : ErrorKind::lost, words})));
}

// ---- what only the user knows

bool Session::have_answer(const Prompt& question) {
  answer_ = services_.broker.take(id_, question);
  if (answer_) return true;
  const bool keyring = services_.options.secrets && question.kind == Prompt::Kind::password;
  if (mute().empty() || keyring) {
    feed(Event::ask(question));
    return false;
  }
  no_answer("nobody to ask: " + mute());
  next_attempt();
  return false;
}

void Session::use_password() {
  if (have_answer(attempt_.prompt)) begin_trying();
}

void Session::begin_interview() {
  interviewed_ = true;
  interview_.emplace(spec_.user, transport_->challenge(), attempt_.again);
  go_on_with_interview();
}

void Session::go_on_with_interview() {
  while (const auto question = interview_->next()) {
    if (!have_answer(*question)) return;
    interview_->answer(answer_->clone());
  }
  answer_.reset();
  transport_->answer_challenge(interview_->take_answers());
  interview_.reset();
  begin_trying();
}

void Session::no_answer(const std::string& why) {
  plan_.skip(why);
  interview_.reset();
  attempt_ = {};
}

void Session::answered(bool given) {
  const bool password = attempt_.kind == Attempt::Kind::password;
  if (!given && !mute().empty())
    no_answer("nobody to ask: " + mute());
  else if (!given)
    no_answer(password ? "no password given" : "no answer given");
  feed(Kind::answered);
}

// The step that asked goes on.
void Session::resume() {
  if (life_.phase() == Lifecycle::Phase::checking_key) return feed(Kind::key_accepted);
  if (interview_) return go_on_with_interview();
  if (attempt_.kind == Attempt::Kind::password) return use_password();
  next_attempt();
}

// ---- the agent

// Keys of files that are at hand were tried before the agent is asked.
AgentChoice Session::agent_choice(int most) const {
  AgentChoice choice;
  choice.only_listed = spec_.identities_only;
  choice.name_key = services_.options.name_keys;
  choice.most = static_cast<std::size_t>(most);
  for (const KeySource& source : key_sources_) {
    const LoadedKey& key = services_.keys.get(source);
    if (key.state == LoadedKey::State::usable)
      choice.tried.insert(key.blobs.begin(), key.blobs.end());
    else
      choice.listed.insert(choice.listed.end(), key.blobs.begin(), key.blobs.end());
  }
  return choice;
}

// The clock stands still while others are asked for their signatures.
void Session::try_agent() {
  const AgentChoice choice = agent_choice(attempt_.most_keys);
  if (choice.only_listed && choice.listed.empty()) return next_attempt();
  at_agent_ = true;
  feed(Kind::held);
  owner_.agent_wanted(id_, agent_path(spec_));
}

void Session::agent_turn() {
  if (!at_agent_) return owner_.agent_returned(id_);
  feed(Kind::let_go);
  open_agent();
}

void Session::agent_gone() {
  if (!at_agent_) return;
  leave_agent();
  feed(Kind::let_go);
  plan_.agent_done(0, "it does not answer");
  next_attempt();
}

void Session::open_agent() {
  auto agent = AgentProxy::open(services_.loop, agent_path(spec_), agent_choice(attempt_.most_keys),
                                services_.agent_lists);
  if (agent.ok()) {
    agent_ = std::move(*agent);
    return begin_trying();
  }
  if (agent.error().kind == ErrorKind::timeout) {  // too busy: until the deadline
    step_timer_.expires_after(kAgentPause);
    step_timer_.async_wait(guarded([](Session& self, ErrorCode failed) {
      if (!failed && self.at_agent_) self.open_agent();
    }));
    return;
  }
  leave_agent();
  plan_.agent_done(0, agent.error().message);
  next_attempt();
}

bool Session::waits_for_agent() const { return at_agent_; }

void Session::agent_answered() {
  const auto agent = std::exchange(agent_, nullptr);
  if (!agent) return;
  agent_key_ = agent->signed_with();
  plan_.agent_done(agent->offered(), agent->problem());
  agent->break_off();
  leave_agent();
}

void Session::leave_agent() {
  if (!std::exchange(at_agent_, false)) return;
  step_timer_.cancel();
  owner_.agent_returned(id_);
}

}  // namespace bdsh::net
