// Whether a host's key is to be trusted: policy over known_hosts, the host's certificate and the
// user's wishes. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/host_spec.hpp"
#include "net/host_certificate.hpp"
#include "net/known_hosts.hpp"

namespace bdsh::net {

// The name a host's keys are filed under: its HostKeyAlias, or its address and port.
std::string key_name(const HostSpec& spec);

struct Finding {
  KeyCheck check;
  std::string objection{};     // why the certificate, if there was one, does not vouch for the key
  std::string certified_by{};  // "ssh-ed25519 SHA256:… (FILE:LINE)", when it does
};
// `certificate`: null when the host has none. `now` in seconds since 1970. Off port 22 a key that
// is not known by the name with the port may be by the one without, as for ssh(1).
Finding check_host_key(const KnownHosts& known, const HostSpec& spec, const HostKey& offered,
                       const HostCertificate* certificate, std::uint64_t now);

// What to do about a host key: accept, ask or refuse, in the user's words.
struct Judgement {
  enum class Kind { accept, accept_and_record, ask, refuse } kind;
  Prompt prompt{};  // ask
  Error error{};    // refuse
};
Judgement judge(HostKeyPolicy policy, const std::string& name, const HostKey& offered,
                const KeyCheck& check);

// The certificates worth asking the host for: a comma-separated list, empty when no authority is
// known for it or the user's HostKeyAlgorithms have none.
std::string wanted_certificates(const KnownHosts& known, const HostSpec& spec);
// What to ask the server for, so that it shows the certificate's key or one of a known type, within
// the user's HostKeyAlgorithms.
std::string wanted_host_keys(const KnownHosts& known, const HostSpec& spec,
                             const HostCertificate* certificate);

}  // namespace bdsh::net
