#include "consensus/comparison.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <tuple>
#include <utility>

#include "consensus/align.hpp"
#include "consensus/display.hpp"
#include "consensus/emphasis.hpp"
#include "consensus/grouping.hpp"
#include "consensus/line_table.hpp"
#include "consensus/merge.hpp"
#include "consensus/spread.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxAligned = 100'000;   // lines aligned for one outcome; then coarsely
constexpr std::size_t kMaxEmphasised = 1'000;  // line pairs of a view compared token by token
constexpr std::size_t kCompactedShareMax = 3;  // of 4: a fuller table is not compacted again

std::uint64_t random_seed() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32U | device();
}

}  // namespace

class Comparison::Impl {
 public:
  Impl(std::vector<std::vector<std::string>> own_words, Options options)
      : options_(std::move(options)),
        hosts_(own_words.size()),
        participants_(HostSet::first(own_words.size())),
        history_(options_.max_rounds, options_.max_history_bytes),
        seed_(random_seed()),
        table_(options_.max_text_bytes),
        texts_(own_words.size()) {
    for (const UserMask& mask : options_.user_masks) (void)masks_.add(mask);
    for (const std::string& name : options_.disabled_masks) (void)masks_.set_enabled(name, false);
    for (std::size_t i = 0; i < own_words.size(); ++i) learn_words(i, own_words[i]);
  }

  // --- what goes in -----------------------------------------------------------------------------

  void begin_round(std::string command, HostSet participants) {
    keep_round();
    command_ = std::move(command);
    participants_ = std::move(participants);
    times_ = {};
    ++round_;
    for (HostRound& host : hosts_) {
      host.lines.clear();
      forget_open(host);
    }
    for (HostText& text : texts_) text.open.clear();
    table_ = LineTable(options_.max_text_bytes);
    may_compact_ = true;
    alignments_.clear();
    changed();
  }

  void set_lines(HostId id, std::size_t from, std::span<const std::string> lines) {
    HostRound& host = hosts_[id.value];
    const std::size_t before = host.lines.size();
    while (host.lines.size() < from) append(id, "");  // never printed: lines that were lost
    std::size_t equal = 0;
    while (equal < lines.size() && is_line(id, from + equal, lines[equal])) ++equal;
    if (equal == lines.size() && host.lines.size() == from + equal) {
      if (host.lines.size() != before) changed();
      return;
    }
    host.lines.truncate(from + equal, table_, mix(seed_, id.value));
    for (const std::string& line : lines.subspan(equal)) append(id, line);
    changed();
  }

  void set_open_line(HostId id, std::string_view text) {
    HostRound& host = hosts_[id.value];
    if (texts_[id.value].open == text && host.has_open == !text.empty()) return;
    texts_[id.value].open = text;
    forget_open(host);
    host.has_open = !text.empty();
    texts_[id.value].open_read = false;
    changed();
  }

  void set_progress(HostId id, Progress progress) {
    if (hosts_[id.value].progress == progress) return;
    hosts_[id.value].progress = std::move(progress);
    changed();
  }

  void set_masks(bool on) {
    if (options_.masks == on) return;
    options_.masks = on;
    changed();
  }

