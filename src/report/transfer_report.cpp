#include "report/transfer_report.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/byte_size.hpp"
#include "core/fold.hpp"
#include "core/text.hpp"
#include "report/host_verdict.hpp"
#include "report/progress.hpp"

namespace bdsh::report {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kProblemsShown = 20;  // of a group of hosts; JSON has all that were kept
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kDim = "\x1b[2m";

std::string counted(std::uint64_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::vector<HostStatus> statuses_of(const TransferResult& result) {
  std::vector<HostStatus> statuses;
  for (const TransferHost& host : result.hosts) statuses.push_back(host.status);
  return statuses;
}

std::uint64_t bytes_done(const TransferResult& result) {
  std::uint64_t bytes = 0;
  for (const TransferHost& host : result.hosts) bytes += host.bytes_done;
  return bytes;
}

std::string rate_words(double rate) {
  return byte_size(static_cast<std::uint64_t>(std::max(0.0, rate))) + "/s";
}

std::string percent(std::uint64_t done, std::uint64_t of) {
  if (of == 0) return "  0 %";
  std::string text = std::to_string(done >= of ? 100 : static_cast<int>(100.0 * static_cast<double>(done) / static_cast<double>(of)));
  return std::string(text.size() < 3 ? 3 - text.size() : 0, ' ') + text + " %";
}

// What distinguishes outcomes; hosts that share it are told together.
struct Outcome {
  std::string words;
  std::string error;
  std::vector<std::pair<std::string, std::string>> problems;
  std::vector<std::pair<std::string, std::string>> skipped;
  std::size_t problem_count = 0;
  friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(const TransferHost& host) {
  Outcome outcome{transferred_words(host), "", host.problems, host.skipped, host.problem_count};
  const auto& error = host.status.error;
  if (error && (host.problem_count == 0 || error->kind != ErrorKind::channel)) outcome.error = error->message;
  return outcome;
}

class Text {
 public:
  explicit Text(bool color) : color_(color) {}
  void line(const std::string& text, const char* color = nullptr) {
    if (color_ && color != nullptr) out_ += color;
    out_ += sanitised(text, kLongestLine);
    if (color_ && color != nullptr) out_ += "\x1b[0m";
    out_ += '\n';
  }
  std::string take() { return std::move(out_); }

 private:
  const bool color_;
  std::string out_;
};

void add_group(Text& text, const Outcome& outcome, const std::vector<std::string>& names) {
  const bool failed = !outcome.error.empty() || outcome.problem_count > 0;
  std::string line = fold_names(names) + " (" + std::to_string(names.size()) + "): " + outcome.words;
  if (!outcome.error.empty()) line += ": " + outcome.error;
  text.line(line, failed ? kRed : nullptr);
  const std::size_t shown = std::min(outcome.problems.size(), kProblemsShown);
  for (std::size_t i = 0; i < shown; ++i)
    text.line("  " + outcome.problems[i].first + ": " + outcome.problems[i].second, kRed);
  if (outcome.problem_count > shown)
    text.line("  and " + std::to_string(outcome.problem_count - shown) + " more", kRed);
  for (std::size_t i = 0; i < std::min(outcome.skipped.size(), kProblemsShown); ++i)
    text.line("  left out: " + outcome.skipped[i].first + ": " + outcome.skipped[i].second, kDim);
  if (outcome.skipped.size() > kProblemsShown)
    text.line("  left out: " + std::to_string(outcome.skipped.size() - kProblemsShown) + " more", kDim);
}

std::string amount(const TransferResult& result) {
  const std::uint64_t bytes = bytes_done(result);
  std::string text = byte_size(bytes) + " in " + clock_time(result.seconds);
  if (result.seconds > 0.05) text += ", " + rate_words(static_cast<double>(bytes) / result.seconds);
  return text;
}

}  // namespace

std::string clock_time(double seconds) {
  constexpr std::uint64_t kMinute = 60;
  const auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, seconds)));
  const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::uint64_t minutes = whole / kMinute;
  const std::string tail = ":" + two(whole % kMinute);
  if (minutes < kMinute) return std::to_string(minutes) + tail;
  return std::to_string(minutes / kMinute) + ":" + two(minutes % kMinute) + tail;
}

std::string transferred_words(const TransferHost& host) {
  if (host.status.error && !host.complete && host.files == 0) return "nothing";
  const std::string files = host.files_done == host.files && host.complete
                                ? counted(host.files, "file")
                                : std::to_string(host.files_done) + " of " + counted(host.files, "file");
  return files + ", " + byte_size(host.bytes_done);
}

std::string transfer_text(const TransferResult& result, bool color) {
  Text text(color);
  const auto fine = std::count_if(result.hosts.begin(), result.hosts.end(), [](const auto& host) {
    return verdict(host.status) == Verdict::ok;
  });
  text.line(std::string(result.upload ? "uploaded to " : "downloaded from ") + std::to_string(fine) +
            " of " + counted(result.hosts.size(), "host") + ": " + amount(result));
  std::map<Outcome, std::vector<std::string>> groups;
  for (const TransferHost& host : result.hosts) groups[outcome_of(host)].push_back(host.name);
  // Those that went well first, as in the report of a command.
  for (const bool failed : {false, true})
    for (const auto& [outcome, names] : groups)
      if ((!outcome.error.empty() || outcome.problem_count > 0) == failed)
        add_group(text, outcome, names);
  return text.take();
}

std::string host_line(const TransferHost& host, const TransferProgress& progress) {
  std::string line = sanitised(host.name) + "  " + percent(host.bytes_done, host.bytes) + "  " +
                     byte_size(host.bytes_done) + " of " + (host.complete ? "" : "at least ") +
                     byte_size(host.bytes) + "  " + rate_words(progress.rate);
  if (host.files > 1)
    line += "  " + std::to_string(host.files_done) + "/" + std::to_string(host.files) + " files";
  if (progress.seconds_left) line += "  " + clock_time(*progress.seconds_left) + " left";
  return line;
}

std::string host_note(const TransferHost& host, const TransferProgress& progress) {
  std::string note = percent(host.bytes_done, host.bytes);
  if (progress.seconds_left) note += " " + clock_time(*progress.seconds_left);
  return note + " " + rate_words(progress.rate);
}

std::string transfer_line(const TransferResult& so_far, const TransferProgress& progress) {
  std::uint64_t bytes = 0;
  for (const TransferHost& host : so_far.hosts) bytes += host.status.error ? host.bytes_done : host.bytes;
  const std::uint64_t done = bytes_done(so_far);
  std::string line = std::string(so_far.upload ? "uploading" : "downloading") + " " +
                     percent(done, bytes) + "  " + byte_size(done) + " of " + byte_size(bytes) +
                     "  " + rate_words(progress.rate);
  if (progress.seconds_left) line += "  " + clock_time(*progress.seconds_left) + " left";
  return line + "  " + progress_line(statuses_of(so_far));
}

}  // namespace bdsh::report
