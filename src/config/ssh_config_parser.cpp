#include "config/ssh_config_parser.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "config/ssh_tokens.hpp"
#include "config/wildcard.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

constexpr int kMaxDepth = 16;            // of Include; readconf.c's READCONF_MAX_DEPTH
constexpr std::size_t kMaxFiles = 4096;  // a file that includes itself twice doubles at each level
constexpr std::string_view kBlank = " \t";
constexpr std::string_view kLineBlank = " \t\r\f";

Error config_error(const std::string& what) {
  return {ErrorKind::config, sanitised(what, 1000)};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kLineBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kLineBlank) - begin + 1);
}

// Words as misc.c's argv_split cuts them: both quotes, a backslash before a quote, a backslash or
// (outside quotes) a blank; '#' at the start of a word ends the line.
class WordCutter {
 public:
  explicit WordCutter(std::string_view text) : text_(text) {}

  // Nothing when a quote is left open.
  std::optional<std::vector<std::string>> cut() {
    std::vector<std::string> words;
    while (true) {
      at_ = std::min(text_.size(), text_.find_first_not_of(kBlank, at_));
      if (at_ == text_.size() || text_[at_] == '#') return words;
      words.push_back(word());
      if (quote_ != '\0') return std::nullopt;
    }
  }

 private:
  std::string word() {
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && escapes_next())
        out += text_[++at_];
      else if (quote_ == '\0' && kBlank.find(c) != kBlank.npos)
        break;
      else if (quote_ == '\0' && (c == '"' || c == '\''))
        quote_ = c;
      else if (quote_ != '\0' && c == quote_)
        quote_ = '\0';
      else
        out += c;
    }
    return out;
  }
  bool escapes_next() const {
    if (at_ + 1 == text_.size()) return false;
    const char next = text_[at_ + 1];
    return next == '\'' || next == '"' || next == '\\' || (quote_ == '\0' && next == ' ');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char quote_ = '\0';
};

// The next word as misc.c's strdelim cuts it: ended by blanks or one '=', or in double quotes.
std::optional<std::string_view> next_delimited(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  std::string_view word;
  if (text[0] == '"') {
    const std::size_t close = text.find('"', 1);
    if (close == text.npos) return std::nullopt;
    word = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    const std::size_t end = std::min(text.size(), text.find_first_of(" \t\r\n\"="));
    word = text.substr(0, end);
    text.remove_prefix(end);
  }
  const auto skip_blank = [&] {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  };
  skip_blank();
  if (!text.empty() && text[0] == '=') {
    text.remove_prefix(1);
    skip_blank();
  }
  return word;
}

SshPattern pattern_of(std::string_view word) {
  const bool negated = !word.empty() && word[0] == '!';
  return {std::string(negated ? word.substr(1) : word), negated};
}

std::vector<SshPattern> pattern_list(std::string_view list) {
  std::vector<SshPattern> out;
  while (true) {
    const std::size_t comma = list.find(',');
    out.push_back(pattern_of(list.substr(0, comma)));
    if (comma == list.npos) return out;
    list.remove_prefix(comma + 1);
  }
}

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), lower(word)) != words.end();
}

// What is wrong with a value; empty when nothing is.
std::string check_word(SshValue kind, const std::string& word) {
  switch (kind) {
    case SshValue::flag:
      return is_one_of(word, {"yes", "no", "true", "false"}) ? "" : "is neither yes nor no";
    case SshValue::number:
      return parse_number(word, 0, INT32_MAX) ? "" : "is not a number";
    case SshValue::port:
      return parse_number(word, 1, 65535) ? "" : "is not a port (1 to 65535)";
    case SshValue::duration:
      return word == "none" || parse_ssh_duration(word) ? "" : "is not a time";
    case SshValue::family:
      return is_one_of(word, {"any", "inet", "inet6"}) ? "" : "is none of any, inet, inet6";
    case SshValue::strict:
      return is_one_of(word, {"yes", "no", "true", "false", "off", "ask", "accept-new"})
                 ? ""
                 : "is none of yes, no, accept-new, ask, off";
    case SshValue::tty:
      return is_one_of(word, {"yes", "no", "true", "false", "force", "auto"})
                 ? ""
                 : "is none of yes, no, force, auto";
    case SshValue::level:
      return is_one_of(word, {"quiet", "fatal", "error", "info", "verbose", "debug", "debug1",
                              "debug2", "debug3"})
                 ? ""
                 : "is no log level";
    case SshValue::assignments:
      return word.find('=') != word.npos && word[0] != '=' ? "" : "is not NAME=VALUE";
    default:
      return "";
  }
}

