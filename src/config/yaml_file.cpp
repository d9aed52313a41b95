#include "config/yaml_file.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <span>
#include <sstream>

#include "config/jumps.hpp"
#include "config/words.hpp"
#include "core/color.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

// Thrown within this file alone and caught in parse_config: a reader of nested maps that checks
// after every value would be twice as long.
struct Bad {
  Error error;
};

class Reader;

template <typename T>
struct Field {
  std::string_view key;
  void (*read)(Reader& reader, const std::string& path, const YAML::Node& node, T& into);
};

class Reader {
 public:
  Reader(ConfigFile& file, const Environment& environment)
      : file_(file), environment_(environment) {
    const std::size_t slash = file.path.rfind('/');
    folder_ = slash == std::string::npos ? "." : file.path.substr(0, slash);
  }

  [[noreturn]] void fail(const YAML::Node& node, const std::string& key,
                         const std::string& what) const {
    throw Bad{file_.error_at(line(node), key, what)};
  }
  std::string place(const YAML::Node& node, const std::string& key) const {
    return file_.path + ":" + std::to_string(line(node)) + ": " + key;
  }
  static int line(const YAML::Node& node) {
    return node.Mark().is_null() ? 0 : node.Mark().line + 1;
  }

  template <typename T>
  void map(const std::string& path, const YAML::Node& node, std::span<const Field<T>> fields,
           T& into) {
    if (!node.IsMap()) fail(node, path, "a map is expected here");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = key_of(path, entry.first, seen);
      const auto field = std::find_if(fields.begin(), fields.end(),
                                      [&](const Field<T>& f) { return f.key == key; });
      if (field == fields.end()) {
        std::vector<std::string_view> known;
        for (const Field<T>& f : fields) known.push_back(f.key);
        fail(entry.first, joined(path, key), "unknown key" + did_you_mean(key, known));
      }
      field->read(*this, joined(path, key), entry.second, into);
    }
  }

  std::string key_of(const std::string& path, const YAML::Node& node,
                     std::set<std::string>& seen) const {
    if (!node.IsScalar()) fail(node, path, "a key is not a plain word");
    if (!seen.insert(node.Scalar()).second)
      fail(node, joined(path, node.Scalar()), "the key is given twice");
    return node.Scalar();
  }

  std::string word(const std::string& key, const YAML::Node& node) const {
    if (!node.IsScalar()) fail(node, key, "a single value is expected here");
    return node.Scalar();
  }
  std::string text(const std::string& key, const YAML::Node& node) const {
    return taken(key, node, expand_variables(word(key, node), environment_));
  }
  std::string path(const std::string& key, const YAML::Node& node) const {
    const std::string value = taken(key, node, expand_path(word(key, node), environment_, folder_));
    if (value.empty()) fail(node, key, "the path is empty");
    return value;
  }
  std::int64_t number(const std::string& key, const YAML::Node& node, std::int64_t least,
                      std::int64_t most) const {
    if (const auto value = parse_number(word(key, node), least, most)) return *value;
    fail(node, key,
         "'" + node.Scalar() + "' is not a number from " + std::to_string(least) + " to " +
             std::to_string(most));
  }
  std::chrono::milliseconds seconds(const std::string& key, const YAML::Node& node) const {
    if (const auto value = parse_seconds(word(key, node))) return *value;
    fail(node, key, "'" + node.Scalar() + "' is not a number of seconds");
  }
  bool flag(const std::string& key, const YAML::Node& node) const {
    const std::string value = lower(word(key, node));
    if (value == "true" || value == "yes" || value == "on") return true;
    if (value == "false" || value == "no" || value == "off") return false;
    fail(node, key, "'" + node.Scalar() + "' is neither true nor false");
  }

  static std::string joined(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

 private:
  std::string taken(const std::string& key, const YAML::Node& node,
                    Result<std::string> value) const {
    if (!value) fail(node, key, value.error().message);
    return *value;
  }

  ConfigFile& file_;
  const Environment& environment_;
  std::string folder_;
};

using Path = const std::string&;
using Yaml = const YAML::Node&;

std::uint16_t port(Reader& r, Path p, Yaml n) {
  return static_cast<std::uint16_t>(r.number(p, n, 1, 65535));
}

std::string user(Reader& r, Path p, Yaml n) {
  const std::string value = r.text(p, n);
  if (value.empty() || value[0] == '-' || value.find_first_of("'`\";&<>|(){}$@ \t\n") != value.npos)
    r.fail(n, p, "'" + value + "' is not a user's name");
  return value;
}

