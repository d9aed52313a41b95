#include "run/batch_writer.hpp"

#include <algorithm>
#include <utility>

#include "run/round_lines.hpp"

namespace bdsh::run {
namespace {

// A state that soon passes (connecting, running) is not worth a file: it is written only when it
// lasts longer than this. Ends are written at once.
constexpr std::chrono::milliseconds kMetaLag{250};
constexpr std::chrono::seconds kTryAgain{1};

}  // namespace

BatchWriter::BatchWriter(RunFiles files, std::function<void(const Error&)> report)
    : files_(std::move(files)), report_(std::move(report)), metas_(files_.run().folders.size()) {}

void BatchWriter::check(const Status& status) {
  if (status) return;
  report_(status.error());
  if (!again_) again_ = Steady::now() + kTryAgain;
}

void BatchWriter::make_folders() {
  for (std::size_t i = 0; i < metas_.size(); ++i)
    check(files_.catch_up(HostId{static_cast<std::uint32_t>(i)}));
  files_.touch();
}

// Bytes before the status that follows them: whoever reads that a host has ended finds its whole
// log. A mark between the bytes before it and those after it: whoever has seen the size of a log
// and reads rounds.log then knows all marks up to there.
void BatchWriter::write(Batch& batch) {
  if (!batch.resizes.empty()) check(files_.append(LineFile::resizes, batch.resizes));
  std::vector<Progress> done(batch.hosts.size());
  for (const Mark& mark : batch.marks) {
    write_up_to(mark, batch, done);
    write_mark(mark);
  }
  for (std::size_t i = 0; i < batch.hosts.size(); ++i) {
    HostShare& share = batch.hosts[i];
    write_some(share, share.bytes.size(), done[i]);
    if (share.meta) take_meta(share.host, std::move(*share.meta));
  }
  if (!batch.events.empty()) check(files_.append(LineFile::events, batch.events));
  write_due(batch.closing);
  if (again_ && *again_ <= Steady::now()) try_again();
  files_.touch();
}

void BatchWriter::write_up_to(const Mark& mark, Batch& batch, std::vector<Progress>& done) {
  for (std::size_t i = 0; i < batch.hosts.size(); ++i) {
    const HostShare& share = batch.hosts[i];
    const auto offset = mark.offset(share.host);
    if (!offset || *offset <= share.begin) continue;
    const auto size = static_cast<std::size_t>(*offset - share.begin);
    write_some(share, std::min(size, share.bytes.size()), done[i]);
  }
}

void BatchWriter::write_some(const HostShare& share, std::size_t end, Progress& done) {
  if (end <= done.bytes) return;
  const std::size_t first = done.chunks;
  for (std::size_t bytes = done.bytes; bytes < end; ++done.chunks)
    bytes += share.chunks[done.chunks].size;
  const std::string_view bytes = std::string_view(share.bytes).substr(done.bytes, end - done.bytes);
  check(files_.append(share.host,
                      {bytes, std::span(share.chunks).subspan(first, done.chunks - first)}));
  done.bytes = end;
}

// The places are those in the files, though bytes before them may still wait for the disk: what was
// dropped counts for nothing.
void BatchWriter::write_mark(const Mark& mark) {
  RoundLine line;
  line.at = std::chrono::microseconds(std::max<std::int64_t>(0, mark.micros));
  line.round = mark.round;
  const std::vector<std::string>& folders = files_.run().folders;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    const std::uint64_t logged = files_.place(host);
    if (mark.hosts.contains(host))
      line.participants.push_back({folders[i], logged});
    else if (mark.round > 0 && logged > 0)
      line.others.push_back({folders[i], logged});
  }
  check(files_.append(LineFile::rounds, to_text(line)));
}

void BatchWriter::take_meta(HostId host, HostMeta meta) {
  Meta& to = metas_[host.value];
  to.last = std::move(meta);
  if (to.last.status.ended()) return write_meta(host);
  if (!std::exchange(to.lagging, true)) due_.push_back({Steady::now() + kMetaLag, host});
}

// Behind the log, which a reader takes for whole when the host has ended.
void BatchWriter::write_meta(HostId host) {
  Meta& meta = metas_[host.value];
  meta.lagging = false;
  meta.refused = files_.behind(host);
  if (meta.refused) return;
  const Status written = files_.write_meta(host, meta.last);
  meta.refused = !written;
  check(written);
}

std::optional<BatchWriter::Steady::time_point> BatchWriter::due() const {
  if (due_.empty()) return again_;
  return again_ ? std::min(*again_, due_.front().at) : due_.front().at;
}

void BatchWriter::write_due(bool all) {
  const Steady::time_point now = Steady::now();
  for (; !due_.empty() && (all || due_.front().at <= now); due_.pop_front())
    if (metas_[due_.front().host.value].lagging) write_meta(due_.front().host);
}

void BatchWriter::try_again() {
  again_.reset();
  for (const LineFile file : {LineFile::resizes, LineFile::rounds, LineFile::events})
    check(files_.catch_up(file));
  for (std::uint32_t i = 0; i < metas_.size(); ++i) {
    if (files_.behind(HostId{i})) check(files_.catch_up(HostId{i}));
    if (metas_[i].refused) write_meta(HostId{i});
  }
}

std::vector<Error> BatchWriter::finish(WallTime now, bool sync) {
  try_again();
  files_.close_logs();
  std::vector<Error> lost = losses();
  if (const Status done = files_.finish(now, sync); !done) lost.push_back(done.error());
  files_.touch();
  return lost;
}

// The host's own record says what its log lacks, where the disk takes that.
std::vector<Error> BatchWriter::losses() {
  std::vector<Error> lost;
  for (std::uint32_t i = 0; i < metas_.size(); ++i) {
    const std::optional<Error> loss = files_.loss(HostId{i});
    if (loss) {
      lost.push_back(*loss);
      metas_[i].last.bytes = files_.total(HostId{i});
      metas_[i].last.log_error = files_.trouble(HostId{i});
    }
    if (!loss && !metas_[i].refused) continue;
    if (const Status written = files_.write_meta(HostId{i}, metas_[i].last); !written)
      lost.push_back(written.error());
  }
  if (files_.lines_behind())
    lost.push_back({ErrorKind::io, "events.log, resize.log or rounds.log lack their end"});
  return lost;
}

}  // namespace bdsh::run
