#include "consensus/comparison.hpp"

#include <algorithm>
#include <utility>

#include "consensus/align.hpp"
#include "consensus/differ.hpp"
#include "consensus/merge.hpp"
#include "consensus/round_text.hpp"
#include "consensus/spread.hpp"
#include "consensus/view.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxAligned = 100'000;  // lines aligned for one outcome; then coarsely

std::string_view first_word(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  return line.substr(begin, line.find_first_of(" \t", begin) - begin);
}

// The line of a view in a variant that shows it.
struct VariantLine {
  std::size_t variant = 0;
  std::size_t line = 0;
};

template <typename AlignmentOf>
std::vector<VariantLine> variant_lines(const Layout& layout, const LinePlace& place,
                                       AlignmentOf&& alignment_of) {
  std::vector<VariantLine> lines;
  if (place.block >= layout.blocks.size()) return lines;
  const BlockPlace& block = layout.blocks[place.block];
  if (block.sides.empty() == place.side.has_value()) return lines;
  if (!place.side) {
    for (std::size_t v = 0; v < layout.shown_variants && place.line < block.end - block.begin; ++v)
      lines.push_back({v, map_common_line(alignment_of(v), block.begin + place.line)});
    return lines;
  }
  if (*place.side >= block.sides.size()) return lines;
  const BlockPlace::SidePlace& side = block.sides[*place.side];
  for (const std::size_t v : side.variants)
    if (place.line < side.end - side.begin)
      lines.push_back({v, map_block_begin(alignment_of(v), block.begin) + place.line});
  return lines;
}

}  // namespace

class Comparison::Impl {
 public:
  Impl(const std::vector<std::vector<std::string>>& own_words, Options options)
      : options_(std::move(options)),
        text_(own_words, options_),
        participants_(HostSet::first(own_words.size())),
        history_(options_.max_rounds, options_.max_history_bytes),
        differ_(options_.defer_alignments),
        alignments_(options_.defer_alignments) {}

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

