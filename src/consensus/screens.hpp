// The majority screen: what most hosts that run full-screen programs show, cell by cell.
// Method: per row a table of row hashes and votes; the row that more than half of the hosts show
// is the majority's. Cells are compared, and without such a row voted on one by one, only in rows
// that are not unanimous. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "core/screen.hpp"

namespace bdsh::consensus {

// Hosts that show the same screen.
struct ScreenVariant {
  enum class Kind : std::uint8_t {
    majority,   // cell by cell what the consensus shows
    differs,    // the same program, some cells different
    elsewhere,  // another program
    shell,      // none at all, while most hosts run one
  } kind = Kind::majority;
  HostSet hosts;
  HostId representative;    // the lowest of them
  std::uint32_t cells = 0;  // that differ from the consensus
};

struct ScreenConsensus {
  ScreenSnapshot screen;  // the majority's cells; the cursor is the majority's
  // Per cell of `screen`: 1 where some host shows another (of those in the same program).
  std::vector<std::uint8_t> differ;
  std::vector<std::uint32_t> deviation;  // by HostId: cells that differ from `screen`
  HostSet hosts;                         // that take part
  HostSet divergent;                     // deviation > 0, or another size
  HostSet elsewhere;      // of these: in another program, since most of what they show is different
  std::size_t agree = 0;  // hosts with deviation 0
  // The majority's if any host shows just that, then those that differ, then those elsewhere, each
  // by size, then by lowest host; then those at their shell. Letters as in Outcome.
  std::vector<ScreenVariant> variants;
  std::vector<int> variant_of;  // by HostId; -1: none
};

// These hosts are at their shell: one variant more, if there are any.
void add_shell_variant(ScreenConsensus& screens, const HostSet& hosts);

class ScreenVote {
 public:
  explicit ScreenVote(std::size_t host_count);
  ~ScreenVote();
  ScreenVote(ScreenVote&&) noexcept;
  ScreenVote& operator=(ScreenVote&&) noexcept;

  // The host's rows as hashes (see HostTerminal::row_hash); only changed rows cost.
  void set_rows(HostId host, Size size, std::span<const std::uint64_t> row_hashes);
  void set_cursor(HostId host, Point cursor, bool visible);  // invisible until said
  void leave(HostId host);                                   // it left its full-screen program
  const HostSet& hosts() const;
  // `row_cells(host, row)` gives a row's cells (size.cols of them), valid until the next call;
  // asked only where needed.
  using RowCells = std::function<const Cell*(HostId, int row)>;
  ScreenConsensus result(const RowCells& row_cells) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::consensus
