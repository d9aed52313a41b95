// Whatever comes over a run's socket: no line brings the parser down, and what it understood it can
// say again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bdsh::control;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto request = parse_request(line); request) {
    const auto again = parse_request(to_line(*request));
    if (!again || !(*again == *request)) std::abort();
  }
  (void)parse_answer(line);
  if (const auto notice = parse_notice(line); notice) {
    const auto again = parse_notice(to_line(*notice));
    if (!again || !(*again == *notice)) std::abort();
  }
  return 0;
}
