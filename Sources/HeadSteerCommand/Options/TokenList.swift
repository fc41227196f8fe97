import ArgumentParser

/// Token ids as they are written on the command line: `1,2,3`.
struct TokenList: ExpressibleByArgument {
    let ids: [Int]

    init?(argument: String) {
        if argument.isEmpty {
            ids = []
            return
        }
        var ids: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let id = Int(part.filter { $0 != " " }) else { return nil }
            ids.append(id)
        }
        self.ids = ids
    }
}
