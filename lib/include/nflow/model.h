#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "nflow/context_kind.h"
#include "nflow/csv_manner.h"
#include "nflow/flow_spec.h"
#include "nflow/front.h"
#include "nflow/support.h"
#include "nflow/table.h"

namespace nflow {

enum class Precision { float32, float64 };

/// Standardises columns, u = (x - mean) / deviation, in double before any cast to float.
/// log|det du/dx| = -sum_j log deviation_j keeps log p in the units of the user's columns.
struct Scaler {
  std::vector<double> mean;       ///< per column
  std::vector<double> deviation;  ///< per column, > 0
  /// The range of each context column in the training rows, without a few that are far out; empty
  /// for modelled columns. Beyond it u bends, and comes to its limit one width further: a chain
  /// knows nothing of contexts out there, and must not go on with its slopes.
  std::vector<double> low = {}, high = {};

  double log_det() const;
};

/// Is x of a context column further outside the range than half its width?
bool far_outside(const Scaler& scaler, std::size_t column, double x);

/// How a model came about; shown by `nflow info`. No times: the same run gives the same bytes.
struct TrainingRecord {
  std::int64_t rows = 0;             ///< rows trained on
  std::int64_t validation_rows = 0;  ///< rows the best parameters were chosen by
  std::int64_t epochs = 0;
  std::int64_t steps = 0;
  std::uint64_t seed = 0;
  double train_log_prob = 0;       ///< mean nats/row over the last epoch
  double validation_log_prob = 0;  ///< mean nats/row of the parameters kept
  std::string version;             ///< nflow version that trained it
};

/// A named matrix inside Model::parameters, row-major.
struct TensorPlace {
  std::string name;  ///< e.g. "2.nsf-cl.net.out.weight"
  Index offset;      ///< first entry in Model::parameters
  Index rows;
  Index cols;
};

/// A permutation that belongs to the model but is not trained: z_j = x_{index[j]}.
struct Permutation {
  std::string name;  ///< e.g. "1.conv1x1.permutation"
  std::vector<std::int64_t> index;
};

/// The most columns that a model can have, with those of its context.
inline constexpr std::size_t kMaxColumns = 4096;

/// A column of the table that a model does not have, and why: "counts the rows".
struct LeftOut {
  std::string column;
  std::string reason;
};

/// A trained density, as a value: copy it, save it, share it between threads.
struct Model {
  std::vector<std::string> columns;  ///< the D modelled columns
  std::vector<std::string> context;  ///< the columns it is conditioned on; may be none
  std::vector<Support> supports;     ///< of the modelled columns; empty: all REAL
  Scaler scaler;                     ///< of the modelled columns, on the line; the front: 0 and 1
  Scaler context_scaler;             ///< of the context's features
  FlowSpec flow;          ///< of the columns behind the front; empty where there are none
  CellNet cell_net = {};  ///< of the columns that are cut into cells
  std::vector<Permutation> permutations;  ///< in chain order
  std::variant<std::vector<float>, std::vector<double>> parameters;
  TrainingRecord training;
  std::vector<LeftOut> left_out = {};
  std::vector<std::string> marks = {};  ///< spellings of missing in the table it was trained on
  std::vector<ContextKind> context_kinds = {};  ///< of the context; empty: all plain numbers
  TableManner manner = {};                      ///< of the table it was trained on

  Front front() const { return front_of(supports, cell_net); }
  /// The C numbers by which the chain sees the context.
  Index context_features() const { return feature_count(context_kinds, context.size()); }
  Precision precision() const;
  Index parameter_count() const;
};

/// The same density with its parameters in double: slower, but inverse(forward(x)) is x to 1e-7 of
/// a deviation even where the map is nearly flat.
Model in_double(Model model);

/// Names and places of all parameters of a chain over D columns, those of `front` among them, and C
/// context columns, without gaps, in order of offset. Depends on nothing but its arguments.
std::vector<TensorPlace> tensor_places(const FlowSpec& flow, Index columns, Index context,
                                       const Front& front = {});

/// The most parameters that a model can have: 8 GiB of them in single precision.
inline constexpr Index kMaxParameters = Index{1} << 31;

/// How many such a chain has. Throws Error for more than kMaxParameters, before it takes memory for
/// them.
Index parameter_count(const FlowSpec& flow, Index columns, Index context, const Front& front = {});

/// The names and lengths of the permutations that such a chain has; their order drawn from `seed`.
std::vector<Permutation> draw_permutations(const FlowSpec& flow, Index columns, Index context,
                                           std::uint64_t seed, const Front& front = {});

}  // namespace nflow
