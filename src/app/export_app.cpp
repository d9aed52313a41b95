#include "app/export_app.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "app/kept_run.hpp"
#include "app/run_compare.hpp"
#include "app/runs_app.hpp"
#include "core/text.hpp"
#include "report/asciicast.hpp"
#include "report/diff_text.hpp"
#include "report/json_report.hpp"
#include "report/page_report.hpp"
#include "report/run_diff.hpp"
#include "report/screen_svg.hpp"
#include "report/text_report.hpp"
#include "run/run_catalog.hpp"
#include "run/run_tape.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kAllLines = 10'000'000;  // a host's whole output

report::TextOptions text_options() {
  report::TextOptions options;
  options.color = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  return options;
}

using WriteText = std::function<bool(const report::TakeText& take)>;

// To --output's file, which is replaced, or to standard output.
Status write_out(const config::Settings& settings, const WriteText& write) {
  if (!settings.output) {
    const bool written = write([](std::string_view text) {
      return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    });
    if (std::fflush(stdout) == 0 && written) return Done{};
    return Error{ErrorKind::io, "standard output: cannot be written"};
  }
  std::ofstream file(*settings.output, std::ios::binary | std::ios::trunc);
  (void)write([&file](std::string_view text) { return static_cast<bool>(file << text); });
  file << std::flush;
  if (file) return Done{};
  return Error{ErrorKind::io, sanitised(*settings.output) + ": cannot be written"};
}

Status write_out(const config::Settings& settings, const std::string& text) {
  return write_out(settings, [&text](const report::TakeText& take) { return take(text); });
}

Result<std::unique_ptr<KeptRun>> open_run(const config::Settings& settings, const std::string& word,
                                          std::size_t scrollback) {
  const auto compare = compare_options(settings);
  if (!compare) return compare.error();
  const auto path = run::find_run(word, runs_home());
  if (!path) return path.error();
  return KeptRun::open(*path, *compare, scrollback);
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    std::fprintf(stderr, "bdsh-tui: %s\n", sanitised(warning).c_str());
}

Result<std::unique_ptr<KeptRun>> open_warned(const config::Settings& settings,
                                             std::size_t scrollback) {
  auto run = open_run(settings, settings.operands[0], scrollback);
  if (run) warn((*run)->warnings());
  return run;
}

}  // namespace

Result<RunComparison> compared(const config::Settings& settings, bool lines) {
  const auto options = compare_options(settings);
  if (!options) return options.error();
  const auto before = run::find_run(settings.operands[0], runs_home());
  if (!before) return before.error();
  const auto after = run::find_run(settings.operands[1], runs_home());
  if (!after) return after.error();
  auto both = compare_runs(
      {*before, *after, {settings.operands.begin() + 2, settings.operands.end()}, lines}, *options);
  if (!both) return both.error();
  warn(both->warnings);
  const bool alike = before->filename() == after->filename();
  both->diff.before = alike ? before->string() : before->filename().string();
  both->diff.after = alike ? after->string() : after->filename().string();
  return both;
}

namespace {

// ---- export -------------------------------------------------------------------------------------

std::string host_text(const pty::HostTerminal& terminal) {
  std::string text;
  for (std::uint64_t i = terminal.first_kept_line(); i < terminal.line_end(); ++i)
    text += sanitised(terminal.line(i), 1U << 20U) + "\n";
  return text;
}

Result<std::string> asciicast_of(const std::filesystem::path& directory, HostId host) {
  auto tape = run::RunTape::open(directory);
  if (!tape) return tape.error();
  const run::RunDescription& run = (*tape)->description();
  report::Asciicast cast(run.size, run.started, run.name + ": " + run.hosts[host.value].name);
  std::vector<run::Record> records;
  for (std::optional<run::Micros> next; (next = (*tape)->next_byte(host));) {
    (*tape)->play_host(host, *next, UINT64_MAX, records);
    for (const run::Record& record : records) {
      if (const auto* bytes = std::get_if<run::LoggedBytes>(&record))
        cast.output(bytes->since_start, bytes->bytes);
      else if (const auto* size = std::get_if<run::LoggedSize>(&record))
        cast.resized(*next, size->size);
    }
    records.clear();
  }
  return cast.take();
}

Result<std::string> host_export(const config::Settings& settings, KeptRun& run, HostId host) {
  const pty::HostTerminal& terminal = run.state().terminal(host);
  const std::string& name = run.state().info(host).name;
  if (settings.host_format == "svg")
    return report::screen_svg(terminal.snapshot(), run.tables(),
                              run.description().name + ": " + name);
  if (settings.host_format == "text") return host_text(terminal);
  const auto path = run::find_run(settings.operands[0], runs_home());
  return asciicast_of(*path, host);
}

Result<std::string> report_export(const config::Settings& settings, KeptRun& run) {
  const report::RunResult result = run.result();
  const std::string title = run.description().name;
  if (settings.report_format == "json") return report::json_report(result);
  if (settings.report_format == "html") return report::html_report(result, title);
  if (settings.report_format == "markdown") return report::markdown_report(result, title);
  return report::text_report(result, {});
}

Result<std::string> exported(const config::Settings& settings) {
  const bool of_host = !settings.host_format.empty();
  if (of_host == !settings.report_format.empty())
    return Error{ErrorKind::usage,
                 "export: one of --text, --asciicast, --svg (of a host) or --report FORMAT"};
  if (of_host != (settings.operands.size() == 2))
    return Error{ErrorKind::usage, of_host ? "export: name the host behind the run"
                                           : "export: --report is of the whole run: name no host"};
  const auto run = open_warned(settings, of_host ? kAllLines : 1000);
  if (!run) return run.error();
  if (!of_host) return report_export(settings, **run);
  const auto host = (*run)->find_host(settings.operands[1]);
  return host ? host_export(settings, **run, *host) : Result<std::string>(host.error());
}

}  // namespace

int show_run(const config::Settings& settings) {
  const auto run = open_warned(settings, 1000);
  if (!run) return report_error(run.error());
  const report::RunResult result = (*run)->result();
  const Status written = write_out(settings, [&](const report::TakeText& take) {
    return settings.json ? report::write_json_report(result, {}, take)
                         : report::write_text_report(result, text_options(), take);
  });
  return written ? kExitOk : report_error(written.error());
}

int diff_runs(const config::Settings& settings) {
  const auto both = compared(settings, false);
  if (!both) {
    (void)report_error(both.error());
    return kTrouble;
  }
  const report::RunDiff* const diff = &both->diff;
  const Status written =
      write_out(settings, settings.json ? report::run_diff_json(*diff)
                                        : report::run_diff_text(*diff, text_options()));
  if (!written) {
    (void)report_error(written.error());
    return kTrouble;
  }
  return diff->same() ? 0 : 1;
}

int export_run(const config::Settings& settings) {
  const auto text = exported(settings);
  const Status written = text ? write_out(settings, *text) : Status(text.error());
  return written ? kExitOk : report_error(written.error());
}

}  // namespace bdsh::app