bool takes_many(SshValue kind) {
  return kind == SshValue::words || kind == SshValue::assignments || kind == SshValue::unchecked ||
         kind == SshValue::rest;
}

std::string check_arguments(const SshKeyword& keyword, const std::vector<std::string>& words) {
  const std::string name(keyword.name);
  if (words.empty() || words[0].empty()) return name + ": the value is missing";
  if (words.size() > 1 && !takes_many(keyword.value)) return name + ": more than one value";
  for (const std::string& word : words)
    if (const std::string wrong = check_word(keyword.value, word); !wrong.empty())
      return name + ": '" + word + "' " + wrong;
  return "";
}

struct Criterion {
  std::string_view name;
  SshCriterion::Kind kind;
  bool takes_argument;
};
constexpr Criterion kCriteria[] = {
    {"all", SshCriterion::Kind::all, false},
    {"final", SshCriterion::Kind::final_pass, false},
    // Without canonicalisation the second pass is the final one, for both words.
    {"canonical", SshCriterion::Kind::final_pass, false},
    {"host", SshCriterion::Kind::host, true},
    {"originalhost", SshCriterion::Kind::original_host, true},
    {"user", SshCriterion::Kind::user, true},
    {"localuser", SshCriterion::Kind::local_user, true},
    {"exec", SshCriterion::Kind::exec, true},
};

Result<SshCriterion> parse_criterion(std::string_view word, std::string_view& rest) {
  SshCriterion out;
  out.negated = !word.empty() && word[0] == '!';
  const std::string name = lower(out.negated ? word.substr(1) : word);
  const auto* found = std::find_if(std::begin(kCriteria), std::end(kCriteria),
                                   [&](const Criterion& c) { return c.name == name; });
  if (found == std::end(kCriteria)) return config_error("Match: '" + name + "' is not supported");
  out.kind = found->kind;
  if (!found->takes_argument) return out;
  const auto argument = next_delimited(rest);
  if (!argument || argument->empty() || (*argument)[0] == '#')
    return config_error("Match " + name + ": the value is missing");
  if (out.kind == SshCriterion::Kind::exec)
    out.command = *argument;
  else
    out.patterns = pattern_list(out.kind == SshCriterion::Kind::host ||
                                        out.kind == SshCriterion::Kind::original_host
                                    ? lower(*argument)
                                    : std::string(*argument));
  return out;
}

Result<SshMatchBlock> parse_match(std::string_view rest, const std::string& place) {
  SshMatchBlock block{{}, place};
  while (const auto word = next_delimited(rest)) {
    if (word->empty() || (*word)[0] == '#') break;
    auto criterion = parse_criterion(*word, rest);
    if (!criterion) return criterion.error();
    block.criteria.push_back(std::move(*criterion));
  }
  if (block.criteria.empty()) return config_error("Match: a criterion is missing");
  // "all" stands alone, or behind "final" or "canonical".
  for (const SshCriterion& c : block.criteria)
    if (c.kind == SshCriterion::Kind::all && &c != &block.criteria.back())
      return config_error("Match: 'all' is combined with other criteria");
  if (block.criteria.size() > 1 && block.criteria.back().kind == SshCriterion::Kind::all &&
      std::any_of(block.criteria.begin(), block.criteria.end() - 1,
                  [](const SshCriterion& c) { return c.kind != SshCriterion::Kind::final_pass; }))
    return config_error("Match: 'all' is combined with other criteria");
  return block;
}

