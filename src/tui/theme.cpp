#include "tui/theme.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

#include "core/color.hpp"
#include "core/text.hpp"
#include "theme_data.inc"  // kBuiltInThemes, made from themes/*.yaml by CMake

namespace bdsh::tui {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Paint::count_)> kNames{
    "text", "dim", "strong", "accent",
    "bar", "bar-brand", "bar-dim", "bar-good", "bar-bad", "keep", "discard",
    "mode-navigate", "mode-input", "danger", "hint-key", "notice", "ask",
    "frame", "frame-focus", "frame-divergent", "title",
    "selected", "selected-unfocused", "marked",
    "queued", "connecting", "running", "waiting", "done", "failed", "disconnected",
    "divergent", "gutter", "masked", "changed", "missing", "behind", "current",
    "variant-a", "variant-b", "variant-c", "variant-d", "variant-e", "variant-f",
    "diff-added", "diff-removed", "diff-changed", "match", "differs", "cursor",
    "dialog", "dialog-frame", "dialog-key"};

// Thrown and caught inside this file alone: yaml-cpp reports its own errors the same way.
struct Complaint {
  YAML::Mark mark;
  std::string text;
};

Color read_color(const YAML::Node& node) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  if (const auto color = parse_color(text)) return *color;
  throw Complaint{node.Mark(), "unknown colour \"" + text + "\""};
}

bool read_flag(const YAML::Node& node) {
  bool value = false;
  if (!YAML::convert<bool>::decode(node, value))
    throw Complaint{node.Mark(), "must be true or false"};
  return value;
}

void set_attribute(Style& style, const std::string& key, const YAML::Node& value) {
  if (key == "fg") style.fg = read_color(value);
  else if (key == "bg") style.bg = read_color(value);
  else if (key == "bold") style.bold = read_flag(value);
  else if (key == "faint") style.faint = read_flag(value);
  else if (key == "italic") style.italic = read_flag(value);
  else if (key == "blink") style.blink = read_flag(value);
  else if (key == "reverse") style.reverse = read_flag(value);
  else if (key == "strike") style.strike = read_flag(value);
  else if (key == "underline") style.underline = read_flag(value) ? Underline::single : Underline::none;
  else throw Complaint{value.Mark(), "unknown attribute"};
}

Style read_style(const std::string& name, const YAML::Node& node) {
  if (!node.IsMap()) throw Complaint{node.Mark(), "styles." + name + ": must be a map"};
  Style style;
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>();
    try {
      set_attribute(style, key, entry.second);
    } catch (Complaint& complaint) {
      complaint.text = "styles." + name + "." + key + ": " + complaint.text;
      throw;
    }
  }
  return style;
}

Error complaint_error(const std::string& origin, const YAML::Mark& mark, const std::string& text) {
  std::string message = origin;
  if (mark.line >= 0) message += ":" + std::to_string(mark.line + 1);
  return {ErrorKind::config, sanitised(message + ": " + text)};
}

const BuiltInTheme* find_built_in(std::string_view name) {
  for (const BuiltInTheme& theme : kBuiltInThemes)
    if (theme.name == name) return &theme;
  return nullptr;
}

bool is_path(std::string_view name) {
  return name.find('/') != std::string_view::npos ||
         (name.size() > 5 && name.substr(name.size() - 5) == ".yaml");
}

}  // namespace

std::string_view paint_name(Paint paint) { return kNames[static_cast<std::size_t>(paint)]; }

Paint state_paint(HostState state) {
  return static_cast<Paint>(static_cast<int>(Paint::queued) + static_cast<int>(state));
}

Paint variant_paint(std::size_t index) {
  const std::size_t turn = index == 0 ? 0 : 1 + (index - 1) % 5;
  return static_cast<Paint>(static_cast<std::size_t>(Paint::variant_a) + turn);
}

Result<Theme> Theme::parse(const std::string& yaml, const std::string& origin) {
  Theme theme;
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsMap()) throw Complaint{root.Mark(), "must be a map with \"name\" and \"styles\""};
    for (const auto& entry : root)
      if (const auto key = entry.first.as<std::string>(); key != "name" && key != "styles")
        throw Complaint{entry.first.Mark(), "unknown key \"" + key + "\""};
    theme.name_ = root["name"] ? root["name"].as<std::string>() : origin;
    for (const auto& entry : root["styles"]) {
      const auto name = entry.first.as<std::string>();
      const auto* found = std::find(kNames.begin(), kNames.end(), name);
      if (found == kNames.end())
        throw Complaint{entry.first.Mark(), "unknown style \"" + name + "\""};
      theme.styles_[static_cast<std::size_t>(found - kNames.begin())] =
          read_style(name, entry.second);
    }
  } catch (const Complaint& complaint) {
    return complaint_error(origin, complaint.mark, complaint.text);
  } catch (const YAML::Exception& error) {
    return complaint_error(origin, error.mark, error.msg);
  }
  return theme;
}

Result<Theme> Theme::load(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Error{ErrorKind::config, "theme " + sanitised(path) + ": cannot be read"};
  return parse(text.str(), path);
}

Result<Theme> Theme::named(const std::string& name) {
  if (const BuiltInTheme* theme = find_built_in(name))
    return parse(std::string(theme->yaml), "themes/" + name + ".yaml");
  if (is_path(name)) return load(name);
  std::string known;
  for (const std::string& built_in : built_in_names()) known += " " + built_in;
  return Error{ErrorKind::config, "unknown theme \"" + sanitised(name) + "\"; there are:" + known};
}

std::vector<std::string> Theme::built_in_names() {
  std::vector<std::string> names;
  for (const BuiltInTheme& theme : kBuiltInThemes) names.emplace_back(theme.name);
  return names;
}

bool Theme::plain() const {
  return std::all_of(styles_.begin(), styles_.end(), [](const Style& style) {
    return style.fg.kind == Color::Kind::none && style.bg.kind == Color::Kind::none;
  });
}

Theme Theme::built_in() {
  Result<Theme> theme = named("default");
  return theme ? *theme : Theme();
}

}  // namespace bdsh::tui
