#include "consensus/comparison.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "consensus/align.hpp"
#include "consensus/emphasis.hpp"
#include "consensus/merge.hpp"
#include "consensus/round_text.hpp"
#include "consensus/spread.hpp"
#include "consensus/view.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxAligned = 100'000;  // lines aligned for one outcome; then coarsely

void add_changed_rows(std::vector<TextLine> left, std::vector<TextLine> right,
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

}  // namespace

class Comparison::Impl {
 public:
  Impl(const std::vector<std::vector<std::string>>& own_words, Options options)
      : options_(std::move(options)),
        text_(own_words, options_),
        participants_(HostSet::first(own_words.size())),
        history_(options_.max_rounds, options_.max_history_bytes) {}

  bool changed_if(bool change) {
    if (change) ++generation_;
    return change;
  }

  void begin_round(std::string command, HostSet participants) {
    keep_round();
    command_ = std::move(command);
    participants_ = std::move(participants);
    times_ = {};
    ++round_;
    text_.begin_round();
    alignments_.clear();
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

  const Outcome& outcome() {
    if (outcome_of_ == generation_) return outcome_;
    text_.read_open_lines();
    const GroupingInput input{text_.hosts(),  text_.table(),          participants_,
                              text_.masked(), options_.success_votes, pinned_};
    outcome_ =
        group_hosts(input, [this](HostId host, HostId of) { return text_.open_fits(host, of); });
    align_variants();
    outcome_of_ = generation_;
    return outcome_;
  }

  const MergedView& merged() {
    outcome();
    if (merged_of_ == generation_) return view_.get();
    layout_ = merge_layout(variants_, {});
    view_.update(layout_, variants_, outcome_, text_);
    merged_of_ = generation_;
    return view_.get();
  }

  const MergedView* view(int round) {
    if (round == round_) return &merged();
    const RoundRecord* record = history_.find(round);
    return record != nullptr ? &record->view : nullptr;
  }

  std::vector<Spread> spreads(std::size_t block, std::size_t line) {
    merged();
    if (!text_.masked() || block >= layout_.blocks.size()) return {};
    const BlockPlace& place = layout_.blocks[block];
    if (!place.sides.empty() || place.begin + line >= place.end) return {};
    SpreadBuilder builder(text_.masks());
    std::vector<MaskHit> hits;
    for (std::size_t v = 0; v < layout_.shown_variants; ++v) {
      const std::size_t at = map_common_line(variants_[v].alignment, place.begin + line);
      outcome_.variants[v].hosts.for_each([&](HostId host) {
        const std::optional<LineId> id = text_.line_at(host, at);
        if (!id) return;
        text_.find_hits(host, *id, hits);
        builder.add(text_.table()[*id].text(), hits);
      });
    }
    return builder.result();
  }

  std::vector<DiffRow> diff(HostId left, HostId right) {
    const std::vector<LineId> a = text_.all_lines(left);
    const std::vector<LineId> b = text_.all_lines(right);
    const Alignment alignment = align(text_.keys_of(a), text_.keys_of(b), kAlignCap);
    std::vector<DiffRow> rows;
    std::size_t at = 0;
    std::size_t at_b = 0;
    const auto common_until = [&](std::size_t end) {
      for (; at < end; ++at, ++at_b)
        rows.push_back(
            {DiffRow::Kind::common, text_.show(left, a[at]), text_.show(right, b[at_b])});
    };
    for (const Hunk& hunk : alignment.hunks) {
      common_until(hunk.a_begin);
      add_changed_rows(text_.show_all(left, a, hunk.a_begin, hunk.a_end),
                       text_.show_all(right, b, hunk.b_begin, hunk.b_end), rows);
      at = hunk.a_end;
      at_b = hunk.b_end;
    }
    common_until(a.size());
    return rows;
  }

  std::vector<std::string> transcript(HostId host) {
    std::vector<std::string> lines;
    for (const LineId id : text_.all_lines(host, true))
      lines.emplace_back(text_.table()[id].text());
    return lines;
  }

  Options options_;
  RoundText text_;
  int round_ = 1;
  std::string command_;
  RoundTimes times_;
  std::uint64_t generation_ = 1;
  HostSet participants_;
  std::optional<HostId> pinned_;
  History history_;

 private:
  void changed() { ++generation_; }

  // Only rounds in which something was printed, or could have been, are worth a look back.
  void keep_round() {
    merged();
    if (outcome_.variants.empty() && outcome_.behind.empty()) return;
    RoundRecord record{round_, command_, times_, {}, view_.take(), {}, std::move(layout_), {}};
    record.text = KeptText(text_, outcome_, options_.max_history_bytes / 4);
    for (VariantLines& lines : variants_) record.alignments.push_back(std::move(lines.alignment));
    record.outcome = std::move(outcome_);
    history_.add(std::move(record));
    outcome_ = {};
  }

  void align_variants() {
    variants_.clear();
    std::map<AlignmentKey, Alignment> used;
    std::size_t so_far = 0;
    for (Variant& variant : outcome_.variants) {
      VariantLines& lines = variants_.emplace_back();
      lines.keys = text_.keys_of(text_.all_lines(variant.representative));
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
    return whole_chain(text_.hosts()[variant.representative.value]).of(text_.masked());
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

  Outcome outcome_;
  std::vector<VariantLines> variants_;  // of outcome_
  std::map<AlignmentKey, Alignment> alignments_;
  std::uint64_t outcome_of_ = 0;  // the generation it was computed for
  Layout layout_;
  View view_;
  std::uint64_t merged_of_ = 0;
};

Comparison::Comparison(std::vector<std::vector<std::string>> own_words, Options options)
    : impl_(std::make_unique<Impl>(own_words, std::move(options))) {}
Comparison::~Comparison() = default;
Comparison::Comparison(Comparison&&) noexcept = default;
Comparison& Comparison::operator=(Comparison&&) noexcept = default;

void Comparison::begin_round(std::string command) {
  impl_->begin_round(std::move(command), HostSet::first(impl_->text_.hosts().size()));
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
const RoundTimes& Comparison::times() const {
  return impl_->times_;
}
std::size_t Comparison::forgotten_rounds() const {
  return impl_->history_.forgotten();
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
  impl_->changed_if(impl_->text_.set_lines(host, from, lines));
}
void Comparison::set_open_line(HostId host, std::string_view text) {
  impl_->changed_if(impl_->text_.set_open_line(host, text));
}
void Comparison::set_progress(HostId host, Progress progress) {
  impl_->changed_if(impl_->text_.set_progress(host, std::move(progress)));
}
std::size_t Comparison::line_count(HostId host) const {
  return impl_->text_.hosts()[host.value].lines.size();
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
  impl_->changed_if(impl_->text_.set_masked(on));
}
bool Comparison::masks() const {
  return impl_->text_.masked();
}
bool Comparison::set_mask_enabled(std::string_view name, bool enabled) {
  return impl_->changed_if(impl_->text_.set_mask_enabled(name, enabled));
}
std::vector<std::string> Comparison::mask_names() const {
  return impl_->text_.masks().names();
}
void Comparison::set_own_words(HostId host, const std::vector<std::string>& words) {
  impl_->changed_if(impl_->text_.set_own_words(host, words));
}

Status check_masks(const std::vector<UserMask>& masks) {
  Masks all;
  for (const UserMask& mask : masks)
    if (Status added = all.add(mask); !added) return added;
  return Done{};
}

}  // namespace bdsh::consensus
