#include "transfer/packet_cutter.hpp"

#include "core/text.hpp"
#include "transfer/packets.hpp"
#include "transfer/wire.hpp"

namespace bdsh::transfer {
namespace {

constexpr std::size_t kLength = 4;
constexpr std::size_t kShortest = 5;  // a kind and an id

// What prints text at every login prints it here too; the words tell the user which file to mend.
Error no_packet(std::string_view bytes) {
  constexpr std::size_t kShown = 60;
  return {ErrorKind::protocol, "the host's SFTP server does not speak SFTP: it sent \"" +
                                   sanitised(bytes, kShown) + "\""};
}

}  // namespace

Result<std::optional<std::string_view>> PacketCutter::next() {
  const std::string_view rest = std::string_view(waiting_).substr(start_);
  if (rest.size() < kLength) {
    waiting_.erase(0, start_);
    start_ = 0;
    return std::optional<std::string_view>();
  }
  const std::size_t length = WireReader(rest).u32();
  if (length < kShortest || length > kLargestPacket) return no_packet(rest);
  if (rest.size() < kLength + length) {
    waiting_.erase(0, start_);
    start_ = 0;
    return std::optional<std::string_view>();
  }
  start_ += kLength + length;
  return std::optional(rest.substr(kLength, length));
}

}  // namespace bdsh::transfer
