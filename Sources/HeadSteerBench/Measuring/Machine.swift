import Foundation

/// What a result has to name to be understood later.
enum Machine {
    /// The processor's name, and how many cores there are.
    static var processor: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(model ?? "unknown processor"), \(cores) cores"
    }

    /// Today, as 2026-11-21.
    static var date: String { String(Date().ISO8601Format().prefix(10)) }

    private static var model: String? {
        #if canImport(Darwin)
            var size = 0
            guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #else
            guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
            let lines = text.split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix("model name") }) else { return nil }
            let flags = lines.first { $0.hasPrefix("flags") } ?? ""
            let known = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8"].filter {
                flags.split(separator: " ").contains(Substring($0))
            }
            return line.split(separator: ":").last.map {
                $0.trimmingCharacters(in: .whitespaces) + (known.isEmpty ? "" : " (\(known.joined(separator: ", ")))")
            }
        #endif
    }
}
