#include "run/run_yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <array>
#include <cstdio>
#include <sstream>

#include "core/cell.hpp"
#include "core/text.hpp"
#include "run/times.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kLongestText = 64U << 10U;

constexpr std::array kStates = {HostState::queued,      HostState::connecting, HostState::running,
                                HostState::waiting,     HostState::done,       HostState::failed,
                                HostState::disconnected};
constexpr std::array kSteps = {ConnectStep::none,      ConnectStep::resolve,  ConnectStep::connect,
                               ConnectStep::handshake, ConnectStep::host_key, ConnectStep::auth,
                               ConnectStep::channel,   ConnectStep::live};
constexpr std::array kErrors = {ErrorKind::usage,     ErrorKind::config,  ErrorKind::io,
                                ErrorKind::resolve,   ErrorKind::connect, ErrorKind::timeout,
                                ErrorKind::protocol,  ErrorKind::jump,    ErrorKind::host_key,
                                ErrorKind::auth,      ErrorKind::channel, ErrorKind::lost,
                                ErrorKind::cancelled, ErrorKind::internal};

template <typename Enum, std::size_t N>
std::optional<Enum> named(const std::array<Enum, N>& all, const std::string& word) {
  for (const Enum one : all)
    if (word == to_string(one)) return one;
  return {};
}

void append_escaped(char32_t code, std::string& out) {
  std::array<char, 12> text{};
  if (code == U'"' || code == U'\\') {
    out += '\\';
    out += static_cast<char>(code);
  } else if (code == U'\n') {
    out += "\\n";
  } else if (code == U'\t') {
    out += "\\t";
  } else if (char_width(code) < 0 || code == 0x2028 || code == 0x2029 || code == 0xFEFF) {
    std::snprintf(text.data(), text.size(), "\\u%04X", static_cast<unsigned>(code));
    out += text.data();
  } else {
    append_utf8(code, out);
  }
}

template <typename T, typename Show>
std::string or_null(const std::optional<T>& value, Show show) {
  return value ? show(*value) : std::string("null");
}

std::string list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + yaml_quoted(item);
  return out + "]";
}

// One host a line, so that a file cut short still says most.
std::string host_line(const HostSpec& host, const std::string& folder) {
  return "  - {name: " + yaml_quoted(host.name) + ", folder: " + yaml_quoted(folder) +
         ", original: " + yaml_quoted(host.original) + ", address: " + yaml_quoted(host.address) +
         ", port: " + std::to_string(host.port) + ", user: " + yaml_quoted(host.user) +
         ", group: " + yaml_quoted(host.group) + ", expression: " + yaml_quoted(host.expression) +
         "}\n";
}

// Reading: absent, null and ill-typed values give the fallback. A wrong value in a file that is
// read back is damage to live with, not a mistake to reject.
template <typename T>
T get(const YAML::Node& node, const char* key, T fallback) {
  if (!node.IsMap()) return fallback;
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.as<T>(fallback) : fallback;
}

std::string text_of(const YAML::Node& node, const char* key) {
  return sanitised(get<std::string>(node, key, ""), kLongestText);
}

std::optional<WallTime> time_of(const YAML::Node& node, const char* key) {
  return parse_iso_time(get<std::string>(node, key, ""));
}

bool present(const YAML::Node& node, const char* key) {
  return node.IsMap() && node[key] && node[key].IsScalar();
}

HostSpec host_of(const YAML::Node& node) {
  HostSpec host;
  host.name = text_of(node, "name");
  host.original = text_of(node, "original");
  host.address = text_of(node, "address");
  host.port = get<std::uint16_t>(node, "port", 22);
  host.user = text_of(node, "user");
  host.group = text_of(node, "group");
  host.expression = text_of(node, "expression");
  return host;
}

void read_hosts(const YAML::Node& hosts, RunRecord& run) {
  if (!hosts || !hosts.IsSequence()) return;
  for (const YAML::Node& node : hosts) {
    run.description.hosts.push_back(host_of(node));
    run.folders.push_back(get<std::string>(node, "folder", ""));
  }
}

// Sizes are bounded, for the viewer makes a terminal of that size per host.
Size size_of(const YAML::Node& node) {
  Size size{Rows{24}, Cols{80}};
  if (!node || !node.IsMap()) return size;
  const int rows = get(node, "rows", 0);
  const int cols = get(node, "columns", 0);
  if (rows > 0 && rows <= 1000 && cols > 0 && cols <= 1000) size = {Rows{rows}, Cols{cols}};
  return size;
}

RunRecord run_of(const YAML::Node& root) {
  RunRecord run;
  RunDescription& what = run.description;
  what.name = text_of(root, "name");
  what.version = text_of(root, "version");
  if (present(root, "command")) what.command = text_of(root, "command");
  what.pty = get(root, "pty", true);
  what.size = size_of(root["size"]);
  what.started = time_of(root, "started").value_or(WallTime{});
  run.finished = time_of(root, "finished");
  if (const YAML::Node arguments = root["arguments"]; arguments && arguments.IsSequence())
    for (const YAML::Node& one : arguments)
      if (one.IsScalar()) what.arguments.push_back(sanitised(one.Scalar(), kLongestText));
  read_hosts(root["hosts"], run);
  return run;
}

