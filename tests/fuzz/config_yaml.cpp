#include <cstddef>
#include <cstdint>

#include "config/fuzz_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bdsh::config::fuzz_yaml({reinterpret_cast<const char*>(data), size});
  return 0;
}
