#include "transfer/fake_server.hpp"

#include <algorithm>

#include "transfer/names.hpp"

namespace bdsh::transfer::test {
namespace {

Attributes attributes_of(const FakeFile& file) {
  return {file.content.size(), file.permissions, file.times};
}

std::string encoded(const Attributes& attributes) {
  std::string out;
  put_attributes(out, attributes);
  return out;
}

Attributes decoded(WireReader& in) {
  Attributes attributes;
  const std::uint32_t flags = in.u32();
  if ((flags & 1U) != 0) attributes.size = in.u64();
  if ((flags & 4U) != 0) attributes.permissions = in.u32();
  if ((flags & 8U) != 0) {
    const std::uint32_t accessed = in.u32();
    attributes.times = Times{accessed, in.u32()};
  }
  return attributes;
}

bool is_directory(const FakeFile& file) { return (file.permissions & 0170000U) == 040000U; }

}  // namespace

std::string reply(Kind kind, std::uint32_t id, const std::string& rest) {
  std::string body(1, static_cast<char>(kind));
  if (kind != Kind::version) put_u32(body, id);
  std::string out;
  put_string(out, body + rest);
  return out;
}

std::string text(std::string_view value) {
  std::string out;
  put_string(out, value);
  return out;
}

std::string number(std::uint32_t value) {
  std::string out;
  put_u32(out, value);
  return out;
}

std::string status(std::uint32_t id, Fx code, const std::string& words) {
  return reply(Kind::status, id, number(static_cast<std::uint32_t>(code)) + text(words) + text(""));
}

std::vector<std::string> FakeServer::names() const {
  std::vector<std::string> names;
  for (const auto& [path, file] : files)
    if (!is_directory(file)) names.push_back(path);
  return names;
}

std::string FakeServer::take(std::string_view bytes) {
  waiting_ += bytes;
  std::vector<std::string> answers;
  while (waiting_.size() >= 4) {
    const std::size_t length = WireReader(waiting_).u32();
    if (waiting_.size() < 4 + length) break;
    answers.push_back(answer(std::string_view(waiting_).substr(4, length)));
    waiting_.erase(0, 4 + length);
  }
  most_together = std::max(most_together, answers.size());
  if (backwards) std::reverse(answers.begin(), answers.end());
  std::string out;
  for (const std::string& one : answers) out += one;
  return answers_nothing ? "" : out;
}

std::string FakeServer::answer(std::string_view packet) {
  WireReader in(packet);
  const auto kind = static_cast<Kind>(in.u8());
  if (kind != Kind::init) {
    const std::uint32_t id = in.u32();
    return act(kind, id, in);
  }
  std::string rest = number(3);
  for (const std::string& name : extensions)
    rest += text(name) + text(name.starts_with("statvfs") ? "2" : "1");
  return reply(Kind::version, 0, rest);
}

std::string FakeServer::act(Kind kind, std::uint32_t id, WireReader& in) {
  switch (kind) {
    case Kind::open: return open(id, in);
    case Kind::read: return read(id, in);
    case Kind::write: return write(id, in);
    case Kind::extended: return extended(id, in);
    case Kind::rename: return rename(id, in, false);
    default: break;
  }
  const std::string what(in.string());
  switch (kind) {
    case Kind::close:
      log("close " + handles_[what].path);
      handles_.erase(what);
      return status(id, Fx::ok);
    case Kind::stat: case Kind::lstat:
      log("stat " + what);
      return look(id, what);
    case Kind::setstat: case Kind::fsetstat: {
      const std::string path = kind == Kind::setstat ? what : handles_[what].path;
      log("set " + path);
      set(path, in);
      return status(id, Fx::ok);
    }
    case Kind::opendir:
      log("list " + what);
      if (!files.contains(what == "." ? "" : what) && !listed.contains(what)) return status(id, Fx::no_such_file);
      handles_["d" + std::to_string(++last_handle_)] = {what == "." ? "" : what};
      return reply(Kind::handle, id, text("d" + std::to_string(last_handle_)));
    case Kind::readdir: return list(id, handles_.at(what));
    case Kind::realpath:
      log("real " + what);
      return reply(Kind::name, id, number(1) + text(what == "." ? "/home" : "/home/" + what) + text("") + encoded({}));
    case Kind::mkdir: {
      log("mkdir " + what);
      if (files.contains(what)) return status(id, Fx::failure, "Failure");
      if (!files.contains(directory_of(what))) return status(id, Fx::no_such_file);
      const Attributes wanted = decoded(in);
      files[what] = {040000 | (wanted.permissions.value_or(0755) & 07777U)};
      return status(id, Fx::ok);
    }
    case Kind::remove:
      log("remove " + what);
      return status(id, files.erase(what) > 0 ? Fx::ok : Fx::no_such_file);
    default: return status(id, Fx::unsupported);
  }
}

std::string FakeServer::open(std::uint32_t id, WireReader& in) {
  const std::string path(in.string());
  const std::uint32_t flags = in.u32();
  const Attributes wanted = decoded(in);
  log("open " + path);
  if (forbidden.contains(path)) return status(id, Fx::permission_denied);
  const bool there = files.contains(path);
  if (there && (flags & open_for::exclusive) != 0) return status(id, Fx::failure, "Failure");
  if (!there && (flags & open_for::creating) == 0) return status(id, Fx::no_such_file);
  if (!there && !files.contains(directory_of(path))) return status(id, Fx::no_such_file);
  if (!there) files[path] = {0100000 | wanted.permissions.value_or(0644)};
  handles_[std::to_string(++last_handle_)] = {path};
  most_open = std::max(most_open, handles_.size());
  return reply(Kind::handle, id, text(std::to_string(last_handle_)));
}

std::string FakeServer::read(std::uint32_t id, WireReader& in) {
  const std::string path = handles_.at(std::string(in.string())).path;
  const std::uint64_t offset = in.u64();
  const std::uint32_t count = std::min(in.u32(), longest_read);
  const std::string& content = files.at(path).content;
  if (offset >= content.size()) return status(id, Fx::eof, "End of file");
  std::string piece = content.substr(offset, count);
  if (spoils_writes && offset == 0) piece[0] = static_cast<char>(piece[0] + 1);
  return reply(Kind::data, id, text(piece));
}

std::string FakeServer::write(std::uint32_t id, WireReader& in) {
  const std::string path = handles_.at(std::string(in.string())).path;
  const std::uint64_t offset = in.u64();
  const std::string_view bytes = in.string();
  log("write " + path + " " + std::to_string(offset) + " " + std::to_string(bytes.size()));
  if (bytes.size() > room) return status(id, Fx::failure, "Failure");
  room -= bytes.size();
  std::string& content = files.at(path).content;
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  content.replace(offset, bytes.size(), bytes);
  return status(id, Fx::ok);
}

std::string FakeServer::look(std::uint32_t id, const std::string& path) {
  const auto found = files.find(path == "." ? "" : path);
  if (found == files.end()) return status(id, Fx::no_such_file, "No such file");
  return reply(Kind::attributes, id, encoded(attributes_of(found->second)));
}

// Two at a time, so that listings take several turns.
std::string FakeServer::list(std::uint32_t id, Handle& handle) {
  std::vector<Entry> entries{{".", {}}, {"..", {}}};
  if (listed.contains(handle.path)) {
    for (const Entry& entry : listed[handle.path]) entries.push_back(entry);
  } else {
    for (const auto& [path, file] : files)
      if (!path.empty() && directory_of(path) == handle.path)
        entries.push_back({base_name(path), attributes_of(file)});
  }
  if (handle.listed >= entries.size()) return status(id, Fx::eof);
  std::string rest;
  std::uint32_t count = 0;
  for (; count < 2 && handle.listed < entries.size(); ++count) {
    const Entry& entry = entries[handle.listed++];
    rest += text(entry.name) + text("-rw " + entry.name) + encoded(entry.attributes);
  }
  return reply(Kind::name, id, number(count) + rest);
}

std::string FakeServer::extended(std::uint32_t id, WireReader& in) {
  const std::string name(in.string());
  if (name == "posix-rename@openssh.com") return rename(id, in, true);
  std::string numbers;
  if (name == "limits@openssh.com") {
    for (const std::uint64_t value : {std::uint64_t{262144}, std::uint64_t{261120}, std::uint64_t{261120}, most_handles})
      put_u64(numbers, value);
    return reply(Kind::extended_reply, id, numbers);
  }
  if (name == "statvfs@openssh.com") {
    log("space " + std::string(in.string()));
    for (const std::uint64_t value : {std::uint64_t{4096}, std::uint64_t{1}, room, room, room, room}) put_u64(numbers, value);
    return reply(Kind::extended_reply, id, numbers);
  }
  if (name == "fsync@openssh.com") log("flush " + handles_.at(std::string(in.string())).path);
  return status(id, Fx::ok);
}

std::string FakeServer::rename(std::uint32_t id, WireReader& in, bool over) {
  const std::string from(in.string());
  const std::string to(in.string());
  log("rename " + from + " " + to);
  if (!over && files.contains(to)) return status(id, Fx::failure, "Failure");
  if (files.contains(to) && is_directory(files[to])) return status(id, Fx::failure, "Failure");
  auto node = files.extract(from);
  if (node.empty()) return status(id, Fx::no_such_file);
  files[to] = std::move(node.mapped());
  return status(id, Fx::ok);
}

void FakeServer::set(const std::string& path, WireReader& in) {
  const Attributes wanted = decoded(in);
  FakeFile& file = files.at(path);
  if (wanted.permissions)
    file.permissions = (file.permissions & 0170000U) | (*wanted.permissions & 07777U);
  if (wanted.times) file.times = *wanted.times;
}

void converse(HostTransfer& transfer, FakeServer& server, int turns) {
  for (; turns > 0; --turns) {
    const std::string out = transfer.take_output();
    if (out.empty()) return;
    transfer.receive(server.take(out));
  }
}

}  // namespace bdsh::transfer::test
