// One SSH connection with one session channel on it, and others beside that, as a seam: the session
// drives it, libssh or a test's script is behind it. Nothing here waits: `again` means call once more
// when the descriptor is readable (or writable, while wants_write()).
//
// Ownership: works on its own duplicate of the connected socket. One thread at a time; which one
// does not matter (a signature by an agent is made on a worker).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/geometry.hpp"
#include "core/host_spec.hpp"
#include "core/host_status.hpp"
#include "core/secret.hpp"
#include "net/channel.hpp"
#include "net/interview.hpp"
#include "net/known_hosts.hpp"

namespace bdsh::net {

// A private key, loaded once and shared by all hosts; what it is only the transport knows.
class PrivateKey {
 public:
  virtual ~PrivateKey() = default;
  // Whether a signature takes long enough (RSA: 12 ms) to be made off the loop.
  virtual bool slow() const = 0;
};
using PrivateKeyPtr = std::shared_ptr<const PrivateKey>;

struct LoadedKey {
  enum class State { usable, encrypted, missing, broken };  // encrypted: also a wrong passphrase
  State state = State::missing;
  // With each of its certificates in turn, and by itself at the end. Encrypted: what of that is
  // public, to be probed.
  std::vector<PrivateKeyPtr> forms{};
  // The public halves of those, in the same order and in wire form; of a key that is not usable, of
  // what lies beside it.
  std::vector<std::string> blobs{};
  std::string problem{};
};

// A private key's file and the certificates that may belong to it.
struct KeySource {
  std::string path;
  std::vector<std::string> certificates{};  // files, before `path`-cert.pub
  friend auto operator<=>(const KeySource&, const KeySource&) = default;
};

enum class AuthIo {
  accepted,
  again,
  denied,
  failed,   // the connection is broken
  partial,  // accepted, and the server wants another method
  asks,     // challenge() is to be answered
};

struct ChannelRequest {
  std::optional<std::string> command;  // nothing: a login shell
  std::string subsystem;               // in place of both; empty: none (RFC 4254 §6.5)
  bool pty = true;
  std::string term;
  Size size;
  std::vector<std::pair<std::string, std::string>> environment;
  bool forward_agent = false;
};

// A program on the host uses the forwarded agent, on a channel of its own.
struct AgentTraffic {
  enum class Kind { opened, asked, closed };
  Kind kind;
  int channel;  // a number of the transport's
  std::string bytes{};
};

// What came in during one call, in order. The driver empties it after each call.
struct Received {
  struct Chunk {
    bool err;
    std::size_t length;
  };
  std::string bytes;
  std::vector<Chunk> chunks;
  std::optional<ExitResult> exit;
  bool closed = false;
  std::vector<AgentTraffic> agent;

  void append(bool err, std::string_view data);
  void take(Received& earlier);  // all of it, as what came before; leaves it empty
  void clear();
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual Io handshake() = 0;  // banners, key exchange
  virtual HostKey host_key() = 0;
  // The same arguments again until the answer is not `again`. `probe`: would the key do?
  virtual AuthIo probe_key(const PrivateKey& key) = 0;
  virtual AuthIo try_key(const PrivateKey& key) = 0;
  // Blocks while the agent behind `agent_socket` (owned by the caller) thinks: off the loop only.
  virtual AuthIo try_agent(int agent_socket) = 0;
  virtual AuthIo try_none() = 0;
  virtual AuthIo try_password(const Secret& password) = 0;
  // keyboard-interactive: after `asks` come challenge(), answer_challenge() and the same call again.
  virtual AuthIo try_interactive() = 0;
  virtual Challenge challenge() = 0;
  virtual void answer_challenge(const std::vector<Secret>& answers) = 0;
  // May wait for a ticket of the KDC: off the loop only.
  virtual AuthIo try_gssapi() = 0;
  virtual std::string auth_methods() = 0;  // what the server takes, after a denial

  virtual Io open(const ChannelRequest& request, Received& into) = 0;
  // Processes what has arrived: one read of the socket. `done` means nothing was wrong.
  virtual Io pump(Received& into) = 0;
  // How much was taken: 0 while the window is closed or keys are renewed.
  virtual std::size_t write(std::string_view bytes, Received& into) = 0;
  virtual void end_input(Received& into) = 0;
  virtual void resize(Size size) = 0;
  virtual void send_signal(const std::string& name) = 0;  // "INT"; for a session without a pty
  virtual void keepalive(Received& into) = 0;  // reads the socket, too
  // How much of an agent's answer was taken; see write().
  virtual std::size_t answer_agent(int channel, std::string_view bytes, Received& into) = 0;
  virtual void close_agent(int channel, Received& into) = 0;

  // On a connection to a jump host: a connection from there. `stirred` is called during pump() when
  // something of the channel has changed; it must not call the transport.
  virtual std::unique_ptr<Channel> new_channel(const std::string& host, std::uint16_t port,
                                               std::function<void()> stirred) = 0;
  // Beside the session's own program: another one, as "sftp". The same rules.
  virtual std::unique_ptr<Channel> new_subsystem(const std::string& name,
                                                 std::function<void()> stirred) = 0;

  virtual bool wants_write() const = 0;        // bytes wait for the socket
  virtual std::uint64_t bytes_in() const = 0;  // ever, on the wire
  virtual bool greeted() const = 0;            // the server's version line has come
  virtual Error error() const = 0;             // after `failed`
  virtual std::string opening_words() const = 0;  // after open() failed: at what, for a user
};

// Takes a duplicate of `socket`. `host_key_algorithms`: what to ask for, in order of preference.
using TransportFactory = std::function<Result<std::unique_ptr<Transport>>(
    const HostSpec& spec, int socket, const std::string& host_key_algorithms)>;
using KeyLoader = std::function<LoadedKey(const KeySource& source, const Secret* passphrase)>;

Result<std::unique_ptr<Transport>> make_libssh_transport(const HostSpec& spec, int socket,
                                                         const std::string& host_key_algorithms);
// Blocks: reads the files; an encrypted key takes a fifth of a second to open.
LoadedKey load_private_key(const KeySource& source, const Secret* passphrase);

}  // namespace bdsh::net
