// Cuts a byte stream into SFTP packets: a length, then that many bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bdsh::transfer {

class PacketCutter {
 public:
  void feed(std::string_view bytes) { waiting_ += bytes; }
  // The next whole packet without its length, valid until the next call of either; nothing while
  // it is not all there. ErrorKind::protocol for a length that no packet has: the stream is lost.
  Result<std::optional<std::string_view>> next();

 private:
  std::string waiting_;
  std::size_t start_ = 0;  // waiting_ before it was handed out
};

}  // namespace bdsh::transfer