struct Cut {
  std::string_view keyword;
  std::string_view rest;
};

// Keyword and the rest of one line; an empty keyword: nothing is on it.
Cut cut_line(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line[0] == '#') return {};
  std::string_view rest = line;
  const auto keyword = next_delimited(rest);
  return keyword ? Cut{*keyword, rest} : Cut{line, {}};
}

Result<SshLine> parse_setting(const SshKeyword& keyword, std::string_view rest) {
  SshLine out{&keyword, {}, {}};
  if (keyword.value == SshValue::rest) {
    out.arguments = {std::string(trimmed(rest))};
  } else {
    auto words = WordCutter(rest).cut();
    if (!words) return config_error(std::string(keyword.name) + ": a quote is not closed");
    out.arguments = std::move(*words);
  }
  if (const std::string wrong = check_arguments(keyword, out.arguments); !wrong.empty())
    return config_error(wrong);
  return out;
}

class FileParser {
 public:
  explicit FileParser(const Environment& environment) : environment_(environment) {}

  Result<SshFile> read(const std::string& path, const SshReadOptions& options, int depth) {
    if (depth > kMaxDepth) return config_error(path + ": Include is nested too deeply");
    if (++files_ > kMaxFiles) return config_error(path + ": too many included files");
    struct stat info {};
    if (!options.must_exist && stat(path.c_str(), &info) != 0 &&
        (errno == ENOENT || errno == ENOTDIR))
      return SshFile{};
    const bool unsafe =
        (info.st_uid != 0 && info.st_uid != environment_.uid) || (info.st_mode & 022U) != 0;
    if (options.check_owner && unsafe)
      return config_error(
          path + ": others could change this file (owner or permissions); ssh refuses it too");
    const auto text = read_text_file(path);
    if (!text) return config_error(text.error().message);
    return parse(*text, path, options, depth);
  }

  Result<SshFile> parse(std::string_view text, const std::string& name,
                        const SshReadOptions& options, int depth) {
    SshFile file;
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.size(), text.find('\n'));
      const std::string place = name + ":" + std::to_string(++number);
      if (const auto ok = parse_line(text.substr(0, end), place, options, depth, file); !ok)
        return config_error(ok.error().message.rfind(name, 0) == 0 || included_error_
                                ? ok.error().message
                                : place + ": " + ok.error().message);
      text.remove_prefix(std::min(text.size(), end + 1));
    }
    return file;
  }

 private:
  Status parse_line(std::string_view line, const std::string& place, const SshReadOptions& options,
                    int depth, SshFile& file) {
    const Cut cut = cut_line(line);
    if (cut.keyword.empty()) return Done{};
    const SshKeyword* keyword = find_ssh_keyword(cut.keyword);
    if (keyword == nullptr) return unknown(cut.keyword);
    if (keyword->key == SshKey::match) {
      auto block = parse_match(cut.rest, place);
      if (!block) return block.error();
      file.items.emplace_back(std::move(*block));
      return Done{};
    }
    auto setting = parse_setting(*keyword, cut.rest);
    if (!setting) return setting.error();
    setting->place = place;
    return add(std::move(*setting), options, depth, file);
  }

  Status add(SshLine setting, const SshReadOptions& options, int depth, SshFile& file) {
    switch (setting.keyword->key) {
      case SshKey::host: {
        SshHostBlock block;
        for (const std::string& word : setting.arguments)
          block.patterns.push_back(pattern_of(word));
        file.items.emplace_back(std::move(block));
        return Done{};
      }
      case SshKey::include:
        return include(setting, options, depth, file);
      case SshKey::ignore_unknown:
        if (ignored_.empty()) ignored_ = pattern_list(lower(setting.arguments[0]));
        return Done{};
      default:
        file.items.emplace_back(std::move(setting));
        return Done{};
    }
  }

  Status unknown(std::string_view keyword) const {
    if (match_patterns(ignored_, lower(keyword)) == 1) return Done{};
    return config_error("unknown keyword '" + std::string(keyword) + "'");
  }

  Status include(const SshLine& setting, SshReadOptions options, int depth, SshFile& file) {
    SshInclude out;
    options.must_exist = false;
    for (const std::string& argument : setting.arguments) {
      if (argument.empty()) continue;
      const auto pattern = include_pattern(argument, options.user_file);
      if (!pattern) return pattern.error();
      for (const std::string& path : matching_paths(*pattern)) {
        auto included = read(path, options, depth + 1);
        if (!included) {
          included_error_ = true;  // it names its own file and line
          return included.error();
        }
        out.files.push_back(std::move(*included));
      }
    }
    file.items.emplace_back(std::move(out));
    return Done{};
  }

  Result<std::string> include_pattern(const std::string& argument, bool user_file) const {
    if (argument[0] == '/') return argument;
    if (argument[0] == '~') {
      if (!user_file) return config_error("Include: '~' is not possible in a system file");
      return expand_ssh_tilde(argument, environment_);
    }
    const std::string folder =
        user_file ? environment_.passwd_home + "/.ssh" : environment_.ssh_system_directory;
    return folder + "/" + argument;
  }

  static std::vector<std::string> matching_paths(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
      paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    return paths;
  }

  const Environment& environment_;
  std::vector<SshPattern> ignored_;
  std::size_t files_ = 0;
  bool included_error_ = false;
};

}  // namespace

