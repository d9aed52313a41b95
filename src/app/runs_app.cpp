#include "app/runs_app.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/kept_run.hpp"
#include "app/line_socket.hpp"
#include "app/live_runs.hpp"
#include "control/messages.hpp"
#include "core/text.hpp"
#include "report/run_list.hpp"
#include "run/remove_run.hpp"
#include "run/run_catalog.hpp"

namespace bdsh::app {
namespace {

using std::chrono::system_clock;

// Beyond this the agreement is not worked out for a list: it would take seconds a run.
constexpr std::uint64_t kComparedBytes = 16U << 20U;

// A program that does not answer at once is none that a list waits for.
std::optional<control::RunStatus> status_of(const LiveRun& run) {
  constexpr timeval kPatience{1, 0};
  const auto socket = connect_to(run);
  if (!socket) return {};
  const int fd = socket->get();
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  control::Request request;
  request.command = "status";
  if (!send_line(fd, control::to_line(request))) return {};
  std::string line;
  std::array<char, 65536> bytes{};
  while (line.find('\n') == std::string::npos) {
    const ssize_t count = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (count <= 0 || line.size() > control::kLongestLine) return {};
    line.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const auto answer = control::parse_answer(line.substr(0, line.find('\n')));
  if (!answer || !answer->ok) return {};
  const auto status = control::parse_status(answer->result);
  return status ? std::optional(*status) : std::nullopt;
}

void add_live(const run::CatalogRun& run, const std::vector<LiveRun>& served,
              report::RunLine& line) {
  using Kind = report::RunLine::Kind;
  line.kind = Kind::live;
  std::error_code ignored;
  const auto path = std::filesystem::weakly_canonical(run.directory, ignored);
  const auto known = std::find_if(served.begin(), served.end(),
                                 [&](const LiveRun& live) { return live.directory == path; });
  if (known == served.end()) return;
  const auto status = status_of(*known);
  if (!status) return;
  line.kind = status->terminals > 0 ? Kind::served : Kind::detached;
  line.asking = status->asking;
}

void add_agreement(const run::CatalogRun& run, const consensus::Options& compare,
                   report::RunLine& line) {
  if (run.bytes > kComparedBytes) return;
  const auto kept = KeptRun::open(run.directory, compare, 1000);
  if (!kept) return;
  const consensus::Outcome& outcome = (*kept)->state().comparison().outcome();
  line.agree = outcome.agree;
  line.of = outcome.of;
}

report::RunLine line_of(const run::CatalogRun& run, const std::vector<LiveRun>& served,
                        const consensus::Options& compare) {
  report::RunLine line;
  const run::RunDescription& what = run.record.description;
  line.name = run.name();
  line.directory = run.directory.string();
  line.command = what.command;
  line.kind = run.record.finished ? report::RunLine::Kind::kept : report::RunLine::Kind::ended;
  if (run.live) add_live(run, served, line);
  line.started = what.started;
  line.finished = run.record.finished;
  line.bytes = run.bytes;
  for (std::size_t i = 0; i < what.hosts.size(); ++i) {
    line.hosts.push_back(what.hosts[i].name);
    if (run.live && run.hosts[i].status.state == HostState::waiting)
      line.waiting.push_back(what.hosts[i].name);
  }
  add_agreement(run, compare, line);
  return line;
}

bool print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written;
}

bool same_hosts(const std::vector<HostSpec>& a, const std::vector<HostSpec>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const HostSpec& x, const HostSpec& y) {
        return x.name == y.name && x.address == y.address && x.port == y.port && x.user == y.user;
      });
}

// Every host's program ended by itself, or could not be reached then: what the user left is no
// answer.
bool ended_on_all(const run::CatalogRun& run) {
  return std::all_of(run.hosts.begin(), run.hosts.end(), [](const run::HostMeta& host) {
    const auto& error = host.status.error;
    return host.end && !(error && error->kind == ErrorKind::cancelled);
  });
}

}  // namespace

std::filesystem::path runs_home() {
  return state_home() / "bdsh" / "runs";
}

// Without looking into the runs: a shell that completes waits for it.
int print_run_names() {
  std::string names;
  for (const run::CatalogRun& run : run::list_runs(runs_home()))
    names += sanitised(run.directory.filename().string()) + "\n";
  return print(names) ? kExitOk : kExitError;
}

int print_runs(const config::Settings& settings) {
  if (settings.names) return print_run_names();
  const auto compare = compare_options(settings);
  if (!compare) return report_error(compare.error());
  const std::vector<LiveRun> served = live_runs();
  std::vector<report::RunLine> lines;
  for (const run::CatalogRun& run : run::list_runs(runs_home()))
    lines.push_back(line_of(run, served, *compare));
  const auto now = system_clock::now();
  if (!print(settings.json ? report::run_list_json(lines, now) : report::run_list(lines, now)))
    return report_error({ErrorKind::io, "standard output: cannot be written"});
  return kExitOk;
}

int remove_runs(const config::Settings& settings) {
  int code = kExitOk;
  for (const std::string& word : settings.operands) {
    const auto path = run::find_run(word, runs_home());
    const Status removed = path ? run::remove_run(*path) : Status(path.error());
    if (!removed)
      code = std::max(code, report_error(removed.error()));
    else
      std::printf("removed %s\n", sanitised(path->string()).c_str());
  }
  return code;
}

int prune_runs(const config::Settings& settings) {
  if (!settings.older_than && !settings.keep_runs)
    return report_error(
        {ErrorKind::usage, "prune: say which: --older-than TIME, --keep-last N or both"});
  int code = kExitOk;
  int seen = 0;
  std::size_t removed = 0;
  const auto now = system_clock::now();
  for (const run::CatalogRun& run : run::list_runs(runs_home())) {
    if (run.live) continue;
    const auto ended = run.record.finished.value_or(run.record.description.started);
    const bool beyond = !settings.keep_runs || ++seen > *settings.keep_runs;
    const bool old = !settings.older_than || now - ended > *settings.older_than;
    if (!beyond || !old) continue;
    const Status done = run::remove_run(run.directory);
    if (!done)
      code = std::max(code, report_error(done.error()));
    else
      ++removed;
  }
  std::printf("%zu %s removed\n", removed, removed == 1 ? "run" : "runs");
  return code;
}

std::optional<std::filesystem::path> cached_run(const config::Settings& settings) {
  if (!settings.cached || !settings.command) return std::nullopt;
  for (const run::CatalogRun& run : run::list_runs(runs_home())) {
    const run::RunDescription& what = run.record.description;
    if (run.live || !run.kept || !run.whole || !run.record.finished ||
        what.command != settings.command ||
        system_clock::now() - *run.record.finished > *settings.cached ||
        !same_hosts(what.hosts, settings.hosts) || !ended_on_all(run))
      continue;
    return run.directory;
  }
  return std::nullopt;
}

}  // namespace bdsh::app
