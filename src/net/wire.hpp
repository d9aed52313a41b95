// SSH's data types as bytes (RFC 4251 §5), big-endian. Each take_… removes what it read from the
// front of `from`; false, and nothing taken, when it is not all there. Views point into `from`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bdsh::net {

bool take_byte(std::string_view& from, std::uint8_t& into);
bool take_number(std::string_view& from, std::uint32_t& into);
bool take_long(std::string_view& from, std::uint64_t& into);
bool take_string(std::string_view& from, std::string_view& into);

std::string ssh_number(std::size_t value);  // uint32
std::string ssh_string(std::string_view text);

// Whether a comma-separated list of names (§5, name-list) has this one.
bool has_name(std::string_view list, std::string_view name);
// The first name of `wanted` that `offered` has too (RFC 4253 §7.1); empty: none.
std::string_view first_common_name(std::string_view wanted, std::string_view offered);

// Calls visit(name) with each name of such a list that is not empty.
template <typename Visit>
void for_each_name(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (comma > 0) visit(list.substr(0, comma));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace bdsh::net
