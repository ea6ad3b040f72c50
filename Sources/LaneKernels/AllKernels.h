// Every kernel and the table of them, for the instruction set that the including file has set:
// KERNEL(name) names a function of this set, KERNEL_SET is the set's name, KERNEL_LANES
// how many floats a register holds, KERNEL_SUMS how many sums of sixteen floats all registers hold
// beside the operands.
#include <stdbool.h>
#include <stdint.h>

#include "include/LaneKernels.h"

#include "Functions.h"
// The order is that of dependence; each file is one family of operations.
#include "Elementwise.h"
#include "Activation.h"
#include "Normalization.h"
#include "Dropout.h"
#include "Loss.h"
#include "Optimizer.h"
#include "Transpose.h"
#include "Transform.h"
#include "ChannelPairs.h"
#include "DirectConvolution.h"
#include "DilatedConvolution.h"
#include "LaneTransform.h"
#include "LaneConvolution.h"
#include "Online.h"
#include "Modal.h"
#include "KeptModes.h"
#include "ComplexProduct.h"

#define ENTRY(name) .name = KERNEL(name)

const LaneKernels KERNEL(lane_kernels) = {
    .name = KERNEL_SET, .lane_count = KERNEL_LANES,
    ENTRY(add), ENTRY(subtract), ENTRY(multiply), ENTRY(divide), ENTRY(scale), ENTRY(affine),
    ENTRY(accumulate), ENTRY(accumulate_scaled),
    ENTRY(add_row), ENTRY(multiply_row), ENTRY(affine_rows), ENTRY(add_gated_rows),
    ENTRY(sum_rows), ENTRY(sum_products), ENTRY(sum_squared_deviations),
    ENTRY(sum), ENTRY(sum_of_squares),
    ENTRY(gelu), ENTRY(gelu_adding), ENTRY(gelu_pullback), ENTRY(silu), ENTRY(silu_pullback),
    ENTRY(relu), ENTRY(relu_pullback), ENTRY(squared_relu),
    ENTRY(squared_relu_pullback), ENTRY(sigmoid), ENTRY(sigmoid_pullback),
    ENTRY(elu), ENTRY(elu_pullback), ENTRY(softplus), ENTRY(softplus_pullback), ENTRY(exponential),
    ENTRY(sine), ENTRY(cosine), ENTRY(sine_pullback), ENTRY(tanh), ENTRY(tanh_pullback),
    ENTRY(glu), ENTRY(glu_pullback),
    ENTRY(layer_norm), ENTRY(layer_norm_pullback), ENTRY(rms_norm), ENTRY(rms_norm_pullback),
    ENTRY(dropout), ENTRY(softmax_cross_entropy), ENTRY(adamw),
    ENTRY(gather_batch_pair), ENTRY(gather_channel_pair), ENTRY(scatter_batch_pair),
    ENTRY(scatter_channel_pair),
    ENTRY(split2), ENTRY(join2), ENTRY(split4), ENTRY(join4),
    ENTRY(spectral_multiply), ENTRY(spectral_correlate),
    ENTRY(pair_multiply), ENTRY(pair_correlate), ENTRY(pair_separate), ENTRY(pair_combine),
    ENTRY(direct_gather), ENTRY(direct_convolution), ENTRY(direct_filter_gradient),
    ENTRY(dilated_filter), ENTRY(dilated_pair), ENTRY(dilated_pair_adjoint),
    ENTRY(dilated_gradients), ENTRY(group_scatter),
    ENTRY(lane_part), ENTRY(lane_blocks), ENTRY(lane_join),
    ENTRY(online_output), ENTRY(online_tile), ENTRY(partition_sum), ENTRY(modal_step),
    ENTRY(modes_of_real), ENTRY(modes_of_complex), ENTRY(real_of_modes), ENTRY(complex_of_modes),
    ENTRY(complex_product),
};
