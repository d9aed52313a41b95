// The only includer of libssh. Written against 0.10.6; the comments that begin with "libssh" name
// behaviour that was measured there and is not in its documentation.
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/text.hpp"
#include "net/agent_protocol.hpp"
#include "net/algorithms.hpp"
#include "net/digest.hpp"
#include "net/transport.hpp"

namespace bdsh::net {
namespace {

struct Free {
  void operator()(ssh_session session) const { ssh_free(session); }
  void operator()(ssh_key key) const { ssh_key_free(key); }
  void operator()(ssh_event event) const { ssh_event_free(event); }
};
template <typename Handle>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Free>;

class LibsshKey : public PrivateKey {
 public:
  // `certificate`: what is shown of it, when it is certified.
  explicit LibsshKey(Owned<ssh_key> key, Owned<ssh_key> certificate = {})
      : key_(std::move(key)), certificate_(std::move(certificate)) {}
  bool slow() const override { return ssh_key_type(key_.get()) == SSH_KEYTYPE_RSA; }
  ssh_key get() const { return key_.get(); }
  // libssh: a probe with a certified private key names the plain type and sends the certificate.
  ssh_key shown() const { return certificate_ ? certificate_.get() : key_.get(); }

 private:
  Owned<ssh_key> key_;
  Owned<ssh_key> certificate_;
};

const LibsshKey& key_of(const PrivateKey& key) { return static_cast<const LibsshKey&>(key); }

std::string to_base64_blob(ssh_key key) {
  char* text = nullptr;
  if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) return {};
  std::string blob = from_base64(text).value_or(std::string());
  ssh_string_free_char(text);
  return blob;
}

// RFC 4254 §8. A fixed, sane set: whatever the terminal of this program is set to must not reach
// the hosts, and without a list sshd keeps its own defaults, which differ between systems.
constexpr auto kTerminalModes = std::to_array<unsigned char>({
    1,   0, 0, 0, 3,    // VINTR ^C
    2,   0, 0, 0, 28,   // VQUIT ^backslash
    3,   0, 0, 0, 127,  // VERASE DEL
    4,   0, 0, 0, 21,   // VKILL ^U
    5,   0, 0, 0, 4,    // VEOF ^D
    8,   0, 0, 0, 17,   // VSTART ^Q
    9,   0, 0, 0, 19,   // VSTOP ^S
    10,  0, 0, 0, 26,   // VSUSP ^Z
    12,  0, 0, 0, 18,   // VREPRINT ^R
    13,  0, 0, 0, 23,   // VWERASE ^W
    14,  0, 0, 0, 22,   // VLNEXT ^V
    36,  0, 0, 0, 1,    // ICRNL
    38,  0, 0, 0, 0,    // IXON off: ^S and ^Q belong to the programs
    42,  0, 0, 0, 1,    // IUTF8
    50,  0, 0, 0, 1,    // ISIG
    51,  0, 0, 0, 1,    // ICANON
    53,  0, 0, 0, 1,    // ECHO
    54,  0, 0, 0, 1,    // ECHOE
    55,  0, 0, 0, 1,    // ECHOK
    59,  0, 0, 0, 1,    // IEXTEN
    60,  0, 0, 0, 1,    // ECHOCTL
    61,  0, 0, 0, 1,    // ECHOKE
    70,  0, 0, 0, 1,    // OPOST
    72,  0, 0, 0, 1,    // ONLCR
    128, 0, 0, 0x96, 0, // TTY_OP_ISPEED 38400
    129, 0, 0, 0x96, 0, // TTY_OP_OSPEED 38400
    0,                  // TTY_OP_END
});

constexpr std::ptrdiff_t kMostAgentChannels = 16;  // of one host at a time

// Fast first, everything libssh trusts kept behind, so that old servers still find a match.
constexpr const char* kKex =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,"
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256";
constexpr const char* kCiphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,"
    "aes192-ctr,aes128-ctr";
constexpr const char* kMacs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";
constexpr const char* kUserKeys =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,"
    "rsa-sha2-256";

// A channel that the host opened to reach the user's agent.
struct AgentChannel {
  Received** into;
  int number;
  ssh_channel channel;  // owned by the transport
  ssh_channel_callbacks_struct callbacks{};
};

class LibsshTransport : public Transport {
 public:
  LibsshTransport() = default;
  ~LibsshTransport() override;
  Status setup(const HostSpec& spec, int socket, const std::string& host_key_algorithms);

