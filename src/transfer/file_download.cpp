#include "transfer/file_download.hpp"

#include <algorithm>
#include <utility>

#include "transfer/names.hpp"

namespace bdsh::transfer {
namespace {

constexpr std::uint32_t kModeBits = 0777;
constexpr std::uint64_t kNoEnd = UINT64_MAX / 2;

Error failed(const std::string& what) { return {ErrorKind::channel, what}; }

std::uint64_t span_of(const SftpClient& sftp) {
  return std::uint64_t{sftp.most_in_flight()} * sftp.read_size();
}

}  // namespace

FileDownload::FileDownload(DownloadFile file, const Rules& rules, LocalTree& tree, Tally& tally)
    : file_(std::move(file)),
      rules_(rules),
      tree_(tree),
      tally_(tally),
      size_(std::min(file_.attributes.size.value_or(0), kNoEnd)),
      endless_(size_ == 0) {}

void FileDownload::begin(SftpClient& sftp) { sftp.open(file_.source, open_for::reading, {}); }

void FileDownload::heard(const Reply& reply, SftpClient& sftp) {
  switch (state_) {
    case State::opening: return opened(reply, sftp);
    case State::reading: case State::comparing: return arrived(reply, sftp);
    case State::closing:  // pieces that were asked for before it was given up may still come
      return reply.id == close_asked_ ? end() : void();
  }
}

// Made only now: a file that cannot be read leaves nothing here.
void FileDownload::opened(const Reply& reply, SftpClient& sftp) {
  const auto* opened = std::get_if<HandleReply>(&reply.body);
  if (opened == nullptr) {
    const auto* failure = failure_in(reply);
    tally_.bytes -= size_;
    fail(failure != nullptr ? refused(*failure) : failed("it cannot be opened"));
    return end();
  }
  handle_ = opened->handle;
  if (problem()) return give_up(*problem(), sftp);
  if (const Status made = open_target(sftp); !made) return give_up(made.error(), sftp);
  state_ = State::reading;
  if (plan_->done()) whole(sftp);
}

Status FileDownload::open_target(SftpClient& sftp) {
  const std::uint32_t modified = file_.attributes.times.value_or(Times{}).modified;
  const std::uint64_t version = version_of(file_.source, size_, modified);
  auto target = tree_.create(file_.target, version, rules_.resume && !endless_);
  // More than the whole is no part of it.
  if (target && (*target)->present() > size_) {
    (*target).reset();  // takes it away
    target = tree_.create(file_.target, version, false);
  }
  if (!target) return target.error();
  target_ = std::move(*target);
  const std::uint64_t present = target_->present();
  if (present > span_of(sftp)) resumed_ = present - span_of(sftp);
  tally_.bytes -= resumed_;
  plan_.emplace(resumed_, endless_ ? kNoEnd : size_, sftp.read_size(),
                endless_ ? 1 : span_of(sftp));
  return Done{};
}

void FileDownload::more(SftpClient& sftp) {
  if (state_ != State::reading && state_ != State::comparing) return;
  while (sftp.room()) {
    const auto piece = plan_->take();
    if (!piece) return;
    plan_->asked(sftp.read(handle_, piece->offset, piece->count), *piece);
  }
}

void FileDownload::arrived(const Reply& reply, SftpClient& sftp) {
  if (const auto* failure = failure_in(reply)) return at_end(*failure, sftp);
  const auto* data = std::get_if<DataReply>(&reply.body);
  const auto piece = data == nullptr ? std::nullopt : plan_->arrived(reply.id, data->bytes.size());
  if (!piece) return give_up(failed("the host sent another piece than was asked for"), sftp);
  if (const Status used = use(*piece, data->bytes); !used) return give_up(used.error(), sftp);
  if (plan_->done()) state_ == State::reading ? whole(sftp) : close(sftp);
}

Status FileDownload::use(const ReadPlan::Piece& piece, std::string_view bytes) {
  if (state_ == State::reading) {
    tally_.bytes_done += piece.count;
    counted_ += piece.count;
    if (endless_) tally_.bytes += piece.count;
    return target_->write(piece.offset, bytes);
  }
  const auto own = target_->read(piece.offset, piece.count);
  if (!own) return own.error();
  return *own == bytes ? Status(Done{}) : failed("read again, it is not the same");
}

void FileDownload::at_end(const StatusReply& status, SftpClient& sftp) {
  if (status.code != Fx::eof) return give_up(refused(status), sftp);
  if (!endless_) return give_up(failed("it became shorter while it was read"), sftp);
  if (state_ == State::reading) close(sftp);
}

// All of it is here; what is endless differs with every reading.
void FileDownload::whole(SftpClient& sftp) {
  if (!rules_.compare || endless_) return close(sftp);
  state_ = State::comparing;
  plan_.emplace(0, size_, sftp.read_size(), span_of(sftp));
}

void FileDownload::close(SftpClient& sftp) {
  Attributes attributes;
  const std::uint32_t mode = file_.attributes.mode() & kModeBits;
  if (file_.attributes.permissions) attributes.permissions = mode;
  if (rules_.preserve) attributes.times = file_.attributes.times;
  if (const Status committed = target_->commit(attributes); !committed)
    return give_up(committed.error(), sftp);
  ++tally_.files_done;
  state_ = State::closing;
  close_asked_ = sftp.close(handle_);
}

// What is whole but for its end may be gone on with.
void FileDownload::leave_part() {
  if (target_ && rules_.resume && !endless_ && state_ == State::reading) target_->leave();
}

void FileDownload::give_up(Error error, SftpClient& sftp) {
  fail(std::move(error));
  tally_.bytes_done -= counted_;
  tally_.bytes -= endless_ ? counted_ : size_ - resumed_;
  leave_part();
  target_.reset();
  state_ = State::closing;
  close_asked_ = sftp.close(handle_);
}

void FileDownload::abort(SftpClient& sftp) {
  if (state_ == State::closing) return;
  if (state_ == State::opening) return fail({ErrorKind::cancelled, "given up"});
  give_up({ErrorKind::cancelled, "given up"}, sftp);
}

}  // namespace bdsh::transfer
