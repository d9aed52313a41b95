#include "net/pool.hpp"

#include <algorithm>
#include <csignal>

#include "net/pool_impl.hpp"

namespace bdsh::net {
namespace {

constexpr int kResolverThreads = 8;
constexpr int kKeyThreads = 2;
// Hosts that are at an agent at once. Of such a visit most is waiting for the host, three round
// trips; its questions to the agent, which a thread waits for, are answered one after the other
// anyway.
constexpr std::size_t kAgentSeats = 32;
constexpr int kAgentThreads = 3;
constexpr int kGssapiThreads = 4;
constexpr std::size_t kFlushSlice = 64;  // hosts written to in one turn of the loop
constexpr std::chrono::seconds kShortestTick{1};

}  // namespace

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
      agent_line_(kAgentSeats),
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

void Pool::start() {
  impl_->start();
}
void Pool::start(HostId host) {
  impl_->start(host);
}

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

void Pool::resize(Size size) {
  impl_->resize(size);
}

void Pool::resize(HostId host, Size size) {
  if (HostSession* session = impl_->find(host)) session->resize(size);
}

void Pool::hold(HostId host, bool held) {
  if (HostSession* session = impl_->find(host)) session->hold(held);
}

void Pool::answer(const HostSet& hosts, std::optional<Secret> answer, bool later) {
  impl_->answer(hosts, std::move(answer), later);
}

void Pool::preset_password(Secret password) {
  impl_->broker().preset(std::move(password));
}

void Pool::set_parallel(int parallel) {
  impl_->set_parallel(parallel);
}
int Pool::parallel() const {
  return impl_->parallel();
}

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
