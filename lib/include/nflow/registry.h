#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/flow_spec.h"

namespace nflow {

template <class T>
class Bijector;
class Blueprint;

/// How a link takes the context columns of a conditional density.
enum class ContextUse {
  conditioner,  ///< its conditioner reads them
  joint,        ///< it was fitted to them and the columns together: numbers, and points of circles
  joint_conditioner,  ///< such a fit, beside a conditioner that reads all of them
  shift_scale,        ///< it has no conditioner: a shift and scale from the context follows it
  none                ///< a mere reordering
};

/// A kind of link. Each is defined at the end of its own file in lib/src/bijectors, and declared
/// and listed in registry.cpp; help texts, man-page checks, the parser, the model file and the law
/// tests all follow from there.
struct FlowKind {
  std::string name;                  ///< as texts of flows spell it
  std::string summary;               ///< one line for help and the man page
  std::vector<std::string> options;  ///< keys of LinkOptions that it reads
  ContextUse context;

  std::unique_ptr<Bijector<float>> (*make_float)(const LinkOptions&, Blueprint&);
  std::unique_ptr<Bijector<double>> (*make_double)(const LinkOptions&, Blueprint&);
};

/// All kinds, in the order of the documentation.
const std::vector<const FlowKind*>& flow_kinds();

/// The kind of that name ("nsf-af" is another name of "nsf-ar"). Throws UsageError, naming the
/// nearest, where there is none.
const FlowKind& find_flow(std::string_view name);

}  // namespace nflow
