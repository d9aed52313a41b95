// What the drivers of all sessions do alike: ask the Lifecycle what to do next, tell the pool what
// became of it, keep its deadline, and queue what is typed. How a connection is made is a kind of
// session's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/host_spec.hpp"
#include "core/ids.hpp"
#include "net/agent_lists.hpp"
#include "net/asio.hpp"
#include "net/auth_broker.hpp"
#include "net/host_key_store.hpp"
#include "net/host_session.hpp"
#include "net/key_store.hpp"
#include "net/lifecycle.hpp"
#include "net/pool.hpp"
#include "net/route.hpp"
#include "net/transport.hpp"
#include "net/workers.hpp"
#include "net/write_queue.hpp"

namespace bdsh::net {

// What all sessions of a pool share. Owned by the pool; outlives the sessions' use of it.
struct Services {
  asio::io_context& loop;
  Sink& sink;
  const PoolOptions& options;
  KeyStore& keys;
  HostKeyStore& host_keys;
  AuthBroker& broker;
  Workers& signers;        // for slow signatures
  Workers& agent_workers;  // each may wait for an agent
  Workers& gssapi_workers;  // and each of these for a KDC
  TransportFactory make_transport;
  std::shared_ptr<AgentLists> agent_lists = std::make_shared<AgentLists>();
  Received scratch{};      // lent to one call at a time
  bool tickets = false;    // of Kerberos: there may be some
};

// What a session needs done among the hosts.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void turn_wanted(HostId host) = 0;
  virtual void turn_returned(HostId host) = 0;
  virtual void output_waits(HostId host) = 0;  // call flush() soon
  virtual void went_live(HostId host) = 0;
  // The way to a host, for one attempt; its turn came only when the jump host before it was there.
  virtual std::shared_ptr<Route> new_route(HostId host) = 0;
  // A seat at the agent: answered with agent_turn(), or agent_gone() when it does not answer.
  virtual void agent_wanted(HostId host, const std::string& agent) = 0;
  virtual void agent_returned(HostId host) = 0;
  virtual void agent_silent(const std::string& agent) = 0;
  // It is logged in, by these answers of the user's and by the key file at `key`, if by one.
  virtual void let_in(HostId host, const std::vector<ProvedAnswer>& answers,
                      const std::string& key) = 0;
};

class DrivenSession : public HostSession, public std::enable_shared_from_this<DrivenSession> {
 public:
  HostId id() const { return id_; }
  void turn() override { feed(Event::Kind::turn); }
  void stop() override { feed(Event::Kind::stop); }
  bool active() const override { return life_.active(); }
  const HostStatus& status() const override { return life_.status(); }
  bool write(std::string_view bytes) override;
  std::size_t queued_bytes() const override { return queue_.bytes(); }

 protected:
  // All references outlive the session.
  DrivenSession(HostId id, const HostSpec& spec, Services& services, SessionOwner& owner,
                const Limits& limits);
  static Limits limits_of(HostId id, const HostSpec& spec, bool has_command);

  void feed(const Event& event);
  virtual void perform(Do what) = 0;
  virtual void let_go() = 0;  // the attempt, or the session, is over
  virtual void deadline_passed() { feed(Event::Kind::deadline); }
  void want_flush();

  // Wraps a callback so that it does nothing once this attempt is over: when generation_ has grown,
  // or the session is gone.
  template <typename Self, typename F>
  auto guard(F callback) {
    return [weak = weak_from_this(), generation = generation_,
            callback = std::move(callback)](auto&&... args) {
      if (const auto self = weak.lock(); self && self->generation_ == generation)
        callback(static_cast<Self&>(*self), std::forward<decltype(args)>(args)...);
    };
  }

  const HostId id_;
  const HostSpec& spec_;
  Services& services_;
  SessionOwner& owner_;
  Lifecycle life_;
  WriteQueue queue_;
  std::uint64_t generation_ = 0;
  bool flush_asked_ = false;

 private:
  void report(const HostStatus& before);
  void arm_timer();

  asio::steady_timer timer_;
  std::optional<Time> timer_at_;
};

}  // namespace bdsh::net
