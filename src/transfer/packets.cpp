#include "transfer/packets.hpp"

#include <sys/stat.h>

#include "core/text.hpp"
#include "transfer/wire.hpp"

namespace bdsh::transfer {
namespace {

constexpr std::uint32_t kHasSize = 1;
constexpr std::uint32_t kHasOwner = 2;
constexpr std::uint32_t kHasPermissions = 4;
constexpr std::uint32_t kHasTimes = 8;
constexpr std::uint32_t kHasExtended = 0x80000000U;
constexpr std::size_t kShortestEntry = 12;  // two empty strings and the flags

Error broken(const char* what) {
  return {ErrorKind::protocol, std::string("the SFTP server sent a broken packet: ") + what};
}

Attributes read_attributes(WireReader& in) {
  Attributes attributes;
  const std::uint32_t flags = in.u32();
  if ((flags & kHasSize) != 0) attributes.size = in.u64();
  if ((flags & kHasOwner) != 0) in.u64();
  if ((flags & kHasPermissions) != 0) attributes.permissions = in.u32();
  if ((flags & kHasTimes) != 0) {
    const std::uint32_t accessed = in.u32();
    attributes.times = Times{accessed, in.u32()};
  }
  if ((flags & kHasExtended) != 0)
    for (std::uint32_t count = in.u32(); count > 0 && in.ok(); --count) {
      in.string();
      in.string();
    }
  return attributes;
}

VersionReply read_version(WireReader& in) {
  VersionReply reply{in.u32()};
  while (in.ok() && in.left() > 0) {
    std::string name(in.string());
    reply.extensions.emplace_back(std::move(name), in.string());
  }
  return reply;
}

// Servers of early drafts leave the message out.
StatusReply read_status(WireReader& in) {
  StatusReply reply{static_cast<Fx>(in.u32())};
  if (in.left() == 0) return reply;
  constexpr std::size_t kLongest = 200;
  reply.message = sanitised(in.string(), kLongest);
  return reply;
}

NameReply read_names(WireReader& in) {
  NameReply reply;
  const std::uint32_t count = in.u32();
  // A count that is a lie must not reserve memory.
  if (count <= in.left() / kShortestEntry) reply.entries.reserve(count);
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    Entry entry{std::string(in.string()), {}};
    in.string();  // the line that `ls -l` would print
    entry.attributes = read_attributes(in);
    reply.entries.push_back(std::move(entry));
  }
  return reply;
}

}  // namespace

FileKind Attributes::kind() const {
  if (!permissions || (*permissions & S_IFMT) == 0) return FileKind::unknown;
  switch (*permissions & S_IFMT) {
    case S_IFREG: return FileKind::regular;
    case S_IFDIR: return FileKind::directory;
    case S_IFLNK: return FileKind::link;
    default: return FileKind::other;
  }
}

Result<Reply> decode_reply(std::string_view packet) {
  WireReader in(packet);
  const auto kind = static_cast<Kind>(in.u8());
  Reply reply;
  if (kind != Kind::version) reply.id = in.u32();
  switch (kind) {
    case Kind::version: reply.body = read_version(in); break;
    case Kind::status: reply.body = read_status(in); break;
    case Kind::handle: reply.body = HandleReply{std::string(in.string())}; break;
    case Kind::data: reply.body = DataReply{in.string()}; break;
    case Kind::name: reply.body = read_names(in); break;
    case Kind::attributes: reply.body = AttributesReply{read_attributes(in)}; break;
    case Kind::extended_reply: reply.body = ExtendedReply{packet.substr(packet.size() - in.left())}; break;
    default: return broken("not a reply");
  }
  if (!in.ok()) return broken("it is too short");
  return reply;
}

void put_attributes(std::string& out, const Attributes& attributes) {
  put_u32(out, (attributes.size ? kHasSize : 0) | (attributes.permissions ? kHasPermissions : 0) |
                   (attributes.times ? kHasTimes : 0));
  if (attributes.size) put_u64(out, *attributes.size);
  if (attributes.permissions) put_u32(out, *attributes.permissions);
  if (!attributes.times) return;
  put_u32(out, attributes.times->accessed);
  put_u32(out, attributes.times->modified);
}

std::string words_of(const StatusReply& status) {
  switch (status.code) {
    case Fx::ok: return "an answer without content";
    case Fx::eof: return "it ends early";
    case Fx::no_such_file: return "no such file or directory";
    case Fx::permission_denied: return "permission denied";
    case Fx::unsupported: return "the SFTP server cannot do that";
    default: break;
  }
  // OpenSSH's word for every other error of the system.
  if (status.message.empty() || status.message == "Failure") return "refused by the host";
  return status.message;
}

}  // namespace bdsh::transfer
