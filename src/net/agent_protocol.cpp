#include "net/agent_protocol.hpp"

#include <algorithm>

#include "net/wire.hpp"

namespace bdsh::net {
namespace {

struct Identity {
  std::string_view blob;
  std::string_view comment;
};

bool parse_identities(std::string_view body, std::vector<Identity>& identities) {
  std::uint32_t count = 0;
  if (body.empty() || body.front() != agent::kIdentitiesAnswer) return false;
  body.remove_prefix(1);
  if (!take_number(body, count)) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    Identity identity;
    if (!take_string(body, identity.blob) || !take_string(body, identity.comment)) return false;
    identities.push_back(identity);
  }
  return true;
}

}  // namespace

std::size_t agent_frame_length(std::string_view header) {
  std::uint32_t length = 0;
  if (!take_number(header, length)) return 0;
  return length <= kMostAgentBytes ? length : 0;
}

std::string agent_frame(std::string_view body) { return ssh_string(body); }

bool agent_request_passes(std::string_view body) {
  return body == std::string_view(&agent::kRequestIdentities, 1) ||
         (!body.empty() && body.front() == agent::kSignRequest);
}

Result<ChosenIdentities> choose_identities(std::string_view answer, const AgentChoice& choice) {
  std::vector<Identity> identities;
  if (!parse_identities(answer, identities))
    return Error{ErrorKind::auth, "it does not list its keys"};
  const auto rank = [&](const Identity& identity) {
    return std::find(choice.listed.begin(), choice.listed.end(), identity.blob) -
           choice.listed.begin();
  };
  std::erase_if(identities, [&](const Identity& identity) {
    const bool listed = static_cast<std::size_t>(rank(identity)) < choice.listed.size();
    return choice.tried.contains(std::string(identity.blob)) || (choice.only_listed && !listed);
  });
  std::stable_sort(identities.begin(), identities.end(), [&](const auto& a, const auto& b) {
    return rank(a) < rank(b);
  });
  if (identities.size() > choice.most) identities.resize(choice.most);
  ChosenIdentities chosen;
  chosen.count = static_cast<int>(identities.size());
  chosen.body = agent::kIdentitiesAnswer + ssh_number(identities.size());
  for (const Identity& identity : identities)
    chosen.body += ssh_string(identity.blob) + ssh_string(identity.comment);
  return chosen;
}

bool certifies(std::string_view certificate, std::string_view key) {
  constexpr std::string_view kSuffix = "-cert-v01@openssh.com";
  std::string_view certificate_type;
  std::string_view key_type;
  std::string_view nonce;
  if (!take_string(certificate, certificate_type) || !take_string(certificate, nonce) ||
      !take_string(key, key_type))
    return false;
  return certificate_type == std::string(key_type).append(kSuffix) && !key.empty() &&
         certificate.starts_with(key);
}

}  // namespace bdsh::net
