#include "transfer/file_upload.hpp"

#include <algorithm>
#include <utility>

#include "core/byte_size.hpp"
#include "transfer/names.hpp"

namespace bdsh::transfer {
namespace {

constexpr std::uint32_t kModeBits = 0777;  // what is set for another user or group is not carried over

Error failed(const std::string& what) { return {ErrorKind::channel, what}; }

std::string part_path(const UploadFile& file, const std::string& who) {
  const std::uint64_t version = version_of(who, file.size, file.times.modified);
  return joined_path(directory_of(file.target), part_name(base_name(file.target), version));
}

}  // namespace

FileUpload::FileUpload(UploadFile file, const Rules& rules, const std::string& who,
                       const OpenSource& open, Tally& tally)
    : file_(std::move(file)), rules_(rules), part_(part_path(file_, who)), open_(open), tally_(tally) {}

void FileUpload::begin(SftpClient& sftp) {
  auto source = open_(file_.source);
  if (!source) {
    fail(source.error());
    drop();
    return end();
  }
  source_ = std::move(*source);
  target_asked_ = sftp.lstat(file_.target);
  if (!rules_.resume) return open_new(sftp);
  sftp.lstat(part_);
}

void FileUpload::heard(const Reply& reply, SftpClient& sftp) {
  if (state_ == State::cleaning) return cleaned(reply);
  if (target_asked_ == reply.id) return target_seen(reply, sftp);
  switch (state_) {
    case State::looking: return part_seen(reply, sftp);
    case State::opening: return opened(reply, sftp);
    case State::clearing: return cleared(reply, sftp);
    case State::writing: return written(reply, sftp);
    case State::comparing: return compared(reply, sftp);
    case State::finishing: return finished(reply, sftp);
    case State::renaming: case State::replacing: return renamed(reply, sftp);
    case State::cleaning: return;
  }
}

// ---- what is there already

void FileUpload::target_seen(const Reply& reply, SftpClient& sftp) {
  target_asked_.reset();
  if (const auto* seen = std::get_if<AttributesReply>(&reply.body)) {
    if (seen->attributes.kind() == FileKind::directory) fail(failed("a directory has that name"));
    if (seen->attributes.kind() == FileKind::regular) old_mode_ = seen->attributes.mode();
  }
  go_on(sftp);
}

void FileUpload::part_seen(const Reply& reply, SftpClient& sftp) {
  if (problem()) return clean_up(sftp);
  const auto* seen = std::get_if<AttributesReply>(&reply.body);
  const bool usable = seen != nullptr && seen->attributes.kind() == FileKind::regular &&
                      seen->attributes.size.value_or(0) <= file_.size;
  if (!usable) return open_new(sftp);
  // What was under way when it broke may have arrived out of order.
  const std::uint64_t doubtful = std::uint64_t{sftp.most_in_flight()} * sftp.write_size();
  const std::uint64_t size = seen->attributes.size.value_or(0);
  next_ = resumed_ = size > doubtful ? size - doubtful : 0;
  state_ = State::opening;
  sftp.open(part_, open_for::writing | open_for::reading, {});
}

// Exclusive: a link that somebody has put there is not followed.
void FileUpload::open_new(SftpClient& sftp) {
  next_ = resumed_ = 0;
  state_ = State::opening;
  Attributes attributes;
  attributes.permissions = file_.mode & kModeBits;
  const std::uint32_t reading = rules_.compare ? open_for::reading : 0;
  sftp.open(part_, open_for::writing | open_for::creating | open_for::exclusive | reading, attributes);
}

void FileUpload::opened(const Reply& reply, SftpClient& sftp) {
  if (const auto* opened = std::get_if<HandleReply>(&reply.body)) {
    handle_ = opened->handle;
    part_made_ = true;
    tally_.bytes -= resumed_;
    state_ = State::writing;
    return go_on(sftp);
  }
  resumed_ = 0;
  const auto* failure = failure_in(reply);
  if (open_failure_ || problem() || failure == nullptr || failure->code == Fx::no_such_file ||
      failure->code == Fx::permission_denied) {
    fail(failure == nullptr ? failed("it cannot be created") : refused(*failure));
    return clean_up(sftp);
  }
  // Version 3 has no word for "it exists": what an earlier transfer left is taken away.
  open_failure_ = *failure;
  state_ = State::clearing;
  sftp.remove(part_);
}

void FileUpload::cleared(const Reply& reply, SftpClient& sftp) {
  if (failure_in(reply) == nullptr && !problem()) return open_new(sftp);
  fail(refused(*open_failure_));
  clean_up(sftp);
}

// ---- the content

void FileUpload::more(SftpClient& sftp) {
  if (state_ == State::writing) send_pieces(sftp);
  if (state_ == State::comparing) send_comparisons(sftp);
}

void FileUpload::send_pieces(SftpClient& sftp) {
  while (next_ < file_.size && !problem() && sftp.room()) {
    const std::size_t count = std::min<std::uint64_t>(sftp.write_size(), file_.size - next_);
    const auto piece = source_->read(next_, count);
    if (!piece) fail(piece.error());
    else if (piece->size() < count) fail(failed("it became shorter while it was read"));
    else {
      writes_[sftp.write(handle_, next_, *piece)] = static_cast<std::uint32_t>(count);
      next_ += count;
    }
  }
  go_on(sftp);
}

void FileUpload::written(const Reply& reply, SftpClient& sftp) {
  const auto write = writes_.find(reply.id);
  if (write == writes_.end()) return;
  if (const auto* failure = failure_in(reply)) {
    fail(refused(*failure));
    write_refused_ = failure->code == Fx::failure;
  } else {
    tally_.bytes_done += write->second;
    counted_ += write->second;
  }
  writes_.erase(write);
  go_on(sftp);
}

// The next step, once this one's answers are there. Only the end of the writes need not be waited
// for before the file is closed: a server does what concerns one file in the order asked (§3).
void FileUpload::go_on(SftpClient& sftp) {
  if (target_asked_) return;
  const bool quiet = writes_.empty() && waiting_ == 0;
  if (problem() && (state_ == State::writing || state_ == State::finishing))
    return quiet ? clean_up(sftp) : void();
  if (state_ == State::finishing && quiet) return rename(sftp);
  if (state_ != State::writing || next_ < file_.size) return;
  if (!rules_.compare) return finish(sftp);
  if (quiet) compare(sftp);
}

void FileUpload::compare(SftpClient& sftp) {
  state_ = State::comparing;
  plan_.emplace(0, file_.size, sftp.read_size(), UINT64_MAX);
  if (plan_->done()) finish(sftp);
}

void FileUpload::send_comparisons(SftpClient& sftp) {
  while (sftp.room() && !problem()) {
    const auto piece = plan_->take();
    if (!piece) return;
    plan_->asked(sftp.read(handle_, piece->offset, piece->count), *piece);
  }
}

void FileUpload::compared(const Reply& reply, SftpClient& sftp) {
  const auto* data = std::get_if<DataReply>(&reply.body);
  const auto piece = data == nullptr ? std::nullopt : plan_->arrived(reply.id, data->bytes.size());
  if (!piece) return give_up(failed("read back, it ends early"), sftp);
  const auto own = source_->read(piece->offset, piece->count);
  if (!own) return give_up(own.error(), sftp);
  part_wrong_ = *own != data->bytes;
  if (part_wrong_) return give_up(failed("read back, it is not the same"), sftp);
  if (plan_->done()) finish(sftp);
}

// ---- the end

Attributes FileUpload::final_attributes() const {
  Attributes attributes;
  if (rules_.preserve) {
    attributes.permissions = file_.mode & kModeBits;
    attributes.times = file_.times;
  } else if (old_mode_) {
    attributes.permissions = *old_mode_ & kModeBits;
  }
  return attributes;
}

void FileUpload::finish(SftpClient& sftp) {
  state_ = State::finishing;
  if (const Attributes attributes = final_attributes(); attributes != Attributes{}) {
    sftp.set_open(handle_, attributes);
    ++waiting_;
  }
  if (rules_.flush && sftp.can_flush()) {
    sftp.flush_file(handle_);
    ++waiting_;
  }
  sftp.close(std::exchange(handle_, {}));
  ++waiting_;
}

void FileUpload::finished(const Reply& reply, SftpClient& sftp) {
  if (writes_.contains(reply.id)) return written(reply, sftp);
  --waiting_;
  if (const auto* failure = failure_in(reply)) fail(refused(*failure));
  go_on(sftp);
}

void FileUpload::rename(SftpClient& sftp) {
  state_ = State::renaming;
  sftp.rename(part_, file_.target);
}

void FileUpload::renamed(const Reply& reply, SftpClient& sftp) {
  const auto* failure = failure_in(reply);
  if (state_ == State::replacing) return rename(sftp);  // whether or not there was something
  if (failure == nullptr) {
    ++tally_.files_done;
    return end();
  }
  // The plain rename of version 3 is refused where a file is: take that away, and try once more.
  if (!sftp.renames_over() && !std::exchange(replaced_, true)) {
    state_ = State::replacing;
    sftp.remove(file_.target);
    return;
  }
  fail(refused(*failure));
  clean_up(sftp);
}

void FileUpload::give_up(Error error, SftpClient& sftp) {
  fail(std::move(error));
  clean_up(sftp);
}

// A part that is being opened is taken away once its handle is there; a file that is about to get
// its name gets it.
void FileUpload::abort(SftpClient& sftp) {
  if (state_ == State::renaming || state_ == State::replacing || state_ == State::cleaning) return;
  fail({ErrorKind::cancelled, "given up"});
  if (state_ == State::writing || state_ == State::comparing) clean_up(sftp);
}

// How much room there is is asked before the part is gone. Answers to earlier requests that come
// now are of no interest.
void FileUpload::clean_up(SftpClient& sftp) {
  state_ = State::cleaning;
  drop();
  if (!handle_.empty()) sftp.close(handle_);
  const std::string directory = directory_of(part_);
  if (write_refused_ && sftp.can_tell_space())
    space_asked_ = sftp.disk_space(directory.empty() ? "." : directory);
  if (part_made_ && (!rules_.resume || part_wrong_)) removal_asked_ = sftp.remove(part_);
  if (!space_asked_ && !removal_asked_) end();
}

void FileUpload::cleaned(const Reply& reply) {
  if (space_asked_ == reply.id) {
    space_asked_.reset();
    const auto free = free_space(reply);
    if (free && *free < file_.size - resumed_ - counted_)
      explain(": no space left on its disk (" + byte_size(*free) + " free)");
  }
  if (removal_asked_ == reply.id) removal_asked_.reset();
  if (!space_asked_ && !removal_asked_) end();
}

// Nothing of it is counted any more.
void FileUpload::drop() {
  tally_.bytes_done -= counted_;
  tally_.bytes -= file_.size - (part_made_ ? resumed_ : 0);
}

}  // namespace bdsh::transfer
