// The masks by name, each switched on or off by hand.
#include "tui/overlays.hpp"

namespace bdsh::tui {
namespace {

class MaskList : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override {
    const std::vector<MaskView> masks = context.model.mask_list();
    const int last = static_cast<int>(masks.size()) - 1;
    const auto action = find_action(Mode::choice, key, context.leave_key);
    if (action == Action::down) row_ = std::min(row_ + 1, last);
    if (action == Action::up) row_ = std::max(row_ - 1, 0);
    if (action == Action::mark && row_ <= last) {
      const MaskView& mask = masks[static_cast<std::size_t>(row_)];
      context.out.push_back(SetMask{mask.name, !mask.on});
    }
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override {
    const std::vector<MaskView> masks = scene.model.mask_list();
    const int count = static_cast<int>(masks.size());
    const std::string title = scene.model.masks ? "masks" : "masks: all off until u";
    const Rect box = draw_box(scene, title, count + 2, 40, Paint::dialog_frame);
    Scroll window;
    window.fit(count, box.height - 2);
    window.show(row_);
    for (int r = 0; r < window.page && window.top + r < count; ++r) {
      const MaskView& mask = masks[static_cast<std::size_t>(window.top + r)];
      const bool chosen = window.top + r == row_;
      const StyleId style = scene.look(chosen ? Paint::selected : Paint::dialog);
      scene.surface.fill({box.row + r, box.col, 1, box.width}, style);
      Pen(scene.surface, {box.row + r, box.col}, box.col + box.width)
          .put(chosen ? scene.look.glyphs().selected : " ", style)
          .put(mask.on ? "[x] " : "[ ] ", style)
          .put(mask.name, style);
    }
    Pen keys(scene.surface, {box.row + box.height - 1, box.col + 1}, box.col + box.width);
    keys.put("Space", scene.look(Paint::dialog_key))
        .put(" on or off   ", scene.look(Paint::dialog));
    keys.put("Esc", scene.look(Paint::dialog_key)).put(" closes", scene.look(Paint::dialog));
  }

 private:
  int row_ = 0;
};

}  // namespace

std::unique_ptr<Overlay> mask_list_overlay() {
  return std::make_unique<MaskList>();
}

}  // namespace bdsh::tui
