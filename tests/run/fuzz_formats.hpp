// What must hold for any bytes found in a run directory's files. Aborts when it does not.
#pragma once

#include <string_view>

namespace bdsh::run {

void fuzz_formats(std::string_view bytes);

}  // namespace bdsh::run
