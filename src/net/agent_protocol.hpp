// The part of the agent protocol (draft-miller-ssh-agent, sections 3 to 5) that a filter between
// libssh and the user's agent needs. Pure: frames in, frames out.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bdsh::net {

// Which of an agent's keys one host may be offered. Keys are public keys in wire form.
struct AgentChoice {
  std::vector<std::string> listed{};  // named by the configuration: offered first, in this order
  std::set<std::string> tried{};    // refused before: not offered again
  bool only_listed = false;         // IdentitiesOnly
  std::size_t most = 5;
  bool name_key = false;  // which one signed is to be known
};

constexpr std::size_t kAgentHeader = 4;            // the length that begins every frame
constexpr std::size_t kMostAgentBytes = 256 << 10;  // of one frame; ssh-agent's own bound

namespace agent {
constexpr char kFailure = 5;
constexpr char kRequestIdentities = 11;
constexpr char kIdentitiesAnswer = 12;
constexpr char kSignRequest = 13;
}  // namespace agent

// A frame's length without its header; 0 when it is empty or beyond the bound.
std::size_t agent_frame_length(std::string_view header);
std::string agent_frame(std::string_view body);  // with its header
// Only these leave this program: a list of keys, a signature.
bool agent_request_passes(std::string_view body);

struct ChosenIdentities {
  std::string body;  // an identities answer with the chosen keys alone
  int count = 0;
};
Result<ChosenIdentities> choose_identities(std::string_view answer, const AgentChoice& choice);

// Whether a user certificate is about this plain key: both in wire form. ([PROTOCOL.certkeys]: the
// certificate's type, a nonce, then the fields of the key.)
bool certifies(std::string_view certificate, std::string_view key);

}  // namespace bdsh::net
