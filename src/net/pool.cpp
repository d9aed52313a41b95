#include "net/pool.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <map>
#include <set>

#include "core/fold.hpp"
#include "core/text.hpp"
#include "net/agent_line.hpp"
#include "net/auth_broker.hpp"
#include "net/backend.hpp"
#include "net/jump_plan.hpp"
#include "net/jump_route.hpp"
#include "net/keyring.hpp"
#include "net/pacing.hpp"
#include "net/process_session.hpp"
#include "net/session.hpp"
#include "net/socket.hpp"

namespace bdsh::net {
namespace {

constexpr int kResolverThreads = 8;
constexpr int kKeyThreads = 2;
// Hosts that are at an agent at once. Of such a visit most is waiting for the host, three round trips;
// its questions to the agent, which a thread waits for, are answered one after the other anyway.
constexpr std::size_t kAgentSeats = 32;
constexpr int kAgentThreads = 3;
constexpr int kGssapiThreads = 4;
constexpr std::size_t kFlushSlice = 64;  // hosts written to in one turn of the loop
constexpr std::chrono::seconds kShortestTick{1};
// How long a connection to a jump host is kept, at most, when no host needs it.
constexpr std::chrono::seconds kIdleWay{15};

}  // namespace

class Pool::Impl : public SessionOwner, private Sink {
 public:
  Impl(asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options, Sink& sink,
       Backend backend);

  void start();
  void start(HostId host);
  void resize(Size size);
  void answer(const HostSet& hosts, std::optional<Secret> answer, bool later);
  AuthBroker& broker() { return broker_; }
  void set_parallel(int parallel);
  int parallel() const { return pacing_.parallel(); }
  void stop(std::chrono::milliseconds grace, std::function<void()> done);
  HostSession* find(HostId host) {
    return host.value < hosts_.size() ? &session_of(host) : nullptr;
  }

  void turn_wanted(HostId host) override;
  void turn_returned(HostId host) override;
  void output_waits(HostId host) override;
  void went_live(HostId host) override;
  std::shared_ptr<Route> new_route(HostId host) override;
  void agent_wanted(HostId host, const std::string& agent) override;
  void agent_returned(HostId host) override;
  void agent_silent(const std::string& agent) override;
  void let_in(HostId host, const std::vector<ProvedAnswer>& answers,
              const std::string& key) override;

 private:
  void on_bytes(HostId host, Stream stream, std::string_view bytes) override;
  void on_status(HostId host, const HostStatus& status) override;
  void on_event(std::optional<HostId> host, const std::string& text) override;
  void on_login(HostId host, const Login& login) override;

  bool concerns_keyring(HostId host, const HostStatus& status) const;
  void tell_status(HostId host, const HostStatus& status);
  void answer_from_keyring(HostId host, Secret secret);
  void keyring_has_none(HostId host);
  const HostSpec& spec(HostId id) const;
  HostSession& session_of(HostId id);
  void prepare_way(HostId gateway, HostId host);
  void way_changed(HostId gateway, const HostStatus& status);
  void way_failed(HostId gateway, const Error& error);
  Prompt question_of(HostId gateway) const;
  void watch_idle_ways();
  void end_idle_ways();
  Session* asked(HostId host);
  void grant_soon();
  void grant();
  void grant_agents_soon();
  void grant_agents();
  void flush_soon();
  void flush_slice();
  void answer_passphrase(const std::string& path, std::optional<Secret> answer);
  void answer_secret(Session& session, const Answer& answer, bool later);
  void forget_answers();
  void key_changed(const std::string& path);
  void arm_tick(Time at);
  void tick();

