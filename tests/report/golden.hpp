// Documents as a person reads them, kept in golden/. With BDSH_GOLDEN=write the files are written
// anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "results.hpp"

namespace bdsh::report {

inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(BDSH_TEST_DATA) + "/golden/" + name;
  if (std::getenv("BDSH_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, expected.str()) << path;
}

inline RunResult twelve() {
  std::vector<HostResult> hosts_of_run;
  for (int i = 1; i <= 12; ++i) {
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    hosts_of_run.push_back(
        {"web" + number, "127.0.0." + std::to_string(i) + ":2200", exited(0), 1});
  }
  return run_of("systemctl status nginx", hosts_of_run);
}

// Six agree, two differ, four could not be reached or were lost.
inline RunResult six_of_twelve() {
  using Kind = consensus::DiffRow::Kind;
  RunResult run = twelve();
  run.hosts[2].status = run.hosts[6].status = exited(3);
  run.hosts[7].status = refused("connection refused (127.0.0.8:2200)");
  run.hosts[8].status = refused("connection refused (127.0.0.9:2200)");
  run.hosts[9].status = broken(ErrorKind::auth, ConnectStep::auth, "no credential was accepted");
  run.hosts[10].status = broken(ErrorKind::lost, ConnectStep::live, "connection reset by peer");
  run.outcome.reference = 0;
  add_variant(run, hosts({0, 1, 3, 4, 5, 11}), 0,
              {"nginx.service", "1", "2", "3", "4", "5", "Active: active", "6"});
  add_variant(run, hosts({2, 6}), 3, {"nginx.service"},
              {same("nginx.service"), same("1"), same("2"), same("3"), same("4"), same("5"),
               row(Kind::changed, "Active: active", "Active: failed"), same("6"),
               row(Kind::added, {}, "core dumped")});
  return run;
}

}  // namespace bdsh::report
