// Everything the program needs to know before it starts, merged from the command line, the
// environment, the YAML configuration and ssh_config (docs/configuration.md has the precedence).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/options.hpp"
#include "config/yaml_file.hpp"
#include "core/cell.hpp"
#include "core/error.hpp"
#include "core/host_spec.hpp"
#include "core/ids.hpp"
#include "core/key.hpp"

namespace bdsh::config {

// For the event log; `host` is the name of a host of the run, or empty.
struct Note {
  std::string host;
  std::string text;
  friend bool operator==(const Note&, const Note&) = default;
};

struct GroupInfo {
  std::string name;
  bool confirm = false;  // ask before broadcasting to it
  Color color{};         // of its hosts' names
};

// A host that is in the run and cannot be connected to, with the reason.
struct UnusableHost {
  HostId host;
  Error error;  // "web03: ProxyJump is not supported yet (…)"
};

// A group as `bdsh-tui list` shows it.
struct ListedGroup {
  std::string source;  // empty: the configuration
  std::string name;
  bool needs_source = false;       // it has to be named as "SOURCE:NAME"
  std::vector<std::string> hosts;  // their names
  bool confirm = false;
  std::optional<Error> error;  // why the hosts are not known
};

struct Settings {
  Job job = Job::run;
  std::string text;                   // help, version: to be printed
  std::vector<std::string> operands;  // of a subcommand

  std::vector<ListedGroup> listed;    // list, when no hosts are chosen

  // hosts[i] is HostId{i}; names are unique; never empty for jobs that connect.
  std::vector<HostSpec> hosts;
  std::vector<UnusableHost> unusable;  // do not start these; show them as failed
  std::vector<GroupInfo> groups;       // those that hosts[].group names
  std::vector<Note> notes;
  std::string run_name;                // group names or folded hosts; at most 40 characters
  std::optional<std::string> command;  // nothing: login shells; a template or script by its name
  std::vector<std::string> commands;   // what each host gets, when it is not `command`
  bool script = false;                 // they are a local script
  bool confirm = false;                // ask before the command runs

  bool dry_run = false;
  std::optional<int> serial;   // so many hosts, then the next so many
  std::optional<int> rolling;  // so many hosts at a time
  std::optional<MaxFail> max_fail;
  bool fail_fast = false;
  std::optional<Rerun> rerun;
  std::optional<std::chrono::milliseconds> every;
  std::optional<std::string> grep;
  std::optional<SaveHosts::Which> only;
  std::optional<std::size_t> head;
  std::optional<std::size_t> tail;

  int parallel = 64;
  int jump_parallel = 32;
  std::optional<std::string> password_file;  // a path, or the number of an open descriptor
  std::string askpass;                       // a program; empty: not chosen
  bool keyring = false;
  bool reconnect = false;
  bool keep = false;
  std::optional<std::string> output;  // -O
  std::vector<SaveHosts> save_hosts;
  AuditTarget audit;
  TransferOptions transfer;
  bool batch = false;
  bool json = false;
  bool tty = false;
  bool names = false;
  bool detached = false;   // no terminal to begin with
  bool read_only = false;  // attach
  OnHangup on_hangup;
  bool replay = false;  // watch: with the run's own timing
  std::optional<std::chrono::seconds> cached;      // a kept run no older than this answers
  std::optional<std::chrono::seconds> older_than;  // prune
  std::optional<int> keep_runs;                    // prune
  std::string host_format;                         // export: text, asciicast or svg
  std::string report_format;                       // export: text, markdown, html or json
  std::string theme = "default";  // a name, or a file when it holds a '/'
  Key leave_key = Key::ctrl(']');
  std::vector<std::string> copy_command;  // gets copied text on its standard input; empty: none
  bool host_clipboard = false;            // the focused host may write the clipboard
  bool masks = true;
  std::vector<MaskSetting> mask_settings;
  std::size_t scrollback = 10'000;
  std::size_t buffer = 4U << 20U;  // bytes of each host's scrollback

  bool confirms(const HostSpec& host) const;  // its group asks before broadcasting
  Color color_of(const HostSpec& host) const;  // its group's
};

// What a run takes from an earlier one (--rerun).
struct Again {
  std::vector<std::string> hosts;      // host expressions
  std::optional<std::string> command;  // used when none is given now
  // What each host got, by the expressions above, when that was not `command`.
  std::map<std::string, std::string> commands{};
  bool script = false;  // they are a local script
  std::string missing;  // why that cannot be known, when it cannot
};

// `arguments` are those behind the program's name. With --rerun and without `again` the hosts are left
// out: load() is to be called again once they are known. Reads the configuration files and looks at the
// key files it is told of; does not depend on the current directory unless a path given by the user
// does. Errors are of ErrorKind::usage or config, one line each: exit code 2.
Result<Settings> load(const std::vector<std::string>& arguments, const Environment& environment,
                      const std::string& version, const std::optional<Again>& again = {});

}  // namespace bdsh::config
