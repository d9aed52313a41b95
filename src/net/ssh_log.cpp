#include "net/ssh_log.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

using Step = SshLog::Step;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Milestone {
  std::string_view text;
  Step step;
};

// The first that a line holds counts. A shared connection (ControlMaster) shows only its last step.
constexpr Milestone kMilestones[] = {
    {"debug1: Connection established", Step::connected},
    {"debug1: Executing proxy command", Step::connected},
    {"debug1: SSH2_MSG_KEXINIT received", Step::handshaken},
    {"debug1: SSH2_MSG_NEWKEYS received", Step::key_accepted},
    {"Authenticated to ", Step::authenticated},
    {"debug2: shell request accepted", Step::opened},
    {"debug2: exec request accepted", Step::opened},
    {"debug2: subsystem request accepted", Step::opened},
    {"master session id: ", Step::opened},
};

// What ssh says at every session's end, or of every session.
constexpr std::array<std::string_view, 5> kChatter = {
    "debug", "OpenSSH_", "Authenticated to ", "Transferred: sent ", "Bytes per second: "};

struct Trouble {
  std::string_view text;
  ErrorKind kind;
};
constexpr Trouble kTroubles[] = {
    {"Permission denied", ErrorKind::auth},
    {"Too many authentication failures", ErrorKind::auth},
    {"No supported authentication methods", ErrorKind::auth},
    {"Host key verification failed", ErrorKind::host_key},
    {"host key is known", ErrorKind::host_key},
    {"Could not resolve hostname", ErrorKind::resolve},
    {"timed out", ErrorKind::timeout},
    {"Unable to negotiate", ErrorKind::protocol},
    {"not responding", ErrorKind::lost},
};

// "ED25519 key fingerprint is SHA256:….", in the words of this program.
std::string key_of(std::string_view line) {
  constexpr std::string_view kMiddle = " key fingerprint is ";
  const std::size_t middle = line.find(kMiddle);
  if (middle == std::string_view::npos) return {};
  const std::string_view type = line.substr(0, middle);
  std::string_view print = line.substr(middle + kMiddle.size());
  if (print.ends_with('.')) print.remove_suffix(1);
  const std::string name = type == "ED25519" ? "ssh-ed25519" : type == "RSA" ? "ssh-rsa" : std::string(type);
  return sanitised(name + " " + std::string(print), 256);
}

}  // namespace

bool SshLog::is_message(std::string_view line) {
  if (line.starts_with("Connection to ") && line.ends_with(" closed.")) return false;
  return !line.empty() && std::none_of(kChatter.begin(), kChatter.end(), [line](std::string_view word) {
    return line.starts_with(word);
  });
}

SshLog::Step SshLog::hear(std::string_view line) {
  if (std::string key = key_of(line); !key.empty()) shown_key_ = std::move(key);
  if (is_message(line)) last_message_ = sanitised(line, 512);
  host_sent_status_ = host_sent_status_ || holds(line, "rtype exit-status") ||
                      holds(line, "Received exit status from master");
  host_sent_signal_ = host_sent_signal_ || holds(line, "rtype exit-signal");
  for (const auto& [text, step] : kMilestones)
    if (holds(line, text)) return step;
  return Step::none;
}

bool SshLog::turned_away() const {
  return holds(last_message_, "kex_exchange_identification") ||
         (holds(last_message_, "banner exchange") && !holds(last_message_, "timed out"));
}

Error SshLog::reason() const {
  if (last_message_.empty()) return {ErrorKind::connect, "ssh ended without a word"};
  for (const auto& [text, kind] : kTroubles)
    if (holds(last_message_, text)) return {kind, last_message_};
  return {ErrorKind::connect, last_message_};
}

}  // namespace bdsh::net
