// OpenSSH's host certificates (PROTOCOL.certkeys): what one says, and whether it vouches for a
// host. Pure; the certificate itself comes from CertificateRequest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "net/known_hosts.hpp"

namespace bdsh::net {

struct HostCertificate {
  HostKey key;        // the plain key that it is about
  HostKey authority;  // that signed it
  std::uint64_t serial = 0;
  std::string id;                       // the authority's words for it: not to be trusted as text
  std::vector<std::string> principals;  // host names; empty: any
  std::uint64_t valid_after = 0;        // seconds since 1970; this one belongs to it
  std::uint64_t valid_before = 0;       // and this one no longer
  bool has_critical_options = false;  // none are defined for hosts: whatever it is, it is not known
};

// Reads a certificate in wire form and checks its signature. Fails for a user's certificate, and
// for one whose authority is itself a certificate.
Result<HostCertificate> read_host_certificate(std::string_view blob);

// Whether it says that `offered` is the key of the host `name` (without a port) at `now`.
Status vouches_for(const HostCertificate& certificate, const HostKey& offered,
                   const std::string& name, std::uint64_t now);

// The plain key types' names for those of certificates: "ssh-ed25519-cert-v01@openssh.com" becomes
// "ssh-ed25519"; without repetition, in order, others as they are.
std::string plain_algorithms(std::string_view list);
// The certificates' names in a list.
std::string certificate_algorithms(std::string_view list);

}  // namespace bdsh::net