HostMeta meta_of(const YAML::Node& root) {
  HostMeta meta;
  HostStatus& status = meta.status;
  status.state = named(kStates, get<std::string>(root, "state", "")).value_or(HostState::queued);
  status.step = named(kSteps, get<std::string>(root, "step", "")).value_or(ConnectStep::none);
  if (get(root, "exited", false)) {
    status.exit.emplace();
    if (present(root, "exit_status")) status.exit->status = get(root, "exit_status", 255);
    status.exit->signal = text_of(root, "signal");
  }
  if (present(root, "error"))
    status.error = Error{
        named(kErrors, get<std::string>(root, "error_kind", "")).value_or(ErrorKind::internal),
        text_of(root, "error")};
  meta.start = time_of(root, "start");
  meta.end = time_of(root, "end");
  if (present(root, "bytes")) meta.bytes = get<std::uint64_t>(root, "bytes", 0);
  if (present(root, "log_error")) meta.log_error = text_of(root, "log_error");
  return meta;
}

// yaml-cpp reports by exceptions; this is where they end.
template <typename Read>
auto parsed(const std::string& text, Read read) -> Result<decltype(read(YAML::Node()))> {
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsMap()) return read(root);
    return Error{ErrorKind::io, "no YAML mapping"};
  } catch (const YAML::Exception& failure) {
    return Error{ErrorKind::io, "line " + std::to_string(failure.mark.line + 1) + ": " +
                                    sanitised(failure.msg, 200)};
  }
}

}  // namespace

void HostMeta::apply(const HostStatus& next, WallTime now) {
  const bool begins = next.state == HostState::connecting && status.state != HostState::connecting;
  if (begins || (!start && next.state != HostState::queued)) start = now;
  if (!next.ended())
    end.reset();
  else if (!end)
    end = now;
  status = next;
}

bool HostMeta::differs(const HostStatus& next) const {
  return status.state != next.state || status.exit != next.exit || status.error != next.error ||
         (status.step != next.step && next.step == ConnectStep::live);
}

std::optional<std::string> HostMeta::missing(std::uint64_t log_size) const {
  if (bytes && log_size < *bytes)
    return "out.log lacks the last " + std::to_string(*bytes - log_size) + " of " +
           std::to_string(*bytes) + " bytes" + (log_error.empty() ? "" : " (" + log_error + ")");
  return log_error.empty() ? std::nullopt : std::optional(log_error);
}

std::string to_yaml(const RunRecord& run) {
  const RunDescription& what = run.description;
  std::string out = "format: " + std::to_string(kFormat) + "\nname: " + yaml_quoted(what.name) +
                    "\ncommand: " + or_null(what.command, yaml_quoted) +
                    "\npty: " + (what.pty ? "true" : "false") +
                    "\nsize: {rows: " + std::to_string(what.size.rows.value) +
                    ", columns: " + std::to_string(what.size.cols.value) +
                    "}\nstarted: " + iso_time(what.started) +
                    "\nfinished: " + or_null(run.finished, iso_time) +
                    "\nprogram: bdsh-tui\nversion: " + yaml_quoted(what.version) +
                    "\narguments: " + list(what.arguments) + "\nhosts:\n";
  for (std::size_t i = 0; i < what.hosts.size(); ++i)
    out += host_line(what.hosts[i], run.folders[i]);
  return out + std::string(kEndMark);
}

std::string to_yaml(const HostMeta& meta, std::string_view host) {
  const HostStatus& status = meta.status;
  const ExitResult exit = status.exit.value_or(ExitResult{});
  const auto number = [](int value) { return std::to_string(value); };
  const auto count = [](std::uint64_t value) { return std::to_string(value); };
  return "host: " + yaml_quoted(host) + "\nstate: " + to_string(status.state) +
         "\nstep: " + to_string(status.step) + "\nexited: " + (status.exit ? "true" : "false") +
         "\nexit_status: " + or_null(exit.status, number) +
         "\nsignal: " + (exit.signal.empty() ? "null" : yaml_quoted(exit.signal)) +
         "\nstart: " + or_null(meta.start, iso_time) + "\nend: " + or_null(meta.end, iso_time) +
         "\nerror_kind: " + (status.error ? to_string(status.error->kind) : "null") +
         "\nerror: " + (status.error ? yaml_quoted(status.error->message) : "null") +
         "\nbytes: " + or_null(meta.bytes, count) +
         "\nlog_error: " + (meta.log_error.empty() ? "null" : yaml_quoted(meta.log_error)) + "\n";
}

Result<RunRecord> parse_run_yaml(const std::string& text) {
  return parsed(text, run_of);
}

Result<HostMeta> parse_meta_yaml(const std::string& text) {
  return parsed(text, meta_of);
}

std::string yaml_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) append_escaped(decode_utf8(text, at), out);
  return out + '"';
}

}  // namespace bdsh::run
