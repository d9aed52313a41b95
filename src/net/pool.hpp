// Sessions on many hosts over SSH, on one Asio loop. Knows bytes and statuses, no screens.
//
// Threading: every call and every sink call is on the loop's thread. Nothing here blocks it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/geometry.hpp"
#include "core/host_spec.hpp"
#include "core/host_status.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "net/launch.hpp"
#include "net/login.hpp"

namespace boost::asio {
class io_context;
}

namespace bdsh::net {

struct Backend;     // net/backend.hpp
class SecretStore;  // net/secret_store.hpp

enum class Stream { out, err };  // err only without a PTY

// Where sessions report. Owned by app; outlives the pool.
class Sink {
 public:
  virtual ~Sink() = default;
  // Bytes as they came, in order. Called before the status that follows them.
  virtual void on_bytes(HostId host, Stream stream, std::string_view bytes) = 0;
  virtual void on_status(HostId host, const HostStatus& status) = 0;
  // For the event log: connects, retries, host keys. `text` is sanitised. No host: of the run, as
  // what happens to a jump host; the hosts behind it then fail with ErrorKind::jump.
  virtual void on_event(std::optional<HostId> host, const std::string& text) = 0;
  // Once the host has shown its key, and again when it has let us in. Not of sessions that another
  // program opens (ssh, a command): what they know stays with them.
  virtual void on_login(HostId, const Login&) {}
};

struct PoolOptions {
  int parallel = 64;                   // connections in progress; live sessions are not bounded
  int jump_parallel = 32;              // of them, through one connection to a jump host
  std::optional<std::string> command;  // nothing: a login shell
  std::vector<std::string> commands;   // of each host, in place of `command`; empty: the same for all
  bool login_only = false;             // a host that has let us in is done: nothing is opened there
  std::string subsystem;               // "sftp": in place of shell or command, and without a PTY
  bool pty = true;
  Size size{Rows{24}, Cols{80}};
  std::string term = "xterm-256color";
  std::size_t write_queue_bytes = 1U << 20U;  // per host; beyond it: not draining
  std::optional<std::string> command_of(HostId host) const {
    return commands.empty() ? command : std::optional(commands[host.value]);
  }
  bool name_keys = false;  // Sink::on_login is to name the key also where an agent holds several
  // The user's keyring: asked before the user is; may be null.
  std::shared_ptr<SecretStore> secrets;
  std::string mute;  // why the user cannot be asked anything ("no terminal"); empty: can
  bool runs_something() const { return command.has_value() || !subsystem.empty(); }
};

// Raises the soft limit of open files so that sessions on `hosts` fit. To be called before a run; the
// error says what to do when the hard limit is too low.
// `more`: descriptors that the caller opens itself.
Status raise_descriptor_limit(const std::vector<HostSpec>& hosts, std::size_t more = 0);

class Pool {
 public:
  // `hosts[i]` is HostId{i}. `loop` and `sink` outlive the pool.
  Pool(boost::asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options, Sink& sink);
  // For tests: other than the system's resolver, libssh and the disk.
  Pool(boost::asio::io_context& loop, std::vector<HostSpec> hosts, PoolOptions options, Sink& sink,
       Backend backend);
  ~Pool();

  void start();                 // all hosts, paced
  void start(HostId host);      // reconnect or run again; no-op while it is live or connecting

  // Enqueues and never waits; false when the host is not live or its queue is over the bound
  // (then nothing of `bytes` was taken).
  bool write(HostId host, std::string_view bytes);
  void interrupt(HostId host);  // ^C ahead of what is queued
  void end_input(HostId host);  // EOF to the remote program, after what is queued
  void resize(Size size);       // all hosts, now and later ones
  void resize(HostId host, Size size);
  // Stops and resumes reading from a host (its window fills; nothing is lost).
  void hold(HostId host, bool held);
  // The answer to HostStatus::asking of these hosts. A passphrase serves every host that asks for
  // the same key. `later`: also for hosts that will ask the same, as long as it proves right. An
  // empty optional: refused by the user.
  void answer(const HostSet& hosts, std::optional<Secret> answer, bool later = false);
  // For every question for a password, before the user is asked. To be called before start().
  void preset_password(Secret password);

  // Connections in progress at a time, from now on.
  void set_parallel(int parallel);
  int parallel() const;

  std::size_t queued_bytes(HostId host) const;
  // Another program beside the host's own, on the same connection: a socket whose other end is the
  // subsystem ("sftp"), once the host has opened it. Closing it ends the program; it ends with the
  // session. ErrorKind::channel: the host has none; else a connection of its own may do, as for hosts
  // that are not live and sessions that another program opens.
  void open_subsystem(HostId host, const std::string& name,
                      std::function<void(Result<Fd> stream)> opened);
  // All sessions are closed at once, without waiting for their hosts; `done` is posted to the loop
  // after that, well within `grace`.
  void stop(std::chrono::milliseconds grace, std::function<void()> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::net
