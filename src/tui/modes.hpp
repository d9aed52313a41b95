// What keys mean where no dialog stands: NAVIGATE and INPUT.
#pragma once

#include <memory>

#include "tui/overlays.hpp"

namespace bdsh::tui {

// Brings the state in line with the model: hosts that died leave the target (and never rejoin),
// INPUT without a target ends, and is lost until the user says that he has seen it.
void follow_model(State& state, const Model& model);

// Either may open a dialog (returned) besides changing the state and emitting commands.
std::unique_ptr<Overlay> handle_navigate(const Key& key, Context& context);
std::unique_ptr<Overlay> handle_input(const Key& key, Context& context);
std::unique_ptr<Overlay> perform(Action action, const Key& key, Context& context);

// The mouse in NAVIGATE, and what of it does not go to a host in INPUT.
std::unique_ptr<Overlay> handle_mouse(const Key& key, Context& context);

}  // namespace bdsh::tui
