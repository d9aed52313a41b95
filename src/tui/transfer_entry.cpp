#include "tui/transfer_entry.hpp"

namespace bdsh::tui {
namespace {

// `asks` says what is wanted. What is typed joins the transfer's words.
class TransferEntry : public Overlay {
 public:
  TransferEntry(Transfer transfer, std::string asks)
      : transfer_(std::move(transfer)), asks_(std::move(asks)) {}

  bool handle(const Key& key, Context& context) override {
    if (edit_text(transfer_.words, key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all) transfer_.words.clear();
    if (action == Action::submit && !transfer_.words.empty()) context.out.push_back(transfer_);
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override { draw_entry_line(scene, asks_, transfer_.words); }

 private:
  Transfer transfer_;
  const std::string asks_;
};

}  // namespace

std::unique_ptr<Overlay> transfer_overlay(Context& context, bool upload) {
  if (context.model.watching) {
    context.state.notice = "watching a run: nothing can be transferred";
    return nullptr;
  }
  const HostSet all = all_hosts(context.model);
  const HostSet marked = context.state.marked & all;
  Transfer transfer{upload, marked.empty() ? all : marked, ""};
  const std::string who = plural(transfer.hosts.size(), "host");
  return std::make_unique<TransferEntry>(
      std::move(transfer), upload ? "upload to " + who + ": [-r] SRC... DEST: "
                                  : "download from " + who + ": [-r] SRC... DESTDIR: ");
}

std::unique_ptr<Overlay> chosen_transfer_overlay(const Transfer& chosen, const std::string& what) {
  const std::string who = plural(chosen.hosts.size(), "host");
  return std::make_unique<TransferEntry>(
      chosen, chosen.upload ? "upload to " + who + " into " + what + ": [-r] SRC...: "
                            : "download " + what + " from " + who + ": [-r] DESTDIR: ");
}

}  // namespace bdsh::tui
