#include "pty/csi.hpp"

#include <algorithm>

namespace bdsh::pty {
namespace {

bool is_leader(char c) {
  return c >= '<' && c <= '?';
}
bool is_param(char c) {
  return c >= '0' && c <= ';';
}

void add_digit(Csi::Param& param, char digit) {
  const int before = std::max(param.value, 0);
  param.value = std::min(before * 10 + (digit - '0'), Csi::kMaxValue);
}

// Returns where the parameters end.
std::size_t parse_params(std::string_view text, std::size_t at, Csi& csi) {
  std::size_t index = 0;
  bool any = false;
  for (; at < text.size() && is_param(text[at]); ++at) {
    any = true;
    const char c = text[at];
    if (c == ';' || c == ':') {
      ++index;
      if (index < Csi::kMaxParams) csi.params[index].sub = c == ':';
    } else if (index < Csi::kMaxParams) {
      add_digit(csi.params[index], c);
    }
  }
  csi.count = any ? std::min(index + 1, Csi::kMaxParams) : 0;
  return at;
}

}  // namespace

Csi parse_csi(std::string_view text) {
  Csi csi;
  std::size_t at = 0;
  if (!text.empty() && is_leader(text[0])) csi.leader = text[at++];
  at = parse_params(text, at, csi);
  if (at < text.size() && text[at] >= 0x20 && text[at] < 0x30) csi.intermediate = text[at++];
  if (at + 1 == text.size() && text[at] >= 0x40) csi.final = text[at];
  return csi;
}

}  // namespace bdsh::pty
