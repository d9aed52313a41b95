// Runs for tests: a description, a writer on a temporary directory, and what a reader makes of it.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "run/run_reader.hpp"
#include "run/run_writer.hpp"
#include "tests_time.hpp"

namespace bdsh::run {

inline RunDescription some_run(const std::vector<std::string>& names) {
  RunDescription what;
  what.name = "web";
  what.command = "uptime";
  what.started = kStart;
  what.version = "0.1";
  what.arguments = {"-g", "web", "--", "uptime"};
  for (const std::string& name : names) {
    HostSpec host;
    host.name = host.original = name;
    host.address = "127.0.0.2";
    host.user = "root";
    what.hosts.push_back(host);
  }
  return what;
}

inline std::unique_ptr<RunWriter> start(const RunDescription& what,
                                        const std::filesystem::path& directory) {
  auto writer = RunWriter::create(what, directory, "/nonexistent");
  EXPECT_TRUE(writer.ok()) << (writer ? "" : writer.error().message);
  return writer ? std::move(*writer) : nullptr;
}

inline HostStatus running() {
  return {HostState::running, ConnectStep::live, {}, {}, {}};
}
inline HostStatus exited(int status) {
  HostStatus ended = running();
  ended.state = status == 0 ? HostState::done : HostState::failed;
  ended.exit = ExitResult{status, ""};
  return ended;
}

// Everything a reader delivered, per host.
struct Seen {
  std::map<std::uint32_t, std::string> bytes;
  std::map<std::uint32_t, std::vector<std::string>> story;  // "bytes 3 @0.5", "done", "size 40x120"
  std::vector<std::string> events;
  std::map<std::uint32_t, HostStatus> status;

  void take(const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (const auto* some = std::get_if<LoggedBytes>(&record)) {
        bytes[some->host.value] += some->bytes;
        story[some->host.value].push_back("bytes " + std::to_string(some->bytes.size()) + " @" +
                                          std::to_string(some->since_start.count()));
      } else if (const auto* now = std::get_if<LoggedStatus>(&record)) {
        status[now->host.value] = now->status;
        story[now->host.value].emplace_back(to_string(now->status.state));
      } else if (const auto* size = std::get_if<LoggedSize>(&record)) {
        story[size->host.value].push_back("size " + std::to_string(size->size.rows.value) + "x" +
                                          std::to_string(size->size.cols.value));
      } else if (const auto* event = std::get_if<LoggedEvent>(&record)) {
        events.push_back(event->line);
      } else if (const auto* keep = std::get_if<KeepChanged>(&record)) {
        events.push_back(keep->keep ? "keep" : "no keep");
      }
    }
  }
};

// Reads until the run is over; gives up (and fails) after many polls without an end.
inline Seen read_all(RunReader& reader, std::size_t max_bytes = 1U << 20U) {
  Seen seen;
  for (int polls = 0; !reader.finished() && polls < 200'000; ++polls)
    seen.take(reader.poll(max_bytes));
  EXPECT_TRUE(reader.finished());
  return seen;
}

}  // namespace bdsh::run
