#include "run/replay_index.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "run/files.hpp"

namespace bdsh::run {
namespace {

constexpr std::uint64_t kMagic = 0x3158'4449'4853'4442ULL;  // "BDSHIDX1", read as little endian
constexpr std::size_t kMostBytes = 2U << 30U;
constexpr std::int64_t kNever = -1;

template <typename T>
void put(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& out, const std::string& text) {
  put(out, static_cast<std::uint64_t>(text.size()));
  out += text;
}

// Reads what put() wrote; `ok` turns false at the first thing that is not there.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  template <typename T>
  T get() {
    T value{};
    if (take(sizeof value)) std::memcpy(&value, bytes_.data() + at_ - sizeof value, sizeof value);
    return value;
  }
  std::string text() {
    const auto size = get<std::uint64_t>();
    return take(size) ? std::string(bytes_.substr(at_ - size, size)) : std::string();
  }
  template <typename T>
  std::vector<T> list() {
    const auto count = get<std::uint64_t>();
    std::vector<T> items;
    if (count > bytes_.size() / sizeof(T) || !take(count * sizeof(T))) return items;
    items.resize(count);
    if (count > 0)
      std::memcpy(items.data(), bytes_.data() + at_ - count * sizeof(T), count * sizeof(T));
    return items;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  bool take(std::uint64_t count) {
    ok_ = ok_ && count <= bytes_.size() - at_;
    if (ok_) at_ += count;
    return ok_;
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

std::vector<ReplayPoint>::const_iterator first_after(const std::vector<ReplayPoint>& points,
                                                     Micros at) {
  return std::partition_point(points.begin(), points.end(),
                              [at](const ReplayPoint& point) { return point.place.at <= at; });
}

const ReplayPoint* stepped_back(const std::vector<ReplayPoint>& points,
                                std::vector<ReplayPoint>::const_iterator after, std::size_t back) {
  if (after == points.begin()) return nullptr;
  const auto index = static_cast<std::size_t>(after - points.begin()) - 1;
  const std::size_t wanted = index - std::min(index, back);
  // Not into an earlier round.
  for (std::size_t i = wanted; i <= index; ++i)
    if (points[i].round == points[index].round) return &points[i];
  return nullptr;
}

}  // namespace

const ReplayPoint* ReplayIndex::before(HostId host, int round, std::uint64_t log,
                                       std::size_t back) const {
  const std::vector<ReplayPoint>& of_host = points[host.value];
  const auto after =
      std::partition_point(of_host.begin(), of_host.end(),
                           [log](const ReplayPoint& point) { return point.place.log <= log; });
  const ReplayPoint* found = stepped_back(of_host, after, back);
  return found != nullptr && found->round == static_cast<std::uint32_t>(round) ? found : nullptr;
}

const ReplayPoint* ReplayIndex::before(HostId host, Micros at, std::size_t back) const {
  const std::vector<ReplayPoint>& of_host = points[host.value];
  return stepped_back(of_host, first_after(of_host, at), back);
}

ReplayPoint ReplayIndex::screen_before(HostId host, std::uint64_t log, std::uint64_t rows) const {
  const std::vector<ReplayPoint>& of_host = points[host.value];
  auto point = std::partition_point(of_host.begin(), of_host.end(), [log](const ReplayPoint& each) {
    return each.place.log <= log;
  });
  if (point == of_host.begin()) return {};
  const std::uint64_t last = std::prev(point)->line;
  while (point != of_host.begin())
    if ((--point)->line + rows <= last) return *point;
  return {};
}

// Lines behind the last point are taken to come evenly up to the next one.
std::size_t ReplayIndex::points_back(HostId host, Micros at, std::uint64_t lines) const {
  const std::vector<ReplayPoint>& of_host = points[host.value];
  const auto after = first_after(of_host, at);
  if (after == of_host.begin() || after == of_host.end()) return 0;
  const ReplayPoint& last = *std::prev(after);
  const double share = static_cast<double>((at - last.place.at).count()) /
                       static_cast<double>((after->place.at - last.place.at).count());
  const auto here =
      last.line + static_cast<std::uint64_t>(share * static_cast<double>(after->line - last.line));
  const auto far_enough = [&](const ReplayPoint& point) { return point.line + lines <= here; };
  std::size_t back = 0;
  for (auto point = std::prev(after); point != of_host.begin() && !far_enough(*point); --point)
    ++back;
  return back;
}

std::optional<ReplayIndex> read_replay_index(int directory, std::uint64_t run,
                                             std::uint64_t options, std::size_t hosts) {
  const Result<std::string> bytes = read_file(directory, kReplayIndexName, kMostBytes);
  if (!bytes) return std::nullopt;
  Cursor in(*bytes);
  if (in.get<std::uint64_t>() != kMagic || in.get<std::uint64_t>() != sizeof(ReplayPoint))
    return std::nullopt;
  ReplayIndex index;
  index.run = in.get<std::uint64_t>();
  index.options = in.get<std::uint64_t>();
  index.seed = in.get<std::uint64_t>();
  const auto difference = in.get<std::int64_t>();
  if (difference != kNever) index.first_difference = Micros(difference);
  if (index.run != run || index.options != options || in.get<std::uint64_t>() != hosts)
    return std::nullopt;
  for (std::size_t i = 0; i < hosts && in.ok(); ++i) {
    index.points.push_back(in.list<ReplayPoint>());
    std::vector<std::string>& names = index.names.emplace_back();
    for (auto count = in.get<std::uint64_t>(); count > 0 && in.ok(); --count)
      names.push_back(in.text());
  }
  if (in.get<std::uint64_t>() != kMagic || !in.ok() || !in.at_end()) return std::nullopt;
  return index;
}

Status write_replay_index(int directory, const ReplayIndex& index) {
  std::string out;
  put(out, kMagic);
  put(out, static_cast<std::uint64_t>(sizeof(ReplayPoint)));
  for (const std::uint64_t value : {index.run, index.options, index.seed}) put(out, value);
  put(out,
      index.first_difference ? static_cast<std::int64_t>(index.first_difference->count()) : kNever);
  put(out, static_cast<std::uint64_t>(index.points.size()));
  for (std::size_t i = 0; i < index.points.size(); ++i) {
    put(out, static_cast<std::uint64_t>(index.points[i].size()));
    out.append(reinterpret_cast<const char*>(index.points[i].data()),
               index.points[i].size() * sizeof(ReplayPoint));
    put(out, static_cast<std::uint64_t>(index.names[i].size()));
    for (const std::string& name : index.names[i]) put_text(out, name);
  }
  put(out, kMagic);
  return replace_file(Disk{}, directory, kReplayIndexName, out);
}

}  // namespace bdsh::run
