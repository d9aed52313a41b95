// One host's session: performs what its Lifecycle and AuthPlan decide, on Asio and a Transport.
// It holds no policy of its own. All calls are on the loop's thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/host_spec.hpp"
#include "core/ids.hpp"
#include "net/agent_proxy.hpp"
#include "net/agent_relay.hpp"
#include "net/asio.hpp"
#include "net/auth_broker.hpp"
#include "net/auth_plan.hpp"
#include "net/certificate_request.hpp"
#include "net/driven_session.hpp"
#include "net/host_certificate.hpp"
#include "net/host_key_store.hpp"
#include "net/interview.hpp"
#include "net/keepalive.hpp"
#include "net/key_store.hpp"
#include "net/lifecycle.hpp"
#include "net/pool.hpp"
#include "net/route.hpp"
#include "net/transport.hpp"
#include "net/tunnels.hpp"
#include "net/workers.hpp"
#include "net/write_queue.hpp"

namespace bdsh::net {

bool may_have_tickets();

class Session : public DrivenSession {
 public:
  // What it is for: a program on the host, or, as a jump host, the way to other hosts.
  enum class Role { program, way };
  Session(HostId id, const HostSpec& spec, Services& services, SessionOwner& owner,
          Role role = Role::program);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() override;
  void agent_turn();
  void agent_gone();

  void interrupt() override;
  void end_input() override;
  void resize(Size size) override;
  void hold(bool held) override;
  void flush() override;

  void answer_host_key(bool accepted);
  // The key file a passphrase is asked for was opened, refused by the user, or is still locked.
  void key_changed(const std::string& path);
  // The broker has an answer to what the session asks, or the user gives none.
  void answered(bool given);

  // Of a jump host that is live: a connection from there.
  void open_tunnel(const std::string& host, std::uint16_t port, Tunnels::Opened opened);
  void open_subsystem(const std::string& name, Opened opened) override;
  std::size_t tunnels() const { return tunnels_ ? tunnels_->count() : 0; }
  // The jump host this host waits for asks the user, was answered, or cannot be used.
  void way_asks(const Prompt& prompt);
  void way_answered();
  void way_failed(const Error& error);
  bool relays_question() const { return relays_question_; }
  std::string mute() const;  // why nobody can be asked; empty: the user can

  const Keepalive& keepalive() const { return keepalive_; }
  void tick(Time now);

 private:
  static Limits limits(HostId id, const HostSpec& spec, const Services& services, Role role);
  void perform(Do what) override;
  void let_go() override;
  void disconnect();
  void drop_connection();
  Tunnels& carried();
  void drive_soon();
  void serve_tunnels();

  void resolve();
  void connect();
  void connected(Result<Fd> stream);
  void handshake();
  void begin_handshake(const KnownHosts& known);
  void ask_certificate(const std::string& algorithms);
  void certificate_came(const CertificateRequest& request);
  void certificate_refused(const std::string& why);
  void check_key();
  void note_host_key(const HostKey& key, const std::string& certified_by);
  void record_key(const HostKey& key);
  void resume();

  AuthRules auth_rules() const;
  void begin_auth();
  void begin_plan();
  void key_loaded(std::size_t index, const LoadedKey& key);
  void set_key(std::size_t index);
  KeyState current_state(const KeySource& source) const;
  const PrivateKeyPtr& attempted_key() const;
  AgentChoice agent_choice(int most) const;
  void next_attempt();
  void begin_trying();
  void bound_kerberos();
  void step_key();
  void attempt_off_loop();
  void accepted();
  void note_login();
  void note_proved(std::vector<ProvedAnswer> answers);
  void auth_broken(const std::string& why);
  bool have_answer(const Prompt& question);
  void use_password();
  void begin_interview();
  void go_on_with_interview();
  void no_answer(const std::string& why);
  void try_agent();
  void open_agent();
  void agent_answered();
  void leave_agent();
  void relay_agent(std::vector<AgentTraffic> traffic);
  void open_relay(int channel);
  void answer_relays();
  void close_relay(int channel);
  void off_loop(Workers& workers, std::function<AuthIo()> work);
  bool waits_for_agent() const;
  void deadline_passed() override;
  void attempted(AuthIo result);
  bool slow() const;

  void drive();
  void step_handshake();
  void step_auth();
  void step_open();
  void converse();
  void connection_failed();
  void not_greeted(const std::string& what);
  void after_call(Io io);
  Io write_some(Received& into);
  void deliver();
  Error explained(Error error);
  Error lost();

  void wait_ready();
  void arm(asio::posix::stream_descriptor::wait_type what, bool& armed);
  template <typename F>
  auto guarded(F callback) {
    return guard<Session>(std::move(callback));
  }
  // libssh says that bytes wait to be written after every send: one more call tells whether they do.
  template <typename Step>
  auto stepped(Step step) {
    auto result = step();
    if (result == decltype(result)::again && transport_->wants_write()) result = step();
    return result;
  }

  const Role role_;
  Keepalive keepalive_;
  std::vector<KeySource> key_sources_;  // as plan_ counts them
  AuthPlan plan_;
  Attempt attempt_;
  std::optional<Interview> interview_;  // until all its questions are answered
  Answer answer_;                       // of the attempt under way
  std::vector<ProvedAnswer> proved_;    // in steps before this one

  asio::steady_timer step_timer_;  // of one step of logging in
  asio::posix::stream_descriptor socket_;
  std::shared_ptr<AgentProxy> agent_;     // while the agent is asked
  std::string agent_key_;                 // that it signed with last
  bool at_agent_ = false;                 // waits for a seat there, or has one
  std::map<int, std::shared_ptr<AgentRelay>> relays_;  // forwarded connections, by channel
  bool agent_used_ = false;               // by the host, in this session
  std::shared_ptr<Transport> transport_;  // shared with a worker while it signs
  std::shared_ptr<Route> route_;
  std::unique_ptr<Tunnels> tunnels_;      // once there were any; gone before the transport
  const KnownHosts* known_ = nullptr;
  std::optional<HostCertificate> certificate_;  // read and well signed; it outlives lost connections
  std::string no_certificate_;         // why there is none of use, though an authority is known
  std::optional<HostKey> unrecorded_;  // asked about
  std::string vouched_;                // the blob of a key that was accepted in this session
  Login login_;
  ChannelRequest request_;
  Size opened_size_;                   // what the pty was asked for with
  std::size_t keys_awaited_ = 0;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool held_ = false;
  bool busy_ = false;    // the transport is a worker's
  bool trying_ = false;  // an attempt to log in is under way
  bool interviewed_ = false;  // the server asked something in this attempt
  bool planned_ = false;  // plan_ knows its keys; it outlives lost connections
  bool drive_asked_ = false;
  bool certificate_asked_ = false;  // in this attempt
  bool relays_question_ = false;  // what it asks is its jump host's question
};

}  // namespace bdsh::net
