#include "run/host_tape.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace bdsh::run {
namespace {

constexpr std::size_t kFirstAhead = 4U << 10U;  // after a jump: little may be wanted
constexpr std::size_t kMostAhead = 32U << 10U;
constexpr std::size_t kTimingAhead = 4U << 10U;
constexpr Micros kForever = Micros::max();

}  // namespace

HostTape::HostTape(HostId host, std::string folder, int directory)
    : host_(host), folder_(std::move(folder)), ahead_(kFirstAhead) {
  const Fd at = open_directory(directory, folder_.c_str());
  struct stat info {};
  if (at && ::fstatat(at.get(), "out.log", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISREG(info.st_mode))
    size_ = static_cast<std::uint64_t>(info.st_size);
  timed_ = at && ::fstatat(at.get(), "out.timing", &info, AT_SYMLINK_NOFOLLOW) == 0;
}

void HostTape::go_to(const TapePlace& place, const std::vector<Resize>& resizes) {
  offset_ = place.log;
  ahead_ = kFirstAhead;
  timing_ = TimingCursor(place);
  const auto later = std::find_if(resizes.begin(), resizes.end(),
                                  [&](const Resize& resize) { return resize.at > place.at; });
  next_resize_ = static_cast<std::size_t>(later - resizes.begin());
  lines_end_ = false;
  if (timing_.next_offset() < lines_from_ || timing_.next_offset() > lines_from_ + lines_.size())
    lines_.clear();
}

void HostTape::refill_timing(int directory) {
  const Fd folder = open_directory(directory, folder_.c_str());
  const Fd file = folder ? open_regular(folder.get(), "out.timing") : Fd();
  lines_from_ = timing_.next_offset();
  lines_ = file ? read_range(file.get(), lines_from_, kTimingAhead) : std::string();
  lines_end_ = lines_.size() < kTimingAhead;
}

TimingCursor::Stretch HostTape::next_stretch(int directory, std::uint64_t limit) {
  for (;;) {
    const std::uint64_t used = timing_.next_offset() - lines_from_;
    const bool ahead = timing_.next_offset() >= lines_from_ && used <= lines_.size();
    std::string_view text = ahead ? std::string_view(lines_).substr(used) : std::string_view();
    const TimingCursor::Stretch stretch = timing_.stretch(offset_, limit, text);
    if (timing_.knows(offset_) || timing_.damaged() || (lines_end_ && ahead)) return stretch;
    refill_timing(directory);
  }
}

std::optional<Micros> HostTape::next(int directory) {
  if (offset_ >= size_) return std::nullopt;
  return next_stretch(directory, size_).at;
}

void HostTape::pass_moment(int directory) {
  if (offset_ < size_) offset_ = next_stretch(directory, size_).end;
}

// All of it, from what was read ahead where that is enough: the timing is past it already, so that
// a rest that is read later would get a later time.
std::string HostTape::read_log(int directory, std::uint64_t end) {
  const bool ahead = offset_ >= bytes_from_ && end <= bytes_from_ + bytes_.size();
  if (!ahead) {
    const Fd folder = open_directory(directory, folder_.c_str());
    const Fd file = folder ? open_regular(folder.get(), "out.log") : Fd();
    const std::size_t wanted = std::max<std::size_t>(ahead_, end - offset_);
    ahead_ = std::min(ahead_ * 2, kMostAhead);
    bytes_from_ = offset_;
    bytes_ = file ? read_range(file.get(), offset_, wanted) : std::string();
  }
  return bytes_.substr(offset_ - bytes_from_, end - offset_);
}

std::size_t HostTape::play(int directory, Micros to, std::uint64_t limit,
                           const std::vector<Resize>& resizes, std::vector<Record>& out) {
  const std::uint64_t stop = std::min(limit, size_);
  const std::uint64_t begin = offset_;
  while (offset_ < stop) {
    // How far one piece goes: up to the moment, the next change of size, or piece_.
    const std::uint64_t from = offset_;
    std::uint64_t end = from;
    Micros at{0};
    const Micros resize = next_resize_ < resizes.size() ? resizes[next_resize_].at : kForever;
    while (end < stop && end - from < piece_) {
      offset_ = end;
      const auto stretch = next_stretch(directory, std::min<std::uint64_t>(stop, from + piece_));
      if (stretch.at > to || (stretch.at >= resize && end > from)) break;
      at = stretch.at;
      end = stretch.end;
      if (stretch.at >= resize) break;
    }
    offset_ = from;
    if (end == from) break;
    for (; next_resize_ < resizes.size() && resizes[next_resize_].at <= at; ++next_resize_)
      out.push_back(LoggedSize{host_, resizes[next_resize_].size});
    std::string bytes = read_log(directory, end);
    if (bytes.empty()) {  // it became shorter: nothing more will come of it
      offset_ = size_ = from;
      break;
    }
    offset_ = from + bytes.size();
    out.push_back(LoggedBytes{host_, std::move(bytes), at, timing_.place(offset_)});
  }
  return offset_ - begin;
}

}  // namespace bdsh::run