int match_patterns(const std::vector<SshPattern>& patterns, std::string_view text) {
  int found = 0;
  for (const SshPattern& pattern : patterns) {
    if (!wildcard_match(pattern.text, text)) continue;
    if (pattern.negated) return -1;
    found = 1;
  }
  return found;
}

std::optional<std::int64_t> parse_ssh_duration(std::string_view text) {
  constexpr std::int64_t kMost = INT32_MAX;
  std::int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.size(), text.find_first_not_of("0123456789"));
    const auto value = parse_number(text.substr(0, digits), 0, kMost);
    if (!value) return std::nullopt;
    text.remove_prefix(digits);
    std::int64_t unit = 1;
    if (!text.empty()) {
      switch (lower(text.substr(0, 1))[0]) {
        case 's':
          break;
        case 'm':
          unit = 60;
          break;
        case 'h':
          unit = 3600;
          break;
        case 'd':
          unit = 86'400;
          break;
        case 'w':
          unit = 604'800;
          break;
        default:
          return std::nullopt;
      }
      text.remove_prefix(1);
    }
    total += *value * unit;
    if (total > kMost) return std::nullopt;
  }
  return total;
}

Result<SshFile> read_ssh_file(const std::string& path, const SshReadOptions& options,
                              const Environment& environment) {
  return FileParser(environment).read(path, options, 0);
}

Result<SshFile> parse_ssh_text(std::string_view text, const std::string& name, bool user_file,
                               const Environment& environment) {
  return FileParser(environment).parse(text, name, {user_file, false, false}, 0);
}

Result<SshLine> parse_ssh_option(const std::string& option) {
  const std::string shown = "-o '" + option + "': ";
  if (option.find('\n') != option.npos) return config_error(shown + "more than one line");
  const Cut cut = cut_line(option);
  if (cut.keyword.empty()) return config_error(shown + "the keyword is missing");
  const SshKeyword* keyword = find_ssh_keyword(cut.keyword);
  if (keyword == nullptr)
    return config_error(shown + "unknown keyword '" + std::string(cut.keyword) + "'");
  if (keyword->key == SshKey::host || keyword->key == SshKey::match ||
      keyword->key == SshKey::include)
    return config_error(shown + "is only possible in a file");
  auto setting = parse_setting(*keyword, cut.rest);
  if (!setting) return config_error(shown + setting.error().message);
  setting->place = "-o";
  return setting;
}

}  // namespace bdsh::config
