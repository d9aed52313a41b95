#include "consensus/kept_text.hpp"

#include <algorithm>
#include <unordered_map>

#include "consensus/round_text.hpp"

namespace bdsh::consensus {

class KeptText::Builder {
 public:
  Builder(KeptText& kept, RoundText& text, std::size_t max_bytes)
      : kept_(kept), text_(text), max_bytes_(max_bytes) {}

  void add(HostId host) {
    if (kept_.of_host_[host.value] != kNone) return;
    Ids lines = text_.all_lines(host);
    for (LineId& line : lines)
      if (!text_.table()[line].spelled()) line = text_.table()[line].raw;
    const std::uint64_t chain = whole_chain(text_.hosts()[host.value]).raw;
    std::int32_t found = find(lines, chain);
    if (found == kNone && fits(lines, host)) found = append(lines, chain, host);
    kept_.of_host_[host.value] = found;
  }

 private:
  // Equal chains are equal text, but for a collision of hashes: hence the second look.
  std::int32_t find(const Ids& lines, std::uint64_t chain) const {
    const auto [first, last] = by_chain_.equal_range(chain);
    for (auto at = first; at != last; ++at) {
      const Ids& ids = kept_.transcripts_[static_cast<std::size_t>(at->second)];
      const auto same = [&](LineId line, std::uint32_t id) {
        const auto known = known_.find(line);
        return known != known_.end() && known->second == id;
      };
      if (std::equal(lines.begin(), lines.end(), ids.begin(), ids.end(), same)) return at->second;
    }
    return kNone;
  }

  // A new line that occurs twice counts twice: too careful by that much.
  bool fits(const Ids& lines, HostId host) const {
    const HostLines of_host = text_.lines_of(host);
    std::string room;
    std::size_t more = sizeof(Ids) + lines.size() * sizeof(Ids::value_type);
    for (const LineId line : lines)
      if (!known_.contains(line)) more += of_host.text(line, room).size() + sizeof(std::size_t);
    return kept_.bytes() + more <= max_bytes_;
  }

  std::int32_t append(const Ids& lines, std::uint64_t chain, HostId host) {
    Ids& ids = kept_.transcripts_.emplace_back();
    ids.reserve(lines.size());
    const HostLines of_host = text_.lines_of(host);
    for (const LineId line : lines)
      ids.push_back(text_.table()[line].spelled() ? add(of_host.text(line)) : intern(line));
    kept_.ids_ += ids.size();
    const auto index = static_cast<std::int32_t>(kept_.transcripts_.size() - 1);
    by_chain_.emplace(chain, index);
    return index;
  }

  std::uint32_t intern(LineId line) {
    const auto [at, fresh] =
        known_.try_emplace(line, static_cast<std::uint32_t>(kept_.ends_.size()));
    return fresh ? add(text_.table()[line].text()) : at->second;
  }

  std::uint32_t add(std::string_view text) {
    kept_.text_ += text;
    kept_.ends_.push_back(kept_.text_.size());
    return static_cast<std::uint32_t>(kept_.ends_.size() - 1);
  }

  KeptText& kept_;
  RoundText& text_;
  std::size_t max_bytes_;
  std::unordered_map<LineId, std::uint32_t> known_;
  std::unordered_multimap<std::uint64_t, std::int32_t> by_chain_;
};

KeptText::KeptText(RoundText& text, const Outcome& outcome, std::size_t max_bytes)
    : of_host_(text.hosts().size(), kNone), stand_ins_(text.hosts().size(), kNone) {
  Builder builder(*this, text, max_bytes);
  for (const Variant& variant : outcome.variants) builder.add(variant.representative);
  for (std::uint32_t i = 0; i < of_host_.size(); ++i) {
    if (outcome.places[i] == Place::absent) continue;
    builder.add(HostId{i});
    const int variant = outcome.variant_of[i];
    std::uint32_t stand_in = i;
    if (of_host_[i] == kNone && variant >= 0)
      stand_in = outcome.variants[static_cast<std::size_t>(variant)].representative.value;
    if (of_host_[stand_in] != kNone) stand_ins_[i] = static_cast<std::int32_t>(stand_in);
  }
  text_.shrink_to_fit();
  ends_.shrink_to_fit();
}

std::optional<HostId> KeptText::stand_in(HostId host) const {
  if (host.value >= stand_ins_.size() || stand_ins_[host.value] == kNone) return std::nullopt;
  return HostId{static_cast<std::uint32_t>(stand_ins_[host.value])};
}

const KeptText::Ids& KeptText::transcript(HostId host) const {
  return transcripts_[static_cast<std::size_t>(of_host_[host.value])];
}

std::string_view KeptText::line(HostId host, std::size_t index) const {
  const std::uint32_t id = transcript(host)[index];
  const std::size_t begin = id == 0 ? 0 : ends_[id - 1];
  return std::string_view(text_).substr(begin, ends_[id] - begin);
}

std::vector<std::string_view> KeptText::lines(HostId host) const {
  std::vector<std::string_view> all(line_count(host));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = line(host, i);
  return all;
}

std::size_t KeptText::bytes() const {
  return text_.size() + ends_.size() * sizeof(std::size_t) + ids_ * sizeof(Ids::value_type) +
         transcripts_.size() * sizeof(Ids) +
         (of_host_.size() + stand_ins_.size()) * sizeof(std::int32_t);
}

}  // namespace bdsh::consensus
