#include "app/list_app.hpp"

#include <cstdio>
#include <set>

#include "app/setup.hpp"
#include "core/text.hpp"
#include "report/list_report.hpp"

namespace bdsh::app {
namespace {

std::string name_to_give(const config::ListedGroup& group) {
  return group.needs_source ? group.source + ":" + group.name : group.name;
}

std::vector<report::GroupLine> group_lines(const config::Settings& settings) {
  std::vector<report::GroupLine> lines;
  for (const config::ListedGroup& group : settings.listed)
    lines.push_back({group.source, name_to_give(group), group.hosts, group.confirm,
                     group.error ? sanitised(group.error->message) : ""});
  return lines;
}

std::vector<report::HostLine> host_lines(const config::Settings& settings) {
  std::vector<report::HostLine> lines;
  for (const HostSpec& spec : settings.hosts) lines.push_back({spec, ""});
  for (const config::UnusableHost& host : settings.unusable)
    lines[host.host.value].error = host.error.message;
  return lines;
}

// Groups, or the chosen hosts.
std::string names(const config::Settings& settings) {
  std::string out;
  for (const config::ListedGroup& group : settings.listed)
    out += sanitised(name_to_give(group)) + "\n";
  for (const HostSpec& spec : settings.hosts) out += spec.name + "\n";
  return out;
}

std::string text_of(const config::Settings& settings) {
  if (settings.names) return names(settings);
  const bool hosts = !settings.hosts.empty();
  if (settings.json)
    return hosts ? report::host_list_json(host_lines(settings))
                 : report::group_list_json(group_lines(settings));
  return hosts ? report::host_list(host_lines(settings)) : report::group_list(group_lines(settings));
}

}  // namespace

int print_list(const config::Settings& settings) {
  const std::string text = text_of(settings);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) != 0 || !written)
    return report_error({ErrorKind::io, "standard output: cannot be written"});
  if (text.empty()) std::fputs("bdsh-tui: there are no groups (docs/configuration.md)\n", stderr);
  for (const config::ListedGroup& group : settings.listed)
    if (group.error) return kExitError;
  return kExitOk;
}

}  // namespace bdsh::app
