#include "app/host_lists.hpp"

#include <sys/stat.h>

#include <cstdio>

#include "app/user_path.hpp"
#include "config/host_file.hpp"
#include "core/text.hpp"
#include "report/host_verdict.hpp"
#include "run/user_file.hpp"

namespace bdsh::app {
namespace {

std::string host_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " host" : " hosts");
}

// Only a list of hosts is replaced: what else has the name was not meant.
Status check_replaced(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return Done{};
  const Error other{ErrorKind::io, sanitised(path) + ": exists, and is no list of hosts"};
  const auto file = config::read_host_file(path);
  if (!file) return other;
  const auto nothing = [](const std::string&) { return std::vector<config::Target>{}; };
  const auto none = [] { return std::vector<config::Target>{{"", "any", {}}}; };
  return file->hosts({nothing, none, nothing}) ? Status(Done{}) : Status(other);
}

Status check(const std::string& path) {
  if (const Status usable = run::check_user_file(path); !usable) return usable;
  return check_replaced(path);
}

Status write(const RunState& state, const HostSet& hosts, const std::string& path) {
  if (const Status usable = check_replaced(path); !usable) return usable;
  std::string lines;
  hosts.for_each([&](HostId host) { lines += state.info(host).expression + "\n"; });
  return run::write_user_file(path, lines, run::Existing::replaced);
}

HostSet all_hosts(const RunState& state) {
  return HostSet::first(state.host_count()) - state.excluded();
}

HostSet failed_hosts(const RunState& state, const std::vector<HostStatus>& statuses) {
  HostSet failed;
  all_hosts(state).for_each([&](HostId host) {
    const HostStatus& status = statuses[host.value];
    if (!status.live() && report::verdict(status) != report::Verdict::ok) failed.add(host);
  });
  return failed;
}

}  // namespace

std::string save_hosts(const RunState& state, const HostSet& hosts, const std::string& path) {
  const std::string file = home_path(path);
  const Status written = write(state, hosts, file);
  if (!written) return "not saved: " + written.error().message;
  return host_count(hosts.size()) + " saved: -H @" + sanitised(path);
}

HostSet hosts_to_save(const RunState& state, const RunEnd& end, config::SaveHosts::Which which) {
  using Which = config::SaveHosts::Which;
  switch (which) {
    case Which::failed:
      return failed_hosts(state, end.statuses);
    case Which::divergent:
      return end.outcome.divergent;
    case Which::agree:
      return end.outcome.reference ? end.outcome.variants[0].hosts : HostSet();
    case Which::odd:
      return failed_hosts(state, end.statuses) | end.outcome.divergent;
  }
  return {};
}

Status check_lists(const std::vector<config::SaveHosts>& lists) {
  for (const config::SaveHosts& list : lists)
    if (const Status usable = check(list.path); !usable) return usable;
  return Done{};
}

Status write_lists(const std::vector<config::SaveHosts>& lists, const RunState& state,
                   const RunEnd& end) {
  for (const config::SaveHosts& list : lists) {
    const HostSet hosts = hosts_to_save(state, end, list.which);
    if (const Status written = write(state, hosts, list.path); !written) return written;
    std::fprintf(stderr, "%s saved in %s\n", host_count(hosts.size()).c_str(),
                 sanitised(list.path).c_str());
  }
  return Done{};
}

}  // namespace bdsh::app
