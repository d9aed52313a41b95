// The front end: a stack of small input modes over views that draw on a Surface. Keys go in,
// Commands come out; a frame is a function of the model and of the dashboard's own state
// (selection, marks, view, scrolling, overlays). No network, no disk, no clock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cell.hpp"
#include "core/key.hpp"
#include "tui/command.hpp"
#include "tui/keymap.hpp"
#include "tui/model.hpp"
#include "tui/surface.hpp"
#include "tui/theme.hpp"

namespace bdsh::tui {

struct DashboardOptions {
  bool utf8 = true;          // else ASCII twins of the glyphs and lines
  Key leave_key = Key::ctrl(']');
};

class Dashboard {
 public:
  // `tables` and `theme` outlive the dashboard.
  Dashboard(CellTables& tables, const Theme& theme, DashboardOptions options);
  ~Dashboard();

  std::vector<Command> handle(const Key& key, const Model& model);
  void draw(const Model& model, Surface& surface);
  // The hosts whose live screens the last frame showed: others need no redraw for new cells.
  const HostSet& shown_hosts() const;
  // The host in the focus view: the only one whose bell is to be heard.
  std::optional<HostId> focused_host() const;
  // A message for the bottom line until the next key (errors, confirmations from app).
  void notify(std::string text);
  // Back to NAVIGATE, as the leave key does it: whoever comes next types to nobody.
  void leave_input();
  void set_utf8(bool utf8);

  // From elsewhere than the keyboard: an action of NAVIGATE, in whatever mode; a host to select.
  std::vector<Command> act(Action action, const Model& model);
  void select(HostId host, const Model& model);
  HostId selected() const;
  const HostSet& marked() const;
  const std::string& notice() const;  // what the bottom line says until the next key
  std::string mode_text(const Model& model) const;  // "NAVIGATE", "INPUT 12 hosts"

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::tui