  asio::io_context& loop_;
  const std::vector<HostSpec> hosts_;
  PoolOptions options_;
  Sink& sink_;
  const JumpPlan jumps_;
  Workers resolver_workers_;
  Workers key_workers_;
  Workers agent_workers_;
  Workers gssapi_workers_;
  Resolver resolver_;
  KeyStore keys_;
  HostKeyStore host_keys_;
  Children children_;
  AuthBroker broker_;
  Services services_;
  Pacing pacing_;
  AgentLine agent_line_{kAgentSeats};
  std::unique_ptr<Keyring> keyring_;
  std::vector<std::shared_ptr<Session>> sessions_;  // also of hosts that never use theirs
  std::map<HostId, std::shared_ptr<ProcessSession>> processes_;  // of other transports' hosts
  std::deque<HostId> flush_line_;
  asio::steady_timer tick_timer_;
  std::optional<Time> tick_at_;
  asio::steady_timer idle_timer_;
  bool idle_watched_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for posted calls
  bool grant_posted_ = false;
  bool agents_posted_ = false;
  bool flush_posted_ = false;
  bool stopped_ = false;
};

Pool::Impl::Impl(asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options,
                 Sink& sink, Backend backend)
    : loop_(loop),
      hosts_(std::move(hosts)),
      options_(std::move(options)),
      sink_(sink),
      jumps_(hosts_),
      resolver_workers_(loop, kResolverThreads),
      key_workers_(loop, kKeyThreads),
      agent_workers_(loop, kAgentThreads),
      gssapi_workers_(loop, kGssapiThreads),
      resolver_(resolver_workers_, std::move(backend.lookup)),
      keys_(key_workers_, std::move(backend.load_key)),
      host_keys_(key_workers_),
      children_(loop),
      services_{.loop = loop_,
                .sink = *this,
                .options = options_,
                .keys = keys_,
                .host_keys = host_keys_,
                .broker = broker_,
                .signers = key_workers_,
                .agent_workers = agent_workers_,
                .gssapi_workers = gssapi_workers_,
                .make_transport = std::move(backend.make_transport),
                .tickets = may_have_tickets()},
      pacing_(options_.parallel, options_.jump_parallel),
      tick_timer_(loop),
      idle_timer_(loop) {
  if (options_.secrets)
    keyring_ = std::make_unique<Keyring>(
        loop_, options_.secrets,
        Keyring::Hooks{
            [this](HostId host, Secret secret) { answer_from_keyring(host, std::move(secret)); },
            [this](HostId host) { keyring_has_none(host); },
            [this](const std::string& text) { sink_.on_event(std::nullopt, text); }});
  // A connection that is reset must end one session, not the program.
  std::signal(SIGPIPE, SIG_IGN);
  for (std::uint32_t i = 0; i < hosts_.size() + jumps_.gateways().size(); ++i) {
    const HostId id{i};
    const auto role = jumps_.is_gateway(id) ? Session::Role::way : Session::Role::program;
    sessions_.push_back(std::make_shared<Session>(id, spec(id), services_, *this, role));
    if (const auto way = jumps_.way_to(id)) pacing_.put_in_lane(id, jumps_.number(*way));
    if (spec(id).transport != HostSpec::Transport::libssh)
      processes_[id] = std::make_shared<ProcessSession>(id, spec(id), services_, children_, *this);
  }
}

HostSession& Pool::Impl::session_of(HostId id) {
  const auto process = processes_.find(id);
  if (process != processes_.end()) return *process->second;
  return *sessions_[id.value];
}

const HostSpec& Pool::Impl::spec(HostId id) const {
  return jumps_.is_gateway(id) ? jumps_.gateways()[jumps_.number(id)] : hosts_[id.value];
}

void Pool::Impl::start() {
  for (std::uint32_t i = 0; i < hosts_.size() && !stopped_; ++i) session_of(HostId{i}).start();
}

void Pool::Impl::start(HostId host) {
  HostSession* session = find(host);
  if (session == nullptr || stopped_ || session->active()) return;
  keys_.forget_refusals();
  agent_line_.forget_silence();
  services_.tickets = may_have_tickets();
  if (keyring_) keyring_->started(host);
  session->start();
}

void Pool::Impl::resize(Size size) {
  options_.size = size;
  for (const auto& session : sessions_) session->resize(size);
  for (const auto& [id, process] : processes_) process->resize(size);
}

void Pool::Impl::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  stopped_ = true;
  for (const auto& [id, process] : processes_) process->stop();
  for (const auto& session : sessions_) session->stop();
  tick_timer_.cancel();
  idle_timer_.cancel();
  children_.when_gone(grace, std::move(done));
}

// ---- pacing

void Pool::Impl::turn_wanted(HostId host) {
  pacing_.ask(host);
  if (const auto way = jumps_.way_to(host)) prepare_way(*way, host);
  grant_soon();
}

void Pool::Impl::turn_returned(HostId host) {
  pacing_.leave(host);
  grant_soon();
}

void Pool::Impl::set_parallel(int parallel) {
  pacing_.set_parallel(parallel);
  grant_soon();
}

// Posted, so that a host that fails at once does not start the next from within its own failure.
void Pool::Impl::grant_soon() {
  if (std::exchange(grant_posted_, true)) return;
  asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) grant();
  });
}

void Pool::Impl::grant() {
  grant_posted_ = false;
  while (const auto host = pacing_.grant()) session_of(*host).turn();
  if (pacing_.in_progress() == 0) forget_answers();
}

