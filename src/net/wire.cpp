#include "net/wire.hpp"

namespace bdsh::net {
namespace {

template <typename Number>
bool take_big_endian(std::string_view& from, Number& into) {
  if (from.size() < sizeof(Number)) return false;
  std::uint64_t value = 0;
  for (const char c : from.substr(0, sizeof(Number)))
    value = value << 8U | static_cast<unsigned char>(c);
  into = static_cast<Number>(value);
  from.remove_prefix(sizeof(Number));
  return true;
}

}  // namespace

bool take_byte(std::string_view& from, std::uint8_t& into) {
  return take_big_endian(from, into);
}
bool take_number(std::string_view& from, std::uint32_t& into) {
  return take_big_endian(from, into);
}
bool take_long(std::string_view& from, std::uint64_t& into) {
  return take_big_endian(from, into);
}

bool take_string(std::string_view& from, std::string_view& into) {
  std::string_view rest = from;
  std::uint32_t length = 0;
  if (!take_number(rest, length) || rest.size() < length) return false;
  into = rest.substr(0, length);
  from = rest.substr(length);
  return true;
}

std::string ssh_number(std::size_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFFU);
  return text;
}

std::string ssh_string(std::string_view text) {
  return ssh_number(text.size()).append(text);
}

bool has_name(std::string_view list, std::string_view name) {
  bool found = false;
  for_each_name(list, [&](std::string_view one) { found = found || one == name; });
  return found;
}

std::string_view first_common_name(std::string_view wanted, std::string_view offered) {
  std::string_view first;
  for_each_name(wanted, [&](std::string_view name) {
    if (first.empty() && has_name(offered, name)) first = name;
  });
  return first;
}

}  // namespace bdsh::net
