import Foundation

/// The moment that `strftime_now` formats, in English whatever the machine's language.
struct Clock: Sendable {
    let now: Date
    let timeZone: TimeZone

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// C's `strftime` in the C locale, with glibc's `%-d` (no padding) and `%_d` (spaces).
    func formatted(_ format: [Unicode.Scalar]) throws -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .nanosecond, .weekday], from: now)
        let dayOfYear = calendar.ordinality(of: .day, in: .year, for: now) ?? 1
        var result = ""
        var index = 0
        while index < format.count {
            guard format[index] == "%", index + 1 < format.count else {
                result.unicodeScalars.append(format[index])
                index += 1
                continue
            }
            var padding: Unicode.Scalar?
            if (format[index + 1] == "-" || format[index + 1] == "_"), index + 2 < format.count {
                padding = format[index + 1]
                index += 1
            }
            result += try directive(format[index + 1], padding, parts, dayOfYear)
            index += 2
        }
        return result
    }

    private func directive(
        _ letter: Unicode.Scalar, _ padding: Unicode.Scalar?, _ parts: DateComponents, _ dayOfYear: Int
    ) throws -> String {
        func number(_ value: Int, _ width: Int, _ fill: String = "0") -> String {
            let digits = String(value)
            let fill = padding == "_" ? " " : fill
            return padding == "-" ? digits : String(repeating: fill, count: max(0, width - digits.count)) + digits
        }
        func date(_ format: String) throws -> String { try formatted(Array(format.unicodeScalars)) }
        let (year, month, day) = (parts.year ?? 1, parts.month ?? 1, parts.day ?? 1)
        let (hour, weekday) = (parts.hour ?? 0, (parts.weekday ?? 1) - 1)
        let hour12 = (hour + 11) % 12 + 1
        switch letter {
        case "d": return number(day, 2)
        case "e": return number(day, 2, " ")
        case "m": return number(month, 2)
        case "b", "h": return String(Clock.months[month - 1].prefix(3))
        case "B": return Clock.months[month - 1]
        case "a": return String(Clock.days[weekday].prefix(3))
        case "A": return Clock.days[weekday]
        case "w": return number(weekday, 1)
        case "u": return number(weekday == 0 ? 7 : weekday, 1)
        case "Y": return String(year)
        case "y": return number(year % 100, 2)
        case "C": return number(year / 100, 2)
        case "j": return number(dayOfYear, 3)
        case "U": return number((dayOfYear + 6 - weekday) / 7, 2)
        case "W": return number((dayOfYear + 6 - (weekday + 6) % 7) / 7, 2)
        case "H": return number(hour, 2)
        case "I": return number(hour12, 2)
        case "k": return number(hour, 2, " ")
        case "l": return number(hour12, 2, " ")
        case "M": return number(parts.minute ?? 0, 2)
        case "S": return number(parts.second ?? 0, 2)
        case "f": return String(String(1_000_000 + (parts.nanosecond ?? 0) / 1000).dropFirst())
        case "p": return hour < 12 ? "AM" : "PM"
        case "P": return hour < 12 ? "am" : "pm"
        case "s": return String(Int(now.timeIntervalSince1970.rounded(.down)))
        case "F": return try date("%Y-%m-%d")
        case "T", "X": return try date("%H:%M:%S")
        case "R": return try date("%H:%M")
        case "r": return try date("%I:%M:%S %p")
        case "D", "x": return try date("%m/%d/%y")
        case "c": return try date("%a %b %e %H:%M:%S %Y")
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        case "z", "Z": return ""
        default:
            throw Failure(
                .unsupported, "this date directive is not supported", construct: "strftime_now('%\(letter)')",
                remedy: "use %d %b %Y and the like")
        }
    }
}