  bool set_mask_enabled(std::string_view name, bool enabled) {
    if (!masks_.set_enabled(name, enabled)) return false;
    ++epoch_;
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) mask_anew(HostId{i});
    changed();
    return true;
  }

  void set_own_words(HostId id, const std::vector<std::string>& words) {
    if (OwnWords(words).words() == texts_[id.value].own.words()) return;
    learn_words(id.value, words);
    ++epoch_;
    mask_anew(id);
    changed();
  }

  void set_command(std::string command) {
    if (command_ == command) return;
    command_ = std::move(command);
    changed();
  }

  void join_round(HostId id) {
    if (participants_.contains(id)) return;
    participants_.add(id);
    changed();
  }

  void set_reference(std::optional<HostId> host) {
    if (pinned_ == host) return;
    pinned_ = host;
    changed();
  }

  // --- what comes out ---------------------------------------------------------------------------

  const Outcome& outcome() {
    if (outcome_of_ == generation_) return outcome_;
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) read_open(HostId{i});
    const GroupingInput input{hosts_, table_, participants_, options_.masks, options_.success_votes,
                              pinned_};
    outcome_ = group_hosts(input, [this](HostId host, HostId of) { return open_fits(host, of); });
    align_variants();
    outcome_of_ = generation_;
    return outcome_;
  }

  const MergedView& merged() {
    outcome();
    if (merged_of_ == generation_) return merged_;
    layout_ = merge_layout(variants_, {});
    merged_ = draw(layout_);
    merged_of_ = generation_;
    return merged_;
  }

  const MergedView* view(int round) {
    if (round == round_) return &merged();
    const RoundRecord* record = history_.find(round);
    return record != nullptr ? &record->view : nullptr;
  }

  std::vector<Spread> spreads(std::size_t block, std::size_t line) {
    merged();
    if (!options_.masks || block >= layout_.blocks.size()) return {};
    const BlockPlace& place = layout_.blocks[block];
    if (!place.sides.empty() || place.begin + line >= place.end) return {};
    SpreadBuilder builder(masks_);
    std::vector<MaskHit> hits;
    for (std::size_t v = 0; v < layout_.shown_variants; ++v) {
      const std::size_t at = map_common_line(variants_[v].alignment, place.begin + line);
      outcome_.variants[v].hosts.for_each([&](HostId host) {
        const std::optional<LineId> id = line_at(host, at);
        if (!id) return;
        masks_.find(table_[*id].text(), texts_[host.value].own, hits);
        builder.add(table_[*id].text(), hits);
      });
    }
    return builder.result();
  }

  std::vector<DiffRow> diff(HostId left, HostId right) {
    const std::vector<LineId> a = all_lines(left);
    const std::vector<LineId> b = all_lines(right);
    const Alignment alignment = align(keys_of(a), keys_of(b), kAlignCap);
    std::vector<DiffRow> rows;
    std::size_t at = 0;
    std::size_t at_b = 0;
    const auto common_until = [&](std::size_t end) {
      for (; at < end; ++at, ++at_b)
        rows.push_back({DiffRow::Kind::common, show(left, a[at]), show(right, b[at_b])});
    };
    for (const Hunk& hunk : alignment.hunks) {
      common_until(hunk.a_begin);
      add_changed_rows(show_all(left, a, hunk.a_begin, hunk.a_end),
                       show_all(right, b, hunk.b_begin, hunk.b_end), rows);
      at = hunk.a_end;
      at_b = hunk.b_end;
    }
    common_until(a.size());
    return rows;
  }

  std::vector<std::string> transcript(HostId host) {
    std::vector<std::string> lines;
    for (const LineId id : all_lines(host, true)) lines.emplace_back(table_[id].text());
    return lines;
  }

  Options options_;
  Masks masks_;
  int round_ = 1;
  std::string command_;
  RoundTimes times_;
  std::uint64_t generation_ = 1;
  std::vector<HostRound> hosts_;
  HostSet participants_;
  std::optional<HostId> pinned_;
  History history_;

 private:
  struct HostText {
    OwnWords own;
    std::string open;
    bool open_read = true;  // `open` has been masked and hashed
  };

  void changed() { ++generation_; }

  // Only rounds in which something was printed, or could have been, are worth a look back.
  void keep_round() {
    merged();
    if (outcome_.variants.empty() && outcome_.behind.empty()) return;
    history_.add({round_, command_, times_, std::move(outcome_), std::move(merged_)});
    outcome_ = {};
    merged_ = {};
  }

  static void forget_open(HostRound& host) {
    host.has_open = false;
    host.open = kNoLine;
  }

  void learn_words(std::size_t host, const std::vector<std::string>& words) {
    texts_[host].own = OwnWords(words);
    fleet_.add(texts_[host].own);
  }

  // --- lines ------------------------------------------------------------------------------------

  struct Interned {
    LineId id = kNoLine;
    Chain hashes;
  };

  Interned intern(HostId host, std::string_view text) {
    const std::uint64_t hash = hash_text(text, seed_);
    if (const LineId shared = table_.find_shared(text, hash, epoch_); shared != kNoLine)
      return {shared, hashes_of(table_, shared)};
    masks_.find(text, texts_[host.value].own, hits_);
    Interned line = hits_.empty() ? add_plain(text, hash) : add_masked(text, hash);
    if (line.id != kNoLine && !fleet_.may_occur_in(text)) table_.mark_shared(line.id, epoch_);
    return line;
  }

  Interned add_plain(std::string_view text, std::uint64_t hash) {
    LineId id = table_.add(text, hash);
    if (id == kNoLine && make_room()) id = table_.add(text, hash);
    return {id, {hash, hash}};
  }

  Interned add_masked(std::string_view text, std::uint64_t hash) {
    masks_.masked_form(text, hits_, form_);
    const std::uint64_t masked_hash = hash_text(form_, seed_);
    LineId id = add_both(text, hash, masked_hash);
    if (id == kNoLine && make_room()) id = add_both(text, hash, masked_hash);
    return {id, {hash, masked_hash}};
  }

  LineId add_both(std::string_view text, std::uint64_t hash, std::uint64_t masked_hash) {
    const LineId masked = table_.add(form_, masked_hash);
    return masked == kNoLine ? kNoLine : table_.add(text, hash, masked);
  }

  void append(HostId id, std::string_view text) {
    const Interned line = intern(id, text);
    Transcript& lines = hosts_[id.value].lines;
    if (line.id == kNoLine || !lines.complete() || lines.size() >= options_.max_lines)
      lines.append_unkept(line.hashes);
    else
      lines.append(line.id, table_);
  }

  bool is_line(HostId host, std::size_t index, std::string_view text) const {
    const std::span<const LineId> kept = hosts_[host.value].lines.kept();
    return index < kept.size() && table_[kept[index]].text() == text;
  }

  // Rewritten lines leave theirs behind in the table. When it is full they are thrown out, once
  // they are worth it.
  bool make_room() {
    if (!may_compact_) return false;
    LineTable fresh(options_.max_text_bytes);
    const auto move = [&](LineId id) {
      const LineTable::Line& line = table_[id];
      if (line.masked == id) return fresh.add(line.text(), line.hash);
      const LineTable::Line& masked = table_[line.masked];
      return fresh.add(line.text(), line.hash, fresh.add(masked.text(), masked.hash));
    };
    for (HostRound& host : hosts_) {
      std::vector<LineId> ids(host.lines.kept().begin(), host.lines.kept().end());
      for (LineId& id : ids) id = move(id);
      host.lines.renumber(std::move(ids));
      if (host.open != kNoLine) host.open = move(host.open);
    }
    table_ = std::move(fresh);
    may_compact_ = table_.bytes() < options_.max_text_bytes / 4 * kCompactedShareMax;
    alignments_.clear();
    return true;
  }

  void mask_anew(HostId id) {
    HostRound& host = hosts_[id.value];
    const bool might = std::exchange(may_compact_, false);  // `ids` would be of the old table
    std::vector<LineId> ids(host.lines.kept().begin(), host.lines.kept().end());
    for (LineId& line : ids) {
      const LineId fresh = intern(id, table_[line].text()).id;
      if (fresh != kNoLine) line = fresh;
    }
    may_compact_ = might;
    host.lines.rebuild(std::move(ids), table_);
    texts_[id.value].open_read = false;
  }

  void read_open(HostId id) {
    HostRound& host = hosts_[id.value];
    HostText& text = texts_[id.value];
    if (!host.has_open || text.open_read) return;
    const Interned line = intern(id, text.open);
    host.open = line.id;
    host.open_hash = line.hashes;
    text.open_read = true;
  }

  LineId key(LineId id) const { return options_.masks ? table_[id].masked : table_[id].raw; }

  std::vector<LineId> keys_of(const std::vector<LineId>& ids) const {
    std::vector<LineId> keys(ids.size());
    std::transform(ids.begin(), ids.end(), keys.begin(), [this](LineId id) { return key(id); });
    return keys;
  }

  // Kept lines, and the open one where it counts (or where `with_open` says so).
  std::vector<LineId> all_lines(HostId id, bool with_open = false) {
    read_open(id);
    const HostRound& host = hosts_[id.value];
    std::vector<LineId> lines(host.lines.kept().begin(), host.lines.kept().end());
    if (host.has_open && (with_open || open_counts(host)) && host.lines.complete() &&
        host.open != kNoLine)
      lines.push_back(host.open);
    return lines;
  }

  std::optional<LineId> line_at(HostId id, std::size_t index) const {
    const HostRound& host = hosts_[id.value];
    if (index < host.lines.kept().size()) return host.lines.kept()[index];
    if (index == host.lines.size() && open_counts(host) && host.open != kNoLine) return host.open;
    return std::nullopt;
  }

  // --- outcome ----------------------------------------------------------------------------------

  bool open_fits(HostId id, HostId of) const {
    const std::optional<LineId> next = line_at(of, hosts_[id.value].lines.size());
    if (!next) return hosts_[id.value].lines.size() >= hosts_[of.value].lines.kept().size();
    const HostText& text = texts_[id.value];
    if (table_[*next].text().starts_with(text.open)) return true;
    return options_.masks &&
           masks_.may_become(text.open, text.own, table_[table_[*next].masked].text());
  }

  void align_variants() {
    variants_.clear();
    std::map<AlignmentKey, Alignment> used;
    std::size_t so_far = 0;
    for (Variant& variant : outcome_.variants) {
      VariantLines& lines = variants_.emplace_back();
      lines.keys = keys_of(all_lines(variant.representative));
      if (variants_.size() == 1) continue;
      const std::size_t cap = so_far < kMaxAligned ? options_.align_cap : 0;
      lines.alignment = aligned(variant, cap, used);
      so_far += lines.alignment.middle;
      variant.distance = distance(variant, lines);
    }
    alignments_ = std::move(used);
  }

  // Two variants with the same kept lines still differ when what was not kept does.
  std::size_t distance(const Variant& variant, const VariantLines& lines) const {
    const std::size_t shown = lines.alignment.distance();
    const Variant& first = outcome_.variants[0];
    const bool all_kept =
        lines.keys.size() == variant.line_count && variants_[0].keys.size() == first.line_count;
    if (shown > 0 || all_kept) return shown;
    return chain_of(variant) == chain_of(first) ? 0 : 1;
  }

  std::uint64_t chain_of(const Variant& variant) const {
    return whole_chain(hosts_[variant.representative.value]).of(options_.masks);
  }

  // Alignments of the last outcome are used again: live output changes few variants at a time.
  using AlignmentKey =
      std::tuple<std::uint64_t, std::uint64_t, std::size_t, std::size_t, std::size_t>;
  Alignment aligned(const Variant& variant, std::size_t cap,
                    std::map<AlignmentKey, Alignment>& used) {
    const VariantLines& lines = variants_.back();
    const AlignmentKey key{chain_of(outcome_.variants[0]), chain_of(variant),
                           variants_[0].keys.size(), lines.keys.size(), cap};
    const auto known = alignments_.find(key);
    Alignment result =
        known != alignments_.end() ? known->second : align(variants_[0].keys, lines.keys, cap);
    used.emplace(key, result);
    return result;
  }

  // --- views ------------------------------------------------------------------------------------

  TextLine show(HostId host, LineId id) {
    if (options_.masks)
      masks_.find(table_[id].text(), texts_[host.value].own, hits_);
    else
      hits_.clear();
    return display_line(table_[id].text(), hits_, masks_);
  }

  std::vector<TextLine> show_all(HostId host, const std::vector<LineId>& ids, std::size_t begin,
                                 std::size_t end) {
    std::vector<TextLine> lines;
    lines.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) lines.push_back(show(host, ids[i]));
    return lines;
  }

  MergedView draw(const Layout& layout) {
    MergedView view;
    emphasised_ = 0;
    view.has_reference = outcome_.reference.has_value();
    view.left_out_variants = variants_.size() - layout.shown_variants;
    for (std::size_t v = 0; v < variants_.size(); ++v) {
      view.coarse_variants += variants_[v].alignment.coarse ? 1 : 0;
      view.left_out_lines =
          std::max(view.left_out_lines, outcome_.variants[v].line_count - variants_[v].keys.size());
    }
    if (variants_.empty()) return view;
    const HostId first = outcome_.variants[0].representative;
    const std::vector<LineId> lines = all_lines(first);
    for (const BlockPlace& place : layout.blocks) {
      MergedBlock& block = view.blocks.emplace_back();
      if (place.sides.empty())
        block.lines = show_all(first, lines, place.begin, place.end);
      else
        draw_sides(place, block);
    }
    return view;
  }

  void draw_sides(const BlockPlace& place, MergedBlock& block) {
    block.kind = MergedBlock::Kind::difference;
    for (const BlockPlace::SidePlace& from : place.sides) {
      Side& side = block.sides.emplace_back();
      side.variants = from.variants;
      for (const std::size_t v : from.variants) side.hosts |= outcome_.variants[v].hosts;
      const HostId host = outcome_.variants[from.variants.front()].representative;
      side.lines = show_all(host, all_lines(host), from.begin, from.end);
      const bool agreeing = block.sides.size() == 1 && outcome_.reference.has_value();
      if (!agreeing) block.hosts |= side.hosts;
    }
    for (std::size_t i = 1; i < block.sides.size() && emphasised_ < kMaxEmphasised; ++i) {
      emphasised_ += emphasis_cost(block.sides[0].lines.size(), block.sides[i].lines.size());
      emphasise(block.sides[0].lines, block.sides[i].lines);
    }
  }

  static void add_changed_rows(std::vector<TextLine> left, std::vector<TextLine> right,
                               std::vector<DiffRow>& rows) {
    std::size_t i = 0;
    std::size_t j = 0;
    const auto one_sided_until = [&](std::size_t left_end, std::size_t right_end) {
      for (; i < left_end; ++i)
        rows.push_back({DiffRow::Kind::removed, std::move(left[i]), std::nullopt});
      for (; j < right_end; ++j)
        rows.push_back({DiffRow::Kind::added, std::nullopt, std::move(right[j])});
    };
    for (const auto& [at_left, at_right] : pair_similar(left, right)) {
      one_sided_until(at_left, at_right);
      emphasise_pair(left[i], right[j]);
      rows.push_back({DiffRow::Kind::changed, std::move(left[i++]), std::move(right[j++])});
    }
    one_sided_until(left.size(), right.size());
  }

  std::uint64_t seed_;
  LineTable table_;
  std::vector<HostText> texts_;
  FleetWords fleet_;
  std::uint32_t epoch_ = 1;  // grows when a line's masked form may have changed
  bool may_compact_ = true;

  Outcome outcome_;
  std::vector<VariantLines> variants_;  // of outcome_
  std::map<AlignmentKey, Alignment> alignments_;
  std::uint64_t outcome_of_ = 0;  // the generation it was computed for
  Layout layout_;
  MergedView merged_;
  std::uint64_t merged_of_ = 0;

  std::size_t emphasised_ = 0;  // line pairs compared for the view being drawn

  std::vector<MaskHit> hits_;  // scratch
  std::string form_;           // scratch
};