// Answers are kept while somebody is on the way in, who may ask for them.
void Pool::Impl::forget_answers() {
  const bool needed = std::any_of(sessions_.begin(), sessions_.end(), [](const auto& session) {
    return session->active() && !session->status().live();
  });
  if (!needed) broker_.forget();
}

// ---- the agents' seats

void Pool::Impl::agent_wanted(HostId host, const std::string& agent) {
  if (agent_line_.is_silent(agent))
    return asio::post(loop_, [session = sessions_[host.value]] { session->agent_gone(); });
  agent_line_.ask(host, agent);
  grant_agents_soon();
}

void Pool::Impl::agent_returned(HostId host) {
  agent_line_.leave(host);
  grant_agents_soon();
}

void Pool::Impl::agent_silent(const std::string& agent) {
  for (const HostId host : agent_line_.silent(agent))
    asio::post(loop_, [session = sessions_[host.value]] { session->agent_gone(); });
}

void Pool::Impl::grant_agents_soon() {
  if (std::exchange(agents_posted_, true)) return;
  asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) grant_agents();
  });
}

void Pool::Impl::grant_agents() {
  agents_posted_ = false;
  while (const auto host = agent_line_.grant()) sessions_[host->value]->agent_turn();
}

// ---- writing, in slices so that a broadcast to many hosts does not hold the loop

void Pool::Impl::output_waits(HostId host) {
  flush_line_.push_back(host);
  flush_soon();
}

void Pool::Impl::flush_soon() {
  if (std::exchange(flush_posted_, true)) return;
  asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) flush_slice();
  });
}

void Pool::Impl::flush_slice() {
  flush_posted_ = false;
  for (std::size_t i = 0; i < kFlushSlice && !flush_line_.empty(); ++i) {
    const HostId host = flush_line_.front();
    flush_line_.pop_front();
    session_of(host).flush();
  }
  if (!flush_line_.empty()) flush_soon();
}

// ---- jump hosts

std::shared_ptr<Route> Pool::Impl::new_route(HostId host) {
  const HostSpec& target = spec(host);
  if (const auto way = jumps_.way_to(host))
    return make_jump_route(sessions_[way->value], spec(*way), target);
  if (target.proxy_command.empty()) return make_tcp_route(loop_, resolver_, target);
  return make_command_route(loop_, children_, target,
                            [this, host](const std::string& line) { on_event(host, line); });
}

// A host that waits for a way learns at once what others who wait for it know.
void Pool::Impl::prepare_way(HostId gateway, HostId host) {
  Session& way = *sessions_[gateway.value];
  if (!way.active() && !stopped_) {
    if (keyring_) keyring_->started(gateway);
    way.start();
  }
  if (way.status().asking && !(keyring_ && keyring_->withholds(gateway)))
    sessions_[host.value]->way_asks(question_of(gateway));
}

void Pool::Impl::on_bytes(HostId host, Stream stream, std::string_view bytes) {
  if (!jumps_.is_gateway(host)) sink_.on_bytes(host, stream, bytes);
}

void Pool::Impl::on_event(std::optional<HostId> host, const std::string& text) {
  if (!host || !jumps_.is_gateway(*host)) return sink_.on_event(host, text);
  sink_.on_event(std::nullopt, "jump host " + spec(*host).name + ": " + text);
}

