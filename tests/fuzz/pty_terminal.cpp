// libFuzzer over the terminal: lanes and splits must agree, promises must hold (stream_check).
// The first two bytes are the size; 0xF8, which no UTF-8 text holds, and two bytes are a resize.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "pty/stream_check.hpp"

namespace {

bdsh::Size size_from(std::uint8_t rows, std::uint8_t cols) {
  return {bdsh::Rows{1 + rows % 30}, bdsh::Cols{4 + cols % 90}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
  constexpr char kResize = '\xF8';
  if (length < 2) return 0;
  std::vector<bdsh::pty::Step> steps;
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, length - 2);
  while (!rest.empty()) {
    const std::size_t at = rest.find(kResize);
    steps.emplace_back(std::string(rest.substr(0, at)));
    if (at == std::string_view::npos || at + 2 >= rest.size()) break;
    steps.emplace_back(size_from(static_cast<std::uint8_t>(rest[at + 1]),
                                 static_cast<std::uint8_t>(rest[at + 2])));
    rest.remove_prefix(at + 3);
  }
  const std::string wrong = bdsh::pty::check_stream(size_from(data[0], data[1]), steps);
  if (wrong.empty()) return 0;
  std::fprintf(stderr, "%s\n", wrong.c_str());
  std::abort();
}
