// Rounds compared as they happen. Fed with each host's logical lines of the current round;
// answers with the Outcome and with views of it. Pure: no clock, no I/O; not thread-safe.
//
// Cost: a line is masked, interned and hashed once when it arrives; grouping is by chained hash;
// only group representatives are aligned (docs/consensus.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/alignments.hpp"
#include "consensus/chain.hpp"
#include "consensus/columns.hpp"
#include "consensus/diff.hpp"
#include "consensus/history.hpp"
#include "consensus/line_spread.hpp"
#include "consensus/masks.hpp"
#include "consensus/outcome.hpp"
#include "core/error.hpp"

namespace bdsh::consensus {

struct Options {
  bool masks = true;                // mask what varies by nature before comparing
  std::size_t max_lines = 100'000;  // per host and round kept for showing; all are compared
  std::size_t max_text_bytes = 128U << 20U;  // of all interned lines
  // A command run: only hosts that finished with status 0 vote, unless none did.
  bool success_votes = true;
  std::vector<UserMask> user_masks;         // checked by check_masks; an invalid one is not used
  std::vector<std::string> disabled_masks;  // names of masks that are off
  // Lines left for the search when two transcripts are aligned; beyond it the middle is one block.
  // The search takes up to 5 ms at 1,000, up to 100 ms at 4,000 (shuffled lines).
  std::size_t align_cap = 1'000;
  // Alignments that would take long are left to take_jobs(); else they are made at once.
  bool defer_alignments = false;
  std::size_t max_rounds = 100;                // finished rounds kept
  std::size_t max_history_bytes = 64U << 20U;  // of their views and transcripts together
  // Of all hashes; nothing: drawn anew. Chains can be handed on between Comparisons of one seed.
  std::optional<std::uint64_t> seed = std::nullopt;
};

// What is wrong with the configuration's masks, if anything: the first bad name or pattern.
Status check_masks(const std::vector<UserMask>& masks);

class Comparison {
 public:
  // own_words[i]: the names and addresses of HostId{i}, masked in its output as ‹host›.
  Comparison(std::vector<std::vector<std::string>> own_words, Options options);
  ~Comparison();
  Comparison(Comparison&&) noexcept;
  Comparison& operator=(Comparison&&) noexcept;

  // Keeps the round's result in history(), forgets the transcripts and starts the next round;
  // rounds count from 1 (the constructor's). Only `participants` take part: the others are absent
  // and in no count, whatever is said of them. Without any named, all hosts take part.
  void begin_round(std::string command);
  void begin_round(std::string command, HostSet participants);
  void join_round(HostId host);  // it takes part from now on
  const HostSet& participants() const;
  // Hosts that the user left out: absent and in no count in this and later rounds, whatever they
  // print, until they are no longer named here. They stay participants.
  void set_excluded(HostSet hosts);
  int round() const;
  const std::string& command() const;
  void set_command(std::string command);  // where it is known only after the round began
  void set_times(RoundTimes times);       // of this round; begin_round starts with none
  const RoundTimes& times() const;

  // Finished rounds in which any host took part, oldest first; bounded, so the oldest get lost.
  // References into it hold until the next begin_round.
  const std::vector<RoundRecord>& history() const;
  std::size_t forgotten_rounds() const;  // that were in the history and had to go
  // The view of the current or of a kept round; null when there is none of this number.
  const MergedView* view(int round);

  // Replaces the host's complete lines from index `from` (of this round) on by `lines`.
  void set_lines(HostId host, std::size_t from, std::span<const std::string> lines);
  // The line without an end yet; empty: none. Compared when the host is settled or finished.
  void set_open_line(HostId host, std::string_view text);
  void set_progress(HostId host, Progress progress);
  std::size_t line_count(HostId host) const;  // complete lines of this round

  // For who jumps into the middle of a recorded round. All rounds and transcripts are forgotten;
  // this is the round now.
  void jump_to_round(int round, HostSet participants);
  // The host begins behind `lines` lines of which only the chain is known: they count in every
  // comparison and cannot be shown. While a variant's host has any its alignment is pending.
  void resume(HostId host, std::size_t lines, Chain chain);
  // Of the first `lines` lines of the host; nothing when it is not known.
  std::optional<Chain> chain(HostId host, std::size_t lines) const;
  std::size_t unseen_lines(HostId host) const;  // that it was resumed behind
  // Of all that the host printed in this round, with a last line that has no end: equal ones in two
  // Comparisons of one seed and the same masks are equal transcripts.
  Chain transcript_chain(HostId host);
  bool all_kept(HostId host) const;  // no line is known as chain only

  // The variant of this host is the reference from now on, whatever the vote, until cleared with
  // nothing; also in later rounds. While the host has no transcript (absent) the vote counts.
  void set_reference(std::optional<HostId> host);
  std::optional<HostId> pinned_reference() const;

  // Both are computed on demand and kept until the next change.
  const Outcome& outcome();
  const MergedView& merged();
  // Grows with every change of what outcome(), merged() or command() would say.
  std::uint64_t generation() const;

  // What the masks hide in a line of a view: a Spread per masked token, from left to right. Empty
  // where nothing is masked, where masks are off, or where the transcripts are no longer kept.
  std::vector<Spread> spreads(const LinePlace& place);
  // Of line `line` of common block `block` of merged().
  std::vector<Spread> spreads(std::size_t block, std::size_t line);

  // What each host printed for a line of the current round's view, unmasked. In a difference with as
  // many lines on a side as on the named one these are the lines in the same place, else the one line
  // that begins with the same word. Hosts without such a line are left out.
  std::vector<HostLine> host_lines(const LinePlace& place);

  // Any two transcripts. Made when first asked for, and again when one of them changed; the
  // reference holds until the next call.
  const Diff& diff(const TextRef& left, const TextRef& right);
  // Lines [begin, end) of a transcript, as they are shown; as many as there are.
  std::vector<TextLine> lines(const TextRef& ref, std::size_t begin, std::size_t end) const;
  // Two transcripts of the current round, all rows, for reports.
  std::vector<DiffRow> diff_rows(HostId left, HostId right) const;

  // With Options::defer_alignments: what outcome(), merged() and diff() left to be computed. Run
  // each on any thread, then deliver it on this one; what waited for it changes the generation.
  std::vector<std::shared_ptr<AlignJob>> take_jobs();
  void deliver(const AlignJob& job);
  // A host's transcript as it was printed (unmasked), for reports.
  std::vector<std::string> transcript(HostId host) const;
  // Raw and masked forms are both kept; off writes out lines with own names: 0.3 s for 1,000,000.
  void set_masks(bool on);
  bool masks() const;
  // One mask by its name; false when there is none. Masks all kept lines anew: 0.2 s for 1,000,000.
  bool set_mask_enabled(std::string_view name, bool enabled);
  std::vector<std::string> mask_names() const;
  bool mask_enabled(std::string_view name) const;  // false too when there is none
  // The host's own words from now on, for all its lines (a name learned later).
  void set_own_words(HostId host, const std::vector<std::string>& words);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::consensus
