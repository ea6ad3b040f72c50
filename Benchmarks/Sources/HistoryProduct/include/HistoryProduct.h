// What a causal convolution costs that keeps the last inputs and nothing else.
#ifndef HISTORY_PRODUCT_H
#define HISTORY_PRODUCT_H

/// y[c] = Σ over j < taps of h[j, c]·x[-j, c], rows of `channels` floats, with the widest vectors
/// that the processor has.
void history_product(float *y, const float *x, const float *h, long taps, long channels);

#endif
