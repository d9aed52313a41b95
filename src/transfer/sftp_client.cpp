#include "transfer/sftp_client.hpp"

#include <algorithm>
#include <utility>

#include "transfer/wire.hpp"

namespace bdsh::transfer {
namespace {

Error unexpected(const char* what) {
  return {ErrorKind::protocol, std::string("the SFTP server sent ") + what};
}

constexpr std::size_t kLengthBytes = 4;

Kind kind_of(const Reply& reply) {
  static constexpr Kind kKinds[] = {Kind::status, Kind::version,    Kind::handle,        Kind::data,
                                    Kind::name,   Kind::attributes, Kind::extended_reply};
  return kKinds[reply.body.index()];
}

}  // namespace

// ---- requests

SftpClient::Id SftpClient::begin(Kind kind, Kind reply) {
  packet_ = out_.size();
  put_u32(out_, 0);
  out_.push_back(static_cast<char>(kind));
  put_u32(out_, ++last_id_);
  expected_[last_id_] = {reply, owner_};
  return last_id_;
}

// The length is known now.
void SftpClient::finish() {
  std::string length;
  put_u32(length, static_cast<std::uint32_t>(out_.size() - packet_ - kLengthBytes));
  out_.replace(packet_, length.size(), length);
}

SftpClient::Id SftpClient::with_path(Kind kind, std::string_view path, Kind reply) {
  const Id id = begin(kind, reply);
  put_string(out_, path);
  finish();
  return id;
}

// Of a path, or of a handle, which stands in the same place.
SftpClient::Id SftpClient::with_attributes(Kind kind, std::string_view path,
                                           const Attributes& attributes) {
  const Id id = begin(kind, Kind::status);
  put_string(out_, path);
  put_attributes(out_, attributes);
  finish();
  return id;
}

SftpClient::Id SftpClient::extended(std::string_view name, std::string_view argument, Kind reply) {
  const Id id = begin(Kind::extended, reply);
  put_string(out_, name);
  put_string(out_, argument);
  finish();
  return id;
}

void SftpClient::hello() {
  put_u32(out_, 5);
  out_.push_back(static_cast<char>(Kind::init));
  put_u32(out_, kVersion);
}

SftpClient::Id SftpClient::open(std::string_view path, std::uint32_t flags,
                                const Attributes& attributes) {
  const Id id = begin(Kind::open, Kind::handle);
  put_string(out_, path);
  put_u32(out_, flags);
  put_attributes(out_, attributes);
  finish();
  return id;
}

SftpClient::Id SftpClient::read(std::string_view handle, std::uint64_t offset, std::uint32_t count) {
  const Id id = begin(Kind::read, Kind::data);
  put_string(out_, handle);
  put_u64(out_, offset);
  put_u32(out_, count);
  finish();
  return id;
}

SftpClient::Id SftpClient::write(std::string_view handle, std::uint64_t offset,
                                 std::string_view bytes) {
  const Id id = begin(Kind::write, Kind::status);
  put_string(out_, handle);
  put_u64(out_, offset);
  put_string(out_, bytes);
  finish();
  return id;
}

SftpClient::Id SftpClient::set(std::string_view path, const Attributes& attributes) {
  return with_attributes(Kind::setstat, path, attributes);
}
SftpClient::Id SftpClient::set_open(std::string_view handle, const Attributes& attributes) {
  return with_attributes(Kind::fsetstat, handle, attributes);
}
SftpClient::Id SftpClient::make_directory(std::string_view path, const Attributes& attributes) {
  return with_attributes(Kind::mkdir, path, attributes);
}

SftpClient::Id SftpClient::rename(std::string_view from, std::string_view to) {
  const Id id = begin(posix_rename_ ? Kind::extended : Kind::rename, Kind::status);
  if (posix_rename_) put_string(out_, "posix-rename@openssh.com");
  put_string(out_, from);
  put_string(out_, to);
  finish();
  return id;
}

SftpClient::Id SftpClient::close(std::string_view handle) {
  return with_path(Kind::close, handle, Kind::status);
}
SftpClient::Id SftpClient::stat(std::string_view path) {
  return with_path(Kind::stat, path, Kind::attributes);
}
SftpClient::Id SftpClient::lstat(std::string_view path) {
  return with_path(Kind::lstat, path, Kind::attributes);
}
SftpClient::Id SftpClient::open_directory(std::string_view path) {
  return with_path(Kind::opendir, path, Kind::handle);
}
SftpClient::Id SftpClient::read_directory(std::string_view handle) {
  return with_path(Kind::readdir, handle, Kind::name);
}
SftpClient::Id SftpClient::real_path(std::string_view path) {
  return with_path(Kind::realpath, path, Kind::name);
}
SftpClient::Id SftpClient::remove(std::string_view path) {
  return with_path(Kind::remove, path, Kind::status);
}
SftpClient::Id SftpClient::flush_file(std::string_view handle) {
  return extended("fsync@openssh.com", handle, Kind::status);
}
SftpClient::Id SftpClient::disk_space(std::string_view path) {
  return extended("statvfs@openssh.com", path, Kind::extended_reply);
}

std::string SftpClient::take_output() { return std::exchange(out_, {}); }

// ---- replies

Status SftpClient::greeted(const VersionReply& version) {
  if (std::exchange(greeted_, true)) return unexpected("two greetings");
  if (version.version != kVersion)
    return Error{ErrorKind::protocol, "the host speaks SFTP version " +
                                          std::to_string(version.version) + ", not 3"};
  bool limits = false;
  for (const auto& [name, number] : version.extensions) {
    posix_rename_ = posix_rename_ || (name == "posix-rename@openssh.com" && number == "1");
    fsync_ = fsync_ || (name == "fsync@openssh.com" && number == "1");
    statvfs_ = statvfs_ || (name == "statvfs@openssh.com" && number == "2");
    limits = limits || (name == "limits@openssh.com" && number == "1");
  }
  ready_ = !limits;
  if (!limits) return Done{};
  limits_asked_ = begin(Kind::extended, Kind::extended_reply);
  put_string(out_, "limits@openssh.com");
  finish();
  return Done{};
}

// Only what makes requests smaller than every server must take is of interest. 0: no limit.
void SftpClient::limited(std::string_view limits) {
  WireReader in(limits);
  in.u64();  // of a packet
  const std::uint64_t reading = in.u64();
  const std::uint64_t writing = in.u64();
  const std::uint64_t handles = in.u64();
  if (!in.ok()) return;
  if (reading > 0) read_size_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(read_size_, reading));
  if (writing > 0) write_size_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(write_size_, writing));
  if (handles > 0) most_handles_ = handles;
}