void Pool::Impl::on_login(HostId host, const Login& login) {
  if (!jumps_.is_gateway(host)) sink_.on_login(host, login);
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

void Pool::Impl::tell_status(HostId host, const HostStatus& status) {
  if (jumps_.is_gateway(host)) return way_changed(host, status);
  if (status.ended() && jumps_.way_to(host)) watch_idle_ways();
  sink_.on_status(host, status);
}

void Pool::Impl::way_changed(HostId gateway, const HostStatus& status) {
  pacing_.open_lane(jumps_.number(gateway), status.live());
  if (status.live()) grant_soon();
  if (status.ended()) return way_failed(gateway, status.error.value_or(Error{ErrorKind::lost, "closed"}));
  for (const HostId id : jumps_.behind(gateway)) {
    if (status.asking)
      sessions_[id.value]->way_asks(question_of(gateway));
    else
      sessions_[id.value]->way_answered();
  }
}

// As the hosts behind it ask it: it says whose question it is.
Prompt Pool::Impl::question_of(HostId gateway) const {
  const Session& way = *sessions_[gateway.value];
  Prompt prompt = *way.status().asking;
  if (!way.relays_question()) prompt.text = "jump host " + spec(gateway).name + ": " + prompt.text;
  return prompt;
}

// Told once, with all the hosts it takes along; each of those only changes its state.
void Pool::Impl::way_failed(HostId gateway, const Error& error) {
  if (stopped_) return;
  const Error told = jump_error(spec(gateway), error);
  if (error.kind != ErrorKind::jump) {
    std::vector<std::string> names;
    jumps_.hosts_behind(gateway).for_each([&](HostId id) {
      if (sessions_[id.value]->active()) names.push_back(hosts_[id.value].name);
    });
    if (!names.empty())
      sink_.on_event(std::nullopt, sanitised(told.message + "; with it " + fold_names(names), 2000));
  }
  for (const HostId id : jumps_.behind(gateway)) sessions_[id.value]->way_failed(told);
}

// Hosts that are run one after the other share their way, so it is not ended with each.
void Pool::Impl::watch_idle_ways() {
  if (stopped_ || std::exchange(idle_watched_, true)) return;
  idle_timer_.expires_after(kIdleWay);
  idle_timer_.async_wait([this, alive = std::weak_ptr(alive_)](ErrorCode failed) {
    if (!failed && !alive.expired()) end_idle_ways();
  });
}

void Pool::Impl::end_idle_ways() {
  idle_watched_ = false;
  const auto needed = [this](HostId id) { return sessions_[id.value]->active(); };
  for (std::size_t number = jumps_.gateways().size(); number-- > 0;) {
    const HostId gateway = jumps_.id(number);
    if (std::ranges::none_of(jumps_.behind(gateway), needed)) sessions_[gateway.value]->stop();
  }
}

// ---- answers

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

// ---- keepalives: one timer for all

void Pool::Impl::went_live(HostId host) {
  const Keepalive& keepalive = sessions_[host.value]->keepalive();
  if (keepalive.on()) arm_tick(keepalive.due());
}

void Pool::Impl::arm_tick(Time at) {
  if (tick_at_ && *tick_at_ <= at) return;
  tick_at_ = at;
  tick_timer_.expires_at(at);
  tick_timer_.async_wait([this, alive = std::weak_ptr(alive_)](ErrorCode failed) {
    if (!failed && !alive.expired()) tick();
  });
}

void Pool::Impl::tick() {
  tick_at_.reset();
  const Time now = Clock::now();
  std::optional<Time> next;
  for (const auto& session : sessions_) {
    if (!session->keepalive().on()) continue;
    session->tick(now);
    if (!session->status().live()) continue;
    next = next ? std::min(*next, session->keepalive().due()) : session->keepalive().due();
  }
  if (next && !stopped_) arm_tick(std::max(*next, now + kShortestTick));
}

// ---- the seam

Pool::Pool(asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options, Sink& sink)
    : Pool(loop, std::move(hosts), std::move(options), sink, Backend{}) {}

Pool::Pool(asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options, Sink& sink,
           Backend backend)
    : impl_(std::make_unique<Impl>(loop, std::move(hosts), std::move(options), sink,
                                   std::move(backend))) {}

Pool::~Pool() = default;

void Pool::start() { impl_->start(); }
void Pool::start(HostId host) { impl_->start(host); }

bool Pool::write(HostId host, std::string_view bytes) {
  HostSession* session = impl_->find(host);
  return session != nullptr && session->write(bytes);
}

void Pool::interrupt(HostId host) {
  if (HostSession* session = impl_->find(host)) session->interrupt();
}

void Pool::end_input(HostId host) {
  if (HostSession* session = impl_->find(host)) session->end_input();
}

void Pool::resize(Size size) { impl_->resize(size); }

void Pool::resize(HostId host, Size size) {
  if (HostSession* session = impl_->find(host)) session->resize(size);
}

void Pool::hold(HostId host, bool held) {
  if (HostSession* session = impl_->find(host)) session->hold(held);
}

void Pool::answer(const HostSet& hosts, std::optional<Secret> answer, bool later) {
  impl_->answer(hosts, std::move(answer), later);
}

void Pool::preset_password(Secret password) { impl_->broker().preset(std::move(password)); }

void Pool::set_parallel(int parallel) { impl_->set_parallel(parallel); }
int Pool::parallel() const { return impl_->parallel(); }

std::size_t Pool::queued_bytes(HostId host) const {
  const HostSession* session = impl_->find(host);
  return session == nullptr ? 0 : session->queued_bytes();
}

void Pool::open_subsystem(HostId host, const std::string& name,
                          std::function<void(Result<Fd> stream)> opened) {
  if (HostSession* session = impl_->find(host)) session->open_subsystem(name, std::move(opened));
}

void Pool::stop(std::chrono::milliseconds grace, std::function<void()> done) {
  impl_->stop(grace, std::move(done));
}

}  // namespace bdsh::net