  Io handshake() override;
  HostKey host_key() override;
  AuthIo probe_key(const PrivateKey& key) override;
  AuthIo try_key(const PrivateKey& key) override;
  AuthIo try_agent(int agent_socket) override;
  AuthIo try_none() override;
  AuthIo try_password(const Secret& password) override;
  AuthIo try_interactive() override;
  Challenge challenge() override;
  void answer_challenge(const std::vector<Secret>& answers) override;
  AuthIo try_gssapi() override;
  std::string auth_methods() override;
  Io open(const ChannelRequest& request, Received& into) override;
  Io pump(Received& into) override;
  std::size_t write(std::string_view bytes, Received& into) override;
  void end_input(Received& into) override;
  void resize(Size size) override;
  void send_signal(const std::string& name) override;
  void keepalive(Received& into) override;
  std::unique_ptr<Channel> new_channel(const std::string& host, std::uint16_t port,
                                       std::function<void()> stirred) override;
  std::unique_ptr<Channel> new_subsystem(const std::string& name,
                                         std::function<void()> stirred) override;
  std::size_t answer_agent(int channel, std::string_view bytes, Received& into) override;
  void close_agent(int channel, Received& into) override;
  bool wants_write() const override;
  std::uint64_t bytes_in() const override { return counter_.in_bytes; }
  bool greeted() const override { return ssh_get_serverbanner(session_.get()) != nullptr; }
  Error error() const override;
  std::string opening_words() const override;
  ssh_channel open_agent_channel();  // for libssh, when the host wants one

 private:
  Status set(ssh_options_e option, const void* value);
  Status set_algorithms(const HostSpec& spec, const std::string& host_key_algorithms);
  void make_nonblocking() const;
  Io join_event();
  Io open_step(const ChannelRequest& request);
  Io request_pty(const ChannelRequest& request);
  Io request_program(const ChannelRequest& request);
  AuthIo auth_result(int code) const;
  // libssh: when the server hangs up in the middle of a step, the step goes on for ever.
  bool hung_up() const { return ssh_get_fd(session_.get()) == SSH_INVALID_SOCKET; }
  void listen();
  std::size_t write_to(ssh_channel channel, std::string_view bytes, Received& into);
  void offer_agent();

  Owned<ssh_session> session_;
  Owned<ssh_event> event_;
  ssh_channel channel_ = nullptr;  // owned; freed before the session
  ssh_channel_callbacks_struct callbacks_{};
  ssh_counter_struct counter_{};
  int fd_ = -1;  // a duplicate; libssh closes it when the connection breaks, else we do
  bool in_event_ = false;
  bool agent_set_ = false;
  enum class Opening { channel, environment, pty, program, opened } opening_ = Opening::channel;
  std::size_t variable_ = 0;  // the next of the environment to send
  // What came while a channel beside the session's own was written to or opened: libssh reads the
  // socket in there. The next call of those that give a Received takes it along.
  Received stray_;
  Received* into_ = &stray_;  // for the callbacks
  ssh_callbacks_struct session_callbacks_{};
  std::vector<std::unique_ptr<AgentChannel>> agent_channels_;  // by number; null: closed
};

int on_data(ssh_session, ssh_channel, void* data, std::uint32_t length, int is_err, void* into) {
  // libssh stalls a channel for good when less than all is taken.
  (*static_cast<Received**>(into))->append(is_err != 0, {static_cast<const char*>(data), length});
  return static_cast<int>(length);
}

void on_close(ssh_session, ssh_channel, void* into) {
  (*static_cast<Received**>(into))->closed = true;
}

void on_exit_status(ssh_session, ssh_channel, int status, void* into) {
  Received& received = **static_cast<Received**>(into);
  if (!received.exit) received.exit = ExitResult{status, {}};
}

void on_exit_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*,
                    void* into) {
  // libssh: a status of -1 may come with it; the signal is the truth.
  (*static_cast<Received**>(into))->exit =
      ExitResult{std::nullopt, sanitised(signal == nullptr ? "?" : signal, 32)};
}

int on_agent_data(ssh_session, ssh_channel, void* data, std::uint32_t length, int, void* of) {
  const auto& channel = *static_cast<AgentChannel*>(of);
  (*channel.into)->agent.push_back({AgentTraffic::Kind::asked, channel.number,
                                    std::string(static_cast<const char*>(data), length)});
  return static_cast<int>(length);
}

void on_agent_close(ssh_session, ssh_channel, void* of) {
  const auto& channel = *static_cast<AgentChannel*>(of);
  (*channel.into)->agent.push_back({AgentTraffic::Kind::closed, channel.number});
}

// Points the callbacks at `into` for the time of one call, and gives it what came before that.
class Listening {
 public:
  Listening(Received*& place, Received& stray, Received& into) : place_(place), stray_(stray) {
    into.take(stray_);
    place_ = &into;
  }
  ~Listening() { place_ = &stray_; }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  Received*& place_;
  Received& stray_;
};