Comparison::Comparison(std::vector<std::vector<std::string>> own_words, Options options)
    : impl_(std::make_unique<Impl>(std::move(own_words), std::move(options))) {}
Comparison::~Comparison() = default;
Comparison::Comparison(Comparison&&) noexcept = default;
Comparison& Comparison::operator=(Comparison&&) noexcept = default;

void Comparison::begin_round(std::string command) {
  impl_->begin_round(std::move(command), HostSet::first(impl_->hosts_.size()));
}
void Comparison::begin_round(std::string command, HostSet participants) {
  impl_->begin_round(std::move(command), std::move(participants));
}
void Comparison::join_round(HostId host) {
  impl_->join_round(host);
}
const HostSet& Comparison::participants() const {
  return impl_->participants_;
}
int Comparison::round() const {
  return impl_->round_;
}
const std::string& Comparison::command() const {
  return impl_->command_;
}
void Comparison::set_command(std::string command) {
  impl_->set_command(std::move(command));
}
void Comparison::set_times(RoundTimes times) {
  impl_->times_ = times;
}
const std::vector<RoundRecord>& Comparison::history() const {
  return impl_->history_.rounds();
}
const MergedView* Comparison::view(int round) {
  return impl_->view(round);
}
void Comparison::set_reference(std::optional<HostId> host) {
  impl_->set_reference(host);
}
std::optional<HostId> Comparison::pinned_reference() const {
  return impl_->pinned_;
}
void Comparison::set_lines(HostId host, std::size_t from, std::span<const std::string> lines) {
  impl_->set_lines(host, from, lines);
}
void Comparison::set_open_line(HostId host, std::string_view text) {
  impl_->set_open_line(host, text);
}
void Comparison::set_progress(HostId host, Progress progress) {
  impl_->set_progress(host, std::move(progress));
}
std::size_t Comparison::line_count(HostId host) const {
  return impl_->hosts_[host.value].lines.size();
}
const Outcome& Comparison::outcome() {
  return impl_->outcome();
}
const MergedView& Comparison::merged() {
  return impl_->merged();
}
std::uint64_t Comparison::generation() const {
  return impl_->generation_;
}
std::vector<Spread> Comparison::spreads(std::size_t block, std::size_t line) {
  return impl_->spreads(block, line);
}
std::vector<DiffRow> Comparison::diff(HostId left, HostId right) const {
  return impl_->diff(left, right);
}
std::vector<std::string> Comparison::transcript(HostId host) const {
  return impl_->transcript(host);
}
void Comparison::set_masks(bool on) {
  impl_->set_masks(on);
}
bool Comparison::masks() const {
  return impl_->options_.masks;
}
bool Comparison::set_mask_enabled(std::string_view name, bool enabled) {
  return impl_->set_mask_enabled(name, enabled);
}
std::vector<std::string> Comparison::mask_names() const {
  return impl_->masks_.names();
}
void Comparison::set_own_words(HostId host, const std::vector<std::string>& words) {
  impl_->set_own_words(host, words);
}

Status check_masks(const std::vector<UserMask>& masks) {
  Masks all;
  for (const UserMask& mask : masks)
    if (Status added = all.add(mask); !added) return added;
  return Done{};
}

}  // namespace bdsh::consensus
