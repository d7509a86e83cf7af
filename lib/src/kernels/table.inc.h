// The target's table of kernels.

template <class T>
constexpr Kernels<T> make_kernels() {
  Kernels<T> table{};
  table.target = NFLOW_TARGET_NAME;
  table.gemm = gemm<T>;
  table.packed_words = no_words<T>;
  table.pack = pack_nothing<T>;
  table.transpose = transpose<T>;
  table.add_column_sums = add_column_sums<T>;
  table.activate = activate<T>;
  table.activate_backward = activate_backward<T>;
  table.add = add<T>;
  table.axpy = axpy<T>;
  table.scale_shift = scale_shift<T>;
  table.dot = dot<T>;
  table.add_squares = add_squares<T>;
  table.add_product = add_product<T>;
  table.affine_forward = affine_forward<T>;
  table.affine_inverse = affine_inverse<T>;
  table.affine_backward = affine_backward<T>;
  table.spline_forward = spline_forward<T>;
  table.spline_inverse = spline_inverse<T>;
  table.spline_backward = spline_backward<T>;
  table.planar_forward = planar_forward<T>;
  table.planar_inverse = planar_inverse<T>;
  table.planar_backward = planar_backward<T>;
  table.radial_forward = radial_forward<T>;
  table.radial_inverse = radial_inverse<T>;
  table.radial_backward = radial_backward<T>;
  table.mixture_condition = mixture_condition<T>;
  table.mixture_forward = mixture_forward<T>;
  table.mixture_inverse = mixture_inverse<T>;
  table.mixture_backward = mixture_backward<T>;
  table.mixture_posterior = mixture_posterior<T>;
  table.neural_mixture = neural_mixture<T>;
  table.neural_mixture_backward = neural_mixture_backward<T>;
  table.mixture_density = mixture_density<T>;
  table.mixture_density_backward = mixture_density_backward<T>;
  table.quantile_forward = quantile_forward<T>;
  table.quantile_inverse = quantile_inverse<T>;
  table.quantile_backward = quantile_backward<T>;
  table.circle_forward = circle_forward<T>;
  table.circle_backward = circle_backward<T>;
  table.class_forward = class_forward<T>;
  table.class_inverse = class_inverse<T>;
  table.class_backward = class_backward<T>;
  table.class_mixture = class_mixture<T>;
  table.class_mixture_given = class_mixture_given<T>;
  table.class_features = class_features<T>;
  table.dropout = dropout<T>;
  table.normals = normals<T>;
  table.reduce_gradients = reduce_gradients<T>;
  table.adam = adam<T>;
  return table;
}

// NOLINTBEGIN(misc-definitions-in-headers): this one is read once for each target.
extern const Kernels<float> float_kernels;
extern const Kernels<double> double_kernels;
const Kernels<float> float_kernels = make_kernels<float>();
const Kernels<double> double_kernels = make_kernels<double>();

#if defined(NFLOW_AMX)
/// The same but for products, which go another way.
constexpr Kernels<float> with_products(const char* target, decltype(Kernels<float>::gemm) product,
                                       decltype(Kernels<float>::packed_words) words,
                                       decltype(Kernels<float>::pack) pack) {
  Kernels<float> kernels = make_kernels<float>();
  kernels.target = target;
  kernels.gemm = product;
  kernels.packed_words = words;
  kernels.pack = pack;
  return kernels;
}

extern const Kernels<float> amx_float_kernels;
extern const Kernels<float> bf16_float_kernels;
const Kernels<float> amx_float_kernels =
    with_products("amx", gemm_by_tiles, words_of_tiles, pack_tiles);
const Kernels<float> bf16_float_kernels =
    with_products("avx512bf16", gemm_by_pairs, words_of_pairs, pack_for_pairs);
#endif
// NOLINTEND(misc-definitions-in-headers)
