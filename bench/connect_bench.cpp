// What finding out how to reach a host costs: ssh_config of 1,000 Host blocks, resolved for 1,000
// hosts, and known_hosts of 10,000 hashed names, searched for 1,000. CPU time of this process.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "config/ssh_config.hpp"
#include "net/digest.hpp"
#include "net/known_hosts.hpp"

namespace {

constexpr int kHosts = 1000;
constexpr int kLines = 10'000;

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::string name(int i) { return "web" + std::to_string(i) + ".example.com"; }

void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "connect_bench: %s\n", what);
  std::exit(1);
}

double resolve_all(const std::string& path) {
  std::ofstream file(path);
  for (int i = 0; i < kHosts; ++i)
    file << "Host " << name(i) << " alias" << i << "*\n  Port " << 2000 + i << "\n";
  file << "Host *\n  User deploy\n  IdentityFile ~/.ssh/%h\n";
  file.close();
  const double begin = cpu_ms();
  const auto config = bdsh::config::SshConfig::load({}, path, bdsh::config::Environment::current());
  check(config.ok(), "the configuration is refused");
  std::printf("ssh_config of %d Host blocks: read in %.1f ms, ", kHosts, cpu_ms() - begin);
  const double resolving = cpu_ms();
  for (int i = 0; i < kHosts; ++i) {
    const auto host = config->resolve({name(i), {}, {}, {}, {}});
    check(host.ok() && host->port == 2000 + i, "a host is resolved wrongly");
  }
  const double each = (cpu_ms() - resolving) / kHosts;
  std::printf("%.3f ms a host\n", each);
  return each;
}

double look_up_all() {
  using namespace bdsh::net;  // NOLINT
  const std::string type = "ssh-ed25519";
  const HostKey key{type, std::string("\0\0\0\x0b", 4) + type + std::string("\0\0\0\x20", 4) + random_bytes(32)};
  std::string text;
  for (int i = 0; i < kLines; ++i) text += known_hosts_line(name(i), key, true);
  KnownHosts hosts;
  const double begin = cpu_ms();
  hosts.add("known_hosts", text);
  check(hosts.size() == kLines, "lines are refused");
  std::printf("known_hosts of %d hashed names: read in %.1f ms (off the loop), ", kLines, cpu_ms() - begin);
  const double searching = cpu_ms();
  for (int i = 0; i < kHosts; ++i) {  // what a session asks on its way in
    check(hosts.known_types(name(i)).size() == 1, "no type is known");
    check(hosts.check(name(i), key).verdict == bdsh::HostKeyVerdict::known, "a key is not known");
  }
  const double each = (cpu_ms() - searching) / kHosts;
  std::printf("%.3f ms a host\n", each);
  return each;
}

}  // namespace

int main() {
  const std::string path =
      std::filesystem::temp_directory_path() / ("connect_bench." + std::to_string(::getpid()));
  const double together = resolve_all(path) + look_up_all();
  std::filesystem::remove(path);
  std::printf("together %.3f ms a host (bound: 5 ms)\n", together);
  return together < 5 ? 0 : 1;
}
