#include "report/page_report.hpp"

#include <algorithm>

#include "core/fold.hpp"
#include "core/text.hpp"
#include "report/diff_text.hpp"
#include "report/host_verdict.hpp"

namespace bdsh::report {
namespace {

using consensus::DiffRow;
using consensus::Variant;

constexpr std::size_t kLongestLine = 1U << 20U;
constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;"
    "color:#1c2733;background:#fff}"
    "pre{background:#f4f6f8;padding:.8em;overflow-x:auto;border-radius:4px}"
    "del,ins{text-decoration:none;display:block}del{background:#fde3e1}ins{background:#dff3e0}"
    "i{color:#66727f}table{border-collapse:collapse}td,th{text-align:left;padding:.1em 1em .1em 0}"
    "@media(prefers-color-scheme:dark){body{color:#d7dee5;background:#14191f}"
    "pre{background:#1d242c}del{background:#4a2422}ins{background:#1e4023}}";

std::string clean(std::string_view text) {
  return sanitised(text, kLongestLine);
}

std::string agreement(const RunResult& run) {
  return std::to_string(run.outcome.agree) + " of " + std::to_string(run.outcome.of) + " agree";
}

std::string heading(const RunResult& run, std::size_t index) {
  const Variant& variant = run.outcome.variants[index];
  std::string text = consensus::variant_letter(index);
  if (variant.reference) text += ", reference";
  if (variant.exit)
    if (const std::string words = exit_words(*variant.exit); !words.empty()) text += ", " + words;
  return clean(fold_names(names_of(variant.hosts, run.hosts))) + " (" +
         std::to_string(variant.hosts.size()) + "): " + text;
}

bool shown_as_diff(const RunResult& run, std::size_t index) {
  return run.outcome.reference && !run.outcome.variants[index].reference;
}

std::string block_of(const RunResult& run, std::size_t index) {
  if (!shown_as_diff(run, index)) {
    std::string text;
    const std::size_t lost = show_lines({}, run.variants[index], [&text](const std::string& line) {
      text += clean(line) + "\n";
      return true;
    });
    if (lost > 0) text += "(" + std::to_string(lost) + " more lines: compared, but not kept to be shown)\n";
    return text.empty() ? "(no output)\n" : text;
  }
  std::string text;
  const VariantText& variant = run.variants[index];
  const bool whole = variant.more + run.variants[*run.outcome.reference].more == 0;
  if (whole || changed_lines(variant.diff) > 0) append_diff(variant.diff, {}, text);
  if (!whole)
    text += "(of the first " + std::to_string(variant.lines.size()) +
            " lines; what follows is compared as a whole)\n";
  return text;
}

std::string failure_of(const HostResult& host) {
  if (verdict(host.status) == Verdict::ok) return {};
  const std::string why =
      host.status.error ? host.status.error->message : short_reason(host.status);
  return std::string(to_string(verdict(host.status))) + (why.empty() ? "" : ": " + clean(why));
}

// A fence longer than any run of backticks in the text.
std::string fence_for(const std::string& text) {
  std::size_t longest = 2;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of('`', at), text.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  return std::string(longest + 1, '`');
}

// Of a single line outside of a fence.
std::string markdown_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]()#+-.!|<>&~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string html_diff(const std::vector<DiffRow>& rows) {
  std::string text;
  std::string out;
  append_diff(rows, {}, text);
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string line = html_escaped(std::string_view(text).substr(begin, end - begin));
    if (line.starts_with("- ")) out += "<del>" + line + "</del>";
    else if (line.starts_with("+ ")) out += "<ins>" + line + "</ins>";
    else if (line.starts_with("@@")) out += "<i>" + line + "</i>\n";
    else out += line + "\n";
  }
  return out;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return out;
}

std::string markdown_report(const RunResult& run, const std::string& title) {
  std::string out = "# " + markdown_escaped(clean(title)) + "\n\n" + agreement(run) + "\n";
  if (run.command) {
    const std::string command = clean(*run.command) + "\n";
    const std::string fence = fence_for(command);
    out += "\n" + fence + "sh\n" + command + fence + "\n";
  }
  for (std::size_t i = 0; i < run.variants.size(); ++i) {
    const std::string block = block_of(run, i);
    const std::string fence = fence_for(block);
    out += "\n## " + markdown_escaped(heading(run, i)) + "\n\n" + fence +
           (shown_as_diff(run, i) ? "diff\n" : "\n") + block + fence + "\n";
  }
  std::string failures;
  for (const HostResult& host : run.hosts)
    if (const std::string why = failure_of(host); !why.empty())
      failures += "| " + markdown_escaped(clean(host.name)) + " | " + markdown_escaped(why) + " |\n";
  if (!failures.empty()) out += "\n## Not successful\n\n| host | why |\n|---|---|\n" + failures;
  return out;
}

std::string html_report(const RunResult& run, const std::string& title) {
  const std::string name = html_escaped(clean(title));
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>" + name + "</title>\n<style>" + kStyle +
      "</style></head><body>\n<h1>" + name + "</h1>\n<p>" + agreement(run) + "</p>\n";
  if (run.command) out += "<pre>" + html_escaped(clean(*run.command)) + "</pre>\n";
  for (std::size_t i = 0; i < run.variants.size(); ++i)
    out += "<h2>" + html_escaped(heading(run, i)) + "</h2>\n<pre>" +
           (shown_as_diff(run, i) ? html_diff(run.variants[i].diff) : html_escaped(block_of(run, i))) +
           "</pre>\n";
  std::string failures;
  for (const HostResult& host : run.hosts)
    if (const std::string why = failure_of(host); !why.empty())
      failures += "<tr><td>" + html_escaped(clean(host.name)) + "</td><td>" + html_escaped(why) +
                  "</td></tr>\n";
  if (!failures.empty())
    out += "<h2>Not successful</h2>\n<table><tr><th>host</th><th>why</th></tr>\n" + failures +
           "</table>\n";
  return out + "</body></html>\n";
}

}  // namespace bdsh::report
