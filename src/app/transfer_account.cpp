#include "app/transfer_account.hpp"

#include <algorithm>

#include "app/setup.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kHostLines = 10;  // of the progress display
constexpr std::size_t kRequestBytes = 33 * 1024;
constexpr std::size_t kOtherBytes = 1U << 20U;  // requests that carry no data are not bounded

std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<transfer::Problem>& problems) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const transfer::Problem& problem : problems) pairs.emplace_back(problem.path, problem.what);
  return pairs;
}

report::TransferProgress progress(const transfer::Rate& rate, bool complete, std::uint64_t left) {
  return {rate.per_second(), complete ? rate.seconds_for(left) : std::nullopt};
}

}  // namespace

net::PoolOptions sftp_options(const config::Settings& settings) {
  net::PoolOptions options = pool_options(settings, false, kTransferTerminal);
  options.command.reset();
  options.subsystem = "sftp";
  options.write_queue_bytes = transfer::Limits().requests * kRequestBytes + kOtherBytes;
  return options;
}

std::string transfer_words(const config::Settings& settings) {
  std::string words = config::command_of(settings.job).name;
  for (const std::string& operand : settings.operands) words += " " + operand;
  return words;
}

report::TransferResult TransferAccount::result(bool with_problems) const {
  report::TransferResult result;
  result.upload = settings_.job == config::Job::upload;
  const auto now = Clock::now();
  for (std::uint32_t i = 0; i < settings_.hosts.size(); ++i) {
    result.hosts.push_back(host(HostId{i}, now, with_problems));
    result.seconds = std::max(result.seconds, result.hosts.back().seconds.value_or(0));
  }
  return result;
}

std::vector<std::string> TransferAccount::lines() {
  const report::TransferResult now = result(false);
  std::vector<std::string> lines{report::transfer_line(now, look(now))};
  std::vector<std::size_t> busy;
  for (std::size_t i = 0; i < now.hosts.size(); ++i)
    if (now.hosts[i].status.live()) busy.push_back(i);
  const auto left = [&](std::size_t i) { return now.hosts[i].bytes - now.hosts[i].bytes_done; };
  std::stable_sort(busy.begin(), busy.end(), [&](auto a, auto b) { return left(a) > left(b); });
  for (std::size_t i = 0; i < std::min(busy.size(), kHostLines); ++i) {
    const report::TransferHost& host = now.hosts[busy[i]];
    lines.push_back("  " + report::host_line(host, progress(rates_[busy[i]], host.complete, left(busy[i]))));
  }
  return lines;
}

std::vector<std::string> TransferAccount::notes() const {
  const report::TransferResult now = result(false);
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < now.hosts.size(); ++i) {
    const report::TransferHost& host = now.hosts[i];
    const auto left = host.bytes - host.bytes_done;
    const bool busy = host.status.live();
    notes.push_back(busy ? report::host_note(host, progress(rates_[i], host.complete, left)) : "");
  }
  return notes;
}

report::TransferHost TransferAccount::host(HostId id, Clock::time_point now, bool with_problems) const {
  report::TransferHost host;
  host.name = state_.info(id).name;
  host.status = state_.status(id);
  host.seconds = state_.seconds(id, now);
  const transfer::HostTransfer* transfer = source_.transfer(id);
  if (transfer == nullptr) return host;
  const transfer::Tally& tally = transfer->tally();
  host.files = tally.files;
  host.files_done = tally.files_done;
  host.bytes = tally.bytes;
  host.bytes_done = tally.bytes_done;
  host.complete = tally.complete;
  if (!with_problems) return host;
  host.problem_count = transfer->problem_count();
  host.problems = pairs_of(transfer->problems());
  host.skipped = pairs_of(transfer->skipped());
  return host;
}

report::TransferProgress TransferAccount::look(const report::TransferResult& result) {
  const auto now = Clock::now();
  std::uint64_t done = 0;
  std::uint64_t left = 0;
  bool complete = true;
  for (std::size_t i = 0; i < result.hosts.size(); ++i) {
    const report::TransferHost& host = result.hosts[i];
    rates_[i].look(host.bytes_done, now);
    done += host.bytes_done;
    if (host.status.ended()) continue;
    left += host.bytes - host.bytes_done;
    complete = complete && host.complete;
  }
  rate_.look(done, now);
  return progress(rate_, complete, left);
}

}  // namespace bdsh::app
