#include "config/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <span>

#include "config/jumps.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

enum class Section { hosts, connection, run, screen, other };
enum class Takes { nothing, one, many };  // many: the option may be repeated

struct Row {
  Section section;
  const char* names;     // as CLI11 reads them
  const char* argument;  // nullptr: none
  Takes takes;
  const char* help;
  const char* variable;  // nullptr: none
  Status (*set)(Options& into, const std::string& value);
};

Error usage(const std::string& what) {
  return {ErrorKind::usage, sanitised(what, 1000)};
}

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

Status set_keep(Options& o, const std::string& v) {
  bool keep = false;
  if (const auto ok = set_flag(keep, v); !ok) return ok;
  o.keep = keep;
  return Done{};
}

using O = Options&;
using V = const std::string&;

constexpr Row kRows[] = {
    {Section::hosts, "-g,--group", "GROUP", Takes::many,
     "the hosts of a group of the configuration; repeatable", "BDSH_GROUP",
     [](O o, V v) { return append(o.groups, v, "group"); }},
    {Section::hosts, "-H,--hosts", "LIST", Takes::many,
     "hosts: a,b,user@c:2222,[::1]:22, web[01-20] or @FILE; repeatable", "BDSH_HOSTS",
     [](O o, V v) { return append(o.hosts, v, "list of hosts"); }},
    {Section::hosts, "-x,--exclude", "LIST", Takes::many,
     "leave these hosts out; wildcards match names and addresses", "BDSH_EXCLUDE",
     [](O o, V v) { return append(o.excluded, v, "list of hosts"); }},

    {Section::connection, "-l,--login,--user", "USER", Takes::one, "log in as USER", "BDSH_LOGIN",
     set_user},
    {Section::connection, "-p,--port", "PORT", Takes::one, "connect to PORT", "BDSH_PORT",
     [](O o, V v) { return set_number(o.port, v, 1, 65535); }},
    {Section::connection, "-i,--identity", "KEY", Takes::many,
     "try this private key first; repeatable", "BDSH_IDENTITY",
     [](O o, V v) { return append(o.identities, v, "key's path"); }},
    {Section::connection, "-F,--ssh-config", "FILE", Takes::one,
     "read FILE in place of ~/.ssh/config and /etc/ssh/ssh_config", "BDSH_SSH_CONFIG",
     [](O o, V v) { return set_text(o.ssh_config, v, "path"); }},
    {Section::connection, "-o,--ssh-option", "KEY=VALUE", Takes::many,
     "an ssh_config line, as ssh's -o; repeatable", "BDSH_SSH_OPTION",
     [](O o, V v) { return append(o.ssh_options, v, "option"); }},
    {Section::connection, "-J,--jump", "HOSTS", Takes::one,
     "go through these jump hosts: [user@]host[:port],…, or none", "BDSH_JUMP",
     [](O o, V v) {
       const auto jumps = parse_jumps(v);
       return jumps ? set_text(o.jump, v, "list of hosts") : usage(jumps.error().message);
     }},
    {Section::connection, "--transport", "KIND", Takes::one,
     "libssh (default), openssh, or 'command LINE' with {host}", "BDSH_TRANSPORT",
     set_transport},
    {Section::connection, "--strict-host-key-checking", "POLICY", Takes::one,
     "unknown host keys: yes (refuse), no, accept-new (default), ask",
     "BDSH_STRICT_HOST_KEY_CHECKING", set_policy},
    {Section::connection, "--parallel", "N", Takes::one,
     "connect to at most N hosts at a time (default 64)", "BDSH_PARALLEL",
     [](O o, V v) { return set_number(o.parallel, v, 1, 100'000); }},
    {Section::connection, "--jump-parallel", "N", Takes::one,
     "of them at most N through one jump host (default 32)", "BDSH_JUMP_PARALLEL",
     [](O o, V v) { return set_number(o.jump_parallel, v, 1, 100'000); }},
    {Section::connection, "-A,--forward-agent", nullptr, Takes::nothing,
     "let programs on the hosts use your SSH agent (root there can too)", "BDSH_FORWARD_AGENT",
     [](O o, V v) { return set_flag(o.forward_agent, v); }},
    {Section::connection, "--password-file", "FD|FILE", Takes::one,
     "the password is its first line; FILE closed to others (chmod 600)", "BDSH_PASSWORD_FILE",
     [](O o, V v) { return set_text(o.password_file, v, "path"); }},
    {Section::connection, "--askpass", "PROGRAM", Takes::one,
     "hosts' questions go to PROGRAM, as ssh's to $SSH_ASKPASS", "BDSH_ASKPASS",
     [](O o, V v) { return set_text(o.askpass, v, "path"); }},
    {Section::connection, "--reconnect", nullptr, Takes::nothing,
     "connect to lost shells again, with growing pauses", "BDSH_RECONNECT",
     [](O o, V v) { return set_flag(o.reconnect, v); }},
    {Section::connection, "--connect-timeout", "SECONDS", Takes::one,
     "give up connecting after this long (default 10)", "BDSH_CONNECT_TIMEOUT",
     [](O o, V v) { return set_seconds(o.connect_timeout, v); }},
    {Section::connection, "--timeout", "SECONDS", Takes::one,
     "end a command after this long (default: never)", "BDSH_TIMEOUT",
     [](O o, V v) { return set_seconds(o.command_timeout, v); }},

    {Section::run, "-k,--keep", nullptr, Takes::nothing, "keep the run directory at exit",
     "BDSH_KEEP", set_keep},
    {Section::run, "-O,--output", "DIR", Takes::one, "make DIR the run directory", "BDSH_OUTPUT",
     [](O o, V v) { return set_text(o.output, v, "path"); }},
    {Section::run, "--save-hosts", "[WHICH:]FILE", Takes::many,
     "save failed and divergent hosts; WHICH: failed, divergent, agree",
     "BDSH_SAVE_HOSTS", add_save_hosts},
    {Section::run, "--batch", nullptr, Takes::nothing, "no dashboard: print one folded report",
     "BDSH_BATCH", [](O o, V v) { return set_flag(o.batch, v); }},
    {Section::run, "--json", nullptr, Takes::nothing, "no dashboard: print the report as JSON",
     "BDSH_JSON", [](O o, V v) { return set_flag(o.json, v); }},
    {Section::run, "-t,--tty", nullptr, Takes::nothing, "give batch commands a terminal",
     "BDSH_TTY", [](O o, V v) { return set_flag(o.tty, v); }},

    {Section::screen, "--theme", "NAME|FILE", Takes::one,
     "colours: default, light, mono, or a file with a '/'", "BDSH_THEME",
     [](O o, V v) { return set_text(o.theme, v, "theme"); }},
    {Section::screen, "--leave-key", "KEY", Takes::one,
     "the key that leaves INPUT (default ctrl-])", "BDSH_LEAVE_KEY", set_leave_key},
    {Section::screen, "--no-masks", nullptr, Takes::nothing,
     "compare names, times, pids … literally", "BDSH_NO_MASKS",
     [](O o, V v) { return set_flag(o.no_masks, v); }},
    {Section::screen, "--scrollback", "LINES", Takes::one, "lines kept per host (default 10000)",
     "BDSH_SCROLLBACK", [](O o, V v) { return set_number(o.scrollback, v, 0, 10'000'000); }},

    {Section::other, "--config", "FILE", Takes::one,
     "the configuration (default ~/.config/bdsh/config.yaml)", "BDSH_CONFIG",
     [](O o, V v) { return set_text(o.config, v, "path"); }},
    {Section::other, "-h,--help", nullptr, Takes::nothing, "this text", nullptr,
     [](O o, V) {
       o.job = Options::Job::help;
       return Status(Done{});
     }},
    {Section::other, "-V,--version", nullptr, Takes::nothing, "the version", nullptr,
     [](O o, V) {
       if (o.job != Options::Job::help) o.job = Options::Job::version;
       return Status(Done{});
     }},
};

struct Heading {
  Section section;
  const char* title;
};
constexpr Heading kHeadings[] = {
    {Section::hosts, "Hosts"},   {Section::connection, "Connection"}, {Section::run, "Run"},
    {Section::screen, "Screen"}, {Section::other, "Other"},
};

// Variables of other tools that mean the same.
struct Alias {
  const char* variable;
  const char* option;
};
constexpr Alias kAliases[] = {{"BSSH_MAX_PARALLEL", "--parallel"},
                              {"BSSH_CONNECT_TIMEOUT", "--connect-timeout"}};

constexpr const char* kUsage =
    R"(bdsh-tui - a live dashboard over many hosts: see what they agree on, act where they differ

Usage:
  bdsh-tui [OPTIONS] [-- COMMAND…]     shells, or COMMAND, on every host at once
  bdsh-tui watch [OPTIONS] DIR         the same dashboard on a run directory, without a network

Examples:
  bdsh-tui -g web                      live shells on all hosts of group 'web'
  bdsh-tui -H 'web[01-20]' -x web07 -- systemctl status nginx
  bdsh-tui -g web --batch -- uptime    no dashboard: one folded report on stdout
)";

constexpr const char* kEnding = R"(
Every option has a variable: --connect-timeout is $BDSH_CONNECT_TIMEOUT. The command line wins.
Exit codes: 0 all hosts succeeded, 1 error, 2 usage or configuration, 3 no host could be reached,
4 authentication failed, 5 the command failed everywhere, 10 some hosts failed.
Manual: man bdsh-tui. Configuration: docs/configuration.md.
)";

// The name that messages use: the first long one.
std::string long_name(const Row& row) {
  const std::string_view names = row.names;
  const std::size_t begin = names.find("--");
  return std::string(names.substr(begin, names.find(',', begin) - begin));
}

// "-l, --login USER", and the column of options without a short name.
std::string synopsis(const Row& row) {
  const std::string_view names = row.names;
  const bool has_short = names[1] != '-';
  std::string out = has_short ? std::string(names.substr(0, 2)) + ", " : "    ";
  out += long_name(row);
  if (row.argument != nullptr) out += std::string(" ") + row.argument;
  return out;
}

const Row& row_of(const std::string& name) {
  return *std::find_if(std::begin(kRows), std::end(kRows),
                       [&](const Row& row) { return long_name(row) == name; });
}

// CLI11 cuts the arguments into options and values; what values mean is the table's business.
class Parser {
 public:
  explicit Parser(bool watch) {
    app_.set_help_flag();
    app_.allow_windows_style_options(false);
    for (const Row& row : kRows) add(row);
    if (watch) app_.add_option("DIR", directory_);
  }

  Result<Options> parse(std::vector<std::string> arguments, const Environment& environment) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ExtrasError&) {
      return unexpected();
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string text = error.what();
      return usage(text.substr(0, text.find(':')) + ": the value is missing");
    } catch (const CLI::Error& error) {
      return usage(first_line(error.what()));
    }
    Options options;
    if (const auto ok = take_variables(environment, options); !ok) return ok.error();
    for (const auto& [row, option] : options_)
      if (const auto ok = apply(*row, *option, options); !ok) return ok.error();
    options.watch_directory = directory_;
    return options;
  }

 private:
  void add(const Row& row) {
    CLI::Option* option = row.takes == Takes::nothing ? app_.add_flag(row.names)
                                                      : app_.add_option(row.names, values_[&row]);
    // One value for each use, also of repeatable ones: "-g web extra" does not name two groups.
    if (row.takes == Takes::many)
      option->expected(1)->allow_extra_args(false)->multi_option_policy(
          CLI::MultiOptionPolicy::TakeAll);
    if (row.takes == Takes::one)
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    options_.emplace_back(&row, option);
  }

  bool given(const std::string& name) const {
    return std::any_of(options_.begin(), options_.end(), [&](const auto& entry) {
      return long_name(*entry.first) == name && entry.second->count() > 0;
    });
  }

  // Hosts chosen on the command line are the whole choice: variables add none to them.
  bool overridden(const std::string& name) const {
    const bool chooses = name == "--group" || name == "--hosts";
    return given(name) || (chooses && (given("--group") || given("--hosts")));
  }

  Status take_variable(const Row& row, const char* variable, const Environment& environment,
                       Options& into) const {
    const std::string* value = environment.find(variable);
    if (value == nullptr || value->empty() || overridden(long_name(row))) return Done{};
    const auto ok = row.set(into, *value);
    return ok ? ok : usage("$" + std::string(variable) + ": " + ok.error().message);
  }

  // The product's own variables come after other tools' and replace what those set.
  Status take_variables(const Environment& environment, Options& into) const {
    for (const Alias& alias : kAliases)
      if (const auto ok = take_variable(row_of(alias.option), alias.variable, environment, into);
          !ok)
        return ok;
    for (const Row& row : kRows)
      if (row.variable != nullptr)
        if (const auto ok = take_variable(row, row.variable, environment, into); !ok) return ok;
    return Done{};
  }

  static Status apply(const Row& row, const CLI::Option& option, Options& into) {
    if (option.count() == 0) return Done{};
    const std::vector<std::string> values =
        row.takes == Takes::nothing ? option.results() : option.reduced_results();
    for (const std::string& value : values)
      if (const auto ok = row.set(into, value); !ok)
        return usage(long_name(row) + ": " + ok.error().message);
    return Done{};
  }

  Error unexpected() const {
    const std::string word = app_.remaining().front();
    if (word.size() < 2 || word[0] != '-')
      return usage("unexpected argument '" + word + "' (a command goes behind '--')");
    std::vector<std::string> names;
    for (const Row& row : kRows) names.push_back(long_name(row));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string name = word.substr(0, word.find('='));
    return usage("unknown option '" + name + "'" + did_you_mean(name, known));
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  CLI::App app_;
  std::map<const Row*, std::vector<std::string>> values_;
  std::vector<std::pair<const Row*, CLI::Option*>> options_;
  std::string directory_;
};

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

Status check(const Options& options) {
  if (options.job == Options::Job::watch && options.watch_directory.empty())
    return usage("watch: the run directory is missing");
  if (options.job == Options::Job::watch && options.command)
    return usage("watch: takes no command");
  if (options.command && options.command->empty()) return usage("no command follows '--'");
  return Done{};
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments,
                              const Environment& environment) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> own(arguments.begin(), dashes);
  const bool watch = !own.empty() && own.front() == "watch";
  if (watch) own.erase(own.begin());
  auto options = Parser(watch).parse(own, environment);
  if (!options) return options;
  if (options->job != Options::Job::run) return options;
  if (watch) options->job = Options::Job::watch;
  if (dashes != arguments.end()) options->command = joined({dashes + 1, arguments.end()});
  if (const auto ok = check(*options); !ok) return ok.error();
  return options;
}

Result<TransportChoice> parse_transport(const std::string& text) {
  constexpr std::string_view kCommand = "command ";
  if (text == "libssh") return TransportChoice{HostSpec::Transport::libssh, {}};
  if (text == "openssh") return TransportChoice{HostSpec::Transport::openssh, {}};
  if (text.starts_with(kCommand) && text.find_first_not_of(' ', kCommand.size()) != text.npos)
    return TransportChoice{HostSpec::Transport::command, text.substr(kCommand.size())};
  return usage("'" + text + "' is not one of libssh, openssh, 'command LINE'");
}

std::string help_text() {
  constexpr std::size_t kColumn = 38;
  std::string out = kUsage;
  for (const Heading& heading : kHeadings) {
    out += std::string("\n") + heading.title + ":\n";
    for (const Row& row : kRows) {
      if (row.section != heading.section) continue;
      std::string line = "  " + synopsis(row);
      if (line.size() < kColumn)
        line.resize(kColumn, ' ');
      else
        line += "\n" + std::string(kColumn, ' ');
      out += line + row.help + "\n";
    }
  }
  return out + kEnding;
}

std::string options_mdoc() {
  std::string out;
  for (const Row& row : kRows) {
    out += ".It";
    const auto names = CLI::detail::split(row.names, ',');
    for (std::size_t i = 0; i < names.size(); ++i) {
      out += (i > 0 ? " , Fl " : " Fl ") +
             (names[i][1] == '-' ? "\\-" + names[i].substr(2) : names[i].substr(1));
      if (row.argument != nullptr) out += std::string(" Ar ") + row.argument;
    }
    out += std::string("\n") + row.help + ".\n";
    if (row.variable != nullptr) out += std::string("Variable:\n.Ev ") + row.variable + " .\n";
  }
  return out;
}

std::string version_text(const std::string& version) {
  return "bdsh-tui " + version + "\n";
}

Result<Key> parse_leave_key(const std::string& text) {
  const std::string word = lower(text);
  std::string sign;
  for (const std::string prefix : {"ctrl-", "ctrl+", "c-", "^"})
    if (word.rfind(prefix, 0) == 0 && word.size() == prefix.size() + 1)
      sign = word.substr(prefix.size());
  // Ctrl-I, -M, -J and -[ are Tab, Enter and Escape; Ctrl-C, -Z and their like belong to the hosts.
  const bool letter = sign.size() == 1 && sign[0] >= 'a' && sign[0] <= 'z';
  const bool usable = letter ? std::string_view("ijm").find(sign[0]) == std::string_view::npos
                             : sign == "]" || sign == "\\" || sign == "^" || sign == "_";
  if (!usable) return usage("'" + text + "' is not a key like ctrl-] or ctrl-a");
  return Key::ctrl(sign[0]);
}

}  // namespace bdsh::config
