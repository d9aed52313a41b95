#include "config/option_table.hpp"

#include <algorithm>

#include "config/jumps.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

Status expects(const std::string& value, const std::string& what) {
  return usage("'" + value + "' is not " + what);
}

template <typename T>
Status set_number(std::optional<T>& into, const std::string& value, std::int64_t least,
                  std::int64_t most) {
  const auto number = parse_number(value, least, most);
  if (!number)
    return expects(value, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  into = static_cast<T>(*number);
  return Done{};
}

Status set_seconds(std::optional<std::chrono::milliseconds>& into, const std::string& value) {
  into = parse_seconds(value);
  return into ? Status(Done{}) : expects(value, "a number of seconds");
}

template <typename T>
Status set_text(T& into, const std::string& value, const char* what) {
  if (value.empty()) return usage(std::string("the ") + what + " is empty");
  into = value;
  return Done{};
}

Status set_flag(bool& into, const std::string& value) {
  const std::string word = lower(value);
  into = word == "true" || word == "yes" || word == "on" || word == "1";
  const bool off = word == "false" || word == "no" || word == "off" || word == "0";
  return into || off ? Status(Done{}) : expects(value, "yes or no");
}

Status set_policy(Options& into, const std::string& value) {
  const std::string word = lower(value);
  if (word == "yes")
    into.host_key_policy = HostKeyPolicy::strict;
  else if (word == "no" || word == "off")
    into.host_key_policy = HostKeyPolicy::off;
  else if (word == "accept-new")
    into.host_key_policy = HostKeyPolicy::accept_new;
  else if (word == "ask")
    into.host_key_policy = HostKeyPolicy::ask;
  else
    return expects(value, "one of yes, no, accept-new, ask");
  return Done{};
}

Status set_user(Options& into, const std::string& value) {
  if (value.empty() || value[0] == '-' || value.find_first_of("'`\";&<>|(){}$@ \t\n") != value.npos)
    return expects(value, "a user's name");
  into.user = value;
  return Done{};
}

Status set_transport(Options& into, const std::string& value) {
  auto choice = parse_transport(value);
  if (!choice) return usage(choice.error().message);
  into.transport = std::move(*choice);
  return Done{};
}

Status set_audit(Options& into, const std::string& value) {
  auto target = parse_audit(value);
  if (!target) return usage(target.error().message);
  into.audit = std::move(*target);
  return Done{};
}

Status set_leave_key(Options& into, const std::string& value) {
  const auto key = parse_leave_key(value);
  if (!key) return key.error();
  into.leave_key = *key;
  return Done{};
}

Status append(std::vector<std::string>& into, const std::string& value, const char* what) {
  if (value.empty()) return usage(std::string("the ") + what + " is empty");
  into.push_back(value);
  return Done{};
}

// A path that begins with one of the words is written as ./failed:…
Status add_save_hosts(Options& into, const std::string& value) {
  using Which = SaveHosts::Which;
  static constexpr std::pair<std::string_view, Which> kWhich[] = {
      {"failed:", Which::failed}, {"divergent:", Which::divergent}, {"agree:", Which::agree}};
  SaveHosts save{Which::odd, value};
  for (const auto& [word, which] : kWhich)
    if (value.starts_with(word)) save = {which, value.substr(word.size())};
  if (save.path.empty() || save.path.back() == '/') return expects(value, "a file's path");
  into.save_hosts.push_back(std::move(save));
  return Done{};
}

// "3", or "10%".
Status set_max_fail(Options& into, const std::string& value) {
  const bool percent = value.ends_with('%');
  const auto number = parse_number(value.substr(0, value.size() - (percent ? 1 : 0)), 0,
                                   percent ? 100 : 100'000);
  if (!number) return expects(value, "a number of hosts, or a part of them such as 10%");
  into.max_fail = MaxFail{static_cast<int>(*number), percent};
  return Done{};
}

Status set_rerun(Options& into, const std::string& value) {
  const std::size_t colon = std::min(value.size(), value.find(':'));
  const std::string which = value.substr(0, colon);
  Rerun rerun;
  if (which == "failed")
    rerun.which = SaveHosts::Which::failed;
  else if (which == "divergent")
    rerun.which = SaveHosts::Which::divergent;
  else
    return expects(value, "failed or divergent, with :DIR behind it or not");
  if (colon < value.size()) rerun.run = value.substr(colon + 1);
  into.rerun = std::move(rerun);
  return Done{};
}

Status set_only(Options& into, const std::string& value) {
  if (value == "failed")
    into.only = SaveHosts::Which::failed;
  else if (value == "divergent")
    into.only = SaveHosts::Which::divergent;
  else
    return expects(value, "one of failed, divergent");
  return Done{};
}

Status set_every(Options& into, const std::string& value) {
  const bool unit = value.ends_with('s');
  if (const auto ok = set_seconds(into.every, value.substr(0, value.size() - (unit ? 1 : 0))); !ok)
    return ok;
  constexpr std::chrono::milliseconds kShortest{100};
  return *into.every >= kShortest ? Status(Done{}) : expects(value, "at least 0.1 seconds");
}

// "90s", "10m", "2h", "30d", "4w"; a bare number counts seconds.
Status set_age(std::optional<std::chrono::seconds>& into, const std::string& value) {
  static constexpr std::pair<char, int> kUnits[] = {
      {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}};
  std::string digits = value;
  int unit = 1;
  for (const auto& [letter, seconds] : kUnits)
    if (value.size() > 1 && value.back() == letter) {
      unit = seconds;
      digits.pop_back();
    }
  std::optional<int> count;
  if (const auto ok = set_number(count, digits, 0, 1'000'000); !ok || !count)
    return expects(value, "a time like 10m, 2h or 30d");
  into = std::chrono::seconds(static_cast<std::int64_t>(*count) * unit);
  return Done{};
}

Status set_format(Options& o, const std::string& value, const char* format) {
  bool wanted = false;
  if (const auto ok = set_flag(wanted, value); !ok || !wanted) return ok;
  if (!o.host_format.empty() && o.host_format != format)
    return usage("only one of --text, --asciicast and --svg");
  o.host_format = format;
  return Done{};
}

Status set_report(Options& o, const std::string& value) {
  for (const char* known : {"text", "markdown", "html", "json"})
    if (value == known) o.report_format = value;
  return o.report_format == value ? Status(Done{}) : expects(value, "text, markdown, html or json");
}

Status set_keep(Options& o, const std::string& v) {
  bool keep = false;
  if (const auto ok = set_flag(keep, v); !ok) return ok;
  o.keep = keep;
  return Done{};
}

Status set_buffer(Options& o, const std::string& v) {
  const auto bytes = parse_bytes(v);
  if (!bytes) return expects(v, "a size such as 65536 or 4M");
  o.buffer = static_cast<std::size_t>(*bytes);
  return Done{};
}

Status set_keyring(Options& o, const std::string& v) {
  bool keyring = false;
  if (const auto ok = set_flag(keyring, v); !ok) return ok;
  o.keyring = keyring;
  return Done{};
}

// Families of subcommands that take the same options.
constexpr Jobs kAll = ~Jobs{0};
constexpr Jobs kRun = only(Job::run);
constexpr Jobs kTransfers = only(Job::upload, Job::download);
constexpr Jobs kConnects = only(Job::run, Job::ping) | kTransfers;
constexpr Jobs kChooses = kConnects | only(Job::list);
constexpr Jobs kLogs = only(Job::run) | kTransfers;
constexpr Jobs kReports = only(Job::run, Job::watch) | kTransfers;
constexpr Jobs kCompares = only(Job::runs, Job::show, Job::diff, Job::export_);
constexpr Jobs kShows = only(Job::run, Job::watch);

using O = Options&;
using V = const std::string&;

constexpr OptionRow kRows[] = {
    {Section::hosts, kChooses, "-g,--group", "GROUP", Takes::many,
     "the hosts of a group, or of SOURCE:GROUP; repeatable", "BDSH_GROUP",
     [](O o, V v) { return append(o.groups, v, "group"); }},
    {Section::hosts, kChooses, "-H,-w,--hosts", "LIST", Takes::many,
     "hosts: web[01-20],user@c:2222, @FILE, - (stdin); also -w", "BDSH_HOSTS",
     [](O o, V v) { return append(o.hosts, v, "list of hosts"); }},
    {Section::hosts, kChooses, "-a,--all", nullptr, Takes::nothing,
     "every host of the default source of groups", "BDSH_ALL",
     [](O o, V v) { return set_flag(o.all, v); }},
    {Section::hosts, kChooses, "-x,--exclude", "LIST", Takes::many,
     "leave these hosts out; wildcards match names and addresses", "BDSH_EXCLUDE",
     [](O o, V v) { return append(o.excluded, v, "list of hosts"); }},
    {Section::hosts, kChooses, "-X,--exclude-group", "GROUP", Takes::many,
     "leave the hosts of a group out; repeatable", "BDSH_EXCLUDE_GROUP",
     [](O o, V v) { return append(o.excluded_groups, v, "group"); }},

    {Section::connection, kChooses, "-l,--login,--user", "USER", Takes::one, "log in as USER",
     "BDSH_LOGIN", set_user},
    {Section::connection, kChooses, "-p,--port", "PORT", Takes::one, "connect to PORT",
     "BDSH_PORT", [](O o, V v) { return set_number(o.port, v, 1, 65535); }},
    {Section::connection, kChooses, "-i,--identity", "KEY", Takes::many,
     "try this private key first; repeatable", "BDSH_IDENTITY",
     [](O o, V v) { return append(o.identities, v, "key's path"); }},
    {Section::connection, kChooses, "-F,--ssh-config", "FILE", Takes::one,
     "read FILE in place of ~/.ssh/config and /etc/ssh/ssh_config", "BDSH_SSH_CONFIG",
     [](O o, V v) { return set_text(o.ssh_config, v, "path"); }},
    {Section::connection, kChooses, "-o,--ssh-option", "KEY=VALUE", Takes::many,
     "an ssh_config line, as ssh's -o; repeatable", "BDSH_SSH_OPTION",
     [](O o, V v) { return append(o.ssh_options, v, "option"); }},
    {Section::connection, kChooses, "-J,--jump", "HOSTS", Takes::one,
     "go through these jump hosts: [user@]host[:port],…, or none", "BDSH_JUMP",
     [](O o, V v) {
       const auto jumps = parse_jumps(v);
       return jumps ? set_text(o.jump, v, "list of hosts") : usage(jumps.error().message);
     }},
    {Section::connection, kChooses, "--transport", "KIND", Takes::one,
     "libssh (default), openssh, or 'command LINE' with {host}", "BDSH_TRANSPORT", set_transport},
    {Section::connection, kConnects, "--strict-host-key-checking", "POLICY", Takes::one,
     "unknown host keys: yes (refuse), no, accept-new (default), ask",
     "BDSH_STRICT_HOST_KEY_CHECKING", set_policy},
    {Section::connection, kConnects, "--parallel", "N", Takes::one,
     "connect to at most N hosts at a time (default 64)", "BDSH_PARALLEL",
     [](O o, V v) { return set_number(o.parallel, v, 1, 100'000); }},
    {Section::connection, kConnects, "--jump-parallel", "N", Takes::one,
     "of them at most N through one jump host (default 32)", "BDSH_JUMP_PARALLEL",
     [](O o, V v) { return set_number(o.jump_parallel, v, 1, 100'000); }},
    {Section::connection, kConnects, "-A,--forward-agent", nullptr, Takes::nothing,
     "let programs on the hosts use your SSH agent (root there can too)", "BDSH_FORWARD_AGENT",
     [](O o, V v) { return set_flag(o.forward_agent, v); }},
    {Section::connection, kConnects, "--password-file", "FD|FILE", Takes::one,
     "the password is its first line; FILE closed to others (chmod 600)", "BDSH_PASSWORD_FILE",
     [](O o, V v) { return set_text(o.password_file, v, "path"); }},
    {Section::connection, kConnects, "--keyring", nullptr, Takes::nothing,
     "passwords and passphrases come from, and go to, your keyring", "BDSH_KEYRING",
     set_keyring},
    {Section::connection, kConnects, "--askpass", "PROGRAM", Takes::one,
     "hosts' questions go to PROGRAM, as ssh's to $SSH_ASKPASS", "BDSH_ASKPASS",
     [](O o, V v) { return set_text(o.askpass, v, "path"); }},
    {Section::connection, kConnects, "--reconnect", nullptr, Takes::nothing,
     "connect to lost shells again, with growing pauses", "BDSH_RECONNECT",
     [](O o, V v) { return set_flag(o.reconnect, v); }},
    {Section::connection, kConnects, "--connect-timeout", "SECONDS", Takes::one,
     "give up connecting after this long (default 10)", "BDSH_CONNECT_TIMEOUT",
     [](O o, V v) { return set_seconds(o.connect_timeout, v); }},
    {Section::connection, kConnects, "--timeout", "SECONDS", Takes::one,
     "end a command after this long (default: never)", "BDSH_TIMEOUT",
     [](O o, V v) { return set_seconds(o.command_timeout, v); }},

    {Section::run, kTransfers, "-r,--recursive", nullptr, Takes::nothing,
     "take directories along with all that is in them", "BDSH_RECURSIVE",
     [](O o, V v) { return set_flag(o.transfer.recursive, v); }},
    {Section::run, kTransfers, "--preserve", nullptr, Takes::nothing,
     "modes and times are the source's", "BDSH_PRESERVE",
     [](O o, V v) { return set_flag(o.transfer.preserve, v); }},
    {Section::run, kTransfers, "--resume", nullptr, Takes::nothing,
     "go on with files that an earlier transfer left unfinished", "BDSH_RESUME",
     [](O o, V v) { return set_flag(o.transfer.resume, v); }},
    {Section::run, kTransfers, "--checksum", nullptr, Takes::nothing,
     "read each file back and compare it before it gets its name", "BDSH_CHECKSUM",
     [](O o, V v) { return set_flag(o.transfer.checksum, v); }},
    {Section::run, only(Job::upload), "--fsync", nullptr, Takes::nothing,
     "have each file on the host's disk before it gets its name", "BDSH_FSYNC",
     [](O o, V v) { return set_flag(o.transfer.fsync, v); }},
    {Section::run, kLogs, "-k,--keep", nullptr, Takes::nothing, "keep the run directory at exit",
     "BDSH_KEEP", set_keep},
    {Section::run, kLogs | only(Job::export_), "-O,--output", "PATH", Takes::one,
      "the run directory to make; of export the file to write",
     "BDSH_OUTPUT", [](O o, V v) { return set_text(o.output, v, "path"); }},
    {Section::run, kConnects, "--audit", "WHERE", Takes::one,
     "record who ran what where: a file, journald or none", "BDSH_AUDIT", set_audit},
    {Section::run, kReports, "--save-hosts", "[WHICH:]FILE", Takes::many,
     "save failed and divergent hosts; WHICH: failed, divergent, agree", "BDSH_SAVE_HOSTS",
     add_save_hosts},
    {Section::run, kReports | only(Job::diff), "--batch", nullptr, Takes::nothing,
     "no dashboard: print one folded report", "BDSH_BATCH",
     [](O o, V v) { return set_flag(o.batch, v); }},
    {Section::run, kReports | kCompares | only(Job::list, Job::ping), "--json", nullptr, Takes::nothing,
     "no dashboard: print what there is to report as JSON", "BDSH_JSON",
     [](O o, V v) { return set_flag(o.json, v); }},
    {Section::run, only(Job::list, Job::runs), "--names", nullptr, Takes::nothing,
     "only names, one a line", "BDSH_NAMES",
     [](O o, V v) { return set_flag(o.names, v); }},
    {Section::run, kRun, "--script", "FILE", Takes::one,
     "run a local script on the hosts; words behind -- are its arguments", "BDSH_SCRIPT",
     [](O o, V v) { return set_text(o.script, v, "path"); }},
    {Section::run, kRun, "--dry-run", nullptr, Takes::nothing,
     "show what would run where; connect to nothing", "BDSH_DRY_RUN",
     [](O o, V v) { return set_flag(o.dry_run, v); }},
    {Section::run, kRun, "-y,--yes", nullptr, Takes::nothing,
     "do not ask before a command that asks (confirm: true)", "BDSH_YES",
     [](O o, V v) { return set_flag(o.yes, v); }},
    {Section::run, kRun, "--serial", "N", Takes::one,
     "run on N hosts, then on the next N when all of them have ended", "BDSH_SERIAL",
     [](O o, V v) { return set_number(o.serial, v, 1, 100'000); }},
    {Section::run, kRun, "--rolling", "N", Takes::one,
     "run on N hosts at a time: the next begins when one has ended", "BDSH_ROLLING",
     [](O o, V v) { return set_number(o.rolling, v, 1, 100'000); }},
    {Section::run, kRun, "--max-fail", "N|N%", Takes::one,
     "begin on no further host once more than this have failed", "BDSH_MAX_FAIL", set_max_fail},
    {Section::run, kRun, "--fail-fast", nullptr, Takes::nothing,
     "end the run with the first host that fails", "BDSH_FAIL_FAST",
     [](O o, V v) { return set_flag(o.fail_fast, v); }},
    {Section::run, kRun, "--rerun", "WHICH[:DIR]", Takes::one,
     "on the failed or divergent hosts of the last kept run, or of DIR", "BDSH_RERUN", set_rerun},
    {Section::run, kRun, "--every", "SECONDS", Takes::one,
     "run again and again; each round is compared with the one before", "BDSH_EVERY", set_every},
    {Section::run, kReports, "--grep", "REGEX", Takes::one,
     "of a printed report, only lines that match (RE2)", "BDSH_GREP",
     [](O o, V v) { return set_text(o.grep, v, "expression"); }},
    {Section::run, kReports, "--only", "WHICH", Takes::one,
     "of a printed report, only the failed or divergent hosts", "BDSH_ONLY", set_only},
    {Section::run, kReports, "--head", "N", Takes::one,
     "of a printed report, the first N lines of each text", "BDSH_HEAD",
     [](O o, V v) { return set_number(o.head, v, 1, 1'000'000'000); }},
    {Section::run, kReports, "--tail", "N", Takes::one,
     "of a printed report, the last N lines of each text", "BDSH_TAIL",
     [](O o, V v) { return set_number(o.tail, v, 1, 1'000'000'000); }},
    {Section::run, kRun, "-t,--tty", nullptr, Takes::nothing, "give batch commands a terminal",
     "BDSH_TTY", [](O o, V v) { return set_flag(o.tty, v); }},
    {Section::run, kRun, "--detached", nullptr, Takes::nothing,
     "start without a terminal; prints the run's name", "BDSH_DETACHED",
     [](O o, V v) { return set_flag(o.detached, v); }},
    {Section::run, kRun, "--on-hangup", "WHAT", Takes::one,
     "a lost terminal: quit, stay, or end after idle SECONDS (3600)", "BDSH_ON_HANGUP",
     [](O o, V v) {
       const auto what = parse_on_hangup(v);
       if (!what) return Status(what.error());
       o.on_hangup = *what;
       return Status(Done{});
     }},
    {Section::run, only(Job::attach), "--read-only", nullptr, Takes::nothing,
     "look on: no key reaches the run", "BDSH_READ_ONLY",
     [](O o, V v) { return set_flag(o.read_only, v); }},
    {Section::run, kRun, "--cached", "TIME", Takes::one,
     "as --batch: the answer kept in the last TIME (10m, 2h), if any", "BDSH_CACHED",
     [](O o, V v) { return set_age(o.cached, v); }},
    {Section::run, only(Job::prune), "--older-than", "TIME", Takes::one,
     "runs that ended longer ago: 12h, 30d, 4w", "BDSH_OLDER_THAN",
     [](O o, V v) { return set_age(o.older_than, v); }},
    {Section::run, only(Job::prune), "--keep-last", "N", Takes::one, "all but the newest N runs",
     "BDSH_KEEP_LAST", [](O o, V v) { return set_number(o.keep_runs, v, 0, 1'000'000); }},
    {Section::run, only(Job::export_), "--text", nullptr, Takes::nothing,
     "what the host printed, as plain text", "BDSH_TEXT", [](O o, V v) { return set_format(o, v, "text"); }},
    {Section::run, only(Job::export_), "--asciicast", nullptr, Takes::nothing,
     "the host's output with its timing (asciicast v2)", "BDSH_ASCIICAST",
     [](O o, V v) { return set_format(o, v, "asciicast"); }},
    {Section::run, only(Job::export_), "--svg", nullptr, Takes::nothing,
     "a picture of the host's screen", "BDSH_SVG", [](O o, V v) { return set_format(o, v, "svg"); }},
    {Section::run, only(Job::export_), "--report", "FORMAT", Takes::one,
     "the folded report: text, markdown, html or json", "BDSH_REPORT", set_report},
    {Section::run, only(Job::watch), "--replay", nullptr, Takes::nothing,
     "play the run again with its own timing", "BDSH_REPLAY",
     [](O o, V v) { return set_flag(o.replay, v); }},

    {Section::screen, kShows, "--theme", "NAME|FILE", Takes::one,
     "colours: default, light, mono, or a file with a '/'", "BDSH_THEME",
     [](O o, V v) { return set_text(o.theme, v, "theme"); }},
    {Section::screen, kShows, "--leave-key", "KEY", Takes::one,
     "the key that leaves INPUT (default ctrl-])", "BDSH_LEAVE_KEY", set_leave_key},
    {Section::screen, kShows | kCompares, "--no-masks", nullptr, Takes::nothing,
     "compare names, times, pids … literally", "BDSH_NO_MASKS",
     [](O o, V v) { return set_flag(o.no_masks, v); }},
    {Section::screen, kShows, "--buffer", "SIZE", Takes::one,
     "memory for each host's scrollback (default 4M); the log has all", "BDSH_BUFFER", set_buffer},
    {Section::screen, kShows, "--scrollback", "LINES", Takes::one,
     "lines kept per host (default 10000)", "BDSH_SCROLLBACK",
     [](O o, V v) { return set_number(o.scrollback, v, 0, 10'000'000); }},

    {Section::other, kAll, "--config", "FILE", Takes::one,
     "the configuration (default ~/.config/bdsh/config.yaml)", "BDSH_CONFIG",
     [](O o, V v) { return set_text(o.config, v, "path"); }},
    {Section::other, kAll, "-h,--help", nullptr, Takes::nothing, "this text", nullptr,
     [](O o, V) {
       o.job = Job::help;
       return Status(Done{});
     }},
    {Section::other, kAll, "-V,--version", nullptr, Takes::nothing, "the version", nullptr,
     [](O o, V) {
       if (o.job != Job::help) o.job = Job::version;
       return Status(Done{});
     }},
};

constexpr Heading kHeadings[] = {
    {Section::hosts, "Hosts"},   {Section::connection, "Connection"}, {Section::run, "Run"},
    {Section::screen, "Screen"}, {Section::other, "Other"},
};

constexpr Alias kAliases[] = {{"BSSH_MAX_PARALLEL", "--parallel"},
                              {"BSSH_CONNECT_TIMEOUT", "--connect-timeout"},
                              {"BSSH_BUFFER_SIZE", "--buffer"}};

}  // namespace

std::span<const OptionRow> option_rows() {
  return kRows;
}

std::span<const Heading> headings() {
  return kHeadings;
}

std::span<const Alias> variable_aliases() {
  return kAliases;
}

std::string long_name(const OptionRow& row) {
  const std::string_view names = row.names;
  const std::size_t begin = names.find("--");
  return std::string(names.substr(begin, names.find(',', begin) - begin));
}

bool takes(Job job, const OptionRow& row) {
  return (row.jobs & only(job)) != 0;
}

Error usage(const std::string& what) {
  return {ErrorKind::usage, sanitised(what, 1000)};
}

}  // namespace bdsh::config
