extension JSONObject {
    /// A field that must be there.
    package func required<Value>(_ key: String, _ read: (String) throws -> Value?) throws -> Value {
        guard let value = try read(key) else { throw missing(key) }
        return value
    }

    /// Checks that all fields are known.
    package func checkFields(_ known: [String]) throws {
        if let field = keys.first(where: { !known.contains($0) }) {
            throw InputError(
                .unknownName, "an unknown field \(field)", in: place,
                remedy: "did you mean \(NearestNames.find(field, among: known).first ?? "")? Known are "
                    + known.joined(separator: ", "))
        }
    }
}
