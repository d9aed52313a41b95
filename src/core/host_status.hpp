// Where one host stands, as a value that every layer above the network reads.
#pragma once

#include <optional>
#include <string>

#include "core/error.hpp"

namespace bdsh {

// The states of the host list. Each has a glyph and an ASCII twin in the theme of the front end.
enum class HostState {
  queued,        // not started: waits for its turn (pacing)
  connecting,    // resolving … shell or command requested
  running,       // the command or the shell is live
  waiting,       // its program, or the connection itself (Asking), waits for the user
  done,          // the command ended (exit status 0), or the shell is at a prompt
  failed,        // could not be entered, or the command ended with another status or a signal
  disconnected,  // was live, then lost
};

// The step of connecting, for progress and for errors.
enum class ConnectStep { none, resolve, connect, handshake, host_key, auth, channel, live };

enum class HostKeyVerdict { known, unknown, changed, revoked };

// A question that only the user can answer. Part of the status: `Asking{prompt}`.
struct Prompt {
  enum class Kind {
    host_key,    // unknown key; answer "yes" or "no"
    passphrase,  // of an encrypted private key; the same `subject` is asked once for all hosts
    password,
    challenge,  // keyboard-interactive, one line
  };
  Kind kind = Kind::host_key;
  std::string subject;  // host_key: "ssh-ed25519 SHA256:…"; passphrase: the key's path; else user
  std::string text;     // what to show, in this program's words
  std::string says;     // challenge: the host's own words, not to be trusted: sanitised lines
  bool echo = false;    // whether the answer may be shown while it is typed
  bool shared = true;   // one answer may serve all hosts that ask the same; else each has its own
  friend bool operator==(const Prompt&, const Prompt&) = default;
};

// How a remote program ended (RFC 4254 §6.10): a status or a signal name ("KILL"), or neither when
// the server did not say.
struct ExitResult {
  std::optional<int> status;
  std::string signal;
  bool success() const { return status == 0 && signal.empty(); }
  friend bool operator==(const ExitResult&, const ExitResult&) = default;
};

struct HostStatus {
  HostState state = HostState::queued;
  ConnectStep step = ConnectStep::none;
  std::optional<ExitResult> exit;  // set once the remote program has ended
  std::optional<Error> error;      // why it failed or was disconnected
  std::optional<Prompt> asking;    // set while the connection waits for an answer
  bool forwards_agent = false;     // programs on the host can use the user's SSH agent
  bool live() const { return step == ConnectStep::live && !ended(); }
  bool ended() const { return exit.has_value() || error.has_value(); }
  friend bool operator==(const HostStatus&, const HostStatus&) = default;
};

const char* to_string(HostState state);   // "queued", "connecting", …; the words of meta.yaml
const char* to_string(ConnectStep step);  // "resolve", "connect", …
// "exit 3", "signal KILL", "refused", …: the short reason shown beside a host, or empty.
std::string short_reason(const HostStatus& status);

}  // namespace bdsh
