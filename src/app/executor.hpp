// Carries out what the user asked for: Commands in, calls on the run's state and its source out.
// Decides nothing about targets: they are in the command.
#pragma once

#include <functional>
#include <string>

#include "app/input_flow.hpp"
#include "app/run_state.hpp"
#include "app/source.hpp"
#include "tui/command.hpp"

namespace bdsh::app {

// What a command may ask of the program itself.
struct Program {
  std::function<void()> quit;
  std::function<void()> suspend;
  std::function<void()> detach;
  std::function<void()> redraw;
  std::function<void(const tui::Copy&)> copy;
  std::function<void(bool on)> set_mouse;
  std::function<void(std::string)> notify;
  std::function<void(const tui::Transfer&)> transfer = [](const tui::Transfer&) {};
  std::function<void()> stop_transfer = [] {};
  std::function<void(const tui::ListFiles&)> list_files = [](const tui::ListFiles&) {};
  std::function<void()> leave_files = [] {};
};

class Executor {
 public:
  // All references outlive the executor.
  Executor(RunState& state, Source& source, Program program)
      : state_(state), source_(source), program_(std::move(program)), flow_(source) {}
  void execute(tui::Command command);
  // Large pastes that wait for slow hosts: while there are any, pump() is to be called again, soon
  // when it says that something went on.
  bool pasting() const { return !flow_.empty(); }
  bool pump();

 private:
  void send_key(const tui::SendKey& send);
  void interrupt(const HostSet& targets);
  void stop_paste(const HostSet& targets);
  void report_refused(const HostSet& hosts);
  void restart(const HostSet& hosts, bool rerun);
  void resize(const tui::ResizeHosts& command);

  RunState& state_;
  Source& source_;
  Program program_;
  InputFlow flow_;
};

}  // namespace bdsh::app
