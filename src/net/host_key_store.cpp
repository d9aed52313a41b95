#include "net/host_key_store.hpp"

#include "core/text.hpp"

namespace bdsh::net {
namespace {

constexpr const char* kAllTypes[] = {
    "ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256",
};

Result<KnownHosts> read_all(const std::vector<std::string>& files) {
  KnownHosts hosts;
  for (const std::string& file : files) {
    auto text = read_file(file);
    if (!text) return text.error();
    hosts.add(file, *text);
  }
  return hosts;
}

std::string list_known(const std::vector<KnownKey>& known) {
  std::string text;
  for (const KnownKey& key : known)
    text += (text.empty() ? "" : ", ") + key.key.describe() + " (" + key.where() + ")";
  return text;
}

Error refusal(std::string text) {
  return {ErrorKind::host_key, sanitised(text, 1024)};
}

bool serves(const std::string& algorithm, const std::string& type) {
  return algorithm == type || (type == "ssh-rsa" && algorithm.starts_with("rsa-sha2-"));
}

}  // namespace

std::string key_name(const HostSpec& spec) {
  // An alias stands for itself, whatever the port: as ssh does it.
  return spec.host_key_alias.empty() ? host_name(spec.address, spec.port)
                                     : host_name(spec.host_key_alias, 22);
}

Judgement judge(HostKeyPolicy policy, const std::string& name, const HostKey& offered,
                const KeyCheck& check) {
  using Kind = Judgement::Kind;
  switch (check.verdict) {
    case HostKeyVerdict::known: return {.kind = Kind::accept};
    case HostKeyVerdict::revoked:
      return {.kind = Kind::refuse,
              .error = refusal("host key revoked (" + check.known.front().where() + "): offered " +
                               offered.describe() + "; do not connect with it again")};
    case HostKeyVerdict::changed:
      return {.kind = Kind::refuse,
              .error = refusal("host key changed (" + check.known.front().where() + "): offered " +
                               offered.describe() + ", known " + list_known(check.known) +
                               "; if the change is expected, remove the old line (ssh-keygen -R '" +
                               name + "'), else someone may be in between")};
    case HostKeyVerdict::unknown: break;
  }
  if (policy == HostKeyPolicy::strict)
    return {.kind = Kind::refuse,
            .error = refusal("host key unknown and strict checking is on: offered " +
                             offered.describe() + "; add it to known_hosts for " + name +
                             ", or use --strict-host-key-checking accept-new")};
  if (policy != HostKeyPolicy::ask) return {.kind = Kind::accept_and_record};
  Prompt prompt;
  prompt.subject = offered.describe();
  prompt.text = sanitised("accept the host key of " + name + "? " + offered.describe(), 1024);
  prompt.echo = true;
  return {.kind = Kind::ask, .prompt = std::move(prompt)};
}

std::string preferred_key_types(const std::vector<std::string>& known_types) {
  if (known_types.empty()) return {};
  std::string known;
  std::string others;
  for (const char* algorithm : kAllTypes) {
    bool is_known = false;
    for (const std::string& type : known_types) is_known = is_known || serves(algorithm, type);
    std::string& list = is_known ? known : others;
    list += (list.empty() ? "" : ",") + std::string(algorithm);
  }
  return known + (known.empty() || others.empty() ? "" : ",") + others;
}

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
  indexes_[files_of(spec)].hosts.add_key(name, key, file.empty() ? "accepted in this run" : file, 0);
  if (file.empty()) return done(Done{});
  auto result = std::make_shared<Status>(Done{});
  workers_.run(
      [result, file, line = known_hosts_line(name, key, spec.hash_known_hosts)] {
        *result = append_lines(file, line);
      },
      [result, done = std::move(done)] { done(*result); });
}

}  // namespace bdsh::net
