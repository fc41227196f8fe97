import DataFiles
import Foundation
import Transformer

extension RunFolder {
    /// Reads texts with and without a plan, as written by `evaluate --report`, at the plan's strength or at each of
    /// several doses.
    ///
    /// - Throws: `InputError` if the numbers of texts don't match.
    mutating func addTexts(_ fields: JSONFields, _ file: URL) throws -> Bool {
        guard steering == nil else { return false }
        let place = file.path(percentEncoded: false)
        var variants: [(label: String, texts: [String])] = []
        var (base, preferred) = (0, 0)
        if let doses = fields["doses"]?.fields, let points = doses["points"]?.elements {
            let strength = doses["strength"]?.number?.double ?? 1
            let unit = doses["unit"]?.string ?? ""
            var factors: [Double] = []
            for (index, point) in points.enumerated() {
                guard let factor = point.fields?["factor"]?.number?.double else {
                    throw Self.wrong("doses.points[\(index)].factor", "a number", point, file)
                }
                guard let value = point.fields?["texts"] else { continue }
                if case .null = value.content { continue }
                guard let texts = Self.texts(value) else {
                    throw Self.wrong("doses.points[\(index)].texts.texts", "an array of strings", value, file)
                }
                factors.append(factor)
                variants.append((StrengthName.text(factor * strength, unit: unit), texts))
            }
            guard let none = factors.firstIndex(of: 0) ?? (factors.isEmpty ? 0 : nil) else {
                throw InputError(
                    .missingPart, "no point of doses.points with the factor 0 and with texts", in: place,
                    remedy: Self.remedy)
            }
            (base, preferred) = (none, factors.firstIndex(of: 1) ?? max(factors.count - 1, 0))
        } else if let unsteered = Self.texts(fields["textsBase"]), let steered = Self.texts(fields["textsSteered"]) {
            variants = [("none", unsteered), ("the plan's", steered)]
            preferred = 1
        }
        guard let count = variants.first?.texts.count, count > 0 else { return false }
        let prompts = (fields["prompts"]?.elements ?? []).compactMap(\.string)
        guard variants.allSatisfy({ $0.texts.count == count }), prompts.isEmpty || prompts.count == count else {
            throw InputError.badData(
                "numbers of texts and prompts that don't match", in: place,
                remedy: "write the report again with headsteer evaluate --report")
        }
        steering = SteeredTexts(
            source: "From \(name(file)).", labels: variants.map(\.label),
            prompts: prompts.isEmpty ? (1...count).map { "prompt \($0)" } : prompts, texts: variants.map(\.texts),
            base: base, preferred: preferred)
        return true
    }

    private static func texts(_ value: JSONValue?) -> [String]? {
        guard let elements = value?.fields?["texts"]?.elements else { return nil }
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count ? texts : nil
    }
}

/// The names of strengths on the page.
enum StrengthName {
    /// `+8 σ`, `−1.5 × the plan's`; `none` for 0.
    static func text(_ strength: Double, unit: String) -> String {
        guard strength != 0 else { return "none" }
        let size = abs(strength).rounded(digits: 3)
        let number = size == size.rounded() && size < 1e6 ? String(Int(size)) : String(size)
        let name = unit == "sigma" ? "σ" : unit == "raw" ? "" : unit
        return ((strength < 0 ? "−" : "+") + number + " " + name).trimmingCharacters(in: .whitespaces)
    }
}

extension JSONValue {
    var string: String? { if case .string(let value) = content { value } else { nil } }
    var number: JSONNumber? { if case .number(let value) = content { value } else { nil } }
    var elements: [JSONValue]? { if case .array(let value) = content { value } else { nil } }
    var fields: JSONFields? { if case .object(let value) = content { value } else { nil } }
    var isTrue: Bool { if case .bool(true) = content { true } else { false } }
}
