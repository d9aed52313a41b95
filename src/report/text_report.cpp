#include "report/text_report.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/fold.hpp"
#include "core/text.hpp"
#include "report/diff_text.hpp"
#include "report/host_verdict.hpp"

namespace bdsh::report {
namespace {

using consensus::DiffRow;
using consensus::Variant;

constexpr std::size_t kLongestLine = 1U << 20U;
constexpr std::string_view kRule = "---------------";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kDim = "\x1b[2m";

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string without(std::string text, const std::string& part) {
  if (part.empty()) return text;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;)
    text.erase(at, part.size());
  return text;
}

// Cuts the stretch that begins with `before` and ends behind the next `after`, when there is one.
void cut_out(std::string& text, std::string_view before, std::string_view after) {
  const std::size_t from = text.find(before);
  if (from == std::string::npos) return;
  const std::size_t to = text.find(after, from + before.size());
  if (to != std::string::npos) text.erase(from, to + after.size() - from);
}

// A reason without what is each host's own: `connection refused by 10.0.0.7 port 22`, `cannot connect
// to …`, `cannot resolve "web01": …`, and the endpoint, which may be a name.
std::string shared_reason(std::string why, const std::string& endpoint) {
  why = without(without(std::move(why), " (" + endpoint + ")"), endpoint);
  const std::size_t port = endpoint.rfind(':');
  if (port == std::string::npos) return why;
  const std::string place = " port " + endpoint.substr(port + 1);
  cut_out(why, " by ", place);
  cut_out(why, " to ", place);
  if (why.starts_with("cannot resolve")) cut_out(why, " \"", "\"");
  return why;
}

// Whether the reason says where the host is, or need not.
bool says_where(const std::string& why, const std::string& endpoint) {
  return endpoint.empty() || shared_reason(why, endpoint) != why;
}

class TextReport {
 public:
  TextReport(const RunResult& run, const TextOptions& options, const TakeText& take)
      : run_(run), options_(options), take_(take) {}

  bool write() {
    summary();
    for (std::size_t i = 0; i < run_.variants.size(); ++i)
      if (shows_variant(options_.filters, run_, i)) variant(i);
    behind();
    failures();
    return hand_over(0);
  }

 private:
  void line(std::string_view text, const char* color = nullptr) {
    if (options_.color && color != nullptr) out_ += color;
    out_ += text;
    if (options_.color && color != nullptr) out_ += "\x1b[0m";
    out_ += '\n';
  }
  void host_line(const std::string& mark, const std::string& text, const char* color = nullptr) {
    line(mark + sanitised(text, kLongestLine), color);
  }
  void header(const std::string& text) {
    line(kRule);
    line(text, kBold);
    line(kRule);
  }
  std::string folded(const HostSet& hosts) const {
    return sanitised(fold_names(names_of(hosts, run_.hosts)), kLongestLine) + " (" +
           std::to_string(hosts.size()) + ")";
  }

  void summary();
  void variant(std::size_t index);
  std::string remarks(std::size_t index) const;
  void text(const VariantText& text);
  void diff(const VariantText& variant);
  // What has come together, once it is more than `least` bytes; false: it is not taken.
  bool hand_over(std::size_t least) {
    if (taken_ && out_.size() > least) taken_ = take_(std::exchange(out_, {}));
    return taken_;
  }
  void behind();
  void failures();
  void reasons(Verdict verdict, std::size_t count);

