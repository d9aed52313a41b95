#include "consensus/host_lines.hpp"

#include <algorithm>

#include "consensus/hash.hpp"

namespace bdsh::consensus {
namespace {

constexpr char kName = '\x03';  // then the number, as a character from kFirst on
constexpr char kFirst = ' ';
constexpr std::size_t kMostNames = 64;

// Calls visit(piece) with the pieces of the text, until it says no; whether it never did.
template <typename Visit>
bool each_piece(std::string_view spelled, const SpelledNames& names, Visit&& visit) {
  while (!spelled.empty()) {
    const std::size_t mark = std::min(spelled.find(kName), spelled.size());
    if (mark > 0 && !visit(spelled.substr(0, mark))) return false;
    if (mark == spelled.size()) return true;
    const auto number = static_cast<std::size_t>(spelled[mark + 1] - kFirst);
    if (!visit(std::string_view(names[number]))) return false;
    spelled.remove_prefix(mark + 2);
  }
  return true;
}

}  // namespace

bool spell(std::string_view text, const std::vector<MaskHit>& hits, const SpelledNames& names,
           std::string& out) {
  if (text.find(kName) != std::string_view::npos) return false;
  out.clear();
  std::size_t at = 0;
  for (const MaskHit& hit : hits) {
    const std::string_view word = text.substr(hit.begin, hit.end - hit.begin);
    const auto name = std::find(names.begin(), names.end(), word);
    const auto number = static_cast<std::size_t>(name - names.begin());
    if (name == names.end() || number >= kMostNames) return false;
    out.append(text, at, hit.begin - at);
    (out += kName) += static_cast<char>(kFirst + static_cast<int>(number));
    at = hit.end;
  }
  out.append(text, at);
  return true;
}

std::string_view HostLines::text(LineId id, std::string& room) const {
  const LineTable::Line& line = table_[id];
  if (!line.spelled()) return line.text();
  room.clear();
  each_piece(line.text(), names_, [&](std::string_view piece) { return room += piece, true; });
  return room;
}

std::string HostLines::text(LineId id) const {
  std::string room;
  return std::string(text(id, room));
}

bool HostLines::is(LineId id, std::string_view text) const {
  const LineTable::Line& line = table_[id];
  if (!line.spelled()) return line.text() == text;
  const bool begins = each_piece(line.text(), names_, [&](std::string_view piece) {
    if (!text.starts_with(piece)) return false;
    text.remove_prefix(piece.size());
    return true;
  });
  return begins && text.empty();
}

Chain HostLines::hashes(LineId id) const {
  const LineTable::Line& line = table_[id];
  const std::uint64_t masked = table_[line.masked].hash;
  return {line.spelled() ? hash_text(text(id), seed_) : line.hash, masked};
}

}  // namespace bdsh::consensus
