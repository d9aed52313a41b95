#include <cstddef>
#include <cstdint>

#include "run/fuzz_formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bdsh::run::fuzz_formats({reinterpret_cast<const char*>(data), size});
  return 0;
}
