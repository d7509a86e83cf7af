#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/activation.h"
#include "nflow/table.h"

namespace nflow {

/// The conditioner: blocks of two layers to whose output their input is added (He et al., "Identity
/// mappings in deep residual networks", 2016), or plain layers.
enum class NetKind { residual, mlp };

/// Settings of one link of the chain; a link reads those that its kind lists (see registry.h).
struct LinkOptions {
  std::vector<Index> hidden{128, 128};  ///< widths of the conditioner's hidden layers or blocks
  NetKind net = NetKind::residual;
  Activation activation = Activation::relu;
  double dropout = 0;     ///< share of hidden units zeroed in training, [0, 1)
  Index bins = 8;         ///< rational-quadratic bins, K
  Index components = 16;  ///< of a mixture, K
  Index fits = 1;         ///< mixtures averaged, of components / fits each
  bool fixed = true;      ///< does a mixture that comes first stay as EM left it?
  Index ramps = 0;        ///< of each of the conditioner's inputs, beside itself
  double tail_bound = 3;  ///< splines act on [-B, B] and are the identity outside
};

struct LinkSpec {
  std::string name;  ///< a name of registry.h
  LinkOptions options;
};

/// The most links that a chain can have.
inline constexpr Index kMaxLinks = 512;

/// The chain as text says it: one entry a link, from data to latent.
struct FlowSpec {
  std::vector<LinkSpec> links;
};

/// Reads "actnorm,conv1x1,nsf-cl:bins=8:hidden=64,64" and repeats it `layers` times. `defaults`
/// (key to text) hold for every link that knows the key and does not set it itself.
/// Throws UsageError for unknown names, keys a link cannot use, values out of range, and defaults
/// that no link of the chain goes by.
FlowSpec parse_flow(std::string_view text, Index layers = 1,
                    const std::map<std::string, std::string>& defaults = {});

/// Can any link of the chain use this key?
bool has_option(const FlowSpec& spec, const std::string& key);

/// Is it a mixture, which is fitted to the rows before training where it comes first?
bool is_fitted(const LinkSpec& link);

/// Do gradient steps change nothing of the chain, since it is a mixture alone that stays as it was
/// fitted? Not where a network takes the context to it.
bool stays_as_fitted(const FlowSpec& spec, bool with_context);

/// Throws UsageError where `value` can be that of `key` in no link.
void check_flow_option(const std::string& key, const std::string& value);

/// The canonical text of a chain, every option spelt out: parse_flow(to_text(s)) gives s again.
std::string to_text(const FlowSpec& spec);

}  // namespace nflow
