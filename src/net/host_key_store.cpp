#include "net/host_key_store.hpp"

#include "net/host_trust.hpp"

namespace bdsh::net {
namespace {

Result<KnownHosts> read_all(const std::vector<std::string>& files) {
  KnownHosts hosts;
  for (const std::string& file : files) {
    auto text = read_file(file);
    if (!text) return text.error();
    hosts.add(file, *text);
  }
  return hosts;
}

}  // namespace

HostKeyStore::Files HostKeyStore::files_of(const HostSpec& spec) {
  Files files = spec.user_known_hosts;
  files.insert(files.end(), spec.global_known_hosts.begin(), spec.global_known_hosts.end());
  return files;
}

void HostKeyStore::open(const HostSpec& spec, Ready ready) {
  const Files files = files_of(spec);
  Index& index = indexes_[files];
  if (index.loaded) return ready(Result<const KnownHosts*>(&index.hosts));
  index.waiting.push_back(std::move(ready));
  if (index.waiting.size() > 1) return;
  auto result = std::make_shared<Result<KnownHosts>>(KnownHosts());
  workers_.run([files, result] { *result = read_all(files); },
               [this, files, result] { finished(files, std::move(*result)); });
}

void HostKeyStore::finished(const Files& files, Result<KnownHosts> hosts) {
  Index& index = indexes_[files];
  index.loaded = hosts.ok();
  if (hosts.ok()) index.hosts = std::move(hosts).value();
  for (const Ready& ready : std::exchange(index.waiting, {}))
    ready(hosts.ok() ? Result<const KnownHosts*>(&index.hosts)
                     : Result<const KnownHosts*>(hosts.error()));
}

void HostKeyStore::accept(const HostSpec& spec, const HostKey& key,
                          std::function<void(Status)> done) {
  const std::string name = key_name(spec);
  const std::string file = spec.user_known_hosts.empty() ? "" : spec.user_known_hosts.front();
  indexes_[files_of(spec)].hosts.add_key(name, key, file.empty() ? "accepted in this run" : file,
                                         0);
  if (file.empty()) return done(Done{});
  auto result = std::make_shared<Status>(Done{});
  workers_.run(
      [result, file, line = known_hosts_line(name, key, spec.hash_known_hosts)] {
        *result = append_lines(file, line);
      },
      [result, done = std::move(done)] { done(*result); });
}

}  // namespace bdsh::net
