#include "report/list_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/fold.hpp"
#include "core/text.hpp"

namespace bdsh::report {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

// Names of files and errors may hold any bytes.
std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string in_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<int> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], text_width(row[i]));
    }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size())
        line += std::string(static_cast<std::size_t>(widths[i] - text_width(row[i])) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string group_list(const std::vector<GroupLine>& groups) {
  std::vector<std::vector<std::string>> rows;
  for (const GroupLine& group : groups) {
    const std::string count = std::to_string(group.hosts.size());
    const std::string what = group.error.empty() ? fold_names(group.hosts) : group.error;
    rows.push_back({sanitised(group.name), group.error.empty() ? count : "?",
                    sanitised(what, 1U << 20U) + (group.confirm ? "  (asks before broadcasting)" : "")});
  }
  return in_columns(rows);
}

std::string group_list_json(const std::vector<GroupLine>& groups) {
  Json list = Json::array();
  for (const GroupLine& group : groups)
    list.push_back({{"name", group.name},
                    {"source", text_or_null(group.source)},
                    {"confirm", group.confirm},
                    {"error", text_or_null(group.error)},
                    {"hosts", group.hosts}});
  return dumped({{"groups", std::move(list)}});
}

const char* to_string(HostSpec::Transport transport) {
  switch (transport) {
    case HostSpec::Transport::libssh: return "libssh";
    case HostSpec::Transport::openssh: return "openssh";
    case HostSpec::Transport::command: return "command";
  }
  return "?";
}

std::string way_of(const HostSpec& spec) {
  if (spec.transport == HostSpec::Transport::command) return "command " + spec.terminal_command;
  std::string way = spec.transport == HostSpec::Transport::openssh ? "openssh" : "";
  std::string jumps;
  for (const HostSpec& jump : spec.jumps) jumps += (jumps.empty() ? "-J " : ",") + jump.name;
  if (!spec.proxy_command.empty()) jumps = "ProxyCommand " + spec.proxy_command;
  return way + (way.empty() || jumps.empty() ? "" : " ") + jumps;
}

std::string login_of(const HostSpec& spec) {
  const bool ipv6 = spec.address.find(':') != std::string::npos;
  const std::string address = ipv6 ? "[" + spec.address + "]" : spec.address;
  return spec.user + "@" + address + ":" + std::to_string(spec.port);
}

std::string host_list(const std::vector<HostLine>& hosts) {
  std::vector<std::vector<std::string>> rows;
  for (const HostLine& host : hosts) {
    rows.push_back({host.spec.name, sanitised(login_of(host.spec)), sanitised(host.spec.group),
                    sanitised(host.error.empty() ? way_of(host.spec) : host.error)});
    if (!host.command) continue;
    rows.back()[3] = host.error.empty() && way_of(host.spec).empty() ? "libssh" : rows.back()[3];
    rows.back().push_back(sanitised(*host.command));
  }
  return in_columns(rows);
}

std::string host_list_json(const std::vector<HostLine>& hosts) {
  Json list = Json::array();
  for (const HostLine& host : hosts) {
    const HostSpec& spec = host.spec;
    Json jumps = Json::array();
    for (const HostSpec& jump : spec.jumps) jumps.push_back(login_of(jump));
    Json& one = list.emplace_back();
    one = {{"name", spec.name},
                    {"expression", spec.expression},
                    {"address", spec.address},
                    {"port", spec.port},
                    {"user", spec.user},
                    {"group", text_or_null(spec.group)},
                    {"transport", to_string(spec.transport)},
                    {"jumps", std::move(jumps)},
                    {"error", text_or_null(host.error)}};
    if (host.command) one["command"] = *host.command;
  }
  return dumped({{"hosts", std::move(list)}});
}

}  // namespace bdsh::report
