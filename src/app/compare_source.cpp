#include <utility>
// Boost 1.74's headers lack <utility>.
#include <boost/asio/io_context.hpp>

#include "app/compare_source.hpp"

namespace bdsh::app {
namespace {

HostId id_of(std::size_t index) {
  return HostId{static_cast<std::uint32_t>(index)};
}

HostStatus missing() {
  HostStatus status;
  status.state = HostState::failed;
  status.error = Error{ErrorKind::usage, "missing"};
  return status;
}

// The changes are masked as they are: what masks hid is equal in both runs.
consensus::Options plain() {
  consensus::Options options;
  options.masks = false;
  return options;
}

}  // namespace

CompareSource::CompareSource(RunState& state, const std::vector<ComparedHost>& hosts,
                             tui::ComparedRuns names)
    : state_(state),
      hosts_(hosts),
      names_(std::move(names)),
      changes_(std::vector<std::vector<std::string>>(hosts.size()), plain()) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    changes_.set_lines(id_of(i), 0, hosts_[i].change);
    changes_.set_progress(id_of(i), {consensus::Progress::Kind::finished, ExitResult{0, {}}});
    if (!hosts_[i].changed() && !changes_.pinned_reference()) changes_.set_reference(id_of(i));
  }
}

void CompareSource::start() {
  const HostSet all = HostSet::first(hosts_.size());
  show(false);
  state_.repeat_round(all, std::nullopt);
  state_.restart(all);
  all.for_each([this](HostId host) { state_.set_status(host, HostStatus{}, Clock::now()); });
  show(true);
}

void CompareSource::show(bool after) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    std::string text;
    for (const std::string& line : after ? hosts_[i].lines_after : hosts_[i].lines_before)
      text += line + "\n";
    if (!text.empty()) (void)state_.feed(id_of(i), text, Clock::now());
    const auto& status = after ? hosts_[i].after : hosts_[i].before;
    state_.set_status(id_of(i), status.value_or(missing()), Clock::now());
  }
}

Status CompareSource::set_keep(bool) {
  return Error{ErrorKind::usage, "comparing runs: both are kept until they are removed"};
}

}  // namespace bdsh::app
