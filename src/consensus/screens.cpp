#include "consensus/screens.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "consensus/hash.hpp"

namespace bdsh::consensus {
namespace {

// The hash of a screen is a sum over its rows, so that a changed row costs two additions.
std::uint64_t row_part(std::uint64_t row_hash, std::size_t row) {
  return mix(row_hash, row + 1);
}

std::uint64_t size_key(Size size) {
  return static_cast<std::uint64_t>(size.rows.value) << 32U |
         static_cast<std::uint32_t>(size.cols.value);
}

struct Screen {
  Size size;
  std::vector<std::uint64_t> rows;
  std::uint64_t hash = 0;
  Point cursor;
  bool cursor_visible = false;
};

// How often each value was given. The winner is the most frequent; of equals the one whose first
// host is lowest, so that the order of arrival does not count.
struct Vote {
  std::size_t count = 0;
  HostId first;
};

template <typename ValueOf>
HostId winner(const std::vector<HostId>& hosts, ValueOf&& value_of) {
  std::unordered_map<std::uint64_t, Vote> votes;
  votes.reserve(hosts.size());
  Vote best;
  for (const HostId host : hosts) {
    Vote& vote = votes.try_emplace(value_of(host), Vote{0, host}).first->second;
    ++vote.count;
    if (vote.count > best.count || (vote.count == best.count && vote.first < best.first))
      best = vote;
  }
  return best.first;
}

}  // namespace

class ScreenVote::Impl {
 public:
  explicit Impl(std::size_t host_count) : screens_(host_count) {}

  void set_rows(HostId host, Size size, std::span<const std::uint64_t> hashes) {
    Screen& screen = screens_[host.value];
    if (!members_.contains(host) || screen.size != size || screen.rows.size() != hashes.size()) {
      screen = {size, std::vector<std::uint64_t>(hashes.size(), 0), 0, screen.cursor,
                screen.cursor_visible};
      for (std::size_t row = 0; row < hashes.size(); ++row) screen.hash += row_part(0, row);
      members_.add(host);
    }
    for (std::size_t row = 0; row < hashes.size(); ++row) {
      if (screen.rows[row] == hashes[row]) continue;
      screen.hash += row_part(hashes[row], row) - row_part(screen.rows[row], row);
      screen.rows[row] = hashes[row];
    }
  }

  void set_cursor(HostId host, Point cursor, bool visible) {
    screens_[host.value].cursor = cursor;
    screens_[host.value].cursor_visible = visible;
  }

  void leave(HostId host) {
    members_.remove(host);
    screens_[host.value] = {};
  }

  const HostSet& members() const { return members_; }

  ScreenConsensus result(const RowCells& row_cells) const {
    ScreenConsensus out;
    out.hosts = members_;
    out.deviation.assign(screens_.size(), 0);
    if (members_.empty()) return out;
    Frame frame(out, row_cells, of_common_size(out), screens_.size());
    place_cursor(frame);
    for (int row = 0; row < out.screen.size.rows.value; ++row) vote_row(frame, row);
    find_elsewhere(frame);
    for (const Difference& difference : frame.differences) mark(frame, difference);
    count(out);
    group(out);
    return out;
  }

 private:
  // A row as some hosts show it that differs from the consensus's.
  struct Difference {
    int row = 0;
    std::vector<HostId> hosts;
  };

  struct Frame {
    Frame(ScreenConsensus& consensus, const RowCells& cells_of, std::vector<HostId> same_size,
          std::size_t host_count)
        : out(consensus), row_cells(cells_of), hosts(std::move(same_size)), shown(host_count, 0) {
      const auto cells =
          static_cast<std::size_t>(out.screen.size.rows.value * out.screen.size.cols.value);
      out.screen.cells.resize(cells);
      out.differ.assign(cells, 0);
    }
    std::size_t cols() const { return static_cast<std::size_t>(out.screen.size.cols.value); }

    ScreenConsensus& out;
    const RowCells& row_cells;
    std::vector<HostId> hosts;         // of the common size
    std::vector<std::uint32_t> shown;  // by HostId: cells in differing rows that are not blank
    std::uint32_t shown_by_all = 0;    // the same in unanimous rows
    std::vector<Difference> differences;
  };

  // Hosts of the size that most have, which becomes the consensus's; every cell of others deviates.
  std::vector<HostId> of_common_size(ScreenConsensus& out) const {
    const std::vector<HostId> all = members_.to_vector();
    const auto size_of = [this](HostId host) { return screens_[host.value].size; };
    out.screen.size = size_of(winner(all, [&](HostId host) { return size_key(size_of(host)); }));
    out.screen.alternate = true;
    std::vector<HostId> same;
    for (const HostId host : all) {
      if (size_of(host) == out.screen.size && has_all_rows(host))
        same.push_back(host);
      else
        out.deviation[host.value] =
            static_cast<std::uint32_t>(out.screen.size.rows.value * out.screen.size.cols.value);
    }
    return same;
  }

  bool has_all_rows(HostId host) const {
    const Screen& screen = screens_[host.value];
    return screen.rows.size() == static_cast<std::size_t>(screen.size.rows.value);
  }

