import Foundation

/// The facts about the machine that a result needs to be understood later.
enum Machine {
    /// The processor's name and the number of cores.
    static var processor: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(model ?? "unknown processor"), \(cores) cores"
    }

    /// Today's date, as 2026-11-21.
    static var date: String { String(Date().ISO8601Format().prefix(10)) }

    /// The relevant instruction sets, with the system's names.
    static var features: [String] {
        #if canImport(Darwin)
            return ["FEAT_DotProd", "FEAT_I8MM", "FEAT_BF16", "FEAT_SME"].filter { name in
                var value: Int32 = 0
                var size = MemoryLayout<Int32>.size
                return sysctlbyname("hw.optional.arm.\(name)", &value, &size, nil, 0) == 0 && value == 1
            }
        #else
            let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
            return features(cpuInfo: text)
        #endif
    }

    /// The relevant instruction sets in the text of `/proc/cpuinfo`.
    static func features(cpuInfo: String) -> [String] {
        let known = [
            "avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8",
            "amx_bf16", "asimd", "asimddp", "i8mm", "bf16", "sve",
        ]
        // x86 names the line flags, ARM Features.
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") } ?? ""
        let words = Set(line.split(whereSeparator: \.isWhitespace).map(String.init))
        return known.filter { words.contains($0) }
    }

    private static var model: String? {
        #if canImport(Darwin)
            var size = 0
            guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #else
            guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
            func field(_ name: String) -> String? {
                let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
                return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
            }
            guard let name = field("model name") else { return nil }
            // Names in virtual machines often say little; the family and the model tell processors apart.
            guard let family = field("cpu family"), let number = field("model\t") else { return name }
            return "\(name) (family \(family), model \(number))"
        #endif
    }
}
