// What a round looks like over all hosts: the one result that the dashboard, the batch report and
// the JSON document are drawn from. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/host_status.hpp"
#include "core/ids.hpp"

namespace bdsh::consensus {

// How far a host is in the round.
struct Progress {
  enum class Kind {
    absent,    // never took part: queued, connecting, or could not be entered
    running,   // output may still come
    settled,   // a live shell that is quiet: its open line (the prompt) counts
    finished,  // the program ended; `exit` is set
    lost,      // was live, then lost: what it printed stays, it does not vote
  };
  Kind kind = Kind::absent;
  // Of a settled shell: its last command's in the round, where it tells.
  std::optional<ExitResult> exit;
  friend bool operator==(const Progress&, const Progress&) = default;
};

// A transcript that some hosts share, with their exit result.
struct Variant {
  bool reference = false;
  HostSet hosts;                   // never empty
  std::optional<ExitResult> exit;  // of hosts that finished, or of shells that told
  HostId representative;           // the lowest HostId of `hosts`
  std::size_t line_count = 0;
  // Lines that differ from the reference (changed + inserted + deleted); 0 for the reference.
  std::size_t distance = 0;
};

enum class Place : std::uint8_t {
  agrees,     // shares the reference
  divergent,  // shares another variant
  behind,     // what it printed so far is a beginning of the reference: not there yet
  equal,      // there is no reference (a tie): all variants stand as equals
  absent,     // no transcript: see Progress::absent, or the host takes no part in the round
};

struct Outcome {
  std::vector<Variant> variants;  // [0] is the reference if there is one; then by size, then by
                                  // lowest HostId. Letters: 0 is A, 25 is Z, 26 is AA …
  std::optional<std::size_t> reference;  // 0, or nothing with a tie or without transcripts
  std::vector<Place> places;             // by HostId
  std::vector<int> variant_of;           // by HostId; -1: none (behind or absent)
  std::size_t agree = 0;                 // hosts of the reference
  std::size_t of = 0;                    // all hosts that take part in the round
  HostSet divergent;  // place divergent, or equal with a tie: what `n` visits. Lost hosts too.
  HostSet behind;
};

std::string variant_letter(std::size_t index);  // 0 → "A", 26 → "AA"

// A stretch of a displayed line.
struct Span {
  enum class Kind : std::uint8_t { plain, changed, masked };
  Kind kind = Kind::plain;
  std::size_t begin = 0;  // byte offsets into TextLine::text
  std::size_t end = 0;
};

struct TextLine {
  std::string text;         // UTF-8, sanitised, no tabs; masked parts as ‹host›, ‹pid› …
  std::vector<Span> spans;  // ascending, disjoint, without the plain parts
};

// One variant's side of a difference; no lines: these hosts lack them.
struct Side {
  std::vector<std::size_t> variants;  // indices into Outcome::variants, ascending; the reference's
                                      // index stands on the side that holds the reference's lines
  HostSet hosts;
  std::vector<TextLine> lines;
};

// The consensus pane's content: the reference with the places where hosts differ.
struct MergedBlock {
  // common: `lines` are shared by the reference and every variant.
  // difference: `sides` by variant; the reference's side is first and present even when empty.
  enum class Kind : std::uint8_t { common, difference } kind = Kind::common;
  std::vector<TextLine> lines;
  std::vector<Side> sides;
  HostSet hosts;  // difference: the divergent hosts
};

struct MergedView {
  std::vector<MergedBlock> blocks;
  // False with a tie: then the first variant only lends its order to the view, its sides stand
  // first without being the reference's, and a difference's `hosts` are all hosts with a variant.
  bool has_reference = false;
  std::size_t coarse_variants = 0;    // aligned as one block, being too large for more
  std::size_t pending_variants = 0;   // the same until their alignment is delivered: comparing…
  std::size_t left_out_variants = 0;  // the smallest, beyond the bound on differences shown
  std::size_t left_out_lines = 0;     // beyond the bound on lines kept; compared, not shown
};

// Two transcripts side by side (the diff view).
struct DiffRow {
  enum class Kind : std::uint8_t { common, changed, removed, added } kind = Kind::common;
  std::optional<TextLine> left;
  std::optional<TextLine> right;
};

}  // namespace bdsh::consensus
