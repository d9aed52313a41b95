// All hosts' lines of the current round: masked, interned and hashed as they arrive, and what is
// read off them. Who agrees is group_hosts()'s business, what is drawn draw_view()'s.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/comparison.hpp"
#include "consensus/grouping.hpp"
#include "consensus/line_table.hpp"
#include "consensus/masks.hpp"

namespace bdsh::consensus {

class RoundText {
 public:
  RoundText(const std::vector<std::vector<std::string>>& own_words, const Options& options);

  void begin_round();
  void resume(HostId id, std::size_t lines, Chain chain);  // see Comparison::resume
  // These say whether anything changed.
  bool set_lines(HostId id, std::size_t from, std::span<const std::string> lines);
  bool set_open_line(HostId id, std::string_view text);
  bool set_progress(HostId id, Progress progress);
  bool set_masked(bool on);
  bool set_mask_enabled(std::string_view name, bool enabled);
  bool set_own_words(HostId id, const std::vector<std::string>& words);

  std::vector<HostRound>& hosts() { return hosts_; }  // open lines read: call read_open_lines()
  const std::vector<HostRound>& hosts() const { return hosts_; }
  const LineTable& table() const { return table_; }
  HostLines lines_of(HostId id) const { return {table_, texts_[id.value].names, seed_}; }
  const Masks& masks() const { return masks_; }
  bool masked() const { return masked_; }
  // Changes with whatever changes what an id is, or looks like: what was made of ids is stale then.
  std::uint64_t id_epoch() const { return id_epoch_; }

  void read_open_lines();
  // Kept lines, and the open one where it counts (or where `with_open` says so).
  std::vector<LineId> all_lines(HostId id, bool with_open = false);
  std::optional<LineId> line_at(HostId id, std::size_t index) const;
  std::vector<LineId> keys_of(const std::vector<LineId>& ids) const;  // what is compared
  // Whether the open line of a running host may become the line that follows in `of`'s transcript.
  bool open_fits(HostId id, HostId of) const;
  void find_hits(HostId host, LineId id, std::vector<MaskHit>& hits) const;
  TextLine show(HostId host, LineId id);
  // The same of lines that are not in the table, as if this host had printed them.
  void find_hits(HostId host, std::string_view line, std::vector<MaskHit>& hits) const;
  TextLine show(HostId host, std::string_view line);
  void masked_form(HostId host, std::string_view line, std::string& out);  // what is compared
  std::vector<TextLine> show_all(HostId host, const std::vector<LineId>& ids, std::size_t begin,
                                 std::size_t end);

 private:
  struct HostText {
    OwnWords own;
    SpelledNames names;  // every own word it ever had
    std::string open;
    bool open_read = true;  // `open` has been masked and hashed
  };
  struct Interned {
    LineId id = kNoLine;
    Chain hashes;
  };

  void learn_words(std::size_t host, const std::vector<std::string>& words);
  Interned intern(HostId host, std::string_view text, std::uint64_t hash);
  Interned intern_own(HostId host, std::string_view text, std::uint64_t hash);
  LineId find_form() const;
  void remember_form(LineId form);
  Interned add_plain(std::string_view text, std::uint64_t hash);
  Interned add_masked(std::string_view text, std::uint64_t hash, bool spelled);
  LineId add_with_form(std::string_view text, std::uint64_t hash, LineId form, bool spelled);
  LineId add_both(std::string_view text, std::uint64_t hash, std::uint64_t masked_hash,
                  bool spelled);
  void append_all(HostId id, std::span<const std::string> lines);
  void append(HostId id, std::string_view text, std::uint64_t hash);
  bool is_line(HostId host, std::size_t index, std::string_view text) const;
  bool make_room();
  void mask_anew(HostId id);
  void write_out(HostId id);
  void read_open(HostId id);

  std::size_t max_lines_;
  std::size_t max_text_bytes_;
  Masks masks_;
  bool masked_;
  std::uint64_t seed_;
  LineTable table_;
  std::vector<HostRound> hosts_;
  std::vector<HostText> texts_;
  FleetWords fleet_;
  std::uint32_t epoch_ = 1;  // grows when a line's masked form may have changed
  std::uint64_t id_epoch_ = 1;
  bool may_compact_ = true;

  // Scratch.
  std::vector<MaskHit> hits_;
  std::vector<MaskHit> own_hits_;
  std::string form_;
  std::string marked_;
  std::string spelled_;
};

}  // namespace bdsh::consensus
