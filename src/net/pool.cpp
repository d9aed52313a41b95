#include "net/pool.hpp"

#include <algorithm>
#include <csignal>
#include <deque>

#include "net/backend.hpp"
#include "net/pacing.hpp"
#include "net/session.hpp"
#include "net/socket.hpp"

namespace bdsh::net {
namespace {

constexpr int kResolverThreads = 8;
constexpr int kKeyThreads = 2;
constexpr int kAgentThreads = 8;  // questions to an agent at once
constexpr std::size_t kFlushSlice = 64;  // hosts written to in one turn of the loop
constexpr std::chrono::seconds kShortestTick{1};

}  // namespace

class Pool::Impl : public SessionOwner {
 public:
  Impl(asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options, Sink& sink,
       Backend backend);

  void start();
  void start(HostId host);
  void resize(Size size);
  void answer(HostId host, std::optional<Secret> answer);
  void stop(std::function<void()> done);
  Session* find(HostId host) {
    return host.value < sessions_.size() ? sessions_[host.value].get() : nullptr;
  }

  void turn_wanted(HostId host) override;
  void turn_returned(HostId host) override;
  void output_waits(HostId host) override;
  void went_live(HostId host) override;

 private:
  void grant_soon();
  void grant();
  void flush_soon();
  void flush_slice();
  void answer_passphrase(const std::string& path, std::optional<Secret> answer);
  void key_changed(const std::string& path);
  void arm_tick(Time at);
  void tick();

  asio::io_context& loop_;
  const std::vector<HostSpec> hosts_;
  PoolOptions options_;
  Sink& sink_;
  Workers resolver_workers_;
  Workers key_workers_;
  Workers agent_workers_;
  Resolver resolver_;
  KeyStore keys_;
  HostKeyStore host_keys_;
  Services services_;
  Pacing pacing_;
  std::vector<std::shared_ptr<Session>> sessions_;
  std::deque<HostId> flush_line_;
  asio::steady_timer tick_timer_;
  std::optional<Time> tick_at_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for posted calls
  bool grant_posted_ = false;
  bool flush_posted_ = false;
  bool stopped_ = false;
};

Pool::Impl::Impl(asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options,
                 Sink& sink, Backend backend)
    : loop_(loop),
      hosts_(std::move(hosts)),
      options_(std::move(options)),
      sink_(sink),
      resolver_workers_(loop, kResolverThreads),
      key_workers_(loop, kKeyThreads),
      agent_workers_(loop, kAgentThreads),
      resolver_(resolver_workers_, std::move(backend.lookup)),
      keys_(key_workers_, std::move(backend.load_key)),
      host_keys_(key_workers_),
      services_{.loop = loop_,
                .sink = sink_,
                .options = options_,
                .resolver = resolver_,
                .keys = keys_,
                .host_keys = host_keys_,
                .signers = key_workers_,
                .agent_workers = agent_workers_,
                .make_transport = std::move(backend.make_transport)},
      pacing_(options_.parallel),
      tick_timer_(loop) {
  // A connection that is reset must end one session, not the program.
  std::signal(SIGPIPE, SIG_IGN);
  for (std::uint32_t i = 0; i < hosts_.size(); ++i)
    sessions_.push_back(std::make_shared<Session>(HostId{i}, hosts_[i], services_, *this));
}

void Pool::Impl::start() {
  for (const auto& session : sessions_)
    if (!stopped_) session->start();
}

void Pool::Impl::start(HostId host) {
  Session* session = find(host);
  if (session == nullptr || stopped_ || session->active()) return;
  keys_.forget_refusals();
  session->start();
}

void Pool::Impl::resize(Size size) {
  options_.size = size;
  for (const auto& session : sessions_) session->resize(size);
}

void Pool::Impl::stop(std::function<void()> done) {
  stopped_ = true;
  for (const auto& session : sessions_) session->stop();
  tick_timer_.cancel();
  asio::post(loop_, std::move(done));
}

// ---- pacing

void Pool::Impl::turn_wanted(HostId host) {
  pacing_.ask(host);
  grant_soon();
}

void Pool::Impl::turn_returned(HostId host) {
  pacing_.leave(host);
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
  while (const auto host = pacing_.grant()) sessions_[host->value]->turn();
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
    sessions_[host.value]->flush();
  }
  if (!flush_line_.empty()) flush_soon();
}

// ---- answers

void Pool::Impl::answer(HostId host, std::optional<Secret> answer) {
  Session* session = find(host);
  if (session == nullptr || !session->status().asking) return;
  const Prompt prompt = *session->status().asking;
  if (prompt.kind == Prompt::Kind::host_key)
    return session->answer_host_key(answer && answer->reveal() == "yes");
  if (prompt.kind == Prompt::Kind::passphrase)
    answer_passphrase(prompt.subject, std::move(answer));
}

void Pool::Impl::answer_passphrase(const std::string& path, std::optional<Secret> answer) {
  if (!answer || answer->empty()) {
    keys_.refuse(path);
    return key_changed(path);
  }
  keys_.unlock(path, std::move(*answer), [this, path](const LoadedKey&) { key_changed(path); });
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
  Session* session = impl_->find(host);
  return session != nullptr && session->write(bytes);
}

void Pool::interrupt(HostId host) {
  if (Session* session = impl_->find(host)) session->interrupt();
}

void Pool::end_input(HostId host) {
  if (Session* session = impl_->find(host)) session->end_input();
}

void Pool::resize(Size size) { impl_->resize(size); }

void Pool::resize(HostId host, Size size) {
  if (Session* session = impl_->find(host)) session->resize(size);
}

void Pool::hold(HostId host, bool held) {
  if (Session* session = impl_->find(host)) session->hold(held);
}

void Pool::answer(HostId host, std::optional<Secret> answer) {
  impl_->answer(host, std::move(answer));
}

std::size_t Pool::queued_bytes(HostId host) const {
  const Session* session = impl_->find(host);
  return session == nullptr ? 0 : session->queued_bytes();
}

void Pool::stop(std::chrono::milliseconds, std::function<void()> done) {
  impl_->stop(std::move(done));
}

}  // namespace bdsh::net
