#include "run/host_source.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "run/record_lines.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;   // of a log at once
constexpr std::size_t kTimingBytes = 64U << 10U;  // of a timing at once
constexpr std::size_t kMetaBytes = 256U << 10U;
// Bytes that came this close together are one record: a busy log would be millions of them.
constexpr std::chrono::milliseconds kSameMoment{5};

}  // namespace

HostSource::HostSource(HostId host, std::string name, std::string folder)
    : host_(host),
      name_(std::move(name)),
      folder_(std::move(folder)),
      log_path_(folder_ + "/out.log"),
      meta_path_(folder_ + "/meta.yaml") {}

// Two stats and no open: most hosts have nothing new. A folder that is a link would mislead the
// stats alone; the reads go through open_directory, which refuses it.
void HostSource::look(int directory) {
  struct stat info {};
  if (::fstatat(directory, meta_path_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
    meta_stamp_ = {info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
  if (::fstatat(directory, log_path_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
    look_size_ = log_size_ = static_cast<std::uint64_t>(info.st_size);
}

std::size_t HostSource::poll(int directory, const std::vector<Resize>& resizes, std::uint64_t limit,
                             std::size_t max_bytes, std::vector<Record>& out,
                             std::vector<std::string>& warnings) {
  more_ = false;
  const bool held = log_offset_ >= limit && log_offset_ < log_size_;
  const bool news = meta_stamp_ != meta_read_stamp_ || (meta_to_report_ && !held);
  if (!news && (held || !log_grew())) return 0;
  const Fd folder = open_directory(directory, folder_.c_str());
  if (!folder) {
    if (errno == ELOOP || errno == ENOTDIR) warnings.push_back(name_ + ": folder is no directory");
    log_offset_ = log_size_;
    meta_read_stamp_ = meta_stamp_;
    return 0;
  }
  // The status first: all bytes that led to it are in the log by then.
  read_meta(folder.get(), warnings);
  if (meta_to_report_ && !meta_.status.ended()) report_status(out);
  const std::size_t count = read_log(folder.get(), resizes, limit, max_bytes, out, warnings);
  // Bytes that came between look() and the status may be those that led to it: they come first.
  const bool behind = log_offset_ < log_size_ && !unreadable_;
  if (meta_to_report_ && !behind) report_status(out);
  return count;
}

void HostSource::read_meta(int folder, std::vector<std::string>& warnings) {
  if (meta_stamp_ == meta_read_stamp_) return;
  meta_read_stamp_ = meta_stamp_;
  const Result<std::string> text = read_file(folder, "meta.yaml", kMetaBytes);
  if (!text && text.error().message.find("No such file") != std::string::npos) return;
  Result<HostMeta> meta = text ? parse_meta_yaml(*text) : Result<HostMeta>(text.error());
  if (!meta) {
    warnings.push_back(name_ + ": meta.yaml: " + meta.error().message);
    return;
  }
  meta_ = std::move(*meta);
  meta_to_report_ = true;
}

void HostSource::report_status(std::vector<Record>& out) {
  meta_to_report_ = false;
  out.push_back(LoggedStatus{host_, meta_.status, meta_.start, meta_.end});
}

std::size_t HostSource::read_log(int folder, const std::vector<Resize>& resizes,
                                 std::uint64_t limit, std::size_t max_bytes,
                                 std::vector<Record>& out, std::vector<std::string>& warnings) {
  const Fd log = open_regular(folder, "out.log");
  struct stat info {};
  if (!log || ::fstat(log.get(), &info) != 0) {
    log_offset_ = log_size_;
    return 0;
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const std::uint64_t end = std::min({size, look_size_, limit});
  if (size < log_offset_ && !std::exchange(shrunk_, true))
    warnings.push_back(name_ + ": out.log became shorter while it was read");
  const Fd timing = open_regular(folder, "out.timing");
  std::size_t total = 0;
  while (log_offset_ < end && total < max_bytes) {
    const std::string bytes = read_range(
        log.get(), log_offset_,
        std::min({kReadBytes, max_bytes - total, static_cast<std::size_t>(end - log_offset_)}));
    unreadable_ = bytes.empty();
    if (unreadable_) break;
    const std::string times =
        timing ? read_range(timing.get(), timing_.next_offset(), kTimingBytes) : std::string();
    split(bytes, times, resizes, out);
    total += bytes.size();
  }
  log_size_ = std::max(log_size_, size);
  more_ = log_offset_ < end && total >= max_bytes;
  if (timing_.damaged() && !std::exchange(timing_warned_, true))
    warnings.push_back(name_ + ": out.timing is damaged: later times are unknown");
  return total;
}

void HostSource::split(std::string_view bytes, std::string_view timing,
                       const std::vector<Resize>& resizes, std::vector<Record>& out) {
  const std::uint64_t limit = log_offset_ + bytes.size();
  std::optional<LoggedBytes> open;
  while (log_offset_ < limit) {
    const TimingCursor::Stretch stretch = timing_.stretch(log_offset_, limit, timing);
    const auto count = static_cast<std::size_t>(stretch.end - log_offset_);
    const bool resized = next_resize_ < resizes.size() && resizes[next_resize_].at <= stretch.at;
    if (open && (resized || stretch.at - open->since_start > kSameMoment)) {
      out.push_back(std::move(*open));
      open.reset();
    }
    report_sizes(stretch.at, resizes, out);
    if (!open) open = LoggedBytes{host_, {}, stretch.at};
    open->bytes += bytes.substr(0, count);
    bytes.remove_prefix(count);
    log_offset_ = stretch.end;
  }
  if (open) out.push_back(std::move(*open));
}

void HostSource::report_sizes(std::chrono::microseconds until, const std::vector<Resize>& resizes,
                              std::vector<Record>& out) {
  for (; next_resize_ < resizes.size() && resizes[next_resize_].at <= until; ++next_resize_)
    out.push_back(LoggedSize{host_, resizes[next_resize_].size});
}

void HostSource::end_of_run(std::vector<Record>& out, std::vector<std::string>& warnings) {
  if (const auto missing = meta_.missing(log_offset_)) warnings.push_back(name_ + ": " + *missing);
  HostStatus& status = meta_.status;
  if (status.ended() || status.state == HostState::done) return;
  status = not_ended(std::move(status));
  report_status(out);
}

}  // namespace bdsh::run
