#include "consensus/differ.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace bdsh::consensus {
namespace {

std::uint64_t hash_of(const std::vector<std::uint32_t>& keys) {
  std::uint64_t hash = keys.size();
  for (const std::uint32_t key : keys) hash = mix(hash, key);
  return hash;
}

}  // namespace

Differ::Stamp Differ::stamp(const TextRef& ref, const Rounds& rounds) {
  if (ref.round != rounds.round || ref.host.value >= rounds.text.hosts().size()) return {ref, 0, 0};
  const HostRound& host = rounds.text.hosts()[ref.host.value];
  return {ref, whole_chain(host).raw, length(host)};
}

std::optional<TextRef> Differ::found(const TextRef& ref, const Rounds& rounds) {
  if (ref.round == rounds.round) {
    const auto& hosts = rounds.text.hosts();
    const bool there = ref.host.value < hosts.size() &&
                       hosts[ref.host.value].progress.kind != Progress::Kind::absent;
    return there ? std::optional(ref) : std::nullopt;
  }
  const RoundRecord* record = rounds.history.find(ref.round);
  if (record == nullptr) return std::nullopt;
  const std::optional<HostId> host = record->text.stand_in(ref.host);
  return host ? std::optional(TextRef{ref.round, *host}) : std::nullopt;
}

// What is compared, where the two rounds have no table of lines in common.
std::vector<std::string> Differ::forms(const TextRef& ref, const Rounds& rounds) {
  std::vector<std::string> forms;
  if (ref.round == rounds.round) {
    for (const LineId key : rounds.text.keys_of(rounds.text.all_lines(ref.host)))
      forms.emplace_back(rounds.text.table()[key].text());
    return forms;
  }
  const RoundRecord* record = rounds.history.find(ref.round);
  for (std::size_t i = 0; i < record->text.line_count(ref.host); ++i)
    rounds.text.masked_form(ref.host, record->text.line(ref.host, i), forms.emplace_back());
  return forms;
}

std::pair<Differ::Ids, Differ::Ids> Differ::keys(const TextRef& left, const TextRef& right,
                                                 const Rounds& rounds) const {
  RoundText& text = rounds.text;
  if (left.round == rounds.round && right.round == rounds.round)
    return {text.keys_of(text.all_lines(left.host)), text.keys_of(text.all_lines(right.host))};
  std::unordered_map<std::string, std::uint32_t> known;
  const auto ids_of = [&](const TextRef& ref) {
    Ids ids;
    for (std::string& form : forms(ref, rounds))
      ids.push_back(known.try_emplace(std::move(form), static_cast<std::uint32_t>(known.size()))
                        .first->second);
    return ids;
  };
  Ids left_ids = ids_of(left);
  return {std::move(left_ids), ids_of(right)};
}

const Diff& Differ::diff(const TextRef& left, const TextRef& right, const Rounds& rounds) {
  rounds.text.read_open_lines();
  const Stamp left_now = stamp(left, rounds);
  const Stamp right_now = stamp(right, rounds);
  const bool known =
      !stale_ && left_now == left_ && right_now == right_ && id_epoch_ == rounds.text.id_epoch();
  if (known) return diff_;
  left_ = left_now;
  right_ = right_now;
  id_epoch_ = rounds.text.id_epoch();
  stale_ = false;
  make(rounds);
  return diff_;
}

void Differ::make(const Rounds& rounds) {
  diff_ = {};
  const std::optional<TextRef> left = found(left_.ref, rounds);
  const std::optional<TextRef> right = found(right_.ref, rounds);
  diff_.left = left.value_or(left_.ref);
  diff_.right = right.value_or(right_.ref);
  if (!left || !right) return;
  const auto [a, b] = keys(*left, *right, rounds);
  diff_.left_lines = a.size();
  diff_.right_lines = b.size();
  alignments_.begin();
  const AlignKey key{hash_of(a), hash_of(b), a.size(), b.size(), kAlignCap};
  const Alignment alignment = alignments_.get(key, a, b);
  alignments_.end();
  diff_.state = alignment.pending  ? Diff::State::comparing
                : alignment.coarse ? Diff::State::coarse
                                   : Diff::State::ready;
  add_hunks(alignment, rounds);
}

void Differ::add_hunks(const Alignment& alignment, const Rounds& rounds) {
  std::size_t room = kMaxDiffRows;
  const auto taken = [&](std::size_t begin, std::size_t end) {
    const std::size_t count = std::min(end - begin, room);
    room -= count;
    diff_.left_out_rows += end - begin - count;
    return begin + count;
  };
  for (const Hunk& hunk : alignment.hunks) {
    const std::size_t left_end = taken(hunk.a_begin, hunk.a_end);
    const std::size_t right_end = taken(hunk.b_begin, hunk.b_end);
    diff_.hunks.push_back(
        {hunk, changed_rows(lines(diff_.left, hunk.a_begin, left_end, rounds),
                            lines(diff_.right, hunk.b_begin, right_end, rounds))});
  }
}

std::vector<TextLine> Differ::lines(const TextRef& ref, std::size_t begin, std::size_t end,
                                    const Rounds& rounds) const {
  std::vector<TextLine> lines;
  if (ref.round == rounds.round) {
    for (std::size_t i = begin; i < end; ++i)
      if (const auto id = rounds.text.line_at(ref.host, i))
        lines.push_back(rounds.text.show(ref.host, *id));
    return lines;
  }
  const RoundRecord* record = rounds.history.find(ref.round);
  if (record == nullptr || record->text.stand_in(ref.host) != ref.host) return lines;
  for (std::size_t i = begin; i < std::min(end, record->text.line_count(ref.host)); ++i)
    lines.push_back(rounds.text.show(ref.host, record->text.line(ref.host, i)));
  return lines;
}

bool Differ::deliver(const AlignJob& job) {
  const bool wanted = alignments_.deliver(job);
  stale_ = stale_ || wanted;
  return wanted;
}

}  // namespace bdsh::consensus
