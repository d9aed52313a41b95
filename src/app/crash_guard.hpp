// Gives the user's terminal back when the program dies of a bug: on SIGSEGV, SIGABRT (also
// std::terminate), SIGBUS, SIGFPE and SIGILL; then the signal takes its default course.
#pragma once

#include "tui/tty_modes.hpp"

namespace bdsh::app {

class CrashGuard {
 public:
  // One at a time per process: a signal handler can only find static storage.
  explicit CrashGuard(const tui::TtyRescue& rescue);
  ~CrashGuard();
  CrashGuard(const CrashGuard&) = delete;
  CrashGuard& operator=(const CrashGuard&) = delete;
};

}  // namespace bdsh::app
