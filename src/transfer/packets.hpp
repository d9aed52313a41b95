// The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), the version that servers speak, and
// of OpenSSH's extensions to it (its file PROTOCOL, §4). Bytes in, values out; no I/O, no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/directory.hpp"
#include "core/error.hpp"

namespace bdsh::transfer {

constexpr std::uint32_t kVersion = 3;
// Larger packets are no SFTP: a shell that prints text instead, as a rule. OpenSSH's own bound.
constexpr std::size_t kLargestPacket = 256 * 1024;

// Numbers of the protocol, §3.
enum class Kind : std::uint8_t {
  init = 1, version = 2, open = 3, close = 4, read = 5, write = 6, lstat = 7, fsetstat = 10, setstat = 9,
  opendir = 11, readdir = 12, remove = 13, mkdir = 14, realpath = 16, stat = 17, rename = 18,
  status = 101, handle = 102, data = 103, name = 104, attributes = 105, extended = 200,
  extended_reply = 201,
};

// §7. Every other number is a failure too.
enum class Fx : std::uint32_t { ok = 0, eof = 1, no_such_file = 2, permission_denied = 3, failure = 4,
                                bad_message = 5, unsupported = 8 };

// Flags of an open request, §6.3.
namespace open_for {
constexpr std::uint32_t reading = 1, writing = 2, creating = 8, exclusive = 32;
}

struct Times {  // seconds since 1970
  std::uint32_t accessed = 0;
  std::uint32_t modified = 0;
  friend bool operator==(const Times&, const Times&) = default;
};

struct Attributes {  // §5
  std::optional<std::uint64_t> size{};
  std::optional<std::uint32_t> permissions{};  // as st_mode: the upper bits say what kind it is
  std::optional<Times> times{};
  FileKind kind() const;
  std::uint32_t mode() const { return permissions.value_or(0) & 07777U; }
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

struct Entry {
  std::string name;
  Attributes attributes;  // of a link: its own
};

struct VersionReply {
  std::uint32_t version = 0;
  std::vector<std::pair<std::string, std::string>> extensions{};
};
struct StatusReply {
  Fx code = Fx::failure;
  std::string message{};  // the server's words, sanitised
};
struct HandleReply {
  std::string handle;
};
struct DataReply {
  std::string_view bytes;  // a part of the packet given
};
struct NameReply {
  std::vector<Entry> entries;
};
struct AttributesReply {
  Attributes attributes;
};
struct ExtendedReply {
  std::string_view bytes;  // a part of the packet given
};

struct Reply {
  std::uint32_t id = 0;  // of the request; 0 for the version
  std::variant<StatusReply, VersionReply, HandleReply, DataReply, NameReply, AttributesReply,
               ExtendedReply>
      body{};
};

// A packet without its length. ErrorKind::protocol when it is no reply, or not all there.
Result<Reply> decode_reply(std::string_view packet);

void put_attributes(std::string& out, const Attributes& attributes);

// "permission denied", or what the server says.
std::string words_of(const StatusReply& status);

}  // namespace bdsh::transfer