LibsshTransport::~LibsshTransport() {
  if (!session_) return;
  for (const auto& agent : agent_channels_)
    if (agent) {
      ssh_remove_channel_callbacks(agent->channel, &agent->callbacks);
      ssh_channel_free(agent->channel);
    }
  if (channel_ != nullptr) {
    ssh_remove_channel_callbacks(channel_, &callbacks_);
    ssh_channel_free(channel_);
  }
  if (agent_set_) ssh_set_agent_socket(session_.get(), SSH_INVALID_SOCKET);
  if (in_event_) ssh_event_remove_session(event_.get(), session_.get());
  // libssh closes a descriptor that it was given only when the connection breaks.
  const bool still_open = ssh_get_fd(session_.get()) == fd_;
  ssh_disconnect(session_.get());
  if (still_open && fd_ >= 0) ::close(fd_);
}

Status LibsshTransport::set(ssh_options_e option, const void* value) {
  if (ssh_options_set(session_.get(), option, value) == SSH_OK) return Done{};
  return Error{ErrorKind::config, sanitised(ssh_get_error(session_.get()), 256)};
}

Status LibsshTransport::setup(const HostSpec& spec, int socket, const std::string& host_key_algorithms) {
  session_.reset(ssh_new());
  event_.reset(ssh_event_new());
  if (!session_ || !event_) return Error{ErrorKind::internal, "out of memory"};
  ssh_set_blocking(session_.get(), 0);
  const bool off = false;
  const int silent = SSH_LOG_NOLOG;
  const std::pair<ssh_options_e, const void*> options[] = {
      {SSH_OPTIONS_LOG_VERBOSITY, &silent},
      {SSH_OPTIONS_PROCESS_CONFIG, &off},
      {SSH_OPTIONS_KNOWNHOSTS, "/dev/null"},
      {SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null"},
      // Without a folder given, libssh would look one up for every session.
      {SSH_OPTIONS_SSH_DIR, "/nonexistent"},
      {SSH_OPTIONS_HOST, spec.address.c_str()},
      {SSH_OPTIONS_USER, spec.user.c_str()},
  };
  for (const auto& [option, value] : options)
    if (auto status = set(option, value); !status) return status;
  if (auto status = set_algorithms(spec, host_key_algorithms); !status) return status;
  fd_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (fd_ < 0) return Error{ErrorKind::connect, std::strerror(errno)};
  if (auto status = set(SSH_OPTIONS_FD, &fd_); !status) return status;
  ssh_set_counters(session_.get(), &counter_, nullptr);
  return Done{};
}

Status LibsshTransport::set_algorithms(const HostSpec& spec, const std::string& host_key_algorithms) {
  const std::pair<ssh_options_e, std::string> lists[] = {
      {SSH_OPTIONS_KEY_EXCHANGE, algorithm_list(spec.kex_algorithms, kKex)},
      {SSH_OPTIONS_CIPHERS_C_S, algorithm_list(spec.ciphers, kCiphers)},
      {SSH_OPTIONS_CIPHERS_S_C, algorithm_list(spec.ciphers, kCiphers)},
      {SSH_OPTIONS_HMAC_C_S, algorithm_list(spec.macs, kMacs)},
      {SSH_OPTIONS_HMAC_S_C, algorithm_list(spec.macs, kMacs)},
      {SSH_OPTIONS_HOSTKEYS,
       host_key_algorithms},
      {SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, algorithm_list(spec.pubkey_algorithms, kUserKeys)},
  };
  for (const auto& [option, list] : lists) {
    if (list.empty() || !set(option, list.c_str()))
      return Error{ErrorKind::config, "no supported algorithm in \"" + sanitised(list, 256) + "\""};
  }
  if (spec.compression) return set(SSH_OPTIONS_COMPRESSION, "yes");
  return Done{};
}

// libssh: the first ssh_connect() makes the descriptor blocking.
void LibsshTransport::make_nonblocking() const {
  const int flags = ::fcntl(fd_, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) == 0) ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK);
}

Io LibsshTransport::join_event() {
  // An event of its own per session: libssh walks all sessions of an event on every poll.
  in_event_ = ssh_event_add_session(event_.get(), session_.get()) == SSH_OK;
  return in_event_ ? Io::done : Io::failed;
}

Io LibsshTransport::handshake() {
  const int code = ssh_connect(session_.get());
  if (code == SSH_ERROR) return Io::failed;
  make_nonblocking();
  return code == SSH_AGAIN ? Io::again : join_event();
}

HostKey LibsshTransport::host_key() {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session_.get(), &raw) != SSH_OK) return {};
  const Owned<ssh_key> key(raw);
  std::string blob = to_base64_blob(key.get());
  return {std::string(key_type(blob)), blob};
}