  void place_cursor(Frame& frame) const {
    if (frame.hosts.empty()) return;
    const HostId host = winner(frame.hosts, [this](HostId each) {
      const Screen& screen = screens_[each.value];
      const auto row = static_cast<std::uint64_t>(screen.cursor.row) << 32U;
      return (row | static_cast<std::uint32_t>(screen.cursor.col)) << 1U |
             (screen.cursor_visible ? 1U : 0U);
    });
    frame.out.screen.cursor = screens_[host.value].cursor;
    frame.out.screen.cursor_visible = screens_[host.value].cursor_visible;
  }

  std::uint64_t row_hash(HostId host, int row) const {
    return screens_[host.value].rows[static_cast<std::size_t>(row)];
  }

  // A unanimous row costs a comparison of hashes per host, and one look at cells.
  void vote_row(Frame& frame, int row) const {
    if (frame.hosts.empty()) return;
    const std::uint64_t expected = row_hash(frame.hosts.front(), row);
    const bool unanimous = std::all_of(frame.hosts.begin(), frame.hosts.end(), [&](HostId host) {
      return row_hash(host, row) == expected;
    });
    if (!unanimous) return vote_versions(frame, row);
    copy_row(frame, row, frame.hosts.front());
    const Cell* cells = frame.out.screen.row(row);
    frame.shown_by_all += static_cast<std::uint32_t>(
        std::count_if(cells, cells + frame.cols(), [](Cell cell) { return !blank(cell); }));
  }

  static bool blank(Cell cell) { return cell.glyph == kBlank || cell.glyph == U' '; }

  static void copy_row(Frame& frame, int row, HostId from) {
    std::copy_n(frame.row_cells(from, row), frame.cols(), frame.out.screen.row(row));
  }

  // Hosts with the same row are one version; the lowest host stands for it.
  std::vector<std::vector<HostId>> versions_of(const Frame& frame, int row) const {
    std::vector<std::vector<HostId>> versions;
    std::unordered_map<std::uint64_t, std::size_t> index;
    for (const HostId host : frame.hosts) {
      const auto [at, fresh] = index.try_emplace(row_hash(host, row), versions.size());
      if (fresh) versions.emplace_back();
      versions[at->second].push_back(host);
    }
    return versions;
  }

  void vote_versions(Frame& frame, int row) const {
    std::vector<std::vector<HostId>> versions = versions_of(frame, row);
    const auto best =
        std::max_element(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
          return a.size() != b.size() ? a.size() < b.size() : b.front() < a.front();
        });
    copy_row(frame, row, best->front());
    const bool majority = best->size() * 2 > frame.hosts.size();
    if (!majority) vote_cells(frame, row, versions);
    for (std::vector<HostId>& version : versions) {
      if (majority && &version == &*best) continue;
      compare(frame, row, version);
      frame.differences.push_back({row, std::move(version)});
    }
  }

  // No version has more than half: a cell that more than half show replaces the one of the most
  // frequent version. Candidates by Boyer and Moore's majority vote, then counted.
  static void vote_cells(Frame& frame, int row, const std::vector<std::vector<HostId>>& versions) {
    std::vector<Cell>
        cells;  // copies, version by version: a row is valid until the next is asked for
    for (const std::vector<HostId>& version : versions) {
      const Cell* theirs = frame.row_cells(version.front(), row);
      cells.insert(cells.end(), theirs, theirs + frame.cols());
    }
    Cell* ours = frame.out.screen.row(row);
    const std::vector<Cell> favourite(ours, ours + frame.cols());
    std::vector<bool> voted(frame.cols(), false);
    for (std::size_t col = 0; col < frame.cols(); ++col) {
      const std::optional<Cell> cell = majority_cell(cells, versions, col, frame);
      voted[col] = cell.has_value();
      if (cell) ours[col] = *cell;
    }
    mend_wide(ours, favourite, voted);
  }

