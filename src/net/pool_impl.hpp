// What the pool is made of: its sessions, what they share, and who waits for what. Private to the
// pool's sources: pool.cpp (life, turns, writing, keepalives), pool_ways.cpp (jump hosts),
// pool_answers.cpp (questions, the keyring).
#pragma once

#include <deque>
#include <map>

#include "net/agent_line.hpp"
#include "net/auth_broker.hpp"
#include "net/backend.hpp"
#include "net/jump_plan.hpp"
#include "net/keyring.hpp"
#include "net/pacing.hpp"
#include "net/pool.hpp"
#include "net/process_session.hpp"
#include "net/session.hpp"

namespace bdsh::net {

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
  AgentLine agent_line_;
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

}  // namespace bdsh::net