AuthIo LibsshTransport::auth_result(int code) const {
  switch (code) {
    case SSH_AUTH_SUCCESS: return AuthIo::accepted;
    case SSH_AUTH_AGAIN: return hung_up() ? AuthIo::failed : AuthIo::again;
    case SSH_AUTH_DENIED: return hung_up() ? AuthIo::failed : AuthIo::denied;
    case SSH_AUTH_PARTIAL: return AuthIo::partial;
    case SSH_AUTH_INFO: return AuthIo::asks;
    default: break;
  }
  // libssh reports a key it cannot use (too short, a type that is switched off) as an error,
  // though the connection is as good as before.
  return ssh_is_connected(session_.get()) != 0 ? AuthIo::denied : AuthIo::failed;
}

AuthIo LibsshTransport::probe_key(const PrivateKey& key) {
  return auth_result(ssh_userauth_try_publickey(session_.get(), nullptr, key_of(key).shown()));
}

AuthIo LibsshTransport::try_key(const PrivateKey& key) {
  return auth_result(ssh_userauth_publickey(session_.get(), nullptr, key_of(key).get()));
}

AuthIo LibsshTransport::try_agent(int agent_socket) {
  if (!agent_set_) ssh_set_agent_socket(session_.get(), agent_socket);
  agent_set_ = true;
  const AuthIo result = auth_result(ssh_userauth_agent(session_.get(), nullptr));
  if (result == AuthIo::again) return result;
  // The socket is the caller's: libssh must not close it with the session.
  ssh_set_agent_socket(session_.get(), SSH_INVALID_SOCKET);
  agent_set_ = false;
  return result;
}

AuthIo LibsshTransport::try_none() {
  return auth_result(ssh_userauth_none(session_.get(), nullptr));
}

AuthIo LibsshTransport::try_password(const Secret& password) {
  return auth_result(ssh_userauth_password(session_.get(), nullptr, password.c_str()));
}

AuthIo LibsshTransport::try_interactive() {
  return auth_result(ssh_userauth_kbdint(session_.get(), nullptr, nullptr));
}

Challenge LibsshTransport::challenge() {
  const auto text = [](const char* words) { return std::string(words == nullptr ? "" : words); };
  Challenge challenge;
  challenge.name = text(ssh_userauth_kbdint_getname(session_.get()));
  challenge.instruction = text(ssh_userauth_kbdint_getinstruction(session_.get()));
  const int count = ssh_userauth_kbdint_getnprompts(session_.get());
  for (int i = 0; i < count; ++i) {
    char echo = 0;
    const auto index = static_cast<unsigned>(i);
    const char* line = ssh_userauth_kbdint_getprompt(session_.get(), index, &echo);
    challenge.lines.push_back({text(line), echo != 0});
  }
  return challenge;
}

void LibsshTransport::answer_challenge(const std::vector<Secret>& answers) {
  for (std::size_t i = 0; i < answers.size(); ++i)
    ssh_userauth_kbdint_setanswer(session_.get(), static_cast<unsigned>(i), answers[i].c_str());
}

AuthIo LibsshTransport::try_gssapi() { return auth_result(ssh_userauth_gssapi(session_.get())); }

