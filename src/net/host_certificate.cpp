#include "net/host_certificate.hpp"

#include <algorithm>
#include <ctime>

#include "core/text.hpp"
#include "net/signature.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

constexpr std::string_view kSuffix = "-cert-v01@openssh.com";
constexpr std::uint32_t kOfHost = 2;
constexpr std::size_t kMostPrincipals = 256;  // OpenSSH's own bound

bool is_certificate(std::string_view type) {
  return type.ends_with(kSuffix);
}

// Of a security token's certificate the plain type has a suffix of its own.
std::string plain_type(std::string_view type) {
  if (!is_certificate(type)) return std::string(type);
  type.remove_suffix(kSuffix.size());
  return std::string(type) + (type.starts_with("sk-") ? "@openssh.com" : "");
}

// How many strings a key of this type is made of; 0: not a type that can be a host's.
int key_fields(std::string_view type) {
  if (type == "ssh-ed25519") return 1;
  return type == "ssh-rsa" || type.starts_with("ecdsa-sha2-nistp") ? 2 : 0;
}

Error broken(const std::string& what) {
  return {ErrorKind::host_key, what};
}

bool take_key(std::string_view& from, HostKey& into) {
  std::string_view type;
  std::string_view nonce;
  if (!take_string(from, type) || !is_certificate(type) || !take_string(from, nonce)) return false;
  into.type = plain_type(type);
  const std::string_view fields = from;
  const int count = key_fields(into.type);
  std::string_view field;
  for (int i = 0; i < count; ++i)
    if (!take_string(from, field)) return false;
  into.blob = ssh_string(into.type).append(fields.substr(0, fields.size() - from.size()));
  return count > 0;
}

bool take_principals(std::string_view packed, std::vector<std::string>& into) {
  std::string_view name;
  while (!packed.empty()) {
    if (into.size() == kMostPrincipals || !take_string(packed, name)) return false;
    into.emplace_back(name);
  }
  return true;
}

// From the serial number to the signature. `authority` is its key's wire form.
bool take_rest(std::string_view& from, HostCertificate& into, std::uint32_t& kind,
               std::string_view& authority) {
  std::string_view id;
  std::string_view principals;
  std::string_view critical;
  std::string_view ignored;
  if (!take_long(from, into.serial) || !take_number(from, kind) || !take_string(from, id) ||
      !take_string(from, principals) || !take_long(from, into.valid_after) ||
      !take_long(from, into.valid_before) || !take_string(from, critical) ||
      !take_string(from, ignored) || !take_string(from, ignored) || !take_string(from, authority))
    return false;
  into.id = id;
  into.has_critical_options = !critical.empty();
  return take_principals(principals, into.principals);
}

std::string date(std::uint64_t seconds) {
  const auto time = static_cast<std::time_t>(std::min<std::uint64_t>(seconds, 253'402'300'799));
  std::tm parts{};
  char text[32];
  gmtime_r(&time, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return sanitised(text, 256);
}

std::string without_repetition(std::string_view list, bool (*keep)(std::string_view),
                               std::string (*change)(std::string_view)) {
  std::string out;
  for_each_name(list, [&](std::string_view name) {
    if (!keep(name)) return;
    if (const std::string changed = change(name); !has_name(out, changed))
      out += (out.empty() ? "" : ",") + changed;
  });
  return out;
}

}  // namespace

Result<HostCertificate> read_host_certificate(std::string_view blob) {
  HostCertificate read;
  std::string_view rest = blob;
  std::string_view authority;
  std::string_view signature;
  std::uint32_t kind = 0;
  if (!take_key(rest, read.key) || !take_rest(rest, read, kind, authority))
    return broken("it is no host certificate");
  const std::string_view signed_part = blob.substr(0, blob.size() - rest.size());
  std::string_view type = authority;
  std::string_view authority_type;
  if (!take_string(rest, signature) || !rest.empty() || !take_string(type, authority_type))
    return broken("it is no host certificate");
  if (kind != kOfHost) return broken("it is a user's certificate");
  if (is_certificate(authority_type)) return broken("its authority is itself a certificate");
  read.authority = {std::string(authority_type), std::string(authority)};
  if (auto status = check_signature(authority, signature, signed_part); !status)
    return status.error();
  return read;
}

Status vouches_for(const HostCertificate& certificate, const HostKey& offered,
                   const std::string& name, std::uint64_t now) {
  if (certificate.key != offered) return broken("it is about another key than the host's");
  if (now < certificate.valid_after)
    return broken("it is not valid before " + date(certificate.valid_after));
  if (now >= certificate.valid_before)
    return broken("it expired on " + date(certificate.valid_before));
  const auto& names = certificate.principals;
  if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end())
    return broken("it is for " + list_of(names) + ", not for " + name);
  if (certificate.has_critical_options) return broken("it demands something that is not known");
  return Done{};
}

std::string plain_algorithms(std::string_view list) {
  return without_repetition(
      list, [](std::string_view) { return true; }, plain_type);
}

std::string certificate_algorithms(std::string_view list) {
  return without_repetition(list, is_certificate,
                            [](std::string_view name) { return std::string(name); });
}

}  // namespace bdsh::net