  const RunResult& run_;
  const TextOptions& options_;
  const TakeText& take_;
  std::string out_;
  bool taken_ = true;
};

void TextReport::summary() {
  const consensus::Outcome& outcome = run_.outcome;
  std::string text = std::to_string(outcome.agree) + " of " + std::to_string(outcome.of) + " agree";
  if (!outcome.reference && outcome.variants.size() > 1)
    text += ", " + std::to_string(outcome.variants.size()) + " variants stand as equals";
  if (run_.command) text += ": " + sanitised(*run_.command);
  line(text, kBold);
}

std::string TextReport::remarks(std::size_t index) const {
  const Variant& variant = run_.outcome.variants[index];
  std::vector<std::string> words;
  if (variant.reference) words.emplace_back("reference");
  if (variant.exit) words.push_back(exit_words(*variant.exit));
  if (run_.outcome.reference && !variant.reference && variant.distance > 0)
    words.push_back(counted(variant.distance, "line differs", "lines differ"));
  std::string text;
  for (const std::string& word : words)
    if (!word.empty()) text += (text.empty() ? ": " : ", ") + word;
  return consensus::variant_letter(index) + text;
}

void TextReport::variant(std::size_t index) {
  const Variant& variant = run_.outcome.variants[index];
  header(folded(variant.hosts) + "  " + remarks(index));
  if (run_.outcome.reference && !variant.reference)
    diff(run_.variants[index]);
  else
    text(run_.variants[index]);
}

void TextReport::text(const VariantText& text) {
  constexpr std::size_t kPiece = 64U << 10U;
  bool any = false;
  const std::size_t lost = show_lines(options_.filters, text, [&](const std::string& one) {
    any = true;
    host_line("", one);
    return hand_over(kPiece);
  });
  if (lost > 0)
    line("(" + counted(lost, "more line", "more lines") + ": compared, but not kept to be shown)", kDim);
  else if (!any)
    line(options_.filters.grep ? "(no such line)" : "(no output)", kDim);
}

// What differs further on is in no row, and no rows are no "same output" then.
void TextReport::diff(const VariantText& variant) {
  const VariantText& reference = run_.variants[*run_.outcome.reference];
  const bool whole = variant.more + reference.more == 0;
  const bool any = changed_lines(variant.diff) > 0;
  const auto rows = shown_rows(options_.filters, variant.diff);
  if (any && rows.empty()) line("(no such line)", kDim);
  else if (whole || any) append_diff(rows, options_, out_);
  if (whole) return;
  const std::size_t shown = std::max(variant.lines.size(), reference.lines.size());
  line((any ? "(of the first " : "(no difference in the first ") + counted(shown, "line", "lines") +
           "; what follows is compared as a whole, " + counted(variant.more, "line", "lines") +
           " of this one)",
       kDim);
}

void TextReport::behind() {
  if (run_.outcome.behind.empty()) return;
  header(folded(run_.outcome.behind) + "  not there yet");
  line("(what they printed so far agrees)", kDim);
}

// Hosts with the same reason share a line, whatever their addresses; a host alone keeps its own.
void TextReport::reasons(Verdict wanted, std::size_t count) {
  struct Group {
    HostSet hosts;
    std::string alone;
  };
  std::vector<std::string> order;
  std::map<std::string, Group> groups;
  for (std::size_t i = 0; i < run_.hosts.size(); ++i) {
    const HostResult& host = run_.hosts[i];
    if (verdict(host.status) != wanted) continue;
    std::string why = host.status.error ? host.status.error->message : short_reason(host.status);
    if (why.empty()) why = "no exit status";
    const std::string key = shared_reason(why, host.endpoint);
    Group& group = groups[key];
    if (group.hosts.empty()) order.push_back(key);
    group.hosts.add(HostId{static_cast<std::uint32_t>(i)});
    const bool named = says_where(why, host.endpoint) || wanted == Verdict::failed;
    group.alone = named ? why : why + " (" + host.endpoint + ")";
  }
  line(std::string(to_string(wanted)) + " (" + std::to_string(count) + ")", kRed);
  for (const std::string& key : order) {
    const Group& group = groups[key];
    host_line("  ", fold_names(names_of(group.hosts, run_.hosts)) + ": " +
                        (group.hosts.size() == 1 ? group.alone : key));
  }
}

void TextReport::failures() {
  std::map<Verdict, std::size_t> counts;
  for (const HostResult& host : run_.hosts) ++counts[verdict(host.status)];
  const std::size_t bad = run_.hosts.size() - counts[Verdict::ok];
  if (bad == 0) return;
  header(counted(bad, "host", "hosts") + " of " + std::to_string(run_.hosts.size()) +
         " did not succeed");
  for (const auto& [what, count] : counts)
    if (what != Verdict::ok && count > 0) reasons(what, count);
}

}  // namespace

bool write_text_report(const RunResult& run, const TextOptions& options, const TakeText& take) {
  return TextReport(run, options, take).write();
}

std::string text_report(const RunResult& run, const TextOptions& options) {
  std::string text;
  write_text_report(run, options, [&text](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

}  // namespace bdsh::report
