#include "consensus/display.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxBytes = 4096;  // of one shown line
constexpr int kTabWidth = 8;

bool plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void append_part(std::string_view part, std::string& out) {
  if (out.size() >= kMaxBytes) return;
  if (plain_ascii(part)) {
    out += part.substr(0, kMaxBytes - out.size());
    return;
  }
  for (std::size_t at = 0; at < part.size();) {
    const std::size_t tab = std::min(part.find('\t', at), part.size());
    out += sanitised(part.substr(at, tab - at), kMaxBytes - std::min(kMaxBytes, out.size()));
    at = tab + 1;
    if (tab == part.size()) break;
    const int column = text_width(out) % kTabWidth;
    out.append(static_cast<std::size_t>(kTabWidth - column), ' ');
  }
}

}  // namespace

TextLine display_line(std::string_view raw, const std::vector<MaskHit>& hits, const Masks& masks) {
  TextLine line;
  std::size_t at = 0;
  for (const MaskHit& hit : hits) {
    append_part(raw.substr(at, hit.begin - at), line.text);
    if (line.text.size() >= kMaxBytes) return line;
    const std::size_t begin = line.text.size();
    line.text.append("‹").append(masks.name(hit.mask)).append("›");
    line.spans.push_back({Span::Kind::masked, begin, line.text.size()});
    at = hit.end;
  }
  append_part(raw.substr(at), line.text);
  return line;
}

}  // namespace bdsh::consensus
