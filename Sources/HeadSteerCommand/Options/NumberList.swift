import ArgumentParser

/// Numbers as they are written on the command line: `-1,0.5,1`.
struct NumberList: ExpressibleByArgument {
    let numbers: [Double]

    init(_ numbers: [Double]) { self.numbers = numbers }

    init?(argument: String) {
        var numbers: [Double] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let number = Double(part.filter { $0 != " " }), number.isFinite else { return nil }
            numbers.append(number)
        }
        self.numbers = numbers
    }

    var defaultValueDescription: String {
        numbers.map { $0 == $0.rounded() ? String(Int($0)) : String($0) }.joined(separator: ",")
    }
}
