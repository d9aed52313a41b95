// SSH's data types (RFC 4251 §5) as SFTP uses them: big-endian numbers, counted strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bdsh::transfer {

void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);
void put_string(std::string& out, std::string_view text);

// Takes values from the front. From the first one that is not all there on, ok() is false and
// every value is 0 or empty.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view string();  // a part of the bytes given

  bool ok() const { return ok_; }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view take(std::size_t count);
  std::uint64_t number(std::size_t bytes);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace bdsh::transfer
