// LlamaRuntime
