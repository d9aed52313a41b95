#include "net/host_trust.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "net/algorithms.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

constexpr std::string_view kPlain =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,"
    "rsa-sha2-256";
constexpr std::string_view kCertificates =
    "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
    "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
    "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com";

// The names that ssh(1) looks keys up by, in order.
std::vector<std::string> names_of(const HostSpec& spec) {
  if (!spec.host_key_alias.empty() || spec.port == 22) return {key_name(spec)};
  return {key_name(spec), host_name(spec.address, 22)};
}

KeyCheck look_up(const KnownHosts& known, const HostSpec& spec, const HostKey& offered) {
  const auto names = names_of(spec);
  KeyCheck check = known.check(names.front(), offered);
  if (check.verdict != HostKeyVerdict::unknown || names.size() == 1) return check;
  KeyCheck other = known.check(names.back(), offered);
  return other.verdict == HostKeyVerdict::changed ? check : other;
}

std::vector<KnownKey> authorities_of(const KnownHosts& known, const HostSpec& spec) {
  std::vector<KnownKey> all;
  for (const std::string& name : names_of(spec))
    for (KnownKey& authority : known.authorities(name)) all.push_back(std::move(authority));
  return all;
}

std::vector<std::string> known_types(const KnownHosts& known, const HostSpec& spec) {
  for (const std::string& name : names_of(spec))
    if (auto types = known.known_types(name); !types.empty()) return types;
  return {};
}

// As certificates name hosts: without a port.
std::string principal(const HostSpec& spec) {
  return spec.host_key_alias.empty() ? lower(spec.address) : spec.host_key_alias;
}

std::string list_known(const std::vector<KnownKey>& known) {
  std::string text;
  for (const KnownKey& key : known)
    text += (text.empty() ? "" : ", ") + key.key.describe() + " (" + key.where() + ")";
  return text;
}

Judgement refusal(const std::string& text) {
  return {.kind = Judgement::Kind::refuse, .error = {ErrorKind::host_key, sanitised(text, 1024)}};
}

Judgement question(const std::string& name, const HostKey& offered) {
  Prompt prompt;
  prompt.subject = offered.describe();
  prompt.text = sanitised("accept the host key of " + name + "? " + offered.describe(), 1024);
  prompt.echo = true;
  return {.kind = Judgement::Kind::ask, .prompt = std::move(prompt)};
}

bool serves(std::string_view algorithm, std::string_view type) {
  return algorithm == type || (type == "ssh-rsa" && algorithm.starts_with("rsa-sha2-"));
}

// `list` with the algorithms that serve one of `types` first.
std::string with_first(std::string_view list, const std::vector<std::string>& types) {
  std::string first;
  std::string others;
  for_each_name(list, [&](std::string_view algorithm) {
    const bool known = std::any_of(types.begin(), types.end(),
                                   [&](const auto& type) { return serves(algorithm, type); });
    std::string& to = known ? first : others;
    to.append(to.empty() ? "" : ",").append(algorithm);
  });
  return first + (first.empty() || others.empty() ? "" : ",") + others;
}

}  // namespace

std::string key_name(const HostSpec& spec) {
  // An alias stands for itself, whatever the port: as ssh does it.
  return spec.host_key_alias.empty() ? host_name(spec.address, spec.port)
                                     : host_name(spec.host_key_alias, 22);
}

Finding check_host_key(const KnownHosts& known, const HostSpec& spec, const HostKey& offered,
                       const HostCertificate* certificate, std::uint64_t now) {
  Finding finding{look_up(known, spec, offered)};
  if (certificate == nullptr || finding.check.verdict == HostKeyVerdict::revoked) return finding;
  if (auto check = look_up(known, spec, certificate->authority);
      check.verdict == HostKeyVerdict::revoked)
    return {std::move(check)};
  const auto authorities = authorities_of(known, spec);
  const auto authority =
      std::find_if(authorities.begin(), authorities.end(),
                   [&](const KnownKey& one) { return one.key == certificate->authority; });
  if (authority == authorities.end()) {
    finding.objection =
        sanitised("its authority is not trusted for it: " + certificate->authority.describe());
    return finding;
  }
  if (auto status = vouches_for(*certificate, offered, principal(spec), now); !status) {
    finding.objection = status.error().message;
    return finding;
  }
  return {{HostKeyVerdict::known, {}}, {}, sanitised(list_known({*authority}))};
}

Judgement judge(HostKeyPolicy policy, const std::string& name, const HostKey& offered,
                const KeyCheck& check) {
  using Kind = Judgement::Kind;
  switch (check.verdict) {
    case HostKeyVerdict::known:
      return {.kind = Kind::accept};
    case HostKeyVerdict::revoked:
      return refusal("host key revoked (" + check.known.front().where() + "): offered " +
                     offered.describe() + "; do not connect with it again");
    case HostKeyVerdict::changed:
      return refusal("host key changed (" + check.known.front().where() + "): offered " +
                     offered.describe() + ", known " + list_known(check.known) +
                     "; if the change is expected, remove the old line (ssh-keygen -R '" + name +
                     "'), else someone may be in between");
    case HostKeyVerdict::unknown:
      break;
  }
  if (policy == HostKeyPolicy::strict)
    return refusal("host key unknown and strict checking is on: offered " + offered.describe() +
                   "; add it to known_hosts for " + name +
                   ", or use --strict-host-key-checking accept-new");
  if (policy != HostKeyPolicy::ask) return {.kind = Kind::accept_and_record};
  return question(name, offered);
}

std::string wanted_certificates(const KnownHosts& known, const HostSpec& spec) {
  if (authorities_of(known, spec).empty()) return {};
  const std::string usual = std::string(kCertificates).append(",").append(kPlain);
  return certificate_algorithms(algorithm_list(spec.host_key_algorithms, usual));
}

std::string wanted_host_keys(const KnownHosts& known, const HostSpec& spec,
                             const HostCertificate* certificate) {
  const std::string usual = with_first(kPlain, known_types(known, spec));
  const std::string list = plain_algorithms(algorithm_list(spec.host_key_algorithms, usual));
  return certificate ? with_first(list, {certificate->key.type}) : list;
}

}  // namespace bdsh::net