  void jump_to_round(int round, HostSet participants) {
    outcome_ = {};
    command_.clear();
    participants_ = std::move(participants);
    times_ = {};
    round_ = round;
    history_ = History(options_.max_rounds, options_.max_history_bytes);
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

  void set_excluded(HostSet hosts) {
    if (excluded_ == hosts) return;
    excluded_ = std::move(hosts);
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
    const HostSet counted = participants_ - excluded_;
    const auto lines_of = [this](HostId host) { return text_.lines_of(host); };
    const GroupingInput input{text_.hosts(),  text_.table(),          lines_of, counted,
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

  std::vector<Spread> spreads(const LinePlace& place) {
    if (!text_.masked()) return {};
    if (place.round == round_) {
      merged();
      const auto alignment = [&](std::size_t v) -> const Alignment& {
        return variants_[v].alignment;
      };
      return gather_spreads(layout_, outcome_, place, alignment, [&](HostId host, std::size_t at) {
        const std::optional<LineId> id = text_.line_at(host, at);
        return id ? std::optional(text_.lines_of(host).text(*id)) : std::nullopt;
      });
    }
    const RoundRecord* record = history_.find(place.round);
    if (record == nullptr) return {};
    const auto alignment = [&](std::size_t v) -> const Alignment& { return record->alignments[v]; };
    return gather_spreads(
        record->layout, record->outcome, place, alignment, [&](HostId host, std::size_t at) {
          const bool kept =
              record->text.stand_in(host) == host && at < record->text.line_count(host);
          return kept ? std::optional(std::string(record->text.line(host, at))) : std::nullopt;
        });
  }

  std::vector<HostLine> host_lines(const LinePlace& place) {
    merged();
    std::vector<HostLine> lines;
    const auto alignment = [&](std::size_t v) -> const Alignment& {
      return variants_[v].alignment;
    };
    for (const LinePlace& each : counterparts(place))
      for (const VariantLine& at : variant_lines(layout_, each, alignment))
        outcome_.variants[at.variant].hosts.for_each([&](HostId host) {
          if (const std::optional<LineId> id = text_.line_at(host, at.line))
            lines.push_back({host, text_.lines_of(host).text(*id)});
        });
    std::sort(lines.begin(), lines.end(),
              [](const HostLine& a, const HostLine& b) { return a.host < b.host; });
    return lines;
  }

  const Diff& diff(const TextRef& left, const TextRef& right) {
    return differ_.diff(left, right, rounds());
  }

  std::vector<TextLine> lines(const TextRef& ref, std::size_t begin, std::size_t end) {
    return differ_.lines(ref, begin, end, rounds());
  }

  std::vector<std::shared_ptr<AlignJob>> take_jobs() {
    auto jobs = alignments_.take_jobs();
    for (auto& job : differ_.take_jobs()) jobs.push_back(std::move(job));
    return jobs;
  }

  void deliver(const AlignJob& job) {
    const bool wanted = alignments_.deliver(job);
    changed_if(differ_.deliver(job) || wanted);
  }

  std::vector<DiffRow> diff_rows(HostId left, HostId right) {
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
      for (DiffRow& row : changed_rows(text_.show_all(left, a, hunk.a_begin, hunk.a_end),
                                       text_.show_all(right, b, hunk.b_begin, hunk.b_end)))
        rows.push_back(std::move(row));
      at = hunk.a_end;
      at_b = hunk.b_end;
    }
    common_until(a.size());
    return rows;
  }

  std::vector<std::string> transcript(HostId host) {
    std::vector<std::string> lines;
    for (const LineId id : text_.all_lines(host, true))
      lines.push_back(text_.lines_of(host).text(id));
    return lines;
  }

  Options options_;
  RoundText text_;
  int round_ = 1;
  std::string command_;
  RoundTimes times_;
  std::uint64_t generation_ = 1;
  HostSet participants_;
  HostSet excluded_;
  std::optional<HostId> pinned_;
  History history_;

 private:
  void changed() { ++generation_; }
  Rounds rounds() { return {text_, round_, history_}; }

  // The place itself, and where the other sides of a difference have what stands there.
  std::vector<LinePlace> counterparts(const LinePlace& place) const {
    if (!place.side || place.block >= layout_.blocks.size()) return {place};
    const std::vector<BlockPlace::SidePlace>& sides = layout_.blocks[place.block].sides;
    if (*place.side >= sides.size()) return {};
    const BlockPlace::SidePlace& named = sides[*place.side];
    if (place.line >= named.end - named.begin) return {};
    std::vector<LinePlace> places;
    for (std::size_t s = 0; s < sides.size(); ++s) {
      const bool as_long = sides[s].end - sides[s].begin == named.end - named.begin;
      const std::optional<std::size_t> line =
          as_long ? std::optional(place.line) : line_like(sides[s], side_line(named, place.line));
      if (line) places.push_back({place.round, place.block, s, *line});
    }
    return places;
  }

  std::string side_line(const BlockPlace::SidePlace& side, std::size_t line) const {
    const HostId host = outcome_.variants[side.variants.front()].representative;
    const std::optional<LineId> id = text_.line_at(host, side.begin + line);
    return id ? text_.lines_of(host).text(*id) : std::string();
  }

  // The one line of the side that begins with the same word.
  std::optional<std::size_t> line_like(const BlockPlace::SidePlace& side,
                                       std::string_view line) const {
    const std::string_view word = first_word(line);
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < side.end - side.begin && !word.empty(); ++i) {
      if (first_word(side_line(side, i)) != word) continue;
      if (found) return std::nullopt;
      found = i;
    }
    return found;
  }

  // Over all hosts that show the line; `line_of` gives a host's line by its index, if it is there.
  template <typename AlignmentOf, typename LineOf>
  std::vector<Spread> gather_spreads(const Layout& layout, const Outcome& outcome,
                                     const LinePlace& place, AlignmentOf&& alignment_of,
                                     LineOf&& line_of) const {
    SpreadBuilder builder(text_.masks());
    std::vector<MaskHit> hits;
    for (const VariantLine& at : variant_lines(layout, place, alignment_of))
      outcome.variants[at.variant].hosts.for_each([&](HostId host) {
        const std::optional<std::string> text = line_of(host, at.line);
        if (!text) return;
        text_.find_hits(host, *text, hits);
        builder.add(*text, hits);
      });
    return builder.result();
  }

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

  // Alignments of the last outcome are used again: live output changes few variants at a time.
  void align_variants() {
    variants_.clear();
    alignments_.begin();
    std::size_t so_far = 0;
    for (Variant& variant : outcome_.variants) {
      VariantLines& lines = variants_.emplace_back();
      lines.keys = text_.keys_of(text_.all_lines(variant.representative));
      if (variants_.size() == 1) continue;
      if (unseen(variant) != 0 || unseen(outcome_.variants[0]) != 0) {
        lines.alignment = align(variants_[0].keys, lines.keys, 0);
        lines.alignment.pending = true;
        continue;
      }
      const std::size_t cap = so_far < kMaxAligned ? options_.align_cap : 0;
      const AlignKey key{chain_of(outcome_.variants[0]), chain_of(variant),
                         variants_[0].keys.size(), lines.keys.size(), cap};
      lines.alignment = alignments_.get(key, variants_[0].keys, lines.keys);
      so_far += lines.alignment.middle;
      variant.distance = distance(variant, lines);
    }
    alignments_.end();
  }

  std::size_t unseen(const Variant& variant) const {
    return text_.hosts()[variant.representative.value].lines.unseen();
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

  Differ differ_;
  Outcome outcome_;
  std::vector<VariantLines> variants_;  // of outcome_
  Alignments alignments_;
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
void Comparison::set_excluded(HostSet hosts) {
  impl_->set_excluded(std::move(hosts));
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
void Comparison::jump_to_round(int round, HostSet participants) {
  impl_->jump_to_round(round, std::move(participants));
}
void Comparison::resume(HostId host, std::size_t lines, Chain chain) {
  impl_->text_.resume(host, lines, chain);
  impl_->changed_if(true);
}
std::optional<Chain> Comparison::chain(HostId host, std::size_t lines) const {
  return impl_->text_.hosts()[host.value].lines.chain_at(lines, impl_->text_.lines_of(host));
}
std::size_t Comparison::unseen_lines(HostId host) const {
  return impl_->text_.hosts()[host.value].lines.unseen();
}
Chain Comparison::transcript_chain(HostId host) {
  impl_->text_.read_open_lines();
  const HostRound& round = impl_->text_.hosts()[host.value];
  return round.has_open ? round.lines.chain().then(round.open_hash) : round.lines.chain();
}
bool Comparison::all_kept(HostId host) const {
  const Transcript& lines = impl_->text_.hosts()[host.value].lines;
  return lines.unseen() == 0 && lines.complete();
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
std::vector<Spread> Comparison::spreads(const LinePlace& place) {
  return impl_->spreads(place);
}
std::vector<HostLine> Comparison::host_lines(const LinePlace& place) {
  return impl_->host_lines(place);
}
std::vector<Spread> Comparison::spreads(std::size_t block, std::size_t line) {
  return impl_->spreads({impl_->round_, block, std::nullopt, line});
}
const Diff& Comparison::diff(const TextRef& left, const TextRef& right) {
  return impl_->diff(left, right);
}
std::vector<TextLine> Comparison::lines(const TextRef& ref, std::size_t begin,
                                        std::size_t end) const {
  return impl_->lines(ref, begin, end);
}
std::vector<DiffRow> Comparison::diff_rows(HostId left, HostId right) const {
  return impl_->diff_rows(left, right);
}
std::vector<std::shared_ptr<AlignJob>> Comparison::take_jobs() {
  return impl_->take_jobs();
}
void Comparison::deliver(const AlignJob& job) {
  impl_->deliver(job);
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
bool Comparison::mask_enabled(std::string_view name) const {
  return impl_->text_.masks().enabled(name);
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
