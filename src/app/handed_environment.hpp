// What of a user's environment goes with his terminal: how to draw on it, and by which agent and
// which display he is to be reached.
#pragma once

#include <map>
#include <string>

namespace bdsh::app {

// The variables that count, as this process has them.
std::map<std::string, std::string> handed_environment();

// Makes room for changes of the environment that other threads do not trip over: setenv() may move
// it away under a reader. Before any thread is started, and once.
void prepare_environment();
// Takes on the variables that count from another process; those that it does not have are unset.
void adopt_environment(const std::map<std::string, std::string>& from);

}  // namespace bdsh::app
