#include "app/crash_guard.hpp"

#include <csignal>

namespace bdsh::app {
namespace {

// The only static state of the program: written before the handlers are installed, read by them.
tui::TtyRescue rescue_data;

constexpr int kFatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

// Async-signal-safe calls only. SA_RESETHAND has put the default course back already.
void on_fatal(int number) {
  tui::rescue_terminal(rescue_data);
  raise(number);
}

}  // namespace

CrashGuard::CrashGuard(const tui::TtyRescue& rescue) {
  rescue_data = rescue;
  for (const int number : kFatal) {
    struct sigaction action {};
    action.sa_handler = on_fatal;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    sigaction(number, &action, nullptr);
  }
}

CrashGuard::~CrashGuard() {
  for (const int number : kFatal) std::signal(number, SIG_DFL);
  rescue_data.fd = -1;
}

}  // namespace bdsh::app
