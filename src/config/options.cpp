#include "config/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <span>

#include "config/option_table.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

const OptionRow& row_of(const std::string& name) {
  const auto rows = option_rows();
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const OptionRow& row) { return long_name(row) == name; });
}

// CLI11 cuts the arguments into options and values; what values mean is the table's business.
class Parser {
 public:
  explicit Parser(const Command& command) : command_(command) {
    app_.set_help_flag();
    app_.allow_windows_style_options(false);
    for (const OptionRow& row : option_rows())
      if (takes(command.job, row)) add(row);
    if (command.most > 0 || command.job == Job::run)
      app_.add_option(command.most > 0 ? command.operands : "words", operands_)->expected(0, kAnyNumber);
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
    options.operands = operands_;
    const bool command_named = !operands_.empty() && operands_.front()[0] == ':';
    if (command_.job == Job::run && !operands_.empty() && !command_named)
      return unexpected_word(operands_.front());
    return options;
  }

 private:
  void add(const OptionRow& row) {
    CLI::Option* option = row.takes == Takes::nothing ? app_.add_flag(row.names)
                                                      : app_.add_option(row.names, values_[&row]);
    // One value for each use, also of repeatable ones: "-g web extra" does not name two groups.
    if (row.takes == Takes::many)
      option->expected(1)->allow_extra_args(false)->multi_option_policy(
          CLI::MultiOptionPolicy::TakeAll);
    if (row.takes == Takes::one)
      option->expected(1)->allow_extra_args(false)->multi_option_policy(
          CLI::MultiOptionPolicy::TakeLast);
    options_.emplace_back(&row, option);
  }

  bool given(const std::string& name) const {
    return std::any_of(options_.begin(), options_.end(), [&](const auto& entry) {
      return long_name(*entry.first) == name && entry.second->count() > 0;
    });
  }

  // Hosts chosen on the command line are the whole choice: variables add none to them.
  bool overridden(const std::string& name) const {
    const bool chooses = name == "--group" || name == "--hosts" || name == "--all";
    return given(name) || (chooses && (given("--group") || given("--hosts") || given("--all")));
  }

  Status take_variable(const OptionRow& row, const char* variable, const Environment& environment,
                       Options& into) const {
    if (variable == nullptr || !takes(command_.job, row) || overridden(long_name(row)))
      return Done{};
    const std::string* value = environment.find(variable);
    if (value == nullptr || value->empty()) return Done{};
    const auto ok = row.set(into, *value);
    return ok ? ok : usage("$" + std::string(variable) + ": " + ok.error().message);
  }

  // The product's own variables come after other tools' and replace what those set.
  Status take_variables(const Environment& environment, Options& into) const {
    for (const Alias& alias : variable_aliases())
      if (const auto ok = take_variable(row_of(alias.option), alias.variable, environment, into);
          !ok)
        return ok;
    for (const OptionRow& row : option_rows())
      if (const auto ok = take_variable(row, row.variable, environment, into); !ok) return ok;
    return Done{};
  }

  static Status apply(const OptionRow& row, const CLI::Option& option, Options& into) {
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
    if (word.size() < 2 || word[0] != '-') return unexpected_word(word);
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const OptionRow& row : option_rows()) {
      if (takes(command_.job, row)) names.push_back(long_name(row));
      else if (long_name(row) == name) return usage(command_word() + "takes no " + name);
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    return usage(command_word() + "unknown option '" + name + "'" + did_you_mean(name, known));
  }

  Error unexpected_word(const std::string& word) const {
    if (command_.job == Job::run && find_command(word) != nullptr)
      return usage("unexpected argument '" + word + "' (a subcommand comes first: bdsh-tui " + word +
                   " ...; a command goes behind '--')");
    std::vector<std::string_view> names;
    for (const Command& command : commands()) names.push_back(command.name);
    const std::string near = command_.job == Job::run ? did_you_mean(word, names) : "";
    return usage(command_word() + "unexpected argument '" + word + "'" +
                 (near.empty() && command_.command ? " (a command goes behind '--')" : near));
  }

  // "watch: "; nothing for the main job.
  std::string command_word() const {
    return command_.name[0] == '\0' ? "" : std::string(command_.name) + ": ";
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  CLI::App app_;
  std::map<const OptionRow*, std::vector<std::string>> values_;
  std::vector<std::pair<const OptionRow*, CLI::Option*>> options_;
  const Command& command_;
  std::vector<std::string> operands_;
};

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// What contradicts itself.
Status check_run(const Options& options) {
  const bool several = options.serial && options.rolling;
  if (several) return usage("--serial and --rolling exclude each other");
  if (options.script && !options.operands.empty())
    return usage("--script and :NAME exclude each other");
  const bool runs = options.command || options.script || !options.operands.empty() || options.rerun;
  const char* needs = options.serial     ? "--serial"
                      : options.rolling  ? "--rolling"
                      : options.max_fail ? "--max-fail"
                      : options.every    ? "--every"
                                         : nullptr;
  if (!runs && needs != nullptr) return usage(std::string(needs) + " needs a command");
  if (options.head && options.tail) return usage("--head and --tail exclude each other");
  if (options.rerun && (options.all || !options.groups.empty() || !options.hosts.empty()))
    return usage("--rerun chooses the hosts itself");
  return Done{};
}

Status check(const Command& command, const Options& options) {
  const std::string name = command.name;
  const auto given = static_cast<int>(options.operands.size());
  if (given < command.least)
    return usage(name + ": missing: " + command.operands + " (bdsh-tui " + name + " --help)");
  if (given > command.most && command.job != Job::run)
    return usage(name + ": unexpected argument '" +
                 options.operands[static_cast<std::size_t>(command.most)] + "'");
  if (options.command && !command.command) return usage(name + ": takes no command");
  if (options.command && options.command->empty()) return usage("no command follows '--'");
  if (options.detached && (options.batch || options.json))
    return usage("--detached starts a dashboard: it does not go with --batch and --json");
  return check_run(options);
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments,
                              const Environment& environment) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> own(arguments.begin(), dashes);
  const Command* named = own.empty() ? nullptr : find_command(own.front());
  if (named != nullptr) own.erase(own.begin());
  const Command& command = named != nullptr ? *named : command_of(Job::run);
  auto options = Parser(command).parse(own, environment);
  if (!options) return options;
  options->helped = command.job;
  if (options->job != Job::run) return options;  // --help, --version
  options->job = command.job;
  if (dashes != arguments.end()) {
    options->words.assign(dashes + 1, arguments.end());
    const bool for_run = options->script || !options->operands.empty();
    if (command.job != Job::run || !for_run) options->command = joined(options->words);
  }
  if (const auto ok = check(command, *options); !ok) return ok.error();
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

Result<OnHangup> parse_on_hangup(const std::string& text) {
  if (text == "quit") return OnHangup{true, std::nullopt};
  if (text == "stay") return OnHangup{false, std::nullopt};
  const auto seconds = parse_seconds(text);
  if (seconds) return OnHangup{false, seconds};
  return usage("'" + text + "' is not quit, stay or a number of seconds");
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
