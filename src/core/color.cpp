#include "core/color.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bdsh {
namespace {

constexpr std::array<std::string_view, 8> kColors{"black", "red",     "green", "yellow",
                                                  "blue",  "magenta", "cyan",  "white"};

std::optional<Color> hex_color(std::string_view text) {
  std::uint32_t value = 0;
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 7, value, 16);
  if (error != std::errc{} || end != text.data() + 7) return std::nullopt;
  return Color::rgb(static_cast<std::uint8_t>(value >> 16U), static_cast<std::uint8_t>(value >> 8U),
                    static_cast<std::uint8_t>(value));
}

std::optional<Color> named_color(std::string_view text) {
  if (text == "default") return Color{};
  constexpr std::string_view kBright = "bright-";
  const bool bright = text.substr(0, kBright.size()) == kBright;
  if (bright) text.remove_prefix(kBright.size());
  const auto* found = std::find(kColors.begin(), kColors.end(), text);
  if (found == kColors.end()) return std::nullopt;
  return Color::indexed(static_cast<std::uint8_t>(found - kColors.begin() + (bright ? 8 : 0)));
}

std::optional<Color> indexed_color(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > 255) return std::nullopt;
  return Color::indexed(static_cast<std::uint8_t>(value));
}

}  // namespace

std::optional<Color> parse_color(std::string_view text) {
  for (const auto& color : {hex_color(text), named_color(text), indexed_color(text)})
    if (color) return color;
  return std::nullopt;
}

}  // namespace bdsh
