#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

constexpr std::chrono::seconds kKeep{60};

int to_af(HostSpec::Family family) {
  switch (family) {
    case HostSpec::Family::inet: return AF_INET;
    case HostSpec::Family::inet6: return AF_INET6;
    case HostSpec::Family::any: break;
  }
  return AF_UNSPEC;
}

std::string to_numeric(const addrinfo& info) {
  char text[NI_MAXHOST] = "";
  getnameinfo(info.ai_addr, info.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

std::string reason(int code) {
  if (code == EAI_NONAME || code == EAI_NODATA) return "no such host name";
  if (code == EAI_AGAIN) return "the name server does not answer";
  if (code == EAI_SYSTEM) return std::strerror(errno);
  return gai_strerror(code);
}

}  // namespace

Address Address::with_port(std::uint16_t port) const {
  Address copy = *this;
  if (storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6&>(copy.storage).sin6_port = htons(port);
  else
    reinterpret_cast<sockaddr_in&>(copy.storage).sin_port = htons(port);
  return copy;
}

Result<Addresses> look_up(const std::string& name, HostSpec::Family family, bool numeric_only) {
  addrinfo hints{};
  hints.ai_family = to_af(family);
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = numeric_only ? AI_NUMERICHOST : AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (code != 0)
    return Error{ErrorKind::resolve, "cannot resolve \"" + sanitised(name, 256) + "\": " + reason(code)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    Address address;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.length = info->ai_addrlen;
    address.numeric = to_numeric(*info);
    addresses.push_back(std::move(address));
  }
  return addresses;
}

Resolver::Resolver(Workers& workers, Lookup lookup)
    : workers_(workers), lookup_(std::move(lookup)) {}

void Resolver::resolve(const std::string& name, HostSpec::Family family, Time now,
                       Callback callback) {
  if (auto numeric = look_up(name, family, true)) return callback(numeric);
  Entry& entry = entries_[{name, family}];
  if (entry.waiting.empty() && !entry.addresses.empty() && now < entry.until)
    return callback(Result<Addresses>(entry.addresses));
  entry.waiting.push_back(std::move(callback));
  if (entry.waiting.size() > 1) return;
  auto result = std::make_shared<Result<Addresses>>(Addresses{});
  workers_.run([result, lookup = lookup_, name, family] { *result = lookup(name, family); },
               [this, result, name, family, now] { finished({name, family}, *result, now); });
}

void Resolver::finished(const Name& name, const Result<Addresses>& result, Time now) {
  Entry& entry = entries_[name];
  const auto waiting = std::exchange(entry.waiting, {});
  if (result.ok()) entry.addresses = *result;
  entry.until = now + kKeep;
  for (const auto& callback : waiting) callback(result);
}

}  // namespace bdsh::net