  static std::optional<Cell> majority_cell(const std::vector<Cell>& cells,
                                           const std::vector<std::vector<HostId>>& versions,
                                           std::size_t col, const Frame& frame) {
    const auto cell_of = [&](std::size_t version) { return cells[version * frame.cols() + col]; };
    Cell candidate;
    std::size_t lead = 0;
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const std::size_t weight = versions[i].size();
      if (cell_of(i) == candidate)
        lead += weight;
      else if (lead >= weight)
        lead -= weight;
      else
        candidate = cell_of(i), lead = weight - lead;
    }
    std::size_t votes = 0;
    for (std::size_t i = 0; i < versions.size(); ++i)
      if (cell_of(i) == candidate) votes += versions[i].size();
    if (votes * 2 > frame.hosts.size()) return candidate;
    return std::nullopt;
  }

  // Halves of wide glyphs whose other half was voted away become blanks.
  static void mend_wide(Cell* ours, const std::vector<Cell>& favourite,
                        const std::vector<bool>& voted) {
    for (std::size_t col = 0; col < voted.size(); ++col) {
      if (voted[col]) continue;
      const bool lost_left =
          favourite[col].glyph == kWideRest && col > 0 && ours[col - 1] != favourite[col - 1];
      const bool lost_right = col + 1 < voted.size() && favourite[col + 1].glyph == kWideRest &&
                              ours[col + 1].glyph != kWideRest;
      if (lost_left || lost_right) ours[col].glyph = kBlank;
    }
  }

  static void compare(Frame& frame, int row, const std::vector<HostId>& hosts) {
    const Cell* theirs = frame.row_cells(hosts.front(), row);
    const Cell* ours = frame.out.screen.row(row);
    std::uint32_t count = 0;
    std::uint32_t shown = 0;
    for (std::size_t col = 0; col < frame.cols(); ++col) {
      count += theirs[col] != ours[col] ? 1U : 0U;
      shown += !blank(theirs[col]) || !blank(ours[col]) ? 1U : 0U;
    }
    for (const HostId host : hosts) {
      frame.out.deviation[host.value] += count;
      frame.shown[host.value] += shown;
    }
  }

  // More than 60 % of what either shows is different: they are not looking at the same program.
  static void find_elsewhere(Frame& frame) {
    for (const HostId host : frame.hosts) {
      const std::uint32_t shown = frame.shown[host.value] + frame.shown_by_all;
      if (frame.out.deviation[host.value] * 10U > shown * 6U) frame.out.elsewhere.add(host);
    }
  }

  static void mark(Frame& frame, const Difference& difference) {
    const auto in_it = [&](HostId host) { return !frame.out.elsewhere.contains(host); };
    if (std::none_of(difference.hosts.begin(), difference.hosts.end(), in_it)) return;
    const Cell* theirs = frame.row_cells(difference.hosts.front(), difference.row);
    const Cell* ours = frame.out.screen.row(difference.row);
    std::uint8_t* differ =
        frame.out.differ.data() + static_cast<std::size_t>(difference.row) * frame.cols();
    for (std::size_t col = 0; col < frame.cols(); ++col)
      if (theirs[col] != ours[col]) differ[col] = 1;
  }

  void count(ScreenConsensus& out) const {
    members_.for_each([&](HostId host) {
      if (out.deviation[host.value] > 0) out.divergent.add(host);
    });
    out.agree = members_.size() - out.divergent.size();
  }

  static ScreenVariant::Kind kind_of(const ScreenConsensus& out, HostId host) {
    if (out.deviation[host.value] == 0) return ScreenVariant::Kind::majority;
    return out.elsewhere.contains(host) ? ScreenVariant::Kind::elsewhere
                                        : ScreenVariant::Kind::differs;
  }

  void group(ScreenConsensus& out) const {
    std::unordered_map<std::uint64_t, std::size_t> index;
    members_.for_each([&](HostId host) {
      const Screen& screen = screens_[host.value];
      const std::uint64_t key =
          out.deviation[host.value] == 0 ? 0 : mix(screen.hash, size_key(screen.size)) | 1U;
      const auto [at, fresh] = index.try_emplace(key, out.variants.size());
      if (fresh) out.variants.push_back({kind_of(out, host), {}, host, out.deviation[host.value]});
      out.variants[at->second].hosts.add(host);
    });
    std::stable_sort(out.variants.begin(), out.variants.end(),
                     [](const ScreenVariant& a, const ScreenVariant& b) {
                       return a.kind != b.kind ? a.kind < b.kind : a.hosts.size() > b.hosts.size();
                     });
    out.variant_of.assign(screens_.size(), -1);
    for (std::size_t v = 0; v < out.variants.size(); ++v)
      out.variants[v].hosts.for_each(
          [&](HostId host) { out.variant_of[host.value] = static_cast<int>(v); });
  }

  std::vector<Screen> screens_;
  HostSet members_;
};

void add_shell_variant(ScreenConsensus& screens, const HostSet& hosts) {
  if (hosts.empty()) return;
  const int index = static_cast<int>(screens.variants.size());
  hosts.for_each([&](HostId host) {
    if (host.value < screens.variant_of.size()) screens.variant_of[host.value] = index;
  });
  screens.variants.push_back(
      {ScreenVariant::Kind::shell, hosts, hosts.to_vector().front(), 0});
}

ScreenVote::ScreenVote(std::size_t host_count) : impl_(std::make_unique<Impl>(host_count)) {}
ScreenVote::~ScreenVote() = default;
ScreenVote::ScreenVote(ScreenVote&&) noexcept = default;
ScreenVote& ScreenVote::operator=(ScreenVote&&) noexcept = default;

void ScreenVote::set_rows(HostId host, Size size, std::span<const std::uint64_t> row_hashes) {
  impl_->set_rows(host, size, row_hashes);
}
void ScreenVote::set_cursor(HostId host, Point cursor, bool visible) {
  impl_->set_cursor(host, cursor, visible);
}
void ScreenVote::leave(HostId host) {
  impl_->leave(host);
}
const HostSet& ScreenVote::hosts() const {
  return impl_->members();
}
ScreenConsensus ScreenVote::result(const RowCells& row_cells) const {
  return impl_->result(row_cells);
}

}  // namespace bdsh::consensus
