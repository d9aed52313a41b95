#include "app/handed_environment.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

namespace bdsh::app {
namespace {

std::string value(const char* name) {
  const char* found = std::getenv(name);
  return found == nullptr ? "(unset)" : found;
}

// One test: it changes the environment of the process, and room is made once.
TEST(HandedEnvironment, ComesFromTheNewestTerminal) {
  setenv("DISPLAY", ":1", 1);
  setenv("BDSH_OF_ITS_OWN", "stays", 1);
  unsetenv("SSH_AUTH_SOCK");
  prepare_environment();
  EXPECT_EQ(handed_environment().at("DISPLAY"), ":1");

  adopt_environment({{"SSH_AUTH_SOCK", "/a"}, {"TERM", "screen"}, {"BDSH_OF_ITS_OWN", "theirs"}});
  EXPECT_EQ(value("SSH_AUTH_SOCK"), "/a");
  EXPECT_EQ(value("TERM"), "screen");
  EXPECT_EQ(value("DISPLAY"), "(unset)");
  EXPECT_EQ(value("BDSH_OF_ITS_OWN"), "stays");

  adopt_environment({{"DISPLAY", ":2"}});
  EXPECT_EQ(value("DISPLAY"), ":2");
  EXPECT_EQ(value("SSH_AUTH_SOCK"), "(unset)");
  EXPECT_EQ(handed_environment(), (std::map<std::string, std::string>{{"DISPLAY", ":2"}}));

  // A reader in another thread finds whole entries at any time.
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const std::string seen = value("SSH_AUTH_SOCK");
      EXPECT_TRUE(seen == "(unset)" || seen == "/a" || seen == "/b") << seen;
      EXPECT_EQ(value("BDSH_OF_ITS_OWN"), "stays");
    }
  });
  for (int i = 0; i < 2000; ++i) {
    adopt_environment({{"SSH_AUTH_SOCK", "/a"}, {"DISPLAY", ":1"}});
    adopt_environment({{"SSH_AUTH_SOCK", "/b"}});
    adopt_environment({});
  }
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace bdsh::app