std::string jump_host(Reader& r, Path p, Yaml n) {
  const std::string value = r.text(p, n);
  if (const auto jumps = parse_jumps(value); !jumps) r.fail(n, p, jumps.error().message);
  return value;
}

constexpr Field<Node> kNodeFields[] = {
    {"name", [](Reader& r, Path p, Yaml n, Node& into) { into.name = r.text(p, n); }},
    {"host", [](Reader& r, Path p, Yaml n, Node& into) { into.hosts = r.text(p, n); }},
    {"user", [](Reader& r, Path p, Yaml n, Node& into) { into.settings.user = user(r, p, n); }},
    {"port", [](Reader& r, Path p, Yaml n, Node& into) { into.settings.port = port(r, p, n); }},
    {"ssh_key",
     [](Reader& r, Path p, Yaml n, Node& into) { into.settings.ssh_key = r.path(p, n); }},
    {"known_hosts",
     [](Reader& r, Path p, Yaml n, Node& into) { into.settings.known_hosts = r.path(p, n); }},
    {"jump_host",
     [](Reader& r, Path p, Yaml n, Node& into) { into.settings.jump_host = jump_host(r, p, n); }},
};

Node read_node(Reader& r, Path p, Yaml n) {
  Node node;
  node.line = Reader::line(n);
  if (n.IsScalar())
    node.hosts = r.text(p, n);
  else if (n.IsMap())
    r.map<Node>(p, n, kNodeFields, node);
  else
    r.fail(n, p, "a host is a text or a map");
  if (node.hosts.empty() && node.name && n.IsMap() && !n["host"]) node.hosts = *node.name;
  if (node.hosts.empty()) r.fail(n, p, "the host is missing");
  return node;
}

void read_nodes(Reader& r, Path p, Yaml n, Cluster& into) {
  if (!n.IsSequence()) r.fail(n, p, "a list of hosts is expected here");
  for (std::size_t i = 0; i < n.size(); ++i)
    into.nodes.push_back(read_node(r, p + "[" + std::to_string(i) + "]", n[i]));
}

void read_transport(Reader& r, Path p, Yaml n, Cluster& into) {
  auto choice = parse_transport(r.word(p, n));
  if (!choice) r.fail(n, p, choice.error().message);
  into.transport = std::move(*choice);
}

void read_group_color(Reader& r, Path p, Yaml n, Cluster& into) {
  const auto color = parse_color(r.word(p, n));
  if (!color) r.fail(n, p, "'" + n.Scalar() + "' is no colour (a name, 0 to 255, or #rrggbb)");
  into.color = *color;
}

constexpr Field<Cluster> kClusterFields[] = {
    {"nodes", read_nodes},
    {"user", [](Reader& r, Path p, Yaml n, Cluster& into) { into.settings.user = user(r, p, n); }},
    {"port", [](Reader& r, Path p, Yaml n, Cluster& into) { into.settings.port = port(r, p, n); }},
    {"ssh_key",
     [](Reader& r, Path p, Yaml n, Cluster& into) { into.settings.ssh_key = r.path(p, n); }},
    {"known_hosts",
     [](Reader& r, Path p, Yaml n, Cluster& into) { into.settings.known_hosts = r.path(p, n); }},
    {"jump_host", [](Reader& r, Path p, Yaml n,
                     Cluster& into) { into.settings.jump_host = jump_host(r, p, n); }},
    {"confirm", [](Reader& r, Path p, Yaml n, Cluster& into) { into.confirm = r.flag(p, n); }},
    {"transport", read_transport},
    {"color", read_group_color},
};

void read_clusters(Reader& r, Path p, Yaml n, ConfigFile& into) {
  if (!n.IsMap()) r.fail(n, p, "a map from names to clusters is expected here");
  std::set<std::string> seen;
  for (const auto& entry : n) {
    Cluster cluster;
    cluster.name = r.key_of(p, entry.first, seen);
    cluster.line = Reader::line(entry.first);
    const std::string path = Reader::joined(p, cluster.name);
    if (cluster.name.empty() || sanitised(cluster.name, 256) != cluster.name ||
        cluster.name.find_first_of(", \t/@") != std::string::npos || cluster.name[0] == '-')
      r.fail(entry.first, path,
             "a cluster's name may not hold blanks, ',', '@', '/' or control characters");
    if (into.find(cluster.name) != nullptr)
      r.fail(entry.first, path, "the cluster is defined twice");
    r.map<Cluster>(path, entry.second, kClusterFields, cluster);
    if (!entry.second["nodes"]) r.fail(entry.first, path, "the key 'nodes' is missing");
    into.clusters.push_back(std::move(cluster));
  }
}

