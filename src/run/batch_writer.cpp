#include "run/batch_writer.hpp"

#include <algorithm>
#include <utility>

#include "run/round_lines.hpp"

namespace bdsh::run {
namespace {

// A state that soon passes (connecting, running) is not worth a file: it is written only when it
// lasts longer than this. Ends are written at once.
constexpr std::chrono::milliseconds kMetaLag{250};

}  // namespace

BatchWriter::BatchWriter(RunFiles files, std::function<void(const Error&)> report)
    : files_(std::move(files)), report_(std::move(report)), lagging_(files_.run().folders.size()) {}

void BatchWriter::check(const Status& status) {
  if (!status) report_(status.error());
}

void BatchWriter::make_folders() {
  for (std::size_t i = 0; i < lagging_.size(); ++i)
    check(files_.make_folder(HostId{static_cast<std::uint32_t>(i)}));
  files_.touch();
}

// Bytes before the status that follows them: whoever reads that a host has ended finds its whole
// log. A mark between the bytes before it and those after it: whoever has seen the size of a log
// and reads rounds.log then knows all marks up to there.
void BatchWriter::write(Batch& batch) {
  if (!batch.resizes.empty()) check(files_.append_resizes(batch.resizes));
  std::vector<Progress> done(batch.hosts.size());
  for (const Mark& mark : batch.marks) {
    write_up_to(mark, batch, done);
    write_mark(mark);
  }
  for (std::size_t i = 0; i < batch.hosts.size(); ++i) {
    HostShare& share = batch.hosts[i];
    write_some(share, share.bytes.size(), done[i]);
    if (share.meta) write_meta(share.host, std::move(*share.meta));
  }
  if (!batch.events.empty()) check(files_.append_events(batch.events));
  write_due(batch.closing);
  files_.touch();
}

void BatchWriter::write_up_to(const Mark& mark, Batch& batch, std::vector<Progress>& done) {
  for (std::size_t i = 0; i < batch.hosts.size(); ++i) {
    const HostShare& share = batch.hosts[i];
    const auto offset = mark.offset(share.host);
    if (offset && *offset > share.begin)
      write_some(share, static_cast<std::size_t>(*offset - share.begin), done[i]);
  }
}

void BatchWriter::write_some(const HostShare& share, std::size_t end, Progress& done) {
  if (end <= done.bytes) return;
  const std::size_t first = done.chunks;
  for (std::size_t bytes = done.bytes; bytes < end; ++done.chunks)
    bytes += share.chunks[done.chunks].size;
  const std::string_view bytes = std::string_view(share.bytes).substr(done.bytes, end - done.bytes);
  check(files_.append(share.host, bytes,
                      std::span(share.chunks).subspan(first, done.chunks - first)));
  done.bytes = end;
}

// The places are those in the files: after a disk error a log is shorter than what was handed over.
void BatchWriter::write_mark(const Mark& mark) {
  RoundLine line;
  line.at = std::chrono::microseconds(std::max<std::int64_t>(0, mark.micros));
  line.round = mark.round;
  const std::vector<std::string>& folders = files_.run().folders;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    const std::uint64_t logged = files_.logged(host);
    if (mark.hosts.contains(host))
      line.participants.push_back({folders[i], logged});
    else if (mark.round > 0 && logged > 0)
      line.others.push_back({folders[i], logged});
  }
  check(files_.append_rounds(to_text(line)));
}

void BatchWriter::write_meta(HostId host, HostMeta meta) {
  std::optional<HostMeta>& lagging = lagging_[host.value];
  if (meta.status.ended()) {
    lagging.reset();
    check(files_.write_meta(host, meta));
    return;
  }
  if (!lagging) due_.push_back({Steady::now() + kMetaLag, host});
  lagging = std::move(meta);
}

std::optional<BatchWriter::Steady::time_point> BatchWriter::due() const {
  return due_.empty() ? std::nullopt : std::optional(due_.front().at);
}

void BatchWriter::write_due(bool all) {
  const Steady::time_point now = Steady::now();
  for (; !due_.empty() && (all || due_.front().at <= now); due_.pop_front()) {
    const HostId host = due_.front().host;
    if (const auto meta = std::exchange(lagging_[host.value], std::nullopt))
      check(files_.write_meta(host, *meta));
  }
}

void BatchWriter::finish(WallTime now, bool sync) {
  check(files_.finish(now, sync));
  files_.touch();
}

}  // namespace bdsh::run
