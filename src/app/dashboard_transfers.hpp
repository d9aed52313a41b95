// Uploads and downloads that are started in the dashboard, one at a time. They have connections of
// their own beside the hosts' shells, so a transfer that fails disturbs no shell. Questions cannot be
// put from here: a host that asks for something is told to be one for `bdsh-tui upload`.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/audit.hpp"
#include "app/event_log.hpp"
#include "config/settings.hpp"
#include "core/ids.hpp"
#include "net/secret_store.hpp"
#include "run/run_writer.hpp"
#include "tui/command.hpp"

namespace bdsh::app {

class DashboardTransfers {
 public:
  // All references outlive it. `settings`: the run's. `notify` shows a line at the bottom.
  DashboardTransfers(boost::asio::io_context& loop, const config::Settings& settings,
                     EventLog& events, Audit& audit, run::RunWriter& log,
                     std::function<void(std::string)> notify);
  ~DashboardTransfers();

  void keep_secrets_in(std::shared_ptr<net::SecretStore> keyring) { keyring_ = std::move(keyring); }
  void when_ended(std::function<void()> told) { ended_told_ = std::move(told); }
  void start(const tui::Transfer& wanted);
  bool running() const { return running_ != nullptr; }
  std::string progress_of(HostId host) const;  // of what runs: "62 % 0:18 21.3 MiB/s"; or empty
  void stop();  // what runs is given up, what is unfinished taken back

 private:
  struct Running;
  Status begin(const tui::Transfer& wanted);
  void show();
  void ended();
  void end_source();
  void note(HostId host, const std::string& text);

  boost::asio::io_context& loop_;
  const config::Settings& settings_;
  EventLog& events_;
  Audit& audit_;
  run::RunWriter& log_;
  std::function<void(std::string)> notify_;
  std::function<void()> ended_told_ = [] {};
  std::shared_ptr<net::SecretStore> keyring_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<Running> running_;
  std::map<HostId, std::string> progress_;
};

// What is typed as "-r 'a file' /tmp/": options of upload and download, then operands, quoted as in
// sh; with them the paths that were chosen. Pure; into job, operands and transfer. ErrorKind::usage.
Status parse_transfer(const tui::Transfer& wanted, config::Settings& into);

}  // namespace bdsh::app