std::string LibsshTransport::auth_methods() {
  const int methods = ssh_userauth_list(session_.get(), nullptr);
  std::string list;
  const auto add = [&](int bit, const char* name) {
    if ((methods & bit) != 0) list += (list.empty() ? "" : ",") + std::string(name);
  };
  add(SSH_AUTH_METHOD_PUBLICKEY, "publickey");
  add(SSH_AUTH_METHOD_PASSWORD, "password");
  add(SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive");
  add(SSH_AUTH_METHOD_HOSTBASED, "hostbased");
  add(SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic");
  return list;
}

void LibsshTransport::listen() {
  callbacks_.userdata = &into_;
  callbacks_.channel_data_function = on_data;
  callbacks_.channel_close_function = on_close;
  callbacks_.channel_exit_status_function = on_exit_status;
  callbacks_.channel_exit_signal_function = on_exit_signal;
  ssh_callbacks_init(&callbacks_);
  ssh_set_channel_callbacks(channel_, &callbacks_);
}

Io LibsshTransport::open(const ChannelRequest& request, Received& into) {
  const Listening listening(into_, stray_, into);
  if (channel_ == nullptr) {
    channel_ = ssh_channel_new(session_.get());
    if (channel_ == nullptr) return Io::failed;
    listen();
    if (request.forward_agent) offer_agent();
  }
  while (true) {
    const Io io = hung_up() ? Io::failed : open_step(request);
    if (io != Io::done || opening_ == Opening::opened) return io;
  }
}

ssh_channel on_agent_wanted(ssh_session, void* transport);

void LibsshTransport::offer_agent() {
  session_callbacks_.userdata = this;
  session_callbacks_.channel_open_request_auth_agent_function = on_agent_wanted;
  ssh_callbacks_init(&session_callbacks_);
  ssh_set_callbacks(session_.get(), &session_callbacks_);
}

// A null answer refuses the channel.
ssh_channel LibsshTransport::open_agent_channel() {
  const auto open = std::count_if(agent_channels_.begin(), agent_channels_.end(),
                                  [](const auto& channel) { return channel != nullptr; });
  if (open >= kMostAgentChannels) return nullptr;
  ssh_channel channel = ssh_channel_new(session_.get());
  if (channel == nullptr) return nullptr;
  const int number = static_cast<int>(agent_channels_.size());
  auto agent = std::make_unique<AgentChannel>(AgentChannel{&into_, number, channel});
  agent->callbacks.userdata = agent.get();
  agent->callbacks.channel_data_function = on_agent_data;
  agent->callbacks.channel_close_function = on_agent_close;
  agent->callbacks.channel_eof_function = on_agent_close;
  ssh_callbacks_init(&agent->callbacks);
  ssh_set_channel_callbacks(channel, &agent->callbacks);
  agent_channels_.push_back(std::move(agent));
  into_->agent.push_back({AgentTraffic::Kind::opened, number});
  return channel;
}

ssh_channel on_agent_wanted(ssh_session, void* transport) {
  return static_cast<LibsshTransport*>(transport)->open_agent_channel();
}

std::size_t LibsshTransport::answer_agent(int channel, std::string_view bytes, Received& into) {
  const auto& agent = agent_channels_[static_cast<std::size_t>(channel)];
  return agent ? write_to(agent->channel, bytes, into) : bytes.size();
}

void LibsshTransport::close_agent(int channel, Received& into) {
  const Listening listening(into_, stray_, into);
  auto& agent = agent_channels_[static_cast<std::size_t>(channel)];
  if (!agent) return;
  ssh_remove_channel_callbacks(agent->channel, &agent->callbacks);
  ssh_channel_close(agent->channel);
  ssh_channel_free(agent->channel);
  agent.reset();
}

Io to_io(int code) {
  return code == SSH_OK ? Io::done : code == SSH_AGAIN ? Io::again : Io::failed;
}

// libssh allows one pending request per session, so they go out one after the other.
Io LibsshTransport::open_step(const ChannelRequest& request) {
  Io io = Io::done;
  switch (opening_) {
    case Opening::channel:
      io = to_io(ssh_channel_open_session(channel_));
      // Without a reply: a server that allows no forwarding does not say so.
      if (io == Io::done && request.forward_agent) ssh_channel_request_auth_agent(channel_);
      if (io == Io::done) opening_ = Opening::environment;
      return io;
    case Opening::environment: {
      if (variable_ >= request.environment.size()) {
        opening_ = request.pty ? Opening::pty : Opening::program;
        return Io::done;
      }
      const auto& [name, value] = request.environment[variable_];
      io = to_io(ssh_channel_request_env(channel_, name.c_str(), value.c_str()));
      if (io == Io::again) return io;
      ++variable_;  // a server that takes no variables (AcceptEnv) is no failure
      return ssh_is_connected(session_.get()) != 0 ? Io::done : Io::failed;
    }
    case Opening::pty:
      io = request_pty(request);
      if (io == Io::done) opening_ = Opening::program;
      return io;
    case Opening::program:
      io = request_program(request);
      if (io == Io::done) opening_ = Opening::opened;
      return io;
    case Opening::opened: break;
  }
  return io;
}

Io LibsshTransport::request_program(const ChannelRequest& request) {
  if (!request.subsystem.empty())
    return to_io(ssh_channel_request_subsystem(channel_, request.subsystem.c_str()));
  return to_io(request.command ? ssh_channel_request_exec(channel_, request.command->c_str())
                               : ssh_channel_request_shell(channel_));
}

Io LibsshTransport::request_pty(const ChannelRequest& request) {
#if LIBSSH_VERSION_INT >= SSH_VERSION_INT(0, 11, 0)
  // libssh: since 0.11 the plain call copies the modes of our own terminal, which is raw.
  return to_io(ssh_channel_request_pty_size_modes(channel_, request.term.c_str(),
                                                  request.size.cols.value, request.size.rows.value,
                                                  kTerminalModes.data(), kTerminalModes.size()));
#else
  static_assert(kTerminalModes.back() == 0);
  return to_io(ssh_channel_request_pty_size(channel_, request.term.c_str(), request.size.cols.value,
                                            request.size.rows.value));
#endif
}

// libssh: ssh_channel_poll() and _read() stop processing packets after EOF and spin; this does not.
Io LibsshTransport::pump(Received& into) {
  const Listening listening(into_, stray_, into);
  const int code = ssh_event_dopoll(event_.get(), 0);
  if (into.closed) return Io::done;
  return code == SSH_ERROR || ssh_is_connected(session_.get()) == 0 ? Io::failed : Io::done;
}

std::size_t LibsshTransport::write_to(ssh_channel channel, std::string_view bytes, Received& into) {
  const Listening listening(into_, stray_, into);
  // libssh takes what the window does not allow and waits for it inside.
  const std::size_t window = ssh_channel_window_size(channel);
  bytes = bytes.substr(0, window);
  if (bytes.empty() || ssh_channel_is_open(channel) == 0) return 0;
  const int wrote =
      ssh_channel_write(channel, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  return wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
}

std::size_t LibsshTransport::write(std::string_view bytes, Received& into) {
  return write_to(channel_, bytes, into);
}

void LibsshTransport::end_input(Received& into) {
  const Listening listening(into_, stray_, into);
  ssh_channel_send_eof(channel_);
}

void LibsshTransport::resize(Size size) {
  ssh_channel_change_pty_size(channel_, size.cols.value, size.rows.value);
}

void LibsshTransport::send_signal(const std::string& name) {
  ssh_channel_request_send_signal(channel_, name.c_str());
}

// libssh: the second call only collects the answer to the first, and both say OK.
void LibsshTransport::keepalive(Received& into) {
  const Listening listening(into_, stray_, into);
  const std::uint64_t before = counter_.out_bytes;
  for (int i = 0; i < 2 && counter_.out_bytes == before; ++i) ssh_send_keepalive(session_.get());
}

// A channel beside the session's own.
class LibsshChannel : public Channel {
 public:
  // How it is opened: to be called again until it is no longer SSH_AGAIN. Then, if any, the program.
  struct Wants {
    std::function<int(ssh_channel)> opened;
    std::string subsystem{};
  };
  LibsshChannel(ssh_session session, Wants wants, std::function<void()> stirred);
  ~LibsshChannel() override;
  Io open() override;
  std::size_t read(char* into, std::size_t most) override;
  bool ended() const override { return ended_ && waiting_ == 0; }
  std::size_t write(std::string_view bytes) override;
  Error error() const override;

 private:
  static int on_data(ssh_session, ssh_channel, void*, std::uint32_t waiting, int is_err, void* self);
  static void on_end(ssh_session, ssh_channel, void* self);
  static int on_window(ssh_session, ssh_channel, std::uint32_t, void* self);

  ssh_session session_;
  ssh_channel channel_;
  ssh_channel_callbacks_struct callbacks_{};
  const Wants wants_;
  std::function<void()> stirred_;
  std::size_t waiting_ = 0;  // bytes that libssh keeps for us
  bool asked_ = false;
  bool ended_ = false;
};

LibsshChannel::LibsshChannel(ssh_session session, Wants wants, std::function<void()> stirred)
    : session_(session),
      channel_(ssh_channel_new(session)),
      wants_(std::move(wants)),
      stirred_(std::move(stirred)) {
  callbacks_.userdata = this;
  callbacks_.channel_data_function = on_data;
  callbacks_.channel_eof_function = on_end;
  callbacks_.channel_close_function = on_end;
  callbacks_.channel_write_wontblock_function = on_window;
  ssh_callbacks_init(&callbacks_);
  if (channel_ != nullptr) ssh_set_channel_callbacks(channel_, &callbacks_);
}

LibsshChannel::~LibsshChannel() {
  if (channel_ == nullptr) return;
  ssh_remove_channel_callbacks(channel_, &callbacks_);
  ssh_channel_free(channel_);
}

// Nothing is taken here: libssh keeps it and closes the window when that becomes too much. It gives
// it out again only to an explicit read. Errors' stream is taken, and dropped: nobody reads it.
int LibsshChannel::on_data(ssh_session, ssh_channel, void*, std::uint32_t waiting, int is_err,
                           void* self) {
  auto& channel = *static_cast<LibsshChannel*>(self);
  if (is_err != 0) return static_cast<int>(waiting);
  channel.waiting_ = waiting;
  channel.stirred_();
  return 0;
}

void LibsshChannel::on_end(ssh_session, ssh_channel, void* self) {
  auto& channel = *static_cast<LibsshChannel*>(self);
  channel.ended_ = true;
  channel.stirred_();
}

int LibsshChannel::on_window(ssh_session, ssh_channel, std::uint32_t, void* self) {
  static_cast<LibsshChannel*>(self)->stirred_();
  return 0;
}

Io LibsshChannel::open() {
  if (channel_ == nullptr) return Io::failed;
  if (ssh_channel_is_open(channel_) == 0) {
    // Each further call polls the socket: only when a refusal has come for whichever channel.
    if (ended_) return Io::failed;
    if (asked_ && ssh_get_error_code(session_) == SSH_NO_ERROR) return Io::again;
    asked_ = true;
    if (const Io io = to_io(wants_.opened(channel_)); io != Io::done) return io;
  }
  if (wants_.subsystem.empty()) return Io::done;
  return to_io(ssh_channel_request_subsystem(channel_, wants_.subsystem.c_str()));
}

std::size_t LibsshChannel::read(char* into, std::size_t most) {
  if (waiting_ == 0) return 0;  // libssh would read the socket
  const auto wanted = static_cast<std::uint32_t>(std::min(most, waiting_));
  const int got = ssh_channel_read_nonblocking(channel_, into, wanted, 0);
  const std::size_t taken = got > 0 ? static_cast<std::size_t>(got) : 0;
  waiting_ = got > 0 ? waiting_ - taken : 0;
  return taken;
}

std::size_t LibsshChannel::write(std::string_view bytes) {
  bytes = bytes.substr(0, ssh_channel_window_size(channel_));
  if (bytes.empty() || ssh_channel_is_open(channel_) == 0) return 0;
  const int wrote = ssh_channel_write(channel_, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  return wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
}

// libssh: "Channel opening failure: channel 43 error (2) Connection refused" (RFC 4254 §5.1).
Error LibsshChannel::error() const {
  const std::string text = sanitised(ssh_get_error(session_), 256);
  if (!wants_.subsystem.empty()) {
    if (ssh_channel_is_open(channel_) != 0)
      return {ErrorKind::channel, "it has no subsystem " + wants_.subsystem};
    return {ErrorKind::connect, "it opens no second session (MaxSessions of its sshd?)"};
  }
  const std::size_t code = text.find(" error (");
  if (code == std::string::npos) return {ErrorKind::connect, text};
  const std::string reason = text.substr(std::min(text.size(), text.find(") ", code)) + 2);
  if (text.compare(code, 10, " error (1)") == 0)
    return {ErrorKind::connect, "it does not allow connections to other hosts (" + reason + ")"};
  return {ErrorKind::connect, reason};
}

std::unique_ptr<Channel> LibsshTransport::new_channel(const std::string& host, std::uint16_t port,
                                                      std::function<void()> stirred) {
  auto opened = [host, port](ssh_channel channel) {
    return ssh_channel_open_forward(channel, host.c_str(), port, "127.0.0.1", 0);
  };
  return std::make_unique<LibsshChannel>(session_.get(), LibsshChannel::Wants{std::move(opened)},
                                         std::move(stirred));
}

std::unique_ptr<Channel> LibsshTransport::new_subsystem(const std::string& name,
                                                        std::function<void()> stirred) {
  return std::make_unique<LibsshChannel>(session_.get(),
                                         LibsshChannel::Wants{ssh_channel_open_session, name},
                                         std::move(stirred));
}

bool LibsshTransport::wants_write() const {
  return (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0;
}

std::string LibsshTransport::opening_words() const {
  switch (opening_) {
    case Opening::channel: return "it opens no session (MaxSessions of its sshd?)";
    case Opening::pty: return "it gives no terminal (PermitTTY of its sshd, or no pty is free)";
    case Opening::program: return "it runs neither shell nor command for this user";
    case Opening::environment:
    case Opening::opened: break;
  }
  return "the session broke while it was opened";
}

Error LibsshTransport::error() const {
  const std::string_view text = ssh_get_error(session_.get());
  // libssh's words for the end of the stream, where errno says nothing.
  if (text == "Socket error: Success" || text == "Socket error: disconnected")
    return {ErrorKind::protocol, "the host closed the connection"};
  return {ErrorKind::protocol, sanitised(text, 512)};
}

}  // namespace

void Received::append(bool err, std::string_view data) {
  bytes.append(data);
  if (!chunks.empty() && chunks.back().err == err)
    chunks.back().length += data.size();
  else
    chunks.push_back({err, data.size()});
}

void Received::take(Received& earlier) {
  std::string_view rest = earlier.bytes;
  for (const Chunk& chunk : earlier.chunks) {
    append(chunk.err, rest.substr(0, chunk.length));
    rest.remove_prefix(chunk.length);
  }
  if (!exit) exit = std::move(earlier.exit);
  closed = closed || earlier.closed;
  std::move(earlier.agent.begin(), earlier.agent.end(), std::back_inserter(agent));
  earlier.clear();
}

void Received::clear() {
  bytes.clear();
  chunks.clear();
  exit.reset();
  closed = false;
  agent.clear();
}

Result<std::unique_ptr<Transport>> make_libssh_transport(const HostSpec& spec, int socket,
                                                         const std::string& host_key_algorithms) {
  auto transport = std::make_unique<LibsshTransport>();
  if (auto status = transport->setup(spec, socket, host_key_algorithms); !status) return status.error();
  return std::unique_ptr<Transport>(std::move(transport));
}

namespace {

// libssh asks the callback exactly when the key is encrypted, which tells it from a broken one.
struct Asked {
  const Secret* passphrase;
  bool encrypted = false;
};

int give_passphrase(const char*, char* buffer, std::size_t length, int, int, void* data) {
  auto& asked = *static_cast<Asked*>(data);
  asked.encrypted = true;
  if (asked.passphrase == nullptr || asked.passphrase->size() + 1 > length) return -1;
  std::memcpy(buffer, asked.passphrase->c_str(), asked.passphrase->size() + 1);
  return 0;
}

// The public half as it lies beside the private one, or in its place.
Owned<ssh_key> public_half(const std::string& path) {
  for (const std::string& file : {path + ".pub", path}) {
    ssh_key raw = nullptr;
    if (::access(file.c_str(), R_OK) == 0 && ssh_pki_import_pubkey_file(file.c_str(), &raw) == SSH_OK)
      return Owned<ssh_key>(raw);
  }
  return {};
}

LoadedKey not_usable(LoadedKey::State state, const std::string& path, std::string problem = {}) {
  LoadedKey key{.state = state, .problem = std::move(problem)};
  if (const auto half = public_half(path)) key.blobs.push_back(to_base64_blob(half.get()));
  return key;
}

Owned<ssh_key> certificate_for(const std::string& key_blob, const std::string& file) {
  ssh_key raw = nullptr;
  if (::access(file.c_str(), R_OK) != 0 || ssh_pki_import_cert_file(file.c_str(), &raw) != SSH_OK)
    return {};
  Owned<ssh_key> certificate(raw);
  return certifies(to_base64_blob(raw), key_blob) ? std::move(certificate) : Owned<ssh_key>();
}

std::vector<Owned<ssh_key>> certificates_for(const std::string& key_blob, const KeySource& source) {
  std::vector<std::string> files = source.certificates;
  const std::string beside = source.path + "-cert.pub";
  if (std::find(files.begin(), files.end(), beside) == files.end()) files.push_back(beside);
  std::vector<Owned<ssh_key>> found;
  for (const std::string& file : files)
    if (auto certificate = certificate_for(key_blob, file)) found.push_back(std::move(certificate));
  return found;
}

LoadedKey usable(Owned<ssh_key> key, const KeySource& source) {
  LoadedKey loaded{.state = LoadedKey::State::usable};
  std::string blob = to_base64_blob(key.get());
  for (auto& certificate : certificates_for(blob, source)) {
    Owned<ssh_key> with(ssh_key_dup(key.get()));
    if (!with || ssh_pki_copy_cert_to_privkey(certificate.get(), with.get()) != SSH_OK) continue;
    loaded.blobs.push_back(to_base64_blob(certificate.get()));
    loaded.forms.push_back(std::make_shared<LibsshKey>(std::move(with), std::move(certificate)));
  }
  loaded.forms.push_back(std::make_shared<LibsshKey>(std::move(key)));
  loaded.blobs.push_back(std::move(blob));
  return loaded;
}

LoadedKey encrypted(const KeySource& source) {
  LoadedKey loaded{.state = LoadedKey::State::encrypted};
  auto half = public_half(source.path);
  if (!half) return loaded;
  std::string blob = to_base64_blob(half.get());
  for (auto& certificate : certificates_for(blob, source)) {
    loaded.blobs.push_back(to_base64_blob(certificate.get()));
    loaded.forms.push_back(std::make_shared<LibsshKey>(std::move(certificate)));
  }
  loaded.forms.push_back(std::make_shared<LibsshKey>(std::move(half)));
  loaded.blobs.push_back(std::move(blob));
  return loaded;
}

}  // namespace

LoadedKey load_private_key(const KeySource& source, const Secret* passphrase) {
  const std::string& path = source.path;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return errno == ENOENT ? not_usable(LoadedKey::State::missing, path)
                           : not_usable(LoadedKey::State::broken, path, std::strerror(errno));
  Asked asked{passphrase};
  ssh_key raw = nullptr;
  const int code = ssh_pki_import_privkey_file(path.c_str(), nullptr, give_passphrase, &asked, &raw);
  if (code == SSH_OK) return usable(Owned<ssh_key>(raw), source);
  if (asked.encrypted) return encrypted(source);
  LoadedKey key = not_usable(LoadedKey::State::broken, path, "not a private key");
  if (::access(path.c_str(), R_OK) != 0) key.problem = std::strerror(errno);
  // ssh_config may name the public half of a key that only an agent holds.
  else if (!key.blobs.empty()) key = {.state = LoadedKey::State::missing, .blobs = key.blobs};
  return key;
}

}  // namespace bdsh::net
