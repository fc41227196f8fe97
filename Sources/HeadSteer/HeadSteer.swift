/// The whole library in one import: checkpoints, tokenizers, the Llama runtime, probing, steering, reports.
@_exported import CausalSearch
@_exported import ChatTemplating
@_exported import Checkpoints
@_exported import DataFiles
@_exported import Evaluation
@_exported import Evidence
@_exported import Generation
@_exported import Interchange
@_exported import Intervention
@_exported import Probing
@_exported import Reporting
@_exported import TensorCore
@_exported import Tokenization
@_exported import Transformer