// A command as its words, which no shell reads; or a line for sh, which gets the group as $1.
std::vector<std::string> read_words(Reader& r, Path p, Yaml n) {
  if (n.IsScalar()) {
    const std::string line = r.word(p, n);
    if (line.find("{group}") != std::string::npos)
      r.fail(n, p, "in a line for the shell the group is \"$1\"; {group} is for a list of words");
    return {"/bin/sh", "-c", line, "sh", "{group}"};
  }
  if (!n.IsSequence() || n.size() == 0)
    r.fail(n, p, "a list of words is expected here, such as [nodes, --of, '{group}']");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < n.size(); ++i)
    words.push_back(r.word(p + "[" + std::to_string(i) + "]", n[i]));
  return words;
}

// `all` and `list` are about no group.
std::vector<std::string> read_whole(Reader& r, Path p, Yaml n) {
  std::vector<std::string> words = read_words(r, p, n);
  if (n.IsScalar()) words.resize(3);
  return words;
}

template <SourceSetting::Kind kind>
void read_source_file(Reader& r, Path p, Yaml n, SourceSetting& into) {
  if (!into.file.empty()) r.fail(n, p, "a source is one file or folder");
  into.kind = kind;
  into.file = r.path(p, n);
}

constexpr Field<SourceSetting> kSourceFields[] = {
    {"ansible", read_source_file<SourceSetting::Kind::ansible>},
    {"clustershell", read_source_file<SourceSetting::Kind::clustershell>},
    {"dsh", read_source_file<SourceSetting::Kind::dsh>},
    {"genders", read_source_file<SourceSetting::Kind::genders>},
    {"map",
     [](Reader& r, Path p, Yaml n, SourceSetting& into) { into.map = read_words(r, p, n); }},
    {"all",
     [](Reader& r, Path p, Yaml n, SourceSetting& into) { into.all = read_whole(r, p, n); }},
    {"list",
     [](Reader& r, Path p, Yaml n, SourceSetting& into) { into.list = read_whole(r, p, n); }},
    {"timeout",
     [](Reader& r, Path p, Yaml n, SourceSetting& into) { into.timeout = r.seconds(p, n); }},
    {"cache",
     [](Reader& r, Path p, Yaml n, SourceSetting& into) {
       into.cache = std::chrono::seconds(r.number(p, n, 0, 30LL * 24 * 3600));
     }},
};

void read_sources(Reader& r, Path p, Yaml n, ConfigFile& into) {
  if (!n.IsMap()) r.fail(n, p, "a map from names to sources is expected here");
  std::set<std::string> seen;
  for (const auto& entry : n) {
    SourceSetting source;
    source.name = r.key_of(p, entry.first, seen);
    source.line = Reader::line(entry.first);
    source.path = into.path;
    const std::string path = Reader::joined(p, source.name);
    if (source.name.empty() || source.name.find_first_of(", \t/@:!&^[]{}*?") != std::string::npos)
      r.fail(entry.first, path, "a source's name is a plain word");
    r.map<SourceSetting>(path, entry.second, kSourceFields, source);
    const bool commands = !source.map.empty() || !source.all.empty() || !source.list.empty();
    if (commands != source.file.empty())
      r.fail(entry.first, path,
             "a source has commands (map, all, list) or one of ansible, clustershell, dsh, genders");
    into.sources.push_back(std::move(source));
  }
}

void read_arguments(Reader& r, Path p, Yaml n, CommandTemplate& into) {
  if (!n.IsSequence()) r.fail(n, p, "a list of names is expected here");
  for (std::size_t i = 0; i < n.size(); ++i) {
    const std::string name = r.word(p, n[i]);
    if (name == "host" || name == "user" || name == "n" || name == "args" ||
        std::find(into.args.begin(), into.args.end(), name) != into.args.end())
      r.fail(n[i], p, "'" + name + "' means something already");
    into.args.push_back(name);
  }
}

// No variables of this machine are put in: "$HOME" is the host's.
constexpr Field<CommandTemplate> kCommandFields[] = {
    {"run", [](Reader& r, Path p, Yaml n, CommandTemplate& into) { into.run = r.word(p, n); }},
    {"args", read_arguments},
    {"confirm",
     [](Reader& r, Path p, Yaml n, CommandTemplate& into) { into.confirm = r.flag(p, n); }},
};

