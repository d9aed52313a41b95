// Makes Diffs of transcripts of any two rounds, and shows their lines. Keeps the last one: a frame
// that changes nothing costs a comparison of two stamps.
#pragma once

#include "consensus/alignments.hpp"
#include "consensus/diff.hpp"
#include "consensus/history.hpp"
#include "consensus/round_text.hpp"

namespace bdsh::consensus {

// Where transcripts are: the current round's, and the finished ones.
struct Rounds {
  RoundText& text;
  int round = 0;  // of `text`
  const History& history;
};

class Differ {
 public:
  explicit Differ(bool defer) : alignments_(defer) {}

  const Diff& diff(const TextRef& left, const TextRef& right, const Rounds& rounds);
  std::vector<TextLine> lines(const TextRef& ref, std::size_t begin, std::size_t end,
                              const Rounds& rounds) const;
  std::vector<std::shared_ptr<AlignJob>> take_jobs() { return alignments_.take_jobs(); }
  bool deliver(const AlignJob& job);

 private:
  using Ids = std::vector<std::uint32_t>;
  // Changes with the transcript; those of finished rounds do not.
  struct Stamp {
    TextRef ref;
    std::uint64_t chain = 0;
    std::size_t lines = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp stamp(const TextRef& ref, const Rounds& rounds);
  // Whose lines are there to stand for it; nothing: nobody's.
  static std::optional<TextRef> found(const TextRef& ref, const Rounds& rounds);
  static std::vector<std::string> forms(const TextRef& ref, const Rounds& rounds);
  std::pair<Ids, Ids> keys(const TextRef& left, const TextRef& right, const Rounds& rounds) const;
  void make(const Rounds& rounds);
  void add_hunks(const Alignment& alignment, const Rounds& rounds);

  Alignments alignments_;
  Diff diff_;
  Stamp left_;
  Stamp right_;
  std::uint64_t id_epoch_ = 0;
  bool stale_ = true;
};

}  // namespace bdsh::consensus
