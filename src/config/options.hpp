// The command line: a subcommand (commands.hpp), options (option_table.hpp), operands and, behind
// "--", a command for the hosts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/audit_target.hpp"
#include "config/commands.hpp"
#include "config/environment.hpp"
#include "core/error.hpp"
#include "core/host_spec.hpp"
#include "core/key.hpp"

namespace bdsh::config {

// "libssh", "openssh", or "command LINE": a line for the shell with {host}, {user} and {port}.
struct TransportChoice {
  HostSpec::Transport kind = HostSpec::Transport::libssh;
  std::string line;
};
// The error says what is wrong with the text.
Result<TransportChoice> parse_transport(const std::string& text);

// A list of hosts to be written at the end of a run: --save-hosts [WHICH:]FILE.
struct SaveHosts {
  enum class Which { odd, failed, divergent, agree } which = Which::odd;  // odd: failed or divergent
  std::string path;
  friend bool operator==(const SaveHosts&, const SaveHosts&) = default;
};

// What becomes of a run whose terminal is lost (docs/detach.md).
struct OnHangup {
  bool quit = false;
  // Nothing: it goes on for ever. Else it ends once nothing has run on it for so long.
  std::optional<std::chrono::milliseconds> idle = std::chrono::hours(1);
};
// "quit", "stay" or a number of seconds.
Result<OnHangup> parse_on_hangup(const std::string& text);

// When a run begins on no further hosts: more than `most` of them have failed.
struct MaxFail {
  int most = 0;
  bool percent = false;  // of all hosts
};

// --rerun: on hosts of a run that was kept.
struct Rerun {
  SaveHosts::Which which = SaveHosts::Which::failed;
  std::string run;  // empty: the last one
};

// How upload and download treat files.
struct TransferOptions {
  bool recursive = false;
  bool preserve = false;
  bool resume = false;
  bool checksum = false;
  bool fsync = false;
};

struct Options {
  Job job = Job::run;
  Job helped = Job::run;              // the subcommand whose --help is wanted
  // As many as the subcommand takes; of the main job ":NAME" of a template and its arguments.
  std::vector<std::string> operands;

  std::vector<std::string> groups;
  std::vector<std::string> hosts;     // host expressions
  std::vector<std::string> excluded;  // the same, to be left out
  std::vector<std::string> excluded_groups;
  bool all = false;  // every host of the default source

  std::optional<std::string> user;
  std::optional<std::uint16_t> port;
  std::vector<std::string> identities;
  std::optional<std::string> ssh_config;  // -F
  std::vector<std::string> ssh_options;   // -o, "KEY=VALUE"
  std::optional<std::string> jump;        // -J, as ssh(1) writes it
  std::optional<TransportChoice> transport;
  std::optional<HostKeyPolicy> host_key_policy;
  std::optional<std::chrono::milliseconds> connect_timeout;
  std::optional<std::chrono::milliseconds> command_timeout;
  std::optional<int> parallel;
  std::optional<int> jump_parallel;
  std::optional<std::string> password_file;  // a path, or the number of an open descriptor
  std::optional<std::string> askpass;
  std::optional<bool> keyring;
  bool forward_agent = false;
  bool reconnect = false;

  TransferOptions transfer;

  std::optional<std::string> config;
  std::optional<bool> keep;
  std::optional<std::string> output;
  std::vector<SaveHosts> save_hosts;
  std::optional<AuditTarget> audit;
  bool batch = false;
  bool json = false;
  bool tty = false;
  bool names = false;
  bool detached = false;
  bool read_only = false;  // attach
  std::optional<OnHangup> on_hangup;

  std::optional<std::string> script;
  bool dry_run = false;
  bool yes = false;
  std::optional<int> serial;
  std::optional<int> rolling;
  std::optional<MaxFail> max_fail;
  bool fail_fast = false;
  std::optional<Rerun> rerun;
  std::optional<std::chrono::milliseconds> every;
  std::optional<std::string> grep;  // RE2; checked where it is used
  std::optional<SaveHosts::Which> only;
  std::optional<std::size_t> head;
  std::optional<std::size_t> tail;
  bool replay = false;
  std::optional<std::chrono::seconds> cached;      // a kept run no older than this answers
  std::optional<std::chrono::seconds> older_than;  // prune
  std::optional<int> keep_runs;                    // prune
  std::string host_format;                         // export: text, asciicast or svg
  std::string report_format;                       // export: text, markdown, html or json
  std::optional<std::string> theme;
  std::optional<Key> leave_key;
  bool no_masks = false;
  std::optional<std::size_t> scrollback;
  std::optional<std::size_t> buffer;  // bytes

  std::vector<std::string> words;      // behind "--"
  std::optional<std::string> command;  // everything after "--", joined with blanks as ssh(1) does
};

// `arguments` are those behind the program's name. An option that is not given is taken from its
// variable ($BDSH_PORT …). Errors: ErrorKind::usage, one line that names the option or variable.
Result<Options> parse_options(const std::vector<std::string>& arguments,
                              const Environment& environment);

// "ctrl-]", "C-a", "^]": a control key as it is written in options and configurations.
Result<Key> parse_leave_key(const std::string& text);

}  // namespace bdsh::config
