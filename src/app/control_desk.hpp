// Carries out what comes over the run's socket: every command of the key table by its name, with a
// host to select first; some more that need no screen; questions about the run. docs/control.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/executor.hpp"
#include "app/model_builder.hpp"
#include "control/messages.hpp"
#include "tui/dashboard.hpp"

namespace bdsh::app {

class ControlDesk {
 public:
  struct Services {
    std::function<void()> quit;  // both only after the answer is on its way
    std::function<void()> detach;
    std::function<std::size_t()> terminals;
    std::function<std::string()> report;  // JSON
  };
  // All references outlive the desk.
  ControlDesk(RunState& state, Source& source, ModelBuilder& model, tui::Dashboard& dashboard,
              Executor& executor, Services services)
      : state_(state),
        source_(source),
        model_(model),
        dashboard_(dashboard),
        executor_(executor),
        services_(std::move(services)) {}

  // JSON text of the result, or why not.
  Result<std::string> handle(const control::Request& request);

 private:
  using Words = std::vector<std::string>;
  Result<std::string> status(const Words& words);
  Result<std::string> hosts(const Words& words);
  Result<std::string> host(const Words& words);
  Result<std::string> answer(const Words& words);
  Result<std::string> report(const Words& words);
  Result<std::string> commands(const Words& words);
  Result<std::string> type(const Words& words);
  Result<std::string> send(const Words& words);
  Result<std::string> select(const Words& words);
  Result<std::string> broadcast(const Words& words);
  Result<std::string> keep(const Words& words);
  Result<std::string> masks(const Words& words);
  Result<std::string> detach(const Words& words);
  Result<std::string> quit(const Words& words);

  Result<std::string> act(const std::string& name, const Words& words);
  Result<HostSet> targets(const std::string& words);
  Result<HostSet> asking(const std::string& words) const;
  Result<HostId> host_named(const std::string& name) const;
  void paste(const HostSet& hosts, const std::string& text);
  void enter(const HostSet& hosts);
  void execute(std::vector<tui::Command> commands);
  std::string said() const;

  RunState& state_;
  Source& source_;
  ModelBuilder& model_;
  tui::Dashboard& dashboard_;
  Executor& executor_;
  Services services_;
};

}  // namespace bdsh::app