void read_commands(Reader& r, Path p, Yaml n, ConfigFile& into) {
  if (!n.IsMap()) r.fail(n, p, "a map from names to commands is expected here");
  std::set<std::string> seen;
  for (const auto& entry : n) {
    CommandTemplate command;
    command.name = r.key_of(p, entry.first, seen);
    command.line = Reader::line(entry.first);
    const std::string path = Reader::joined(p, command.name);
    if (command.name.empty() || command.name.find_first_of(" \t:") != std::string::npos)
      r.fail(entry.first, path, "a command's name is a plain word");
    if (entry.second.IsScalar())
      command.run = r.word(path, entry.second);
    else
      r.map<CommandTemplate>(path, entry.second, kCommandFields, command);
    if (command.run.empty()) r.fail(entry.first, path, "the key 'run' is missing");
    if (const auto ok = check_template(command); !ok) r.fail(entry.first, path, ok.error().message);
    into.commands.push_back(std::move(command));
  }
}

constexpr Field<ConfigFile> kSshFields[] = {
    {"connect_timeout",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.connect_timeout = r.seconds(p, n); }},
    {"command_timeout",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.command_timeout = r.seconds(p, n); }},
    {"max_retries",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) {
       into.max_retries = static_cast<int>(r.number(p, n, 0, 1000));
     }},
    {"file",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.ssh_config_file = r.path(p, n); }},
};

constexpr Field<MaskSetting> kMaskFields[] = {
    {"name", [](Reader& r, Path p, Yaml n, MaskSetting& into) { into.name = r.word(p, n); }},
    {"pattern", [](Reader& r, Path p, Yaml n, MaskSetting& into) { into.pattern = r.word(p, n); }},
    {"enabled", [](Reader& r, Path p, Yaml n, MaskSetting& into) { into.enabled = r.flag(p, n); }},
};

void read_masks(Reader& r, Path p, Yaml n, ConfigFile& into) {
  if (n.IsScalar()) {
    into.masks_on = r.flag(p, n);
    return;
  }
  if (!n.IsSequence()) r.fail(n, p, "'true', 'false' or a list of masks is expected here");
  for (std::size_t i = 0; i < n.size(); ++i) {
    MaskSetting mask;
    const std::string path = p + "[" + std::to_string(i) + "]";
    r.map<MaskSetting>(path, n[i], kMaskFields, mask);
    if (mask.name.empty()) r.fail(n[i], path, "the mask's name is missing");
    if (!mask.pattern && !n[i]["enabled"])
      r.fail(n[i], path, "a mask needs 'pattern' or 'enabled'");
    mask.where = r.place(n[i], path);
    into.masks.push_back(std::move(mask));
  }
}

// A theme is a name, or a file when it holds a slash.
void read_theme(Reader& r, Path p, Yaml n, ConfigFile& into) {
  into.theme = r.word(p, n).find('/') == std::string::npos ? r.word(p, n) : r.path(p, n);
}

// A command as its words: no shell reads it.
void read_copy_command(Reader& r, Path p, Yaml n, ConfigFile& into) {
  if (!n.IsSequence() || n.size() == 0)
    r.fail(n, p, "a list of words is expected here, such as [wl-copy, --trim-newline]");
  for (std::size_t i = 0; i < n.size(); ++i)
    into.copy_command.push_back(r.word(p + "[" + std::to_string(i) + "]", n[i]));
}

void read_host_clipboard(Reader& r, Path p, Yaml n, ConfigFile& into) {
  const std::string word = r.word(p, n);
  if (word != "ignore" && word != "write") r.fail(n, p, "'ignore' or 'write' is expected here");
  into.host_clipboard = word == "write";
}

template <AuditTarget::Kind kind>
void read_audit_path(Reader& r, Path p, Yaml n, AuditTarget& into) {
  if (into.kind != AuditTarget::Kind::none) r.fail(n, p, "an audit goes to one place");
  into = {kind, r.path(p, n)};
}

constexpr Field<AuditTarget> kAuditFields[] = {
    {"file", read_audit_path<AuditTarget::Kind::file>},
    {"journald", read_audit_path<AuditTarget::Kind::journald>},
};

// "journald", "none", or where: {file: PATH}, {journald: SOCKET}.
void read_audit(Reader& r, Path p, Yaml n, ConfigFile& into) {
  AuditTarget target;
  if (n.IsMap()) {
    r.map<AuditTarget>(p, n, kAuditFields, target);
    if (n.size() == 0) r.fail(n, p, "the key 'file' or 'journald' is missing");
  } else if (r.word(p, n) == "journald") {
    target.kind = AuditTarget::Kind::journald;
  } else if (r.word(p, n) != "none") {
    r.fail(n, p, "journald, none or {file: PATH} is expected here");
  }
  into.audit = std::move(target);
}

