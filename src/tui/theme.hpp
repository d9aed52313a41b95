// What things look like: one style per meaning, read from a YAML theme file.
//
//   name: default
//   styles:
//     danger: { fg: 231, bg: 160, bold: true }
//
// Colours: 0…255, "#rrggbb", a name (red … white, bright-red …), or "default". Attributes: bold,
// faint, italic, blink, reverse, underline, strike. A style that a file leaves out is the
// terminal's default.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.hpp"
#include "core/error.hpp"
#include "core/host_status.hpp"

namespace bdsh::tui {

enum class Paint : std::uint8_t {
  text, dim, strong, accent,
  bar, bar_brand, bar_dim, bar_good, bar_bad, keep, discard,
  mode_navigate, mode_input, danger, hint_key, notice, ask,
  frame, frame_focus, frame_divergent, title,
  selected, selected_unfocused, marked,
  queued, connecting, running, waiting, done, failed, disconnected,
  divergent, gutter, masked, changed, missing, behind, current,
  variant_a, variant_b, variant_c, variant_d, variant_e, variant_f,
  diff_added, diff_removed, diff_changed, match, differs, cursor,
  dialog, dialog_frame, dialog_key,
  count_,  // not a style: how many there are
};

std::string_view paint_name(Paint paint);  // as theme files spell it: "frame-focus"
Paint state_paint(HostState state);
Paint variant_paint(std::size_t index);  // A has its own; the others take turns

class Theme {
 public:
  // `origin` names the text in errors: "themes/x.yaml:3: styles.danger: unknown colour \"rde\"".
  static Result<Theme> parse(const std::string& yaml, const std::string& origin);
  static Result<Theme> load(const std::string& path);
  // "default", "light" or "mono", compiled in from themes/; a name that is none of these and holds
  // a '/' or ends in .yaml is a path. Errors: config.
  static Result<Theme> named(const std::string& name);
  static std::vector<std::string> built_in_names();
  static Theme built_in();  // "default"

  const std::string& name() const { return name_; }
  bool plain() const;  // it has no colours
  const Style& style(Paint paint) const { return styles_[static_cast<std::size_t>(paint)]; }

 private:
  std::string name_;
  std::array<Style, static_cast<std::size_t>(Paint::count_)> styles_{};
};

}  // namespace bdsh::tui