Result<std::optional<SftpClient::Answer>> SftpClient::checked(Reply reply) {
  const auto found = expected_.find(reply.id);
  if (found == expected_.end()) return unexpected("an answer to what was not asked");
  const Expected expected = found->second;
  expected_.erase(found);
  const Kind kind = kind_of(reply);
  if (kind != expected.reply && kind != Kind::status) return unexpected("an answer of a wrong kind");
  // "Everything is well" is no answer to what asks for something.
  auto* status = std::get_if<StatusReply>(&reply.body);
  if (status != nullptr && status->code == Fx::ok && expected.reply != Kind::status)
    status->code = Fx::failure;
  return std::optional(Answer{expected.owner, std::move(reply)});
}

Result<std::optional<SftpClient::Answer>> SftpClient::next() {
  while (true) {
    const auto packet = cutter_.next();
    if (!packet) return packet.error();
    if (!*packet) return std::optional<Answer>();
    auto reply = decode_reply(**packet);
    if (!reply) return reply.error();
    if (const auto* version = std::get_if<VersionReply>(&reply->body)) {
      if (const Status welcome = greeted(*version); !welcome) return welcome.error();
      continue;
    }
    if (!greeted_) return unexpected("an answer before its greeting");
    auto answer = checked(std::move(*reply));
    if (!answer || !limits_asked_ || (**answer).reply.id != *limits_asked_) return answer;
    if (const auto* extended = std::get_if<ExtendedReply>(&(**answer).reply.body))
      limited(extended->bytes);
    limits_asked_.reset();
    ready_ = true;
  }
}

std::optional<std::uint64_t> free_space(const Reply& reply) {
  const auto* extended = std::get_if<ExtendedReply>(&reply.body);
  if (extended == nullptr) return {};
  WireReader in(extended->bytes);
  in.u64();                                 // block size
  const std::uint64_t fragment = in.u64();  // the unit of the counts
  in.u64();                                 // blocks
  in.u64();                                 // free ones
  const std::uint64_t available = in.u64();
  if (!in.ok() || (fragment > 0 && available > UINT64_MAX / fragment)) return {};
  return fragment * available;
}

}  // namespace bdsh::transfer
