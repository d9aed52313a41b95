#include <utility>
// Boost 1.74's headers lack <utility>.
#include <boost/asio/io_context.hpp>

#include "app/kept_run.hpp"

#include "app/run_report.hpp"
#include "app/setup.hpp"
#include "app/watch_source.hpp"
#include "core/text.hpp"

namespace bdsh::app {

KeptRun::KeptRun(std::unique_ptr<run::RunReader> reader, const consensus::Options& compare,
                 std::size_t scrollback_lines)
    : reader_(std::move(reader)),
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
  return std::unique_ptr<KeptRun>(new KeptRun(std::move(*reader), compare, scrollback_lines));
}

Result<HostId> KeptRun::find_host(const std::string& name) const {
  const std::vector<HostSpec>& hosts = reader_->description().hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (hosts[i].name == name) return HostId{static_cast<std::uint32_t>(i)};
  return Error{ErrorKind::usage, "the run has no host '" + sanitised(name, 200) + "'"};
}

report::RunResult KeptRun::result() {
  return result_of(state_, description().hosts);
}

}  // namespace bdsh::app
