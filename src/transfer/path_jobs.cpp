#include "transfer/path_jobs.hpp"

#include <algorithm>
#include <utility>

#include "transfer/names.hpp"

namespace bdsh::transfer {

// ---- Look

void Look::begin(SftpClient& sftp) {
  follow_ ? sftp.stat(path_) : sftp.lstat(path_);
}

void Look::heard(const Reply& reply, SftpClient&) {
  if (const auto* seen = std::get_if<AttributesReply>(&reply.body)) attributes_ = seen->attributes;
  if (const auto* failure = failure_in(reply)) {
    missing_ = failure->code == Fx::no_such_file;
    fail(refused(*failure));
  }
  end();
}

// ---- ListDirectory

void ListDirectory::begin(SftpClient& sftp) {
  sftp.open_directory(path_);
}

// What was asked beyond the end is answered too.
void ListDirectory::heard(const Reply& reply, SftpClient& sftp) {
  if (ended()) return;
  if (const auto* opened = std::get_if<HandleReply>(&reply.body)) {
    handle_ = opened->handle;
    if (aborted_) return finish(sftp);
    for (int i = 0; i < kAsked; ++i) sftp.read_directory(handle_);
    return;
  }
  if (const auto* names = std::get_if<NameReply>(&reply.body)) return take(*names, sftp);
  const auto* failure = failure_in(reply);
  if (failure != nullptr && (handle_.empty() || failure->code != Fx::eof)) fail(refused(*failure));
  finish(sftp);
}

// While it is being opened there is nothing to close yet.
void ListDirectory::abort(SftpClient& sftp) {
  aborted_ = true;
  if (!handle_.empty()) finish(sftp);
}

void ListDirectory::take(const NameReply& names, SftpClient& sftp) {
  for (const Entry& entry : names.entries)
    if (entry.name != "." && entry.name != "..") entries_.push_back(entry);
  if (names.entries.empty()) {
    fail({ErrorKind::channel, "the host lists nothing without an end"});
    return finish(sftp);
  }
  if (entries_.size() <= most_) {
    sftp.read_directory(handle_);
    return;
  }
  cut_ = true;
  entries_.resize(most_);
  finish(sftp);
}

// Nobody waits for the answer to the close.
void ListDirectory::finish(SftpClient& sftp) {
  if (!handle_.empty()) sftp.close(handle_);
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  end();
}

// ---- RealPath

void RealPath::heard(const Reply& reply, SftpClient&) {
  const auto* names = std::get_if<NameReply>(&reply.body);
  if (names != nullptr && !names->entries.empty()) real_ = names->entries.front().name;
  if (const auto* failure = failure_in(reply)) fail(refused(*failure));
  end();
}

// ---- MakeDirectory

void MakeDirectory::begin(SftpClient& sftp) {
  make(sftp);
}

void MakeDirectory::make(SftpClient& sftp) {
  Attributes attributes;
  attributes.permissions = below_.empty() ? mode_ : std::nullopt;
  sftp.make_directory(current_, attributes);
}

void MakeDirectory::heard(const Reply& reply, SftpClient& sftp) {
  const auto* failure = failure_in(reply);
  if (failure != nullptr && !failure_) return refused_one(*failure, sftp);
  if (failure_) {  // it was looked at why
    const auto* seen = std::get_if<AttributesReply>(&reply.body);
    const bool there = seen != nullptr && seen->attributes.kind() == FileKind::directory;
    if (!there)
      fail(seen == nullptr ? refused(*failure_)
                           : Error{ErrorKind::channel, "it is not a directory"});
    failure_.reset();
  }
  if (below_.empty() || problem()) return end();
  current_ = std::move(below_.back());
  below_.pop_back();
  make(sftp);
}

// Version 3 has no word for "it exists".
void MakeDirectory::refused_one(const StatusReply& failure, SftpClient& sftp) {
  const std::string above = directory_of(current_);
  if (parents_ && failure.code == Fx::no_such_file && !above.empty() && above != current_) {
    below_.push_back(std::exchange(current_, above));
    return make(sftp);
  }
  failure_ = failure;
  sftp.stat(current_);
}

// ---- SetAttributes

void SetAttributes::heard(const Reply& reply, SftpClient&) {
  if (const auto* failure = failure_in(reply)) fail(refused(*failure));
  end();
}

}  // namespace bdsh::transfer
