#include "transfer/wire.hpp"

namespace bdsh::transfer {

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFFU));
}

void put_u64(std::string& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value >> 32U));
  put_u32(out, static_cast<std::uint32_t>(value));
}

void put_string(std::string& out, std::string_view text) {
  put_u32(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::string_view WireReader::take(std::size_t count) {
  if (!ok_ || count > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint64_t WireReader::number(std::size_t bytes) {
  std::uint64_t value = 0;
  for (const char c : take(bytes)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::uint8_t WireReader::u8() { return static_cast<std::uint8_t>(number(1)); }
std::uint32_t WireReader::u32() { return static_cast<std::uint32_t>(number(4)); }
std::uint64_t WireReader::u64() { return number(8); }

std::string_view WireReader::string() {
  const std::uint32_t length = u32();
  return take(length);
}

}  // namespace bdsh::transfer
