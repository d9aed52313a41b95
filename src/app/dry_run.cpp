#include "app/dry_run.hpp"

#include <cstdio>
#include <memory>

#include "app/setup.hpp"
#include "core/fold.hpp"
#include "core/text.hpp"
#include "report/list_report.hpp"

namespace bdsh::app {
namespace {

std::string command_for(const config::Settings& settings, std::size_t host) {
  const HostSpec& spec = settings.hosts[host];
  if (!settings.command)
    return spec.remote_command.empty() ? "(a shell)" : spec.remote_command;
  if (settings.script) return "(script) " + *settings.command;
  return settings.commands.empty() ? *settings.command : settings.commands[host];
}

}  // namespace

int print_dry_run(const config::Settings& settings) {
  std::vector<report::HostLine> lines;
  for (std::size_t i = 0; i < settings.hosts.size(); ++i)
    lines.push_back({settings.hosts[i], "", command_for(settings, i)});
  for (const config::UnusableHost& host : settings.unusable)
    lines[host.host.value].error = host.error.message;
  const std::string text = settings.json ? report::host_list_json(lines) : report::host_list(lines);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) != 0 || !written)
    return report_error({ErrorKind::io, "standard output: cannot be written"});
  return kExitOk;
}

Status confirm_command(const config::Settings& settings) {
  if (!settings.confirm) return Done{};
  const std::unique_ptr<FILE, int (*)(FILE*)> tty(std::fopen("/dev/tty", "r+e"), std::fclose);
  const std::string what = sanitised(*settings.command, 200);
  if (!tty)
    return Error{ErrorKind::usage, "'" + what + "' asks before it runs, and there is no terminal (--yes)"};
  std::vector<std::string> names;
  for (const HostSpec& spec : settings.hosts) names.push_back(spec.name);
  std::fprintf(tty.get(), "%s\nRun '%s' on %zu %s? [y/N] ",
               cut_to_width(sanitised(fold_names(names)), 200).c_str(), what.c_str(), names.size(),
               names.size() == 1 ? "host" : "hosts");
  std::fflush(tty.get());
  std::rewind(tty.get());  // from writing to reading
  const int answer = std::fgetc(tty.get());
  if (answer == 'y' || answer == 'Y') return Done{};
  return Error{ErrorKind::cancelled, "not run"};
}

}  // namespace bdsh::app
