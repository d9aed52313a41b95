// Rounds compared as they happen. Fed with each host's logical lines of the current round;
// answers with the Outcome and with views of it. Pure: no clock, no I/O; not thread-safe.
//
// Cost: a line is masked, interned and hashed once when it arrives; grouping is by chained hash;
// only group representatives are aligned (docs/consensus.md).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/outcome.hpp"
#include "core/host_spec.hpp"

namespace bdsh::consensus {

struct Options {
  bool masks = true;                     // mask what varies by nature before comparing
  std::size_t max_lines = 100'000;       // per host and round kept for showing; all are compared
  std::size_t max_text_bytes = 128U << 20U;  // of all interned lines
  // A command run: only hosts that finished with status 0 vote, unless none did.
  bool success_votes = true;
};

class Comparison {
 public:
  // own_words[i]: the names and addresses of HostId{i}, masked in its output as ‹host›.
  Comparison(std::vector<std::vector<std::string>> own_words, Options options);
  ~Comparison();
  Comparison(Comparison&&) noexcept;
  Comparison& operator=(Comparison&&) noexcept;

  // Forgets the transcripts and starts the next round; rounds count from 1 (the constructor's).
  void begin_round(std::string command);
  int round() const;
  const std::string& command() const;

  // Replaces the host's complete lines from index `from` (of this round) on by `lines`.
  void set_lines(HostId host, std::size_t from, std::span<const std::string> lines);
  // The line without an end yet; empty: none. Compared when the host is settled or finished.
  void set_open_line(HostId host, std::string_view text);
  void set_progress(HostId host, Progress progress);
  std::size_t line_count(HostId host) const;  // complete lines of this round

  // Both are computed on demand and kept until the next change.
  const Outcome& outcome();
  const MergedView& merged();
  // Grows with every change of what outcome() or merged() would say.
  std::uint64_t generation() const;

  // The diff view: `left` is the reference's representative when nothing is named.
  std::vector<DiffRow> diff(HostId left, HostId right) const;
  // A host's transcript as it was printed (unmasked), for reports.
  std::vector<std::string> transcript(HostId host) const;
  void set_masks(bool on);  // re-reads nothing: raw and masked forms are both kept

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::consensus
