#pragma once

#include <string>
#include <vector>

#include "nflow/flow_spec.h"

namespace nflow::bench {

/// How many numbers a flow has and multiplies by.
struct Size {
  Index stored = 0;      ///< parameters, masked weights counted: MADE's rivals store them too
  Index live = 0;        ///< without those that a mask holds at 0
  Index dense_macs = 0;  ///< multiply-adds a row of all matrix products, as if nothing were masked
  Index live_macs = 0;   ///< those among them whose weight is no constant 0
};

/// A flow to be timed, and what is known of its rival: the PyTorch flow of the same architecture,
/// which against_torch.py builds under the same name.
struct Configuration {
  std::string name;
  std::string library;  ///< of the rival: "nflows" or "seed", tonyduan/normalizing-flows
  Index columns;
  std::string block;  ///< repeated `layers` times, and `last` behind it
  Index layers;
  std::string last;
  Index rival_parameters;
  bool rival_is_dense;  ///< the rival has a net for each column and nothing masked: compare `live`
  std::string note;     ///< why the counts differ; empty where they do not

  FlowSpec flow() const;
  Size size() const;
  /// The number of parameters that stands against rival_parameters.
  Index comparable(const Size& size) const { return rival_is_dense ? size.live : size.stored; }
  /// Are both equal, or within two percent with a note that says why?
  bool matches(const Size& size) const;
};

const std::vector<Configuration>& configurations();

}  // namespace nflow::bench