constexpr Field<ConfigFile> kTopFields[] = {
    {"clusters", read_clusters},
    {"groups", read_clusters},
    {"default_cluster",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.default_cluster = r.text(p, n); }},
    {"sources", read_sources},
    {"commands", read_commands},
    {"default_source",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.default_source = r.text(p, n); }},
    {"ssh_config", [](Reader& r, Path p, Yaml n,
                      ConfigFile& into) { r.map<ConfigFile>(p, n, kSshFields, into); }},
    {"theme", read_theme},
    {"leave_key",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.leave_key = r.word(p, n); }},
    {"on_hangup",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.on_hangup = r.word(p, n); }},
    {"copy_command", read_copy_command},
    {"host_clipboard", read_host_clipboard},
    {"masks", read_masks},
    {"buffer",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) {
       const auto bytes = parse_bytes(r.word(p, n));
       if (!bytes) r.fail(n, p, "'" + n.Scalar() + "' is not a size such as 65536 or 4M");
       into.buffer = static_cast<std::size_t>(*bytes);
     }},
    {"scrollback",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) {
       into.scrollback = static_cast<std::size_t>(r.number(p, n, 0, 10'000'000));
     }},
    {"parallel",
     [](Reader& r, Path p, Yaml n, ConfigFile& into) {
       into.parallel = static_cast<int>(r.number(p, n, 1, 100'000));
     }},
    {"audit", read_audit},
    {"keyring", [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.keyring = r.flag(p, n); }},
    {"keep", [](Reader& r, Path p, Yaml n, ConfigFile& into) { into.keep = r.flag(p, n); }},
};

// Remembers where a document starts; its content is read elsewhere.
class StartOnly : public YAML::EventHandler {
 public:
  int line() const { return line_; }
  void OnDocumentStart(const YAML::Mark& mark) override { line_ = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int line_ = 0;
};

// YAML::LoadAll would do, but on some broken texts yaml-cpp 0.7 never ends in it and hands out empty
// documents until memory is full (found by fuzz_test.cpp). Asking for one more document is bounded.
void refuse_second_document(const ConfigFile& file, const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  StartOnly first, second;
  if (parser.HandleNextDocument(first) && parser.HandleNextDocument(second))
    throw Bad{
        file.error_at(second.line(), "", "broken YAML: something follows the end of the document")};
}

void read_document(ConfigFile& file, const std::string& text, const Environment& environment) {
  const YAML::Node root = YAML::Load(text);
  refuse_second_document(file, text);
  if (root.IsNull()) return;
  Reader reader(file, environment);
  reader.map<ConfigFile>("", root, kTopFields, file);
  if (file.default_cluster && file.find(*file.default_cluster) == nullptr)
    reader.fail(root["default_cluster"], "default_cluster",
                "there is no cluster '" + *file.default_cluster + "'");
}

}  // namespace

const Cluster* ConfigFile::find(std::string_view cluster) const {
  for (const Cluster& candidate : clusters)
    if (candidate.name == cluster) return &candidate;
  return nullptr;
}

const CommandTemplate* ConfigFile::command(std::string_view name) const {
  for (const CommandTemplate& candidate : commands)
    if (candidate.name == name) return &candidate;
  return nullptr;
}

Error ConfigFile::error_at(int line, const std::string& key, const std::string& message) const {
  std::string place = path;
  if (line > 0) place += ":" + std::to_string(line);
  if (!key.empty()) place += ": " + key;
  return {ErrorKind::config, sanitised(place + ": " + message, 1000)};
}

Result<ConfigFile> parse_config(const std::string& text, const std::string& path,
                                const Environment& environment) {
  ConfigFile file;
  file.path = path;
  try {
    read_document(file, text, environment);
  } catch (const Bad& bad) {
    return bad.error;
  } catch (const YAML::Exception& broken) {
    return file.error_at(broken.mark.is_null() ? 0 : broken.mark.line + 1, "",
                         "broken YAML: " + broken.msg);
  }
  return file;
}

Result<ConfigFile> read_config(const std::string& path, const Environment& environment) {
  const auto text = read_text_file(path);
  if (!text) return Error{ErrorKind::config, text.error().message};
  return parse_config(*text, path, environment);
}

std::string default_config_path(const Environment& environment) {
  // A relative $XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification).
  const std::string* xdg = environment.find("XDG_CONFIG_HOME");
  const bool usable = xdg != nullptr && !xdg->empty() && xdg->front() == '/';
  return (usable ? *xdg : environment.home() + "/.config") + "/bdsh/config.yaml";
}

}  // namespace bdsh::config
