#include <utility>
// Boost 1.74's headers lack <utility>.
#include <boost/asio/io_context.hpp>

#include "app/kept_run.hpp"

#include <fcntl.h>

#include "app/run_report.hpp"
#include "app/setup.hpp"
#include "app/watch_source.hpp"
#include "core/text.hpp"
#include "run/command_script.hpp"
#include "run/files.hpp"
#include "run/names.hpp"
#include "run/run_catalog.hpp"

namespace bdsh::app {

KeptRun::KeptRun(std::filesystem::path directory, std::unique_ptr<run::RunReader> reader,
                 const consensus::Options& compare, std::size_t scrollback_lines)
    : directory_(std::move(directory)),
      reader_(std::move(reader)),
      state_(tables_, run_hosts(reader_->description()),
             {reader_->description().name, reader_->description().command,
              reader_->description().pty, reader_->description().size, scrollback_lines, compare,
              reader_->description().started}) {
  boost::asio::io_context loop(1);
  EventLog events;
  WatchSource source(loop, *reader_, state_, events, [] {});
  source.read_all();
}

Result<std::unique_ptr<KeptRun>> KeptRun::open(const std::filesystem::path& directory,
                                               const consensus::Options& compare,
                                               std::size_t scrollback_lines,
                                               const std::set<std::string>& only) {
  auto reader = run::RunReader::open(directory, only);
  if (!reader) return reader.error();
  return std::unique_ptr<KeptRun>(
      new KeptRun(directory, std::move(*reader), compare, scrollback_lines));
}

std::optional<std::string> KeptRun::command_of(HostId host) const {
  constexpr std::size_t kLargest = 1U << 20U;
  const auto run = run::read_catalog_run(directory_);
  if (!run || host.value >= run->record.folders.size()) return std::nullopt;
  const auto path = directory_ / run->record.folders[host.value] / "command";
  const auto script = run::read_file(AT_FDCWD, path.c_str(), kLargest);
  return script ? run::command_in_script(*script) : std::nullopt;
}

Result<HostId> KeptRun::find_host(const std::string& name) const {
  const std::vector<HostSpec>& hosts = reader_->description().hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (hosts[i].name == name) return HostId{static_cast<std::uint32_t>(i)};
  return Error{ErrorKind::usage, "the run has no host '" + sanitised(name, 200) + "'"};
}

report::RunResult KeptRun::result() {
  return result_of(state_, description().hosts, logs());
}

RunLogs KeptRun::logs() const {
  const auto run = run::read_catalog_run(directory_);
  if (!run) return {};
  std::vector<std::string> folders;
  for (const std::string& folder : run->record.folders)
    folders.push_back(run::plain_folder(folder) ? folder : ".no-folder");
  return {directory_, std::move(folders)};
}

}  // namespace bdsh::app
