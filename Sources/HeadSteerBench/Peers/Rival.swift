import ArgumentParser

/// A program that reads prompts and decodes as we do, in a particular build.
enum Rival: String, CaseIterable, ExpressibleByArgument {
    case llamaCpp = "llama.cpp"
    case llamaCppWithoutAMX = "llama.cpp-without-amx"
    case ikLlama = "ik_llama.cpp"
    case xllamacpp
    case mistralRS = "mistral.rs"
    case openVINO = "openvino-genai"

    /// The rival's name in the table.
    ///
    /// Whether a build uses AMX depends on the build's own answer.
    ///
    /// - Parameter features: the instruction sets that the build names; empty if it names none.
    func name(features: [String]) -> String {
        let hasAMX = features.contains("AMX_INT8")
        return switch self {
        case .llamaCpp: "llama.cpp, clang, native" + (hasAMX ? " with AMX" : "")
        case .llamaCppWithoutAMX: "llama.cpp, clang, without AMX"
        case .ikLlama: "ik_llama.cpp" + (features.contains("AVX512") ? " with AVX-512" : "")
        case .xllamacpp: "xllamacpp, its wheel" + (hasAMX ? " with AMX" : "")
        case .mistralRS: "mistral.rs, its wheel"
        case .openVINO: "OpenVINO GenAI, its wheel"
        }
    }

    /// The script under Fixtures/peers that runs the rival, with the arguments for its build.
    var script: (file: String, arguments: [String]) {
        switch self {
        case .llamaCpp: ("peer_llama_cpp.py", ["--build", "native"])
        case .llamaCppWithoutAMX: ("peer_llama_cpp.py", ["--build", "without-amx"])
        case .ikLlama: ("peer_ik_llama.py", [])
        case .xllamacpp: ("peer_xllamacpp.py", [])
        case .mistralRS: ("peer_mistral_rs.py", [])
        case .openVINO: ("peer_openvino_genai.py", [])
        }
    }
}
