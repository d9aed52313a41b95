#include "tui/state.hpp"

#include "core/fold.hpp"
#include "core/text.hpp"
#include "tui/look.hpp"

namespace bdsh::tui {

bool is_of_a_round(View view) {
  return view == View::consensus || view == View::variants || view == View::diff;
}

bool shows_earlier_round(const State& state) {
  return state.shown_round != 0 && is_of_a_round(state.view);
}

bool selects_line(const State& state) {
  return state.view == View::consensus && (state.pane == Pane::main || state.spread || state.numbers);
}

const std::vector<HostView>& hosts_of(const Model& model) {
  static const std::vector<HostView> none;
  return model.hosts != nullptr ? *model.hosts : none;
}

const consensus::Outcome& outcome_of(const Model& model) {
  static const consensus::Outcome none;
  return model.outcome != nullptr ? *model.outcome : none;
}

const HostSet& excluded_of(const Model& model) {
  static const HostSet none;
  return model.excluded != nullptr ? *model.excluded : none;
}

HostSet all_hosts(const Model& model) {
  return HostSet::first(hosts_of(model).size()) - excluded_of(model);
}

std::vector<HostId> listed_hosts(const State& state, const Model& model) {
  HostSet rest = all_hosts(model);
  if (state.only_matching && model.search) rest &= model.search(state.sought).hosts;
  if (state.order.empty()) return rest.to_vector();
  std::vector<HostId> hosts;
  for (const HostId host : state.order) {
    if (!rest.contains(host)) continue;
    hosts.push_back(host);
    rest.remove(host);
  }
  rest.for_each([&](HostId host) { hosts.push_back(host); });
  return hosts;
}

int order_values_width(const State& state) {
  int width = 0;
  for (const auto& [host, value] : state.order_values)
    width = std::max(width, 1 + text_width(value));
  return std::min(width, 12);
}

int row_of(const std::vector<HostId>& listed, HostId host) {
  const auto found = std::find(listed.begin(), listed.end(), host);
  return found == listed.end() ? 0 : static_cast<int>(found - listed.begin());
}

HostSet live_hosts(const Model& model) {
  HostSet live;
  const auto& hosts = hosts_of(model);
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (hosts[i].status.live()) live.add(HostId{static_cast<std::uint32_t>(i)});
  return live - excluded_of(model);
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
  const auto& table =
      model.screens != nullptr ? model.screens->variant_of : outcome_of(model).variant_of;
  return host.value < table.size() ? table[host.value] : -1;
}

namespace {

std::string screen_words(const consensus::ScreenVariant& variant) {
  using Kind = consensus::ScreenVariant::Kind;
  switch (variant.kind) {
    case Kind::majority: return "majority";
    case Kind::differs: return plural(variant.cells, "cell");
    case Kind::elsewhere: return "other program";
    case Kind::shell: return "at the shell";
  }
  return "";
}

std::vector<VariantRow> screen_rows(const consensus::ScreenConsensus& screens) {
  std::vector<VariantRow> rows;
  for (const consensus::ScreenVariant& variant : screens.variants)
    rows.push_back({consensus::variant_letter(rows.size()), variant.hosts, variant.representative,
                    variant.kind == consensus::ScreenVariant::Kind::majority, std::nullopt,
                    screen_words(variant)});
  return rows;
}

}  // namespace

std::string screen_note(const Model& model, HostId host) {
  const int index = model.screens != nullptr ? variant_of(model, host) : -1;
  if (index < 0) return "";
  const consensus::ScreenVariant& variant = model.screens->variants[static_cast<std::size_t>(index)];
  const std::string letter = consensus::variant_letter(static_cast<std::size_t>(index));
  const bool counted = variant.kind == consensus::ScreenVariant::Kind::differs;
  return counted ? letter + " " + std::to_string(variant.cells) : letter;
}

std::vector<VariantRow> variant_rows(const Model& model) {
  if (model.screens != nullptr) return screen_rows(*model.screens);
  std::vector<VariantRow> rows;
  const bool tie = !outcome_of(model).reference.has_value();
  for (const consensus::Variant& variant : outcome_of(model).variants) {
    std::string differs = variant.reference ? "reference" : plural(variant.distance, "line");
    if (tie) differs = "tie";
    rows.push_back({consensus::variant_letter(rows.size()), variant.hosts, variant.representative,
                    variant.reference, variant.exit, std::move(differs)});
  }
  return rows;
}

bool on_variant_list(const State& state) {
  return state.view == View::variants && state.pane == Pane::main;
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
