// The target's table of kernels.

template <class T>
constexpr Kernels<T> make_kernels() {
  return {NFLOW_TARGET_NAME,
          gemm<T>,
          no_words<T>,
          pack_nothing<T>,
          transpose<T>,
          add_column_sums<T>,
          activate<T>,
          activate_backward<T>,
          add<T>,
          axpy<T>,
          scale_shift<T>,
          dot<T>,
          add_squares<T>,
          add_product<T>,
          affine_forward<T>,
          affine_inverse<T>,
          affine_backward<T>,
          spline_forward<T>,
          spline_inverse<T>,
          spline_backward<T>,
          planar_forward<T>,
          planar_inverse<T>,
          planar_backward<T>,
          radial_forward<T>,
          radial_inverse<T>,
          radial_backward<T>,
          mixture_condition<T>,
          mixture_forward<T>,
          mixture_inverse<T>,
          mixture_backward<T>,
          mixture_posterior<T>,
          neural_mixture<T>,
          neural_mixture_backward<T>,
          mixture_density<T>,
          mixture_density_backward<T>,
          quantile_forward<T>,
          quantile_inverse<T>,
          quantile_backward<T>,
          circle_forward<T>,
          circle_backward<T>,
          class_forward<T>,
          class_inverse<T>,
          class_backward<T>,
          class_features<T>,
          dropout<T>,
          normals<T>,
          reduce_gradients<T>,
          adam<T>};
}

// NOLINTBEGIN(misc-definitions-in-headers): this one is read once for each target.
extern const Kernels<float> float_kernels;
extern const Kernels<double> double_kernels;
const Kernels<float> float_kernels = make_kernels<float>();
const Kernels<double> double_kernels = make_kernels<double>();

#if defined(NFLOW_AMX)
constexpr Kernels<float> with_tiles() {
  Kernels<float> kernels = make_kernels<float>();
  kernels.target = "amx";
  kernels.gemm = gemm_by_tiles;
  kernels.packed_words = words_of_tiles;
  kernels.pack = pack_tiles;
  return kernels;
}

extern const Kernels<float> amx_float_kernels;
const Kernels<float> amx_float_kernels = with_tiles();
#endif
// NOLINTEND(misc-definitions-in-headers)
