// The transcripts of a finished round, as they were printed: each distinct line once, each distinct
// transcript once. What does not fit into its bound is left out, whole transcripts at a time; the
// variants' representatives come first, so that they stand for the hosts that are missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/outcome.hpp"

namespace bdsh::consensus {

class RoundText;

class KeptText {
 public:
  KeptText() = default;
  KeptText(RoundText& text, const Outcome& outcome, std::size_t max_bytes);

  // The host whose lines stand for this host's: itself, or its variant's representative. Nothing
  // where neither was kept.
  std::optional<HostId> stand_in(HostId host) const;
  // These are for hosts that stand for themselves. The views hold as long as this object stays
  // where it is.
  std::size_t line_count(HostId host) const { return transcript(host).size(); }
  std::string_view line(HostId host, std::size_t index) const;
  std::vector<std::string_view> lines(HostId host) const;
  std::size_t bytes() const;  // of memory, about

 private:
  class Builder;
  using Ids = std::vector<std::uint32_t>;  // of lines
  static constexpr std::int32_t kNone = -1;
  const Ids& transcript(HostId host) const;

  std::string text_;
  std::vector<std::size_t> ends_;  // of each line in text_
  std::vector<Ids> transcripts_;
  std::size_t ids_ = 0;                  // in all transcripts
  std::vector<std::int32_t> of_host_;    // index into transcripts_
  std::vector<std::int32_t> stand_ins_;  // by host
};

}  // namespace bdsh::consensus
