#include "run/round_follower.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace bdsh::run {
namespace {

// A line of 100,000 hosts with long names.
constexpr std::size_t kLongestLine = 16U << 20U;

}  // namespace

RoundFollower::RoundFollower(const std::vector<std::string>& folders)
    : file_("rounds.log", kLongestLine), offsets_(folders.size()) {
  for (std::size_t i = 0; i < folders.size(); ++i)
    hosts_.emplace(folders[i], HostId{static_cast<std::uint32_t>(i)});
}

void RoundFollower::poll(int directory, std::vector<std::string>& warnings) {
  while (!waiting()) {
    if (lines_.empty())
      for (std::string& line : file_.poll(directory)) lines_.push_back(std::move(line));
    if (lines_.empty()) return;
    if (const auto line = parse_round_line(lines_.front()))
      take_line(*line);
    else if (!std::exchange(warned_, true))
      warnings.emplace_back("rounds.log is damaged: rounds may be missing");
    lines_.pop_front();
  }
}

// Hosts that a round's line does not name had printed nothing.
void RoundFollower::take_line(const RoundLine& line) {
  round_ = line.round;
  at_ = line.at;
  participants_.clear();
  if (waiting()) std::fill(offsets_.begin(), offsets_.end(), 0);
  const auto take = [&](const LogPlace& place, bool participant) {
    const auto found = hosts_.find(place.folder);
    if (found == hosts_.end()) return;
    if (!waiting()) {
      restarts_[found->second].push_back(place.offset);
      return;
    }
    offsets_[found->second.value] = place.offset;
    if (participant) participants_.add(found->second);
  };
  for (const LogPlace& place : line.participants) take(place, true);
  for (const LogPlace& place : line.others) take(place, false);
}

std::uint64_t RoundFollower::limit(HostId host) const {
  const std::uint64_t round =
      waiting() ? offsets_[host.value] : std::numeric_limits<std::uint64_t>::max();
  const auto restarts = restarts_.find(host);
  return restarts == restarts_.end() ? round : std::min(round, restarts->second.front());
}

bool RoundFollower::restart_due(HostId host, std::uint64_t offset) const {
  const auto restarts = restarts_.find(host);
  return restarts != restarts_.end() && restarts->second.front() <= offset;
}

bool RoundFollower::take_restart(HostId host, std::uint64_t offset) {
  if (!restart_due(host, offset)) return false;
  const auto restarts = restarts_.find(host);
  restarts->second.pop_front();
  if (restarts->second.empty()) restarts_.erase(restarts);
  return true;
}

RoundFollower::Passed RoundFollower::pass() {
  return {std::exchange(round_, 0), std::exchange(participants_, HostSet()), at_};
}

}  // namespace bdsh::run
