@_exported public import Differentiation
@_exported public import Layers
@_exported public import LongConvolution
@_exported public import NeuralOperators
@_exported public import SequenceTensor
@_exported public import SpectralCore
@_exported public import TensorIO
@_exported public import Training
