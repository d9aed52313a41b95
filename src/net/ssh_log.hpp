// What ssh(1) tells of its progress and its troubles in its log (LogLevel DEBUG2, OpenSSH 9). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bdsh::net {

class SshLog {
 public:
  enum class Step { none, connected, handshaken, key_accepted, authenticated, opened };

  // What has been reached with this line; `none` for most lines.
  Step hear(std::string_view line);
  // Whether the line is meant for people.
  static bool is_message(std::string_view line);

  // "ssh-ed25519 SHA256:…" of the key that ssh asks about, or empty.
  const std::string& shown_key() const { return shown_key_; }
  bool host_sent_status() const { return host_sent_status_; }
  bool host_sent_signal() const { return host_sent_signal_; }
  // Why ssh ended with 255, from the last thing it said.
  Error reason() const;
  // Closed before the server said anything, as sshd does beyond MaxStartups.
  bool turned_away() const;

 private:
  std::string last_message_;
  std::string shown_key_;
  bool host_sent_status_ = false;
  bool host_sent_signal_ = false;
};

}  // namespace bdsh::net
