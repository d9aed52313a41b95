// What the fuzz targets of this layer do with one input; the bounded test does the same.
#pragma once

#include <string_view>

namespace bdsh::config {

void fuzz_host_expression(std::string_view text);
void fuzz_yaml(std::string_view text);
void fuzz_ssh_config(std::string_view text);

}  // namespace bdsh::config
