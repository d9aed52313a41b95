#include "tui/state.hpp"

#include "core/fold.hpp"
#include "tui/look.hpp"

namespace bdsh::tui {

bool is_of_a_round(View view) {
  return view == View::consensus || view == View::variants || view == View::diff;
}

bool shows_earlier_round(const State& state) {
  return state.shown_round != 0 && is_of_a_round(state.view);
}

bool selects_line(const State& state) {
  return state.view == View::consensus && (state.pane == Pane::main || state.spread);
}

const std::vector<HostView>& hosts_of(const Model& model) {
  static const std::vector<HostView> none;
  return model.hosts != nullptr ? *model.hosts : none;
}

const consensus::Outcome& outcome_of(const Model& model) {
  static const consensus::Outcome none;
  return model.outcome != nullptr ? *model.outcome : none;
}

HostSet all_hosts(const Model& model) { return HostSet::first(hosts_of(model).size()); }

HostSet live_hosts(const Model& model) {
  HostSet live;
  const auto& hosts = hosts_of(model);
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (hosts[i].status.live()) live.add(HostId{static_cast<std::uint32_t>(i)});
  return live;
}

const HostView* host_view(const Model& model, HostId host) {
  const auto& hosts = hosts_of(model);
  return host.value < hosts.size() ? &hosts[host.value] : nullptr;
}

bool is_live(const Model& model, HostId host) {
  const HostView* view = host_view(model, host);
  return view != nullptr && view->status.live();
}

int variant_of(const Model& model, HostId host) {
  const auto& table = outcome_of(model).variant_of;
  return host.value < table.size() ? table[host.value] : -1;
}

std::string failure_note(const HostStatus& status) {
  if (status.error || !status.exit || status.exit->success()) return short_reason(status);
  if (!status.exit->signal.empty()) return status.exit->signal;
  return status.exit->status ? std::to_string(*status.exit->status) : "exit ?";
}

bool is_divergent(const Model& model, HostId host) {
  if (model.screens == nullptr) return outcome_of(model).divergent.contains(host);
  // At its shell while most are in a full-screen program: in another program, hence divergent.
  const bool elsewhere = is_live(model, host) && !model.screens->hosts.contains(host);
  return elsewhere || model.screens->divergent.contains(host);
}

std::string fold_hosts(const Model& model, const HostSet& hosts) {
  std::vector<std::string> names;
  hosts.for_each([&](HostId host) {
    if (const HostView* view = host_view(model, host)) names.push_back(view->name);
  });
  return fold_names(names);
}

std::string who(const Model& model, const Target& target) {
  const std::size_t count = target.hosts.size();
  if (count == 1) {
    const HostView* view = host_view(model, target.hosts.to_vector().front());
    return view != nullptr ? view->name : "1 host";
  }
  std::string text = plural(count, "host");
  if (!target.variant.empty()) text += " (variant " + target.variant + ")";
  return text;
}

}  // namespace bdsh::tui
